// SPDX-License-Identifier: GPL-2.0-only
/*
 * From a kubeconfig, the file that says where clusters are and who one is there,
 * to how to reach one of them. What would need another program is refused: a
 * proxy must come up without a person, and with nothing but itself.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "access.h"
#include "lib/file.h"
#include "yaml.h"

/**
 * struct part - a part of a kubeconfig
 * @file: name of the file
 * @list: "clusters", "users" or "contexts"
 * @name: its name in the list
 * @json: what is in it
 * @err:  for errors
 */
struct part {
	const char *file;
	const char *list;
	const char *name;
	const json_t *json;
	struct svclb_err *err;
};

SVCLB_PRINTF(3, 4)
static int fail(const struct part *part, const char *key, const char *format,
		...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return svclb_err_set(part->err, SVCLB_ERR_INPUT,
			     "%s: %s '%.200s': %s: %s", part->file, part->list,
			     part->name, key, text);
}

/* Gets a text, or NULL if there is none. */
static int get_text(const struct part *part, const char *key, const char **text)
{
	const json_t *json = json_object_get(part->json, key);

	*text = json_string_value(json);
	if (json && !json_is_null(json) && !*text)
		return fail(part, key, "it must be text; put it in quotes");
	if (*text && !**text)
		*text = NULL;
	return 0;
}

static int copy_text(const struct part *part, const char *key, char **copy)
{
	const char *text;

	if (get_text(part, key, &text))
		return -1;
	if (!text)
		return 0;
	*copy = strdup(text);
	return *copy ? 0 : svclb_err_memory(part->err);
}

/* A relative name begins where the kubeconfig is. */
static int copy_file_name(const struct part *part, const char *key, char **copy)
{
	const char *slash = strrchr(part->file, '/'), *text;

	if (get_text(part, key, &text))
		return -1;
	if (!text)
		return 0;
	if (*text == '/' || !slash)
		*copy = strdup(text);
	else if (asprintf(copy, "%.*s/%s", (int)(slash - part->file),
			  part->file, text) < 0)
		*copy = NULL;
	return *copy ? 0 : svclb_err_memory(part->err);
}

static int digit_value(char digit)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = digit ? strchr(digits, digit) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* Returns the length, or -1 if it is not base64. */
static ssize_t decode_base64(const char *text, char *bytes)
{
	unsigned int bits = 0, nr = 0, padding = 0;
	size_t len = 0;
	int value;

	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			continue;
		value = *text == '=' ? 0 : digit_value(*text);
		if (value < 0 || (padding && *text != '='))
			return -1;
		padding += *text == '=';
		bits = bits << 6 | (unsigned int)value;
		if (++nr % 4)
			continue;
		bytes[len++] = (char)(bits >> 16);
		bytes[len++] = (char)(bits >> 8);
		bytes[len++] = (char)bits;
	}
	return nr % 4 || padding > 2 ? -1 : (ssize_t)(len - padding);
}

/* What is in the file itself goes before what it names. */
static int get_pem(const struct part *part, const char *name,
		   struct svclb_secret *secret)
{
	const char *text;
	ssize_t len;
	char key[64];

	snprintf(key, sizeof(key), "%s-data", name);
	if (get_text(part, key, &text))
		return -1;
	if (!text)
		return copy_file_name(part, name, &secret->file);
	secret->data = calloc(1, strlen(text) + 4);
	if (!secret->data)
		return svclb_err_memory(part->err);
	secret->len = strlen(text);
	len = decode_base64(text, secret->data);
	if (len < 0)
		return fail(part, key, "not base64");
	secret->len = (size_t)len;
	if (!memmem(secret->data, secret->len, "-----BEGIN ", 11))
		return fail(part, key, "not PEM");
	return 0;
}

static bool is_given(const struct part *part, const char *key)
{
	const json_t *json = json_object_get(part->json, key);

	return json && !json_is_null(json) &&
	       (!json_is_string(json) || *json_string_value(json));
}

static bool has_secret(const struct svclb_secret *secret)
{
	return secret->file || secret->data;
}

static int get_cluster(const struct part *part, struct svclb_access *access)
{
	const json_t *insecure;
	const char *server;

	if (get_text(part, "server", &server))
		return -1;
	if (!server)
		return fail(part, "server", "it is missing");
	if (svclb_access_set_server(access, server, part->err))
		return svclb_err_prefix(part->err, "%s: %s '%.200s': ",
					part->file, part->list, part->name);
	insecure = json_object_get(part->json, "insecure-skip-tls-verify");
	if (insecure && !json_is_boolean(insecure) && !json_is_null(insecure))
		return fail(part, "insecure-skip-tls-verify",
			    "it must be true or false");
	access->insecure = json_is_true(insecure);
	if (get_pem(part, "certificate-authority", &access->ca) ||
	    copy_text(part, "tls-server-name", &access->server_name) ||
	    copy_text(part, "proxy-url", &access->proxy))
		return -1;
	if (access->insecure && has_secret(&access->ca))
		return fail(part, "insecure-skip-tls-verify",
			    "it contradicts certificate-authority: leave one out");
	return 0;
}

