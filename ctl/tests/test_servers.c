// SPDX-License-Identifier: GPL-2.0-only
/* The servers, asked over loopback addresses by a client on the same loop. */
#include <err.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "servers_fixture.h"
#include "watch/listeners.h"

/* Date, time, fraction and zone as Go programs print them. */
#define TIME "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{0,8}[1-9])? \\+0000 UTC"

/* What never was. */
#define NEVER "0001-01-01 00:00:00 \\+0000 UTC"

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
	       matches(ask_body(&ask), "^\\{\"lastUpdated\": \"" NEVER
		       "\",\"currentTime\": \"" TIME
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

int main(void)
{
	struct tap tap = { 0 };
	struct fixture fixture;

	setvbuf(stdout, NULL, _IOLBF, 0);
	test_addresses(&tap);
	test_empty(&tap);
	test_families(&tap);
	fixture_init(&fixture);
	test_healthz(&tap, &fixture);
	test_methods(&tap, &fixture);
	fixture_uninit(&fixture);
	return tap_end(&tap);
}
