// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what is there to what shall be, in as few requests as possible: one for
 * each service that differs, and none for those that do not.
 *
 * A frontend can have one service only. So whatever gives up a frontend comes
 * first: deleted services, then frontends that move between services that
 * stay. After those, the order does not matter.
 */
#include "diff.h"

#include "codec.h"

#include <stdlib.h>
#include <string.h>

static int reserve(void **array, uint32_t nr, uint32_t *max, size_t size)
{
	uint32_t room = *max ? *max * 2 : 16;
	void *bigger;

	if (nr < *max)
		return 0;
	bigger = realloc(*array, room * size);
	if (!bigger)
		return -1;
	*array = bigger;
	*max = room;
	return 0;
}

static int add_op(struct svclb_diff *diff, enum svclb_op_kind kind,
		  const struct svclb_service *service, uint32_t first,
		  uint32_t nr)
{
	void *array = diff->ops;

	if (reserve(&array, diff->nr_ops, &diff->max_ops, sizeof(*diff->ops)))
		return -1;
	diff->ops = array;
	diff->ops[diff->nr_ops++] = (struct svclb_op){
		.kind = kind,
		.service = service,
		.first = first,
		.nr = nr,
	};
	return 0;
}

static int add_frontend(struct svclb_diff *diff,
			const struct svclb_frontend *frontend)
{
	void *array = diff->frontends;

	if (reserve(&array, diff->nr_frontends, &diff->max_frontends,
		    sizeof(*frontend)))
		return -1;
	diff->frontends = array;
	diff->frontends[diff->nr_frontends++] = *frontend;
	return 0;
}

static int add_backend(struct svclb_diff *diff,
		       const struct svclb_backend *backend)
{
	void *array = diff->backends;

	if (reserve(&array, diff->nr_backends, &diff->max_backends,
		    sizeof(*backend)))
		return -1;
	diff->backends = array;
	diff->backends[diff->nr_backends++] = *backend;
	return 0;
}

static bool same_networks(const struct svclb_network *a, uint32_t nr_a,
			  const struct svclb_network *b, uint32_t nr_b)
{
	uint32_t i;

	if (nr_a != nr_b)
		return false;
	for (i = 0; i < nr_a; i++)
		if (!svclb_network_equal(&a[i], &b[i]))
			return false;
	return true;
}

static bool same_interfaces(const struct svclb_settings *a,
			    const struct svclb_settings *b)
{
	uint32_t i;

	if (a->nr_interfaces != b->nr_interfaces)
		return false;
	for (i = 0; i < a->nr_interfaces; i++)
		if (strcmp(a->interfaces[i], b->interfaces[i]) != 0)
			return false;
	return true;
}

static int diff_settings(struct svclb_diff *diff,
			 const struct svclb_settings *from,
			 const struct svclb_settings *to)
{
	uint32_t given = 0;
	int list, i;

	for (list = 0; list < SVCLB_LISTS; list++)
		if (!same_networks(from->lists[list].at, from->lists[list].nr,
				   to->lists[list].at, to->lists[list].nr))
			given |= SVCLB_GIVEN_LIST(list);
	if (!same_interfaces(from, to))
		given |= SVCLB_GIVEN_INTERFACES;
	if (from->loopback != to->loopback)
		given |= SVCLB_GIVEN_LOOPBACK;
	if (from->answer_ping != to->answer_ping)
		given |= SVCLB_GIVEN_PING;
	if (from->maglev_seed != to->maglev_seed)
		given |= SVCLB_GIVEN_SEED;
	if (from->affinity_max != to->affinity_max)
		given |= SVCLB_GIVEN_AFFINITY;
	for (i = 0; i < SVCLB_TUNINGS; i++)
		if (from->tunings[i] != to->tunings[i])
			given |= SVCLB_GIVEN_TUNING(i);
	if (from->masquerade_all != to->masquerade_all)
		given |= SVCLB_GIVEN_MASQUERADE;
	if (from->node_port_min != to->node_port_min ||
	    from->node_port_max != to->node_port_max)
		given |= SVCLB_GIVEN_PORTS;
	if (from->sched != to->sched)
		given |= SVCLB_GIVEN_SCHEDULER;
	if (!given)
		return 0;
	diff->settings = *to;
	diff->settings.given = given;
	return add_op(diff, SVCLB_OP_SETTINGS, NULL, 0, 0);
}

/* A service keeps its family and protocol for life. */
static struct svclb_service *counterpart(const struct svclb_config *config,
					 const struct svclb_service *service)
{
	struct svclb_service *other;

	other = svclb_config_by_name(config, service->name);
	if (other && (other->family != service->family ||
		      other->proto != service->proto))
		return NULL;
	return other;
}

