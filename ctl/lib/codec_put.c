// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the model to attributes. What has its default value is left out, to
 * make large requests small.
 */
#include "codec.h"

#include <arpa/inet.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

/* More than a member takes: nest, address, and four numbers. */
#define MEMBER_SIZE 72

/* More than all else takes: the name above all. */
#define SERVICE_SIZE 384

/* The request was made large enough, so it can only be a lack of memory. */
static int result(int failures, struct svclb_err *err)
{
	return failures ? svclb_err_memory(err) : 0;
}

/**
 * svclb_codec_size() - how large a request can get
 * @nr_members: how many frontends, backends and networks it has
 *
 * Return: how many bytes, headers left out.
 */
size_t svclb_codec_size(uint32_t nr_members)
{
	return SERVICE_SIZE + MEMBER_SIZE * (size_t)nr_members;
}

/**
 * svclb_codec_service_size() - how large a request with a whole service can get
 * @service: the service
 *
 * Return: how many bytes, headers left out.
 */
size_t svclb_codec_service_size(const struct svclb_service *service)
{
	return svclb_codec_size(service->nr_frontends + service->nr_backends +
				service->nr_ranges);
}

/**
 * struct nest - the inside of a nest under construction
 * @len:  how much is in it
 * @data: its attributes; none of a nest is larger than MEMBER_SIZE
 *
 * Large requests are made of nests, so these are put together here and handed
 * to the library in one piece.
 */
struct nest {
	size_t len;
	char data[MEMBER_SIZE];
};

static void nest_put(struct nest *nest, uint16_t type, const void *data,
		     size_t len)
{
	struct nlattr attr = {
		.nla_len = (uint16_t)(NLA_HDRLEN + len),
		.nla_type = type,
	};
	char *at = nest->data + nest->len;

	/* The padding first, the data goes over it. */
	memset(at + NLA_ALIGN(attr.nla_len) - NLA_ALIGNTO, 0, NLA_ALIGNTO);
	memcpy(at, &attr, sizeof(attr));
	memcpy(at + NLA_HDRLEN, data, len);
	nest->len += NLA_ALIGN(attr.nla_len);
}

static void nest_put_u8(struct nest *nest, uint16_t type, uint8_t value)
{
	nest_put(nest, type, &value, sizeof(value));
}

static void nest_put_u32(struct nest *nest, uint16_t type, uint32_t value)
{
	nest_put(nest, type, &value, sizeof(value));
}

static void nest_put_port(struct nest *nest, uint16_t type, uint16_t port)
{
	uint16_t value = htons(port);

	nest_put(nest, type, &value, sizeof(value));
}

static void nest_put_address(struct nest *nest, uint16_t type4, uint16_t type6,
			     uint8_t family, const uint8_t addr[16])
{
	nest_put(nest, family == AF_INET ? type4 : type6, addr,
		 svclb_family_length(family));
}

static int put_nest(struct nl_msg *msg, int type, const struct nest *nest)
{
	return nla_put(msg, type | NLA_F_NESTED, (int)nest->len, nest->data);
}

static int put_frontend(struct nl_msg *msg,
			const struct svclb_frontend *frontend)
{
	const struct svclb_key *key = &frontend->key;
	struct nest nest;

	nest.len = 0;
	if (!key->node_port)
		nest_put_address(&nest, SVCLB_A_FRONTEND_ADDRESS4,
				 SVCLB_A_FRONTEND_ADDRESS6, key->family,
				 key->addr);
	if (frontend->kind != SVCLB_FRONTEND_KIND_VIP)
		nest_put_u8(&nest, SVCLB_A_FRONTEND_KIND, frontend->kind);
	nest_put_port(&nest, SVCLB_A_FRONTEND_PORT, key->port);
	if (frontend->policy != SVCLB_TRAFFIC_POLICY_CLUSTER)
		nest_put_u8(&nest, SVCLB_A_FRONTEND_POLICY, frontend->policy);
	if (frontend->restricted)
		nest_put_u8(&nest, SVCLB_A_FRONTEND_RESTRICTED, 1);
	return put_nest(msg, SVCLB_A_SERVICE_FRONTEND, &nest);
}

