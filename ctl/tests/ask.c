// SPDX-License-Identifier: GPL-2.0-only
#include "ask.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define ASK_FIRST 65536

/* Less than a server waits for one more request. */
#define ASK_PATIENCE 8000

static void finish(struct ask *ask)
{
	svclb_loop_forget(ask->loop, ask->fd);
	ask->closed = true;
	svclb_loop_stop(ask->loop);
}

static void receive(struct ask *ask)
{
	ssize_t got;

	for (;;) {
		if (ask->max - ask->len < 2) {
			ask->max = ask->max ? ask->max * 2 : ASK_FIRST;
			ask->text = realloc(ask->text, ask->max);
			if (!ask->text)
				errx(1, "no memory");
		}
		got = recv(ask->fd, ask->text + ask->len,
			   ask->max - ask->len - 1, MSG_DONTWAIT);
		if (got > 0)
			ask->len += got;
		ask->text[ask->len] = '\0';
		if (got > 0)
			continue;
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		ask->reset = got < 0;
		finish(ask);
		return;
	}
}

static void transmit(struct ask *ask)
{
	ssize_t sent;

	while (ask->to_len) {
		sent = send(ask->fd, ask->to, ask->to_len,
			    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 0)
			break;
		ask->to += sent;
		ask->to_len -= sent;
	}
}

static void on_ready(void *data, uint32_t events)
{
	struct ask *ask = data;

	if (events & EPOLLOUT)
		transmit(ask);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR | EPOLLRDHUP))
		receive(ask);
}

static void watch(struct ask *ask)
{
	struct svclb_err err;

	if (svclb_loop_watch(ask->loop, ask->fd,
			     EPOLLIN | EPOLLRDHUP |
			     (ask->to_len ? EPOLLOUT : 0), on_ready, ask, &err))
		errx(1, "%s", err.text);
}

static socklen_t make_addr(struct sockaddr_storage *addr, const char *host,
			   uint16_t port)
{
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)addr;
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	if (inet_pton(AF_INET, host, &ipv4->sin_addr) == 1) {
		ipv4->sin_family = AF_INET;
		ipv4->sin_port = htons(port);
		return sizeof(*ipv4);
	}
	if (inet_pton(AF_INET6, host, &ipv6->sin6_addr) != 1)
		errx(1, "%s is no address", host);
	ipv6->sin6_family = AF_INET6;
	ipv6->sin6_port = htons(port);
	return sizeof(*ipv6);
}

/**
 * ask_connect() - connect to a server
 * @ask:  the client
 * @loop: where it runs
 * @host: address
 * @port: port
 *
 * Return: 0, or errno.
 */
int ask_connect(struct ask *ask, struct svclb_loop *loop, const char *host,
		uint16_t port)
{
	struct sockaddr_storage addr;
	socklen_t len = make_addr(&addr, host, port);
	int number;

	*ask = (struct ask){ .loop = loop };
	ask->fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (ask->fd < 0)
		return errno;
	/* On the own node a connection is there at once, accepted or not. */
	if (connect(ask->fd, (struct sockaddr *)&addr, len)) {
		number = errno;
		close(ask->fd);
		ask->fd = -1;
		return number;
	}
	watch(ask);
	return 0;
}

/**
 * ask_send() - send something
 * @ask:  the client
 * @text: what; must stay
 * @len:  how much
 */
void ask_send(struct ask *ask, const char *text, size_t len)
{
	ask->to = text;
	ask->to_len = len;
	transmit(ask);
	if (ask->to_len && !ask->closed) {
		svclb_loop_forget(ask->loop, ask->fd);
		watch(ask);
	}
}

static void on_late(void *data)
{
	struct ask *ask = data;

	ask->late = true;
	svclb_loop_stop(ask->loop);
}

/**
 * ask_wait() - wait until the server closes the connection
 * @ask:          the client
 * @milliseconds: how long at most
 *
 * Return: whether it did.
 */
bool ask_wait(struct ask *ask, uint64_t milliseconds)
{
	struct svclb_err err;

	ask->timer.expired = on_late;
	ask->timer.data = ask;
	ask->late = false;
	svclb_timer_set(ask->loop, &ask->timer, milliseconds);
	while (!ask->closed && !ask->late)
		if (svclb_loop_run(ask->loop, &err))
			errx(1, "%s", err.text);
	svclb_timer_clear(ask->loop, &ask->timer);
	return ask->closed;
}

/**
 * ask_run() - let the loop run
 * @loop:         the loop
 * @milliseconds: how long
 */
void ask_run(struct svclb_loop *loop, uint64_t milliseconds)
{
	struct ask nobody = { .loop = loop };

	ask_wait(&nobody, milliseconds);
}

/**
 * ask_close() - be done
 * @ask: the client
 */
void ask_close(struct ask *ask)
{
	if (ask->fd >= 0) {
		if (!ask->closed)
			svclb_loop_forget(ask->loop, ask->fd);
		close(ask->fd);
	}
	ask->fd = -1;
	free(ask->text);
	ask->text = NULL;
}

/**
 * ask_status() - what status has the answer?
 * @ask: the client
 *
 * Return: the status, or 0 for none.
 */
int ask_status(const struct ask *ask)
{
	int status = 0;

	if (!ask->text || sscanf(ask->text, "HTTP/1.1 %d ", &status) != 1)
		return 0;
	return status;
}

/**
 * ask_body() - what is in the answer?
 * @ask: the client
 *
 * Return: what follows its head.
 */
const char *ask_body(const struct ask *ask)
{
	const char *end = ask->text ? strstr(ask->text, "\r\n\r\n") : NULL;

	return end ? end + 4 : "";
}

/**
 * ask_header() - what does a header of the answer say?
 * @ask:  the client
 * @name: its name
 *
 * Return: its value, good until the next call; "" if it is not there.
 */
const char *ask_header(const struct ask *ask, const char *name)
{
	static char value[256];
	size_t len = strlen(name), end;
	const char *line;

	for (line = ask->text; line && line < ask_body(ask);
	     line = strstr(line, "\r\n")) {
		line += !strncmp(line, "\r\n", 2) ? 2 : 0;
		if (strncasecmp(line, name, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " ");
		end = strcspn(line, "\r");
		snprintf(value, sizeof(value), "%.*s", (int)end, line);
		return value;
	}
	return "";
}

/**
 * ask_page() - send a request and wait for the whole answer
 * @ask:     the client, to be closed afterwards
 * @loop:    where it runs
 * @host:    address
 * @port:    port
 * @request: method and path
 *
 * Return: status of the answer, or 0 if there was none.
 */
int ask_page(struct ask *ask, struct svclb_loop *loop, const char *host,
	     uint16_t port, const char *request)
{
	char text[256];
	int len;

	if (ask_connect(ask, loop, host, port))
		return 0;
	len = snprintf(text, sizeof(text), "%s HTTP/1.1\r\nHost: x\r\n\r\n",
		       request);
	ask_send(ask, text, len);
	return ask_wait(ask, ASK_PATIENCE) ? ask_status(ask) : 0;
}
