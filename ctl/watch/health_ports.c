// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ports where load balancers ask whether this node has endpoints of a
 * Service. A port that stays keeps its sockets whatever else changes, so that
 * nobody who asks meanwhile is refused.
 */
#include "health_ports.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "node_addresses.h"

/* Milliseconds from one look at the node's addresses to the next. */
#define ADDRESSES_AGE 5000

/**
 * struct port - a port
 * @is:        what it tells
 * @listeners: its sockets, by address; NULL in place of one that could not be
 *             made
 */
struct port {
	struct svclb_health_port is;
	struct svclb_listener **listeners;
};

/**
 * struct svclb_health_ports - all of them
 * @sockets:   where sockets are listened on
 * @networks:  of addresses that matter
 * @addresses: addresses that ports are open on
 * @ports:     the ports, sorted
 * @nr:        how many
 * @look:      when to look at the node's addresses again
 */
struct svclb_health_ports {
	struct svclb_listeners *sockets;
	struct svclb_networks networks;
	struct svclb_node_addresses addresses;
	struct port *ports;
	uint32_t nr;
	struct svclb_timer look;
};

static void open_port(struct svclb_health_ports *ports, struct port *port)
{
	struct svclb_err err;
	uint32_t i;

	for (i = 0; i < ports->addresses.nr; i++) {
		struct svclb_bind bind = ports->addresses.at[i];

		if (port->listeners[i])
			continue;
		svclb_bind_set_port(&bind, port->is.port);
		port->listeners[i] =
			svclb_listener_create(ports->sockets, &bind,
					      SVCLB_SITE_SERVICE, false, &err);
	}
}

static void uninit_port(struct port *port, uint32_t nr_addresses)
{
	uint32_t i;

	for (i = 0; port->listeners && i < nr_addresses; i++)
		svclb_listener_free(port->listeners[i]);
	free(port->listeners);
	free((char *)port->is.namespace);
	free((char *)port->is.name);
}

static void free_ports(struct port *at, uint32_t nr, uint32_t nr_addresses)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		uninit_port(&at[i], nr_addresses);
	free(at);
}

static int init_port(struct port *port, const struct svclb_health_port *from,
		     uint32_t nr_addresses)
{
	port->is = (struct svclb_health_port){
		.namespace = strdup(from->namespace),
		.name = strdup(from->name),
		.port = from->port,
		.ready = from->ready,
	};
	port->listeners = calloc((size_t)nr_addresses + 1,
				 sizeof(struct svclb_listener *));
	return port->is.namespace && port->is.name && port->listeners ? 0 : -1;
}

static int compare_wanted(const void *a, const void *b)
{
	const struct svclb_health_port *const *x = a, *const *y = b;
	int diff = (*x)->port - (*y)->port;

	if (!diff)
		diff = strcmp((*x)->namespace, (*y)->namespace);
	return diff ? diff : strcmp((*x)->name, (*y)->name);
}

/*
 * Of two Services with one port, which an API server does not let happen, the
 * first one by name has it.
 */
static int make_ports(const struct svclb_health_port *wanted, uint32_t nr,
		      uint32_t nr_addresses, struct port **made,
		      uint32_t *nr_made)
{
	const struct svclb_health_port **sorted;
	struct port *at;
	int result = -1;
	uint32_t i;

	*nr_made = 0;
	sorted = calloc((size_t)nr + 1,
			sizeof(const struct svclb_health_port *));
	at = calloc((size_t)nr + 1, sizeof(*at));
	if (!sorted || !at)
		goto out;
	for (i = 0; i < nr; i++)
		sorted[i] = &wanted[i];
	if (nr)
		qsort(sorted, nr, sizeof(const struct svclb_health_port *),
		      compare_wanted);
	for (i = 0; i < nr; i++) {
		if (!sorted[i]->port ||
		    (i && sorted[i - 1]->port == sorted[i]->port))
			continue;
		if (init_port(&at[(*nr_made)++], sorted[i], nr_addresses))
			goto out;
	}
	*made = at;
	at = NULL;
	result = 0;
out:
	if (at)
		free_ports(at, *nr_made, nr_addresses);
	free(sorted);
	return result;
}

/* What is in both keeps its sockets. */
static void take_over(struct port *from, uint32_t nr_from, struct port *to,
		      uint32_t nr_to)
{
	uint32_t i = 0, j = 0;

	while (i < nr_from && j < nr_to) {
		if (from[i].is.port < to[j].is.port) {
			i++;
		} else if (from[i].is.port > to[j].is.port) {
			j++;
		} else {
			struct svclb_listener **listeners = to[j].listeners;

			to[j++].listeners = from[i].listeners;
			from[i++].listeners = listeners;
		}
	}
}

/* Gives a port the sockets that it has on addresses that stay. */
static void move_port(struct port *port, struct svclb_listener **listeners,
		      const struct svclb_node_addresses *from,
		      const struct svclb_node_addresses *to)
{
	uint32_t i = 0, j = 0;
	int diff;

	while (i < from->nr && j < to->nr) {
		diff = svclb_node_address_compare(&from->at[i], &to->at[j]);
		if (!diff) {
			listeners[j] = port->listeners[i];
			port->listeners[i] = NULL;
		}
		i += diff <= 0;
		j += diff >= 0;
	}
	for (i = 0; i < from->nr; i++)
		svclb_listener_free(port->listeners[i]);
	free(port->listeners);
	port->listeners = listeners;
}

