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

/* Most networks of one list in the settings, both families together. */
#define SVCLB_CLUSTER_NETWORKS_MAX 64

/* Most pod interfaces in the settings. */
#define SVCLB_POD_INTERFACES_MAX 16

/* Most source ranges of one service. */
#define SVCLB_SOURCE_RANGES_MAX 65535

/* Longest timeout of a flow in seconds. */
#define SVCLB_TIMEOUT_MAX 2000000

/* Longest affinity timeout in seconds. */
#define SVCLB_AFFINITY_TIMEOUT_MAX 86400

/**
 * enum svclb_scheduler - How a service chooses the backend of a new connection
 * @SVCLB_SCHED_RANDOM: A keyed hash of the connection's addresses and ports,
 *	scaled to the number of backends. Weights other than 0 count as 1.
 * @SVCLB_SCHED_WRANDOM: As random, in proportion to the weights.
 * @SVCLB_SCHED_RR: One after the other. Weights other than 0 count as 1.
 * @SVCLB_SCHED_WRR: One after the other, in proportion to the weights.
 * @SVCLB_SCHED_LC: The backend with the fewest connections. Connections are
 *	counted about once a second; those made since then are added. Weights other
 *	than 0 count as 1.
 * @SVCLB_SCHED_WLC: The backend with the fewest connections in relation to its
 *	weight.
 * @SVCLB_SCHED_P2C: Of two backends that a keyed hash of the connection gives,
 *	the one with fewer connections in relation to its weight.
 * @SVCLB_SCHED_SH: A keyed hash of the client's address, in proportion to the
 *	weights: a client stays with its backend as long as the set does not change.
 * @SVCLB_SCHED_MAGLEV: Consistent hashing of the connection's addresses and
 *	ports (Maglev, NSDI 2016), in proportion to the weights. All nodes with the
 *	same seed and the same backends choose alike, and few connections move when
 *	the set changes.
 * @SVCLB_SCHED_FAILOVER: The backend of the greatest weight; of several such,
 *	the first by address and port.
 * @__SVCLB_SCHED_MAX: One past the last value.
 * @SVCLB_SCHED_MAX: The last value.
 */
enum svclb_scheduler {
	SVCLB_SCHED_RANDOM,
	SVCLB_SCHED_WRANDOM,
	SVCLB_SCHED_RR,
	SVCLB_SCHED_WRR,
	SVCLB_SCHED_LC,
	SVCLB_SCHED_WLC,
	SVCLB_SCHED_P2C,
	SVCLB_SCHED_SH,
	SVCLB_SCHED_MAGLEV,
	SVCLB_SCHED_FAILOVER,

	__SVCLB_SCHED_MAX,
	SVCLB_SCHED_MAX = (__SVCLB_SCHED_MAX - 1),
};

/**
 * enum svclb_datapath - What translates the packets of services
 * @SVCLB_DATAPATH_CONNTRACK: The kernel's connection tracking and NAT, which
 *	is asked once a connection.
 * @SVCLB_DATAPATH_DIRECT: The module itself, with a table of flows of its own;
 *	connection tracking does not see these packets.
 * @__SVCLB_DATAPATH_MAX: One past the last value.
 * @SVCLB_DATAPATH_MAX: The last value.
 */
enum svclb_datapath {
	SVCLB_DATAPATH_CONNTRACK,
	SVCLB_DATAPATH_DIRECT,

	__SVCLB_DATAPATH_MAX,
	SVCLB_DATAPATH_MAX = (__SVCLB_DATAPATH_MAX - 1),
};

/**
 * enum svclb_flow_full - What becomes of a new connection when the flow table
 *	is full
 * @SVCLB_FLOW_FULL_EVICT: It takes the place of one that nobody has answered
 *	or that was closed; if there is none among a few, it is dropped.
 * @SVCLB_FLOW_FULL_DROP: It is dropped.
 * @__SVCLB_FLOW_FULL_MAX: One past the last value.
 * @SVCLB_FLOW_FULL_MAX: The last value.
 */
enum svclb_flow_full {
	SVCLB_FLOW_FULL_EVICT,
	SVCLB_FLOW_FULL_DROP,

	__SVCLB_FLOW_FULL_MAX,
	SVCLB_FLOW_FULL_MAX = (__SVCLB_FLOW_FULL_MAX - 1),
};

/**
 * enum svclb_flow_state - The state of a flow of the direct datapath, which
 *	says how long it may be idle
 * @SVCLB_FLOW_STATE_TCP_SYN: The handshake is not over.
 * @SVCLB_FLOW_STATE_TCP_ESTABLISHED: It is.
 * @SVCLB_FLOW_STATE_TCP_HALF_CLOSED: One side has sent a FIN.
 * @SVCLB_FLOW_STATE_TCP_CLOSED: Both have, or one has reset the connection.
 * @SVCLB_FLOW_STATE_UDP: No answer yet, or no question after it for longer
 *	than two seconds.
 * @SVCLB_FLOW_STATE_UDP_STREAM: Packets go both ways for longer than two
 *	seconds.
 * @SVCLB_FLOW_STATE_SCTP_SETUP: The handshake is not over.
 * @SVCLB_FLOW_STATE_SCTP_ESTABLISHED: It is.
 * @SVCLB_FLOW_STATE_SCTP_CLOSED: One side shuts the association down, or has
 *	aborted it.
 * @__SVCLB_FLOW_STATE_MAX: One past the last value.
 * @SVCLB_FLOW_STATE_MAX: The last value.
 */
