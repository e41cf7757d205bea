/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_METRICS_H
#define SVCLB_CTL_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "healthz.h"
#include "lib/codec.h"
#include "lib/config.h"
#include "stats.h"

/**
 * struct svclb_metrics - what metrics are made from
 * @stats:    what the watcher knows about itself
 * @healthz:  how often it was asked for its health
 * @counters: the namespace's counters, or NULL if they could not be read
 * @config:   the services with their counters, or NULL for none
 * @started:  when the program began, seconds since 1970
 */
struct svclb_metrics {
	const struct svclb_stats *stats;
	const struct svclb_healthz *healthz;
	const struct svclb_counters *counters;
	const struct svclb_config *config;
	double started;
};

char *svclb_metrics_write(const struct svclb_metrics *metrics, size_t *len);
double svclb_metrics_started(void);

#endif /* SVCLB_CTL_METRICS_H */
