/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_CONNTRACK_H
#define _SVCLB_CONNTRACK_H

#include "net.h"

void svclb_conntrack_init(struct svclb_net *sn);
void svclb_conntrack_uninit(struct svclb_net *sn);
void svclb_conntrack_depart(struct svclb_net *sn,
			    struct svclb_frontend *frontend);
void svclb_conntrack_sweep(struct svclb_net *sn);
void svclb_conntrack_settle(struct svclb_net *sn);
bool svclb_conntrack_has(struct net *net, const struct svclb_flow *tuple);

#endif /* _SVCLB_CONNTRACK_H */
