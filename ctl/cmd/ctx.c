// SPDX-License-Identifier: GPL-2.0-only
#include "cmd.h"

#include "lib/netns.h"

/**
 * svclb_ctx_open() - connect to the module, in the namespace that was asked for
 * @ctx: the context
 *
 * Return: 0 or -1.
 */
int svclb_ctx_open(struct svclb_ctx *ctx)
{
	if (ctx->netns && svclb_netns_enter(ctx->netns, ctx->err))
		return -1;
	return svclb_nl_open(&ctx->nl, ctx->err);
}

/**
 * svclb_ctx_read() - read the command line as a statement
 * @ctx:  the context
 * @verb: the statement's verb
 * @stmt: for the statement, all zero
 *
 * Return: 0 or -1.
 */
int svclb_ctx_read(struct svclb_ctx *ctx, enum svclb_verb verb,
		   struct svclb_stmt *stmt)
{
	if (!svclb_stmt_parse(stmt, verb, &ctx->opts, ctx->err))
		return 0;
	return svclb_err_prefix(ctx->err, "%s: ", svclb_verb_name(verb));
}

/**
 * svclb_ctx_parse() - read the command line as a statement, then connect
 * @ctx:  the context
 * @verb: the statement's verb
 * @stmt: for the statement, all zero
 *
 * Return: 0 or -1.
 */
int svclb_ctx_parse(struct svclb_ctx *ctx, enum svclb_verb verb,
		    struct svclb_stmt *stmt)
{
	if (svclb_ctx_read(ctx, verb, stmt))
		return -1;
	return svclb_ctx_open(ctx);
}

/**
 * svclb_ctx_no_words() - read the command line of a command that takes no words
 * @ctx: the context
 *
 * Return: 0 or -1.
 */
int svclb_ctx_no_words(struct svclb_ctx *ctx)
{
	int id = svclb_opts_next(&ctx->opts, ctx->err);

	if (id == SVCLB_OPTS_WORD)
		return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
				     "'%.80s': one word too many",
				     ctx->opts.arg);
	return id;
}

/**
 * svclb_ctx_fail() - say which statement an error is about
 * @ctx:  the context, its error filled
 * @stmt: the statement
 *
 * Return: -1.
 */
int svclb_ctx_fail(struct svclb_ctx *ctx, const struct svclb_stmt *stmt)
{
	const char *verb = svclb_verb_name(stmt->verb);
	const char *subject = stmt->subject ? stmt->subject : stmt->name;

	if (subject)
		return svclb_err_prefix(ctx->err, "%s %.255s: ", verb, subject);
	return svclb_err_prefix(ctx->err, "%s: ", verb);
}
