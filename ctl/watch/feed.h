/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_FEED_H
#define SVCLB_CTL_FEED_H

#include <jansson.h>

/**
 * enum svclb_resource - what is watched
 * @SVCLB_RESOURCE_SERVICES: Services of all namespaces
 * @SVCLB_RESOURCE_SLICES:   EndpointSlices of all namespaces
 * @SVCLB_RESOURCE_NODE:     the own Node
 * @SVCLB_RESOURCES:         how many there are
 */
enum svclb_resource {
	SVCLB_RESOURCE_SERVICES,
	SVCLB_RESOURCE_SLICES,
	SVCLB_RESOURCE_NODE,
	SVCLB_RESOURCES,
};

/**
 * struct svclb_feed - who is told what the API server has
 * @begin:    a list begins: objects are told by @set, until @complete
 * @set:      an object is there, new or changed; it is the caller's, and lacks
 *            what is left out in scan.c, such as managedFields and targetRef
 * @del:      an object is gone; @object is its last state
 * @complete: the list is complete: what was not told since @begin is gone.
 *            Until the first one, nothing may be concluded from what is not
 *            there
 * @broken:   a list that had begun is not to be completed; what was known
 *            before and what it told are both still to be believed
 * @data:     for all of them
 */
struct svclb_feed {
	void (*begin)(void *data, enum svclb_resource resource);
	void (*set)(void *data, enum svclb_resource resource,
		    const json_t *object);
	void (*del)(void *data, enum svclb_resource resource,
		    const json_t *object);
	void (*complete)(void *data, enum svclb_resource resource);
	void (*broken)(void *data, enum svclb_resource resource);
	void *data;
};

#endif /* SVCLB_CTL_FEED_H */
