/* SPDX-License-Identifier: ((GPL-2.0-only WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Generated from Documentation/netlink/specs/svclb.yaml, do not edit. */

#ifndef _UAPI_SVCLB_H
#define _UAPI_SVCLB_H

/*
 * Service load balancing in the kernel. Every request acts on the network
 * namespace of the socket that sends it. Attributes are only ever added, never
 * renumbered: an old tool works with a new module and the other way round.
 */

#define SVCLB_GENL_NAME "svclb"
#define SVCLB_GENL_VERSION 1

/* Longest service name in bytes, the terminating zero not counted. */
#define SVCLB_NAME_MAX 255

/* Largest weight of a backend. */
#define SVCLB_WEIGHT_MAX 65535

/* Most backends of one service. */
#define SVCLB_BACKENDS_MAX 65535

/* Most frontends of one service. */
#define SVCLB_FRONTENDS_MAX 4096

/* Most cluster networks of one namespace, both families together. */
#define SVCLB_CLUSTER_NETWORKS_MAX 64

/**
 * enum svclb_scheduler - How a service chooses the backend of a new connection
 * @SVCLB_SCHED_RANDOM: A keyed hash of the connection's addresses and ports,
 *	scaled to the number of backends. Weights other than 0 count as 1.
 * @SVCLB_SCHED_WRANDOM: As random, in proportion to the weights.
 * @SVCLB_SCHED_RR: One after the other. Weights other than 0 count as 1.
 * @SVCLB_SCHED_WRR: One after the other, in proportion to the weights.
 * @__SVCLB_SCHED_MAX: One past the last value.
 * @SVCLB_SCHED_MAX: The last value.
 */
enum svclb_scheduler {
	SVCLB_SCHED_RANDOM,
	SVCLB_SCHED_WRANDOM,
	SVCLB_SCHED_RR,
	SVCLB_SCHED_WRR,

	__SVCLB_SCHED_MAX,
	SVCLB_SCHED_MAX = (__SVCLB_SCHED_MAX - 1),
};

/**
 * enum svclb_frontend_kind - What a packet must be addressed to in order to
 *	reach the service
 * @SVCLB_FRONTEND_KIND_VIP: The address and the port of the frontend.
 * @SVCLB_FRONTEND_KIND_NODE_PORT: The port of the frontend on any of the
 *	node's own addresses, loopback left out.
 * @__SVCLB_FRONTEND_KIND_MAX: One past the last value.
 * @SVCLB_FRONTEND_KIND_MAX: The last value.
 */
enum svclb_frontend_kind {
	SVCLB_FRONTEND_KIND_VIP,
	SVCLB_FRONTEND_KIND_NODE_PORT,

	__SVCLB_FRONTEND_KIND_MAX,
	SVCLB_FRONTEND_KIND_MAX = (__SVCLB_FRONTEND_KIND_MAX - 1),
};

/**
 * enum svclb_backend_flags - State of a backend
 * @SVCLB_BACKEND_DRAINING: Gets no new connection, keeps those that it has,
 *	UDP flows included.
 * @SVCLB_BACKEND_FLAGS_MASK: All flags.
 */
enum svclb_backend_flags {
	SVCLB_BACKEND_DRAINING = 1,

	SVCLB_BACKEND_FLAGS_MASK = 1,
};

/**
 * enum svclb_stats_attr - Counters since creation or since they were last
 *	zeroed
 * @SVCLB_A_STATS_PAD: Padding, ignore.
 * @SVCLB_A_STATS_CONNECTIONS: u64. New connections (UDP flows) that were sent
 *	to a backend.
 * @SVCLB_A_STATS_REJECTED: u64. New connections refused because there was no
 *	backend to send them to. Not present for a backend.
 * @__SVCLB_A_STATS_MAX: One past the last value.
 * @SVCLB_A_STATS_MAX: The last value.
 */
enum svclb_stats_attr {
	SVCLB_A_STATS_PAD = 1,
	SVCLB_A_STATS_CONNECTIONS,
	SVCLB_A_STATS_REJECTED,

	__SVCLB_A_STATS_MAX,
	SVCLB_A_STATS_MAX = (__SVCLB_A_STATS_MAX - 1),
};

