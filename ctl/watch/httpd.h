/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HTTPD_H
#define SVCLB_CTL_HTTPD_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "loop.h"

/**
 * enum svclb_site - what is asked for, by where it is asked
 * @SVCLB_SITE_HEALTHZ: health of the watcher and of the node
 * @SVCLB_SITE_METRICS: metrics
 * @SVCLB_SITE_SERVICE: health of a Service on this node
 * @SVCLB_SITES:        how many there are
 */
enum svclb_site {
	SVCLB_SITE_HEALTHZ,
	SVCLB_SITE_METRICS,
	SVCLB_SITE_SERVICE,
	SVCLB_SITES,
};

/**
 * struct svclb_page - a request and its answer
 * @site:     where it came in
 * @port:     by which port
 * @path:     what it asks for
 * @status:   status of the answer
 * @response: the answer, or NULL when there is no memory
 * @kept:     whether the answer is still needed when it was sent
 */
struct svclb_page {
	enum svclb_site site;
	uint16_t port;
	const char *path;
	unsigned int status;
	struct MHD_Response *response;
	bool kept;
};

struct svclb_httpd;

int svclb_httpd_create(struct svclb_httpd **httpd, struct svclb_loop *loop,
		       void (*answer)(void *data, struct svclb_page *page),
		       void *data, struct svclb_err *err);
void svclb_httpd_free(struct svclb_httpd *httpd);
void svclb_httpd_add(struct svclb_httpd *httpd, int fd, enum svclb_site site,
		     uint16_t port);
struct MHD_Response *svclb_httpd_response(const char *type, char *body,
					  size_t len);

#endif /* SVCLB_CTL_HTTPD_H */
