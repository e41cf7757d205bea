/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CMD_H
#define SVCLB_CTL_CMD_H

#include <stdbool.h>

#include "lib/err.h"
#include "lib/nl.h"
#include "lib/opts.h"
#include "lib/stmt.h"

/**
 * struct svclb_ctx - what a command needs to know
 * @json:   whether to print JSON
 * @pretty: whether to indent it
 * @netns:  network namespace to act on, or NULL for the present one
 * @nl:     connection to the module, once svclb_ctx_open() was called
 * @opts:   the words behind the command's name
 * @err:    for errors
 */
struct svclb_ctx {
	bool json;
	bool pretty;
	const char *netns;
	struct svclb_nl *nl;
	struct svclb_opts opts;
	struct svclb_err *err;
};

/**
 * struct svclb_command - a command
 * @name:    its name
 * @alias:   short name, or NULL
 * @run:     does it; 0, or -1 with the error filled
 * @summary: what it does, in a few words
 * @help:    how to use it
 */
struct svclb_command {
	const char *name;
	const char *alias;
	int (*run)(struct svclb_ctx *ctx);
	const char *summary;
	const char *help;
};

int svclb_ctx_open(struct svclb_ctx *ctx);
int svclb_ctx_read(struct svclb_ctx *ctx, enum svclb_verb verb,
		   struct svclb_stmt *stmt);
int svclb_ctx_parse(struct svclb_ctx *ctx, enum svclb_verb verb,
		    struct svclb_stmt *stmt);
int svclb_ctx_no_words(struct svclb_ctx *ctx);
int svclb_ctx_fail(struct svclb_ctx *ctx, const struct svclb_stmt *stmt);

extern const struct svclb_command svclb_command_add_svc;
extern const struct svclb_command svclb_command_edit_svc;
extern const struct svclb_command svclb_command_del_svc;
extern const struct svclb_command svclb_command_add_ep;
extern const struct svclb_command svclb_command_edit_ep;
extern const struct svclb_command svclb_command_del_ep;
extern const struct svclb_command svclb_command_list;
extern const struct svclb_command svclb_command_flush;
extern const struct svclb_command svclb_command_purge;
extern const struct svclb_command svclb_command_save;
extern const struct svclb_command svclb_command_restore;
extern const struct svclb_command svclb_command_batch;
extern const struct svclb_command svclb_command_set;
extern const struct svclb_command svclb_command_show_settings;
extern const struct svclb_command svclb_command_counters;
extern const struct svclb_command svclb_command_zero;
extern const struct svclb_command svclb_command_monitor;
extern const struct svclb_command svclb_command_sync;
extern const struct svclb_command svclb_command_watch;
extern const struct svclb_command svclb_command_takeover;
extern const struct svclb_command svclb_command_resolve;
extern const struct svclb_command svclb_command_affinity;
extern const struct svclb_command svclb_command_flows;
extern const struct svclb_command svclb_command_del_flows;
extern const struct svclb_command svclb_command_version;

#endif /* SVCLB_CTL_CMD_H */
