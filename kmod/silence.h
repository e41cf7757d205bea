/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SILENCE_H
#define _SVCLB_SILENCE_H

#include "backend.h"

/* How many backends a connection may have tried in vain. */
#define SVCLB_SILENT_MAX 4

int svclb_silence_init(void);
void svclb_silence_uninit(void);
bool svclb_silence_note(u64 hash, u32 id, u32 nr_all);
const struct svclb_backend *
svclb_silence_avoid(const struct svclb_backend_set *set,
		    const struct svclb_pool *pool, u64 hash,
		    const struct svclb_backend *backend);

#endif /* _SVCLB_SILENCE_H */
