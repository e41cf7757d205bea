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
 * struct svclb_sched - a scheduler
 * @prepare: makes what @pick needs into @set->sched_data, to be freed with
 *           kvfree(); may sleep. Return: 0 or -ENOMEM. NULL if there is
 *           nothing to make
 * @pick:    chooses one of the active backends, of which there is at least
 *           one; runs within RCU, in softirq or process context. Packets of
 *           one connection that race through two CPUs before conntrack knows
 *           it get the same one. Return: the index of its slot
 */
struct svclb_sched {
	int (*prepare)(struct svclb_backend_set *set);
	u32 (*pick)(const struct svclb_backend_set *set,
		    const struct svclb_flow *flow, struct svclb_cursor *cursor);
};

extern const struct svclb_sched svclb_sched_random;
extern const struct svclb_sched svclb_sched_wrandom;
extern const struct svclb_sched svclb_sched_rr;
extern const struct svclb_sched svclb_sched_wrr;

int svclb_sched_init(void);
void svclb_sched_uninit(void);
void svclb_cursor_init(struct svclb_cursor *cursor);
int svclb_sched_prepare(struct svclb_backend_set *set, u8 id);
const struct svclb_backend *
svclb_sched_pick(const struct svclb_backend_set *set,
		 const struct svclb_flow *flow, struct svclb_cursor *cursor);

int svclb_sched_rr_init(void);
void svclb_sched_rr_uninit(void);

#endif /* _SVCLB_SCHED_H */
