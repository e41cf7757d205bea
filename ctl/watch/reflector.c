// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what the API server has, as it has it: a list, then a watch from the
 * list's version on, and watch after watch from the last version that was told.
 * A list is due again when the server no longer knows that version, or when
 * something was told that cannot be understood.
 *
 * Whatever goes wrong, the next request waits longer; only a watch that lasted
 * ends that, for a list alone is no sign that all is well.
 */
#include "reflector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "log.h"
#include "reflector_int.h"

/* A server may ask to be left alone for this long, but not for ever. */
#define RETRY_AFTER_MAX 60

/* After so many watches in a row that were refused, the version may be at fault. */
#define REFUSED_MAX 3

/* So many bad objects of a list are named; the others are counted. */
#define BAD_NAMED 3

/* What struct svclb_reflector has as trouble that is no HTTP status. */
#define TROUBLE_CONNECTION 1
#define TROUBLE_CUT 2
#define TROUBLE_CONTENT 3
#define TROUBLE_LOCAL 4

#define VERSION_MAX 1024

/**
 * struct svclb_reflectors - all of them
 * @reflecting: what they are to do
 * @http:       for requests
 * @at:         the reflectors
 */
struct svclb_reflectors {
	struct svclb_reflecting reflecting;
	struct svclb_http *http;
	struct svclb_reflector at[SVCLB_RESOURCES];
};

static const struct svclb_pace usual = {
	.watch_min = 300000,
	.watch_max = 600000,
	.grace = 30000,
	.steady = 1000,
	.backoff_min = 200,
	.backoff_max = 30000,
	.list = 600000,
	.silence = 30000,
};

static const struct svclb_pace *get_pace(const struct svclb_reflector *reflector)
{
	const struct svclb_pace *pace = reflector->reflecting->pace;

	return pace ? pace : &usual;
}

/* Up to @max; how well it is spread does not matter. */
static uint32_t get_random(uint32_t max)
{
	uint32_t number = 0;

	if (getrandom(&number, sizeof(number), GRND_NONBLOCK) < 0)
		number = (uint32_t)svclb_loop_now();
	return max ? number % (max + 1) : 0;
}

/* Anywhere around the time: not all nodes of a cluster shall come at once. */
static uint64_t get_wait(struct svclb_reflector *reflector)
{
	const struct svclb_pace *pace = get_pace(reflector);
	uint32_t wait = reflector->backoff;

	if (wait < pace->backoff_min)
		wait = pace->backoff_min;
	reflector->backoff = wait < pace->backoff_max / 2 ? wait * 2 :
							    pace->backoff_max;
	return wait / 2 + get_random(wait);
}

static void request_in(struct svclb_reflector *reflector, uint64_t milliseconds)
{
	svclb_timer_set(reflector->reflecting->loop, &reflector->timer,
			milliseconds);
}

static const char *doing(const struct svclb_reflector *reflector)
{
	return reflector->version ? "watch" : "list";
}

/* Once for each kind of trouble, as long as there is no other one. */
static void tell_trouble(struct svclb_reflector *reflector, long trouble,
			 const char *why)
{
	enum svclb_log_level level = SVCLB_LOG_WARNING;

	reflector->reflecting->stats->request_errors++;
	if (reflector->trouble == trouble)
		level = SVCLB_LOG_DEBUG;
	reflector->trouble = trouble;
	svclb_log(level, "the API server cannot be followed; retrying",
		  "resource", svclb_reflect_name(reflector->resource),
		  "request", doing(reflector), "error", why, NULL);
}

static void list_due(struct svclb_reflector *reflector)
{
	free(reflector->version);
	reflector->version = NULL;
	free(reflector->next);
	reflector->next = NULL;
	reflector->beta = false;
	reflector->failures = 0;
	if (reflector->begun) {
		reflector->begun = false;
		reflector->reflecting->feed.broken(reflector->reflecting->feed.data,
						   reflector->resource);
	}
}

/* The first list after a watch that worked need not wait. */
static uint64_t relist_wait(struct svclb_reflector *reflector)
{
	return reflector->relists++ ? get_wait(reflector) : 0;
}

static bool is_own(const struct svclb_reflector *reflector, const char *name)
{
	return reflector->resource != SVCLB_RESOURCE_NODE ||
	       !strcmp(name, reflector->reflecting->node);
}

static const char *metadata_text(const json_t *object, const char *key)
{
	const json_t *metadata = json_object_get(object, "metadata");

	return json_string_value(json_object_get(metadata, key));
}

static void take_bad(void *data, const char *why)
{
	struct svclb_reflector *reflector = data;

	if (reflector->bad++ < BAD_NAMED)
		svclb_log(SVCLB_LOG_WARNING,
			  "an object is passed over that cannot be read",
			  "resource", svclb_reflect_name(reflector->resource),
			  "error", why, NULL);
}

