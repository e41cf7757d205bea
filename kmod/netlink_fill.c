// SPDX-License-Identifier: GPL-2.0-only
/*
 * From objects to messages: one function an object, for replies, dumps and
 * notifications alike. The caller holds the configuration lock. What does not
 * fit is taken back whole: -EMSGSIZE leaves the buffer as it was.
 */
#include "netlink_fill.h"

#include "flow.h"
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
		      const u64 *rejected, const struct svclb_backend *backend)
{
	struct nlattr *nest = nla_nest_start(skb, type);

	if (!nest ||
	    nla_put_u64_64bit(skb, SVCLB_A_STATS_CONNECTIONS, connections,
			      SVCLB_A_STATS_PAD) ||
	    (rejected && nla_put_u64_64bit(skb, SVCLB_A_STATS_REJECTED,
					   *rejected, SVCLB_A_STATS_PAD)) ||
	    (backend && (nla_put_u32(skb, SVCLB_A_STATS_ACTIVE,
				     READ_ONCE(backend->active)) ||
			 nla_put_u32(skb, SVCLB_A_STATS_INACTIVE,
				     READ_ONCE(backend->inactive)))))
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
	return put_stats(skb, SVCLB_A_SERVICE_STATS, connections, &rejected,
			 NULL);
}

static bool put_terms(struct sk_buff *skb, const struct svclb_terms *terms)
{
	return nla_put_u32(skb, SVCLB_A_SERVICE_AFFINITY_TIMEOUT,
			   terms->affinity_timeout) ||
	       nla_put_u8(skb, SVCLB_A_SERVICE_SYN_FAILOVER,
			  terms->syn_failover) ||
	       nla_put_u32(skb, SVCLB_A_SERVICE_SOURCE_RANGE_COUNT,
			   terms->ranges ? terms->ranges->nr : 0);
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
		   nla_put_u8(skb, SVCLB_A_SERVICE_SCHEDULER, set->terms.sched) ||
		   nla_put_u64_64bit(skb, SVCLB_A_SERVICE_GENERATION,
				     service->generation, SVCLB_A_SERVICE_PAD) ||
		   nla_put_u32(skb, SVCLB_A_SERVICE_FRONTEND_COUNT,
			       service->nr_frontends) ||
		   nla_put_u32(skb, SVCLB_A_SERVICE_BACKEND_COUNT, set->nr) ||
		   put_service_stats(skb, service) ||
		   put_terms(skb, &set->terms));
}

static bool put_frontend(struct sk_buff *skb, int type,
			 const struct svclb_frontend *frontend,
			 const struct svclb_policy *policy)
{
	const struct svclb_key *key = &frontend->key;
	u64 rejected = svclb_counter_read(&frontend->rejected);
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_u8(skb, SVCLB_A_FRONTEND_KIND, policy->kind) ||
	    (!frontend->node_port &&
	     put_address(skb, key->family, &key->addr,
			 SVCLB_A_FRONTEND_ADDRESS4,
			 SVCLB_A_FRONTEND_ADDRESS6)) ||
	    nla_put_be16(skb, SVCLB_A_FRONTEND_PORT, key->port) ||
	    put_stats(skb, SVCLB_A_FRONTEND_STATS,
		      svclb_counter_read(&frontend->connections), &rejected,
		      NULL) ||
	    nla_put_u8(skb, SVCLB_A_FRONTEND_POLICY, policy->traffic) ||
	    nla_put_u8(skb, SVCLB_A_FRONTEND_RESTRICTED, policy->restricted))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

