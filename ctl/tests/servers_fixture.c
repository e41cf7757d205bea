// SPDX-License-Identifier: GPL-2.0-only
#include "servers_fixture.h"

#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "prometheus.h"

static void add_frontend(struct svclb_service *service, uint8_t kind,
			 uint64_t connections)
{
	struct svclb_frontend frontend = {
		.key = { .family = service->family, .proto = service->proto,
			 .port = 80 + service->nr_frontends },
		.kind = kind,
		.counts.connections = connections,
	};

	if (svclb_service_add_frontend(service, &frontend))
		errx(1, "no memory");
}

static struct svclb_service *add_service(struct svclb_config *config,
					 const char *name, uint8_t family,
					 uint8_t proto)
{
	struct svclb_service *service = svclb_service_create(name, family,
							     proto);

	if (!service)
		errx(1, "no memory");
	service->counts.connections = 101 + config->count;
	service->counts.rejected = 1001 + config->count;
	if (svclb_config_insert(config, service))
		errx(1, "no memory");
	return service;
}

static void add_services(struct svclb_config *config)
{
	struct svclb_backend backend = { .port = 1 };
	struct svclb_service *service;

	service = svclb_service_create("default/web:http", AF_INET, IPPROTO_TCP);
	if (!service)
		errx(1, "no memory");
	service->counts = (struct svclb_counts){ 101, 1001 };
	add_frontend(service, SVCLB_FRONTEND_KIND_VIP, 83);
	add_frontend(service, SVCLB_FRONTEND_KIND_NODE_PORT, 7);
	add_frontend(service, SVCLB_FRONTEND_KIND_LOAD_BALANCER, 5);
	add_frontend(service, SVCLB_FRONTEND_KIND_LOAD_BALANCER, 6);
	if (svclb_service_add_backend(service, &backend))
		errx(1, "no memory");
	backend.port = 2;
	if (svclb_service_add_backend(service, &backend) ||
	    svclb_config_insert(config, service))
		errx(1, "no memory");
	add_service(config, "default/web:http/ipv6", AF_INET6, IPPROTO_TCP);
	add_service(config, "default/web", AF_INET, IPPROTO_UDP);
	add_service(config, "by\"hand\\", AF_INET, IPPROTO_TCP);
	add_service(config, "\xff/\xc3\xa9", AF_INET6, IPPROTO_SCTP);
	add_service(config, "a/b/c", AF_INET, IPPROTO_TCP);
	add_service(config, "default/web:http/udp", AF_INET, IPPROTO_UDP);
	add_service(config, "a/", AF_INET, IPPROTO_TCP);
	add_service(config, "a/b:", AF_INET, IPPROTO_TCP);
	add_service(config, "/ipv6", AF_INET6, IPPROTO_TCP);
}

static int read_counters(void *data, struct svclb_counters *counters,
			 struct svclb_config *config, struct svclb_err *err)
{
	struct fixture *fixture = data;
	char name[64];
	uint32_t i;

	fixture->read++;
	if (fixture->broken)
		return svclb_err_set(err, SVCLB_ERR_FAILED, "as asked for");
	for (i = 0; i <= SVCLB_A_COUNTERS_MAX; i++)
		counters->values[i] = FIXTURE_COUNTER + i;
	add_services(config);
	for (i = 0; i < fixture->big; i++) {
		snprintf(name, sizeof(name), "namespace-%u/service-%u:http",
			 i % 100, i);
		add_service(config, name, AF_INET, IPPROTO_TCP);
	}
	return 0;
}

/**
 * fixture_free_port() - find a port that nobody has
 *
 * Return: the port. It is none that a client could get by chance.
 */
uint16_t fixture_free_port(void)
{
	static uint16_t next;
	struct sockaddr_in6 addr = { .sin6_family = AF_INET6 };
	int fd, on = 1;
	bool is_free;

	if (!next)
		next = 10000 + getpid() % 20000;
	do {
		next = next < 32000 ? next + 1 : 10000;
		addr.sin6_port = htons(next);
		fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0)
			errx(1, "no IPv6");
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		is_free = !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) &&
			  !listen(fd, 1);
		close(fd);
	} while (!is_free);
	return next;
}

