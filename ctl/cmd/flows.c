// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/flow.h"
#include "lib/out.h"
#include "lib/text.h"
#include "lib/tuning.h"

enum option {
	OPT_NONE,
	OPT_CLIENT,
	OPT_TO,
	OPT_ENDPOINT,
	OPT_PROTOCOL,
	OPT_STATE,
	OPT_ALL,
};

static const struct svclb_opt flow_opts[] = {
	{ "client", 0, true, OPT_CLIENT },
	{ "to", 0, true, OPT_TO },
	{ "ep", 0, true, OPT_ENDPOINT },
	{ "protocol", 0, true, OPT_PROTOCOL },
	{ "state", 0, true, OPT_STATE },
	{ "all", 0, false, OPT_ALL },
	{ 0 }
};

/**
 * struct request - what the words ask for
 * @filter:  which flows
 * @ref:     their service, if @has_ref
 * @has_ref: whether there is one
 * @all:     all of them
 * @words:   how many words say which
 */
struct request {
	struct svclb_flow_filter filter;
	struct svclb_ref ref;
	bool has_ref;
	bool all;
	int words;
};

/**
 * struct listing - flows that are being printed
 * @ctx:   the context
 * @count: how many were
 */
struct listing {
	struct svclb_ctx *ctx;
	uint64_t count;
};

static int set_side(struct svclb_flow_filter *filter, int side,
		    const char *word, struct svclb_err *err)
{
	struct svclb_key key;

	if (svclb_text_parse_host_port(word, &key, err))
		return -1;
	filter->families[side] = key.family;
	filter->sides[side].port = key.port;
	memcpy(filter->sides[side].addr, key.addr, sizeof(key.addr));
	return 0;
}

static int set_protocol(struct svclb_flow_filter *filter, const char *word,
			struct svclb_err *err)
{
	static const uint8_t protocols[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP,
	};
	size_t i;

	for (i = 0; i < sizeof(protocols); i++) {
		if (!strcmp(word, svclb_text_protocol(protocols[i]))) {
			filter->proto = protocols[i];
			return 0;
		}
	}
	return svclb_text_bad(err, word, "unknown protocol",
			      "there are tcp, udp and sctp");
}

static int set_state(struct svclb_flow_filter *filter, const char *word,
		     struct svclb_err *err)
{
	uint8_t state;

	if (svclb_text_parse_flow_state(word, &state, err))
		return -1;
	filter->state = state;
	return 0;
}

static int set_service(struct request *request, const char *word,
		       struct svclb_err *err)
{
	if (request->has_ref)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': one service is enough", word);
	request->has_ref = true;
	return svclb_ref_parse(&request->ref, word, err);
}

static int set_option(struct request *request, int id, const char *arg,
		      struct svclb_err *err)
{
	struct svclb_flow_filter *filter = &request->filter;

	switch (id) {
	case OPT_CLIENT:
		return set_side(filter, SVCLB_SIDE_CLIENT, arg, err);
	case OPT_TO:
		return set_side(filter, SVCLB_SIDE_DESTINATION, arg, err);
	case OPT_ENDPOINT:
		return set_side(filter, SVCLB_SIDE_BACKEND, arg, err);
	case OPT_PROTOCOL:
		return set_protocol(filter, arg, err);
	case OPT_STATE:
		return set_state(filter, arg, err);
	case OPT_ALL:
		request->all = true;
		return 0;
	default:
		return set_service(request, arg, err);
	}
}

static int parse(struct svclb_ctx *ctx, struct request *request)
{
	int id;

	*request = (struct request){ .filter = { .state = -1 } };
	ctx->opts.table = flow_opts;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR ||
		    set_option(request, id, ctx->opts.arg, ctx->err))
			return -1;
		request->words += id != OPT_ALL;
	}
	return 0;
}

static int find_service(struct svclb_ctx *ctx, struct request *request)
{
	struct svclb_service *service;

	if (!request->has_ref)
		return 0;
	service = svclb_client_find(ctx->nl, &request->ref, ctx->err);
	if (!service)
		return -1;
	request->filter.service_id = service->id;
	svclb_service_free(service);
	return 0;
}

static void side_text(char text[SVCLB_KEY_TEXT], const struct svclb_flow *flow,
		      int side)
{
	struct svclb_backend endpoint = { .port = flow->sides[side].port };

	memcpy(endpoint.addr, flow->sides[side].addr, sizeof(endpoint.addr));
	svclb_text_backend(text, flow->family, &endpoint);
}

