// SPDX-License-Identifier: GPL-2.0-only
/* The splitmix generator: small, and the same everywhere. */
#include "fuzz.h"

static uint64_t state;

/* random_mix() - a number that both arguments determine */
uint64_t random_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a + b * 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

void random_seed(uint64_t seed)
{
	state = seed;
}

uint64_t random_u64(void)
{
	state += 0x9e3779b97f4a7c15ull;
	return random_mix(state, 0);
}

/* random_below() - a number lower than @limit, which is not 0 */
uint32_t random_below(uint32_t limit)
{
	return (random_u64() >> 32) * limit >> 32;
}

bool one_in(uint32_t n)
{
	return random_below(n) == 0;
}
