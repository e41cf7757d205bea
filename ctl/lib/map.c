// SPDX-License-Identifier: GPL-2.0-only
#include "map.h"

#include <stdlib.h>
#include <string.h>

#define MAP_MIN 16u

/**
 * struct svclb_map_slot - one place in the table
 * @hash: hash of the number in it
 * @link: the number plus one; 0 in an empty slot
 */
struct svclb_map_slot {
	uint32_t hash;
	uint32_t link;
};

/**
 * svclb_hash() - hash bytes
 * @data: the bytes
 * @len:  how many
 *
 * Return: the hash.
 */
uint32_t svclb_hash(const void *data, size_t len)
{
	const unsigned char *bytes = data;
	uint64_t hash = 0x9e3779b97f4a7c15u ^ len, word;

	while (len) {
		size_t part = len < sizeof(word) ? len : sizeof(word);

		word = 0;
		memcpy(&word, bytes, part);
		hash = (hash ^ word) * 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
		bytes += part;
		len -= part;
	}
	return hash ^ (hash >> 29);
}

static void put(struct svclb_map *map, uint32_t hash, uint32_t link)
{
	uint32_t pos = hash & map->mask;

	while (map->slots[pos].link)
		pos = (pos + 1) & map->mask;
	map->slots[pos].hash = hash;
	map->slots[pos].link = link;
}

static int grow(struct svclb_map *map)
{
	uint32_t size = map->slots ? (map->mask + 1) * 2 : MAP_MIN, i;
	struct svclb_map old = *map;

	map->slots = calloc(size, sizeof(*map->slots));
	if (!map->slots) {
		*map = old;
		return -1;
	}
	map->mask = size - 1;
	for (i = 0; old.slots && i <= old.mask; i++)
		if (old.slots[i].link)
			put(map, old.slots[i].hash, old.slots[i].link);
	free(old.slots);
	return 0;
}

/**
 * svclb_map_add() - add a number
 * @map:   the map
 * @hash:  hash of the thing that the number stands for
 * @value: the number
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_map_add(struct svclb_map *map, uint32_t hash, uint32_t value)
{
	/* At most half full, so that there always is an empty slot to end at. */
	if ((!map->slots || map->used > map->mask / 2) && grow(map))
		return -1;
	put(map, hash, value + 1);
	map->used++;
	return 0;
}

/**
 * svclb_map_del() - remove a number
 * @map:   the map
 * @hash:  the hash it was added with
 * @value: the number
 *
 * Ends every walk that is under way.
 */
void svclb_map_del(struct svclb_map *map, uint32_t hash, uint32_t value)
{
	uint32_t hole = hash & map->mask, pos, home;

	if (!map->slots)
		return;
	while (map->slots[hole].hash != hash ||
	       map->slots[hole].link != value + 1) {
		if (!map->slots[hole].link)
			return;
		hole = (hole + 1) & map->mask;
	}
	/* Close the gap, or what lies behind it would not be found. */
	for (pos = (hole + 1) & map->mask; map->slots[pos].link;
	     pos = (pos + 1) & map->mask) {
		home = map->slots[pos].hash & map->mask;
		if (((pos - home) & map->mask) < ((pos - hole) & map->mask))
			continue;
		map->slots[hole] = map->slots[pos];
		hole = pos;
	}
	map->slots[hole].link = 0;
	map->used--;
}

/**
 * svclb_map_find() - begin a walk over all numbers of one hash
 * @map:  the map
 * @hash: the hash
 * @iter: the walk, for svclb_map_next()
 */
void svclb_map_find(const struct svclb_map *map, uint32_t hash,
		    struct svclb_map_iter *iter)
{
	iter->hash = hash;
	iter->pos = hash & map->mask;
	iter->value = 0;
}

/**
 * svclb_map_next() - go on with a walk
 * @map:  the map
 * @iter: the walk; @iter->value becomes the number found
 *
 * Return: whether there was one more.
 */
bool svclb_map_next(const struct svclb_map *map, struct svclb_map_iter *iter)
{
	const struct svclb_map_slot *slot;

	if (!map->slots)
		return false;
	for (;;) {
		slot = &map->slots[iter->pos];
		if (!slot->link)
			return false;
		iter->pos = (iter->pos + 1) & map->mask;
		if (slot->hash != iter->hash)
			continue;
		iter->value = slot->link - 1;
		return true;
	}
}

/**
 * svclb_map_uninit() - free what a map holds
 * @map: the map, empty from then on
 */
void svclb_map_uninit(struct svclb_map *map)
{
	free(map->slots);
	*map = (struct svclb_map){ 0 };
}
