// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/diff.h"
#include "lib/diff_write.h"
#include "lib/file.h"
#include "lib/out.h"
#include "lib/savefile.h"
#include "lib/text.h"
#include "lib/transact.h"
#include "proxy_opts.h"
#include "watch/health.h"
#include "watch/merge.h"
#include "watch/objects.h"
#include "watch/translate.h"
#include "watch/wanted.h"

enum option {
	OPT_TRANSLATE = SVCLB_PROXY_OPTS,
	OPT_DRY_RUN,
	OPT_QUIET,
};

static const struct svclb_opt sync_opts[] = {
	{ "translate", 0, false, OPT_TRANSLATE },
	{ "dry-run", 0, false, OPT_DRY_RUN },
	{ "quiet", 'q', false, OPT_QUIET },
	{ 0 }
};

/**
 * struct job - one synchronisation
 * @file:        name of the file with the objects
 * @opts:        the node, and what settings are asked for
 * @translation: how the cluster becomes a configuration
 * @translate:   whether only to print what the cluster becomes
 * @dry_run:     whether only to print what would be changed
 * @quiet:       whether not to name the services that were changed
 * @reading:     the objects
 * @store:       the cluster
 * @ours:        what the cluster becomes
 * @count:       how many services that is
 * @asked:       settings that are asked for, SVCLB_GIVEN_*
 * @actual:      the configuration as it is, without what others made
 * @others:      what others made
 */
struct job {
	const char *file;
	struct svclb_proxy_opts opts;
	struct svclb_translation translation;
	bool translate;
	bool dry_run;
	bool quiet;
	struct svclb_reading reading;
	struct svclb_store store;
	struct svclb_config ours;
	uint32_t count;
	uint32_t asked;
	struct svclb_config actual;
	struct svclb_config others;
};

static void job_uninit(struct job *job)
{
	svclb_k8s_node_free(job->reading.node);
	svclb_store_uninit(&job->store);
	svclb_config_uninit(&job->ours);
	svclb_config_uninit(&job->actual);
	svclb_config_uninit(&job->others);
}

static void print_note(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "svclbctl: sync: %s\n", text);
}

static int set_option(struct job *job, int id, const char *arg,
		      struct svclb_err *err)
{
	switch (id) {
	case OPT_TRANSLATE:
		job->translate = true;
		return 0;
	case OPT_DRY_RUN:
		job->dry_run = true;
		return 0;
	case OPT_QUIET:
		job->quiet = true;
		return 0;
	default:
		return svclb_proxy_opts_set(&job->opts, id, arg, err);
	}
}

static int parse(struct svclb_ctx *ctx, struct job *job)
{
	int id;

	ctx->opts.table = sync_opts;
	ctx->opts.shared = svclb_proxy_opt_table;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id != SVCLB_OPTS_WORD) {
			if (set_option(job, id, ctx->opts.arg, ctx->err))
				return -1;
			continue;
		}
		if (job->file)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': one file is taken",
					     ctx->opts.arg);
		job->file = ctx->opts.arg;
	}
	if (!job->file)
		return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
				     "a file is missing; sync takes FILE --node NAME [OPTION]...");
	if (!job->opts.node || !*job->opts.node)
		return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
				     "--node is missing: which endpoints are local depends on it");
	job->translation.node = job->opts.node;
	job->translation.zone = job->opts.zone;
	job->translation.generation = job->opts.generation;
	job->translation.external_ips = job->opts.external_ips != 0;
	return 0;
}

/* What was not given, the Node may say if it is among the objects. */
static int settle_node(struct job *job, struct svclb_err *err)
{
	const struct svclb_k8s_node *node = job->reading.node;
	struct svclb_translation *translation = &job->translation;
	int i;

	if (job->opts.node_ips &&
	    svclb_proxy_opts_ips(job->opts.node_ips, translation->ips, err))
		return -1;
	for (i = 0; i < SVCLB_FAMILIES && node && !job->opts.node_ips; i++)
		translation->ips[i] = node->ips[i];
	if (!translation->zone && node)
		translation->zone = node->zone;
	return 0;
}

static int read_objects(struct job *job, struct svclb_err *err)
{
	struct svclb_text text;
	int result;

	if (svclb_file_read(job->file, &text, err))
		return -1;
	job->reading.store = &job->store;
	job->reading.node_name = job->translation.node;
	job->reading.notes = job->translation.notes;
	result = svclb_objects_read(&job->reading, text.text, text.len, err);
	if (result)
		svclb_err_prefix(err, "%s: ", text.name);
	free(text.text);
	return result;
}

