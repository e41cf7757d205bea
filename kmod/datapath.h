/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_DATAPATH_H
#define _SVCLB_DATAPATH_H

#include "net.h"

int svclb_datapath_hook(struct svclb_net *sn, u8 datapath, u8 family);
int svclb_datapath_hook_failover(struct svclb_net *sn, u8 datapath, u8 family);
int svclb_datapath_hook_again(struct svclb_net *sn, u8 datapath);
void svclb_datapath_retire(struct svclb_net *sn, u8 datapath);
void svclb_datapath_unhook(struct svclb_net *sn);

#endif /* _SVCLB_DATAPATH_H */
