// SPDX-License-Identifier: GPL-2.0-only
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* Where an object has its names. */
typedef void (*get_names)(const void *object, const char **namespace,
			  const char **name);

static void service_names(const void *object, const char **namespace,
			  const char **name)
{
	const struct svclb_k8s_service *service = object;

	*namespace = service->namespace;
	*name = service->name;
}

static void slice_names(const void *object, const char **namespace,
			const char **name)
{
	const struct svclb_k8s_slice *slice = object;

	*namespace = slice->namespace;
	*name = slice->name;
}

static uint32_t hash_names(const char *namespace, const char *name)
{
	const uint32_t hashes[2] = {
		svclb_hash(namespace, strlen(namespace)),
		svclb_hash(name, strlen(name)),
	};

	return svclb_hash(hashes, sizeof(hashes));
}

/* Returns the place of an object, or -1. */
static int64_t find(const struct svclb_objects *objects, get_names names,
		    const char *namespace, const char *name)
{
	const char *other_namespace, *other_name;
	struct svclb_map_iter iter;

	svclb_map_find(&objects->names, hash_names(namespace, name), &iter);
	while (svclb_map_next(&objects->names, &iter)) {
		names(objects->at[iter.value], &other_namespace, &other_name);
		if (!strcmp(namespace, other_namespace) &&
		    !strcmp(name, other_name))
			return iter.value;
	}
	return -1;
}

static int grow(struct svclb_objects *objects)
{
	uint32_t room = objects->max ? objects->max * 2 : 64;
	void *bigger;

	bigger = realloc(objects->at, room * sizeof(void *));
	if (!bigger)
		return -1;
	objects->at = bigger;
	bigger = realloc(objects->told, room * sizeof(*objects->told));
	if (!bigger)
		return -1;
	objects->told = bigger;
	objects->max = room;
	return 0;
}

/* Where the next object goes, or -1 when there is no memory. */
static int64_t next_place(struct svclb_objects *objects)
{
	if (objects->nr_holes)
		return objects->holes[objects->nr_holes - 1];
	if (objects->nr == objects->max && grow(objects))
		return -1;
	return objects->nr;
}

static int insert(struct svclb_objects *objects, get_names names, void *object)
{
	int64_t place = next_place(objects);
	const char *namespace, *name;

	names(object, &namespace, &name);
	if (place < 0 ||
	    svclb_map_add(&objects->names, hash_names(namespace, name),
			  (uint32_t)place))
		return -1;
	if (objects->nr_holes)
		objects->nr_holes--;
	else
		objects->nr++;
	objects->at[place] = object;
	objects->told[place] = objects->lists;
	objects->count++;
	return 0;
}

/* Without memory for it, a hole stays one. */
static void add_hole(struct svclb_objects *objects, uint32_t place)
{
	uint32_t room = objects->max_holes ? objects->max_holes * 2 : 16;
	void *bigger;

	if (objects->nr_holes == objects->max_holes) {
		bigger = realloc(objects->holes, room * sizeof(uint32_t));
		if (!bigger)
			return;
		objects->holes = bigger;
		objects->max_holes = room;
	}
	objects->holes[objects->nr_holes++] = place;
}

static void *take(struct svclb_objects *objects, get_names names,
		  const char *namespace, const char *name, uint32_t *place)
{
	int64_t found = find(objects, names, namespace, name);
	void *object;

	if (found < 0)
		return NULL;
	*place = (uint32_t)found;
	object = objects->at[found];
	objects->at[found] = NULL;
	objects->count--;
	svclb_map_del(&objects->names, hash_names(namespace, name), *place);
	add_hole(objects, *place);
	return object;
}

/**
 * svclb_store_service() - find a service
 * @store:     the store
 * @namespace: its namespace
 * @name:      its name
 *
 * Return: the service, or NULL.
 */
const struct svclb_k8s_service *
svclb_store_service(const struct svclb_store *store, const char *namespace,
		    const char *name)
{
	int64_t found = find(&store->services, service_names, namespace, name);

	return found < 0 ? NULL : store->services.at[found];
}

/**
 * svclb_store_slice() - find a slice
 * @store:     the store
 * @namespace: its namespace
 * @name:      its name
 *
 * Return: the slice, or NULL.
 */
const struct svclb_k8s_slice *
svclb_store_slice(const struct svclb_store *store, const char *namespace,
		  const char *name)
{
	int64_t found = find(&store->slices, slice_names, namespace, name);

	return found < 0 ? NULL : store->slices.at[found];
}

/**
 * svclb_store_set_service() - add a service, or replace it
 * @store:   the store
 * @service: the service; the store owns it from then on
 *
 * Return: 0, or -1 when there is no memory; then the service is the caller's.
 */
int svclb_store_set_service(struct svclb_store *store,
			    struct svclb_k8s_service *service)
{
	int64_t found = find(&store->services, service_names,
			     service->namespace, service->name);

	if (found < 0)
		return insert(&store->services, service_names, service);
	svclb_k8s_service_free(store->services.at[found]);
	store->services.at[found] = service;
	store->services.told[found] = store->services.lists;
	return 0;
}

