// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a supervisor is told, as sd_notify(3) does it.
 */
#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/**
 * svclb_notify() - tell the supervisor
 * @state: lines such as READY=1
 *
 * Without a supervisor, or with one that does not listen, nothing happens.
 */
void svclb_notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	if (!path || (*path != '/' && *path != '@') || !path[1] ||
	    strlen(path) >= sizeof(addr.sun_path))
		return;
	memcpy(addr.sun_path, path, strlen(path));
	if (*path == '@')
		addr.sun_path[0] = '\0';
	len = offsetof(struct sockaddr_un, sun_path) + strlen(path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	(void)!sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		      (struct sockaddr *)&addr, len);
	close(fd);
}

/**
 * svclb_notify_watchdog() - how often the supervisor wants to hear that all is well
 *
 * Return: milliseconds, or 0 for never.
 */
uint64_t svclb_notify_watchdog(void)
{
	const char *usec = getenv("WATCHDOG_USEC");
	const char *pid = getenv("WATCHDOG_PID");
	unsigned long long number;
	char *end;

	if (!usec || (pid && strtoull(pid, &end, 10) !=
			     (unsigned long long)getpid()))
		return 0;
	number = strtoull(usec, &end, 10);
	if (*end || number < 2000)
		return 0;
	return number / 2000;
}
