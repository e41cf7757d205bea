// SPDX-License-Identifier: GPL-2.0-only
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/apply.h"
#include "lib/client.h"
#include "lib/diff.h"
#include "lib/diff_write.h"
#include "lib/file.h"
#include "lib/savefile.h"
#include "lib/text.h"
#include "lib/transact.h"

enum option {
	OPT_NONE,
	OPT_MERGE,
	OPT_CHECK,
	OPT_DRY_RUN,
};

static const struct svclb_opt restore_opts[] = {
	{ "merge", 0, false, OPT_MERGE },
	{ "noflush", 0, false, OPT_MERGE },
	{ "check", 0, false, OPT_CHECK },
	{ "dry-run", 0, false, OPT_DRY_RUN },
	{ 0 }
};

static const struct svclb_opt batch_opts[] = {
	{ "check", 0, false, OPT_CHECK },
	{ "dry-run", 0, false, OPT_DRY_RUN },
	{ 0 }
};

/**
 * struct job - a file to be put into effect
 * @file:     the file
 * @merge:    whether services that are not in it stay
 * @check:    whether only to read it
 * @dry_run:  whether only to print what would be changed
 * @actual:   the configuration as it is
 * @wanted:   the configuration as it shall be
 * @zeroed:   names of services whose counters are to be zeroed; NULL for all
 * @nr_zeroed: how many
 */
struct job {
	struct svclb_savefile file;
	bool merge;
	bool check;
	bool dry_run;
	struct svclb_config actual;
	struct svclb_config wanted;
	char **zeroed;
	size_t nr_zeroed;
};

static void job_uninit(struct job *job)
{
	size_t i;

	for (i = 0; i < job->nr_zeroed; i++)
		free(job->zeroed[i]);
	free(job->zeroed);
	svclb_config_uninit(&job->actual);
	svclb_config_uninit(&job->wanted);
	free(job->file.text);
}

static int parse(struct svclb_ctx *ctx, const struct svclb_opt *table,
		 struct job *job)
{
	int id;

	ctx->opts.table = table;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id == SVCLB_OPTS_WORD && job->file.name)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': one file is taken",
					     ctx->opts.arg);
		if (id == SVCLB_OPTS_WORD)
			job->file.name = ctx->opts.arg;
		else if (id == OPT_MERGE)
			job->merge = true;
		else if (id == OPT_CHECK)
			job->check = true;
		else
			job->dry_run = true;
	}
	if (!job->file.name)
		job->file.name = "-";
	return 0;
}

static int read_file(struct svclb_savefile *file, struct svclb_err *err)
{
	struct svclb_text text;

	if (svclb_file_read(file->name, &text, err))
		return -1;
	file->name = text.name;
	file->text = text.text;
	file->len = text.len;
	return 0;
}

static int print_difference(const struct job *job, struct svclb_err *err)
{
	struct svclb_diff diff = { 0 };
	int result;

	result = svclb_diff_make(&diff, &job->actual, &job->wanted);
	if (result)
		svclb_err_memory(err);
	else
		svclb_diff_write(stdout, &diff);
	svclb_diff_uninit(&diff);
	return result;
}

/* Not to be interrupted half way: that would leave half a change. */
static int carry_out(struct svclb_ctx *ctx, struct job *job)
{
	sigset_t mask, old;
	int result;

	svclb_config_set_defaults(&job->wanted);
	if (job->dry_run)
		return print_difference(job, ctx->err);
	sigemptyset(&mask);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGQUIT);
	sigaddset(&mask, SIGTERM);
	sigprocmask(SIG_BLOCK, &mask, &old);
	result = svclb_transact(ctx->nl, job->file.name, &job->actual,
				&job->wanted, ctx->err);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return result;
}

static int restore_statement(void *data, struct svclb_stmt *stmt,
			     struct svclb_err *err)
{
	struct job *job = data;

