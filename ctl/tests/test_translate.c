// SPDX-License-Identifier: GPL-2.0-only
/*
 * The conformance data, as far as it is about which services and endpoints
 * there are; and what reading objects does with odd ones.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/text.h"
#include "tap.h"
#include "watch/health.h"
#include "watch/objects.h"
#include "watch/translate.h"
#include "watch/wanted.h"

#ifndef CONFORMANCE_DIR
#define CONFORMANCE_DIR "selftests/conformance"
#endif

#define ZONE "topology.kubernetes.io/zone"

static void no_note(void *data, const char *text)
{
	int *notes = data;

	(void)text;
	(*notes)++;
}

/**
 * struct world - a cluster in memory, and what it becomes
 * @translation: how
 * @store:       the cluster
 * @config:      what it becomes
 * @json:        that as JSON
 * @notes:       how much was passed over
 */
struct world {
	struct svclb_translation translation;
	struct svclb_store store;
	struct svclb_config config;
	json_t *json;
	int notes;
};

static int add_text(struct world *world, const char *text,
		    struct svclb_err *err)
{
	struct svclb_reading reading = {
		.store = &world->store,
		.node_name = world->translation.node,
		.notes = world->translation.notes,
	};
	int result = svclb_objects_read(&reading, text, strlen(text), err);

	svclb_k8s_node_free(reading.node);
	return result;
}

static void begin(struct world *world, const char *node, const char *zone)
{
	*world = (struct world){
		.translation = {
			.node = node,
			.zone = zone,
			.generation = 1,
			.notes = { .note = no_note },
		},
	};
	world->translation.notes.data = &world->notes;
}

static void end(struct world *world)
{
	json_decref(world->json);
	svclb_store_uninit(&world->store);
	svclb_config_uninit(&world->config);
}

static void translate(struct world *world)
{
	svclb_config_uninit(&world->config);
	json_decref(world->json);
	svclb_translate(&world->translation, &world->store, &world->config);
	svclb_config_sort(&world->config);
	world->json = svclb_wanted_json(&world->config);
}

/* Text by text, from objects that are JSON already. */
static bool add_json(struct world *world, const json_t *objects)
{
	char *text = json_dumps(objects, 0);
	struct svclb_err err;
	int result = add_text(world, text, &err);

	if (result)
		printf("# %s\n", err.text);
	free(text);
	return !result;
}

static const json_t *find(const struct world *world, const char *name)
{
	json_t *services = json_object_get(world->json, "services"), *service;
	size_t i;

	json_array_foreach(services, i, service)
		if (!strcmp(json_string_value(json_object_get(service, "name")),
			    name))
			return service;
	return NULL;
}

static int compare_texts(const void *a, const void *b)
{
	const json_t *const *x = a, *const *y = b;

	return strcmp(json_string_value(*x), json_string_value(*y));
}

static json_t *sorted(const json_t *array)
{
	size_t nr = json_array_size(array), i;
	const json_t **list = calloc(nr + 1, sizeof(const json_t *));
	json_t *result = json_array();

	for (i = 0; i < nr; i++)
		list[i] = json_array_get(array, i);
	qsort(list, nr, sizeof(const json_t *), compare_texts);
	for (i = 0; i < nr; i++)
		json_array_append(result, (json_t *)list[i]);
	free(list);
	return result;
}

/* Whether a list has the same texts, in whatever order, or is null too. */
static bool same_list(const json_t *is, const json_t *expected)
{
	json_t *a, *b;
	bool result;

	if (!json_is_array(is) || !json_is_array(expected))
		return json_is_null(is) && json_is_null(expected);
	a = sorted(is);
	b = sorted(expected);
	result = json_equal(a, b);
	json_decref(a);
	json_decref(b);
	return result;
}

/* Whether what a service became is what a file expects. */
static bool is_expected(const json_t *service, const json_t *expect)
{
	return same_list(json_object_get(service, "cluster_endpoints"),
			 json_object_get(expect, "clusterEndpoints")) &&
	       same_list(json_object_get(service, "local_endpoints"),
			 json_object_get(expect, "localEndpoints")) &&
	       json_equal(json_object_get(service, "has_endpoints"),
			  json_object_get(expect, "hasAnyEndpoints"));
}

