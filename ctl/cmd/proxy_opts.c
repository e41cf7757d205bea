// SPDX-License-Identifier: GPL-2.0-only
#include "proxy_opts.h"

#include <string.h>

#include "lib/text.h"

/* Generation of the services that are ours, unless another one is given. */
#define DEFAULT_GENERATION 1

const struct svclb_opt svclb_proxy_opt_table[] = {
	{ "node", 0, true, SVCLB_PROXY_OPT_NODE },
	{ "zone", 0, true, SVCLB_PROXY_OPT_ZONE },
	{ "node-ip", 0, true, SVCLB_PROXY_OPT_NODE_IP },
	{ "cluster-cidr", 0, true, SVCLB_PROXY_OPT_CLUSTER_CIDR },
	{ "pod-interface", 0, true, SVCLB_PROXY_OPT_POD_INTERFACE },
	{ "node-port-addresses", 0, true, SVCLB_PROXY_OPT_NODE_PORT_ADDRESSES },
	{ "localhost-node-ports", 0, true, SVCLB_PROXY_OPT_LOCALHOST_NODE_PORTS },
	{ "masquerade-all", 0, true, SVCLB_PROXY_OPT_MASQUERADE_ALL },
	{ "service-cidr", 0, true, SVCLB_PROXY_OPT_SERVICE_CIDR },
	{ "external-ips", 0, true, SVCLB_PROXY_OPT_EXTERNAL_IPS },
	{ "generation", 0, true, SVCLB_PROXY_OPT_GENERATION },
	{ 0 }
};

/**
 * svclb_proxy_opts_init() - prepare for options
 * @opts: becomes what is done without any
 */
void svclb_proxy_opts_init(struct svclb_proxy_opts *opts)
{
	*opts = (struct svclb_proxy_opts){
		.generation = DEFAULT_GENERATION,
		.external_ips = -1,
		.proxy = {
			.localhost_node_ports = -1,
			.masquerade_all = -1,
			.sched = -1,
		},
	};
}

/**
 * svclb_proxy_opts_switch() - take the value of a switch
 * @arg:   the value
 * @what:  name of the option
 * @value: becomes 1 or 0
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxy_opts_switch(const char *arg, const char *what, int *value,
			    struct svclb_err *err)
{
	bool on;

	if (svclb_text_parse_switch(arg, what, &on, err))
		return -1;
	*value = on;
	return 0;
}

static int set_generation(uint64_t *generation, const char *arg,
			  struct svclb_err *err)
{
	if (svclb_text_parse_number(arg, "a generation", UINT64_MAX, generation,
				    err))
		return -1;
	if (*generation)
		return 0;
	return svclb_text_bad(err, arg,
			      "services of generation 0 are not a cluster's",
			      "give another number");
}

/**
 * svclb_proxy_opts_set() - take an option
 * @opts: the options
 * @id:   enum svclb_proxy_opt
 * @arg:  its value, which must stay
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxy_opts_set(struct svclb_proxy_opts *opts, int id, const char *arg,
			 struct svclb_err *err)
{
	struct svclb_proxy *proxy = &opts->proxy;

	switch (id) {
	case SVCLB_PROXY_OPT_NODE:
		opts->node = arg;
		return 0;
	case SVCLB_PROXY_OPT_ZONE:
		opts->zone = arg;
		return 0;
	case SVCLB_PROXY_OPT_NODE_IP:
		opts->node_ips = arg;
		return 0;
	case SVCLB_PROXY_OPT_CLUSTER_CIDR:
		proxy->cluster_cidrs = arg;
		return 0;
	case SVCLB_PROXY_OPT_POD_INTERFACE:
		proxy->pod_interface = arg;
		return 0;
	case SVCLB_PROXY_OPT_NODE_PORT_ADDRESSES:
		proxy->node_port_addresses = arg;
		return 0;
	case SVCLB_PROXY_OPT_LOCALHOST_NODE_PORTS:
		return svclb_proxy_opts_switch(arg, "--localhost-node-ports",
					       &proxy->localhost_node_ports,
					       err);
	case SVCLB_PROXY_OPT_MASQUERADE_ALL:
		return svclb_proxy_opts_switch(arg, "--masquerade-all",
					       &proxy->masquerade_all, err);
	case SVCLB_PROXY_OPT_SERVICE_CIDR:
		proxy->service_cidrs = arg;
		return 0;
	case SVCLB_PROXY_OPT_EXTERNAL_IPS:
		return svclb_proxy_opts_switch(arg, "--external-ips",
					       &opts->external_ips, err);
	default:
		return set_generation(&opts->generation, arg, err);
	}
}

/**
 * svclb_proxy_opts_ips() - read the addresses of a node
 * @list: the addresses, separated by commas
 * @ips:  for one of each family, none so far
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxy_opts_ips(const char *list, struct svclb_k8s_ip *ips,
			 struct svclb_err *err)
{
	char copy[256], *save, *part;
	size_t len = strlen(list);
	struct svclb_k8s_ip ip;

	if (len >= sizeof(copy))
		return svclb_text_bad(err, list, "not an address",
				      "give one of each family");
	memcpy(copy, list, len + 1);
	for (part = strtok_r(copy, ", ", &save); part;
	     part = strtok_r(NULL, ", ", &save)) {
		if (!svclb_k8s_parse_ip(part, &ip))
			return svclb_text_bad(err, part, "not an address",
					      "write it as 192.0.2.1 or 2001:db8::1");
		if (ips[svclb_family_index(ip.family)].family)
			return svclb_text_bad(err, part,
					      "there is another address of this family",
					      "give one of each family");
		ips[svclb_family_index(ip.family)] = ip;
	}
	return 0;
}
