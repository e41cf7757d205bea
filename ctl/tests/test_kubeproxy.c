// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "watch/kubeproxy.h"

#define HEAD "apiVersion: kubeproxy.config.k8s.io/v1alpha1\n" \
	     "kind: KubeProxyConfiguration\n"

/* What kubeadm writes. */
static const char kubeadm[] = HEAD
"bindAddress: 0.0.0.0\n"
"bindAddressHardFail: false\n"
"clientConnection:\n"
"  acceptContentTypes: \"\"\n"
"  burst: 0\n"
"  contentType: \"\"\n"
"  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf\n"
"  qps: 0\n"
"clusterCIDR: 10.244.0.0/16,fd00:10:244::/56\n"
"configSyncPeriod: 0s\n"
"conntrack:\n"
"  maxPerCore: null\n"
"  min: null\n"
"  tcpBeLiberal: false\n"
"  tcpCloseWaitTimeout: null\n"
"  tcpEstablishedTimeout: null\n"
"  udpStreamTimeout: 0s\n"
"  udpTimeout: 0s\n"
"detectLocal:\n"
"  bridgeInterface: \"\"\n"
"  interfaceNamePrefix: \"\"\n"
"detectLocalMode: \"\"\n"
"enableProfiling: false\n"
"healthzBindAddress: \"\"\n"
"hostnameOverride: \"\"\n"
"iptables:\n"
"  localhostNodePorts: null\n"
"  masqueradeAll: false\n"
"  masqueradeBit: null\n"
"  minSyncPeriod: 0s\n"
"  syncPeriod: 0s\n"
"ipvs:\n"
"  excludeCIDRs: null\n"
"  minSyncPeriod: 0s\n"
"  scheduler: \"\"\n"
"  strictARP: false\n"
"  syncPeriod: 0s\n"
"  tcpFinTimeout: 0s\n"
"  tcpTimeout: 0s\n"
"  udpTimeout: 0s\n"
"logging:\n"
"  flushFrequency: 0\n"
"  options:\n"
"    json:\n"
"      infoBufferSize: \"0\"\n"
"    text:\n"
"      infoBufferSize: \"0\"\n"
"  verbosity: 0\n"
"metricsBindAddress: \"\"\n"
"mode: \"\"\n"
"nftables:\n"
"  masqueradeAll: false\n"
"  masqueradeBit: null\n"
"  minSyncPeriod: 0s\n"
"  syncPeriod: 0s\n"
"nodePortAddresses: null\n"
"oomScoreAdj: null\n"
"portRange: \"\"\n"
"showHiddenMetricsForVersion: \"\"\n"
"winkernel:\n"
"  enableDSR: false\n"
"  forwardHealthCheckVip: false\n"
"  networkName: \"\"\n"
"  rootHnsEndpointName: \"\"\n"
"  sourceVip: \"\"\n";

static const char nftables[] = HEAD
"mode: nftables\n"
"bindAddress: 2001:db8::1\n"
"healthzBindAddress: 2001:db8::1\n"
"metricsBindAddress: 127.0.0.1:9999\n"
"nftables: {masqueradeAll: true, syncPeriod: 1h, minSyncPeriod: 100ms}\n"
"iptables: {syncPeriod: 7s}\n"
"detectLocalMode: InterfaceNamePrefix\n"
"detectLocal: {interfaceNamePrefix: veth}\n"
"conntrack: {maxPerCore: 0, min: 5, tcpEstablishedTimeout: 0s, udpTimeout: 1.5s, tcpBeLiberal: true}\n"
"oomScoreAdj: -500\n"
"logging: {format: json, verbosity: 4}\n";

static const char ipvs[] =
"{\"apiVersion\": \"kubeproxy.config.k8s.io/v1alpha1\", \"kind\": \"KubeProxyConfiguration\",\n"
"\"mode\": \"ipvs\", \"ipvs\": {\"scheduler\": \"mh\", \"strictARP\": true, \"syncPeriod\": \"1m\",\n"
"\"excludeCIDRs\": [\"10.0.0.0/8\"]}, \"iptables\": {\"masqueradeAll\": true},\n"
"\"nodePortAddresses\": [\"192.0.2.0/24\", \"localhost\"], \"detectLocalMode\": \"NodeCIDR\",\n"
"\"hostnameOverride\": \"node1\"}";

