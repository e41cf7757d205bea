/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_JSON_H
#define SVCLB_CTL_JSON_H

#include <jansson.h>

#include "codec.h"
#include "config.h"

json_t *svclb_json_config(const struct svclb_config *config, bool conns);
json_t *svclb_json_service(const struct svclb_service *service, bool conns);
json_t *svclb_json_network(const struct svclb_network *network);
json_t *svclb_json_settings(const struct svclb_settings *settings);
json_t *svclb_json_frontend(const struct svclb_frontend *frontend);
json_t *svclb_json_backend(uint8_t family, const struct svclb_backend *backend);

#endif /* SVCLB_CTL_JSON_H */
