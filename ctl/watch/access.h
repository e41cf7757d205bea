/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_ACCESS_H
#define SVCLB_CTL_ACCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

/**
 * struct svclb_secret - something that is in a file, or was given as it is
 * @file: the file, or NULL; it is read again each time, for it may change
 * @data: the bytes, or NULL
 * @len:  how many
 */
struct svclb_secret {
	char *file;
	char *data;
	size_t len;
};

/**
 * struct svclb_access - how to reach an API server
 * @server:      its URL, without a slash at the end
 * @server_name: name in its certificate if not that of the URL, or NULL
 * @proxy:       URL of a proxy; NULL takes it from the environment
 * @ca:          certificates of who may sign its certificate; none given: the
 *               system's
 * @insecure:    whether its certificate is not to be verified
 * @cert:        client certificate
 * @key:         its key
 * @token:       bearer token
 * @username:    for basic authentication, or NULL
 * @password:    likewise
 */
struct svclb_access {
	char *server;
	char *server_name;
	char *proxy;
	struct svclb_secret ca;
	bool insecure;
	struct svclb_secret cert;
	struct svclb_secret key;
	struct svclb_secret token;
	char *username;
	char *password;
};

int svclb_access_kubeconfig(struct svclb_access *access, const char *file,
			    const char *context, struct svclb_err *err);
int svclb_access_in_cluster(struct svclb_access *access, struct svclb_err *err);
int svclb_access_set_server(struct svclb_access *access, const char *url,
			    struct svclb_err *err);
void svclb_access_uninit(struct svclb_access *access);
int svclb_secret_load(const struct svclb_secret *secret,
		      struct svclb_secret *now, struct svclb_err *err);
void svclb_secret_uninit(struct svclb_secret *secret);

#endif /* SVCLB_CTL_ACCESS_H */
