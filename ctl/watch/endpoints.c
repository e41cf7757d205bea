// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which endpoints a service has, and who may use them. Two sets are chosen: one
 * for the whole cluster, and one of this node's endpoints for those addresses
 * whose policy is local.
 */
#include "translate.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/map.h"
#include "lib/text.h"

/**
 * struct candidate - an endpoint of some slice
 * @from:  the endpoint
 * @port:  its port, which the slice tells
 * @local: whether it is on this node
 */
struct candidate {
	const struct svclb_k8s_endpoint *from;
	uint16_t port;
	bool local;
};

/* As many as most services have. */
#define CANDIDATES_FIRST 16

/**
 * struct candidates - all endpoints of a service
 * @at:    the endpoints
 * @nr:    how many
 * @max:   for how many there is room
 * @index: finds them by address and port
 */
struct candidates {
	struct candidate *at;
	uint32_t nr;
	uint32_t max;
	struct svclb_map index;
};

/* Ready is better than about to end, and that is better than neither. */
static int rank(const struct svclb_k8s_endpoint *endpoint)
{
	if (endpoint->ready)
		return 2;
	return endpoint->serving && endpoint->terminating;
}

/*
 * For a moment, two slices may have the same endpoint. The one that says that
 * it is on this node counts, then the one that says that it is better.
 */
static bool is_better(const struct candidate *new, const struct candidate *old)
{
	if (new->local != old->local)
		return new->local;
	return rank(new->from) > rank(old->from);
}

static int add_candidate(struct candidates *candidates,
			 const struct candidate *new)
{
	struct svclb_map_iter iter;
	uint8_t bytes[18];
	uint32_t hash;
	void *bigger;

	memcpy(bytes, new->from->ip.addr, 16);
	memcpy(bytes + 16, &new->port, sizeof(new->port));
	hash = svclb_hash(bytes, sizeof(bytes));
	svclb_map_find(&candidates->index, hash, &iter);
	while (svclb_map_next(&candidates->index, &iter)) {
		struct candidate *old = &candidates->at[iter.value];

		if (old->port != new->port ||
		    memcmp(old->from->ip.addr, new->from->ip.addr, 16) != 0)
			continue;
		if (is_better(new, old))
			*old = *new;
		return 0;
	}
	if (candidates->nr == candidates->max) {
		bigger = realloc(candidates->at,
				 sizeof(*new) * candidates->max * 2);
		if (!bigger)
			return -1;
		candidates->at = bigger;
		candidates->max *= 2;
	}
	if (svclb_map_add(&candidates->index, hash, candidates->nr))
		return -1;
	candidates->at[candidates->nr++] = *new;
	return 0;
}

static int add_slice(struct candidates *candidates,
		     const struct svclb_translation *translation,
		     const struct svclb_k8s_slice *slice, uint16_t port)
{
	size_t i;

	for (i = 0; i < slice->nr_endpoints; i++) {
		const struct svclb_k8s_endpoint *from = &slice->endpoints[i];
		const struct candidate candidate = {
			.from = from,
			.port = port,
			.local = from->node &&
				 !strcmp(from->node, translation->node),
		};

		if (from->ip.family && add_candidate(candidates, &candidate))
			return -1;
	}
	return 0;
}

/* Slices are joined by the port's name; its number is what the slice says. */
static int collect(struct candidates *candidates,
		   const struct svclb_translation *translation,
		   const struct svclb_store *store,
		   const struct svclb_k8s_service *service,
		   const struct svclb_k8s_port *port, uint8_t family)
{
	const struct svclb_k8s_slice *slice;
	struct svclb_slices slices;
	size_t i;

	svclb_store_slices(store, service, &slices);
	while ((slice = svclb_slices_next(&slices))) {
		if (slice->family != family)
			continue;
		for (i = 0; i < slice->nr_ports; i++)
			if (slice->ports[i].proto == port->proto &&
			    !strcmp(slice->ports[i].name, port->name) &&
			    add_slice(candidates, translation, slice,
				      slice->ports[i].port))
				return -1;
	}
	return 0;
}

static bool has_name(const struct svclb_k8s_names *names, const char *name)
{
	size_t i;

	for (i = 0; name && i < names->nr; i++)
		if (!strcmp(names->at[i], name))
			return true;
	return false;
}

/* By what hints the endpoints for the cluster are chosen. */
enum hints {
	NO_HINTS,
	NODE_HINTS,
	ZONE_HINTS,
};

static bool is_meant(const struct candidate *candidate, enum hints hints,
		     const struct svclb_translation *translation)
{
	if (hints == NODE_HINTS)
		return has_name(&candidate->from->nodes, translation->node);
	if (hints == ZONE_HINTS)
		return translation->zone && *translation->zone &&
		       has_name(&candidate->from->zones, translation->zone);
	return true;
}

