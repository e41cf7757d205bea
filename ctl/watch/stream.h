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
#define SVCLB_STREAM_OBJECT_MAX 0x1000000

/**
 * enum svclb_list_stream_state - what comes next in a list
 * @SVCLB_STREAM_BEGIN:       the list
 * @SVCLB_STREAM_FIRST_KEY:   a key, or the end of the list
 * @SVCLB_STREAM_KEY:         a key
 * @SVCLB_STREAM_IN_KEY:      the rest of a key
 * @SVCLB_STREAM_COLON:       what is between key and value
 * @SVCLB_STREAM_VALUE:       a value
 * @SVCLB_STREAM_IN_VALUE:    the rest of a value
 * @SVCLB_STREAM_AFTER_VALUE: the next key, or the end of the list
 * @SVCLB_STREAM_FIRST_ITEM:  an item, or the end of the items
 * @SVCLB_STREAM_ITEM:        an item
 * @SVCLB_STREAM_IN_ITEM:     the rest of an item
 * @SVCLB_STREAM_AFTER_ITEM:  the next item, or the end of the items
 * @SVCLB_STREAM_END:         nothing
 */
enum svclb_list_stream_state {
	SVCLB_STREAM_BEGIN,
	SVCLB_STREAM_FIRST_KEY,
	SVCLB_STREAM_KEY,
	SVCLB_STREAM_IN_KEY,
	SVCLB_STREAM_COLON,
	SVCLB_STREAM_VALUE,
	SVCLB_STREAM_IN_VALUE,
	SVCLB_STREAM_AFTER_VALUE,
	SVCLB_STREAM_FIRST_ITEM,
	SVCLB_STREAM_ITEM,
	SVCLB_STREAM_IN_ITEM,
	SVCLB_STREAM_AFTER_ITEM,
	SVCLB_STREAM_END,
};

/**
 * struct svclb_list_stream - reads a list as it comes
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
struct svclb_list_stream {
	void (*item)(void *data, const json_t *item);
	void (*bad)(void *data, const char *why);
	void *data;
	enum svclb_list_stream_state state;
	char key;
	bool has_items;
	uint32_t nr;
	uint64_t total;
	char *version;
	char *next;
	struct svclb_scan scan;
};

int svclb_list_stream_push(struct svclb_list_stream *list, const char *bytes,
			   size_t len, struct svclb_err *err);
int svclb_list_stream_end(const struct svclb_list_stream *list, struct svclb_err *err);
void svclb_list_stream_uninit(struct svclb_list_stream *list);

/**
 * struct svclb_event_stream - reads the events of a watch as they come
 * @event:   called with each event; -1 ends it
 * @data:    for @event
 * @reading: whether an event has begun
 * @scan:    for it
 *
 * Set @event and @data, and leave the rest zero.
 */
struct svclb_event_stream {
	int (*event)(void *data, const json_t *event, struct svclb_err *err);
	void *data;
	bool reading;
	struct svclb_scan scan;
};

int svclb_event_stream_push(struct svclb_event_stream *events,
			    const char *bytes, size_t len,
			    struct svclb_err *err);
void svclb_event_stream_uninit(struct svclb_event_stream *events);

#endif /* SVCLB_CTL_STREAM_H */
