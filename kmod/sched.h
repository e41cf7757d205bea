/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SCHED_H
#define _SVCLB_SCHED_H

#include "backend.h"
#include "key.h"

/**
 * struct svclb_cursor - what the round robin of a service has to remember
 * @turn: number of turns taken; starts at a random one, so that the nodes of
 *        a cluster do not all begin with the same backend
 *
 * Part of the service, not of its set: the round goes on when backends change.
 */
struct svclb_cursor {
	atomic_t turn;
};

/**
 * struct svclb_choice - what a scheduler chooses for and from
 * @set:    the set of the service, kept by RCU
 * @pool:   one of its pools, with at least one backend
 * @flow:   the connection
 * @cursor: the cursor of the service
 */
struct svclb_choice {
	const struct svclb_backend_set *set;
	const struct svclb_pool *pool;
	const struct svclb_flow *flow;
	struct svclb_cursor *cursor;
};

/**
 * struct svclb_sched - a scheduler
 * @prepare:  makes what @pick needs into @pool->sched_data, to be freed with
 *            kvfree(); may sleep. Return: 0 or -ENOMEM. NULL if there is
 *            nothing to make
 * @pick:     chooses one of the pool's backends; runs within RCU, in softirq or
 *            process context. Packets of one connection that race through two
 *            CPUs before conntrack knows it get the same one. Return: index
 *            within the pool
 * @recount:  the connections of all backends were counted again: takes the
 *            numbers over. NULL if they do not matter
 * @weighted: shares are in proportion to the weights
 * @pure:     @pick depends on the connection and the pool alone, and changes
 *            nothing
 * @counts:   @pick uses the numbers of connections
 */
struct svclb_sched {
	int (*prepare)(const struct svclb_backend_set *set,
		       struct svclb_pool *pool);
	u32 (*pick)(const struct svclb_choice *choice);
	void (*recount)(const struct svclb_backend_set *set,
			const struct svclb_pool *pool);
	bool weighted;
	bool pure;
	bool counts;
};

extern const struct svclb_sched svclb_sched_random;
extern const struct svclb_sched svclb_sched_wrandom;
extern const struct svclb_sched svclb_sched_rr;
extern const struct svclb_sched svclb_sched_wrr;
extern const struct svclb_sched svclb_sched_lc;
extern const struct svclb_sched svclb_sched_wlc;
extern const struct svclb_sched svclb_sched_p2c;
extern const struct svclb_sched svclb_sched_sh;
extern const struct svclb_sched svclb_sched_maglev;
extern const struct svclb_sched svclb_sched_failover;

int svclb_sched_init(void);
void svclb_sched_uninit(void);
void svclb_cursor_init(struct svclb_cursor *cursor);
const struct svclb_sched *svclb_sched_of(const struct svclb_backend_set *set);
int svclb_sched_prepare(struct svclb_backend_set *set);
void svclb_sched_recount(const struct svclb_backend_set *set);
const struct svclb_backend *svclb_sched_pick(const struct svclb_choice *choice);
u32 svclb_sched_share(const struct svclb_backend_set *set,
		      const struct svclb_pool *pool, u32 i);

#endif /* _SVCLB_SCHED_H */
