// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the watcher knows about its own work. Where kube-proxy has a metric of
 * the same meaning it has the same name, so that its dashboards and alerts go
 * on. One pass brings both families to the kernel: what is told of a pass is
 * told under both, as by kube-proxy, which has a proxy for each.
 */
#include <stdio.h>
#include <string.h>

#include "metrics_table.h"
#include "version.h"

static const char *const families[SVCLB_FAMILIES] = {
	"ip_family=\"IPv4\"", "ip_family=\"IPv6\"",
};

/* What a metric tells is at such a place in struct svclb_stats. */
#define AT(member) offsetof(struct svclb_stats, member)

static const void *stat_at(const struct svclb_scrape *scrape,
			   const struct svclb_metric *metric)
{
	return (const char *)scrape->from->stats + metric->at;
}

static void number(struct svclb_scrape *scrape,
		   const struct svclb_metric *metric)
{
	const uint64_t *value = stat_at(scrape, metric);

	svclb_sample_u64(scrape, metric, "", *value);
}

static void number32(struct svclb_scrape *scrape,
		     const struct svclb_metric *metric)
{
	const uint32_t *value = stat_at(scrape, metric);

	svclb_sample_u64(scrape, metric, "", *value);
}

static void truth(struct svclb_scrape *scrape,
		  const struct svclb_metric *metric)
{
	const bool *value = stat_at(scrape, metric);

	svclb_sample_u64(scrape, metric, "", *value);
}

static void timestamp(struct svclb_scrape *scrape,
		      const struct svclb_metric *metric)
{
	const double *value = stat_at(scrape, metric);
	size_t i;

	for (i = 0; i < SVCLB_FAMILIES; i++)
		svclb_sample_double(scrape, metric, families[i], *value);
}

static void put_histogram(struct svclb_scrape *scrape, const char *name,
			  const char *labels,
			  const struct svclb_histogram *histogram)
{
	struct svclb_metrics_text *text = &scrape->text;
	uint64_t count = 0;
	char part[128];
	unsigned int i;

	for (i = 0; i <= histogram->nr; i++) {
		snprintf(part, sizeof(part), "%s_bucket{%s,le=\"", name, labels);
		svclb_metrics_puts(text, part);
		if (i < histogram->nr)
			svclb_metrics_put_double(text, histogram->bounds[i]);
		else
			svclb_metrics_puts(text, "+Inf");
		svclb_metrics_puts(text, "\"} ");
		count += histogram->counts[i];
		svclb_metrics_put_u64(text, count);
		svclb_metrics_put(text, "\n", 1);
	}
	snprintf(part, sizeof(part), "%s_sum{%s} ", name, labels);
	svclb_metrics_puts(text, part);
	svclb_metrics_put_double(text, histogram->sum);
	snprintf(part, sizeof(part), "\n%s_count{%s} ", name, labels);
	svclb_metrics_puts(text, part);
	svclb_metrics_put_u64(text, count);
	svclb_metrics_put(text, "\n", 1);
}

static void histogram(struct svclb_scrape *scrape,
		      const struct svclb_metric *metric)
{
	size_t i;

	for (i = 0; i < SVCLB_FAMILIES; i++)
		put_histogram(scrape, metric->name, families[i],
			      stat_at(scrape, metric));
}

/* Passes of both kinds; the bounds are the same. */
static void all_passes(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	const struct svclb_stats *stats = scrape->from->stats;
	struct svclb_histogram both = stats->sync;
	size_t i;

	for (i = 0; i <= both.nr; i++)
		both.counts[i] += stats->full_sync.counts[i];
	both.sum += stats->full_sync.sum;
	for (i = 0; i < SVCLB_FAMILIES; i++)
		put_histogram(scrape, metric->name, families[i], &both);
}

static void no_local(struct svclb_scrape *scrape,
		     const struct svclb_metric *metric)
{
	const struct svclb_stats *stats = scrape->from->stats;
	char labels[64];
	size_t i;

	for (i = 0; i < SVCLB_FAMILIES; i++) {
		snprintf(labels, sizeof(labels),
			 "%s,traffic_policy=\"internal\"", families[i]);
		svclb_sample_u64(scrape, metric, labels,
				 stats->no_local_internal[i]);
		snprintf(labels, sizeof(labels),
			 "%s,traffic_policy=\"external\"", families[i]);
		svclb_sample_u64(scrape, metric, labels,
				 stats->no_local_external[i]);
	}
}

