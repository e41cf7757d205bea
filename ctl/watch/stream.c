// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists and events of an API server, read from the bytes as they come in. One
 * object at a time is in memory, however long the list.
 *
 * An item that is odd is passed over, and the rest of its list is good. An odd
 * event is another thing: nobody knows what it would have changed.
 */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

#define KEY_MAX 64
#define METADATA_MAX 0x100000

/* Beyond what any cluster has: a server that never ends must not fill memory. */
#define ITEMS_MAX 2000000
#define LIST_MAX (8ull << 30)

static int fail(const struct svclb_list_stream *list, struct svclb_err *err,
		const char *what)
{
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "the list is wrong before byte %llu: %s",
			     (unsigned long long)list->total, what);
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t';
}

static int read_metadata(struct svclb_list_stream *list, const json_t *json,
			 struct svclb_err *err)
{
	const char *version, *next;

	version = json_string_value(json_object_get(json, "resourceVersion"));
	next = json_string_value(json_object_get(json, "continue"));
	free(list->version);
	free(list->next);
	list->version = version && *version ? strdup(version) : NULL;
	list->next = next && *next ? strdup(next) : NULL;
	if ((version && *version && !list->version) ||
	    (next && *next && !list->next))
		return svclb_err_memory(err);
	return 0;
}

/* What is a list has a kind that says so; an error does not. */
static int read_kind(const struct svclb_list_stream *list, const json_t *json,
		     struct svclb_err *err)
{
	const char *kind = json_string_value(json);
	size_t len = kind ? strlen(kind) : 0;

	if (len >= 4 && !strcmp(kind + len - 4, "List"))
		return 0;
	return fail(list, err, "it is of another kind");
}

static int end_value(struct svclb_list_stream *list, struct svclb_err *err)
{
	json_error_t error;
	json_t *json;
	int result;

	list->state = SVCLB_STREAM_AFTER_VALUE;
	if (!list->key)
		return 0;
	json = svclb_scan_load(&list->scan, &error);
	if (!json)
		return fail(list, err, error.text);
	if (list->key == 'm')
		result = read_metadata(list, json, err);
	else if (list->key == 'k')
		result = read_kind(list, json, err);
	else
		result = json_is_null(json) ? 0 :
			 fail(list, err, "its items are no array");
	json_decref(json);
	return result;
}

static int end_item(struct svclb_list_stream *list, struct svclb_err *err)
{
	json_error_t error;
	json_t *json;

	list->state = SVCLB_STREAM_AFTER_ITEM;
	if (++list->nr > ITEMS_MAX)
		return fail(list, err, "it has too many items");
	json = svclb_scan_load(&list->scan, &error);
	if (!json) {
		list->bad(list->data, error.text);
		return 0;
	}
	list->item(list->data, json);
	json_decref(json);
	return 0;
}

static bool is_key(const struct svclb_list_stream *list, const char *key)
{
	const struct svclb_scan *scan = &list->scan;

	return !scan->wrong && scan->name_len == strlen(key) &&
	       !memcmp(scan->bytes + scan->name, key, scan->name_len);
}

static void end_key(struct svclb_list_stream *list)
{
	list->state = SVCLB_STREAM_COLON;
	list->key = '\0';
	if (is_key(list, "items"))
		list->key = 'i';
	else if (is_key(list, "metadata"))
		list->key = 'm';
	else if (is_key(list, "kind"))
		list->key = 'k';
}

static int begin_value(struct svclb_list_stream *list, struct svclb_err *err)
{
	if (list->key == 'i' && list->has_items)
		return fail(list, err, "it has items twice");
	list->has_items |= list->key == 'i';
	list->state = SVCLB_STREAM_IN_VALUE;
	svclb_scan_begin(&list->scan, list->key ? METADATA_MAX : 0,
			 SVCLB_SCAN_OTHER);
	return 0;
}

/*
 * Takes a byte between values. Returns 1 if it is the first one of what is to be
 * read next, and is to be looked at again.
 */
static int take_mark(struct svclb_list_stream *list, char byte, struct svclb_err *err)
{
	switch (list->state) {
	case SVCLB_STREAM_BEGIN:
		list->state = SVCLB_STREAM_FIRST_KEY;
		return byte == '{' ? 0 : fail(list, err, "it is no object");
	case SVCLB_STREAM_FIRST_KEY:
	case SVCLB_STREAM_KEY:
		if (byte == '}' && list->state == SVCLB_STREAM_FIRST_KEY) {
			list->state = SVCLB_STREAM_END;
			return 0;
		}
		if (byte != '"')
			return fail(list, err, "there is no key");
		list->state = SVCLB_STREAM_IN_KEY;
		svclb_scan_begin(&list->scan, KEY_MAX, SVCLB_SCAN_OTHER);
		return 1;
	case SVCLB_STREAM_COLON:
		list->state = SVCLB_STREAM_VALUE;
		return byte == ':' ? 0 : fail(list, err, "there is no colon");
	case SVCLB_STREAM_VALUE:
		if (begin_value(list, err))
			return -1;
		if (list->key != 'i' || byte != '[')
			return 1;
		list->state = SVCLB_STREAM_FIRST_ITEM;
		return 0;
	case SVCLB_STREAM_AFTER_VALUE:
		if (byte != ',' && byte != '}')
			return fail(list, err, "there is no comma");
		list->state = byte == ',' ? SVCLB_STREAM_KEY : SVCLB_STREAM_END;
		return 0;
	case SVCLB_STREAM_FIRST_ITEM:
	case SVCLB_STREAM_ITEM:
		if (byte == ']' && list->state == SVCLB_STREAM_FIRST_ITEM) {
			list->state = SVCLB_STREAM_AFTER_VALUE;
			return 0;
		}
		if (byte != '{')
			return fail(list, err, "an item is no object");
		list->state = SVCLB_STREAM_IN_ITEM;
		svclb_scan_begin(&list->scan, SVCLB_STREAM_OBJECT_MAX,
				 SVCLB_SCAN_OBJECT);
		return 1;
	case SVCLB_STREAM_AFTER_ITEM:
		if (byte != ',' && byte != ']')
			return fail(list, err, "there is no comma");
		list->state = byte == ',' ? SVCLB_STREAM_ITEM :
					    SVCLB_STREAM_AFTER_VALUE;
		return 0;
	default:
		return fail(list, err, "something follows it");
	}
}

