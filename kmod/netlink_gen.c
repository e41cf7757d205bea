// SPDX-License-Identifier: GPL-2.0-only
// Generated from Documentation/netlink/specs/svclb.yaml, do not edit.

#include <linux/cache.h>

#include "netlink_gen.h"

const struct nla_policy svclb_frontend_nl_policy[] = {
	[SVCLB_A_FRONTEND_KIND] = NLA_POLICY_MAX(NLA_U8, SVCLB_FRONTEND_KIND_MAX),
	[SVCLB_A_FRONTEND_ADDRESS4] = { .type = NLA_BE32 },
	[SVCLB_A_FRONTEND_ADDRESS6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FRONTEND_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[SVCLB_A_FRONTEND_POLICY] = NLA_POLICY_MAX(NLA_U8, SVCLB_TRAFFIC_POLICY_MAX),
	[SVCLB_A_FRONTEND_RESTRICTED] = NLA_POLICY_MAX(NLA_U8, 1),
};

static struct netlink_range_validation svclb_backend_weight_range __ro_after_init = {
	.max = SVCLB_WEIGHT_MAX,
};

const struct nla_policy svclb_backend_nl_policy[] = {
	[SVCLB_A_BACKEND_ADDRESS4] = { .type = NLA_BE32 },
	[SVCLB_A_BACKEND_ADDRESS6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_BACKEND_PORT] = NLA_POLICY_MIN(NLA_BE16, 1),
	[SVCLB_A_BACKEND_WEIGHT] = NLA_POLICY_FULL_RANGE(NLA_U32, &svclb_backend_weight_range),
	[SVCLB_A_BACKEND_FLAGS] = NLA_POLICY_MASK(NLA_U32, SVCLB_BACKEND_FLAGS_MASK),
};

const struct nla_policy svclb_network_nl_policy[] = {
	[SVCLB_A_NETWORK_ADDRESS4] = { .type = NLA_BE32 },
	[SVCLB_A_NETWORK_ADDRESS6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_NETWORK_PREFIX_LENGTH] = NLA_POLICY_MAX(NLA_U8, 128),
};

/* For operations without attributes: without a table, all would pass. */
static const struct nla_policy svclb_none_nl_policy[1 + 1] = {
};

static const struct nla_policy svclb_service_get_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static struct netlink_range_validation svclb_service_affinity_timeout_range __ro_after_init = {
	.max = SVCLB_AFFINITY_TIMEOUT_MAX,
};

static const struct nla_policy svclb_service_set_nl_policy[] = {
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_SCHEDULER] = NLA_POLICY_MAX(NLA_U8, SVCLB_SCHED_MAX),
	[SVCLB_A_SERVICE_GENERATION] = { .type = NLA_U64 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
	[SVCLB_A_SERVICE_BACKEND] = NLA_POLICY_NESTED(svclb_backend_nl_policy),
	[SVCLB_A_SERVICE_AFFINITY_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &svclb_service_affinity_timeout_range),
	[SVCLB_A_SERVICE_SYN_FAILOVER] = NLA_POLICY_MAX(NLA_U8, 1),
	[SVCLB_A_SERVICE_SOURCE_RANGE] = NLA_POLICY_NESTED(svclb_network_nl_policy),
};

static const struct nla_policy svclb_service_edit_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_SCHEDULER] = NLA_POLICY_MAX(NLA_U8, SVCLB_SCHED_MAX),
	[SVCLB_A_SERVICE_GENERATION] = { .type = NLA_U64 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
	[SVCLB_A_SERVICE_AFFINITY_TIMEOUT] =
		NLA_POLICY_FULL_RANGE(NLA_U32, &svclb_service_affinity_timeout_range),
	[SVCLB_A_SERVICE_SYN_FAILOVER] = NLA_POLICY_MAX(NLA_U8, 1),
	[SVCLB_A_SERVICE_SOURCE_RANGE] = NLA_POLICY_NESTED(svclb_network_nl_policy),
	[SVCLB_A_SERVICE_NO_SOURCE_RANGES] = { .type = NLA_FLAG },
};

static const struct nla_policy svclb_service_del_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_frontend_get_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_frontend_add_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_frontend_del_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_backend_get_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
	[SVCLB_A_SERVICE_COUNT_CONNECTIONS] = { .type = NLA_FLAG },
};

static const struct nla_policy svclb_backend_set_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
	[SVCLB_A_SERVICE_BACKEND] = NLA_POLICY_NESTED(svclb_backend_nl_policy),
};

