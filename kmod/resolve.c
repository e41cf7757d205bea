// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one decision of the packet path. It sees addresses and ports, never a
 * packet: whatever has a connection to ask about can call it.
 *
 * The order is that of a Kubernetes service proxy: the frontend, its source
 * ranges, whether the service has any backend, which of them the client may
 * use, the backend that the client keeps, the scheduler.
 */
#include "resolve.h"

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/inetdevice.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/flow.h>
#include <net/route.h>

#include "silence.h"

/**
 * enum pod - what is known of a client
 * @POD_UNKNOWN: nothing: the settings do not say how to tell
 * @POD_NO:      it is no pod
 * @POD_YES:     it is a pod
 */
enum pod {
	POD_UNKNOWN,
	POD_NO,
	POD_YES,
};

static bool came_by_pod_interface(const struct svclb_settings *settings,
				  struct net *net, int iif)
{
	const struct svclb_pod_interface *interface;
	const struct net_device *dev;
	unsigned int i;

	dev = iif ? dev_get_by_index_rcu(net, iif) : NULL;
	for (i = 0; dev && i < settings->nr_pod_interfaces; i++) {
		interface = &settings->pod_interfaces[i];
		if (!strncmp(dev->name, interface->name, interface->length))
			return true;
	}
	return false;
}

static enum pod is_pod(const struct svclb_net *sn,
		       const struct svclb_settings *settings,
		       const struct svclb_flow *flow)
{
	const enum svclb_network_list list = SVCLB_CLUSTER_NETWORKS;

	if (svclb_settings_have(settings, list, flow->family, &flow->src))
		return POD_YES;
	if (settings->nr_pod_interfaces)
		return came_by_pod_interface(settings, sn->net, flow->iif) ?
		       POD_YES : POD_NO;
	return settings->has[list][svclb_family_index(flow->family)] ?
	       POD_NO : POD_UNKNOWN;
}

static bool is_own_address(struct net *net, u8 family,
			   const union nf_inet_addr *addr)
{
	if (family == NFPROTO_IPV4)
		return inet_addr_type(net, addr->ip) == RTN_LOCAL;
	return IS_ENABLED(CONFIG_IPV6) &&
	       ipv6_chk_addr(net, &addr->in6, NULL, 0);
}

/**
 * svclb_resolve_frontend() - find out whom a connection is addressed to
 * @sn:       the namespace
 * @flow:     the connection
 * @frontend: for the frontend
 *
 * The caller is in an RCU section.
 *
 * Return: see enum svclb_match; *@frontend is set for SVCLB_MATCH_FRONTEND.
 */
enum svclb_match svclb_resolve_frontend(struct svclb_net *sn,
					const struct svclb_flow *flow,
					struct svclb_frontend **frontend)
{
	struct svclb_key key = {
		.addr = flow->dst,
		.port = flow->dport,
		.proto = flow->proto,
		.family = flow->family,
	};

	return svclb_tables_match(&sn->tables, rcu_dereference(sn->settings),
				  sn->net, &key, frontend);
}

/* conntrack has the type of an ICMP message where others have a port. */
static bool is_echo_request(const struct svclb_flow *flow)
{
	u8 type = *(const u8 *)&flow->dport;

	return (flow->proto == IPPROTO_ICMP && flow->family == NFPROTO_IPV4 &&
		type == ICMP_ECHO) ||
	       (flow->proto == IPPROTO_ICMPV6 && flow->family == NFPROTO_IPV6 &&
		type == ICMPV6_ECHO_REQUEST);
}

static u8 admit_echo_or(const struct svclb_net *sn,
			const struct svclb_flow *flow, u8 verdict)
{
	return is_echo_request(flow) &&
	       rcu_dereference(sn->settings)->answer_ping ?
	       SVCLB_VERDICT_ECHO : verdict;
}

/**
 * svclb_resolve_policy() - the policy of a frontend
 * @set:      the set of its service
 * @frontend: the frontend
 *
 * Return: the policy, part of the set; NULL if the frontend was removed
 * meanwhile and the set does not know it.
 */
