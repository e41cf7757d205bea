/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LOOP_H
#define SVCLB_CTL_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

struct svclb_loop;

/* What to do when a descriptor is ready; @events are EPOLL*. */
typedef void (*svclb_loop_ready)(void *data, uint32_t events);

/**
 * struct svclb_timer - something to be done later, once
 * @expired: does it
 * @data:    for @expired
 * @at:      when, in milliseconds of svclb_loop_now()
 * @next:    the next one to expire; the loop's
 * @armed:   whether it is waited for
 *
 * Set @expired and @data, and leave the rest zero.
 */
struct svclb_timer {
	void (*expired)(void *data);
	void *data;
	uint64_t at;
	struct svclb_timer *next;
	bool armed;
};

int svclb_loop_create(struct svclb_loop **loop, struct svclb_err *err);
void svclb_loop_free(struct svclb_loop *loop);
int svclb_loop_watch(struct svclb_loop *loop, int fd, uint32_t events,
		     svclb_loop_ready ready, void *data, struct svclb_err *err);
void svclb_loop_forget(struct svclb_loop *loop, int fd);
uint64_t svclb_loop_now(void);
void svclb_timer_set(struct svclb_loop *loop, struct svclb_timer *timer,
		     uint64_t milliseconds);
void svclb_timer_clear(struct svclb_loop *loop, struct svclb_timer *timer);
int svclb_loop_run(struct svclb_loop *loop, struct svclb_err *err);
void svclb_loop_stop(struct svclb_loop *loop);

#endif /* SVCLB_CTL_LOOP_H */
