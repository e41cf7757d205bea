// SPDX-License-Identifier: GPL-2.0-only
/*
 * Round robin. Each new connection takes the next turn of its service, and
 * the turn says which backend it gets.
 *
 * Two first packets of one connection on two CPUs must not take two turns:
 * conntrack can only merge them if both were sent to the same backend, and
 * drops one otherwise (which is how a resolver that sends A and AAAA queries
 * from one socket loses an answer). So turns are noted in a small table for a
 * second, and a connection that took one just now gets it again. By then
 * conntrack knows the connection, and no further packet asks.
 *
 * The table has a fixed size and forgets the oldest turn of a bucket first. To
 * lose a turn too early, a bucket must see WAYS other new connections within
 * the time that the two packets are apart.
 */
#include "sched.h"

#include <linux/gcd.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define BUCKET_BITS 10
#define WAYS 4

/**
 * struct turn - a turn that a connection took
 * @hash:   of the connection and its service; 0 in an entry never used
 * @number: the turn
 * @when:   jiffies when it was taken
 */
struct turn {
	u64 hash;
	u32 number;
	u32 when;
};

/**
 * struct bucket - turns whose hashes have the same low bits
 * @lock:  guards all below; taken in softirq and process context
 * @next:  entry of @turns that is overwritten next, the oldest one
 * @turns: the turns
 */
struct bucket {
	spinlock_t lock; /* guards the turns of this bucket */
	u32 next;
	struct turn turns[WAYS];
};

static struct bucket *buckets;

/**
 * svclb_sched_rr_init() - make the table of turns
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_sched_rr_init(void)
{
	u32 i;

	buckets = kvcalloc(1 << BUCKET_BITS, sizeof(*buckets), GFP_KERNEL);
	if (!buckets)
		return -ENOMEM;
	for (i = 0; i < 1 << BUCKET_BITS; i++)
		spin_lock_init(&buckets[i].lock);
	return 0;
}

/**
 * svclb_sched_rr_uninit() - free the table; no packet may be around
 */
void svclb_sched_rr_uninit(void)
{
	kvfree(buckets);
}

static u32 noted_turn(struct bucket *bucket, u64 hash,
		      struct svclb_cursor *cursor)
{
	u32 now = jiffies;
	struct turn *turn;
	u32 i;

	lockdep_assert_held(&bucket->lock);

	for (i = 0; i < WAYS; i++) {
		turn = &bucket->turns[i];
		if (turn->hash == hash && now - turn->when < HZ)
			return turn->number;
	}
	turn = &bucket->turns[bucket->next++ % WAYS];
	turn->hash = hash;
	turn->when = now;
	turn->number = atomic_inc_return(&cursor->turn);
	return turn->number;
}

static u32 take_turn(const struct svclb_flow *flow, struct svclb_cursor *cursor)
{
	/*
	 * The address of the cursor tells apart equal connections of two
	 * network namespaces.
	 */
	u64 hash = svclb_flow_hash(flow, &svclb_hash_keys.choice) +
		   (unsigned long)cursor;
	struct bucket *bucket = &buckets[hash >> (64 - BUCKET_BITS)];
	u32 turn;

	spin_lock_bh(&bucket->lock);
	turn = noted_turn(bucket, hash ?: 1, cursor);
	spin_unlock_bh(&bucket->lock);
	return turn;
}

static u32 pick_rr(const struct svclb_backend_set *set,
		   const struct svclb_flow *flow, struct svclb_cursor *cursor)
{
	return take_turn(flow, cursor) % set->nr_active;
}

/**
 * struct round - a weighted round
 * @length: sum of the weights, each divided by what all have in common
 * @stride: distance between the places of two turns, without a divisor in
 *          common with @length
 * @ends:   for each active backend the place behind its last one
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

static u32 pick_wrr(const struct svclb_backend_set *set,
		    const struct svclb_flow *flow, struct svclb_cursor *cursor)
{
	u32 turn = take_turn(flow, cursor), low = 0, high, place;
	const struct round *round = set->sched_data;

	div_u64_rem((u64)(turn % round->length) * round->stride, round->length,
		    &place);
	high = set->nr_active - 1;
	while (low < high) {
		u32 middle = (low + high) / 2;

		if (place < round->ends[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static int prepare_wrr(struct svclb_backend_set *set)
{
	u32 nr = set->nr_active, common = 0, end = 0, i;
	struct round *round;

	round = kvmalloc(struct_size(round, ends, nr), GFP_KERNEL_ACCOUNT);
	if (!round)
		return -ENOMEM;
	for (i = 0; i < nr; i++)
		common = gcd(common, set->slots[i].weight);
	for (i = 0; i < nr; i++) {
		end += set->slots[i].weight / common;
		round->ends[i] = end;
	}
	round->length = end;
	round->stride = max_t(u32, div_u64((u64)end * 618034, 1000000), 1);
	while (gcd(round->stride, end) != 1)
		round->stride++;
	set->sched_data = round;
	return 0;
}

const struct svclb_sched svclb_sched_rr = {
	.pick = pick_rr,
};

const struct svclb_sched svclb_sched_wrr = {
	.prepare = prepare_wrr,
	.pick = pick_wrr,
};