enum svclb_flow_state {
	SVCLB_FLOW_STATE_TCP_SYN,
	SVCLB_FLOW_STATE_TCP_ESTABLISHED,
	SVCLB_FLOW_STATE_TCP_HALF_CLOSED,
	SVCLB_FLOW_STATE_TCP_CLOSED,
	SVCLB_FLOW_STATE_UDP,
	SVCLB_FLOW_STATE_UDP_STREAM,
	SVCLB_FLOW_STATE_SCTP_SETUP,
	SVCLB_FLOW_STATE_SCTP_ESTABLISHED,
	SVCLB_FLOW_STATE_SCTP_CLOSED,

	__SVCLB_FLOW_STATE_MAX,
	SVCLB_FLOW_STATE_MAX = (__SVCLB_FLOW_STATE_MAX - 1),
};

/**
 * enum svclb_frontend_kind - What a packet must be addressed to in order to
 *	reach the service
 * @SVCLB_FRONTEND_KIND_VIP: The address and the port of the frontend. Other
 *	ports of the address are refused, unless it is the node's own.
 * @SVCLB_FRONTEND_KIND_NODE_PORT: The port of the frontend on any of the
 *	node's own addresses that the settings allow. Clients are masqueraded unless
 *	the policy is local.
 * @SVCLB_FRONTEND_KIND_EXTERNAL: As vip, for an address that clients outside
 *	of the cluster use; its other ports are left alone. Clients are masqueraded
 *	unless the policy is local.
 * @SVCLB_FRONTEND_KIND_LOAD_BALANCER: As external, for an address of a load
 *	balancer.
 * @__SVCLB_FRONTEND_KIND_MAX: One past the last value.
 * @SVCLB_FRONTEND_KIND_MAX: The last value.
 */
enum svclb_frontend_kind {
	SVCLB_FRONTEND_KIND_VIP,
	SVCLB_FRONTEND_KIND_NODE_PORT,
	SVCLB_FRONTEND_KIND_EXTERNAL,
	SVCLB_FRONTEND_KIND_LOAD_BALANCER,

	__SVCLB_FRONTEND_KIND_MAX,
	SVCLB_FRONTEND_KIND_MAX = (__SVCLB_FRONTEND_KIND_MAX - 1),
};

/**
 * enum svclb_traffic_policy - Which backends a frontend uses
 * @SVCLB_TRAFFIC_POLICY_CLUSTER: All but those that are local-only.
 * @SVCLB_TRAFFIC_POLICY_LOCAL: Those that are local. Where the frontend is of
 *	another kind than vip, pods and the node itself get what the policy cluster
 *	has.
 * @__SVCLB_TRAFFIC_POLICY_MAX: One past the last value.
 * @SVCLB_TRAFFIC_POLICY_MAX: The last value.
 */
enum svclb_traffic_policy {
	SVCLB_TRAFFIC_POLICY_CLUSTER,
	SVCLB_TRAFFIC_POLICY_LOCAL,

	__SVCLB_TRAFFIC_POLICY_MAX,
	SVCLB_TRAFFIC_POLICY_MAX = (__SVCLB_TRAFFIC_POLICY_MAX - 1),
};

/**
 * enum svclb_backend_flags - State of a backend
 * @SVCLB_BACKEND_DRAINING: Gets no new connection, keeps those that it has,
 *	UDP flows included.
 * @SVCLB_BACKEND_LOCAL: On this node, so that the policy local uses it.
 * @SVCLB_BACKEND_LOCAL_ONLY: Not used by the policy cluster.
 * @SVCLB_BACKEND_NOT_SERVING: Gets new connections, but its UDP flows are
 *	deleted, as those of a removed backend are; also those that it gets until
 *	the next change.
 * @SVCLB_BACKEND_FLAGS_MASK: All flags.
 */
enum svclb_backend_flags {
	SVCLB_BACKEND_DRAINING = 1,
	SVCLB_BACKEND_LOCAL = 2,
	SVCLB_BACKEND_LOCAL_ONLY = 4,
	SVCLB_BACKEND_NOT_SERVING = 8,

	SVCLB_BACKEND_FLAGS_MASK = 15,
};

/**
 * enum svclb_verdict - What becomes of a new connection
 * @SVCLB_VERDICT_PASS: Not ours, left alone.
 * @SVCLB_VERDICT_TRANSLATE: Goes to a backend.
 * @SVCLB_VERDICT_REJECT_NO_BACKEND: Refused, since the service has no backend
 *	that takes new connections.
 * @SVCLB_VERDICT_REJECT_UNUSED_PORT: Refused, since no frontend of the VIP has
 *	that port or protocol.
 * @SVCLB_VERDICT_DROP_SOURCE_RANGE: Dropped, since the client is in none of
 *	the frontend's source ranges.
 * @SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND: Dropped, since the policy is local and
 *	all backends are on other nodes.
 * @SVCLB_VERDICT_DROP_UNALLOCATED: Dropped, since a service network has the
 *	address but no service does.
 * @SVCLB_VERDICT_DROP_LOOPBACK: Dropped, since it comes from outside and is
 *	for a loopback address.
 * @SVCLB_VERDICT_ECHO: An echo request to a VIP that the node answers.
 * @__SVCLB_VERDICT_MAX: One past the last value.
 * @SVCLB_VERDICT_MAX: The last value.
 */
