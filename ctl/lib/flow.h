/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_FLOW_H
#define SVCLB_CTL_FLOW_H

#include "err.h"
#include "model.h"
#include "nl.h"

/**
 * struct svclb_endpoint - one side of a flow
 * @addr: address; what is not used is 0
 * @port: port, host byte order; 0 in a filter for any
 */
struct svclb_endpoint {
	uint8_t addr[16];
	uint16_t port;
};

/**
 * enum svclb_side - the sides of a flow
 * @SVCLB_SIDE_CLIENT:      its client
 * @SVCLB_SIDE_DESTINATION: where that sends to
 * @SVCLB_SIDE_BACKEND:     the backend
 * @SVCLB_SIDE_SOURCE:      what the backend takes for the client
 * @SVCLB_SIDES:            how many there are
 */
enum svclb_side {
	SVCLB_SIDE_CLIENT,
	SVCLB_SIDE_DESTINATION,
	SVCLB_SIDE_BACKEND,
	SVCLB_SIDE_SOURCE,
	SVCLB_SIDES,
};

/**
 * struct svclb_flow - a flow of the direct datapath
 * @service_id:   number of its service, 0 if that is gone
 * @service_name: its name, part of the message; NULL if it is gone
 * @family:       AF_INET or AF_INET6
 * @proto:        IP protocol
 * @state:        enum svclb_flow_state
 * @expires:      seconds until it ends unless a packet comes
 * @sides:        by enum svclb_side
 */
struct svclb_flow {
	uint32_t service_id;
	const char *service_name;
	uint8_t family;
	uint8_t proto;
	uint8_t state;
	uint32_t expires;
	struct svclb_endpoint sides[SVCLB_SIDES];
};

/**
 * struct svclb_flow_filter - which flows are meant
 * @service_id: number of their service, or 0
 * @proto:      IP protocol, or 0
 * @state:      enum svclb_flow_state, or -1
 * @families:   of @sides, 0 for those that do not matter
 * @sides:      by enum svclb_side
 */
struct svclb_flow_filter {
	uint32_t service_id;
	uint8_t proto;
	int state;
	uint8_t families[SVCLB_SIDE_SOURCE];
	struct svclb_endpoint sides[SVCLB_SIDE_SOURCE];
};

/* What to do with a flow; -1 with @err filled ends reading. */
typedef int (*svclb_flow_handler)(void *data, const struct svclb_flow *flow,
				  struct svclb_err *err);

int svclb_flow_get(struct svclb_flow *flow, const struct nlmsghdr *msg,
		   struct svclb_err *err);
int svclb_flow_dump(struct svclb_nl *nl, const struct svclb_flow_filter *filter,
		    svclb_flow_handler handle, void *data,
		    struct svclb_err *err);
int svclb_flow_delete(struct svclb_nl *nl,
		      const struct svclb_flow_filter *filter, uint32_t *count,
		      struct svclb_err *err);

#endif /* SVCLB_CTL_FLOW_H */
