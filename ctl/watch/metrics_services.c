// SPDX-License-Identifier: GPL-2.0-only
/*
 * The traffic of each service. There may be many services and a metric is
 * written for all of them before the next, so their labels are made once.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "metrics_table.h"

/**
 * struct parts - the parts of a service's name
 * @namespace:     namespace, or NULL
 * @namespace_len: its length
 * @name:          name
 * @name_len:      its length
 * @port:          port, or NULL
 * @port_len:      its length
 */
struct parts {
	const char *namespace;
	size_t namespace_len;
	const char *name;
	size_t name_len;
	const char *port;
	size_t port_len;
};

/*
 * NAMESPACE/NAME, NAMESPACE/NAME:PORT, and for IPv6 with /ipv6 behind it. No two
 * names may come to the same parts; a name that is no such is a name as it is.
 */
static void split(const struct svclb_service *service, struct parts *parts)
{
	static const char suffix[] = "/ipv6";
	const char *name = service->name, *slash, *colon, *end;
	size_t len = strlen(name), cut = sizeof(suffix) - 1;

	*parts = (struct parts){ .name = name, .name_len = len };
	if (service->family == AF_INET6) {
		if (len < cut || strcmp(name + len - cut, suffix) != 0)
			return;
		len -= cut;
	}
	end = name + len;
	slash = memchr(name, '/', len);
	if (!slash || slash == name ||
	    memchr(slash + 1, '/', end - slash - 1))
		return;
	colon = memchr(slash, ':', end - slash);
	if ((colon ? colon : end) == slash + 1 || colon + 1 == end ||
	    memchr(name, ':', slash - name))
		return;
	parts->namespace = name;
	parts->namespace_len = slash - name;
	parts->name = slash + 1;
	parts->name_len = (colon ? colon : end) - parts->name;
	parts->port = colon ? colon + 1 : "";
	parts->port_len = colon ? end - parts->port : 0;
}

static void put_labels(struct svclb_metrics_text *text,
		       const struct svclb_service *service)
{
	struct parts parts;
	const char *proto = svclb_text_protocol(service->proto);

	split(service, &parts);
	if (parts.namespace) {
		svclb_metrics_put_label(text, "namespace", parts.namespace,
					parts.namespace_len);
		svclb_metrics_put_label(text, ",name", parts.name,
					parts.name_len);
		svclb_metrics_put_label(text, ",port", parts.port,
					parts.port_len);
	} else {
		svclb_metrics_put_label(text, "name", parts.name,
					parts.name_len);
	}
	svclb_metrics_put_label(text, ",protocol", proto, strlen(proto));
	svclb_metrics_puts(text, service->family == AF_INET6 ?
			   ",ip_family=\"IPv6\"" : ",ip_family=\"IPv4\"");
}

/**
 * svclb_metrics_label_services() - make the labels of all services
 * @scrape: the metrics, which tell of services
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_metrics_label_services(struct svclb_scrape *scrape)
{
	const struct svclb_config *config = scrape->from->config;
	uint32_t i;

	scrape->ends = calloc(config->nr + 1, sizeof(*scrape->ends));
	if (!scrape->ends)
		return -1;
	for (i = 0; i < config->nr; i++) {
		if (config->services[i])
			put_labels(&scrape->labels, config->services[i]);
		scrape->ends[i] = scrape->labels.len;
	}
	return scrape->labels.failed ? -1 : 0;
}

static void sample(struct svclb_scrape *scrape,
		   const struct svclb_metric *metric, uint32_t i,
		   const char *more, uint64_t value)
{
	struct svclb_metrics_text *text = &scrape->text;
	size_t begin = i ? scrape->ends[i - 1] : 0;

	svclb_metrics_puts(text, metric->name);
	svclb_metrics_put(text, "{", 1);
	svclb_metrics_put(text, scrape->labels.at + begin,
			  scrape->ends[i] - begin);
	svclb_metrics_puts(text, more);
	svclb_metrics_put(text, "} ", 2);
	svclb_metrics_put_u64(text, value);
	svclb_metrics_put(text, "\n", 1);
}

/* What of a service a metric tells. */
enum {
	CONNECTIONS,
	REJECTED,
	ENDPOINTS,
};

static uint64_t told(const struct svclb_service *service, size_t what)
{
	switch (what) {
	case CONNECTIONS:
		return service->counts.connections;
	case REJECTED:
		return service->counts.rejected;
	default:
		return service->nr_backends;
	}
}

static void by_service(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	const struct svclb_config *config = scrape->from->config;
	uint32_t i;

	if (!config || !scrape->ends)
		return;
	for (i = 0; i < config->nr; i++)
		if (config->services[i])
			sample(scrape, metric, i, "",
			       told(config->services[i], metric->at));
}

/*
 * What came by the service's other addresses, by their kind: the rest of its
 * connections came by its cluster IP.
 */
static void by_address(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	static const char *const kinds[__SVCLB_FRONTEND_KIND_MAX] = {
		[SVCLB_FRONTEND_KIND_NODE_PORT] = ",address=\"node_port\"",
		[SVCLB_FRONTEND_KIND_EXTERNAL] = ",address=\"external_ip\"",
		[SVCLB_FRONTEND_KIND_LOAD_BALANCER] =
			",address=\"load_balancer\"",
	};
	const struct svclb_config *config = scrape->from->config;
	uint32_t i, j;
	size_t kind;

	for (i = 0; config && scrape->ends && i < config->nr; i++) {
		const struct svclb_service *service = config->services[i];
		uint64_t sums[__SVCLB_FRONTEND_KIND_MAX] = { 0 };
		bool has[__SVCLB_FRONTEND_KIND_MAX] = { false };

		for (j = 0; service && j < service->nr_frontends; j++) {
			kind = service->frontends[j].kind;
			if (kind >= __SVCLB_FRONTEND_KIND_MAX)
				continue;
			has[kind] = true;
			sums[kind] += service->frontends[j].counts.connections;
		}
		for (kind = 0; kind < __SVCLB_FRONTEND_KIND_MAX; kind++)
			if (has[kind] && kinds[kind])
				sample(scrape, metric, i, kinds[kind],
				       sums[kind]);
	}
}

const struct svclb_metric svclb_metrics_services[] = {
	{ "svclb_service_connections_total", "counter",
	  "New connections to a service that were sent to an endpoint.",
	  by_service, CONNECTIONS },
	{ "svclb_service_external_connections_total", "counter",
	  "Those of them that came by another address than the cluster IP, by its kind.",
	  by_address, 0 },
	{ "svclb_service_rejected_total", "counter",
	  "New connections to a service that were refused for want of an endpoint.",
	  by_service, REJECTED },
	{ "svclb_service_endpoints", "gauge",
	  "Endpoints of a service.",
	  by_service, ENDPOINTS },
	{ 0 }
};
