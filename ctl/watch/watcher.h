/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_WATCHER_H
#define SVCLB_CTL_WATCHER_H

#include <stdbool.h>
#include <stdint.h>

#include "access.h"
#include "lib/nl.h"
#include "log.h"
#include "translate.h"

/**
 * struct svclb_watching - what a watcher is to do
 * @nl:          connection to the kernel, for requests
 * @events:      another one, for what others change
 * @access:      how to reach the API server
 * @translation: how the cluster becomes a configuration
 * @proxy:       what settings are asked for
 * @min_sync:    least milliseconds from one pass to the next
 * @full_sync:   milliseconds from one pass over everything to the next
 * @stale:       milliseconds after which a change that is not in the kernel
 *               makes the node unhealthy
 * @healthz:     ADDRESS:PORT, or "" for nowhere
 * @metrics:     likewise
 * @hard_fail:   whether an address that cannot be bound is an error
 * @per_service: whether there are metrics for each service
 * @once:        whether to end after the first pass over everything
 * @takeover:    whether to remove what a kube-proxy left, after that pass
 * @drain:       milliseconds that connections of IPVS have to end then
 * @log_format:  of the log
 * @log_level:   of the log
 */
struct svclb_watching {
	struct svclb_nl *nl;
	struct svclb_nl *events;
	const struct svclb_access *access;
	struct svclb_translation translation;
	struct svclb_proxy proxy;
	uint64_t min_sync;
	uint64_t full_sync;
	uint64_t stale;
	const char *healthz;
	const char *metrics;
	bool hard_fail;
	bool per_service;
	bool once;
	bool takeover;
	uint64_t drain;
	enum svclb_log_format log_format;
	enum svclb_log_level log_level;
};

int svclb_watcher_run(const struct svclb_watching *watching,
		      struct svclb_err *err);

#endif /* SVCLB_CTL_WATCHER_H */
