// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conntrack datapath. The NAT core asks its users about the first packet of
 * each connection: at PRE_ROUTING and LOCAL_OUT where it goes, at POST_ROUTING
 * what source it gets. svclb is asked just before iptables and nftables; what it
 * does not answer is left to them. All later packets, those of the other
 * direction and the ICMP errors about them are rewritten by the NAT core alone.
 */
#include "nat.h"

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_helper.h>
#include <net/netfilter/nf_conntrack_seqadj.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

#include "masquerade.h"
#include "reject.h"
#include "resolve.h"

static void flow_of(const struct nf_conn *ct, int iif, struct svclb_flow *flow)
{
	const struct nf_conntrack_tuple *tuple =
		&ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;

	*flow = (struct svclb_flow){
		.src = tuple->src.u3,
		.dst = tuple->dst.u3,
		.sport = tuple->src.u.all,
		.dport = tuple->dst.u.all,
		.proto = tuple->dst.protonum,
		.family = tuple->src.l3num,
		.iif = iif,
	};
}

/*
 * Others than the first packet of a connection come here too: a helper's
 * expected connection, an ICMP error, a reset of our own. None is ours.
 */
static struct nf_conn *new_connection(const struct sk_buff *skb)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct;

	ct = nf_ct_get(skb, &ctinfo);
	return ctinfo == IP_CT_NEW && !nf_ct_is_confirmed(ct) ? ct : NULL;
}

/*
 * Only one destination will do, so there is nothing to search. The NAT core
 * would first look whether the reply is another connection's, and then take the
 * same destination all the same; if it is, the source port has to give way, which
 * is decided at POST_ROUTING. So the core gets the connection as it shall be, and
 * finds that it is within the range.
 */
static int aim(struct nf_conn *ct, const struct svclb_backend *backend)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr = backend->addr,
		.max_addr = backend->addr,
		.min_proto.all = backend->port,
		.max_proto.all = backend->port,
	};
	struct nf_conntrack_tuple reply =
		ct->tuplehash[IP_CT_DIR_REPLY].tuple;

	if (!nf_inet_addr_cmp(&reply.src.u3, &backend->addr) ||
	    reply.src.u.all != backend->port) {
		reply.src.u3 = backend->addr;
		reply.src.u.all = backend->port;
		nf_conntrack_alter_reply(ct, &reply);
		/* Nobody else has it yet. */
		ct->status |= IPS_DST_NAT;
		if (nfct_help(ct) && !nfct_seqadj(ct) &&
		    !nfct_seqadj_ext_add(ct))
			return NF_DROP;
	}
	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST);
}

/**
 * struct memo - what was decided about the source of a connection when its
 *               destination was; what follows of one and the same packet asks
 * @sn:     the namespace; never dereferenced
 * @tuple:  the connection as its client sends it
 * @when:   jiffies then
 * @reason: enum svclb_masquerade_reason
 */
struct memo {
	const struct svclb_net *sn;
	struct nf_conntrack_tuple tuple;
	unsigned long when;
	u8 reason;
};

/* Of each CPU; in use with softirqs off only. */
static DEFINE_PER_CPU(struct memo, memos);

/* The node's own processes have softirqs on, and are asked again. */
static void remember(struct svclb_net *sn, const struct nf_conn *ct,
		     const struct svclb_flow *flow,
		     const struct svclb_resolution *resolution)
{
	struct memo *memo;

	if (!softirq_count())
		return;
	memo = this_cpu_ptr(&memos);
	memo->sn = sn;
	memo->tuple = ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple;
	memo->when = jiffies;
	memo->reason = svclb_resolve_masquerade(sn, flow, resolution->policy,
						&resolution->backend->addr);
}

/*
 * The decision is one about addresses, so it does not matter whose it was; and
 * one of this very jiffy, so what it rests on has not changed for long.
 */
static const struct memo *recall(const struct svclb_net *sn,
				 const struct nf_conn *ct)
{
	unsigned long now = jiffies;
	const struct memo *memo;

	if (!softirq_count())
		return NULL;
	memo = this_cpu_ptr(&memos);
	return memo->sn == sn && memo->when == now &&
	       nf_ct_tuple_equal(&memo->tuple,
				 &ct->tuplehash[IP_CT_DIR_ORIGINAL].tuple) ?
	       memo : NULL;
}

