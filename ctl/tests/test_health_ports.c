// SPDX-License-Identifier: GPL-2.0-only
/* Health check ports, asked over loopback addresses. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ask.h"
#include "lib/text.h"
#include "servers_fixture.h"

#define MANY 2000

#define BODY(namespace, name, ready, healthy) \
	"{\"service\":{\"namespace\":\"" namespace "\",\"name\":\"" name \
	"\"},\"localEndpoints\":" ready ",\"serviceProxyHealthy\":" healthy "}"

/**
 * struct node - the addresses that the node has, as far as the servers know
 * @at: the addresses, then NULL
 */
static struct node {
	const char *at[4];
} node;

/**
 * struct item - an entry of a list of addresses
 * @entry: the entry
 * @addr:  its address
 */
struct item {
	struct ifaddrs entry;
	struct sockaddr_storage addr;
};

/* In place of the C library's. */
int getifaddrs(struct ifaddrs **list)
{
	struct ifaddrs **link = list;
	size_t i;

	*list = NULL;
	for (i = 0; node.at[i]; i++) {
		struct item *item = calloc(1, sizeof(*item));
		struct sockaddr_in6 *ipv6 = (void *)&item->addr;
		struct sockaddr_in *ipv4 = (void *)&item->addr;

		if (!item)
			errx(1, "no memory");
		item->addr.ss_family = AF_INET;
		if (inet_pton(AF_INET, node.at[i], &ipv4->sin_addr) != 1) {
			item->addr.ss_family = AF_INET6;
			if (inet_pton(AF_INET6, node.at[i],
				      &ipv6->sin6_addr) != 1)
				errx(1, "%s is no address", node.at[i]);
		}
		item->entry.ifa_addr = (struct sockaddr *)&item->addr;
		*link = &item->entry;
		link = &item->entry.ifa_next;
	}
	return 0;
}

void freeifaddrs(struct ifaddrs *list)
{
	struct ifaddrs *next;

	for (; list; list = next) {
		next = list->ifa_next;
		free(list);
	}
}

static int ask_port(struct fixture *fixture, struct ask *ask, const char *host,
		    uint16_t port)
{
	return ask_page(ask, fixture->loop, host, port, "GET /any/path");
}

/* What a port answers: status, weight and body. */
static bool says(struct fixture *fixture, uint16_t port, int status,
		 const char *weight, const char *body)
{
	struct ask ask;
	bool result;

	result = ask_port(fixture, &ask, "127.0.0.1", port) == status &&
		 !strcmp(ask_header(&ask, "X-Load-Balancing-Endpoint-Weight"),
			 weight) &&
		 !strcmp(ask_header(&ask, "Content-Type"),
			 "application/json") &&
		 !strcmp(ask_header(&ask, "X-Content-Type-Options"),
			 "nosniff") &&
		 !strcmp(ask_body(&ask), body);
	if (!result)
		printf("# %s\n", ask.text ? ask.text : "no answer");
	ask_close(&ask);
	return result;
}

static bool refuses(struct fixture *fixture, const char *host, uint16_t port)
{
	struct ask ask;

	return ask_connect(&ask, fixture->loop, host, port) == ECONNREFUSED;
}

static bool answers(struct fixture *fixture, const char *host, uint16_t port)
{
	struct ask ask;
	int status = ask_port(fixture, &ask, host, port);

	ask_close(&ask);
	return status == 200 || status == 503;
}

static void set(struct fixture *fixture, const struct svclb_health_port *ports,
		uint32_t nr)
{
	if (svclb_servers_set_health_ports(fixture->servers, ports, nr))
		errx(1, "no memory");
}

