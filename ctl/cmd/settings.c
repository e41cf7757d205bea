// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/json.h"
#include "lib/out.h"
#include "lib/text.h"

static int send_settings(struct svclb_ctx *ctx,
			 const struct svclb_settings *settings)
{
	struct nl_msg *msg;

	msg = svclb_nl_request(ctx->nl, SVCLB_CMD_SETTINGS_SET, 0,
			       svclb_codec_size(SVCLB_CLUSTER_NETWORKS_MAX, 0),
			       ctx->err);
	if (!msg || svclb_codec_put_settings(msg, settings, ctx->err))
		return -1;
	return svclb_nl_call(ctx->nl, msg, NULL, NULL, ctx->err);
}

static int run_set(struct svclb_ctx *ctx)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_SET, &stmt);
	if (!result) {
		result = send_settings(ctx, &stmt.settings);
		if (result)
			svclb_ctx_fail(ctx, &stmt);
	}
	svclb_stmt_uninit(&stmt);
	return result;
}

static void print_settings(const struct svclb_settings *settings)
{
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	printf("%-18s", "cluster networks");
	for (i = 0; i < settings->nr_networks; i++) {
		svclb_text_network(text, &settings->networks[i]);
		printf("%s%s", i ? ", " : "", text);
	}
	printf("%s\n", i ? "" : "none");
	printf("%-18s%s\n", "masquerade all",
	       settings->masquerade_all ? "on" : "off");
	printf("%-18s%u-%u\n", "node-port range", settings->node_port_min,
	       settings->node_port_max);
	printf("%-18s%s\n", "scheduler", svclb_text_scheduler(settings->sched));
}

static int run_show(struct svclb_ctx *ctx)
{
	struct svclb_settings settings;
	json_t *json;

	if (svclb_ctx_no_words(ctx) || svclb_ctx_open(ctx) ||
	    svclb_client_settings(ctx->nl, &settings, ctx->err))
		return -1;
	if (!ctx->json) {
		print_settings(&settings);
		return 0;
	}
	json = json_pack("{s:i, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "settings", svclb_json_settings(&settings));
	return svclb_json_write(stdout, json, ctx->pretty, ctx->err);
}

const struct svclb_command svclb_command_set = {
	.name = "set",
	.run = run_set,
	.summary = "change settings",
	.help =
"Usage: svclbctl set OPTION...\n"
"\n"
"Changes settings of the network namespace; what is not given stays as it is.\n"
"\n"
"  --cluster-network NETWORK  clients outside of all networks given, of their\n"
"                             family, are masqueraded; may be repeated\n"
"  --no-cluster-networks      masquerade nobody for being outside\n"
"  --masquerade-all on|off    masquerade every connection to a service\n"
"  --node-port-range MIN-MAX  ports that masquerading does not use\n"
"  --scheduler NAME           scheduler of services that are given none\n"
"\n"
"Example:\n"
"  svclbctl set --cluster-network 10.244.0.0/16 --cluster-network fd00:10::/64\n",
};

const struct svclb_command svclb_command_show_settings = {
	.name = "show-settings",
	.alias = "settings",
	.run = run_show,
	.summary = "print the settings",
	.help =
"Usage: svclbctl show-settings [-j [-p]]\n"
"\n"
"Prints the settings of the network namespace, -j as JSON.\n"
"\n"
"Example:\n"
"  svclbctl show-settings -j -p\n",
};