static unsigned int translate(struct svclb_net *sn, struct nf_conn *ct,
			      const struct svclb_flow *flow,
			      const struct svclb_resolution *resolution)
{
	if (aim(ct, resolution->backend) != NF_ACCEPT) {
		svclb_count(sn, SVCLB_DROPPED_NAT);
		return NF_DROP;
	}
	if (unlikely(!READ_ONCE(sn->translated)))
		WRITE_ONCE(sn->translated, true);
	svclb_count(sn, SVCLB_CONNECTIONS);
	svclb_counter_inc(&resolution->frontend->connections);
	svclb_counter_inc(&resolution->backend->connections);
	remember(sn, ct, flow, resolution);
	return NF_ACCEPT;
}

/*
 * The node answers, as one of its own addresses: that of the interface that the
 * request came in by, or the loopback address for itself.
 */
static bool echo_address(const struct svclb_flow *flow,
			 const struct nf_hook_state *state,
			 union nf_inet_addr *addr)
{
	*addr = (union nf_inet_addr){};
	if (flow->family == NFPROTO_IPV4) {
		addr->ip = state->hook == NF_INET_LOCAL_OUT ?
			   htonl(INADDR_LOOPBACK) :
			   inet_select_addr(state->in, flow->src.ip,
					    RT_SCOPE_UNIVERSE);
		return addr->ip;
	}
	if (state->hook == NF_INET_LOCAL_OUT) {
		addr->in6 = in6addr_loopback;
		return true;
	}
	return IS_ENABLED(CONFIG_IPV6) &&
	       !ipv6_dev_get_saddr(state->net, state->in, &flow->src.in6, 0,
				   &addr->in6);
}

static unsigned int answer_echo(struct svclb_net *sn, struct nf_conn *ct,
				const struct svclb_flow *flow,
				const struct nf_hook_state *state)
{
	struct nf_nat_range2 range = { .flags = NF_NAT_RANGE_MAP_IPS };

	if (!echo_address(flow, state, &range.min_addr)) {
		svclb_count(sn, SVCLB_DROPPED_NO_ADDRESS);
		return NF_DROP;
	}
	range.max_addr = range.min_addr;
	if (nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST) != NF_ACCEPT) {
		svclb_count(sn, SVCLB_DROPPED_NAT);
		return NF_DROP;
	}
	if (unlikely(!READ_ONCE(sn->translated)))
		WRITE_ONCE(sn->translated, true);
	svclb_count(sn, SVCLB_ECHOES);
	return NF_ACCEPT;
}

static unsigned int destination(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct nf_conn *ct = new_connection(skb);
	struct svclb_resolution resolution;
	struct svclb_net *sn = priv;
	struct svclb_flow flow;
	u8 verdict;

	if (!ct)
		return NF_ACCEPT;
	flow_of(ct, state->hook == NF_INET_PRE_ROUTING ?
		    state->in->ifindex : 0, &flow);
	verdict = svclb_resolve(sn, &flow, &resolution);
	switch (verdict) {
	case SVCLB_VERDICT_TRANSLATE:
		return translate(sn, ct, &flow, &resolution);
	case SVCLB_VERDICT_ECHO:
		return answer_echo(sn, ct, &flow, state);
	default:
		return svclb_reject_verdict(sn, skb, state, verdict,
					    resolution.frontend);
	}
}

/*
 * The frontend is looked up again: nothing in a conntrack entry or a packet is
 * ours to remember it in.
 */
static u8 decide(struct svclb_net *sn, const struct nf_conn *ct,
		 const struct svclb_flow *flow)
{
	const struct svclb_policy *policy;
	struct svclb_frontend *frontend;

	if (svclb_resolve_frontend(sn, flow, &frontend) != SVCLB_MATCH_FRONTEND)
		return SVCLB_MASQUERADE_REASON_NONE;
	policy = svclb_resolve_policy(rcu_dereference(frontend->service->set),
				      frontend);
	if (!policy)
		return SVCLB_MASQUERADE_REASON_NONE;
	return svclb_resolve_masquerade(sn, flow, policy,
					&ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3);
}

