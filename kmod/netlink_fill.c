// SPDX-License-Identifier: GPL-2.0-only
/*
 * From objects to messages: one function an object, for replies, dumps and
 * notifications alike. The caller holds the configuration lock. What does not
 * fit is taken back whole: -EMSGSIZE leaves the buffer as it was.
 */
#include "netlink_fill.h"

#include "netlink.h"

static void *begin(const struct svclb_fill *fill)
{
	void *header;

	header = genlmsg_put(fill->skb, fill->portid, fill->seq,
			     &svclb_genl_family, fill->flags, fill->cmd);
	if (header && fill->cb)
		genl_dump_check_consistent(fill->cb, header);
	return header;
}

static int end(const struct svclb_fill *fill, void *header, bool failed)
{
	if (failed) {
		genlmsg_cancel(fill->skb, header);
		return -EMSGSIZE;
	}
	genlmsg_end(fill->skb, header);
	return 0;
}

/* Return: whether it did not fit, here and below. */
static bool put_address(struct sk_buff *skb, u8 family,
			const union nf_inet_addr *addr, int attr4, int attr6)
{
	return family == NFPROTO_IPV4 ? nla_put_be32(skb, attr4, addr->ip) :
					nla_put_in6_addr(skb, attr6, &addr->in6);
}

static bool put_stats(struct sk_buff *skb, int type, u64 connections,
		      const u64 *rejected)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, SVCLB_A_STATS_CONNECTIONS, connections,
			      SVCLB_A_STATS_PAD) ||
	    (rejected && nla_put_u64_64bit(skb, SVCLB_A_STATS_REJECTED,
					   *rejected, SVCLB_A_STATS_PAD)))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

static bool put_identity(struct sk_buff *skb,
			 const struct svclb_service *service)
{
	return nla_put_u32(skb, SVCLB_A_SERVICE_ID, service->id) ||
	       nla_put_string(skb, SVCLB_A_SERVICE_NAME, service->name) ||
	       nla_put_u8(skb, SVCLB_A_SERVICE_FAMILY, service->family) ||
	       nla_put_u8(skb, SVCLB_A_SERVICE_PROTOCOL, service->proto);
}

static bool put_service_stats(struct sk_buff *skb,
			      const struct svclb_service *service)
{
	u64 connections = service->retired_connections;
	u64 rejected = service->retired_rejected;
	const struct svclb_frontend *frontend;

	list_for_each_entry(frontend, &service->frontends, list) {
		connections += svclb_counter_read(&frontend->connections);
		rejected += svclb_counter_read(&frontend->rejected);
	}
	return put_stats(skb, SVCLB_A_SERVICE_STATS, connections, &rejected);
}

