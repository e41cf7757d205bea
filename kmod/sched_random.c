// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dice is a keyed hash of the connection. Nothing is shared between CPUs,
 * and the packets of one connection always throw the same.
 */
#include "sched.h"

#include <linux/kernel.h>

#include "alias.h"

static u32 pick_random(const struct svclb_choice *choice)
{
	u64 hash = svclb_choice_hash(choice->flow);

	return reciprocal_scale(hash >> 32, choice->pool->nr);
}

static u32 pick_wrandom(const struct svclb_choice *choice)
{
	return svclb_alias_pick(choice->pool,
				svclb_choice_hash(choice->flow));
}

const struct svclb_sched svclb_sched_random = {
	.pick = pick_random,
	.pure = true,
};

const struct svclb_sched svclb_sched_wrandom = {
	.prepare = svclb_alias_prepare,
	.pick = pick_wrandom,
	.weighted = true,
	.pure = true,
};