const struct svclb_policy *
svclb_resolve_policy(const struct svclb_backend_set *set,
		     const struct svclb_frontend *frontend)
{
	return likely(frontend->index < set->terms.nr_policies) ?
	       &set->terms.policies[frontend->index] : NULL;
}

/*
 * With the policy local, who is in the cluster uses all backends of an address
 * that is for clients outside: it would reach them by the cluster address too.
 */
static u8 traffic_for(const struct svclb_net *sn, const struct svclb_flow *flow,
		      const struct svclb_policy *policy)
{
	if (policy->traffic == SVCLB_TRAFFIC_POLICY_CLUSTER ||
	    policy->kind == SVCLB_FRONTEND_KIND_VIP)
		return policy->traffic;
	return is_pod(sn, rcu_dereference(sn->settings), flow) == POD_YES ||
	       is_own_address(sn->net, flow->family, &flow->src) ?
	       SVCLB_TRAFFIC_POLICY_CLUSTER : SVCLB_TRAFFIC_POLICY_LOCAL;
}

static u8 admit_to_frontend(struct svclb_net *sn, const struct svclb_flow *flow,
			    struct svclb_resolution *resolution)
{
	const struct svclb_backend_set *set =
		rcu_dereference(resolution->frontend->service->set);

	resolution->set = set;
	resolution->policy = svclb_resolve_policy(set, resolution->frontend);
	if (!resolution->policy)
		return SVCLB_VERDICT_PASS;
	if (resolution->policy->restricted && set->terms.ranges &&
	    !svclb_ranges_have(set->terms.ranges, flow->family, &flow->src))
		return SVCLB_VERDICT_DROP_SOURCE_RANGE;
	if (unlikely(!set->nr_active))
		return SVCLB_VERDICT_REJECT_NO_BACKEND;
	resolution->traffic = traffic_for(sn, flow, resolution->policy);
	return likely(set->pools[resolution->traffic].nr) ?
	       SVCLB_VERDICT_TRANSLATE : SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND;
}

/*
 * With node ports on the loopback addresses goes the sysctl route_localnet, and
 * that lets others reach what listens there: not past here.
 */
static bool is_stray_loopback(const struct svclb_net *sn,
			      const struct svclb_flow *flow)
{
	return flow->family == NFPROTO_IPV4 &&
	       ipv4_is_loopback(flow->dst.ip) && flow->iif &&
	       flow->iif != LOOPBACK_IFINDEX &&
	       rcu_dereference(sn->settings)->node_port_loopback;
}

/**
 * svclb_resolve_admit() - decide about a new connection, but for the backend
 * @sn:         the namespace
 * @flow:       the connection
 * @resolution: for what led to the decision
 *
 * Changes nothing. The caller is in an RCU section.
 *
 * Return: enum svclb_verdict; for SVCLB_VERDICT_TRANSLATE there is a backend.
 */
u8 svclb_resolve_admit(struct svclb_net *sn, const struct svclb_flow *flow,
		       struct svclb_resolution *resolution)
{
	*resolution = (struct svclb_resolution){};
	if (unlikely(is_stray_loopback(sn, flow)))
		return SVCLB_VERDICT_DROP_LOOPBACK;
	switch (svclb_resolve_frontend(sn, flow, &resolution->frontend)) {
	case SVCLB_MATCH_NONE:
		return SVCLB_VERDICT_PASS;
	case SVCLB_MATCH_UNALLOCATED:
		return SVCLB_VERDICT_DROP_UNALLOCATED;
	case SVCLB_MATCH_UNUSED:
		return admit_echo_or(sn, flow,
				     SVCLB_VERDICT_REJECT_UNUSED_PORT);
	case SVCLB_MATCH_SHARED:
		return admit_echo_or(sn, flow, SVCLB_VERDICT_PASS);
	case SVCLB_MATCH_FRONTEND:
		break;
	}
	return admit_to_frontend(sn, flow, resolution);
}