/**
 * enum svclb_frontend_attr - One key that reaches a service
 * @SVCLB_A_FRONTEND_KIND: u8, enum svclb_frontend_kind. Default vip.
 * @SVCLB_A_FRONTEND_ADDRESS4: u32 in network byte order. IPv4 address of a
 *	vip. Unicast only.
 * @SVCLB_A_FRONTEND_ADDRESS6: 16 bytes in network byte order. IPv6 address of
 *	a vip. Unicast, not link-local, not IPv4-mapped.
 * @SVCLB_A_FRONTEND_PORT: u16 in network byte order, at least 1. Destination
 *	port.
 * @SVCLB_A_FRONTEND_STATS: Nest of SVCLB_A_STATS_*, in replies only. Counters
 *	of the frontend.
 * @__SVCLB_A_FRONTEND_MAX: One past the last value.
 * @SVCLB_A_FRONTEND_MAX: The last value.
 */
enum svclb_frontend_attr {
	SVCLB_A_FRONTEND_KIND = 1,
	SVCLB_A_FRONTEND_ADDRESS4,
	SVCLB_A_FRONTEND_ADDRESS6,
	SVCLB_A_FRONTEND_PORT,
	SVCLB_A_FRONTEND_STATS,

	__SVCLB_A_FRONTEND_MAX,
	SVCLB_A_FRONTEND_MAX = (__SVCLB_A_FRONTEND_MAX - 1),
};

/**
 * enum svclb_backend_attr - One destination of a service
 * @SVCLB_A_BACKEND_ID: u32, in replies only. Number of the backend within its
 *	service. Kept while address and port stay in the set.
 * @SVCLB_A_BACKEND_ADDRESS4: u32 in network byte order. IPv4 address. Unicast
 *	only.
 * @SVCLB_A_BACKEND_ADDRESS6: 16 bytes in network byte order. IPv6 address.
 *	Unicast, not link-local, not IPv4-mapped.
 * @SVCLB_A_BACKEND_PORT: u16 in network byte order, at least 1. Destination
 *	port.
 * @SVCLB_A_BACKEND_WEIGHT: u32, at most 65535. Share of the new connections,
 *	default 1. A backend of weight 0 gets no new connection, with any scheduler.
 * @SVCLB_A_BACKEND_FLAGS: u32, bits of enum svclb_backend_flags. Default none.
 * @SVCLB_A_BACKEND_STATS: Nest of SVCLB_A_STATS_*, in replies only. Counters
 *	of the backend.
 * @__SVCLB_A_BACKEND_MAX: One past the last value.
 * @SVCLB_A_BACKEND_MAX: The last value.
 */
enum svclb_backend_attr {
	SVCLB_A_BACKEND_ID = 1,
	SVCLB_A_BACKEND_ADDRESS4,
	SVCLB_A_BACKEND_ADDRESS6,
	SVCLB_A_BACKEND_PORT,
	SVCLB_A_BACKEND_WEIGHT,
	SVCLB_A_BACKEND_FLAGS,
	SVCLB_A_BACKEND_STATS,

	__SVCLB_A_BACKEND_MAX,
	SVCLB_A_BACKEND_MAX = (__SVCLB_A_BACKEND_MAX - 1),
};

/**
 * enum svclb_service_attr - A service, or a reference to one. A reference is
 *	the name, or the protocol and one frontend, or the id
 * @SVCLB_A_SERVICE_PAD: Padding, ignore.
 * @SVCLB_A_SERVICE_ID: u32. Number that the kernel gave to the service, never
 *	0, not reused soon.
 * @SVCLB_A_SERVICE_NAME: String of at most 255 bytes. Unique within the
 *	namespace; 1 to 255 bytes without blanks, control characters or DEL.
 * @SVCLB_A_SERVICE_FAMILY: u8. Address family, AF_INET or AF_INET6. May be
 *	left out where a frontend or backend has an address.
 * @SVCLB_A_SERVICE_PROTOCOL: u8. IPPROTO_TCP or IPPROTO_UDP.
 * @SVCLB_A_SERVICE_SCHEDULER: u8, enum svclb_scheduler. Default is the
 *	namespace's default scheduler.
 * @SVCLB_A_SERVICE_GENERATION: u64. Number chosen by the caller that a purge
 *	compares. 0, the default, is for services that no purge shall remove.
 * @SVCLB_A_SERVICE_FRONTEND: Nest of SVCLB_A_FRONTEND_*, repeatable. One for
 *	each frontend.
 * @SVCLB_A_SERVICE_BACKEND: Nest of SVCLB_A_BACKEND_*, repeatable. One for
 *	each backend.
 * @SVCLB_A_SERVICE_FRONTEND_COUNT: u32, in replies only. Number of frontends.
 * @SVCLB_A_SERVICE_BACKEND_COUNT: u32, in replies only. Number of backends.
 * @SVCLB_A_SERVICE_STATS: Nest of SVCLB_A_STATS_*, in replies only. Counters
 *	of the service.
 * @__SVCLB_A_SERVICE_MAX: One past the last value.
 * @SVCLB_A_SERVICE_MAX: The last value.
 */
