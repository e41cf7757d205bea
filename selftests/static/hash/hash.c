// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys that follow each other, placed by the module's own hash with factors at
 * random, as often as is asked for: the longest chain of a table that is full, and
 * the worst share of a choice, over all of it.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "key.h"

#define MAX_BITS 13
#define CHOICES 1024
#define BACKENDS 4

struct svclb_hash_keys svclb_hash_keys;

/* What follows each other in a table. */
enum walk {
	ADDRESSES4,
	ADDRESSES6,
	PORTS,
	NR_WALKS
};

static struct svclb_key make_key(enum walk walk, unsigned int i)
{
	struct svclb_key key = { .proto = IPPROTO_TCP, .port = htons(80),
				 .family = NFPROTO_IPV4 };

	key.addr.ip = htonl(0x0a600001);
	if (walk == ADDRESSES4) {
		key.addr.ip = htonl(0x0a600001 + i);
	} else if (walk == ADDRESSES6) {
		key.family = NFPROTO_IPV6;
		key.addr.all[3] = htonl(1 + i);
	} else {
		key.port = htons(i);
	}
	return key;
}

static unsigned int longest_chain(enum walk walk, unsigned int bits)
{
	static unsigned int chains[1 << MAX_BITS];
	unsigned int i, place, longest = 0;
	struct svclb_key key;

	memset(chains, 0, sizeof(chains));
	for (i = 0; i < 1u << bits; i++) {
		key = make_key(walk, i);
		place = svclb_key_hash(&key) & ((1u << bits) - 1);
		if (++chains[place] > longest)
			longest = chains[place];
	}
	return longest;
}

/* Of one client's ports that follow each other, how many get the same backend. */
static unsigned int largest_share(void)
{
	struct svclb_flow flow = { .proto = IPPROTO_TCP, .dport = htons(80),
				   .family = NFPROTO_IPV4 };
	unsigned int got[BACKENDS] = {}, i, backend, largest = 0;

	flow.src.ip = htonl(0xc0000201);
	flow.dst.ip = htonl(0x0a600001);
	for (i = 0; i < CHOICES; i++) {
		flow.sport = htons(32768 + i);
		backend = (svclb_choice_hash(&flow) >> 32) * BACKENDS >> 32;
		if (++got[backend] > largest)
			largest = got[backend];
	}
	return largest;
}

int main(int argc, char **argv)
{
	unsigned int rounds = argc > 1 ? atoi(argv[1]) : 0, chain = 0, share = 0;
	unsigned int i, walk, bits, now;

	if (!rounds)
		errx(2, "usage: hash ROUNDS");
	for (i = 0; i < rounds; i++) {
		if (getrandom(&svclb_hash_keys, sizeof(svclb_hash_keys), 0) < 0)
			err(2, "no random numbers");
		for (walk = 0; walk < NR_WALKS; walk++) {
			for (bits = 6; bits <= MAX_BITS; bits++) {
				now = longest_chain(walk, bits);
				chain = now > chain ? now : chain;
			}
		}
		now = largest_share();
		share = now > share ? now : share;
	}
	printf("chain %u\nshare %u\n", chain, share);
	return 0;
}
