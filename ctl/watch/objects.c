// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what kubectl prints to a store: objects and lists of objects, one after
 * the other, in JSON or in YAML.
 */
#include "objects.h"

#include <stdio.h>
#include <string.h>

#include "yaml.h"

static int add_service(struct svclb_reading *reading, const json_t *json)
{
	struct svclb_k8s_service *service;

	service = svclb_k8s_service_decode(json, &reading->notes);
	if (service && !svclb_store_set_service(reading->store, service))
		return 0;
	svclb_k8s_service_free(service);
	return -1;
}

static int add_slice(struct svclb_reading *reading, const json_t *json)
{
	struct svclb_k8s_slice *slice;

	slice = svclb_k8s_slice_decode(json, &reading->notes);
	if (slice && !svclb_store_set_slice(reading->store, slice))
		return 0;
	svclb_k8s_slice_free(slice);
	return -1;
}

static int add_node(struct svclb_reading *reading, const json_t *json)
{
	struct svclb_k8s_node *node = svclb_k8s_node_decode(json);

	if (!node)
		return -1;
	if (reading->node_name && !strcmp(node->name, reading->node_name)) {
		svclb_k8s_node_free(reading->node);
		reading->node = node;
	} else {
		svclb_k8s_node_free(node);
	}
	return 0;
}

static bool has_name(const json_t *json)
{
	json_t *metadata = json_object_get(json, "metadata");

	return json_is_string(json_object_get(metadata, "name"));
}

/* An object of a list of one kind does not say its kind. */
static int add_object(struct svclb_reading *reading, const json_t *json,
		      const char *kind, struct svclb_err *err)
{
	const char *own = json_string_value(json_object_get(json, "kind"));
	int result = 0;

	if (own)
		kind = own;
	if (!json_is_object(json) || !kind || !has_name(json))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "object %zu has no kind, or no name: not an object of Kubernetes",
				     reading->count + 1);
	reading->count++;
	if (!strcmp(kind, "Service"))
		result = add_service(reading, json);
	else if (!strcmp(kind, "EndpointSlice"))
		result = add_slice(reading, json);
	else if (!strcmp(kind, "Node"))
		result = add_node(reading, json);
	return result ? svclb_err_memory(err) : 0;
}

static int add_array(struct svclb_reading *reading, const json_t *array,
		     const char *kind, struct svclb_err *err)
{
	const json_t *element;
	size_t i;

	json_array_foreach(array, i, element)
		if (add_object(reading, element, kind, err))
			return -1;
	return 0;
}

/* An object, an array of objects, or a list, which has them in "items". */
static int add_document(struct svclb_reading *reading, const json_t *json,
			struct svclb_err *err)
{
	const char *kind = json_string_value(json_object_get(json, "kind"));
	const json_t *items = json_object_get(json, "items");
	size_t len = kind ? strlen(kind) : 0;
	char of[64];

	/* An empty document of YAML. */
	if (json_is_null(json))
		return 0;
	if (json_is_array(json))
		return add_array(reading, json, NULL, err);
	if (len < 4 || strcmp(kind + len - 4, "List") != 0 || len > sizeof(of))
		return add_object(reading, json, NULL, err);
	snprintf(of, sizeof(of), "%.*s", (int)len - 4, kind);
	return add_array(reading, items, *of ? of : NULL, err);
}

static int read_json(struct svclb_reading *reading, const char *text,
		     size_t len, struct svclb_err *err)
{
	json_error_t error;
	size_t line = 1;
	json_t *json;
	int result = 0;

	while (!result) {
		for (; len && strchr(" \t\r\n", *text); text++, len--)
			line += *text == '\n';
		if (!len)
			return 0;
		json = json_loadb(text, len, JSON_DISABLE_EOF_CHECK, &error);
		if (!json)
			return svclb_err_set(err, SVCLB_ERR_INPUT,
					     "line %zu: %s",
					     line + (size_t)error.line - 1,
					     error.text);
		result = add_document(reading, json, err);
		json_decref(json);
		for (; error.position; error.position--, text++, len--)
			line += *text == '\n';
	}
	return result;
}

static int read_yaml(struct svclb_reading *reading, const char *text,
		     size_t len, struct svclb_err *err)
{
	json_t *documents = svclb_yaml_read(text, len, err);
	const json_t *document;
	int result = 0;
	size_t i;

	if (!documents)
		return -1;
	json_array_foreach(documents, i, document) {
		result = add_document(reading, document, err);
		if (result)
			break;
	}
	json_decref(documents);
	return result;
}

/**
 * svclb_objects_read() - read objects
 * @reading: where to put them
 * @text:    the text
 * @len:     its length
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_objects_read(struct svclb_reading *reading, const char *text,
		       size_t len, struct svclb_err *err)
{
	size_t blanks = strspn(text, " \t\r\n");

	if (blanks < len && (text[blanks] == '{' || text[blanks] == '['))
		return read_json(reading, text, len, err);
	return read_yaml(reading, text, len, err);
}
