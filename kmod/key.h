/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_KEY_H
#define _SVCLB_KEY_H

#include <linux/hash.h>
#include <linux/netfilter.h>
#include <linux/siphash.h>
#include <linux/types.h>

/**
 * struct svclb_key - what a packet is addressed to
 * @addr:   destination address; IPv4 in @addr.ip with the rest zero. All zero
 *          in the key of a node port
 * @port:   destination port; 0 in the key of a VIP as a whole
 * @proto:  IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP; 0 in the key of a VIP as a whole
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Hashed and compared as bytes, so it has no padding.
 */
struct svclb_key {
	union nf_inet_addr addr;
	__be16 port;
	u8 proto;
	u8 family;
};

/**
 * struct svclb_flow - the addresses and ports of a connection as its client
 *                     sends it
 * @src:    client address; IPv4 in @src.ip with the rest zero
 * @dst:    destination address, likewise
 * @sport:  client port
 * @dport:  destination port
 * @proto:  IP protocol
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @zero:   always 0
 * @iif:    index of the interface that its packets come in by, 0 for the node's
 *          own
 *
 * Hashed as bytes up to @iif, so there is no padding before it.
 */
struct svclb_flow {
	union nf_inet_addr src;
	union nf_inet_addr dst;
	__be16 sport;
	__be16 dport;
	u8 proto;
	u8 family;
	u16 zero;
	int iif;
} __aligned(8);

#define SVCLB_FLOW_HASHED offsetof(struct svclb_flow, iif)

/**
 * struct svclb_hash_keys - the secrets behind all hashes, chosen once a load
 * @lookup:     places keys in the lookup tables
 * @choice:     chooses backends
 * @table:      places what others name or send in tables
 * @client:     chooses backends by client
 * @masquerade: chooses source ports
 *
 * A client that could predict @choice could aim at one backend, and one that
 * could predict @masquerade could guess the source port of somebody else's
 * connection; hence one secret each, and none of them ever leaves the kernel.
 *
 * @lookup and @choice are factors of multilinear hashing modulo 2^64, of which the
 * upper half counts: whatever two keys are, they meet with the chance of random
 * numbers (Dietzfelbinger 1996). It takes a tenth of the time of SipHash, and has
 * less to hide: only the administrator's addresses are in the lookup tables, and
 * which backend a connection gets is for its client to see.
 */
struct svclb_hash_keys {
	u64 lookup[6];
	u64 choice[11];
	hsiphash_key_t table;
	siphash_key_t client;
	siphash_key_t masquerade;
};

extern struct svclb_hash_keys svclb_hash_keys;

void svclb_hash_keys_init(void);

/**
 * svclb_key_hash() - hash a key for the lookup tables
 * @key: the key
 *
 * Addresses and ports often follow each other, and the sum alone would with some
 * factors put many such keys in few places: a table refuses what makes a chain
 * longer than 16 (lib/rhashtable.c).
 *
 * Return: the hash.
 */
static inline u32 svclb_key_hash(const struct svclb_key *key)
{
	const u64 *factors = svclb_hash_keys.lookup;
	u64 hash = factors[0] + factors[1] * (__force u32)key->addr.ip +
		   factors[2] * ((__force u16)key->port | key->proto << 16);

	if (key->family != NFPROTO_IPV4)
		hash += factors[3] * (__force u32)key->addr.all[1] +
			factors[4] * (__force u32)key->addr.all[2] +
			factors[5] * (__force u32)key->addr.all[3];
	return (hash ^ hash >> 32) * GOLDEN_RATIO_64 >> 32;
}

/**
 * svclb_key_equal() - compare two keys
 * @a: one
 * @b: the other
 *
 * Return: whether they are the same.
 */
static inline bool svclb_key_equal(const struct svclb_key *a,
				   const struct svclb_key *b)
{
	return a->addr.all[0] == b->addr.all[0] && a->port == b->port &&
	       a->proto == b->proto && a->family == b->family &&
	       (a->family == NFPROTO_IPV4 ||
		(a->addr.all[1] == b->addr.all[1] &&
		 a->addr.all[2] == b->addr.all[2] &&
		 a->addr.all[3] == b->addr.all[3]));
}

/**
 * svclb_flow_hash() - hash a connection
 * @flow: the connection
 * @key:  the secret
 *
 * Nobody who knows some hashes can tell others.
 *
 * Return: the hash.
 */
static inline u64 svclb_flow_hash(const struct svclb_flow *flow,
				  const siphash_key_t *key)
{
	if (flow->family == NFPROTO_IPV4)
		return siphash_2u64((u64)(__force u32)flow->src.ip << 32 |
				    (__force u32)flow->dst.ip,
				    (u64)(__force u16)flow->sport << 32 |
				    (u64)(__force u16)flow->dport << 16 |
				    flow->proto, key);
	return siphash(flow, SVCLB_FLOW_HASHED, key);
}

/**
 * svclb_choice_hash() - hash a connection to choose its backend by
 * @flow: the connection
 *
 * Two packets of one connection have one hash, on whichever CPUs they are:
 * all choices that rest on it alone are the same for both. The sum alone would
 * spread connections that differ little too evenly to be random.
 *
 * Return: the hash.
 */
static inline u64 svclb_choice_hash(const struct svclb_flow *flow)
{
	const u64 *factors = svclb_hash_keys.choice;
	u64 hash = factors[0] + factors[1] * (__force u32)flow->src.ip +
		   factors[2] * (__force u32)flow->dst.ip +
		   factors[3] * ((u32)(__force u16)flow->sport << 16 |
				 (__force u16)flow->dport) +
		   factors[4] * flow->proto;
	int i;

	for (i = 1; i < 4 && flow->family != NFPROTO_IPV4; i++)
		hash += factors[3 + 2 * i] * (__force u32)flow->src.all[i] +
			factors[4 + 2 * i] * (__force u32)flow->dst.all[i];
	hash = (hash ^ hash >> 32) * GOLDEN_RATIO_64;
	return hash ^ hash >> 32;
}

#endif /* _SVCLB_KEY_H */
