/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_HEALTH_H
#define SVCLB_CTL_HEALTH_H

#include <jansson.h>

#include "store.h"

int svclb_health_count(const struct svclb_store *store,
		       const struct svclb_k8s_service *service,
		       const char *node);
json_t *svclb_health_json(const struct svclb_store *store, const char *node);

#endif /* SVCLB_CTL_HEALTH_H */
