// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two watchers of one generation in one network namespace would undo what the
 * other does. The name of an abstract socket can be taken once in a network
 * namespace, and goes with the process, however that ends.
 */
#include "lock.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Who holds the lock; 0 if that cannot be told. */
static pid_t holder(const struct sockaddr_un *addr, socklen_t len)
{
	struct ucred peer = { 0 };
	socklen_t size = sizeof(peer);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return 0;
	if (connect(fd, (const struct sockaddr *)addr, len) ||
	    getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size))
		peer.pid = 0;
	close(fd);
	return peer.pid;
}

/**
 * svclb_lock_take() - be the only watcher of this generation in this namespace
 * @generation: the generation
 * @err:        for errors; it says who is the other one
 *
 * Return: a descriptor to keep open, or -1.
 */
int svclb_lock_take(uint64_t generation, struct svclb_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd, number;

	len = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1,
		       "svclb/watch/%" PRIu64, generation);
	len += offsetof(struct sockaddr_un, sun_path) + 1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return svclb_err_system(err, "socket", errno);
	if (!bind(fd, (struct sockaddr *)&addr, len) && !listen(fd, 1))
		return fd;
	number = errno;
	close(fd);
	if (number == EADDRINUSE)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "a watcher of generation %" PRIu64 " runs here: process %d",
				     generation, (int)holder(&addr, len));
	return svclb_err_system(err, "lock", number);
}
