/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HTTP_SETUP_H
#define SVCLB_CTL_HTTP_SETUP_H

#include <curl/curl.h>

#include "access.h"
#include "http.h"
#include "lib/err.h"

int svclb_http_setup(void *easy, const struct svclb_access *access,
		     const struct svclb_http_request *request,
		     struct curl_slist **connect_to, struct svclb_err *err);

#endif /* SVCLB_CTL_HTTP_SETUP_H */
