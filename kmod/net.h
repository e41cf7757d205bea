/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NET_H
#define _SVCLB_NET_H

#include <linux/netfilter.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "affinity.h"
#include "service.h"
#include "settings.h"
#include "stats.h"

/* How many hooks the conntrack datapath has in each family. */
#define SVCLB_NAT_HOOKS 3
/* How many SYN fail-over has. */
#define SVCLB_FAILOVER_HOOKS 2
/* How many the direct datapath has. */
#define SVCLB_DIRECT_HOOKS 2

struct svclb_flow_table;

/**
 * struct svclb_net - all that a network namespace has
 * @net:        the namespace; it outlives this
 * @tables:     the services, and the configuration lock
 * @settings:   the settings, never NULL; replaced under the configuration lock
 * @sequence:   moved on with each change, so that dumps notice; guarded by the
 *              configuration lock
 * @hooked:     which families have their NAT hooks, by svclb_family_index();
 *              guarded by the configuration lock
 * @nat_ops:    those hooks
 * @failover_hooked: as @hooked, for SYN fail-over
 * @failover_ops: its hooks
 * @wanted:     of which families packets are to be seen, by whichever datapath;
 *              guarded as @hooked
 * @failover_wanted: likewise for SYN fail-over
 * @direct_hooked: as @hooked, for the direct datapath
 * @direct_ops: its hooks
 * @flows:      the flows of the direct datapath; NULL until that was chosen, then
 *              kept
 * @translated: the conntrack datapath has translated connections
 * @mixed:      of new packets to a service, some may belong to such a connection
 * @counters:   by enum svclb_cause
 * @departed:   UDP frontends that were removed and whose flows are still to be
 *              deleted, struct svclb_frontend by @list; guarded by
 *              @departed_lock
 * @departed_lock: guards @departed; taken in process context only
 * @stale_work: deletes stale UDP flows, see conntrack.c
 * @affinity:   which clients keep their backends
 * @census_lock: held by the census and whoever waits for its numbers
 * @census:     number of the last census; guarded by @census_lock
 * @counted_at: jiffies when that ended; likewise
 * @census_work: the next census, while any service wants it
 */
struct svclb_net {
	struct net *net;
	struct svclb_tables tables;
	struct svclb_settings __rcu *settings;
	u32 sequence;
	bool hooked[2];
	struct nf_hook_ops nat_ops[2][SVCLB_NAT_HOOKS];
	bool failover_hooked[2];
	struct nf_hook_ops failover_ops[2][SVCLB_FAILOVER_HOOKS];
	bool wanted[2];
	bool failover_wanted[2];
	bool direct_hooked[2];
	struct nf_hook_ops direct_ops[2][SVCLB_DIRECT_HOOKS];
	struct svclb_flow_table *flows;
	bool translated;
	bool mixed;
	struct svclb_counter counters[SVCLB_CAUSES];
	struct list_head departed;
	spinlock_t departed_lock; /* guards departed */
	struct work_struct stale_work;
	struct svclb_affinity affinity;
	struct mutex census_lock; /* one census at a time */
	u32 census;
	unsigned long counted_at;
	struct delayed_work census_work;
};

extern unsigned int svclb_net_id;

/**
 * svclb_net() - what svclb has in a network namespace
 * @net: the namespace
 *
 * Return: it, as long as the namespace and the module live.
 */
static inline struct svclb_net *svclb_net(const struct net *net)
{
	return net_generic(net, svclb_net_id);
}

/**
 * svclb_net_settings() - the settings of a namespace, for a writer
 * @sn: the namespace, its configuration lock held
 *
 * Return: the settings, as long as the lock is held and none are published.
 */
static inline const struct svclb_settings *
svclb_net_settings(const struct svclb_net *sn)
{
	return rcu_dereference_protected(sn->settings,
					 lockdep_is_held(&sn->tables.lock));
}

/**
 * svclb_net_flows() - the flow table of a namespace, for those without its lock
 * @sn: the namespace
 *
 * Return: the table, as long as the namespace lives, or NULL.
 */
static inline struct svclb_flow_table *
svclb_net_flows(const struct svclb_net *sn)
{
	/* Pairs with svclb_direct_hook(): it is whole. */
	return smp_load_acquire(&sn->flows);
}

/**
 * svclb_count() - count an event of a namespace
 * @sn:    the namespace
 * @cause: the event
 */
static inline void svclb_count(const struct svclb_net *sn,
			       enum svclb_cause cause)
{
	svclb_counter_inc(&sn->counters[cause]);
}

#endif /* _SVCLB_NET_H */
