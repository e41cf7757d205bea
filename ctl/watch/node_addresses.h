/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NODE_ADDRESSES_H
#define SVCLB_CTL_NODE_ADDRESSES_H

#include "lib/config.h"
#include "listeners.h"

/**
 * struct svclb_node_addresses - addresses of the node to listen on
 * @at: the addresses, sorted, without ports
 * @nr: how many
 */
struct svclb_node_addresses {
	struct svclb_bind *at;
	uint32_t nr;
};

int svclb_node_addresses_read(struct svclb_node_addresses *addresses,
			      const struct svclb_networks *networks);
int svclb_node_address_compare(const void *a, const void *b);

#endif /* SVCLB_CTL_NODE_ADDRESSES_H */
