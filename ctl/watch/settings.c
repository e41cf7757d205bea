// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what a cluster's proxy is told on its command line to settings.
 */
#include "translate.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"

/* What is to be done with each part of a list. */
typedef int (*take_part)(void *data, const char *part, struct svclb_err *err);

static int take_parts(const char *list, take_part take, void *data,
		      struct svclb_err *err)
{
	char *copy = strdup(list), *save, *part;
	int result = 0;

	if (!copy)
		return svclb_err_memory(err);
	for (part = strtok_r(copy, ", ", &save); part && !result;
	     part = strtok_r(NULL, ", ", &save))
		result = take(data, part, err);
	free(copy);
	return result;
}

static int add_network(struct svclb_networks *networks,
		       const struct svclb_network *network,
		       struct svclb_err *err)
{
	uint32_t i;

	for (i = 0; i < networks->nr; i++)
		if (svclb_network_equal(&networks->at[i], network))
			return 0;
	if (networks->nr == SVCLB_CLUSTER_NETWORKS_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "there are at most %d networks in a list",
				     SVCLB_CLUSTER_NETWORKS_MAX);
	networks->at[networks->nr++] = *network;
	return 0;
}

static int take_network(void *data, const char *part, struct svclb_err *err)
{
	struct svclb_network network;

	if (!svclb_k8s_parse_network(part, &network))
		return svclb_text_bad(err, part, "not a network",
				      "write it as 10.244.0.0/16 or fd00:10::/64");
	return add_network(data, &network, err);
}

static int take_interface(void *data, const char *part, struct svclb_err *err)
{
	struct svclb_settings *settings = data;

	if (settings->nr_interfaces == SVCLB_POD_INTERFACES_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "there are at most %d pod interfaces",
				     SVCLB_POD_INTERFACES_MAX);
	return svclb_text_parse_interface(part,
					  settings->interfaces[settings->nr_interfaces++],
					  err);
}

/**
 * struct node_ports - where node ports shall be open
 * @translation: the node
 * @networks:    where
 * @all:         whether everywhere, by family
 * @loopback:    whether IPv4 loopback addresses are among that
 * @localhost:   whether they were asked for by name
 */
struct node_ports {
	const struct svclb_translation *translation;
	struct svclb_networks *networks;
	bool all[SVCLB_FAMILIES];
	bool loopback;
	bool localhost;
};

static const struct svclb_network loopbacks[SVCLB_FAMILIES] = {
	{ .addr = { 127 }, .family = AF_INET, .length = 8 },
	{ .addr = { [15] = 1 }, .family = AF_INET6, .length = 128 },
};

static int take_node_port_network(struct node_ports *ports,
				  const struct svclb_network *network,
				  struct svclb_err *err)
{
	static const uint8_t localhost[16] = { 127, [3] = 1 };

	if (!network->length) {
		ports->all[svclb_family_index(network->family)] = true;
		return 0;
	}
	if (svclb_network_has(network, AF_INET, localhost) ||
	    svclb_network_has(&loopbacks[0], network->family, network->addr))
		ports->loopback = true;
	return add_network(ports->networks, network, err);
}

static int take_primary(struct node_ports *ports, struct svclb_err *err)
{
	const struct svclb_k8s_ip *ips = ports->translation->ips;
	int i, result = 0;

	if (!ips[0].family && !ips[1].family)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'primary': the node's address is not known; give it by --node-ip");
	for (i = 0; i < SVCLB_FAMILIES && !result; i++) {
		struct svclb_network network = { .family = ips[i].family };

		/* Nowhere is not the same as no restriction. */
		if (!network.family) {
			result = add_network(ports->networks, &loopbacks[i],
					     err);
			continue;
		}
		network.length = svclb_family_length(network.family) * 8;
		memcpy(network.addr, ips[i].addr, sizeof(network.addr));
		result = take_node_port_network(ports, &network, err);
	}
	return result;
}

