// SPDX-License-Identifier: GPL-2.0-only
/*
 * Backends that did not answer the first packets of a connection, so that its
 * next attempt goes elsewhere.
 *
 * The table has a fixed size and forgets the oldest connection of a bucket
 * first. What is forgotten too early only costs the connection another attempt.
 */
#include "silence.h"

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define BUCKET_BITS 8
#define WAYS 8
/* As long as a client goes on trying (RFC 6298, 7 attempts). */
#define LIFETIME (128 * HZ)

/**
 * struct attempt - what a connection has tried
 * @hash: of the connection and its service; 0 in an entry never used
 * @when: jiffies of the last one
 * @nr:   how many
 * @ids:  the backends
 */
struct attempt {
	u64 hash;
	u32 when;
	u32 nr;
	u32 ids[SVCLB_SILENT_MAX];
};

/**
 * struct bucket - attempts whose hashes have the same high bits
 * @lock:     guards all below; taken in softirq and process context
 * @next:     entry of @attempts that is overwritten next, the oldest one
 * @attempts: the attempts
 */
struct bucket {
	spinlock_t lock; /* guards the attempts of this bucket */
	u32 next;
	struct attempt attempts[WAYS];
};

static struct bucket *buckets;

/**
 * svclb_silence_init() - make the table
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_silence_init(void)
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
 * svclb_silence_uninit() - free the table; no packet may be around
 */
void svclb_silence_uninit(void)
{
	kvfree(buckets);
}

static struct attempt *find(struct bucket *bucket, u64 hash)
{
	u32 now = jiffies, i;

	lockdep_assert_held(&bucket->lock);

	for (i = 0; i < WAYS; i++) {
		struct attempt *attempt = &bucket->attempts[i];

		if (attempt->hash == hash && now - attempt->when < LIFETIME)
			return attempt;
	}
	return NULL;
}

static bool has(const struct attempt *attempt, u32 id)
{
	u32 i;

	for (i = 0; i < attempt->nr; i++)
		if (attempt->ids[i] == id)
			return true;
	return false;
}

/**
 * svclb_silence_note() - note that a backend did not answer a connection
 * @hash:   of the connection and its service
 * @id:     number of the backend
 * @nr_all: how many backends the connection could go to
 *
 * Return: whether to try another one: a connection that has tried all of them,
 * or very many, stays where it is.
 */
bool svclb_silence_note(u64 hash, u32 id, u32 nr_all)
{
	struct bucket *bucket = &buckets[hash >> (64 - BUCKET_BITS)];
	struct attempt *attempt;
	bool go_on;

	hash = hash ?: 1;
	spin_lock_bh(&bucket->lock);
	attempt = find(bucket, hash);
	if (!attempt) {
		attempt = &bucket->attempts[bucket->next++ % WAYS];
		*attempt = (struct attempt){ .hash = hash };
	}
	go_on = has(attempt, id) || attempt->nr < SVCLB_SILENT_MAX;
	if (!has(attempt, id) && go_on)
		attempt->ids[attempt->nr++] = id;
	go_on = go_on && attempt->nr < nr_all;
	attempt->when = jiffies;
	spin_unlock_bh(&bucket->lock);
	return go_on;
}

/* The hash chooses, so that not all that was one backend's goes to another. */
static const struct svclb_backend *
another(const struct svclb_backend_set *set, const struct svclb_pool *pool,
	u64 hash, const struct attempt *attempt)
{
	u32 start = reciprocal_scale(hash, pool->nr), i;

	for (i = 0; i < pool->nr && i <= SVCLB_SILENT_MAX; i++) {
		const struct svclb_backend *backend =
			set->slots[pool->first + (start + i) % pool->nr].backend;

		if (!has(attempt, backend->id))
			return backend;
	}
	return NULL;
}

/**
 * svclb_silence_avoid() - choose a backend that a connection has not tried
 * @set:     the set, kept by RCU
 * @pool:    what there is to choose from
 * @hash:    of the connection and its service
 * @backend: that it would go to
 *
 * Return: another backend if it tried that one in vain and has not tried all;
 * else @backend.
 */
const struct svclb_backend *
svclb_silence_avoid(const struct svclb_backend_set *set,
		    const struct svclb_pool *pool, u64 hash,
		    const struct svclb_backend *backend)
{
	struct bucket *bucket = &buckets[hash >> (64 - BUCKET_BITS)];
	const struct svclb_backend *other = NULL;
	struct attempt *attempt;

	hash = hash ?: 1;
	spin_lock_bh(&bucket->lock);
	attempt = find(bucket, hash);
	if (attempt && has(attempt, backend->id))
		other = another(set, pool, hash, attempt);
	spin_unlock_bh(&bucket->lock);
	return other ?: backend;
}
