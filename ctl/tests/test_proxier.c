// SPDX-License-Identifier: GPL-2.0-only
/*
 * The proxier with a kernel in memory: whatever changes in whatever order, the
 * kernel holds what a translation of the whole cluster says.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "lib/diff.h"
#include "peer.h"
#include "tap.h"
#include "watch/merge.h"
#include "watch/proxier_int.h"

/* Services of a large cluster. */
#define MANY 2000
#define NAMES 8
#define STEPS 600

static struct tap tap;

/**
 * struct world - a cluster, and who brings it to the kernel
 * @nl:       connection to the kernel
 * @events:   another one
 * @stats:    the proxier's figures
 * @proxier:  the proxier
 * @feed:     how to tell it
 * @services: the Services that there are
 * @slices:   the EndpointSlices
 * @synced:   how often the proxier was done
 * @ports:    how many health check ports it told last
 * @ready:    endpoints of the last of them
 * @no_external_ips: whether a proxier started next heeds no external IPs
 * @node_cidrs: whether it has the Node's pod networks
 */
struct world {
	struct svclb_nl *nl;
	struct svclb_nl *events;
	struct svclb_stats stats;
	struct svclb_proxier *proxier;
	struct svclb_feed feed;
	json_t *services[NAMES];
	json_t *slices[NAMES * 2];
	int synced;
	uint32_t ports;
	uint32_t ready;
	bool no_external_ips;
	bool node_cidrs;
};

static void on_synced(void *data)
{
	struct world *world = data;

	world->synced++;
}

static void on_health(void *data, const struct svclb_health_port *ports,
		      uint32_t nr)
{
	struct world *world = data;

	world->ports = nr;
	world->ready = nr ? ports[nr - 1].ready : 0;
}

