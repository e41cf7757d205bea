// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/map.h"
#include "lib/out.h"
#include "lib/resolution.h"
#include "lib/text.h"

/**
 * struct place - where an endpoint is
 * @service: place of its service
 * @backend: its place in there
 */
struct place {
	uint32_t service;
	uint32_t backend;
};

/**
 * struct listing - affinity entries that are being printed
 * @ctx:    the context
 * @config: the services
 * @places: where endpoints are
 * @nr:     how many
 * @by_id:  finds @places by numbers of service and endpoint
 * @only:   number of the one service to list, or 0
 * @count:  how many entries were printed
 */
struct listing {
	struct svclb_ctx *ctx;
	struct svclb_config config;
	struct place *places;
	uint32_t nr;
	struct svclb_map by_id;
	uint32_t only;
	uint64_t count;
};

static uint32_t hash_ids(uint32_t service, uint32_t backend)
{
	const uint32_t ids[2] = { service, backend };

	return svclb_hash(ids, sizeof(ids));
}

static int index_backends(struct listing *listing)
{
	const struct svclb_config *config = &listing->config;
	uint32_t i, j, total = 0;

	for (i = 0; i < config->nr; i++)
		total += config->services[i]->nr_backends;
	listing->places = calloc(total + 1, sizeof(*listing->places));
	if (!listing->places)
		return svclb_err_memory(listing->ctx->err);
	for (i = 0; i < config->nr; i++) {
		const struct svclb_service *service = config->services[i];

		for (j = 0; j < service->nr_backends; j++) {
			listing->places[listing->nr].service = i;
			listing->places[listing->nr].backend = j;
			if (svclb_map_add(&listing->by_id,
					  hash_ids(service->id,
						   service->backends[j].id),
					  listing->nr++))
				return svclb_err_memory(listing->ctx->err);
		}
	}
	return 0;
}

/* Writes the endpoint of an entry; one that was removed has only a number. */
static void find_endpoint(const struct listing *listing,
			  const struct svclb_affinity *affinity,
			  char text[SVCLB_KEY_TEXT])
{
	const struct svclb_service *service;
	const struct svclb_backend *backend;
	struct svclb_map_iter iter;

	svclb_map_find(&listing->by_id,
		       hash_ids(affinity->service_id, affinity->backend_id),
		       &iter);
	while (svclb_map_next(&listing->by_id, &iter)) {
		const struct place *place = &listing->places[iter.value];

		service = listing->config.services[place->service];
		backend = &service->backends[place->backend];
		if (service->id != affinity->service_id ||
		    backend->id != affinity->backend_id)
			continue;
		svclb_text_backend(text, service->family, backend);
		return;
	}
	*text = '\0';
}

static int print_json(struct listing *listing,
		      const struct svclb_affinity *affinity, const char *client,
		      const char *endpoint, struct svclb_err *err)
{
	json_t *json;
	int result;

	json = json_pack("{s:o, s:s, s:o, s:I, s:I}",
			 "service", svclb_json_text(affinity->service_name),
			 "client", client,
			 "endpoint", *endpoint ? json_string(endpoint) :
						 json_null(),
			 "endpoint_id", (json_int_t)affinity->backend_id,
			 "expires_ms", (json_int_t)affinity->expires);
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

/* One after the other: there may be a million. */
static int on_affinity(void *data, const struct svclb_affinity *affinity,
		       struct svclb_err *err)
{
	char client[INET6_ADDRSTRLEN], endpoint[SVCLB_KEY_TEXT];
	struct listing *listing = data;

	if (listing->only && listing->only != affinity->service_id)
		return 0;
	svclb_text_host(client, affinity->family, affinity->addr);
	find_endpoint(listing, affinity, endpoint);
	if (listing->ctx->json) {
		if (print_json(listing, affinity, client, endpoint, err))
			return -1;
	} else {
		printf("%-39s  %-24s  %8u.%u  %s\n", client,
		       *endpoint ? endpoint : "removed",
		       affinity->expires / 1000, affinity->expires % 1000 / 100,
		       affinity->service_name);
	}
	listing->count++;
	return 0;
}

static int print_all(struct listing *listing)
{
	struct svclb_ctx *ctx = listing->ctx;
	int result;

	if (ctx->json)
		printf("{\"version\":%d,\"entries\":[", SVCLB_OUT_JSON_VERSION);
	else
		printf("%-39s  %-24s  %10s  %s\n", "Client", "Endpoint",
		       "Expires", "Service");
	result = svclb_affinity_dump(ctx->nl, on_affinity, listing, ctx->err);
	if (ctx->json)
		printf("]}\n");
	return result;
}

static int parse(struct svclb_ctx *ctx, struct svclb_ref *ref, bool *has_ref)
{
	int id;

	*has_ref = false;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) == SVCLB_OPTS_WORD) {
		if (*has_ref)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': affinity takes one service",
					     ctx->opts.arg);
		*has_ref = true;
		if (svclb_ref_parse(ref, ctx->opts.arg, ctx->err))
			return -1;
	}
	return id;
}

static int run_affinity(struct svclb_ctx *ctx)
{
	struct listing listing = { .ctx = ctx };
	struct svclb_ref ref;
	bool has_ref;
	int result;

	if (parse(ctx, &ref, &has_ref) || svclb_ctx_open(ctx))
		return -1;
	result = has_ref ? svclb_client_load_service(ctx->nl, &ref,
						     &listing.config,
						     ctx->err) :
			   svclb_client_load(ctx->nl, &listing.config,
					     ctx->err);
	if (!result && has_ref)
		listing.only = listing.config.services[0]->id;
	if (!result)
		result = index_backends(&listing);
	if (!result)
		result = print_all(&listing);
	svclb_map_uninit(&listing.by_id);
	free(listing.places);
	svclb_config_uninit(&listing.config);
	return result;
}

const struct svclb_command svclb_command_affinity = {
	.name = "affinity",
	.run = run_affinity,
	.summary = "print which clients keep which endpoint",
	.help =
"Usage: svclbctl affinity [SERVICE] [-j]\n"
"\n"
"Prints the clients whose endpoint is remembered, of all services or of one, and\n"
"for how many seconds more unless they connect again. In no order: there may be\n"
"a million. -j prints JSON.\n"
"\n"
"Example:\n"
"  svclbctl affinity default/web:http\n",
};
