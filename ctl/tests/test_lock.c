// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "watch/lock.h"

/* A number that no watcher of this host has. */
static uint64_t generation_of(pid_t pid)
{
	return UINT64_MAX - 2 * (uint64_t)pid;
}

static void test_exclusion(struct tap *tap)
{
	struct svclb_err err = { 0 };
	int first, second, other;
	char holder[32];

	first = svclb_lock_take(generation_of(getpid()), &err);
	tap_ok(tap, first >= 0, "the lock is there: %s", err.text);
	second = svclb_lock_take(generation_of(getpid()), &err);
	tap_ok(tap, second < 0, "there is one only");
	snprintf(holder, sizeof(holder), "process %d", (int)getpid());
	tap_ok(tap, strstr(err.text, holder), "who has it is named: %s", err.text);
	memset(&err, 0, sizeof(err));
	other = svclb_lock_take(generation_of(getpid()) - 1, &err);
	tap_ok(tap, other >= 0, "another generation has its own: %s", err.text);
	close(other);
	close(first);
	second = svclb_lock_take(generation_of(getpid()), &err);
	tap_ok(tap, second >= 0, "closed, it is free: %s", err.text);
	close(second);
}

/* Who is killed does not keep it. */
static void test_killed(struct tap *tap)
{
	struct svclb_err err = { 0 };
	int ready[2], fd;
	pid_t child;
	char byte;

	if (pipe(ready))
		abort();
	child = fork();
	if (!child) {
		fd = svclb_lock_take(generation_of(getpid()), &err);
		if (write(ready[1], "", 1) == 1)
			pause();
		_exit(fd);
	}
	if (read(ready[0], &byte, 1) != 1)
		abort();
	tap_ok(tap, svclb_lock_take(generation_of(child), &err) < 0,
	       "another process has it");
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	memset(&err, 0, sizeof(err));
	fd = svclb_lock_take(generation_of(child), &err);
	tap_ok(tap, fd >= 0, "it goes with a killed process: %s", err.text);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	struct tap tap = { 0 };

	test_exclusion(&tap);
	test_killed(&tap);
	return tap_end(&tap);
}
