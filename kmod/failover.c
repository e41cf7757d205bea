// SPDX-License-Identifier: GPL-2.0-only
/*
 * SYN fail-over: a TCP connection whose first packet a backend does not answer
 * is moved to another backend.
 *
 * Behind conntrack and before NAT, two kinds of packets are of interest, both of
 * connections that were sent to a backend and have seen no answer. The client's
 * SYN, come again: the backend was silent. The entry is deleted, the packet goes
 * through conntrack once more, and since it is new now the NAT core asks where it
 * goes. And an ICMP error that the backend or somebody on the way sent: the client
 * must not hear of it, or it would give up at once; its next SYN does the rest.
 *
 * What answers, even with a reset, is never moved. An attempt may be older than the
 * backends: conntrack keeps it for two minutes, and finds it again when its client
 * tries again or another takes its port. If its backend is gone it moves, too.
 */
#include "failover.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/tcp.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_conntrack_core.h>

#include "resolve.h"

static bool is_unanswered(const struct nf_conn *ct)
{
	return nf_ct_protonum(ct) == IPPROTO_TCP && nf_ct_is_confirmed(ct) &&
	       (ct->status & (IPS_DST_NAT | IPS_SEEN_REPLY | IPS_DYING)) ==
	       IPS_DST_NAT &&
	       READ_ONCE(ct->proto.tcp.state) == TCP_CONNTRACK_SYN_SENT;
}

static bool may_move(struct svclb_net *sn, const struct nf_conn *ct)
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

	return svclb_resolve_may_move(sn, &flow, &reply->src.u3,
				      reply->src.u.all);
}

static unsigned int move(struct svclb_net *sn, struct nf_conn *ct,
			 struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (!may_move(sn, ct))
		return NF_ACCEPT;
	svclb_count(sn, SVCLB_SYN_FAILOVERS);
	nf_ct_kill(ct);
	nf_reset_ct(skb);
	return nf_conntrack_in(skb, state);
}

static unsigned int hide(struct svclb_net *sn, struct nf_conn *ct)
{
	return may_move(sn, ct) ? NF_DROP : NF_ACCEPT;
}

static unsigned int watch(void *priv, struct sk_buff *skb,
			  const struct nf_hook_state *state)
{
	enum ip_conntrack_info ctinfo;
	struct nf_conn *ct = nf_ct_get(skb, &ctinfo);

	if (!ct || !is_unanswered(ct))
		return NF_ACCEPT;
	switch (ctinfo) {
	case IP_CT_NEW:
		return move(priv, ct, skb, state);
	case IP_CT_RELATED_REPLY:
		return hide(priv, ct);
	default:
		return NF_ACCEPT;
	}
}

static const struct nf_hook_ops templates[SVCLB_FAILOVER_HOOKS] = {
	{
		.hook = watch,
		.hooknum = NF_INET_PRE_ROUTING,
		.priority = NF_IP_PRI_CONNTRACK + 1,
	},
	{
		.hook = watch,
		.hooknum = NF_INET_LOCAL_OUT,
		.priority = NF_IP_PRI_CONNTRACK + 1,
	},
};

/**
 * svclb_failover_hook() - see to it that unanswered connections are noticed
 * @sn:     the namespace, its configuration lock held
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6, hooked by svclb_nat_hook()
 *
 * Called for each service with the option, and does nothing but for the first
 * one: without any, packets do not come here. May sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_failover_hook(struct svclb_net *sn, u8 family)
{
	unsigned int index = svclb_family_index(family);
	struct nf_hook_ops *ops = sn->failover_ops[index];
	int i, err;

	lockdep_assert_held(&sn->tables.lock);

	if (sn->failover_hooked[index])
		return 0;
	for (i = 0; i < SVCLB_FAILOVER_HOOKS; i++) {
		ops[i] = templates[i];
		ops[i].pf = family;
		ops[i].priv = sn;
	}
	err = nf_register_net_hooks(sn->net, ops, SVCLB_FAILOVER_HOOKS);
	sn->failover_hooked[index] = !err;
	return err;
}

/**
 * svclb_failover_unhook() - no longer notice anything
 * @sn: the namespace; nobody configures it any more
 *
 * Packets may be in the hooks until a grace period has passed. May sleep.
 */
void svclb_failover_unhook(struct svclb_net *sn)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sn->failover_hooked); i++) {
		if (!sn->failover_hooked[i])
			continue;
		nf_unregister_net_hooks(sn->net, sn->failover_ops[i],
					SVCLB_FAILOVER_HOOKS);
		sn->failover_hooked[i] = false;
	}
}
