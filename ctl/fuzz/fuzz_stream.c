// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first byte says in parts of which length the rest comes in, and whether it
 * is a list or events. What comes out must not depend on the parts, and what was
 * an object for the library must be one with less in it.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "watch/k8s.h"
#include "watch/stream.h"

#define IS_LIST 0x80

static void print_json(FILE *file, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	FUZZ_CHECK(text);
	fprintf(file, "%s\n", text);
	free(text);
}

static void no_note(void *data, const char *text)
{
	(void)data;
	FUZZ_CHECK(*text);
}

static void decode(const json_t *json)
{
	const struct svclb_notes notes = { .note = no_note };

	svclb_k8s_service_free(svclb_k8s_service_decode(json, &notes));
	svclb_k8s_slice_free(svclb_k8s_slice_decode(json, &notes));
	svclb_k8s_node_free(svclb_k8s_node_decode(json));
}

static void take_item(void *data, const json_t *item)
{
	FUZZ_CHECK(json_is_object(item));
	print_json(data, item);
	decode(item);
}

static void take_bad(void *data, const char *why)
{
	FUZZ_CHECK(*why);
	fputs("bad\n", data);
}

static int take_event(void *data, const json_t *event, struct svclb_err *err)
{
	(void)err;
	FUZZ_CHECK(json_is_object(event));
	print_json(data, event);
	decode(json_object_get(event, "object"));
	return 0;
}

static int push_list(FILE *file, const uint8_t *data, size_t size, size_t part,
		     struct svclb_err *err)
{
	struct svclb_list_stream list = {
		.item = take_item,
		.bad = take_bad,
		.data = file,
	};
	int result = 0;
	char *copy;

	for (; size && !result; data += part, size -= part) {
		if (part > size)
			part = size;
		copy = fuzz_text(data, part);
		result = svclb_list_stream_push(&list, copy, part, err);
		free(copy);
	}
	if (!result)
		result = svclb_list_stream_end(&list, err);
	if (!result)
		fprintf(file, "%s %s", list.version,
			list.next ? list.next : "");
	svclb_list_stream_uninit(&list);
	return result;
}

static int push_events(FILE *file, const uint8_t *data, size_t size,
		       size_t part, struct svclb_err *err)
{
	struct svclb_event_stream events = { .event = take_event, .data = file };
	int result = 0;
	char *copy;

	for (; size && !result; data += part, size -= part) {
		if (part > size)
			part = size;
		copy = fuzz_text(data, part);
		result = svclb_event_stream_push(&events, copy, part, err);
		free(copy);
	}
	svclb_event_stream_uninit(&events);
	return result;
}

static char *run(bool is_list, const uint8_t *data, size_t size, size_t part)
{
	struct svclb_err err = { 0 };
	struct fuzz_output output;
	int result;

	fuzz_output_begin(&output);
	if (is_list)
		result = push_list(output.file, data, size, part, &err);
	else
		result = push_events(output.file, data, size, part, &err);
	if (result) {
		FUZZ_CHECK(*err.text);
		fputs("wrong", output.file);
	}
	fuzz_output_end(&output);
	return output.text;
}

int fuzz_input(const uint8_t *data, size_t size)
{
	char *whole, *parts;
	size_t part;
	bool is_list;

	if (size < 2)
		return 0;
	is_list = *data & IS_LIST;
	part = (*data & ~IS_LIST) + 1;
	whole = run(is_list, data + 1, size - 1, size - 1);
	parts = run(is_list, data + 1, size - 1, part);
	FUZZ_CHECK(!strcmp(whole, parts));
	free(whole);
	free(parts);
	return 0;
}
