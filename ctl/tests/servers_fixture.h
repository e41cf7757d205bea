/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_SERVERS_FIXTURE_H
#define SVCLB_CTL_SERVERS_FIXTURE_H

#include "ask.h"
#include "tap.h"
#include "watch/servers.h"

/* Milliseconds that a change may wait; longer than any test. */
#define FIXTURE_STALE 600000

/* The kernel's counter of number N is this and N. */
#define FIXTURE_COUNTER 424200u

/**
 * struct fixture - servers, and what they tell
 * @loop:      where they run
 * @servers:   the servers
 * @stats:     what they tell
 * @healthz:   port of /healthz
 * @metrics:   port of /metrics
 * @broken:    whether the kernel does not tell its counters
 * @big:       how many more services the kernel has
 * @read:      how often the kernel's counters were read
 */
struct fixture {
	struct svclb_loop *loop;
	struct svclb_servers *servers;
	struct svclb_stats stats;
	uint16_t healthz;
	uint16_t metrics;
	bool broken;
	uint32_t big;
	unsigned int read;
};

void fixture_init(struct fixture *fixture);
void fixture_init_on(struct fixture *fixture,
		     const struct svclb_networks *networks);
void fixture_uninit(struct fixture *fixture);
void fixture_fill(struct fixture *fixture);
uint16_t fixture_free_port(void);
int fixture_healthz(struct fixture *fixture, struct ask *ask,
		    const char *request);
int fixture_metrics(struct fixture *fixture, struct ask *ask,
		    const char *request);
bool fixture_metrics_with(struct fixture *fixture, struct ask *ask,
			  const char *series, const char *value);

#endif /* SVCLB_CTL_SERVERS_FIXTURE_H */
