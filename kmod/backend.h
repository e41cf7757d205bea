/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_BACKEND_H
#define _SVCLB_BACKEND_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>

#include "stats.h"
#include "uapi/svclb.h"

/**
 * struct svclb_backend - one destination of one service
 * @addr:        address; IPv4 in @addr.ip with the rest zero
 * @port:        port
 * @id:          number within the service, never 0
 * @connections: new connections sent here
 * @ref:         one reference for each set that has it in a slot
 *
 * Lives as long as the address and port stay in the service: the sets that
 * follow each other share it, so its number and its counter go on. Fields
 * other than the counter never change. A packet reaches it through a set and
 * is done with it at the end of its RCU section; the set drops its reference
 * after a grace period, so no RCU of its own is needed.
 */
struct svclb_backend {
	union nf_inet_addr addr;
	__be16 port;
	u32 id;
	struct svclb_counter connections;
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
 * struct svclb_backend_set - all backends of a service at one time
 * @rcu:        frees it once no packet looks at it any more
 * @nr:         how many @slots
 * @nr_active:  how many take new connections: the first ones of @slots
 * @sched:      the scheduler, enum svclb_scheduler
 * @sched_data: what the scheduler prepared for this set, or NULL
 * @slots:      the active backends ordered by address and port, then the
 *              others in the same order
 *
 * Never changed after it was published; a service replaces it whole with one
 * pointer, so no packet sees half a change.
 */
struct svclb_backend_set {
	struct rcu_head rcu;
	u32 nr;
	u32 nr_active;
	u8 sched;
	void *sched_data;
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
void svclb_backend_set_free(struct svclb_backend_set *set);
void svclb_backend_set_free_rcu(struct svclb_backend_set *set);
struct svclb_backend_slot *
svclb_backend_set_find(const struct svclb_backend_set *set,
		       const union nf_inet_addr *addr, __be16 port);
void svclb_backend_set_spec(const struct svclb_backend_set *set,
			    struct svclb_backend_spec *specs);
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
