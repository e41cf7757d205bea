/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_OWN_SOCKETS_H
#define SVCLB_CTL_OWN_SOCKETS_H

#include <stdbool.h>

#include "k8s.h"
#include "lib/err.h"

bool svclb_own_sockets_line(const char *line, struct svclb_k8s_ip *ip);
int svclb_own_sockets_each(void (*used)(void *data,
					const struct svclb_k8s_ip *ip),
			   void *data, struct svclb_err *err);

#endif /* SVCLB_CTL_OWN_SOCKETS_H */
