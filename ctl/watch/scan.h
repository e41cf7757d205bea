/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_SCAN_H
#define SVCLB_CTL_SCAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So deep in is known where one is; what lies deeper matters to nobody here. */
#define SVCLB_SCAN_PLACES 8

/**
 * enum svclb_scan_place - what an object or array of JSON is
 * @SVCLB_SCAN_OTHER:     anything
 * @SVCLB_SCAN_EVENT:     an event of a watch
 * @SVCLB_SCAN_OBJECT:    an object of Kubernetes
 * @SVCLB_SCAN_METADATA:  its metadata
 * @SVCLB_SCAN_ANNOTATIONS: its annotations
 * @SVCLB_SCAN_SPEC:      what is wanted of it
 * @SVCLB_SCAN_ENDPOINTS: the endpoints of an EndpointSlice
 * @SVCLB_SCAN_ENDPOINT:  one of them
 * @SVCLB_SCAN_NR:        how many there are
 */
enum svclb_scan_place {
	SVCLB_SCAN_OTHER,
	SVCLB_SCAN_EVENT,
	SVCLB_SCAN_OBJECT,
	SVCLB_SCAN_METADATA,
	SVCLB_SCAN_ANNOTATIONS,
	SVCLB_SCAN_SPEC,
	SVCLB_SCAN_ENDPOINTS,
	SVCLB_SCAN_ENDPOINT,
	SVCLB_SCAN_NR,
};

/**
 * struct svclb_scan - finds the end of a value of JSON, and keeps its bytes
 * @bytes:    what is kept
 * @len:      how much that is
 * @room:     for how much there is room
 * @max:      how much may be kept
 * @nested:   how many objects and arrays there were
 * @values:   how many commas there were
 * @depth:    how many objects and arrays are open
 * @name:     where in @bytes the last text begins
 * @name_len: its length
 * @drop:     depth at which a value began that is not kept, or 0
 * @next:     what an object or array would be that begins now
 * @places:   what those are that are open
 * @begun:    whether the value has begun
 * @word:     whether it is neither object nor array nor text
 * @string:   whether this is within a text
 * @escaped:  whether a backslash was just before
 * @wrong:    why the value is not kept, or NULL
 */
struct svclb_scan {
	char *bytes;
	size_t len;
	size_t room;
	size_t max;
	uint32_t nested;
	uint32_t values;
	uint32_t depth;
	size_t name;
	size_t name_len;
	uint32_t drop;
	uint8_t next;
	uint8_t places[SVCLB_SCAN_PLACES];
	bool begun;
	bool word;
	bool string;
	bool escaped;
	const char *wrong;
};

void svclb_scan_begin(struct svclb_scan *scan, size_t max,
		      enum svclb_scan_place place);
const char *svclb_scan_push(struct svclb_scan *scan, const char *at,
			    const char *end, bool *complete);
json_t *svclb_scan_load(struct svclb_scan *scan, json_error_t *error);
void svclb_scan_uninit(struct svclb_scan *scan);

#endif /* SVCLB_CTL_SCAN_H */