static void no_note(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void start(struct world *world)
{
	const struct svclb_proxying proxying = {
		.nl = world->nl,
		.events = world->events,
		.translation = {
			.node = "a",
			.generation = 1,
			.external_ips = !world->no_external_ips,
			.notes = { .note = no_note },
		},
		.proxy = {
			.cluster_cidrs = world->node_cidrs ? NULL : "10.244.0.0/16",
			.localhost_node_ports = -1,
			.masquerade_all = -1, .sched = -1,
		},
		.node_cidrs = world->node_cidrs,
		.stats = &world->stats,
		.synced = on_synced,
		.health = on_health,
		.data = world,
	};
	struct svclb_err err;

	memset(&world->stats, 0, sizeof(world->stats));
	if (svclb_proxier_create(&world->proxier, &proxying, &err))
		abort();
	svclb_proxier_feed(world->proxier, &world->feed);
}

static void begin(struct world *world)
{
	struct svclb_err err;

	memset(world, 0, sizeof(*world));
	peer.now = 1000;
	if (svclb_nl_open(&world->nl, &err) ||
	    svclb_nl_open(&world->events, &err))
		abort();
	start(world);
}

static void end(struct world *world)
{
	int i;

	svclb_proxier_free(world->proxier);
	svclb_nl_close(world->nl);
	svclb_nl_close(world->events);
	for (i = 0; i < NAMES; i++)
		json_decref(world->services[i]);
	for (i = 0; i < NAMES * 2; i++)
		json_decref(world->slices[i]);
	peer_uninit();
}

static void list(struct world *world, enum svclb_resource resource,
		 json_t *const *objects, int nr)
{
	int i;

	world->feed.begin(world->feed.data, resource);
	for (i = 0; i < nr; i++)
		if (objects[i])
			world->feed.set(world->feed.data, resource, objects[i]);
	world->feed.complete(world->feed.data, resource);
}

static void list_all(struct world *world)
{
	list(world, SVCLB_RESOURCE_SERVICES, world->services, NAMES);
	list(world, SVCLB_RESOURCE_SLICES, world->slices, NAMES * 2);
	list(world, SVCLB_RESOURCE_NODE, NULL, 0);
}

static json_t *make_service(int i, int vip, int external, int node_port)
{
	char name[16], ip[32], outside[32];

	snprintf(name, sizeof(name), "s%d", i);
	snprintf(ip, sizeof(ip), "10.96.%d.%d", vip / 256, vip % 256);
	snprintf(outside, sizeof(outside), "192.%d.2.%d", external / 256,
		 external % 256);
	return json_pack("{s:{s:s,s:s},s:{s:s,s:s,s:[s],s:s,s:[{s:s,s:i,s:i}]}}",
			 "metadata", "name", name, "namespace",
			 i % 2 ? "one" : "two", "spec", "type", "NodePort",
			 "clusterIP", ip, "externalIPs", outside,
			 "externalTrafficPolicy", i % 3 ? "Cluster" : "Local",
			 "ports", "name", "p", "port", 80, "nodePort",
			 node_port);
}

static json_t *make_slice(int i, int service, int endpoints, bool ready)
{
	json_t *list = json_array();
	char name[16], owner[16], ip[32];
	int j;

	snprintf(name, sizeof(name), "e%d", i);
	snprintf(owner, sizeof(owner), "s%d", service);
	for (j = 0; j < endpoints; j++) {
		snprintf(ip, sizeof(ip), "10.%d.%d.%d", 244 + i / 256, i % 256,
			 j + 1);
		json_array_append_new(list,
				      json_pack("{s:[s],s:{s:b},s:s}",
						"addresses", ip, "conditions",
						"ready", ready, "nodeName",
						j % 2 ? "a" : "b"));
	}
	return json_pack("{s:{s:s,s:s,s:{s:s}},s:s,s:[{s:s,s:i}],s:o}",
			 "metadata", "name", name, "namespace",
			 service % 2 ? "one" : "two", "labels",
			 "kubernetes.io/service-name", owner, "addressType",
			 "IPv4", "ports", "name", "p", "port", 8080,
			 "endpoints", list);
}

static void put(struct world *world, enum svclb_resource resource, json_t **at,
		json_t *object)
{
	if (object)
		world->feed.set(world->feed.data, resource, object);
	else if (*at)
		world->feed.del(world->feed.data, resource, *at);
	json_decref(*at);
	*at = object;
}

/* What a translation of the whole cluster says, with what others made. */
static void expect(const struct world *world, struct svclb_config *config)
{
	const struct svclb_translation *translation =
		&world->proxier->translation;
	struct svclb_store store = { 0 };
	struct svclb_config others = { 0 };
	const struct svclb_notes notes = { .note = no_note };
	struct svclb_k8s_service *service;
	const struct svclb_service *other;
	struct svclb_k8s_slice *slice;
	uint32_t i;
	int j;

	for (j = 0; j < NAMES; j++) {
		if (!world->services[j])
			continue;
		service = svclb_k8s_service_decode(world->services[j], &notes);
		svclb_store_set_service(&store, service);
	}
	for (j = 0; j < NAMES * 2; j++) {
		if (!world->slices[j])
			continue;
		slice = svclb_k8s_slice_decode(world->slices[j], &notes);
		svclb_store_set_slice(&store, slice);
	}
	svclb_translate(translation, &store, config);
	for (i = 0; i < peer.config.nr; i++) {
		other = peer.config.services[i];
		if (other && other->generation != 1)
			svclb_config_insert(&others, svclb_service_copy(other));
	}
	svclb_merge_yield(config, &others, &notes);
	config->settings = peer.config.settings;
	svclb_config_set_defaults(config);
	for (i = 0; i < others.nr; i++)
		svclb_config_insert(config,
				    svclb_service_copy(others.services[i]));
	svclb_config_uninit(&others);
	svclb_store_uninit(&store);
}

static uint32_t differences(const struct svclb_config *a,
			    const struct svclb_config *b)
{
	struct svclb_diff diff = { 0 };
	uint32_t nr;

	svclb_diff_make(&diff, a, b);
	nr = diff.nr_ops;
	svclb_diff_uninit(&diff);
	return nr;
}

/* Whether the kernel has what it shall have, and the proxier knows it. */
static bool is_right(const struct world *world)
{
	struct svclb_config expected = { 0 };
	uint32_t nr, i, endpoints = 0;

	expect(world, &expected);
	nr = differences(&peer.config, &expected);
	for (i = 0; i < expected.nr; i++)
		if (expected.services[i]->generation == 1)
			endpoints += expected.services[i]->nr_backends;
	if (nr)
		printf("# %u differences\n", nr);
	svclb_config_uninit(&expected);
	return !nr && endpoints == world->stats.endpoints;
}

static int below(unsigned int *seed, int most)
{
	return rand_r(seed) % most;
}

static void change(struct world *world, unsigned int *seed)
{
	int i = below(seed, NAMES);

	if (below(seed, 3) == 0) {
		put(world, SVCLB_RESOURCE_SERVICES, &world->services[i],
		    below(seed, 4) ? make_service(i, 1 + below(seed, NAMES),
						  1 + below(seed, 40),
						  30000 + below(seed, 40)) :
				     NULL);
		return;
	}
	i = below(seed, NAMES * 2);
	/* A slice may come to another Service of its namespace. */
	put(world, SVCLB_RESOURCE_SLICES, &world->slices[i],
	    below(seed, 5) ? make_slice(i, (i + 2 * below(seed, 2)) % NAMES,
					below(seed, 4), below(seed, 4)) : NULL);
}

/* Both lists anew, in the midst of which something else may have changed. */
static void relist(struct world *world, unsigned int *seed)
{
	int i = below(seed, NAMES);

	json_decref(world->services[i]);
	world->services[i] = below(seed, 2) ?
		make_service(i, 1 + below(seed, NAMES), 1, 30000) : NULL;
	i = below(seed, NAMES * 2);
	json_decref(world->slices[i]);
	world->slices[i] = NULL;
	list_all(world);
}

static void test_random(unsigned int seed)
{
	unsigned int first = seed;
	struct world world;
	uint64_t full, passes;
	int step, i;

	begin(&world);
	list_all(&world);
	peer_run(10);
	for (step = 0; step < STEPS; step++) {
		if (below(&seed, 40) == 0)
			relist(&world, &seed);
		for (i = below(&seed, 4); i >= 0; i--)
			change(&world, &seed);
		peer.refuse = below(&seed, 10) ? NULL : "one/s3";
		peer_run(10);
		/* What was refused is tried again by itself. */
		if (peer.refuse) {
			peer.refuse = NULL;
			peer_run(31000);
		}
		if (!is_right(&world))
			break;
	}
	full = world.stats.full_sync.counts[0];
	passes = world.stats.sync.counts[0] + full;
	tap_ok(&tap, step == STEPS, "seed %u: after each of %d steps, the kernel has it all",
	       first, STEPS);
	tap_ok(&tap, full * 10 < passes * 9 && full > 1,
	       "seed %u: %llu of %llu passes were over all", first,
	       (unsigned long long)full, (unsigned long long)passes);
	tap_ok(&tap, world.synced == 1, "seed %u: it told once that it is done",
	       first);
	end(&world);
}

static void fill(struct world *world)
{
	int i;

	for (i = 0; i < NAMES; i++) {
		world->services[i] = make_service(i, i + 1, i + 1, 30000 + i);
		world->slices[i] = make_slice(i, i, 3, true);
	}
}

static void test_start(void)
{
	struct world world;
	uint32_t requests;

	begin(&world);
	fill(&world);
	list(&world, SVCLB_RESOURCE_SERVICES, world.services, NAMES);
	peer_run(60000);
	tap_ok(&tap, !peer.requests && !world.synced,
	       "nothing is done with half of the lists");
	world.feed.begin(world.feed.data, SVCLB_RESOURCE_SLICES);
	world.feed.broken(world.feed.data, SVCLB_RESOURCE_SLICES);
	peer_run(60000);
	tap_ok(&tap, !peer.requests, "nor with a broken one");
	list(&world, SVCLB_RESOURCE_SLICES, world.slices, NAMES * 2);
	peer_run(9000);
	tap_ok(&tap, !peer.requests, "the Node is waited for");
	peer_run(2000);
	tap_ok(&tap, world.synced && is_right(&world), "but not for ever");
	tap_ok(&tap, peer.config.settings.lists[SVCLB_LIST_CLUSTER].nr == 1,
	       "the settings are made, too");
	svclb_proxier_free(world.proxier);
	requests = peer.requests;
	start(&world);
	list_all(&world);
	peer_run(10);
	tap_ok(&tap, world.stats.synced && peer.requests == requests,
	       "whoever starts anew takes over what is there");
	tap_ok(&tap, world.stats.services == NAMES &&
	       world.stats.endpoints == NAMES * 3,
	       "and knows how much that is");
	end(&world);
}

static void test_one(void)
{
	struct world world;
	uint32_t requests;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(10);
	requests = peer.requests;
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[2],
	    make_slice(2, 2, 2, true));
	peer_run(1);
	tap_ok(&tap, peer.requests == requests, "changes are gathered");
	peer_run(1);
	tap_ok(&tap, peer.requests == requests + 1 && is_right(&world),
	       "an endpoint that goes is one request");
	world.feed.set(world.feed.data, SVCLB_RESOURCE_SLICES, world.slices[2]);
	peer_run(100);
	tap_ok(&tap, peer.requests == requests + 1 &&
	       world.stats.slice_changes == NAMES + 1,
	       "what stays the same is no change");
	svclb_proxier_resync(world.proxier);
	peer_run(10);
	tap_ok(&tap, peer.requests == requests + 1 && is_right(&world),
	       "nor is anything changed by looking at everything");
	end(&world);
}

