/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LISTENERS_H
#define SVCLB_CTL_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "httpd.h"
#include "lib/err.h"
#include "loop.h"

/* Room for an address and a port as text, with a scope. */
#define SVCLB_BIND_TEXT 80

/**
 * struct svclb_bind - where to listen
 * @addr: the address
 * @len:  its length
 * @both: whether it is for both families; @addr is then for any IPv6 address
 */
struct svclb_bind {
	struct sockaddr_storage addr;
	socklen_t len;
	bool both;
};

/**
 * struct svclb_listeners - sockets that are listened on
 * @loop:  where they are watched
 * @httpd: where their connections go
 * @first: the first one
 * @retry: when the next one is tried again
 *
 * One that cannot be bound is tried again by and by.
 */
struct svclb_listeners {
	struct svclb_loop *loop;
	struct svclb_httpd *httpd;
	struct svclb_listener *first;
	struct svclb_timer retry;
};

struct svclb_listener;

int svclb_bind_parse(const char *word, struct svclb_bind *bind,
		     struct svclb_err *err);
void svclb_bind_any(struct svclb_bind *bind);
void svclb_bind_set_port(struct svclb_bind *bind, uint16_t port);
uint16_t svclb_bind_port(const struct svclb_bind *bind);
void svclb_bind_text(const struct svclb_bind *bind, char text[SVCLB_BIND_TEXT]);

void svclb_listeners_init(struct svclb_listeners *listeners,
			  struct svclb_loop *loop, struct svclb_httpd *httpd);
void svclb_listeners_uninit(struct svclb_listeners *listeners);
struct svclb_listener *svclb_listener_create(struct svclb_listeners *listeners,
					     const struct svclb_bind *bind,
					     enum svclb_site site,
					     bool hard_fail,
					     struct svclb_err *err);
void svclb_listener_free(struct svclb_listener *listener);

#endif /* SVCLB_CTL_LISTENERS_H */
