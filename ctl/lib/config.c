// SPDX-License-Identifier: GPL-2.0-only
#include "config.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_name(const char *name)
{
	return svclb_hash(name, strlen(name));
}

/**
 * svclb_config_hash_key() - hash a key, as a configuration does
 * @key: the key
 *
 * Return: the hash.
 */
uint32_t svclb_config_hash_key(const struct svclb_key *key)
{
	return svclb_hash(key, sizeof(*key));
}

/**
 * svclb_config_uninit() - free what a configuration holds
 * @config: the configuration, empty from then on
 */
void svclb_config_uninit(struct svclb_config *config)
{
	svclb_config_flush(config);
	svclb_map_uninit(&config->names);
	svclb_map_uninit(&config->keys);
	free(config->services);
	*config = (struct svclb_config){ 0 };
}

/**
 * svclb_config_by_name() - find a service by its name
 * @config: the configuration
 * @name:   the name
 *
 * Return: the service, or NULL.
 */
struct svclb_service *svclb_config_by_name(const struct svclb_config *config,
					   const char *name)
{
	struct svclb_map_iter iter;

	svclb_map_find(&config->names, hash_name(name), &iter);
	while (svclb_map_next(&config->names, &iter))
		if (!strcmp(config->services[iter.value]->name, name))
			return config->services[iter.value];
	return NULL;
}

/**
 * svclb_config_by_key() - find the service that owns a frontend
 * @config: the configuration
 * @key:    key of the frontend
 *
 * Return: the service, or NULL.
 */
struct svclb_service *svclb_config_by_key(const struct svclb_config *config,
					  const struct svclb_key *key)
{
	struct svclb_map_iter iter;

	svclb_map_find(&config->keys, svclb_config_hash_key(key), &iter);
	while (svclb_map_next(&config->keys, &iter))
		if (svclb_service_find_frontend(config->services[iter.value],
						key))
			return config->services[iter.value];
	return NULL;
}

static void unlink_keys(struct svclb_config *config,
			const struct svclb_service *service)
{
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		svclb_map_del(&config->keys,
			      svclb_config_hash_key(&service->frontends[i].key),
			      service->slot);
}

static int link_service(struct svclb_config *config,
			const struct svclb_service *service)
{
	uint32_t i;

	if (svclb_map_add(&config->names, hash_name(service->name),
			  service->slot))
		return -1;
	for (i = 0; i < service->nr_frontends; i++)
		if (svclb_map_add(&config->keys,
				  svclb_config_hash_key(&service->frontends[i].key),
				  service->slot))
			break;
	if (i == service->nr_frontends)
		return 0;
	while (i--)
		svclb_map_del(&config->keys,
			      svclb_config_hash_key(&service->frontends[i].key),
			      service->slot);
	svclb_map_del(&config->names, hash_name(service->name), service->slot);
	return -1;
}

/**
 * svclb_config_insert() - add a service
 * @config:  the configuration; it has neither the name nor the frontends
 * @service: the service; the configuration owns it from then on
 *
 * Return: 0, or -1 when there is no memory; then the service is the caller's.
 */
int svclb_config_insert(struct svclb_config *config,
			struct svclb_service *service)
{
	uint32_t room = config->max ? config->max * 2 : 16;
	struct svclb_service **bigger;

	if (config->nr == config->max) {
		bigger = realloc(config->services,
				 room * sizeof(struct svclb_service *));
		if (!bigger)
			return -1;
		config->services = bigger;
		config->max = room;
	}
	service->slot = config->nr;
	if (link_service(config, service))
		return -1;
	config->services[config->nr++] = service;
	config->count++;
	return 0;
}

/**
 * svclb_config_take() - remove a service without freeing it
 * @config:  the configuration
 * @service: the service, the caller's from then on
 */
void svclb_config_take(struct svclb_config *config,
		       struct svclb_service *service)
{
	unlink_keys(config, service);
	svclb_map_del(&config->names, hash_name(service->name), service->slot);
	config->services[service->slot] = NULL;
	config->count--;
	/* What came last leaves no hole, however often it comes and goes. */
	if (service->slot == config->nr - 1)
		config->nr--;
}

/**
 * svclb_config_remove() - remove a service and free it
 * @config:  the configuration
 * @service: the service
 */
void svclb_config_remove(struct svclb_config *config,
			 struct svclb_service *service)
{
	svclb_config_take(config, service);
	svclb_service_free(service);
}

/**
 * svclb_config_flush() - remove all services
 * @config: the configuration
 */
void svclb_config_flush(struct svclb_config *config)
{
	uint32_t i;

	svclb_map_uninit(&config->names);
	svclb_map_uninit(&config->keys);
	for (i = 0; i < config->nr; i++)
		svclb_service_free(config->services[i]);
	config->nr = 0;
	config->count = 0;
}

