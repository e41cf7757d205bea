// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the model to JSON. Keys are only ever added. jansson passes a lack of
 * memory on: what holds a NULL becomes NULL itself.
 */
#include "json.h"

#include <arpa/inet.h>

#include "out.h"
#include "text.h"

static json_t *address(uint8_t family, const uint8_t addr[16])
{
	char text[INET6_ADDRSTRLEN];

	svclb_text_host(text, family, addr);
	return json_string(text);
}

/**
 * svclb_json_frontend() - a frontend as JSON
 * @frontend: the frontend
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_frontend(const struct svclb_frontend *frontend)
{
	const struct svclb_key *key = &frontend->key;
	bool is_vip = key->kind == SVCLB_FRONTEND_KIND_VIP;

	return json_pack("{s:s, s:o, s:i, s:o, s:o}",
			 "kind", is_vip ? "vip" : "node-port",
			 "address", is_vip ? address(key->family, key->addr) :
					     json_null(),
			 "port", key->port,
			 "connections",
			 svclb_json_number(frontend->counts.connections),
			 "rejected",
			 svclb_json_number(frontend->counts.rejected));
}

/**
 * svclb_json_backend() - a backend as JSON
 * @family:  family of its service
 * @backend: the backend
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_backend(uint8_t family, const struct svclb_backend *backend)
{
	return json_pack("{s:I, s:o, s:i, s:I, s:b, s:o}",
			 "id", (json_int_t)backend->id,
			 "address", address(family, backend->addr),
			 "port", backend->port,
			 "weight", (json_int_t)backend->weight,
			 "draining",
			 !!(backend->flags & SVCLB_BACKEND_DRAINING),
			 "connections",
			 svclb_json_number(backend->connections));
}

static json_t *service_json(const struct svclb_service *service)
{
	json_t *frontends = json_array(), *backends = json_array();
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		json_array_append_new(frontends,
				      svclb_json_frontend(&service->frontends[i]));
	for (i = 0; i < service->nr_backends; i++)
		json_array_append_new(backends,
				      svclb_json_backend(service->family,
							 &service->backends[i]));
	return json_pack("{s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o}",
			 "name", svclb_json_text(service->name),
			 "protocol", svclb_text_protocol(service->proto),
			 "family", svclb_text_family(service->family),
			 "scheduler", svclb_text_scheduler(service->sched),
			 "generation", svclb_json_number(service->generation),
			 "connections",
			 svclb_json_number(service->counts.connections),
			 "rejected",
			 svclb_json_number(service->counts.rejected),
			 "frontends", frontends, "backends", backends);
}

/**
 * svclb_json_config() - services as JSON
 * @config: the services, sorted
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_config(const struct svclb_config *config)
{
	json_t *services = json_array();
	uint32_t i;

	for (i = 0; i < config->nr; i++)
		json_array_append_new(services,
				      service_json(config->services[i]));
	return json_pack("{s:i, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "services", services);
}

/**
 * svclb_json_settings() - settings as JSON
 * @settings: the settings
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_settings(const struct svclb_settings *settings)
{
	json_t *networks = json_array();
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	for (i = 0; i < settings->nr_networks; i++) {
		svclb_text_network(text, &settings->networks[i]);
		json_array_append_new(networks, json_string(text));
	}
	return json_pack("{s:o, s:b, s:i, s:i, s:s}",
			 "cluster_networks", networks,
			 "masquerade_all", settings->masquerade_all,
			 "node_port_min", settings->node_port_min,
			 "node_port_max", settings->node_port_max,
			 "scheduler", svclb_text_scheduler(settings->sched));
}