/**
 * svclb_fill_frontend() - write a frontend with the identity of its service
 * @fill:     the message
 * @sn:       the namespace, its configuration lock held
 * @frontend: the frontend
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_frontend(const struct svclb_fill *fill, struct svclb_net *sn,
			const struct svclb_frontend *frontend)
{
	const struct svclb_service *service = frontend->service;
	const struct svclb_policy *policy =
		svclb_resolve_policy(svclb_service_set(&sn->tables, service),
				     frontend);
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   put_identity(fill->skb, service) ||
		   put_frontend(fill->skb, SVCLB_A_SERVICE_FRONTEND, frontend,
				policy));
}

/* @share is NULL outside of a resolution. */
static bool put_backend(const struct svclb_fill *fill, int type, u8 family,
			const struct svclb_backend_slot *slot, const u32 *share)
{
	const struct svclb_backend *backend = slot->backend;
	struct sk_buff *skb = fill->skb;
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest || nla_put_u32(skb, SVCLB_A_BACKEND_ID, backend->id) ||
	    put_address(skb, family, &backend->addr, SVCLB_A_BACKEND_ADDRESS4,
			SVCLB_A_BACKEND_ADDRESS6) ||
	    nla_put_be16(skb, SVCLB_A_BACKEND_PORT, backend->port) ||
	    nla_put_u32(skb, SVCLB_A_BACKEND_WEIGHT, slot->weight) ||
	    nla_put_u32(skb, SVCLB_A_BACKEND_FLAGS, slot->flags) ||
	    put_stats(skb, SVCLB_A_BACKEND_STATS,
		      svclb_counter_read(&backend->connections), NULL,
		      fill->counts ? backend : NULL) ||
	    (share && nla_put_u32(skb, SVCLB_A_BACKEND_SHARE, *share)))
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
	return end(fill, header,
		   put_identity(fill->skb, service) ||
		   put_backend(fill, SVCLB_A_SERVICE_BACKEND, service->family,
			       slot, NULL));
}