/**
 * svclb_fill_service() - write a service without its members
 * @fill:    the message
 * @sn:      the namespace
 * @service: the service
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_service(const struct svclb_fill *fill, struct svclb_net *sn,
		       const struct svclb_service *service)
{
	const struct svclb_backend_set *set =
		svclb_service_set(&sn->tables, service);
	struct sk_buff *skb = fill->skb;
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   put_identity(skb, service) ||
		   nla_put_u8(skb, SVCLB_A_SERVICE_SCHEDULER, set->sched) ||
		   nla_put_u64_64bit(skb, SVCLB_A_SERVICE_GENERATION,
				     service->generation, SVCLB_A_SERVICE_PAD) ||
		   nla_put_u32(skb, SVCLB_A_SERVICE_FRONTEND_COUNT,
			       service->nr_frontends) ||
		   nla_put_u32(skb, SVCLB_A_SERVICE_BACKEND_COUNT, set->nr) ||
		   put_service_stats(skb, service));
}

static bool put_frontend(struct sk_buff *skb,
			 const struct svclb_frontend *frontend)
{
	const struct svclb_key *key = &frontend->key;
	u64 rejected = svclb_counter_read(&frontend->rejected);
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCLB_A_SERVICE_FRONTEND);
	if (!nest || nla_put_u8(skb, SVCLB_A_FRONTEND_KIND, frontend->kind) ||
	    (frontend->kind == SVCLB_FRONTEND_KIND_VIP &&
	     put_address(skb, key->family, &key->addr,
			 SVCLB_A_FRONTEND_ADDRESS4,
			 SVCLB_A_FRONTEND_ADDRESS6)) ||
	    nla_put_be16(skb, SVCLB_A_FRONTEND_PORT, key->port) ||
	    put_stats(skb, SVCLB_A_FRONTEND_STATS,
		      svclb_counter_read(&frontend->connections), &rejected))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

/**
 * svclb_fill_frontend() - write a frontend with the identity of its service
 * @fill:     the message
 * @frontend: the frontend
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_frontend(const struct svclb_fill *fill,
			const struct svclb_frontend *frontend)
{
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header, put_identity(fill->skb, frontend->service) ||
				 put_frontend(fill->skb, frontend));
}

static bool put_backend(struct sk_buff *skb, u8 family,
			const struct svclb_backend_slot *slot)
{
	const struct svclb_backend *backend = slot->backend;
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCLB_A_SERVICE_BACKEND);
	if (!nest || nla_put_u32(skb, SVCLB_A_BACKEND_ID, backend->id) ||
	    put_address(skb, family, &backend->addr, SVCLB_A_BACKEND_ADDRESS4,
			SVCLB_A_BACKEND_ADDRESS6) ||
	    nla_put_be16(skb, SVCLB_A_BACKEND_PORT, backend->port) ||
	    nla_put_u32(skb, SVCLB_A_BACKEND_WEIGHT, slot->weight) ||
	    nla_put_u32(skb, SVCLB_A_BACKEND_FLAGS, slot->flags) ||
	    put_stats(skb, SVCLB_A_BACKEND_STATS,
		      svclb_counter_read(&backend->connections), NULL))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

/**
 * svclb_fill_backend() - write a backend with the identity of its service
 * @fill:    the message
 * @service: the service
 * @slot:    the backend in the service's set
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_backend(const struct svclb_fill *fill,
		       const struct svclb_service *service,
		       const struct svclb_backend_slot *slot)
{
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header, put_identity(fill->skb, service) ||
				 put_backend(fill->skb, service->family, slot));
}

static bool put_network(struct sk_buff *skb,
			const struct svclb_network *network)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, SVCLB_A_SETTINGS_CLUSTER_NETWORK);
	if (!nest ||
	    put_address(skb, network->family, &network->addr,
			SVCLB_A_NETWORK_ADDRESS4, SVCLB_A_NETWORK_ADDRESS6) ||
	    nla_put_u8(skb, SVCLB_A_NETWORK_PREFIX_LENGTH, network->prefix_len))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

/**
 * svclb_fill_settings() - write the settings
 * @fill:     the message; the settings fit into any
 * @settings: the settings
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_settings(const struct svclb_fill *fill,
			const struct svclb_settings *settings)
{
	struct sk_buff *skb = fill->skb;
	void *header = begin(fill);
	bool failed = !header;
	unsigned int i;

	if (!header)
		return -EMSGSIZE;
	for (i = 0; i < settings->nr_networks && !failed; i++)
		failed = put_network(skb, &settings->networks[i]);
	return end(fill, header, failed ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_MASQUERADE_ALL,
			      settings->masquerade_all) ||
		   nla_put_u16(skb, SVCLB_A_SETTINGS_NODE_PORT_MIN,
			       settings->node_port_min) ||
		   nla_put_u16(skb, SVCLB_A_SETTINGS_NODE_PORT_MAX,
			       settings->node_port_max) ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER,
			      settings->default_sched));
}

static const int counter_attrs[] = {
	[SVCLB_CONNECTIONS] = SVCLB_A_COUNTERS_CONNECTIONS,
	[SVCLB_MASQUERADED] = SVCLB_A_COUNTERS_MASQUERADED,
	[SVCLB_REJECTED_NO_BACKEND] = SVCLB_A_COUNTERS_REJECTED_NO_BACKEND,
	[SVCLB_REJECTED_UNUSED_PORT] = SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT,
	[SVCLB_DROPPED_NO_PORT] = SVCLB_A_COUNTERS_DROPPED_NO_PORT,
	[SVCLB_DROPPED_NO_ADDRESS] = SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS,
	[SVCLB_DROPPED_NAT] = SVCLB_A_COUNTERS_DROPPED_NAT,
	[SVCLB_STALE_FLOWS] = SVCLB_A_COUNTERS_STALE_FLOWS,
};

/**
 * svclb_fill_counters() - write the counters of a namespace
 * @fill: the message
 * @sn:   the namespace
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_counters(const struct svclb_fill *fill,
			const struct svclb_net *sn)
{
	void *header = begin(fill);
	bool failed = false;
	int i;

	BUILD_BUG_ON(ARRAY_SIZE(counter_attrs) != SVCLB_CAUSES);

	if (!header)
		return -EMSGSIZE;
	for (i = 0; i < SVCLB_CAUSES && !failed; i++)
		failed = nla_put_u64_64bit(fill->skb, counter_attrs[i],
					   svclb_counter_read(&sn->counters[i]),
					   SVCLB_A_COUNTERS_PAD);
	return end(fill, header, failed);
}
