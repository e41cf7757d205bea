// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/json.h"
#include "lib/out.h"
#include "lib/text.h"

enum option {
	OPT_NONE,
	OPT_STATS,
	OPT_CONNS,
	OPT_SORT,
	OPT_TCP,
	OPT_UDP,
	OPT_SCTP,
	OPT_IPV4,
	OPT_IPV6,
};

static const struct svclb_opt list_opts[] = {
	{ "stats", 's', false, OPT_STATS },
	{ "conns", 'c', false, OPT_CONNS },
	{ "sort", 0, true, OPT_SORT },
	{ "tcp", 't', false, OPT_TCP },
	{ "udp", 'u', false, OPT_UDP },
	{ "sctp", 0, false, OPT_SCTP },
	{ "ipv4", '4', false, OPT_IPV4 },
	{ "ipv6", '6', false, OPT_IPV6 },
	{ 0 }
};

/**
 * struct listing - what to list, and how
 * @ref:     the one service to list, if @has_ref
 * @has_ref: whether it is only one
 * @stats:   whether to print all counters
 * @conns:   whether to print the connections that endpoints have now
 * @names:   whether to print names
 * @proto:   protocol to list, or 0 for all
 * @family:  family to list, or 0 for all
 * @compare: order of the services, or NULL for that of their names
 */
struct listing {
	struct svclb_ref ref;
	bool has_ref;
	bool stats;
	bool conns;
	bool names;
	uint8_t proto;
	uint8_t family;
	int (*compare)(const void *a, const void *b);
};

static int by_address(const void *a, const void *b)
{
	const struct svclb_service *const *x = a, *const *y = b;
	int diff;

	/* Those without an address come last. */
	if (!(*x)->nr_frontends || !(*y)->nr_frontends) {
		diff = !(*x)->nr_frontends - !(*y)->nr_frontends;
	} else {
		const struct svclb_key *p = &(*x)->frontends[0].key;
		const struct svclb_key *q = &(*y)->frontends[0].key;

		diff = (int)p->node_port - (int)q->node_port;
		if (!diff)
			diff = (int)p->family - (int)q->family;
		if (!diff)
			diff = memcmp(p->addr, q->addr, sizeof(p->addr));
		if (!diff)
			diff = (int)p->port - (int)q->port;
		if (!diff)
			diff = (int)p->proto - (int)q->proto;
	}
	return diff ? diff : strverscmp((*x)->name, (*y)->name);
}

static int by_connections(const void *a, const void *b)
{
	const struct svclb_service *const *x = a, *const *y = b;

	if ((*x)->counts.connections != (*y)->counts.connections)
		return (*x)->counts.connections < (*y)->counts.connections ?
		       1 : -1;
	return strverscmp((*x)->name, (*y)->name);
}

static int by_endpoints(const void *a, const void *b)
{
	const struct svclb_service *const *x = a, *const *y = b;

	if ((*x)->nr_backends != (*y)->nr_backends)
		return (*x)->nr_backends < (*y)->nr_backends ? 1 : -1;
	return strverscmp((*x)->name, (*y)->name);
}

static int set_sort(struct listing *listing, const char *key,
		    struct svclb_err *err)
{
	if (!strcmp(key, "name"))
		listing->compare = NULL;
	else if (!strcmp(key, "address"))
		listing->compare = by_address;
	else if (!strcmp(key, "connections"))
		listing->compare = by_connections;
	else if (!strcmp(key, "endpoints"))
		listing->compare = by_endpoints;
	else
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': --sort is name, address, connections or endpoints",
				     key);
	return 0;
}

static int set_option(struct listing *listing, int id, const char *arg,
		      struct svclb_err *err)
{
	switch (id) {
	case OPT_STATS:
		listing->stats = true;
		return 0;
	case OPT_CONNS:
		listing->conns = true;
		return 0;
	case OPT_SORT:
		return set_sort(listing, arg, err);
	case OPT_TCP:
		listing->proto = IPPROTO_TCP;
		return 0;
	case OPT_UDP:
		listing->proto = IPPROTO_UDP;
		return 0;
	case OPT_SCTP:
		listing->proto = IPPROTO_SCTP;
		return 0;
	case OPT_IPV4:
		listing->family = AF_INET;
		return 0;
	default:
		listing->family = AF_INET6;
		return 0;
	}
}

static int parse(struct svclb_ctx *ctx, struct listing *listing)
{
	int id;

	ctx->opts.table = list_opts;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id != SVCLB_OPTS_WORD) {
			if (set_option(listing, id, ctx->opts.arg, ctx->err))
				return -1;
			continue;
		}
		if (listing->has_ref)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': list takes one service",
					     ctx->opts.arg);
		listing->has_ref = true;
		if (svclb_ref_parse(&listing->ref, ctx->opts.arg, ctx->err))
			return -1;
	}
	return 0;
}

