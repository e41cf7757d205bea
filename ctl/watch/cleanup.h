/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CLEANUP_H
#define SVCLB_CTL_CLEANUP_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/nl.h"

int svclb_cleanup(struct svclb_nl *nl, uint64_t generation,
		  struct svclb_err *err);

#endif /* SVCLB_CTL_CLEANUP_H */
