/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_MAP_H
#define SVCLB_CTL_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct svclb_map_slot;

/**
 * struct svclb_map - finds numbers by hash; what the numbers mean, and whether
 *                    it is the thing looked for, is the caller's to know
 * @slots: open-addressed table
 * @mask:  its size less one
 * @used:  how many slots are in use
 *
 * All zero is an empty map.
 */
struct svclb_map {
	struct svclb_map_slot *slots;
	uint32_t mask;
	uint32_t used;
};

/**
 * struct svclb_map_iter - a walk over all numbers of one hash
 * @hash:  the hash
 * @pos:   next slot
 * @value: number found
 */
struct svclb_map_iter {
	uint32_t hash;
	uint32_t pos;
	uint32_t value;
};

uint32_t svclb_hash(const void *data, size_t len);
int svclb_map_add(struct svclb_map *map, uint32_t hash, uint32_t value);
void svclb_map_del(struct svclb_map *map, uint32_t hash, uint32_t value);
void svclb_map_find(const struct svclb_map *map, uint32_t hash,
		    struct svclb_map_iter *iter);
bool svclb_map_next(const struct svclb_map *map, struct svclb_map_iter *iter);
void svclb_map_uninit(struct svclb_map *map);

#endif /* SVCLB_CTL_MAP_H */
