// SPDX-License-Identifier: GPL-2.0-only
#include "sched.h"

#include <linux/random.h>

static const struct svclb_sched *const scheds[] = {
	[SVCLB_SCHED_RANDOM] = &svclb_sched_random,
	[SVCLB_SCHED_WRANDOM] = &svclb_sched_wrandom,
	[SVCLB_SCHED_RR] = &svclb_sched_rr,
	[SVCLB_SCHED_WRR] = &svclb_sched_wrr,
};

/**
 * svclb_sched_init() - make what the schedulers share between services
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_sched_init(void)
{
	BUILD_BUG_ON(ARRAY_SIZE(scheds) != SVCLB_SCHED_MAX + 1);

	return svclb_sched_rr_init();
}

/**
 * svclb_sched_uninit() - undo svclb_sched_init(); no packet may be around
 */
void svclb_sched_uninit(void)
{
	svclb_sched_rr_uninit();
}

/**
 * svclb_cursor_init() - begin the round robin of a new service
 * @cursor: its cursor
 */
void svclb_cursor_init(struct svclb_cursor *cursor)
{
	atomic_set(&cursor->turn, get_random_u32());
}

/**
 * svclb_sched_prepare() - give a set its scheduler
 * @set: a set that is not published yet
 * @id:  enum svclb_scheduler
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_sched_prepare(struct svclb_backend_set *set, u8 id)
{
	set->sched = id;
	return scheds[id]->prepare && set->nr_active ?
	       scheds[id]->prepare(set) : 0;
}

/**
 * svclb_sched_pick() - choose the backend of a new connection
 * @set:    the set of its service, kept by RCU
 * @flow:   the connection
 * @cursor: the cursor of its service
 *
 * Return: the backend, as long as the RCU section lasts; NULL when none takes
 * new connections.
 */
const struct svclb_backend *
svclb_sched_pick(const struct svclb_backend_set *set,
		 const struct svclb_flow *flow, struct svclb_cursor *cursor)
{
	if (unlikely(!set->nr_active))
		return NULL;
	return set->slots[scheds[set->sched]->pick(set, flow, cursor)].backend;
}