static int refuse(const struct part *part)
{
	static const char *const others[] = {
		"as", "as-uid", "as-groups", "as-user-extra",
	};
	size_t i;

	if (is_given(part, "exec"))
		return fail(part, "exec",
			    "no program is run for credentials; use tokenFile, token or client-certificate, such as the token of a service account");
	if (is_given(part, "auth-provider"))
		return fail(part, "auth-provider",
			    "it is not supported; use tokenFile, token or client-certificate, such as the token of a service account");
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (is_given(part, others[i]))
			return fail(part, others[i],
				    "impersonation is not supported; use credentials of the user itself");
	return 0;
}

static int get_user(const struct part *part, struct svclb_access *access)
{
	if (refuse(part) ||
	    get_pem(part, "client-certificate", &access->cert) ||
	    get_pem(part, "client-key", &access->key) ||
	    copy_file_name(part, "tokenFile", &access->token.file) ||
	    copy_text(part, "token", &access->token.data) ||
	    copy_text(part, "username", &access->username) ||
	    copy_text(part, "password", &access->password))
		return -1;
	if (access->token.data)
		access->token.len = strlen(access->token.data);
	if (has_secret(&access->cert) != has_secret(&access->key))
		return fail(part, "client-certificate",
			    "certificate and key (client-key) must both be there");
	if (has_secret(&access->token) && access->username)
		return fail(part, "username",
			    "there is a token too: leave one out");
	if (access->password && !access->username)
		return fail(part, "password", "there is no username");
	return 0;
}

/* Finds the part in its list; @inner is the key of what is in it. */
static int find(struct part *part, const json_t *config, const char *inner)
{
	const json_t *list = json_object_get(config, part->list), *element;
	const char *name;
	size_t i;

	json_array_foreach(list, i, element) {
		name = json_string_value(json_object_get(element, "name"));
		if (!name || strcmp(name, part->name) != 0)
			continue;
		part->json = json_object_get(element, inner);
		if (json_is_object(part->json))
			return 0;
		if (part->json && !json_is_null(part->json))
			return fail(part, inner, "it must be a mapping");
		return 0;
	}
	return svclb_err_set(part->err, SVCLB_ERR_INPUT,
			     "%s: there is no '%.200s' in %s", part->file,
			     part->name, part->list);
}

static int get_config(struct svclb_access *access, const json_t *config,
		      struct part *context)
{
	struct part cluster = *context, user = *context;
	const char *current;

	current = json_string_value(json_object_get(config, "current-context"));
	if (!context->name)
		context->name = current;
	if (!context->name || !*context->name)
		return svclb_err_set(context->err, SVCLB_ERR_INPUT,
				     "%s: current-context: it is missing, and no context was asked for",
				     context->file);
	context->list = "contexts";
	if (find(context, config, "context") ||
	    get_text(context, "cluster", &cluster.name) ||
	    get_text(context, "user", &user.name))
		return -1;
	if (!cluster.name)
		return fail(context, "cluster", "it is missing");
	cluster.list = "clusters";
	if (find(&cluster, config, "cluster") || get_cluster(&cluster, access))
		return -1;
	if (!user.name)
		return 0;
	user.list = "users";
	return find(&user, config, "user") ? -1 : get_user(&user, access);
}

/* All texts of it may be secrets. */
static void wipe_json(json_t *json)
{
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_string(json))
		explicit_bzero((char *)json_string_value(json),
			       json_string_length(json));
	json_array_foreach(json, i, value)
		wipe_json(value);
	json_object_foreach(json, key, value)
		wipe_json(value);
}

/**
 * svclb_access_kubeconfig() - reach an API server as a kubeconfig says
 * @access:  for how; free it with svclb_access_uninit()
 * @file:    name of the kubeconfig
 * @context: which of its contexts; NULL for the one it calls current
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_access_kubeconfig(struct svclb_access *access, const char *file,
			    const char *context, struct svclb_err *err)
{
	struct part part = { .file = file, .name = context, .err = err };
	struct svclb_text text;
	json_t *documents;
	int result;

	*access = (struct svclb_access){ 0 };
	if (svclb_file_read(file, &text, err))
		return -1;
	documents = svclb_yaml_read(text.text, text.len, err);
	explicit_bzero(text.text, text.len);
	free(text.text);
	if (!documents)
		return svclb_err_prefix(err, "%s: ", file);
	if (json_array_size(documents) == 1 &&
	    json_is_object(json_array_get(documents, 0)))
		result = get_config(access, json_array_get(documents, 0),
				    &part);
	else
		result = svclb_err_set(err, SVCLB_ERR_INPUT,
				       "%s: not a kubeconfig", file);
	wipe_json(documents);
	json_decref(documents);
	if (result)
		svclb_access_uninit(access);
	return result;
}
