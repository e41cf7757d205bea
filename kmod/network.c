// SPDX-License-Identifier: GPL-2.0-only
#include "network.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sort.h>

/**
 * svclb_network_set() - fill in a network
 * @network:    to be filled in
 * @family:     NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr:       first address, all bits behind the prefix 0
 * @prefix_len: length in bits, at most 32 or 128
 */
void svclb_network_set(struct svclb_network *network, u8 family,
		       const union nf_inet_addr *addr, u8 prefix_len)
{
	unsigned int word, bits;

	network->family = family;
	network->prefix_len = prefix_len;
	network->addr = *addr;
	for (word = 0; word < 4; word++) {
		bits = clamp_t(int, prefix_len - 32 * (int)word, 0, 32);
		network->mask.ip6[word] =
			bits ? cpu_to_be32(~0U << (32 - bits)) : 0;
	}
}

static struct svclb_number number_of(u8 family, const union nf_inet_addr *addr)
{
	if (family == NFPROTO_IPV4)
		return (struct svclb_number){ .low = ntohl(addr->ip) };
	return (struct svclb_number){
		.high = (u64)ntohl(addr->ip6[0]) << 32 | ntohl(addr->ip6[1]),
		.low = (u64)ntohl(addr->ip6[2]) << 32 | ntohl(addr->ip6[3]),
	};
}

static bool below(struct svclb_number a, struct svclb_number b)
{
	return a.high < b.high || (a.high == b.high && a.low < b.low);
}

static int compare_intervals(const void *a, const void *b)
{
	const struct svclb_interval *x = a, *y = b;

	return below(y->first, x->first) - below(x->first, y->first);
}

static void set_interval(struct svclb_interval *interval,
			 const struct svclb_network *network)
{
	union nf_inet_addr last = network->addr;
	unsigned int word, words = network->family == NFPROTO_IPV4 ? 1 : 4;

	for (word = 0; word < words; word++)
		last.ip6[word] |= ~network->mask.ip6[word];
	interval->first = number_of(network->family, &network->addr);
	interval->last = number_of(network->family, &last);
}

/*
 * Networks are nested or apart, so an interval that begins within the one before
 * it ends there too.
 */
static void unite(struct svclb_ranges *ranges)
{
	struct svclb_interval *to = ranges->intervals;
	u32 i;

	sort(ranges->intervals, ranges->nr, sizeof(*ranges->intervals),
	     compare_intervals, NULL);
	for (i = 1; i < ranges->nr; i++) {
		const struct svclb_interval *from = &ranges->intervals[i];

		if (below(to->last, from->first))
			*++to = *from;
		else if (below(to->last, from->last))
			to->last = from->last;
	}
	ranges->nr_intervals = to - ranges->intervals + 1;
}

/**
 * svclb_ranges_create() - prepare networks for a quick answer
 * @networks: the networks, all of one family, freed with kvfree() when the
 *            ranges are; still the caller's when this fails
 * @nr:       how many, at least one
 *
 * May sleep.
 *
 * Return: the ranges with one reference, or NULL when there is no memory.
 */
struct svclb_ranges *svclb_ranges_create(struct svclb_network *networks,
					 u32 nr)
{
	struct svclb_ranges *ranges;
	u32 i;

	ranges = kvmalloc(struct_size(ranges, intervals, nr),
			  GFP_KERNEL_ACCOUNT);
	if (!ranges)
		return NULL;
	refcount_set(&ranges->ref, 1);
	ranges->networks = networks;
	ranges->nr = nr;
	for (i = 0; i < nr; i++)
		set_interval(&ranges->intervals[i], &networks[i]);
	unite(ranges);
	return ranges;
}

/**
 * svclb_ranges_put() - give back a reference
 * @ranges: ranges that no packet reaches by this reference; may be NULL
 *
 * Does not sleep.
 */
void svclb_ranges_put(struct svclb_ranges *ranges)
{
	if (!ranges || !refcount_dec_and_test(&ranges->ref))
		return;
	kvfree(ranges->networks);
	kvfree(ranges);
}

/**
 * svclb_ranges_have() - whether an address is in any of the networks
 * @ranges: the networks
 * @family: family of the address, and of the networks
 * @addr:   the address
 *
 * Return: whether it is.
 */
bool svclb_ranges_have(const struct svclb_ranges *ranges, u8 family,
		       const union nf_inet_addr *addr)
{
	struct svclb_number number = number_of(family, addr);
	u32 low = 0, high = ranges->nr_intervals;

	/* The last interval that does not begin behind the address. */
	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (below(number, ranges->intervals[middle].first))
			high = middle;
		else
			low = middle + 1;
	}
	return low && !below(ranges->intervals[low - 1].last, number);
}

/**
 * svclb_ranges_longest() - the longest network that has an address
 * @ranges: the networks
 * @addr:   the address, of the same family
 *
 * Walks all networks: for whoever wants to see, not for packets.
 *
 * Return: the network, or NULL.
 */
const struct svclb_network *
svclb_ranges_longest(const struct svclb_ranges *ranges,
		     const union nf_inet_addr *addr)
{
	const struct svclb_network *longest = NULL, *network;
	u32 i;

	for (i = 0; i < ranges->nr; i++) {
		network = &ranges->networks[i];
		if (svclb_network_has(network, addr) &&
		    (!longest || network->prefix_len > longest->prefix_len))
			longest = network;
	}
	return longest;
}
