// SPDX-License-Identifier: GPL-2.0-only
/*
 * The direct datapath: packets of connections to services are translated here,
 * in both directions, and are kept out of connection tracking. The first packet
 * of a connection is decided about and enters it into the flow table; all others
 * are found there. Packets are whole here: the kernel's defragmentation comes
 * first.
 *
 * The destination is translated before the packet is routed, the source after
 * that, so that what looks at the way that a packet came (the reverse-path filter,
 * rules of routing) sees where it came from. Both happen in one hook: where the
 * source changes, the hook has the packet routed in between.
 */
#include "direct.h"

#include <linux/netfilter_bridge.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <net/dst_metadata.h>
#include <net/netfilter/ipv4/nf_defrag_ipv4.h>
#include <net/netfilter/ipv6/nf_defrag_ipv6.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "track.h"
#include "translate.h"

/*
 * A packet that this node sends to itself was here already when it left. What
 * others have marked so is still to be translated.
 */
static __always_inline bool was_here(const struct sk_buff *skb,
				     const struct nf_hook_state *state)
{
	enum ip_conntrack_info info;

	if (likely(!skb->_nfct))
		return false;
	nf_ct_get(skb, &info);
	return info == IP_CT_UNTRACKED && state->in &&
	       state->in->flags & IFF_LOOPBACK;
}

/**
 * svclb_direct_reroute() - route a packet whose destination was translated
 * @skb:   the packet, its source not translated yet
 * @state: where it is
 * @err:   for the error that the packet is dropped with
 *
 * Behind PRE_ROUTING the kernel routes what has no route yet: only what gets
 * another source has to have one before. If there is none, the kernel finds
 * the same, and says so.
 *
 * Return: whether the packet may go on.
 */
bool svclb_direct_reroute(struct sk_buff *skb,
			  const struct nf_hook_state *state, int *err)
{
	const struct iphdr *iph = ip_hdr(skb);

	if (state->hook == NF_INET_LOCAL_OUT) {
		*err = state->pf == NFPROTO_IPV4 ?
		       ip_route_me_harder(state->net, state->sk, skb,
					  RTN_UNSPEC) :
		       nf_ip6_route_me_harder(state->net, state->sk, skb);
		return !*err;
	}
	/* IPv6 has no filter that would mind, and a bridge routes by itself. */
	*err = 0;
	if (state->pf == NFPROTO_IPV4 && !skb_valid_dst(skb) &&
	    !nf_bridge_info_get(skb))
		*err = ip_route_input_noref(skb, iph->daddr, iph->saddr,
					    iph->tos, skb->dev);
	return !*err;
}

static bool destination_moves(const struct svclb_way *way)
{
	return !nf_inet_addr_cmp(&way->tuple.dst,
				 &svclb_way_other(way)->tuple.src);
}

static __always_inline bool needs_route(const struct svclb_way *way,
					const struct nf_hook_state *state)
{
	return state->hook == NF_INET_LOCAL_OUT ? destination_moves(way) :
						  way->moves & SVCLB_MOVES_SRC;
}

static __always_inline unsigned int
translate4(struct svclb_way *way, struct sk_buff *skb,
	   const struct svclb_packet *packet, const struct nf_hook_state *state)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	struct iphdr *iph;
	int err;

	if (unlikely(!svclb_packet_writable(skb, packet->transport +
					    packet->header)))
		return NF_DROP;
	svclb_translate_transport(skb, packet, way);
	svclb_direct_leave_untracked(skb);
	iph = ip_hdr(skb);
	csum_replace_by_diff(&iph->check, way->addr_delta);
	iph->daddr = to->src.ip;
	if (needs_route(way, state)) {
		if (unlikely(!svclb_direct_reroute(skb, state, &err)))
			return state->hook == NF_INET_LOCAL_OUT ?
			       NF_DROP_ERR(err) : NF_DROP;
		iph = ip_hdr(skb);
	}
	iph->saddr = to->dst.ip;
	return NF_ACCEPT;
}