/**
 * struct result - what reading a file came to
 * @config:   the configuration
 * @proxy:    its settings
 * @notes:    all that was noted
 * @nr_notes: how many notes
 * @err:      the error
 * @failed:   whether there is one
 */
struct result {
	struct svclb_kubeproxy config;
	struct svclb_proxy proxy;
	char notes[4096];
	int nr_notes;
	struct svclb_err err;
	bool failed;
};

static void add_note(void *data, const char *text)
{
	struct result *result = data;

	strncat(result->notes, text, sizeof(result->notes) - strlen(result->notes) - 1);
	strncat(result->notes, "\n", sizeof(result->notes) - strlen(result->notes) - 1);
	result->nr_notes++;
}

static struct result *read_config(const char *text, size_t len)
{
	struct result *result = calloc(1, sizeof(*result));
	const struct svclb_notes notes = { add_note, result };

	result->failed = svclb_kubeproxy_init(&result->config, &result->err) ||
			 svclb_kubeproxy_read(&result->config, text, len,
					      &notes, &result->err) ||
			 svclb_kubeproxy_settle(&result->config, &notes,
						&result->err);
	if (!result->failed)
		svclb_kubeproxy_proxy(&result->config, &result->proxy);
	return result;
}

static void drop(struct result *result)
{
	svclb_kubeproxy_uninit(&result->config);
	free(result);
}

static void test_kubeadm(struct tap *tap)
{
	struct result *result = read_config(kubeadm, strlen(kubeadm));
	const struct svclb_kubeproxy *config = &result->config;

	tap_text(tap, result->failed ? result->err.text : "", "", "kubeadm's file");
	tap_text(tap, result->notes, "", "nothing to be said about it");
	tap_text(tap, config->kubeconfig, "/var/lib/kube-proxy/kubeconfig.conf",
		 "its kubeconfig");
	tap_text(tap, config->mode, "iptables", "the default mode");
	tap_text(tap, config->healthz, "0.0.0.0:10256", "healthz");
	tap_text(tap, config->metrics, "127.0.0.1:10249", "metrics");
	tap_ok(tap, config->proxy_mode->sync_period == 30000 &&
	       config->config_sync_period == 900000 &&
	       config->conntrack.established == 86400000 &&
	       config->conntrack.close_wait == 3600000 &&
	       config->conntrack.max_per_core == 32768 &&
	       config->conntrack.min == 131072 && config->oom_score == -999,
	       "the defaults of numbers");
	tap_text(tap, result->proxy.cluster_cidrs,
		 "10.244.0.0/16,fd00:10:244::/56", "where pods are");
	tap_ok(tap, result->proxy.localhost_node_ports == 1 &&
	       !result->proxy.masquerade_all && result->proxy.sched == -1 &&
	       !*result->proxy.node_port_addresses, "the settings");
	drop(result);
}