static int delete_services(struct svclb_diff *diff,
			   const struct svclb_config *from,
			   const struct svclb_config *to)
{
	uint32_t i;

	for (i = 0; i < from->nr; i++)
		if (from->services[i] && !counterpart(to, from->services[i]) &&
		    add_op(diff, SVCLB_OP_SERVICE_DEL, from->services[i], 0, 0))
			return -1;
	return 0;
}

/*
 * Removes the frontends of a service that other services shall have, or those
 * that no service shall have.
 */
static int release_frontends(struct svclb_diff *diff,
			     const struct svclb_service *service,
			     const struct svclb_service *wanted,
			     const struct svclb_config *to, bool moving)
{
	uint32_t first = diff->nr_frontends, i;
	const struct svclb_service *owner;

	for (i = 0; i < service->nr_frontends; i++) {
		owner = svclb_config_by_key(to, &service->frontends[i].key);
		if (owner != wanted && !!owner == moving &&
		    add_frontend(diff, &service->frontends[i]))
			return -1;
	}
	if (diff->nr_frontends == first)
		return 0;
	return add_op(diff, SVCLB_OP_FRONTEND_DEL, wanted, first,
		      diff->nr_frontends - first);
}

/**
 * struct changes - how a service differs from what it shall be
 * @attributes:    in what it has beside members, bits of enum
 *                 svclb_service_attr
 * @old_frontends: frontends to remove, the released ones left out
 * @new_frontends: frontends to add
 * @frontends:     frontends to change
 * @old_backends:  backends to remove
 * @new_backends:  backends to add
 * @backends:      backends to change
 */
struct changes {
	uint32_t attributes;
	uint32_t old_frontends;
	uint32_t new_frontends;
	uint32_t frontends;
	uint32_t old_backends;
	uint32_t new_backends;
	uint32_t backends;
};

static void compare_frontends(struct changes *changes,
			      const struct svclb_service *from,
			      const struct svclb_service *to,
			      const struct svclb_config *all)
{
	const struct svclb_frontend *old;
	uint32_t i, found = 0;

	for (i = 0; i < to->nr_frontends; i++) {
		old = svclb_service_find_frontend(from, &to->frontends[i].key);
		if (!old) {
			changes->new_frontends++;
			continue;
		}
		found++;
		changes->frontends += !svclb_frontend_equal(old,
							    &to->frontends[i]);
	}
	if (found == from->nr_frontends)
		return;
	for (i = 0; i < from->nr_frontends; i++)
		if (!svclb_config_by_key(all, &from->frontends[i].key))
			changes->old_frontends++;
}

static uint32_t compare_attributes(const struct svclb_service *from,
				   const struct svclb_service *to)
{
	uint32_t attributes = 0;

	if (from->sched != to->sched)
		attributes |= SVCLB_ATTR(SCHEDULER);
	if (from->generation != to->generation)
		attributes |= SVCLB_ATTR(GENERATION);
	if (from->affinity != to->affinity)
		attributes |= SVCLB_ATTR(AFFINITY_TIMEOUT);
	if (from->syn_failover != to->syn_failover)
		attributes |= SVCLB_ATTR(SYN_FAILOVER);
	if (!same_networks(from->ranges, from->nr_ranges, to->ranges,
			   to->nr_ranges))
		attributes |= SVCLB_ATTR(SOURCE_RANGE);
	return attributes;
}

static bool same_backend(const struct svclb_backend *a,
			 const struct svclb_backend *b)
{
	return a->weight == b->weight && a->flags == b->flags;
}

static void compare_backends(struct changes *changes,
			     struct svclb_service *from,
			     const struct svclb_service *to)
{
	const struct svclb_backend *wanted, *old;
	uint32_t i, found = 0;

	for (i = 0; i < to->nr_backends; i++) {
		wanted = &to->backends[i];
		old = svclb_service_find_backend(from, wanted->addr,
						 wanted->port);
		if (!old) {
			changes->new_backends++;
			continue;
		}
		found++;
		changes->backends += !same_backend(old, wanted);
	}
	changes->old_backends = from->nr_backends - found;
}

static int add_new_frontends(struct svclb_diff *diff,
			     const struct svclb_service *from,
			     const struct svclb_service *to)
{
	uint32_t first = diff->nr_frontends, i;

	for (i = 0; i < to->nr_frontends; i++)
		if (!svclb_service_find_frontend(from, &to->frontends[i].key) &&
		    add_frontend(diff, &to->frontends[i]))
			return -1;
	return add_op(diff, SVCLB_OP_FRONTEND_ADD, to, first,
		      diff->nr_frontends - first);
}

