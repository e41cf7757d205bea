// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel holds: the one copy of it that there is, and the figures that
 * are told of it.
 */
#include "proxier_int.h"

#include <string.h>

#include "lib/client.h"
#include "merge.h"

/* So many holes do not matter. */
#define HOLES_MAX 1024

/**
 * svclb_held_owner() - find the names of the Service in that of a service
 * @service:       NAMESPACE/NAME, with whatever behind it
 * @name:          for where the name begins
 * @namespace_len: for the length of the namespace
 * @name_len:      for the length of the name
 *
 * Return: whether it is such a name.
 */
bool svclb_held_owner(const char *service, const char **name,
		      size_t *namespace_len, size_t *name_len)
{
	const char *slash = strchr(service, '/');

	if (!slash)
		return false;
	*namespace_len = (size_t)(slash - service);
	*name = slash + 1;
	*name_len = strcspn(*name, ":/");
	return true;
}

/**
 * svclb_held_is_of() - whether a service is one of a Service
 * @service:   the service
 * @namespace: namespace of the Service
 * @name:      name of the Service
 *
 * Return: whether it is.
 */
bool svclb_held_is_of(const struct svclb_service *service,
		      const char *namespace, const char *name)
{
	size_t namespace_len, name_len;
	const char *begin;

	return svclb_held_owner(service->name, &begin, &namespace_len,
				&name_len) &&
	       strlen(namespace) == namespace_len && strlen(name) == name_len &&
	       !memcmp(service->name, namespace, namespace_len) &&
	       !memcmp(begin, name, name_len);
}

static uint32_t hash_owner(const struct svclb_service *service)
{
	size_t namespace_len, name_len;
	const char *name;

	if (!svclb_held_owner(service->name, &name, &namespace_len, &name_len))
		return 0;
	return svclb_pending_hash(service->name, namespace_len, name, name_len);
}

/* Counts a service in, or with -1 out. */
static void account(struct svclb_stats *stats,
		    const struct svclb_service *service, int sign)
{
	bool internal = false, external = false, usable = false, local = false;
	uint32_t *gauge, i;
	int family = svclb_family_index(service->family);

	stats->services += (uint32_t)sign;
	stats->endpoints += (uint32_t)sign * service->nr_backends;
	for (i = 0; i < service->nr_frontends; i++) {
		if (service->frontends[i].policy != SVCLB_TRAFFIC_POLICY_LOCAL)
			continue;
		if (service->frontends[i].kind == SVCLB_FRONTEND_KIND_VIP)
			internal = true;
		else
			external = true;
	}
	for (i = 0; i < service->nr_backends && (internal || external); i++) {
		usable |= !(service->backends[i].flags & SVCLB_BACKEND_DRAINING);
		local |= !!(service->backends[i].flags & SVCLB_BACKEND_LOCAL);
	}
	if (!usable || local)
		return;
	gauge = &stats->no_local_internal[family];
	*gauge += internal ? (uint32_t)sign : 0;
	gauge = &stats->no_local_external[family];
	*gauge += external ? (uint32_t)sign : 0;
}

static void forget_figures(struct svclb_stats *stats)
{
	stats->services = 0;
	stats->endpoints = 0;
	memset(stats->no_local_internal, 0, sizeof(stats->no_local_internal));
	memset(stats->no_local_external, 0, sizeof(stats->no_local_external));
}

