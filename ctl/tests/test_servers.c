// SPDX-License-Identifier: GPL-2.0-only
/* The servers, asked over loopback addresses by a client on the same loop. */
#include <err.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ask.h"
#include "lib/file.h"
#include "prometheus.h"
#include "servers_fixture.h"
#include "watch/listeners.h"

/* The path is given by the Makefile; other tools need not know it. */
#ifndef METRICS_RST
#define METRICS_RST "Documentation/metrics.rst"
#endif

/* Date, time, fraction and zone as Go programs print them. */
#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,8}[1-9])? \\+0000 UTC"

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool result;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		errx(1, "%s is no pattern", pattern);
	result = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return result;
}

static void test_addresses(struct tap *tap)
{
	static const struct {
		const char *word;
		const char *text;
	} good[] = {
		{ "0.0.0.0:10256", "0.0.0.0:10256" },
		{ "127.0.0.1:1", "127.0.0.1:1" },
		{ "[::]:10256", "[::]:10256" },
		{ "[fd00:0::1]:65535", "[fd00::1]:65535" },
		{ ":10256", ":10256" },
	};
	static const char *const bad[] = {
		":", "::", ":0", ":65536", ":x", "x", "localhost:10256",
		"10256", "0.0.0.0", "[::]", "::1", "1.2.3.4:", "1.2.3.4:0",
		"[::1]10256", "1.2.3:10256", "[1.2.3.4]:10256", ":10256 ",
	};
	struct svclb_bind bind;
	char text[SVCLB_BIND_TEXT];
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct svclb_err err = { 0 };

		if (svclb_bind_parse(good[i].word, &bind, &err)) {
			tap_ok(tap, false, "%s: %s", good[i].word, err.text);
			continue;
		}
		svclb_bind_text(&bind, text);
		tap_ok(tap, !strcmp(text, good[i].text) &&
		       bind.both == (*good[i].word == ':'),
		       "%s is an address and a port", good[i].word);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct svclb_err err = { 0 };

		tap_ok(tap, svclb_bind_parse(bad[i], &bind, &err) &&
		       err.code == SVCLB_ERR_INPUT && *err.text,
		       "'%s' is none: %s", bad[i], err.text);
	}
}

static void test_healthz(struct tap *tap, struct fixture *fixture)
{
	struct svclb_stats *stats = &fixture->stats;
	struct ask ask;

	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz") == 503 &&
	       matches(ask_body(&ask), "^\\{\"lastUpdated\": \"0001-01-01 00:00:00 "
		       "\\+0000 UTC\",\"currentTime\": \"" TIME
		       "\", \"nodeEligible\": true\\}$"),
	       "healthz before the first pass");
	tap_text(tap, ask_header(&ask, "Content-Type"), "application/json",
		 "its type is JSON");
	tap_text(tap, ask_header(&ask, "X-Content-Type-Options"), "nosniff",
		 "nobody is to guess another type");
	ask_close(&ask);
	stats->synced = true;
	stats->last_sync = 1704067200.25;
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz") == 200 &&
	       matches(ask_body(&ask), "^\\{\"lastUpdated\": \"(" TIME
		       ")\",\"currentTime\": \"" TIME
		       "\", \"nodeEligible\": true\\}$"),
	       "healthz after it");
	tap_ok(tap, !strstr(ask_body(&ask), "2024-01-01"),
	       "what is in order is as good as new");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /livez") == 200 &&
	       matches(ask_body(&ask), "^\\{\"lastUpdated\": \"" TIME
		       "\",\"currentTime\": \"" TIME "\"\\}$"),
	       "livez after it");
	ask_close(&ask);
	stats->oldest_pending = svclb_loop_now();
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz") == 200,
	       "a change may wait");
	ask_close(&ask);
	stats->oldest_pending = svclb_loop_now() - FIXTURE_STALE;
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz") == 503 &&
	       strstr(ask_body(&ask),
		      "{\"lastUpdated\": \"2024-01-01 00:00:00.25 +0000 UTC\""),
	       "but not so long; then it says when the last pass was");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /livez") == 503,
	       "livez too");
	ask_close(&ask);
	stats->oldest_pending = 0;
	stats->node_eligible = false;
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz") == 503 &&
	       strstr(ask_body(&ask), "\"nodeEligible\": false"),
	       "a node that is about to go");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /livez") == 200,
	       "which lives as yet");
	ask_close(&ask);
	stats->node_eligible = true;
}

