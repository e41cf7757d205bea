// SPDX-License-Identifier: GPL-2.0-only
/*
 * From the model to attributes. What has its default value is left out, to
 * make large requests small.
 */
#include "codec.h"

#include <arpa/inet.h>
#include <netlink/attr.h>
#include <netlink/msg.h>

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

static int put_address(struct nl_msg *msg, int attr4, int attr6, uint8_t family,
		       const uint8_t addr[16])
{
	return nla_put(msg, family == AF_INET ? attr4 : attr6,
		       (int)svclb_family_length(family), addr);
}

static int put_frontend(struct nl_msg *msg, const struct svclb_key *key)
{
	struct nlattr *nest;
	int failures = 0;

	nest = nla_nest_start(msg, SVCLB_A_SERVICE_FRONTEND | NLA_F_NESTED);
	if (!nest)
		return -1;
	if (key->kind == SVCLB_FRONTEND_KIND_VIP)
		failures |= put_address(msg, SVCLB_A_FRONTEND_ADDRESS4,
					SVCLB_A_FRONTEND_ADDRESS6, key->family,
					key->addr);
	else
		failures |= nla_put_u8(msg, SVCLB_A_FRONTEND_KIND, key->kind);
	failures |= nla_put_u16(msg, SVCLB_A_FRONTEND_PORT, htons(key->port));
	nla_nest_end(msg, nest);
	return failures;
}

static int put_backend(struct nl_msg *msg, uint8_t family,
		       const struct svclb_backend *backend)
{
	struct nlattr *nest;
	int failures;

	nest = nla_nest_start(msg, SVCLB_A_SERVICE_BACKEND | NLA_F_NESTED);
	if (!nest)
		return -1;
	failures = put_address(msg, SVCLB_A_BACKEND_ADDRESS4,
			       SVCLB_A_BACKEND_ADDRESS6, family, backend->addr);
	failures |= nla_put_u16(msg, SVCLB_A_BACKEND_PORT,
				htons(backend->port));
	if (backend->weight != 1 ||
	    backend->given & 1u << SVCLB_A_BACKEND_WEIGHT)
		failures |= nla_put_u32(msg, SVCLB_A_BACKEND_WEIGHT,
					backend->weight);
	if (backend->flags || backend->given & 1u << SVCLB_A_BACKEND_FLAGS)
		failures |= nla_put_u32(msg, SVCLB_A_BACKEND_FLAGS,
					backend->flags);
	nla_nest_end(msg, nest);
	return failures;
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
	struct nlattr *nest;
	int failures;

	nest = nla_nest_start(msg, SVCLB_A_SETTINGS_CLUSTER_NETWORK |
				   NLA_F_NESTED);
	if (!nest)
		return -1;
	failures = put_address(msg, SVCLB_A_NETWORK_ADDRESS4,
			       SVCLB_A_NETWORK_ADDRESS6, network->family,
			       network->addr);
	failures |= nla_put_u8(msg, SVCLB_A_NETWORK_PREFIX_LENGTH,
			       network->length);
	nla_nest_end(msg, nest);
	return failures;
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
