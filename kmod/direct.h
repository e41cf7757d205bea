/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_DIRECT_H
#define _SVCLB_DIRECT_H

#include <net/netfilter/nf_conntrack.h>

#include "flow.h"
#include "net.h"
#include "packet.h"

int svclb_direct_hook(struct svclb_net *sn, u8 family);
void svclb_direct_unhook(struct svclb_net *sn);
void svclb_direct_retire(struct svclb_net *sn);

unsigned int svclb_direct_send(struct svclb_way *way, struct sk_buff *skb,
			       const struct svclb_packet *packet,
			       const struct nf_hook_state *state);
unsigned int svclb_direct_open(struct svclb_net *sn, struct sk_buff *skb,
			       struct svclb_packet *packet,
			       const struct nf_hook_state *state);
bool svclb_direct_move(struct svclb_net *sn, struct svclb_way *way,
		       struct sk_buff *skb, const struct svclb_packet *packet);
unsigned int svclb_direct_echo(struct svclb_net *sn, struct sk_buff *skb,
			       const struct svclb_packet *packet,
			       const struct nf_hook_state *state);
unsigned int svclb_direct_other4(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state);
unsigned int svclb_direct_other6(struct svclb_net *sn, struct sk_buff *skb,
				 const struct nf_hook_state *state);
bool svclb_direct_reroute(struct sk_buff *skb,
			  const struct nf_hook_state *state, int *err);
struct svclb_conn *svclb_direct_masquerade(struct svclb_net *sn,
					   struct sk_buff *skb,
					   struct svclb_conn *conn,
					   struct svclb_flow *reply,
					   enum svclb_cause *cause);
struct svclb_conn *svclb_direct_other_port(struct svclb_net *sn,
					   struct svclb_conn *conn,
					   struct svclb_flow *reply);

/**
 * svclb_direct_leave_untracked() - keep a packet out of connection tracking
 * @skb: the packet
 */
static __always_inline void svclb_direct_leave_untracked(struct sk_buff *skb)
{
	if (unlikely(skb_nfct(skb)))
		nf_reset_ct(skb);
	nf_ct_set(skb, NULL, IP_CT_UNTRACKED);
}

#endif /* _SVCLB_DIRECT_H */
