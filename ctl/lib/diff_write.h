/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_DIFF_WRITE_H
#define SVCLB_CTL_DIFF_WRITE_H

#include <stdio.h>

#include "diff.h"

void svclb_diff_write(FILE *file, const struct svclb_diff *diff);

#endif /* SVCLB_CTL_DIFF_WRITE_H */
