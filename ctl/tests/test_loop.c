// SPDX-License-Identifier: GPL-2.0-only
/*
 * The loop, whose handlers take each other's descriptors and timers away.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tap.h"
#include "watch/loop.h"

/**
 * struct world - what handlers see
 * @loop:   the loop
 * @timer:  ends the loop if nothing else does
 * @other:  another timer
 * @fds:    descriptors that are always ready
 * @calls:  how often a handler was called
 * @expired: how often a timer was
 * @late:   whether @timer had to end it
 */
struct world {
	struct svclb_loop *loop;
	struct svclb_timer timer;
	struct svclb_timer other;
	int fds[3];
	int calls;
	int expired;
	bool late;
};

static void give_up(void *data)
{
	struct world *world = data;

	world->late = true;
	svclb_loop_stop(world->loop);
}

static void begin(struct world *world)
{
	struct svclb_err err;
	int i;

	memset(world, 0, sizeof(*world));
	svclb_loop_create(&world->loop, &err);
	for (i = 0; i < 3; i++)
		world->fds[i] = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	world->timer.expired = give_up;
	world->timer.data = world;
	svclb_timer_set(world->loop, &world->timer, 5000);
}

static bool run(struct world *world)
{
	struct svclb_err err;

	return !svclb_loop_run(world->loop, &err);
}

static void end(struct world *world)
{
	int i;

	svclb_loop_free(world->loop);
	for (i = 0; i < 3; i++)
		close(world->fds[i]);
}

static void watch(struct world *world, int fd, svclb_loop_ready ready)
{
	struct svclb_err err;

	svclb_loop_watch(world->loop, fd, EPOLLIN, ready, world, &err);
}

static void stop(void *data, uint32_t events)
{
	struct world *world = data;

	(void)events;
	world->calls++;
	svclb_loop_stop(world->loop);
}

static void stop_later(void *data)
{
	struct world *world = data;

	world->expired++;
	svclb_loop_stop(world->loop);
}

/* None of the others may be called after this, and each may come first. */
static void forget_all(void *data, uint32_t events)
{
	struct world *world = data;
	int i;

	(void)events;
	world->calls++;
	for (i = 0; i < 3; i++)
		svclb_loop_forget(world->loop, world->fds[i]);
	svclb_timer_set(world->loop, &world->other, 20);
}

/* Others get the numbers; what was ready of the old ones is not of these. */
static void replace_all(void *data, uint32_t events)
{
	struct world *world = data;
	int i, fd;

	(void)events;
	world->calls++;
	for (i = 0; i < 3; i++) {
		svclb_loop_forget(world->loop, world->fds[i]);
		fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		dup3(fd, world->fds[i], O_CLOEXEC);
		close(fd);
		watch(world, world->fds[i], stop);
	}
	svclb_timer_set(world->loop, &world->other, 20);
}

/* It would keep everything waiting if it were run as long as it is due. */
static void again(void *data)
{
	struct world *world = data;

	world->expired++;
	svclb_timer_set(world->loop, &world->other, 0);
}

static void test_descriptors(struct tap *tap)
{
	static const svclb_loop_ready handlers[] = { forget_all, replace_all };
	struct world world;
	int i, j;

	for (i = 0; i < 2; i++) {
		begin(&world);
		world.other.expired = stop_later;
		world.other.data = &world;
		for (j = 0; j < 3; j++)
			watch(&world, world.fds[j], handlers[i]);
		tap_ok(tap, run(&world) && world.calls == 1 &&
		       world.expired == 1 && !world.late,
		       i ? "others in their place are not called" :
			   "those forgotten are not called");
		end(&world);
	}
	begin(&world);
	watch(&world, world.fds[0], forget_all);
	watch(&world, world.fds[0], stop);
	watch(&world, world.fds[1], stop);
	tap_ok(tap, run(&world) && world.calls == 1 && !world.late,
	       "after a stop nobody is called");
	end(&world);
}

static void test_timers(struct tap *tap)
{
	struct world world;

	begin(&world);
	svclb_loop_stop(world.loop);
	tap_ok(tap, run(&world) && !world.late, "a stop before the start");
	end(&world);
	begin(&world);
	world.other.expired = again;
	world.other.data = &world;
	svclb_timer_set(world.loop, &world.other, 0);
	svclb_timer_set(world.loop, &world.timer, 30);
	tap_ok(tap, run(&world) && world.late && world.expired > 1,
	       "a timer that arms itself lets others run");
	svclb_timer_clear(world.loop, &world.other);
	svclb_timer_clear(world.loop, &world.other);
	world.late = false;
	svclb_timer_set(world.loop, &world.timer, 1);
	tap_ok(tap, run(&world) && world.late && !world.other.armed,
	       "a timer may be cleared twice");
	end(&world);
}

int main(void)
{
	struct tap tap = { 0 };

	test_descriptors(&tap);
	test_timers(&tap);
	return tap_end(&tap);
}
