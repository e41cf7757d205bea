// SPDX-License-Identifier: GPL-2.0-only
#include "netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/**
 * svclb_netns_enter() - move the process into a network namespace
 * @name: its name, as ip-netns(8) knows it
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_netns_enter(const char *name, struct svclb_err *err)
{
	char path[512];
	int fd, result;

	if (!*name || strchr(name, '/') || *name == '.' ||
	    strlen(name) > 255)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': not the name of a network namespace",
				     name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "there is no network namespace '%s'; 'ip netns' lists them",
				     name);
	if (fd < 0)
		return svclb_err_system(err, path, errno);
	result = setns(fd, CLONE_NEWNET);
	if (result)
		svclb_err_system(err, path, errno);
	close(fd);
	return result;
}
