/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_REFLECTOR_H
#define SVCLB_CTL_REFLECTOR_H

#include "access.h"
#include "feed.h"
#include "lib/err.h"
#include "loop.h"
#include "stats.h"

struct svclb_reflectors;

/**
 * struct svclb_pace - how patient reflectors are, in milliseconds
 * @watch_min:   least time that a watch is to last; whole seconds
 * @watch_max:   most time, likewise
 * @grace:       how much longer a server may take to end a watch
 * @steady:      a watch that lasted so long worked
 * @backoff_min: first wait after an error
 * @backoff_max: longest wait
 * @list:        time for a list, or for a page of it
 * @silence:     time in which a list must go on; whole seconds
 */
struct svclb_pace {
	uint32_t watch_min;
	uint32_t watch_max;
	uint32_t grace;
	uint32_t steady;
	uint32_t backoff_min;
	uint32_t backoff_max;
	uint32_t list;
	uint32_t silence;
};

/**
 * struct svclb_reflecting - what reflectors are to do
 * @loop:   where they run
 * @access: how to reach the API server; must stay
 * @feed:   whom they tell
 * @node:   name of the own Node; must stay
 * @stats:  where to keep count
 * @pace:   how patient they are; NULL for the usual
 */
struct svclb_reflecting {
	struct svclb_loop *loop;
	const struct svclb_access *access;
	struct svclb_feed feed;
	const char *node;
	struct svclb_stats *stats;
	const struct svclb_pace *pace;
};

int svclb_reflectors_create(struct svclb_reflectors **reflectors,
			    const struct svclb_reflecting *reflecting,
			    struct svclb_err *err);
void svclb_reflectors_free(struct svclb_reflectors *reflectors);

#endif /* SVCLB_CTL_REFLECTOR_H */