static int take_node_port_part(void *data, const char *part,
			       struct svclb_err *err)
{
	struct node_ports *ports = data;
	struct svclb_network network;
	int i;

	if (!strcmp(part, "primary"))
		return take_primary(ports, err);
	if (!strcmp(part, "all")) {
		for (i = 0; i < SVCLB_FAMILIES; i++)
			ports->all[i] = true;
		return 0;
	}
	if (!strcmp(part, "localhost")) {
		ports->localhost = true;
		for (i = 0; i < SVCLB_FAMILIES; i++)
			if (take_node_port_network(ports, &loopbacks[i], err))
				return -1;
		return 0;
	}
	if (svclb_k8s_parse_network(part, &network))
		return take_node_port_network(ports, &network, err);
	return svclb_text_bad(err, part, "not where node ports can be open",
			      "write a network, or primary, localhost, all");
}

/* A family without a network has its node ports open everywhere. */
static void drop_families(struct node_ports *ports)
{
	struct svclb_networks *networks = ports->networks;
	uint32_t i, kept = 0;

	for (i = 0; i < networks->nr; i++)
		if (!ports->all[svclb_family_index(networks->at[i].family)])
			networks->at[kept++] = networks->at[i];
	networks->nr = kept;
	if (ports->all[0])
		ports->loopback = true;
}

static bool has_family(const struct svclb_networks *networks, uint8_t family)
{
	uint32_t i;

	for (i = 0; i < networks->nr; i++)
		if (networks->at[i].family == family)
			return true;
	return false;
}

static int set_node_ports(const struct svclb_translation *translation,
			  const struct svclb_proxy *proxy,
			  struct svclb_settings *settings,
			  struct svclb_err *err)
{
	struct node_ports ports = {
		.translation = translation,
		.networks = &settings->lists[SVCLB_LIST_NODE_PORT],
	};
	const char *list = proxy->node_port_addresses;

	if (list) {
		settings->given |= SVCLB_GIVEN_LIST(SVCLB_LIST_NODE_PORT);
		if (take_parts(list, take_node_port_part, &ports, err))
			return -1;
		drop_families(&ports);
	}
	if (proxy->localhost_node_ports < 0 && !ports.localhost)
		return 0;
	settings->given |= SVCLB_GIVEN_LOOPBACK;
	if (!has_family(ports.networks, AF_INET))
		ports.loopback = true;
	settings->loopback = proxy->localhost_node_ports && ports.loopback;
	return 0;
}

static int set_list(struct svclb_settings *settings, int list, const char *text,
		    struct svclb_err *err)
{
	if (!text)
		return 0;
	settings->given |= SVCLB_GIVEN_LIST(list);
	return take_parts(text, take_network, &settings->lists[list], err);
}

/**
 * svclb_translate_settings() - make the settings that a cluster asks for
 * @translation: the node
 * @proxy:       what the proxy was told
 * @settings:    for the settings, all zero
 * @err:         for errors
 *
 * Return: 0 or -1.
 */
int svclb_translate_settings(const struct svclb_translation *translation,
			     const struct svclb_proxy *proxy,
			     struct svclb_settings *settings,
			     struct svclb_err *err)
{
	if (set_list(settings, SVCLB_LIST_CLUSTER, proxy->cluster_cidrs, err) ||
	    set_list(settings, SVCLB_LIST_SERVICE, proxy->service_cidrs, err) ||
	    set_node_ports(translation, proxy, settings, err))
		return -1;
	if (proxy->masquerade_all >= 0) {
		settings->given |= SVCLB_GIVEN_MASQUERADE;
		settings->masquerade_all = proxy->masquerade_all;
	}
	if (proxy->sched >= 0) {
		settings->given |= SVCLB_GIVEN_SCHEDULER;
		settings->sched = proxy->sched;
	}
	if (!proxy->pod_interface)
		return 0;
	settings->given |= SVCLB_GIVEN_INTERFACES;
	return take_parts(proxy->pod_interface, take_interface, settings, err);
}
