// SPDX-License-Identifier: GPL-2.0-only
/* The metrics that the watcher serves, and that all of them are documented. */
#include <ctype.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "lib/file.h"
#include "prometheus.h"
#include "servers_fixture.h"
#include "watch/metrics_text.h"

/* The path is given by the Makefile; other tools need not know it. */
#ifndef METRICS_RST
#define METRICS_RST "Documentation/metrics.rst"
#endif

#define V4 "ip_family=\"IPv4\""
#define V6 "ip_family=\"IPv6\""
#define INTERNAL "traffic_policy=\"internal\""
#define EXTERNAL "traffic_policy=\"external\""
#define WEB "namespace=\"default\",name=\"web\""
#define HTTP WEB ",port=\"http\",protocol=\"tcp\","

/**
 * struct sample - a sample that there must be
 * @name:   name of the metric, what all have in common left out
 * @labels: its labels, "" for none
 * @value:  its value
 */
struct sample {
	const char *name;
	const char *labels;
	const char *value;
};

static void check_samples(struct tap *tap, const char *text, const char *prefix,
			  const struct sample *sample)
{
	char series[512];

	for (; sample->name; sample++) {
		snprintf(series, sizeof(series), *sample->labels ?
			 "%s%s{%s}" : "%s%s", prefix, sample->name,
			 sample->labels);
		tap_ok(tap, prometheus_has(text, series, sample->value),
		       "%s is %s", series, sample->value);
	}
}

/* Each of the kernel's counters is told once, and none is forgotten. */
static void check_all_counters(struct tap *tap, const char *text)
{
	char value[32];
	const char *at;
	int i, count;

	for (i = SVCLB_A_COUNTERS_CONNECTIONS; i <= SVCLB_A_COUNTERS_MAX; i++) {
		snprintf(value, sizeof(value), " %u\n", FIXTURE_COUNTER + i);
		for (count = 0, at = text; (at = strstr(at, value)); at++)
			count++;
		tap_ok(tap, count == 1, "counter %d is told once", i);
	}
}

static const struct sample kubeproxy_samples[] = {
	{ "sync_proxy_rules_duration_seconds_count", V4, "3" },
	{ "sync_proxy_rules_duration_seconds_count", V6, "3" },
	{ "sync_proxy_rules_duration_seconds_bucket", V4 ",le=\"0.001\"", "1" },
	{ "sync_proxy_rules_duration_seconds_bucket", V4 ",le=\"0.002\"", "2" },
	{ "sync_proxy_rules_duration_seconds_bucket", V4 ",le=\"16.384\"", "2" },
	{ "sync_proxy_rules_duration_seconds_bucket", V4 ",le=\"+Inf\"", "3" },
	{ "sync_proxy_rules_duration_seconds_sum", V4, "20.0025" },
	{ "sync_full_proxy_rules_duration_seconds_count", V4, "1" },
	{ "sync_partial_proxy_rules_duration_seconds_count", V4, "2" },
	{ "network_programming_duration_seconds_bucket", V6 ",le=\"0.5\"", "0" },
	{ "network_programming_duration_seconds_bucket", V6 ",le=\"115\"", "0" },
	{ "network_programming_duration_seconds_bucket", V6 ",le=\"120\"", "1" },
	{ "network_programming_duration_seconds_bucket", V6 ",le=\"300\"", "1" },
	{ "sync_proxy_rules_last_timestamp_seconds", V4, "1704067200.25" },
	{ "sync_proxy_rules_last_queued_timestamp_seconds", V6, "1704067199.5" },
	{ "sync_proxy_rules_endpoint_changes_total", "", "12" },
	{ "sync_proxy_rules_endpoint_changes_pending", "", "14" },
	{ "sync_proxy_rules_service_changes_total", "", "11" },
	{ "sync_proxy_rules_service_changes_pending", "", "13" },
	{ "sync_proxy_rules_no_local_endpoints_total", V4 "," INTERNAL, "21" },
	{ "sync_proxy_rules_no_local_endpoints_total", V4 "," EXTERNAL, "23" },
	{ "sync_proxy_rules_no_local_endpoints_total", V6 "," INTERNAL, "22" },
	{ "sync_proxy_rules_no_local_endpoints_total", V6 "," EXTERNAL, "24" },
	{ "proxy_healthz_total", "code=\"200\"", "4" },
	{ "proxy_healthz_total", "code=\"503\"", "3" },
	{ "proxy_livez_total", "code=\"200\"", "2" },
	{ "proxy_livez_total", "code=\"503\"", "1" },
	{ 0 }
};

static const struct sample own_samples[] = {
	{ "services", "", "15" },
	{ "endpoints", "", "16" },
	{ "sync_failures_total", "", "9" },
	{ "repairs_total", "", "10" },
	{ "lists_total", "", "17" },
	{ "watches_total", "", "18" },
	{ "request_errors_total", "", "19" },
	{ "synced", "", "1" },
	{ "node_eligible", "", "1" },
	{ "kernel_up", "", "1" },
	{ 0 }
};

