// SPDX-License-Identifier: GPL-2.0-only
#include "listeners.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "log.h"

/* Milliseconds after which an address that could not be bound is tried again. */
#define RETRY_BIND 5000

/* Milliseconds for which nothing is accepted when there are no descriptors. */
#define RETRY_ACCEPT 200

/* Connections that are accepted before others get their turn. */
#define ACCEPT_MAX 32

#define BACKLOG 128

/**
 * struct svclb_listener - a socket that is listened on, or will be
 * @listeners: all of them
 * @next:      the next one
 * @prev:      the one before
 * @bind:      where
 * @site:      what is asked for there
 * @fd:        the socket, or -1
 * @due:       when to try again, in milliseconds of svclb_loop_now(); 0 if all
 *             is well
 * @logged:    whether it was logged that it cannot be bound
 */
struct svclb_listener {
	struct svclb_listeners *listeners;
	struct svclb_listener *next;
	struct svclb_listener *prev;
	struct svclb_bind bind;
	enum svclb_site site;
	int fd;
	uint64_t due;
	bool logged;
};

/* Makes the timer expire when the first of them is due. */
static void arm(struct svclb_listeners *listeners)
{
	const struct svclb_listener *listener;
	uint64_t now = svclb_loop_now(), first = UINT64_MAX;

	for (listener = listeners->first; listener; listener = listener->next)
		if (listener->due && listener->due < first)
			first = listener->due;
	if (first != UINT64_MAX)
		svclb_timer_set(listeners->loop, &listeners->retry,
				first > now ? first - now : 0);
}

static void try_later(struct svclb_listener *listener, uint64_t milliseconds)
{
	struct svclb_listeners *listeners = listener->listeners;
	uint64_t now = svclb_loop_now();

	listener->due = now + milliseconds;
	if (!listeners->retry.armed || listeners->retry.at > listener->due)
		svclb_timer_set(listeners->loop, &listeners->retry,
				milliseconds);
}

/*
 * Without descriptors or memory the connection stays in the queue and would be
 * told again at once and for ever.
 */
static void pause_accept(struct svclb_listener *listener, int number)
{
	char text[SVCLB_BIND_TEXT];

	svclb_bind_text(&listener->bind, text);
	svclb_log(SVCLB_LOG_DEBUG, "cannot accept a connection", "address",
		  text, "error", strerror(number), NULL);
	svclb_loop_forget(listener->listeners->loop, listener->fd);
	try_later(listener, RETRY_ACCEPT);
}

static void on_ready(void *data, uint32_t events)
{
	struct svclb_listener *listener = data;
	int count, fd;

	(void)events;
	for (count = 0; count < ACCEPT_MAX; count++) {
		fd = accept4(listener->fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			svclb_httpd_add(listener->listeners->httpd, fd,
					listener->site,
					svclb_bind_port(&listener->bind));
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_accept(listener, errno);
		/* Others are over with their connection. */
		if (errno != ECONNABORTED && errno != EINTR)
			return;
	}
}

static int watch(struct svclb_listener *listener, struct svclb_err *err)
{
	return svclb_loop_watch(listener->listeners->loop, listener->fd,
				EPOLLIN, on_ready, listener, err);
}

static int open_socket(struct svclb_bind *bind)
{
	int fd = socket(bind->addr.ss_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&bind->addr;
	uint16_t port = svclb_bind_port(bind);

	if (fd >= 0 || errno != EAFNOSUPPORT || !bind->both ||
	    bind->addr.ss_family == AF_INET)
		return fd;
	/* A kernel without IPv6 has one family to listen on. */
	memset(&bind->addr, 0, sizeof(bind->addr));
	ipv4->sin_family = AF_INET;
	bind->len = sizeof(*ipv4);
	svclb_bind_set_port(bind, port);
	return socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int try_open(struct svclb_listener *listener, struct svclb_err *err)
{
	struct svclb_bind *where = &listener->bind;
	int only = !where->both, on = 1, fd;
	char text[SVCLB_BIND_TEXT];

	fd = open_socket(where);
	if (fd >= 0 &&
	    !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) &&
	    (where->addr.ss_family != AF_INET6 ||
	     !setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only))) &&
	    !bind(fd, (struct sockaddr *)&where->addr, where->len) &&
	    !listen(fd, BACKLOG)) {
		listener->fd = fd;
		if (!watch(listener, err))
			return 0;
	} else {
		svclb_bind_text(where, text);
		svclb_err_system(err, text, errno);
	}
	if (fd >= 0)
		close(fd);
	listener->fd = -1;
	return -1;
}