static const struct nla_policy svclb_backend_del_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
	[SVCLB_A_SERVICE_BACKEND] = NLA_POLICY_NESTED(svclb_backend_nl_policy),
};

static const struct nla_policy svclb_settings_set_nl_policy[] = {
	[SVCLB_A_SETTINGS_CLUSTER_NETWORK] = NLA_POLICY_NESTED(svclb_network_nl_policy),
	[SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS] = { .type = NLA_FLAG },
	[SVCLB_A_SETTINGS_MASQUERADE_ALL] = NLA_POLICY_MAX(NLA_U8, 1),
	[SVCLB_A_SETTINGS_NODE_PORT_MIN] = NLA_POLICY_MIN(NLA_U16, 1),
	[SVCLB_A_SETTINGS_NODE_PORT_MAX] = NLA_POLICY_MIN(NLA_U16, 1),
	[SVCLB_A_SETTINGS_DEFAULT_SCHEDULER] = NLA_POLICY_MAX(NLA_U8, SVCLB_SCHED_MAX),
	[SVCLB_A_SETTINGS_POD_INTERFACE] = { .type = NLA_NUL_STRING, .len = 16 },
	[SVCLB_A_SETTINGS_NO_POD_INTERFACES] = { .type = NLA_FLAG },
	[SVCLB_A_SETTINGS_NODE_PORT_ADDRESS] = NLA_POLICY_NESTED(svclb_network_nl_policy),
	[SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES] = { .type = NLA_FLAG },
	[SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK] = NLA_POLICY_MAX(NLA_U8, 1),
	[SVCLB_A_SETTINGS_SERVICE_NETWORK] = NLA_POLICY_NESTED(svclb_network_nl_policy),
	[SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS] = { .type = NLA_FLAG },
	[SVCLB_A_SETTINGS_ANSWER_PING] = NLA_POLICY_MAX(NLA_U8, 1),
	[SVCLB_A_SETTINGS_MAGLEV_SEED] = { .type = NLA_U64 },
	[SVCLB_A_SETTINGS_AFFINITY_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_DATAPATH] = NLA_POLICY_MAX(NLA_U8, SVCLB_DATAPATH_MAX),
	[SVCLB_A_SETTINGS_FLOW_MAX] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_FLOW_FULL] = NLA_POLICY_MAX(NLA_U8, SVCLB_FLOW_FULL_MAX),
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_ESTABLISHED] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_CLOSED] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_UDP] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_UDP_STREAM] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_SETUP] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_ESTABLISHED] = NLA_POLICY_MIN(NLA_U32, 1),
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED] = NLA_POLICY_MIN(NLA_U32, 1),
};

static const struct nla_policy svclb_counters_zero_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_purge_nl_policy[] = {
	[SVCLB_A_SERVICE_GENERATION] = { .type = NLA_U64 },
};

static const struct nla_policy svclb_resolve_nl_policy[] = {
	[SVCLB_A_RESOLUTION_SOURCE4] = { .type = NLA_BE32 },
	[SVCLB_A_RESOLUTION_SOURCE6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_RESOLUTION_SOURCE_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_RESOLUTION_DESTINATION4] = { .type = NLA_BE32 },
	[SVCLB_A_RESOLUTION_DESTINATION6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_RESOLUTION_DESTINATION_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_RESOLUTION_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_RESOLUTION_INTERFACE] = { .type = NLA_U32 },
};

static const struct nla_policy svclb_source_range_get_nl_policy[] = {
	[SVCLB_A_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_SERVICE_FAMILY] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_SERVICE_FRONTEND] = NLA_POLICY_NESTED(svclb_frontend_nl_policy),
};

static const struct nla_policy svclb_flow_get_nl_policy[] = {
	[SVCLB_A_FLOW_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_FLOW_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_FLOW_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_FLOW_CLIENT4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_CLIENT6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_CLIENT_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_DESTINATION4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_DESTINATION6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_DESTINATION_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_BACKEND4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_BACKEND6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_BACKEND_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, SVCLB_FLOW_STATE_MAX),
};