/* Puts a slice in the place of another one of its name and its Service. */
static bool replace_slice(struct svclb_store *store,
			  struct svclb_k8s_slice *slice)
{
	int64_t found = find(&store->slices, slice_names, slice->namespace,
			     slice->name);
	struct svclb_k8s_slice *old = found < 0 ? NULL :
						  store->slices.at[found];

	if (!old || !old->service || !slice->service ||
	    strcmp(old->service, slice->service) != 0)
		return false;
	svclb_k8s_slice_free(old);
	store->slices.at[found] = slice;
	store->slices.told[found] = store->slices.lists;
	return true;
}

/**
 * svclb_store_set_slice() - add a slice, or replace it
 * @store: the store
 * @slice: the slice; the store owns it from then on
 *
 * Return: 0, or -1 when there is no memory; then the slice is the caller's.
 */
int svclb_store_set_slice(struct svclb_store *store,
			  struct svclb_k8s_slice *slice)
{
	uint32_t hash = 0;
	int64_t place;

	if (replace_slice(store, slice))
		return 0;
	svclb_store_del_slice(store, slice->namespace, slice->name);
	place = next_place(&store->slices);
	if (slice->service)
		hash = hash_names(slice->namespace, slice->service);
	if (place < 0 ||
	    (slice->service &&
	     svclb_map_add(&store->by_service, hash, (uint32_t)place)))
		return -1;
	if (!insert(&store->slices, slice_names, slice))
		return 0;
	if (slice->service)
		svclb_map_del(&store->by_service, hash, (uint32_t)place);
	return -1;
}

/**
 * svclb_objects_list() - begin a list, which will tell of all objects
 * @objects: the objects; all are stale until they are set again
 */
void svclb_objects_list(struct svclb_objects *objects)
{
	objects->lists++;
}

/**
 * svclb_objects_stale() - find what the last list did not tell of
 * @objects: the objects
 * @place:   where to go on; 0 at first
 *
 * Return: an object, or NULL if there is no more.
 */
const void *svclb_objects_stale(const struct svclb_objects *objects,
				uint32_t *place)
{
	for (; *place < objects->nr; (*place)++)
		if (objects->at[*place] &&
		    objects->told[*place] != objects->lists)
			return objects->at[*place];
	return NULL;
}

/**
 * svclb_store_del_service() - remove a service if it is there
 * @store:     the store
 * @namespace: its namespace
 * @name:      its name
 */
void svclb_store_del_service(struct svclb_store *store, const char *namespace,
			     const char *name)
{
	uint32_t place;

	svclb_k8s_service_free(take(&store->services, service_names, namespace,
				    name, &place));
}

/**
 * svclb_store_del_slice() - remove a slice if it is there
 * @store:     the store
 * @namespace: its namespace
 * @name:      its name
 */
void svclb_store_del_slice(struct svclb_store *store, const char *namespace,
			   const char *name)
{
	struct svclb_k8s_slice *slice;
	uint32_t place;

	slice = take(&store->slices, slice_names, namespace, name, &place);
	if (!slice)
		return;
	if (slice->service)
		svclb_map_del(&store->by_service,
			      hash_names(namespace, slice->service), place);
	svclb_k8s_slice_free(slice);
}

/**
 * svclb_store_slices() - begin a walk over the slices of a service
 * @store:   the store
 * @service: the service
 * @slices:  the walk, for svclb_slices_next()
 */
void svclb_store_slices(const struct svclb_store *store,
			const struct svclb_k8s_service *service,
			struct svclb_slices *slices)
{
	slices->store = store;
	slices->service = service;
	svclb_map_find(&store->by_service,
		       hash_names(service->namespace, service->name),
		       &slices->iter);
}

/**
 * svclb_slices_next() - go on with a walk
 * @slices: the walk
 *
 * Return: the next slice that is for us, or NULL.
 */
const struct svclb_k8s_slice *svclb_slices_next(struct svclb_slices *slices)
{
	const struct svclb_k8s_service *service = slices->service;
	const struct svclb_store *store = slices->store;
	const struct svclb_k8s_slice *slice;

	while (svclb_map_next(&store->by_service, &slices->iter)) {
		slice = store->slices.at[slices->iter.value];
		if (slice->proxied &&
		    !strcmp(slice->namespace, service->namespace) &&
		    !strcmp(slice->service, service->name))
			return slice;
	}
	return NULL;
}

static void objects_uninit(struct svclb_objects *objects)
{
	svclb_map_uninit(&objects->names);
	free(objects->at);
	free(objects->told);
	free(objects->holes);
}

/**
 * svclb_store_uninit() - free what a store holds
 * @store: the store, empty from then on
 */
void svclb_store_uninit(struct svclb_store *store)
{
	uint32_t i;

	for (i = 0; i < store->services.nr; i++)
		svclb_k8s_service_free(store->services.at[i]);
	for (i = 0; i < store->slices.nr; i++)
		svclb_k8s_slice_free(store->slices.at[i]);
	objects_uninit(&store->services);
	objects_uninit(&store->slices);
	svclb_map_uninit(&store->by_service);
	*store = (struct svclb_store){ 0 };
}
