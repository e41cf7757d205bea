// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counting the connections of each backend.
 *
 * Nothing tells this module when a connection ends: it is conntrack's. So they
 * are counted as they stand, by a walk through the conntrack table, which finds
 * each one's service by its destination and its backend by where it answers from.
 * A walk is made when somebody asks for the numbers, and about every second as
 * long as a service has a scheduler that uses them or a backend that is draining.
 * On a table so large that it takes long, the walks are as far apart as ten of
 * them last.
 *
 * A TCP connection is active from its first packet until one side closes it,
 * then inactive until conntrack forgets it. Any other flow is active as long as
 * conntrack knows it.
 */
#include "census.h"

#include <linux/mm.h>
#include <net/netfilter/nf_conntrack.h>

#include "flow.h"
#include "resolve.h"

/* Two walks are as far apart at least, also for those who ask. */
#define INTERVAL HZ

static svclb_drained_fn *tell_drained __read_mostly;

static struct svclb_backend *backend_of(struct svclb_net *sn,
					const struct svclb_flow *flow,
					const union nf_inet_addr *addr,
					__be16 port)
{
	struct svclb_backend_slot *slot;
	struct svclb_frontend *frontend;

	if (svclb_resolve_frontend(sn, flow, &frontend) !=
	    SVCLB_MATCH_FRONTEND)
		return NULL;
	slot = svclb_backend_set_find(rcu_dereference(frontend->service->set),
				      addr, port);
	return slot ? slot->backend : NULL;
}

static bool is_closing(const struct nf_conn *ct)
{
	if (nf_ct_protonum(ct) != IPPROTO_TCP)
		return false;
	switch (READ_ONCE(ct->proto.tcp.state)) {
	case TCP_CONNTRACK_NONE:
	case TCP_CONNTRACK_SYN_SENT:
	case TCP_CONNTRACK_SYN_RECV:
	case TCP_CONNTRACK_ESTABLISHED:
	case TCP_CONNTRACK_SYN_SENT2:
		return false;
	default:
		return true;
	}
}

/* @addr and @port are where the connection went. */
static void count(struct svclb_net *sn, const struct svclb_flow *flow,
		  const union nf_inet_addr *addr, __be16 port, bool closing)
{
	struct svclb_backend *backend;

	rcu_read_lock();
	backend = backend_of(sn, flow, addr, port);
	if (backend) {
		if (backend->census != sn->census) {
			backend->census = sn->census;
			memset(backend->counting, 0, sizeof(backend->counting));
		}
		backend->counting[closing]++;
	}
	rcu_read_unlock();
}

/* Called for each entry, under the lock of its bucket. Return: 0 keeps it. */
static int count_tracked(struct nf_conn *ct, void *data)
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

	/* One whose time is over may stay in the table for a minute. */
	if (ct->status & IPS_DST_NAT && !nf_ct_is_expired(ct))
		count(data, &flow, &reply->src.u3, reply->src.u.all,
		      is_closing(ct));
	return 0;
}

/* The same for the direct datapath. Return: false keeps it. */
static bool count_flow(struct svclb_conn *conn, void *data)
{
	const struct svclb_flow *reply = &conn->way[SVCLB_REPLY].tuple;
	struct svclb_net *sn = data;
	u8 state = READ_ONCE(conn->state);

	if (!svclb_conn_is_over(conn, rcu_dereference(sn->settings)))
		count(sn, &conn->way[SVCLB_ORIGINAL].tuple, &reply->src,
		      reply->sport,
		      state == SVCLB_FLOW_STATE_TCP_HALF_CLOSED ||
		      state == SVCLB_FLOW_STATE_TCP_CLOSED ||
		      state == SVCLB_FLOW_STATE_SCTP_CLOSED);
	return false;
}