static void test_modes(struct tap *tap)
{
	struct result *result = read_config(nftables, strlen(nftables));

	tap_text(tap, result->failed ? result->err.text : result->notes, "",
		 "mode nftables");
	tap_text(tap, result->config.healthz, "[2001:db8::1]:10256",
		 "a port is added");
	tap_text(tap, result->config.metrics, "127.0.0.1:9999", "a port is kept");
	tap_ok(tap, result->config.proxy_mode->sync_period == 3600000 &&
	       result->config.proxy_mode->min_sync_period == 100 &&
	       result->proxy.masquerade_all == 1 &&
	       !result->proxy.localhost_node_ports, "the mode's own section");
	tap_text(tap, result->proxy.pod_interface, "veth*", "a prefix");
	tap_text(tap, result->proxy.node_port_addresses, "primary",
		 "the mode's node ports");
	tap_ok(tap, !result->config.conntrack.max_per_core &&
	       !result->config.conntrack.established &&
	       result->config.conntrack.udp == 1500 &&
	       result->config.conntrack.be_liberal &&
	       result->config.oom_score == -500 &&
	       result->config.verbosity == 4, "numbers");
	drop(result);

	result = read_config(ipvs, strlen(ipvs));
	tap_ok(tap, !result->failed && result->nr_notes == 2 &&
	       strstr(result->notes, "ipvs.strictARP is ignored") &&
	       strstr(result->notes, "ipvs.excludeCIDRs is ignored"),
	       "mode ipvs, as JSON");
	tap_ok(tap, result->proxy.sched == SVCLB_SCHED_MAGLEV &&
	       result->proxy.masquerade_all == 1 && result->proxy.node_cidr &&
	       !*result->proxy.cluster_cidrs, "its settings");
	tap_text(tap, result->proxy.node_port_addresses,
		 "192.0.2.0/24,localhost", "its node ports");
	drop(result);
}

/* What cannot be meant, and what is said. */
static const char *const wrong[][2] = {
	{ HEAD "iptables: {syncPeriod: x}", "iptables.syncPeriod: 'x' is not a duration" },
	{ HEAD "iptables: {syncPeriod: 30}", "iptables.syncPeriod: '30' is not a duration" },
	{ HEAD "iptables: {syncPeriod: -1s}", "iptables.syncPeriod: '-1s' is not" },
	{ HEAD "iptables: {syncPeriod: 99999999999999999999h}", "is not a duration" },
	{ HEAD "iptables: 5", "iptables: '5' is not an object" },
	{ HEAD "iptables: {masqueradeAll: 1}", "iptables.masqueradeAll: '1' is not true or false" },
	{ HEAD "conntrack: {min: -1}", "conntrack.min: '-1' is not a number from 0" },
	{ HEAD "conntrack: {min: 99999999999}", "is not a number" },
	{ HEAD "oomScoreAdj: -2000", "oomScoreAdj: '-2000' is not a number from -1000" },
	{ HEAD "nodePortAddresses: x", "nodePortAddresses: 'x' is not a list" },
	{ HEAD "nodePortAddresses: [x]", "nodePortAddresses: 'x' is not a network" },
	{ HEAD "nodePortAddresses: [[]]", "nodePortAddresses: '[]' is not" },
	{ HEAD "mode: frob", "mode: 'frob' is not iptables" },
	{ HEAD "clusterCIDR: 10.0.0.0/33", "clusterCIDR: '10.0.0.0/33' is not a network" },
	{ HEAD "bindAddress: x", "bindAddress: 'x' is not an address" },
	{ HEAD "detectLocalMode: x", "detectLocalMode: 'x' is not ClusterCIDR" },
	{ HEAD "detectLocalMode: BridgeInterface", "detectLocal.bridgeInterface is missing" },
	{ HEAD "detectLocalMode: InterfaceNamePrefix", "interfaceNamePrefix is missing" },
	{ HEAD "hostnameOverride: {}", "hostnameOverride: '{}' is not text" },
	{ HEAD "logging: {format: xml}", "logging.format: 'xml' is not" },
	{ HEAD "---\n" HEAD, "more than one" },
	{ "", "there is no object" },
	{ "x", "there is no object" },
	{ "kind: ConfigMap", "this is a ConfigMap" },
	{ "kind: KubeProxyConfiguration", "apiVersion is not" },
	{ "kind: KubeProxyConfiguration\napiVersion: v1", "apiVersion is not" },
	{ HEAD "iptables: *a", "anchors" },
	{ HEAD "iptables: {", "line" },
};

