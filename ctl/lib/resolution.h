/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_RESOLUTION_H
#define SVCLB_CTL_RESOLUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"
#include "model.h"
#include "nl.h"

/**
 * struct svclb_connection - a connection to ask about
 * @family:    AF_INET or AF_INET6
 * @proto:     IP protocol
 * @src:       client, as in &struct svclb_key
 * @dst:       address that it is for, likewise
 * @sport:     port of the client, host byte order
 * @dport:     port that it is for, host byte order
 * @interface: index of the interface it comes in by, 0 for the node's own
 */
struct svclb_connection {
	uint8_t family;
	uint8_t proto;
	uint8_t src[16];
	uint8_t dst[16];
	uint16_t sport;
	uint16_t dport;
	uint32_t interface;
};

/**
 * struct svclb_affinity - which backend a client keeps
 * @service_id:   the kernel's number of the service
 * @service_name: its name, in the message
 * @family:       AF_INET or AF_INET6
 * @addr:         the client
 * @backend_id:   number of the backend within the service
 * @expires:      milliseconds until the entry ends unless it is used
 */
struct svclb_affinity {
	uint32_t service_id;
	const char *service_name;
	uint8_t family;
	uint8_t addr[16];
	uint32_t backend_id;
	uint32_t expires;
};

/**
 * struct svclb_candidate - a backend that a connection may go to
 * @backend: the backend
 * @share:   its share of new connections in millionths
 */
struct svclb_candidate {
	struct svclb_backend backend;
	uint32_t share;
};

/**
 * struct svclb_resolution - what would become of a connection
 * @verdict:       enum svclb_verdict
 * @service_id:    the kernel's number of the service; 0 for none
 * @service_name:  its name, to be freed with the rest
 * @sched:         its scheduler
 * @has_frontend:  whether it is addressed to a frontend
 * @frontend:      the frontend
 * @has_policy:    whether a policy chose among the backends
 * @policy:        the policy, enum svclb_traffic_policy
 * @has_range:     whether a source range has the client
 * @range:         the source range
 * @candidates:    backends that it may go to
 * @nr_candidates: how many
 * @max:           for how many there is room
 * @has_choice:    whether it is known where it would go to
 * @choice:        number of that backend
 * @has_affinity:  whether it would follow an affinity entry
 * @affinity:      the entry, without a name
 * @masquerade:    enum svclb_masquerade_reason
 */
struct svclb_resolution {
	uint8_t verdict;
	uint32_t service_id;
	char *service_name;
	uint8_t sched;
	bool has_frontend;
	struct svclb_frontend frontend;
	bool has_policy;
	uint8_t policy;
	bool has_range;
	struct svclb_network range;
	struct svclb_candidate *candidates;
	uint32_t nr_candidates;
	uint32_t max;
	bool has_choice;
	uint32_t choice;
	bool has_affinity;
	struct svclb_affinity affinity;
	uint8_t masquerade;
};

/* What to do with an affinity entry; -1 with @err filled ends reading. */
typedef int (*svclb_affinity_handler)(void *data,
				      const struct svclb_affinity *affinity,
				      struct svclb_err *err);

int svclb_resolution_put(struct nl_msg *msg,
			 const struct svclb_connection *connection,
			 struct svclb_err *err);
int svclb_resolution_get(struct svclb_resolution *resolution,
			 const struct nlmsghdr *msg, struct svclb_err *err);
int svclb_affinity_get(struct svclb_affinity *affinity,
		       const struct nlmsghdr *msg, struct svclb_err *err);

int svclb_resolve(struct svclb_nl *nl,
		  const struct svclb_connection *connection,
		  struct svclb_resolution *resolution, struct svclb_err *err);
void svclb_resolution_uninit(struct svclb_resolution *resolution);
int svclb_affinity_dump(struct svclb_nl *nl, svclb_affinity_handler handle,
			void *data, struct svclb_err *err);

#endif /* SVCLB_CTL_RESOLUTION_H */
