/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETLINK_REPLY_H
#define _SVCLB_NETLINK_REPLY_H

#include "netlink_fill.h"

int svclb_reply_init(struct svclb_fill *fill, struct genl_info *info, u8 cmd);
int svclb_reply_send(struct svclb_fill *fill, struct genl_info *info, int err);
bool svclb_notify_init(struct svclb_fill *fill, struct genl_info *info, u8 cmd);
void svclb_notify_send(struct svclb_fill *fill, struct genl_info *info,
		       int err);
void svclb_notify_later(struct svclb_fill *fill, struct sk_buff_head *queue,
			int err);
void svclb_notify_drained(struct svclb_net *sn,
			  const struct svclb_service *service,
			  const struct svclb_backend_slot *slot);
void svclb_notify_queued(struct sk_buff_head *queue, struct genl_info *info,
			 int err);

#endif /* _SVCLB_NETLINK_REPLY_H */
