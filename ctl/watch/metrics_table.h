/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_METRICS_TABLE_H
#define SVCLB_CTL_METRICS_TABLE_H

#include <stddef.h>

#include "metrics.h"
#include "metrics_text.h"

/**
 * struct svclb_scrape - metrics that are being written
 * @from:   what they are made from
 * @text:   the text so far
 * @labels: the labels of each service, one behind the other
 * @ends:   where those of each service end
 */
struct svclb_scrape {
	const struct svclb_metrics *from;
	struct svclb_metrics_text text;
	struct svclb_metrics_text labels;
	size_t *ends;
};

/**
 * struct svclb_metric - a metric
 * @name:    its name
 * @type:    counter, gauge or histogram
 * @help:    what it tells
 * @samples: writes its samples; a metric without any is left out
 * @at:      for @samples: which of several it is
 *
 * A table of them ends with one that has no name.
 */
struct svclb_metric {
	const char *name;
	const char *type;
	const char *help;
	void (*samples)(struct svclb_scrape *scrape,
			const struct svclb_metric *metric);
	size_t at;
};

extern const struct svclb_metric svclb_metrics_sync[];
extern const struct svclb_metric svclb_metrics_kernel[];
extern const struct svclb_metric svclb_metrics_services[];
extern const struct svclb_metric svclb_metrics_process[];

void svclb_sample_u64(struct svclb_scrape *scrape,
		      const struct svclb_metric *metric, const char *labels,
		      uint64_t value);
void svclb_sample_double(struct svclb_scrape *scrape,
			 const struct svclb_metric *metric, const char *labels,
			 double value);
int svclb_metrics_label_services(struct svclb_scrape *scrape);

#endif /* SVCLB_CTL_METRICS_TABLE_H */