enum svclb_verdict {
	SVCLB_VERDICT_PASS,
	SVCLB_VERDICT_TRANSLATE,
	SVCLB_VERDICT_REJECT_NO_BACKEND,
	SVCLB_VERDICT_REJECT_UNUSED_PORT,
	SVCLB_VERDICT_DROP_SOURCE_RANGE,
	SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND,
	SVCLB_VERDICT_DROP_UNALLOCATED,
	SVCLB_VERDICT_DROP_LOOPBACK,
	SVCLB_VERDICT_ECHO,

	__SVCLB_VERDICT_MAX,
	SVCLB_VERDICT_MAX = (__SVCLB_VERDICT_MAX - 1),
};

/**
 * enum svclb_masquerade_reason - Why a connection is masqueraded
 * @SVCLB_MASQUERADE_REASON_NONE: It is not.
 * @SVCLB_MASQUERADE_REASON_HAIRPIN: The client is the backend.
 * @SVCLB_MASQUERADE_REASON_OUTSIDE: The client is outside of the cluster.
 * @SVCLB_MASQUERADE_REASON_ALL: The settings say so for every connection to a
 *	vip.
 * @SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS: The frontend is not a vip and its
 *	policy is cluster.
 * @SVCLB_MASQUERADE_REASON_NODE: The client is the node itself, and the
 *	frontend is not a vip.
 * @__SVCLB_MASQUERADE_REASON_MAX: One past the last value.
 * @SVCLB_MASQUERADE_REASON_MAX: The last value.
 */
enum svclb_masquerade_reason {
	SVCLB_MASQUERADE_REASON_NONE,
	SVCLB_MASQUERADE_REASON_HAIRPIN,
	SVCLB_MASQUERADE_REASON_OUTSIDE,
	SVCLB_MASQUERADE_REASON_ALL,
	SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS,
	SVCLB_MASQUERADE_REASON_NODE,

	__SVCLB_MASQUERADE_REASON_MAX,
	SVCLB_MASQUERADE_REASON_MAX = (__SVCLB_MASQUERADE_REASON_MAX - 1),
};

/**
 * enum svclb_stats_attr - Counters since creation or since they were last
 *	zeroed
 * @SVCLB_A_STATS_PAD: Padding, ignore.
 * @SVCLB_A_STATS_CONNECTIONS: u64. New connections (UDP flows) that were sent
 *	to a backend.
 * @SVCLB_A_STATS_REJECTED: u64. New connections refused because there was no
 *	backend to send them to. Not present for a backend.
 * @SVCLB_A_STATS_ACTIVE: u32. Connections that go on: TCP from its first
 *	packet until one side closes, every other flow as long as it is known. For a
 *	backend only, and only if the request asked for it.
 * @SVCLB_A_STATS_INACTIVE: u32. TCP connections being closed or closed.
 *	Present where active is.
 * @__SVCLB_A_STATS_MAX: One past the last value.
 * @SVCLB_A_STATS_MAX: The last value.
 */
