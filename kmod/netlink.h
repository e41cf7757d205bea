/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETLINK_H
#define _SVCLB_NETLINK_H

#include <net/genetlink.h>

#include "net.h"

struct affinity_walk;

/**
 * struct svclb_dump_position - where a dump is
 * @id:     lowest id of a service still to be looked at
 * @index:  how many members of that service were written
 * @only:   id of the one service wanted, or 0 for all
 * @counts: write the connections of backends
 * @walk:   of a dump of affinity entries, or NULL
 */
struct svclb_dump_position {
	u32 id;
	u32 index;
	u32 only;
	bool counts;
	struct affinity_walk *walk;
};

extern struct genl_family svclb_genl_family;

int svclb_netlink_init(void);
void svclb_netlink_uninit(void);

bool svclb_netlink_has_reference(struct nlattr **attrs);
struct svclb_service *svclb_netlink_find(struct svclb_net *sn,
					 struct nlattr **attrs,
					 bool by_frontend,
					 struct netlink_ext_ack *extack);

/**
 * svclb_dump_position() - where a dump is
 * @cb: the dump
 *
 * Return: its position, which the dump keeps from one buffer to the next.
 */
static inline struct svclb_dump_position *
svclb_dump_position(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct svclb_dump_position) > sizeof(cb->ctx));

	return (struct svclb_dump_position *)cb->ctx;
}

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
