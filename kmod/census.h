/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_CENSUS_H
#define _SVCLB_CENSUS_H

#include "net.h"

/**
 * svclb_drained_fn() - told that a draining backend has no connection any more
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @slot:    the backend in the service's set
 */
typedef void svclb_drained_fn(struct svclb_net *sn,
			      const struct svclb_service *service,
			      const struct svclb_backend_slot *slot);

void svclb_census_init(struct svclb_net *sn);
void svclb_census_uninit(struct svclb_net *sn);
void svclb_census_want(struct svclb_net *sn);
void svclb_census_take(struct svclb_net *sn);
void svclb_census_tell_drained(svclb_drained_fn *fn);

#endif /* _SVCLB_CENSUS_H */
