// SPDX-License-Identifier: GPL-2.0-only
#include "backend.h"

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

static struct svclb_backend *create(const struct svclb_backend_spec *spec,
				    u32 id)
{
	struct svclb_backend *backend;

	backend = kzalloc(sizeof(*backend), GFP_KERNEL_ACCOUNT);
	if (!backend)
		return NULL;
	if (svclb_counter_init(&backend->connections)) {
		kfree(backend);
		return NULL;
	}
	backend->addr = spec->addr;
	backend->port = spec->port;
	backend->id = id;
	refcount_set(&backend->ref, 1);
	return backend;
}

static void put(struct svclb_backend *backend)
{
	if (!refcount_dec_and_test(&backend->ref))
		return;
	svclb_counter_uninit(&backend->connections);
	kfree(backend);
}

static int compare(const union nf_inet_addr *addr_a, __be16 port_a,
		   const union nf_inet_addr *addr_b, __be16 port_b)
{
	int diff = memcmp(addr_a, addr_b, sizeof(*addr_a));

	return diff ?: (int)ntohs(port_a) - (int)ntohs(port_b);
}

/* Of two equal ones, the later in the request is the greater. */
static int compare_specs(const void *a, const void *b)
{
	const struct svclb_backend_spec *x = a, *y = b;
	int diff = compare(&x->addr, x->port, &y->addr, y->port);

	return diff ?: (x->attr > y->attr) - (x->attr < y->attr);
}

/**
 * svclb_backend_compare() - compare backends by address and port
 * @a: one
 * @b: another
 *
 * The order is the same on every node.
 *
 * Return: less than, equal to or greater than 0, as @a is before, as or after
 * @b.
 */
int svclb_backend_compare(const struct svclb_backend *a,
			  const struct svclb_backend *b)
{
	return compare(&a->addr, a->port, &b->addr, b->port);
}

/**
 * svclb_backend_specs_sort() - order specs by address and port
 * @specs: the specs
 * @nr:    how many
 */
void svclb_backend_specs_sort(struct svclb_backend_spec *specs, u32 nr)
{
	sort(specs, nr, sizeof(*specs), compare_specs, NULL);
}

/**
 * svclb_backend_specs_duplicate() - find an address and port given twice
 * @specs: the specs, sorted
 * @nr:    how many
 *
 * Return: the spec that repeats its neighbour, or NULL.
 */
const struct svclb_backend_spec *
svclb_backend_specs_duplicate(const struct svclb_backend_spec *specs, u32 nr)
{
	u32 i;

	for (i = 1; i < nr; i++)
		if (!compare(&specs[i - 1].addr, specs[i - 1].port,
			     &specs[i].addr, specs[i].port))
			return &specs[i];
	return NULL;
}

static struct svclb_backend *get_or_create(const struct svclb_backend_spec *spec,
					   const struct svclb_backend_set *old,
					   u32 *last_id)
{
	struct svclb_backend_slot *slot;

	slot = old ? svclb_backend_set_find(old, &spec->addr, spec->port) : NULL;
	if (!slot)
		return create(spec, ++*last_id ?: ++*last_id);
	refcount_inc(&slot->backend->ref);
	return slot->backend;
}

/* The groups of svclb_backend_set.slots. What no policy uses takes nothing. */
static int group_of(u32 weight, u32 flags)
{
	if (!svclb_backend_takes(weight, flags))
		return 3;
	if (!(flags & SVCLB_BACKEND_LOCAL))
		return flags & SVCLB_BACKEND_LOCAL_ONLY ? 3 : 2;
	return flags & SVCLB_BACKEND_LOCAL_ONLY ? 0 : 1;
}

static bool add_group(struct svclb_backend_set *set, int group,
		      const struct svclb_backend_spec *specs, u32 nr,
		      const struct svclb_backend_set *old, u32 *last_id)
{
	u32 i;

	for (i = 0; i < nr; i++) {
		struct svclb_backend_slot *slot = &set->slots[set->nr];

		if (group_of(specs[i].weight, specs[i].flags) != group)
			continue;
		slot->backend = get_or_create(&specs[i], old, last_id);
		if (!slot->backend)
			return false;
		slot->weight = specs[i].weight;
		slot->flags = specs[i].flags;
		set->nr++;
	}
	set->group_end[group] = set->nr;
	return true;
}

/**
 * svclb_backend_set_create() - make a set out of specs
 * @specs:   the backends, sorted, without duplicates; weight and flags are
 *           taken as they are
 * @nr:      how many
 * @old:     set to take backends over from where address and port are the
 *           same, or NULL; the caller holds the lock that keeps it
 * @last_id: last number given to a backend of the service; moved on
 *
 * The terms are still to be filled in, and the scheduler to be prepared: see
 * svclb_sched_prepare(). May sleep.
 *
 * Return: the set, to be freed with svclb_backend_set_free(), or NULL when
 * there is no memory.
 */
