// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counters. One allocation of the kernel's per-CPU allocator costs more than all
 * else that a backend needs, so counters share chunks: one allocation serves
 * COUNTERS of them. Neighbours of a chunk are in one cache line, but each CPU
 * has its own.
 */
#include "stats.h"

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define COUNTERS 256

/**
 * struct svclb_chunk - counters that are allocated together
 * @list:    in @chunks, while it has a free one
 * @cpu:     the counters
 * @nr_free: how many are free
 * @used:    which are not
 *
 * Guarded by @chunks_lock, but for @cpu, which does not change.
 */
struct svclb_chunk {
	struct list_head list;
	u64 __percpu *cpu;
	unsigned int nr_free;
	DECLARE_BITMAP(used, COUNTERS);
};

/* Chunks with a free counter. */
static LIST_HEAD(chunks);

/* How many counters were made and not given back; guarded by @chunks_lock. */
static unsigned int in_use;

/* Taken in process context and at the end of grace periods. */
static DEFINE_SPINLOCK(chunks_lock);

static struct svclb_chunk *chunk_create(void)
{
	struct svclb_chunk *chunk;

	chunk = kzalloc(sizeof(*chunk), GFP_KERNEL_ACCOUNT);
	if (!chunk)
		return NULL;
	chunk->cpu = __alloc_percpu_gfp(COUNTERS * sizeof(u64), SMP_CACHE_BYTES,
					GFP_KERNEL_ACCOUNT);
	if (!chunk->cpu) {
		kfree(chunk);
		return NULL;
	}
	chunk->nr_free = COUNTERS;
	return chunk;
}

static void chunk_free(struct svclb_chunk *chunk)
{
	free_percpu(chunk->cpu);
	kfree(chunk);
}

static u64 sum(const struct svclb_counter *counter)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(*per_cpu_ptr(counter->cpu, cpu));
	return total;
}

static bool take_counter(struct svclb_counter *counter)
{
	struct svclb_chunk *chunk;
	unsigned int i;

	lockdep_assert_held(&chunks_lock);

	chunk = list_first_entry_or_null(&chunks, struct svclb_chunk, list);
	if (!chunk)
		return false;
	i = find_first_zero_bit(chunk->used, COUNTERS);
	__set_bit(i, chunk->used);
	if (!--chunk->nr_free)
		list_del(&chunk->list);
	counter->chunk = chunk;
	counter->cpu = chunk->cpu + i;
	in_use++;
	return true;
}

/**
 * svclb_counter_init() - make a counter, 0
 * @counter: to be filled in
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_counter_init(struct svclb_counter *counter)
{
	struct svclb_chunk *chunk;
	bool taken;

	spin_lock_bh(&chunks_lock);
	taken = take_counter(counter);
	spin_unlock_bh(&chunks_lock);
	if (!taken) {
		chunk = chunk_create();
		if (!chunk)
			return -ENOMEM;
		spin_lock_bh(&chunks_lock);
		list_add(&chunk->list, &chunks);
		take_counter(counter);
		spin_unlock_bh(&chunks_lock);
	}
	/* Whoever had it before has counted on it. */
	counter->base = sum(counter);
	return 0;
}

/**
 * svclb_counter_uninit() - give a counter back
 * @counter: a counter that nobody can reach any more; may be all zero bytes
 *
 * Does not sleep, so that it may run at the end of a grace period.
 */
void svclb_counter_uninit(struct svclb_counter *counter)
{
	struct svclb_chunk *chunk = counter->chunk, *spare = NULL;

	if (!chunk)
		return;
	spin_lock_bh(&chunks_lock);
	__clear_bit(counter->cpu - chunk->cpu, chunk->used);
	in_use--;
	if (!chunk->nr_free++)
		list_add_tail(&chunk->list, &chunks);
	if (chunk->nr_free == COUNTERS && !list_is_singular(&chunks)) {
		list_del(&chunk->list);
		spare = chunk;
	}
	spin_unlock_bh(&chunks_lock);
	if (spare)
		chunk_free(spare);
	counter->chunk = NULL;
}

/**
 * svclb_stats_uninit() - free what is kept for the next counter
 *
 * All counters were given back, so whatever has one was freed as often as it was
 * made: namespaces, frontends, backends.
 */
void svclb_stats_uninit(void)
{
	struct svclb_chunk *chunk, *next;

	WARN(in_use, "%u counters are still in use", in_use);
	list_for_each_entry_safe(chunk, next, &chunks, list)
		chunk_free(chunk);
}

/**
 * svclb_counter_read() - the value of a counter over all CPUs
 * @counter: the counter; the caller holds the configuration lock
 *
 * Return: what was counted since the last zeroing.
 */
u64 svclb_counter_read(const struct svclb_counter *counter)
{
	return sum(counter) - counter->base;
}

/**
 * svclb_counter_zero() - let a counter start from 0 again
 * @counter: the counter; the caller holds the configuration lock
 */
void svclb_counter_zero(struct svclb_counter *counter)
{
	counter->base = sum(counter);
}
