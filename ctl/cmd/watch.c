// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/file.h"
#include "lib/text.h"
#include "proxy_opts.h"
#include "watch/cleanup.h"
#include "watch/kubeproxy.h"
#include "watch/lock.h"
#include "watch/sysctl.h"
#include "watch/takeover.h"
#include "watch/watcher.h"

enum option {
	OPT_CONFIG = SVCLB_PROXY_OPTS,
	OPT_KUBECONFIG,
	OPT_CONTEXT,
	OPT_SERVER,
	OPT_TOKEN_FILE,
	OPT_CERTIFICATE_AUTHORITY,
	OPT_DETECT_LOCAL_MODE,
	OPT_HEALTHZ,
	OPT_METRICS,
	OPT_SYNC_PERIOD,
	OPT_MIN_SYNC_PERIOD,
	OPT_LOG_FORMAT,
	OPT_WRITE_CONFIG_TO,
	OPT_DRAIN_TIMEOUT,
	OPT_TEXTS,
	OPT_HARD_FAIL = OPT_TEXTS,
	OPT_PER_SERVICE,
	OPT_SWITCHES,
	OPT_VERBOSE = OPT_SWITCHES,
	OPT_ONCE,
	OPT_INIT_ONLY,
	OPT_TAKEOVER,
	OPT_CLEANUP,
	OPT_ALL,
};

static const struct svclb_opt watch_opts[] = {
	{ "config", 0, true, OPT_CONFIG },
	{ "kubeconfig", 0, true, OPT_KUBECONFIG },
	{ "context", 0, true, OPT_CONTEXT },
	{ "server", 0, true, OPT_SERVER },
	{ "token-file", 0, true, OPT_TOKEN_FILE },
	{ "certificate-authority", 0, true, OPT_CERTIFICATE_AUTHORITY },
	{ "detect-local-mode", 0, true, OPT_DETECT_LOCAL_MODE },
	{ "healthz", 0, true, OPT_HEALTHZ },
	{ "metrics", 0, true, OPT_METRICS },
	{ "sync-period", 0, true, OPT_SYNC_PERIOD },
	{ "min-sync-period", 0, true, OPT_MIN_SYNC_PERIOD },
	{ "log-format", 0, true, OPT_LOG_FORMAT },
	{ "write-config-to", 0, true, OPT_WRITE_CONFIG_TO },
	{ "drain-timeout", 0, true, OPT_DRAIN_TIMEOUT },
	{ "bind-address-hard-fail", 0, true, OPT_HARD_FAIL },
	{ "per-service-metrics", 0, true, OPT_PER_SERVICE },
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "once", 0, false, OPT_ONCE },
	{ "init-only", 0, false, OPT_INIT_ONLY },
	{ "takeover", 0, false, OPT_TAKEOVER },
	{ "cleanup", 0, false, OPT_CLEANUP },
	{ 0 }
};

/**
 * struct job - one run of the watcher
 * @opts:     options that sync has as well
 * @texts:    values of options, by number; NULL for those not given
 * @switches: likewise; -1 for those not given
 * @config:   what kube-proxy's file says, and options instead of it
 * @access:   how to reach the API server
 * @watching: what to do
 * @notes:    where to say what of the file is ignored
 * @node:     name of the node
 */
struct job {
	struct svclb_proxy_opts opts;
	const char *texts[OPT_TEXTS];
	int switches[OPT_ALL];
	struct svclb_kubeproxy config;
	struct svclb_access access;
	struct svclb_watching watching;
	struct svclb_notes notes;
	char node[256];
};

static void pass_over(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void log_note(void *data, const char *text)
{
	(void)data;
	svclb_log(SVCLB_LOG_WARNING, text, NULL);
}

static int set_option(struct job *job, int id, const char *arg,
		      struct svclb_err *err)
{
	const struct svclb_opt *opt;

	if (id < SVCLB_PROXY_OPTS)
		return svclb_proxy_opts_set(&job->opts, id, arg, err);
	if (id < OPT_TEXTS) {
		job->texts[id] = arg;
		return 0;
	}
	if (id >= OPT_SWITCHES) {
		job->switches[id] = 1;
		return 0;
	}
	for (opt = watch_opts; opt->id != id; opt++)
		;
	return svclb_proxy_opts_switch(arg, opt->name, &job->switches[id], err);
}

static int parse(struct svclb_ctx *ctx, struct job *job)
{
	int id;

	ctx->opts.table = watch_opts;
	ctx->opts.shared = svclb_proxy_opt_table;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id == SVCLB_OPTS_WORD)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': watch takes options only",
					     ctx->opts.arg);
		if (set_option(job, id, ctx->opts.arg, ctx->err))
			return -1;
	}
	return 0;
}

