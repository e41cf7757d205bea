// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists and events from bytes: every text is pushed in parts of each length, as
 * where the parts end must not matter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "watch/stream.h"

/**
 * struct result - what came out
 * @text: all of it
 * @file: for writing it
 * @len:  its length
 */
struct result {
	char *text;
	FILE *file;
	size_t len;
};

static void print_json(struct result *result, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);

	fprintf(result->file, "%s\n", text);
	free(text);
}

static void take_item(void *data, const json_t *item)
{
	print_json(data, item);
}

static void take_bad(void *data, const char *why)
{
	struct result *result = data;

	(void)why;
	fprintf(result->file, "bad\n");
}

static int take_event(void *data, const json_t *event, struct svclb_err *err)
{
	const char *type = json_string_value(json_object_get(event, "type"));

	print_json(data, event);
	if (type && !strcmp(type, "ERROR"))
		return svclb_err_set(err, SVCLB_ERR_FAILED, "ended");
	return 0;
}

/* Each part is a block of its own, so that the sanitizer sees who reads on. */
static int push(struct svclb_list_stream *list, struct svclb_event_stream *events,
		const char *text, size_t len, struct svclb_err *err)
{
	char *copy = malloc(len);
	int result;

	memcpy(copy, text, len);
	if (list)
		result = svclb_list_stream_push(list, copy, len, err);
	else
		result = svclb_event_stream_push(events, copy, len, err);
	free(copy);
	return result;
}

static int push_all(struct svclb_list_stream *list, struct svclb_event_stream *events,
		    const char *text, size_t len, size_t part,
		    struct svclb_err *err)
{
	for (; len; text += part, len -= part) {
		if (part > len)
			part = len;
		if (push(list, events, text, part, err))
			return -1;
	}
	return 0;
}

static char *run_list(const char *text, size_t len, size_t part)
{
	struct result result = { 0 };
	struct svclb_list_stream list = {
		.item = take_item,
		.bad = take_bad,
		.data = &result,
	};
	struct svclb_err err = { 0 };

	result.file = open_memstream(&result.text, &result.len);
	if (push_all(&list, NULL, text, len, part, &err) ||
	    svclb_list_stream_end(&list, &err))
		fprintf(result.file, "wrong");
	else
		fprintf(result.file, "%s %s", list.version,
			list.next ? list.next : "-");
	svclb_list_stream_uninit(&list);
	fclose(result.file);
	return result.text;
}

static char *run_events(const char *text, size_t len, size_t part)
{
	struct result result = { 0 };
	struct svclb_event_stream events = { .event = take_event, .data = &result };
	struct svclb_err err = { 0 };

	result.file = open_memstream(&result.text, &result.len);
	if (push_all(NULL, &events, text, len, part, &err))
		fprintf(result.file, "wrong");
	svclb_event_stream_uninit(&events);
	fclose(result.file);
	return result.text;
}

static void check(struct tap *tap, bool list, const char *text,
		  const char *expected, const char *name)
{
	size_t len = strlen(text), part;
	char *is;

	for (part = len; part; part--) {
		is = list ? run_list(text, len, part) :
			    run_events(text, len, part);
		if (strcmp(is, expected) != 0 || part == 1) {
			if (!tap_text(tap, is, expected, name))
				printf("# in parts of %zu bytes\n", part);
			free(is);
			return;
		}
		free(is);
	}
}

#define LIST(items) "{\"kind\":\"ServiceList\",\"apiVersion\":\"v1\"," \
	"\"metadata\":{\"resourceVersion\":\"7\"},\"items\":" items "}"

/* Long texts are of several lines. */
#define ITEMS "["
#define AND ""

