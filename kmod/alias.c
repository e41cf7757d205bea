// SPDX-License-Identifier: GPL-2.0-only
/*
 * Weighted choice in constant time (Walker 1974, Vose 1991).
 */
#include "alias.h"

#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

/**
 * struct alias - one column of the alias table
 * @threshold: share of the column that is its own backend's, of 2^32
 * @alias:     whose the rest is
 */
struct alias {
	u32 threshold;
	u32 alias;
};

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

static struct alias *make_table(const struct svclb_backend_slot *slots, u32 nr,
				u64 total)
{
	struct alias *table;
	u64 *height;
	u32 *pending, i;

	table = kvmalloc_array(nr, sizeof(*table), GFP_KERNEL_ACCOUNT);
	height = kvmalloc_array(nr, sizeof(*height), GFP_KERNEL_ACCOUNT);
	pending = kvmalloc_array(nr, sizeof(*pending), GFP_KERNEL_ACCOUNT);
	if (table && height && pending) {
		for (i = 0; i < nr; i++)
			height[i] = (u64)slots[i].weight * nr;
		fill_columns(table, height, pending, nr, total);
	} else {
		kvfree(table);
		table = NULL;
	}
	kvfree(pending);
	kvfree(height);
	return table;
}

/**
 * svclb_alias_prepare() - make the table of a pool
 * @set:  the set
 * @pool: its pool, not empty; gets no table if all weights are equal
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_alias_prepare(const struct svclb_backend_set *set,
			struct svclb_pool *pool)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	bool even = true;
	u64 total = 0;
	u32 i;

	for (i = 0; i < pool->nr; i++) {
		total += slots[i].weight;
		even &= slots[i].weight == slots[0].weight;
	}
	if (even)
		return 0;
	pool->sched_data = make_table(slots, pool->nr, total);
	return pool->sched_data ? 0 : -ENOMEM;
}

/**
 * svclb_alias_pick() - choose in proportion to the weights
 * @pool: the pool
 * @hash: what decides, all 64 bits of it
 *
 * Return: index within the pool.
 */
u32 svclb_alias_pick(const struct svclb_pool *pool, u64 hash)
{
	u32 column = reciprocal_scale(hash >> 32, pool->nr);
	const struct alias *table = pool->sched_data;

	if (table && (u32)hash >= table[column].threshold)
		return table[column].alias;
	return column;
}