static const struct nla_policy svclb_flow_del_nl_policy[] = {
	[SVCLB_A_FLOW_SERVICE_ID] = { .type = NLA_U32 },
	[SVCLB_A_FLOW_SERVICE_NAME] = { .type = NLA_NUL_STRING, .len = SVCLB_NAME_MAX },
	[SVCLB_A_FLOW_PROTOCOL] = { .type = NLA_U8 },
	[SVCLB_A_FLOW_CLIENT4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_CLIENT6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_CLIENT_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_DESTINATION4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_DESTINATION6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_DESTINATION_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_BACKEND4] = { .type = NLA_BE32 },
	[SVCLB_A_FLOW_BACKEND6] = NLA_POLICY_EXACT_LEN(16),
	[SVCLB_A_FLOW_BACKEND_PORT] = { .type = NLA_BE16 },
	[SVCLB_A_FLOW_STATE] = NLA_POLICY_MAX(NLA_U8, SVCLB_FLOW_STATE_MAX),
};

/* Not const: the module may lower the permission before it registers them. */
struct genl_ops svclb_nl_ops[SVCLB_NL_OPS_COUNT] __ro_after_init = {
	{
		.cmd = SVCLB_CMD_SERVICE_GET,
		.doit = svclb_nl_service_get_doit,
		.start = svclb_nl_service_get_dump_start,
		.dumpit = svclb_nl_service_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_service_get_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_service_get_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SERVICE_SET,
		.doit = svclb_nl_service_set_doit,
		.policy = svclb_service_set_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_service_set_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SERVICE_EDIT,
		.doit = svclb_nl_service_edit_doit,
		.policy = svclb_service_edit_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_service_edit_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SERVICE_DEL,
		.doit = svclb_nl_service_del_doit,
		.policy = svclb_service_del_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_service_del_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FRONTEND_GET,
		.start = svclb_nl_frontend_get_dump_start,
		.dumpit = svclb_nl_frontend_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_frontend_get_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_frontend_get_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FRONTEND_ADD,
		.doit = svclb_nl_frontend_add_doit,
		.policy = svclb_frontend_add_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_frontend_add_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FRONTEND_DEL,
		.doit = svclb_nl_frontend_del_doit,
		.policy = svclb_frontend_del_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_frontend_del_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_BACKEND_GET,
		.start = svclb_nl_backend_get_dump_start,
		.dumpit = svclb_nl_backend_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_backend_get_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_backend_get_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_BACKEND_SET,
		.doit = svclb_nl_backend_set_doit,
		.policy = svclb_backend_set_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_backend_set_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_BACKEND_DEL,
		.doit = svclb_nl_backend_del_doit,
		.policy = svclb_backend_del_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_backend_del_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SETTINGS_GET,
		.doit = svclb_nl_settings_get_doit,
		.policy = svclb_none_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_none_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SETTINGS_SET,
		.doit = svclb_nl_settings_set_doit,
		.policy = svclb_settings_set_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_settings_set_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_COUNTERS_GET,
		.doit = svclb_nl_counters_get_doit,
		.policy = svclb_none_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_none_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_COUNTERS_ZERO,
		.doit = svclb_nl_counters_zero_doit,
		.policy = svclb_counters_zero_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_counters_zero_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FLUSH,
		.doit = svclb_nl_flush_doit,
		.policy = svclb_none_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_none_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_PURGE,
		.doit = svclb_nl_purge_doit,
		.policy = svclb_purge_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_purge_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_RESOLVE,
		.doit = svclb_nl_resolve_doit,
		.policy = svclb_resolve_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_resolve_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_AFFINITY_GET,
		.start = svclb_nl_affinity_get_dump_start,
		.dumpit = svclb_nl_affinity_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_none_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_none_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_SOURCE_RANGE_GET,
		.start = svclb_nl_source_range_get_dump_start,
		.dumpit = svclb_nl_source_range_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_source_range_get_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_source_range_get_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FLOW_GET,
		.start = svclb_nl_flow_get_dump_start,
		.dumpit = svclb_nl_flow_get_dumpit,
		.done = svclb_nl_dump_done,
		.policy = svclb_flow_get_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_flow_get_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = SVCLB_CMD_FLOW_DEL,
		.doit = svclb_nl_flow_del_doit,
		.policy = svclb_flow_del_nl_policy,
		.maxattr = ARRAY_SIZE(svclb_flow_del_nl_policy) - 1,
		.flags = GENL_ADMIN_PERM,
	},
};

const struct genl_multicast_group svclb_nl_mcgrps[SVCLB_NL_MCGRPS_COUNT] = {
	[SVCLB_NL_MCGRP_CONFIG] = {
		.name = SVCLB_MCGRP_CONFIG,
		.flags = GENL_MCAST_CAP_NET_ADMIN,
	},
};