static bool put_network(struct sk_buff *skb, int type,
			const struct svclb_network *network)
{
	struct nlattr *nest;

	nest = nla_nest_start(skb, type);
	if (!nest ||
	    put_address(skb, network->family, &network->addr,
			SVCLB_A_NETWORK_ADDRESS4, SVCLB_A_NETWORK_ADDRESS6) ||
	    nla_put_u8(skb, SVCLB_A_NETWORK_PREFIX_LENGTH, network->prefix_len))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

/**
 * svclb_fill_source_range() - write a source range with the identity of its
 *                             service
 * @fill:    the message
 * @service: the service
 * @network: the source range
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_source_range(const struct svclb_fill *fill,
			    const struct svclb_service *service,
			    const struct svclb_network *network)
{
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   put_identity(fill->skb, service) ||
		   put_network(fill->skb, SVCLB_A_SERVICE_SOURCE_RANGE,
			       network));
}

static bool put_networks(struct sk_buff *skb,
			 const struct svclb_settings *settings)
{
	static const int types[] = {
		[SVCLB_CLUSTER_NETWORKS] = SVCLB_A_SETTINGS_CLUSTER_NETWORK,
		[SVCLB_NODE_PORT_ADDRESSES] =
			SVCLB_A_SETTINGS_NODE_PORT_ADDRESS,
		[SVCLB_SERVICE_NETWORKS] = SVCLB_A_SETTINGS_SERVICE_NETWORK,
	};
	u32 list, i;

	BUILD_BUG_ON(ARRAY_SIZE(types) != SVCLB_NETWORK_LISTS);

	for (list = 0; list < SVCLB_NETWORK_LISTS; list++)
		for (i = settings->first[list]; i < settings->first[list + 1];
		     i++)
			if (put_network(skb, types[list],
					&settings->networks[i]))
				return true;
	return false;
}

static bool put_pod_interfaces(struct sk_buff *skb,
			       const struct svclb_settings *settings)
{
	const struct svclb_pod_interface *interface;
	char name[IFNAMSIZ + 1];
	u32 i;

	for (i = 0; i < settings->nr_pod_interfaces; i++) {
		interface = &settings->pod_interfaces[i];
		snprintf(name, sizeof(name), "%s%s", interface->name,
			 interface->length == strlen(interface->name) ?
			 "*" : "");
		if (nla_put_string(skb, SVCLB_A_SETTINGS_POD_INTERFACE, name))
			return true;
	}
	return false;
}

static bool put_flow_settings(struct sk_buff *skb,
			      const struct svclb_settings *settings)
{
	int state;

	if (nla_put_u8(skb, SVCLB_A_SETTINGS_DATAPATH, settings->datapath) ||
	    nla_put_u32(skb, SVCLB_A_SETTINGS_FLOW_MAX, settings->flow_max) ||
	    nla_put_u8(skb, SVCLB_A_SETTINGS_FLOW_FULL, settings->flow_full))
		return true;
	for (state = 0; state <= SVCLB_FLOW_STATE_MAX; state++)
		if (nla_put_u32(skb, SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN + state,
				settings->flow_timeouts[state] / HZ))
			return true;
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

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   put_networks(skb, settings) ||
		   put_pod_interfaces(skb, settings) ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_MASQUERADE_ALL,
			      settings->masquerade_all) ||
		   nla_put_u16(skb, SVCLB_A_SETTINGS_NODE_PORT_MIN,
			       settings->node_port_min) ||
		   nla_put_u16(skb, SVCLB_A_SETTINGS_NODE_PORT_MAX,
			       settings->node_port_max) ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER,
			      settings->default_sched) ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK,
			      settings->node_port_loopback) ||
		   nla_put_u8(skb, SVCLB_A_SETTINGS_ANSWER_PING,
			      settings->answer_ping) ||
		   nla_put_u64_64bit(skb, SVCLB_A_SETTINGS_MAGLEV_SEED,
				     settings->maglev_seed,
				     SVCLB_A_SETTINGS_PAD) ||
		   nla_put_u32(skb, SVCLB_A_SETTINGS_AFFINITY_MAX,
			       settings->affinity_max) ||
		   put_flow_settings(skb, settings));
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
	[SVCLB_DROPPED_SOURCE_RANGE] = SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE,
	[SVCLB_DROPPED_NO_LOCAL_BACKEND] =
		SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND,
	[SVCLB_DROPPED_UNALLOCATED] = SVCLB_A_COUNTERS_DROPPED_UNALLOCATED,
	[SVCLB_DROPPED_LOOPBACK] = SVCLB_A_COUNTERS_DROPPED_LOOPBACK,
	[SVCLB_ECHOES] = SVCLB_A_COUNTERS_ECHOES,
	[SVCLB_AFFINITY_EVICTED] = SVCLB_A_COUNTERS_AFFINITY_EVICTED,
	[SVCLB_SYN_FAILOVERS] = SVCLB_A_COUNTERS_SYN_FAILOVERS,
	[SVCLB_REJECTED_NO_FLOW] = SVCLB_A_COUNTERS_REJECTED_NO_FLOW,
	[SVCLB_DROPPED_FLOWS_FULL] = SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL,
	[SVCLB_FLOWS_EVICTED] = SVCLB_A_COUNTERS_FLOWS_EVICTED,
};

static bool put_flow_table(struct sk_buff *skb, struct svclb_net *sn)
{
	u64 flows = 0, memory = 0;

	if (sn->flows)
		flows = percpu_counter_sum_positive(&sn->flows->nr);
	/* A table that is kept though nobody uses it is nobody's concern. */
	if (flows || (sn->flows && svclb_net_settings(sn)->datapath ==
				   SVCLB_DATAPATH_DIRECT))
		memory = svclb_flow_memory(sn->flows);
	return nla_put_u64_64bit(skb, SVCLB_A_COUNTERS_FLOWS, flows,
				 SVCLB_A_COUNTERS_PAD) ||
	       nla_put_u64_64bit(skb, SVCLB_A_COUNTERS_FLOW_MEMORY, memory,
				 SVCLB_A_COUNTERS_PAD);
}