static int put_backend(struct nl_msg *msg, uint8_t family,
		       const struct svclb_backend *backend)
{
	struct nest nest;

	nest.len = 0;
	nest_put_address(&nest, SVCLB_A_BACKEND_ADDRESS4,
			 SVCLB_A_BACKEND_ADDRESS6, family, backend->addr);
	nest_put_port(&nest, SVCLB_A_BACKEND_PORT, backend->port);
	if (backend->weight != 1 ||
	    backend->given & 1u << SVCLB_A_BACKEND_WEIGHT)
		nest_put_u32(&nest, SVCLB_A_BACKEND_WEIGHT, backend->weight);
	if (backend->flags || backend->given & 1u << SVCLB_A_BACKEND_FLAGS)
		nest_put_u32(&nest, SVCLB_A_BACKEND_FLAGS, backend->flags);
	return put_nest(msg, SVCLB_A_SERVICE_BACKEND, &nest);
}

/**
 * svclb_codec_put_id() - refer to a service by its number
 * @msg: the request
 * @id:  the number
 * @err: for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_id(struct nl_msg *msg, uint32_t id, struct svclb_err *err)
{
	return result(nla_put_u32(msg, SVCLB_A_SERVICE_ID, id), err);
}

/**
 * svclb_codec_put_name() - refer to a service by its name
 * @msg:  the request
 * @name: the name
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_name(struct nl_msg *msg, const char *name,
			 struct svclb_err *err)
{
	return result(nla_put_string(msg, SVCLB_A_SERVICE_NAME, name), err);
}

/**
 * svclb_codec_put_key() - refer to a service by a frontend
 * @msg: the request
 * @key: key of the frontend
 * @err: for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_key(struct nl_msg *msg, const struct svclb_key *key,
			struct svclb_err *err)
{
	struct svclb_frontend frontend = {
		.key = *key,
		.kind = key->node_port ? SVCLB_FRONTEND_KIND_NODE_PORT :
					 SVCLB_FRONTEND_KIND_VIP,
	};
	int failures;

	failures = nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, key->proto);
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, key->family);
	failures |= put_frontend(msg, &frontend);
	return result(failures, err);
}

/**
 * svclb_codec_put_generation() - add a generation
 * @msg:        the request
 * @generation: the generation
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_generation(struct nl_msg *msg, uint64_t generation,
			       struct svclb_err *err)
{
	return result(nla_put_u64(msg, SVCLB_A_SERVICE_GENERATION, generation),
		      err);
}

/**
 * svclb_codec_put_flag() - add an attribute without payload
 * @msg:  the request
 * @type: the attribute
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_flag(struct nl_msg *msg, int type, struct svclb_err *err)
{
	return result(nla_put_flag(msg, type), err);
}

static int put_network(struct nl_msg *msg, int type,
		       const struct svclb_network *network)
{
	struct nest nest;

	nest.len = 0;
	nest_put_address(&nest, SVCLB_A_NETWORK_ADDRESS4,
			 SVCLB_A_NETWORK_ADDRESS6, network->family,
			 network->addr);
	nest_put_u8(&nest, SVCLB_A_NETWORK_PREFIX_LENGTH, network->length);
	return put_nest(msg, type, &nest);
}

/**
 * svclb_codec_put_attributes() - add what service-edit can change
 * @msg:        the request
 * @service:    the service
 * @attributes: which, bits of enum svclb_service_attr
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_attributes(struct nl_msg *msg,
			       const struct svclb_service *service,
			       uint32_t attributes, struct svclb_err *err)
{
	int failures = 0;
	uint32_t i;

	if (attributes & SVCLB_ATTR(SCHEDULER) &&
	    service->sched != SVCLB_SCHED_DEFAULT)
		failures |= nla_put_u8(msg, SVCLB_A_SERVICE_SCHEDULER,
				       service->sched);
	if (attributes & SVCLB_ATTR(GENERATION))
		failures |= nla_put_u64(msg, SVCLB_A_SERVICE_GENERATION,
					service->generation);
	if (attributes & SVCLB_ATTR(AFFINITY_TIMEOUT))
		failures |= nla_put_u32(msg, SVCLB_A_SERVICE_AFFINITY_TIMEOUT,
					service->affinity);
	if (attributes & SVCLB_ATTR(SYN_FAILOVER))
		failures |= nla_put_u8(msg, SVCLB_A_SERVICE_SYN_FAILOVER,
				       service->syn_failover);
	if (!(attributes & SVCLB_ATTR(SOURCE_RANGE)))
		return result(failures, err);
	for (i = 0; i < service->nr_ranges && !failures; i++)
		failures = put_network(msg, SVCLB_A_SERVICE_SOURCE_RANGE,
				       &service->ranges[i]);
	if (!i)
		failures |= nla_put_flag(msg, SVCLB_A_SERVICE_NO_SOURCE_RANGES);
	return result(failures, err);
}

/* What is as it would be anyway need not be said. */
static uint32_t unusual(const struct svclb_service *service)
{
	uint32_t attributes = SVCLB_ATTR(SCHEDULER);

	if (service->generation)
		attributes |= SVCLB_ATTR(GENERATION);
	if (service->affinity)
		attributes |= SVCLB_ATTR(AFFINITY_TIMEOUT);
	if (service->syn_failover)
		attributes |= SVCLB_ATTR(SYN_FAILOVER);
	if (service->nr_ranges)
		attributes |= SVCLB_ATTR(SOURCE_RANGE);
	return attributes;
}