/**
 * svclb_config_add_frontend() - add a frontend to a service
 * @config:   the configuration; no service of it has the frontend
 * @service:  the service
 * @frontend: the frontend
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_config_add_frontend(struct svclb_config *config,
			      struct svclb_service *service,
			      const struct svclb_frontend *frontend)
{
	if (svclb_service_add_frontend(service, frontend))
		return -1;
	if (!svclb_map_add(&config->keys, svclb_config_hash_key(&frontend->key),
			   service->slot))
		return 0;
	service->nr_frontends--;
	return -1;
}

/**
 * svclb_config_del_frontend() - remove a frontend from a service
 * @config:   the configuration
 * @service:  the service
 * @frontend: one of its frontends
 */
void svclb_config_del_frontend(struct svclb_config *config,
			       struct svclb_service *service,
			       struct svclb_frontend *frontend)
{
	svclb_map_del(&config->keys, svclb_config_hash_key(&frontend->key), service->slot);
	svclb_service_del_frontend(service, frontend);
}

/**
 * svclb_config_copy() - copy a configuration
 * @to:   empty configuration
 * @from: the configuration to copy
 *
 * Return: 0, or -1 when there is no memory; then @to is empty.
 */
int svclb_config_copy(struct svclb_config *to, const struct svclb_config *from)
{
	struct svclb_service *copy;
	uint32_t i;

	to->settings = from->settings;
	for (i = 0; i < from->nr; i++) {
		if (!from->services[i])
			continue;
		copy = svclb_service_copy(from->services[i]);
		if (copy && !svclb_config_insert(to, copy))
			continue;
		svclb_service_free(copy);
		svclb_config_uninit(to);
		return -1;
	}
	return 0;
}

static int compare_services(const void *a, const void *b)
{
	const struct svclb_service *const *x = a, *const *y = b;
	int diff;

	/* Holes go to the end. */
	if (!*x || !*y)
		return !*x - !*y;
	diff = strverscmp((*x)->name, (*y)->name);
	return diff ? diff : strcmp((*x)->name, (*y)->name);
}

/**
 * svclb_config_sort() - bring services and members into the order they are
 *                       shown in
 * @config: the configuration; from then on its services cannot be found by
 *          name or key any more, and none can be added or removed
 *
 * Services go by name, numbers in names by their value.
 */
void svclb_config_sort(struct svclb_config *config)
{
	uint32_t i;

	svclb_map_uninit(&config->names);
	svclb_map_uninit(&config->keys);
	if (config->nr > 1)
		qsort(config->services, config->nr,
		      sizeof(struct svclb_service *), compare_services);
	config->nr = config->count;
	for (i = 0; i < config->nr; i++)
		svclb_service_sort(config->services[i]);
}

/**
 * svclb_config_apply_settings() - change the settings that are given
 * @config:   the configuration
 * @settings: the settings; those not given stay as they are
 */
void svclb_config_apply_settings(struct svclb_config *config,
				 const struct svclb_settings *settings)
{
	struct svclb_settings *to = &config->settings;
	int list, i;

	to->given |= settings->given;
	if (settings->line)
		to->line = settings->line;
	if (settings->given & SVCLB_GIVEN_MASQUERADE)
		to->masquerade_all = settings->masquerade_all;
	if (settings->given & SVCLB_GIVEN_SCHEDULER)
		to->sched = settings->sched;
	if (settings->given & SVCLB_GIVEN_PORTS) {
		to->node_port_min = settings->node_port_min;
		to->node_port_max = settings->node_port_max;
	}
	if (settings->given & SVCLB_GIVEN_LOOPBACK)
		to->loopback = settings->loopback;
	if (settings->given & SVCLB_GIVEN_PING)
		to->answer_ping = settings->answer_ping;
	if (settings->given & SVCLB_GIVEN_SEED)
		to->maglev_seed = settings->maglev_seed;
	if (settings->given & SVCLB_GIVEN_AFFINITY)
		to->affinity_max = settings->affinity_max;
	for (i = 0; i < SVCLB_TUNINGS; i++)
		if (settings->given & SVCLB_GIVEN_TUNING(i))
			to->tunings[i] = settings->tunings[i];
	if (settings->given & SVCLB_GIVEN_INTERFACES) {
		to->nr_interfaces = settings->nr_interfaces;
		memcpy(to->interfaces, settings->interfaces,
		       sizeof(to->interfaces));
	}
	for (list = 0; list < SVCLB_LISTS; list++)
		if (settings->given & SVCLB_GIVEN_LIST(list))
			to->lists[list] = settings->lists[list];
}

/**
 * svclb_config_set_defaults() - give a scheduler to the services without one
 * @config: the configuration
 */
void svclb_config_set_defaults(struct svclb_config *config)
{
	uint32_t i;

	for (i = 0; i < config->nr; i++)
		if (config->services[i] &&
		    config->services[i]->sched == SVCLB_SCHED_DEFAULT)
			config->services[i]->sched = config->settings.sched;
}
