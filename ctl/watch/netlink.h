/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NETLINK_H
#define SVCLB_CTL_NETLINK_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

struct nl_msg;

/**
 * struct svclb_netlink - a socket to ask other parts of the kernel
 * @fd:    the socket, or -1
 * @seq:   number of the last request
 * @reply: buffer for replies
 */
struct svclb_netlink {
	int fd;
	uint32_t seq;
	char *reply;
};

/**
 * struct svclb_replies - the messages of a dump, one behind the other
 * @data: the first of them
 * @len:  length of all
 * @room: room for them
 */
struct svclb_replies {
	char *data;
	size_t len;
	size_t room;
};

int svclb_netlink_open(struct svclb_netlink *nl, int protocol,
		       struct svclb_err *err);
void svclb_netlink_close(struct svclb_netlink *nl);
struct nl_msg *svclb_netlink_nfnl(uint8_t subsystem, uint8_t type,
				  uint8_t family, uint16_t flags);
int svclb_netlink_call(struct svclb_netlink *nl, struct nl_msg *msg);
int svclb_netlink_batch(struct svclb_netlink *nl, struct nl_msg *const *msgs,
			int nr);
int svclb_netlink_dump(struct svclb_netlink *nl, struct nl_msg *msg,
		       struct svclb_replies *replies);
struct nlmsghdr *svclb_replies_next(const struct svclb_replies *replies,
				    const struct nlmsghdr *after);
void svclb_replies_uninit(struct svclb_replies *replies);

#endif /* SVCLB_CTL_NETLINK_H */