static void test_lists(struct tap *tap)
{
	static const char *const wrong[] = {
		"", "[]", "null", "{", "{}", "x", LIST("[]") "x", LIST("{}"),
		LIST("[1]"), LIST("[null]"), LIST("[{} {}]"), LIST("[{},]"),
		LIST("[,{}]"), LIST("[{}"), LIST("\"\""), LIST("1"),
		"{\"items\":[]}", "{\"metadata\":{\"resourceVersion\":\"1\"}}",
		"{\"metadata\":{\"resourceVersion\":1},\"items\":[]}",
		"{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[],\"items\":[]}",
		"{\"metadata\":{\"resourceVersion\":\"1\"},\"items\" []}",
		"{\"metadata\":{\"resourceVersion\":\"1\"} \"items\":[]}",
		"{\"metadata\":x,\"items\":[]}", "{\"kind\":\"Status\",\"items\":[]}",
		"{,}", "{\"a\":1,}", "<html><body>not here</body></html>",
	};
	size_t i;

	check(tap, true, LIST("[]"), "7 -", "an empty list");
	check(tap, true, LIST("null"), "7 -", "a list of nothing");
	check(tap, true, LIST("[{\"a\":\"]}\\\\\\\"{\"},\n {\"b\":[{},[]]}]") "\n",
	      "{\"a\":\"]}\\\\\\\"{\"}\n{\"b\":[{},[]]}\n7 -",
	      "marks within texts are none");
	check(tap, true,
	      " {\"items\" : [ {\"a\":1} , {\"b\":2} ] , \"x\":[{\"items\":1}],\n\"y\":-1.5e3,\"metadata\":{\"continue\":\"c\\\"\",\"resourceVersion\":\"9\"}} ",
	      "{\"a\":1}\n{\"b\":2}\n9 c\"",
	      "metadata behind the items, and keys that nobody knows");
	check(tap, true,
	      LIST(ITEMS
	      "{\"metadata\":{\"name\":\"a\",\"managedFields\":[{\"f\":\"}]\\\"\"}]," AND
	      "\"ownerReferences\":[],\"labels\":{\"managedFields\":\"l\"}}," AND
	      "\"spec\":{\"managedFields\":1}}]"),
	      "{\"metadata\":{\"labels\":{\"managedFields\":\"l\"},\"name\":\"a\"},\"spec\":{\"managedFields\":1}}\n7 -",
	      "what nobody reads is left out, and nothing else of that name");
	check(tap, true,
	      LIST(ITEMS
	      "{\"endpoints\":[{\"targetRef\":{\"a\":{}}," AND
	      "\"addresses\":[\"targetRef\"]},{\"addresses\":[],\"targetRef\":\"x\"}]," AND
	      "\"ports\":[{\"targetRef\":1}]}]"),
	      "{\"endpoints\":[{\"addresses\":[\"targetRef\"]},{\"addresses\":[]}],\"ports\":[{\"targetRef\":1}]}\n7 -",
	      "endpoints' targets are left out");
	check(tap, true,
	      LIST("[{\"a\":x},{\"b\":\"\xff\"},{\"c\":\"\\u0000\"},{\"d\":[1}},{\"e\":1}]"),
	      "bad\nbad\nbad\nbad\n{\"e\":1}\n7 -",
	      "items that cannot be read are passed over");
	check(tap, true, LIST("[{\"a\":1,\"a\":2}]"), "{\"a\":2}\n7 -",
	      "of keys that are there twice the last one counts");
	check(tap, true,
	      LIST(ITEMS
	      "{\"metadata\" : { \"generation\" : 1 }}," AND
	      "{\"metadata\":{\"generation\":1 , \"name\":2 , \"selfLink\":\"\\\"\"\n}}," AND
	      "{\"metadata\":{\"name\":1,\"generation\":[1,2],\"selfLink\":3,\"b\":2}}]"),
	      "{\"metadata\":{}}\n{\"metadata\":{\"name\":2}}\n{\"metadata\":{\"b\":2,\"name\":1}}\n7 -",
	      "commas are left out with what they separate");
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char *is = run_list(wrong[i], strlen(wrong[i]), 1);
		size_t len = strlen(is);

		tap_ok(tap, len >= 5 && !strcmp(is + len - 5, "wrong"),
		       "not a list: %s", wrong[i]);
		free(is);
	}
}

