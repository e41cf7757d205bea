/* SPDX-License-Identifier: GPL-2.0-only */
/* What kmod/key.h takes from the kernel's header of this name, and its types. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define __force
#define __aligned(bytes)	/* no matter here */

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

typedef struct { u64 key[2]; } siphash_key_t;
typedef struct { u64 key[2]; } hsiphash_key_t;

static inline u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	(void)data;
	(void)len;
	return key->key[0];
}

static inline u64 siphash_2u64(u64 first, u64 second, const siphash_key_t *key)
{
	return first ^ second ^ key->key[0];
}
