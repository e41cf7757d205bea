/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_APPLY_H
#define SVCLB_CTL_APPLY_H

#include "config.h"
#include "err.h"
#include "stmt.h"

int svclb_apply(struct svclb_config *config, struct svclb_stmt *stmt,
		struct svclb_err *err);

struct svclb_service *svclb_apply_new_service(struct svclb_stmt *stmt,
					      struct svclb_err *err);

#endif /* SVCLB_CTL_APPLY_H */
