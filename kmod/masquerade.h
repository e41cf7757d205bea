/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_MASQUERADE_H
#define _SVCLB_MASQUERADE_H

#include <linux/netfilter.h>

#include "net.h"

struct nf_conn;

unsigned int svclb_masquerade(struct svclb_net *sn,
			      const struct svclb_flow *flow, struct nf_conn *ct,
			      const struct nf_hook_state *state);

#endif /* _SVCLB_MASQUERADE_H */