/* Makes of the objects what they ask for; no module is needed. */
static int translate(struct job *job, struct svclb_err *err)
{
	struct svclb_settings settings = { 0 };

	if (read_objects(job, err) || settle_node(job, err))
		return -1;
	if (svclb_translate(&job->translation, &job->store, &job->ours))
		return svclb_err_memory(err);
	job->count = job->ours.count;
	if (svclb_translate_settings(&job->translation, &job->opts.proxy,
				     &settings, err))
		return -1;
	job->ours.settings = settings;
	return 0;
}

static int print_wanted(struct svclb_ctx *ctx, struct job *job)
{
	json_t *json;

	svclb_config_sort(&job->ours);
	if (ctx->json) {
		json = svclb_wanted_json(&job->ours);
		if (json_object_set_new(json, "health_checks",
					svclb_health_json(&job->store,
							  job->translation.node))) {
			json_decref(json);
			json = NULL;
		}
		return svclb_json_write(stdout, json, ctx->pretty, ctx->err);
	}
	svclb_savefile_write(stdout, &job->ours);
	return 0;
}

/* What sync did not make stays as it is. */
static int make_wanted(struct job *job)
{
	struct svclb_settings settings = job->ours.settings;

	if (svclb_merge_split(&job->actual, job->translation.generation,
			      &job->others))
		return -1;
	svclb_merge_yield(&job->ours, &job->others, &job->translation.notes);
	job->asked = settings.given;
	job->ours.settings = job->actual.settings;
	svclb_config_apply_settings(&job->ours, &settings);
	svclb_config_set_defaults(&job->ours);
	return 0;
}

/**
 * struct summary - what a difference comes to
 * @added:    services to add
 * @changed:  services to change
 * @deleted:  services to delete
 * @settings: whether settings are to be changed
 */
struct summary {
	json_t *added;
	json_t *changed;
	json_t *deleted;
	bool settings;
};

/* Whether an earlier change is about the same service. */
static bool is_known(struct svclb_map *known, const struct svclb_diff *diff,
		     uint32_t op)
{
	const struct svclb_service *service = diff->ops[op].service;
	struct svclb_map_iter iter;
	uint32_t hash;

	hash = svclb_hash(service->name, strlen(service->name));
	svclb_map_find(known, hash, &iter);
	while (svclb_map_next(known, &iter))
		if (diff->ops[iter.value].service == service)
			return true;
	/* Without memory, a service may be named twice. */
	svclb_map_add(known, hash, op);
	return false;
}

static void summarize(const struct svclb_diff *diff, struct summary *summary)
{
	struct svclb_map known = { 0 };
	uint32_t i;

	*summary = (struct summary){
		json_array(), json_array(), json_array(), false,
	};
	for (i = 0; i < diff->nr_ops; i++) {
		const struct svclb_op *op = &diff->ops[i];
		json_t *to = summary->changed;

		if (op->kind == SVCLB_OP_SETTINGS)
			summary->settings = true;
		if (!op->service || is_known(&known, diff, i))
			continue;
		if (op->kind == SVCLB_OP_SERVICE_ADD)
			to = summary->added;
		else if (op->kind == SVCLB_OP_SERVICE_DEL)
			to = summary->deleted;
		json_array_append_new(to, svclb_json_text(op->service->name));
	}
	svclb_map_uninit(&known);
}

static void print_names(const json_t *names, const char *what)
{
	const json_t *name;
	size_t i;

	json_array_foreach(names, i, name)
		printf("%s %s\n", what, json_string_value(name));
}

static int print_summary(struct svclb_ctx *ctx, const struct job *job,
			 const struct summary *summary)
{
	if (ctx->json)
		return svclb_json_write(stdout,
					json_pack("{s:i, s:b, s:O, s:O, s:O, s:I}",
						  "version",
						  SVCLB_OUT_JSON_VERSION,
						  "settings_changed",
						  summary->settings,
						  "added", summary->added,
						  "changed", summary->changed,
						  "deleted", summary->deleted,
						  "services",
						  (json_int_t)job->count),
					ctx->pretty, ctx->err);
	if (!job->quiet) {
		print_names(summary->deleted, "deleted");
		print_names(summary->changed, "changed");
		print_names(summary->added, "added");
	}
	printf("%u services: %zu added, %zu changed, %zu deleted%s\n",
	       job->count, json_array_size(summary->added),
	       json_array_size(summary->changed),
	       json_array_size(summary->deleted),
	       summary->settings ? "; settings changed" : "");
	return 0;
}

