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

	return json_pack("{s:s, s:o, s:i, s:s, s:b, s:o, s:o}",
			 "kind", svclb_text_kind(frontend->kind),
			 "address", key->node_port ? json_null() :
				    address(key->family, key->addr),
			 "port", key->port,
			 "policy", svclb_text_policy(frontend->policy),
			 "restricted", frontend->restricted,
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
	uint32_t flags = backend->flags;

	return json_pack("{s:I, s:o, s:i, s:I, s:b, s:b, s:b, s:b, s:o}",
			 "id", (json_int_t)backend->id,
			 "address", address(family, backend->addr),
			 "port", backend->port,
			 "weight", (json_int_t)backend->weight,
			 "draining", !!(flags & SVCLB_BACKEND_DRAINING),
			 "local", !!(flags & SVCLB_BACKEND_LOCAL),
			 "local_only", !!(flags & SVCLB_BACKEND_LOCAL_ONLY),
			 "not_serving", !!(flags & SVCLB_BACKEND_NOT_SERVING),
			 "connections",
			 svclb_json_number(backend->connections));
}

/**
 * svclb_json_network() - a network as JSON
 * @network: the network
 *
 * Return: the string, or NULL when there is no memory.
 */
json_t *svclb_json_network(const struct svclb_network *network)
{
	char text[SVCLB_NETWORK_TEXT];

	svclb_text_network(text, network);
	return json_string(text);
}

static json_t *networks_json(const struct svclb_network *networks, uint32_t nr)
{
	json_t *array = json_array();
	uint32_t i;

	for (i = 0; i < nr; i++)
		json_array_append_new(array, svclb_json_network(&networks[i]));
	return array;
}

/**
 * svclb_json_service() - a service as JSON
 * @service: the service
 * @conns:   whether the connections of its backends were counted
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_service(const struct svclb_service *service, bool conns)
{
	json_t *frontends = json_array(), *backends = json_array(), *json;
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		json_array_append_new(frontends,
				      svclb_json_frontend(&service->frontends[i]));
	for (i = 0; i < service->nr_backends; i++) {
		const struct svclb_backend *backend = &service->backends[i];

		json = svclb_json_backend(service->family, backend);
		if (conns) {
			json_object_set_new(json, "active_connections",
					    json_integer(backend->active));
			json_object_set_new(json, "inactive_connections",
					    json_integer(backend->inactive));
		}
		json_array_append_new(backends, json);
	}
	return json_pack("{s:o, s:s, s:s, s:s, s:I, s:b, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "name", svclb_json_text(service->name),
			 "protocol", svclb_text_protocol(service->proto),
			 "family", svclb_text_family(service->family),
			 "scheduler", svclb_text_scheduler(service->sched),
			 "affinity_timeout", (json_int_t)service->affinity,
			 "syn_failover", service->syn_failover,
			 "source_ranges", networks_json(service->ranges,
							service->nr_ranges),
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
 * @conns:  whether the connections of their backends were counted
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_config(const struct svclb_config *config, bool conns)
{
	json_t *services = json_array();
	uint32_t i;

	for (i = 0; i < config->nr; i++)
		json_array_append_new(services,
				      svclb_json_service(config->services[i],
							 conns));
	return json_pack("{s:i, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "services", services);
}

static json_t *list_json(const struct svclb_settings *settings, int list)
{
	return networks_json(settings->lists[list].at,
			     settings->lists[list].nr);
}

static void add_tuning(json_t *json, unsigned int i, uint32_t value)
{
	const char *word = svclb_tuning_word(i, value), *name;
	char key[32], *to = key;

	for (name = svclb_tunings[i].name; *name; name++)
		*to++ = *name == '-' ? '_' : *name;
	*to = '\0';
	json_object_set_new(json, key, word ? json_string(word) :
					      json_integer(value));
}

/**
 * svclb_json_settings() - settings as JSON
 * @settings: the settings
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_json_settings(const struct svclb_settings *settings)
{
	json_t *interfaces = json_array(), *json;
	uint32_t i;

	for (i = 0; i < settings->nr_interfaces; i++)
		json_array_append_new(interfaces,
				      svclb_json_text(settings->interfaces[i]));
	json = json_pack("{s:o, s:o, s:o, s:o, s:b, s:b, s:o, s:I, s:b, s:i, s:i, s:s}",
			 "cluster_networks",
			 list_json(settings, SVCLB_LIST_CLUSTER),
			 "pod_interfaces", interfaces,
			 "node_port_addresses",
			 list_json(settings, SVCLB_LIST_NODE_PORT),
			 "service_networks",
			 list_json(settings, SVCLB_LIST_SERVICE),
			 "node_port_loopback", settings->loopback,
			 "answer_ping", settings->answer_ping,
			 "maglev_seed",
			 svclb_json_number(settings->maglev_seed),
			 "affinity_max", (json_int_t)settings->affinity_max,
			 "masquerade_all", settings->masquerade_all,
			 "node_port_min", settings->node_port_min,
			 "node_port_max", settings->node_port_max,
			 "scheduler", svclb_text_scheduler(settings->sched));
	for (i = 0; i < SVCLB_TUNINGS && json; i++)
		add_tuning(json, i, settings->tunings[i]);
	return json;
}
