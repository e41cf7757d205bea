// SPDX-License-Identifier: GPL-2.0-only
/*
 * When what is brought to the kernel: soon after the first change, but not more
 * often than is asked for; and again what did not work.
 */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/text.h"
#include "log.h"
#include "proxier_int.h"

/* Milliseconds: what comes together is done together. */
#define GATHER 2

/* Milliseconds between tries while the kernel is away. */
#define AWAY_FIRST 1000
#define AWAY_MOST 30000

/* Milliseconds between repairs, and after which they are forgotten. */
#define REPAIR_FIRST 1000
#define REPAIR_MOST 30000
#define REPAIR_CALM 60000

/* Milliseconds for which a missing Node is waited for. */
#define NODE_WAIT 10000

/* If more Services than this changed, it can be cheaper to look at all. */
#define SOME_MOST 256

static double wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double steady_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/**
 * svclb_proxier_schedule() - have a pass made
 * @proxier: the proxier
 * @delay:   in how many milliseconds; it is later if others were made just now,
 *           and earlier if another one is to be made
 */
void svclb_proxier_schedule(struct svclb_proxier *proxier, uint64_t delay)
{
	uint64_t now = svclb_loop_now(), at = now + delay;

	if (proxier->last_pass)
		at = later(at, proxier->last_pass + proxier->p.min_sync);
	if (proxier->away)
		at = later(at, proxier->away_until);
	if (proxier->pass_at && proxier->pass_at <= at)
		return;
	proxier->pass_at = at;
	svclb_timer_set(proxier->p.loop, &proxier->pass_timer, at - now);
}

/**
 * svclb_proxier_ready() - whether enough is known to begin
 * @proxier: the proxier
 *
 * Return: whether it is.
 */
bool svclb_proxier_ready(struct svclb_proxier *proxier)
{
	uint64_t now = svclb_loop_now();

	if (!proxier->listed[SVCLB_RESOURCE_SERVICES] ||
	    !proxier->listed[SVCLB_RESOURCE_SLICES])
		return false;
	if (proxier->listed[SVCLB_RESOURCE_NODE])
		return proxier->node || !proxier->p.node_cidrs;
	if (proxier->p.node_cidrs)
		return false;
	/* Who may not read Nodes can do without. */
	if (!proxier->node_until) {
		proxier->node_until = now + NODE_WAIT;
		svclb_proxier_schedule(proxier, NODE_WAIT);
	}
	return now >= proxier->node_until;
}

/**
 * svclb_proxier_changed() - see to it that a change comes to the kernel
 * @proxier: the proxier
 */
void svclb_proxier_changed(struct svclb_proxier *proxier)
{
	struct svclb_stats *stats = proxier->p.stats;

	stats->last_queued = wall_clock();
	if (!stats->synced && !svclb_proxier_ready(proxier))
		return;
	if (!stats->oldest_pending)
		stats->oldest_pending = svclb_loop_now();
	svclb_proxier_schedule(proxier, GATHER);
}

/**
 * svclb_proxier_change_all() - see to it that everything comes to the kernel
 * @proxier: the proxier
 */
void svclb_proxier_change_all(struct svclb_proxier *proxier)
{
	proxier->all = true;
	svclb_proxier_changed(proxier);
}

/**
 * svclb_proxier_repair() - undo what somebody else did
 * @proxier: the proxier
 *
 * Where two disagree, they shall not keep the machine busy.
 */
void svclb_proxier_repair(struct svclb_proxier *proxier)
{
	uint64_t now = svclb_loop_now();

	if (!proxier->p.stats->synced || proxier->repair_at)
		return;
	if (now - proxier->repaired_at > REPAIR_CALM)
		proxier->repair_delay = 0;
	proxier->repair_at = later(now + GATHER, proxier->repaired_at +
				   proxier->repair_delay);
	svclb_proxier_schedule(proxier, proxier->repair_at - now);
}

