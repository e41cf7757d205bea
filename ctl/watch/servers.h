/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_SERVERS_H
#define SVCLB_CTL_SERVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "health_port.h"
#include "lib/codec.h"
#include "lib/config.h"
#include "lib/err.h"
#include "loop.h"
#include "stats.h"

struct svclb_servers;

/**
 * struct svclb_serving - what is to be served, and where
 * @loop:        where it runs
 * @healthz:     ADDRESS:PORT for /healthz and /livez, "" for nowhere
 * @metrics:     ADDRESS:PORT for /metrics, /proxyMode and /healthz, likewise
 * @hard_fail:   whether an address that cannot be bound is an error; else it is
 *               logged and tried again
 * @per_service: whether /metrics has traffic by service
 * @stale:       milliseconds after which a change that is not in the kernel
 *               makes the node unhealthy
 * @stats:       what is told
 * @counters:    reads the namespace's counters and, if @config is not NULL, the
 *               kernel's services with theirs; 0 or -1
 * @data:        for @counters
 * @health_addresses: networks of the node's addresses that health check ports
 *               are open on; none: all addresses
 */
struct svclb_serving {
	struct svclb_loop *loop;
	const char *healthz;
	const char *metrics;
	bool hard_fail;
	bool per_service;
	uint64_t stale;
	const struct svclb_stats *stats;
	int (*counters)(void *data, struct svclb_counters *counters,
			struct svclb_config *config, struct svclb_err *err);
	void *data;
	struct svclb_networks health_addresses;
};

int svclb_servers_create(struct svclb_servers **servers,
			 const struct svclb_serving *serving,
			 struct svclb_err *err);
int svclb_servers_set_health_ports(struct svclb_servers *servers,
				   const struct svclb_health_port *ports,
				   uint32_t nr);
void svclb_servers_free(struct svclb_servers *servers);

#endif /* SVCLB_CTL_SERVERS_H */
