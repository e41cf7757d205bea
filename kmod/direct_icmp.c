// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the direct datapath does with ICMP, and with protocols that services do
 * not have.
 *
 * An error goes the way of the packets that would answer the one that it is
 * about. So what it quotes, turned round, finds the connection; the quotation is
 * taken back to what the receiver of the error has sent, and the error is sent
 * where a packet of that way would be.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip6_route.h>
#include <net/netfilter/nf_conntrack.h>
#include <net/route.h>

#include "direct.h"
#include "resolve.h"

/* How much of the quoted packet there is at least (RFC 792). */
#define QUOTED_TRANSPORT 8
/* Where a TCP checksum is, if it was quoted. */
#define TCP_CHECK (offsetof(struct tcphdr, check))

/**
 * struct quotation - the packet that an ICMP error is about
 * @icmp:      where the ICMP header of the error begins
 * @inner:     where the packet begins
 * @transport: where its transport header begins
 * @end:       where what matters of it ends
 * @tuple:     what it was when it was sent
 */
struct quotation {
	u32 icmp;
	u32 inner;
	u32 transport;
	u32 end;
	struct svclb_flow tuple;
};

static bool read_ports(struct sk_buff *skb, struct quotation *quotation)
{
	const __be16 *ports;
	u32 end = quotation->transport + QUOTED_TRANSPORT;

	if (!svclb_packet_header(quotation->tuple.proto) ||
	    !pskb_may_pull(skb, end))
		return false;
	if (quotation->tuple.proto == IPPROTO_TCP &&
	    skb->len >= quotation->transport + sizeof(struct tcphdr) &&
	    pskb_may_pull(skb, quotation->transport + sizeof(struct tcphdr)))
		end = quotation->transport + sizeof(struct tcphdr);
	ports = svclb_packet_at(skb, quotation->transport);
	quotation->tuple.sport = ports[0];
	quotation->tuple.dport = ports[1];
	quotation->end = end;
	return true;
}

static bool quote4(struct sk_buff *skb, u32 icmp, struct quotation *quotation)
{
	const struct iphdr *iph;

	quotation->icmp = icmp;
	quotation->inner = icmp + sizeof(struct icmphdr);
	if (!pskb_may_pull(skb, quotation->inner + sizeof(*iph)))
		return false;
	iph = svclb_packet_at(skb, quotation->inner);
	if (iph->version != 4 || iph->ihl < 5 ||
	    iph->frag_off & htons(IP_OFFSET))
		return false;
	quotation->transport = quotation->inner + iph->ihl * 4;
	quotation->tuple = (struct svclb_flow){
		.src.ip = iph->saddr,
		.dst.ip = iph->daddr,
		.proto = iph->protocol,
		.family = NFPROTO_IPV4,
	};
	return read_ports(skb, quotation);
}

static bool quote6(struct sk_buff *skb, u32 icmp, struct quotation *quotation)
{
	const struct ipv6hdr *iph;
	__be16 fragment = 0;
	int transport;
	u8 proto;

	quotation->icmp = icmp;
	quotation->inner = icmp + sizeof(struct icmp6hdr);
	if (!pskb_may_pull(skb, quotation->inner + sizeof(*iph)))
		return false;
	iph = svclb_packet_at(skb, quotation->inner);
	if (iph->version != 6)
		return false;
	proto = iph->nexthdr;
	transport = ipv6_skip_exthdr(skb, quotation->inner + sizeof(*iph),
				     &proto, &fragment);
	if (transport < 0 || fragment & htons(IP6_OFFSET))
		return false;
	iph = svclb_packet_at(skb, quotation->inner);
	quotation->transport = transport;
	quotation->tuple = (struct svclb_flow){
		.src.in6 = iph->saddr,
		.dst.in6 = iph->daddr,
		.proto = proto,
		.family = NFPROTO_IPV6,
	};
	return read_ports(skb, quotation);
}

/* The transport checksum, as far as it was quoted, without the way's changes. */
static void take_back_sum(struct sk_buff *skb,
			  const struct quotation *quotation,
			  const struct svclb_way *way)
{
	__wsum delta = csum_add(way->addr_delta, way->port_delta);
	u8 *header = svclb_packet_at(skb, quotation->transport);
	struct udphdr *udp = (struct udphdr *)header;

	if (quotation->tuple.proto == IPPROTO_UDP && udp->check) {
		csum_replace_by_diff(&udp->check, ~delta);
		if (!udp->check)
			udp->check = CSUM_MANGLED_0;
	} else if (quotation->tuple.proto == IPPROTO_TCP &&
		   quotation->end >= quotation->transport + TCP_CHECK +
		   sizeof(__sum16)) {
		csum_replace_by_diff((__sum16 *)(header + TCP_CHECK), ~delta);
	}
}

