/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NETNS_H
#define SVCLB_CTL_NETNS_H

#include "err.h"

int svclb_netns_enter(const char *name, struct svclb_err *err);

#endif /* SVCLB_CTL_NETNS_H */