static void load(struct world *world, const json_t *file)
{
	const json_t *config = json_object_get(file, "config");
	const json_t *labels = json_object_get(config, "nodeLabels");
	const json_t *node = json_object_get(config, "nodeName");

	begin(world, json_string_value(node),
	      json_string_value(json_object_get(labels, ZONE)));
	if (add_json(world, json_object_get(file, "services")) &&
	    add_json(world, json_object_get(file, "endpointslices")))
		translate(world);
}

/* An expectation that is wrong must be noticed: all of them are, once each. */
static int wrong_ones(const json_t *service, const json_t *expect)
{
	static const char *const keys[] = {
		"clusterEndpoints", "localEndpoints", "hasAnyEndpoints",
	};
	json_t *old, *new;
	int noticed = 0;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		json_t *copy = json_deep_copy(expect);

		old = json_object_get(expect, keys[i]);
		if (json_is_boolean(old))
			new = json_boolean(!json_is_true(old));
		else if (json_array_size(old))
			new = json_array();
		else
			new = json_pack("[s]", "192.0.2.1:1");
		json_object_set_new(copy, keys[i], new);
		noticed += !is_expected(service, copy);
		json_decref(copy);
	}
	return noticed;
}

static void check_topology(struct tap *tap, const char *name,
			   const json_t *file)
{
	const json_t *expect = json_object_get(file, "expect");
	json_t *port = json_object_get(expect, "servicePort");
	const char *namespace, *service;
	const json_t *is;
	struct world world;
	char text[512];

	namespace = json_string_value(json_object_get(port, "namespace"));
	service = json_string_value(json_object_get(port, "name"));
	snprintf(text, sizeof(text), "%s/%s", namespace, service);
	load(&world, file);
	is = find(&world, text);
	tap_ok(tap, is && is_expected(is, expect), "%s", name);
	tap_ok(tap, is && wrong_ones(is, expect) == 3,
	       "%s: wrong expectations are noticed", name);
	end(&world);
}

/* Whether the health checks of the cluster are those that a file expects. */
static bool is_healthy(const struct world *world, const json_t *expect)
{
	json_t *checks = svclb_health_json(&world->store,
					   world->translation.node);
	json_t *check, *wanted;
	size_t i, same = 0;

	json_array_foreach(checks, i, check) {
		wanted = json_object_get(expect, json_string_value(json_object_get(check,
										   "service")));
		same += wanted &&
			json_equal(json_object_get(check, "port"),
				   json_object_get(wanted, "port")) &&
			json_equal(json_object_get(check,
						   "local_ready_endpoints"),
				   json_object_get(wanted,
						   "localReadyEndpoints"));
	}
	i = json_array_size(checks);
	json_decref(checks);
	return same == i && same == json_object_size(expect);
}

static void check_case(struct tap *tap, const char *name, const json_t *file)
{
	json_t *expect = json_object_get(file, "expectServicePorts");
	struct world world;

	load(&world, file);
	tap_ok(tap, world.config.count > 0 ||
	       json_integer_value(expect) == 0, "%s: is read", name);
	if (expect)
		tap_ok(tap, json_integer_value(expect) == world.config.count,
		       "%s: %d services", name, (int)world.config.count);
	expect = json_object_get(file, "healthCheck");
	if (expect)
		tap_ok(tap, is_healthy(&world, expect), "%s: health checks",
		       name);
	end(&world);
}

typedef void (*check_file)(struct tap *tap, const char *name,
			   const json_t *file);

