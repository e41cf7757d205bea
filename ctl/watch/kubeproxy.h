/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_KUBEPROXY_H
#define SVCLB_CTL_KUBEPROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"
#include "log.h"

#endif /* SVCLB_CTL_KUBEPROXY_H */
