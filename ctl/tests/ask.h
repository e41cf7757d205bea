/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_ASK_H
#define SVCLB_CTL_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "watch/loop.h"

/**
 * struct ask - a client of an HTTP server that runs on the same loop
 * @loop:   the loop
 * @fd:     connection, or -1
 * @to:     what is still to be sent
 * @to_len: how much
 * @text:   what came back, with a zero byte at its end
 * @len:    how much
 * @max:    for how much there is room
 * @closed: whether the server closed the connection
 * @reset:  whether it did so before all was said
 * @timer:  when to stop waiting
 * @late:   whether that time has come
 */
struct ask {
	struct svclb_loop *loop;
	int fd;
	const char *to;
	size_t to_len;
	char *text;
	size_t len;
	size_t max;
	bool closed;
	bool reset;
	struct svclb_timer timer;
	bool late;
};

int ask_connect(struct ask *ask, struct svclb_loop *loop, const char *host,
		uint16_t port);
void ask_send(struct ask *ask, const char *text, size_t len);
bool ask_wait(struct ask *ask, uint64_t milliseconds);
void ask_close(struct ask *ask);
int ask_status(const struct ask *ask);
const char *ask_header(const struct ask *ask, const char *name);
const char *ask_body(const struct ask *ask);
int ask_page(struct ask *ask, struct svclb_loop *loop, const char *host,
	     uint16_t port, const char *request);
void ask_run(struct svclb_loop *loop, uint64_t milliseconds);

#endif /* SVCLB_CTL_ASK_H */
