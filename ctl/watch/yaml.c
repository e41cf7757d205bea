// SPDX-License-Identifier: GPL-2.0-only
/*
 * From YAML to JSON, as far as tools of Kubernetes write YAML: no anchors, no
 * tags, and keys are text.
 */
#include "yaml.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Deeper than any object, and not so deep that the stack would suffer. */
#define DEPTH_MAX 64

/**
 * struct reader - where reading is
 * @parser: the library's
 * @event:  the last event
 * @depth:  how deep in
 * @err:    for errors
 */
struct reader {
	yaml_parser_t parser;
	yaml_event_t event;
	int depth;
	struct svclb_err *err;
};

static int fail(struct reader *reader, size_t line, const char *what)
{
	return svclb_err_set(reader->err, SVCLB_ERR_INPUT, "line %zu: %s",
			     line + 1, what ? what : "not YAML");
}

static int next(struct reader *reader)
{
	yaml_event_delete(&reader->event);
	if (yaml_parser_parse(&reader->parser, &reader->event))
		return 0;
	return fail(reader, reader->parser.problem_mark.line,
		    reader->parser.problem);
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(text, *words))
			return true;
	return false;
}

/* Without quotes, some words are no text. */
static json_t *read_plain(const char *text)
{
	static const char *const nulls[] = {
		"", "~", "null", "Null", "NULL", NULL
	};
	static const char *const trues[] = { "true", "True", "TRUE", NULL };
	static const char *const falses[] = {
		"false", "False", "FALSE", NULL
	};
	long long number;
	char *end;

	if (is_one_of(text, nulls))
		return json_null();
	if (is_one_of(text, trues))
		return json_true();
	if (is_one_of(text, falses))
		return json_false();
	errno = 0;
	number = strtoll(text, &end, 10);
	if (*text != '+' && !*end && !errno)
		return json_integer(number);
	return json_string(text);
}

static json_t *read_scalar(struct reader *reader)
{
	const char *text = (const char *)reader->event.data.scalar.value;
	json_t *json;

	if (strlen(text) != reader->event.data.scalar.length) {
		fail(reader, reader->event.start_mark.line,
		     "there is a zero byte in a text");
		return NULL;
	}
	if (reader->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
		json = read_plain(text);
	else
		json = json_string(text);
	if (!json)
		fail(reader, reader->event.start_mark.line, "not UTF-8");
	return json;
}

static json_t *read_node(struct reader *reader);

static json_t *read_sequence(struct reader *reader)
{
	json_t *array = json_array(), *element;

	while (!next(reader)) {
		if (reader->event.type == YAML_SEQUENCE_END_EVENT)
			return array;
		element = read_node(reader);
		if (!element || json_array_append_new(array, element))
			break;
	}
	json_decref(array);
	return NULL;
}

/* Adds a key and its value; the event of the key was read. */
static int read_pair(struct reader *reader, json_t *object)
{
	json_t *value;
	char *key;
	int result;

	if (reader->event.type != YAML_SCALAR_EVENT)
		return fail(reader, reader->event.start_mark.line,
			    "a key is no text");
	key = strdup((const char *)reader->event.data.scalar.value);
	if (!key)
		return svclb_err_memory(reader->err);
	value = next(reader) ? NULL : read_node(reader);
	result = value ? json_object_set_new(object, key, value) : -1;
	free(key);
	return result;
}

static json_t *read_mapping(struct reader *reader)
{
	json_t *object = json_object();

	while (!next(reader)) {
		if (reader->event.type == YAML_MAPPING_END_EVENT)
			return object;
		if (read_pair(reader, object))
			break;
	}
	json_decref(object);
	return NULL;
}

static json_t *read_node(struct reader *reader)
{
	json_t *json = NULL;

	if (++reader->depth > DEPTH_MAX) {
		fail(reader, reader->event.start_mark.line,
		     "the object is too deep");
		return NULL;
	}
	switch (reader->event.type) {
	case YAML_SCALAR_EVENT:
		json = read_scalar(reader);
		break;
	case YAML_SEQUENCE_START_EVENT:
		json = read_sequence(reader);
		break;
	case YAML_MAPPING_START_EVENT:
		json = read_mapping(reader);
		break;
	default:
		fail(reader, reader->event.start_mark.line,
		     "anchors are not understood");
		break;
	}
	reader->depth--;
	return json;
}

static int read_documents(struct reader *reader, json_t *documents)
{
	json_t *json;

	while (!next(reader)) {
		switch (reader->event.type) {
		case YAML_STREAM_START_EVENT:
		case YAML_DOCUMENT_START_EVENT:
		case YAML_DOCUMENT_END_EVENT:
			break;
		case YAML_STREAM_END_EVENT:
			return 0;
		default:
			json = read_node(reader);
			if (!json || json_array_append_new(documents, json))
				return -1;
			break;
		}
	}
	return -1;
}

/**
 * svclb_yaml_read() - read YAML
 * @text: the text
 * @len:  its length
 * @err:  for errors
 *
 * Return: an array of all documents, or NULL.
 */
json_t *svclb_yaml_read(const char *text, size_t len, struct svclb_err *err)
{
	struct reader reader = { .err = err };
	json_t *documents = json_array();
	int result;

	/* Unless something better is known. */
	svclb_err_memory(err);
	if (!documents || !yaml_parser_initialize(&reader.parser)) {
		json_decref(documents);
		return NULL;
	}
	yaml_parser_set_input_string(&reader.parser,
				     (const unsigned char *)text, len);
	result = read_documents(&reader, documents);
	yaml_event_delete(&reader.event);
	yaml_parser_delete(&reader.parser);
	if (!result)
		return documents;
	json_decref(documents);
	return NULL;
}
