// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parsing a change of the settings: what a request leaves out stays as it is.
 */
#include <linux/ctype.h>
#include <linux/netdevice.h>
#include <linux/slab.h>

#include "netlink_parse.h"

/* What masquerading must have to choose from: more than it ever tries. */
#define MIN_SOURCE_PORTS 1024

/**
 * struct list_attrs - the attributes of a list of networks
 * @network: gives a network
 * @none:    empties the list
 * @both:    the error when both are there
 * @many:    the error when there are too many
 */
struct list_attrs {
	int network;
	int none;
	const char *both;
	const char *many;
};

static const struct list_attrs list_attrs[SVCLB_NETWORK_LISTS] = {
	[SVCLB_CLUSTER_NETWORKS] = {
		.network = SVCLB_A_SETTINGS_CLUSTER_NETWORK,
		.none = SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS,
		.both = "cluster networks are given and denied",
		.many = "too many cluster networks",
	},
	[SVCLB_NODE_PORT_ADDRESSES] = {
		.network = SVCLB_A_SETTINGS_NODE_PORT_ADDRESS,
		.none = SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES,
		.both = "node-port addresses are given and denied",
		.many = "too many node-port addresses",
	},
	[SVCLB_SERVICE_NETWORKS] = {
		.network = SVCLB_A_SETTINGS_SERVICE_NETWORK,
		.none = SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS,
		.both = "service networks are given and denied",
		.many = "too many service networks",
	},
};

/* How long each list will be. */
static int count_networks(const struct genl_info *info,
			  const struct svclb_settings *old,
			  u32 nr[SVCLB_NETWORK_LISTS])
{
	int list;

	for (list = 0; list < SVCLB_NETWORK_LISTS; list++) {
		const struct list_attrs *attrs = &list_attrs[list];
		const struct nlattr *none = info->attrs[attrs->none];

		nr[list] = svclb_parse_count(info, attrs->network);
		if (nr[list] && none) {
			info->extack->_msg = attrs->both;
			NL_SET_BAD_ATTR(info->extack, none);
			return -EINVAL;
		}
		if (nr[list] > SVCLB_CLUSTER_NETWORKS_MAX) {
			info->extack->_msg = attrs->many;
			return -E2BIG;
		}
		if (!nr[list] && !none)
			nr[list] = old->first[list + 1] - old->first[list];
	}
	return 0;
}

static int parse_list(const struct genl_info *info, int list,
		      struct svclb_network *network)
{
	const struct nlattr *attr;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		u8 family = NFPROTO_UNSPEC;

		if (nla_type(attr) != list_attrs[list].network)
			continue;
		err = svclb_parse_network(attr, &family, network++,
					  info->extack);
		if (err)
			return err;
	}
	return 0;
}

static int parse_networks(const struct genl_info *info,
			  const struct svclb_settings *old,
			  struct svclb_settings *settings)
{
	u32 list, i;
	int err;

	for (list = 0; list < SVCLB_NETWORK_LISTS; list++) {
		u32 first = settings->first[list];
		u32 nr = settings->first[list + 1] - first;

		if (info->attrs[list_attrs[list].network]) {
			err = parse_list(info, list,
					 &settings->networks[first]);
			if (err)
				return err;
		} else {
			memcpy(&settings->networks[first],
			       &old->networks[old->first[list]],
			       array_size(nr, sizeof(*old->networks)));
		}
		for (i = first; i < first + nr; i++) {
			u8 family = settings->networks[i].family;

			settings->has[list][svclb_family_index(family)] = true;
		}
	}
	return 0;
}

/* Whether the kernel lets an interface be called so, or begin so. */
static bool is_interface(const char *name, size_t length, bool prefix)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (strchr("/:*", name[i]) || isspace(name[i]))
			return false;
	return length < IFNAMSIZ && (prefix || dev_valid_name(name));
}

static int parse_pod_interface(const struct nlattr *attr,
			       struct svclb_pod_interface *interface,
			       struct netlink_ext_ack *extack)
{
	const char *name = nla_data(attr);
	size_t length = strlen(name);
	bool prefix = length && name[length - 1] == '*';

	if (!is_interface(name, length - prefix, prefix)) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "pod interface is no name of an interface");
		return -EINVAL;
	}
	memcpy(interface->name, name, length - prefix);
	interface->length = prefix ? length - 1 : length + 1;
	return 0;
}

static int parse_pod_interfaces(const struct genl_info *info,
				const struct svclb_settings *old,
				struct svclb_settings *settings)
{
	const struct nlattr *none =
		info->attrs[SVCLB_A_SETTINGS_NO_POD_INTERFACES];
	const struct nlattr *attr;
	int rem, err;

	if (!info->attrs[SVCLB_A_SETTINGS_POD_INTERFACE]) {
		if (none)
			return 0;
		settings->nr_pod_interfaces = old->nr_pod_interfaces;
		memcpy(settings->pod_interfaces, old->pod_interfaces,
		       sizeof(old->pod_interfaces));
		return 0;
	}
	if (none) {
		NL_SET_ERR_MSG_ATTR(info->extack, none,
				    "pod interfaces are given and denied");
		return -EINVAL;
	}
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		u32 i = settings->nr_pod_interfaces;

