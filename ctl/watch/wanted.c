// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a cluster becomes, as JSON for programs that check it.
 */
#include "wanted.h"

#include "lib/json.h"
#include "lib/out.h"
#include "lib/text.h"

/**
 * struct key - a key of the settings in JSON
 * @given: SVCLB_GIVEN_*
 * @name:  the key
 */
struct key {
	uint32_t given;
	const char *name;
};

/* Settings that are not asked for are none of our business. */
static json_t *settings_json(const struct svclb_settings *settings)
{
	static const struct key keys[] = {
		{ SVCLB_GIVEN_LIST(SVCLB_LIST_CLUSTER), "cluster_networks" },
		{ SVCLB_GIVEN_LIST(SVCLB_LIST_NODE_PORT),
		  "node_port_addresses" },
		{ SVCLB_GIVEN_LIST(SVCLB_LIST_SERVICE), "service_networks" },
		{ SVCLB_GIVEN_INTERFACES, "pod_interfaces" },
		{ SVCLB_GIVEN_LOOPBACK, "node_port_loopback" },
		{ SVCLB_GIVEN_MASQUERADE, "masquerade_all" },
	};
	json_t *all = svclb_json_settings(settings), *json = json_object();
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (settings->given & keys[i].given)
			json_object_set(json, keys[i].name,
					json_object_get(all, keys[i].name));
	json_decref(all);
	return json;
}

/* The endpoints that a policy has for new connections. */
static json_t *set_json(const struct svclb_service *service, uint8_t policy)
{
	json_t *array = json_array();
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < service->nr_backends; i++) {
		const struct svclb_backend *backend = &service->backends[i];

		if (backend->flags & SVCLB_BACKEND_DRAINING)
			continue;
		if (policy == SVCLB_TRAFFIC_POLICY_LOCAL ?
		    !(backend->flags & SVCLB_BACKEND_LOCAL) :
		    !!(backend->flags & SVCLB_BACKEND_LOCAL_ONLY))
			continue;
		svclb_text_backend(text, service->family, backend);
		json_array_append_new(array, json_string(text));
	}
	return array;
}

/* Whether connections that find no endpoint are dropped, and not refused. */
static bool has_endpoints(const struct svclb_service *service)
{
	uint32_t i;

	for (i = 0; i < service->nr_backends; i++)
		if (!(service->backends[i].flags & SVCLB_BACKEND_DRAINING))
			return true;
	return false;
}

/*
 * A set is null when no address uses it. Where the policy is local, addresses
 * other than the VIP have the other set too, for pods and for the node.
 */
static json_t *service_json(const struct svclb_service *service)
{
	json_t *json = svclb_json_service(service, false);
	bool cluster = false, local = false;
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++) {
		const struct svclb_frontend *frontend = &service->frontends[i];
		bool is_local = frontend->policy == SVCLB_TRAFFIC_POLICY_LOCAL;

		local |= is_local;
		cluster |= !is_local ||
			   frontend->kind != SVCLB_FRONTEND_KIND_VIP;
	}
	json_object_set_new(json, "cluster_endpoints", cluster ?
			    set_json(service, SVCLB_TRAFFIC_POLICY_CLUSTER) :
			    json_null());
	json_object_set_new(json, "local_endpoints", local ?
			    set_json(service, SVCLB_TRAFFIC_POLICY_LOCAL) :
			    json_null());
	json_object_set_new(json, "has_endpoints",
			    json_boolean(has_endpoints(service)));
	/* That of the namespace, whatever it is. */
	if (service->sched == SVCLB_SCHED_DEFAULT)
		json_object_set_new(json, "scheduler", json_null());
	return json;
}

/**
 * svclb_wanted_json() - what a cluster becomes, as JSON
 * @config: the configuration, sorted; its settings are those that are asked for
 *
 * Return: the object, or NULL when there is no memory.
 */
json_t *svclb_wanted_json(const struct svclb_config *config)
{
	json_t *services = json_array();
	uint32_t i;

	for (i = 0; i < config->nr; i++)
		json_array_append_new(services,
				      service_json(config->services[i]));
	return json_pack("{s:i, s:o, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "settings", settings_json(&config->settings),
			 "services", services);
}