static void test_answers(struct tap *tap, struct fixture *fixture)
{
	struct svclb_health_port ports[] = {
		{ "default", "web", fixture_free_port(), 2 },
		{ "a", "b\"c", fixture_free_port(), 0 },
	};

	fixture->stats.synced = true;
	set(fixture, ports, 2);
	tap_ok(tap, says(fixture, ports[0].port, 200, "2",
			 BODY("default", "web", "2", "true")),
	       "a Service with endpoints here");
	tap_ok(tap, says(fixture, ports[1].port, 503, "0",
			 BODY("a", "b\\\"c", "0", "true")),
	       "one without");
	fixture->stats.node_eligible = false;
	tap_ok(tap, says(fixture, ports[0].port, 200, "2",
			 BODY("default", "web", "2", "true")),
	       "a node that is about to go still works");
	fixture->stats.node_eligible = true;
	fixture->stats.synced = false;
	tap_ok(tap, says(fixture, ports[0].port, 503, "2",
			 BODY("default", "web", "2", "false")),
	       "a watcher that is not well");
	fixture->stats.synced = true;
	tap_ok(tap, answers(fixture, "::1", ports[0].port) &&
	       answers(fixture, "127.0.0.2", ports[0].port),
	       "all addresses of both families answer");
	ports[1].ready = 1;
	set(fixture, ports + 1, 1);
	tap_ok(tap, refuses(fixture, "127.0.0.1", ports[0].port) &&
	       refuses(fixture, "::1", ports[0].port),
	       "a port that is gone is closed");
	tap_ok(tap, says(fixture, ports[1].port, 200, "1",
			 BODY("a", "b\\\"c", "1", "true")),
	       "one that stays tells what is new");
	set(fixture, NULL, 0);
	tap_ok(tap, refuses(fixture, "127.0.0.1", ports[1].port),
	       "no ports are left");
}

/* Who connected before a change is answered after it. */
static void test_no_gap(struct tap *tap, struct fixture *fixture)
{
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
	struct svclb_health_port ports[] = {
		{ "n", "old", fixture_free_port(), 1 },
		{ "n", "other", fixture_free_port(), 1 },
	};
	struct ask waiting, begun, gone;

	set(fixture, ports, 2);
	if (ask_connect(&begun, fixture->loop, "127.0.0.1", ports[0].port) ||
	    ask_connect(&gone, fixture->loop, "127.0.0.1", ports[1].port))
		errx(1, "cannot connect");
	ask_send(&begun, request, 10);
	ask_run(fixture->loop, 20);
	if (ask_connect(&waiting, fixture->loop, "127.0.0.1", ports[0].port))
		errx(1, "cannot connect");
	ports[0].name = "new";
	ports[0].ready = 5;
	set(fixture, ports, 1);
	ask_send(&waiting, request, sizeof(request) - 1);
	tap_ok(tap, ask_wait(&waiting, 5000) && ask_status(&waiting) == 200 &&
	       strstr(ask_body(&waiting), "\"new\""),
	       "a connection that nobody has accepted yet survives a change");
	ask_send(&begun, request + 10, sizeof(request) - 11);
	tap_ok(tap, ask_wait(&begun, 5000) && ask_status(&begun) == 200 &&
	       !strcmp(ask_header(&begun, "X-Load-Balancing-Endpoint-Weight"), "5"),
	       "a request under way gets the new answer");
	ask_send(&gone, request, sizeof(request) - 1);
	tap_ok(tap, ask_wait(&gone, 5000) && ask_status(&gone) == 404,
	       "a port that is gone has nothing more to say");
	ask_close(&waiting);
	ask_close(&begun);
	ask_close(&gone);
	set(fixture, NULL, 0);
}

static void test_double(struct tap *tap, struct fixture *fixture)
{
	uint16_t port = fixture_free_port();
	struct svclb_health_port ports[] = {
		{ "z", "last", port, 1 },
		{ "n", "zero", 0, 1 },
		{ "b", "first", port, 3 },
	};

	set(fixture, ports, 3);
	tap_ok(tap, says(fixture, port, 200, "3",
			 BODY("b", "first", "3", "true")),
	       "of two Services with one port the first one has it");
	set(fixture, NULL, 0);
}

