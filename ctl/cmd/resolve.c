// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "lib/json.h"
#include "lib/out.h"
#include "lib/resolution.h"
#include "lib/text.h"

enum option {
	OPT_NONE,
	OPT_INTERFACE,
};

static const struct svclb_opt resolve_opts[] = {
	{ "interface", 'i', true, OPT_INTERFACE },
	{ 0 }
};

/**
 * struct meaning - a number of the kernel's in words
 * @name: short name
 * @text: what it means
 */
struct meaning {
	const char *name;
	const char *text;
};

static const struct meaning verdicts[] = {
	[SVCLB_VERDICT_PASS] = { "pass", "not a service's, left alone" },
	[SVCLB_VERDICT_TRANSLATE] = { "translate", "goes to an endpoint" },
	[SVCLB_VERDICT_REJECT_NO_BACKEND] = {
		"reject-no-backend",
		"refused: the service has no endpoint that takes connections" },
	[SVCLB_VERDICT_REJECT_UNUSED_PORT] = {
		"reject-unused-port",
		"refused: the address is a service's, the port is not" },
	[SVCLB_VERDICT_DROP_SOURCE_RANGE] = {
		"drop-source-range",
		"dropped: the client is in none of the source ranges" },
	[SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND] = {
		"drop-no-local-backend",
		"dropped: the policy is local, all endpoints are on other nodes" },
	[SVCLB_VERDICT_DROP_UNALLOCATED] = {
		"drop-unallocated",
		"dropped: a service network has the address, no service does" },
	[SVCLB_VERDICT_DROP_LOOPBACK] = {
		"drop-loopback",
		"dropped: from outside for a loopback address" },
	[SVCLB_VERDICT_ECHO] = { "echo", "the node answers the echo request" },
};

static const struct meaning reasons[] = {
	[SVCLB_MASQUERADE_REASON_NONE] = { "none", "no" },
	[SVCLB_MASQUERADE_REASON_HAIRPIN] = {
		"hairpin", "yes: the client is the endpoint" },
	[SVCLB_MASQUERADE_REASON_OUTSIDE] = {
		"outside", "yes: the client is outside of the cluster" },
	[SVCLB_MASQUERADE_REASON_ALL] = {
		"all", "yes: masquerade-all is on" },
	[SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS] = {
		"external-address",
		"yes: the address is for outside, and its policy is cluster" },
	[SVCLB_MASQUERADE_REASON_NODE] = {
		"node",
		"yes: the client is the node, and the address is for outside" },
};

/* A newer module may know more than this tool. */
static const struct meaning *find_meaning(const struct meaning *list,
					  size_t nr, uint8_t number)
{
	static const struct meaning unknown = { "unknown", "unknown" };

	return number < nr ? &list[number] : &unknown;
}

static const struct meaning *verdict_of(const struct svclb_resolution *answer)
{
	return find_meaning(verdicts, sizeof(verdicts) / sizeof(*verdicts),
			    answer->verdict);
}

static const struct meaning *reason_of(const struct svclb_resolution *answer)
{
	return find_meaning(reasons, sizeof(reasons) / sizeof(*reasons),
			    answer->masquerade);
}

static int parse_source(const char *word, struct svclb_connection *connection,
			struct svclb_err *err)
{
	struct svclb_key key;

	if (svclb_text_parse_host_port(word, &key, err))
		return -1;
	connection->family = key.family;
	connection->sport = key.port;
	memcpy(connection->src, key.addr, sizeof(key.addr));
	return 0;
}

/* The first byte of an ICMP message tells what it is. */
#define ECHO_REQUEST4 8
#define ECHO_REQUEST6 128

/* An echo request has no port; the kernel has type and code in its place. */
static int parse_destination(const char *word,
			     struct svclb_connection *connection,
			     struct svclb_err *err)
{
	const char *host = svclb_text_parse_protocol(word, &connection->proto);
	struct svclb_key key;
	bool icmp = false;

	if (!strncmp(host, "icmp/", 5)) {
		icmp = true;
		host += 5;
	}
	if (svclb_text_parse_host_port(host, &key, err))
		return -1;
	if (key.family != connection->family)
		return svclb_text_bad(err, word,
				      "the addresses are of two families",
				      "give two of one");
	if (icmp && key.port)
		return svclb_text_bad(err, word, "an echo request has no port",
				      "write it as icmp/10.96.0.1");
	if (icmp) {
		bool is4 = key.family == AF_INET;

		connection->proto = is4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		key.port = (is4 ? ECHO_REQUEST4 : ECHO_REQUEST6) << 8;
	} else if (!connection->proto) {
		connection->proto = IPPROTO_TCP;
	}
	if (!icmp && !key.port)
		return svclb_text_bad(err, word, "the port is missing",
				      "write it as 10.96.0.1:80 or [fd00::1]:80");
	connection->dport = key.port;
	memcpy(connection->dst, key.addr, sizeof(key.addr));
	return 0;
}

