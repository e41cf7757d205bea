/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TAKEOVER_IPVS_H
#define SVCLB_CTL_TAKEOVER_IPVS_H

#include "leftovers.h"

void svclb_takeover_ipvs(struct svclb_leftovers *leftovers);

#endif /* SVCLB_CTL_TAKEOVER_IPVS_H */
