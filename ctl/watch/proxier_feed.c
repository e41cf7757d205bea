// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the API server tells, into the store; and what that is a change of.
 */
#include <stdlib.h>
#include <string.h>

#include "k8s_json.h"
#include "log.h"
#include "proxier_int.h"

static void no_memory(void)
{
	svclb_log(SVCLB_LOG_ERROR, "out of memory: a change is lost", NULL);
}

/* Before the first pass, everything is to be done anyway. */
static void mark(struct svclb_proxier *proxier, const char *namespace,
		 const char *name)
{
	if (proxier->p.stats->synced && !proxier->all &&
	    !svclb_pending_add(&proxier->pendings, namespace, name))
		svclb_proxier_change_all(proxier);
	svclb_proxier_changed(proxier);
}

static void service_changed(struct svclb_proxier *proxier,
			    const char *namespace, const char *name)
{
	proxier->p.stats->service_changes++;
	proxier->p.stats->pending_service_changes++;
	mark(proxier, namespace, name);
}

static void slice_changed(struct svclb_proxier *proxier,
			  const struct svclb_k8s_slice *slice)
{
	proxier->p.stats->slice_changes++;
	proxier->p.stats->pending_slice_changes++;
	if (slice->service)
		mark(proxier, slice->namespace, slice->service);
}

static void set_service(struct svclb_proxier *proxier, const json_t *object)
{
	const struct svclb_k8s_service *old;
	struct svclb_k8s_service *service;
	bool equal;

	service = svclb_k8s_service_decode(object,
					   &proxier->translation.notes);
	if (!service) {
		no_memory();
		return;
	}
	old = svclb_store_service(&proxier->store, service->namespace,
				  service->name);
	equal = old && svclb_k8s_service_equal(old, service);
	if (svclb_store_set_service(&proxier->store, service)) {
		svclb_k8s_service_free(service);
		no_memory();
	} else if (!equal) {
		service_changed(proxier, service->namespace, service->name);
	}
}

/* Only what happened since the start can have been waited for. */
static void note_trigger(struct svclb_proxier *proxier,
			 const struct svclb_k8s_slice *slice, uint64_t before)
{
	if (proxier->p.stats->synced && slice->changed_at != before &&
	    slice->changed_at >= proxier->started &&
	    proxier->nr_triggers < SVCLB_TRIGGERS_MAX)
		proxier->triggers[proxier->nr_triggers++] = slice->changed_at;
}

