/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NOTIFY_H
#define SVCLB_CTL_NOTIFY_H

#include <stdint.h>

void svclb_notify(const char *state);
uint64_t svclb_notify_watchdog(void);

#endif /* SVCLB_CTL_NOTIFY_H */
