/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_OBJECTS_H
#define SVCLB_CTL_OBJECTS_H

#include <stddef.h>

#include "k8s.h"
#include "lib/err.h"
#include "store.h"

/**
 * struct svclb_reading - objects that are being read
 * @store:     for Services and EndpointSlices
 * @node_name: name of the Node that matters
 * @node:      for that Node; stays NULL if it is not among the objects
 * @notes:     where to say what was passed over
 * @count:     how many objects there were
 */
struct svclb_reading {
	struct svclb_store *store;
	const char *node_name;
	struct svclb_k8s_node *node;
	struct svclb_notes notes;
	size_t count;
};

int svclb_objects_read(struct svclb_reading *reading, const char *text,
		       size_t len, struct svclb_err *err);

#endif /* SVCLB_CTL_OBJECTS_H */
