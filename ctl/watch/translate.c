// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the objects of Kubernetes to services: one for each port of each family
 * of a Service. It is named NAMESPACE/NAME:PORT, or NAMESPACE/NAME where the
 * port has no name, and for IPv6 has /ipv6 behind it.
 *
 * There is no socket here and no clock, and the order of objects makes no
 * difference.
 */
#include "translate.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

/* Room for a name, and for what is too much. */
#define NAME_TEXT 1024

/**
 * struct job - a translation under way
 * @translation: what it is about
 * @store:       the cluster
 * @config:      what it becomes
 * @services:    those of its Services that it is about, sorted
 * @nr:          how many
 */
struct job {
	const struct svclb_translation *translation;
	const struct svclb_store *store;
	struct svclb_config *config;
	const struct svclb_k8s_service **services;
	uint32_t nr;
};

/**
 * struct one - a service that is being made
 * @job:     the translation
 * @from:    the Service
 * @port:    its port
 * @service: what it becomes
 */
struct one {
	const struct job *job;
	const struct svclb_k8s_service *from;
	const struct svclb_k8s_port *port;
	struct svclb_service *service;
};

static int compare_services(const void *a, const void *b)
{
	const struct svclb_k8s_service *const *x = a, *const *y = b;
	int diff = strcmp((*x)->namespace, (*y)->namespace);

	return diff ? diff : strcmp((*x)->name, (*y)->name);
}

/* An API server sees to it that ports of different protocols have two names. */
static void make_name(char name[NAME_TEXT],
		      const struct svclb_k8s_service *from,
		      const struct svclb_k8s_port *port, uint8_t family)
{
	size_t i, before = port - from->ports;
	const char *proto = "";

	for (i = 0; i < before; i++)
		if (!strcmp(from->ports[i].name, port->name))
			proto = svclb_text_protocol(port->proto);
	snprintf(name, NAME_TEXT, "%s/%s%s%s%s%s%s", from->namespace,
		 from->name, *port->name ? ":" : "", port->name,
		 *proto ? "/" : "", proto, family == AF_INET6 ? "/ipv6" : "");
}

/* Somebody else was first. */
static int contest(const struct svclb_translation *translation,
		   const struct svclb_service *service,
		   const struct svclb_key *key,
		   const struct svclb_service *owner)
{
	uint32_t hash = svclb_config_hash_key(key);
	struct svclb_map_iter iter;
	char text[SVCLB_KEY_TEXT];

	svclb_text_key(text, key);
	svclb_note(&translation->notes,
		   "service %s: address %s is passed over: service %s has it",
		   service->name, text, owner->name);
	if (!translation->contested)
		return 0;
	svclb_map_find(translation->contested, hash, &iter);
	if (svclb_map_next(translation->contested, &iter))
		return 0;
	return svclb_map_add(translation->contested, hash, 0);
}

static int add_frontend(struct one *one, const struct svclb_k8s_ip *ip,
			uint8_t kind)
{
	const struct svclb_translation *translation =
		one->job->translation;
	struct svclb_service *service = one->service;
	struct svclb_config *config = one->job->config;
	const struct svclb_service *owner;
	bool local = kind == SVCLB_FRONTEND_KIND_VIP ?
		     one->from->internal_local : one->from->external_local;
	struct svclb_frontend frontend = {
		.key = {
			.port = ip ? one->port->port : one->port->node_port,
			.family = service->family,
			.proto = service->proto,
			.node_port = !ip,
		},
		.kind = kind,
		.policy = local ? SVCLB_TRAFFIC_POLICY_LOCAL :
				  SVCLB_TRAFFIC_POLICY_CLUSTER,
		.restricted = kind == SVCLB_FRONTEND_KIND_LOAD_BALANCER &&
			      service->nr_ranges,
	};
	char text[SVCLB_KEY_TEXT];
	const char *fault = NULL;

	if (ip)
		memcpy(frontend.key.addr, ip->addr, sizeof(ip->addr));
	svclb_text_key(text, &frontend.key);
	owner = svclb_config_by_key(config, &frontend.key);
	/* One address may be an external IP and the balancer's, too. */
	if (owner == service)
		return 0;
	if (ip)
		fault = svclb_text_unusable(ip->family, ip->addr);
	if (!fault && service->nr_frontends == SVCLB_FRONTENDS_MAX)
		fault = "there are too many";
	if (fault)
		svclb_note(&translation->notes,
			   "service %s: address %s is passed over: %s",
			   service->name, text, fault);
	else if (owner)
		return contest(translation, service, &frontend.key, owner);
	else
		return svclb_config_add_frontend(config, service, &frontend);
	return 0;
}

