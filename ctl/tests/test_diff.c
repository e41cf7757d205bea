// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random configurations, and a stand-in for the kernel that obeys the changes
 * between them one by one, and refuses what the kernel would refuse.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec.h"
#include "lib/diff.h"
#include "lib/savefile.h"
#include "tap.h"

#define ROUNDS 3000
#define TEXT_SIZE 65536

static uint32_t below(unsigned short seed[3], uint32_t limit)
{
	return (uint32_t)nrand48(seed) % limit;
}

static struct svclb_backend random_backend(unsigned short seed[3], uint8_t host)
{
	struct svclb_backend backend = {
		.addr = { 10, 1, 1, host },
		.port = 80,
		.weight = below(seed, 3),
		.flags = below(seed, 4) ? 0 : below(seed, 8),
	};

	return backend;
}

static struct svclb_network random_network(unsigned short seed[3])
{
	struct svclb_network network = {
		.addr = { 10, below(seed, 4) },
		.family = AF_INET,
		.length = 16,
	};

	return network;
}

/* Few names and few addresses, so that frontends often change their owner. */
static void fill(struct svclb_config *config, unsigned short seed[3])
{
	uint32_t nr = below(seed, 7), i, j;

	config->settings.masquerade_all = below(seed, 2);
	config->settings.sched = below(seed, 2);
	config->settings.node_port_min = 1 + below(seed, 2);
	config->settings.node_port_max = 9;
	config->settings.loopback = below(seed, 2);
	config->settings.answer_ping = below(seed, 2);
	config->settings.maglev_seed = below(seed, 2);
	config->settings.affinity_max = 1 + below(seed, 2);
	for (i = 0; i < SVCLB_TUNINGS; i++)
		config->settings.tunings[i] = below(seed, 2);
	config->settings.nr_interfaces = below(seed, 2);
	snprintf(config->settings.interfaces[0], SVCLB_INTERFACE_TEXT, "i%u",
		 below(seed, 2));
	for (i = 0; i < SVCLB_LISTS; i++) {
		config->settings.lists[i].nr = below(seed, 2);
		config->settings.lists[i].at[0] = random_network(seed);
	}
	for (i = 0; i < nr; i++) {
		uint8_t proto = below(seed, 8) ? IPPROTO_TCP : IPPROTO_UDP;
		char name[8] = { (char)('a' + below(seed, 8)) };
		struct svclb_service *service;

		if (svclb_config_by_name(config, name))
			continue;
		service = svclb_service_create(name, AF_INET, proto);
		service->sched = below(seed, 2);
		service->generation = below(seed, 2);
		service->affinity = below(seed, 2);
		service->syn_failover = below(seed, 2);
		for (j = below(seed, 3); j; j--) {
			struct svclb_network range = random_network(seed);

			svclb_service_add_range(service, &range);
		}
		svclb_service_sort_ranges(service);
		svclb_config_insert(config, service);
		for (j = 0; j < 3; j++) {
			struct svclb_frontend frontend = {
				.key = {
					.addr = { 10, 0, 0, 1 + below(seed, 9) },
					.port = 80,
					.family = AF_INET,
					.proto = proto,
				},
				.policy = below(seed, 2),
				.restricted = below(seed, 2),
			};

			if (below(seed, 2))
				frontend.kind =
					SVCLB_FRONTEND_KIND_EXTERNAL +
					below(seed, 2);
			if (!svclb_config_by_key(config, &frontend.key))
				svclb_config_add_frontend(config, service,
							  &frontend);
		}
		for (j = 0; j < 14; j++) {
			struct svclb_backend backend = random_backend(seed, j);

			if (below(seed, 2))
				svclb_service_add_backend(service, &backend);
		}
	}
}

/* A configuration that differs from another one in one thing only. */
static void change_a_little(struct svclb_config *config, unsigned short seed[3])
{
	struct svclb_service *service;

	if (!config->nr)
		return;
	service = config->services[below(seed, config->nr)];
	switch (below(seed, 9)) {
	case 0:
		service->sched ^= 1;
		break;
	case 1:
		if (service->nr_backends)
			service->backends[0].weight += 1;
		break;
	case 2:
		if (service->nr_backends)
			svclb_service_del_backend(service, service->backends);
		break;
	case 3:
		if (service->nr_frontends)
			svclb_config_del_frontend(config, service,
						  service->frontends);
		break;
	case 4:
		service->affinity += 1;
		break;
	case 5:
		service->nr_ranges = 0;
		break;
	case 6:
		if (service->nr_backends)
			service->backends[0].flags ^= SVCLB_BACKEND_LOCAL;
		break;
	case 7:
		if (service->nr_frontends)
			service->frontends[0].policy ^= 1;
		break;
	default:
		svclb_config_remove(config, service);
		break;
	}
}

static void edit_service(struct svclb_service *service,
			 const struct svclb_op *op)
{
	if (op->attributes & SVCLB_ATTR(SCHEDULER))
		service->sched = op->service->sched;
	if (op->attributes & SVCLB_ATTR(GENERATION))
		service->generation = op->service->generation;
	if (op->attributes & SVCLB_ATTR(AFFINITY_TIMEOUT))
		service->affinity = op->service->affinity;
	if (op->attributes & SVCLB_ATTR(SYN_FAILOVER))
		service->syn_failover = op->service->syn_failover;
	if (op->attributes & SVCLB_ATTR(SOURCE_RANGE))
		svclb_service_set_ranges(service, op->service);
}

