// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consistent hashing with a lookup table (Eisenbud et al., "Maglev: A Fast and
 * Reliable Software Network Load Balancer", NSDI 2016, section 3.4).
 *
 * Each backend has an order of preference for the places of the table, which
 * follows from its address, its port and the seed alone. The backends take turns
 * in claiming the place that they like best of those left; one of less than the
 * greatest weight sits out its share of the turns. Nodes with the same seed and
 * backends get the same table, and two sets that differ in few backends get
 * tables that differ in few places.
 *
 * The paper's figure for how few holds for tables a hundred times as long as the
 * set. The size has few steps, since at each step most places change.
 */
#include "sched.h"

#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

/* All prime, so that every order of preference visits every place. */
static const u32 sizes[] = { 4093, 65537, 1048573 };

#define PLACES_PER_BACKEND 100

/* Backends are numbered from 1 here, for 0 to mean a place that is free. */
typedef u16 place_t;

/**
 * struct maglev - the table of a pool
 * @key:    of the hash that chooses a place
 * @size:   how many @places
 * @places: the backend that each belongs to, its index within the pool plus 1
 */
struct maglev {
	siphash_key_t key;
	u32 size;
	place_t places[];
};

/**
 * struct claim - where a backend stands
 * @slot: the backend
 * @next: the place it likes best of those it has not tried
 * @skip: from there to the next one
 * @due:  it takes a place once the number of the turn times its weight reaches
 *        this
 * @link: the next one that takes a place in the same turn, its index plus 1
 */
struct claim {
	const struct svclb_backend_slot *slot;
	u32 next;
	u32 skip;
	u64 due;
	u32 link;
};

/**
 * struct turns - who takes a place when
 * @heads: by the low bits of the number of the turn, the first claim, its index
 *         plus 1; 0 for none
 * @mask:  the low bits: as many turns as the rarest backend sits out fit in
 * @step:  the greatest weight, which takes a place in each turn
 *
 * So a turn costs as much as places are taken in it, whatever the weights.
 */
struct turns {
	u32 *heads;
	u32 mask;
	u32 step;
};

/**
 * struct identity - what a backend's order of preference follows from
 * @addr: address
 * @port: port
 * @zero: always 0
 *
 * Hashed as bytes, so that nodes of any byte order agree.
 */
struct identity {
	union nf_inet_addr addr;
	__be16 port;
	u16 zero[3];
} __aligned(8);

static u32 pick_maglev(const struct svclb_choice *choice)
{
	const struct maglev *maglev = choice->pool->sched_data;
	u64 hash = svclb_flow_hash(choice->flow, &maglev->key);

	return maglev->places[reciprocal_scale(hash >> 32, maglev->size)] - 1;
}

static u32 size_for(u32 nr)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(sizes) - 1 && sizes[i] / PLACES_PER_BACKEND < nr)
		i++;
	return sizes[i];
}

static void init_claim(struct claim *claim,
		       const struct svclb_backend_slot *slot,
		       const struct maglev *maglev)
{
	struct identity identity = {
		.addr = slot->backend->addr, .port = slot->backend->port,
	};
	u64 hash = siphash(&identity, sizeof(identity), &maglev->key);

	*claim = (struct claim){
		.slot = slot,
		.next = reciprocal_scale(hash >> 32, maglev->size),
		.skip = reciprocal_scale(hash, maglev->size - 1) + 1,
	};
}

/* Which backends are local differs from node to node, their addresses do not. */
static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	return svclb_backend_compare(x->slot->backend, y->slot->backend);
}

static void claim_place(struct maglev *maglev, struct claim *claim,
			const struct svclb_backend_slot *slots)
{
	u32 place;

	do {
		place = claim->next;
		claim->next += claim->skip;
		if (claim->next >= maglev->size)
			claim->next -= maglev->size;
	} while (maglev->places[place]);
	maglev->places[place] = claim->slot - slots + 1;
}

static void enter_turn(const struct turns *turns, struct claim *claims, u32 i)
{
	struct claim *claim = &claims[i];
	u32 *head;

	claim->due += turns->step;
	head = &turns->heads[div_u64(claim->due + claim->slot->weight - 1,
				     claim->slot->weight) & turns->mask];
	claim->link = *head;
	*head = i + 1;
}

static void fill_places(struct maglev *maglev, const struct turns *turns,
			struct claim *claims,
			const struct svclb_backend_slot *slots, u32 nr)
{
	u32 taken = 0, turn, i, next;

	for (i = nr; i > 0; i--)
		enter_turn(turns, claims, i - 1);
	for (turn = 1; taken < maglev->size; turn++) {
		i = turns->heads[turn & turns->mask];
		turns->heads[turn & turns->mask] = 0;
		for (; i && taken < maglev->size; i = next) {
			next = claims[i - 1].link;
			claim_place(maglev, &claims[i - 1], slots);
			enter_turn(turns, claims, i - 1);
			taken++;
		}
		cond_resched();
	}
}

static bool create_turns(struct turns *turns,
			 const struct svclb_backend_slot *slots, u32 nr)
{
	u32 least = SVCLB_WEIGHT_MAX, i;

	turns->step = 0;
	for (i = 0; i < nr; i++) {
		least = min(least, slots[i].weight);
		turns->step = max(turns->step, slots[i].weight);
	}
	turns->mask = roundup_pow_of_two(DIV_ROUND_UP(turns->step, least) + 1) -
		      1;
	turns->heads = kvcalloc(turns->mask + 1, sizeof(*turns->heads),
				GFP_KERNEL_ACCOUNT);
	return turns->heads;
}

static int prepare_maglev(const struct svclb_backend_set *set,
			  struct svclb_pool *pool)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	u32 size = size_for(pool->nr), i;
	struct maglev *maglev;
	struct claim *claims;
	struct turns turns;

	BUILD_BUG_ON(SVCLB_BACKENDS_MAX > (place_t)~0);

	maglev = kvzalloc(struct_size(maglev, places, size),
			  GFP_KERNEL_ACCOUNT);
	claims = kvmalloc_array(pool->nr, sizeof(*claims), GFP_KERNEL_ACCOUNT);
	if (!create_turns(&turns, slots, pool->nr) || !maglev || !claims) {
		kvfree(turns.heads);
		kvfree(claims);
		kvfree(maglev);
		return -ENOMEM;
	}
	/* The second half only tells our use of a seed from anybody else's. */
	maglev->key.key[0] = set->terms.seed;
	maglev->key.key[1] = 0x7376636c62ULL;
	maglev->size = size;
	for (i = 0; i < pool->nr; i++)
		init_claim(&claims[i], &slots[i], maglev);
	sort(claims, pool->nr, sizeof(*claims), compare_claims, NULL);
	fill_places(maglev, &turns, claims, slots, pool->nr);
	kvfree(turns.heads);
	kvfree(claims);
	pool->sched_data = maglev;
	return 0;
}

const struct svclb_sched svclb_sched_maglev = {
	.prepare = prepare_maglev,
	.pick = pick_maglev,
	.weighted = true,
	.pure = true,
};
