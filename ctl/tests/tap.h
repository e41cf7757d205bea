/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TAP_H
#define SVCLB_CTL_TAP_H

#include <stdbool.h>

#include "lib/err.h"

/**
 * struct tap - the results of a test program
 * @count:  how many tests were run
 * @failed: how many of them failed
 */
struct tap {
	int count;
	int failed;
};

SVCLB_PRINTF(3, 4)
bool tap_ok(struct tap *tap, bool passed, const char *format, ...);
bool tap_text(struct tap *tap, const char *is, const char *expected,
	      const char *name);
int tap_end(const struct tap *tap);

#endif /* SVCLB_CTL_TAP_H */
