/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_STREAM_H
#define SVCLB_CTL_STREAM_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "scan.h"

/* Of objects, as they are kept. An API server takes 1.5 MiB, unless told. */
#define SVCLB_STREAM_OBJECT_MAX (16u << 20)

/**
 * enum svclb_list_state - what comes next in a list
 * @SVCLB_LIST_BEGIN:       the list
 * @SVCLB_LIST_FIRST_KEY:   a key, or the end of the list
 * @SVCLB_LIST_KEY:         a key
 * @SVCLB_LIST_IN_KEY:      the rest of a key
 * @SVCLB_LIST_COLON:       what is between key and value
 * @SVCLB_LIST_VALUE:       a value
 * @SVCLB_LIST_IN_VALUE:    the rest of a value
 * @SVCLB_LIST_AFTER_VALUE: the next key, or the end of the list
 * @SVCLB_LIST_FIRST_ITEM:  an item, or the end of the items
 * @SVCLB_LIST_ITEM:        an item
 * @SVCLB_LIST_IN_ITEM:     the rest of an item
 * @SVCLB_LIST_AFTER_ITEM:  the next item, or the end of the items
 * @SVCLB_LIST_END:         nothing
 */
enum svclb_list_state {
	SVCLB_LIST_BEGIN,
	SVCLB_LIST_FIRST_KEY,
	SVCLB_LIST_KEY,
	SVCLB_LIST_IN_KEY,
	SVCLB_LIST_COLON,
	SVCLB_LIST_VALUE,
	SVCLB_LIST_IN_VALUE,
	SVCLB_LIST_AFTER_VALUE,
	SVCLB_LIST_FIRST_ITEM,
	SVCLB_LIST_ITEM,
	SVCLB_LIST_IN_ITEM,
	SVCLB_LIST_AFTER_ITEM,
	SVCLB_LIST_END,
};

/**
 * struct svclb_list - reads a list as it comes
 * @item:     called with each item
 * @bad:      called for an item that cannot be read, with the reason; the list
 *            goes on
 * @data:     for both
 * @state:    what comes next
 * @key:      what the present value is: 'i' for items, 'm' for metadata, 'k' for
 *            the kind, or 0
 * @has_items: whether there were items
 * @nr:       how many, the bad ones too
 * @total:    how many bytes there were
 * @version:  the list's resource version, or NULL
 * @next:     what continues the list, or NULL
 * @scan:     for what is being read
 *
 * Set @item, @bad and @data, and leave the rest zero.
 */
struct svclb_list {
	void (*item)(void *data, const json_t *item);
	void (*bad)(void *data, const char *why);
	void *data;
	enum svclb_list_state state;
	char key;
	bool has_items;
	uint32_t nr;
	uint64_t total;
	char *version;
	char *next;
	struct svclb_scan scan;
};

int svclb_list_push(struct svclb_list *list, const char *bytes, size_t len,
		    struct svclb_err *err);
int svclb_list_end(const struct svclb_list *list, struct svclb_err *err);
void svclb_list_uninit(struct svclb_list *list);

/**
 * struct svclb_events - reads the events of a watch as they come
 * @event:   called with each event; -1 ends it
 * @data:    for @event
 * @reading: whether an event has begun
 * @scan:    for it
 *
 * Set @event and @data, and leave the rest zero.
 */
struct svclb_events {
	int (*event)(void *data, const json_t *event, struct svclb_err *err);
	void *data;
	bool reading;
	struct svclb_scan scan;
};

int svclb_events_push(struct svclb_events *events, const char *bytes,
		      size_t len, struct svclb_err *err);
void svclb_events_uninit(struct svclb_events *events);

#endif /* SVCLB_CTL_STREAM_H */
