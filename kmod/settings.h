/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SETTINGS_H
#define _SVCLB_SETTINGS_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>

#include "uapi/svclb.h"

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

/**
 * struct svclb_settings - the settings of a namespace
 * @rcu:             frees it once no packet looks at it any more
 * @masquerade_all:  masquerade every connection to a service
 * @default_sched:   scheduler of services set without one, enum svclb_scheduler
 * @node_port_min:   first port that masquerading leaves alone, host byte order
 * @node_port_max:   last such port
 * @has_networks:    whether @networks has any of the family, by
 *                   svclb_family_index()
 * @nr_networks:     how many @networks
 * @networks:        the cluster networks
 *
 * Never changed after it was published; replaced whole.
 */
struct svclb_settings {
	struct rcu_head rcu;
	bool masquerade_all;
	u8 default_sched;
	u16 node_port_min;
	u16 node_port_max;
	bool has_networks[2];
	unsigned int nr_networks;
	struct svclb_network networks[];
};

struct svclb_settings *svclb_settings_create(unsigned int nr_networks);
void svclb_settings_set_network(struct svclb_settings *settings,
				unsigned int i, u8 family,
				const union nf_inet_addr *addr, u8 prefix_len);

/**
 * svclb_family_index() - number the families from 0
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Return: 0 or 1.
 */
static inline unsigned int svclb_family_index(u8 family)
{
	return family == NFPROTO_IPV6;
}

/* The ports that masquerading may choose from, but for the node ports. */
#define SVCLB_FIRST_SOURCE_PORT 1024
#define SVCLB_LAST_SOURCE_PORT 65535

/**
 * svclb_settings_source_ports() - how many ports masquerading chooses from
 * @settings: the settings
 *
 * Return: the number of ports, without those of the node-port range.
 */
static inline u32
svclb_settings_source_ports(const struct svclb_settings *settings)
{
	u32 first = max_t(u32, settings->node_port_min,
			  SVCLB_FIRST_SOURCE_PORT);
	u32 total = SVCLB_LAST_SOURCE_PORT - SVCLB_FIRST_SOURCE_PORT + 1;

	return settings->node_port_max < first ?
	       total : total - (settings->node_port_max - first + 1);
}

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
 * svclb_settings_outside() - whether a client is outside the cluster
 * @settings: the settings
 * @family:   NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr:     the client's address
 *
 * A family without a cluster network has no outside: nobody can be told to
 * be there.
 *
 * Return: whether it is.
 */
static inline bool svclb_settings_outside(const struct svclb_settings *settings,
					  u8 family,
					  const union nf_inet_addr *addr)
{
	unsigned int i;

	if (!settings->has_networks[svclb_family_index(family)])
		return false;
	for (i = 0; i < settings->nr_networks; i++)
		if (settings->networks[i].family == family &&
		    svclb_network_has(&settings->networks[i], addr))
			return false;
	return true;
}

#endif /* _SVCLB_SETTINGS_H */
