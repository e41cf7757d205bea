// SPDX-License-Identifier: GPL-2.0-only
/*
 * The one decision of the packet path. It sees addresses and ports, never a
 * packet: whatever has a connection to ask about can call it.
 */
#include "resolve.h"

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

	return svclb_tables_match(&sn->tables, sn->net, &key, frontend);
}

/**
 * svclb_resolve() - decide what becomes of a new connection
 * @sn:         the namespace
 * @flow:       the connection
 * @resolution: for what led to the decision
 *
 * The caller is in an RCU section.
 *
 * Return: the decision.
 */
enum svclb_verdict svclb_resolve(struct svclb_net *sn,
				 const struct svclb_flow *flow,
				 struct svclb_resolution *resolution)
{
	struct svclb_service *service;

	resolution->frontend = NULL;
	resolution->backend = NULL;
	switch (svclb_resolve_frontend(sn, flow, &resolution->frontend)) {
	case SVCLB_MATCH_NONE:
		return SVCLB_PASS;
	case SVCLB_MATCH_UNUSED:
		return SVCLB_REJECT_UNUSED_PORT;
	case SVCLB_MATCH_FRONTEND:
		break;
	}
	service = resolution->frontend->service;
	resolution->backend = svclb_sched_pick(rcu_dereference(service->set),
					       flow, &service->cursor);
	return resolution->backend ? SVCLB_TRANSLATE : SVCLB_REJECT_NO_BACKEND;
}

/**
 * svclb_resolve_masquerade() - decide whether a connection is masqueraded
 * @sn:       the namespace
 * @flow:     the connection
 * @frontend: that it is addressed to
 * @backend:  address of the backend it was sent to
 *
 * The answer of a backend comes back only if the backend takes this node for
 * the client, in these cases: the backend is the client; the client reached a
 * node port, so it may be anywhere; the client is outside of the cluster, where
 * backends may have no way to. The caller is in an RCU section.
 *
 * Return: whether it is.
 */
bool svclb_resolve_masquerade(const struct svclb_net *sn,
			      const struct svclb_flow *flow,
			      const struct svclb_frontend *frontend,
			      const union nf_inet_addr *backend)
{
	const struct svclb_settings *settings = rcu_dereference(sn->settings);

	return frontend->kind == SVCLB_FRONTEND_KIND_NODE_PORT ||
	       settings->masquerade_all ||
	       nf_inet_addr_cmp(&flow->src, backend) ||
	       svclb_settings_outside(settings, flow->family, &flow->src);
}
