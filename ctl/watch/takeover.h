/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TAKEOVER_H
#define SVCLB_CTL_TAKEOVER_H

#include "leftovers.h"
#include "lib/err.h"

/* Milliseconds that connections of IPVS have to end if nothing else is said. */
#define SVCLB_TAKEOVER_DRAIN 3600000

int svclb_takeover_parse_drain(const char *text, uint64_t *milliseconds,
			       struct svclb_err *err);
void svclb_takeover(struct svclb_leftovers *leftovers);

#endif /* SVCLB_CTL_TAKEOVER_H */
