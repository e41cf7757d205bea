// SPDX-License-Identifier: GPL-2.0-only
/*
 * Masquerading: the source becomes an address of the device that the packet
 * leaves by, and a port that no other connection has.
 *
 * The port is not drawn but computed: a keyed hash of the connection. Nobody
 * outside can guess it, which a resolver behind the node depends on
 * (RFC 5452), and two first packets of one connection on two CPUs get the same
 * one, so that conntrack can merge them. If another connection has the port,
 * further ones are tried, in an order that the hash gives as well.
 *
 * The node-port range is left out. A reply to a masqueraded connection is
 * addressed to the node and that port; were it a node port, the reply could be
 * taken for a new connection to it (kubernetes/kubernetes#139276).
 */
#include "masquerade.h"

#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/netfilter/nf_nat.h>
#include <net/route.h>

/*
 * As many as the NAT core tries at first. If that many are taken by connections
 * to the same backend, most are.
 */
#define ATTEMPTS 128

static bool source_address4(const struct nf_conntrack_tuple *reply,
			    const struct net_device *out,
			    union nf_inet_addr *source)
{
	*source = (union nf_inet_addr){};
	source->ip = inet_select_addr(out, reply->src.u3.ip, RT_SCOPE_UNIVERSE);
	return source->ip;
}

static bool source_address6(struct net *net,
			    const struct nf_conntrack_tuple *reply,
			    const struct net_device *out,
			    union nf_inet_addr *source)
{
	return IS_ENABLED(CONFIG_IPV6) &&
	       !ipv6_dev_get_saddr(net, out, &reply->src.u3.in6, 0,
				   &source->in6);
}

/**
 * nth_port() - number the ports that masquerading may use
 * @settings: the settings
 * @n:        any number; those beyond the last port start again
 *
 * Return: the port.
 */
static u16 nth_port(const struct svclb_settings *settings, u32 n)
{
	u32 first_kept = max_t(u32, settings->node_port_min,
			       SVCLB_FIRST_SOURCE_PORT);
	u32 port = SVCLB_FIRST_SOURCE_PORT +
		   n % svclb_settings_source_ports(settings);

	return settings->node_port_max < first_kept || port < first_kept ?
	       port : port + settings->node_port_max - first_kept + 1;
}

static bool find_port(const struct svclb_settings *settings, u64 hash,
		      const union nf_inet_addr *source, struct nf_conn *ct,
		      __be16 *port)
{
	/* What replies look like: from the backend to the source in question. */
	struct nf_conntrack_tuple reply =
		ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	u32 start = hash, step = hash >> 32 | 1, i;

	reply.dst.u3 = *source;
	for (i = 0; i < ATTEMPTS; i++) {
		reply.dst.u.all = htons(nth_port(settings, start + i * step));
		if (!nf_conntrack_tuple_taken(&reply, ct)) {
			*port = reply.dst.u.all;
			return true;
		}
	}
	return false;
}

/*
 * The exact address and port were found free, so the range is one of each.
 * NF_NAT_RANGE_PROTO_RANDOM_FULLY spares the search for an older connection of
 * the same client whose source could be reused, and NF_NAT_RANGE_PROTO_OFFSET
 * the random number that would choose among ports.
 */
static unsigned int translate(struct nf_conn *ct,
			      const union nf_inet_addr *source, __be16 port)
{
	struct nf_nat_range2 range = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED |
			 NF_NAT_RANGE_PROTO_RANDOM_FULLY |
			 NF_NAT_RANGE_PROTO_OFFSET,
		.min_addr = *source,
		.max_addr = *source,
		.min_proto.all = port,
		.max_proto.all = port,
	};

	return nf_nat_setup_info(ct, &range, NF_NAT_MANIP_SRC);
}

static unsigned int drop(struct svclb_net *sn, enum svclb_cause cause)
{
	svclb_count(sn, cause);
	return NF_DROP;
}

/**
 * svclb_masquerade() - give a new connection a source address of this node
 * @sn:    the namespace
 * @flow:  the connection as its client sends it
 * @ct:    its entry, unconfirmed, with the destination already translated
 * @state: the post-routing hook
 *
 * The caller is in an RCU section.
 *
 * Return: NF_ACCEPT, or NF_DROP after counting why.
 */
unsigned int svclb_masquerade(struct svclb_net *sn,
			      const struct svclb_flow *flow, struct nf_conn *ct,
			      const struct nf_hook_state *state)
{
	const struct nf_conntrack_tuple *reply =
		&ct->tuplehash[IP_CT_DIR_REPLY].tuple;
	union nf_inet_addr source;
	struct nf_conn_nat *nat;
	__be16 port;

	if (flow->family == NFPROTO_IPV4 ?
	    !source_address4(reply, state->out, &source) :
	    !source_address6(sn->net, reply, state->out, &source))
		return drop(sn, SVCLB_DROPPED_NO_ADDRESS);

	if (!find_port(rcu_dereference(sn->settings),
		       svclb_flow_hash(flow, &svclb_hash_keys.masquerade),
		       &source, ct, &port))
		return drop(sn, SVCLB_DROPPED_NO_PORT);

	/* So that the NAT core ends the connection when the device goes. */
	nat = nf_ct_nat_ext_add(ct);
	if (!nat)
		return drop(sn, SVCLB_DROPPED_NAT);
	nat->masq_index = state->out->ifindex;

	if (translate(ct, &source, port) != NF_ACCEPT)
		return drop(sn, SVCLB_DROPPED_NAT);
	svclb_count(sn, SVCLB_MASQUERADED);
	return NF_ACCEPT;
}
