/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETLINK_H
#define _SVCLB_NETLINK_H

#include <net/genetlink.h>

#include "net.h"

extern struct genl_family svclb_genl_family;

int svclb_netlink_init(void);
void svclb_netlink_uninit(void);

bool svclb_netlink_has_reference(struct nlattr **attrs);
struct svclb_service *svclb_netlink_find(struct svclb_net *sn,
					 struct nlattr **attrs,
					 bool by_frontend,
					 struct netlink_ext_ack *extack);

/**
 * svclb_netlink_net() - the namespace that a request acts on
 * @info: the request
 *
 * Return: what svclb has there.
 */
static inline struct svclb_net *svclb_netlink_net(struct genl_info *info)
{
	return svclb_net(genl_info_net(info));
}

#endif /* _SVCLB_NETLINK_H */