static int add_ips(struct one *one, const struct svclb_k8s_ip *ips, size_t nr,
		   uint8_t kind)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (ips[i].family == one->service->family &&
		    add_frontend(one, &ips[i], kind))
			return -1;
	return 0;
}

static int add_range(struct svclb_service *service,
		     const struct svclb_network *range)
{
	if (service->nr_ranges == SVCLB_SOURCE_RANGES_MAX)
		return 0;
	return svclb_service_add_range(service, range);
}

/*
 * The ranges of the balancer. Where a node has the balancer's address as its
 * own, what the node itself sends there has that address: it may enter if the
 * node may.
 */
static int add_ranges(struct one *one)
{
	const struct svclb_k8s_service *from = one->from;
	struct svclb_service *service = one->service;
	const struct svclb_k8s_ip *node, *ip;
	bool has_node = false;
	size_t i, nr = 0;

	node = &one->job->translation->ips[svclb_family_index(service->family)];
	for (i = 0; i < from->nr_lb_ips; i++)
		nr += from->lb_ips[i].family == service->family;
	/* Without an address there is nothing that they could restrict. */
	for (i = 0; i < from->nr_ranges && nr; i++) {
		if (from->ranges[i].family != service->family)
			continue;
		has_node |= svclb_network_has(&from->ranges[i], node->family,
					      node->addr);
		if (add_range(service, &from->ranges[i]))
			return -1;
	}
	for (i = 0; i < from->nr_lb_ips && has_node; i++) {
		struct svclb_network range = {
			.family = service->family,
			.length = svclb_family_length(service->family) * 8,
		};

		ip = &from->lb_ips[i];
		memcpy(range.addr, ip->addr, sizeof(range.addr));
		if (ip->family == service->family && add_range(service, &range))
			return -1;
	}
	svclb_service_sort_ranges(service);
	return 0;
}

/* Makes the service of a port with its VIP, and without other addresses. */
static int add_service(struct job *job, const struct svclb_k8s_service *from,
		       const struct svclb_k8s_port *port,
		       const struct svclb_k8s_ip *ip)
{
	struct one one = { .job = job, .from = from, .port = port };
	struct svclb_err err;
	char name[NAME_TEXT];

	make_name(name, from, port, ip->family);
	if (svclb_text_check_name(name, &err) ||
	    svclb_config_by_name(job->config, name)) {
		svclb_note(&job->translation->notes,
			   "service %s/%s: port '%.80s' is passed over: its name is of no use",
			   from->namespace, from->name, port->name);
		return 0;
	}
	one.service = svclb_service_create(name, ip->family, port->proto);
	if (!one.service)
		return -1;
	one.service->sched = from->sched;
	one.service->affinity = from->affinity;
	one.service->syn_failover = from->syn_failover &&
				    port->proto == IPPROTO_TCP;
	one.service->generation = job->translation->generation;
	if (add_ranges(&one) || svclb_config_insert(job->config, one.service)) {
		svclb_service_free(one.service);
		return -1;
	}
	return add_frontend(&one, ip, SVCLB_FRONTEND_KIND_VIP);
}

static int add_addresses(struct one *one, uint8_t kind)
{
	const struct svclb_k8s_service *from = one->from;

	switch (kind) {
	case SVCLB_FRONTEND_KIND_EXTERNAL:
		return one->job->translation->external_ips ?
		       add_ips(one, from->external_ips, from->nr_external_ips,
			       kind) : 0;
	case SVCLB_FRONTEND_KIND_LOAD_BALANCER:
		return add_ips(one, from->lb_ips, from->nr_lb_ips, kind);
	default:
		return one->port->node_port ? add_frontend(one, NULL, kind) : 0;
	}
}