/* Checks each file of a folder; a folder has some. */
static void check_files(struct tap *tap, const char *folder, int least,
			check_file check)
{
	struct dirent **list = NULL;
	char path[1024];
	json_t *file;
	int nr, i, files = 0;

	snprintf(path, sizeof(path), "%s/%s", CONFORMANCE_DIR, folder);
	nr = scandir(path, &list, NULL, alphasort);
	for (i = 0; i < nr; i++) {
		const char *name = list[i]->d_name;

		if (strstr(name, ".json")) {
			snprintf(path, sizeof(path), "%s/%s/%s",
				 CONFORMANCE_DIR, folder, name);
			file = json_load_file(path, 0, NULL);
			check(tap, name, file);
			json_decref(file);
			files++;
		}
		free(list[i]);
	}
	free(list);
	tap_ok(tap, files >= least, "%s has %d files", folder, files);
}

static void test_texts(struct tap *tap)
{
	static const char *const right[][2] = {
		{ "10.0.0.0/8", "10.0.0.0/8" },
		{ " 010.0.0.0/08 ", "10.0.0.0/8" },
		{ "10.1.2.3/8\n", "10.0.0.0/8" },
		{ "0000000010.9.0.0/16", "10.9.0.0/16" },
		{ "fd00::1/64", "fd00::/64" },
		{ "::/0", "::/0" },
	};
	static const char *const wrong[] = {
		"", "10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "/8",
		"10.0.0.0/8x", "10.0.0.256/8", "::ffff:10.0.0.0/104",
		"fd00::/129", "10.0.0.0/4294967304", "10.0.0.0/-1", "10.0.0.0 /8",
	};
	struct svclb_network network, expected;
	struct svclb_k8s_ip ip;
	struct svclb_err err;
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(*right); i++) {
		svclb_text_parse_network(right[i][1], &expected, &err);
		tap_ok(tap, svclb_k8s_parse_network(right[i][0], &network) &&
		       svclb_network_equal(&network, &expected), "network '%s'",
		       right[i][1]);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		tap_ok(tap, !svclb_k8s_parse_network(wrong[i], &network),
		       "no network '%s'", wrong[i]);
	tap_ok(tap, svclb_k8s_parse_ip("::ffff:10.0.0.1", &ip) &&
	       ip.family == AF_INET && ip.addr[0] == 10 && ip.addr[3] == 1,
	       "IPv4 in IPv6 form is IPv4");
	tap_ok(tap, !svclb_k8s_parse_ip("fe80::1%eth0", &ip) &&
	       !svclb_k8s_parse_ip("10.0.0.1 ", &ip) &&
	       !svclb_k8s_parse_ip(NULL, &ip), "no addresses");
}

/* Texts with objects: how many there are, or what is wrong. */
static const char *const texts[][2] = {
	{ "{\"kind\":\"List\",\"items\":[]}", "" },
	{ "{\"kind\":\"List\",\"items\":null}", "" },
	{ "[]", "" },
	{ "", "" },
	{ "---\n---\n", "" },
	{ "kind: ConfigMap\nmetadata: {name: x}\n", "" },
	{
		"{\"kind\":\"ServiceList\",\"items\":[{\"metadata\":{\"name\":\"a\"}}]}\n{\"kind\":\"Service\",\"metadata\":{\"name\":\"b\"}}",
		""
	},
	{ "{\"kind\":\"List\",\"items\":[{\"metadata\":{\"name\":\"a\"}}]}",
	  "object 1 has no kind, or no name: not an object of Kubernetes" },
	{ "{\"kind\":\"List\",\"items\":[1]}",
	  "object 1 has no kind, or no name: not an object of Kubernetes" },
	{ "{\"kind\":\"Service\"}",
	  "object 1 has no kind, or no name: not an object of Kubernetes" },
	{ "hello",
	  "object 1 has no kind, or no name: not an object of Kubernetes" },
	{ "kind: List\nitems:\n- &x {}\n- *x\n", "line 4: anchors are not understood" },
	{ "[[", "line 1: '[' or '{' expected near end of file" },
};

