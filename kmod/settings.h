/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SETTINGS_H
#define _SVCLB_SETTINGS_H

#include <linux/if.h>
#include <linux/rcupdate.h>

#include "network.h"
#include "uapi/svclb.h"

/**
 * enum svclb_network_list - the lists of networks in the settings
 * @SVCLB_CLUSTER_NETWORKS:     whose members are pods
 * @SVCLB_NODE_PORT_ADDRESSES:  where node ports are open
 * @SVCLB_SERVICE_NETWORKS:     whose addresses are only for services
 * @SVCLB_NETWORK_LISTS:        how many there are
 */
enum svclb_network_list {
	SVCLB_CLUSTER_NETWORKS,
	SVCLB_NODE_PORT_ADDRESSES,
	SVCLB_SERVICE_NETWORKS,
	SVCLB_NETWORK_LISTS
};

/**
 * struct svclb_pod_interface - by which interfaces pods come in
 * @name:   name of an interface, or the beginning of names
 * @length: how much of it counts; with the terminating zero for a whole name
 */
struct svclb_pod_interface {
	char name[IFNAMSIZ];
	u8 length;
};

/**
 * struct svclb_settings - the settings of a namespace
 * @rcu:             frees it once no packet looks at it any more
 * @masquerade_all:  masquerade every connection to a VIP
 * @node_port_loopback: node ports are open on 127.0.0.0/8, to the node itself
 * @answer_ping:     answer an echo request to a VIP
 * @default_sched:   scheduler of services set without one, enum svclb_scheduler
 * @node_port_min:   first port that masquerading leaves alone, host byte order
 * @node_port_max:   last such port
 * @maglev_seed:     makes the choice of the scheduler maglev
 * @affinity_max:    most entries of client affinity
 * @datapath:        what translates new connections, enum svclb_datapath
 * @flow_full:       what becomes of them when the flow table is full, enum
 *                   svclb_flow_full
 * @flow_max:        how many flows it may have
 * @flow_timeouts:   how long a flow may be idle, in jiffies, by enum
 *                   svclb_flow_state
 * @nr_pod_interfaces: how many @pod_interfaces
 * @pod_interfaces:  by which pods come in
 * @first:           where in @networks each list begins, by enum
 *                   svclb_network_list; the last one is where all end
 * @has:             whether a list has any of the family, by
 *                   svclb_family_index()
 * @networks:        the networks of all lists
 *
 * Never changed after it was published; replaced whole.
 */
struct svclb_settings {
	struct rcu_head rcu;
	bool masquerade_all;
	bool node_port_loopback;
	bool answer_ping;
	u8 default_sched;
	u16 node_port_min;
	u16 node_port_max;
	u64 maglev_seed;
	u32 affinity_max;
	u8 datapath;
	u8 flow_full;
	u32 flow_max;
	u32 flow_timeouts[SVCLB_FLOW_STATE_MAX + 1];
	u32 nr_pod_interfaces;
	struct svclb_pod_interface pod_interfaces[SVCLB_POD_INTERFACES_MAX];
	u16 first[SVCLB_NETWORK_LISTS + 1];
	bool has[SVCLB_NETWORK_LISTS][2];
	struct svclb_network networks[];
};

struct svclb_settings *
svclb_settings_create(const u32 nr[SVCLB_NETWORK_LISTS]);

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
 * svclb_settings_have() - whether an address is in a list of networks
 * @settings: the settings
 * @list:     the list
 * @family:   NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr:     the address
 *
 * Return: whether it is.
 */
static inline bool svclb_settings_have(const struct svclb_settings *settings,
				       enum svclb_network_list list, u8 family,
				       const union nf_inet_addr *addr)
{
	const struct svclb_network *network;
	unsigned int i;

	if (!settings->has[list][svclb_family_index(family)])
		return false;
	for (i = settings->first[list]; i < settings->first[list + 1]; i++) {
		network = &settings->networks[i];
		if (network->family == family &&
		    svclb_network_has(network, addr))
			return true;
	}
	return false;
}

#endif /* _SVCLB_SETTINGS_H */
