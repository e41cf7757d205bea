/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HTTP_H
#define SVCLB_CTL_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "access.h"
#include "lib/err.h"
#include "loop.h"

struct svclb_http;
struct svclb_http_get;

/**
 * struct svclb_http_end - how a request ended
 * @complete:    whether the answer came in whole
 * @status:      its HTTP status, or 0 if there was no answer
 * @retry_after: seconds that the server wants to be left alone, or 0
 * @error:       what went wrong if it is not complete
 * @body:        the body if the status is not 200, cut at some length, and with
 *               a zero byte behind it
 * @len:         its length
 */
struct svclb_http_end {
	bool complete;
	long status;
	uint64_t retry_after;
	const char *error;
	const char *body;
	size_t len;
};

/**
 * struct svclb_http_request - what to get
 * @path:    path and query, behind the URL of the server
 * @gzip:    whether the answer may be compressed
 * @silence: seconds after which a server that sends nothing, or next to nothing,
 *           is given up; 0 for never
 * @timeout: milliseconds that all of it may take
 * @begun:   called when an answer with status 200 begins
 * @body:    called with each part of that answer; -1 ends the request
 * @end:     called at the end, unless svclb_http_cancel() came first; the request
 *           is freed after it
 * @data:    for all of them
 */
struct svclb_http_request {
	const char *path;
	bool gzip;
	long silence;
	long timeout;
	void (*begun)(void *data);
	int (*body)(void *data, const char *bytes, size_t len);
	void (*end)(void *data, const struct svclb_http_end *end);
	void *data;
};

int svclb_http_create(struct svclb_http **http, struct svclb_loop *loop,
		      const struct svclb_access *access, struct svclb_err *err);
void svclb_http_free(struct svclb_http *http);
struct svclb_http_get *
svclb_http_begin(struct svclb_http *http,
		 const struct svclb_http_request *request,
		 struct svclb_err *err);
void svclb_http_cancel(struct svclb_http_get *get);

#endif /* SVCLB_CTL_HTTP_H */
