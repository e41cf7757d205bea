// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/out.h"

/**
 * struct counter - a counter of the namespace
 * @attr:    enum svclb_counters_attr
 * @name:    name in text
 * @key:     name in JSON
 * @meaning: what it counts
 */
struct counter {
	int attr;
	const char *name;
	const char *key;
	const char *meaning;
};

static const struct counter all_counters[] = {
	{ SVCLB_A_COUNTERS_CONNECTIONS, "connections", "connections",
	  "new connections sent to an endpoint" },
	{ SVCLB_A_COUNTERS_MASQUERADED, "masqueraded", "masqueraded",
	  "new connections masqueraded" },
	{ SVCLB_A_COUNTERS_REJECTED_NO_BACKEND, "rejected-no-backend",
	  "rejected_no_backend",
	  "refused: the service has no endpoint that takes any" },
	{ SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT, "rejected-unused-port",
	  "rejected_unused_port",
	  "refused: the address belongs to a service, the port does not" },
	{ SVCLB_A_COUNTERS_DROPPED_NO_PORT, "dropped-no-port",
	  "dropped_no_port",
	  "dropped: no source port was free for masquerading" },
	{ SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS, "dropped-no-address",
	  "dropped_no_address",
	  "dropped: the outgoing device has no address to masquerade with" },
	{ SVCLB_A_COUNTERS_DROPPED_NAT, "dropped-nat", "dropped_nat",
	  "dropped: the kernel's NAT refused the translation" },
	{ SVCLB_A_COUNTERS_STALE_FLOWS, "stale-flows", "stale_flows",
	  "UDP flows deleted: their endpoint or service is gone" },
	{ SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE, "dropped-source-range",
	  "dropped_source_range",
	  "dropped: the client is in no source range" },
	{ SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND,
	  "dropped-no-local-backend", "dropped_no_local_backend",
	  "dropped: all endpoints are on other nodes" },
	{ SVCLB_A_COUNTERS_DROPPED_UNALLOCATED, "dropped-unallocated",
	  "dropped_unallocated", "dropped: no service has the address" },
	{ SVCLB_A_COUNTERS_DROPPED_LOOPBACK, "dropped-loopback",
	  "dropped_loopback",
	  "dropped: from outside for a loopback address" },
	{ SVCLB_A_COUNTERS_ECHOES, "echoes", "echoes",
	  "echo requests answered" },
	{ SVCLB_A_COUNTERS_AFFINITY_EVICTED, "affinity-evicted",
	  "affinity_evicted", "affinity entries that went before their time" },
	{ SVCLB_A_COUNTERS_SYN_FAILOVERS, "syn-failovers", "syn_failovers",
	  "connections moved: an endpoint did not answer" },
	{ SVCLB_A_COUNTERS_REJECTED_NO_FLOW, "rejected-no-flow",
	  "rejected_no_flow",
	  "refused: packets of connections that nobody knows" },
	{ SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL, "dropped-flows-full",
	  "dropped_flows_full", "dropped: there was no room for a flow" },
	{ SVCLB_A_COUNTERS_FLOWS_EVICTED, "flows-evicted", "flows_evicted",
	  "flows that went before their time" },
	{ SVCLB_A_COUNTERS_FLOWS, "flows", "flows",
	  "flows that there are now, about" },
	{ SVCLB_A_COUNTERS_FLOW_MEMORY, "flow-memory", "flow_memory",
	  "bytes that they take" },
};

#define NR_COUNTERS (sizeof(all_counters) / sizeof(*all_counters))

static int print_json(struct svclb_ctx *ctx,
		      const struct svclb_counters *counters)
{
	json_t *json = json_object();
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++) {
		uint64_t value = counters->values[all_counters[i].attr];

		json_object_set_new(json, all_counters[i].key,
				    svclb_json_number(value));
	}
	json = json_pack("{s:i, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "counters", json);
	return svclb_json_write(stdout, json, ctx->pretty, ctx->err);
}

static int print_text(struct svclb_ctx *ctx,
		      const struct svclb_counters *counters)
{
	struct svclb_table table = { .nr_columns = 3, .right = 0x2 };
	int result;
	size_t i;

	for (i = 0; i < NR_COUNTERS; i++) {
		svclb_table_add(&table, all_counters[i].name);
		svclb_table_add_number(&table,
				       counters->values[all_counters[i].attr]);
		svclb_table_add(&table, all_counters[i].meaning);
	}
	result = svclb_table_write(&table, stdout, ctx->err);
	svclb_table_uninit(&table);
	return result;
}

static int run_counters(struct svclb_ctx *ctx)
{
	struct svclb_counters counters = { 0 };

	if (svclb_ctx_no_words(ctx) || svclb_ctx_open(ctx) ||
	    svclb_client_counters(ctx->nl, &counters, ctx->err))
		return -1;
	return ctx->json ? print_json(ctx, &counters) :
			   print_text(ctx, &counters);
}

static int zero(struct svclb_ctx *ctx, const struct svclb_stmt *stmt)
{
	struct svclb_service *service = NULL;
	int result;

	if (stmt->has_ref) {
		service = svclb_client_find(ctx->nl, &stmt->ref, ctx->err);
		if (!service)
			return -1;
	}
	result = svclb_client_service(ctx->nl, SVCLB_CMD_COUNTERS_ZERO,
				      service ? service->id : 0, ctx->err);
	svclb_service_free(service);
	return result;
}

static int run_zero(struct svclb_ctx *ctx)
{
	struct svclb_stmt stmt = { 0 };
	int result;

	result = svclb_ctx_parse(ctx, SVCLB_VERB_ZERO, &stmt);
	if (!result) {
		result = zero(ctx, &stmt);
		if (result)
			svclb_ctx_fail(ctx, &stmt);
	}
	svclb_stmt_uninit(&stmt);
	return result;
}

const struct svclb_command svclb_command_counters = {
	.name = "counters",
	.run = run_counters,
	.summary = "print the counters of the namespace",
	.help =
"Usage: svclbctl counters [-j [-p]]\n"
"\n"
"Prints what became of new connections, by cause, with the meaning of each\n"
"counter; -j as JSON. For the counters of services see list --stats.\n"
"\n"
"Example:\n"
"  svclbctl counters\n",
};

const struct svclb_command svclb_command_zero = {
	.name = "zero",
	.run = run_zero,
	.summary = "zero counters",
	.help =
"Usage: svclbctl zero [SERVICE]\n"
"\n"
"Zeroes the counters of SERVICE with its addresses and endpoints; without\n"
"SERVICE those of the namespace and of all services.\n"
"\n"
"Example:\n"
"  svclbctl zero 10.103.12.8:80\n",
};
