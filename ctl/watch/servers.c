// SPDX-License-Identifier: GPL-2.0-only
/* What the watcher tells those who ask over HTTP. */
#include "servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "health_ports.h"
#include "healthz.h"
#include "httpd.h"
#include "listeners.h"
#include "log.h"
#include "metrics.h"

/*
 * A text of metrics is good for so many times as long as it took to make: who
 * asks again and again gets that much of the loop's time and no more.
 */
#define METRICS_REST 9

#define TYPE_JSON "application/json"
#define TYPE_TEXT "text/plain; charset=utf-8"
#define TYPE_METRICS "text/plain; version=0.0.4; charset=utf-8"

/**
 * struct svclb_servers - all servers
 * @serving:   what is served; without the addresses' texts
 * @httpd:     serves it
 * @listeners: sockets
 * @ports:     health check ports
 * @healthz:   health
 * @started:   when the program began, seconds since 1970
 * @metrics:   the text of metrics that is still good, or NULL
 * @spoils:    when it is not any more
 * @broken:    whether the kernel's counters could not be read last time
 */
struct svclb_servers {
	struct svclb_serving serving;
	struct svclb_httpd *httpd;
	struct svclb_listeners listeners;
	struct svclb_health_ports *ports;
	struct svclb_healthz healthz;
	double started;
	struct MHD_Response *metrics;
	struct svclb_timer spoils;
	bool broken;
};

static void drop_metrics(void *data)
{
	struct svclb_servers *servers = data;

	if (servers->metrics)
		MHD_destroy_response(servers->metrics);
	servers->metrics = NULL;
}

static bool read_counters(struct svclb_servers *servers,
			  struct svclb_counters *counters,
			  struct svclb_config *config)
{
	const struct svclb_serving *serving = &servers->serving;
	struct svclb_err err = { 0 };
	bool broken;

	broken = serving->counters(serving->data, counters,
				   serving->per_service ? config : NULL,
				   &err) != 0;
	if (broken && !servers->broken)
		svclb_log(SVCLB_LOG_WARNING,
			  "cannot read the kernel's counters", "error",
			  err.text, NULL);
	servers->broken = broken;
	return !broken;
}

static struct MHD_Response *make_metrics(struct svclb_servers *servers)
{
	struct svclb_counters counters = { 0 };
	struct svclb_config config = { 0 };
	struct svclb_metrics metrics = {
		.stats = servers->serving.stats,
		.healthz = &servers->healthz,
		.started = servers->started,
	};
	size_t len = 0;
	char *text;

	if (read_counters(servers, &counters, &config)) {
		metrics.counters = &counters;
		if (servers->serving.per_service)
			metrics.config = &config;
	}
	text = svclb_metrics_write(&metrics, &len);
	svclb_config_uninit(&config);
	return text ? svclb_httpd_response(TYPE_METRICS, text, len) : NULL;
}

static void answer_metrics(struct svclb_servers *servers,
			   struct svclb_page *page)
{
	uint64_t begin = svclb_loop_now();

	if (!servers->metrics) {
		servers->metrics = make_metrics(servers);
		svclb_timer_set(servers->serving.loop, &servers->spoils,
				(svclb_loop_now() - begin) * METRICS_REST);
	}
	page->response = servers->metrics;
	page->kept = true;
}

static void answer_text(struct svclb_page *page, const char *type,
			const char *text)
{
	char *copy = strdup(text);

	if (copy)
		page->response = svclb_httpd_response(type, copy, strlen(copy));
}

static void answer_health(struct svclb_servers *servers,
			  struct svclb_page *page,
			  enum svclb_healthz_scope scope)
{
	char text[SVCLB_HEALTHZ_TEXT];

	if (!svclb_healthz_ask(&servers->healthz, scope, text))
		page->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	answer_text(page, TYPE_JSON, text);
}

/*
 * Whether the node shall get connections at all makes no difference here: one
 * that is about to go still works for the connections that it gets.
 */
static void answer_service(struct svclb_servers *servers,
			   struct svclb_page *page)
{
	const struct svclb_health_port *port;
	bool healthy = svclb_healthz_is_healthy(&servers->healthz);
	char weight[16];
	char *text;