static bool same_addresses(const struct svclb_node_addresses *a,
			   const struct svclb_node_addresses *b)
{
	uint32_t i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (svclb_node_address_compare(&a->at[i], &b->at[i]))
			return false;
	return true;
}

/* Opens ports on addresses that are new, and closes them where one is gone. */
static int follow_addresses(struct svclb_health_ports *ports)
{
	struct svclb_listener ***listeners;
	struct svclb_node_addresses now;
	uint32_t i, made = 0;
	int result = -1;

	if (svclb_node_addresses_read(&now, &ports->networks))
		return -1;
	listeners = calloc((size_t)ports->nr + 1,
			   sizeof(struct svclb_listener **));
	if (!listeners)
		goto out;
	result = 0;
	if (same_addresses(&ports->addresses, &now))
		goto out;
	for (; made < ports->nr; made++) {
		listeners[made] = calloc((size_t)now.nr + 1,
					 sizeof(struct svclb_listener *));
		if (!listeners[made]) {
			result = -1;
			goto out;
		}
	}
	for (i = 0; i < ports->nr; i++)
		move_port(&ports->ports[i], listeners[i], &ports->addresses,
			  &now);
	made = 0;
	free(ports->addresses.at);
	ports->addresses = now;
	now.at = NULL;
out:
	for (i = 0; i < made; i++)
		free(listeners[i]);
	free(listeners);
	free(now.at);
	return result;
}

static void look_later(struct svclb_health_ports *ports)
{
	if (ports->networks.nr && ports->nr)
		svclb_timer_set(ports->sockets->loop, &ports->look,
				ADDRESSES_AGE);
}

static void on_look(void *data)
{
	struct svclb_health_ports *ports = data;
	uint32_t i;

	if (follow_addresses(ports))
		svclb_log(SVCLB_LOG_WARNING,
			  "cannot read the node's addresses", "error",
			  strerror(errno), NULL);
	for (i = 0; i < ports->nr; i++)
		open_port(ports, &ports->ports[i]);
	look_later(ports);
}

/**
 * svclb_health_ports_set() - say which ports there are
 * @ports:  the ports
 * @wanted: what they shall be; is copied
 * @nr:     how many
 *
 * Return: 0, or -1 when there is no memory and nothing was changed.
 */
int svclb_health_ports_set(struct svclb_health_ports *ports,
			   const struct svclb_health_port *wanted, uint32_t nr)
{
	struct port *old = ports->ports, *new;
	uint32_t nr_old = ports->nr, i;

	/* Nobody looks while there is no port. */
	if (!ports->nr && nr && follow_addresses(ports))
		return -1;
	if (make_ports(wanted, nr, ports->addresses.nr, &new, &ports->nr)) {
		ports->nr = nr_old;
		return -1;
	}
	take_over(old, nr_old, new, ports->nr);
	ports->ports = new;
	free_ports(old, nr_old, ports->addresses.nr);
	for (i = 0; i < ports->nr; i++)
		open_port(ports, &new[i]);
	if (!ports->look.armed)
		look_later(ports);
	return 0;
}

static int compare_port(const void *key, const void *port)
{
	return *(const uint16_t *)key - ((const struct port *)port)->is.port;
}

/**
 * svclb_health_ports_find() - whose port is it?
 * @ports: the ports
 * @port:  the port
 *
 * Return: what it tells, or NULL if there is no such port any more.
 */
const struct svclb_health_port *
svclb_health_ports_find(const struct svclb_health_ports *ports, uint16_t port)
{
	const struct port *found = NULL;

	if (ports->nr)
		found = bsearch(&port, ports->ports, ports->nr,
				sizeof(*ports->ports), compare_port);
	return found ? &found->is : NULL;
}

/**
 * svclb_health_port_json() - what a port tells, as JSON
 * @port:    the port
 * @healthy: whether the watcher is well
 *
 * Return: the text, which the caller frees, or NULL when there is no memory.
 */
char *svclb_health_port_json(const struct svclb_health_port *port, bool healthy)
{
	json_t *json = json_pack("{s:{s:s, s:s}, s:I, s:b}", "service",
				 "namespace", port->namespace, "name",
				 port->name, "localEndpoints",
				 (json_int_t)port->ready,
				 "serviceProxyHealthy", healthy);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	return text;
}

/**
 * svclb_health_ports_create() - begin to have health check ports
 * @ports:     for them
 * @listeners: where sockets are listened on
 * @networks:  of the addresses that they are open on; none: all addresses
 * @err:       for errors
 *
 * Return: 0 or -1.
 */
int svclb_health_ports_create(struct svclb_health_ports **ports,
			      struct svclb_listeners *listeners,
			      const struct svclb_networks *networks,
			      struct svclb_err *err)
{
	struct svclb_health_ports *new = calloc(1, sizeof(*new));

	if (!new)
		return svclb_err_memory(err);
	new->sockets = listeners;
	new->networks = *networks;
	new->look.expired = on_look;
	new->look.data = new;
	*ports = new;
	return 0;
}

/**
 * svclb_health_ports_free() - have health check ports no more
 * @ports: the ports, or NULL
 */
void svclb_health_ports_free(struct svclb_health_ports *ports)
{
	if (!ports)
		return;
	svclb_timer_clear(ports->sockets->loop, &ports->look);
	free_ports(ports->ports, ports->nr, ports->addresses.nr);
	free(ports->addresses.at);
	free(ports);
}
