// SPDX-License-Identifier: GPL-2.0-only
#include <linux/netlink.h>

#include "cmd.h"
#include "lib/apply.h"
#include "lib/client.h"
#include "lib/transact.h"

static int send_backends(struct svclb_ctx *ctx, uint8_t cmd, uint16_t flags,
			 const struct svclb_service *service,
			 const struct svclb_stmt *stmt)
{
	const struct svclb_service *added = &stmt->added;
	struct svclb_members members = {
		.family = service->family,
		.backends = added->backends,
	};
	struct nl_msg *msg;

	msg = svclb_nl_request(ctx->nl, cmd, flags,
			       svclb_codec_size(added->nr_backends), ctx->err);
	if (!msg || svclb_codec_put_id(msg, service->id, ctx->err) ||
	    svclb_codec_put_backends(msg, service->family, added->backends,
				     added->nr_backends, ctx->err))
		return -1;
	if (!svclb_nl_call(ctx->nl, msg, NULL, NULL, ctx->err))
		return 0;
	svclb_client_explain(ctx->nl, &members, ctx->err);
	return -1;
}

static int send_stmt(struct svclb_ctx *ctx, struct svclb_stmt *stmt, uint8_t cmd,
		     uint16_t flags)
{
	struct svclb_service *service;
	int result = -1;

	service = svclb_client_find(ctx->nl, &stmt->ref, ctx->err);
	if (service)
		result = svclb_stmt_complete(stmt, service->family,
					     service->proto, ctx->err);
	if (!result)
		result = send_backends(ctx, cmd, flags, service, stmt);
	svclb_service_free(service);
	if (result)
		svclb_ctx_fail(ctx, stmt);
	return result;
}

static int run(struct svclb_ctx *ctx, enum svclb_verb verb, uint8_t cmd,
	       uint16_t flags)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, verb, &stmt);
	if (!result)
		result = send_stmt(ctx, &stmt, cmd, flags);
	svclb_stmt_uninit(&stmt);
	return result;
}

static int run_add(struct svclb_ctx *ctx)
{
	return run(ctx, SVCLB_VERB_ADD_EP, SVCLB_CMD_BACKEND_SET,
		   NLM_F_CREATE | NLM_F_EXCL);
}

static bool has_flags(const struct svclb_stmt *stmt)
{
	uint32_t i, mask = 0;

	for (i = 0; i < stmt->added.nr_backends; i++)
		mask |= stmt->added.backends[i].mask;
	return mask;
}

/*
 * The kernel knows flags only as a whole, so what they become depends on what
 * they are.
 */
static int edit(struct svclb_ctx *ctx, struct svclb_stmt *stmt)
{
	struct svclb_config from = { 0 }, to = { 0 };
	int result;

	result = svclb_client_load_service(ctx->nl, &stmt->ref, &from,
					   ctx->err);
	if (!result && svclb_config_copy(&to, &from))
		result = svclb_err_memory(ctx->err);
	if (!result)
		result = svclb_apply(&to, stmt, ctx->err);
	if (result)
		svclb_ctx_fail(ctx, stmt);
	else
		result = svclb_transact(ctx->nl, NULL, &from, &to, ctx->err);
	svclb_config_uninit(&from);
	svclb_config_uninit(&to);
	return result;
}

static int run_edit(struct svclb_ctx *ctx)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_EDIT_EP, &stmt);
	if (!result)
		result = has_flags(&stmt) ? edit(ctx, &stmt) :
			 send_stmt(ctx, &stmt, SVCLB_CMD_BACKEND_SET, 0);
	svclb_stmt_uninit(&stmt);
	return result;
}

static int run_del(struct svclb_ctx *ctx)
{
	return run(ctx, SVCLB_VERB_DEL_EP, SVCLB_CMD_BACKEND_DEL, 0);
}

const struct svclb_command svclb_command_add_ep = {
	.name = "add-ep",
	.run = run_add,
	.summary = "add endpoints to a service",
	.help =
"Usage: svclbctl add-ep SERVICE ENDPOINT... [OPTION]...\n"
"\n"
"Adds endpoints, such as 10.244.0.1:8080 or [fd00::1]:8080, to a service, which\n"
"is given by its name or one of its addresses. All are added at once.\n"
"\n"
"  -w, --weight N  share of the new connections, 0 to 65535; default 1. The\n"
"                  schedulers random, rr and lc only heed 0, which means none\n"
"  --draining      no new connections, established ones go on\n"
"  --local         on this node: used by addresses whose policy is local\n"
"  --local-only    not used by addresses whose policy is cluster\n"
"  --not-serving   its UDP flows are deleted, though it gets new connections\n"
"\n"
"ENDPOINT,w=N ENDPOINT,draining ENDPOINT,local ENDPOINT,local-only and\n"
"ENDPOINT,not-serving say the same for one endpoint only.\n"
"\n"
"Example:\n"
"  svclbctl add-ep 10.103.12.8:80 10.244.169.141:80 10.244.169.142:80,w=2\n",
};

const struct svclb_command svclb_command_edit_ep = {
	.name = "edit-ep",
	.run = run_edit,
	.summary = "change endpoints of a service",
	.help =
"Usage: svclbctl edit-ep SERVICE ENDPOINT... OPTION...\n"
"\n"
"Changes endpoints of a service; what is not given stays as it is.\n"
"\n"
"  -w, --weight N  share of the new connections, 0 to 65535\n"
"  --draining      no new connections, established ones go on\n"
"  --no-draining   new connections again\n"
"  --local, --no-local            used where the policy is local, or not\n"
"  --local-only, --no-local-only  not used where the policy is cluster, or is\n"
"  --not-serving, --no-not-serving  its UDP flows are deleted, or stay\n"
"\n"
"Example:\n"
"  svclbctl edit-ep 10.103.12.8:80 10.244.169.140:80 --draining\n",
};

const struct svclb_command svclb_command_del_ep = {
	.name = "del-ep",
	.run = run_del,
	.summary = "remove endpoints from a service",
	.help =
"Usage: svclbctl del-ep SERVICE ENDPOINT...\n"
"\n"
"Removes endpoints from a service, all at once. Established TCP connections go\n"
"on, UDP flows move to other endpoints.\n"
"\n"
"Example:\n"
"  svclbctl del-ep 10.103.12.8:80 10.244.169.140:80\n",
};