/**
 * svclb_codec_put_service() - add a whole service
 * @msg:     the request
 * @service: the service
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_service(struct nl_msg *msg,
			    const struct svclb_service *service,
			    struct svclb_err *err)
{
	int failures;

	failures = nla_put_string(msg, SVCLB_A_SERVICE_NAME, service->name);
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, service->family);
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, service->proto);
	if (failures)
		return svclb_err_memory(err);
	if (svclb_codec_put_attributes(msg, service, unusual(service), err))
		return -1;
	if (svclb_codec_put_frontends(msg, service->frontends,
				      service->nr_frontends, err))
		return -1;
	return svclb_codec_put_backends(msg, service->family, service->backends,
					service->nr_backends, err);
}

/**
 * svclb_codec_put_frontends() - add frontends
 * @msg:       the request
 * @frontends: the frontends
 * @nr:        how many
 * @err:       for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_frontends(struct nl_msg *msg,
			      const struct svclb_frontend *frontends,
			      uint32_t nr, struct svclb_err *err)
{
	int failures = 0;
	uint32_t i;

	for (i = 0; i < nr && !failures; i++)
		failures = put_frontend(msg, &frontends[i]);
	return result(failures, err);
}

/**
 * svclb_codec_put_backends() - add backends
 * @msg:      the request
 * @family:   their family
 * @backends: the backends
 * @nr:       how many
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_backends(struct nl_msg *msg, uint8_t family,
			     const struct svclb_backend *backends, uint32_t nr,
			     struct svclb_err *err)
{
	int failures = 0;
	uint32_t i;

	for (i = 0; i < nr && !failures; i++)
		failures = put_backend(msg, family, &backends[i]);
	return result(failures, err);
}

/**
 * struct list - how a list of networks is sent
 * @one:  attribute of a network
 * @none: flag that empties the list
 */
struct list {
	int one;
	int none;
};

static const struct list lists[] = {
	[SVCLB_LIST_CLUSTER] = { SVCLB_A_SETTINGS_CLUSTER_NETWORK,
				 SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS },
	[SVCLB_LIST_NODE_PORT] = { SVCLB_A_SETTINGS_NODE_PORT_ADDRESS,
				   SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES },
	[SVCLB_LIST_SERVICE] = { SVCLB_A_SETTINGS_SERVICE_NETWORK,
				 SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS },
};