static const struct svclb_backend *
in_pool(const struct svclb_resolution *resolution,
	const struct svclb_affinity_target *target)
{
	const struct svclb_backend_set *set = resolution->set;
	const struct svclb_pool *pool = &set->pools[resolution->traffic];
	const struct svclb_backend_slot *slot;

	slot = svclb_backend_set_find(set, &target->addr, target->port);
	if (!slot || slot->backend->id != target->id ||
	    slot - set->slots < pool->first ||
	    slot - set->slots >= pool->first + pool->nr)
		return NULL;
	return slot->backend;
}

static struct svclb_affinity_key client_of(const struct svclb_flow *flow,
					   const struct svclb_service *service)
{
	return (struct svclb_affinity_key){
		.addr = flow->src, .service = service->id,
	};
}

/**
 * svclb_resolve_kept() - find the backend that a client keeps
 * @sn:         the namespace
 * @flow:       the connection
 * @resolution: as svclb_resolve_admit() left it for SVCLB_VERDICT_TRANSLATE;
 *              gets the entry of the client, and the backend if it is of use
 *
 * Changes nothing. The caller is in an RCU section.
 */
void svclb_resolve_kept(struct svclb_net *sn, const struct svclb_flow *flow,
			struct svclb_resolution *resolution)
{
	struct svclb_affinity_key client =
		client_of(flow, resolution->frontend->service);
	struct svclb_affinity_target target;

	resolution->kept = svclb_affinity_find(&sn->affinity, &client);
	if (!resolution->kept || svclb_affinity_is_over(resolution->kept))
		return;
	svclb_affinity_read(resolution->kept, &target);
	resolution->backend = in_pool(resolution, &target);
}

static void keep(struct svclb_net *sn, const struct svclb_flow *flow,
		 struct svclb_resolution *resolution)
{
	const struct svclb_backend *backend = resolution->backend;
	unsigned long timeout = resolution->set->terms.affinity_timeout * HZ;
	struct svclb_affinity_key client =
		client_of(flow, resolution->frontend->service);
	struct svclb_affinity_target target = {
		.addr = backend->addr,
		.port = backend->port,
		.id = backend->id,
	};

	if (resolution->kept) {
		svclb_affinity_replace(resolution->kept, &target, timeout);
		return;
	}
	target = svclb_affinity_store(&sn->affinity, &client, &target, timeout);
	resolution->backend = in_pool(resolution, &target) ?: backend;
}

/* By what backends that were silent are noted. */
static u64 silence_hash(const struct svclb_flow *flow,
			const struct svclb_service *service)
{
	/* The address tells apart the services of two network namespaces. */
	return svclb_choice_hash(flow) + (unsigned long)service;
}

static const struct svclb_backend *
not_silent(const struct svclb_flow *flow,
	   const struct svclb_resolution *resolution,
	   const struct svclb_backend *backend)
{
	const struct svclb_backend_set *set = resolution->set;

	if (likely(!set->terms.syn_failover) || flow->proto != IPPROTO_TCP)
		return backend;
	return svclb_silence_avoid(set, &set->pools[resolution->traffic],
				   silence_hash(flow,
						resolution->frontend->service),
				   backend);
}

/**
 * svclb_resolve_choose() - choose the backend of a new connection
 * @sn:         the namespace
 * @flow:       the connection
 * @resolution: as svclb_resolve_admit() left it for SVCLB_VERDICT_TRANSLATE;
 *              gets the backend
 *
 * The caller is in an RCU section.
 */
void svclb_resolve_choose(struct svclb_net *sn, const struct svclb_flow *flow,
			  struct svclb_resolution *resolution)
{
	struct svclb_choice choice;

	if (resolution->set->terms.affinity_timeout) {
		svclb_resolve_kept(sn, flow, resolution);
		if (resolution->backend &&
		    not_silent(flow, resolution, resolution->backend) ==
		    resolution->backend) {
			svclb_affinity_use(resolution->kept,
					   resolution->set->terms.affinity_timeout * HZ);
			return;
		}
	}
	choice = (struct svclb_choice){
		.set = resolution->set,
		.pool = &resolution->set->pools[resolution->traffic],
		.flow = flow,
		.cursor = &resolution->frontend->service->cursor,
	};
	resolution->backend = not_silent(flow, resolution,
					 svclb_sched_pick(&choice));
	if (resolution->set->terms.affinity_timeout)
		keep(sn, flow, resolution);
}