/* However many there are: what others cost is not to be paid again. */
static void test_many(void)
{
	struct world world;
	json_t *object;
	uint32_t requests;
	uint64_t sent;
	int i;

	begin(&world);
	world.feed.begin(world.feed.data, SVCLB_RESOURCE_SERVICES);
	for (i = 0; i < MANY; i++) {
		object = make_service(i, i + 1, i + 1, 30000 + i);
		world.feed.set(world.feed.data, SVCLB_RESOURCE_SERVICES,
			       object);
		json_decref(object);
	}
	world.feed.complete(world.feed.data, SVCLB_RESOURCE_SERVICES);
	world.feed.begin(world.feed.data, SVCLB_RESOURCE_SLICES);
	for (i = 0; i < MANY; i++) {
		object = make_slice(i, i, 3, true);
		world.feed.set(world.feed.data, SVCLB_RESOURCE_SLICES, object);
		json_decref(object);
	}
	world.feed.complete(world.feed.data, SVCLB_RESOURCE_SLICES);
	list(&world, SVCLB_RESOURCE_NODE, NULL, 0);
	peer_run(10);
	tap_ok(&tap, world.synced && peer.config.count == MANY,
	       "many Services are made");
	requests = peer.requests;
	sent = peer.sent;
	object = make_slice(7, 7, 4, true);
	world.feed.set(world.feed.data, SVCLB_RESOURCE_SLICES, object);
	json_decref(object);
	peer_run(100);
	tap_ok(&tap, peer.requests == requests + 1 && peer.sent == sent + 1,
	       "one endpoint more is one message, and nothing is read");
	end(&world);
}

