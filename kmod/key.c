// SPDX-License-Identifier: GPL-2.0-only
#include "key.h"

#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/random.h>

struct svclb_hash_keys svclb_hash_keys __ro_after_init;

/**
 * svclb_hash_keys_init() - choose the secrets of this load of the module
 *
 * Called once, before anything is hashed.
 */
void svclb_hash_keys_init(void)
{
	BUILD_BUG_ON(sizeof(struct svclb_key) != 20);
	BUILD_BUG_ON(SVCLB_FLOW_HASHED != 40);

	get_random_bytes(&svclb_hash_keys, sizeof(svclb_hash_keys));
}