static void test_methods(struct tap *tap, struct fixture *fixture)
{
	struct ask ask;

	tap_ok(tap, fixture_healthz(fixture, &ask, "HEAD /healthz") == 200 &&
	       !*ask_body(&ask) && strtol(ask_header(&ask, "Content-Length"),
					  NULL, 10) > 80,
	       "HEAD tells the head alone");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "POST /healthz") == 405 &&
	       !strcmp(ask_header(&ask, "Allow"), "GET, HEAD"),
	       "POST is not allowed");
	ask_close(&ask);
	tap_ok(tap, fixture_metrics(fixture, &ask, "DELETE /metrics") == 405,
	       "nor is DELETE");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /metrics") == 404,
	       "no metrics beside healthz");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz/") == 404 &&
	       !strcmp(ask_body(&ask), "not found\n"),
	       "nor other pages");
	ask_close(&ask);
	tap_ok(tap, fixture_healthz(fixture, &ask, "GET /healthz?verbose") == 200,
	       "questions may be asked, and get no answer");
	ask_close(&ask);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /proxyMode") == 200 &&
	       !strcmp(ask_body(&ask), "svclb"), "the mode of the proxy");
	ask_close(&ask);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /healthz") == 200 &&
	       !strcmp(ask_body(&ask), "ok"), "healthz beside metrics");
	ask_close(&ask);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /livez") == 404,
	       "but not livez");
	ask_close(&ask);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /configz") == 404,
	       "nor configz");
	ask_close(&ask);
}