static __always_inline unsigned int
translate6(struct svclb_way *way, struct sk_buff *skb,
	   const struct svclb_packet *packet, const struct nf_hook_state *state)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	int err;

	if (unlikely(!svclb_packet_writable(skb, packet->transport +
					    packet->header)))
		return NF_DROP;
	svclb_translate_transport(skb, packet, way);
	svclb_direct_leave_untracked(skb);
	ipv6_hdr(skb)->daddr = to->src.in6;
	if (needs_route(way, state) &&
	    unlikely(!svclb_direct_reroute(skb, state, &err)))
		return NF_DROP_ERR(err);
	ipv6_hdr(skb)->saddr = to->dst.in6;
	return NF_ACCEPT;
}

/**
 * svclb_direct_send() - translate a packet of a known connection
 * @way:    its way
 * @skb:    the packet
 * @packet: the same
 * @state:  where it is
 *
 * Return: what becomes of it.
 */
unsigned int svclb_direct_send(struct svclb_way *way, struct sk_buff *skb,
			       const struct svclb_packet *packet,
			       const struct nf_hook_state *state)
{
	return state->pf == NFPROTO_IPV4 ?
	       translate4(way, skb, packet, state) :
	       translate6(way, skb, packet, state);
}

/* Return: whether the connection is still the one that the packet belongs to. */
static __always_inline bool use(struct svclb_net *sn, struct svclb_way *way,
				struct sk_buff *skb,
				const struct svclb_packet *packet)
{
	struct svclb_conn *conn = svclb_conn_of(way);
	u32 now = jiffies;

	if (unlikely(now - READ_ONCE(conn->used) >= HZ)) {
		if (svclb_conn_is_over(conn, rcu_dereference(sn->settings)))
			return false;
		WRITE_ONCE(conn->used, now);
	}
	if (unlikely(conn->failover) &&
	    svclb_direct_move(sn, way, skb, packet))
		return false;
	return svclb_track(way, skb, packet);
}

/* Return: the way of the packet, or NULL if it belongs to no connection. */
static __always_inline struct svclb_way *
find(struct svclb_net *sn, struct sk_buff *skb, struct svclb_packet *packet)
{
	struct svclb_way *way;

	packet->hash = svclb_tuple_hash(&packet->tuple);
	way = svclb_flow_find(sn->flows, &packet->tuple, packet->hash);
	if (way && unlikely(!use(sn, way, skb, packet))) {
		svclb_flow_remove(sn->flows, svclb_conn_of(way));
		way = NULL;
	}
	return way;
}

static __always_inline unsigned int
handle4(struct svclb_net *sn, struct sk_buff *skb,
	const struct nf_hook_state *state)
{
	struct svclb_packet packet;
	struct svclb_way *way;

	if (unlikely(was_here(skb, state)))
		return NF_ACCEPT;
	if (unlikely(!svclb_packet_parse4(skb, &packet)))
		return svclb_direct_other4(sn, skb, state);
	way = find(sn, skb, &packet);
	return likely(way) ? translate4(way, skb, &packet, state) :
			     svclb_direct_open(sn, skb, &packet, state);
}

static __always_inline unsigned int
handle6(struct svclb_net *sn, struct sk_buff *skb,
	const struct nf_hook_state *state)
{
	struct svclb_packet packet;
	struct svclb_way *way;

	if (unlikely(was_here(skb, state)))
		return NF_ACCEPT;
	if (unlikely(!svclb_packet_parse6(skb, &packet)))
		return svclb_direct_other6(sn, skb, state);
	way = find(sn, skb, &packet);
	return likely(way) ? translate6(way, skb, &packet, state) :
			     svclb_direct_open(sn, skb, &packet, state);
}

/* What comes in does so with softirqs off; what this node sends does not. */

