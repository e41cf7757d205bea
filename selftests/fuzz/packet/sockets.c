// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound traffic whose packets the kernel makes of pages and of several datagrams
 * at once: from the outside namespace's own sockets to services.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "packet.h"

#define BYTES 60000

const char *const socket_names[SOCKET_WAYS] = {
	[SOCKET_ZEROCOPY] = "zerocopy",
	[SOCKET_SPLICE] = "splice",
	[SOCKET_SENDFILE] = "sendfile",
	[SOCKET_SEGMENT] = "udp-segments",
	[SOCKET_STREAM] = "stream",
};

unsigned long socket_sent[SOCKET_WAYS];

static uint8_t *data;
static int file;
static int pipes[2];
static int namespace;

void sockets_open(const char *name)
{
	int old = enter(name);

	namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (namespace < 0 || setns(old, CLONE_NEWNET))
		err(2, "cannot return to the network namespace");
	close(old);
	data = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	file = memfd_create("data", MFD_CLOEXEC);
	if (data == MAP_FAILED || file < 0 || pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		err(2, "cannot make data");
	memset(data, 'x', BYTES);
	if (write(file, data, BYTES) != BYTES)
		err(2, "cannot write data");
}

static int connect_to(const struct target *target, int type)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	int family = target->family == 4 ? AF_INET : AF_INET6, fd, old, result;

	old = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (old < 0 || setns(namespace, CLONE_NEWNET))
		err(2, "cannot enter the network namespace");
	fd = socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setns(old, CLONE_NEWNET))
		err(2, "cannot make a socket");
	close(old);
	memcpy(&four.sin_addr, target->addr, 4);
	memcpy(&six.sin6_addr, target->addr, 16);
	four.sin_port = htons(target->port);
	six.sin6_port = htons(target->port);
	if (target->family == 4)
		result = connect(fd, (struct sockaddr *)&four, sizeof(four));
	else
		result = connect(fd, (struct sockaddr *)&six, sizeof(six));
	if (!result || errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/* The kernel tells when it no longer needs the pages. */
static bool zerocopy(int fd, size_t len)
{
	struct pollfd wait = { .fd = fd };
	char control[256];
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };
	int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_ZEROCOPY, &on, sizeof(on)) ||
	    send(fd, data, len, MSG_ZEROCOPY) < 0)
		return false;
	poll(&wait, 1, 200);
	return recvmsg(fd, &msg, MSG_ERRQUEUE) >= 0 || errno == EAGAIN;
}

static bool splice_pages(int fd, size_t len)
{
	struct iovec part = { .iov_base = data, .iov_len = len };
	ssize_t in = vmsplice(pipes[1], &part, 1, SPLICE_F_NONBLOCK), out;

	if (in <= 0)
		return false;
	while (in > 0) {
		out = splice(pipes[0], NULL, fd, NULL, in, SPLICE_F_NONBLOCK);
		if (out <= 0)
			break;
		in -= out;
	}
	if (in <= 0)
		return true;
	/* What the socket did not take is not for the next one. */
	close(pipes[0]);
	close(pipes[1]);
	if (pipe2(pipes, O_CLOEXEC | O_NONBLOCK))
		err(2, "cannot make a pipe");
	return false;
}

static bool segments(int fd, size_t len)
{
	int size = 1 + below(1400);

	if (len / size > 60)
		len = (size_t)size * 60;
	if (setsockopt(fd, SOL_UDP, UDP_SEGMENT, &size, sizeof(size)))
		return false;
	return send(fd, data, len, 0) >= 0;
}

static bool stream(int fd, size_t len)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	off_t offset = 0;

	return poll(&wait, 1, 1000) == 1 && !(wait.revents & (POLLERR | POLLHUP)) &&
	       sendfile(fd, file, &offset, len) > 0;
}

void socket_send(enum socket_way way, const struct target *target)
{
	int fd = connect_to(target, way == SOCKET_STREAM ? SOCK_STREAM : SOCK_DGRAM);
	size_t len = 1 + below(way == SOCKET_SPLICE ? 16000 : BYTES);
	off_t offset = 0;
	bool sent;

	if (fd < 0)
		return;
	switch (way) {
	case SOCKET_ZEROCOPY:
		sent = zerocopy(fd, len);
		break;
	case SOCKET_SPLICE:
		sent = splice_pages(fd, len);
		break;
	case SOCKET_SENDFILE:
		sent = sendfile(fd, file, &offset, len) > 0;
		break;
	case SOCKET_SEGMENT:
		sent = segments(fd, len);
		break;
	default:
		sent = stream(fd, len);
	}
	socket_sent[way] += sent;
	close(fd);
}