static int occupy(uint16_t port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 1))
		err(1, "cannot listen");
	return fd;
}

static void test_in_use(struct tap *tap, struct fixture *fixture)
{
	struct svclb_health_port ports[] = {
		{ "n", "taken", fixture_free_port(), 1 },
		{ "n", "free", fixture_free_port(), 1 },
	};
	int fd = occupy(ports[0].port), tries;

	set(fixture, ports, 2);
	tap_ok(tap, refuses(fixture, "127.0.0.2", ports[0].port) &&
	       answers(fixture, "127.0.0.1", ports[1].port),
	       "a port that another has is left alone, the next one is open");
	close(fd);
	for (tries = 0; tries < 100 &&
	     !answers(fixture, "127.0.0.1", ports[0].port); tries++)
		ask_run(fixture->loop, 100);
	tap_ok(tap, tries < 100, "once it is free, it is opened");
	set(fixture, NULL, 0);
}

static void test_networks(struct tap *tap)
{
	static const char *const words[] = { "127.0.0.0/8", "::1/128" };
	struct svclb_networks networks = { .nr = 1 };
	struct svclb_err err = { 0 };
	struct fixture fixture;
	struct svclb_health_port ports[2];
	size_t i;

	for (i = 0; i < 2; i++) {
		if (svclb_text_parse_network(words[i], &networks.at[0], &err))
			errx(1, "%s", err.text);
		node = (struct node){ { "::1", "127.0.0.1", "127.0.0.1" } };
		fixture_init_on(&fixture, &networks);
		ports[0] = (struct svclb_health_port){
			"n", "x", fixture_free_port(), 1
		};
		ports[1] = (struct svclb_health_port){
			"n", "y", fixture_free_port(), 1
		};
		set(&fixture, ports, 1);
		tap_ok(tap, answers(&fixture, i ? "::1" : "127.0.0.1",
				    ports[0].port),
		       "%s: an address in it answers", words[i]);
		tap_ok(tap, refuses(&fixture, i ? "127.0.0.1" : "::1",
				    ports[0].port) &&
		       refuses(&fixture, "127.0.0.2", ports[0].port),
		       "%s: other addresses do not", words[i]);
		set(&fixture, ports, 2);
		tap_ok(tap, answers(&fixture, i ? "::1" : "127.0.0.1",
				    ports[0].port) &&
		       answers(&fixture, i ? "::1" : "127.0.0.1",
			       ports[1].port),
		       "%s: one more port", words[i]);
		set(&fixture, NULL, 0);
		tap_ok(tap, refuses(&fixture, i ? "::1" : "127.0.0.1",
				    ports[0].port), "%s: and none", words[i]);
		fixture_uninit(&fixture);
	}
}

/* What /proc/net/tcp has behind the address of such a socket. */
#define LISTENS " 00000000:0000 0A "

/* The number of the socket that listens on an IPv4 address, or 0. */
static unsigned long socket_of(const char *host, uint16_t port)
{
	FILE *file = fopen("/proc/net/tcp", "re");
	unsigned long found = 0, inode;
	char line[256], begin[16];
	struct in_addr addr;

	if (!file || inet_pton(AF_INET, host, &addr) != 1)
		err(1, "cannot find sockets");
	snprintf(begin, sizeof(begin), "%08X:%04X", addr.s_addr, port);
	while (!found && fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, begin);

		if (at && !strncmp(at + 13, LISTENS, sizeof(LISTENS) - 1) &&
		    sscanf(at + 13 + sizeof(LISTENS) - 1,
			   "%*s %*s %*s %*s %*s %lu", &inode) == 1)
			found = inode;
	}
	fclose(file);
	return found;
}

static bool comes_to_answer(struct fixture *fixture, const char *host,
			    uint16_t port)
{
	int tries;

	for (tries = 0; tries < 150 && !answers(fixture, host, port); tries++)
		ask_run(fixture->loop, 100);
	return tries < 150;
}

