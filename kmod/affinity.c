// SPDX-License-Identifier: GPL-2.0-only
/*
 * Client affinity: a client of a service keeps its backend for a time after its
 * last new connection.
 *
 * Memory is bounded. Entries stand in a queue; when there are as many as may be,
 * a new one looks at the first few, and the one that was not used for longest
 * makes room while the others go to the end. So a flood of new clients evicts
 * those that do not come back before those that do, and a new entry costs the
 * same however many there are. An entry outlives its service until somebody
 * looks at it. The queue and its lock are for new entries alone:
 * a client that has one is found and noted without.
 */
#include "affinity.h"

#include <linux/jiffies.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "key.h"

/* How many entries a new one looks at to make room. */
#define PROBES 8
/* How often those whose time is over are looked for. */
#define EXPIRE_INTERVAL (10 * HZ)
/* How many of them are looked at with the lock held. */
#define BATCH 256

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	return hsiphash(data, sizeof(struct svclb_affinity_key),
			&svclb_hash_keys.table);
}

static const struct rhashtable_params entry_params = {
	.head_offset = offsetof(struct svclb_affinity_entry, node),
	.key_offset = offsetof(struct svclb_affinity_entry, key),
	.key_len = sizeof(struct svclb_affinity_key),
	.hashfn = hash_key,
	.automatic_shrinking = true,
};

/**
 * svclb_affinity_is_over() - whether the time of an entry is over
 * @entry: the entry
 *
 * Return: whether it is.
 */
bool svclb_affinity_is_over(const struct svclb_affinity_entry *entry)
{
	return time_after(jiffies, READ_ONCE(entry->used) +
				   READ_ONCE(entry->timeout));
}

/* Without its service or its time, it is in the way of others only. */
static bool is_of_no_use(const struct svclb_affinity *affinity,
			 const struct svclb_affinity_entry *entry)
{
	return svclb_affinity_is_over(entry) ||
	       !xa_load(affinity->services, entry->key.service);
}

static void remove(struct svclb_affinity *affinity,
		   struct svclb_affinity_entry *entry)
{
	lockdep_assert_held(&affinity->lock);

	list_del(&entry->list);
	WRITE_ONCE(affinity->nr, affinity->nr - 1);
	rhashtable_remove_fast(&affinity->entries, &entry->node, entry_params);
	kfree_rcu(entry, rcu);
}

static void evict(struct svclb_affinity *affinity)
{
	struct svclb_affinity_entry *entry, *oldest;
	int i;

	oldest = list_first_entry(&affinity->queue,
				  struct svclb_affinity_entry, list);
	for (i = 0; i < PROBES; i++) {
		entry = list_first_entry(&affinity->queue,
					 struct svclb_affinity_entry, list);
		if (is_of_no_use(affinity, entry)) {
			remove(affinity, entry);
			return;
		}
		list_move_tail(&entry->list, &affinity->queue);
		if (time_before(READ_ONCE(entry->used),
				READ_ONCE(oldest->used)))
			oldest = entry;
	}
	svclb_counter_inc(affinity->evicted);
	remove(affinity, oldest);
}

static bool expire_batch(struct svclb_affinity *affinity, u32 *left)
{
	struct svclb_affinity_entry *entry;
	int i;

	for (i = 0; i < BATCH && *left; i++, --*left) {
		entry = list_first_entry_or_null(&affinity->queue,
						 struct svclb_affinity_entry,
						 list);
		if (!entry)
			return false;
		if (is_of_no_use(affinity, entry))
			remove(affinity, entry);
		else
			list_move_tail(&entry->list, &affinity->queue);
	}
	return *left;
}

/* Each time the queue is turned once. */
static void expire(struct work_struct *work)
{
	struct svclb_affinity *affinity =
		container_of(to_delayed_work(work), struct svclb_affinity,
			     expire);
	u32 left = READ_ONCE(affinity->nr);
	bool more;

	do {
		spin_lock_bh(&affinity->lock);
		more = expire_batch(affinity, &left);
		spin_unlock_bh(&affinity->lock);
		cond_resched();
	} while (more);
	if (READ_ONCE(affinity->nr))
		schedule_delayed_work(&affinity->expire, EXPIRE_INTERVAL);
}

/**
 * svclb_affinity_init() - begin without entries
 * @affinity: to be filled in
 * @services: the services that there are, by id; outlives it
 * @max:      how many entries there may be
 * @evicted:  counts those that had to go before their time
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_affinity_init(struct svclb_affinity *affinity,
			struct xarray *services, u32 max,
			const struct svclb_counter *evicted)
{
	BUILD_BUG_ON(sizeof(struct svclb_affinity_key) != 20);

	spin_lock_init(&affinity->lock);
	INIT_LIST_HEAD(&affinity->queue);
	INIT_DELAYED_WORK(&affinity->expire, expire);
	affinity->services = services;
	affinity->max = max;
	affinity->evicted = evicted;
	return rhashtable_init(&affinity->entries, &entry_params);
}

static void free_entry(void *ptr, void *arg)
{
	kfree(ptr);
}

/**
 * svclb_affinity_uninit() - free all entries
 * @affinity: no packet uses it any more
 *
 * May sleep.
 */