static void set_slice(struct svclb_proxier *proxier, const json_t *object)
{
	const struct svclb_k8s_slice *old;
	struct svclb_k8s_slice *slice;
	uint64_t before = 0;
	bool equal = false;

	slice = svclb_k8s_slice_decode(object, &proxier->translation.notes);
	if (!slice) {
		no_memory();
		return;
	}
	old = svclb_store_slice(&proxier->store, slice->namespace, slice->name);
	if (old) {
		before = old->changed_at;
		equal = svclb_k8s_slice_equal(old, slice);
		/* It leaves one Service, and may come to another one. */
		if (!equal)
			slice_changed(proxier, old);
	}
	if (svclb_store_set_slice(&proxier->store, slice)) {
		svclb_k8s_slice_free(slice);
		no_memory();
		return;
	}
	if (equal)
		return;
	note_trigger(proxier, slice, before);
	if (old)
		mark(proxier, slice->namespace,
		     slice->service ? slice->service : slice->name);
	else
		slice_changed(proxier, slice);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* What was not given, the Node says. Returns whether anything changed. */
static bool take_node(struct svclb_proxier *proxier,
		      const struct svclb_k8s_node *node)
{
	const struct svclb_translation *given = &proxier->p.translation;
	struct svclb_translation *translation = &proxier->translation;
	const struct svclb_k8s_node *old = proxier->node;
	bool changed = !old;
	int i;

	if (!given->zone) {
		changed |= !same_text(translation->zone, node->zone);
		translation->zone = node->zone;
	}
	for (i = 0; i < SVCLB_FAMILIES; i++) {
		struct svclb_k8s_ip *ip = &translation->ips[i];

		changed |= old && !svclb_network_equal(&old->pod_cidrs[i],
						       &node->pod_cidrs[i]);
		if (given->ips[0].family || given->ips[1].family)
			continue;
		changed |= ip->family != node->ips[i].family ||
			   memcmp(ip->addr, node->ips[i].addr, 16) != 0;
		*ip = node->ips[i];
	}
	return changed;
}

static void set_node(struct svclb_proxier *proxier, const json_t *object)
{
	struct svclb_k8s_node *node = svclb_k8s_node_decode(object);
	bool changed;

	if (!node) {
		no_memory();
		return;
	}
	if (strcmp(node->name, proxier->translation.node) != 0) {
		svclb_k8s_node_free(node);
		return;
	}
	changed = take_node(proxier, node);
	svclb_k8s_node_free(proxier->node);
	proxier->node = node;
	proxier->p.stats->node_eligible = !node->deleting;
	if (changed)
		svclb_proxier_change_all(proxier);
}

static void on_set(void *data, enum svclb_resource resource,
		   const json_t *object)
{
	if (!get_text(get(object, "metadata"), "name")) {
		svclb_log(SVCLB_LOG_WARNING,
			  "an object without a name is passed over", NULL);
		return;
	}
	if (resource == SVCLB_RESOURCE_SERVICES)
		set_service(data, object);
	else if (resource == SVCLB_RESOURCE_SLICES)
		set_slice(data, object);
	else
		set_node(data, object);
}

static void del_service(struct svclb_proxier *proxier, const char *namespace,
			const char *name)
{
	service_changed(proxier, namespace, name);
	svclb_store_del_service(&proxier->store, namespace, name);
}

static void del_slice(struct svclb_proxier *proxier,
		      const struct svclb_k8s_slice *slice)
{
	slice_changed(proxier, slice);
	svclb_store_del_slice(&proxier->store, slice->namespace, slice->name);
}

/* Without its Node, a proxier goes on as it was. */
static void on_del(void *data, enum svclb_resource resource,
		   const json_t *object)
{
	const json_t *metadata = get(object, "metadata");
	const char *namespace = get_text(metadata, "namespace");
	const char *name = get_text(metadata, "name");
	const struct svclb_k8s_slice *slice;
	struct svclb_proxier *proxier = data;

	if (!name)
		return;
	if (!namespace)
		namespace = "default";
	if (resource == SVCLB_RESOURCE_SERVICES) {
		if (svclb_store_service(&proxier->store, namespace, name))
			del_service(proxier, namespace, name);
	} else if (resource == SVCLB_RESOURCE_SLICES) {
		slice = svclb_store_slice(&proxier->store, namespace, name);
		if (slice)
			del_slice(proxier, slice);
	} else if (!strcmp(name, proxier->translation.node)) {
		proxier->p.stats->node_eligible = false;
	}
}

static void on_begin(void *data, enum svclb_resource resource)
{
	struct svclb_proxier *proxier = data;

	if (resource == SVCLB_RESOURCE_SERVICES)
		svclb_objects_list(&proxier->store.services);
	else if (resource == SVCLB_RESOURCE_SLICES)
		svclb_objects_list(&proxier->store.slices);
}

/* What the list did not tell of is gone. */
static void sweep(struct svclb_proxier *proxier, enum svclb_resource resource)
{
	struct svclb_store *store = &proxier->store;
	const struct svclb_k8s_service *service;
	const struct svclb_k8s_slice *slice;
	uint32_t place = 0;
	char *namespace, *name;

	while (resource == SVCLB_RESOURCE_SERVICES &&
	       (service = svclb_objects_stale(&store->services, &place))) {
		/* The names go with the object, so they are copied. */
		namespace = strdup(service->namespace);
		name = strdup(service->name);
		if (namespace && name)
			del_service(proxier, namespace, name);
		free(namespace);
		free(name);
		place++;
	}
	while (resource == SVCLB_RESOURCE_SLICES &&
	       (slice = svclb_objects_stale(&store->slices, &place))) {
		del_slice(proxier, slice);
		place++;
	}
}

static void on_complete(void *data, enum svclb_resource resource)
{
	struct svclb_proxier *proxier = data;

	if (resource >= SVCLB_RESOURCES)
		return;
	sweep(proxier, resource);
	if (proxier->listed[resource])
		return;
	proxier->listed[resource] = true;
	if (svclb_proxier_ready(proxier))
		svclb_proxier_change_all(proxier);
}

static void on_broken(void *data, enum svclb_resource resource)
{
	/* What was told before is still there, and so is what was told since. */
	(void)data;
	(void)resource;
}

/**
 * svclb_proxier_feed() - say how a proxier is to be told of a cluster
 * @proxier: the proxier
 * @feed:    for that
 */
void svclb_proxier_feed(struct svclb_proxier *proxier, struct svclb_feed *feed)
{
	*feed = (struct svclb_feed){
		.begin = on_begin,
		.set = on_set,
		.del = on_del,
		.complete = on_complete,
		.broken = on_broken,
		.data = proxier,
	};
}
