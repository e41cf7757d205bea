// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"
#include "lib/err.h"
#include "lib/nl.h"

static const struct svclb_command *const commands[] = {
	&svclb_command_add_svc,
	&svclb_command_edit_svc,
	&svclb_command_del_svc,
	&svclb_command_add_ep,
	&svclb_command_edit_ep,
	&svclb_command_del_ep,
	&svclb_command_list,
	&svclb_command_counters,
	&svclb_command_zero,
	&svclb_command_resolve,
	&svclb_command_affinity,
	&svclb_command_flows,
	&svclb_command_del_flows,
	&svclb_command_monitor,
	&svclb_command_sync,
	&svclb_command_watch,
	&svclb_command_takeover,
	&svclb_command_set,
	&svclb_command_show_settings,
	&svclb_command_save,
	&svclb_command_restore,
	&svclb_command_batch,
	&svclb_command_flush,
	&svclb_command_purge,
	&svclb_command_version,
	NULL
};

enum option {
	OPT_NONE,
	OPT_JSON,
	OPT_PRETTY,
	OPT_NETNS,
	OPT_HELP,
	OPT_VERSION,
};

static const struct svclb_opt no_opts[] = { { 0 } };

static const struct svclb_opt global_opts[] = {
	{ "json", 'j', false, OPT_JSON },
	{ "pretty", 'p', false, OPT_PRETTY },
	{ "netns", 'n', true, OPT_NETNS },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ 0 }
};

/**
 * struct program - one run of the program
 * @ctx:     what commands get to know
 * @err:     what went wrong
 * @help:    whether help was asked for
 * @version: whether the version was asked for
 */
struct program {
	struct svclb_ctx ctx;
	struct svclb_err err;
	bool help;
	bool version;
};

/* An option that ends the run returns -1 without an error. */
static int on_global(void *data, int id, const char *arg, struct svclb_err *err)
{
	struct program *program = data;

	(void)err;
	switch (id) {
	case OPT_JSON:
		program->ctx.json = true;
		return 0;
	case OPT_PRETTY:
		program->ctx.pretty = true;
		return 0;
	case OPT_NETNS:
		program->ctx.netns = arg;
		return 0;
	case OPT_VERSION:
		program->version = true;
		return -1;
	default:
		program->help = true;
		return -1;
	}
}

static void print_help(FILE *file)
{
	const struct svclb_command *const *at;

	fprintf(file, "Usage: svclbctl [OPTION]... COMMAND [WORD]...\n\n");
	for (at = commands; *at; at++)
		fprintf(file, "  %-14s %s\n", (*at)->name, (*at)->summary);
	fprintf(file, "  %-14s %s\n\n", "help", "print this, or how to use a command");
	fprintf(file, "  -n, --netns NAME  act on that network namespace\n"
		      "  -j, --json        print JSON      -p, --pretty  indent it\n"
		      "  -h, --help        print help; behind a command, about that\n"
		      "  -V, --version     print the versions\n\n"
		      "Commands and long options may be cut short. See svclbctl(8).\n");
}

static void name_matches(const char *word, struct svclb_err *err)
{
	const struct svclb_command *const *at;

	svclb_err_set(err, SVCLB_ERR_INPUT, "'%.80s' can be", word);
	for (at = commands; *at; at++)
		if (!strncmp((*at)->name, word, strlen(word)))
			svclb_err_append(err, " %s", (*at)->name);
}

static const struct svclb_command *find_command(const char *word,
						struct svclb_err *err)
{
	const struct svclb_command *const *at;
	const struct svclb_command *found = NULL;
	int matches = 0;

	for (at = commands; *at; at++) {
		const char *alias = (*at)->alias;

		if (!strcmp((*at)->name, word) ||
		    (alias && !strcmp(alias, word)))
			return *at;
		if (strncmp((*at)->name, word, strlen(word)) != 0)
			continue;
		found = *at;
		matches++;
	}
	if (matches == 1)
		return found;
	if (matches)
		name_matches(word, err);
	else
		svclb_err_set(err, SVCLB_ERR_INPUT,
			      "'%.80s': unknown command; 'svclbctl help' lists them",
			      word);
	return NULL;
}

static int run_help(struct program *program)
{
	const struct svclb_command *command;
	int id;

	id = svclb_opts_next(&program->ctx.opts, &program->err);
	if (id == SVCLB_OPTS_END || program->help) {
		print_help(stdout);
		return 0;
	}
	if (id == SVCLB_OPTS_ERROR)
		return -1;
	command = find_command(program->ctx.opts.arg, &program->err);
	if (!command)
		return -1;
	fputs(command->help, stdout);
	return 0;
}

static int run_command(struct program *program, const char *word)
{
	const struct svclb_command *command;
	int result;

	if (!strcmp(word, "help"))
		return run_help(program);
	command = find_command(word, &program->err);
	if (!command)
		return -1;
	result = command->run(&program->ctx);
	if (program->version)
		return 0;
	if (!program->help)
		return result;
	fputs(command->help, stdout);
	return 0;
}

static int run(struct program *program)
{
	struct svclb_opts *opts = &program->ctx.opts;
	int result = -1, id;

	id = svclb_opts_next(opts, &program->err);
	if (id == SVCLB_OPTS_WORD)
		result = run_command(program, opts->arg);
	else if (id == SVCLB_OPTS_END)
		svclb_err_set(&program->err, SVCLB_ERR_INPUT,
			      "a command is missing; 'svclbctl help' lists them");
	else if (program->help)
		print_help(stdout);
	if (program->version) {
		opts->pos = opts->nr;
		opts->letters = NULL;
		return svclb_command_version.run(&program->ctx);
	}
	return program->help ? 0 : result;
}

int main(int argc, char **argv)
{
	struct program program = {
		.ctx = {
			.opts = {
				.words = argv + 1,
				.nr = argc ? argc - 1 : 0,
				.table = no_opts,
				.more = global_opts,
				.on_more = on_global,
			},
		},
	};
	int result;

	program.ctx.opts.data = &program;
	program.ctx.err = &program.err;
	result = run(&program);
	svclb_nl_close(program.ctx.nl);
	if (!result && fflush(stdout))
		result = svclb_err_set(&program.err, SVCLB_ERR_FAILED,
				       "cannot write the output");
	if (!result)
		return 0;
	fprintf(stderr, "svclbctl: %s\n", program.err.text);
	return program.err.code;
}