	port = svclb_health_ports_find(servers->ports, page->port);
	if (!port) {
		page->status = MHD_HTTP_NOT_FOUND;
		return;
	}
	if (!healthy || !port->ready)
		page->status = MHD_HTTP_SERVICE_UNAVAILABLE;
	text = svclb_health_port_json(port, healthy);
	if (!text)
		return;
	page->response = svclb_httpd_response(TYPE_JSON, text, strlen(text));
	if (!page->response)
		return;
	snprintf(weight, sizeof(weight), "%u", port->ready);
	MHD_add_response_header(page->response,
				"X-Load-Balancing-Endpoint-Weight", weight);
}

static void answer(void *data, struct svclb_page *page)
{
	bool at_metrics = page->site == SVCLB_SITE_METRICS;
	bool at_healthz = page->site == SVCLB_SITE_HEALTHZ;
	struct svclb_servers *servers = data;

	if (page->site == SVCLB_SITE_SERVICE)
		answer_service(servers, page);
	else if (at_healthz && !strcmp(page->path, "/healthz"))
		answer_health(servers, page, SVCLB_HEALTHZ_NODE);
	else if (at_healthz && !strcmp(page->path, "/livez"))
		answer_health(servers, page, SVCLB_HEALTHZ_SELF);
	else if (at_metrics && !strcmp(page->path, "/metrics"))
		answer_metrics(servers, page);
	else if (at_metrics && !strcmp(page->path, "/proxyMode"))
		answer_text(page, TYPE_TEXT, "svclb");
	else if (at_metrics && !strcmp(page->path, "/healthz"))
		answer_text(page, TYPE_TEXT, "ok");
	else
		page->status = MHD_HTTP_NOT_FOUND;
}

static int serve(struct svclb_servers *servers, const char *address,
		 enum svclb_site site, struct svclb_err *err)
{
	struct svclb_bind bind;

	if (!*address)
		return 0;
	if (svclb_bind_parse(address, &bind, err))
		return -1;
	return svclb_listener_create(&servers->listeners, &bind, site,
				     servers->serving.hard_fail, err) ? 0 : -1;
}

/**
 * svclb_servers_create() - begin to serve
 * @servers: for the servers
 * @serving: what, and where
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_servers_create(struct svclb_servers **servers,
			 const struct svclb_serving *serving,
			 struct svclb_err *err)
{
	struct svclb_servers *new = calloc(1, sizeof(*new));

	if (!new)
		return svclb_err_memory(err);
	new->serving = *serving;
	new->healthz.stats = serving->stats;
	new->healthz.stale = serving->stale;
	new->started = svclb_metrics_started();
	new->spoils.expired = drop_metrics;
	new->spoils.data = new;
	if (svclb_httpd_create(&new->httpd, serving->loop, answer, new, err))
		goto fail;
	svclb_listeners_init(&new->listeners, serving->loop, new->httpd);
	if (svclb_health_ports_create(&new->ports, &new->listeners,
				      &serving->health_addresses, err) ||
	    serve(new, serving->healthz, SVCLB_SITE_HEALTHZ, err) ||
	    serve(new, serving->metrics, SVCLB_SITE_METRICS, err))
		goto fail;
	*servers = new;
	return 0;
fail:
	svclb_servers_free(new);
	return -1;
}

/**
 * svclb_servers_set_health_ports() - say which health check ports there are
 * @servers: the servers
 * @ports:   the ports; are copied
 * @nr:      how many
 *
 * Return: 0, or -1 when there is no memory and nothing was changed.
 */
int svclb_servers_set_health_ports(struct svclb_servers *servers,
				   const struct svclb_health_port *ports,
				   uint32_t nr)
{
	return svclb_health_ports_set(servers->ports, ports, nr);
}

/**
 * svclb_servers_free() - stop serving
 * @servers: the servers, or NULL
 */
void svclb_servers_free(struct svclb_servers *servers)
{
	if (!servers)
		return;
	svclb_health_ports_free(servers->ports);
	svclb_listeners_uninit(&servers->listeners);
	svclb_httpd_free(servers->httpd);
	svclb_timer_clear(servers->serving.loop, &servers->spoils);
	drop_metrics(servers);
	free(servers);
}