static int report(struct svclb_ctx *ctx, const struct job *job,
		  const struct svclb_diff *diff)
{
	struct summary summary;
	int result;

	summarize(diff, &summary);
	result = print_summary(ctx, job, &summary);
	json_decref(summary.added);
	json_decref(summary.changed);
	json_decref(summary.deleted);
	return result;
}

static int transact(struct svclb_ctx *ctx, struct job *job)
{
	bool asked = job->asked & SVCLB_GIVEN_LOOPBACK;
	bool old = asked && job->actual.settings.loopback;
	bool new = asked && job->ours.settings.loopback;

	if (old && !new && svclb_merge_loopback(false, ctx->err))
		return -1;
	if (svclb_transact(ctx->nl, NULL, &job->actual, &job->ours, ctx->err))
		return -1;
	return new ? svclb_merge_loopback(true, ctx->err) : 0;
}

/* Not to be interrupted half way: that would leave half a change. */
static int carry_out(struct svclb_ctx *ctx, struct job *job)
{
	struct svclb_diff diff = { 0 };
	sigset_t mask, old;
	int result;

	if (svclb_diff_make(&diff, &job->actual, &job->ours)) {
		result = svclb_err_memory(ctx->err);
	} else if (job->dry_run) {
		svclb_diff_write(stdout, &diff);
		result = 0;
	} else {
		sigemptyset(&mask);
		sigaddset(&mask, SIGHUP);
		sigaddset(&mask, SIGINT);
		sigaddset(&mask, SIGQUIT);
		sigaddset(&mask, SIGTERM);
		sigprocmask(SIG_BLOCK, &mask, &old);
		result = transact(ctx, job);
		sigprocmask(SIG_SETMASK, &old, NULL);
		if (!result)
			result = report(ctx, job, &diff);
	}
	svclb_diff_uninit(&diff);
	return result;
}

static int sync_all(struct svclb_ctx *ctx, struct job *job)
{
	if (translate(job, ctx->err))
		return -1;
	if (job->translate || (job->dry_run && ctx->json))
		return print_wanted(ctx, job);
	if (svclb_ctx_open(ctx) ||
	    svclb_client_load(ctx->nl, &job->actual, ctx->err))
		return -1;
	if (make_wanted(job))
		return svclb_err_memory(ctx->err);
	return carry_out(ctx, job);
}

static int run_sync(struct svclb_ctx *ctx)
{
	struct job job = {
		.translation.notes = { .note = print_note },
	};
	int result;

	svclb_proxy_opts_init(&job.opts);
	result = parse(ctx, &job);
	if (!result)
		result = sync_all(ctx, &job);
	job_uninit(&job);
	return result;
}

const struct svclb_command svclb_command_sync = {
	.name = "sync",
	.run = run_sync,
	.summary = "make the services of a Kubernetes cluster",
	.help =
"Usage: svclbctl sync FILE|- --node NAME [OPTION]...\n"
"\n"
"Makes the services that FILE asks for, which is what 'kubectl get\n"
"services,endpointslices,nodes -A -o json' (or yaml) prints. Only what differs\n"
"is changed; services that sync did not make stay as they are.\n"
"\n"
"  --node NAME            the node that this is; its endpoints are local\n"
"  --zone NAME, --node-ip ADDRESS[,...]  of the node, if it is not in FILE\n"
"  --cluster-cidr NETWORK[,...]   where pods are; '' for unknown\n"
"  --pod-interface NAME[,...]     by which pods come in; also 'veth*'\n"
"  --node-port-addresses LIST     networks, primary, localhost, all\n"
"  --localhost-node-ports on|off  node ports on 127.0.0.0/8 too\n"
"  --masquerade-all on|off, --service-cidr NETWORK[,...]  see svclbctl(8)\n"
"  --external-ips on|off  whether external IPs count, default on\n"
"  --generation N         of the services that are sync's, default 1\n"
"  --dry-run              only print what would be changed\n"
"  --translate            only print what FILE becomes; needs no module\n"
"  -q, --quiet            do not name the services that were changed\n"
"\n"
"Example:\n"
"  kubectl get services,endpointslices -A -o json | svclbctl sync - --node a\n",
};