/**
 * svclb_fill_counters() - write the counters of a namespace
 * @fill: the message
 * @sn:   the namespace
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_counters(const struct svclb_fill *fill, struct svclb_net *sn)
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
	return end(fill, header, failed || put_flow_table(fill->skb, sn));
}

static bool put_affinity(struct sk_buff *skb,
			 const struct svclb_service *service,
			 struct svclb_affinity_entry *entry)
{
	unsigned long end = READ_ONCE(entry->used) + READ_ONCE(entry->timeout);
	unsigned long now = jiffies;
	struct svclb_affinity_target target;

	svclb_affinity_read(entry, &target);
	return nla_put_u32(skb, SVCLB_A_AFFINITY_SERVICE_ID, service->id) ||
	       nla_put_string(skb, SVCLB_A_AFFINITY_SERVICE_NAME,
			      service->name) ||
	       put_address(skb, service->family, &entry->key.addr,
			   SVCLB_A_AFFINITY_ADDRESS4,
			   SVCLB_A_AFFINITY_ADDRESS6) ||
	       nla_put_u32(skb, SVCLB_A_AFFINITY_BACKEND_ID, target.id) ||
	       nla_put_u32(skb, SVCLB_A_AFFINITY_EXPIRES,
			   time_before(now, end) ?
			   jiffies_to_msecs(end - now) : 0);
}

/**
 * svclb_fill_affinity() - write an affinity entry
 * @fill:    the message
 * @service: its service
 * @entry:   the entry, kept by RCU
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_affinity(const struct svclb_fill *fill,
			const struct svclb_service *service,
			struct svclb_affinity_entry *entry)
{
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header, put_affinity(fill->skb, service, entry));
}

static bool put_flow(struct sk_buff *skb, const struct svclb_conn *conn)
{
	const struct svclb_flow *flow = &conn->way[SVCLB_ORIGINAL].tuple;
	const struct svclb_flow *reply = &conn->way[SVCLB_REPLY].tuple;

	return nla_put_u8(skb, SVCLB_A_FLOW_PROTOCOL, flow->proto) ||
	       put_address(skb, flow->family, &flow->src,
			   SVCLB_A_FLOW_CLIENT4, SVCLB_A_FLOW_CLIENT6) ||
	       nla_put_be16(skb, SVCLB_A_FLOW_CLIENT_PORT, flow->sport) ||
	       put_address(skb, flow->family, &flow->dst,
			   SVCLB_A_FLOW_DESTINATION4,
			   SVCLB_A_FLOW_DESTINATION6) ||
	       nla_put_be16(skb, SVCLB_A_FLOW_DESTINATION_PORT, flow->dport) ||
	       put_address(skb, flow->family, &reply->src,
			   SVCLB_A_FLOW_BACKEND4, SVCLB_A_FLOW_BACKEND6) ||
	       nla_put_be16(skb, SVCLB_A_FLOW_BACKEND_PORT, reply->sport) ||
	       put_address(skb, flow->family, &reply->dst,
			   SVCLB_A_FLOW_SOURCE4, SVCLB_A_FLOW_SOURCE6) ||
	       nla_put_be16(skb, SVCLB_A_FLOW_SOURCE_PORT, reply->dport);
}

/**
 * svclb_fill_flow() - write a flow
 * @fill:     the message
 * @conn:     the flow, kept by RCU
 * @service:  its service, or NULL
 * @settings: the settings of the namespace
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_flow(const struct svclb_fill *fill,
		    const struct svclb_conn *conn,
		    const struct svclb_service *service,
		    const struct svclb_settings *settings)
{
	u8 state = READ_ONCE(conn->state);
	s32 left = READ_ONCE(conn->used) + settings->flow_timeouts[state] -
		   (u32)jiffies;
	struct sk_buff *skb = fill->skb;
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   (service &&
		    (nla_put_u32(skb, SVCLB_A_FLOW_SERVICE_ID, service->id) ||
		     nla_put_string(skb, SVCLB_A_FLOW_SERVICE_NAME,
				    service->name))) ||
		   put_flow(skb, conn) ||
		   nla_put_u8(skb, SVCLB_A_FLOW_STATE, state) ||
		   nla_put_u32(skb, SVCLB_A_FLOW_EXPIRES,
			       max(left, 0) / HZ));
}

/**
 * svclb_fill_flow_count() - write how many flows were deleted
 * @fill:  the message
 * @count: how many
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_flow_count(const struct svclb_fill *fill, u32 count)
{
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   nla_put_u32(fill->skb, SVCLB_A_FLOW_COUNT, count));
}

/*
 * The backend that a connection would go to. Where that depends on connections
 * before it, to ask would be to change it.
 */
static const struct svclb_backend *
choice_of(struct svclb_net *sn, const struct svclb_flow *flow,
	  const struct svclb_resolution *resolution)
{
	const struct svclb_backend_set *set = resolution->set;
	struct svclb_choice choice = {
		.set = set,
		.pool = &set->pools[resolution->traffic],
		.flow = flow,
		.cursor = &resolution->frontend->service->cursor,
	};

	if (resolution->backend || !svclb_sched_of(set)->pure)
		return resolution->backend;
	return svclb_sched_pick(&choice);
}