static void test_refusal(void)
{
	struct world world;
	uint32_t logged, requests;

	begin(&world);
	fill(&world);
	peer.refuse = "two/s2";
	list_all(&world);
	peer_run(10);
	tap_ok(&tap, peer.config.count == NAMES - 1 && world.stats.synced,
	       "a Service that is refused holds up no other");
	tap_ok(&tap, world.stats.services == NAMES - 1 &&
	       world.stats.pending_service_changes == 1,
	       "it is pending");
	logged = peer.logged;
	requests = peer.requests;
	peer_run(100000);
	tap_ok(&tap, peer.requests - requests >= 5 &&
	       peer.requests - requests <= 9 && peer.logged == logged,
	       "it is tried again, more and more seldom, without a word");
	peer.refuse = NULL;
	peer_run(30000);
	tap_ok(&tap, is_right(&world) && !world.stats.pending_service_changes,
	       "until it works");
	end(&world);
}

static void test_away(void)
{
	struct world world;
	uint32_t logged;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(10);
	peer.gone = true;
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[2],
	    make_slice(2, 2, 2, true));
	peer_run(10);
	tap_ok(&tap, world.stats.oldest_pending && world.stats.sync_failures,
	       "a kernel without the module is noticed");
	logged = peer.logged;
	peer_run(200000);
	tap_ok(&tap, peer.logged == logged, "and logged once");
	svclb_config_flush(&peer.config);
	peer.gone = false;
	peer_run(31000);
	tap_ok(&tap, is_right(&world) && !world.stats.oldest_pending,
	       "everything is there again when it is back");
	end(&world);
}