enum svclb_stats_attr {
	SVCLB_A_STATS_PAD = 1,
	SVCLB_A_STATS_CONNECTIONS,
	SVCLB_A_STATS_REJECTED,
	SVCLB_A_STATS_ACTIVE,
	SVCLB_A_STATS_INACTIVE,

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
 * @SVCLB_A_FRONTEND_POLICY: u8, enum svclb_traffic_policy. Default cluster.
 * @SVCLB_A_FRONTEND_RESTRICTED: u8, at most 1. 1 drops clients that are in
 *	none of the service's source ranges, if it has any. Default 0.
 * @__SVCLB_A_FRONTEND_MAX: One past the last value.
 * @SVCLB_A_FRONTEND_MAX: The last value.
 */
enum svclb_frontend_attr {
	SVCLB_A_FRONTEND_KIND = 1,
	SVCLB_A_FRONTEND_ADDRESS4,
	SVCLB_A_FRONTEND_ADDRESS6,
	SVCLB_A_FRONTEND_PORT,
	SVCLB_A_FRONTEND_STATS,
	SVCLB_A_FRONTEND_POLICY,
	SVCLB_A_FRONTEND_RESTRICTED,

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
 * @SVCLB_A_BACKEND_SHARE: u32, in replies only. In a reply to resolve, its
 *	share of new connections in millionths.
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
	SVCLB_A_BACKEND_SHARE,

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
 * @SVCLB_A_SERVICE_PROTOCOL: u8. IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP.
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
 * @SVCLB_A_SERVICE_AFFINITY_TIMEOUT: u32, at most 86400. Seconds for which a
 *	client keeps its backend after its last new connection. 0, the default, is
 *	no affinity.
 * @SVCLB_A_SERVICE_SYN_FAILOVER: u8, at most 1. 1 moves a TCP connection whose
 *	first packets a backend does not answer to another backend. Default 0.
 * @SVCLB_A_SERVICE_SOURCE_RANGE: Nest of SVCLB_A_NETWORK_*, repeatable.
 *	Networks of clients, of the family of the service: only they may enter by a
 *	restricted frontend.
 * @SVCLB_A_SERVICE_NO_SOURCE_RANGES: Flag without payload. In a service-edit,
 *	empties the list. Excludes source-range.
 * @SVCLB_A_SERVICE_SOURCE_RANGE_COUNT: u32, in replies only. Number of source
 *	ranges.
 * @SVCLB_A_SERVICE_COUNT_CONNECTIONS: Flag without payload. In a request, asks
 *	for the connections of each backend.
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
	SVCLB_A_SERVICE_AFFINITY_TIMEOUT,
	SVCLB_A_SERVICE_SYN_FAILOVER,
	SVCLB_A_SERVICE_SOURCE_RANGE,
	SVCLB_A_SERVICE_NO_SOURCE_RANGES,
	SVCLB_A_SERVICE_SOURCE_RANGE_COUNT,
	SVCLB_A_SERVICE_COUNT_CONNECTIONS,

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
 *	connection to a vip. Default 0.
 * @SVCLB_A_SETTINGS_NODE_PORT_MIN: u16, at least 1. First port of the
 *	node-port range, default 30000. Masquerading never picks a source port of
 *	this range. It does not limit which ports a frontend may have.
 * @SVCLB_A_SETTINGS_NODE_PORT_MAX: u16, at least 1. Last port of the node-port
 *	range, default 32767.
 * @SVCLB_A_SETTINGS_DEFAULT_SCHEDULER: u8, enum svclb_scheduler. Scheduler of
 *	services that are set without one. Default random.
 * @SVCLB_A_SETTINGS_POD_INTERFACE: String of at most 16 bytes, repeatable.
 *	Name of an interface, or the beginning of names with a "*" behind it: who
 *	comes in by such an interface is a pod, that is inside the cluster, beside
 *	those in the cluster networks.
 * @SVCLB_A_SETTINGS_NO_POD_INTERFACES: Flag without payload. In a request,
 *	empties the list. Excludes pod-interface.
 * @SVCLB_A_SETTINGS_NODE_PORT_ADDRESS: Nest of SVCLB_A_NETWORK_*, repeatable.
 *	Node ports are open on the node's own addresses in these networks. A family
 *	without one has them on all its own addresses.
 * @SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES: Flag without payload. In a
 *	request, empties the list. Excludes node-port-address.
 * @SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK: u8, at most 1. 1 opens node ports on
 *	127.0.0.0/8 to the node itself, and drops what comes from outside for a
 *	loopback address. The sysctl route_localnet must be on for connections to
 *	other nodes. Default 0.
 * @SVCLB_A_SETTINGS_SERVICE_NETWORK: Nest of SVCLB_A_NETWORK_*, repeatable.
 *	Networks whose addresses are only for services: what is for an address that
 *	no service has is dropped.
 * @SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS: Flag without payload. In a request,
 *	empties the list. Excludes service-network.
 * @SVCLB_A_SETTINGS_ANSWER_PING: u8, at most 1. 1 answers an echo request to a
 *	VIP. Default 0, which refuses it.
 * @SVCLB_A_SETTINGS_MAGLEV_SEED: u64. Of the scheduler maglev; nodes that
 *	shall choose alike have the same one. Default 0. Sets that exist keep the
 *	seed that they were made with.
 * @SVCLB_A_SETTINGS_AFFINITY_MAX: u32, at least 1. Most affinity entries of
 *	the namespace, default 1048576. When there are as many, the one that was not
 *	used for longest goes, as far as a few probes tell.
 * @SVCLB_A_SETTINGS_PAD: Padding, ignore.
 * @SVCLB_A_SETTINGS_DATAPATH: u8, enum svclb_datapath. What translates new
 *	connections. Default conntrack.
 * @SVCLB_A_SETTINGS_FLOW_MAX: u32, at least 1. Most flows of the direct
 *	datapath, default 1048576.
 * @SVCLB_A_SETTINGS_FLOW_FULL: u8, enum svclb_flow_full. What becomes of a new
 *	connection when there are so many. Default evict.
 * @SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN: u32, at least 1. At most timeout-max.
 *	Seconds that a flow in the state tcp-syn may be idle, default 60.
 * @SVCLB_A_SETTINGS_TIMEOUT_TCP_ESTABLISHED: u32, at least 1. At most
 *	timeout-max. Seconds that a flow in the state tcp-established may be idle,
 *	default 86400.
 * @SVCLB_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED: u32, at least 1. At most
 *	timeout-max. Seconds that a flow in the state tcp-half-closed may be idle,
 *	default 3600.
 * @SVCLB_A_SETTINGS_TIMEOUT_TCP_CLOSED: u32, at least 1. At most timeout-max.
 *	Seconds that a flow in the state tcp-closed may be idle, default 60.
 * @SVCLB_A_SETTINGS_TIMEOUT_UDP: u32, at least 1. At most timeout-max. Seconds
 *	that a flow in the state udp may be idle, default 30.
 * @SVCLB_A_SETTINGS_TIMEOUT_UDP_STREAM: u32, at least 1. At most timeout-max.
 *	Seconds that a flow in the state udp-stream may be idle, default 120.
 * @SVCLB_A_SETTINGS_TIMEOUT_SCTP_SETUP: u32, at least 1. At most timeout-max.
 *	Seconds that a flow in the state sctp-setup may be idle, default 60.
 * @SVCLB_A_SETTINGS_TIMEOUT_SCTP_ESTABLISHED: u32, at least 1. At most
 *	timeout-max. Seconds that a flow in the state sctp-established may be idle,
 *	default 7200.
 * @SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED: u32, at least 1. At most timeout-max.
 *	Seconds that a flow in the state sctp-closed may be idle, default 10.
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
	SVCLB_A_SETTINGS_POD_INTERFACE,
	SVCLB_A_SETTINGS_NO_POD_INTERFACES,
	SVCLB_A_SETTINGS_NODE_PORT_ADDRESS,
	SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES,
	SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK,
	SVCLB_A_SETTINGS_SERVICE_NETWORK,
	SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS,
	SVCLB_A_SETTINGS_ANSWER_PING,
	SVCLB_A_SETTINGS_MAGLEV_SEED,
	SVCLB_A_SETTINGS_AFFINITY_MAX,
	SVCLB_A_SETTINGS_PAD,
	SVCLB_A_SETTINGS_DATAPATH,
	SVCLB_A_SETTINGS_FLOW_MAX,
	SVCLB_A_SETTINGS_FLOW_FULL,
	SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN,
	SVCLB_A_SETTINGS_TIMEOUT_TCP_ESTABLISHED,
	SVCLB_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED,
	SVCLB_A_SETTINGS_TIMEOUT_TCP_CLOSED,
	SVCLB_A_SETTINGS_TIMEOUT_UDP,
	SVCLB_A_SETTINGS_TIMEOUT_UDP_STREAM,
	SVCLB_A_SETTINGS_TIMEOUT_SCTP_SETUP,
	SVCLB_A_SETTINGS_TIMEOUT_SCTP_ESTABLISHED,
	SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED,

