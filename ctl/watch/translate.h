/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TRANSLATE_H
#define SVCLB_CTL_TRANSLATE_H

#include "k8s.h"
#include "lib/config.h"
#include "store.h"

/**
 * struct svclb_translation - how a cluster becomes a configuration
 * @node:       name of the node that it is for
 * @zone:       zone of the node, or NULL
 * @ips:        primary address of the node by family
 * @generation: generation of all services
 * @external_ips: whether external IPs count: whoever may make a Service can take
 *              any address by them
 * @notes:      where to say what was passed over
 * @contested:  hashes of keys that more than one service claims, by
 *              svclb_config_hash_key(), are added to it; or NULL
 */
struct svclb_translation {
	const char *node;
	const char *zone;
	struct svclb_k8s_ip ips[SVCLB_FAMILIES];
	uint64_t generation;
	bool external_ips;
	struct svclb_notes notes;
	struct svclb_map *contested;
};

/**
 * struct svclb_proxy - what settings a cluster asks for
 * @cluster_cidrs:        where pods are, separated by commas; NULL leaves it
 * @pod_interface:        by which pods come in, likewise
 * @node_port_addresses:  where node ports are open, likewise: networks, and the
 *                        words primary, localhost, all
 * @service_cidrs:        where cluster IPs are, likewise
 * @localhost_node_ports: 1 opens node ports on 127.0.0.0/8 too, 0 does not, -1
 *                        leaves it
 * @masquerade_all:       1 or 0, or -1
 * @sched:                scheduler of Services that ask for none, or -1
 * @node_cidr:            whether pods are where the Node says, rather than in
 *                        @cluster_cidrs
 */
struct svclb_proxy {
	const char *cluster_cidrs;
	const char *pod_interface;
	const char *node_port_addresses;
	const char *service_cidrs;
	int localhost_node_ports;
	int masquerade_all;
	int sched;
	bool node_cidr;
};

int svclb_translate(const struct svclb_translation *translation,
		    const struct svclb_store *store,
		    struct svclb_config *config);
int svclb_translate_some(const struct svclb_translation *translation,
			 const struct svclb_store *store,
			 const struct svclb_k8s_service **services, uint32_t nr,
			 struct svclb_config *config);
int svclb_translate_settings(const struct svclb_translation *translation,
			     const struct svclb_proxy *proxy,
			     struct svclb_settings *settings,
			     struct svclb_err *err);

int svclb_endpoints_add(const struct svclb_translation *translation,
			const struct svclb_store *store,
			const struct svclb_k8s_service *from,
			const struct svclb_k8s_port *port, bool uses_local,
			struct svclb_service *to);

#endif /* SVCLB_CTL_TRANSLATE_H */