static const struct sample service_samples[] = {
	{ "connections_total", HTTP V4, "101" },
	{ "connections_total", HTTP V6, "102" },
	{ "rejected_total", WEB ",port=\"\",protocol=\"udp\"," V4, "1003" },
	{ "endpoints", HTTP V4, "2" },
	{ "external_connections_total", HTTP V4 ",address=\"node_port\"", "7" },
	{ "external_connections_total", HTTP V4 ",address=\"load_balancer\"", "11" },
	{ "connections_total", "name=\"by\\\"hand\\\\\",protocol=\"tcp\"," V4, "104" },
	{ "connections_total", "name=\"\\\\xff/\xc3\xa9\",protocol=\"sctp\"," V6, "105" },
	{ "connections_total", "name=\"a/b/c\",protocol=\"tcp\"," V4, "106" },
	{ "connections_total", "name=\"default/web:http/udp\",protocol=\"udp\"," V4, "107" },
	{ "connections_total", "name=\"a/\",protocol=\"tcp\"," V4, "108" },
	{ "connections_total", "name=\"a/b:\",protocol=\"tcp\"," V4, "109" },
	{ "connections_total", "name=\"/ipv6\",protocol=\"tcp\"," V6, "110" },
	{ 0 }
};

static double value_of(const char *text, const char *name)
{
	char line[128];
	const char *at;

	snprintf(line, sizeof(line), "\n%s ", name);
	at = strstr(text, line);
	return at ? strtod(at + strlen(line), NULL) : -1;
}

static void check_process(struct tap *tap, const char *text)
{
	double started = value_of(text, "process_start_time_seconds");
	double now = (double)time(NULL);

	tap_ok(tap, started <= now + 1 && started > now - 600,
	       "the program began not long ago");
	tap_ok(tap, value_of(text, "process_cpu_seconds_total") > 0 &&
	       value_of(text, "process_resident_memory_bytes") > 1e6 &&
	       value_of(text, "process_virtual_memory_bytes") >
	       value_of(text, "process_resident_memory_bytes"),
	       "it needs a processor and memory");
	tap_ok(tap, value_of(text, "process_open_fds") > 5 &&
	       value_of(text, "process_open_fds") < 100 &&
	       value_of(text, "process_max_fds") >= 100,
	       "and some descriptors");
}

/* Lines may be broken anywhere. */
static char *one_blank(const char *text)
{
	char *copy = calloc(1, strlen(text) + 1), *to = copy;

	if (!copy)
		errx(1, "no memory");
	for (; *text; text++) {
		if (!isspace((unsigned char)*text))
			*to++ = *text;
		else if (to > copy && to[-1] != ' ')
			*to++ = ' ';
	}
	return copy;
}

static void check_documentation(struct tap *tap, const char *text)
{
	static const char begin[] = ".. metrics:\n", end[] = ".. end\n";
	char *table = prometheus_table(text), *is, *should, *at;
	struct svclb_text document;
	struct svclb_err err = { 0 };

	if (svclb_file_read(METRICS_RST, &document, &err))
		errx(1, "%s", err.text);
	at = strstr(document.text, begin);
	if (at && strstr(at, end)) {
		at += sizeof(begin) - 1;
		*strstr(at, end) = '\0';
	}
	is = one_blank(at ? at : "");
	should = one_blank(table);
	if (!tap_ok(tap, !strcmp(is, should), "all metrics are documented"))
		printf("# what the code has:\n%s", table);
	free(is);
	free(should);
	free(table);
	free(document.text);
}

static void ask_health(struct fixture *fixture, const char *request, int times)
{
	struct ask ask;

	while (times--) {
		fixture_healthz(fixture, &ask, request);
		ask_close(&ask);
	}
}

static void test_metrics(struct tap *tap, struct fixture *fixture)
{
	const char *fault;
	struct ask ask;

	ask_health(fixture, "GET /healthz", 3);
	fixture->stats.oldest_pending = svclb_loop_now() - FIXTURE_STALE;
	ask_health(fixture, "GET /livez", 1);
	fixture->stats.oldest_pending = 0;
	fixture_fill(fixture);
	ask_health(fixture, "GET /healthz", 4);
	ask_health(fixture, "GET /livez", 2);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /metrics") == 200,
	       "metrics");
	tap_text(tap, ask_header(&ask, "Content-Type"),
		 "text/plain; version=0.0.4; charset=utf-8",
		 "their type is Prometheus'");
	fault = prometheus_fault(ask_body(&ask));
	tap_ok(tap, !fault, "nothing is wrong with them%s%s",
	       fault ? ": " : "", fault ? fault : "");
	check_samples(tap, ask_body(&ask), "kubeproxy_", kubeproxy_samples);
	check_samples(tap, ask_body(&ask), "svclb_", own_samples);
	check_samples(tap, ask_body(&ask), "svclb_service_", service_samples);
	tap_ok(tap, !strstr(ask_body(&ask), "address=\"cluster_ip\"") &&
	       !strstr(ask_body(&ask), "address=\"external_ip\""),
	       "addresses that a service does not have are not told");
	check_all_counters(tap, ask_body(&ask));
	check_process(tap, ask_body(&ask));
	check_documentation(tap, ask_body(&ask));
	ask_close(&ask);
	fixture->broken = true;
	tap_ok(tap, fixture_metrics_with(fixture, &ask, "svclb_kernel_up", "0") &&
	       !prometheus_fault(ask_body(&ask)) &&
	       !strstr(ask_body(&ask), "svclb_connections_total") &&
	       !strstr(ask_body(&ask), "svclb_service_") &&
	       strstr(ask_body(&ask), "svclb_services 15\n"),
	       "without the kernel there are those of the watcher");
	fixture->broken = false;
	ask_close(&ask);
}

