/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_FAILOVER_H
#define _SVCLB_FAILOVER_H

#include "net.h"

int svclb_failover_hook(struct svclb_net *sn, u8 family);
void svclb_failover_unhook(struct svclb_net *sn);

#endif /* _SVCLB_FAILOVER_H */