		if (nla_type(attr) != SVCLB_A_SETTINGS_POD_INTERFACE)
			continue;
		if (i == SVCLB_POD_INTERFACES_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, attr,
					    "too many pod interfaces");
			return -E2BIG;
		}
		err = parse_pod_interface(attr, &settings->pod_interfaces[i],
					  info->extack);
		if (err)
			return err;
		settings->nr_pod_interfaces++;
	}
	return 0;
}

static int parse_node_ports(const struct genl_info *info,
			    const struct svclb_settings *old,
			    struct svclb_settings *settings)
{
	const struct nlattr *min = info->attrs[SVCLB_A_SETTINGS_NODE_PORT_MIN];
	const struct nlattr *max = info->attrs[SVCLB_A_SETTINGS_NODE_PORT_MAX];

	settings->node_port_min = min ? nla_get_u16(min) : old->node_port_min;
	settings->node_port_max = max ? nla_get_u16(max) : old->node_port_max;
	if (settings->node_port_min > settings->node_port_max) {
		NL_SET_ERR_MSG_ATTR(info->extack, min ?: max,
				    "node-port range ends before it begins");
		return -EINVAL;
	}
	if (svclb_settings_source_ports(settings) < MIN_SOURCE_PORTS) {
		NL_SET_ERR_MSG_ATTR(info->extack, min ?: max,
				    "node-port range leaves no ports for masquerading");
		return -EINVAL;
	}
	return 0;
}

static u8 u8_or(const struct genl_info *info, int type, u8 old)
{
	return info->attrs[type] ? nla_get_u8(info->attrs[type]) : old;
}

static u32 u32_or(const struct genl_info *info, int type, u32 old)
{
	return info->attrs[type] ? nla_get_u32(info->attrs[type]) : old;
}

/* The attributes of the timeouts are in the order of the states. */
static int parse_flows(const struct genl_info *info,
		       const struct svclb_settings *old,
		       struct svclb_settings *settings)
{
	const struct nlattr *timeout;
	int state;

	BUILD_BUG_ON(SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED -
		     SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN !=
		     SVCLB_FLOW_STATE_MAX);

	settings->datapath = u8_or(info, SVCLB_A_SETTINGS_DATAPATH,
				   old->datapath);
	settings->flow_max = u32_or(info, SVCLB_A_SETTINGS_FLOW_MAX,
				    old->flow_max);
	settings->flow_full = u8_or(info, SVCLB_A_SETTINGS_FLOW_FULL,
				    old->flow_full);
	for (state = 0; state <= SVCLB_FLOW_STATE_MAX; state++) {
		timeout = info->attrs[SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN + state];
		settings->flow_timeouts[state] = old->flow_timeouts[state];
		if (!timeout)
			continue;
		if (nla_get_u32(timeout) > SVCLB_TIMEOUT_MAX) {
			NL_SET_ERR_MSG_ATTR(info->extack, timeout,
					    "timeout is over 2000000 seconds");
			return -ERANGE;
		}
		settings->flow_timeouts[state] = nla_get_u32(timeout) * HZ;
	}
	return 0;
}

static void parse_scalars(const struct genl_info *info,
			  const struct svclb_settings *old,
			  struct svclb_settings *settings)
{
	const struct nlattr *seed = info->attrs[SVCLB_A_SETTINGS_MAGLEV_SEED];

	settings->masquerade_all =
		u8_or(info, SVCLB_A_SETTINGS_MASQUERADE_ALL,
		      old->masquerade_all);
	settings->default_sched =
		u8_or(info, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER,
		      old->default_sched);
	settings->node_port_loopback =
		u8_or(info, SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK,
		      old->node_port_loopback);
	settings->answer_ping =
		u8_or(info, SVCLB_A_SETTINGS_ANSWER_PING, old->answer_ping);
	settings->maglev_seed = seed ? nla_get_u64(seed) : old->maglev_seed;
	settings->affinity_max = u32_or(info, SVCLB_A_SETTINGS_AFFINITY_MAX,
					old->affinity_max);
}

/**
 * svclb_parse_settings() - parse a change of the settings
 * @info:     the request
 * @old:      the settings there are
 * @settings: for the settings there shall be, freed with kfree() if 0 is
 *            returned
 *
 * May sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_settings(const struct genl_info *info,
			 const struct svclb_settings *old,
			 struct svclb_settings **settings)
{
	u32 nr[SVCLB_NETWORK_LISTS];
	int err;

	err = count_networks(info, old, nr);
	if (err)
		return err;
	*settings = svclb_settings_create(nr);
	if (!*settings)
		return -ENOMEM;
	parse_scalars(info, old, *settings);
	err = parse_networks(info, old, *settings) ?:
	      parse_pod_interfaces(info, old, *settings) ?:
	      parse_flows(info, old, *settings) ?:
	      parse_node_ports(info, old, *settings);
	if (err)
		kfree(*settings);
	return err;
}
