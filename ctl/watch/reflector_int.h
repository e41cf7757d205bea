/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_REFLECTOR_INT_H
#define SVCLB_CTL_REFLECTOR_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed.h"
#include "http.h"
#include "loop.h"
#include "reflector.h"
#include "stream.h"

/**
 * struct svclb_reflector - keeps one resource as the API server has it
 * @reflecting:  what it is to do
 * @http:        for requests
 * @resource:    what it keeps
 * @get:         the request under way, or NULL
 * @timer:       when to make the next one
 * @settled:     when the watch under way will have worked
 * @list:        the list under way
 * @events:      the watch under way
 * @version:     resource version to watch from; NULL: a list is due
 * @next:        what continues the list that has begun, or NULL
 * @begun:       whether the feed was told that a list begins
 * @beta:        whether slices are asked for as v1beta1
 * @whole:       whether to list without pages
 * @expired:     how many lists in a row expired between pages
 * @relists:     how many lists were due since a watch worked last
 * @failures:    how many watches in a row were refused
 * @backoff:     milliseconds to wait after the next error
 * @since:       when the watch's answer began, or 0
 * @heard:       whether the watch told anything
 * @bad:         how many objects of the list were passed over
 * @error:       what is wrong with the stream, if something is
 * @expire:      whether the watch said that a list is due
 * @trouble:     what was logged last, or 0 if all was well then
 */
struct svclb_reflector {
	const struct svclb_reflecting *reflecting;
	struct svclb_http *http;
	enum svclb_resource resource;
	struct svclb_http_get *get;
	struct svclb_timer timer;
	struct svclb_timer settled;
	struct svclb_list_stream list;
	struct svclb_event_stream events;
	char *version;
	char *next;
	bool begun;
	bool beta;
	bool whole;
	uint32_t expired;
	uint32_t relists;
	uint32_t failures;
	uint32_t backoff;
	uint64_t since;
	bool heard;
	uint32_t bad;
	struct svclb_err error;
	bool expire;
	long trouble;
};

char *svclb_reflect_list_path(const struct svclb_reflector *reflector);
char *svclb_reflect_watch_path(const struct svclb_reflector *reflector,
			       uint32_t seconds);
const char *svclb_reflect_name(enum svclb_resource resource);

#endif /* SVCLB_CTL_REFLECTOR_INT_H */