/**
 * svclb_resolve() - decide what becomes of a new connection
 * @sn:         the namespace
 * @flow:       the connection
 * @resolution: for what led to the decision
 *
 * The caller is in an RCU section.
 *
 * Return: enum svclb_verdict.
 */
u8 svclb_resolve(struct svclb_net *sn, const struct svclb_flow *flow,
		 struct svclb_resolution *resolution)
{
	u8 verdict = svclb_resolve_admit(sn, flow, resolution);

	if (verdict == SVCLB_VERDICT_TRANSLATE)
		svclb_resolve_choose(sn, flow, resolution);
	return verdict;
}

/**
 * svclb_resolve_may_move() - whether a connection may go to another backend
 * @sn:   the namespace
 * @flow: the connection, which nobody has answered
 * @addr: address of the backend that was silent
 * @port: its port
 *
 * It may if its service has SYN fail-over, and there is a backend that it has not
 * tried. Notes that it has tried this one. The caller is in an RCU section.
 *
 * Return: whether it may.
 */
bool svclb_resolve_may_move(struct svclb_net *sn, const struct svclb_flow *flow,
			    const union nf_inet_addr *addr, __be16 port)
{
	const struct svclb_backend_set *set;
	struct svclb_backend_slot *slot;
	struct svclb_frontend *frontend;

	if (svclb_resolve_frontend(sn, flow, &frontend) !=
	    SVCLB_MATCH_FRONTEND)
		return false;
	set = rcu_dereference(frontend->service->set);
	if (!set->terms.syn_failover)
		return false;
	slot = svclb_backend_set_find(set, addr, port);
	/* One that takes no new connections any more is nobody's to wait for. */
	if (!slot || slot - set->slots >= set->nr_active)
		return true;
	return svclb_silence_note(silence_hash(flow, frontend->service),
				  slot->backend->id, set->nr_active);
}

/**
 * svclb_resolve_masquerade() - decide whether a connection is masqueraded
 * @sn:      the namespace
 * @flow:    the connection
 * @policy:  of the frontend that it is addressed to
 * @backend: address of the backend it was sent to
 *
 * The answer of a backend comes back only if the backend takes this node for
 * the client: when the backend is the client; when the client is outside of the
 * cluster, where backends may have no way to, and may have been sent to another
 * node; when the node has an address that other nodes do not know. With the
 * policy local, clients outside are answered by way of this node anyhow. The
 * caller is in an RCU section.
 *
 * Return: enum svclb_masquerade_reason.
 */
u8 svclb_resolve_masquerade(const struct svclb_net *sn,
			    const struct svclb_flow *flow,
			    const struct svclb_policy *policy,
			    const union nf_inet_addr *backend)
{
	const struct svclb_settings *settings = rcu_dereference(sn->settings);

	if (nf_inet_addr_cmp(&flow->src, backend))
		return SVCLB_MASQUERADE_REASON_HAIRPIN;
	if (policy->kind == SVCLB_FRONTEND_KIND_VIP) {
		if (settings->masquerade_all)
			return SVCLB_MASQUERADE_REASON_ALL;
		return is_pod(sn, settings, flow) == POD_NO ?
		       SVCLB_MASQUERADE_REASON_OUTSIDE :
		       SVCLB_MASQUERADE_REASON_NONE;
	}
	if (policy->traffic == SVCLB_TRAFFIC_POLICY_CLUSTER)
		return SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS;
	return is_own_address(sn->net, flow->family, &flow->src) &&
	       is_pod(sn, settings, flow) != POD_YES ?
	       SVCLB_MASQUERADE_REASON_NODE : SVCLB_MASQUERADE_REASON_NONE;
}
