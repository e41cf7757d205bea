/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LOCK_H
#define SVCLB_CTL_LOCK_H

#include <stdint.h>

#include "lib/err.h"

int svclb_lock_take(uint64_t generation, struct svclb_err *err);

#endif /* SVCLB_CTL_LOCK_H */
