// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding and deleting the flows that a change leaves behind.
 *
 * TCP needs nothing: a connection whose backend was removed keeps it until one
 * side ends it. A UDP flow never ends as long as its client sends, so it would
 * go to a backend that is gone for ever. What is looked at is the state, not the
 * change: a UDP flow to a frontend is stale if it goes to something that is not
 * a backend of the service, whether it never was translated or its backend was
 * removed; or to one that does not serve. A flow to a frontend that was removed
 * is always stale. So nothing is deleted that a repeated or restarted
 * configuration still wants.
 *
 * The search walks the whole conntrack table. Changes that come together share
 * one walk: each only schedules it, and whoever wants to see its end waits with
 * svclb_conntrack_settle().
 */
#include "conntrack.h"

#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>
#include <net/netfilter/nf_conntrack_zones.h>

#include "flow.h"
#include "resolve.h"

/**
 * struct sweep - one walk through the conntrack table
 * @sn:      the namespace
 * @bits:    size of @buckets
 * @buckets: the departed frontends by key, singly linked through @departed_next
 * @nr:      how many departed frontends
 */
struct sweep {
	struct svclb_net *sn;
	unsigned int bits;
	unsigned int nr;
	struct svclb_frontend **buckets;
};

static struct svclb_frontend *departed(const struct sweep *sweep,
				       const struct svclb_key *key)
{
	struct svclb_frontend *frontend;

	if (!sweep->nr)
		return NULL;
	frontend = sweep->buckets[hash_32(svclb_key_hash(key), sweep->bits)];
	while (frontend && !svclb_key_equal(&frontend->key, key))
		frontend = frontend->departed_next;
	return frontend;
}

static bool went_to_departed(const struct sweep *sweep,
			     const struct svclb_flow *flow)
{
	struct svclb_key key = {
		.addr = flow->dst,
		.port = flow->dport,
		.proto = flow->proto,
		.family = flow->family,
	};

	if (departed(sweep, &key))
		return true;
	key.addr = (union nf_inet_addr){};
	return departed(sweep, &key);
}

static bool went_to_non_backend(const struct svclb_service *service,
				const union nf_inet_addr *addr, __be16 port)
{
	const struct svclb_backend_slot *slot;

	slot = svclb_backend_set_find(rcu_dereference(service->set), addr,
				      port);
	return !slot || slot->flags & SVCLB_BACKEND_NOT_SERVING;
}

/*
 * A flow to a departed node port may have had a destination that is not the
 * node's; it was not translated then and has nothing to do with us. @addr and
 * @port are where it went.
 */
static bool is_stale(const struct sweep *sweep, const struct svclb_flow *flow,
		     const union nf_inet_addr *addr, __be16 port,
		     bool translated)
{
	struct svclb_frontend *frontend;
	bool stale;

	if (svclb_resolve_frontend(sweep->sn, flow, &frontend) ==
	    SVCLB_MATCH_FRONTEND)
		stale = went_to_non_backend(frontend->service, addr, port);
	else
		stale = translated && went_to_departed(sweep, flow);
	if (stale)
		svclb_count(sweep->sn, SVCLB_STALE_FLOWS);
	return stale;
}

/* Called for each entry, under the lock of its bucket. Return: 1 deletes it. */
static int judge(struct nf_conn *ct, void *data)
{
	const struct nf_conntrack_tuple *original =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	struct svclb_flow flow = {
		.src = original->src.u3,
		.dst = original->dst.u3,
		.sport = original->src.u.all,
		.dport = original->dst.u.all,
		.proto = original->dst.protonum,
		.family = original->src.l3num,
	};
	bool stale;

	if (nf_ct_protonum(ct) != IPPROTO_UDP)
		return 0;
	rcu_read_lock();
	stale = is_stale(data, &flow, &reply->src.u3, reply->src.u.all,
			 ct->status & IPS_DST_NAT);
	rcu_read_unlock();
	return stale;
}

/* The same for the direct datapath. */
static bool judge_flow(struct svclb_conn *conn, void *data)
{
	const struct svclb_flow *reply = &conn->way[SVCLB_REPLY].tuple;

	return reply->proto == IPPROTO_UDP &&
	       is_stale(data, &conn->way[SVCLB_ORIGINAL].tuple, &reply->src,
			reply->sport, true);
}

static void take_departed(struct svclb_net *sn, struct list_head *list)
{
	spin_lock(&sn->departed_lock);
	list_splice_init(&sn->departed, list);
	spin_unlock(&sn->departed_lock);
}

static void free_departed(struct list_head *list)
{
	struct svclb_frontend *frontend, *next;

	list_for_each_entry_safe(frontend, next, list, list)
		svclb_frontend_free(frontend);
}

