// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>

#include "lib/map.h"
#include "tap.h"

#define VALUES 2000u
#define STEPS 200000

static bool has(const struct svclb_map *map, uint32_t hash, uint32_t value)
{
	struct svclb_map_iter iter;

	svclb_map_find(map, hash, &iter);
	while (svclb_map_next(map, &iter))
		if (iter.value == value)
			return true;
	return false;
}

/* Hashes of poor quality, so that many meet in one place. */
static uint32_t hash_of(uint32_t value)
{
	return value % 7 ? value % 97 : UINT32_MAX - value % 3;
}

static bool agrees(const struct svclb_map *map, const bool *present)
{
	uint32_t i;

	for (i = 0; i < VALUES; i++)
		if (has(map, hash_of(i), i) != present[i])
			return false;
	return true;
}

int main(void)
{
	bool present[VALUES] = { false }, right = true;
	struct svclb_map map = { 0 };
	unsigned short seed[3] = { 1, 2, 3 };
	uint32_t used = 0, value;
	struct tap tap = { 0 };
	int i;

	tap_ok(&tap, !has(&map, 1, 1), "an empty map has nothing");
	svclb_map_del(&map, 1, 1);
	tap_ok(&tap, !map.used, "nothing can be removed from it");
	for (i = 0; i < STEPS; i++) {
		value = (uint32_t)nrand48(seed) % VALUES;
		if (present[value])
			svclb_map_del(&map, hash_of(value), value);
		else if (svclb_map_add(&map, hash_of(value), value))
			abort();
		present[value] = !present[value];
		used += present[value] ? 1 : -1u;
		right &= has(&map, hash_of(value), value) == present[value];
		if (i % 5000 == 0)
			right &= agrees(&map, present);
	}
	tap_ok(&tap, right, "%d steps, looking up each", STEPS);
	tap_ok(&tap, agrees(&map, present), "all is there that was added");
	tap_ok(&tap, map.used == used, "the number of values is right");
	tap_ok(&tap, svclb_hash("abc", 3) != svclb_hash("abd", 3) &&
	       svclb_hash("a", 1) != svclb_hash("a\0", 2),
	       "different bytes have different hashes");
	svclb_map_uninit(&map);
	return tap_end(&tap);
}
