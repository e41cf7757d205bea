/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_STATS_H
#define SVCLB_CTL_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "k8s.h"

#define SVCLB_HISTOGRAM_MAX 96

/**
 * struct svclb_histogram - how often something took how long
 * @bounds: upper bounds of the buckets in seconds, ascending
 * @nr:     how many
 * @counts: how many were in each bucket alone, those beyond the last in counts[nr]
 * @sum:    of all, in seconds
 */
struct svclb_histogram {
	const double *bounds;
	unsigned int nr;
	uint64_t counts[SVCLB_HISTOGRAM_MAX + 1];
	double sum;
};

/**
 * struct svclb_stats - what the watcher knows about itself
 * @sync:            how long passes over what has changed took, and they alone
 * @full_sync:       how long passes over all took
 * @programming:     from an endpoint's change, as the API server dates it, to
 *                   the kernel
 * @last_sync:       when the last pass succeeded, seconds since 1970, or 0
 * @last_queued:     when the last change came in, likewise
 * @oldest_pending:  when the oldest change came in that is not in the kernel
 *                   yet, in milliseconds of svclb_loop_now(), or 0
 * @sync_failures:   passes that failed, wholly or in part
 * @repairs:         passes that undid what somebody else had changed
 * @service_changes: Services that changed
 * @slice_changes:   EndpointSlices that changed
 * @pending_service_changes: those that are not in the kernel yet
 * @pending_slice_changes:   likewise
 * @services:        services that the kernel has
 * @endpoints:       endpoints that they have, together
 * @no_local_internal: services with a Local policy for the cluster IP and usable
 *                   endpoints, but none here, by family
 * @no_local_external: likewise of what comes from outside
 * @lists:           lists that were read whole
 * @watches:         watches that were begun
 * @request_errors:  requests to the API server that failed
 * @node_eligible:   whether the node shall get connections from outside
 * @synced:          whether all lists were read and the kernel was told
 */
struct svclb_stats {
	struct svclb_histogram sync;
	struct svclb_histogram full_sync;
	struct svclb_histogram programming;
	double last_sync;
	double last_queued;
	uint64_t oldest_pending;
	uint64_t sync_failures;
	uint64_t repairs;
	uint64_t service_changes;
	uint64_t slice_changes;
	uint64_t pending_service_changes;
	uint64_t pending_slice_changes;
	uint32_t services;
	uint32_t endpoints;
	uint32_t no_local_internal[SVCLB_FAMILIES];
	uint32_t no_local_external[SVCLB_FAMILIES];
	uint64_t lists;
	uint64_t watches;
	uint64_t request_errors;
	bool node_eligible;
	bool synced;
};

void svclb_stats_init(struct svclb_stats *stats);
void svclb_histogram_add(struct svclb_histogram *histogram, double seconds);

#endif /* SVCLB_CTL_STATS_H */