/* What is not honoured is told. */
static const char *const noted[][2] = {
	{ HEAD "frob: 1\nclusterCIDR: 10.0.0.0/8", "frob is ignored: there is no such field" },
	{ HEAD "iptables: {frob: 1}\n", "iptables.frob is ignored: there is no" },
	{ HEAD "featureGates: {A: true}", "featureGates is ignored" },
	{ HEAD "enableProfiling: true", "enableProfiling is ignored" },
	{ HEAD "winkernel: {enableDSR: true}", "winkernel is ignored" },
	{ HEAD "portRange: 1-2", "portRange is ignored" },
	{ HEAD "udpIdleTimeout: 1s", "udpIdleTimeout is ignored" },
	{ HEAD "clientConnection: {qps: 5.5, contentType: x}", "clientConnection.qps is ignored" },
	{ HEAD "iptables: {masqueradeBit: 15}", "iptables.masqueradeBit is ignored" },
	{ HEAD "mode: userspace", "mode userspace is ignored" },
	{ HEAD "mode: ipvs\nipvs: {scheduler: sed}", "ipvs.scheduler sed is ignored" },
	{ HEAD "mode: ipvs\nipvs: {tcpTimeout: 1h}", "ipvs.tcpTimeout is ignored" },
	{ HEAD, "clusterCIDR is missing" },
};

static void test_wrong(struct tap *tap)
{
	struct result *result;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		result = read_config(wrong[i][0], strlen(wrong[i][0]));
		tap_ok(tap, result->failed && result->err.code == SVCLB_ERR_INPUT &&
		       strstr(result->err.text, wrong[i][1]), "%s: %s", wrong[i][1],
		       result->err.text);
		drop(result);
	}
	for (i = 0; i < sizeof(noted) / sizeof(*noted); i++) {
		result = read_config(noted[i][0], strlen(noted[i][0]));
		tap_ok(tap, !result->failed && strstr(result->notes, noted[i][1]),
		       "%s: %s%s", noted[i][1], result->notes,
		       result->failed ? result->err.text : "");
		drop(result);
	}
}

/* What is written is read as the same. */
static void test_written(struct tap *tap, const char *text)
{
	struct result *result = read_config(text, strlen(text)), *again;
	char *first = NULL, *second = NULL;
	size_t size;
	FILE *file;

	file = open_memstream(&first, &size);
	svclb_kubeproxy_write(file, &result->config);
	fclose(file);
	again = read_config(first, size);
	file = open_memstream(&second, &size);
	svclb_kubeproxy_write(file, &again->config);
	fclose(file);
	tap_text(tap, again->failed ? again->err.text : second, first,
		 "what is written is read as the same");
	tap_ok(tap, again->proxy.sched == result->proxy.sched &&
	       again->proxy.masquerade_all == result->proxy.masquerade_all &&
	       again->config.conntrack.udp == result->config.conntrack.udp,
	       "and means the same");
	free(first);
	free(second);
	drop(result);
	drop(again);
}

static void test_durations(struct tap *tap)
{
	static const struct {
		const char *text;
		uint64_t milliseconds;
	} durations[] = {
		{ "0", 0 }, { "0s", 0 }, { "30s", 30000 }, { "1h30m", 5400000 },
		{ "1.5h", 5400000 }, { "250ms", 250 }, { ".5s", 500 },
		{ "1.s", 1000 }, { "1ns", 1 }, { "1m0.5s", 60500 },
		{ "100us", 1 }, { "2\xc2\xb5s", 1 }, { "+5s", 5000 },
	};
	static const char *const bad[] = {
		"", "s", "1", "1x", "-1s", ".s", "1s ", " 1s", "1h30", "inf",
		"1e3s", "18446744073709551616s", "999999999h",
	};
	uint64_t milliseconds;
	size_t i;

	for (i = 0; i < sizeof(durations) / sizeof(*durations); i++)
		tap_ok(tap, !svclb_duration_parse(durations[i].text, &milliseconds) &&
		       milliseconds == durations[i].milliseconds, "%s",
		       durations[i].text);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(tap, svclb_duration_parse(bad[i], &milliseconds),
		       "'%s' is no duration", bad[i]);
}

int main(void)
{
	struct tap tap = { 0 };

	test_kubeadm(&tap);
	test_modes(&tap);
	test_wrong(&tap);
	test_written(&tap, kubeadm);
	test_written(&tap, nftables);
	test_written(&tap, ipvs);
	test_durations(&tap);
	return tap_end(&tap);
}