	__SVCLB_A_SETTINGS_MAX,
	SVCLB_A_SETTINGS_MAX = (__SVCLB_A_SETTINGS_MAX - 1),
};

/**
 * enum svclb_affinity_attr - Which backend a client of a service keeps
 * @SVCLB_A_AFFINITY_SERVICE_ID: u32. Number of the service.
 * @SVCLB_A_AFFINITY_SERVICE_NAME: String of at most 255 bytes. Its name.
 * @SVCLB_A_AFFINITY_ADDRESS4: u32 in network byte order. IPv4 address of the
 *	client.
 * @SVCLB_A_AFFINITY_ADDRESS6: 16 bytes in network byte order. IPv6 address of
 *	the client.
 * @SVCLB_A_AFFINITY_BACKEND_ID: u32. Number of the backend within the service.
 * @SVCLB_A_AFFINITY_EXPIRES: u32. Milliseconds until the entry ends unless it
 *	is used.
 * @__SVCLB_A_AFFINITY_MAX: One past the last value.
 * @SVCLB_A_AFFINITY_MAX: The last value.
 */
enum svclb_affinity_attr {
	SVCLB_A_AFFINITY_SERVICE_ID = 1,
	SVCLB_A_AFFINITY_SERVICE_NAME,
	SVCLB_A_AFFINITY_ADDRESS4,
	SVCLB_A_AFFINITY_ADDRESS6,
	SVCLB_A_AFFINITY_BACKEND_ID,
	SVCLB_A_AFFINITY_EXPIRES,