enum svclb_service_attr {
	SVCLB_A_SERVICE_PAD = 1,
	SVCLB_A_SERVICE_ID,
	SVCLB_A_SERVICE_NAME,
	SVCLB_A_SERVICE_FAMILY,
	SVCLB_A_SERVICE_PROTOCOL,
	SVCLB_A_SERVICE_SCHEDULER,
	SVCLB_A_SERVICE_GENERATION,
	SVCLB_A_SERVICE_FRONTEND,
	SVCLB_A_SERVICE_BACKEND,
	SVCLB_A_SERVICE_FRONTEND_COUNT,
	SVCLB_A_SERVICE_BACKEND_COUNT,
	SVCLB_A_SERVICE_STATS,

	__SVCLB_A_SERVICE_MAX,
	SVCLB_A_SERVICE_MAX = (__SVCLB_A_SERVICE_MAX - 1),
};

/**
 * enum svclb_network_attr - A prefix of addresses
 * @SVCLB_A_NETWORK_ADDRESS4: u32 in network byte order. IPv4 network address;
 *	bits behind the prefix must be 0.
 * @SVCLB_A_NETWORK_ADDRESS6: 16 bytes in network byte order. IPv6 network
 *	address; bits behind the prefix must be 0.
 * @SVCLB_A_NETWORK_PREFIX_LENGTH: u8, at most 128. Length in bits, 0 to 32 for
 *	IPv4, 0 to 128 for IPv6.
 * @__SVCLB_A_NETWORK_MAX: One past the last value.
 * @SVCLB_A_NETWORK_MAX: The last value.
 */
enum svclb_network_attr {
	SVCLB_A_NETWORK_ADDRESS4 = 1,
	SVCLB_A_NETWORK_ADDRESS6,
	SVCLB_A_NETWORK_PREFIX_LENGTH,

	__SVCLB_A_NETWORK_MAX,
	SVCLB_A_NETWORK_MAX = (__SVCLB_A_NETWORK_MAX - 1),
};

/**
 * enum svclb_settings_attr - Settings of a network namespace
 * @SVCLB_A_SETTINGS_CLUSTER_NETWORK: Nest of SVCLB_A_NETWORK_*, repeatable.
 *	The networks whose members reach a service with their own source address;
 *	clients outside of them are masqueraded. A family without one masquerades
 *	nobody for being outside.
 * @SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS: Flag without payload. In a request,
 *	empties the list. Excludes cluster-network.
 * @SVCLB_A_SETTINGS_MASQUERADE_ALL: u8, at most 1. 1 masquerades every
 *	connection to a service. Default 0.
 * @SVCLB_A_SETTINGS_NODE_PORT_MIN: u16, at least 1. First port of the
 *	node-port range, default 30000. Masquerading never picks a source port of
 *	this range. It does not limit which ports a frontend may have.
 * @SVCLB_A_SETTINGS_NODE_PORT_MAX: u16, at least 1. Last port of the node-port
 *	range, default 32767.
 * @SVCLB_A_SETTINGS_DEFAULT_SCHEDULER: u8, enum svclb_scheduler. Scheduler of
 *	services that are set without one. Default random.
 * @__SVCLB_A_SETTINGS_MAX: One past the last value.
 * @SVCLB_A_SETTINGS_MAX: The last value.
 */
enum svclb_settings_attr {
	SVCLB_A_SETTINGS_CLUSTER_NETWORK = 1,
	SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS,
	SVCLB_A_SETTINGS_MASQUERADE_ALL,
	SVCLB_A_SETTINGS_NODE_PORT_MIN,
	SVCLB_A_SETTINGS_NODE_PORT_MAX,
	SVCLB_A_SETTINGS_DEFAULT_SCHEDULER,