static int print_json(struct listing *listing, const struct svclb_flow *flow,
		      char sides[][SVCLB_KEY_TEXT], struct svclb_err *err)
{
	json_t *json;
	int result;

	json = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "service",
			 flow->service_name ?
			 svclb_json_text(flow->service_name) : json_null(),
			 "protocol", svclb_text_protocol(flow->proto),
			 "client", sides[SVCLB_SIDE_CLIENT],
			 "to", sides[SVCLB_SIDE_DESTINATION],
			 "endpoint", sides[SVCLB_SIDE_BACKEND],
			 "source", sides[SVCLB_SIDE_SOURCE],
			 "state", svclb_tuning_state(flow->state),
			 "expires", (json_int_t)flow->expires);
	if (!json)
		return svclb_err_memory(err);
	if (listing->count)
		putchar(',');
	result = json_dumpf(json, stdout, JSON_COMPACT);
	json_decref(json);
	if (result)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "cannot write the output");
	return 0;
}

#define ROW "%-5s %-17s %8s  %-24s %-24s %-24s %-24s %s\n"

/* One after the other: there may be a million. */
static int on_flow(void *data, const struct svclb_flow *flow,
		   struct svclb_err *err)
{
	char sides[SVCLB_SIDES][SVCLB_KEY_TEXT], expires[16];
	struct listing *listing = data;
	int side, result = 0;

	for (side = 0; side < SVCLB_SIDES; side++)
		side_text(sides[side], flow, side);
	if (listing->ctx->json) {
		result = print_json(listing, flow, sides, err);
	} else {
		snprintf(expires, sizeof(expires), "%u", flow->expires);
		printf(ROW, svclb_text_protocol(flow->proto),
		       svclb_tuning_state(flow->state), expires,
		       sides[SVCLB_SIDE_CLIENT], sides[SVCLB_SIDE_DESTINATION],
		       sides[SVCLB_SIDE_BACKEND], sides[SVCLB_SIDE_SOURCE],
		       flow->service_name ?: "removed");
	}
	listing->count++;
	return result;
}

static int run_flows(struct svclb_ctx *ctx)
{
	struct listing listing = { .ctx = ctx };
	struct request request;
	int result;

	if (parse(ctx, &request) || svclb_ctx_open(ctx) ||
	    find_service(ctx, &request))
		return -1;
	if (ctx->json)
		printf("{\"version\":%d,\"flows\":[", SVCLB_OUT_JSON_VERSION);
	else
		printf(ROW, "Proto", "State", "Expires", "Client", "To",
		       "Endpoint", "Source", "Service");
	result = svclb_flow_dump(ctx->nl, &request.filter, on_flow, &listing,
				 ctx->err);
	if (ctx->json)
		printf("]}\n");
	return result;
}

static int run_del_flows(struct svclb_ctx *ctx)
{
	struct request request;
	uint32_t count;

	if (parse(ctx, &request))
		return -1;
	if (request.all == !!request.words)
		return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
				     "say which flows to delete, or --all");
	if (svclb_ctx_open(ctx) || find_service(ctx, &request) ||
	    svclb_flow_delete(ctx->nl, &request.filter, &count, ctx->err))
		return -1;
	printf("%u flows deleted\n", count);
	return 0;
}

const struct svclb_command svclb_command_flows = {
	.name = "flows",
	.run = run_flows,
	.summary = "print the flows of the direct datapath",
	.help =
"Usage: svclbctl flows [SERVICE] [OPTION...] [-j]\n"
"\n"
"Prints the connections that the direct datapath translates: all, or those that\n"
"agree with all that is given. \"Source\" is whom the endpoint takes for the\n"
"client, \"Expires\" the seconds until the flow is forgotten unless a packet\n"
"comes. In no order: there may be a million. -j prints JSON.\n"
"\n"
"  --client HOST[:PORT]       from that client\n"
"  --to HOST[:PORT]           that the client sends there\n"
"  --ep HOST[:PORT]           that go to that endpoint\n"
"  --protocol tcp|udp|sctp    of that protocol\n"
"  --state STATE              tcp-syn, tcp-established, tcp-half-closed,\n"
"                             tcp-closed, udp, udp-stream, sctp-setup,\n"
"                             sctp-established or sctp-closed\n"
"\n"
"Example:\n"
"  svclbctl flows default/web:http --client 192.0.2.7\n",
};

const struct svclb_command svclb_command_del_flows = {
	.name = "del-flows",
	.run = run_del_flows,
	.summary = "delete flows of the direct datapath",
	.help =
"Usage: svclbctl del-flows [SERVICE] [OPTION...]\n"
"       svclbctl del-flows --all\n"
"\n"
"Deletes the flows that agree with all that is given, and tells how many. UDP\n"
"clients get an endpoint anew with their next packet, TCP clients a reset. The\n"
"options are those of \"svclbctl flows\".\n"
"\n"
"Example:\n"
"  svclbctl del-flows --ep 10.244.1.7\n",
};
