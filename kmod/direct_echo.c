// SPDX-License-Identifier: GPL-2.0-only
/*
 * Echo requests to a VIP in the direct datapath: the packet itself is turned into
 * the answer. Nothing has to be remembered of it.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "direct.h"

/* A packet that came in, or was sent, becomes one to be sent. */
static void renew(struct sk_buff *skb, struct dst_entry *dst)
{
	skb_orphan(skb);
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	skb_clear_tstamp(skb);
	memset(skb->cb, 0, sizeof(skb->cb));
	skb->ip_summed = CHECKSUM_NONE;
	skb->pkt_type = PACKET_OUTGOING;
	skb->priority = 0;
	skb->mark = 0;
	svclb_direct_leave_untracked(skb);
}

static bool may_be_answered(__be32 addr)
{
	return !ipv4_is_multicast(addr) && !ipv4_is_lbcast(addr) &&
	       !ipv4_is_zeronet(addr);
}

static unsigned int echo4(struct sk_buff *skb, u32 transport,
			  const struct nf_hook_state *state)
{
	struct iphdr *iph = ip_hdr(skb);
	struct icmphdr *icmp = svclb_packet_at(skb, transport);
	struct flowi4 fl4 = {
		.saddr = iph->daddr,
		.daddr = iph->saddr,
		.flowi4_proto = IPPROTO_ICMP,
		.flowi4_flags = FLOWI_FLAG_ANYSRC,
	};
	struct rtable *rt;

	if (!may_be_answered(iph->saddr))
		return NF_DROP;
	rt = ip_route_output_key(state->net, &fl4);
	if (IS_ERR(rt))
		return NF_DROP;
	swap(iph->saddr, iph->daddr);
	iph->ttl = READ_ONCE(state->net->ipv4.sysctl_ip_default_ttl);
	csum_replace2(&icmp->checksum, htons(ICMP_ECHO << 8),
		      htons(ICMP_ECHOREPLY << 8));
	icmp->type = ICMP_ECHOREPLY;
	renew(skb, &rt->dst);
	ip_local_out(state->net, NULL, skb);
	return NF_STOLEN;
}

static unsigned int echo6(struct sk_buff *skb, u32 transport,
			  const struct nf_hook_state *state)
{
#if IS_ENABLED(CONFIG_IPV6)
	struct ipv6hdr *iph = ipv6_hdr(skb);
	struct icmp6hdr *icmp = svclb_packet_at(skb, transport);
	struct flowi6 fl6 = {
		.saddr = iph->daddr,
		.daddr = iph->saddr,
		.flowi6_proto = IPPROTO_ICMPV6,
		.flowi6_flags = FLOWI_FLAG_ANYSRC,
	};
	struct dst_entry *dst;

	if (!(ipv6_addr_type(&iph->saddr) & IPV6_ADDR_UNICAST))
		return NF_DROP;
	if (ipv6_addr_type(&iph->saddr) & IPV6_ADDR_LINKLOCAL)
		fl6.flowi6_oif = (state->in ?: state->out)->ifindex;
	dst = ip6_route_output(state->net, NULL, &fl6);
	if (dst->error) {
		dst_release(dst);
		return NF_DROP;
	}
	swap(iph->saddr, iph->daddr);
	iph->hop_limit = ip6_dst_hoplimit(dst);
	csum_replace2(&icmp->icmp6_cksum, htons(ICMPV6_ECHO_REQUEST << 8),
		      htons(ICMPV6_ECHO_REPLY << 8));
	icmp->icmp6_type = ICMPV6_ECHO_REPLY;
	renew(skb, dst);
	ip6_local_out(state->net, NULL, skb);
	return NF_STOLEN;
#else
	return NF_DROP;
#endif
}

/**
 * svclb_direct_echo() - answer an echo request
 * @sn:     the namespace
 * @skb:    the request
 * @packet: the same
 * @state:  where it is
 *
 * Return: what becomes of the request.
 */
unsigned int svclb_direct_echo(struct svclb_net *sn, struct sk_buff *skb,
			       const struct svclb_packet *packet,
			       const struct nf_hook_state *state)
{
	unsigned int verdict;

	if (!svclb_packet_writable(skb, packet->transport +
				   sizeof(struct icmphdr)))
		return NF_DROP;
	verdict = state->pf == NFPROTO_IPV4 ?
		  echo4(skb, packet->transport, state) :
		  echo6(skb, packet->transport, state);
	svclb_count(sn, verdict == NF_STOLEN ? SVCLB_ECHOES :
					       SVCLB_DROPPED_NO_ADDRESS);
	return verdict;
}
