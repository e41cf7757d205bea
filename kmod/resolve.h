/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_RESOLVE_H
#define _SVCLB_RESOLVE_H

#include "net.h"

/**
 * struct svclb_resolution - a decision and what led to it
 * @frontend: that the connection is addressed to, or NULL
 * @set:      the set of its service, or NULL
 * @policy:   the policy of the frontend, part of @set, or NULL
 * @traffic:  which pool of the set the client may use, enum
 *            svclb_traffic_policy
 * @kept:     the client's affinity entry that is followed, or NULL
 * @backend:  that it goes to, or NULL
 *
 * All are kept by the RCU section in which the decision was made.
 */
struct svclb_resolution {
	struct svclb_frontend *frontend;
	const struct svclb_backend_set *set;
	const struct svclb_policy *policy;
	u8 traffic;
	struct svclb_affinity_entry *kept;
	const struct svclb_backend *backend;
};

enum svclb_match svclb_resolve_frontend(struct svclb_net *sn,
					const struct svclb_flow *flow,
					struct svclb_frontend **frontend);
u8 svclb_resolve_admit(struct svclb_net *sn, const struct svclb_flow *flow,
		       struct svclb_resolution *resolution);
void svclb_resolve_kept(struct svclb_net *sn, const struct svclb_flow *flow,
			struct svclb_resolution *resolution);
void svclb_resolve_choose(struct svclb_net *sn, const struct svclb_flow *flow,
			  struct svclb_resolution *resolution);
u8 svclb_resolve(struct svclb_net *sn, const struct svclb_flow *flow,
		 struct svclb_resolution *resolution);
u8 svclb_resolve_masquerade(const struct svclb_net *sn,
			    const struct svclb_flow *flow,
			    const struct svclb_policy *policy,
			    const union nf_inet_addr *backend);
bool svclb_resolve_may_move(struct svclb_net *sn, const struct svclb_flow *flow,
			    const union nf_inet_addr *addr, __be16 port);
const struct svclb_policy *
svclb_resolve_policy(const struct svclb_backend_set *set,
		     const struct svclb_frontend *frontend);

#endif /* _SVCLB_RESOLVE_H */