/* Keeps what was asked for, in the order that was asked for. */
static void arrange(struct svclb_config *config, const struct listing *listing)
{
	struct svclb_service *service;
	uint32_t i, kept = 0;

	for (i = 0; i < config->nr; i++) {
		service = config->services[i];
		if ((listing->proto && listing->proto != service->proto) ||
		    (listing->family && listing->family != service->family))
			svclb_service_free(service);
		else
			config->services[kept++] = service;
	}
	config->nr = kept;
	config->count = kept;
	if (listing->compare && kept > 1)
		qsort(config->services, kept, sizeof(struct svclb_service *),
		      listing->compare);
}

static bool is_named_by_address(const struct svclb_service *service)
{
	char text[SVCLB_KEY_TEXT];

	if (!service->nr_frontends)
		return false;
	svclb_text_key(text, &service->frontends[0].key);
	return !strcmp(text, service->name);
}

/**
 * struct line - a line of the list
 * @prot:    first column
 * @address: address or endpoint
 * @sched:   scheduler
 * @weight:  weight
 * @state:   state, or what is special about an address
 * @counts:  counters, or NULL for none
 * @backend: the endpoint, or NULL for none
 * @name:    name of the service
 */
struct line {
	const char *prot;
	const char *address;
	const char *sched;
	const char *weight;
	const char *state;
	const struct svclb_counts *counts;
	const struct svclb_backend *backend;
	const char *name;
};

static void add_number(struct svclb_table *table, bool is, uint64_t number)
{
	if (is)
		svclb_table_add_number(table, number);
	else
		svclb_table_add(table, "");
}

static void add_line(struct svclb_table *table, const struct listing *listing,
		     const struct line *line)
{
	const struct svclb_backend *backend = line->backend;
	const struct svclb_counts *counts = line->counts;

	svclb_table_add(table, line->prot);
	svclb_table_add(table, line->address);
	svclb_table_add(table, line->sched);
	svclb_table_add(table, line->weight);
	svclb_table_add(table, line->state);
	add_number(table, backend || counts,
		   backend ? backend->connections :
		   counts ? counts->connections : 0);
	if (listing->stats)
		add_number(table, counts, counts ? counts->rejected : 0);
	if (listing->conns) {
		add_number(table, backend, backend ? backend->active : 0);
		add_number(table, backend, backend ? backend->inactive : 0);
	}
	if (listing->names)
		svclb_table_add(table, line->name);
}

static void add_header(struct svclb_table *table, const struct listing *listing)
{
	svclb_table_add(table, "Prot");
	svclb_table_add(table, "Address");
	svclb_table_add(table, "Scheduler");
	svclb_table_add(table, "Weight");
	svclb_table_add(table, "State");
	svclb_table_add(table, "Connections");
	if (listing->stats)
		svclb_table_add(table, "Rejected");
	if (listing->conns) {
		svclb_table_add(table, "ActiveConn");
		svclb_table_add(table, "InActConn");
	}
	if (listing->names)
		svclb_table_add(table, "Name");
}

/* Longest text of a state: all that can be special about a service. */
#define STATE_TEXT 128

SVCLB_PRINTF(2, 3)
static void add_state(char state[STATE_TEXT], const char *format, ...)
{
	size_t used = strlen(state);
	va_list args;

	if (used && used < STATE_TEXT - 1)
		state[used++] = ',';
	va_start(args, format);
	vsnprintf(state + used, STATE_TEXT - used, format, args);
	va_end(args);
}

static void add_frontend_state(char state[STATE_TEXT],
			       const struct svclb_frontend *frontend)
{
	if (frontend->kind == SVCLB_FRONTEND_KIND_EXTERNAL ||
	    frontend->kind == SVCLB_FRONTEND_KIND_LOAD_BALANCER)
		add_state(state, "%s", svclb_text_kind(frontend->kind));
	if (frontend->policy == SVCLB_TRAFFIC_POLICY_LOCAL)
		add_state(state, "local");
	if (frontend->restricted)
		add_state(state, "restricted");
}

static void add_frontends(struct svclb_table *table,
			  const struct listing *listing,
			  const struct svclb_service *service)
{
	bool stats = listing->stats && service->nr_frontends > 1;
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = stats ? 0 : 1; i < service->nr_frontends; i++) {
		const struct svclb_frontend *frontend = &service->frontends[i];
		char state[STATE_TEXT] = "";
		struct line line = {
			.prot = stats ? "  <-" : "",
			.address = text,
			.sched = "",
			.weight = "",
			.state = state,
			.counts = stats ? &frontend->counts : NULL,
			.name = "",
		};

		svclb_text_plain_key(text, &frontend->key);
		add_frontend_state(state, frontend);
		add_line(table, listing, &line);
	}
}