static bool set_service(struct svclb_config *kernel, const struct svclb_op *op)
{
	struct svclb_service *old, *new, *owner;
	uint32_t i;

	old = svclb_config_by_name(kernel, op->service->name);
	if (op->kind == SVCLB_OP_SERVICE_ADD ? !!old : !old)
		return false;
	if (old && old->proto != op->service->proto)
		return false;
	for (i = 0; i < op->service->nr_frontends; i++) {
		owner = svclb_config_by_key(kernel,
					    &op->service->frontends[i].key);
		if (owner && owner != old)
			return false;
	}
	if (old)
		svclb_config_remove(kernel, old);
	new = svclb_service_copy(op->service);
	return new && !svclb_config_insert(kernel, new);
}

static bool change_frontends(struct svclb_config *kernel,
			     const struct svclb_diff *diff,
			     const struct svclb_op *op,
			     struct svclb_service *service)
{
	struct svclb_frontend *old;
	uint32_t i;

	for (i = op->first; i < op->first + op->nr; i++) {
		const struct svclb_frontend *frontend = &diff->frontends[i];

		old = svclb_service_find_frontend(service, &frontend->key);
		if (op->kind == SVCLB_OP_FRONTEND_DEL) {
			if (!old)
				return false;
			svclb_config_del_frontend(kernel, service, old);
		} else if (svclb_config_by_key(kernel, &frontend->key) ||
			   svclb_config_add_frontend(kernel, service,
						     frontend)) {
			return false;
		}
	}
	return op->nr > 0;
}

static bool change_backends(const struct svclb_diff *diff,
			    const struct svclb_op *op,
			    struct svclb_service *service)
{
	struct svclb_backend *old;
	uint32_t i;

	for (i = op->first; i < op->first + op->nr; i++) {
		const struct svclb_backend *backend = &diff->backends[i];

		old = svclb_service_find_backend(service, backend->addr,
						 backend->port);
		if (op->kind == SVCLB_OP_BACKEND_ADD ? !!old : !old)
			return false;
		if (op->kind == SVCLB_OP_BACKEND_DEL) {
			svclb_service_del_backend(service, old);
		} else if (op->kind == SVCLB_OP_BACKEND_EDIT) {
			old->weight = backend->weight;
			old->flags = backend->flags;
		} else if (svclb_service_add_backend(service, backend)) {
			return false;
		}
	}
	return op->nr > 0;
}

/* Returns whether the kernel would take the change. */
static bool obey(struct svclb_config *kernel, const struct svclb_diff *diff,
		 const struct svclb_op *op)
{
	struct svclb_service *service;

	if (op->kind == SVCLB_OP_SETTINGS) {
		svclb_config_apply_settings(kernel, &diff->settings);
		return true;
	}
	if (op->kind == SVCLB_OP_SERVICE_ADD || op->kind == SVCLB_OP_SERVICE_SET)
		return set_service(kernel, op);
	service = svclb_config_by_name(kernel, op->service->name);
	if (!service)
		return false;
	switch (op->kind) {
	case SVCLB_OP_SERVICE_DEL:
		svclb_config_remove(kernel, service);
		return true;
	case SVCLB_OP_SERVICE_EDIT:
		edit_service(service, op);
		return op->attributes;
	case SVCLB_OP_FRONTEND_DEL:
	case SVCLB_OP_FRONTEND_ADD:
		return change_frontends(kernel, diff, op, service);
	default:
		return change_backends(diff, op, service);
	}
}

static void write_text(struct svclb_config *config, char text[TEXT_SIZE])
{
	FILE *file = fmemopen(text, TEXT_SIZE, "w");

	config->settings.given = SVCLB_GIVEN_ALL;
	svclb_config_sort(config);
	svclb_savefile_write(file, config);
	fclose(file);
}

/* Returns whether all changes were taken and led there. */
static bool leads_there(const struct svclb_diff *diff,
			const struct svclb_config *from,
			const struct svclb_config *to)
{
	char *is = calloc(2, TEXT_SIZE), *expected = is + TEXT_SIZE;
	struct svclb_config kernel = { 0 }, wanted = { 0 };
	bool result = true;
	uint32_t i;

	svclb_config_copy(&kernel, from);
	svclb_config_copy(&wanted, to);
	for (i = 0; i < diff->nr_ops; i++)
		result &= obey(&kernel, diff, &diff->ops[i]);
	write_text(&kernel, is);
	write_text(&wanted, expected);
	result &= !strcmp(is, expected);
	svclb_config_uninit(&kernel);
	svclb_config_uninit(&wanted);
	free(is);
	return result;
}

static void test_random(struct tap *tap)
{
	unsigned short seed[3] = { 7, 8, 9 };
	struct svclb_config from, to;
	bool right = true, none = true, one = true;
	struct svclb_diff diff;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		from = (struct svclb_config){ 0 };
		to = (struct svclb_config){ 0 };
		fill(&from, seed);
		fill(&to, seed);
		diff = (struct svclb_diff){ 0 };
		svclb_diff_make(&diff, &from, &to);
		right &= leads_there(&diff, &from, &to);
		svclb_diff_uninit(&diff);

		svclb_config_uninit(&to);
		svclb_config_copy(&to, &from);
		svclb_diff_make(&diff, &from, &to);
		none &= !diff.nr_ops;
		svclb_diff_uninit(&diff);

		change_a_little(&to, seed);
		svclb_diff_make(&diff, &from, &to);
		one &= diff.nr_ops <= 1 && leads_there(&diff, &from, &to);
		svclb_diff_uninit(&diff);
		svclb_config_uninit(&from);
		svclb_config_uninit(&to);
	}
	tap_ok(tap, right, "%d random differences lead there", ROUNDS);
	tap_ok(tap, none, "no difference, no change");
	tap_ok(tap, one, "one difference, one change");
}

int main(void)
{
	struct tap tap = { 0 };

	test_random(&tap);
	return tap_end(&tap);
}