static void take_item(void *data, const json_t *item)
{
	struct svclb_reflector *reflector = data;
	const struct svclb_feed *feed = &reflector->reflecting->feed;
	const char *name = metadata_text(item, "name");

	if (!name)
		take_bad(data, "it has no name");
	else if (is_own(reflector, name))
		feed->set(feed->data, reflector->resource, item);
}

static int set_version(struct svclb_reflector *reflector, const json_t *object,
		       struct svclb_err *err)
{
	const char *version = metadata_text(object, "resourceVersion");
	char *copy;

	if (!version || !*version || strlen(version) > VERSION_MAX)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "an event has no resource version");
	copy = strdup(version);
	if (!copy)
		return svclb_err_memory(err);
	free(reflector->version);
	reflector->version = copy;
	return 0;
}

/* An error ends the watch here, for the server may leave it open. */
static int take_error(struct svclb_reflector *reflector, const json_t *status,
		      struct svclb_err *err)
{
	const char *message;

	message = json_string_value(json_object_get(status, "message"));
	reflector->expire =
		json_integer_value(json_object_get(status, "code")) == 410;
	return svclb_err_set(err, SVCLB_ERR_FAILED, "an error was told: %.500s",
			     message ? message : "without a message");
}

static int take_event(void *data, const json_t *event, struct svclb_err *err)
{
	struct svclb_reflector *reflector = data;
	const struct svclb_feed *feed = &reflector->reflecting->feed;
	const json_t *object = json_object_get(event, "object");
	const char *type, *name;

	type = json_string_value(json_object_get(event, "type"));
	if (!type || !json_is_object(object))
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "an event has no type or no object");
	if (!strcmp(type, "ERROR"))
		return take_error(reflector, object, err);
	if (set_version(reflector, object, err))
		return -1;
	reflector->heard = true;
	if (!strcmp(type, "BOOKMARK"))
		return 0;
	name = metadata_text(object, "name");
	if (!name)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "an event's object has no name");
	if (!strcmp(type, "DELETED") && is_own(reflector, name))
		feed->del(feed->data, reflector->resource, object);
	else if ((!strcmp(type, "ADDED") || !strcmp(type, "MODIFIED")) &&
		 is_own(reflector, name))
		feed->set(feed->data, reflector->resource, object);
	else if (is_own(reflector, name))
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "an event's type is unknown: %.50s", type);
	return 0;
}

static int take_bytes(void *data, const char *bytes, size_t len)
{
	struct svclb_reflector *reflector = data;

	if (reflector->version)
		return svclb_event_stream_push(&reflector->events, bytes, len,
					 &reflector->error);
	return svclb_list_stream_push(&reflector->list, bytes, len, &reflector->error);
}

/* It lasts: what was before is past. */
static void watch_worked(void *data)
{
	struct svclb_reflector *reflector = data;

	reflector->relists = 0;
	reflector->failures = 0;
	reflector->backoff = 0;
	if (reflector->trouble)
		svclb_log(SVCLB_LOG_INFO, "the API server is followed again",
			  "resource", svclb_reflect_name(reflector->resource),
			  NULL);
	reflector->trouble = 0;
}

static void answer_begun(void *data)
{
	struct svclb_reflector *reflector = data;
	const struct svclb_feed *feed = &reflector->reflecting->feed;

	if (reflector->version) {
		reflector->since = svclb_loop_now();
		svclb_timer_set(reflector->reflecting->loop,
				&reflector->settled,
				get_pace(reflector)->steady);
		reflector->reflecting->stats->watches++;
	} else if (!reflector->begun) {
		reflector->begun = true;
		feed->begin(feed->data, reflector->resource);
	}
}

/* What an error's body says, if it is a Status or at least text. */
static void describe(const struct svclb_http_end *end, char *text, size_t room)
{
	json_t *json = json_loadb(end->body, end->len, 0, NULL);
	const char *message;
	size_t i;

	message = json_string_value(json_object_get(json, "message"));
	if (!message)
		message = end->body;
	snprintf(text, room, "HTTP status %ld%s%.300s", end->status,
		 *message ? ": " : "", message);
	for (i = 0; text[i]; i++)
		if ((unsigned char)text[i] < ' ')
			text[i] = ' ';
	json_decref(json);
}

/* What the server asks for goes before what would be usual here. */
static uint64_t retry_wait(struct svclb_reflector *reflector,
			   const struct svclb_http_end *end)
{
	uint64_t wait = get_wait(reflector), asked = end->retry_after;

	if (!asked)
		return wait;
	if (asked > RETRY_AFTER_MAX)
		asked = RETRY_AFTER_MAX;
	return asked * 1000 + get_random(get_pace(reflector)->backoff_min);
}

