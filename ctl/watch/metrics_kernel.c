// SPDX-License-Identifier: GPL-2.0-only
/* The counters that the kernel keeps for the namespace. */
#include <stdio.h>

#include "metrics_table.h"

/**
 * struct cause - a counter that is one of several causes
 * @word: the cause
 * @attr: enum svclb_counters_attr
 */
struct cause {
	const char *word;
	int attr;
};

static const struct cause rejections[] = {
	{ "no_endpoint", SVCLB_A_COUNTERS_REJECTED_NO_BACKEND },
	{ "unused_port", SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT },
	{ 0 }
};

static const struct cause drops[] = {
	{ "no_port", SVCLB_A_COUNTERS_DROPPED_NO_PORT },
	{ "no_address", SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS },
	{ "nat", SVCLB_A_COUNTERS_DROPPED_NAT },
	{ "source_range", SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE },
	{ "no_local_endpoint", SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND },
	{ "unallocated", SVCLB_A_COUNTERS_DROPPED_UNALLOCATED },
	{ "loopback", SVCLB_A_COUNTERS_DROPPED_LOOPBACK },
	{ 0 }
};

static void causes(struct svclb_scrape *scrape,
		   const struct svclb_metric *metric,
		   const struct cause *cause)
{
	const struct svclb_counters *counters = scrape->from->counters;
	char labels[64];

	for (; counters && cause->word; cause++) {
		snprintf(labels, sizeof(labels), "cause=\"%s\"", cause->word);
		svclb_sample_u64(scrape, metric, labels,
				 counters->values[cause->attr]);
	}
}

static void rejected(struct svclb_scrape *scrape,
		     const struct svclb_metric *metric)
{
	causes(scrape, metric, rejections);
}

static void dropped(struct svclb_scrape *scrape,
		    const struct svclb_metric *metric)
{
	causes(scrape, metric, drops);
}

static void counter(struct svclb_scrape *scrape,
		    const struct svclb_metric *metric)
{
	const struct svclb_counters *counters = scrape->from->counters;

	if (counters)
		svclb_sample_u64(scrape, metric, "",
				 counters->values[metric->at]);
}

static void is_read(struct svclb_scrape *scrape,
		    const struct svclb_metric *metric)
{
	svclb_sample_u64(scrape, metric, "", !!scrape->from->counters);
}

const struct svclb_metric svclb_metrics_kernel[] = {
	{ "svclb_kernel_up", "gauge",
	  "1 if the kernel told its counters; else 0, and they are left out.",
	  is_read, 0 },
	{ "svclb_connections_total", "counter",
	  "New connections sent to an endpoint.",
	  counter, SVCLB_A_COUNTERS_CONNECTIONS },
	{ "svclb_masqueraded_connections_total", "counter",
	  "New connections that were masqueraded.",
	  counter, SVCLB_A_COUNTERS_MASQUERADED },
	{ "svclb_rejected_connections_total", "counter",
	  "New connections refused, by cause.",
	  rejected, 0 },
	{ "svclb_dropped_connections_total", "counter",
	  "New connections dropped, by cause.",
	  dropped, 0 },
	{ "svclb_stale_flows_deleted_total", "counter",
	  "UDP flows deleted because their endpoint or service is gone.",
	  counter, SVCLB_A_COUNTERS_STALE_FLOWS },
	{ "svclb_echo_replies_total", "counter",
	  "Echo requests to the address of a service that were answered.",
	  counter, SVCLB_A_COUNTERS_ECHOES },
	{ "svclb_affinity_evictions_total", "counter",
	  "Affinity entries that went before their time, for want of room.",
	  counter, SVCLB_A_COUNTERS_AFFINITY_EVICTED },
	{ "svclb_syn_failovers_total", "counter",
	  "Connections moved to another endpoint since one did not answer.",
	  counter, SVCLB_A_COUNTERS_SYN_FAILOVERS },
	{ "svclb_rejected_no_flow_total", "counter",
	  "Packets of unknown connections refused by the direct datapath.",
	  counter, SVCLB_A_COUNTERS_REJECTED_NO_FLOW },
	{ "svclb_dropped_flows_full_total", "counter",
	  "New connections dropped since the flow table was full.",
	  counter, SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL },
	{ "svclb_flow_evictions_total", "counter",
	  "Flows that had to go before their time.",
	  counter, SVCLB_A_COUNTERS_FLOWS_EVICTED },
	{ "svclb_flows", "gauge", "Flows of the direct datapath.",
	  counter, SVCLB_A_COUNTERS_FLOWS },
	{ "svclb_flow_memory_bytes", "gauge", "What they take.",
	  counter, SVCLB_A_COUNTERS_FLOW_MEMORY },
	{ 0 }
};
