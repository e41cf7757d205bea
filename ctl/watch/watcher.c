// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts the parts of the watcher together: what reads the API server, what brings
 * it to the kernel, what tells others about it; signals, and the supervisor.
 */
#include "watcher.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lib/client.h"
#include "notify.h"
#include "proxier.h"
#include "reflector.h"
#include "servers.h"
#include "takeover_child.h"

/**
 * struct watcher - a watcher that runs
 * @w:          what it is to do
 * @loop:       where everything runs
 * @stats:      what it knows about itself
 * @proxier:    brings the cluster to the kernel
 * @reflectors: read the API server
 * @servers:    tell others
 * @signals:    descriptor where signals arrive, or -1
 * @takeover:   removes what a kube-proxy left
 * @watchdog:   for the supervisor
 * @period:     how often that is
 * @level:      how much is logged
 * @failed:     whether it ended because of an error
 * @err:        for errors
 */
struct watcher {
	const struct svclb_watching *w;
	struct svclb_loop *loop;
	struct svclb_stats stats;
	struct svclb_proxier *proxier;
	struct svclb_reflectors *reflectors;
	struct svclb_servers *servers;
	int signals;
	struct svclb_takeover_child takeover;
	struct svclb_timer watchdog;
	uint64_t period;
	enum svclb_log_level level;
	bool failed;
	struct svclb_err *err;
};

static void on_takeover(void *data)
{
	struct watcher *watcher = data;

	if (watcher->w->once)
		svclb_loop_stop(watcher->loop);
}

/* Returns whether there is something to wait for. */
static bool take_over(struct watcher *watcher)
{
	struct svclb_err err;

	if (!watcher->w->takeover)
		return false;
	watcher->takeover = (struct svclb_takeover_child){
		.loop = watcher->loop,
		.drain = watcher->w->drain,
		.ended = on_takeover,
		.data = watcher,
	};
	if (!svclb_takeover_child_start(&watcher->takeover, &err))
		return true;
	svclb_log(SVCLB_LOG_ERROR, "what kube-proxy left cannot be removed",
		  "error", err.text, NULL);
	return false;
}

static void on_synced(void *data)
{
	struct watcher *watcher = data;
	char services[SVCLB_LOG_NUMBER], endpoints[SVCLB_LOG_NUMBER];

	svclb_log(SVCLB_LOG_INFO, "the kernel has what the cluster asks for",
		  "services",
		  svclb_log_number(services, watcher->stats.services),
		  "endpoints",
		  svclb_log_number(endpoints, watcher->stats.endpoints), NULL);
	svclb_notify("READY=1\nSTATUS=The kernel has what the cluster asks for.");
	if (!take_over(watcher) && watcher->w->once)
		svclb_loop_stop(watcher->loop);
}

static void on_health(void *data, const struct svclb_health_port *ports,
		      uint32_t nr)
{
	struct watcher *watcher = data;

	if (watcher->servers &&
	    svclb_servers_set_health_ports(watcher->servers, ports, nr))
		svclb_log(SVCLB_LOG_ERROR, "health check ports cannot be served",
			  NULL);
}

static int read_counters(void *data, struct svclb_counters *counters,
			 struct svclb_config *config, struct svclb_err *err)
{
	struct watcher *watcher = data;

	if (config && svclb_client_load(watcher->w->nl, config, err))
		return -1;
	return svclb_client_counters(watcher->w->nl, counters, err);
}

static bool is_healthy(const struct watcher *watcher)
{
	uint64_t since = watcher->stats.oldest_pending;

	return !since || svclb_loop_now() < since + watcher->w->stale;
}

static void on_watchdog(void *data)
{
	struct watcher *watcher = data;

	if (is_healthy(watcher))
		svclb_notify("WATCHDOG=1");
	svclb_timer_set(watcher->loop, &watcher->watchdog, watcher->period);
}

static void on_signal(struct watcher *watcher, uint32_t signal)
{
	switch (signal) {
	case SIGHUP:
		svclb_log(SVCLB_LOG_INFO,
			  "everything is looked at again; certificates and tokens are read anew for each connection",
			  NULL);
		svclb_proxier_resync(watcher->proxier);
		return;
	case SIGUSR1:
		watcher->level = watcher->level == SVCLB_LOG_DEBUG ?
				 SVCLB_LOG_INFO : SVCLB_LOG_DEBUG;
		svclb_log_setup(watcher->w->log_format, watcher->level);
		return;
	default:
		svclb_log(SVCLB_LOG_INFO,
			  "stopping; the kernel keeps what it has", "signal",
			  signal == SIGTERM ? "TERM" : "INT", NULL);
		svclb_notify("STOPPING=1");
		svclb_loop_stop(watcher->loop);
	}
}

