// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fields of kubeproxy.config.k8s.io/v1alpha1, those of older releases
 * included: where each is kept, or what to do instead.
 */
#include "kubeproxy_fields.h"

#define AT(field) offsetof(struct svclb_kubeproxy, field)
#define IGNORED(name, advice, usual) \
	{ name, SVCLB_FIELD_IGNORED, 0, NULL, advice, usual }
#define KEPT(name, kind, field) \
	{ name, SVCLB_FIELD_ ## kind, AT(field), NULL, NULL, NULL }
#define SECTION(name, fields) \
	{ name, SVCLB_FIELD_SECTION, 0, fields, NULL, NULL }
#define END { NULL, SVCLB_FIELD_IGNORED, 0, NULL, NULL, NULL }

static const char json_only[] = "the API server is asked for JSON";
static const char few_requests[] =
	"there are three lists and three watches, which need no limit";
static const char no_mark[] = "masquerading needs no packet mark here";
static const char no_bind[] =
	"addresses are not bound to a device here, so there is nothing to guard";
static const char no_ipvs_timeouts[] =
	"connections are conntrack's here; set net.netfilter.nf_conntrack_* by sysctl";
static const char no_windows[] = "this is for Linux";
static const char no_log[] = "use logging.format and logging.verbosity";
static const char removed[] = "releases of kube-proxy do nothing with it either";

static const struct svclb_field client_connection[] = {
	KEPT("kubeconfig", TEXT, kubeconfig),
	IGNORED("acceptContentTypes", json_only, "application/json"),
	IGNORED("contentType", json_only, "application/json"),
	IGNORED("qps", few_requests, NULL),
	IGNORED("burst", few_requests, NULL),
	END
};

static const struct svclb_field logging[] = {
	KEPT("format", TEXT, log_format),
	KEPT("verbosity", COUNT, verbosity),
	IGNORED("flushFrequency", "every message is written at once", NULL),
	IGNORED("vmodule", no_log, NULL),
	IGNORED("options", no_log, NULL),
	END
};

static const struct svclb_field iptables[] = {
	IGNORED("masqueradeBit", no_mark, "14"),
	KEPT("masqueradeAll", SWITCH, iptables.masquerade_all),
	KEPT("localhostNodePorts", SWITCH, iptables.localhost_node_ports),
	KEPT("syncPeriod", DURATION, iptables.sync_period),
	KEPT("minSyncPeriod", DURATION, iptables.min_sync_period),
	END
};

static const struct svclb_field nftables[] = {
	IGNORED("masqueradeBit", no_mark, "14"),
	KEPT("masqueradeAll", SWITCH, nftables.masquerade_all),
	KEPT("localhostNodePorts", SWITCH, nftables.localhost_node_ports),
	KEPT("syncPeriod", DURATION, nftables.sync_period),
	KEPT("minSyncPeriod", DURATION, nftables.min_sync_period),
	END
};

static const struct svclb_field ipvs[] = {
	KEPT("syncPeriod", DURATION, ipvs.sync_period),
	KEPT("minSyncPeriod", DURATION, ipvs.min_sync_period),
	KEPT("scheduler", TEXT, scheduler),
	IGNORED("excludeCIDRs",
		"services of other generations are left alone; see --generation",
		NULL),
	IGNORED("strictARP", no_bind, NULL),
	IGNORED("tcpTimeout", no_ipvs_timeouts, NULL),
	IGNORED("tcpFinTimeout", no_ipvs_timeouts, NULL),
	IGNORED("udpTimeout", no_ipvs_timeouts, NULL),
	END
};

static const struct svclb_field detect_local[] = {
	KEPT("bridgeInterface", TEXT, bridge),
	KEPT("interfaceNamePrefix", TEXT, prefix),
	END
};

static const struct svclb_field conntrack[] = {
	KEPT("maxPerCore", COUNT, conntrack.max_per_core),
	KEPT("min", COUNT, conntrack.min),
	KEPT("tcpEstablishedTimeout", DURATION, conntrack.established),
	KEPT("tcpCloseWaitTimeout", DURATION, conntrack.close_wait),
	KEPT("tcpBeLiberal", SWITCH, conntrack.be_liberal),
	KEPT("udpTimeout", DURATION, conntrack.udp),
	KEPT("udpStreamTimeout", DURATION, conntrack.udp_stream),
	IGNORED("max", "use conntrack.maxPerCore and conntrack.min", NULL),
	END
};

const struct svclb_field svclb_kubeproxy_fields[] = {
	/* These two are looked at before. */
	IGNORED("apiVersion", NULL, NULL),
	IGNORED("kind", NULL, NULL),
	IGNORED("metadata", NULL, NULL),
	IGNORED("featureGates", "features of kube-proxy cannot be chosen here",
		NULL),
	SECTION("clientConnection", client_connection),
	SECTION("logging", logging),
	KEPT("hostnameOverride", TEXT, hostname),
	KEPT("bindAddress", TEXT, bind_address),
	KEPT("healthzBindAddress", TEXT, healthz),
	KEPT("metricsBindAddress", TEXT, metrics),
	KEPT("bindAddressHardFail", SWITCH, bind_hard_fail),
	IGNORED("enableProfiling",
		"there is no /debug/pprof; use perf(1) with the process", NULL),
	IGNORED("showHiddenMetricsForVersion",
		"no metric is hidden", NULL),
	KEPT("mode", TEXT, mode),
	SECTION("iptables", iptables),
	SECTION("ipvs", ipvs),
	SECTION("nftables", nftables),
	IGNORED("winkernel", no_windows, NULL),
	IGNORED("windowsRunAsService", no_windows, NULL),
	KEPT("detectLocalMode", TEXT, detect_local),
	SECTION("detectLocal", detect_local),
	KEPT("clusterCIDR", TEXT, cluster_cidr),
	KEPT("nodePortAddresses", LIST, node_ports),
	KEPT("oomScoreAdj", SCORE, oom_score),
	SECTION("conntrack", conntrack),
	KEPT("configSyncPeriod", DURATION, config_sync_period),
	IGNORED("portRange", removed, NULL),
	IGNORED("udpIdleTimeout", removed, "250ms"),
	IGNORED("resourceContainer",
		"put the process into a cgroup by its unit or its pod",
		"/kube-proxy"),
	END
};