static int add_endpoints(struct one *one)
{
	const struct svclb_service *service = one->service;
	bool uses_local = false;
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		uses_local |= service->frontends[i].policy ==
			      SVCLB_TRAFFIC_POLICY_LOCAL;
	return svclb_endpoints_add(one->job->translation, one->job->store,
				   one->from, one->port, uses_local,
				   one->service);
}

/* The steps of a translation. Whoever comes first has an address. */
static const uint8_t steps[] = {
	SVCLB_FRONTEND_KIND_VIP,
	SVCLB_FRONTEND_KIND_EXTERNAL,
	SVCLB_FRONTEND_KIND_LOAD_BALANCER,
	SVCLB_FRONTEND_KIND_NODE_PORT,
	UINT8_MAX,
};

static int do_port(struct job *job, const struct svclb_k8s_service *from,
		   const struct svclb_k8s_port *port, uint8_t step)
{
	struct one one = { .job = job, .from = from, .port = port };
	char name[NAME_TEXT];
	int i, result = 0;

	for (i = 0; i < SVCLB_FAMILIES && !result; i++) {
		const struct svclb_k8s_ip *ip = &from->cluster_ips[i];

		if (!ip->family)
			continue;
		if (step == SVCLB_FRONTEND_KIND_VIP) {
			result = add_service(job, from, port, ip);
			continue;
		}
		make_name(name, from, port, ip->family);
		one.service = svclb_config_by_name(job->config, name);
		if (one.service)
			result = step == UINT8_MAX ? add_endpoints(&one) :
						     add_addresses(&one, step);
	}
	return result;
}

/* Whether an earlier port has the same name and protocol. */
static bool is_repeated(const struct svclb_k8s_service *service, size_t port)
{
	const struct svclb_k8s_port *ports = service->ports;
	size_t i;

	for (i = 0; i < port; i++)
		if (ports[i].proto == ports[port].proto &&
		    !strcmp(ports[i].name, ports[port].name))
			return true;
	return false;
}

static void note_externals(const struct job *job)
{
	uint32_t i;

	for (i = 0; i < job->nr && !job->translation->external_ips; i++)
		if (job->services[i]->nr_external_ips)
			svclb_note(&job->translation->notes,
				   "service %s/%s: its external IPs are passed over: they are off",
				   job->services[i]->namespace,
				   job->services[i]->name);
}

/**
 * svclb_translate_some() - make what some Services of a cluster ask for, as if
 *                          there were no others
 * @translation: how
 * @store:       the cluster
 * @services:    Services of it that are proxied; they get sorted
 * @nr:          how many
 * @config:      for the services; it is empty, and its settings stay as they are
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_translate_some(const struct svclb_translation *translation,
			 const struct svclb_store *store,
			 const struct svclb_k8s_service **services, uint32_t nr,
			 struct svclb_config *config)
{
	struct job job = {
		.translation = translation,
		.store = store,
		.config = config,
		.services = services,
		.nr = nr,
	};
	const struct svclb_k8s_service *service;
	size_t step, port;
	int result = 0;
	uint32_t i;

	if (nr > 1)
		qsort(services, nr, sizeof(const struct svclb_k8s_service *),
		      compare_services);
	note_externals(&job);
	for (step = 0; step < sizeof(steps); step++) {
		for (i = 0; i < nr && !result; i++) {
			service = services[i];
			for (port = 0; port < service->nr_ports && !result;
			     port++)
				if (!is_repeated(service, port))
					result = do_port(&job, service,
							 &service->ports[port],
							 steps[step]);
		}
	}
	return result;
}

/**
 * svclb_translate() - make the configuration that a cluster asks for
 * @translation: how
 * @store:       the cluster
 * @config:      for the services; it is empty, and its settings stay as they are
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_translate(const struct svclb_translation *translation,
		    const struct svclb_store *store,
		    struct svclb_config *config)
{
	const struct svclb_objects *objects = &store->services;
	const struct svclb_k8s_service **services, *service;
	uint32_t i, nr = 0;
	int result;

	services = calloc((size_t)objects->nr + 1,
			  sizeof(const struct svclb_k8s_service *));
	if (!services)
		return -1;
	for (i = 0; i < objects->nr; i++) {
		service = objects->at[i];
		if (service && service->proxied)
			services[nr++] = service;
	}
	result = svclb_translate_some(translation, store, services, nr, config);
	free(services);
	return result;
}