/* Addresses come and go; what stays is not touched. */
static void test_addresses(struct tap *tap)
{
	struct svclb_health_port port = { "n", "x", fixture_free_port(), 1 };
	struct svclb_networks networks = { .nr = 2 };
	struct svclb_err err = { 0 };
	unsigned long socket;
	struct fixture fixture;

	if (svclb_text_parse_network("127.0.0.0/8", &networks.at[0], &err) ||
	    svclb_text_parse_network("::/0", &networks.at[1], &err))
		errx(1, "%s", err.text);
	node = (struct node){ { "127.0.0.3", "127.0.0.2" } };
	fixture_init_on(&fixture, &networks);
	set(&fixture, &port, 1);
	tap_ok(tap, answers(&fixture, "127.0.0.3", port.port) &&
	       answers(&fixture, "127.0.0.2", port.port) &&
	       refuses(&fixture, "::1", port.port),
	       "the addresses that the node has");
	socket = socket_of("127.0.0.3", port.port);
	node = (struct node){ { "::1", "127.0.0.3", "192.0.2.1" } };
	tap_ok(tap, comes_to_answer(&fixture, "::1", port.port),
	       "one that is new");
	tap_ok(tap, refuses(&fixture, "127.0.0.2", port.port),
	       "one that is gone");
	tap_ok(tap, answers(&fixture, "127.0.0.3", port.port) && socket &&
	       socket_of("127.0.0.3", port.port) == socket,
	       "and one that stays, with its socket");
	node = (struct node){ { "127.0.0.3", "127.0.0.2" } };
	tap_ok(tap, comes_to_answer(&fixture, "127.0.0.2", port.port) &&
	       refuses(&fixture, "::1", port.port), "and back");
	fixture_uninit(&fixture);
	node = (struct node){ { NULL } };
}

static void test_many(struct tap *tap, struct fixture *fixture)
{
	struct svclb_health_port *ports = calloc(MANY, sizeof(*ports));
	struct rlimit limit;
	uint64_t begin;
	bool all = true;
	size_t i;

	if (!ports || getrlimit(RLIMIT_NOFILE, &limit))
		err(1, "cannot begin");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	for (i = 0; i < MANY; i++)
		ports[i] = (struct svclb_health_port){
			"n", "x", fixture_free_port(), i
		};
	begin = svclb_loop_now();
	set(fixture, ports, MANY);
	printf("# %d ports are open after %llu ms\n", MANY,
	       (unsigned long long)(svclb_loop_now() - begin));
	for (i = 0; i < MANY; i += 37)
		all &= answers(fixture, "127.0.0.1", ports[i].port);
	tap_ok(tap, all, "%d ports answer", MANY);
	begin = svclb_loop_now();
	for (i = 0; i < MANY; i++)
		ports[i].ready = i + 1;
	set(fixture, ports, MANY);
	printf("# all of them change in %llu ms\n",
	       (unsigned long long)(svclb_loop_now() - begin));
	set(fixture, ports + MANY / 2, MANY / 2);
	tap_ok(tap, refuses(fixture, "127.0.0.1", ports[0].port) &&
	       refuses(fixture, "127.0.0.1", ports[MANY / 2 - 1].port) &&
	       answers(fixture, "127.0.0.1", ports[MANY / 2].port) &&
	       answers(fixture, "127.0.0.1", ports[MANY - 1].port),
	       "half of them are closed");
	set(fixture, NULL, 0);
	free(ports);
}

int main(void)
{
	struct tap tap = { 0 };
	struct fixture fixture;

	setvbuf(stdout, NULL, _IOLBF, 0);
	fixture_init(&fixture);
	test_answers(&tap, &fixture);
	test_no_gap(&tap, &fixture);
	test_double(&tap, &fixture);
	test_in_use(&tap, &fixture);
	test_many(&tap, &fixture);
	fixture_uninit(&fixture);
	test_networks(&tap);
	test_addresses(&tap);
	return tap_end(&tap);
}