static void test_repair(void)
{
	struct svclb_service *service;
	struct world world;
	uint32_t requests;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(10);
	service = svclb_config_by_name(&peer.config, "two/s2:p");
	peer_event(SVCLB_CMD_BACKEND_DEL_NTF, service);
	svclb_service_del_backend(service, service->backends);
	peer_run(10);
	tap_ok(&tap, is_right(&world) && world.stats.repairs == 1,
	       "an endpoint that somebody removed is back");
	service = svclb_service_create("theirs", AF_INET, IPPROTO_TCP);
	service->id = 77;
	service->generation = 7;
	service->sched = peer.config.settings.sched;
	svclb_service_add_frontend(service, &(struct svclb_frontend){
		.key = { .addr = { 192, 0, 2, 77 }, .port = 80,
			 .family = AF_INET, .proto = IPPROTO_TCP },
		.kind = SVCLB_FRONTEND_KIND_VIP,
	});
	svclb_config_insert(&peer.config, service);
	requests = peer.requests;
	peer_event(SVCLB_CMD_SERVICE_SET_NTF, service);
	peer_run(100);
	tap_ok(&tap, peer.requests == requests && is_right(&world),
	       "a service of others is left alone");
	put(&world, SVCLB_RESOURCE_SERVICES, &world.services[2],
	    make_service(2, 3, 77, 30002));
	peer_run(40000);
	tap_ok(&tap, is_right(&world) && world.proxier->yielded == 1,
	       "and its address, too");
	peer_event(SVCLB_CMD_SERVICE_DEL_NTF, service);
	svclb_config_remove(&peer.config, service);
	peer_run(1000);
	tap_ok(&tap, is_right(&world) && !world.proxier->yielded,
	       "which is taken when they give it up");
	end(&world);
}

static void test_health(void)
{
	struct world world;

	begin(&world);
	fill(&world);
	json_decref(world.services[3]);
	world.services[3] = json_pack("{s:{s:s,s:s},s:{s:s,s:s,s:s,s:i,s:[{s:s,s:i}]}}",
				      "metadata", "name", "s3", "namespace",
				      "one", "spec", "type", "LoadBalancer",
				      "clusterIP", "10.96.0.4",
				      "externalTrafficPolicy", "Local",
				      "healthCheckNodePort", 32000, "ports",
				      "name", "p", "port", 80);
	list_all(&world);
	peer_run(10);
	tap_ok(&tap, world.ports == 1 && world.ready == 1,
	       "a health check port is told, with the endpoints here");
	world.ports = 77;
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[4],
	    make_slice(4, 4, 1, true));
	peer_run(10);
	tap_ok(&tap, world.ports == 77, "not again if nothing changed");
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[3],
	    make_slice(3, 3, 5, true));
	peer_run(10);
	tap_ok(&tap, world.ports == 1 && world.ready == 2, "again if it did");
	put(&world, SVCLB_RESOURCE_SERVICES, &world.services[3], NULL);
	peer_run(10);
	tap_ok(&tap, !world.ports, "and when it is gone");
	end(&world);
}

