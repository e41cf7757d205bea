// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refusing connections. What builds the answers is in modules of the kernel
 * that nothing else here needs: they are asked for by symbol when this module
 * is loaded, so that insmod, which loads no dependencies, finds them too.
 */
#include "reject.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/module.h>
#include <net/netfilter/ipv4/nf_reject.h>
#include <net/netfilter/ipv6/nf_reject.h>

static typeof(nf_send_reset) *send_reset __ro_after_init;
static typeof(nf_send_unreach) *send_unreach __ro_after_init;
#if IS_ENABLED(CONFIG_IPV6)
static typeof(nf_send_reset6) *send_reset6 __ro_after_init;
static typeof(nf_send_unreach6) *send_unreach6 __ro_after_init;
#endif

/**
 * svclb_reject_init() - get hold of what sends the answers
 *
 * May sleep.
 *
 * Return: 0; -ENOENT when the kernel is without.
 */
int __init svclb_reject_init(void)
{
	send_reset = symbol_request(nf_send_reset);
	send_unreach = symbol_request(nf_send_unreach);
#if IS_ENABLED(CONFIG_IPV6)
	send_reset6 = symbol_request(nf_send_reset6);
	send_unreach6 = symbol_request(nf_send_unreach6);
	if (send_reset6 && send_unreach6 && send_reset && send_unreach)
		return 0;
#else
	if (send_reset && send_unreach)
		return 0;
#endif
	svclb_reject_uninit();
	return -ENOENT;
}

/**
 * svclb_reject_uninit() - let go of it; no packet may be around
 */
void svclb_reject_uninit(void)
{
	if (send_reset)
		symbol_put(nf_send_reset);
	if (send_unreach)
		symbol_put(nf_send_unreach);
#if IS_ENABLED(CONFIG_IPV6)
	if (send_reset6)
		symbol_put(nf_send_reset6);
	if (send_unreach6)
		symbol_put(nf_send_unreach6);
#endif
}

static void reject4(struct sk_buff *skb, const struct nf_hook_state *state)
{
	if (ip_hdr(skb)->protocol == IPPROTO_TCP)
		send_reset(state->net, state->sk, skb, state->hook);
	else
		send_unreach(skb, ICMP_PORT_UNREACH, state->hook);
}

static void reject6(struct sk_buff *skb, const struct nf_hook_state *state)
{
#if IS_ENABLED(CONFIG_IPV6)
	__be16 fragment;
	u8 proto = ipv6_hdr(skb)->nexthdr;

	if (ipv6_skip_exthdr(skb, sizeof(struct ipv6hdr), &proto,
			     &fragment) >= 0 && proto == IPPROTO_TCP)
		send_reset6(state->net, state->sk, skb, state->hook);
	else
		send_unreach6(state->net, skb, ICMPV6_PORT_UNREACH,
			      state->hook);
#endif
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
	else
		reject6(skb, state);
}

static unsigned int refuse(struct svclb_net *sn, struct sk_buff *skb,
			   const struct nf_hook_state *state,
			   enum svclb_cause cause)
{
	svclb_count(sn, cause);
	svclb_reject(skb, state);
	/* The node's own process hears of it from its system call too. */
	return state->hook == NF_INET_LOCAL_OUT ?
	       NF_DROP_ERR(-ECONNREFUSED) : NF_DROP;
}

static unsigned int drop(struct svclb_net *sn, enum svclb_cause cause)
{
	svclb_count(sn, cause);
	return NF_DROP;
}

/**
 * svclb_reject_verdict() - what becomes of a packet that gets no backend
 * @sn:       the namespace
 * @skb:      first packet of a connection
 * @state:    where it is
 * @verdict:  enum svclb_verdict, but for those that send it somewhere
 * @frontend: that it is addressed to, or NULL
 *
 * Return: NF_ACCEPT, or what drops it, after counting why and telling its sender.
 */
unsigned int svclb_reject_verdict(struct svclb_net *sn, struct sk_buff *skb,
				  const struct nf_hook_state *state, u8 verdict,
				  const struct svclb_frontend *frontend)
{
	switch (verdict) {
	case SVCLB_VERDICT_REJECT_NO_BACKEND:
		svclb_counter_inc(&frontend->rejected);
		return refuse(sn, skb, state, SVCLB_REJECTED_NO_BACKEND);
	case SVCLB_VERDICT_REJECT_UNUSED_PORT:
		return refuse(sn, skb, state, SVCLB_REJECTED_UNUSED_PORT);
	case SVCLB_VERDICT_DROP_SOURCE_RANGE:
		return drop(sn, SVCLB_DROPPED_SOURCE_RANGE);
	case SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND:
		return drop(sn, SVCLB_DROPPED_NO_LOCAL_BACKEND);
	case SVCLB_VERDICT_DROP_UNALLOCATED:
		return drop(sn, SVCLB_DROPPED_UNALLOCATED);
	case SVCLB_VERDICT_DROP_LOOPBACK:
		return drop(sn, SVCLB_DROPPED_LOOPBACK);
	default:
		return NF_ACCEPT;
	}
}