static int replace(char **text, const char *by, struct svclb_err *err)
{
	char *copy;

	if (!by)
		return 0;
	copy = strdup(by);
	if (!copy)
		return svclb_err_memory(err);
	free(*text);
	*text = copy;
	return 0;
}

static int read_file(struct job *job, struct svclb_err *err)
{
	const char *name = job->texts[OPT_CONFIG];
	struct svclb_text text;
	int result;

	if (!name)
		return 0;
	if (svclb_file_read(name, &text, err))
		return -1;
	result = svclb_kubeproxy_read(&job->config, text.text, text.len,
				      &job->notes, err);
	if (result)
		svclb_err_prefix(err, "%.255s: ", name);
	free(text.text);
	return result;
}

/* Where pods come in is one thing here, and two in the file. */
static int set_pod_interface(struct job *job, struct svclb_err *err)
{
	const char *name = job->opts.proxy.pod_interface;
	char prefix[SVCLB_INTERFACE_TEXT] = "";

	if (!name)
		return 0;
	snprintf(prefix, sizeof(prefix), "%.*s", (int)strcspn(name, "*"), name);
	if (replace(&job->config.bridge, name, err))
		return -1;
	return replace(&job->config.prefix, prefix, err);
}

static int set_period(const char *arg, const char *name, uint64_t *period,
		      struct svclb_err *err)
{
	if (!arg || !svclb_duration_parse(arg, period))
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "%s: '%.80s' is not a duration; write it as 30s or 1h30m",
			     name, arg);
}

static int set_periods(struct job *job, struct svclb_err *err)
{
	struct svclb_kubeproxy_mode *mode = job->config.proxy_mode;
	const char *sync = job->texts[OPT_SYNC_PERIOD];

	if (set_period(sync, "--sync-period", &mode->sync_period, err) ||
	    set_period(job->texts[OPT_MIN_SYNC_PERIOD], "--min-sync-period",
		       &mode->min_sync_period, err))
		return -1;
	if (sync && !mode->sync_period)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "--sync-period: 0 is too little");
	if (sync)
		job->config.config_sync_period = mode->sync_period;
	return 0;
}

static int override(struct job *job, struct svclb_err *err)
{
	struct svclb_kubeproxy *config = &job->config;
	const struct svclb_proxy *proxy = &job->opts.proxy;
	struct svclb_notes notes = job->notes;

	/* What no file asks for, nobody misses. */
	if (!job->texts[OPT_CONFIG])
		notes.note = pass_over;
	if (replace(&config->kubeconfig, job->texts[OPT_KUBECONFIG], err) ||
	    replace(&config->detect_local, job->texts[OPT_DETECT_LOCAL_MODE],
		    err) ||
	    replace(&config->log_format, job->texts[OPT_LOG_FORMAT], err) ||
	    replace(&config->hostname, job->opts.node, err) ||
	    replace(&config->cluster_cidr, proxy->cluster_cidrs, err) ||
	    replace(&config->node_ports, proxy->node_port_addresses, err) ||
	    set_pod_interface(job, err) ||
	    svclb_kubeproxy_settle(config, &notes, err))
		return -1;
	if (job->switches[OPT_HARD_FAIL] >= 0)
		config->bind_hard_fail = job->switches[OPT_HARD_FAIL];
	if (proxy->localhost_node_ports >= 0)
		config->proxy_mode->localhost_node_ports =
			proxy->localhost_node_ports;
	if (proxy->masquerade_all >= 0)
		config->proxy_mode->masquerade_all = proxy->masquerade_all;
	/* Here, "" is nowhere. */
	if (replace(&config->healthz, job->texts[OPT_HEALTHZ], err) ||
	    replace(&config->metrics, job->texts[OPT_METRICS], err))
		return -1;
	return set_periods(job, err);
}

static void set_log(struct job *job)
{
	struct svclb_watching *watching = &job->watching;
	bool verbose = job->switches[OPT_VERBOSE] > 0 ||
		       job->config.verbosity >= 4;

	watching->log_format = strcmp(job->config.log_format, "json") != 0 ?
			       SVCLB_LOG_TEXT : SVCLB_LOG_JSON;
	watching->log_level = verbose ? SVCLB_LOG_DEBUG : SVCLB_LOG_INFO;
	svclb_log_setup(watching->log_format, watching->log_level);
}

