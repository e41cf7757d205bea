// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first packet of a connection in the direct datapath.
 *
 * Two first packets may come at once, on two CPUs. What is decided about them is
 * the same, and only one of them enters the connection: the other uses what it
 * finds.
 */
#include "conntrack.h"
#include "direct.h"
#include "reject.h"
#include "resolve.h"
#include "track.h"

static bool has_room(struct svclb_net *sn, const struct svclb_packet *packet)
{
	const struct svclb_settings *settings = rcu_dereference(sn->settings);

	if (likely(percpu_counter_read_positive(&sn->flows->nr) <
		   settings->flow_max))
		return true;
	if (settings->flow_full != SVCLB_FLOW_FULL_EVICT ||
	    !svclb_flow_make_room(sn->flows, packet->hash))
		return false;
	svclb_count(sn, SVCLB_FLOWS_EVICTED);
	return true;
}

static struct svclb_conn *make(struct svclb_net *sn, struct sk_buff *skb,
			       const struct svclb_packet *packet,
			       const struct svclb_resolution *resolution)
{
	struct svclb_conn *conn;

	if (!has_room(sn, packet))
		return NULL;
	conn = svclb_conn_alloc(&packet->tuple);
	if (!conn)
		return NULL;
	conn->way[SVCLB_ORIGINAL].hash = packet->hash;
	conn->failover = resolution->set->terms.syn_failover &&
			 packet->tuple.proto == IPPROTO_TCP;
	svclb_track_begin(conn, skb, packet);
	return conn;
}

/* Return: as svclb_flow_insert(); *@cause is set with an error. */
static struct svclb_conn *insert(struct svclb_net *sn, struct sk_buff *skb,
				 struct svclb_conn *conn,
				 const struct svclb_resolution *resolution,
				 enum svclb_cause *cause)
{
	const struct svclb_backend *backend = resolution->backend;
	const struct svclb_flow *flow = &conn->way[SVCLB_ORIGINAL].tuple;
	struct svclb_flow reply = {
		.src = backend->addr,
		.dst = flow->src,
		.sport = backend->port,
		.dport = flow->sport,
		.proto = flow->proto,
		.family = flow->family,
	};
	struct svclb_conn *other;

	if (svclb_resolve_masquerade(sn, flow, resolution->policy,
				     &backend->addr) !=
	    SVCLB_MASQUERADE_REASON_NONE)
		return svclb_direct_masquerade(sn, skb, conn, &reply, cause);
	svclb_conn_aim(conn, &reply);
	other = svclb_flow_insert(sn->flows, conn);
	if (likely(other != ERR_PTR(-EADDRINUSE)))
		return other;
	/* It has the same port at the same backend by way of another frontend. */
	*cause = SVCLB_DROPPED_NO_PORT;
	return svclb_direct_other_port(sn, conn, &reply);
}

static unsigned int drop(struct svclb_net *sn, enum svclb_cause cause)
{
	svclb_count(sn, cause);
	return NF_DROP;
}

static unsigned int translate(struct svclb_net *sn, struct sk_buff *skb,
			      const struct svclb_packet *packet,
			      const struct nf_hook_state *state,
			      const struct svclb_resolution *resolution)
{
	struct svclb_conn *conn = make(sn, skb, packet, resolution), *other;
	enum svclb_cause cause = SVCLB_DROPPED_FLOWS_FULL;

	if (unlikely(!conn))
		return drop(sn, cause);
	other = insert(sn, skb, conn, resolution, &cause);
	if (unlikely(other)) {
		svclb_conn_free(conn);
		if (IS_ERR(other))
			return drop(sn, cause);
		conn = other;
	} else {
		svclb_count(sn, SVCLB_CONNECTIONS);
		svclb_counter_inc(&resolution->frontend->connections);
		svclb_counter_inc(&resolution->backend->connections);
	}
	return svclb_direct_send(&conn->way[SVCLB_ORIGINAL], skb, packet,
				 state);
}

/* In the midst of a connection that nobody knows: its client is told so. */
static unsigned int refuse_midst(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	svclb_count(sn, SVCLB_REJECTED_NO_FLOW);
	svclb_reject(skb, state);
	return NF_DROP;
}

/**
 * svclb_direct_open() - decide about a packet that belongs to no known connection
 * @sn:     the namespace
 * @skb:    the packet
 * @packet: the same
 * @state:  where it is
 *
 * Softirqs are off.
 *
 * Return: what becomes of it.
 */
unsigned int svclb_direct_open(struct svclb_net *sn, struct sk_buff *skb,
			       struct svclb_packet *packet,
			       const struct nf_hook_state *state)
{
	struct svclb_flow *flow = &packet->tuple;
	struct svclb_resolution resolution;
	u8 verdict;

	if (unlikely(rcu_dereference(sn->settings)->datapath !=
		     SVCLB_DATAPATH_DIRECT))
		return NF_ACCEPT;
	flow->iif = state->hook == NF_INET_PRE_ROUTING ? state->in->ifindex : 0;
	verdict = svclb_resolve_admit(sn, flow, &resolution);
	if (likely(verdict == SVCLB_VERDICT_PASS) ||
	    (unlikely(READ_ONCE(sn->mixed)) &&
	     svclb_conntrack_has(sn->net, flow)))
		return NF_ACCEPT;
	if (unlikely(verdict == SVCLB_VERDICT_ECHO))
		return svclb_direct_echo(sn, skb, packet, state);
	if (verdict != SVCLB_VERDICT_TRANSLATE)
		return svclb_reject_verdict(sn, skb, state, verdict,
					    resolution.frontend);
	if (unlikely(!svclb_track_begins(skb, packet)))
		return refuse_midst(sn, skb, state);
	svclb_resolve_choose(sn, flow, &resolution);
	return translate(sn, skb, packet, state, &resolution);
}

/**
 * svclb_direct_move() - whether a connection moves to another backend
 * @sn:     the namespace
 * @way:    the way of the packet; its service may have SYN fail-over
 * @skb:    the packet
 * @packet: the same
 *
 * The client has sent its first packet again, so the backend was silent.
 *
 * Return: whether it moves.
 */
bool svclb_direct_move(struct svclb_net *sn, struct svclb_way *way,
		       struct sk_buff *skb, const struct svclb_packet *packet)
{
	const struct svclb_conn *conn = svclb_conn_of(way);
	const struct svclb_flow *reply = &conn->way[SVCLB_REPLY].tuple;

	if (way->direction != SVCLB_ORIGINAL || READ_ONCE(conn->answered) ||
	    READ_ONCE(conn->state) != SVCLB_FLOW_STATE_TCP_SYN ||
	    !svclb_track_begins(skb, packet) ||
	    !svclb_resolve_may_move(sn, &way->tuple, &reply->src,
				    reply->sport))
		return false;
	svclb_count(sn, SVCLB_SYN_FAILOVERS);
	return true;
}
