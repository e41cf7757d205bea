// SPDX-License-Identifier: GPL-2.0-only
#include <linux/netlink.h>

#include "cmd.h"
#include "lib/apply.h"
#include "lib/client.h"
#include "lib/transact.h"

static int send_service(struct svclb_ctx *ctx, bool replace,
			const struct svclb_service *service)
{
	struct svclb_members members = {
		.family = service->family,
		.frontends = service->frontends,
		.backends = service->backends,
		.ranges = service->ranges,
	};
	struct nl_msg *msg;

	msg = svclb_nl_request(ctx->nl, SVCLB_CMD_SERVICE_SET, NLM_F_CREATE |
			       (replace ? NLM_F_REPLACE : NLM_F_EXCL),
			       svclb_codec_service_size(service), ctx->err);
	if (!msg || svclb_codec_put_service(msg, service, ctx->err))
		return -1;
	if (!svclb_nl_call(ctx->nl, msg, NULL, NULL, ctx->err))
		return 0;
	svclb_client_explain(ctx->nl, &members, ctx->err);
	return -1;
}

static int run_add(struct svclb_ctx *ctx)
{
	struct svclb_service *service = NULL;
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_read(ctx, SVCLB_VERB_ADD_SVC, &stmt);
	if (result)
		goto out;
	service = svclb_apply_new_service(&stmt, ctx->err);
	if (!service) {
		result = svclb_ctx_fail(ctx, &stmt);
		goto out;
	}
	result = svclb_ctx_open(ctx);
	if (!result && send_service(ctx, stmt.replace, service))
		result = svclb_ctx_fail(ctx, &stmt);
out:
	svclb_service_free(service);
	svclb_stmt_uninit(&stmt);
	return result;
}

/*
 * All that one edit-svc asks for is one request, so that it is done wholly or
 * not at all: what it is depends on what there is.
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

	result = svclb_ctx_parse(ctx, SVCLB_VERB_EDIT_SVC, &stmt);
	if (!result)
		result = edit(ctx, &stmt);
	svclb_stmt_uninit(&stmt);
	return result;
}

static int run_del(struct svclb_ctx *ctx)
{
	struct svclb_service *service;
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_DEL_SVC, &stmt);
	if (result)
		goto out;
	service = svclb_client_find(ctx->nl, &stmt.ref, ctx->err);
	result = -1;
	if (service)
		result = svclb_client_service(ctx->nl, SVCLB_CMD_SERVICE_DEL,
					      service->id, ctx->err);
	svclb_service_free(service);
	if (result)
		svclb_ctx_fail(ctx, &stmt);
out:
	svclb_stmt_uninit(&stmt);
	return result;
}

const struct svclb_command svclb_command_add_svc = {
	.name = "add-svc",
	.run = run_add,
	.summary = "create a service",
	.help =
"Usage: svclbctl add-svc ADDRESS... [OPTION]...\n"
"\n"
"Creates a service that is reached under each ADDRESS: 10.96.0.1:80 (TCP),\n"
"udp/10.96.0.10:53, sctp/..., [fd00::1]:80, nodeport:30000, nodeport6:30000.\n"
"\n"
"  --name NAME           name of the service; else that is its first ADDRESS\n"
"  --external ADDRESS    reached there from outside; as --load-balancer ADDRESS;\n"
"                        its port may be left out\n"
"  --node-port PORT      also reached under PORT of the node's own addresses\n"
"  --internal-policy P   cluster or local: endpoints that an ADDRESS uses\n"
"  --external-policy P   the same for all others; ADDRESS,local for one alone\n"
"  --source-range NETWORK|@FILE  only these clients, see svclbctl(8)\n"
"  --scheduler NAME      random, wrandom, rr, wrr, lc, wlc, p2c, sh, maglev,\n"
"                        failover\n"
"  --affinity SECONDS    a client keeps its endpoint for so long\n"
"  --syn-failover on     leave an endpoint that does not answer\n"
"  --ep ENDPOINT         10.244.0.1:8080[,w=N][,draining][,local][,local-only]\n"
"  --generation N, --replace     see svclbctl(8)\n"
"  -4, -6, --tcp, --udp, --sctp  where no ADDRESS says it\n"
"\n"
"Example:\n"
"  svclbctl add-svc 10.103.12.8:80 --ep 10.244.169.140:80 --node-port 30000\n",
};

const struct svclb_command svclb_command_edit_svc = {
	.name = "edit-svc",
	.run = run_edit,
	.summary = "change a service",
	.help =
"Usage: svclbctl edit-svc SERVICE OPTION...\n"
"\n"
"Changes a service, which is given by its name or one of its addresses. All\n"
"changes of one command are made at once.\n"
"\n"
"  --add ADDRESS         reach it under ADDRESS too; so do --external,\n"
"                        --load-balancer and --node-port as for add-svc\n"
"  --remove ADDRESS      do not reach it under ADDRESS any more\n"
"  --no-node-port PORT   the same for a node port\n"
"  --internal-policy P, --external-policy P   of all its addresses\n"
"  --source-range NETWORK|@FILE   replaces those there were\n"
"  --no-source-ranges    admit all clients\n"
"  --scheduler NAME, --affinity SECONDS|off, --syn-failover on|off,\n"
"  --generation N        as for add-svc\n"
"\n"
"Example:\n"
"  svclbctl edit-svc 10.103.12.8:80 --scheduler rr --add 192.0.2.7:80\n",
};

const struct svclb_command svclb_command_del_svc = {
	.name = "del-svc",
	.run = run_del,
	.summary = "delete a service",
	.help =
"Usage: svclbctl del-svc SERVICE\n"
"\n"
"Deletes a service, which is given by its name or one of its addresses.\n"
"Established TCP connections go on, UDP flows end.\n"
"\n"
"Example:\n"
"  svclbctl del-svc 10.103.12.8:80\n",
};
