/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_KUBEPROXY_H
#define SVCLB_CTL_KUBEPROXY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "k8s.h"
#include "lib/err.h"
#include "translate.h"

/**
 * struct svclb_kubeproxy_mode - what each mode of kube-proxy has its own of
 * @masquerade_all:       whether every connection to a cluster IP is masqueraded
 * @localhost_node_ports: whether node ports are open on 127.0.0.0/8
 * @sync_period:          milliseconds in which a change must get to the kernel
 * @min_sync_period:      least milliseconds from one pass to the next
 */
struct svclb_kubeproxy_mode {
	bool masquerade_all;
	bool localhost_node_ports;
	uint64_t sync_period;
	uint64_t min_sync_period;
};

/**
 * struct svclb_kubeproxy_conntrack - sysctls of connection tracking
 * @max_per_core:   connections for each processor, or 0 to leave the limit
 * @min:            but no fewer than that
 * @established:    timeout of TCP connections in milliseconds, or 0 to leave it
 * @close_wait:     likewise, in the state CLOSE_WAIT
 * @udp:            likewise, of UDP
 * @udp_stream:     likewise, of UDP with answers
 * @be_liberal:     whether TCP segments outside the window are let pass
 */
struct svclb_kubeproxy_conntrack {
	uint32_t max_per_core;
	uint32_t min;
	uint64_t established;
	uint64_t close_wait;
	uint64_t udp;
	uint64_t udp_stream;
	bool be_liberal;
};

/**
 * struct svclb_kubeproxy - a KubeProxyConfiguration, as far as it is honoured
 * @mode:               iptables, ipvs or nftables
 * @kubeconfig:         how to reach the API server, "" for from inside
 * @hostname:           name of the node, "" for the host's
 * @bind_address:       address of the node; unspecified for what the Node says
 * @healthz:            ADDRESS:PORT, "" for nowhere
 * @metrics:            likewise
 * @bind_hard_fail:     whether addresses that cannot be bound are an error
 * @detect_local:       ClusterCIDR, NodeCIDR, BridgeInterface or
 *                      InterfaceNamePrefix
 * @cluster_cidr:       where pods are
 * @bridge:             bridge that they are behind
 * @prefix:             what the names of their interfaces begin with
 * @node_ports:         where node ports are open; "" for what the mode does
 * @iptables:           of mode iptables
 * @nftables:           of mode nftables
 * @ipvs:               of mode ipvs
 * @scheduler:          of mode ipvs
 * @conntrack:          sysctls
 * @oom_score:          how readily the kernel ends the process if memory is short
 * @config_sync_period: milliseconds from one look at everything to the next
 * @log_format:         text or json
 * @verbosity:          4 and more for every step
 * @sched:              enum svclb_scheduler that @scheduler stands for, or -1
 * @pattern:            names of interfaces that begin with @prefix
 * @proxy_mode:         the section of the mode
 *
 * Texts are owned. What begins with @sched follows from the others.
 */
struct svclb_kubeproxy {
	char *mode;
	char *kubeconfig;
	char *hostname;
	char *bind_address;
	char *healthz;
	char *metrics;
	bool bind_hard_fail;
	char *detect_local;
	char *cluster_cidr;
	char *bridge;
	char *prefix;
	char *node_ports;
	struct svclb_kubeproxy_mode iptables;
	struct svclb_kubeproxy_mode nftables;
	struct svclb_kubeproxy_mode ipvs;
	char *scheduler;
	struct svclb_kubeproxy_conntrack conntrack;
	int oom_score;
	uint64_t config_sync_period;
	char *log_format;
	uint32_t verbosity;
	int sched;
	char *pattern;
	struct svclb_kubeproxy_mode *proxy_mode;
};

int svclb_kubeproxy_init(struct svclb_kubeproxy *config, struct svclb_err *err);
int svclb_kubeproxy_read(struct svclb_kubeproxy *config, const char *text,
			 size_t len, const struct svclb_notes *notes,
			 struct svclb_err *err);
int svclb_kubeproxy_settle(struct svclb_kubeproxy *config,
			   const struct svclb_notes *notes,
			   struct svclb_err *err);
void svclb_kubeproxy_proxy(const struct svclb_kubeproxy *config,
			   struct svclb_proxy *proxy);
void svclb_kubeproxy_write(FILE *file, const struct svclb_kubeproxy *config);
void svclb_kubeproxy_uninit(struct svclb_kubeproxy *config);

int svclb_duration_parse(const char *text, uint64_t *milliseconds);
#define SVCLB_DURATION_TEXT 32
const char *svclb_duration_text(char *text, uint64_t milliseconds);

#endif /* SVCLB_CTL_KUBEPROXY_H */
