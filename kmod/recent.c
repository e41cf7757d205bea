// SPDX-License-Identifier: GPL-2.0-only
/*
 * Choices of the last second, for schedulers whose choice does not follow from
 * the connection alone.
 *
 * Two first packets of one connection on two CPUs must not lead to two choices:
 * conntrack can only merge them if both were sent to the same backend, and
 * drops one otherwise (which is how a resolver that sends A and AAAA queries
 * from one socket loses an answer). So choices are noted in a small table for a
 * second, and a connection that one was made for just now gets it again. By then
 * conntrack knows the connection, and no further packet asks.
 *
 * The table has a fixed size and forgets the oldest choice of a bucket first. To
 * lose one too early, a bucket must see WAYS other new connections within the
 * time that the two packets are apart.
 */
#include "recent.h"

#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define BUCKET_BITS 10
#define WAYS 4

/**
 * struct noted - a choice
 * @hash:  of what it was made for; 0 in an entry never used
 * @value: the choice
 * @when:  jiffies when it was made
 */
struct noted {
	u64 hash;
	u32 value;
	u32 when;
};

/**
 * struct svclb_bucket - choices whose hashes have the same high bits
 * @lock:    guards all below; taken in softirq and process context
 * @next:    entry of @choices that is overwritten next, the oldest one
 * @choices: the choices
 */
struct svclb_bucket {
	spinlock_t lock; /* guards the choices of this bucket */
	u32 next;
	struct noted choices[WAYS];
};

static struct svclb_bucket *buckets;

/**
 * svclb_recent_init() - make the table
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_recent_init(void)
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
 * svclb_recent_uninit() - free the table; no packet may be around
 */
void svclb_recent_uninit(void)
{
	kvfree(buckets);
}

/**
 * svclb_recent_begin() - look for a choice, and keep others from making it
 * @recent: for the choice; to be handed to svclb_recent_end()
 * @hash:   of what it is made for
 *
 * Softirqs are off and a lock is held until svclb_recent_end().
 */
void svclb_recent_begin(struct svclb_recent *recent, u64 hash)
	__acquires(&recent->bucket->lock)
{
	struct svclb_bucket *bucket = &buckets[hash >> (64 - BUCKET_BITS)];
	u32 now, i;

	recent->hash = hash ?: 1;
	recent->bucket = bucket;
	recent->known = false;
	spin_lock_bh(&bucket->lock);
	/* Not before: what another CPU noted meanwhile would be of the future. */
	now = jiffies;
	for (i = 0; i < WAYS; i++) {
		const struct noted *noted = &bucket->choices[i];

		if (noted->hash != recent->hash || now - noted->when >= HZ)
			continue;
		recent->known = true;
		recent->value = noted->value;
		break;
	}
}

/**
 * svclb_recent_end() - note a choice, if it was not known
 * @recent: with the choice in @recent->value
 */
void svclb_recent_end(struct svclb_recent *recent)
	__releases(&recent->bucket->lock)
{
	struct svclb_bucket *bucket = recent->bucket;

	if (!recent->known)
		bucket->choices[bucket->next++ % WAYS] = (struct noted){
			.hash = recent->hash,
			.value = recent->value,
			.when = jiffies,
		};
	spin_unlock_bh(&bucket->lock);
}
