// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the health check port of a Service tells its load balancer: whether the
 * node has endpoints for what comes from outside. Only ready ones count, so a
 * node whose endpoints all end leaves the balancer while they still work.
 */
#include "health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As many as most nodes have of a service. */
#define SEEN_FIRST 16

/**
 * struct seen - the endpoints of a service that were counted
 * @ips:   their addresses
 * @nr:    how many
 * @max:   for how many there is room
 * @index: finds them
 */
struct seen {
	struct svclb_k8s_ip *ips;
	uint32_t nr;
	uint32_t max;
	struct svclb_map index;
};

/* Returns 1 for an address that was not there yet, 0 for one that was, or -1. */
static int see(struct seen *seen, const struct svclb_k8s_ip *ip)
{
	uint32_t hash = svclb_hash(ip->addr, sizeof(ip->addr));
	struct svclb_map_iter iter;
	void *bigger;

	svclb_map_find(&seen->index, hash, &iter);
	while (svclb_map_next(&seen->index, &iter))
		if (!memcmp(seen->ips[iter.value].addr, ip->addr,
			    sizeof(ip->addr)))
			return 0;
	if (seen->nr == seen->max) {
		bigger = realloc(seen->ips, sizeof(*ip) * seen->max * 2);
		if (!bigger)
			return -1;
		seen->ips = bigger;
		seen->max *= 2;
	}
	if (svclb_map_add(&seen->index, hash, seen->nr))
		return -1;
	seen->ips[seen->nr++] = *ip;
	return 1;
}

/* How many are ready here, whatever their ports; of a family, or -1. */
static int count_family(const struct svclb_store *store,
			const struct svclb_k8s_service *service,
			const char *node, uint8_t family)
{
	const struct svclb_k8s_slice *slice;
	struct svclb_slices slices;
	struct seen seen = { .max = SEEN_FIRST };
	int count = 0, is_new;
	size_t i;

	seen.ips = calloc(seen.max, sizeof(*seen.ips));
	if (!seen.ips)
		return -1;
	svclb_store_slices(store, service, &slices);
	while (count >= 0 && (slice = svclb_slices_next(&slices))) {
		if (slice->family != family || !slice->nr_ports)
			continue;
		for (i = 0; i < slice->nr_endpoints && count >= 0; i++) {
			const struct svclb_k8s_endpoint *endpoint =
				&slice->endpoints[i];

			if (!endpoint->ready || !endpoint->ip.family ||
			    !endpoint->node || strcmp(endpoint->node, node) != 0)
				continue;
			is_new = see(&seen, &endpoint->ip);
			count = is_new < 0 ? -1 : count + is_new;
		}
	}
	svclb_map_uninit(&seen.index);
	free(seen.ips);
	return count;
}

/**
 * svclb_health_count() - count the endpoints that a health check port tells
 * @store:   the cluster
 * @service: a Service of it
 * @node:    name of the node that it is for
 *
 * An endpoint has an address of each family, and counts once.
 *
 * Return: how many are ready on the node, or -1 when there is no memory.
 */
int svclb_health_count(const struct svclb_store *store,
		       const struct svclb_k8s_service *service,
		       const char *node)
{
	int most = 0, nr, i;

	for (i = 0; i < SVCLB_FAMILIES && most >= 0; i++) {
		const struct svclb_k8s_ip *ip = &service->cluster_ips[i];

		nr = ip->family ?
		     count_family(store, service, node, ip->family) : 0;
		if (nr < 0 || nr > most)
			most = nr;
	}
	return most;
}

static json_t *check_json(const struct svclb_store *store,
			  const struct svclb_k8s_service *service,
			  const char *node)
{
	int ready = svclb_health_count(store, service, node);
	json_t *name;

	if (ready < 0)
		return NULL;
	name = json_sprintf("%s/%s", service->namespace, service->name);
	return json_pack("{s:o, s:i, s:i}", "service", name, "port",
			 service->health_port, "local_ready_endpoints", ready);
}

static int compare(const void *a, const void *b)
{
	const struct svclb_k8s_service *const *x = a, *const *y = b;
	int diff = strcmp((*x)->namespace, (*y)->namespace);

	return diff ? diff : strcmp((*x)->name, (*y)->name);
}

/**
 * svclb_health_json() - what the health check ports of a cluster tell, as JSON
 * @store: the cluster
 * @node:  name of the node that it is for
 *
 * Return: an array, sorted by service; or NULL when there is no memory.
 */
json_t *svclb_health_json(const struct svclb_store *store, const char *node)
{
	const struct svclb_objects *objects = &store->services;
	const struct svclb_k8s_service **services;
	json_t *array = json_array();
	uint32_t i, nr = 0;

	services = calloc(objects->nr + 1,
			  sizeof(const struct svclb_k8s_service *));
	if (!services) {
		json_decref(array);
		return NULL;
	}
	for (i = 0; i < objects->nr; i++) {
		const struct svclb_k8s_service *service = objects->at[i];

		if (service && service->proxied && service->health_port)
			services[nr++] = service;
	}
	if (nr > 1)
		qsort(services, nr, sizeof(const struct svclb_k8s_service *),
		      compare);
	for (i = 0; i < nr && array; i++) {
		if (!json_array_append_new(array,
					   check_json(store, services[i],
						      node)))
			continue;
		json_decref(array);
		array = NULL;
	}
	free(services);
	return array;
}