	__SVCLB_A_AFFINITY_MAX,
	SVCLB_A_AFFINITY_MAX = (__SVCLB_A_AFFINITY_MAX - 1),
};

/**
 * enum svclb_flow_attr - A connection that the direct datapath translates
 * @SVCLB_A_FLOW_SERVICE_ID: u32. Number of the service; left out when it is
 *	gone.
 * @SVCLB_A_FLOW_SERVICE_NAME: String of at most 255 bytes. Its name.
 * @SVCLB_A_FLOW_PROTOCOL: u8. IP protocol.
 * @SVCLB_A_FLOW_CLIENT4: u32 in network byte order. IPv4 address of the
 *	client.
 * @SVCLB_A_FLOW_CLIENT6: 16 bytes in network byte order. IPv6 address of the
 *	client.
 * @SVCLB_A_FLOW_CLIENT_PORT: u16 in network byte order. Port of the client.
 * @SVCLB_A_FLOW_DESTINATION4: u32 in network byte order. IPv4 address that the
 *	client sends to.
 * @SVCLB_A_FLOW_DESTINATION6: 16 bytes in network byte order. IPv6 address
 *	that the client sends to.
 * @SVCLB_A_FLOW_DESTINATION_PORT: u16 in network byte order. Port that the
 *	client sends to.
 * @SVCLB_A_FLOW_BACKEND4: u32 in network byte order. IPv4 address of the
 *	backend.
 * @SVCLB_A_FLOW_BACKEND6: 16 bytes in network byte order. IPv6 address of the
 *	backend.
 * @SVCLB_A_FLOW_BACKEND_PORT: u16 in network byte order. Port of the backend.
 * @SVCLB_A_FLOW_SOURCE4: u32 in network byte order. IPv4 address that the
 *	backend takes for the client's.
 * @SVCLB_A_FLOW_SOURCE6: 16 bytes in network byte order. IPv6 address that the
 *	backend takes for the client's.
 * @SVCLB_A_FLOW_SOURCE_PORT: u16 in network byte order. Port that the backend
 *	takes for the client's.
 * @SVCLB_A_FLOW_STATE: u8, enum svclb_flow_state. The state.
 * @SVCLB_A_FLOW_EXPIRES: u32. Seconds until the flow ends unless a packet
 *	comes.
 * @SVCLB_A_FLOW_COUNT: u32. How many flows were deleted.
 * @__SVCLB_A_FLOW_MAX: One past the last value.
 * @SVCLB_A_FLOW_MAX: The last value.
 */
enum svclb_flow_attr {
	SVCLB_A_FLOW_SERVICE_ID = 1,
	SVCLB_A_FLOW_SERVICE_NAME,
	SVCLB_A_FLOW_PROTOCOL,
	SVCLB_A_FLOW_CLIENT4,
	SVCLB_A_FLOW_CLIENT6,
	SVCLB_A_FLOW_CLIENT_PORT,
	SVCLB_A_FLOW_DESTINATION4,
	SVCLB_A_FLOW_DESTINATION6,
	SVCLB_A_FLOW_DESTINATION_PORT,
	SVCLB_A_FLOW_BACKEND4,
	SVCLB_A_FLOW_BACKEND6,
	SVCLB_A_FLOW_BACKEND_PORT,
	SVCLB_A_FLOW_SOURCE4,
	SVCLB_A_FLOW_SOURCE6,
	SVCLB_A_FLOW_SOURCE_PORT,
	SVCLB_A_FLOW_STATE,
	SVCLB_A_FLOW_EXPIRES,
	SVCLB_A_FLOW_COUNT,

	__SVCLB_A_FLOW_MAX,
	SVCLB_A_FLOW_MAX = (__SVCLB_A_FLOW_MAX - 1),
};

/**
 * enum svclb_resolution_attr - A connection, and what would become of it
 * @SVCLB_A_RESOLUTION_SOURCE4: u32 in network byte order. IPv4 address of the
 *	client.
 * @SVCLB_A_RESOLUTION_SOURCE6: 16 bytes in network byte order. IPv6 address of
 *	the client.
 * @SVCLB_A_RESOLUTION_SOURCE_PORT: u16 in network byte order. Port of the
 *	client, default 0.
 * @SVCLB_A_RESOLUTION_DESTINATION4: u32 in network byte order. IPv4 address
 *	that it is for.
 * @SVCLB_A_RESOLUTION_DESTINATION6: 16 bytes in network byte order. IPv6
 *	address that it is for.
 * @SVCLB_A_RESOLUTION_DESTINATION_PORT: u16 in network byte order. Port that
 *	it is for.
 * @SVCLB_A_RESOLUTION_PROTOCOL: u8. IP protocol.
 * @SVCLB_A_RESOLUTION_INTERFACE: u32. Index of the interface it comes in by;
 *	0, the default, for the node's own.
 * @SVCLB_A_RESOLUTION_VERDICT: u8, enum svclb_verdict, in replies only. What
 *	becomes of it.
 * @SVCLB_A_RESOLUTION_SERVICE_ID: u32, in replies only. Number of the service.
 * @SVCLB_A_RESOLUTION_SERVICE_NAME: String of at most 255 bytes, in replies
 *	only. Name of the service.
 * @SVCLB_A_RESOLUTION_SCHEDULER: u8, enum svclb_scheduler, in replies only.
 *	Scheduler of the service.
 * @SVCLB_A_RESOLUTION_FRONTEND: Nest of SVCLB_A_FRONTEND_*, in replies only.
 *	The frontend that it is addressed to.
 * @SVCLB_A_RESOLUTION_POLICY: u8, enum svclb_traffic_policy, in replies only.
 *	The policy that chose among the backends, for this client.
 * @SVCLB_A_RESOLUTION_SOURCE_RANGE: Nest of SVCLB_A_NETWORK_*, in replies
 *	only. The longest source range that has the client.
 * @SVCLB_A_RESOLUTION_BACKEND: Nest of SVCLB_A_BACKEND_*, repeatable, in
 *	replies only. The backends that it may go to, each with its share.
 * @SVCLB_A_RESOLUTION_CHOICE: u32, in replies only. Number of the backend that
 *	it would go to. Not there where that depends on connections before it.
 * @SVCLB_A_RESOLUTION_AFFINITY: Nest of SVCLB_A_AFFINITY_*, in replies only.
 *	The affinity entry that it would follow.
 * @SVCLB_A_RESOLUTION_MASQUERADE: u8, enum svclb_masquerade_reason, in replies
 *	only. Whether and why it would be masqueraded, unless the backend is the
 *	client.
 * @__SVCLB_A_RESOLUTION_MAX: One past the last value.
 * @SVCLB_A_RESOLUTION_MAX: The last value.
 */
enum svclb_resolution_attr {
	SVCLB_A_RESOLUTION_SOURCE4 = 1,
	SVCLB_A_RESOLUTION_SOURCE6,
	SVCLB_A_RESOLUTION_SOURCE_PORT,
	SVCLB_A_RESOLUTION_DESTINATION4,
	SVCLB_A_RESOLUTION_DESTINATION6,
	SVCLB_A_RESOLUTION_DESTINATION_PORT,
	SVCLB_A_RESOLUTION_PROTOCOL,
	SVCLB_A_RESOLUTION_INTERFACE,
	SVCLB_A_RESOLUTION_VERDICT,
	SVCLB_A_RESOLUTION_SERVICE_ID,
	SVCLB_A_RESOLUTION_SERVICE_NAME,
	SVCLB_A_RESOLUTION_SCHEDULER,
	SVCLB_A_RESOLUTION_FRONTEND,
	SVCLB_A_RESOLUTION_POLICY,
	SVCLB_A_RESOLUTION_SOURCE_RANGE,
	SVCLB_A_RESOLUTION_BACKEND,
	SVCLB_A_RESOLUTION_CHOICE,
	SVCLB_A_RESOLUTION_AFFINITY,
	SVCLB_A_RESOLUTION_MASQUERADE,