/* If there is no memory for many buckets, one is slower and does as well. */
static void index_departed(struct sweep *sweep, struct list_head *list,
			   struct svclb_frontend **fallback)
{
	struct svclb_frontend *frontend, **bucket;

	list_for_each_entry(frontend, list, list)
		sweep->nr++;
	sweep->bits = clamp_t(unsigned int, order_base_2(sweep->nr), 1, 20);
	sweep->buckets = kvcalloc(1UL << sweep->bits, sizeof(*sweep->buckets),
				  GFP_KERNEL | __GFP_NOWARN);
	if (!sweep->buckets) {
		sweep->buckets = fallback;
		sweep->bits = 1;
	}
	list_for_each_entry(frontend, list, list) {
		bucket = &sweep->buckets[hash_32(svclb_key_hash(&frontend->key),
						 sweep->bits)];
		frontend->departed_next = *bucket;
		*bucket = frontend;
	}
}

/*
 * A packet that was resolved before the change may not have entered its flow
 * into the conntrack table yet. It does so within the RCU section in which it
 * was resolved, so after a grace period the walk finds it. The same grace
 * period makes sure that no packet holds a departed frontend.
 */
static void sweep_stale(struct work_struct *work)
{
	struct svclb_net *sn = container_of(work, struct svclb_net, stale_work);
	struct svclb_frontend *fallback[2] = {};
	struct nf_ct_iter_data iter = { .net = sn->net };
	struct sweep sweep = { .sn = sn };
	LIST_HEAD(list);

	take_departed(sn, &list);
	synchronize_rcu();
	index_departed(&sweep, &list, fallback);
	iter.data = &sweep;
	nf_ct_iterate_cleanup_net(judge, &iter);
	svclb_flow_walk(svclb_net_flows(sn), judge_flow, &sweep);
	if (sweep.buckets != fallback)
		kvfree(sweep.buckets);
	free_departed(&list);
}

/**
 * svclb_conntrack_init() - begin with nothing to sweep
 * @sn: the namespace
 */
void svclb_conntrack_init(struct svclb_net *sn)
{
	INIT_LIST_HEAD(&sn->departed);
	spin_lock_init(&sn->departed_lock);
	INIT_WORK(&sn->stale_work, sweep_stale);
}

/**
 * svclb_conntrack_uninit() - stop sweeping, free what was still to be swept
 * @sn: the namespace; no packet is in it and nobody configures it any more
 *
 * May sleep.
 */
void svclb_conntrack_uninit(struct svclb_net *sn)
{
	LIST_HEAD(list);

	cancel_work_sync(&sn->stale_work);
	take_departed(sn, &list);
	free_departed(&list);
}

/**
 * svclb_conntrack_depart() - have the flows of a frontend deleted
 * @sn:       the namespace, its configuration lock held
 * @frontend: a removed frontend; freed after the sweep, which the caller asks
 *            for with svclb_conntrack_sweep()
 */
void svclb_conntrack_depart(struct svclb_net *sn,
			    struct svclb_frontend *frontend)
{
	spin_lock(&sn->departed_lock);
	list_add_tail(&frontend->list, &sn->departed);
	spin_unlock(&sn->departed_lock);
}

/**
 * svclb_conntrack_sweep() - have stale UDP flows deleted soon
 * @sn: the namespace; the change that made them stale was published
 */
void svclb_conntrack_sweep(struct svclb_net *sn)
{
	queue_work(system_unbound_wq, &sn->stale_work);
}

/**
 * svclb_conntrack_settle() - wait until the sweeps asked for are done
 * @sn: the namespace, its configuration lock not held
 *
 * May sleep for a grace period and a walk through the conntrack table.
 */
void svclb_conntrack_settle(struct svclb_net *sn)
{
	flush_work(&sn->stale_work);
}

/**
 * svclb_conntrack_has() - whether connection tracking knows a connection
 * @net:   the namespace
 * @tuple: what one of its two sides sends
 *
 * Return: whether it does.
 */
bool svclb_conntrack_has(struct net *net, const struct svclb_flow *tuple)
{
	struct nf_conntrack_tuple wanted = {
		.src = {
			.u3 = tuple->src,
			.u.all = tuple->sport,
			.l3num = tuple->family,
		},
		.dst = {
			.u3 = tuple->dst,
			.u.all = tuple->dport,
			.protonum = tuple->proto,
		},
	};
	struct nf_conntrack_tuple_hash *found;

	found = nf_conntrack_find_get(net, &nf_ct_zone_dflt, &wanted);
	if (found)
		nf_ct_put(nf_ct_tuplehash_to_ctrack(found));
	return found;
}