	__SVCLB_A_SETTINGS_MAX,
	SVCLB_A_SETTINGS_MAX = (__SVCLB_A_SETTINGS_MAX - 1),
};

/**
 * enum svclb_counters_attr - Counters of a network namespace by cause
 * @SVCLB_A_COUNTERS_PAD: Padding, ignore.
 * @SVCLB_A_COUNTERS_CONNECTIONS: u64. New connections that were sent to a
 *	backend.
 * @SVCLB_A_COUNTERS_MASQUERADED: u64. New connections that were masqueraded.
 * @SVCLB_A_COUNTERS_REJECTED_NO_BACKEND: u64. New connections refused because
 *	the service has no backend that takes any.
 * @SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT: u64. New connections refused because
 *	no frontend of the VIP has that port or protocol.
 * @SVCLB_A_COUNTERS_DROPPED_NO_PORT: u64. New connections dropped because no
 *	source port was free for masquerading.
 * @SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS: u64. New connections dropped because
 *	the outgoing device has no address to masquerade with.
 * @SVCLB_A_COUNTERS_DROPPED_NAT: u64. New connections dropped because the NAT
 *	core refused the translation.
 * @SVCLB_A_COUNTERS_STALE_FLOWS: u64. UDP flows deleted because their backend
 *	or their service is gone.
 * @__SVCLB_A_COUNTERS_MAX: One past the last value.
 * @SVCLB_A_COUNTERS_MAX: The last value.
 */
enum svclb_counters_attr {
	SVCLB_A_COUNTERS_PAD = 1,
	SVCLB_A_COUNTERS_CONNECTIONS,
	SVCLB_A_COUNTERS_MASQUERADED,
	SVCLB_A_COUNTERS_REJECTED_NO_BACKEND,
	SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT,
	SVCLB_A_COUNTERS_DROPPED_NO_PORT,
	SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS,
	SVCLB_A_COUNTERS_DROPPED_NAT,
	SVCLB_A_COUNTERS_STALE_FLOWS,

	__SVCLB_A_COUNTERS_MAX,
	SVCLB_A_COUNTERS_MAX = (__SVCLB_A_COUNTERS_MAX - 1),
};