	__SVCLB_A_RESOLUTION_MAX,
	SVCLB_A_RESOLUTION_MAX = (__SVCLB_A_RESOLUTION_MAX - 1),
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
 * @SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE: u64. New connections dropped because
 *	the client is in no source range.
 * @SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND: u64. New connections dropped
 *	because all backends are on other nodes.
 * @SVCLB_A_COUNTERS_DROPPED_UNALLOCATED: u64. New connections dropped because
 *	no service has the address.
 * @SVCLB_A_COUNTERS_DROPPED_LOOPBACK: u64. New connections from outside for a
 *	loopback address, dropped.
 * @SVCLB_A_COUNTERS_ECHOES: u64. Echo requests to a VIP that were answered.
 * @SVCLB_A_COUNTERS_AFFINITY_EVICTED: u64. Affinity entries that had to go
 *	before their time.
 * @SVCLB_A_COUNTERS_SYN_FAILOVERS: u64. Connections moved to another backend
 *	since one did not answer.
 * @SVCLB_A_COUNTERS_REJECTED_NO_FLOW: u64. Packets of connections that the
 *	direct datapath does not know and that do not begin one, refused.
 * @SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL: u64. New connections dropped because
 *	the flow table was full.
 * @SVCLB_A_COUNTERS_FLOWS_EVICTED: u64. Flows that had to go before their
 *	time.
 * @SVCLB_A_COUNTERS_FLOWS: u64. Flows that the direct datapath has now, about.
 * @SVCLB_A_COUNTERS_FLOW_MEMORY: u64. Bytes that they and their table take.
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
	SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE,
	SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND,
	SVCLB_A_COUNTERS_DROPPED_UNALLOCATED,
	SVCLB_A_COUNTERS_DROPPED_LOOPBACK,
	SVCLB_A_COUNTERS_ECHOES,
	SVCLB_A_COUNTERS_AFFINITY_EVICTED,
	SVCLB_A_COUNTERS_SYN_FAILOVERS,
	SVCLB_A_COUNTERS_REJECTED_NO_FLOW,
	SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL,
	SVCLB_A_COUNTERS_FLOWS_EVICTED,
	SVCLB_A_COUNTERS_FLOWS,
	SVCLB_A_COUNTERS_FLOW_MEMORY,

