// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a KubeProxyConfiguration means: the defaults of kube-proxy, and which of
 * the settings the mode uses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kubeproxy.h"
#include "lib/text.h"

#define HEALTHZ_PORT 10256
#define METRICS_PORT 10249

#define SECOND UINT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

#define SYNC_PERIOD (30 * SECOND)
#define CONFIG_SYNC_PERIOD (15 * MINUTE)

/* The texts, to be given and freed as one. */
static const size_t texts[] = {
	offsetof(struct svclb_kubeproxy, mode),
	offsetof(struct svclb_kubeproxy, kubeconfig),
	offsetof(struct svclb_kubeproxy, hostname),
	offsetof(struct svclb_kubeproxy, bind_address),
	offsetof(struct svclb_kubeproxy, healthz),
	offsetof(struct svclb_kubeproxy, metrics),
	offsetof(struct svclb_kubeproxy, detect_local),
	offsetof(struct svclb_kubeproxy, cluster_cidr),
	offsetof(struct svclb_kubeproxy, bridge),
	offsetof(struct svclb_kubeproxy, prefix),
	offsetof(struct svclb_kubeproxy, pattern),
	offsetof(struct svclb_kubeproxy, node_ports),
	offsetof(struct svclb_kubeproxy, scheduler),
	offsetof(struct svclb_kubeproxy, log_format),
};

#define NR_TEXTS (sizeof(texts) / sizeof(*texts))

static char **text_at(struct svclb_kubeproxy *config, size_t i)
{
	return (char **)((char *)config + texts[i]);
}

/**
 * svclb_kubeproxy_init() - prepare for a configuration
 * @config: becomes what kube-proxy does without a file
 * @err:    for errors
 *
 * Return: 0 or -1; uninit it in both cases.
 */
int svclb_kubeproxy_init(struct svclb_kubeproxy *config, struct svclb_err *err)
{
	size_t i;

	*config = (struct svclb_kubeproxy){
		.iptables = {
			.localhost_node_ports = true,
			.sync_period = SYNC_PERIOD,
			.min_sync_period = SECOND,
		},
		.nftables = {
			.sync_period = SYNC_PERIOD,
			.min_sync_period = SECOND,
		},
		.ipvs.sync_period = SYNC_PERIOD,
		.conntrack = {
			.max_per_core = 32768,
			.min = 131072,
			.established = 24 * HOUR,
			.close_wait = HOUR,
		},
		.oom_score = -999,
		.config_sync_period = CONFIG_SYNC_PERIOD,
		.sched = -1,
	};
	config->proxy_mode = &config->iptables;
	for (i = 0; i < NR_TEXTS; i++) {
		*text_at(config, i) = strdup("");
		if (!*text_at(config, i))
			return svclb_err_memory(err);
	}
	return 0;
}

/**
 * svclb_kubeproxy_uninit() - free what a configuration owns
 * @config: the configuration
 */
void svclb_kubeproxy_uninit(struct svclb_kubeproxy *config)
{
	size_t i;

	for (i = 0; i < NR_TEXTS; i++) {
		free(*text_at(config, i));
		*text_at(config, i) = NULL;
	}
}

static int replace(char **text, const char *by, struct svclb_err *err)
{
	char *copy = strdup(by);

	if (!copy)
		return svclb_err_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

static int settle_mode(struct svclb_kubeproxy *config,
		       const struct svclb_notes *notes, struct svclb_err *err)
{
	if (!strcmp(config->mode, "userspace") ||
	    !strcmp(config->mode, "kernelspace")) {
		svclb_note(notes,
			   "mode %s is ignored: settings of mode iptables are used",
			   config->mode);
		*config->mode = '\0';
	}
	if (!*config->mode && replace(&config->mode, "iptables", err))
		return -1;
	if (!strcmp(config->mode, "iptables"))
		config->proxy_mode = &config->iptables;
	else if (!strcmp(config->mode, "nftables"))
		config->proxy_mode = &config->nftables;
	else if (!strcmp(config->mode, "ipvs"))
		config->proxy_mode = &config->ipvs;
	else
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "mode: '%.80s' is not iptables, ipvs or nftables",
				     config->mode);
	/* There is none in the section of ipvs. */
	config->ipvs.masquerade_all = config->iptables.masquerade_all;
	if (!config->proxy_mode->sync_period)
		config->proxy_mode->sync_period = SYNC_PERIOD;
	if (!config->config_sync_period)
		config->config_sync_period = CONFIG_SYNC_PERIOD;
	return 0;
}