static void test_node(void)
{
	struct world world;
	json_t *node;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(10);
	node = json_pack("{s:{s:s,s:{s:s}},s:{s:[s],s:[{s:s}]}}", "metadata",
			 "name", "a", "labels", "topology.kubernetes.io/zone",
			 "z", "spec", "podCIDRs", "10.244.7.0/24", "taints",
			 "key", "ToBeDeletedByClusterAutoscaler");
	world.feed.set(world.feed.data, SVCLB_RESOURCE_NODE, node);
	peer_run(10);
	tap_ok(&tap, world.stats.full_sync.counts[0] == 2 &&
	       !strcmp(world.proxier->translation.zone, "z"),
	       "a new zone is a pass over all");
	tap_ok(&tap, !world.stats.node_eligible,
	       "a Node that is to go gets no more from outside");
	tap_ok(&tap, world.proxier->node->pod_cidrs[0].length == 24,
	       "the networks of its pods are known");
	world.feed.set(world.feed.data, SVCLB_RESOURCE_NODE, node);
	peer_run(10);
	tap_ok(&tap, world.stats.full_sync.counts[0] == 2,
	       "what the Node does not change is no pass");
	json_decref(node);
	end(&world);
}

/* begin_anew() - the proxier again, with other options */
static void begin_anew(struct world *world)
{
	svclb_proxier_free(world->proxier);
	start(world);
	list_all(world);
	peer_run(11000);
}

static bool has_frontend(const char *name, const uint8_t *addr)
{
	const struct svclb_service *service;
	uint32_t i;

	service = svclb_config_by_name(&peer.config, name);
	for (i = 0; service && i < service->nr_frontends; i++)
		if (!memcmp(service->frontends[i].key.addr, addr, 4))
			return true;
	return false;
}

static void test_external_ips(void)
{
	const uint8_t external[] = { 192, 0, 2, 3 }, vip[] = { 10, 96, 0, 3 };
	struct world world;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(11000);
	tap_ok(&tap, has_frontend("two/s2:p", external), "an external IP is heeded");
	world.no_external_ips = true;
	begin_anew(&world);
	tap_ok(&tap, !has_frontend("two/s2:p", external) &&
	       has_frontend("two/s2:p", vip) && is_right(&world),
	       "not if that is switched off");
	end(&world);
}

static void test_no_local(void)
{
	struct world world;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(11000);
	/* Services 0, 3 and 6 have the policy Local; every endpoint b is elsewhere. */
	tap_ok(&tap, !world.stats.no_local_external[0] &&
	       !world.stats.no_local_internal[0], "all have a local endpoint");
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[3], make_slice(3, 3, 1, true));
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[4], make_slice(4, 4, 1, true));
	peer_run(100);
	tap_ok(&tap, world.stats.no_local_external[0] == 1 &&
	       !world.stats.no_local_internal[0] && !world.stats.no_local_external[1],
	       "one whose policy is Local has none");
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[3], NULL);
	peer_run(100);
	tap_ok(&tap, !world.stats.no_local_external[0], "without any endpoint it is not counted");
	put(&world, SVCLB_RESOURCE_SLICES, &world.slices[3], make_slice(3, 3, 1, true));
	put(&world, SVCLB_RESOURCE_SERVICES, &world.services[3], NULL);
	peer_run(100);
	tap_ok(&tap, !world.stats.no_local_external[0], "nor when it is gone");
	end(&world);
}

