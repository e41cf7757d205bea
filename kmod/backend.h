/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_BACKEND_H
#define _SVCLB_BACKEND_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "network.h"
#include "stats.h"
#include "uapi/svclb.h"

/**
 * struct svclb_backend - one destination of one service
 * @addr:        address; IPv4 in @addr.ip with the rest zero
 * @port:        port
 * @drained:     it is draining, has no connection any more, and that was told;
 *               under the configuration lock
 * @id:          number within the service, never 0
 * @connections: new connections sent here
 * @active:      connections that went on at the last census
 * @inactive:    connections being closed or closed then
 * @since:       new connections since then; counted only by schedulers that
 *               use it
 * @census:      number of the census that @counting are of, its alone
 * @counting:    what that has counted so far: active, inactive
 * @ref:         one reference for each set that has it in a slot
 *
 * Lives as long as the address and port stay in the service: the sets that
 * follow each other share it, so its number and its counters go on. Address,
 * port and id never change. A packet reaches it through a set and is done with
 * it at the end of its RCU section; the set drops its reference after a grace
 * period, so no RCU of its own is needed.
 */
struct svclb_backend {
	union nf_inet_addr addr;
	__be16 port;
	bool drained;
	u32 id;
	struct svclb_counter connections;
	u32 active;
	u32 inactive;
	atomic_t since;
	u32 census;
	u32 counting[2];
	refcount_t ref;
};

/**
 * struct svclb_backend_slot - a backend as a set has it
 * @backend: the backend; the set holds a reference
 * @weight:  share of the new connections
 * @flags:   enum svclb_backend_flags
 */
struct svclb_backend_slot {
	struct svclb_backend *backend;
	u32 weight;
	u32 flags;
};

/**
 * struct svclb_pool - the backends that a policy chooses from
 * @first:      index of its first slot
 * @nr:         how many, all next to each other
 * @sched_data: what the scheduler prepared for it, or NULL
 */
struct svclb_pool {
	u32 first;
	u32 nr;
	void *sched_data;
};

/**
 * struct svclb_policy - how a frontend treats its connections
 * @kind:       enum svclb_frontend_kind
 * @traffic:    enum svclb_traffic_policy
 * @restricted: only clients in the service's source ranges may enter
 */
struct svclb_policy {
	u8 kind;
	u8 traffic;
	bool restricted;
};

/**
 * struct svclb_terms - what applies to the connections of a service
 * @sched:            the scheduler, enum svclb_scheduler
 * @syn_failover:     connections that meet silence are moved
 * @affinity_timeout: seconds for which a client keeps its backend, 0 for none
 * @seed:             of the scheduler maglev
 * @ranges:           source ranges, a reference, or NULL
 * @policies:         those of the frontends by svclb_frontend.index
 * @nr_policies:      how many @policies
 */
struct svclb_terms {
	u8 sched;
	bool syn_failover;
	u32 affinity_timeout;
	u64 seed;
	struct svclb_ranges *ranges;
	struct svclb_policy *policies;
	u32 nr_policies;
};

/**
 * struct svclb_backend_set - all backends of a service at one time, and the
 *                            terms at that time
 * @rcu:       frees it once no packet looks at it any more
 * @nr:        how many @slots
 * @nr_active: how many take new connections: the first ones of @slots
 * @group_end: where in @slots each group ends, see below
 * @pools:     by enum svclb_traffic_policy
 * @terms:     the terms
 * @slots:     the backends in four groups: those for the policy local only, for
 *             both policies, for the policy cluster only, and those that take no
 *             new connections; each ordered by address and port. So each pool is
 *             a run of neighbours
 *
 * Never changed after it was published; a service replaces it whole with one
 * pointer, so no packet sees half a change.
 */
struct svclb_backend_set {
	struct rcu_head rcu;
	u32 nr;
	u32 nr_active;
	u32 group_end[4];
	struct svclb_pool pools[SVCLB_TRAFFIC_POLICY_MAX + 1];
	struct svclb_terms terms;
	struct svclb_backend_slot slots[];
};

/**
 * struct svclb_backend_spec - a backend as a request wants it
 * @addr:   address; IPv4 in @addr.ip with the rest zero
 * @port:   port
 * @weight: share of the new connections
 * @flags:  enum svclb_backend_flags
 * @given:  which of the two the request named, BIT(SVCLB_A_BACKEND_WEIGHT)
 *          and BIT(SVCLB_A_BACKEND_FLAGS)
 * @attr:   the attribute it came in, to point at in errors
 */
struct svclb_backend_spec {
	union nf_inet_addr addr;
	__be16 port;
	u32 weight;
	u32 flags;
	u32 given;
	const struct nlattr *attr;
};

struct svclb_backend_set *
svclb_backend_set_create(const struct svclb_backend_spec *specs, u32 nr,
			 const struct svclb_backend_set *old, u32 *last_id);
bool svclb_terms_copy(struct svclb_terms *terms,
		      const struct svclb_terms *old);
void svclb_terms_uninit(struct svclb_terms *terms);
void svclb_backend_set_free(struct svclb_backend_set *set);
void svclb_backend_set_free_rcu(struct svclb_backend_set *set);
struct svclb_backend_slot *
svclb_backend_set_find(const struct svclb_backend_set *set,
		       const union nf_inet_addr *addr, __be16 port);
void svclb_backend_set_spec(const struct svclb_backend_set *set,
			    struct svclb_backend_spec *specs);
int svclb_backend_compare(const struct svclb_backend *a,
			  const struct svclb_backend *b);
void svclb_backend_specs_sort(struct svclb_backend_spec *specs, u32 nr);
const struct svclb_backend_spec *
svclb_backend_specs_duplicate(const struct svclb_backend_spec *specs, u32 nr);

/**
 * svclb_backend_takes() - whether a backend takes new connections
 * @weight: its weight
 * @flags:  its flags
 *
 * Return: whether it does.
 */
static inline bool svclb_backend_takes(u32 weight, u32 flags)
{
	return weight && !(flags & SVCLB_BACKEND_DRAINING);
}

#endif /* _SVCLB_BACKEND_H */
