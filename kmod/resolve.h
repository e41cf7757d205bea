/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_RESOLVE_H
#define _SVCLB_RESOLVE_H

#include "net.h"

/**
 * enum svclb_verdict - what becomes of a new connection
 * @SVCLB_PASS:               not ours, left alone
 * @SVCLB_TRANSLATE:          goes to a backend
 * @SVCLB_REJECT_NO_BACKEND:  refused, no backend takes new connections
 * @SVCLB_REJECT_UNUSED_PORT: refused, the VIP has no such port
 */
enum svclb_verdict {
	SVCLB_PASS,
	SVCLB_TRANSLATE,
	SVCLB_REJECT_NO_BACKEND,
	SVCLB_REJECT_UNUSED_PORT,
};

/**
 * struct svclb_resolution - a decision and what led to it
 * @frontend: that the connection is addressed to, or NULL
 * @backend:  that it goes to, or NULL
 *
 * Both are kept by the RCU section in which the decision was made.
 */
struct svclb_resolution {
	struct svclb_frontend *frontend;
	const struct svclb_backend *backend;
};

enum svclb_match svclb_resolve_frontend(struct svclb_net *sn,
					const struct svclb_flow *flow,
					struct svclb_frontend **frontend);
enum svclb_verdict svclb_resolve(struct svclb_net *sn,
				 const struct svclb_flow *flow,
				 struct svclb_resolution *resolution);
bool svclb_resolve_masquerade(const struct svclb_net *sn,
			      const struct svclb_flow *flow,
			      const struct svclb_frontend *frontend,
			      const union nf_inet_addr *backend);

#endif /* _SVCLB_RESOLVE_H */