struct svclb_backend_set *
svclb_backend_set_create(const struct svclb_backend_spec *specs, u32 nr,
			 const struct svclb_backend_set *old, u32 *last_id)
{
	struct svclb_backend_set *set;
	int group;

	set = kvzalloc(struct_size(set, slots, nr), GFP_KERNEL_ACCOUNT);
	if (!set)
		return NULL;
	for (group = 0; group < ARRAY_SIZE(set->group_end); group++) {
		if (!add_group(set, group, specs, nr, old, last_id)) {
			svclb_backend_set_free(set);
			return NULL;
		}
	}
	set->nr_active = set->group_end[2];
	set->pools[SVCLB_TRAFFIC_POLICY_LOCAL].nr = set->group_end[1];
	set->pools[SVCLB_TRAFFIC_POLICY_CLUSTER].first = set->group_end[0];
	set->pools[SVCLB_TRAFFIC_POLICY_CLUSTER].nr =
		set->group_end[2] - set->group_end[0];
	return set;
}

/**
 * svclb_terms_copy() - take over the terms of another set
 * @terms: all zero bytes
 * @old:   the others
 *
 * May sleep.
 *
 * Return: whether there was memory.
 */
bool svclb_terms_copy(struct svclb_terms *terms, const struct svclb_terms *old)
{
	struct svclb_policy *policies = NULL;

	if (old->nr_policies) {
		policies = kvmalloc_array(old->nr_policies, sizeof(*policies),
					  GFP_KERNEL_ACCOUNT);
		if (!policies)
			return false;
		memcpy(policies, old->policies,
		       array_size(old->nr_policies, sizeof(*policies)));
	}
	*terms = *old;
	terms->policies = policies;
	if (terms->ranges)
		refcount_inc(&terms->ranges->ref);
	return true;
}

/**
 * svclb_terms_uninit() - free what terms have
 * @terms: terms that no packet reaches; may be all zero bytes
 *
 * Does not sleep.
 */
void svclb_terms_uninit(struct svclb_terms *terms)
{
	svclb_ranges_put(terms->ranges);
	kvfree(terms->policies);
}

/**
 * svclb_backend_set_free() - free a set and what only it refers to
 * @set: a set that no packet can reach; may be NULL
 *
 * Does not sleep.
 */
void svclb_backend_set_free(struct svclb_backend_set *set)
{
	u32 i;

	if (!set)
		return;
	for (i = 0; i < set->nr; i++)
		put(set->slots[i].backend);
	for (i = 0; i < ARRAY_SIZE(set->pools); i++)
		kvfree(set->pools[i].sched_data);
	svclb_terms_uninit(&set->terms);
	kvfree(set);
}

static void free_after_grace_period(struct rcu_head *rcu)
{
	svclb_backend_set_free(container_of(rcu, struct svclb_backend_set, rcu));
}

/**
 * svclb_backend_set_free_rcu() - free a set that was published
 * @set: a set that new packets no longer reach; those on their way may still
 *       hold it, so it is freed after a grace period. May be NULL
 */
void svclb_backend_set_free_rcu(struct svclb_backend_set *set)
{
	if (set)
		call_rcu(&set->rcu, free_after_grace_period);
}

/**
 * struct endpoint - what a slot is searched by
 * @addr: address
 * @port: port
 */
struct endpoint {
	const union nf_inet_addr *addr;
	__be16 port;
};

static int compare_slot(const void *key, const void *elt)
{
	const struct svclb_backend_slot *slot = elt;
	const struct endpoint *endpoint = key;

	return compare(endpoint->addr, endpoint->port, &slot->backend->addr,
		       slot->backend->port);
}

/**
 * svclb_backend_set_find() - find a backend by address and port
 * @set:  the set; RCU or a lock of the caller's keeps it
 * @addr: address; IPv4 in @addr->ip with the rest zero
 * @port: port
 *
 * Return: its slot, as long as the set is kept, or NULL.
 */
struct svclb_backend_slot *
svclb_backend_set_find(const struct svclb_backend_set *set,
		       const union nf_inet_addr *addr, __be16 port)
{
	struct endpoint key = { .addr = addr, .port = port };
	struct svclb_backend_slot *slot = NULL;
	u32 begin = 0;
	int group;

	for (group = 0; group < ARRAY_SIZE(set->group_end) && !slot; group++) {
		slot = bsearch(&key, set->slots + begin,
			       set->group_end[group] - begin,
			       sizeof(*set->slots), compare_slot);
		begin = set->group_end[group];
	}
	return slot;
}

/**
 * svclb_backend_set_spec() - turn a set back into specs
 * @set:   the set
 * @specs: room for @set->nr specs; they come out in the order of the slots
 */
void svclb_backend_set_spec(const struct svclb_backend_set *set,
			    struct svclb_backend_spec *specs)
{
	u32 i;

	for (i = 0; i < set->nr; i++) {
		const struct svclb_backend_slot *slot = &set->slots[i];

		specs[i] = (struct svclb_backend_spec){
			.addr = slot->backend->addr,
			.port = slot->backend->port,
			.weight = slot->weight,
			.flags = slot->flags,
		};
	}
}
