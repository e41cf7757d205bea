/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_PACKET_H
#define _SVCLB_PACKET_H

#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sctp.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "key.h"

/**
 * struct svclb_packet - what of a packet matters
 * @tuple:     its addresses and ports; whole, so that it can be asked about
 * @hash:      of @tuple, for the flow table
 * @transport: where its transport header begins, from the network header on
 * @header:    how long that is at least; that much is linear
 */
struct svclb_packet {
	struct svclb_flow tuple;
	u32 hash;
	u32 transport;
	u32 header;
};

/**
 * svclb_packet_header() - how long a transport header is at least
 * @proto: IP protocol
 *
 * Return: bytes, or 0 for a protocol that services do not have.
 */
static __always_inline u32 svclb_packet_header(u8 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return sizeof(struct tcphdr);
	case IPPROTO_UDP:
		return sizeof(struct udphdr);
	case IPPROTO_SCTP:
		return sizeof(struct sctphdr);
	default:
		return 0;
	}
}

/**
 * svclb_packet_at() - a place in the linear part of a packet
 * @skb:    the packet, its network header first
 * @offset: where, from there on
 *
 * Return: the place.
 */
static __always_inline void *svclb_packet_at(const struct sk_buff *skb,
					     u32 offset)
{
	return skb->data + offset;
}

/* All of these protocols begin with the two ports. */
static __always_inline bool svclb_packet_ports(struct sk_buff *skb,
					       struct svclb_packet *packet)
{
	const __be16 *ports;

	if (unlikely(!pskb_may_pull(skb, packet->transport + packet->header)))
		return false;
	ports = svclb_packet_at(skb, packet->transport);
	packet->tuple.sport = ports[0];
	packet->tuple.dport = ports[1];
	return true;
}

/**
 * svclb_packet_parse4() - read an IPv4 packet
 * @skb:    the packet, its network header first and checked
 * @packet: for what it is
 *
 * Return: whether it is a whole packet of a protocol that services have.
 */
static __always_inline bool svclb_packet_parse4(struct sk_buff *skb,
						struct svclb_packet *packet)
{
	const struct iphdr *iph = ip_hdr(skb);

	packet->header = svclb_packet_header(iph->protocol);
	if (!packet->header || unlikely(ip_is_fragment(iph)))
		return false;
	packet->transport = iph->ihl * 4;
	packet->tuple = (struct svclb_flow){
		.src.ip = iph->saddr,
		.dst.ip = iph->daddr,
		.proto = iph->protocol,
		.family = NFPROTO_IPV4,
	};
	return svclb_packet_ports(skb, packet);
}

/**
 * svclb_packet_parse6() - read an IPv6 packet
 * @skb:    the packet, its network header first and checked
 * @packet: for what it is
 *
 * Return: whether it is a whole packet of a protocol that services have.
 */
static __always_inline bool svclb_packet_parse6(struct sk_buff *skb,
						struct svclb_packet *packet)
{
	const struct ipv6hdr *iph = ipv6_hdr(skb);
	int transport = sizeof(*iph);
	u8 proto = iph->nexthdr;
	__be16 fragment = 0;

	if (unlikely(!svclb_packet_header(proto))) {
		transport = ipv6_skip_exthdr(skb, transport, &proto, &fragment);
		if (transport < 0 || fragment)
			return false;
	}
	packet->header = svclb_packet_header(proto);
	if (!packet->header)
		return false;
	packet->transport = transport;
	packet->tuple = (struct svclb_flow){
		.src.in6 = iph->saddr,
		.dst.in6 = iph->daddr,
		.proto = proto,
		.family = NFPROTO_IPV6,
	};
	return svclb_packet_ports(skb, packet);
}

/**
 * svclb_packet_writable() - see to it that the headers may be changed
 * @skb:    the packet, its network header first
 * @length: how much of it is to be changed
 *
 * Pointers into the packet are of no use afterwards.
 *
 * Return: whether they may.
 */
static __always_inline bool svclb_packet_writable(struct sk_buff *skb,
						  u32 length)
{
	if (likely(!skb_cloned(skb) && length <= skb_headlen(skb)))
		return true;
	return !skb_ensure_writable(skb, length);
}

#endif /* _SVCLB_PACKET_H */
