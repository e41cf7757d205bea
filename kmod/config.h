/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_CONFIG_H
#define _SVCLB_CONFIG_H

#include "net.h"

struct netlink_ext_ack;

/**
 * struct svclb_frontend_spec - a frontend as a request wants it
 * @key:    its key, whole
 * @policy: its policy
 * @attr:   the attribute it came in, to point at in errors
 */
struct svclb_frontend_spec {
	struct svclb_key key;
	struct svclb_policy policy;
	const struct nlattr *attr;
};

/**
 * struct svclb_service_spec - a service as a request wants it
 * @name:         name, well formed
 * @family:       NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto:        IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @terms:        the terms without policies; the ranges are a reference of the
 *                caller's
 * @generation:   generation
 * @frontends:    the frontends, all of @family and @proto
 * @nr_frontends: how many
 * @backends:     the backends; sorted in place
 * @nr_backends:  how many
 */
struct svclb_service_spec {
	const char *name;
	u8 family;
	u8 proto;
	struct svclb_terms terms;
	u64 generation;
	const struct svclb_frontend_spec *frontends;
	u32 nr_frontends;
	struct svclb_backend_spec *backends;
	u32 nr_backends;
};

/**
 * struct svclb_mode - what a request wants of the things that it names
 * @create:    make what is not there; without it, that is an error
 * @exclusive: what is there already is an error
 */
struct svclb_mode {
	bool create;
	bool exclusive;
};

int svclb_config_service_set(struct svclb_net *sn,
			     const struct svclb_service_spec *spec,
			     struct svclb_mode mode,
			     struct svclb_service **service,
			     struct netlink_ext_ack *extack);
int svclb_config_service_edit(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_terms *terms, u64 generation);
void svclb_config_service_del(struct svclb_net *sn,
			      struct svclb_service *service);
int svclb_config_frontends_add(struct svclb_net *sn,
			       struct svclb_service *service,
			       const struct svclb_frontend_spec *specs, u32 nr,
			       struct netlink_ext_ack *extack);
int svclb_config_frontends_del(struct svclb_net *sn,
			       struct svclb_service *service,
			       const struct svclb_frontend_spec *specs, u32 nr,
			       struct netlink_ext_ack *extack);
int svclb_config_backends_set(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct svclb_mode mode,
			      struct netlink_ext_ack *extack);
int svclb_config_backends_del(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct netlink_ext_ack *extack);
int svclb_config_settings_set(struct svclb_net *sn,
			      struct svclb_settings *settings);
void svclb_config_zero(struct svclb_net *sn, struct svclb_service *service);
void svclb_config_zero_all(struct svclb_net *sn);
void svclb_config_uninit(struct svclb_net *sn);

#endif /* _SVCLB_CONFIG_H */
