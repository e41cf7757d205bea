/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_STORE_H
#define SVCLB_CTL_STORE_H

#include "k8s.h"
#include "lib/map.h"

/**
 * struct svclb_objects - objects that are found by namespace and name
 * @at:    the objects, with holes (NULL) where one was removed
 * @nr:    how many, holes included
 * @max:   for how many there is room
 * @count: how many, holes left out
 * @names: finds them
 * @holes: the holes, to be filled first
 * @nr_holes: how many
 * @max_holes: for how many there is room
 * @lists: how many lists were begun
 * @told:  by object, how many that was when it was set last
 */
struct svclb_objects {
	void **at;
	uint32_t nr;
	uint32_t max;
	uint32_t count;
	struct svclb_map names;
	uint32_t *holes;
	uint32_t nr_holes;
	uint32_t max_holes;
	uint32_t lists;
	uint32_t *told;
};

/**
 * struct svclb_store - what a cluster has
 * @services:   its Services
 * @slices:     its EndpointSlices
 * @by_service: finds slices by namespace and name of their Service
 *
 * All zero is an empty store.
 */
struct svclb_store {
	struct svclb_objects services;
	struct svclb_objects slices;
	struct svclb_map by_service;
};

/**
 * struct svclb_slices - a walk over the slices of a service
 * @store:   the store
 * @service: the service
 * @iter:    where it is
 */
struct svclb_slices {
	const struct svclb_store *store;
	const struct svclb_k8s_service *service;
	struct svclb_map_iter iter;
};

const struct svclb_k8s_service *
svclb_store_service(const struct svclb_store *store, const char *namespace,
		    const char *name);
const struct svclb_k8s_slice *
svclb_store_slice(const struct svclb_store *store, const char *namespace,
		  const char *name);
int svclb_store_set_service(struct svclb_store *store,
			    struct svclb_k8s_service *service);
int svclb_store_set_slice(struct svclb_store *store,
			  struct svclb_k8s_slice *slice);
void svclb_store_del_service(struct svclb_store *store, const char *namespace,
			     const char *name);
void svclb_store_del_slice(struct svclb_store *store, const char *namespace,
			   const char *name);
void svclb_objects_list(struct svclb_objects *objects);
const void *svclb_objects_stale(const struct svclb_objects *objects,
				uint32_t *place);
void svclb_store_slices(const struct svclb_store *store,
			const struct svclb_k8s_service *service,
			struct svclb_slices *slices);
const struct svclb_k8s_slice *svclb_slices_next(struct svclb_slices *slices);
void svclb_store_uninit(struct svclb_store *store);

#endif /* SVCLB_CTL_STORE_H */
