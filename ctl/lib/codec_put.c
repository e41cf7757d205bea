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
 * @nr_frontends: how many frontends it has
 * @nr_backends:  how many backends it has
 *
 * Return: how many bytes, headers left out.
 */
size_t svclb_codec_size(uint32_t nr_frontends, uint32_t nr_backends)
{
	return SERVICE_SIZE +
	       MEMBER_SIZE * ((size_t)nr_frontends + nr_backends);
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

static int put_frontend(struct nl_msg *msg, const struct svclb_key *key)
{
	struct nest nest;

	nest.len = 0;
	if (key->kind == SVCLB_FRONTEND_KIND_VIP)
		nest_put_address(&nest, SVCLB_A_FRONTEND_ADDRESS4,
				 SVCLB_A_FRONTEND_ADDRESS6, key->family,
				 key->addr);
	else
		nest_put_u8(&nest, SVCLB_A_FRONTEND_KIND, key->kind);
	nest_put_port(&nest, SVCLB_A_FRONTEND_PORT, key->port);
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
	int failures;

	failures = nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, key->proto);
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, key->family);
	failures |= put_frontend(msg, key);
	return result(failures, err);
}

/**
 * svclb_codec_put_attributes() - add what service-edit can change
 * @msg:        the request
 * @sched:      enum svclb_scheduler, or SVCLB_SCHED_DEFAULT to leave it
 * @generation: the generation, or NULL to leave it
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_attributes(struct nl_msg *msg, uint8_t sched,
			       const uint64_t *generation,
			       struct svclb_err *err)
{
	int failures = 0;

	if (sched != SVCLB_SCHED_DEFAULT)
		failures |= nla_put_u8(msg, SVCLB_A_SERVICE_SCHEDULER, sched);
	if (generation)
		failures |= nla_put_u64(msg, SVCLB_A_SERVICE_GENERATION,
					*generation);
	return result(failures, err);
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
	if (svclb_codec_put_attributes(msg, service->sched,
				       service->generation ?
				       &service->generation : NULL, err))
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
		failures = put_frontend(msg, &frontends[i].key);
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

static int put_network(struct nl_msg *msg, const struct svclb_network *network)
{
	struct nest nest;

	nest.len = 0;
	nest_put_address(&nest, SVCLB_A_NETWORK_ADDRESS4,
			 SVCLB_A_NETWORK_ADDRESS6, network->family,
			 network->addr);
	nest_put_u8(&nest, SVCLB_A_NETWORK_PREFIX_LENGTH, network->length);
	return put_nest(msg, SVCLB_A_SETTINGS_CLUSTER_NETWORK, &nest);
}

/**
 * svclb_codec_put_settings() - add the settings that are given
 * @msg:      the request, as large as for SVCLB_CLUSTER_NETWORKS_MAX members
 * @settings: the settings
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_put_settings(struct nl_msg *msg,
			     const struct svclb_settings *settings,
			     struct svclb_err *err)
{
	int failures = 0;
	uint32_t i;

	if (settings->given & SVCLB_GIVEN_NETWORKS) {
		for (i = 0; i < settings->nr_networks; i++)
			failures |= put_network(msg, &settings->networks[i]);
		if (!i)
			failures |= nla_put_flag(msg,
						 SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS);
	}
	if (settings->given & SVCLB_GIVEN_MASQUERADE)
		failures |= nla_put_u8(msg, SVCLB_A_SETTINGS_MASQUERADE_ALL,
				       settings->masquerade_all);
	if (settings->given & SVCLB_GIVEN_PORTS) {
		failures |= nla_put_u16(msg, SVCLB_A_SETTINGS_NODE_PORT_MIN,
					settings->node_port_min);
		failures |= nla_put_u16(msg, SVCLB_A_SETTINGS_NODE_PORT_MAX,
					settings->node_port_max);
	}
	if (settings->given & SVCLB_GIVEN_SCHEDULER)
		failures |= nla_put_u8(msg, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER,
				       settings->sched);
	return result(failures, err);
}