static void take_back_addresses(struct sk_buff *skb,
				const struct quotation *quotation,
				const struct svclb_way *way)
{
	void *header = svclb_packet_at(skb, quotation->inner);
	struct ipv6hdr *ip6h = header;
	struct iphdr *iph = header;

	if (way->tuple.family == NFPROTO_IPV4) {
		csum_replace_by_diff(&iph->check, ~way->addr_delta);
		iph->saddr = way->tuple.src.ip;
		iph->daddr = way->tuple.dst.ip;
	} else {
		ip6h->saddr = way->tuple.src.in6;
		ip6h->daddr = way->tuple.dst.in6;
	}
}

/*
 * @way: the way that the quoted packet went
 *
 * Return: what to add to a checksum over it.
 */
static __wsum take_back(struct sk_buff *skb, const struct quotation *quotation,
			const struct svclb_way *way)
{
	u8 *inner = svclb_packet_at(skb, quotation->inner);
	u32 length = quotation->end - quotation->inner;
	__wsum before = csum_partial(inner, length, 0);
	__be16 *ports = svclb_packet_at(skb, quotation->transport);

	take_back_sum(skb, quotation, way);
	take_back_addresses(skb, quotation, way);
	ports[0] = way->tuple.sport;
	ports[1] = way->tuple.dport;
	return csum_sub(csum_partial(inner, length, 0), before);
}

/*
 * Of the error itself. Where the source of packets changes, that of errors does,
 * whoever on the way has sent them: as the kernel's NAT has it.
 */
static unsigned int send_error4(struct sk_buff *skb,
				const struct nf_hook_state *state,
				const struct svclb_way *way)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	bool moves = way->tuple.src.ip != to->dst.ip;
	int err = 0;

	csum_replace4(&ip_hdr(skb)->check, ip_hdr(skb)->daddr, to->src.ip);
	ip_hdr(skb)->daddr = to->src.ip;
	if ((moves || state->hook == NF_INET_LOCAL_OUT) &&
	    !svclb_direct_reroute(skb, state, &err))
		return NF_DROP;
	if (!moves)
		return NF_ACCEPT;
	csum_replace4(&ip_hdr(skb)->check, ip_hdr(skb)->saddr, to->dst.ip);
	ip_hdr(skb)->saddr = to->dst.ip;
	return NF_ACCEPT;
}

static unsigned int send_error6(struct sk_buff *skb,
				const struct nf_hook_state *state,
				const struct svclb_way *way, __sum16 *check)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	struct ipv6hdr *iph = ipv6_hdr(skb);
	bool moves = !nf_inet_addr_cmp(&way->tuple.src, &to->dst);
	union nf_inet_addr source = { .in6 = iph->saddr };
	__wsum delta;
	int err = 0;

	delta = svclb_addr_delta(NFPROTO_IPV6, &way->tuple.dst, &to->src);
	if (moves)
		delta = csum_add(delta, svclb_addr_delta(NFPROTO_IPV6, &source,
							 &to->dst));
	csum_replace_by_diff(check, delta);
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, delta);
	iph->daddr = to->src.in6;
	if (state->hook == NF_INET_LOCAL_OUT &&
	    !svclb_direct_reroute(skb, state, &err))
		return NF_DROP;
	if (moves)
		ipv6_hdr(skb)->saddr = to->dst.in6;
	return NF_ACCEPT;
}

static bool is_for(const struct sk_buff *skb, const struct svclb_way *way)
{
	return way->tuple.family == NFPROTO_IPV4 ?
	       ip_hdr(skb)->daddr == way->tuple.dst.ip :
	       ipv6_addr_equal(&ipv6_hdr(skb)->daddr, &way->tuple.dst.in6);
}

/*
 * Of a connection that can still move, the client must not hear: it would give up
 * at once, instead of trying again.
 */
static bool is_hidden(struct svclb_net *sn, const struct svclb_way *way)
{
	const struct svclb_conn *conn = svclb_conn_of(way);

	return conn->failover && way->direction == SVCLB_REPLY &&
	       !READ_ONCE(conn->answered) &&
	       READ_ONCE(conn->state) == SVCLB_FLOW_STATE_TCP_SYN &&
	       svclb_resolve_may_move(sn, &conn->way[SVCLB_ORIGINAL].tuple,
				      &way->tuple.src, way->tuple.sport);
}

