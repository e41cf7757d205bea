/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_K8S_H
#define SVCLB_CTL_K8S_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"
#include "lib/model.h"

/* Families are numbered where there is something for each of them. */
#define SVCLB_FAMILIES 2

/**
 * struct svclb_notes - where to say what was passed over, and why
 * @note: takes one sentence
 * @data: for @note
 */
struct svclb_notes {
	void (*note)(void *data, const char *text);
	void *data;
};

SVCLB_PRINTF(2, 3)
void svclb_note(const struct svclb_notes *notes, const char *format, ...);

/**
 * struct svclb_k8s_ip - an address
 * @addr:   as in &struct svclb_key
 * @family: AF_INET or AF_INET6; 0 for none
 */
struct svclb_k8s_ip {
	uint8_t addr[16];
	uint8_t family;
};

/**
 * struct svclb_k8s_port - a port of a Service or of an EndpointSlice
 * @name:      its name, "" for none
 * @proto:     IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @port:      number
 * @node_port: number of the node port, 0 for none
 */
struct svclb_k8s_port {
	char *name;
	uint8_t proto;
	uint16_t port;
	uint16_t node_port;
};

/**
 * struct svclb_k8s_weight - the weight that an annotation gives an address
 * @ip:     the address
 * @weight: its weight
 */
struct svclb_k8s_weight {
	struct svclb_k8s_ip ip;
	uint32_t weight;
};

/* Weight of an endpoint about which nothing was said. */
#define SVCLB_K8S_NO_WEIGHT UINT32_MAX

/**
 * struct svclb_k8s_weights - the weights that an annotation gives
 * @at: sorted by address
 * @nr: how many
 */
struct svclb_k8s_weights {
	struct svclb_k8s_weight *at;
	size_t nr;
};

/**
 * struct svclb_k8s_service - a Service, as far as it matters
 * @namespace:      its namespace
 * @name:           its name
 * @proxied:        whether it is for us: neither headless, nor external, nor
 *                  another proxy's
 * @internal_local: whether its cluster IP is for endpoints of the node only
 * @external_local: whether its other addresses are
 * @sched:          enum svclb_scheduler, or SVCLB_SCHED_DEFAULT
 * @syn_failover:   whether connections leave an endpoint that does not answer
 * @affinity:       seconds for which a client keeps its endpoint, or 0
 * @health_port:    where its load balancer asks for local endpoints, or 0
 * @cluster_ips:    cluster IP by family
 * @ports:          its ports
 * @nr_ports:       how many
 * @external_ips:   external IPs
 * @nr_external_ips: how many
 * @lb_ips:         addresses of its load balancer that are ours to handle
 * @nr_lb_ips:      how many
 * @ranges:         source ranges of its load balancer
 * @nr_ranges:      how many
 * @weights:        weights of its endpoints, where slices do not tell
 */
struct svclb_k8s_service {
	char *namespace;
	char *name;
	bool proxied;
	bool internal_local;
	bool external_local;
	uint8_t sched;
	bool syn_failover;
	uint32_t affinity;
	uint16_t health_port;
	struct svclb_k8s_ip cluster_ips[SVCLB_FAMILIES];
	struct svclb_k8s_port *ports;
	size_t nr_ports;
	struct svclb_k8s_ip *external_ips;
	size_t nr_external_ips;
	struct svclb_k8s_ip *lb_ips;
	size_t nr_lb_ips;
	struct svclb_network *ranges;
	size_t nr_ranges;
	struct svclb_k8s_weights weights;
};

/**
 * struct svclb_k8s_names - a list of names
 * @at: the names
 * @nr: how many
 */
struct svclb_k8s_names {
	char **at;
	size_t nr;
};

/**
 * struct svclb_k8s_endpoint - an endpoint of an EndpointSlice
 * @ip:          its first address
 * @node:        name of its node, or NULL
 * @ready:       whether it takes connections
 * @serving:     whether it would, were it not about to end
 * @terminating: whether it is about to end
 * @weight:      weight that its slice gives it, or SVCLB_K8S_NO_WEIGHT
 * @zones:       zones that it is meant for
 * @nodes:       nodes that it is meant for
 */
struct svclb_k8s_endpoint {
	struct svclb_k8s_ip ip;
	char *node;
	bool ready;
	bool serving;
	bool terminating;
	uint32_t weight;
	struct svclb_k8s_names zones;
	struct svclb_k8s_names nodes;
};

/**
 * struct svclb_k8s_slice - an EndpointSlice, as far as it matters
 * @namespace:    its namespace
 * @name:         its name
 * @service:      name of its Service, or NULL
 * @proxied:      whether it is for us, and has addresses
 * @family:       AF_INET or AF_INET6
 * @ports:        its ports
 * @nr_ports:     how many
 * @endpoints:    its endpoints
 * @nr_endpoints: how many
 * @changed_at:   when an endpoint changed, in milliseconds since 1970, as far as
 *                the slice says; or 0
 */
struct svclb_k8s_slice {
	char *namespace;
	char *name;
	char *service;
	bool proxied;
	uint8_t family;
	struct svclb_k8s_port *ports;
	size_t nr_ports;
	struct svclb_k8s_endpoint *endpoints;
	size_t nr_endpoints;
	uint64_t changed_at;
};

/**
 * struct svclb_k8s_node - a Node, as far as it matters
 * @name:      its name
 * @zone:      its zone, or NULL
 * @ips:       its first internal address by family
 * @pod_cidrs: the networks of its pods by family; family 0 for none
 * @deleting:  whether it is about to be taken away
 */
struct svclb_k8s_node {
	char *name;
	char *zone;
	struct svclb_k8s_ip ips[SVCLB_FAMILIES];
	struct svclb_network pod_cidrs[SVCLB_FAMILIES];
	bool deleting;
};

/**
 * svclb_family_index() - number the families from 0
 * @family: AF_INET or AF_INET6
 *
 * Return: 0 or 1.
 */
static inline int svclb_family_index(uint8_t family)
{
	return family == AF_INET6;
}

bool svclb_k8s_parse_ip(const char *text, struct svclb_k8s_ip *ip);
bool svclb_k8s_parse_network(const char *text, struct svclb_network *network);
uint64_t svclb_k8s_parse_time(const char *text);
uint32_t svclb_k8s_weight_of(const struct svclb_k8s_weights *weights,
			     const struct svclb_k8s_ip *ip);

struct svclb_k8s_service *
svclb_k8s_service_decode(const json_t *json, const struct svclb_notes *notes);
void svclb_k8s_service_free(struct svclb_k8s_service *service);
struct svclb_k8s_slice *svclb_k8s_slice_decode(const json_t *json,
					       const struct svclb_notes *notes);
void svclb_k8s_slice_free(struct svclb_k8s_slice *slice);
struct svclb_k8s_node *svclb_k8s_node_decode(const json_t *json);
void svclb_k8s_node_free(struct svclb_k8s_node *node);

bool svclb_k8s_service_equal(const struct svclb_k8s_service *a,
			     const struct svclb_k8s_service *b);
bool svclb_k8s_slice_equal(const struct svclb_k8s_slice *a,
			   const struct svclb_k8s_slice *b);

#endif /* SVCLB_CTL_K8S_H */
