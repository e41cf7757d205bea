// SPDX-License-Identifier: GPL-2.0-only
/*
 * Least connections, plain and in relation to the weights.
 *
 * The connections of a backend are those that the last census found going on,
 * about a second ago, plus those sent to it since: nothing tells when a single
 * connection ends. The pool keeps its backends in a tree of which each node knows
 * the least loaded leaf below it, so a choice costs as many steps as the number
 * of backends has binary digits. Pools that share backends, and sets that follow
 * each other, learn of each other's choices at the next census only.
 */
#include "sched.h"

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "recent.h"

/* Loads have the weights divided out, so they need bits behind the point. */
#define LOAD_BITS 32
/* The last ones are random: of equal backends not all nodes take the first. */
#define TIE_MASK 0xffULL

/**
 * struct leaf - a backend
 * @load: connections in relation to the weight
 * @step: what one more adds
 */
struct leaf {
	u64 load;
	u64 step;
};

/**
 * struct tree - the backends of a pool by load
 * @lock:     guards all below; taken in softirq and process context, within the
 *            lock of a recent choice
 * @nr:       how many backends
 * @leaves:   the backends
 * @least:    index of the least loaded leaf below each node; node 1 is the
 *            root, those below node n are 2n and 2n + 1, and leaf i stands for
 *            node @nr + i
 */
struct tree {
	spinlock_t lock; /* guards the loads and what follows from them */
	u32 nr;
	struct leaf *leaves;
	u32 least[];
};

static u32 least_below(const struct tree *tree, u32 node)
{
	return node >= tree->nr ? node - tree->nr : tree->least[node];
}

static void update(struct tree *tree, u32 node)
{
	u32 a = least_below(tree, 2 * node);
	u32 b = least_below(tree, 2 * node + 1);

	tree->least[node] = tree->leaves[b].load < tree->leaves[a].load ? b : a;
}

static void load_leaf(struct tree *tree, u32 i,
		      const struct svclb_backend *backend, u32 weight)
{
	struct leaf *leaf = &tree->leaves[i];
	u64 connections = READ_ONCE(backend->active) +
			  (u64)max(atomic_read(&backend->since), 0);

	connections = min_t(u64, connections, U32_MAX);
	leaf->step = div_u64(1ULL << LOAD_BITS, weight) & ~TIE_MASK;
	leaf->load = div_u64(connections << LOAD_BITS, weight) & ~TIE_MASK;
	leaf->load |= get_random_u32() & TIE_MASK;
}

static void load_tree(struct tree *tree, const struct svclb_backend_set *set,
		      const struct svclb_pool *pool, bool weighted)
{
	const struct svclb_backend_slot *slots = set->slots + pool->first;
	u32 i;

	for (i = 0; i < tree->nr; i++)
		load_leaf(tree, i, slots[i].backend,
			  weighted ? slots[i].weight : 1);
	for (i = tree->nr - 1; i > 0; i--)
		update(tree, i);
}

static u32 take_least(struct tree *tree)
{
	u32 i, node;

	spin_lock_bh(&tree->lock);
	i = tree->nr > 1 ? tree->least[1] : 0;
	tree->leaves[i].load += tree->leaves[i].step;
	for (node = (tree->nr + i) / 2; node; node /= 2)
		update(tree, node);
	spin_unlock_bh(&tree->lock);
	return i;
}

static u32 pick(const struct svclb_choice *choice)
{
	struct tree *tree = choice->pool->sched_data;
	const struct svclb_backend_slot *slots =
		choice->set->slots + choice->pool->first;
	struct svclb_recent recent;

	svclb_recent_begin(&recent,
			   svclb_choice_hash(choice->flow) +
			   (unsigned long)choice->cursor);
	/* The set may have become a smaller one. */
	if (recent.known && recent.value >= tree->nr)
		recent.known = false;
	if (!recent.known) {
		recent.value = take_least(tree);
		atomic_inc(&slots[recent.value].backend->since);
	}
	svclb_recent_end(&recent);
	return recent.value;
}

/* Both parts in one allocation, the leaves first, for their alignment. */
static struct tree *create(u32 nr)
{
	struct tree *tree;
	size_t size = ALIGN(struct_size(tree, least, nr), sizeof(u64));

	tree = kvzalloc(size_add(size, array_size(nr, sizeof(struct leaf))),
			GFP_KERNEL_ACCOUNT);
	if (!tree)
		return NULL;
	spin_lock_init(&tree->lock);
	tree->nr = nr;
	tree->leaves = (void *)tree + size;
	return tree;
}

static int prepare(const struct svclb_backend_set *set, struct svclb_pool *pool,
		   bool weighted)
{
	struct tree *tree = create(pool->nr);

	if (!tree)
		return -ENOMEM;
	load_tree(tree, set, pool, weighted);
	pool->sched_data = tree;
	return 0;
}

static int prepare_lc(const struct svclb_backend_set *set,
		      struct svclb_pool *pool)
{
	return prepare(set, pool, false);
}

static int prepare_wlc(const struct svclb_backend_set *set,
		       struct svclb_pool *pool)
{
	return prepare(set, pool, true);
}

static void recount(const struct svclb_backend_set *set,
		    const struct svclb_pool *pool, bool weighted)
{
	struct tree *tree = pool->sched_data;

	spin_lock_bh(&tree->lock);
	load_tree(tree, set, pool, weighted);
	spin_unlock_bh(&tree->lock);
}

static void recount_lc(const struct svclb_backend_set *set,
		       const struct svclb_pool *pool)
{
	recount(set, pool, false);
}

static void recount_wlc(const struct svclb_backend_set *set,
			const struct svclb_pool *pool)
{
	recount(set, pool, true);
}

const struct svclb_sched svclb_sched_lc = {
	.prepare = prepare_lc,
	.pick = pick,
	.recount = recount_lc,
	.counts = true,
};

const struct svclb_sched svclb_sched_wlc = {
	.prepare = prepare_wlc,
	.pick = pick,
	.recount = recount_wlc,
	.weighted = true,
	.counts = true,
};
