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
			       svclb_codec_size(SVCLB_SETTINGS_MEMBERS),
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

/* Room for the names of settings. */
#define NAME "%-26s"

static void print_list(const struct svclb_settings *settings, int list,
		       const char *name, const char *none)
{
	const struct svclb_networks *networks = &settings->lists[list];
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	printf(NAME, name);
	for (i = 0; i < networks->nr; i++) {
		svclb_text_network(text, &networks->at[i]);
		printf("%s%s", i ? ", " : "", text);
	}
	printf("%s\n", i ? "" : none);
}

static void print_switch(const char *name, bool on)
{
	printf(NAME "%s\n", name, on ? "on" : "off");
}

static void print_tuning(unsigned int i, uint32_t value)
{
	const char *word = svclb_tuning_word(i, value);

	printf(NAME, svclb_tunings[i].title);
	if (word)
		puts(word);
	else
		printf("%u\n", value);
}

static void print_settings(const struct svclb_settings *settings)
{
	uint32_t i;

	print_list(settings, SVCLB_LIST_CLUSTER, "cluster networks", "none");
	printf(NAME, "pod interfaces");
	for (i = 0; i < settings->nr_interfaces; i++)
		printf("%s%s", i ? ", " : "", settings->interfaces[i]);
	printf("%s\n", i ? "" : "none");
	print_switch("masquerade all", settings->masquerade_all);
	printf(NAME "%u-%u\n", "node-port range", settings->node_port_min,
	       settings->node_port_max);
	print_list(settings, SVCLB_LIST_NODE_PORT, "node-port addresses",
		   "all");
	print_switch("node-port loopback", settings->loopback);
	print_list(settings, SVCLB_LIST_SERVICE, "service networks", "none");
	print_switch("answer ping", settings->answer_ping);
	printf(NAME "%s\n", "scheduler",
	       svclb_text_scheduler(settings->sched));
	printf(NAME "%llu\n", "maglev seed",
	       (unsigned long long)settings->maglev_seed);
	printf(NAME "%u\n", "affinity entries", settings->affinity_max);
	for (i = 0; i < SVCLB_TUNINGS; i++)
		print_tuning(i, settings->tunings[i]);
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
"Lists are given whole, by repeated options; --no-cluster-networks and the like\n"
"empty them.\n"
"\n"
"  --cluster-network NETWORK    clients in them are pods. Others are masqueraded\n"
"  --pod-interface NAME         who comes in there is a pod; also 'veth*'\n"
"  --masquerade-all on|off      masquerade every connection to a plain address\n"
"  --node-port-range MIN-MAX    ports that masquerading does not use\n"
"  --node-port-address NETWORK  own addresses where node ports are open\n"
"  --node-port-loopback on|off  node ports on 127.0.0.0/8, for the node itself\n"
"  --service-network NETWORK    drop what is for addresses that no service has\n"
"  --answer-ping on|off         answer echo requests to addresses of services\n"
"  --scheduler NAME             scheduler of services that are given none\n"
"  --maglev-seed N              equal on nodes that shall choose alike\n"
"  --affinity-max N             most clients whose endpoint is remembered\n"
"  --datapath conntrack|direct  connection tracking, or flows of svclb's own\n"
"  --flow-max N                 most of those flows\n"
"  --flow-full evict|drop       with so many: replace a closed one, or drop\n"
"  --timeout-STATE SECONDS      how long they may be idle; see svclbctl(8)\n"
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
