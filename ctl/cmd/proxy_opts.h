/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_PROXY_OPTS_H
#define SVCLB_CTL_PROXY_OPTS_H

#include "lib/err.h"
#include "lib/opts.h"
#include "watch/translate.h"

/**
 * struct svclb_proxy_opts - options of whoever makes the services of a cluster
 * @node:       name of the node, or NULL
 * @zone:       zone of the node, or NULL
 * @node_ips:   addresses of the node, separated by commas; or NULL
 * @generation: generation of the services
 * @external_ips: whether external IPs count: 1 or 0, or -1
 * @proxy:      what settings are asked for
 */
struct svclb_proxy_opts {
	const char *node;
	const char *zone;
	const char *node_ips;
	uint64_t generation;
	int external_ips;
	struct svclb_proxy proxy;
};

/* Numbers of these options; a command's own ones begin behind. */
enum svclb_proxy_opt {
	SVCLB_PROXY_OPT_NODE = 1,
	SVCLB_PROXY_OPT_ZONE,
	SVCLB_PROXY_OPT_NODE_IP,
	SVCLB_PROXY_OPT_CLUSTER_CIDR,
	SVCLB_PROXY_OPT_POD_INTERFACE,
	SVCLB_PROXY_OPT_NODE_PORT_ADDRESSES,
	SVCLB_PROXY_OPT_LOCALHOST_NODE_PORTS,
	SVCLB_PROXY_OPT_MASQUERADE_ALL,
	SVCLB_PROXY_OPT_SERVICE_CIDR,
	SVCLB_PROXY_OPT_EXTERNAL_IPS,
	SVCLB_PROXY_OPT_GENERATION,
	SVCLB_PROXY_OPTS,
};

/* To be the shared table of a command. */
extern const struct svclb_opt svclb_proxy_opt_table[];

void svclb_proxy_opts_init(struct svclb_proxy_opts *opts);
int svclb_proxy_opts_set(struct svclb_proxy_opts *opts, int id, const char *arg,
			 struct svclb_err *err);
int svclb_proxy_opts_ips(const char *list, struct svclb_k8s_ip *ips,
			 struct svclb_err *err);
int svclb_proxy_opts_switch(const char *arg, const char *what, int *value,
			    struct svclb_err *err);

#endif /* SVCLB_CTL_PROXY_OPTS_H */
