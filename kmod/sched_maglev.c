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

#include <linux/mm.h>
#include <linux/slab.h>

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
 * @next: the place it likes best of those it has not tried
 * @skip: from there to the next one
 * @due:  it takes a place once the number of the turn times its weight reaches
 *        this
 */
struct claim {
	u32 next;
	u32 skip;
	u64 due;
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

static void init_claim(struct claim *claim, const struct svclb_backend *backend,
		       const struct maglev *maglev)
{
	struct identity identity = {
		.addr = backend->addr, .port = backend->port,
	};
	u64 hash = siphash(&identity, sizeof(identity), &maglev->key);

	claim->next = reciprocal_scale(hash >> 32, maglev->size);
	claim->skip = reciprocal_scale(hash, maglev->size - 1) + 1;
	claim->due = 0;
}

static void claim_place(struct maglev *maglev, struct claim *claim, u32 i)
{
	u32 place;

	do {
		place = claim->next;
		claim->next += claim->skip;
		if (claim->next >= maglev->size)
			claim->next -= maglev->size;
	} while (maglev->places[place]);
	maglev->places[place] = i + 1;
}

static void fill_places(struct maglev *maglev, struct claim *claims,
			const struct svclb_backend_slot *slots, u32 nr)
{
	u32 greatest = 0, taken = 0, i;
	u64 turn;

	for (i = 0; i < nr; i++) {
		init_claim(&claims[i], slots[i].backend, maglev);
		greatest = max(greatest, slots[i].weight);
	}
	for (turn = 1; taken < maglev->size; turn++) {
		for (i = 0; i < nr && taken < maglev->size; i++) {
			if (turn * slots[i].weight < claims[i].due + greatest)
				continue;
			claims[i].due += greatest;
			claim_place(maglev, &claims[i], i);
			taken++;
		}
		cond_resched();
	}
}

static int prepare_maglev(const struct svclb_backend_set *set,
			  struct svclb_pool *pool)
{
	u32 size = size_for(pool->nr);
	struct maglev *maglev;
	struct claim *claims;

	BUILD_BUG_ON(SVCLB_BACKENDS_MAX > (place_t)~0);

	maglev = kvzalloc(struct_size(maglev, places, size),
			  GFP_KERNEL_ACCOUNT);
	claims = kvmalloc_array(pool->nr, sizeof(*claims), GFP_KERNEL_ACCOUNT);
	if (!maglev || !claims) {
		kvfree(claims);
		kvfree(maglev);
		return -ENOMEM;
	}
	/* The second half only tells our use of a seed from anybody else's. */
	maglev->key.key[0] = set->terms.seed;
	maglev->key.key[1] = 0x7376636c62ULL;
	maglev->size = size;
	fill_places(maglev, claims, set->slots + pool->first, pool->nr);
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