static int parse(struct svclb_ctx *ctx, struct svclb_connection *connection,
		 const char **interface)
{
	int id, words = 0, result = 0;

	ctx->opts.table = resolve_opts;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id == OPT_INTERFACE)
			*interface = ctx->opts.arg;
		else if (words == 0)
			result = parse_source(ctx->opts.arg, connection,
					      ctx->err);
		else if (words == 1)
			result = parse_destination(ctx->opts.arg, connection,
						   ctx->err);
		else
			result = svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					       "'%.80s': one word too many; resolve takes a client and an address",
					       ctx->opts.arg);
		if (result)
			return -1;
		words += id == SVCLB_OPTS_WORD;
	}
	if (words == 2)
		return 0;
	return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
			     "resolve takes a client and the address that it asks for");
}

/* Names of interfaces mean something in their namespace only. */
static int find_interface(struct svclb_connection *connection,
			  const char *name, struct svclb_err *err)
{
	if (!name)
		return 0;
	connection->interface = if_nametoindex(name);
	if (connection->interface)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "there is no interface '%.40s'", name);
}

static const struct svclb_candidate *
find_candidate(const struct svclb_resolution *answer, uint32_t id)
{
	uint32_t i;

	for (i = 0; i < answer->nr_candidates; i++)
		if (answer->candidates[i].backend.id == id)
			return &answer->candidates[i];
	return NULL;
}

/* Room for the names of what is known. */
#define NAME "%-14s"

static void print_frontend(const struct svclb_frontend *frontend)
{
	char text[SVCLB_KEY_TEXT];

	svclb_text_key(text, &frontend->key);
	printf(NAME "%s, %s, policy %s%s\n", "address", text,
	       svclb_text_kind(frontend->kind),
	       svclb_text_policy(frontend->policy),
	       frontend->restricted ? ", restricted" : "");
}

static void print_affinity(const struct svclb_resolution *answer,
			   uint8_t family)
{
	const struct svclb_affinity *affinity = &answer->affinity;
	const struct svclb_candidate *candidate;
	char text[SVCLB_KEY_TEXT];

	candidate = find_candidate(answer, affinity->backend_id);
	if (candidate)
		svclb_text_backend(text, family, &candidate->backend);
	else
		snprintf(text, sizeof(text), "endpoint number %u",
			 affinity->backend_id);
	printf(NAME "%s, for %u.%u s more\n", "affinity", text,
	       affinity->expires / 1000, affinity->expires % 1000 / 100);
}

/* Such a connection is masqueraded, or its replies would not come back. */
static bool is_hairpin(const struct svclb_candidate *candidate,
		       const struct svclb_connection *connection)
{
	return !memcmp(candidate->backend.addr, connection->src,
		       sizeof(connection->src));
}

static void print_candidates(const struct svclb_resolution *answer,
			     const struct svclb_connection *connection)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < answer->nr_candidates; i++) {
		const struct svclb_candidate *at = &answer->candidates[i];
		bool chosen = answer->has_choice &&
			      answer->choice == at->backend.id;

		svclb_text_backend(text, connection->family, &at->backend);
		printf(NAME "%3u.%04u %%  %s%s%s\n", i ? "" : "endpoints",
		       at->share / 10000, at->share % 10000, text,
		       chosen ? "  <- this one" : "",
		       is_hairpin(at, connection) ? "  (the client)" : "");
	}
}

/* Whether the client is the endpoint is known when there is one endpoint. */
static void print_masquerade(const struct svclb_resolution *answer,
			     const struct svclb_connection *connection)
{
	uint32_t hairpins = 0, others = 0, i;
	const char *text = reason_of(answer)->text;

	for (i = 0; i < answer->nr_candidates; i++) {
		const struct svclb_candidate *at = &answer->candidates[i];

		if (!answer->has_choice || answer->choice == at->backend.id)
			*(is_hairpin(at, connection) ? &hairpins : &others) += 1;
	}
	if (hairpins && !others)
		text = reasons[SVCLB_MASQUERADE_REASON_HAIRPIN].text;
	printf(NAME "%s%s\n", "masquerade", text, hairpins && others &&
	       answer->masquerade == SVCLB_MASQUERADE_REASON_NONE ?
	       ", unless it goes to the client" : "");
}

