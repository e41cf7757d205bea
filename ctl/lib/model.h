/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_MODEL_H
#define SVCLB_CTL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "map.h"
#include "uapi/svclb.h"

/* Scheduler of a service that was given none. */
#define SVCLB_SCHED_DEFAULT 0xff

/**
 * struct svclb_key - what a packet must be addressed to
 * @addr:      IPv4 address in the first four bytes, or IPv6 address; rest zero
 * @port:      port, host byte order
 * @family:    AF_INET or AF_INET6
 * @proto:     IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @node_port: 1 for a port of the node's own addresses; @addr is zero then
 * @zero:      always 0: keys are hashed and compared as bytes
 */
struct svclb_key {
	uint8_t addr[16];
	uint16_t port;
	uint8_t family;
	uint8_t proto;
	uint8_t node_port;
	uint8_t zero[3];
};

/**
 * struct svclb_network - a prefix of addresses
 * @addr:   as in &struct svclb_key
 * @family: AF_INET or AF_INET6
 * @length: length in bits
 */
struct svclb_network {
	uint8_t addr[16];
	uint8_t family;
	uint8_t length;
};

/**
 * struct svclb_counts - counters
 * @connections: new connections sent to a backend
 * @rejected:    new connections refused for want of a backend
 */
struct svclb_counts {
	uint64_t connections;
	uint64_t rejected;
};

/**
 * struct svclb_frontend - one key that reaches a service
 * @key:        the key; family and protocol are those of the service
 * @kind:       enum svclb_frontend_kind
 * @policy:     enum svclb_traffic_policy
 * @restricted: whether the service's source ranges apply to it
 * @given:      bits of enum svclb_frontend_attr that a statement gave
 * @line:       line of the file that gave it, or 0
 * @counts:     its counters
 */
struct svclb_frontend {
	struct svclb_key key;
	uint8_t kind;
	uint8_t policy;
	bool restricted;
	uint8_t given;
	uint32_t line;
	struct svclb_counts counts;
};

/**
 * struct svclb_backend - one destination of a service
 * @addr:        as in &struct svclb_key
 * @port:        port, host byte order
 * @given:       bits of enum svclb_backend_attr that a statement gave
 * @weight:      weight
 * @flags:       enum svclb_backend_flags
 * @mask:        which flags a statement gave
 * @id:          the kernel's number, or 0
 * @line:        line of the file that gave it, or 0
 * @active:      connections that go on, if they were counted
 * @inactive:    connections being closed, if they were counted
 * @connections: new connections sent to it
 */
struct svclb_backend {
	uint8_t addr[16];
	uint16_t port;
	uint16_t given;
	uint32_t weight;
	uint32_t flags;
	uint32_t mask;
	uint32_t id;
	uint32_t line;
	uint32_t active;
	uint32_t inactive;
	uint64_t connections;
};

/**
 * struct svclb_service - a service with its members
 * @name:          unique name
 * @id:            the kernel's number, or 0
 * @line:          last line of a file that changed it, or 0
 * @slot:          place in &struct svclb_config
 * @family:        AF_INET or AF_INET6
 * @proto:         IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @sched:         enum svclb_scheduler, or SVCLB_SCHED_DEFAULT
 * @syn_failover:  whether connections leave a backend that does not answer
 * @affinity:      seconds for which a client keeps its backend, or 0
 * @generation:    caller-chosen number
 * @counts:        its counters
 * @frontends:     frontends
 * @nr_frontends:  how many
 * @max_frontends: for how many there is room
 * @backends:      backends
 * @nr_backends:   how many
 * @max_backends:  for how many there is room
 * @ranges:        networks of clients that restricted frontends admit
 * @nr_ranges:     how many; 0 admits everybody
 * @max_ranges:    for how many there is room
 * @index:         finds backends by address and port; made when needed
 */
struct svclb_service {
	char *name;
	uint32_t id;
	uint32_t line;
	uint32_t slot;
	uint8_t family;
	uint8_t proto;
	uint8_t sched;
	bool syn_failover;
	uint32_t affinity;
	uint64_t generation;
	struct svclb_counts counts;
	struct svclb_frontend *frontends;
	uint32_t nr_frontends;
	uint32_t max_frontends;
	struct svclb_backend *backends;
	uint32_t nr_backends;
	uint32_t max_backends;
	struct svclb_network *ranges;
	uint32_t nr_ranges;
	uint32_t max_ranges;
	struct svclb_map index;
};

struct svclb_service *svclb_service_create(const char *name, uint8_t family,
					   uint8_t proto);
struct svclb_service *svclb_service_copy(const struct svclb_service *service);
void svclb_service_free(struct svclb_service *service);
int svclb_service_add_frontend(struct svclb_service *service,
			       const struct svclb_frontend *frontend);
struct svclb_frontend *
svclb_service_find_frontend(const struct svclb_service *service,
			    const struct svclb_key *key);
void svclb_service_del_frontend(struct svclb_service *service,
				struct svclb_frontend *frontend);
int svclb_service_add_backend(struct svclb_service *service,
			      const struct svclb_backend *backend);
struct svclb_backend *svclb_service_find_backend(struct svclb_service *service,
						 const uint8_t addr[16],
						 uint16_t port);
void svclb_service_del_backend(struct svclb_service *service,
			       struct svclb_backend *backend);
int svclb_service_add_range(struct svclb_service *service,
			    const struct svclb_network *range);
int svclb_service_set_ranges(struct svclb_service *service,
			     const struct svclb_service *from);
void svclb_service_sort_ranges(struct svclb_service *service);
void svclb_service_sort(struct svclb_service *service);
const struct svclb_frontend *
svclb_service_first_address(const struct svclb_service *service);
bool svclb_service_restricts(const struct svclb_service *service,
			     const struct svclb_frontend *frontend);

bool svclb_key_equal(const struct svclb_key *a, const struct svclb_key *b);
bool svclb_frontend_equal(const struct svclb_frontend *a,
			  const struct svclb_frontend *b);
bool svclb_network_equal(const struct svclb_network *a,
			 const struct svclb_network *b);
bool svclb_network_has(const struct svclb_network *network, uint8_t family,
		       const uint8_t addr[16]);

/**
 * svclb_family_length() - length of an address
 * @family: AF_INET or AF_INET6
 *
 * Return: how many bytes.
 */
static inline size_t svclb_family_length(uint8_t family)
{
	return family == AF_INET ? 4 : 16;
}

#endif /* SVCLB_CTL_MODEL_H */
