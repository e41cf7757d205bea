/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HEALTHZ_H
#define SVCLB_CTL_HEALTHZ_H

#include <stdbool.h>
#include <stdint.h>

#include "stats.h"

/* Room for what svclb_healthz_ask() answers. */
#define SVCLB_HEALTHZ_TEXT 256

/**
 * enum svclb_healthz_scope - whose health
 * @SVCLB_HEALTHZ_SELF: the watcher's own
 * @SVCLB_HEALTHZ_NODE: that, and whether the node shall get connections
 * @SVCLB_HEALTHZ_SCOPES: how many there are
 */
enum svclb_healthz_scope {
	SVCLB_HEALTHZ_SELF,
	SVCLB_HEALTHZ_NODE,
	SVCLB_HEALTHZ_SCOPES,
};

/**
 * struct svclb_asked - answers given
 * @healthy:   that all is well
 * @unhealthy: that it is not
 */
struct svclb_asked {
	uint64_t healthy;
	uint64_t unhealthy;
};

/**
 * struct svclb_healthz - health, as others ask for it
 * @stats: what it is judged by
 * @stale: milliseconds after which a change that is not in the kernel is late
 * @asked: answers given, by scope
 */
struct svclb_healthz {
	const struct svclb_stats *stats;
	uint64_t stale;
	struct svclb_asked asked[SVCLB_HEALTHZ_SCOPES];
};

bool svclb_healthz_is_healthy(const struct svclb_healthz *healthz);
bool svclb_healthz_ask(struct svclb_healthz *healthz,
		       enum svclb_healthz_scope scope,
		       char text[SVCLB_HEALTHZ_TEXT]);

#endif /* SVCLB_CTL_HEALTHZ_H */