/* Without a file or a mode, settings for which no option is given stay. */
static void set_proxy(struct job *job)
{
	const struct svclb_proxy *opts = &job->opts.proxy;
	struct svclb_proxy *proxy = &job->watching.proxy;

	*proxy = *opts;
	if (!job->texts[OPT_CONFIG] && !job->texts[OPT_DETECT_LOCAL_MODE])
		return;
	svclb_kubeproxy_proxy(&job->config, proxy);
	proxy->service_cidrs = opts->service_cidrs;
	if (opts->cluster_cidrs) {
		proxy->cluster_cidrs = opts->cluster_cidrs;
		proxy->node_cidr = false;
	}
	if (opts->pod_interface)
		proxy->pod_interface = opts->pod_interface;
	if (job->texts[OPT_CONFIG])
		return;
	proxy->node_port_addresses = opts->node_port_addresses;
	proxy->localhost_node_ports = opts->localhost_node_ports;
	proxy->masquerade_all = opts->masquerade_all;
}

static int set_node(struct job *job, struct svclb_err *err)
{
	const char *name = job->config.hostname, *env = getenv("NODE_NAME");
	char *c;

	if (*name || (env && *env)) {
		snprintf(job->node, sizeof(job->node), "%s", *name ? name : env);
	} else {
		if (gethostname(job->node, sizeof(job->node) - 1))
			return svclb_err_system(err, "gethostname", errno);
		for (c = job->node; *c; c++)
			*c = tolower((unsigned char)*c);
	}
	job->watching.translation.node = job->node;
	return 0;
}

static int set_ips(struct job *job, struct svclb_err *err)
{
	struct svclb_k8s_ip *ips = job->watching.translation.ips, ip;
	static const uint8_t unspecified[16];

	if (job->opts.node_ips)
		return svclb_proxy_opts_ips(job->opts.node_ips, ips, err);
	if (svclb_k8s_parse_ip(job->config.bind_address, &ip) &&
	    memcmp(ip.addr, unspecified, sizeof(unspecified)) != 0)
		ips[svclb_family_index(ip.family)] = ip;
	return 0;
}

static int set_drain(struct job *job, struct svclb_err *err)
{
	const char *drain = job->texts[OPT_DRAIN_TIMEOUT];

	job->watching.drain = SVCLB_TAKEOVER_DRAIN;
	return drain ? svclb_takeover_parse_drain(drain, &job->watching.drain,
						  err) : 0;
}

static int set_watching(struct job *job, struct svclb_err *err)
{
	const struct svclb_kubeproxy *config = &job->config;
	struct svclb_watching *watching = &job->watching;

	set_proxy(job);
	watching->access = &job->access;
	watching->translation.zone = job->opts.zone;
	watching->translation.generation = job->opts.generation;
	watching->translation.external_ips = job->opts.external_ips > 0;
	watching->translation.notes = job->notes;
	watching->min_sync = config->proxy_mode->min_sync_period;
	watching->full_sync = config->config_sync_period;
	watching->stale = 2 * config->proxy_mode->sync_period;
	watching->healthz = config->healthz;
	watching->metrics = config->metrics;
	watching->hard_fail = config->bind_hard_fail;
	watching->per_service = job->switches[OPT_PER_SERVICE] > 0;
	watching->once = job->switches[OPT_ONCE] > 0;
	watching->takeover = job->switches[OPT_TAKEOVER] > 0;
	if (set_drain(job, err))
		return -1;
	if (set_node(job, err))
		return -1;
	return set_ips(job, err);
}

/* An own server needs no kubeconfig, and one that is given serves it too. */
static int set_access(struct job *job, struct svclb_err *err)
{
	const char *file = job->config.kubeconfig, *env = getenv("KUBECONFIG");
	const char *server = job->texts[OPT_SERVER];
	struct svclb_access *access = &job->access;
	int result = 0;

	if (!*file && env && !server)
		file = env;
	if (*file)
		result = svclb_access_kubeconfig(access, file,
						 job->texts[OPT_CONTEXT], err);
	else if (getenv("KUBERNETES_SERVICE_HOST") && !server)
		result = svclb_access_in_cluster(access, err);
	else if (!server)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "it is not known where the API server is; give --kubeconfig, --config with one, or --server");
	if (!result && server)
		result = svclb_access_set_server(access, server, err);
	if (result ||
	    replace(&access->token.file, job->texts[OPT_TOKEN_FILE], err))
		return -1;
	return replace(&access->ca.file, job->texts[OPT_CERTIFICATE_AUTHORITY],
		       err);
}