static void test_events(struct tap *tap)
{
	check(tap, false, "{\"type\":\"ADDED\",\"object\":{}}\n",
	      "{\"object\":{},\"type\":\"ADDED\"}\n", "an event");
	check(tap, false, "{\"a\":\"}\\n\"}\n{\"b\":1}{\"c\":2}\r\n\n",
	      "{\"a\":\"}\\n\"}\n{\"b\":1}\n{\"c\":2}\n", "several events");
	check(tap, false,
	      "{\"object\":{\"metadata\":{\"managedFields\":[{}],\"uid\":\"1\"}}}",
	      "{\"object\":{\"metadata\":{\"uid\":\"1\"}}}\n",
	      "what nobody reads is left out of events");
	check(tap, false, "{\"a\":1}\nx", "{\"a\":1}\nwrong", "no event");
	check(tap, false, "{\"a\":x}", "wrong", "an event that cannot be read");
	check(tap, false, "{\"type\":\"ERROR\"}{\"a\":1}",
	      "{\"type\":\"ERROR\"}\nwrong", "the end by an event");
}

/* Writes @before, then @part so often, then @after into an item of a list. */
static char *make(const char *before, const char *part, size_t times,
		  const char *after, size_t *len)
{
	static const char tail[] = ",{\"good\":1}]}";
	size_t part_len = strlen(part), i;
	char *text, *at;

	text = malloc(times * part_len + 1000);
	at = stpcpy(text, "{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[");
	at = stpcpy(at, before);
	for (i = 0; i < times; i++, at += part_len)
		memcpy(at, part, part_len);
	at = stpcpy(at, after);
	at = stpcpy(at, tail);
	*len = (size_t)(at - text);
	return text;
}

static void test_limits(struct tap *tap)
{
	static const struct {
		const char *before, *part, *after, *name;
		size_t times;
	} cases[] = {
		{ "{\"a\":\"", "abcdefghijklmnop", "\"}", "a text of 20 MB",
		  20000000 / 16 },
		{ "{\"a\":[0", ",0", "]}", "a million numbers", 1000000 },
		{ "{\"a\":[{}", ",{}", "]}", "a million objects", 1000000 },
		{ "{\"a\":", "[", "", "depth without an end", 1000000 },
	};
	struct svclb_event_stream events = { .event = take_event };
	struct svclb_err err = { 0 };
	char *text, *is;
	size_t i, len;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text = make(cases[i].before, cases[i].part, cases[i].times,
			    cases[i].after, &len);
		is = run_list(text, len, 10000);
		tap_text(tap, is, i == 3 ? "wrong" : "bad\n{\"good\":1}\n7 -",
			 cases[i].name);
		free(is);
		free(text);
	}
	text = make("{\"a\":", "[", 100, "", &len);
	memset(text + len, ']', 100);
	memset(text + len - 13, ']', 13);
	memcpy(text + len + 100 - 13, "},{\"b\":1}]}", 12);
	is = run_list(text, strlen(text), 7);
	tap_text(tap, is, "bad\n{\"b\":1}\n7 -", "an item that is too deep");
	free(is);
	free(text);

	text = malloc(65536);
	memset(text, 'x', 65536);
	is = NULL;
	len = 0;
	if (!svclb_event_stream_push(&events, "{\"a\":\"", 6, &err))
		while (len < 100000000 &&
		       !svclb_event_stream_push(&events, text, 65536, &err))
			len += 65536;
	tap_ok(tap, len / 2 < SVCLB_STREAM_OBJECT_MAX,
	       "an event without an end is ended");
	svclb_event_stream_uninit(&events);
	free(text);
}

int main(void)
{
	struct tap tap = { 0 };

	test_lists(&tap);
	test_events(&tap);
	test_limits(&tap);
	return tap_end(&tap);
}