/* A page may be asked for again; a first one would be of another list. */
static void list_failed(struct svclb_reflector *reflector)
{
	if (!reflector->next)
		list_due(reflector);
}

static void list_expired(struct svclb_reflector *reflector)
{
	list_due(reflector);
	if (++reflector->expired >= 2)
		reflector->whole = true;
}

/* The answer is an error. */
static void refused(struct svclb_reflector *reflector,
		    const struct svclb_http_end *end)
{
	bool v1 = !reflector->version && !reflector->next && !reflector->beta;
	char text[512];

	if (end->status == 404 && v1 &&
	    reflector->resource == SVCLB_RESOURCE_SLICES) {
		reflector->beta = true;
		request_in(reflector, 0);
		return;
	}
	describe(end, text, sizeof(text));
	tell_trouble(reflector, end->status, text);
	if (reflector->version) {
		if (end->status == 410) {
			list_due(reflector);
			request_in(reflector, relist_wait(reflector));
			return;
		}
		if (end->status == 400 || end->status == 404 ||
		    (end->status != 401 && end->status != 403 &&
		     end->status != 429 && ++reflector->failures >= REFUSED_MAX))
			list_due(reflector);
	} else if (reflector->next &&
		   (end->status == 410 || end->status == 400 ||
		    end->status == 404)) {
		list_expired(reflector);
	} else {
		list_failed(reflector);
	}
	request_in(reflector, retry_wait(reflector, end));
}

static void list_complete(struct svclb_reflector *reflector)
{
	const struct svclb_feed *feed = &reflector->reflecting->feed;
	char number[SVCLB_LOG_NUMBER];

	reflector->version = reflector->list.version;
	reflector->list.version = NULL;
	reflector->begun = false;
	reflector->expired = 0;
	reflector->whole = false;
	reflector->reflecting->stats->lists++;
	if (reflector->bad > BAD_NAMED)
		svclb_log(SVCLB_LOG_WARNING,
			  "objects were passed over that cannot be read",
			  "resource", svclb_reflect_name(reflector->resource),
			  "count", svclb_log_number(number, reflector->bad),
			  NULL);
	reflector->bad = 0;
	feed->complete(feed->data, reflector->resource);
	request_in(reflector, 0);
}

static void list_ended(struct svclb_reflector *reflector,
		       const struct svclb_http_end *end)
{
	if (!end->complete && !*reflector->error.text) {
		tell_trouble(reflector, end->status ? TROUBLE_CUT :
						      TROUBLE_CONNECTION,
			     end->error);
	} else if (*reflector->error.text ||
		   svclb_list_stream_end(&reflector->list, &reflector->error)) {
		tell_trouble(reflector, TROUBLE_CONTENT, reflector->error.text);
	} else {
		free(reflector->next);
		reflector->next = reflector->list.next;
		reflector->list.next = NULL;
		if (reflector->next)
			request_in(reflector, 0);
		else
			list_complete(reflector);
		return;
	}
	list_failed(reflector);
	request_in(reflector, retry_wait(reflector, end));
}

/*
 * A watch that never told anything, no bookmark either, may be at a version that
 * the server has not come to yet, and never will: it would tell nothing for ever.
 */
static void watch_ended(struct svclb_reflector *reflector,
			const struct svclb_http_end *end)
{
	const struct svclb_pace *pace = get_pace(reflector);
	uint64_t lasted = svclb_loop_now() - reflector->since;
	bool steady = !reflector->settled.armed;

	if (*reflector->error.text) {
		if (reflector->expire)
			svclb_log(SVCLB_LOG_DEBUG, "a list is due", "resource",
				  svclb_reflect_name(reflector->resource),
				  "reason", reflector->error.text, NULL);
		else
			tell_trouble(reflector, TROUBLE_CONTENT,
				     reflector->error.text);
		list_due(reflector);
		request_in(reflector, relist_wait(reflector));
	} else if (!reflector->heard && lasted >= pace->watch_min) {
		list_due(reflector);
		request_in(reflector, relist_wait(reflector));
	} else if (end->complete) {
		request_in(reflector, steady ? 0 : get_wait(reflector));
	} else {
		tell_trouble(reflector, TROUBLE_CUT, end->error);
		request_in(reflector, get_wait(reflector));
	}
}