static int take_complete(struct svclb_list_stream *list, struct svclb_err *err)
{
	switch (list->state) {
	case SVCLB_STREAM_IN_KEY:
		end_key(list);
		return 0;
	case SVCLB_STREAM_IN_VALUE:
		return end_value(list, err);
	default:
		return end_item(list, err);
	}
}

static bool is_reading(const struct svclb_list_stream *list)
{
	return list->state == SVCLB_STREAM_IN_KEY ||
	       list->state == SVCLB_STREAM_IN_VALUE ||
	       list->state == SVCLB_STREAM_IN_ITEM;
}

/**
 * svclb_list_stream_push() - read on in a list
 * @list:  the list
 * @bytes: what has come in
 * @len:   how much
 * @err:   for errors
 *
 * Return: 0; or -1 if this is no list, and nothing more is to be read.
 */
int svclb_list_stream_push(struct svclb_list_stream *list, const char *bytes,
			   size_t len, struct svclb_err *err)
{
	const char *end = bytes + len;
	bool complete;
	int result;

	list->total += len;
	if (list->total > LIST_MAX)
		return fail(list, err, "it is too long");
	while (bytes < end) {
		if (is_reading(list)) {
			bytes = svclb_scan_push(&list->scan, bytes, end,
						&complete);
			if (complete && take_complete(list, err))
				return -1;
			continue;
		}
		if (is_blank(*bytes)) {
			bytes++;
			continue;
		}
		result = take_mark(list, *bytes, err);
		if (result < 0)
			return -1;
		bytes += !result;
	}
	return 0;
}

/**
 * svclb_list_stream_end() - end a list
 * @list: the list; all its bytes were pushed
 * @err:  for errors
 *
 * Return: 0; or -1 if it is not complete.
 */
int svclb_list_stream_end(const struct svclb_list_stream *list, struct svclb_err *err)
{
	if (list->state != SVCLB_STREAM_END)
		return fail(list, err, "it is not complete");
	if (!list->has_items || !list->version)
		return fail(list, err, "it has no items or no resource version");
	return 0;
}

/**
 * svclb_list_stream_uninit() - free what a list has
 * @list: the list
 */
void svclb_list_stream_uninit(struct svclb_list_stream *list)
{
	svclb_scan_uninit(&list->scan);
	free(list->version);
	free(list->next);
	*list = (struct svclb_list_stream){ 0 };
}

static int end_event(struct svclb_event_stream *events, struct svclb_err *err)
{
	json_error_t error;
	json_t *json;
	int result;

	events->reading = false;
	json = svclb_scan_load(&events->scan, &error);
	if (!json)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "an event cannot be read: %s", error.text);
	result = events->event(events->data, json, err);
	json_decref(json);
	return result;
}

/**
 * svclb_event_stream_push() - read on in a watch
 * @events: the events
 * @bytes:  what has come in
 * @len:    how much
 * @err:    for errors
 *
 * Return: 0; or -1 if the watch is to end, and nothing more is to be read.
 */
int svclb_event_stream_push(struct svclb_event_stream *events,
			    const char *bytes, size_t len,
			    struct svclb_err *err)
{
	const char *end = bytes + len;
	bool complete;

	while (bytes < end) {
		if (!events->reading && is_blank(*bytes)) {
			bytes++;
			continue;
		}
		if (!events->reading && *bytes != '{')
			return svclb_err_set(err, SVCLB_ERR_FAILED,
					     "an event is no object");
		if (!events->reading) {
			svclb_scan_begin(&events->scan,
					 SVCLB_STREAM_OBJECT_MAX,
					 SVCLB_SCAN_EVENT);
			events->reading = true;
		}
		bytes = svclb_scan_push(&events->scan, bytes, end, &complete);
		if (events->scan.wrong)
			return svclb_err_set(err, SVCLB_ERR_FAILED,
					     "an event cannot be read: %s",
					     events->scan.wrong);
		if (complete && end_event(events, err))
			return -1;
	}
	return 0;
}

/**
 * svclb_event_stream_uninit() - free what events have
 * @events: the events
 */
void svclb_event_stream_uninit(struct svclb_event_stream *events)
{
	svclb_scan_uninit(&events->scan);
	events->reading = false;
}
