// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <assert.h>

/* From a millisecond on, each twice the one before: 16 seconds. */
static const double sync_bounds[] = {
	0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, 0.128,
	0.256, 0.512, 1.024, 2.048, 4.096, 8.192, 16.384,
};

/* Finer where a cluster should be: every second, five seconds, half a minute. */
static const double programming_bounds[] = {
	0.25, 0.5, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17,
	18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
	36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53,
	54, 55, 56, 57, 58, 59, 60, 65, 70, 75, 80, 85, 90, 95, 100, 105, 110,
	115, 120, 150, 180, 210, 240, 270, 300,
};

#define NR(array) (sizeof(array) / sizeof(*(array)))

static_assert(NR(sync_bounds) <= SVCLB_HISTOGRAM_MAX &&
	      NR(programming_bounds) <= SVCLB_HISTOGRAM_MAX,
	      "a histogram has room for its bounds");

/**
 * svclb_stats_init() - begin to keep count
 * @stats: the counts
 */
void svclb_stats_init(struct svclb_stats *stats)
{
	*stats = (struct svclb_stats){
		.sync = { .bounds = sync_bounds, .nr = NR(sync_bounds) },
		.full_sync = { .bounds = sync_bounds, .nr = NR(sync_bounds) },
		.programming = {
			.bounds = programming_bounds,
			.nr = NR(programming_bounds),
		},
		/* Until the Node says otherwise. */
		.node_eligible = true,
	};
}

/**
 * svclb_histogram_add() - count one more
 * @histogram: the histogram
 * @seconds:   how long it took; a clock that was set back counts as no time
 */
void svclb_histogram_add(struct svclb_histogram *histogram, double seconds)
{
	unsigned int i = 0;

	if (!(seconds > 0))
		seconds = 0;
	while (i < histogram->nr && seconds > histogram->bounds[i])
		i++;
	histogram->counts[i]++;
	histogram->sum += seconds;
}
