// SPDX-License-Identifier: GPL-2.0-only
/*
 * What health check ports are to tell: kept by Service, so that a change of one
 * does not need a look at all.
 */
#include "proxier_int.h"

#include <stdlib.h>
#include <string.h>

#include "health.h"

static int compare_names(const struct svclb_health_port *port,
			 const char *namespace, const char *name)
{
	int diff = strcmp(port->namespace, namespace);

	return diff ? diff : strcmp(port->name, name);
}

/* Where a Service is, or would have to be. */
static uint32_t find(const struct svclb_proxier *proxier,
		     const char *namespace, const char *name)
{
	uint32_t first = 0, last = proxier->nr_ports, middle;

	while (first < last) {
		middle = first + (last - first) / 2;
		if (compare_names(&proxier->ports[middle], namespace, name) < 0)
			first = middle + 1;
		else
			last = middle;
	}
	return first;
}

static void free_names(const struct svclb_health_port *port)
{
	free((char *)port->namespace);
	free((char *)port->name);
}

static void remove_port(struct svclb_proxier *proxier, uint32_t place)
{
	struct svclb_health_port *port = &proxier->ports[place];

	free_names(port);
	proxier->nr_ports--;
	memmove(port, port + 1, (proxier->nr_ports - place) * sizeof(*port));
	proxier->ports_changed = true;
}

static int insert_port(struct svclb_proxier *proxier, uint32_t place,
		       const char *namespace, const char *name)
{
	uint32_t room = proxier->max_ports ? proxier->max_ports * 2 : 16;
	struct svclb_health_port new = {
		.namespace = strdup(namespace),
		.name = strdup(name),
	};
	void *bigger = proxier->ports;

	if (proxier->nr_ports == proxier->max_ports) {
		bigger = realloc(proxier->ports, room * sizeof(new));
		if (bigger) {
			proxier->ports = bigger;
			proxier->max_ports = room;
		}
	}
	if (!bigger || !new.namespace || !new.name) {
		free_names(&new);
		return -1;
	}
	memmove(&proxier->ports[place + 1], &proxier->ports[place],
		(proxier->nr_ports - place) * sizeof(new));
	proxier->ports[place] = new;
	proxier->nr_ports++;
	return 0;
}

/**
 * svclb_proxier_health() - see what the health check port of a Service is to
 *                          tell
 * @proxier:   the proxier
 * @namespace: namespace of the Service
 * @name:      name of the Service
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_proxier_health(struct svclb_proxier *proxier, const char *namespace,
			 const char *name)
{
	uint32_t place = find(proxier, namespace, name);
	const struct svclb_k8s_service *service;
	struct svclb_health_port *port;
	bool found;
	int ready;

	found = place < proxier->nr_ports &&
		!compare_names(&proxier->ports[place], namespace, name);
	service = svclb_store_service(&proxier->store, namespace, name);
	if (!service || !service->proxied || !service->health_port) {
		if (found)
			remove_port(proxier, place);
		return 0;
	}
	ready = svclb_health_count(&proxier->store, service,
				   proxier->translation.node);
	if (ready < 0 ||
	    (!found && insert_port(proxier, place, namespace, name)))
		return -1;
	port = &proxier->ports[place];
	if (found && port->port == service->health_port &&
	    port->ready == (uint32_t)ready)
		return 0;
	port->port = service->health_port;
	port->ready = (uint32_t)ready;
	proxier->ports_changed = true;
	return 0;
}

/**
 * svclb_proxier_health_all() - see what all health check ports are to tell
 * @proxier: the proxier
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_proxier_health_all(struct svclb_proxier *proxier)
{
	const struct svclb_objects *services = &proxier->store.services;
	const struct svclb_k8s_service *service;
	uint32_t i;

	/* From behind, for some may go. */
	for (i = proxier->nr_ports; i--;) {
		if (svclb_store_service(&proxier->store,
					proxier->ports[i].namespace,
					proxier->ports[i].name))
			continue;
		remove_port(proxier, i);
	}
	for (i = 0; i < services->nr; i++) {
		service = services->at[i];
		if (service && (service->health_port || proxier->nr_ports) &&
		    svclb_proxier_health(proxier, service->namespace,
					 service->name))
			return -1;
	}
	return 0;
}

/**
 * svclb_proxier_tell_health() - tell what health check ports are to tell, if
 *                               it changed
 * @proxier: the proxier
 */
void svclb_proxier_tell_health(struct svclb_proxier *proxier)
{
	if (!proxier->ports_changed)
		return;
	proxier->ports_changed = false;
	if (proxier->p.health)
		proxier->p.health(proxier->p.data, proxier->ports,
				  proxier->nr_ports);
}

/**
 * svclb_proxier_health_uninit() - forget the health check ports
 * @proxier: the proxier
 */
void svclb_proxier_health_uninit(struct svclb_proxier *proxier)
{
	while (proxier->nr_ports)
		free_names(&proxier->ports[--proxier->nr_ports]);
	free(proxier->ports);
}
