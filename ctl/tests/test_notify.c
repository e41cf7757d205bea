// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tap.h"
#include "watch/notify.h"

/* listen_at() - a supervisor's socket; '@' begins an abstract name */
static int listen_at(const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(addr.sun_path, name, len);
	if (*name == '@')
		addr.sun_path[0] = '\0';
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr,
			   offsetof(struct sockaddr_un, sun_path) + len))
		abort();
	return fd;
}

/* The number that the next descriptor gets; it tells whether one was left open. */
static int next_descriptor(void)
{
	int fd = dup(STDERR_FILENO);

	close(fd);
	return fd;
}

static const char *heard(int fd)
{
	static char text[128];
	ssize_t len = recv(fd, text, sizeof(text) - 1, 0);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

static void test_sockets(struct tap *tap)
{
	char place[] = "/tmp/svclb-notify-XXXXXX", path[64], abstract[64];
	int fd, next;

	snprintf(abstract, sizeof(abstract), "@svclb-test-%d", (int)getpid());
	fd = listen_at(abstract);
	setenv("NOTIFY_SOCKET", abstract, 1);
	svclb_notify("READY=1\nSTATUS=all is well");
	tap_text(tap, heard(fd), "READY=1\nSTATUS=all is well", "an abstract name");
	close(fd);
	next = next_descriptor();
	svclb_notify("READY=1");
	tap_ok(tap, next_descriptor() == next, "one that has gone leaves nothing open");

	if (!mkdtemp(place))
		abort();
	snprintf(path, sizeof(path), "%s/notify", place);
	fd = listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	svclb_notify("STOPPING=1");
	tap_text(tap, heard(fd), "STOPPING=1", "a path");
	unsetenv("NOTIFY_SOCKET");
	svclb_notify("STOPPING=1");
	tap_text(tap, heard(fd), "", "no supervisor is told nothing");
	close(fd);
	unlink(path);
	rmdir(place);
}

/* What cannot be a socket's name. */
static void test_bad_names(struct tap *tap)
{
	char long_name[300];
	const char *const names[] = { "", "@", "/", "relative", long_name };
	int next = next_descriptor();
	size_t i;

	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[0] = '/';
	long_name[sizeof(long_name) - 1] = '\0';
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		setenv("NOTIFY_SOCKET", names[i], 1);
		svclb_notify("READY=1");
	}
	unsetenv("NOTIFY_SOCKET");
	tap_ok(tap, next_descriptor() == next, "bad names leave nothing open");
}

static uint64_t watchdog(const char *usec, const char *pid)
{
	if (usec)
		setenv("WATCHDOG_USEC", usec, 1);
	else
		unsetenv("WATCHDOG_USEC");
	if (pid)
		setenv("WATCHDOG_PID", pid, 1);
	else
		unsetenv("WATCHDOG_PID");
	return svclb_notify_watchdog();
}

static void test_watchdog(struct tap *tap)
{
	char self[32];

	snprintf(self, sizeof(self), "%d", (int)getpid());
	tap_ok(tap, watchdog(NULL, NULL) == 0, "no watchdog");
	tap_ok(tap, watchdog("30000000", NULL) == 15000, "twice in its time");
	tap_ok(tap, watchdog("30000000", self) == 15000, "it is this process");
	tap_ok(tap, watchdog("30000000", "1") == 0, "it is another process");
	tap_ok(tap, watchdog("1000", NULL) == 0, "too often to count");
	tap_ok(tap, watchdog("30s", NULL) == 0, "not a number");
	tap_ok(tap, watchdog("", NULL) == 0, "no number");
}

int main(void)
{
	struct tap tap = { 0 };

	test_sockets(&tap);
	test_bad_names(&tap);
	test_watchdog(&tap);
	return tap_end(&tap);
}
