/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_YAML_H
#define SVCLB_CTL_YAML_H

#include <jansson.h>
#include <stddef.h>

#include "lib/err.h"

json_t *svclb_yaml_read(const char *text, size_t len, struct svclb_err *err);

#endif /* SVCLB_CTL_YAML_H */
