// SPDX-License-Identifier: GPL-2.0-only
/*
 * How to reach an API server: what does not come from a kubeconfig.
 */
#include "access.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"

#define ACCOUNT_DIR "/var/run/secrets/kubernetes.io/serviceaccount/"

static void wipe(char *data, size_t len)
{
	if (data)
		explicit_bzero(data, len);
	free(data);
}

/**
 * svclb_secret_uninit() - free a secret, and leave nothing of it in memory
 * @secret: the secret; it is none afterwards
 */
void svclb_secret_uninit(struct svclb_secret *secret)
{
	free(secret->file);
	wipe(secret->data, secret->len);
	*secret = (struct svclb_secret){ 0 };
}

/**
 * svclb_secret_load() - get the bytes of a secret, as they are now
 * @secret: the secret
 * @now:    for the bytes, to be freed with svclb_secret_uninit(); data is NULL
 *          if there is no secret
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_secret_load(const struct svclb_secret *secret,
		      struct svclb_secret *now, struct svclb_err *err)
{
	struct svclb_text text;

	*now = (struct svclb_secret){ 0 };
	if (secret->file) {
		if (svclb_file_read(secret->file, &text, err))
			return -1;
		now->data = text.text;
		now->len = text.len;
	} else if (secret->data) {
		now->data = malloc(secret->len + 1);
		if (!now->data)
			return svclb_err_memory(err);
		memcpy(now->data, secret->data, secret->len);
		now->data[secret->len] = '\0';
		now->len = secret->len;
	}
	return 0;
}

static bool has_part(CURLU *url, CURLUPart part)
{
	char *text = NULL;
	bool has = !curl_url_get(url, part, &text, 0) && *text;

	curl_free(text);
	return has;
}

/* NULL if nothing is wrong with it. */
static const char *what_is_wrong(const char *text)
{
	CURLU *url = curl_url();
	const char *wrong = NULL;

	if (!url)
		return "out of memory";
	if (strncasecmp(text, "https://", 8) != 0 &&
	    strncasecmp(text, "http://", 7) != 0)
		wrong = "it must begin with https:// (or http://)";
	else if (curl_url_set(url, CURLUPART_URL, text, 0) ||
		 !has_part(url, CURLUPART_HOST))
		wrong = "not a URL";
	else if (has_part(url, CURLUPART_USER) ||
		 has_part(url, CURLUPART_PASSWORD))
		wrong = "a user's name and password have no place in it";
	else if (strpbrk(text, "?#"))
		wrong = "it must not have a query or a fragment";
	curl_url_cleanup(url);
	return wrong;
}

/**
 * svclb_access_set_server() - set the URL of an API server
 * @access: what to set it in; all else is left as it is
 * @url:    the URL
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_access_set_server(struct svclb_access *access, const char *url,
			    struct svclb_err *err)
{
	const char *wrong = what_is_wrong(url);
	size_t len = strlen(url);
	char *copy;

	if (wrong)
		return svclb_err_set(err, SVCLB_ERR_INPUT, "server '%.200s': %s",
				     url, wrong);
	while (len && url[len - 1] == '/')
		len--;
	copy = strndup(url, len);
	if (!copy)
		return svclb_err_memory(err);
	free(access->server);
	access->server = copy;
	return 0;
}

static int set_account_file(char **file, const char *name,
			    struct svclb_err *err)
{
	if (asprintf(file, "%s%s", ACCOUNT_DIR, name) < 0) {
		*file = NULL;
		return svclb_err_memory(err);
	}
	if (access(*file, R_OK))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "%s: %s; a pod has it if its service account's token is mounted",
				     *file, strerror(errno));
	return 0;
}

static int set_in_cluster(struct svclb_access *access, struct svclb_err *err)
{
	const char *host = getenv("KUBERNETES_SERVICE_HOST");
	const char *port = getenv("KUBERNETES_SERVICE_PORT");
	bool bare_ipv6;
	char url[512];

	if (!host || !*host || !port || !*port)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not in the environment: not in a pod; give a kubeconfig");
	bare_ipv6 = strchr(host, ':') && *host != '[';
	snprintf(url, sizeof(url), "https://%s%s%s:%s", bare_ipv6 ? "[" : "",
		 host, bare_ipv6 ? "]" : "", port);
	if (svclb_access_set_server(access, url, err))
		return svclb_err_prefix(err, "KUBERNETES_SERVICE_HOST: ");
	if (set_account_file(&access->token.file, "token", err))
		return -1;
	return set_account_file(&access->ca.file, "ca.crt", err);
}

/**
 * svclb_access_in_cluster() - reach the API server from a pod
 * @access: for how; free it with svclb_access_uninit()
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_access_in_cluster(struct svclb_access *access, struct svclb_err *err)
{
	*access = (struct svclb_access){ 0 };
	if (!set_in_cluster(access, err))
		return 0;
	svclb_access_uninit(access);
	return -1;
}

/**
 * svclb_access_uninit() - forget how to reach an API server
 * @access: what to forget; may be all zero, and is afterwards
 */
void svclb_access_uninit(struct svclb_access *access)
{
	free(access->server);
	free(access->server_name);
	free(access->proxy);
	svclb_secret_uninit(&access->ca);
	svclb_secret_uninit(&access->cert);
	svclb_secret_uninit(&access->key);
	svclb_secret_uninit(&access->token);
	free(access->username);
	if (access->password)
		wipe(access->password, strlen(access->password));
	*access = (struct svclb_access){ 0 };
}
