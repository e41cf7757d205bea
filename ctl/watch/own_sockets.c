// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which addresses the connections of the node's own processes have on this side.
 */
#include "own_sockets.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define V4_DIGITS 8
#define V6_DIGITS 32

/* As the kernel numbers them, for UDP too. */
#define STATE_TIME_WAIT 6
#define STATE_CLOSE 7
#define STATE_LISTEN 10

/* Words of four bytes, each as the processor reads it. */
static bool read_address(const char *digits, size_t nr, struct svclb_k8s_ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint32_t word;
	size_t i;

	*ip = (struct svclb_k8s_ip){ .family = AF_INET };
	if (nr != V4_DIGITS && nr != V6_DIGITS)
		return false;
	for (i = 0; i < nr; i += V4_DIGITS) {
		if (sscanf(digits + i, "%8x", &word) != 1)
			return false;
		memcpy(ip->addr + i / 2, &word, sizeof(word));
	}
	if (nr == V4_DIGITS)
		return true;
	ip->family = AF_INET6;
	if (!memcmp(ip->addr, mapped, sizeof(mapped))) {
		memcpy(ip->addr, ip->addr + sizeof(mapped), 4);
		memset(ip->addr + 4, 0, sizeof(ip->addr) - 4);
		ip->family = AF_INET;
	}
	return true;
}

/**
 * svclb_own_sockets_line() - read a line of /proc/net/tcp or the like
 * @line: the line
 * @ip:   for the address on this side
 *
 * Return: whether it is a connection that needs this address.
 */
bool svclb_own_sockets_line(const char *line, struct svclb_k8s_ip *ip)
{
	char local[V6_DIGITS + 1];
	unsigned int port, state;

	if (sscanf(line, " %*[0-9]: %32[0-9A-Fa-f]:%*4x %*32[0-9A-Fa-f]:%4x %2x ",
		   local, &port, &state) != 3)
		return false;
	if (!port || state == STATE_TIME_WAIT || state == STATE_CLOSE ||
	    state == STATE_LISTEN)
		return false;
	return read_address(local, strlen(local), ip);
}

/**
 * svclb_own_sockets_each() - walk over the connections of this namespace's sockets
 * @used: told of each one's address on this side
 * @data: for @used
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_own_sockets_each(void (*used)(void *data,
					const struct svclb_k8s_ip *ip),
			   void *data, struct svclb_err *err)
{
	static const char *const files[] = {
		"/proc/self/net/tcp", "/proc/self/net/tcp6",
		"/proc/self/net/udp", "/proc/self/net/udp6",
	};
	struct svclb_k8s_ip ip;
	char line[512];
	FILE *file;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		file = fopen(files[i], "re");
		/* A kernel without IPv6. */
		if (!file && errno == ENOENT)
			continue;
		if (!file)
			return svclb_err_system(err, files[i], errno);
		while (fgets(line, sizeof(line), file))
			if (svclb_own_sockets_line(line, &ip))
				used(data, &ip);
		fclose(file);
	}
	return 0;
}
