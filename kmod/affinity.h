/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_AFFINITY_H
#define _SVCLB_AFFINITY_H

#include <linux/netfilter.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "stats.h"

/**
 * struct svclb_affinity_key - a client of a service
 * @addr:    address of the client; IPv4 in @addr.ip with the rest zero
 * @service: id of the service
 *
 * Hashed and compared as bytes, so it has no padding.
 */
struct svclb_affinity_key {
	union nf_inet_addr addr;
	u32 service;
};

/**
 * struct svclb_affinity_target - the backend that a client keeps
 * @addr: its address
 * @port: its port
 * @id:   its number within the service: a backend that left and came again is
 *        another one
 */
struct svclb_affinity_target {
	union nf_inet_addr addr;
	__be16 port;
	u32 id;
};

/**
 * struct svclb_affinity_entry - which backend a client keeps
 * @node:    in svclb_affinity.entries
 * @list:    in svclb_affinity.queue; guarded by its lock
 * @key:     the client
 * @lock:    guards @target, which a packet replaces when it is of no use
 * @target:  the backend
 * @used:    jiffies of the last new connection
 * @timeout: how long it lasts after that, in jiffies
 * @rcu:     frees it
 */
struct svclb_affinity_entry {
	struct rhash_head node;
	struct list_head list;
	struct svclb_affinity_key key;
	spinlock_t lock; /* guards the target */
	struct svclb_affinity_target target;
	unsigned long used;
	unsigned long timeout;
	struct rcu_head rcu;
};

/**
 * struct svclb_affinity - the client affinity of a namespace
 * @entries: struct svclb_affinity_entry by key; read under RCU
 * @lock:    guards @queue and all below; taken in softirq and process context
 * @queue:   the entries, about in the order in which they were made or last
 *           spared
 * @nr:      how many
 * @max:     how many there may be
 * @expire:  frees the entries whose time is over or whose service is gone
 * @services: the services that there are, by id
 * @evicted: entries that had to go before their time
 */
struct svclb_affinity {
	struct rhashtable entries;
	spinlock_t lock; /* guards the queue */
	struct list_head queue;
	u32 nr;
	u32 max;
	struct delayed_work expire;
	struct xarray *services;
	const struct svclb_counter *evicted;
};

int svclb_affinity_init(struct svclb_affinity *affinity,
			struct xarray *services, u32 max,
			const struct svclb_counter *evicted);
void svclb_affinity_uninit(struct svclb_affinity *affinity);
void svclb_affinity_set_max(struct svclb_affinity *affinity, u32 max);
struct svclb_affinity_entry *
svclb_affinity_find(struct svclb_affinity *affinity,
		    const struct svclb_affinity_key *key);
bool svclb_affinity_is_over(const struct svclb_affinity_entry *entry);
void svclb_affinity_read(struct svclb_affinity_entry *entry,
			 struct svclb_affinity_target *target);
void svclb_affinity_use(struct svclb_affinity_entry *entry,
			unsigned long timeout);
struct svclb_affinity_target
svclb_affinity_store(struct svclb_affinity *affinity,
		     const struct svclb_affinity_key *key,
		     const struct svclb_affinity_target *target,
		     unsigned long timeout);
void svclb_affinity_replace(struct svclb_affinity_entry *entry,
			    const struct svclb_affinity_target *target,
			    unsigned long timeout);

#endif /* _SVCLB_AFFINITY_H */
