// SPDX-License-Identifier: GPL-2.0-only
/*
 * Power of two choices: of two backends that the hash of the connection gives,
 * the less loaded one, in relation to the weights (Mitzenmacher 2001). Loads are
 * those of sched_lc.c, but there is no tree to keep and no lock that all new
 * connections of a service share.
 */
#include "sched.h"

#include <linux/kernel.h>

#include "recent.h"

static u64 load_of(const struct svclb_backend *backend)
{
	return READ_ONCE(backend->active) +
	       (u64)max(atomic_read(&backend->since), 0);
}

static u32 lesser(const struct svclb_choice *choice, u64 hash)
{
	const struct svclb_backend_slot *slots =
		choice->set->slots + choice->pool->first;
	u32 nr = choice->pool->nr, a, b;

	if (nr == 1)
		return 0;
	a = reciprocal_scale(hash >> 32, nr);
	b = reciprocal_scale(hash, nr - 1);
	b += b >= a;
	/* One more connection each, or a weight would not count at no load. */
	return (load_of(slots[b].backend) + 1) * slots[a].weight <
	       (load_of(slots[a].backend) + 1) * slots[b].weight ? b : a;
}

static u32 pick_p2c(const struct svclb_choice *choice)
{
	const struct svclb_backend_slot *slots =
		choice->set->slots + choice->pool->first;
	u64 hash = svclb_choice_hash(choice->flow);
	struct svclb_recent recent;

	svclb_recent_begin(&recent, hash + (unsigned long)choice->cursor);
	/* The set may have become a smaller one. */
	if (recent.known && recent.value >= choice->pool->nr)
		recent.known = false;
	if (!recent.known) {
		recent.value = lesser(choice, hash);
		atomic_inc(&slots[recent.value].backend->since);
	}
	svclb_recent_end(&recent);
	return recent.value;
}

const struct svclb_sched svclb_sched_p2c = {
	.pick = pick_p2c,
	.weighted = true,
	.counts = true,
};