/**
 * enum svclb_cmd - Operations and notifications
 * @SVCLB_CMD_SERVICE_GET: One service by reference, or a dump of all. Members
 *	are not in the reply. Do request: id, name, protocol, family, frontend. Do
 *	reply: id, name, family, protocol, scheduler, generation, frontend-count,
 *	backend-count, stats. Dump request: no attributes. Dump reply: id, name,
 *	family, protocol, scheduler, generation, frontend-count, backend-count,
 *	stats.
 * @SVCLB_CMD_SERVICE_SET: Creates a service or replaces it whole. With
 *	NLM_F_EXCL it must not exist; without NLM_F_CREATE it must. Do request:
 *	name, family, protocol, scheduler, generation, frontend, backend.
 * @SVCLB_CMD_SERVICE_EDIT: Changes the scheduler or the generation, leaving
 *	all else. Do request: id, name, protocol, family, frontend, scheduler,
 *	generation.
 * @SVCLB_CMD_SERVICE_DEL: Deletes one service. Do request: id, name, protocol,
 *	family, frontend.
 * @SVCLB_CMD_FRONTEND_GET: Dumps the frontends of all services, or of one.
 *	Dump request: id, name, protocol, family, frontend. Dump reply: id, name,
 *	family, protocol, frontend.
 * @SVCLB_CMD_FRONTEND_ADD: Adds frontends to a service given by name or id. Do
 *	request: id, name, frontend.
 * @SVCLB_CMD_FRONTEND_DEL: Removes frontends from a service given by name or
 *	id. All must be there. Do request: id, name, frontend.
 * @SVCLB_CMD_BACKEND_GET: Dumps the backends of all services, or of one. Dump
 *	request: id, name, protocol, family, frontend. Dump reply: id, name, family,
 *	protocol, backend.
 * @SVCLB_CMD_BACKEND_SET: Adds backends to a service or changes them. With
 *	NLM_F_EXCL none may be there; without NLM_F_CREATE all must be. What a
 *	change leaves out keeps its value. Do request: id, name, protocol, family,
 *	frontend, backend.
 * @SVCLB_CMD_BACKEND_DEL: Removes backends from a service. All must be there.
 *	Do request: id, name, protocol, family, frontend, backend.
 * @SVCLB_CMD_SETTINGS_GET: The settings of the namespace. Do request: no
 *	attributes. Do reply: cluster-network, masquerade-all, node-port-min,
 *	node-port-max, default-scheduler.
 * @SVCLB_CMD_SETTINGS_SET: Changes the settings that are given, leaving all
 *	others. Do request: cluster-network, no-cluster-networks, masquerade-all,
 *	node-port-min, node-port-max, default-scheduler.
 * @SVCLB_CMD_COUNTERS_GET: The counters of the namespace. Do request: no
 *	attributes. Do reply: connections, masqueraded, rejected-no-backend,
 *	rejected-unused-port, dropped-no-port, dropped-no-address, dropped-nat,
 *	stale-flows.
 * @SVCLB_CMD_COUNTERS_ZERO: Zeroes the counters of one service with its
 *	frontends and backends, or without a reference those of the namespace and of
 *	all services. Do request: id, name, protocol, family, frontend.
 * @SVCLB_CMD_FLUSH: Deletes all services. Settings and counters of the
 *	namespace stay. Do request: no attributes.
 * @SVCLB_CMD_PURGE: Deletes the services whose generation is lower than the
 *	given one and not 0. Do request: generation.
 * @SVCLB_CMD_SERVICE_SET_NTF: A service was created, replaced or edited.
 *	Notification of group config with the attributes that service-get replies.
 * @SVCLB_CMD_SERVICE_DEL_NTF: A service was deleted. Notification of group
 *	config with the attributes that service-get replies.
 * @SVCLB_CMD_FRONTEND_ADD_NTF: A frontend was added to a service; not sent for
 *	service-set. Notification of group config with the attributes that
 *	frontend-get replies.
 * @SVCLB_CMD_FRONTEND_DEL_NTF: A frontend was removed from a service; not sent
 *	for service-set or service-del. Notification of group config with the
 *	attributes that frontend-get replies.
 * @SVCLB_CMD_BACKEND_SET_NTF: A backend was added or changed; not sent for
 *	service-set. Notification of group config with the attributes that
 *	backend-get replies.
 * @SVCLB_CMD_BACKEND_DEL_NTF: A backend was removed; not sent for service-set
 *	or service-del. Notification of group config with the attributes that
 *	backend-get replies.
 * @SVCLB_CMD_SETTINGS_SET_NTF: Settings were changed. Notification of group
 *	config with the attributes that settings-get replies.
 * @__SVCLB_CMD_MAX: One past the last value.
 * @SVCLB_CMD_MAX: The last value.
 */
enum svclb_cmd {
	SVCLB_CMD_SERVICE_GET = 1,
	SVCLB_CMD_SERVICE_SET,
	SVCLB_CMD_SERVICE_EDIT,
	SVCLB_CMD_SERVICE_DEL,
	SVCLB_CMD_FRONTEND_GET,
	SVCLB_CMD_FRONTEND_ADD,
	SVCLB_CMD_FRONTEND_DEL,
	SVCLB_CMD_BACKEND_GET,
	SVCLB_CMD_BACKEND_SET,
	SVCLB_CMD_BACKEND_DEL,
	SVCLB_CMD_SETTINGS_GET,
	SVCLB_CMD_SETTINGS_SET,
	SVCLB_CMD_COUNTERS_GET,
	SVCLB_CMD_COUNTERS_ZERO,
	SVCLB_CMD_FLUSH,
	SVCLB_CMD_PURGE,
	SVCLB_CMD_SERVICE_SET_NTF,
	SVCLB_CMD_SERVICE_DEL_NTF,
	SVCLB_CMD_FRONTEND_ADD_NTF,
	SVCLB_CMD_FRONTEND_DEL_NTF,
	SVCLB_CMD_BACKEND_SET_NTF,
	SVCLB_CMD_BACKEND_DEL_NTF,
	SVCLB_CMD_SETTINGS_SET_NTF,

	__SVCLB_CMD_MAX,
	SVCLB_CMD_MAX = (__SVCLB_CMD_MAX - 1),
};

/*
 * Configuration changes. Joining needs CAP_NET_ADMIN in the user namespace
 * that owns the network namespace.
 */
#define SVCLB_MCGRP_CONFIG "config"

#endif /* _UAPI_SVCLB_H */