void svclb_affinity_uninit(struct svclb_affinity *affinity)
{
	cancel_delayed_work_sync(&affinity->expire);
	rhashtable_free_and_destroy(&affinity->entries, free_entry, NULL);
}

/**
 * svclb_affinity_set_max() - change how many entries there may be
 * @affinity: the affinity
 * @max:      how many, at least 1
 *
 * Those that are too many go at once. May sleep.
 */
void svclb_affinity_set_max(struct svclb_affinity *affinity, u32 max)
{
	bool more;

	do {
		int i;

		spin_lock_bh(&affinity->lock);
		WRITE_ONCE(affinity->max, max);
		for (i = 0; i < BATCH && affinity->nr > max; i++)
			evict(affinity);
		more = affinity->nr > max;
		spin_unlock_bh(&affinity->lock);
		cond_resched();
	} while (more);
}

/**
 * svclb_affinity_find() - find the entry of a client
 * @affinity: the affinity
 * @key:      the client
 *
 * The caller is in an RCU section, which keeps the entry.
 *
 * Return: the entry, or NULL; its time may be over.
 */
struct svclb_affinity_entry *
svclb_affinity_find(struct svclb_affinity *affinity,
		    const struct svclb_affinity_key *key)
{
	return rhashtable_lookup(&affinity->entries, key, entry_params);
}

/**
 * svclb_affinity_read() - read the backend of an entry
 * @entry:  the entry
 * @target: for the backend
 */
void svclb_affinity_read(struct svclb_affinity_entry *entry,
			 struct svclb_affinity_target *target)
{
	spin_lock_bh(&entry->lock);
	*target = entry->target;
	spin_unlock_bh(&entry->lock);
}

/**
 * svclb_affinity_use() - note that a client made a new connection
 * @entry:   its entry
 * @timeout: how long it lasts from now on, in jiffies
 *
 * Writes only what changes, so that a busy client's CPUs do not pass the cache
 * line to and fro for each connection.
 */
void svclb_affinity_use(struct svclb_affinity_entry *entry,
			unsigned long timeout)
{
	unsigned long now = jiffies;

	if (READ_ONCE(entry->used) != now)
		WRITE_ONCE(entry->used, now);
	if (READ_ONCE(entry->timeout) != timeout)
		WRITE_ONCE(entry->timeout, timeout);
}

/**
 * svclb_affinity_replace() - give a client another backend
 * @entry:   its entry, whose backend is of no use or whose time is over
 * @target:  the backend
 * @timeout: how long it lasts, in jiffies
 */
void svclb_affinity_replace(struct svclb_affinity_entry *entry,
			    const struct svclb_affinity_target *target,
			    unsigned long timeout)
{
	spin_lock_bh(&entry->lock);
	entry->target = *target;
	spin_unlock_bh(&entry->lock);
	svclb_affinity_use(entry, timeout);
}

static struct svclb_affinity_entry *
create_entry(const struct svclb_affinity_key *key,
	     const struct svclb_affinity_target *target, unsigned long timeout)
{
	struct svclb_affinity_entry *entry;

	entry = kzalloc(sizeof(*entry), GFP_ATOMIC | __GFP_NOWARN);
	if (!entry)
		return NULL;
	spin_lock_init(&entry->lock);
	entry->key = *key;
	entry->target = *target;
	entry->used = jiffies;
	entry->timeout = timeout;
	return entry;
}

/* An entry comes into the queue last, so nobody removes it before. */
static void enqueue(struct svclb_affinity *affinity,
		    struct svclb_affinity_entry *entry)
{
	spin_lock_bh(&affinity->lock);
	if (affinity->nr >= affinity->max)
		evict(affinity);
	list_add_tail(&entry->list, &affinity->queue);
	WRITE_ONCE(affinity->nr, affinity->nr + 1);
	spin_unlock_bh(&affinity->lock);
	if (!delayed_work_pending(&affinity->expire))
		schedule_delayed_work(&affinity->expire, EXPIRE_INTERVAL);
}

/**
 * svclb_affinity_store() - note the backend of a client that has no entry
 * @affinity: the affinity
 * @key:      the client
 * @target:   the backend
 * @timeout:  how long it lasts, in jiffies
 *
 * Without memory the client has no affinity for once. The caller is in an RCU
 * section.
 *
 * Return: the backend that the client has from now on; another one than @target
 * if another connection of the client was quicker.
 */
struct svclb_affinity_target
svclb_affinity_store(struct svclb_affinity *affinity,
		     const struct svclb_affinity_key *key,
		     const struct svclb_affinity_target *target,
		     unsigned long timeout)
{
	struct svclb_affinity_entry *entry, *other;
	struct svclb_affinity_target first;

	entry = create_entry(key, target, timeout);
	if (!entry)
		return *target;
	other = rhashtable_lookup_get_insert_fast(&affinity->entries,
						  &entry->node, entry_params);
	if (!other) {
		enqueue(affinity, entry);
		return *target;
	}
	kfree(entry);
	if (IS_ERR(other))
		return *target;
	svclb_affinity_read(other, &first);
	return first;
}
