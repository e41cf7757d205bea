/* SPDX-License-Identifier: GPL-2.0-only */
/* Generated from Documentation/netlink/specs/svclb.yaml, do not edit. */

#ifndef SVCLB_NETLINK_GEN_H
#define SVCLB_NETLINK_GEN_H

#include <net/genetlink.h>
#include <net/netlink.h>

#include "uapi/svclb.h"

/* Indices of the multicast groups. */
enum {
	SVCLB_NL_MCGRP_CONFIG,
	SVCLB_NL_MCGRPS_COUNT
};

#define SVCLB_NL_OPS_COUNT 21

extern struct genl_ops svclb_nl_ops[SVCLB_NL_OPS_COUNT];
extern const struct genl_multicast_group svclb_nl_mcgrps[SVCLB_NL_MCGRPS_COUNT];

extern const struct nla_policy svclb_frontend_nl_policy[SVCLB_A_FRONTEND_RESTRICTED + 1];
extern const struct nla_policy svclb_backend_nl_policy[SVCLB_A_BACKEND_FLAGS + 1];
extern const struct nla_policy svclb_network_nl_policy[SVCLB_A_NETWORK_PREFIX_LENGTH + 1];

int svclb_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_service_get_dump_start(struct netlink_callback *cb);
int svclb_nl_service_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_dump_done(struct netlink_callback *cb);
int svclb_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_service_edit_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_frontend_get_dump_start(struct netlink_callback *cb);
int svclb_nl_frontend_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_frontend_add_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_frontend_del_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_backend_get_dump_start(struct netlink_callback *cb);
int svclb_nl_backend_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_backend_set_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_backend_del_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_counters_get_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_counters_zero_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_flush_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_purge_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_resolve_doit(struct sk_buff *skb, struct genl_info *info);
int svclb_nl_affinity_get_dump_start(struct netlink_callback *cb);
int svclb_nl_affinity_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_source_range_get_dump_start(struct netlink_callback *cb);
int svclb_nl_source_range_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_flow_get_dump_start(struct netlink_callback *cb);
int svclb_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int svclb_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info);

#endif /* SVCLB_NETLINK_GEN_H */
