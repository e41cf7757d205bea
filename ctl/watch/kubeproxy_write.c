// SPDX-License-Identifier: GPL-2.0-only
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "kubeproxy.h"

/* What JSON quotes, YAML reads as the same. */
static void write_text(FILE *file, const char *name, const char *text)
{
	json_t *json = json_string(text);
	char *dump = json ? json_dumps(json, JSON_ENCODE_ANY) : NULL;

	fprintf(file, "%s: %s\n", name, dump ? dump : "\"\"");
	free(dump);
	json_decref(json);
}

static void write_switch(FILE *file, const char *name, bool on)
{
	fprintf(file, "%s: %s\n", name, on ? "true" : "false");
}

static void write_duration(FILE *file, const char *name, uint64_t milliseconds)
{
	char text[SVCLB_DURATION_TEXT];

	fprintf(file, "%s: %s\n", name, svclb_duration_text(text, milliseconds));
}

static void write_list(FILE *file, const char *name, const char *list)
{
	fprintf(file, "%s:%s\n", name, *list ? "" : " []");
	while (*list) {
		size_t len = strcspn(list, ", ");

		if (len)
			fprintf(file, "- \"%.*s\"\n", (int)len, list);
		list += len + (list[len] != '\0');
	}
}

static void write_mode(FILE *file, const char *name,
		       const struct svclb_kubeproxy_mode *mode, bool is_ipvs)
{
	fprintf(file, "%s:\n", name);
	if (!is_ipvs) {
		write_switch(file, "  localhostNodePorts",
			     mode->localhost_node_ports);
		write_switch(file, "  masqueradeAll", mode->masquerade_all);
	}
	write_duration(file, "  minSyncPeriod", mode->min_sync_period);
	write_duration(file, "  syncPeriod", mode->sync_period);
}

static void write_conntrack(FILE *file,
			    const struct svclb_kubeproxy_conntrack *conntrack)
{
	fprintf(file, "conntrack:\n  maxPerCore: %u\n  min: %u\n",
		conntrack->max_per_core, conntrack->min);
	write_switch(file, "  tcpBeLiberal", conntrack->be_liberal);
	write_duration(file, "  tcpCloseWaitTimeout", conntrack->close_wait);
	write_duration(file, "  tcpEstablishedTimeout", conntrack->established);
	write_duration(file, "  udpStreamTimeout", conntrack->udp_stream);
	write_duration(file, "  udpTimeout", conntrack->udp);
}

/**
 * svclb_kubeproxy_write() - write a configuration as YAML
 * @file:   where to
 * @config: the configuration, settled
 */
void svclb_kubeproxy_write(FILE *file, const struct svclb_kubeproxy *config)
{
	fputs("apiVersion: kubeproxy.config.k8s.io/v1alpha1\n", file);
	write_text(file, "bindAddress", config->bind_address);
	write_switch(file, "bindAddressHardFail", config->bind_hard_fail);
	fputs("clientConnection:\n", file);
	write_text(file, "  kubeconfig", config->kubeconfig);
	write_text(file, "clusterCIDR", config->cluster_cidr);
	write_duration(file, "configSyncPeriod", config->config_sync_period);
	write_conntrack(file, &config->conntrack);
	fputs("detectLocal:\n", file);
	write_text(file, "  bridgeInterface", config->bridge);
	write_text(file, "  interfaceNamePrefix", config->prefix);
	write_text(file, "detectLocalMode", config->detect_local);
	write_text(file, "healthzBindAddress", config->healthz);
	write_text(file, "hostnameOverride", config->hostname);
	write_mode(file, "iptables", &config->iptables, false);
	write_mode(file, "ipvs", &config->ipvs, true);
	write_text(file, "  scheduler", config->scheduler);
	fputs("kind: KubeProxyConfiguration\nlogging:\n", file);
	write_text(file, "  format", config->log_format);
	fprintf(file, "  verbosity: %u\n", config->verbosity);
	write_text(file, "metricsBindAddress", config->metrics);
	write_text(file, "mode", config->mode);
	write_mode(file, "nftables", &config->nftables, false);
	write_list(file, "nodePortAddresses", config->node_ports);
	fprintf(file, "oomScoreAdj: %d\n", config->oom_score);
}
