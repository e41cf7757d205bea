/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_ALIAS_H
#define _SVCLB_ALIAS_H

#include "backend.h"

int svclb_alias_prepare(const struct svclb_backend_set *set,
			struct svclb_pool *pool);
u32 svclb_alias_pick(const struct svclb_pool *pool, u64 hash);

#endif /* _SVCLB_ALIAS_H */
