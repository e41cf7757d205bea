// SPDX-License-Identifier: GPL-2.0-only
/*
 * What everything runs on: waits for descriptors and for time to pass, and calls
 * whoever asked, one at a time.
 */
#include "loop.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

/* How many are asked for at once; those left out come first the next time. */
#define EVENTS_MAX 64

/**
 * struct watch - a descriptor that is waited for
 * @ready:      called when it is ready; NULL for none
 * @data:       for @ready
 * @generation: tells events of this descriptor from those of an earlier one
 *              that had the same number
 */
struct watch {
	svclb_loop_ready ready;
	void *data;
	uint32_t generation;
};

/**
 * struct svclb_loop - the loop
 * @epoll:      what waits
 * @watches:    the descriptors, by their number
 * @nr_watches: room in @watches
 * @generation: of the last descriptor
 * @timers:     those that are armed, in the order in which they expire
 * @expiring:   timers up to this moment are being run, or 0
 * @stopped:    whether to stop
 */
struct svclb_loop {
	int epoll;
	struct watch *watches;
	size_t nr_watches;
	uint32_t generation;
	struct svclb_timer *timers;
	uint64_t expiring;
	bool stopped;
};

/**
 * svclb_loop_create() - make a loop
 * @loop: for the loop
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_loop_create(struct svclb_loop **loop, struct svclb_err *err)
{
	struct svclb_loop *new = calloc(1, sizeof(*new));

	if (!new)
		return svclb_err_memory(err);
	new->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (new->epoll < 0) {
		free(new);
		return svclb_err_system(err, "epoll", errno);
	}
	*loop = new;
	return 0;
}

/**
 * svclb_loop_free() - free a loop
 * @loop: the loop, or NULL; it is not running
 *
 * What it waited for stays open, and timers are disarmed.
 */
void svclb_loop_free(struct svclb_loop *loop)
{
	if (!loop)
		return;
	while (loop->timers)
		svclb_timer_clear(loop, loop->timers);
	close(loop->epoll);
	free(loop->watches);
	free(loop);
}

static int make_room(struct svclb_loop *loop, size_t nr, struct svclb_err *err)
{
	struct watch *bigger;

	if (nr <= loop->nr_watches)
		return 0;
	nr = (nr + 63) & ~(size_t)63;
	bigger = realloc(loop->watches, nr * sizeof(*bigger));
	if (!bigger)
		return svclb_err_memory(err);
	for (; loop->nr_watches < nr; loop->nr_watches++)
		bigger[loop->nr_watches] = (struct watch){ 0 };
	loop->watches = bigger;
	return 0;
}

/* A descriptor that was closed without a word left epoll by itself. */
static int control(struct svclb_loop *loop, bool known, int fd,
		   struct epoll_event *event)
{
	if (known && !epoll_ctl(loop->epoll, EPOLL_CTL_MOD, fd, event))
		return 0;
	if (known && errno != ENOENT)
		return -1;
	return epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, event);
}

/**
 * svclb_loop_watch() - wait for a descriptor
 * @loop:   the loop
 * @fd:     the descriptor; if it is waited for already, this is instead
 * @events: what to wait for, EPOLL*
 * @ready:  called when it is ready
 * @data:   for @ready
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_loop_watch(struct svclb_loop *loop, int fd, uint32_t events,
		     svclb_loop_ready ready, void *data, struct svclb_err *err)
{
	struct epoll_event event = { .events = events };
	struct watch *watch;

	if (fd < 0)
		return svclb_err_system(err, "epoll", EBADF);
	if (make_room(loop, (size_t)fd + 1, err))
		return -1;
	watch = &loop->watches[fd];
	event.data.u64 = (uint64_t)(loop->generation + 1) << 32 | (uint32_t)fd;
	if (control(loop, watch->ready, fd, &event))
		return svclb_err_system(err, "epoll", errno);
	watch->ready = ready;
	watch->data = data;
	watch->generation = ++loop->generation;
	return 0;
}

/**
 * svclb_loop_forget() - no longer wait for a descriptor
 * @loop: the loop
 * @fd:   the descriptor, to be closed after this; nothing happens if it is not
 *        waited for
 */
