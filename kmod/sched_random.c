// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dice is a keyed hash of the connection. Nothing is shared between CPUs,
 * and the packets of one connection always throw the same.
 */
#include "sched.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

static u32 pick_random(const struct svclb_backend_set *set,
		       const struct svclb_flow *flow,
		       struct svclb_cursor *cursor)
{
	u64 hash = svclb_flow_hash(flow, &svclb_hash_keys.choice);

	return reciprocal_scale(hash >> 32, set->nr_active);
}

/**
 * struct alias - one column of the alias table (Walker 1974, Vose 1991)
 * @threshold: share of the column that is its own backend's, of 2^32
 * @alias:     whose the rest is
 */
struct alias {
	u32 threshold;
	u32 alias;
};

static u32 pick_wrandom(const struct svclb_backend_set *set,
			const struct svclb_flow *flow,
			struct svclb_cursor *cursor)
{
	u64 hash = svclb_flow_hash(flow, &svclb_hash_keys.choice);
	u32 column = reciprocal_scale(hash >> 32, set->nr_active);
	const struct alias *table = set->sched_data;

	if (table && (u32)hash >= table[column].threshold)
		return table[column].alias;
	return column;
}

/*
 * Every column is as high as the average weight. Each step fills up the column
 * of a backend that is below the average from one that is not, until none is
 * below. Weights are scaled by the number of backends, so the average is the
 * total and nothing is rounded before the threshold: at most 65535 * 65535,
 * which leaves the 32 bits that the threshold needs.
 */
static void fill_columns(struct alias *table, u64 *height, u32 *pending, u32 nr,
			 u64 total)
{
	u32 below = 0, above = nr, i;

	for (i = 0; i < nr; i++) {
		table[i] = (struct alias){ .threshold = U32_MAX, .alias = i };
		if (height[i] < total)
			pending[below++] = i;
		else
			pending[--above] = i;
	}
	while (below && above < nr) {
		u32 low = pending[--below], high = pending[above];

		table[low].threshold = div64_u64(height[low] << 32, total);
		table[low].alias = high;
		height[high] -= total - height[low];
		if (height[high] < total) {
			above++;
			pending[below++] = high;
		}
	}
}

static int prepare_wrandom(struct svclb_backend_set *set)
{
	u32 nr = set->nr_active, *pending, i;
	bool even = true;
	u64 *height, total = 0;
	struct alias *table;

	for (i = 0; i < nr; i++) {
		total += set->slots[i].weight;
		even &= set->slots[i].weight == set->slots[0].weight;
	}
	if (even)
		return 0;

	table = kvmalloc_array(nr, sizeof(*table), GFP_KERNEL_ACCOUNT);
	height = kvmalloc_array(nr, sizeof(*height), GFP_KERNEL_ACCOUNT);
	pending = kvmalloc_array(nr, sizeof(*pending), GFP_KERNEL_ACCOUNT);
	if (table && height && pending) {
		for (i = 0; i < nr; i++)
			height[i] = (u64)set->slots[i].weight * nr;
		fill_columns(table, height, pending, nr, total);
		set->sched_data = table;
		table = NULL;
	}
	kvfree(pending);
	kvfree(height);
	kvfree(table);
	return set->sched_data ? 0 : -ENOMEM;
}

const struct svclb_sched svclb_sched_random = {
	.pick = pick_random,
};

const struct svclb_sched svclb_sched_wrandom = {
	.prepare = prepare_wrandom,
	.pick = pick_wrandom,
};
