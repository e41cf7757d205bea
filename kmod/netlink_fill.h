/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETLINK_FILL_H
#define _SVCLB_NETLINK_FILL_H

#include <net/genetlink.h>

#include "resolve.h"

struct svclb_conn;

/* Most backends that a resolution names. */
#define SVCLB_CANDIDATES_MAX 1024

/**
 * struct svclb_fill - a message to be written
 * @skb:    where to
 * @portid: whom it is for
 * @seq:    sequence number of the request
 * @flags:  netlink flags
 * @cmd:    enum svclb_cmd
 * @cb:     the dump it belongs to, or NULL
 * @counts: write the connections of backends
 */
struct svclb_fill {
	struct sk_buff *skb;
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
	struct netlink_callback *cb;
	bool counts;
};

int svclb_fill_service(const struct svclb_fill *fill, struct svclb_net *sn,
		       const struct svclb_service *service);
int svclb_fill_frontend(const struct svclb_fill *fill, struct svclb_net *sn,
			const struct svclb_frontend *frontend);
int svclb_fill_source_range(const struct svclb_fill *fill,
			    const struct svclb_service *service,
			    const struct svclb_network *network);
int svclb_fill_backend(const struct svclb_fill *fill,
		       const struct svclb_service *service,
		       const struct svclb_backend_slot *slot);
int svclb_fill_settings(const struct svclb_fill *fill,
			const struct svclb_settings *settings);
int svclb_fill_counters(const struct svclb_fill *fill, struct svclb_net *sn);
int svclb_fill_affinity(const struct svclb_fill *fill,
			const struct svclb_service *service,
			struct svclb_affinity_entry *entry);
int svclb_fill_flow(const struct svclb_fill *fill,
		    const struct svclb_conn *conn,
		    const struct svclb_service *service,
		    const struct svclb_settings *settings);
int svclb_fill_flow_count(const struct svclb_fill *fill, u32 count);
int svclb_fill_resolution(const struct svclb_fill *fill, struct svclb_net *sn,
			  const struct svclb_flow *flow);

#endif /* _SVCLB_NETLINK_FILL_H */