static void request_ended(void *data, const struct svclb_http_end *end)
{
	struct svclb_reflector *reflector = data;

	reflector->get = NULL;
	if (!end->status) {
		tell_trouble(reflector, TROUBLE_CONNECTION, end->error);
		if (!reflector->version)
			list_failed(reflector);
		request_in(reflector, get_wait(reflector));
	} else if (end->status != 200) {
		refused(reflector, end);
	} else if (reflector->version) {
		watch_ended(reflector, end);
	} else {
		list_ended(reflector, end);
	}
	svclb_timer_clear(reflector->reflecting->loop, &reflector->settled);
	svclb_list_stream_uninit(&reflector->list);
	svclb_event_stream_uninit(&reflector->events);
}

static int begin_list(struct svclb_reflector *reflector,
		      struct svclb_http_request *request, struct svclb_err *err)
{
	const struct svclb_pace *pace = get_pace(reflector);
	char *path = svclb_reflect_list_path(reflector);

	if (!path)
		return svclb_err_memory(err);
	request->path = path;
	request->gzip = true;
	request->silence = (long)(pace->silence / 1000);
	request->timeout = (long)pace->list;
	reflector->list = (struct svclb_list_stream){
		.item = take_item,
		.bad = take_bad,
		.data = reflector,
	};
	reflector->get = svclb_http_begin(reflector->http, request, err);
	free(path);
	return reflector->get ? 0 : -1;
}

static int begin_watch(struct svclb_reflector *reflector,
		       struct svclb_http_request *request,
		       struct svclb_err *err)
{
	const struct svclb_pace *pace = get_pace(reflector);
	uint32_t seconds = pace->watch_min / 1000;
	char *path;

	seconds += get_random(pace->watch_max / 1000 - seconds);
	path = svclb_reflect_watch_path(reflector, seconds);
	if (!path)
		return svclb_err_memory(err);
	request->path = path;
	request->timeout = (long)seconds * 1000 + (long)pace->grace;
	reflector->heard = false;
	reflector->expire = false;
	reflector->events = (struct svclb_event_stream){
		.event = take_event,
		.data = reflector,
	};
	reflector->get = svclb_http_begin(reflector->http, request, err);
	free(path);
	return reflector->get ? 0 : -1;
}

static void begin_request(void *data)
{
	struct svclb_reflector *reflector = data;
	struct svclb_http_request request = {
		.begun = answer_begun,
		.body = take_bytes,
		.end = request_ended,
		.data = reflector,
	};
	struct svclb_err err;
	int result;

	*reflector->error.text = '\0';
	reflector->since = svclb_loop_now();
	if (reflector->version)
		result = begin_watch(reflector, &request, &err);
	else
		result = begin_list(reflector, &request, &err);
	if (!result)
		return;
	tell_trouble(reflector, TROUBLE_LOCAL, err.text);
	if (!reflector->version)
		list_failed(reflector);
	request_in(reflector, get_wait(reflector));
}

/**
 * svclb_reflectors_create() - follow an API server
 * @reflectors: for what does so, as soon as the loop runs
 * @reflecting: what to do
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_reflectors_create(struct svclb_reflectors **reflectors,
			    const struct svclb_reflecting *reflecting,
			    struct svclb_err *err)
{
	struct svclb_reflectors *new = calloc(1, sizeof(*new));
	struct svclb_reflector *reflector;
	int i;

	if (!new)
		return svclb_err_memory(err);
	new->reflecting = *reflecting;
	if (svclb_http_create(&new->http, reflecting->loop, reflecting->access,
			      err)) {
		free(new);
		return -1;
	}
	for (i = 0; i < SVCLB_RESOURCES; i++) {
		reflector = &new->at[i];
		*reflector = (struct svclb_reflector){
			.reflecting = &new->reflecting,
			.http = new->http,
			.resource = i,
			.timer = {
				.expired = begin_request,
				.data = reflector,
			},
			.settled = {
				.expired = watch_worked,
				.data = reflector,
			},
		};
		request_in(reflector, 0);
	}
	*reflectors = new;
	return 0;
}

/**
 * svclb_reflectors_free() - follow the API server no more
 * @reflectors: what does so, or NULL; not to be called by the feed
 */
void svclb_reflectors_free(struct svclb_reflectors *reflectors)
{
	struct svclb_reflector *reflector;
	int i;

	if (!reflectors)
		return;
	svclb_http_free(reflectors->http);
	for (i = 0; i < SVCLB_RESOURCES; i++) {
		reflector = &reflectors->at[i];
		svclb_timer_clear(reflectors->reflecting.loop,
				  &reflector->timer);
		svclb_timer_clear(reflectors->reflecting.loop,
				  &reflector->settled);
		svclb_list_stream_uninit(&reflector->list);
		svclb_event_stream_uninit(&reflector->events);
		free(reflector->version);
		free(reflector->next);
	}
	free(reflectors);
}