/* Says what an edit is about, and to leave the rest. */
static void note_change(struct svclb_backend *backend,
			const struct svclb_backend *old)
{
	backend->given = 0;
	backend->mask = backend->flags ^ old->flags;
	if (backend->weight != old->weight)
		backend->given |= 1u << SVCLB_A_BACKEND_WEIGHT;
	if (backend->mask)
		backend->given |= 1u << SVCLB_A_BACKEND_FLAGS;
}

static int add_backend_op(struct svclb_diff *diff, enum svclb_op_kind kind,
			  const struct svclb_service *service,
			  const struct svclb_service *has,
			  struct svclb_service *other)
{
	uint32_t first = diff->nr_backends, i;
	const struct svclb_backend *match;

	for (i = 0; i < has->nr_backends; i++) {
		match = svclb_service_find_backend(other, has->backends[i].addr,
						   has->backends[i].port);
		if (kind == SVCLB_OP_BACKEND_EDIT ?
		    !match || same_backend(match, &has->backends[i]) : !!match)
			continue;
		if (add_backend(diff, &has->backends[i]))
			return -1;
		if (kind == SVCLB_OP_BACKEND_EDIT)
			note_change(&diff->backends[diff->nr_backends - 1],
				    match);
	}
	return add_op(diff, kind, service, first, diff->nr_backends - first);
}

static int diff_service(struct svclb_diff *diff, struct svclb_service *from,
			struct svclb_service *to,
			const struct svclb_config *all)
{
	struct changes changes = {
		.attributes = compare_attributes(from, to),
	};
	int kinds;

	compare_frontends(&changes, from, to, all);
	compare_backends(&changes, from, to);
	kinds = !!changes.attributes + !!changes.old_frontends +
		!!changes.new_frontends + !!changes.old_backends +
		!!changes.new_backends + !!changes.backends;
	/*
	 * One request, and no packet sees one change without the other. It is
	 * also the only one that changes a frontend.
	 */
	if (kinds > 1 || changes.frontends)
		return add_op(diff, SVCLB_OP_SERVICE_SET, to, 0, 0);
	if (!kinds)
		return 0;
	if (changes.attributes) {
		if (add_op(diff, SVCLB_OP_SERVICE_EDIT, to, 0, 0))
			return -1;
		diff->ops[diff->nr_ops - 1].attributes = changes.attributes;
		return 0;
	}
	if (changes.old_frontends)
		return release_frontends(diff, from, to, all, false);
	if (changes.new_frontends)
		return add_new_frontends(diff, from, to);
	if (changes.old_backends)
		return add_backend_op(diff, SVCLB_OP_BACKEND_DEL, to, from, to);
	return add_backend_op(diff, changes.new_backends ?
			      SVCLB_OP_BACKEND_ADD : SVCLB_OP_BACKEND_EDIT,
			      to, to, from);
}

static int release_all(struct svclb_diff *diff, const struct svclb_config *from,
		       const struct svclb_config *to)
{
	const struct svclb_service *wanted;
	uint32_t i;

	for (i = 0; i < from->nr; i++) {
		if (!from->services[i])
			continue;
		wanted = counterpart(to, from->services[i]);
		if (wanted &&
		    release_frontends(diff, from->services[i], wanted, to,
				      true))
			return -1;
	}
	return 0;
}

/**
 * svclb_diff_make() - find the changes that lead from one configuration to
 *                     another
 * @diff: for the changes, all zero
 * @from: what is there
 * @to:   what shall be
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_diff_make(struct svclb_diff *diff, const struct svclb_config *from,
		    const struct svclb_config *to)
{
	struct svclb_service *old;
	uint32_t i;

	if (diff_settings(diff, &from->settings, &to->settings) ||
	    delete_services(diff, from, to) || release_all(diff, from, to))
		return -1;
	for (i = 0; i < to->nr; i++) {
		if (!to->services[i])
			continue;
		old = counterpart(from, to->services[i]);
		if (old ? diff_service(diff, old, to->services[i], to) :
			  add_op(diff, SVCLB_OP_SERVICE_ADD, to->services[i],
				 0, 0))
			return -1;
	}
	return 0;
}

/**
 * svclb_diff_uninit() - free what a diff holds
 * @diff: the diff, empty from then on
 */
void svclb_diff_uninit(struct svclb_diff *diff)
{
	free(diff->ops);
	free(diff->frontends);
	free(diff->backends);
	*diff = (struct svclb_diff){ 0 };
}
