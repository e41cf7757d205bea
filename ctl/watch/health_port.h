/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HEALTH_PORT_H
#define SVCLB_CTL_HEALTH_PORT_H

#include <stdint.h>

/**
 * struct svclb_health_port - what a Service's health check port is to tell
 * @namespace: of the Service
 * @name:      of the Service
 * @port:      the port
 * @ready:     how many ready endpoints are on this node
 */
struct svclb_health_port {
	const char *namespace;
	const char *name;
	uint16_t port;
	uint32_t ready;
};

#endif /* SVCLB_CTL_HEALTH_PORT_H */
