/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_CONFIG_SET_H
#define _SVCLB_CONFIG_SET_H

#include "net.h"

struct netlink_ext_ack;

int svclb_set_check(struct svclb_backend_spec *specs, u32 nr,
		    struct netlink_ext_ack *extack);
struct svclb_backend_set *
svclb_set_create(struct svclb_net *sn, struct svclb_service *service,
		 const struct svclb_backend_spec *specs, u32 nr,
		 struct svclb_terms *terms);
void svclb_set_publish(struct svclb_net *sn, struct svclb_service *service,
		       struct svclb_backend_set *set);
struct svclb_backend_spec *
svclb_set_specs(const struct svclb_backend_set *old, u32 extra);
int svclb_set_change_backends(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct netlink_ext_ack *extack);
struct svclb_backend_set *
svclb_set_change_terms(struct svclb_net *sn, struct svclb_service *service,
		       struct svclb_terms *terms);

#endif /* _SVCLB_CONFIG_SET_H */