/* Hints count when all ready endpoints have them, and some are meant for us. */
static enum hints choose_hints(const struct candidates *candidates,
			       const struct svclb_translation *translation)
{
	bool all_nodes = true, all_zones = true, node = false, zone = false;
	uint32_t i;

	for (i = 0; i < candidates->nr; i++) {
		const struct candidate *candidate = &candidates->at[i];

		if (!candidate->from->ready)
			continue;
		all_nodes &= candidate->from->nodes.nr > 0;
		all_zones &= candidate->from->zones.nr > 0;
		node |= is_meant(candidate, NODE_HINTS, translation);
		zone |= is_meant(candidate, ZONE_HINTS, translation);
	}
	if (all_nodes && node)
		return NODE_HINTS;
	return all_zones && zone ? ZONE_HINTS : NO_HINTS;
}

/**
 * struct choice - what is known about all endpoints together
 * @translation: how the cluster becomes a configuration
 * @hints:       what hints count
 * @cluster:     rank that endpoints for the cluster have
 * @local:       rank that endpoints of this node have; above all for no set
 */
struct choice {
	const struct svclb_translation *translation;
	enum hints hints;
	int cluster;
	int local;
};

/* Each set has ready endpoints, or if it has none, those about to end. */
static void choose(struct choice *choice, const struct candidates *candidates)
{
	bool ready = false, ready_local = false;
	uint32_t i;

	for (i = 0; i < candidates->nr; i++) {
		if (!candidates->at[i].from->ready)
			continue;
		ready = true;
		ready_local |= candidates->at[i].local;
	}
	choice->cluster = ready ? 2 : 1;
	choice->local = ready_local ? 2 : 1;
	choice->hints = choose_hints(candidates, choice->translation);
}

/*
 * What the kernel gets to know of an endpoint: 0 and its flags, or -1 for
 * nothing. Endpoints of no set are told as draining if they are about to end,
 * so that what drains is seen; and UDP flows stay with whatever still serves, but
 * not with what is ready without serving.
 */
static int flags_of(const struct choice *choice,
		    const struct candidate *candidate, bool uses_local,
		    uint8_t proto, uint32_t *flags)
{
	const struct svclb_k8s_endpoint *from = candidate->from;
	int is = rank(from);
	bool cluster, local;

	/* Only what is ready can have made hints count. */
	cluster = is == choice->cluster &&
		  is_meant(candidate, choice->hints, choice->translation);
	local = uses_local && candidate->local && is == choice->local;
	*flags = local ? SVCLB_BACKEND_LOCAL : 0;
	if (!cluster && local)
		*flags |= SVCLB_BACKEND_LOCAL_ONLY;
	if ((cluster || local) && proto == IPPROTO_UDP && !from->serving)
		*flags |= SVCLB_BACKEND_NOT_SERVING;
	if (cluster || local)
		return 0;
	*flags = SVCLB_BACKEND_DRAINING;
	if (from->serving && (from->terminating || proto == IPPROTO_UDP))
		return 0;
	return -1;
}

/* What the slice says counts, then what the Service says. */
static uint32_t weight_of(const struct svclb_k8s_service *from,
			  const struct svclb_k8s_endpoint *endpoint)
{
	uint32_t weight = endpoint->weight;

	if (weight == SVCLB_K8S_NO_WEIGHT)
		weight = svclb_k8s_weight_of(&from->weights, &endpoint->ip);
	return weight == SVCLB_K8S_NO_WEIGHT ? 1 : weight;
}

static int add_backend(struct svclb_service *to,
		       const struct svclb_translation *translation,
		       const struct svclb_k8s_service *from,
		       const struct candidate *candidate, uint32_t flags)
{
	struct svclb_backend backend = {
		.port = candidate->port,
		.weight = weight_of(from, candidate->from),
		.flags = flags,
	};
	char text[SVCLB_KEY_TEXT];
	const char *fault;

	memcpy(backend.addr, candidate->from->ip.addr, sizeof(backend.addr));
	fault = svclb_text_unusable(to->family, backend.addr);
	if (!fault && to->nr_backends == SVCLB_BACKENDS_MAX)
		fault = "there are too many";
	if (!fault)
		return svclb_service_add_backend(to, &backend);
	svclb_text_backend(text, to->family, &backend);
	svclb_note(&translation->notes,
		   "service %s: endpoint %s is passed over: %s", to->name, text,
		   fault);
	return 0;
}

/**
 * svclb_endpoints_add() - give a service its endpoints
 * @translation: how the cluster becomes a configuration
 * @store:       the cluster
 * @from:        the Service
 * @port:        its port
 * @uses_local:  whether any address of the service has the policy local
 * @to:          the service
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_endpoints_add(const struct svclb_translation *translation,
			const struct svclb_store *store,
			const struct svclb_k8s_service *from,
			const struct svclb_k8s_port *port, bool uses_local,
			struct svclb_service *to)
{
	struct choice choice = { .translation = translation };
	struct candidates candidates = { .max = CANDIDATES_FIRST };
	uint32_t flags, i;
	int result;

	candidates.at = calloc(candidates.max, sizeof(*candidates.at));
	if (!candidates.at)
		return -1;
	result = collect(&candidates, translation, store, from, port,
			 to->family);
	if (!result)
		choose(&choice, &candidates);
	for (i = 0; i < candidates.nr && !result; i++)
		if (!flags_of(&choice, &candidates.at[i], uses_local, to->proto,
			      &flags))
			result = add_backend(to, translation, from,
					     &candidates.at[i], flags);
	svclb_map_uninit(&candidates.index);
	free(candidates.at);
	return result;
}
