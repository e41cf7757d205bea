// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conntrack datapath. The NAT core asks its users about the first packet of
 * each connection: at PRE_ROUTING and LOCAL_OUT where it goes, at POST_ROUTING
 * what source it gets. svclb is asked just before iptables and nftables; what it
 * does not answer is left to them. All later packets, those of the other
 * direction and the ICMP errors about them are rewritten by the NAT core alone.
 */
#include "nat.h"

#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>

#include "masquerade.h"
#include "reject.h"
#include "resolve.h"

static void flow_of(const struct nf_conn *ct, struct svclb_flow *flow)
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
 * NF_NAT_RANGE_PROTO_OFFSET makes the NAT core take the only port of the range
 * without drawing a random number first.
 */
static unsigned int translate(struct svclb_net *sn, struct nf_conn *ct,
			      const struct svclb_resolution *resolution)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED |
			 NF_NAT_RANGE_PROTO_OFFSET,
		.min_addr = resolution->backend->addr,
		.max_addr = resolution->backend->addr,
		.min_proto.all = resolution->backend->port,
		.max_proto.all = resolution->backend->port,
	};

	if (nf_nat_setup_info(ct, &range, NF_NAT_MANIP_DST) != NF_ACCEPT) {
		svclb_count(sn, SVCLB_DROPPED_NAT);
		return NF_DROP;
	}
	svclb_count(sn, SVCLB_CONNECTIONS);
	svclb_counter_inc(&resolution->frontend->connections);
	svclb_counter_inc(&resolution->backend->connections);
	return NF_ACCEPT;
}

static unsigned int destination(void *priv, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	struct nf_conn *ct = new_connection(skb);
	struct svclb_resolution resolution;
	struct svclb_net *sn = priv;
	struct svclb_flow flow;

	if (!ct)
		return NF_ACCEPT;
	flow_of(ct, &flow);
	switch (svclb_resolve(sn, &flow, &resolution)) {
	case SVCLB_PASS:
		return NF_ACCEPT;
	case SVCLB_TRANSLATE:
		return translate(sn, ct, &resolution);
	case SVCLB_REJECT_NO_BACKEND:
		svclb_count(sn, SVCLB_REJECTED_NO_BACKEND);
		svclb_counter_inc(&resolution.frontend->rejected);
		break;
	case SVCLB_REJECT_UNUSED_PORT:
		svclb_count(sn, SVCLB_REJECTED_UNUSED_PORT);
		break;
	}
	svclb_reject(skb, state);
	/* The node's own process hears of it from its system call too. */
	return state->hook == NF_INET_LOCAL_OUT ?
	       NF_DROP_ERR(-ECONNREFUSED) : NF_DROP;
}

/*
 * The frontend is looked up again instead of being remembered: nothing in a
 * conntrack entry or a packet is ours to remember it in. Only connections whose
 * destination was translated can be ours. On the way to a backend on the node
 * itself over loopback, the answer comes back in any case.
 */
static unsigned int source(void *priv, struct sk_buff *skb,
			   const struct nf_hook_state *state)
{
	struct nf_conn *ct = new_connection(skb);
	struct svclb_frontend *frontend;
	struct svclb_net *sn = priv;
	struct svclb_flow flow;

	if (!ct || !(ct->status & IPS_DST_NAT) ||
	    state->out->flags & IFF_LOOPBACK)
		return NF_ACCEPT;
	flow_of(ct, &flow);
	if (svclb_resolve_frontend(sn, &flow, &frontend) !=
	    SVCLB_MATCH_FRONTEND ||
	    !svclb_resolve_masquerade(sn, &flow, frontend,
				      &ct->tuplehash[IP_CT_DIR_REPLY].tuple.src.u3))
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
 * time: a namespace without services costs its packets nothing. May sleep.
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