	switch (stmt->verb) {
	case SVCLB_VERB_SET:
	case SVCLB_VERB_ADD_SVC:
	case SVCLB_VERB_ADD_EP:
	case SVCLB_VERB_END:
		break;
	default:
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%s' is for batch, not for restore",
				     svclb_verb_name(stmt->verb));
	}
	if (!svclb_apply(&job->wanted, stmt, err))
		return 0;
	/* Whatever is wrong, it is the file that is wrong. */
	err->code = SVCLB_ERR_INPUT;
	return -1;
}

static int conflict(const struct job *job, const struct svclb_service *mine,
		    const struct svclb_service *theirs,
		    const struct svclb_key *key, struct svclb_err *err)
{
	char text[SVCLB_KEY_TEXT];

	svclb_text_key(text, key);
	svclb_err_set(err, SVCLB_ERR_FAILED, "%s:%u: add-svc %s: %s: ",
		      job->file.name, mine->line, mine->name, text);
	return svclb_err_append(err, "frontend is used by service '%s', which is not in the file",
				theirs->name);
}

/* Adds a service that is there to those of the file. */
static int keep(struct job *job, const struct svclb_service *service,
		struct svclb_err *err)
{
	const struct svclb_service *owner;
	struct svclb_service *copy;
	uint32_t i;

	if (svclb_config_by_name(&job->wanted, service->name))
		return 0;
	for (i = 0; i < service->nr_frontends; i++) {
		const struct svclb_key *key = &service->frontends[i].key;

		owner = svclb_config_by_key(&job->wanted, key);
		if (owner)
			return conflict(job, owner, service, key, err);
	}
	copy = svclb_service_copy(service);
	if (copy && !svclb_config_insert(&job->wanted, copy))
		return 0;
	svclb_service_free(copy);
	return svclb_err_memory(err);
}

static int restore(struct svclb_ctx *ctx, struct job *job)
{
	struct svclb_settings given;
	uint32_t i;

	job->file.complete = true;
	if (svclb_savefile_read(&job->file, restore_statement, job, ctx->err))
		return -1;
	if (job->check)
		return 0;
	if (svclb_ctx_open(ctx) ||
	    svclb_client_load(ctx->nl, &job->actual, ctx->err))
		return -1;
	given = job->wanted.settings;
	job->wanted.settings = job->actual.settings;
	svclb_config_apply_settings(&job->wanted, &given);
	for (i = 0; i < job->actual.nr && job->merge; i++)
		if (keep(job, job->actual.services[i], ctx->err))
			return -1;
	return carry_out(ctx, job);
}

static int run_restore(struct svclb_ctx *ctx)
{
	struct job job = { 0 };
	int result;

	result = parse(ctx, restore_opts, &job);
	if (!result)
		result = read_file(&job.file, ctx->err);
	if (!result)
		result = restore(ctx, &job);
	job_uninit(&job);
	return result;
}

static int check_statement(void *data, struct svclb_stmt *stmt,
			   struct svclb_err *err)
{
	(void)data;
	(void)stmt;
	(void)err;
	return 0;
}

static int note_zero(struct job *job, const struct svclb_stmt *stmt,
		     struct svclb_err *err)
{
	const struct svclb_service *service = NULL;
	char **bigger, *name = NULL;

	if (stmt->has_ref) {
		service = svclb_ref_find(&stmt->ref, &job->wanted, err);
		if (!service)
			return -1;
		name = strdup(service->name);
		if (!name)
			return svclb_err_memory(err);
	}
	bigger = reallocarray(job->zeroed, job->nr_zeroed + 1, sizeof(*bigger));
	if (!bigger) {
		free(name);
		return svclb_err_memory(err);
	}
	job->zeroed = bigger;
	job->zeroed[job->nr_zeroed++] = name;
	return 0;
}

static int batch_statement(void *data, struct svclb_stmt *stmt,
			   struct svclb_err *err)
{
	struct job *job = data;

	if (svclb_apply(&job->wanted, stmt, err))
		return -1;
	if (stmt->verb == SVCLB_VERB_ZERO)
		return note_zero(job, stmt, err);
	return 0;
}