/**
 * fixture_init_on() - begin to serve
 * @fixture:  for the servers
 * @networks: of addresses for health check ports
 */
void fixture_init_on(struct fixture *fixture,
		     const struct svclb_networks *networks)
{
	char healthz[32], metrics[32];
	struct svclb_serving serving = {
		.healthz = healthz,
		.metrics = metrics,
		.hard_fail = true,
		.per_service = true,
		.stale = FIXTURE_STALE,
		.stats = &fixture->stats,
		.counters = read_counters,
		.data = fixture,
		.health_addresses = *networks,
	};
	struct svclb_err err = { 0 };

	*fixture = (struct fixture){
		.healthz = fixture_free_port(),
		.metrics = fixture_free_port(),
	};
	svclb_stats_init(&fixture->stats);
	snprintf(healthz, sizeof(healthz), ":%u", fixture->healthz);
	snprintf(metrics, sizeof(metrics), "127.0.0.1:%u", fixture->metrics);
	if (svclb_loop_create(&fixture->loop, &err))
		errx(1, "%s", err.text);
	serving.loop = fixture->loop;
	if (svclb_servers_create(&fixture->servers, &serving, &err))
		errx(1, "%s", err.text);
}

/**
 * fixture_init() - begin to serve, with health check ports on all addresses
 * @fixture: for the servers
 */
void fixture_init(struct fixture *fixture)
{
	fixture_init_on(fixture, &(struct svclb_networks){ 0 });
}

/**
 * fixture_uninit() - stop serving
 * @fixture: the servers
 */
void fixture_uninit(struct fixture *fixture)
{
	svclb_servers_free(fixture->servers);
	svclb_loop_free(fixture->loop);
}

/**
 * fixture_fill() - let all that is told be different
 * @fixture: the servers
 */
void fixture_fill(struct fixture *fixture)
{
	struct svclb_stats *stats = &fixture->stats;

	svclb_histogram_add(&stats->sync, 0.0005);
	svclb_histogram_add(&stats->sync, 0.002);
	svclb_histogram_add(&stats->full_sync, 20);
	svclb_histogram_add(&stats->programming, 119);
	stats->last_sync = 1704067200.25;
	stats->last_queued = 1704067199.5;
	stats->sync_failures = 9;
	stats->repairs = 10;
	stats->service_changes = 11;
	stats->slice_changes = 12;
	stats->pending_service_changes = 13;
	stats->pending_slice_changes = 14;
	stats->services = 15;
	stats->endpoints = 16;
	stats->lists = 17;
	stats->watches = 18;
	stats->request_errors = 19;
	stats->no_local_internal[0] = 21;
	stats->no_local_internal[1] = 22;
	stats->no_local_external[0] = 23;
	stats->no_local_external[1] = 24;
	stats->synced = true;
}

/**
 * fixture_healthz() - ask where /healthz is
 * @fixture: the servers
 * @ask:     the client, to be closed afterwards
 * @request: method and path
 *
 * Return: the status.
 */
int fixture_healthz(struct fixture *fixture, struct ask *ask,
		    const char *request)
{
	return ask_page(ask, fixture->loop, "::1", fixture->healthz, request);
}

/**
 * fixture_metrics() - ask where /metrics is
 * @fixture: the servers
 * @ask:     the client, to be closed afterwards
 * @request: method and path
 *
 * Return: the status.
 */
int fixture_metrics(struct fixture *fixture, struct ask *ask,
		    const char *request)
{
	return ask_page(ask, fixture->loop, "127.0.0.1", fixture->metrics,
			request);
}

/**
 * fixture_metrics_with() - ask for metrics until they have a sample
 * @fixture: the servers
 * @ask:     the client, to be closed afterwards
 * @series:  name and labels of the sample
 * @value:   its value
 *
 * For a while they are those of before.
 *
 * Return: whether they came to have it.
 */
bool fixture_metrics_with(struct fixture *fixture, struct ask *ask,
			  const char *series, const char *value)
{
	unsigned int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (fixture_metrics(fixture, ask, "GET /metrics") == 200 &&
		    prometheus_has(ask_body(ask), series, value))
			return true;
		ask_close(ask);
		ask_run(fixture->loop, 10);
	}
	return false;
}