static unsigned int handle_error(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state,
				 const struct quotation *quotation)
{
	struct svclb_flow turned = svclb_tuple_turned(&quotation->tuple);
	struct icmphdr *icmp;
	struct svclb_way *way;
	__wsum delta;

	way = svclb_flow_find(sn->flows, &turned, svclb_tuple_hash(&turned));
	if (!way || !is_for(skb, way))
		return NF_ACCEPT;
	if (is_hidden(sn, way) || !svclb_packet_writable(skb, quotation->end))
		return NF_DROP;
	icmp = svclb_packet_at(skb, quotation->icmp);
	/* It would change routes that have nothing to do with the connection. */
	if (way->tuple.family == NFPROTO_IPV4 && icmp->type == ICMP_REDIRECT)
		return NF_DROP;
	delta = take_back(skb, quotation, svclb_way_other(way));
	/* The two families have type, code and checksum in the same places. */
	csum_replace_by_diff(&icmp->checksum, delta);
	svclb_direct_leave_untracked(skb);
	return way->tuple.family == NFPROTO_IPV4 ?
	       send_error4(skb, state, way) :
	       send_error6(skb, state, way, &icmp->checksum);
}

/* Conntrack has the type and code of a query where others have a port, too. */
static void query(struct svclb_packet *packet, __be16 id, u8 type, u8 code)
{
	u8 *port = (u8 *)&packet->tuple.dport;

	packet->tuple.sport = id;
	port[0] = type;
	port[1] = code;
}

/**
 * svclb_direct_other4() - decide about an IPv4 packet of another kind
 * @sn:    the namespace
 * @skb:   the packet: no whole one of a protocol that services have
 * @state: where it is
 *
 * Return: what becomes of it.
 */
unsigned int svclb_direct_other4(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct svclb_packet packet = {
		.transport = iph->ihl * 4,
		.tuple = {
			.src.ip = iph->saddr,
			.dst.ip = iph->daddr,
			.proto = iph->protocol,
			.family = NFPROTO_IPV4,
		},
	};
	const struct icmphdr *icmp;
	struct quotation quotation;

	if (ip_is_fragment(iph) || svclb_packet_header(iph->protocol))
		return NF_ACCEPT;
	if (iph->protocol != IPPROTO_ICMP)
		return svclb_direct_open(sn, skb, &packet, state);
	if (!pskb_may_pull(skb, packet.transport + sizeof(*icmp)))
		return NF_ACCEPT;
	icmp = svclb_packet_at(skb, packet.transport);
	switch (icmp->type) {
	case ICMP_ECHO:
	case ICMP_TIMESTAMP:
	case ICMP_INFO_REQUEST:
	case ICMP_ADDRESS:
		query(&packet, icmp->un.echo.id, icmp->type, icmp->code);
		return svclb_direct_open(sn, skb, &packet, state);
	default:
		return icmp_is_err(icmp->type) &&
		       quote4(skb, packet.transport, &quotation) ?
		       handle_error(sn, skb, state, &quotation) : NF_ACCEPT;
	}
}

static unsigned int handle_icmp6(struct svclb_net *sn, struct sk_buff *skb,
				 struct svclb_packet *packet,
				 const struct nf_hook_state *state)
{
	const struct icmp6hdr *icmp;
	struct quotation quotation;

	if (!pskb_may_pull(skb, packet->transport + sizeof(*icmp)))
		return NF_ACCEPT;
	icmp = svclb_packet_at(skb, packet->transport);
	if (icmp->icmp6_type == ICMPV6_ECHO_REQUEST ||
	    icmp->icmp6_type == ICMPV6_NI_QUERY) {
		query(packet, icmp->icmp6_identifier, icmp->icmp6_type,
		      icmp->icmp6_code);
		return svclb_direct_open(sn, skb, packet, state);
	}
	return !(icmp->icmp6_type & ICMPV6_INFOMSG_MASK) &&
	       quote6(skb, packet->transport, &quotation) ?
	       handle_error(sn, skb, state, &quotation) : NF_ACCEPT;
}

/**
 * svclb_direct_other6() - decide about an IPv6 packet of another kind
 * @sn:    the namespace
 * @skb:   the packet: no whole one of a protocol that services have
 * @state: where it is
 *
 * Return: what becomes of it.
 */
unsigned int svclb_direct_other6(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	struct svclb_packet packet = {
		.tuple = {
			.src.in6 = iph->saddr,
			.dst.in6 = iph->daddr,
			.proto = iph->nexthdr,
			.family = NFPROTO_IPV6,
		},
	};
	__be16 fragment = 0;
	int transport;

	transport = ipv6_skip_exthdr(skb, sizeof(*iph), &packet.tuple.proto,
				     &fragment);
	if (transport < 0 || fragment ||
	    svclb_packet_header(packet.tuple.proto))
		return NF_ACCEPT;
	packet.transport = transport;
	return packet.tuple.proto == IPPROTO_ICMPV6 ?
	       handle_icmp6(sn, skb, &packet, state) :
	       svclb_direct_open(sn, skb, &packet, state);
}
