// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a KubeProxyConfiguration. kube-proxy refuses what it does not know; who
 * stands in for it had better start, and say what it does not do.
 */
#include "kubeproxy.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kubeproxy_fields.h"
#include "lib/text.h"
#include "yaml.h"

#define API_VERSION "kubeproxy.config.k8s.io/v1alpha1"
#define KIND "KubeProxyConfiguration"

/* Room for the path of a field. */
#define PATH_ROOM 160

/**
 * struct reader - where reading is
 * @config: for the configuration
 * @notes:  where to say what is ignored
 * @err:    for errors
 */
struct reader {
	struct svclb_kubeproxy *config;
	const struct svclb_notes *notes;
	struct svclb_err *err;
};

/* A value as text, for messages and comparison; clipped. */
static void value_text(const json_t *value, char *text, size_t room)
{
	char *dump;

	if (json_is_string(value)) {
		snprintf(text, room, "%s", json_string_value(value));
		return;
	}
	dump = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
	snprintf(text, room, "%s", dump ? dump : "?");
	free(dump);
}

static int bad_value(struct reader *reader, const char *path,
		     const json_t *value, const char *what)
{
	char text[64];

	value_text(value, text, sizeof(text));
	return svclb_err_set(reader->err, SVCLB_ERR_INPUT, "%s: '%s' is not %s",
			     path, text, what);
}

static int set_text(struct reader *reader, char **to, const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		return svclb_err_memory(reader->err);
	free(*to);
	*to = copy;
	return 0;
}

/* A name that is all digits is a number to YAML. */
static int read_text(struct reader *reader, const char *path,
		     const json_t *value, char **to)
{
	char number[32];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld",
			 (long long)json_integer_value(value));
		return set_text(reader, to, number);
	}
	if (!json_is_string(value))
		return bad_value(reader, path, value, "text");
	if (strlen(json_string_value(value)) != json_string_length(value))
		return bad_value(reader, path, value, "text without zero bytes");
	return set_text(reader, to, json_string_value(value));
}

static int read_list(struct reader *reader, const char *path,
		     const json_t *value, char **to)
{
	struct svclb_err *err = reader->err;
	const json_t *element;
	char *text = NULL;
	size_t i, size;
	FILE *file;
	int result = 0;

	if (!json_is_array(value))
		return bad_value(reader, path, value, "a list");
	file = open_memstream(&text, &size);
	if (!file)
		return svclb_err_memory(err);
	json_array_foreach(value, i, element) {
		const char *part = json_string_value(element);

		if (!part || !*part || strpbrk(part, ", ")) {
			result = bad_value(reader, path, element,
					   "a network or word");
			break;
		}
		fprintf(file, "%s%s", i ? "," : "", part);
	}
	if (fclose(file))
		result = svclb_err_memory(err);
	if (result) {
		free(text);
		return -1;
	}
	free(*to);
	*to = text;
	return 0;
}

static int read_number(struct reader *reader, const char *path,
		       const json_t *value, long long min, long long max,
		       long long *number)
{
	char what[64];

	*number = json_integer_value(value);
	if (json_is_integer(value) && *number >= min && *number <= max)
		return 0;
	snprintf(what, sizeof(what), "a number from %lld to %lld", min, max);
	return bad_value(reader, path, value, what);
}

static int read_duration(struct reader *reader, const char *path,
			 const json_t *value, uint64_t *to)
{
	const char *text = json_string_value(value);

	if (json_is_integer(value) && !json_integer_value(value))
		text = "0";
	if (text && !svclb_duration_parse(text, to))
		return 0;
	return bad_value(reader, path, value,
			 "a duration; write it as 30s or 1h30m");
}

/* Whether a value says nothing: tools write every field. */
static bool is_nothing(const json_t *value)
{
	const char *text = json_string_value(value), *key;
	const json_t *element;
	uint64_t duration;
	size_t i;

	switch (json_typeof(value)) {
	case JSON_STRING:
		return !*text || (!svclb_duration_parse(text, &duration) &&
				  !duration);
	case JSON_INTEGER:
		return !json_integer_value(value);
	case JSON_ARRAY:
		json_array_foreach(value, i, element)
			if (!is_nothing(element))
				return false;
		return true;
	case JSON_OBJECT:
		json_object_foreach((json_t *)value, key, element)
			if (!is_nothing(element))
				return false;
		return true;
	default:
		return !json_is_true(value);
	}
}

