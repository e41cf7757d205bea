/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_MERGE_H
#define SVCLB_CTL_MERGE_H

#include "k8s.h"
#include "lib/config.h"
#include "lib/err.h"

int svclb_merge_split(struct svclb_config *actual, uint64_t generation,
		      struct svclb_config *others);
uint32_t svclb_merge_yield(struct svclb_config *ours,
			   const struct svclb_config *others,
			   const struct svclb_notes *notes);
int svclb_merge_loopback(bool on, struct svclb_err *err);

#endif /* SVCLB_CTL_MERGE_H */
