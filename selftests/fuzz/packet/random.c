// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers that are the same for the same seed. Each packet has a seed of its own,
 * so that one alone can be sent again.
 */
#include "packet.h"

static uint64_t state;

uint32_t random32(void)
{
	uint64_t z;

	/* splitmix64 */
	state += 0x9e3779b97f4a7c15ULL;
	z = state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) >> 16;
}

void random_seed(uint64_t seed, uint64_t number)
{
	state = seed;
	state = (uint64_t)random32() << 32 | random32();
	state ^= number * 0xd6e8feb86659fd93ULL;
	random32();
}

uint32_t below(uint32_t limit)
{
	return (uint64_t)random32() * limit >> 32;
}

bool chance(unsigned int one_in)
{
	return !below(one_in);
}

void random_bytes(uint8_t *bytes, size_t len)
{
	while (len--)
		*bytes++ = random32();
}

/* Of a field that holds up to max: near the right value, an extreme, or any. */
uint32_t wrong_number(uint32_t right, uint32_t max)
{
	switch (below(9)) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return right + 1 > max ? 0 : right + 1;
	case 3:
		return right ? right - 1 : max;
	case 4:
		return right / 2;
	case 5:
		return right * 2 & max;
	case 6:
		return max;
	case 7:
		return right + below(64) > max ? max - 1 : right + below(64);
	default:
		return max == UINT32_MAX ? random32() : below(max + 1);
	}
}
