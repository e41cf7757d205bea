// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of a request does not depend on how it goes: where to, as whom, and whom
 * to believe. Files are read anew for each, since they change while nobody tells;
 * connections are used again only while what they were made with is the same.
 */
#include "http_setup.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "version.h"

#define CONNECT_TIMEOUT_MS 10000

/* Bytes a second that are next to nothing. */
#define SILENCE_SPEED 100

/* A peer that is gone is noticed within a minute, however silent it was. */
static int set_keepalive(void *data, curl_socket_t fd, curlsocktype purpose)
{
	int on = 1, idle = 30, interval = 10, count = 3;

	(void)data;
	(void)purpose;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(interval));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	return CURL_SOCKOPT_OK;
}

static int set_blob(CURL *easy, CURLoption option, const char *what,
		    const struct svclb_secret *secret, struct svclb_err *err)
{
	struct svclb_secret now;
	struct curl_blob blob;
	CURLcode code;

	if (svclb_secret_load(secret, &now, err))
		return -1;
	if (!now.data)
		return 0;
	blob = (struct curl_blob){
		.data = now.data,
		.len = now.len,
		.flags = CURL_BLOB_COPY,
	};
	code = curl_easy_setopt(easy, option, &blob);
	svclb_secret_uninit(&now);
	if (code)
		return svclb_err_set(err, SVCLB_ERR_FAILED, "%s: %s", what,
				     curl_easy_strerror(code));
	return 0;
}

/* Files end in newlines; in a header those would begin another one. */
static int set_token(CURL *easy, const struct svclb_secret *token,
		     struct svclb_err *err)
{
	struct svclb_secret now;
	int result = 0;
	size_t len;

	if (svclb_secret_load(token, &now, err))
		return -1;
	if (!now.data)
		return 0;
	len = now.len;
	while (len && strchr(" \t\r\n", now.data[len - 1]))
		len--;
	now.data[len] = '\0';
	if (!len || strcspn(now.data, " \t\r\n") != len) {
		result = svclb_err_set(err, SVCLB_ERR_INPUT,
				       "%s: not a token",
				       token->file ? token->file : "token");
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		if (curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, now.data))
			result = svclb_err_memory(err);
	}
	svclb_secret_uninit(&now);
	return result;
}

static int set_credentials(CURL *easy, const struct svclb_access *access,
			   struct svclb_err *err)
{
	/* Nobody on the way is to read them. */
	if (strncasecmp(access->server, "https:", 6) != 0)
		return 0;
	if (access->username) {
		curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(easy, CURLOPT_USERNAME, access->username);
		curl_easy_setopt(easy, CURLOPT_PASSWORD,
				 access->password ? access->password : "");
	}
	if (set_token(easy, &access->token, err) ||
	    set_blob(easy, CURLOPT_SSLCERT_BLOB, "client certificate",
		     &access->cert, err))
		return -1;
	return set_blob(easy, CURLOPT_SSLKEY_BLOB, "client key", &access->key,
			err);
}

static int set_trust(CURL *easy, const struct svclb_access *access,
		     struct svclb_err *err)
{
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER,
			 access->insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
			 access->insecure ? 0L : 2L);
	return set_blob(easy, CURLOPT_CAINFO_BLOB, "certificate authority",
			&access->ca, err);
}

static int get_part(CURLU *url, CURLUPart part, char **text)
{
	return curl_url_get(url, part, text, CURLU_DEFAULT_PORT) ? -1 : 0;
}

/*
 * The name in the certificate is that of the URL, so the URL gets it, and the
 * library is told to connect to the true host instead.
 */
static int set_server_name(CURL *easy, CURLU *url, const char *name,
			   struct curl_slist **connect_to)
{
	char *host = NULL, *port = NULL, *text = NULL;
	int result = -1;

	if (!get_part(url, CURLUPART_HOST, &host) &&
	    !get_part(url, CURLUPART_PORT, &port) &&
	    asprintf(&text, "%s:%s:%s:%s", name, port, host, port) >= 0) {
		*connect_to = curl_slist_append(NULL, text);
		if (*connect_to && !curl_url_set(url, CURLUPART_HOST, name, 0) &&
		    !curl_easy_setopt(easy, CURLOPT_CONNECT_TO, *connect_to))
			result = 0;
		free(text);
	}
	curl_free(host);
	curl_free(port);
	return result;
}

static int set_url(CURL *easy, const struct svclb_access *access,
		   const char *path, struct curl_slist **connect_to,
		   struct svclb_err *err)
{
	CURLU *parsed = curl_url();
	char *url = NULL, *text = NULL;
	int result = -1;

	if (asprintf(&url, "%s%s", access->server, path) < 0)
		url = NULL;
	if (parsed && url && !curl_url_set(parsed, CURLUPART_URL, url, 0) &&
	    (!access->server_name ||
	     !set_server_name(easy, parsed, access->server_name, connect_to)) &&
	    !curl_url_get(parsed, CURLUPART_URL, &text, 0) &&
	    !curl_easy_setopt(easy, CURLOPT_URL, text))
		result = 0;
	curl_free(text);
	free(url);
	curl_url_cleanup(parsed);
	if (result)
		svclb_err_set(err, SVCLB_ERR_FAILED,
			      "the URL of %s cannot be used", access->server);
	return result;
}

/**
 * svclb_http_setup() - set up a request
 * @easy:       the library's request, a CURL
 * @access:     how to reach the server
 * @request:    what to get
 * @connect_to: for what is to be freed after the request, or NULL
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_http_setup(void *easy, const struct svclb_access *access,
		     const struct svclb_http_request *request,
		     struct curl_slist **connect_to, struct svclb_err *err)
{
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT,
			 "svclbctl/" SVCLBCTL_VERSION);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
			 (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, set_keepalive);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->timeout);
	curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 131072L);
	if (request->silence) {
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT,
				 (long)SILENCE_SPEED);
		curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
				 request->silence);
	}
	if (request->gzip)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (access->proxy)
		curl_easy_setopt(easy, CURLOPT_PROXY, access->proxy);
	if (set_url(easy, access, request->path, connect_to, err) ||
	    set_trust(easy, access, err))
		return -1;
	return set_credentials(easy, access, err);
}