static void asked(struct svclb_scrape *scrape,
		  const struct svclb_metric *metric)
{
	const struct svclb_healthz *healthz = scrape->from->healthz;

	svclb_sample_u64(scrape, metric, "code=\"200\"",
			 healthz->asked[metric->at].healthy);
	svclb_sample_u64(scrape, metric, "code=\"503\"",
			 healthz->asked[metric->at].unhealthy);
}

static void build_info(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	svclb_sample_u64(scrape, metric, "version=\"" SVCLBCTL_VERSION "\"", 1);
}

const struct svclb_metric svclb_metrics_sync[] = {
	{ "kubeproxy_sync_proxy_rules_duration_seconds", "histogram",
	  "How long passes took, over everything or over what had changed.",
	  all_passes, 0 },
	{ "kubeproxy_sync_full_proxy_rules_duration_seconds", "histogram",
	  "How long passes over everything took.",
	  histogram, AT(full_sync) },
	{ "kubeproxy_sync_partial_proxy_rules_duration_seconds", "histogram",
	  "How long passes over what had changed took.",
	  histogram, AT(sync) },
	{ "kubeproxy_sync_proxy_rules_last_timestamp_seconds", "gauge",
	  "When the last pass succeeded, in seconds since 1970; 0 before the first.",
	  timestamp, AT(last_sync) },
	{ "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds", "gauge",
	  "When the last change came in, in seconds since 1970; 0 before the first.",
	  timestamp, AT(last_queued) },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_pending", "gauge",
	  "EndpointSlices that changed since the last pass.",
	  number, AT(pending_slice_changes) },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_total", "counter",
	  "Changes of EndpointSlices.",
	  number, AT(slice_changes) },
	{ "kubeproxy_sync_proxy_rules_service_changes_pending", "gauge",
	  "Services that changed since the last pass.",
	  number, AT(pending_service_changes) },
	{ "kubeproxy_sync_proxy_rules_service_changes_total", "counter",
	  "Changes of Services.",
	  number, AT(service_changes) },
	{ "kubeproxy_sync_proxy_rules_no_local_endpoints_total", "gauge",
	  "Services with a Local policy and usable endpoints, but none on this node.",
	  no_local, 0 },
	{ "kubeproxy_network_programming_duration_seconds", "histogram",
	  "From the change of an endpoint, as the API server dates it, to the kernel.",
	  histogram, AT(programming) },
	{ "kubeproxy_proxy_healthz_total", "counter",
	  "Answers of /healthz by status.",
	  asked, SVCLB_HEALTHZ_NODE },
	{ "kubeproxy_proxy_livez_total", "counter",
	  "Answers of /livez by status.",
	  asked, SVCLB_HEALTHZ_SELF },
	{ "svclb_build_info", "gauge",
	  "Always 1; the label tells the version.",
	  build_info, 0 },
	{ "svclb_services", "gauge",
	  "Services in the kernel: one for each port of each family of a Service.",
	  number32, AT(services) },
	{ "svclb_endpoints", "gauge",
	  "Endpoints of these services, together.",
	  number32, AT(endpoints) },
	{ "svclb_sync_failures_total", "counter",
	  "Passes that failed, wholly or in part.",
	  number, AT(sync_failures) },
	{ "svclb_repairs_total", "counter",
	  "Passes that undid what somebody else had changed in the kernel.",
	  number, AT(repairs) },
	{ "svclb_lists_total", "counter",
	  "Lists that were read whole from the API server.",
	  number, AT(lists) },
	{ "svclb_watches_total", "counter",
	  "Watches that were begun at the API server.",
	  number, AT(watches) },
	{ "svclb_request_errors_total", "counter",
	  "Requests to the API server that failed.",
	  number, AT(request_errors) },
	{ "svclb_synced", "gauge",
	  "1 once everything was listed and the kernel was told, else 0.",
	  truth, AT(synced) },
	{ "svclb_node_eligible", "gauge",
	  "1 if the node shall get connections from outside, else 0.",
	  truth, AT(node_eligible) },
	{ 0 }
};