static void retry(struct svclb_listener *listener)
{
	char text[SVCLB_BIND_TEXT];
	struct svclb_err err;

	listener->due = 0;
	if (listener->fd >= 0) {
		if (watch(listener, &err))
			try_later(listener, RETRY_BIND);
		return;
	}
	if (try_open(listener, &err)) {
		if (!listener->logged)
			svclb_log(SVCLB_LOG_WARNING,
				  "cannot listen, will try again", "error",
				  err.text, NULL);
		listener->logged = true;
		try_later(listener, RETRY_BIND);
	} else if (listener->logged) {
		svclb_bind_text(&listener->bind, text);
		svclb_log(SVCLB_LOG_INFO, "listens at last", "address", text,
			  NULL);
		listener->logged = false;
	}
}

static void on_retry(void *data)
{
	struct svclb_listeners *listeners = data;
	struct svclb_listener *listener;
	uint64_t now = svclb_loop_now();

	for (listener = listeners->first; listener; listener = listener->next)
		if (listener->due && listener->due <= now)
			retry(listener);
	arm(listeners);
}

/**
 * svclb_listeners_init() - begin to listen
 * @listeners: no sockets yet
 * @loop:      where they are watched
 * @httpd:     where their connections go
 */
void svclb_listeners_init(struct svclb_listeners *listeners,
			  struct svclb_loop *loop, struct svclb_httpd *httpd)
{
	*listeners = (struct svclb_listeners){
		.loop = loop,
		.httpd = httpd,
		.retry = { .expired = on_retry, .data = listeners },
	};
}

/**
 * svclb_listeners_uninit() - listen no more
 * @listeners: the sockets
 */
void svclb_listeners_uninit(struct svclb_listeners *listeners)
{
	struct svclb_listener *listener, *next;

	for (listener = listeners->first; listener; listener = next) {
		next = listener->next;
		svclb_listener_free(listener);
	}
	if (listeners->loop)
		svclb_timer_clear(listeners->loop, &listeners->retry);
}

/**
 * svclb_listener_create() - listen on an address
 * @listeners: the sockets
 * @bind:      the address
 * @site:      what is asked for there
 * @hard_fail: whether it is an error if it cannot be bound; else it is logged and
 *             tried again
 * @err:       for errors
 *
 * Return: the listener or NULL.
 */
struct svclb_listener *svclb_listener_create(struct svclb_listeners *listeners,
					     const struct svclb_bind *bind,
					     enum svclb_site site,
					     bool hard_fail,
					     struct svclb_err *err)
{
	struct svclb_listener *listener = calloc(1, sizeof(*listener));

	if (!listener) {
		svclb_err_memory(err);
		return NULL;
	}
	listener->listeners = listeners;
	listener->bind = *bind;
	listener->site = site;
	listener->fd = -1;
	if (!hard_fail) {
		retry(listener);
	} else if (try_open(listener, err)) {
		free(listener);
		return NULL;
	}
	listener->next = listeners->first;
	if (listener->next)
		listener->next->prev = listener;
	listeners->first = listener;
	return listener;
}

/**
 * svclb_listener_free() - listen on an address no more
 * @listener: the listener, or NULL
 */
void svclb_listener_free(struct svclb_listener *listener)
{
	if (!listener)
		return;
	if (listener->prev)
		listener->prev->next = listener->next;
	else
		listener->listeners->first = listener->next;
	if (listener->next)
		listener->next->prev = listener->prev;
	if (listener->fd >= 0) {
		svclb_loop_forget(listener->listeners->loop, listener->fd);
		close(listener->fd);
	}
	free(listener);
}