static void on_signals(void *data, uint32_t events)
{
	struct watcher *watcher = data;
	struct signalfd_siginfo info;

	(void)events;
	while (read(watcher->signals, &info, sizeof(info)) == sizeof(info))
		on_signal(watcher, info.ssi_signo);
}

static int listen_signals(struct watcher *watcher)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	watcher->signals = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (watcher->signals < 0)
		return svclb_err_system(watcher->err, "signalfd", errno);
	return svclb_loop_watch(watcher->loop, watcher->signals, EPOLLIN,
				on_signals, watcher, watcher->err);
}

static int serve(struct watcher *watcher)
{
	const struct svclb_watching *w = watcher->w;
	struct svclb_settings settings = { 0 };
	struct svclb_serving serving = {
		.loop = watcher->loop,
		.healthz = w->healthz,
		.metrics = w->metrics,
		.hard_fail = w->hard_fail,
		.per_service = w->per_service,
		.stale = w->stale,
		.stats = &watcher->stats,
		.counters = read_counters,
		.data = watcher,
	};
	struct svclb_err ignored;

	if (w->once)
		return 0;
	/* If the node's addresses are not known yet: everywhere. */
	if (!svclb_translate_settings(&w->translation, &w->proxy, &settings,
				      &ignored))
		serving.health_addresses = settings.lists[SVCLB_LIST_NODE_PORT];
	return svclb_servers_create(&watcher->servers, &serving, watcher->err);
}

static int start(struct watcher *watcher)
{
	const struct svclb_watching *w = watcher->w;
	const struct svclb_proxying proxying = {
		.loop = watcher->loop,
		.nl = w->nl,
		.events = w->events,
		.translation = w->translation,
		.proxy = w->proxy,
		.node_cidrs = w->proxy.node_cidr,
		.min_sync = w->min_sync,
		.full_sync = w->full_sync,
		.stats = &watcher->stats,
		.synced = on_synced,
		.health = on_health,
		.data = watcher,
	};
	struct svclb_reflecting reflecting = {
		.loop = watcher->loop,
		.access = w->access,
		.node = w->translation.node,
		.stats = &watcher->stats,
	};

	if (serve(watcher) ||
	    svclb_proxier_create(&watcher->proxier, &proxying, watcher->err))
		return -1;
	svclb_proxier_feed(watcher->proxier, &reflecting.feed);
	if (svclb_reflectors_create(&watcher->reflectors, &reflecting,
				    watcher->err))
		return -1;
	watcher->watchdog.expired = on_watchdog;
	watcher->watchdog.data = watcher;
	watcher->period = svclb_notify_watchdog();
	if (watcher->period)
		svclb_timer_set(watcher->loop, &watcher->watchdog,
				watcher->period);
	svclb_notify("STATUS=Reading the cluster.");
	svclb_log(SVCLB_LOG_INFO, "watching the cluster", "server",
		  w->access->server, "node", w->translation.node, NULL);
	return 0;
}

/**
 * svclb_watcher_run() - keep the kernel's services as a cluster has them
 * @watching: what to do
 * @err:      for errors
 *
 * Return: 0 once a signal ended it, or everything was done once; -1 for errors.
 */
int svclb_watcher_run(const struct svclb_watching *watching,
		      struct svclb_err *err)
{
	struct watcher watcher = {
		.w = watching,
		.signals = -1,
		.level = watching->log_level,
		.err = err,
	};
	int result;

	if (svclb_loop_create(&watcher.loop, err))
		return -1;
	svclb_stats_init(&watcher.stats);
	result = listen_signals(&watcher);
	if (!result)
		result = start(&watcher);
	if (!result)
		result = svclb_loop_run(watcher.loop, err);
	svclb_takeover_child_stop(&watcher.takeover);
	if (watcher.reflectors)
		svclb_reflectors_free(watcher.reflectors);
	if (watcher.proxier)
		svclb_proxier_free(watcher.proxier);
	if (watcher.servers)
		svclb_servers_free(watcher.servers);
	if (watcher.signals >= 0) {
		svclb_loop_forget(watcher.loop, watcher.signals);
		close(watcher.signals);
	}
	svclb_loop_free(watcher.loop);
	return watcher.failed ? -1 : result;
}
