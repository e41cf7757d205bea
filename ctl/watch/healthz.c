// SPDX-License-Identifier: GPL-2.0-only
#include "healthz.h"

#include <stdio.h>
#include <time.h>

#include "loop.h"

#define TIME_TEXT 64

/* Year 1, which is what a time that never was looks like to a Go program. */
#define NEVER "0001-01-01 00:00:00 +0000 UTC"

/* As a Go program prints a time: the fraction has no zeros at its end. */
static void print_time(char text[TIME_TEXT], double seconds)
{
	time_t whole = (time_t)seconds;
	long micro = (long)((seconds - (double)whole) * 1e6);
	char date[TIME_TEXT / 2], fraction[16] = "";
	struct tm tm;
	int len;

	if (!(seconds > 0) || !gmtime_r(&whole, &tm) ||
	    !strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S", &tm)) {
		snprintf(text, TIME_TEXT, "%s", NEVER);
		return;
	}
	if (micro) {
		len = snprintf(fraction, sizeof(fraction), ".%06ld", micro);
		while (fraction[len - 1] == '0')
			fraction[--len] = '\0';
	}
	snprintf(text, TIME_TEXT, "%s%s +0000 UTC", date, fraction);
}

/* Whether the watcher itself works: to wait for an API server is no fault. */
static bool is_alive(const struct svclb_healthz *healthz)
{
	const struct svclb_stats *stats = healthz->stats;

	return !stats->oldest_pending ||
	       svclb_loop_now() < stats->oldest_pending + healthz->stale;
}

/**
 * svclb_healthz_is_healthy() - is what the kernel has not too old?
 * @healthz: who asks
 *
 * Return: whether everything was listed and no change waits too long.
 */
bool svclb_healthz_is_healthy(const struct svclb_healthz *healthz)
{
	return healthz->stats->synced && is_alive(healthz);
}

/**
 * svclb_healthz_ask() - answer whoever asks for the health
 * @healthz: the health, and the count of answers
 * @scope:   whose it is
 * @text:    for the answer
 *
 * While all is well, what the kernel has is as good as new: the time of the last
 * change would look as if nothing went on.
 *
 * Return: whether it is well.
 */
bool svclb_healthz_ask(struct svclb_healthz *healthz,
		       enum svclb_healthz_scope scope,
		       char text[SVCLB_HEALTHZ_TEXT])
{
	const struct svclb_stats *stats = healthz->stats;
	bool healthy = is_alive(healthz);
	char updated[TIME_TEXT], now[TIME_TEXT];
	struct timespec time;
	const char *node = "";
	double current;

	if (scope == SVCLB_HEALTHZ_NODE) {
		healthy &= stats->synced && stats->node_eligible;
		node = stats->node_eligible ? ", \"nodeEligible\": true" :
					      ", \"nodeEligible\": false";
	}
	clock_gettime(CLOCK_REALTIME, &time);
	current = (double)time.tv_sec + (double)time.tv_nsec / 1e9;
	print_time(updated, healthy ? current : stats->last_sync);
	print_time(now, current);
	snprintf(text, SVCLB_HEALTHZ_TEXT,
		 "{\"lastUpdated\": \"%s\",\"currentTime\": \"%s\"%s}",
		 updated, now, node);
	if (healthy)
		healthz->asked[scope].healthy++;
	else
		healthz->asked[scope].unhealthy++;
	return healthy;
}