void svclb_loop_forget(struct svclb_loop *loop, int fd)
{
	if (fd < 0 || (size_t)fd >= loop->nr_watches ||
	    !loop->watches[fd].ready)
		return;
	loop->watches[fd] = (struct watch){ 0 };
	epoll_ctl(loop->epoll, EPOLL_CTL_DEL, fd, NULL);
}

/**
 * svclb_loop_now() - what time it is
 *
 * Return: milliseconds since some moment; the clock is never set.
 */
uint64_t svclb_loop_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/**
 * svclb_timer_set() - arm a timer
 * @loop:         the loop
 * @timer:        the timer; if it is armed already, this is instead
 * @milliseconds: from now
 */
void svclb_timer_set(struct svclb_loop *loop, struct svclb_timer *timer,
		     uint64_t milliseconds)
{
	struct svclb_timer **at = &loop->timers;

	svclb_timer_clear(loop, timer);
	timer->at = svclb_loop_now() + milliseconds;
	/* A timer that arms itself again must not keep all else waiting. */
	if (timer->at <= loop->expiring)
		timer->at = loop->expiring + 1;
	while (*at && (*at)->at <= timer->at)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	timer->armed = true;
}

/**
 * svclb_timer_clear() - disarm a timer
 * @loop:  the loop
 * @timer: the timer, armed or not
 */
void svclb_timer_clear(struct svclb_loop *loop, struct svclb_timer *timer)
{
	struct svclb_timer **at = &loop->timers;

	if (!timer->armed)
		return;
	while (*at != timer)
		at = &(*at)->next;
	*at = timer->next;
	timer->next = NULL;
	timer->armed = false;
}

static void run_timers(struct svclb_loop *loop)
{
	struct svclb_timer *timer;

	loop->expiring = svclb_loop_now();
	while (!loop->stopped && loop->timers &&
	       loop->timers->at <= loop->expiring) {
		timer = loop->timers;
		svclb_timer_clear(loop, timer);
		timer->expired(timer->data);
	}
	loop->expiring = 0;
}

static int time_to_wait(const struct svclb_loop *loop)
{
	uint64_t now;

	if (!loop->timers)
		return -1;
	now = svclb_loop_now();
	if (loop->timers->at <= now)
		return 0;
	if (loop->timers->at - now > INT_MAX)
		return INT_MAX;
	return (int)(loop->timers->at - now);
}

/* An earlier handler may have forgotten it, or put another in its place. */
static void dispatch(struct svclb_loop *loop, const struct epoll_event *event)
{
	uint32_t fd = (uint32_t)event->data.u64;
	struct watch watch;

	if (fd >= loop->nr_watches)
		return;
	watch = loop->watches[fd];
	if (watch.ready && watch.generation == event->data.u64 >> 32)
		watch.ready(watch.data, event->events);
}

/**
 * svclb_loop_run() - wait and call, until stopped
 * @loop: the loop
 * @err:  for errors
 *
 * Return: 0 after svclb_loop_stop(), even one before this; -1 on errors.
 */
int svclb_loop_run(struct svclb_loop *loop, struct svclb_err *err)
{
	struct epoll_event events[EVENTS_MAX];
	int nr, i;

	while (!loop->stopped) {
		nr = epoll_wait(loop->epoll, events, EVENTS_MAX,
				time_to_wait(loop));
		if (nr < 0 && errno != EINTR)
			return svclb_err_system(err, "epoll", errno);
		for (i = 0; i < nr && !loop->stopped; i++)
			dispatch(loop, &events[i]);
		run_timers(loop);
	}
	loop->stopped = false;
	return 0;
}

/**
 * svclb_loop_stop() - make svclb_loop_run() return
 * @loop: the loop
 */
void svclb_loop_stop(struct svclb_loop *loop)
{
	loop->stopped = true;
}