static void publish_backend(struct svclb_net *sn,
			    const struct svclb_service *service,
			    const struct svclb_backend_slot *slot)
{
	struct svclb_backend *backend = slot->backend;
	bool counted = backend->census == sn->census, drained;

	WRITE_ONCE(backend->active, counted ? backend->counting[0] : 0);
	WRITE_ONCE(backend->inactive, counted ? backend->counting[1] : 0);
	atomic_set(&backend->since, 0);
	drained = slot->flags & SVCLB_BACKEND_DRAINING &&
		  !backend->active && !backend->inactive;
	if (drained && !backend->drained && tell_drained)
		tell_drained(sn, service, slot);
	backend->drained = drained;
}

/* Return: whether a service wants the next census too. */
static bool publish_service(struct svclb_net *sn,
			    const struct svclb_service *service)
{
	const struct svclb_backend_set *set =
		svclb_service_set(&sn->tables, service);
	bool wanted = svclb_sched_of(set)->counts;
	u32 i;

	for (i = 0; i < set->nr; i++) {
		publish_backend(sn, service, &set->slots[i]);
		wanted |= set->slots[i].flags & SVCLB_BACKEND_DRAINING &&
			  !set->slots[i].backend->drained;
	}
	svclb_sched_recount(set);
	return wanted;
}

static bool publish(struct svclb_net *sn)
{
	struct svclb_service *service;
	bool wanted = false;
	unsigned long id;

	mutex_lock(&sn->tables.lock);
	xa_for_each(&sn->tables.ids, id, service)
		wanted |= publish_service(sn, service);
	mutex_unlock(&sn->tables.lock);
	return wanted;
}

static bool take(struct svclb_net *sn)
{
	struct nf_ct_iter_data iter = { .net = sn->net, .data = sn };

	lockdep_assert_held(&sn->census_lock);

	/* Backends begin with the number 0. */
	if (!++sn->census)
		sn->census = 1;
	nf_ct_iterate_cleanup_net(count_tracked, &iter);
	svclb_flow_walk(svclb_net_flows(sn), count_flow, sn);
	return publish(sn);
}

static void take_regularly(struct work_struct *work)
{
	struct svclb_net *sn = container_of(to_delayed_work(work),
					    struct svclb_net, census_work);
	unsigned long began = jiffies, lasted;
	bool wanted;

	mutex_lock(&sn->census_lock);
	wanted = take(sn);
	sn->counted_at = jiffies;
	lasted = sn->counted_at - began;
	mutex_unlock(&sn->census_lock);
	if (wanted)
		queue_delayed_work(system_unbound_wq, &sn->census_work,
				   max_t(unsigned long, INTERVAL, 10 * lasted));
}

/**
 * svclb_census_init() - begin without numbers
 * @sn: the namespace
 */
void svclb_census_init(struct svclb_net *sn)
{
	mutex_init(&sn->census_lock);
	INIT_DELAYED_WORK(&sn->census_work, take_regularly);
	sn->counted_at = jiffies - INTERVAL;
}

/**
 * svclb_census_uninit() - stop counting
 * @sn: the namespace; nobody configures it any more
 *
 * May sleep.
 */
void svclb_census_uninit(struct svclb_net *sn)
{
	cancel_delayed_work_sync(&sn->census_work);
	mutex_destroy(&sn->census_lock);
}

/**
 * svclb_census_want() - count as long as a service needs it
 * @sn: the namespace; the change that made it necessary was published
 */
void svclb_census_want(struct svclb_net *sn)
{
	queue_delayed_work(system_unbound_wq, &sn->census_work, INTERVAL);
}

/**
 * svclb_census_take() - see to it that the numbers are no older than a second
 * @sn: the namespace, its configuration lock not held
 *
 * May sleep for a walk through the conntrack table.
 */
void svclb_census_take(struct svclb_net *sn)
{
	mutex_lock(&sn->census_lock);
	if (time_after_eq(jiffies, sn->counted_at + INTERVAL)) {
		take(sn);
		sn->counted_at = jiffies;
	}
	mutex_unlock(&sn->census_lock);
}

/**
 * svclb_census_tell_drained() - whom to tell of drained backends
 * @fn: called under the configuration lock; set once, before any namespace is
 *      there
 */
void svclb_census_tell_drained(svclb_drained_fn *fn)
{
	tell_drained = fn;
}
