// SPDX-License-Identifier: GPL-2.0-only
/*
 * Failover: all goes to the backend of the greatest weight. The weights are the
 * priorities; when that backend is taken out, the next one gets everything.
 */
#include "sched.h"

#include <linux/mm.h>
#include <linux/slab.h>

static u32 pick_failover(const struct svclb_choice *choice)
{
	return *(u32 *)choice->pool->sched_data;
}

static int prepare_failover(const struct svclb_backend_set *set,
			    struct svclb_pool *pool)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	const struct svclb_backend_slot *first;
	u32 *greatest, i;

	greatest = kzalloc(sizeof(*greatest), GFP_KERNEL_ACCOUNT);
	if (!greatest)
		return -ENOMEM;
	/* In the pool come first those that are local, and that on each node others. */
	for (i = 1; i < pool->nr; i++) {
		first = &slots[*greatest];
		if (slots[i].weight > first->weight ||
		    (slots[i].weight == first->weight &&
		     svclb_backend_compare(slots[i].backend,
					   first->backend) < 0))
			*greatest = i;
	}
	pool->sched_data = greatest;
	return 0;
}

const struct svclb_sched svclb_sched_failover = {
	.prepare = prepare_failover,
	.pick = pick_failover,
	.pure = true,
};