/* The settings that are asked for; those that cannot be made are left. */
static void ask_settings(struct svclb_proxier *proxier)
{
	struct svclb_proxy proxy = proxier->p.proxy;
	struct svclb_settings settings = { 0 };
	char cidrs[2 * SVCLB_NETWORK_TEXT + 2] = "";
	char text[SVCLB_NETWORK_TEXT];
	struct svclb_err err;
	int i;

	for (i = 0; i < SVCLB_FAMILIES && proxier->node; i++) {
		const struct svclb_network *network =
			&proxier->node->pod_cidrs[i];

		if (!network->family)
			continue;
		svclb_text_network(text, network);
		snprintf(cidrs + strlen(cidrs), sizeof(cidrs) - strlen(cidrs),
			 "%s%s", *cidrs ? "," : "", text);
	}
	if (proxier->p.node_cidrs)
		proxy.cluster_cidrs = *cidrs ? cidrs : NULL;
	if (!svclb_translate_settings(&proxier->translation, &proxy, &settings,
				      &err)) {
		proxier->asked = settings;
		return;
	}
	svclb_note(&proxier->translation.notes,
		   "the settings are left as they are: %s", err.text);
}

static void kernel_gone(struct svclb_proxier *proxier,
			const struct svclb_err *err)
{
	struct svclb_stats *stats = proxier->p.stats;

	if (!proxier->away)
		svclb_log(SVCLB_LOG_ERROR,
			  "the kernel cannot be told; it is tried again",
			  "error", err->text, NULL);
	proxier->away_delay = proxier->away_delay ? proxier->away_delay * 2 :
						    AWAY_FIRST;
	if (proxier->away_delay > AWAY_MOST)
		proxier->away_delay = AWAY_MOST;
	proxier->away = true;
	proxier->away_until = svclb_loop_now() + proxier->away_delay;
	proxier->known = false;
	proxier->all = true;
	stats->sync_failures++;
	if (!stats->oldest_pending)
		stats->oldest_pending = svclb_loop_now();
	svclb_pending_settle(&proxier->pendings, false);
	svclb_proxier_schedule(proxier, 0);
}

static int meet_kernel(struct svclb_proxier *proxier, struct svclb_err *err)
{
	uint64_t now = svclb_loop_now();

	if (proxier->away && (svclb_nl_renew(proxier->p.nl, err) ||
			      (proxier->p.events &&
			       svclb_nl_renew(proxier->p.events, err))))
		return -1;
	if (proxier->repair_at && now >= proxier->repair_at)
		proxier->known = false;
	if (proxier->known)
		return 0;
	if (svclb_held_load(&proxier->held, proxier->p.nl,
			    proxier->translation.generation, err))
		return -1;
	if (proxier->away)
		svclb_log(SVCLB_LOG_INFO, "the kernel is there again", NULL);
	proxier->away = false;
	proxier->away_delay = 0;
	proxier->known = true;
	proxier->all = true;
	return 0;
}

/* The API server's own Service comes first: other things may need it. */
static int begin(struct svclb_proxier *proxier, struct svclb_err *err)
{
	if (!svclb_pending_add(&proxier->pendings, SVCLB_PENDING_SETTINGS,
			       SVCLB_PENDING_SETTINGS) ||
	    !svclb_pending_add(&proxier->pendings, "default", "kubernetes"))
		return svclb_err_memory(err);
	return svclb_proxier_some(proxier, err) < 0 ? -1 : 0;
}

static int make_pass(struct svclb_proxier *proxier, struct svclb_err *err)
{
	int result;

	if (meet_kernel(proxier, err))
		return -1;
	if (proxier->all)
		ask_settings(proxier);
	if (!proxier->p.stats->synced && begin(proxier, err))
		return -1;
	if (proxier->pendings.nr > SOME_MOST &&
	    proxier->pendings.nr > proxier->store.services.count / 4)
		proxier->all = true;
	if (!proxier->all) {
		result = svclb_proxier_some(proxier, err);
		if (result <= 0)
			return result;
		proxier->all = true;
	}
	return svclb_proxier_all(proxier, err);
}