static void ignore(struct reader *reader, const char *path,
		   const struct svclb_field *field, const json_t *value)
{
	char text[64];

	if (!field->advice || is_nothing(value))
		return;
	value_text(value, text, sizeof(text));
	if (field->usual && !strcmp(text, field->usual))
		return;
	svclb_note(reader->notes, "%s is ignored: %s", path, field->advice);
}

static int read_fields(struct reader *reader, const char *path,
		       const struct svclb_field *fields, const json_t *json);

static int read_field(struct reader *reader, const char *path,
		      const struct svclb_field *field, const json_t *value)
{
	char *to = (char *)reader->config + field->offset;
	long long number;

	if (json_is_null(value))
		return 0;
	switch (field->type) {
	case SVCLB_FIELD_SECTION:
		return read_fields(reader, path, field->fields, value);
	case SVCLB_FIELD_TEXT:
		return read_text(reader, path, value, (char **)to);
	case SVCLB_FIELD_LIST:
		return read_list(reader, path, value, (char **)to);
	case SVCLB_FIELD_SWITCH:
		if (!json_is_boolean(value))
			return bad_value(reader, path, value, "true or false");
		*(bool *)to = json_is_true(value);
		return 0;
	case SVCLB_FIELD_COUNT:
		if (read_number(reader, path, value, 0, INT32_MAX, &number))
			return -1;
		*(uint32_t *)to = number;
		return 0;
	case SVCLB_FIELD_SCORE:
		if (read_number(reader, path, value, -1000, 1000, &number))
			return -1;
		*(int *)to = number;
		return 0;
	case SVCLB_FIELD_DURATION:
		return read_duration(reader, path, value, (uint64_t *)to);
	default:
		ignore(reader, path, field, value);
		return 0;
	}
}

static int read_fields(struct reader *reader, const char *path,
		       const struct svclb_field *fields, const json_t *json)
{
	const struct svclb_field *field;
	char below[PATH_ROOM];
	const json_t *value;
	const char *key;

	if (!json_is_object(json))
		return bad_value(reader, path, json, "an object");
	json_object_foreach((json_t *)json, key, value) {
		snprintf(below, sizeof(below), "%s%s%.80s", path,
			 *path ? "." : "", key);
		for (field = fields; field->name; field++)
			if (!strcmp(field->name, key))
				break;
		if (!field->name)
			svclb_note(reader->notes,
				   "%s is ignored: there is no such field in "
				   API_VERSION, below);
		else if (read_field(reader, below, field, value))
			return -1;
	}
	return 0;
}

static bool is_text(const json_t *json, const char *key, const char *text)
{
	const char *value = json_string_value(json_object_get(json, key));

	return value && !strcmp(value, text);
}

/* Files of kubeadm have objects of other kinds as well. */
static const json_t *find_config(const json_t *documents, struct svclb_err *err)
{
	const json_t *found = NULL, *document;
	const char *kind;
	size_t i;

	json_array_foreach(documents, i, document) {
		if (!is_text(document, "kind", KIND))
			continue;
		if (found) {
			svclb_err_set(err, SVCLB_ERR_INPUT,
				      "there is more than one " KIND);
			return NULL;
		}
		found = document;
	}
	if (!found) {
		kind = json_string_value(json_object_get(json_array_get(documents, 0),
							 "kind"));
		svclb_err_set(err, SVCLB_ERR_INPUT,
			      kind && !strcmp(kind, "ConfigMap") ?
			      "this is a ConfigMap; the file is its value 'config.conf'" :
			      "there is no object of kind: " KIND);
	} else if (!is_text(found, "apiVersion", API_VERSION)) {
		svclb_err_set(err, SVCLB_ERR_INPUT,
			      "apiVersion is not " API_VERSION);
		found = NULL;
	}
	return found;
}

/**
 * svclb_kubeproxy_read() - read a KubeProxyConfiguration
 * @config: filled by svclb_kubeproxy_init(); what is read changes it
 * @text:   YAML or JSON
 * @len:    its length
 * @notes:  where to say what is ignored, and what to do instead
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_kubeproxy_read(struct svclb_kubeproxy *config, const char *text,
			 size_t len, const struct svclb_notes *notes,
			 struct svclb_err *err)
{
	struct reader reader = { config, notes, err };
	json_t *documents = svclb_yaml_read(text, len, err);
	const json_t *found;
	int result = -1;

	if (!documents)
		return -1;
	found = find_config(documents, err);
	if (found)
		result = read_fields(&reader, "", svclb_kubeproxy_fields,
				     found);
	json_decref(documents);
	return result;
}