static void test_node_cidrs(void)
{
	struct world world;
	json_t *node;

	begin(&world);
	fill(&world);
	world.node_cidrs = true;
	begin_anew(&world);
	peer_run(60000);
	tap_ok(&tap, !peer.config.count, "without the Node nothing is done");
	node = json_pack("{s:{s:s},s:{s:[s,s]}}", "metadata", "name", "a", "spec",
			 "podCIDRs", "10.245.7.0/24", "fd00:7::/64");
	world.feed.set(world.feed.data, SVCLB_RESOURCE_NODE, node);
	peer_run(10);
	tap_ok(&tap, is_right(&world) && peer.config.count == NAMES, "with it, everything");
	tap_ok(&tap, peer.config.settings.lists[SVCLB_LIST_CLUSTER].nr == 2,
	       "with the networks of its pods");
	json_decref(node);
	end(&world);
}

/* Events that had no room are as good as any event. */
static void test_lost_events(void)
{
	struct svclb_service *service;
	struct world world;

	begin(&world);
	fill(&world);
	list_all(&world);
	peer_run(11000);
	service = svclb_config_by_name(&peer.config, "two/s2:p");
	svclb_service_del_backend(service, service->backends);
	peer_run(1000);
	tap_ok(&tap, !is_right(&world), "nobody tells what somebody removed");
	peer.overrun = true;
	peer.ready(peer.ready_data, EPOLLIN);
	peer_run(1000);
	tap_ok(&tap, is_right(&world) && world.stats.repairs == 1,
	       "but that events were lost, and all is read again");
	end(&world);
}

static void test_annotations(void)
{
	const struct svclb_notes notes = { .note = no_note };
	struct svclb_k8s_service *service;
	struct svclb_k8s_slice *slice;
	struct svclb_k8s_ip ip;
	json_t *json;

	json = json_pack("{s:{s:s,s:{s:s,s:s}},s:{s:s}}", "metadata", "name",
			 "s", "annotations", "svclb.io/weights",
			 "10.0.0.5=3, nonsense,fd00::1=0,10.0.0.6=65536",
			 "svclb.io/syn-failover", "true", "spec", "clusterIP",
			 "10.96.0.1");
	service = svclb_k8s_service_decode(json, &notes);
	svclb_k8s_parse_ip("10.0.0.5", &ip);
	tap_ok(&tap, service->weights.nr == 2 && service->syn_failover &&
	       svclb_k8s_weight_of(&service->weights, &ip) == 3,
	       "weights of a Service, odd ones passed over");
	svclb_k8s_service_free(service);
	json_decref(json);
	json = make_slice(1, 1, 2, true);
	json_object_set_new(json_object_get(json, "metadata"), "annotations",
			    json_pack("{s:s,s:s}", "svclb.io/weights",
				      "10.244.1.2=9",
				      "endpoints.kubernetes.io/last-change-trigger-time",
				      "2001-09-09T03:46:40.25+02:00"));
	slice = svclb_k8s_slice_decode(json, &notes);
	tap_ok(&tap, slice->endpoints[0].weight == SVCLB_K8S_NO_WEIGHT &&
	       slice->endpoints[1].weight == 9, "weights of a slice");
	tap_ok(&tap, slice->changed_at == 1000000000250,
	       "when an endpoint changed");
	tap_ok(&tap, !svclb_k8s_parse_time("2001-09-09T03:46:40") &&
	       !svclb_k8s_parse_time("2001-9-9T03:46:40Z") &&
	       svclb_k8s_parse_time("1970-01-01T00:00:01Z") == 1000,
	       "odd times are none");
	svclb_k8s_slice_free(slice);
	json_decref(json);
}

int main(void)
{
	unsigned int seed;

	test_start();
	test_one();
	test_many();
	test_refusal();
	test_away();
	test_repair();
	test_health();
	test_node();
	test_external_ips();
	test_no_local();
	test_node_cidrs();
	test_lost_events();
	test_annotations();
	for (seed = 1; seed <= 5; seed++)
		test_random(seed);
	return tap_end(&tap);
}