	__SVCLB_A_COUNTERS_MAX,
	SVCLB_A_COUNTERS_MAX = (__SVCLB_A_COUNTERS_MAX - 1),
};

/**
 * enum svclb_cmd - Operations and notifications
 * @SVCLB_CMD_SERVICE_GET: One service by reference, or a dump of all. Members
 *	are not in the reply. Do request: id, name, protocol, family, frontend. Do
 *	reply: id, name, family, protocol, scheduler, generation, frontend-count,
 *	backend-count, stats, affinity-timeout, syn-failover, source-range-count.
 *	Dump request: no attributes. Dump reply: id, name, family, protocol,
 *	scheduler, generation, frontend-count, backend-count, stats,
 *	affinity-timeout, syn-failover, source-range-count.
 * @SVCLB_CMD_SERVICE_SET: Creates a service or replaces it whole. With
 *	NLM_F_EXCL it must not exist; without NLM_F_CREATE it must. Do request:
 *	name, family, protocol, scheduler, generation, frontend, backend,
 *	affinity-timeout, syn-failover, source-range.
 * @SVCLB_CMD_SERVICE_EDIT: Changes the scheduler, the generation, the affinity
 *	timeout, the fail-over or the source ranges, leaving all else. Do request:
 *	id, name, protocol, family, frontend, scheduler, generation,
 *	affinity-timeout, syn-failover, source-range, no-source-ranges.
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
 *	request: id, name, protocol, family, frontend, count-connections. Dump
 *	reply: id, name, family, protocol, backend.
 * @SVCLB_CMD_BACKEND_SET: Adds backends to a service or changes them. With
 *	NLM_F_EXCL none may be there; without NLM_F_CREATE all must be. What a
 *	change leaves out keeps its value. Do request: id, name, protocol, family,
 *	frontend, backend.
 * @SVCLB_CMD_BACKEND_DEL: Removes backends from a service. All must be there.
 *	Do request: id, name, protocol, family, frontend, backend.
 * @SVCLB_CMD_SETTINGS_GET: The settings of the namespace. Do request: no
 *	attributes. Do reply: cluster-network, masquerade-all, node-port-min,
 *	node-port-max, default-scheduler, pod-interface, node-port-address,
 *	node-port-loopback, service-network, answer-ping, maglev-seed, affinity-max,
 *	datapath, flow-max, flow-full, timeout-tcp-syn, timeout-tcp-established,
 *	timeout-tcp-half-closed, timeout-tcp-closed, timeout-udp,
 *	timeout-udp-stream, timeout-sctp-setup, timeout-sctp-established,
 *	timeout-sctp-closed.
 * @SVCLB_CMD_SETTINGS_SET: Changes the settings that are given, leaving all
 *	others. Do request: cluster-network, no-cluster-networks, masquerade-all,
 *	node-port-min, node-port-max, default-scheduler, pod-interface,
 *	no-pod-interfaces, node-port-address, no-node-port-addresses,
 *	node-port-loopback, service-network, no-service-networks, answer-ping,
 *	maglev-seed, affinity-max, datapath, flow-max, flow-full, timeout-tcp-syn,
 *	timeout-tcp-established, timeout-tcp-half-closed, timeout-tcp-closed,
 *	timeout-udp, timeout-udp-stream, timeout-sctp-setup,
 *	timeout-sctp-established, timeout-sctp-closed.
 * @SVCLB_CMD_COUNTERS_GET: The counters of the namespace. Do request: no
 *	attributes. Do reply: connections, masqueraded, rejected-no-backend,
 *	rejected-unused-port, dropped-no-port, dropped-no-address, dropped-nat,
 *	stale-flows, dropped-source-range, dropped-no-local-backend,
 *	dropped-unallocated, dropped-loopback, echoes, affinity-evicted,
 *	syn-failovers, rejected-no-flow, dropped-flows-full, flows-evicted, flows,
 *	flow-memory.
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
 * @SVCLB_CMD_RESOLVE: Says what would become of a connection, by the code that
 *	decides about packets, and changes nothing. Do request: source4, source6,
 *	source-port, destination4, destination6, destination-port, protocol,
 *	interface. Do reply: verdict, service-id, service-name, scheduler, frontend,
 *	policy, source-range, backend, choice, affinity, masquerade.
 * @SVCLB_CMD_AFFINITY_GET: Dumps the affinity entries, in no order. Dump
 *	request: no attributes. Dump reply: service-id, service-name, address4,
 *	address6, backend-id, expires.
 * @SVCLB_CMD_BACKEND_DRAINED_NTF: A draining backend has no connection any
 *	more. Notification of group config with the attributes that backend-get
 *	replies.
 * @SVCLB_CMD_SOURCE_RANGE_GET: Dumps the source ranges of all services, or of
 *	one. Dump request: id, name, protocol, family, frontend. Dump reply: id,
 *	name, family, protocol, source-range.
 * @SVCLB_CMD_FLOW_GET: Dumps the flows of the direct datapath, in no order:
 *	all, or those that agree with what the request gives. Dump request:
 *	service-id, service-name, protocol, client4, client6, client-port,
 *	destination4, destination6, destination-port, backend4, backend6,
 *	backend-port, state. Dump reply: service-id, service-name, protocol,
 *	client4, client6, client-port, destination4, destination6, destination-port,
 *	backend4, backend6, backend-port, source4, source6, source-port, state,
 *	expires.
 * @SVCLB_CMD_FLOW_DEL: Deletes flows of the direct datapath, all or those that
 *	agree with what the request gives. Their connections break, or begin anew.
 *	Do request: service-id, service-name, protocol, client4, client6,
 *	client-port, destination4, destination6, destination-port, backend4,
 *	backend6, backend-port, state. Do reply: count.
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
	SVCLB_CMD_RESOLVE,
	SVCLB_CMD_AFFINITY_GET,
	SVCLB_CMD_BACKEND_DRAINED_NTF,
	SVCLB_CMD_SOURCE_RANGE_GET,
	SVCLB_CMD_FLOW_GET,
	SVCLB_CMD_FLOW_DEL,

	__SVCLB_CMD_MAX,
	SVCLB_CMD_MAX = (__SVCLB_CMD_MAX - 1),
};

/*
 * Configuration changes. Joining needs CAP_NET_ADMIN in the user namespace
 * that owns the network namespace.
 */
#define SVCLB_MCGRP_CONFIG "config"

#endif /* _UAPI_SVCLB_H */
