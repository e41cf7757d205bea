/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_REJECT_H
#define _SVCLB_REJECT_H

#include <linux/netfilter.h>
#include <linux/skbuff.h>

#include "net.h"

int svclb_reject_init(void);
void svclb_reject_uninit(void);
void svclb_reject(struct sk_buff *skb, const struct nf_hook_state *state);
unsigned int svclb_reject_verdict(struct svclb_net *sn, struct sk_buff *skb,
				  const struct nf_hook_state *state, u8 verdict,
				  const struct svclb_frontend *frontend);

#endif /* _SVCLB_REJECT_H */
