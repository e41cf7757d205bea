/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TRANSACT_H
#define SVCLB_CTL_TRANSACT_H

#include "config.h"
#include "err.h"
#include "nl.h"

int svclb_transact(struct svclb_nl *nl, const char *file,
		   const struct svclb_config *from,
		   const struct svclb_config *to, struct svclb_err *err);

#endif /* SVCLB_CTL_TRANSACT_H */
