/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETWORK_H
#define _SVCLB_NETWORK_H

#include <linux/netfilter.h>
#include <linux/refcount.h>

/**
 * struct svclb_network - a prefix of addresses
 * @addr:       first address, all bits behind the prefix 0
 * @mask:       its netmask
 * @family:     NFPROTO_IPV4 or NFPROTO_IPV6
 * @prefix_len: length in bits
 */
struct svclb_network {
	union nf_inet_addr addr;
	union nf_inet_addr mask;
	u8 family;
	u8 prefix_len;
};

void svclb_network_set(struct svclb_network *network, u8 family,
		       const union nf_inet_addr *addr, u8 prefix_len);

/**
 * svclb_network_has() - whether a network has an address
 * @network: the network
 * @addr:    an address of the same family
 *
 * Return: whether it has.
 */
static inline bool svclb_network_has(const struct svclb_network *network,
				     const union nf_inet_addr *addr)
{
	__be32 diff = (addr->ip ^ network->addr.ip) & network->mask.ip;
	unsigned int i;

	if (network->family == NFPROTO_IPV6)
		for (i = 1; i < 4; i++)
			diff |= (addr->ip6[i] ^ network->addr.ip6[i]) &
				network->mask.ip6[i];
	return !diff;
}

/**
 * struct svclb_number - an address as a number, to be compared
 * @high: first half of an IPv6 address, 0 for IPv4; host byte order
 * @low:  the rest
 */
struct svclb_number {
	u64 high;
	u64 low;
};

/**
 * struct svclb_interval - addresses from one to another
 * @first: the lowest
 * @last:  the highest, part of it
 */
struct svclb_interval {
	struct svclb_number first;
	struct svclb_number last;
};

/**
 * struct svclb_ranges - many networks of one family, for a quick answer
 * @ref:          one for each set that has them
 * @nr:           how many @networks
 * @nr_intervals: how many @intervals
 * @networks:     as they were given, for whoever wants to see them
 * @intervals:    what they cover together, ascending, with gaps in between:
 *                the search takes a step for each doubling of their number, and
 *                nested or repeated networks cost nothing
 *
 * Never changed once made.
 */
struct svclb_ranges {
	refcount_t ref;
	u32 nr;
	u32 nr_intervals;
	struct svclb_network *networks;
	struct svclb_interval intervals[];
};

struct svclb_ranges *svclb_ranges_create(struct svclb_network *networks,
					 u32 nr);
void svclb_ranges_put(struct svclb_ranges *ranges);
bool svclb_ranges_have(const struct svclb_ranges *ranges, u8 family,
		       const union nf_inet_addr *addr);
const struct svclb_network *
svclb_ranges_longest(const struct svclb_ranges *ranges,
		     const union nf_inet_addr *addr);

#endif /* _SVCLB_NETWORK_H */