static void print_text(const struct svclb_resolution *answer,
		       const struct svclb_connection *connection)
{
	char text[SVCLB_NETWORK_TEXT];

	printf(NAME "%s: %s\n", "verdict", verdict_of(answer)->name,
	       verdict_of(answer)->text);
	if (answer->service_name)
		printf(NAME "%s, scheduler %s\n", "service",
		       answer->service_name,
		       svclb_text_scheduler(answer->sched));
	if (answer->has_frontend)
		print_frontend(&answer->frontend);
	if (answer->has_range) {
		svclb_text_network(text, &answer->range);
		printf(NAME "%s\n", "source range", text);
	}
	if (answer->has_policy)
		printf(NAME "%s, for this client\n", "policy",
		       svclb_text_policy(answer->policy));
	if (answer->has_affinity)
		print_affinity(answer, connection->family);
	print_candidates(answer, connection);
	if (answer->verdict == SVCLB_VERDICT_TRANSLATE)
		print_masquerade(answer, connection);
}

static json_t *candidate_json(const struct svclb_candidate *candidate,
			      const struct svclb_connection *connection)
{
	json_t *json = svclb_json_backend(connection->family,
					  &candidate->backend);

	json_object_del(json, "connections");
	json_object_set_new(json, "share_percent",
			    json_real(candidate->share / 10000.0));
	json_object_set_new(json, "hairpin",
			    json_boolean(is_hairpin(candidate, connection)));
	return json;
}

static json_t *affinity_json(const struct svclb_affinity *affinity)
{
	return json_pack("{s:I, s:I}",
			 "endpoint", (json_int_t)affinity->backend_id,
			 "expires_ms", (json_int_t)affinity->expires);
}

static json_t *frontend_json(const struct svclb_frontend *frontend)
{
	json_t *json = svclb_json_frontend(frontend);

	json_object_del(json, "connections");
	json_object_del(json, "rejected");
	return json;
}

static json_t *answer_json(const struct svclb_resolution *answer,
			   const struct svclb_connection *connection)
{
	json_t *endpoints = json_array();
	uint32_t i;

	for (i = 0; i < answer->nr_candidates; i++)
		json_array_append_new(endpoints,
				      candidate_json(&answer->candidates[i],
						     connection));
	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}",
			 "version", SVCLB_OUT_JSON_VERSION,
			 "verdict", verdict_of(answer)->name,
			 "service", answer->service_name ?
				    svclb_json_text(answer->service_name) :
				    json_null(),
			 "scheduler", answer->service_name ?
				      json_string(svclb_text_scheduler(answer->sched)) :
				      json_null(),
			 "frontend", answer->has_frontend ?
				     frontend_json(&answer->frontend) :
				     json_null(),
			 "policy", answer->has_policy ?
				   json_string(svclb_text_policy(answer->policy)) :
				   json_null(),
			 "source_range", answer->has_range ?
					 svclb_json_network(&answer->range) :
					 json_null(),
			 "endpoints", endpoints,
			 "choice", answer->has_choice ?
				   json_integer(answer->choice) : json_null(),
			 "affinity", answer->has_affinity ?
				     affinity_json(&answer->affinity) :
				     json_null(),
			 "masquerade", reason_of(answer)->name);
}

static int run_resolve(struct svclb_ctx *ctx)
{
	struct svclb_connection connection = { 0 };
	struct svclb_resolution answer = { 0 };
	const char *interface = NULL;
	int result;

	if (parse(ctx, &connection, &interface) || svclb_ctx_open(ctx) ||
	    find_interface(&connection, interface, ctx->err))
		return -1;
	result = svclb_resolve(ctx->nl, &connection, &answer, ctx->err);
	if (!result && ctx->json)
		result = svclb_json_write(stdout,
					  answer_json(&answer, &connection),
					  ctx->pretty, ctx->err);
	else if (!result)
		print_text(&answer, &connection);
	svclb_resolution_uninit(&answer);
	return result;
}

const struct svclb_command svclb_command_resolve = {
	.name = "resolve",
	.run = run_resolve,
	.summary = "say what would become of a connection, and why",
	.help =
"Usage: svclbctl resolve CLIENT[:PORT] [PROTOCOL/]ADDRESS:PORT [-i INTERFACE]\n"
"\n"
"Asks the module what it would do with a connection from CLIENT to ADDRESS, by\n"
"the code that decides about packets: which service and address it is for, the\n"
"endpoints it may go to with their share, affinity, source range, and whether\n"
"and why it would be masqueraded. Nothing is sent, nothing is counted.\n"
"\n"
"PROTOCOL is tcp (the default), udp or sctp; icmp/ADDRESS is an echo request.\n"
"\n"
"  -i, --interface NAME  where it comes in; without it the node itself connects\n"
"  -j, --json            as JSON          -p, --pretty  indented\n"
"\n"
"Example:\n"
"  svclbctl resolve 10.244.1.7 udp/10.96.0.10:53 -i cni0\n",
};
