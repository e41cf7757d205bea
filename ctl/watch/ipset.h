/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_IPSET_H
#define SVCLB_CTL_IPSET_H

#include <stdbool.h>
#include <stdint.h>

#include "k8s.h"
#include "leftovers.h"
#include "lib/err.h"

/* Node ports of kube-proxy's sets: families by TCP, UDP and SCTP. */
#define SVCLB_NODE_PORT_PROTOS 3

/**
 * struct svclb_node_ports - which ports kube-proxy has opened as node ports
 * @bits: one bit a port, by family and protocol
 */
struct svclb_node_ports {
	uint8_t bits[SVCLB_FAMILIES][SVCLB_NODE_PORT_PROTOS][65536 / 8];
};

bool svclb_node_ports_has(const struct svclb_node_ports *ports, uint8_t family,
			  uint8_t proto, uint16_t port);
int svclb_ipset_node_ports(struct svclb_node_ports *ports,
			   struct svclb_err *err);
void svclb_ipset_take_over(struct svclb_leftovers *leftovers);

#endif /* SVCLB_CTL_IPSET_H */