static int write_config(const struct job *job, struct svclb_err *err)
{
	const char *name = job->texts[OPT_WRITE_CONFIG_TO];
	FILE *file = fopen(name, "we");

	if (!file)
		return svclb_err_system(err, name, errno);
	svclb_kubeproxy_write(file, &job->config);
	if (fclose(file))
		return svclb_err_system(err, name, errno);
	return 0;
}

static int watch(struct svclb_ctx *ctx, struct job *job)
{
	struct svclb_watching *watching = &job->watching;
	int lock, result;

	if (set_access(job, ctx->err) || svclb_ctx_open(ctx))
		return -1;
	watching->nl = ctx->nl;
	lock = svclb_lock_take(job->opts.generation, ctx->err);
	if (lock < 0)
		return -1;
	svclb_sysctl_conntrack(&job->config.conntrack);
	svclb_sysctl_oom_score(job->config.oom_score);
	result = svclb_nl_open(&watching->events, ctx->err);
	if (!result)
		result = svclb_nl_subscribe(watching->events, ctx->err);
	if (!result)
		result = svclb_watcher_run(watching, ctx->err);
	svclb_nl_close(watching->events);
	close(lock);
	return result;
}

static int cleanup(struct svclb_ctx *ctx, struct job *job)
{
	int lock, result;

	if (svclb_ctx_open(ctx))
		return -1;
	lock = svclb_lock_take(job->opts.generation, ctx->err);
	if (lock < 0)
		return -1;
	result = svclb_cleanup(ctx->nl, job->opts.generation, ctx->err);
	close(lock);
	return result;
}

static int carry_out(struct svclb_ctx *ctx, struct job *job)
{
	if (svclb_kubeproxy_init(&job->config, ctx->err) ||
	    read_file(job, ctx->err) || override(job, ctx->err) ||
	    set_watching(job, ctx->err))
		return -1;
	set_log(job);
	if (job->texts[OPT_WRITE_CONFIG_TO])
		return write_config(job, ctx->err);
	if (job->switches[OPT_CLEANUP] > 0)
		return cleanup(ctx, job);
	if (job->switches[OPT_INIT_ONLY] > 0) {
		svclb_sysctl_conntrack(&job->config.conntrack);
		return 0;
	}
	return watch(ctx, job);
}

static int run_watch(struct svclb_ctx *ctx)
{
	struct job job = { .notes = { .note = log_note } };
	int result;

	umask(022);
	memset(job.switches, 0xff, sizeof(job.switches));
	svclb_proxy_opts_init(&job.opts);
	svclb_log_setup(SVCLB_LOG_TEXT, SVCLB_LOG_INFO);
	result = parse(ctx, &job);
	if (!result)
		result = carry_out(ctx, &job);
	svclb_access_uninit(&job.access);
	svclb_kubeproxy_uninit(&job.config);
	return result;
}

const struct svclb_command svclb_command_watch = {
	.name = "watch",
	.run = run_watch,
	.summary = "keep the services of a Kubernetes cluster",
	.help =
"Usage: svclbctl watch [OPTION]...\n"
"\n"
"Stands in for kube-proxy: makes the services that the API server has, and\n"
"follows their changes. It takes sync's options too, except its last three.\n"
"\n"
"  --config FILE                   kube-proxy's; options override it\n"
"  --kubeconfig FILE, --context NAME, --server URL, --token-file FILE,\n"
"  --certificate-authority FILE    where the API server is\n"
"  --detect-local-mode MODE        how to know pods, as kube-proxy names it\n"
"  --external-ips on|off           heed Services' external IPs, default off\n"
"  --healthz, --metrics ADDR:PORT  where to serve; '' for nowhere\n"
"  --bind-address-hard-fail on|off, --per-service-metrics on|off\n"
"  --sync-period, --min-sync-period TIME  between passes, such as 30s\n"
"  --log-format text|json, -v      what the log is like; -v: every step\n"
"  --once                          end when the kernel has everything\n"
"  --takeover                      remove what a kube-proxy left, when the kernel\n"
"                                  has everything; see 'svclbctl help takeover'\n"
"  --drain-timeout TIME            how long IPVS may go on then, default 1h\n"
"  --init-only, --write-config-to FILE    do only that\n"
"  --cleanup                       remove what the watcher made\n"
"\n"
"Example:\n"
"  svclbctl watch --config /var/lib/kube-proxy/config.conf\n",
};
