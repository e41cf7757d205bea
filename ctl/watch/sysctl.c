// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kube-proxy sets of the kernel at its start. Not to be able to is worth a
 * warning, no more: in a container, /proc/sys is often read-only.
 */
#include "sysctl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

#define CONNTRACK "/proc/sys/net/netfilter/nf_conntrack_"
#define HASHSIZE "/sys/module/nf_conntrack/parameters/hashsize"

static int read_number(const char *path, long long *number)
{
	FILE *file = fopen(path, "re");
	char text[32], *end;
	bool any;

	if (!file)
		return -1;
	any = fgets(text, sizeof(text), file);
	fclose(file);
	if (!any)
		return -1;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return end == text || errno ? -1 : 0;
}

static int write_number(const char *path, long long number)
{
	FILE *file = fopen(path, "we");
	int result;

	if (!file)
		return -1;
	result = fprintf(file, "%lld\n", number);
	if (fclose(file))
		result = -1;
	return result < 0 ? -1 : 0;
}

static void set(const char *path, long long number)
{
	char text[SVCLB_LOG_NUMBER];

	snprintf(text, sizeof(text), "%lld", number);
	if (write_number(path, number))
		svclb_log(SVCLB_LOG_WARNING, "a kernel parameter cannot be written",
			  "file", path, "value", text, "error", strerror(errno), NULL);
	else
		svclb_log(SVCLB_LOG_INFO, "a kernel parameter was written", "file",
			  path, "value", text, NULL);
}

static void make(const char *path, long long number)
{
	long long now;

	if (read_number(path, &now) || now != number)
		set(path, number);
}

static void raise_to(const char *path, long long number)
{
	long long now;

	if (read_number(path, &now) || now < number)
		set(path, number);
}

static void set_timeout(const char *path, uint64_t milliseconds)
{
	uint64_t seconds = (milliseconds + 999) / 1000;

	if (milliseconds)
		make(path, seconds > INT32_MAX ? INT32_MAX : (long long)seconds);
}

/**
 * svclb_sysctl_conntrack() - set limits and timeouts of connection tracking
 * @conntrack: what they shall be
 */
void svclb_sysctl_conntrack(const struct svclb_kubeproxy_conntrack *conntrack)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	long long max;

	max = (long long)conntrack->max_per_core * (cores > 0 ? cores : 1);
	if (max) {
		if (max < conntrack->min)
			max = conntrack->min;
		if (max > INT32_MAX)
			max = INT32_MAX;
		raise_to(CONNTRACK "max", max);
		raise_to(HASHSIZE, max / 4);
	}
	set_timeout(CONNTRACK "tcp_timeout_established", conntrack->established);
	set_timeout(CONNTRACK "tcp_timeout_close_wait", conntrack->close_wait);
	set_timeout(CONNTRACK "udp_timeout", conntrack->udp);
	set_timeout(CONNTRACK "udp_timeout_stream", conntrack->udp_stream);
	if (conntrack->be_liberal)
		make(CONNTRACK "tcp_be_liberal", 1);
}

/**
 * svclb_sysctl_oom_score() - set how readily the kernel ends this process
 * @score: from -1000, never, to 1000
 */
void svclb_sysctl_oom_score(int score)
{
	make("/proc/self/oom_score_adj", score);
}
