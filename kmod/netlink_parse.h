/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_NETLINK_PARSE_H
#define _SVCLB_NETLINK_PARSE_H

#include <net/genetlink.h>

#include "config.h"

int svclb_parse_family(const struct nlattr *attr, u8 *family,
		       struct netlink_ext_ack *extack);
int svclb_parse_protocol(const struct nlattr *attr, u8 *proto,
			 struct netlink_ext_ack *extack);
int svclb_parse_name(const struct nlattr *attr, const char **name,
		     struct netlink_ext_ack *extack);
int svclb_parse_frontend(const struct nlattr *attr, u8 proto, u8 *family,
			 struct svclb_frontend_spec *spec,
			 struct netlink_ext_ack *extack);
int svclb_parse_frontends(const struct genl_info *info, u8 proto, u8 *family,
			  struct svclb_frontend_spec **specs, u32 *nr);
u32 svclb_parse_count(const struct genl_info *info, int type);
int svclb_parse_address(const struct nlattr *parent, const struct nlattr *attr4,
			const struct nlattr *attr6, u8 *family,
			union nf_inet_addr *addr,
			struct netlink_ext_ack *extack);
int svclb_parse_network(const struct nlattr *attr, u8 *family,
			struct svclb_network *network,
			struct netlink_ext_ack *extack);
int svclb_parse_ranges(const struct genl_info *info, u8 family,
		       struct svclb_ranges **ranges);
int svclb_parse_backends(const struct genl_info *info, u8 *family,
			 struct svclb_backend_spec **specs, u32 *nr);
int svclb_parse_settings(const struct genl_info *info,
			 const struct svclb_settings *old,
			 struct svclb_settings **settings);

#endif /* _SVCLB_NETLINK_PARSE_H */
