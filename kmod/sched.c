// SPDX-License-Identifier: GPL-2.0-only
#include "sched.h"

#include <linux/math64.h>
#include <linux/random.h>

#include "recent.h"

#define MILLION 1000000

static const struct svclb_sched *const scheds[] = {
	[SVCLB_SCHED_RANDOM] = &svclb_sched_random,
	[SVCLB_SCHED_WRANDOM] = &svclb_sched_wrandom,
	[SVCLB_SCHED_RR] = &svclb_sched_rr,
	[SVCLB_SCHED_WRR] = &svclb_sched_wrr,
	[SVCLB_SCHED_LC] = &svclb_sched_lc,
	[SVCLB_SCHED_WLC] = &svclb_sched_wlc,
	[SVCLB_SCHED_P2C] = &svclb_sched_p2c,
	[SVCLB_SCHED_SH] = &svclb_sched_sh,
	[SVCLB_SCHED_MAGLEV] = &svclb_sched_maglev,
	[SVCLB_SCHED_FAILOVER] = &svclb_sched_failover,
};

/**
 * svclb_sched_init() - make what the schedulers share between services
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_sched_init(void)
{
	BUILD_BUG_ON(ARRAY_SIZE(scheds) != SVCLB_SCHED_MAX + 1);

	return svclb_recent_init();
}

/**
 * svclb_sched_uninit() - undo svclb_sched_init(); no packet may be around
 */
void svclb_sched_uninit(void)
{
	svclb_recent_uninit();
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
 * svclb_sched_of() - the scheduler of a set
 * @set: the set
 *
 * Return: the scheduler.
 */
const struct svclb_sched *svclb_sched_of(const struct svclb_backend_set *set)
{
	return scheds[set->terms.sched];
}

/* A pool that no frontend uses needs no table. */
static bool pool_is_used(const struct svclb_backend_set *set, int traffic)
{
	u32 i;

	if (traffic == SVCLB_TRAFFIC_POLICY_CLUSTER)
		return true;
	for (i = 0; i < set->terms.nr_policies; i++)
		if (set->terms.policies[i].traffic == traffic)
			return true;
	return false;
}

/**
 * svclb_sched_prepare() - let the scheduler of a set prepare for it
 * @set: a set that is not published yet, with its terms
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_sched_prepare(struct svclb_backend_set *set)
{
	const struct svclb_sched *sched = svclb_sched_of(set);
	int i, err;

	for (i = 0; sched->prepare && i < ARRAY_SIZE(set->pools); i++) {
		if (!set->pools[i].nr || !pool_is_used(set, i))
			continue;
		err = sched->prepare(set, &set->pools[i]);
		if (err)
			return err;
	}
	return 0;
}

/**
 * svclb_sched_recount() - tell the scheduler of a set of a census
 * @set: the set, kept by RCU or a lock
 */
void svclb_sched_recount(const struct svclb_backend_set *set)
{
	const struct svclb_sched *sched = svclb_sched_of(set);
	int i;

	for (i = 0; sched->recount && i < ARRAY_SIZE(set->pools); i++)
		if (set->pools[i].sched_data)
			sched->recount(set, &set->pools[i]);
}

/**
 * svclb_sched_pick() - choose the backend of a new connection
 * @choice: what for and from
 *
 * Return: the backend, as long as the RCU section lasts.
 */
const struct svclb_backend *svclb_sched_pick(const struct svclb_choice *choice)
{
	u32 i = scheds[choice->set->terms.sched]->pick(choice);

	return choice->set->slots[choice->pool->first + i].backend;
}

/**
 * svclb_sched_share() - how much of the new connections a backend gets
 * @set:  the set
 * @pool: one of its pools
 * @i:    index of the backend within the pool
 *
 * Return: its share in millionths.
 */
u32 svclb_sched_share(const struct svclb_backend_set *set,
		      const struct svclb_pool *pool, u32 i)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	const struct svclb_sched *sched = svclb_sched_of(set);
	u64 total = 0;
	u32 j;

	if (sched == &svclb_sched_failover) {
		struct svclb_choice choice = { .set = set, .pool = pool };

		return sched->pick(&choice) == i ? MILLION : 0;
	}
	if (!sched->weighted)
		return MILLION / pool->nr;
	for (j = 0; j < pool->nr; j++)
		total += slots[j].weight;
	return div64_u64((u64)slots[i].weight * MILLION, total);
}
