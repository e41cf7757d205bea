/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_RECENT_H
#define _SVCLB_RECENT_H

#include <linux/types.h>

struct svclb_bucket;

/**
 * struct svclb_recent - a choice that was made just now, or is to be made
 * @known:  whether it was
 * @value:  the choice; the caller's to set if not @known
 * @hash:   of what it was made for
 * @bucket: where it is noted, locked
 */
struct svclb_recent {
	bool known;
	u32 value;
	u64 hash;
	struct svclb_bucket *bucket;
};

int svclb_recent_init(void);
void svclb_recent_uninit(void);
void svclb_recent_begin(struct svclb_recent *recent, u64 hash);
void svclb_recent_end(struct svclb_recent *recent);

#endif /* _SVCLB_RECENT_H */