static unsigned int in4(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return handle4(priv, skb, state);
}

static unsigned int in6(void *priv, struct sk_buff *skb,
			const struct nf_hook_state *state)
{
	return handle6(priv, skb, state);
}

static unsigned int out4(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = handle4(priv, skb, state);
	local_bh_enable();
	return verdict;
}

static unsigned int out6(void *priv, struct sk_buff *skb,
			 const struct nf_hook_state *state)
{
	unsigned int verdict;

	local_bh_disable();
	verdict = handle6(priv, skb, state);
	local_bh_enable();
	return verdict;
}

static const struct nf_hook_ops templates[2][SVCLB_DIRECT_HOOKS] = {
	{
		{ .hook = in4, .hooknum = NF_INET_PRE_ROUTING },
		{ .hook = out4, .hooknum = NF_INET_LOCAL_OUT },
	},
	{
		{ .hook = in6, .hooknum = NF_INET_PRE_ROUTING },
		{ .hook = out6, .hooknum = NF_INET_LOCAL_OUT },
	},
};

static int defrag_enable(struct net *net, u8 family)
{
	return family == NFPROTO_IPV4 ? nf_defrag_ipv4_enable(net) :
					nf_defrag_ipv6_enable(net);
}

static void defrag_disable(struct net *net, u8 family)
{
	if (family == NFPROTO_IPV4)
		nf_defrag_ipv4_disable(net);
	else
		nf_defrag_ipv6_disable(net);
}

/**
 * svclb_direct_hook() - see to it that packets of a family come here
 * @sn:     the namespace, its configuration lock held
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Does nothing but for the first time. May sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_direct_hook(struct svclb_net *sn, u8 family)
{
	unsigned int index = svclb_family_index(family);
	struct nf_hook_ops *ops = sn->direct_ops[index];
	int i, err;

	lockdep_assert_held(&sn->tables.lock);

	if (sn->direct_hooked[index])
		return 0;
	if (!sn->flows) {
		struct svclb_flow_table *flows =
			svclb_flow_table_create(&sn->settings);

		if (!flows)
			return -ENOMEM;
		/* Sweeps and censuses look for it without the lock. */
		smp_store_release(&sn->flows, flows);
	}
	err = defrag_enable(sn->net, family);
	if (err)
		return err;
	for (i = 0; i < SVCLB_DIRECT_HOOKS; i++) {
		ops[i] = templates[index][i];
		ops[i].pf = family;
		ops[i].priority = NF_IP_PRI_CONNTRACK - 1;
		ops[i].priv = sn;
	}
	err = nf_register_net_hooks(sn->net, ops, SVCLB_DIRECT_HOOKS);
	if (err)
		defrag_disable(sn->net, family);
	sn->direct_hooked[index] = !err;
	return err;
}

/**
 * svclb_direct_unhook() - no longer see packets
 * @sn: the namespace; nobody else configures it
 *
 * Packets may be in the hooks until a grace period has passed. May sleep.
 */
void svclb_direct_unhook(struct svclb_net *sn)
{
	static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		unsigned int index = svclb_family_index(families[i]);

		if (!sn->direct_hooked[index])
			continue;
		nf_unregister_net_hooks(sn->net, sn->direct_ops[index],
					SVCLB_DIRECT_HOOKS);
		defrag_disable(sn->net, families[i]);
		sn->direct_hooked[index] = false;
	}
}

/**
 * svclb_direct_retire() - no longer see packets, if there is no flow
 * @sn: the namespace, its configuration lock held; another datapath has been
 *      chosen
 *
 * May sleep for a grace period.
 */
void svclb_direct_retire(struct svclb_net *sn)
{
	lockdep_assert_held(&sn->tables.lock);

	/* Who has seen the settings as they were may still enter a flow. */
	synchronize_net();
	if (sn->flows && !percpu_counter_sum(&sn->flows->nr))
		svclb_direct_unhook(sn);
}