/**
 * svclb_held_index() - find our services by Service, and count them, anew
 * @held: what the kernel holds
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_held_index(struct svclb_held *held)
{
	uint32_t i;

	svclb_map_uninit(&held->owners);
	forget_figures(held->stats);
	for (i = 0; i < held->ours.nr; i++) {
		const struct svclb_service *service = held->ours.services[i];

		if (!service)
			continue;
		if (svclb_map_add(&held->owners, hash_owner(service), i))
			return -1;
		account(held->stats, service, 1);
	}
	return 0;
}

/**
 * svclb_held_load() - ask the kernel what it holds
 * @held:       for that; what it had is forgotten
 * @nl:         the connection
 * @generation: generation of ours
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_held_load(struct svclb_held *held, struct svclb_nl *nl,
		    uint64_t generation, struct svclb_err *err)
{
	svclb_config_uninit(&held->ours);
	svclb_config_uninit(&held->others);
	if (svclb_client_load(nl, &held->ours, err))
		return -1;
	if (svclb_merge_split(&held->ours, generation, &held->others) ||
	    svclb_held_index(held))
		return svclb_err_memory(err);
	return 0;
}

/**
 * svclb_held_pack() - close the holes that removed services left
 * @held: what the kernel holds
 *
 * Return: 0, or -1 when there is no memory; then it is not known any more.
 */
int svclb_held_pack(struct svclb_held *held)
{
	struct svclb_config old = held->ours, *ours = &held->ours;
	uint32_t i;

	if (old.nr < old.count * 2 + HOLES_MAX)
		return 0;
	*ours = (struct svclb_config){ .settings = old.settings };
	for (i = 0; i < old.nr; i++) {
		struct svclb_service *service = old.services[i];

		if (!service)
			continue;
		svclb_config_take(&old, service);
		if (svclb_config_insert(ours, service)) {
			svclb_service_free(service);
			svclb_config_uninit(&old);
			return -1;
		}
	}
	svclb_config_uninit(&old);
	return svclb_held_index(held);
}

/**
 * svclb_held_insert() - add one of our services
 * @held:    what the kernel holds
 * @service: the service; it is held's from then on, and nobody's on failure
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_held_insert(struct svclb_held *held, struct svclb_service *service)
{
	if (svclb_config_insert(&held->ours, service)) {
		svclb_service_free(service);
		return -1;
	}
	if (svclb_map_add(&held->owners, hash_owner(service), service->slot)) {
		svclb_config_remove(&held->ours, service);
		return -1;
	}
	account(held->stats, service, 1);
	return 0;
}

/**
 * svclb_held_remove() - remove one of our services
 * @held:    what the kernel holds
 * @service: the service
 */
void svclb_held_remove(struct svclb_held *held, struct svclb_service *service)
{
	account(held->stats, service, -1);
	svclb_map_del(&held->owners, hash_owner(service), service->slot);
	svclb_config_remove(&held->ours, service);
}

/**
 * svclb_held_find() - begin a walk over the services of a Service
 * @held:      what the kernel holds
 * @namespace: namespace of the Service
 * @name:      name of the Service
 * @iter:      the walk, for svclb_held_next(); to be begun anew after a change
 */
void svclb_held_find(const struct svclb_held *held, const char *namespace,
		     const char *name, struct svclb_map_iter *iter)
{
	svclb_map_find(&held->owners,
		       svclb_pending_hash(namespace, strlen(namespace), name,
					  strlen(name)), iter);
}

/**
 * svclb_held_next() - go on with a walk
 * @held:      what the kernel holds
 * @namespace: namespace of the Service
 * @name:      name of the Service
 * @iter:      the walk
 *
 * Return: the next service, or NULL.
 */
struct svclb_service *svclb_held_next(const struct svclb_held *held,
				      const char *namespace, const char *name,
				      struct svclb_map_iter *iter)
{
	struct svclb_service *service;

	while (svclb_map_next(&held->owners, iter)) {
		service = held->ours.services[iter->value];
		if (svclb_held_is_of(service, namespace, name))
			return service;
	}
	return NULL;
}

/**
 * svclb_held_uninit() - forget all
 * @held: what the kernel holds, nothing from then on
 */
void svclb_held_uninit(struct svclb_held *held)
{
	svclb_config_uninit(&held->ours);
	svclb_config_uninit(&held->others);
	svclb_map_uninit(&held->owners);
}