static void check_has(struct tap *tap, const char *text, const char *series,
		      const char *value)
{
	tap_ok(tap, prometheus_has(text, series, value), "%s is %s", series,
	       value);
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

static void check_sync(struct tap *tap, const char *text)
{
#define SYNC "kubeproxy_sync_proxy_rules"
	static const char *const samples[][2] = {
		{ SYNC "_duration_seconds_count{ip_family=\"IPv4\"}", "3" },
		{ SYNC "_duration_seconds_count{ip_family=\"IPv6\"}", "3" },
		{ SYNC "_duration_seconds_bucket{ip_family=\"IPv4\",le=\"0.001\"}", "1" },
		{ SYNC "_duration_seconds_bucket{ip_family=\"IPv4\",le=\"0.002\"}", "2" },
		{ SYNC "_duration_seconds_bucket{ip_family=\"IPv4\",le=\"16.384\"}", "2" },
		{ SYNC "_duration_seconds_bucket{ip_family=\"IPv4\",le=\"+Inf\"}", "3" },
		{ SYNC "_duration_seconds_sum{ip_family=\"IPv4\"}", "20.0025" },
		{ "kubeproxy_sync_full_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}", "1" },
		{ "kubeproxy_sync_partial_proxy_rules_duration_seconds_count{ip_family=\"IPv4\"}", "2" },
		{ "kubeproxy_network_programming_duration_seconds_bucket{ip_family=\"IPv6\",le=\"0.5\"}", "0" },
		{ "kubeproxy_network_programming_duration_seconds_bucket{ip_family=\"IPv6\",le=\"115\"}", "0" },
		{ "kubeproxy_network_programming_duration_seconds_bucket{ip_family=\"IPv6\",le=\"120\"}", "1" },
		{ "kubeproxy_network_programming_duration_seconds_bucket{ip_family=\"IPv6\",le=\"300\"}", "1" },
		{ SYNC "_last_timestamp_seconds{ip_family=\"IPv4\"}", "1704067200.25" },
		{ SYNC "_last_queued_timestamp_seconds{ip_family=\"IPv6\"}", "1704067199.5" },
		{ SYNC "_endpoint_changes_total", "12" },
		{ SYNC "_endpoint_changes_pending", "14" },
		{ SYNC "_service_changes_total", "11" },
		{ SYNC "_service_changes_pending", "13" },
		{ SYNC "_no_local_endpoints_total{ip_family=\"IPv4\",traffic_policy=\"internal\"}", "21" },
		{ SYNC "_no_local_endpoints_total{ip_family=\"IPv4\",traffic_policy=\"external\"}", "23" },
		{ SYNC "_no_local_endpoints_total{ip_family=\"IPv6\",traffic_policy=\"internal\"}", "22" },
		{ SYNC "_no_local_endpoints_total{ip_family=\"IPv6\",traffic_policy=\"external\"}", "24" },
		{ "kubeproxy_proxy_healthz_total{code=\"200\"}", "4" },
		{ "kubeproxy_proxy_healthz_total{code=\"503\"}", "3" },
		{ "kubeproxy_proxy_livez_total{code=\"200\"}", "2" },
		{ "kubeproxy_proxy_livez_total{code=\"503\"}", "1" },
		{ "svclb_services", "15" },
		{ "svclb_endpoints", "16" },
		{ "svclb_sync_failures_total", "9" },
		{ "svclb_repairs_total", "10" },
		{ "svclb_lists_total", "17" },
		{ "svclb_watches_total", "18" },
		{ "svclb_request_errors_total", "19" },
		{ "svclb_synced", "1" },
		{ "svclb_node_eligible", "1" },
		{ "svclb_kernel_up", "1" },
	};
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		check_has(tap, text, samples[i][0], samples[i][1]);
}

static void check_services(struct tap *tap, const char *text)
{
	static const char *const samples[][2] = {
		{ "svclb_service_connections_total{namespace=\"default\",name=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\"}", "101" },
		{ "svclb_service_connections_total{namespace=\"default\",name=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv6\"}", "102" },
		{ "svclb_service_rejected_total{namespace=\"default\",name=\"web\",port=\"\",protocol=\"udp\",ip_family=\"IPv4\"}", "1003" },
		{ "svclb_service_endpoints{namespace=\"default\",name=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\"}", "2" },
		{ "svclb_service_external_connections_total{namespace=\"default\",name=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\",address=\"node_port\"}", "7" },
		{ "svclb_service_external_connections_total{namespace=\"default\",name=\"web\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\",address=\"load_balancer\"}", "11" },
		{ "svclb_service_connections_total{name=\"by\\\"hand\\\\\",protocol=\"tcp\",ip_family=\"IPv4\"}", "104" },
		{ "svclb_service_connections_total{name=\"\\\\xff/\xc3\xa9\",protocol=\"sctp\",ip_family=\"IPv6\"}", "105" },
		{ "svclb_service_connections_total{name=\"a/b/c\",protocol=\"tcp\",ip_family=\"IPv4\"}", "106" },
		{ "svclb_service_connections_total{name=\"default/web:http/udp\",protocol=\"udp\",ip_family=\"IPv4\"}", "107" },
		{ "svclb_service_connections_total{name=\"a/\",protocol=\"tcp\",ip_family=\"IPv4\"}", "108" },
		{ "svclb_service_connections_total{name=\"a/b:\",protocol=\"tcp\",ip_family=\"IPv4\"}", "109" },
		{ "svclb_service_connections_total{name=\"/ipv6\",protocol=\"tcp\",ip_family=\"IPv6\"}", "110" },
	};
	size_t i;

	for (i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		check_has(tap, text, samples[i][0], samples[i][1]);
	tap_ok(tap, !strstr(text, "address=\"cluster_ip\"") &&
	       !strstr(text, "address=\"external_ip\""),
	       "addresses that a service does not have are not told");
}

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
		if (!strchr(" \n", *text))
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

static void test_metrics(struct tap *tap, struct fixture *fixture)
{
	const char *fault;
	struct ask ask;

	fixture_fill(fixture);
	tap_ok(tap, fixture_metrics(fixture, &ask, "GET /metrics") == 200,
	       "metrics");
	tap_text(tap, ask_header(&ask, "Content-Type"),
		 "text/plain; version=0.0.4; charset=utf-8",
		 "their type is Prometheus'");
	fault = prometheus_fault(ask_body(&ask));
	tap_ok(tap, !fault, "nothing is wrong with them%s%s",
	       fault ? ": " : "", fault ? fault : "");
	check_sync(tap, ask_body(&ask));
	check_all_counters(tap, ask_body(&ask));
	check_services(tap, ask_body(&ask));
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

static void test_empty(struct tap *tap)
{
	struct svclb_serving serving = { .healthz = "", .metrics = "" };
	struct svclb_servers *servers;
	struct svclb_err err = { 0 };
	struct svclb_stats stats;

	svclb_stats_init(&stats);
	serving.stats = &stats;
	if (svclb_loop_create(&serving.loop, &err))
		errx(1, "%s", err.text);
	tap_ok(tap, !svclb_servers_create(&servers, &serving, &err),
	       "to serve nowhere is possible");
	svclb_servers_free(servers);
	svclb_servers_free(NULL);
	serving.metrics = "10249";
	tap_ok(tap, svclb_servers_create(&servers, &serving, &err) &&
	       err.code == SVCLB_ERR_INPUT && strstr(err.text, "10249"),
	       "what is no address is refused: %s", err.text);
	svclb_loop_free(serving.loop);
}

static bool answers(struct svclb_loop *loop, const char *host, uint16_t port)
{
	struct ask ask;
	int status = ask_page(&ask, loop, host, port, "GET /healthz");

	ask_close(&ask);
	return status == 503;
}

/* Each of these addresses is for its own family; none is for both. */
static void test_families(struct tap *tap)
{
	uint16_t port = fixture_free_port();
	char ipv4[32], ipv6[32], both[32];
	struct svclb_serving serving = {
		.healthz = ipv4, .metrics = "", .hard_fail = true,
	};
	struct svclb_servers *first, *second, *third;
	struct svclb_err err = { 0 };
	struct svclb_stats stats;

	snprintf(ipv4, sizeof(ipv4), "0.0.0.0:%u", port);
	snprintf(ipv6, sizeof(ipv6), "[::]:%u", port);
	snprintf(both, sizeof(both), ":%u", port);
	svclb_stats_init(&stats);
	serving.stats = &stats;
	if (svclb_loop_create(&serving.loop, &err) ||
	    svclb_servers_create(&first, &serving, &err))
		errx(1, "%s", err.text);
	tap_ok(tap, answers(serving.loop, "127.0.0.1", port) &&
	       !answers(serving.loop, "::1", port), "%s is IPv4", ipv4);
	serving.healthz = ipv6;
	tap_ok(tap, !svclb_servers_create(&second, &serving, &err),
	       "%s is another", ipv6);
	svclb_servers_free(first);
	tap_ok(tap, !answers(serving.loop, "127.0.0.1", port) &&
	       answers(serving.loop, "::1", port), "and is IPv6");
	serving.healthz = both;
	tap_ok(tap, svclb_servers_create(&third, &serving, &err) &&
	       err.code == SVCLB_ERR_FAILED && strstr(err.text, both),
	       "an address in use is an error: %s", err.text);
	serving.hard_fail = false;
	tap_ok(tap, !svclb_servers_create(&third, &serving, &err),
	       "unless it need not be one");
	svclb_servers_free(second);
	svclb_servers_free(third);
	svclb_loop_free(serving.loop);
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
	test_addresses(&tap);
	test_histogram(&tap);
	test_reader(&tap);
	test_empty(&tap);
	test_families(&tap);
	fixture_init(&fixture);
	test_healthz(&tap, &fixture);
	test_methods(&tap, &fixture);
	test_metrics(&tap, &fixture);
	fixture_uninit(&fixture);
	return tap_end(&tap);
}
