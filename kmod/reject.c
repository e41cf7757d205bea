// SPDX-License-Identifier: GPL-2.0-only
#include "reject.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

static void reject4(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol == IPPROTO_TCP)
		nf_send_reset(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach(skb, ICMP_PORT_UNREACH, state->hook);
}

static void reject6(struct sk_buff *skb, const struct nf_hook_state *state)
{
	__be16 fragment;
	u8 proto = ipv6_hdr(skb)->nexthdr;

	if (ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &proto,
			     &fragment) >= 0 && proto == IPPROTO_TCP)
		nf_send_reset6(state->net, state->sk, skb, state->hook);
	else
		nf_send_unreach6(state->net, skb, ICMPV6_PORT_UNREACH,
				 state->hook);
}

/**
 * svclb_reject() - tell a client that its connection is refused
 * @skb:   first packet of the connection, whole; the caller drops it
 * @state: where it is
 *
 * A TCP client gets a reset, since hosts limit and firewalls drop ICMP errors;
 * any other gets a port unreachable.
 */
void svclb_reject(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (state->pf == NFPROTO_IPV4)
		reject4(skb, state);
	else if (IS_ENABLED(CONFIG_IPV6))
		reject6(skb, state);
}