/* What the reader of metrics, which the tests rely on, must refuse. */
static void test_reader(struct tap *tap)
{
#define HEAD "# HELP a x\n# TYPE a gauge\n"
#define BINS "# HELP h x\n# TYPE h histogram\n"
	static const char *const bad[] = {
		"", "a 1\n", HEAD, HEAD "b 1\n", HEAD "a 1", HEAD "a x\n",
		HEAD "a 1\na 2\n", HEAD "a{x=\"1\"} 1\na{x=\"1\"} 1\n",
		HEAD "a{x=\"\\q\"} 1\n", HEAD "a{x=1} 1\n", HEAD "a{x=\"1} 1\n",
		HEAD "a 1\n" HEAD "a 2\n", HEAD "a_sum 1\n",
		"# HELP a x\na 1\n", "# TYPE a gauge\na 1\n",
		"# HELP a x\n# TYPE a counter\na 1\n",
		"# HELP a_total x\n# TYPE a_total counter\na_total -1\n",
		"# HELP a_total x\n# TYPE a_total gauge\na_total 1\n",
		BINS "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n",
		BINS "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n",
		BINS "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\n",
		BINS "h_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(tap, prometheus_fault(bad[i]), "metrics that are wrong: %s",
		       prometheus_fault(bad[i]) ? prometheus_fault(bad[i]) :
		       bad[i]);
	tap_ok(tap, !prometheus_fault(HEAD "a{x=\"1\",y=\"\\\"}\"} 1.5e3\n" BINS
				      "h_bucket{q=\"1\",le=\"1\"} 1\n"
				      "h_bucket{q=\"1\",le=\"+Inf\"} 2\n"
				      "h_sum{q=\"1\"} 9\nh_count{q=\"1\"} 2\n"),
	       "metrics that are right");
}

static void test_label(struct tap *tap)
{
	static const struct {
		const char *value;
		size_t len;
		const char *label;
	} labels[] = {
		{ "", 0, "x=\"\"" },
		{ "a\nb", 3, "x=\"a\\nb\"" },
		{ "\xe2\x82\xac", 3, "x=\"\xe2\x82\xac\"" },
		{ "\xe2\x82\xac", 2, "x=\"\\\\xe2\\\\x82\"" },
		{ "\xed\xa0\x80", 3, "x=\"\\\\xed\\\\xa0\\\\x80\"" },
		{ "\xc0\x80", 2, "x=\"\\\\xc0\\\\x80\"" },
		{ "\xf4\x90\x80\x80", 1, "x=\"\\\\xf4\"" },
	};
	size_t i;

	for (i = 0; i < sizeof(labels) / sizeof(*labels); i++) {
		struct svclb_metrics_text text = { 0 };

		svclb_metrics_put_label(&text, "x", labels[i].value,
					labels[i].len);
		svclb_metrics_put(&text, "", 1);
		tap_text(tap, text.at, labels[i].label, "a label");
		free(text.at);
	}
}

static void test_histogram(struct tap *tap)
{
	struct svclb_stats stats;
	double bound;
	unsigned int i;
	bool right = true;

	svclb_stats_init(&stats);
	for (i = 0, bound = 0.001; i < 15; i++, bound *= 2)
		right &= stats.sync.bounds[i] > bound * 0.999999 &&
			 stats.sync.bounds[i] < bound * 1.000001;
	tap_ok(tap, right && stats.sync.nr == 15 && stats.full_sync.nr == 15,
	       "buckets of passes: a millisecond, doubled");
	tap_ok(tap, stats.programming.nr == 80 &&
	       stats.programming.bounds[79] == 300,
	       "buckets of network programming");
	svclb_histogram_add(&stats.sync, -1);
	svclb_histogram_add(&stats.sync, 0.0 / 0.0);
	svclb_histogram_add(&stats.sync, 0.001);
	svclb_histogram_add(&stats.sync, 1e9);
	tap_ok(tap, stats.sync.counts[0] == 3 && stats.sync.counts[15] == 1 &&
	       stats.sync.sum == 1e9 + 0.001,
	       "a clock that was set back adds nothing");
}

int main(void)
{
	struct tap tap = { 0 };
	struct fixture fixture;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_label(&tap);
	test_histogram(&tap);
	test_reader(&tap);
	fixture_init(&fixture);
	test_metrics(&tap, &fixture);
	fixture_uninit(&fixture);
	return tap_end(&tap);
}
