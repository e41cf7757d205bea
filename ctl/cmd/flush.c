// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"
#include "lib/client.h"

static int run_flush(struct svclb_ctx *ctx)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_FLUSH, &stmt);
	if (!result) {
		result = svclb_client_service(ctx->nl, SVCLB_CMD_FLUSH, 0,
					      ctx->err);
		if (result)
			svclb_ctx_fail(ctx, &stmt);
	}
	svclb_stmt_uninit(&stmt);
	return result;
}

static int send_purge(struct svclb_ctx *ctx, uint64_t generation)
{
	struct nl_msg *msg;

	msg = svclb_nl_request(ctx->nl, SVCLB_CMD_PURGE, 0,
			       svclb_codec_size(0), ctx->err);
	if (!msg || svclb_codec_put_generation(msg, generation, ctx->err))
		return -1;
	return svclb_nl_call(ctx->nl, msg, NULL, NULL, ctx->err);
}

static int run_purge(struct svclb_ctx *ctx)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_PURGE, &stmt);
	if (!result) {
		result = send_purge(ctx, stmt.generation);
		if (result)
			svclb_ctx_fail(ctx, &stmt);
	}
	svclb_stmt_uninit(&stmt);
	return result;
}

const struct svclb_command svclb_command_flush = {
	.name = "flush",
	.run = run_flush,
	.summary = "delete all services",
	.help =
"Usage: svclbctl flush\n"
"\n"
"Deletes all services. Settings and the counters of the namespace stay.\n"
"\n"
"Example:\n"
"  svclbctl -n red flush\n",
};

const struct svclb_command svclb_command_purge = {
	.name = "purge",
	.run = run_purge,
	.summary = "delete services of old generations",
	.help =
"Usage: svclbctl purge --older-than GENERATION\n"
"\n"
"Deletes the services whose generation is lower than GENERATION. Those of\n"
"generation 0, which is what services have when none was given, stay.\n"
"A program that sets all its services with a new generation and then purges\n"
"leaves nothing behind that it does not know, and never has a gap.\n"
"\n"
"Example:\n"
"  svclbctl purge --older-than 7\n",
};