static bool put_candidates(const struct svclb_fill *fill, u8 family,
			   const struct svclb_resolution *resolution)
{
	const struct svclb_backend_set *set = resolution->set;
	const struct svclb_pool *pool = &set->pools[resolution->traffic];
	u32 i, share;

	for (i = 0; i < min_t(u32, pool->nr, SVCLB_CANDIDATES_MAX); i++) {
		share = svclb_sched_share(set, pool, i);
		if (put_backend(fill, SVCLB_A_RESOLUTION_BACKEND, family,
				&set->slots[pool->first + i], &share))
			return true;
	}
	return false;
}

static bool put_kept(struct sk_buff *skb,
		     const struct svclb_resolution *resolution)
{
	struct nlattr *nest;

	if (!resolution->kept || !resolution->backend)
		return false;
	nest = nla_nest_start(skb, SVCLB_A_RESOLUTION_AFFINITY);
	if (!nest || put_affinity(skb, resolution->frontend->service,
				  resolution->kept))
		return true;
	nla_nest_end(skb, nest);
	return false;
}

static bool put_translation(const struct svclb_fill *fill, struct svclb_net *sn,
			    const struct svclb_flow *flow,
			    struct svclb_resolution *resolution)
{
	static const union nf_inet_addr unknown;
	const struct svclb_backend *choice;
	struct sk_buff *skb = fill->skb;

	if (resolution->set->terms.affinity_timeout)
		svclb_resolve_kept(sn, flow, resolution);
	choice = choice_of(sn, flow, resolution);
	return nla_put_u8(skb, SVCLB_A_RESOLUTION_POLICY,
			  resolution->traffic) ||
	       put_candidates(fill, flow->family, resolution) ||
	       (choice &&
		nla_put_u32(skb, SVCLB_A_RESOLUTION_CHOICE, choice->id)) ||
	       put_kept(skb, resolution) ||
	       nla_put_u8(skb, SVCLB_A_RESOLUTION_MASQUERADE,
			  svclb_resolve_masquerade(sn, flow, resolution->policy,
						   choice ? &choice->addr :
							    &unknown));
}

static bool put_resolved_frontend(struct sk_buff *skb,
				  const struct svclb_flow *flow,
				  const struct svclb_resolution *resolution)
{
	const struct svclb_service *service = resolution->frontend->service;
	const struct svclb_ranges *ranges = resolution->set->terms.ranges;
	const struct svclb_network *range;

	range = ranges && resolution->policy->restricted ?
		svclb_ranges_longest(ranges, &flow->src) : NULL;
	return nla_put_u32(skb, SVCLB_A_RESOLUTION_SERVICE_ID, service->id) ||
	       nla_put_string(skb, SVCLB_A_RESOLUTION_SERVICE_NAME,
			      service->name) ||
	       nla_put_u8(skb, SVCLB_A_RESOLUTION_SCHEDULER,
			  resolution->set->terms.sched) ||
	       put_frontend(skb, SVCLB_A_RESOLUTION_FRONTEND,
			    resolution->frontend, resolution->policy) ||
	       (range &&
		put_network(skb, SVCLB_A_RESOLUTION_SOURCE_RANGE, range));
}

/**
 * svclb_fill_resolution() - write what would become of a connection
 * @fill: the message
 * @sn:   the namespace, its configuration lock held, in an RCU section
 * @flow: the connection
 *
 * Return: 0 or -EMSGSIZE.
 */
int svclb_fill_resolution(const struct svclb_fill *fill, struct svclb_net *sn,
			  const struct svclb_flow *flow)
{
	struct svclb_resolution resolution;
	u8 verdict = svclb_resolve_admit(sn, flow, &resolution);
	void *header = begin(fill);

	if (!header)
		return -EMSGSIZE;
	return end(fill, header,
		   nla_put_u8(fill->skb, SVCLB_A_RESOLUTION_VERDICT, verdict) ||
		   (resolution.policy &&
		    put_resolved_frontend(fill->skb, flow, &resolution)) ||
		   (verdict == SVCLB_VERDICT_TRANSLATE &&
		    put_translation(fill, sn, flow, &resolution)));
}
