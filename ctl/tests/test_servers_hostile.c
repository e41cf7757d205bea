// SPDX-License-Identifier: GPL-2.0-only
/* Clients of the servers that mean no good, and one that asks for very much. */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "ask.h"
#include "prometheus.h"
#include "servers_fixture.h"

#define LOOPBACK "127.0.0.1"

/* Connections that a site may have, and more. */
#define IDLERS 600

static const char request[] = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

static bool serves(struct fixture *fixture)
{
	struct ask ask;
	int status = fixture_healthz(fixture, &ask, "GET /healthz");

	ask_close(&ask);
	return status == 200;
}

static double processor(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Sends a text; the server has to close the connection. */
static int throw_at(struct fixture *fixture, const char *text, size_t len)
{
	struct ask ask;
	int status = -1;

	if (ask_connect(&ask, fixture->loop, LOOPBACK, fixture->healthz))
		return -1;
	ask_send(&ask, text, len);
	if (ask_wait(&ask, 20000))
		status = ask_status(&ask);
	ask_close(&ask);
	return status;
}

/* What follows stays, so the text has no end here. */
static void put(char *text, const char *begin)
{
	while (*begin)
		*text++ = *begin++;
}

static void test_texts(struct tap *tap, struct fixture *fixture)
{
	static const char post[] =
		"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
	static const char twice[] =
		"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
	size_t len = 1 << 20;
	char *text = malloc(len);
	int status;

	if (!text)
		errx(1, "no memory");
	memset(text, 'a', len);
	status = throw_at(fixture, text, len);
	tap_ok(tap, status == 0 || status >= 400, "a method without end");
	put(text, "GET /");
	status = throw_at(fixture, text, len);
	tap_ok(tap, status == 0 || status >= 400, "a path without end");
	put(text, "GET /healthz HTTP/1.1\r\nx: ");
	status = throw_at(fixture, text, len);
	tap_ok(tap, status == 0 || status >= 400, "a header without end");
	memset(text, '\n', len);
	throw_at(fixture, text, len);
	tap_ok(tap, serves(fixture), "lines without end");
	memset(text, 0, len);
	status = throw_at(fixture, text, len);
	tap_ok(tap, status == 0 || status >= 400, "zeros");
	tap_ok(tap, throw_at(fixture, post, sizeof(post) - 1) == 405,
	       "a body that does not come");
	tap_ok(tap, throw_at(fixture, twice, sizeof(twice) - 1) == 200,
	       "two requests at once: the first one is answered");
	tap_ok(tap, serves(fixture), "others are served after all of it");
	free(text);
}

static void test_half_open(struct tap *tap, struct fixture *fixture)
{
	const struct linger linger = { .l_onoff = 1 };
	struct ask ask;
	int i;

	if (ask_connect(&ask, fixture->loop, LOOPBACK, fixture->healthz))
		errx(1, "cannot connect");
	ask_send(&ask, request, sizeof(request) - 1);
	shutdown(ask.fd, SHUT_WR);
	tap_ok(tap, ask_wait(&ask, 5000) &&
	       (ask_status(&ask) == 200 || !ask_status(&ask)),
	       "a client that says no more");
	ask_close(&ask);
	for (i = 0; i < 50; i++) {
		if (ask_connect(&ask, fixture->loop, LOOPBACK,
				i % 2 ? fixture->healthz : fixture->metrics))
			errx(1, "cannot connect");
		ask_send(&ask, request, i % 3 ? sizeof(request) - 1 : 10);
		setsockopt(ask.fd, SOL_SOCKET, SO_LINGER, &linger,
			   sizeof(linger));
		if (i % 5 == 0)
			ask_run(fixture->loop, 1);
		ask_close(&ask);
	}
	tap_ok(tap, serves(fixture), "clients that are gone before the answer");
}

static void crowd(struct fixture *fixture, struct ask *idlers, uint16_t port)
{
	int i;

	for (i = 0; i < IDLERS; i++) {
		if (ask_connect(&idlers[i], fixture->loop, LOOPBACK, port))
			errx(1, "cannot connect");
		if (i % 2)
			ask_send(&idlers[i], request, 10);
		if (i % 32 == 0)
			ask_run(fixture->loop, 1);
	}
}

static void test_crowd(struct tap *tap, struct fixture *fixture)
{
	struct svclb_health_port port = { "n", "x", fixture_free_port(), 1 };
	struct ask *idlers = calloc(IDLERS, sizeof(*idlers)), ask;
	const uint16_t ports[] = { fixture->healthz, fixture->metrics,
				   port.port };
	size_t i, j, open;

	if (!idlers || svclb_servers_set_health_ports(fixture->servers, &port, 1))
		errx(1, "no memory");
	for (i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		crowd(fixture, idlers, ports[i]);
		tap_ok(tap, ask_page(&ask, fixture->loop, LOOPBACK, ports[i],
				     "GET /healthz") == 200 && serves(fixture),
		       "one who asks is answered among %d who do not", IDLERS);
		ask_close(&ask);
		for (j = 0, open = 0; j < IDLERS; j++) {
			open += !idlers[j].closed;
			ask_close(&idlers[j]);
		}
		tap_ok(tap, open && open <= 512, "and %zu of these are left",
		       open);
	}
	svclb_servers_set_health_ports(fixture->servers, NULL, 0);
	free(idlers);
}

/*
 * Those who say nothing, who say a little now and then, and who do not listen;
 * all at a time, for it takes a while.
 */
static void test_slow(struct tap *tap, struct fixture *fixture)
{
	static const char metrics[] = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
	uint64_t begin = svclb_loop_now();
	struct ask silent, slow, deaf;
	size_t sent = 0;
	int small = 1024;

	fixture->big = 20000;
	if (ask_connect(&silent, fixture->loop, LOOPBACK, fixture->healthz) ||
	    ask_connect(&slow, fixture->loop, LOOPBACK, fixture->healthz) ||
	    ask_connect(&deaf, fixture->loop, LOOPBACK, fixture->metrics))
		errx(1, "cannot connect");
	setsockopt(deaf.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	ask_send(&deaf, metrics, sizeof(metrics) - 1);
	svclb_loop_forget(fixture->loop, deaf.fd);
	while (!slow.closed && svclb_loop_now() < begin + 30000) {
		ask_send(&slow, request + sent++ % 10, 1);
		ask_wait(&slow, 500);
	}
	tap_ok(tap, slow.closed && svclb_loop_now() < begin + 25000,
	       "a slow client is sent away in time");
	tap_ok(tap, ask_wait(&silent, 3000), "a silent one, too");
	ask_run(fixture->loop, 2000);
	/* The first one finds out, the second one is told. */
	send(deaf.fd, "x", 1, MSG_NOSIGNAL);
	tap_ok(tap, send(deaf.fd, "x", 1, MSG_NOSIGNAL) < 0,
	       "and one who does not listen");
	tap_ok(tap, serves(fixture), "others are served");
	ask_close(&silent);
	ask_close(&slow);
	close(deaf.fd);
	fixture->big = 0;
}

/* Takes descriptors until there are none; returns how many it has. */
static int take_all(int *fds, int nr, int max)
{
	while (nr < max && (fds[nr] = dup(STDERR_FILENO)) >= 0)
		nr++;
	if (nr == max || errno != EMFILE)
		err(1, "descriptors do not end");
	return nr;
}

/* No descriptor is left: who waits costs nothing, and is served later. */
static void test_descriptors(struct tap *tap, struct fixture *fixture)
{
	struct rlimit limit, old;
	int fds[256] = { -1 }, nr, before;
	struct ask ask;
	double begin, used;

	if (getrlimit(RLIMIT_NOFILE, &old))
		err(1, "cannot begin");
	limit = old;
	limit.rlim_cur = 200;
	setrlimit(RLIMIT_NOFILE, &limit);
	/* Connections of before come to their end as the loop runs. */
	for (before = -1, nr = 0; nr != before; ask_run(fixture->loop, 50)) {
		before = nr;
		nr = take_all(fds, nr, 256);
	}
	close(fds[--nr]);
	if (ask_connect(&ask, fixture->loop, LOOPBACK, fixture->healthz))
		errx(1, "cannot connect");
	ask_send(&ask, request, sizeof(request) - 1);
	begin = processor();
	ask_run(fixture->loop, 1000);
	used = processor() - begin;
	tap_ok(tap, !ask.closed && used < 0.2,
	       "without descriptors the server waits");
	while (nr)
		close(fds[--nr]);
	setrlimit(RLIMIT_NOFILE, &old);
	tap_ok(tap, ask_wait(&ask, 5000) && ask_status(&ask) == 200,
	       "and serves when there are some");
	ask_close(&ask);
}

static void test_big(struct tap *tap, struct fixture *fixture)
{
	unsigned int before;
	const char *fault;
	struct ask ask;
	double begin;
	int i;

	fixture->big = 45000;
	tap_ok(tap, fixture_metrics_with(fixture, &ask,
					 "svclb_service_connections_total{namespace=\"namespace-99\",name=\"service-44999\",port=\"http\",protocol=\"tcp\",ip_family=\"IPv4\"}",
					 "45110"),
	       "45,000 services");
	fault = prometheus_fault(ask_body(&ask));
	tap_ok(tap, !fault, "nothing is wrong with them%s%s",
	       fault ? ": " : "", fault ? fault : "");
	printf("# %zu bytes\n", ask.len);
	ask_close(&ask);
	before = fixture->read;
	begin = processor();
	for (i = 0; i < 10; i++) {
		fixture_metrics(fixture, &ask, "GET /metrics");
		ask_close(&ask);
	}
	printf("# %.3f s for each of 10 at once, %u of them new\n",
	       (processor() - begin) / 10, fixture->read - before);
	tap_ok(tap, fixture->read - before < 5,
	       "who asks at once again gets the same");
	tap_ok(tap, serves(fixture), "others are served");
	fixture->big = 0;
}

int main(void)
{
	struct tap tap = { 0 };
	struct fixture fixture;
	struct rlimit limit;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		err(1, "cannot begin");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	fixture_init(&fixture);
	fixture.stats.synced = true;
	test_texts(&tap, &fixture);
	test_half_open(&tap, &fixture);
	test_crowd(&tap, &fixture);
	test_descriptors(&tap, &fixture);
	test_big(&tap, &fixture);
	test_slow(&tap, &fixture);
	fixture_uninit(&fixture);
	return tap_end(&tap);
}
