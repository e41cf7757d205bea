/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_REFLECTOR_H
#define SVCLB_CTL_REFLECTOR_H

#include "access.h"
#include "feed.h"
#include "lib/err.h"
#include "loop.h"

struct svclb_reflectors;

/**
 * struct svclb_reflecting - what reflectors are to do
 * @loop:   where they run
 * @access: how to reach the API server; must stay
 * @feed:   whom they tell
 * @node:   name of the own Node
 */
struct svclb_reflecting {
	struct svclb_loop *loop;
	const struct svclb_access *access;
	struct svclb_feed feed;
	const char *node;
};

int svclb_reflectors_create(struct svclb_reflectors **reflectors,
			    const struct svclb_reflecting *reflecting,
			    struct svclb_err *err);
void svclb_reflectors_free(struct svclb_reflectors *reflectors);

#endif /* SVCLB_CTL_REFLECTOR_H */