/*
 * Only connections whose destination was translated can be ours. On the way to
 * a backend on the node itself over loopback, the answer comes back in any case.
 */
static unsigned int source(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	struct nf_conn *ct = new_connection(skb);
	struct svclb_net *sn = priv;
	const struct memo *memo;
	struct svclb_flow flow;

	if (!ct || !(ct->status & IPS_DST_NAT) ||
	    state->out->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	memo = recall(sn, ct);
	if (memo && memo->reason == SVCLB_MASQUERADE_REASON_NONE)
		return NF_ACCEPT;
	flow_of(ct, skb->skb_iif, &flow);
	if (!memo && decide(sn, ct, &flow) == SVCLB_MASQUERADE_REASON_NONE)
		return NF_ACCEPT;
	return svclb_masquerade(sn, &flow, ct, state);
}

static const struct nf_hook_ops templates[SVCLB_NAT_HOOKS] = {
	{
		.hook = destination,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_NAT_DST - 1,
	},
	{
		.hook = destination,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_NAT_DST - 1,
	},
	{
		.hook = source,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_NAT_SRC - 1,
	},
};

static void family_unhook(struct svclb_net *sn, u8 family, int n)
{
	struct nf_hook_ops *ops = sn->nat_ops[svclb_family_index(family)];

	while (n-- > 0) {
		if (family == NFPROTO_IPV4)
			nf_nat_ipv4_unregister_fn(sn->net, &ops[n]);
		else
			nf_nat_ipv6_unregister_fn(sn->net, &ops[n]);
	}
}

/**
 * svclb_nat_hook() - see to it that the NAT core asks about a family
 * @sn:     the namespace, its configuration lock held
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Called for each change that needs it, and does nothing but for the first
 * time: a namespace that has nothing to do with services costs its packets
 * nothing. May sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_nat_hook(struct svclb_net *sn, u8 family)
{
	struct nf_hook_ops *ops = sn->nat_ops[svclb_family_index(family)];
	int i, err;

	lockdep_assert_held(&sn->tables.lock);

	if (sn->hooked[svclb_family_index(family)])
		return 0;
	err = nf_ct_netns_get(sn->net, family);
	if (err)
		return err;
	for (i = 0; i < SVCLB_NAT_HOOKS; i++) {
		ops[i] = templates[i];
		ops[i].pf = family;
		ops[i].priv = sn;
		err = family == NFPROTO_IPV4 ?
		      nf_nat_ipv4_register_fn(sn->net, &ops[i]) :
		      nf_nat_ipv6_register_fn(sn->net, &ops[i]);
		if (err)
			goto unhook;
	}
	sn->hooked[svclb_family_index(family)] = true;
	return 0;

unhook:
	family_unhook(sn, family, i);
	nf_ct_netns_put(sn->net, family);
	return err;
}

/**
 * svclb_nat_unhook() - no longer be asked
 * @sn: the namespace; nobody configures it any more
 *
 * Packets may be in the hooks until a grace period has passed. May sleep.
 */
void svclb_nat_unhook(struct svclb_net *sn)
{
	static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	int i;

	for (i = 0; i < ARRAY_SIZE(families); i++) {
		if (!sn->hooked[svclb_family_index(families[i])])
			continue;
		family_unhook(sn, families[i], SVCLB_NAT_HOOKS);
		nf_ct_netns_put(sn->net, families[i]);
		sn->hooked[svclb_family_index(families[i])] = false;
	}
}

/**
 * svclb_nat_retire() - no longer be asked, if nobody would miss it
 * @sn: the namespace, its configuration lock held; another datapath sees new
 *      connections first
 *
 * Connections that were translated need the NAT core, and svclb for the source
 * of those that are just being made. May sleep for a grace period.
 */
void svclb_nat_retire(struct svclb_net *sn)
{
	lockdep_assert_held(&sn->tables.lock);

	if (!READ_ONCE(sn->translated))
		svclb_nat_unhook(sn);
	/* Who was in the hooks when they went may have translated. */
	synchronize_net();
	WRITE_ONCE(sn->mixed, READ_ONCE(sn->translated));
}
