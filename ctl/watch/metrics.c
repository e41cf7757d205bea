// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text that /metrics is: version 0.0.4 of Prometheus' format. It is made at
 * once and in one go, so all of it is of one moment.
 */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "metrics_table.h"

/* Begins a sample; @labels has no braces, "" is none. */
static void begin(struct svclb_scrape *scrape, const struct svclb_metric *metric,
		  const char *labels)
{
	struct svclb_metrics_text *text = &scrape->text;

	svclb_metrics_puts(text, metric->name);
	if (*labels) {
		svclb_metrics_put(text, "{", 1);
		svclb_metrics_puts(text, labels);
		svclb_metrics_put(text, "}", 1);
	}
	svclb_metrics_put(text, " ", 1);
}

/**
 * svclb_sample_u64() - write a sample
 * @scrape: where to
 * @metric: whose
 * @labels: its labels, without braces
 * @value:  its value
 */
void svclb_sample_u64(struct svclb_scrape *scrape,
		      const struct svclb_metric *metric, const char *labels,
		      uint64_t value)
{
	begin(scrape, metric, labels);
	svclb_metrics_put_u64(&scrape->text, value);
	svclb_metrics_put(&scrape->text, "\n", 1);
}

/**
 * svclb_sample_double() - write a sample that need not be a whole number
 * @scrape: where to
 * @metric: whose
 * @labels: its labels, without braces
 * @value:  its value
 */
void svclb_sample_double(struct svclb_scrape *scrape,
			 const struct svclb_metric *metric, const char *labels,
			 double value)
{
	begin(scrape, metric, labels);
	svclb_metrics_put_double(&scrape->text, value);
	svclb_metrics_put(&scrape->text, "\n", 1);
}

static void write_metric(struct svclb_scrape *scrape,
			 const struct svclb_metric *metric)
{
	struct svclb_metrics_text *text = &scrape->text;
	size_t before = text->len, head;

	svclb_metrics_puts(text, "# HELP ");
	svclb_metrics_puts(text, metric->name);
	svclb_metrics_puts(text, " ");
	svclb_metrics_puts(text, metric->help);
	svclb_metrics_puts(text, "\n# TYPE ");
	svclb_metrics_puts(text, metric->name);
	svclb_metrics_puts(text, " ");
	svclb_metrics_puts(text, metric->type);
	svclb_metrics_puts(text, "\n");
	head = text->len;
	metric->samples(scrape, metric);
	if (text->len == head)
		text->len = before;
}

/**
 * svclb_metrics_write() - write metrics
 * @metrics: what they are made from
 * @len:     for the length of the text
 *
 * Return: the text, which the caller frees, or NULL when there is no memory.
 */
char *svclb_metrics_write(const struct svclb_metrics *metrics, size_t *len)
{
	const struct svclb_metric *const tables[] = {
		svclb_metrics_sync, svclb_metrics_kernel,
		svclb_metrics_services, svclb_metrics_process, NULL
	};
	struct svclb_scrape scrape = { .from = metrics };
	const struct svclb_metric *metric;
	size_t i;

	if (metrics->config && svclb_metrics_label_services(&scrape))
		scrape.text.failed = true;
	for (i = 0; tables[i]; i++)
		for (metric = tables[i]; metric->name; metric++)
			write_metric(&scrape, metric);
	free(scrape.labels.at);
	free(scrape.ends);
	if (scrape.text.failed) {
		free(scrape.text.at);
		return NULL;
	}
	*len = scrape.text.len;
	return scrape.text.at;
}