/* Counters cannot be made unzero, so this is last. */
static int zero_counters(struct svclb_ctx *ctx, const struct job *job)
{
	struct svclb_service *service;
	uint32_t id;
	size_t i;

	for (i = 0; i < job->nr_zeroed && !job->dry_run; i++) {
		id = 0;
		if (job->zeroed[i]) {
			struct svclb_ref ref = {
				.word = job->zeroed[i],
				.name = job->zeroed[i],
			};

			/* May have been deleted further down. */
			if (!svclb_config_by_name(&job->wanted, ref.name))
				continue;
			service = svclb_client_find(ctx->nl, &ref, ctx->err);
			id = service ? service->id : 0;
			svclb_service_free(service);
			if (!id)
				return -1;
		}
		if (svclb_client_service(ctx->nl, SVCLB_CMD_COUNTERS_ZERO, id,
					 ctx->err))
			return -1;
	}
	return 0;
}

static int check_text(const struct job *job, struct svclb_err *err)
{
	struct svclb_savefile copy = job->file;
	int result;

	if (!job->file.text)
		return 0;
	copy.text = malloc(copy.len + 1);
	if (!copy.text)
		return svclb_err_memory(err);
	memcpy(copy.text, job->file.text, copy.len + 1);
	result = svclb_savefile_read(&copy, check_statement, NULL, err);
	free(copy.text);
	return result;
}

static int batch(struct svclb_ctx *ctx, struct job *job)
{
	if (check_text(job, ctx->err))
		return -1;
	if (job->check)
		return 0;
	if (svclb_ctx_open(ctx) ||
	    svclb_client_load(ctx->nl, &job->actual, ctx->err))
		return -1;
	if (svclb_config_copy(&job->wanted, &job->actual))
		return svclb_err_memory(ctx->err);
	if (svclb_savefile_read(&job->file, batch_statement, job, ctx->err))
		return svclb_err_append(ctx->err, "; nothing was changed");
	if (carry_out(ctx, job))
		return -1;
	if (!zero_counters(ctx, job))
		return 0;
	return svclb_err_prefix(ctx->err,
				"%s: all was changed, but counters were not zeroed: ",
				job->file.name);
}

static int run_batch(struct svclb_ctx *ctx)
{
	struct job job = { 0 };
	int result;

	result = parse(ctx, batch_opts, &job);
	if (!result)
		result = read_file(&job.file, ctx->err);
	if (!result)
		result = batch(ctx, &job);
	job_uninit(&job);
	return result;
}

const struct svclb_command svclb_command_restore = {
	.name = "restore",
	.run = run_restore,
	.summary = "make the configuration what a file says",
	.help =
"Usage: svclbctl restore [FILE] [OPTION]...\n"
"\n"
"Makes the configuration what FILE, or standard input, says: what is not in it\n"
"is deleted, what is as it should be is not touched. It is done wholly or not at\n"
"all. FILE is one that save wrote, or the like: see svclb-save(5).\n"
"\n"
"  --merge    delete nothing that is not in FILE; also --noflush\n"
"  --check    only read FILE; works without the module\n"
"  --dry-run  only print what would be changed\n"
"\n"
"Example:\n"
"  svclbctl restore --dry-run /etc/svclb.conf\n",
};

const struct svclb_command svclb_command_batch = {
	.name = "batch",
	.run = run_batch,
	.summary = "carry out many commands at once",
	.help =
"Usage: svclbctl batch [FILE] [OPTION]...\n"
"\n"
"Carries out the commands in FILE, or standard input, one a line without the\n"
"word svclbctl: add-svc, edit-svc, del-svc, add-ep, edit-ep, del-ep, set, zero,\n"
"flush, purge. They are carried out wholly or not at all.\n"
"\n"
"  --check    only read FILE; works without the module\n"
"  --dry-run  only print what would be changed\n"
"\n"
"Example:\n"
"  printf 'del-svc a/b:http\\nadd-svc 10.96.0.7:80\\n' | svclbctl batch\n",
};
