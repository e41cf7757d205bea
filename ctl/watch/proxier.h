/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_PROXIER_H
#define SVCLB_CTL_PROXIER_H

#include "feed.h"
#include "health_port.h"
#include "lib/err.h"
#include "lib/nl.h"
#include "loop.h"
#include "stats.h"
#include "translate.h"

struct svclb_proxier;

/**
 * struct svclb_proxying - what a proxier is to do
 * @loop:        where it runs
 * @nl:          connection to the kernel, for requests
 * @events:      another one, for what others change; or NULL
 * @translation: how a cluster becomes a configuration; what of the node is not
 *               given comes from the Node
 * @proxy:       what settings are asked for
 * @node_cidrs:  whether the pod networks of the Node take the place of
 *               @proxy.cluster_cidrs; then nothing is done without the Node
 * @min_sync:    least milliseconds from one pass to the next
 * @full_sync:   milliseconds from one pass over everything to the next
 * @stats:       where to keep count
 * @synced:      called after the first pass that brought everything to the
 *               kernel, or NULL
 * @health:      called with the health check ports when they changed, or NULL
 * @data:        for @synced and @health
 */
struct svclb_proxying {
	struct svclb_loop *loop;
	struct svclb_nl *nl;
	struct svclb_nl *events;
	struct svclb_translation translation;
	struct svclb_proxy proxy;
	bool node_cidrs;
	uint64_t min_sync;
	uint64_t full_sync;
	struct svclb_stats *stats;
	void (*synced)(void *data);
	void (*health)(void *data, const struct svclb_health_port *ports,
		       uint32_t nr);
	void *data;
};

int svclb_proxier_create(struct svclb_proxier **proxier,
			 const struct svclb_proxying *proxying,
			 struct svclb_err *err);
void svclb_proxier_free(struct svclb_proxier *proxier);
void svclb_proxier_feed(struct svclb_proxier *proxier, struct svclb_feed *feed);
void svclb_proxier_resync(struct svclb_proxier *proxier);

#endif /* SVCLB_CTL_PROXIER_H */
