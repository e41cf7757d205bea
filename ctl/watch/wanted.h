/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_WANTED_H
#define SVCLB_CTL_WANTED_H

#include <jansson.h>

#include "lib/config.h"

json_t *svclb_wanted_json(const struct svclb_config *config);

#endif /* SVCLB_CTL_WANTED_H */