static int put_lists(struct nl_msg *msg, const struct svclb_settings *settings)
{
	int failures = 0, list;
	uint32_t i;

	for (list = 0; list < SVCLB_LISTS; list++) {
		const struct svclb_networks *networks = &settings->lists[list];

		if (!(settings->given & SVCLB_GIVEN_LIST(list)))
			continue;
		for (i = 0; i < networks->nr; i++)
			failures |= put_network(msg, lists[list].one,
						&networks->at[i]);
		if (!i)
			failures |= nla_put_flag(msg, lists[list].none);
	}
	if (settings->given & SVCLB_GIVEN_INTERFACES) {
		for (i = 0; i < settings->nr_interfaces; i++)
			failures |= nla_put_string(msg,
						   SVCLB_A_SETTINGS_POD_INTERFACE,
						   settings->interfaces[i]);
		if (!i)
			failures |= nla_put_flag(msg,
						 SVCLB_A_SETTINGS_NO_POD_INTERFACES);
	}
	return failures;
}

/**
 * struct number - how a setting is sent that is a number
 * @given: its bit
 * @attr:  its attribute
 * @size:  how many bytes it has
 * @value: its value
 */
struct number {
	uint32_t given;
	int attr;
	int size;
	uint64_t value;
};

static int put_number(struct nl_msg *msg, const struct number *number)
{
	switch (number->size) {
	case 1:
		return nla_put_u8(msg, number->attr, (uint8_t)number->value);
	case 2:
		return nla_put_u16(msg, number->attr, (uint16_t)number->value);
	case 4:
		return nla_put_u32(msg, number->attr, (uint32_t)number->value);
	default:
		return nla_put_u64(msg, number->attr, number->value);
	}
}

static int put_tuning(struct nl_msg *msg, int i, uint32_t value)
{
	const struct number number = {
		.attr = SVCLB_A_SETTINGS_DATAPATH + i,
		.size = svclb_tunings[i].size,
		.value = value,
	};

	return put_number(msg, &number);
}

/**
 * svclb_codec_put_settings() - add the settings that are given
 * @msg:      the request, as large as for SVCLB_SETTINGS_MEMBERS members
 * @settings: the settings
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_settings(struct nl_msg *msg,
			     const struct svclb_settings *settings,
			     struct svclb_err *err)
{
	const struct number numbers[] = {
		{ SVCLB_GIVEN_MASQUERADE, SVCLB_A_SETTINGS_MASQUERADE_ALL, 1,
		  settings->masquerade_all },
		{ SVCLB_GIVEN_PORTS, SVCLB_A_SETTINGS_NODE_PORT_MIN, 2,
		  settings->node_port_min },
		{ SVCLB_GIVEN_PORTS, SVCLB_A_SETTINGS_NODE_PORT_MAX, 2,
		  settings->node_port_max },
		{ SVCLB_GIVEN_SCHEDULER, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER, 1,
		  settings->sched },
		{ SVCLB_GIVEN_LOOPBACK, SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK, 1,
		  settings->loopback },
		{ SVCLB_GIVEN_PING, SVCLB_A_SETTINGS_ANSWER_PING, 1,
		  settings->answer_ping },
		{ SVCLB_GIVEN_SEED, SVCLB_A_SETTINGS_MAGLEV_SEED, 8,
		  settings->maglev_seed },
		{ SVCLB_GIVEN_AFFINITY, SVCLB_A_SETTINGS_AFFINITY_MAX, 4,
		  settings->affinity_max },
	};
	int failures = put_lists(msg, settings);
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		if (settings->given & numbers[i].given)
			failures |= put_number(msg, &numbers[i]);
	for (i = 0; i < SVCLB_TUNINGS; i++)
		if (settings->given & SVCLB_GIVEN_TUNING(i))
			failures |= put_tuning(msg, i, settings->tunings[i]);
	return result(failures, err);
}
