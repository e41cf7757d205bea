// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round robin. Each new connection takes the next turn of its service, and
 * the turn says which backend it gets. What turn a connection took is noted for
 * its next packet, see recent.c.
 */
#include "sched.h"

#include <linux/gcd.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "recent.h"

static u32 take_turn(const struct svclb_choice *choice)
{
	struct svclb_recent recent;

	/*
	 * The address of the cursor tells apart equal connections of two
	 * network namespaces.
	 */
	svclb_recent_begin(&recent,
			   svclb_choice_hash(choice->flow) +
			   (unsigned long)choice->cursor);
	if (!recent.known)
		recent.value = atomic_inc_return(&choice->cursor->turn);
	svclb_recent_end(&recent);
	return recent.value;
}

static u32 pick_rr(const struct svclb_choice *choice)
{
	return take_turn(choice) % choice->pool->nr;
}

/**
 * struct round - a weighted round
 * @length: sum of the weights, each divided by what all have in common
 * @stride: distance between the places of two turns, without a divisor in
 *          common with @length
 * @ends:   for each backend of the pool the place behind its last one
 *
 * A round has @length places, and a backend has as many neighbouring ones as
 * it has weight. Turns do not go from place to place but in strides of about
 * the golden section of the round: they come by every place once a round, so
 * each backend gets exactly its share, and are never long among one backend's
 * places, so its turns are spread over the round.
 */
struct round {
	u32 length;
	u32 stride;
	u32 ends[];
};

static u32 pick_wrr(const struct svclb_choice *choice)
{
	u32 turn = take_turn(choice), low = 0, high, place;
	const struct round *round = choice->pool->sched_data;

	div_u64_rem((u64)(turn % round->length) * round->stride, round->length,
		    &place);
	high = choice->pool->nr - 1;
	while (low < high) {
		u32 middle = (low + high) / 2;

		if (place < round->ends[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int prepare_wrr(const struct svclb_backend_set *set,
		       struct svclb_pool *pool)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	u32 nr = pool->nr, common = 0, end = 0, i;
	struct round *round;

	round = kvmalloc(struct_size(round, ends, nr), GFP_KERNEL_ACCOUNT);
	if (!round)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		common = gcd(common, slots[i].weight);
	for (i = 0; i < nr; i++) {
		end += slots[i].weight / common;
		round->ends[i] = end;
	}
	round->length = end;
	round->stride = max_t(u32, div_u64((u64)end * 618034, 1000000), 1);
	while (gcd(round->stride, end) != 1)
		round->stride++;
	pool->sched_data = round;
	return 0;
}

const struct svclb_sched svclb_sched_rr = {
	.pick = pick_rr,
};

const struct svclb_sched svclb_sched_wrr = {
	.prepare = prepare_wrr,
	.pick = pick_wrr,
	.weighted = true,
};