static void settle_scheduler(struct svclb_kubeproxy *config,
			     const struct svclb_notes *notes)
{
	static const struct {
		const char *name;
		int sched;
	} known[] = {
		{ "", SVCLB_SCHED_RR },
		{ "rr", SVCLB_SCHED_RR },
		{ "wrr", SVCLB_SCHED_WRR },
		{ "lc", SVCLB_SCHED_LC },
		{ "wlc", SVCLB_SCHED_WLC },
		{ "sh", SVCLB_SCHED_SH },
		{ "mh", SVCLB_SCHED_MAGLEV },
	};
	size_t i;

	config->sched = -1;
	if (config->proxy_mode != &config->ipvs)
		return;
	config->sched = SVCLB_SCHED_RR;
	for (i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i].name, config->scheduler) != 0)
			continue;
		config->sched = known[i].sched;
		return;
	}
	svclb_note(notes,
		   "ipvs.scheduler %.40s is ignored and rr used: there are rr, wrr, lc, wlc, sh and mh, or others for a Service by its annotation svclb.io/scheduler",
		   config->scheduler);
}

/* An address without a port gets one. */
static int settle_address(char **address, const char *any, int port,
			  struct svclb_err *err)
{
	struct svclb_k8s_ip ip;
	char text[128];

	if (!**address)
		snprintf(text, sizeof(text), "%s:%d", any, port);
	else if (!svclb_k8s_parse_ip(*address, &ip))
		return 0;
	else if (ip.family == AF_INET)
		snprintf(text, sizeof(text), "%s:%d", *address, port);
	else
		snprintf(text, sizeof(text), "[%s]:%d", *address, port);
	return replace(address, text, err);
}

static int settle_servers(struct svclb_kubeproxy *config, struct svclb_err *err)
{
	struct svclb_k8s_ip ip;
	bool v6;

	if (!*config->bind_address &&
	    replace(&config->bind_address, "0.0.0.0", err))
		return -1;
	if (!svclb_k8s_parse_ip(config->bind_address, &ip))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "bindAddress: '%.80s' is not an address",
				     config->bind_address);
	v6 = ip.family == AF_INET6;
	if (settle_address(&config->healthz, v6 ? "[::]" : "0.0.0.0",
			   HEALTHZ_PORT, err))
		return -1;
	return settle_address(&config->metrics, v6 ? "[::1]" : "127.0.0.1",
			      METRICS_PORT, err);
}

static int check_networks(const char *list, const char *path, bool words,
			  const struct svclb_notes *notes,
			  struct svclb_err *err)
{
	char *copy = strdup(list), *save, *part;
	bool known[SVCLB_FAMILIES] = { false };
	struct svclb_network network;
	int result = 0;

	if (!copy)
		return svclb_err_memory(err);
	for (part = strtok_r(copy, ", ", &save); part && !result;
	     part = strtok_r(NULL, ", ", &save)) {
		if (words && (!strcmp(part, "primary") ||
			      !strcmp(part, "localhost") ||
			      !strcmp(part, "all")))
			continue;
		if (!svclb_k8s_parse_network(part, &network))
			result = svclb_err_set(err, SVCLB_ERR_INPUT,
					       "%s: '%.80s' is not a network",
					       path, part);
		else if (!words && known[svclb_family_index(network.family)])
			svclb_note(notes,
				   "%s: %.80s counts as well; kube-proxy takes the first of each family",
				   path, part);
		else
			known[svclb_family_index(network.family)] = true;
	}
	free(copy);
	return result;
}