static void test_reading(struct tap *tap)
{
	struct svclb_err err;
	struct world world;
	size_t i;
	char *deep;

	for (i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		begin(&world, "n", NULL);
		err.text[0] = '\0';
		if (!add_text(&world, texts[i][0], &err))
			err.text[0] = '\0';
		if (*texts[i][1])
			tap_ok(tap, *err.text, "is refused: %.40s: %s",
			       strtok(strdupa(texts[i][0]), "\n"), err.text);
		else
			tap_text(tap, err.text, "", "is read");
		end(&world);
	}
	deep = malloc(200001);
	memset(deep, '[', 200000);
	deep[200000] = '\0';
	begin(&world, "n", NULL);
	tap_ok(tap, add_text(&world, deep, &err), "too many brackets");
	deep[0] = '-';
	deep[1] = ' ';
	tap_ok(tap, add_text(&world, deep, &err) &&
	       strstr(err.text, "too deep"), "also in YAML");
	end(&world);
	free(deep);
}

/* Random objects: numbers, texts, lists where others belong. */
static json_t *random_json(unsigned short seed[3], int depth)
{
	static const char *const keys[] = {
		"kind", "metadata", "name", "namespace", "labels", "spec",
		"ports", "port", "clusterIP", "clusterIPs", "ipFamilies",
		"status", "loadBalancer", "ingress", "ip", "endpoints",
		"addresses", "conditions", "ready", "hints", "forZones",
		"addressType", "protocol", "nodePort", "type", "externalIPs",
		"loadBalancerSourceRanges", "sessionAffinity",
		"kubernetes.io/service-name", "annotations",
	};
	static const char *const words[] = {
		"Service", "EndpointSlice", "Node", "a", "10.0.0.1", "fd00::1",
		"IPv4", "IPv6", "TCP", "UDP", "NodePort", "ClientIP", "None",
		"10.0.0.0/8", "",
	};
	json_t *json;
	int i, nr;

	switch ((uint32_t)nrand48(seed) % (depth > 6 ? 4 : 8)) {
	case 0:
		return json_null();
	case 1:
		return json_boolean(nrand48(seed) & 1);
	case 2:
		return json_integer(nrand48(seed) % 3 ? 80 : -nrand48(seed));
	case 3:
		return json_string(words[(size_t)nrand48(seed) %
					 (sizeof(words) / sizeof(*words))]);
	case 4:
		json = json_array();
		nr = (int)nrand48(seed) % 4;
		for (i = 0; i < nr; i++)
			json_array_append_new(json,
					      random_json(seed, depth + 1));
		return json;
	default:
		json = json_object();
		nr = (int)nrand48(seed) % 12;
		for (i = 0; i < nr; i++)
			json_object_set_new(json,
					    keys[(size_t)nrand48(seed) %
						 (sizeof(keys) / sizeof(*keys))],
					    random_json(seed, depth + 1));
		return json;
	}
}

static void test_random(struct tap *tap)
{
	unsigned short seed[3] = { 1, 2, 3 };
	int i, read = 0;

	for (i = 0; i < 4000; i++) {
		json_t *service = random_json(seed, 0);
		json_t *slice = random_json(seed, 0), *list;
		struct svclb_err err;
		struct world world;
		char *text;

		if (json_is_object(service)) {
			json_object_set_new(service, "kind",
					    json_string("Service"));
			json_object_set_new(service, "metadata",
					    json_pack("{s:s}", "name", "a"));
		}
		if (json_is_object(slice)) {
			json_object_set_new(slice, "kind",
					    json_string("EndpointSlice"));
			json_object_set_new(slice, "metadata",
					    json_pack("{s:s, s:{s:s}}", "name",
						      "a-1", "labels",
						      "kubernetes.io/service-name",
						      "a"));
		}
		list = json_pack("[o, o]", service, slice);
		begin(&world, "n", NULL);
		text = json_dumps(list, 0);
		read += !add_text(&world, text, &err);
		free(text);
		translate(&world);
		json_decref(list);
		end(&world);
	}
	tap_ok(tap, read > 400, "%d random objects are read", read);
}

int main(void)
{
	struct tap tap = { 0 };

	check_files(&tap, "topology", 19, check_topology);
	check_files(&tap, "cases", 30, check_case);
	test_texts(&tap);
	test_reading(&tap);
	test_random(&tap);
	return tap_end(&tap);
}
