// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/netns.h"
#include "watch/takeover.h"

enum option {
	OPT_DRY_RUN = 1,
	OPT_DRAIN_TIMEOUT,
};

static const struct svclb_opt takeover_opts[] = {
	{ "dry-run", 0, false, OPT_DRY_RUN },
	{ "drain-timeout", 0, true, OPT_DRAIN_TIMEOUT },
	{ 0 }
};

static int parse(struct svclb_ctx *ctx, struct svclb_leftovers *leftovers)
{
	int id;

	ctx->opts.table = takeover_opts;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		switch (id) {
		case SVCLB_OPTS_ERROR:
			return -1;
		case OPT_DRY_RUN:
			leftovers->dry_run = true;
			break;
		case OPT_DRAIN_TIMEOUT:
			if (svclb_takeover_parse_drain(ctx->opts.arg,
						       &leftovers->drain,
						       ctx->err))
				return -1;
			break;
		default:
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': takeover takes options only",
					     ctx->opts.arg);
		}
	}
	return 0;
}

/* Who waits for connections to end wants to know what was done before. */
static void tell(void *data, enum svclb_leftover what, const char *text)
{
	(void)data;
	if (what == SVCLB_LEFTOVER_REMOVED) {
		puts(text);
		return;
	}
	fflush(stdout);
	fprintf(stderr, "svclbctl: takeover: %s\n", text);
}

static void pass_over(void *data, enum svclb_leftover what, const char *text)
{
	(void)data;
	(void)what;
	(void)text;
}

/* What is removed is somebody else's to do from then on. */
static int check_services(struct svclb_ctx *ctx)
{
	struct svclb_leftovers left = { .dry_run = true, .tell = pass_over };
	struct svclb_config config = { 0 };
	int result = svclb_client_load(ctx->nl, &config, ctx->err);
	uint32_t count = config.count;

	svclb_config_uninit(&config);
	if (result || count)
		return result;
	svclb_takeover(&left);
	if (!left.removed)
		return 0;
	return svclb_err_set(ctx->err, SVCLB_ERR_FAILED,
			     "svclb has no services here, so nobody would serve new connections; start 'svclbctl watch' before");
}

/* Who only wants to see what there is may do so before the module is there. */
static int enter(struct svclb_ctx *ctx, bool dry_run)
{
	if (!dry_run)
		return svclb_ctx_open(ctx);
	return ctx->netns ? svclb_netns_enter(ctx->netns, ctx->err) : 0;
}

static int run_takeover(struct svclb_ctx *ctx)
{
	struct svclb_leftovers leftovers = {
		.drain = SVCLB_TAKEOVER_DRAIN,
		.tell = tell,
	};

	if (parse(ctx, &leftovers) || enter(ctx, leftovers.dry_run))
		return -1;
	if (!leftovers.dry_run && check_services(ctx))
		return svclb_err_prefix(ctx->err, "takeover: ");
	svclb_takeover(&leftovers);
	if (leftovers.failed)
		return svclb_err_set(ctx->err, SVCLB_ERR_FAILED,
				     "takeover: not all of it could be done");
	if (!leftovers.removed)
		puts("nothing is left of kube-proxy");
	return 0;
}

const struct svclb_command svclb_command_takeover = {
	.name = "takeover",
	.run = run_takeover,
	.summary = "remove what a kube-proxy left",
	.help =
"Usage: svclbctl takeover [--dry-run] [--drain-timeout TIME]\n"
"\n"
"Removes what a kube-proxy that no longer runs left in this network namespace:\n"
"its chains and rules in iptables, its nftables, virtual servers of IPVS with\n"
"their addresses, and IP sets. What others made stays as it is. Prints the\n"
"commands that would do the same.\n"
"\n"
"  --dry-run             only print\n"
"  --drain-timeout TIME  how long connections of IPVS may go on, default 1h;\n"
"                        those of iptables and nftables go on in any case\n"
"\n"
"Example:\n"
"  svclbctl takeover --dry-run\n",
};