/* What health check ports tell is about endpoints, not about the kernel. */
static void see_health(struct svclb_proxier *proxier)
{
	const struct svclb_pendings *pendings = &proxier->pendings;
	int result = 0;
	uint32_t i;

	if (proxier->all)
		result = svclb_proxier_health_all(proxier);
	for (i = 0; i < pendings->nr && !proxier->all && !result; i++)
		result = svclb_proxier_health(proxier, pendings->at[i].namespace,
					      pendings->at[i].name);
	if (result)
		svclb_log(SVCLB_LOG_ERROR,
			  "out of memory: health check ports are not up to date",
			  NULL);
	svclb_proxier_tell_health(proxier);
}

static void count_repair(struct svclb_proxier *proxier)
{
	uint64_t now = svclb_loop_now();
	char text[SVCLB_LOG_NUMBER];

	if (!proxier->repair_at || now < proxier->repair_at)
		return;
	proxier->repair_at = 0;
	if (!proxier->requests)
		return;
	proxier->p.stats->repairs++;
	proxier->repaired_at = now;
	proxier->repair_delay = proxier->repair_delay ?
				proxier->repair_delay * 2 : REPAIR_FIRST;
	if (proxier->repair_delay > REPAIR_MOST)
		proxier->repair_delay = REPAIR_MOST;
	svclb_log(SVCLB_LOG_WARNING, "undid what somebody else had changed",
		  "requests", svclb_log_number(text, proxier->requests), NULL);
}

static void count_pass(struct svclb_proxier *proxier, double seconds)
{
	struct svclb_stats *stats = proxier->p.stats;
	double now = wall_clock(), since;
	uint32_t i;

	svclb_histogram_add(proxier->all ? &stats->full_sync : &stats->sync,
			    seconds);
	for (i = 0; i < proxier->nr_triggers; i++) {
		since = now - (double)proxier->triggers[i] / 1e3;
		svclb_histogram_add(&stats->programming, since > 0 ? since : 0);
	}
	proxier->nr_triggers = 0;
	if (proxier->refused)
		stats->sync_failures++;
	stats->last_sync = now;
	stats->oldest_pending = 0;
	stats->pending_slice_changes = 0;
	stats->pending_service_changes = proxier->pendings.nr;
}

/* When is something of what did not work to be tried again? */
static void schedule_rest(struct svclb_proxier *proxier)
{
	uint64_t now = svclb_loop_now(), due;
	uint32_t i;

	for (i = 0; i < proxier->pendings.nr; i++) {
		due = later(proxier->pendings.at[i].due, now);
		svclb_proxier_schedule(proxier, due - now);
	}
	if (proxier->repair_at)
		svclb_proxier_schedule(proxier,
				       later(proxier->repair_at, now) - now);
}

static void end_pass(struct svclb_proxier *proxier, double seconds)
{
	bool first = !proxier->p.stats->synced, all = proxier->all;

	svclb_pending_settle(&proxier->pendings, true);
	count_repair(proxier);
	count_pass(proxier, seconds);
	proxier->all = false;
	proxier->p.stats->synced = true;
	/* Two configurations were there, and one is left. */
	if (all)
		malloc_trim(0);
	if (first && proxier->p.synced)
		proxier->p.synced(proxier->p.data);
	schedule_rest(proxier);
}

/**
 * svclb_proxier_pass() - bring what changed to the kernel
 * @data: the proxier
 */
void svclb_proxier_pass(void *data)
{
	struct svclb_proxier *proxier = data;
	double began = steady_clock();
	struct svclb_err err;

	proxier->pass_at = 0;
	if (!proxier->p.stats->synced && !svclb_proxier_ready(proxier))
		return;
	if (!proxier->p.stats->synced)
		proxier->all = true;
	proxier->requests = 0;
	proxier->refused = 0;
	see_health(proxier);
	if (make_pass(proxier, &err)) {
		kernel_gone(proxier, &err);
	} else {
		proxier->last_pass = svclb_loop_now();
		end_pass(proxier, steady_clock() - began);
	}
}
