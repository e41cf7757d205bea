// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source hash: a keyed hash of the client's address alone.
 */
#include "sched.h"

#include "alias.h"

static u32 pick_sh(const struct svclb_choice *choice)
{
	u64 hash = siphash(&choice->flow->src, sizeof(choice->flow->src),
			   &svclb_hash_keys.client);

	return svclb_alias_pick(choice->pool, hash);
}

const struct svclb_sched svclb_sched_sh = {
	.prepare = svclb_alias_prepare,
	.pick = pick_sh,
	.weighted = true,
	.pure = true,
};