static int settle_prefix(struct svclb_kubeproxy *config, struct svclb_err *err)
{
	char text[SVCLB_INTERFACE_TEXT];

	if (!*config->prefix)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "detectLocal.interfaceNamePrefix is missing, which detectLocalMode needs");
	if (strlen(config->prefix) + 1 >= sizeof(text))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "detectLocal.interfaceNamePrefix: '%.80s' is too long",
				     config->prefix);
	snprintf(text, sizeof(text), "%s*", config->prefix);
	return replace(&config->pattern, text, err);
}

static int settle_detection(struct svclb_kubeproxy *config,
			    const struct svclb_notes *notes,
			    struct svclb_err *err)
{
	if (!*config->detect_local &&
	    replace(&config->detect_local, "ClusterCIDR", err))
		return -1;
	if (check_networks(config->cluster_cidr, "clusterCIDR", false, notes,
			   err) ||
	    check_networks(config->node_ports, "nodePortAddresses", true, notes,
			   err))
		return -1;
	if (!strcmp(config->detect_local, "ClusterCIDR")) {
		if (!*config->cluster_cidr)
			svclb_note(notes,
				   "clusterCIDR is missing: it is not known who is a pod, and nothing from outside is masqueraded on its way to a cluster IP");
		return 0;
	}
	if (!strcmp(config->detect_local, "NodeCIDR"))
		return 0;
	if (!strcmp(config->detect_local, "BridgeInterface")) {
		if (*config->bridge)
			return 0;
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "detectLocal.bridgeInterface is missing, which detectLocalMode needs");
	}
	if (!strcmp(config->detect_local, "InterfaceNamePrefix"))
		return settle_prefix(config, err);
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "detectLocalMode: '%.80s' is not ClusterCIDR, NodeCIDR, BridgeInterface or InterfaceNamePrefix",
			     config->detect_local);
}

/**
 * svclb_kubeproxy_settle() - give defaults, and check
 * @config: the configuration, once it was read and changed
 * @notes:  where to say what is ignored
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_kubeproxy_settle(struct svclb_kubeproxy *config,
			   const struct svclb_notes *notes,
			   struct svclb_err *err)
{
	if (settle_mode(config, notes, err) || settle_servers(config, err) ||
	    settle_detection(config, notes, err))
		return -1;
	settle_scheduler(config, notes);
	if (!*config->log_format && replace(&config->log_format, "text", err))
		return -1;
	if (strcmp(config->log_format, "text") != 0 &&
	    strcmp(config->log_format, "json") != 0)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "logging.format: '%.80s' is not text or json",
				     config->log_format);
	return 0;
}

/**
 * svclb_kubeproxy_proxy() - what settings a configuration asks for
 * @config: the configuration, settled
 * @proxy:  for the settings; its texts are the configuration's
 */
void svclb_kubeproxy_proxy(const struct svclb_kubeproxy *config,
			   struct svclb_proxy *proxy)
{
	const char *mode = config->detect_local;

	*proxy = (struct svclb_proxy){
		.cluster_cidrs = "",
		.pod_interface = "",
		.node_port_addresses = config->node_ports,
		.localhost_node_ports =
			config->proxy_mode->localhost_node_ports,
		.masquerade_all = config->proxy_mode->masquerade_all,
		.sched = config->sched,
	};
	if (config->proxy_mode == &config->nftables && !*config->node_ports)
		proxy->node_port_addresses = "primary";
	if (!strcmp(mode, "ClusterCIDR"))
		proxy->cluster_cidrs = config->cluster_cidr;
	else if (!strcmp(mode, "NodeCIDR"))
		proxy->node_cidr = true;
	else if (!strcmp(mode, "BridgeInterface"))
		proxy->pod_interface = config->bridge;
	else
		proxy->pod_interface = config->pattern;
}
