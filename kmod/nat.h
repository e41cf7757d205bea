/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NAT_H
#define _SVCLB_NAT_H

#include "net.h"

int svclb_nat_hook(struct svclb_net *sn, u8 family);
void svclb_nat_unhook(struct svclb_net *sn);
void svclb_nat_retire(struct svclb_net *sn);

#endif /* _SVCLB_NAT_H */