static void add_backend(struct svclb_table *table,
			const struct listing *listing, uint8_t family,
			const struct svclb_backend *backend)
{
	char text[SVCLB_KEY_TEXT], weight[12], state[STATE_TEXT] = "";
	struct line line = {
		.prot = "  ->",
		.address = text,
		.sched = "",
		.weight = weight,
		.state = state,
		.backend = backend,
		.name = "",
	};

	svclb_text_backend(text, family, backend);
	snprintf(weight, sizeof(weight), "%u", backend->weight);
	if (backend->flags & SVCLB_BACKEND_DRAINING)
		add_state(state, "draining");
	else
		add_state(state, backend->weight ? "active" : "off");
	if (backend->flags & SVCLB_BACKEND_LOCAL)
		add_state(state, "local");
	if (backend->flags & SVCLB_BACKEND_LOCAL_ONLY)
		add_state(state, "local-only");
	if (backend->flags & SVCLB_BACKEND_NOT_SERVING)
		add_state(state, "not-serving");
	add_line(table, listing, &line);
}

static void add_service(struct svclb_table *table,
			const struct listing *listing,
			const struct svclb_service *service)
{
	char prot[8], text[SVCLB_KEY_TEXT] = "-", state[STATE_TEXT] = "";
	struct line line = {
		.prot = prot,
		.address = text,
		.sched = svclb_text_scheduler(service->sched),
		.weight = "",
		.state = state,
		.counts = &service->counts,
		.name = is_named_by_address(service) ? "" : service->name,
	};
	uint32_t i;

	snprintf(prot, sizeof(prot), "%s", svclb_text_protocol(service->proto));
	for (i = 0; prot[i]; i++)
		prot[i] = (char)toupper(prot[i]);
	if (service->nr_frontends) {
		svclb_text_plain_key(text, &service->frontends[0].key);
		add_frontend_state(state, &service->frontends[0]);
	}
	if (service->affinity)
		add_state(state, "affinity=%u", service->affinity);
	if (service->syn_failover)
		add_state(state, "syn-failover");
	if (service->nr_ranges)
		add_state(state, "ranges=%u", service->nr_ranges);
	add_line(table, listing, &line);
	add_frontends(table, listing, service);
	for (i = 0; i < service->nr_backends; i++)
		add_backend(table, listing, service->family,
			    &service->backends[i]);
}

static int print_text(struct svclb_ctx *ctx, struct listing *listing,
		      const struct svclb_config *config)
{
	struct svclb_table table = { .right = 1u << 3 | 1u << 5 };
	unsigned int numbers = listing->stats + 2u * listing->conns;
	uint32_t i;
	int result;

	for (i = 0; i < config->nr && !listing->names; i++)
		listing->names = !is_named_by_address(config->services[i]);
	table.nr_columns = 6u + numbers + listing->names;
	table.right |= ((1u << numbers) - 1) << 6;
	add_header(&table, listing);
	for (i = 0; i < config->nr; i++)
		add_service(&table, listing, config->services[i]);
	result = svclb_table_write(&table, stdout, ctx->err);
	svclb_table_uninit(&table);
	return result;
}

static int load(struct svclb_ctx *ctx, const struct listing *listing,
		struct svclb_config *config)
{
	const struct svclb_ref *ref = listing->has_ref ? &listing->ref : NULL;

	if (listing->conns)
		return svclb_client_load_counted(ctx->nl, ref, config,
						 ctx->err);
	if (ref)
		return svclb_client_load_service(ctx->nl, ref, config,
						 ctx->err);
	return svclb_client_load(ctx->nl, config, ctx->err);
}

static int run_list(struct svclb_ctx *ctx)
{
	struct svclb_config config = { 0 };
	struct listing listing = { 0 };
	int result;

	if (parse(ctx, &listing) || svclb_ctx_open(ctx))
		return -1;
	result = load(ctx, &listing, &config);
	if (!result) {
		svclb_config_sort(&config);
		arrange(&config, &listing);
		result = ctx->json ?
			 svclb_json_write(stdout,
					  svclb_json_config(&config,
							    listing.conns),
					  ctx->pretty, ctx->err) :
			 print_text(ctx, &listing, &config);
	}
	svclb_config_uninit(&config);
	return result;
}

const struct svclb_command svclb_command_list = {
	.name = "list",
	.alias = "ls",
	.run = run_list,
	.summary = "print services with their endpoints",
	.help =
"Usage: svclbctl list [SERVICE] [OPTION]...\n"
"\n"
"Prints all services, or the one given by its name or one of its addresses,\n"
"with further addresses below the first one and endpoints behind arrows.\n"
"\n"
"  -s, --stats          all counters, also of each address\n"
"  -c, --conns          connections that each endpoint has now: active ones, and\n"
"                       TCP connections that are being closed\n"
"      --sort KEY       name (the default), address, connections, endpoints\n"
"  -t, --tcp            TCP only         -u, --udp   UDP only\n"
"      --sctp           SCTP only\n"
"  -4, --ipv4           IPv4 only        -6, --ipv6  IPv6 only\n"
"  -j, --json           as JSON          -p, --pretty  indented\n"
"\n"
"Example:\n"
"  svclbctl list --stats --sort connections\n",
};
