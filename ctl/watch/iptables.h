/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_IPTABLES_H
#define SVCLB_CTL_IPTABLES_H

#include <stdbool.h>

#include "k8s.h"
#include "leftovers.h"
#include "lib/err.h"

/* Of the tables of iptables, those in which kube-proxy has chains. */
#define SVCLB_IPTABLES_TABLES 3

extern const char *const svclb_iptables_tables[SVCLB_IPTABLES_TABLES];

int svclb_iptables_legacy_find(bool found[SVCLB_FAMILIES]
					 [SVCLB_IPTABLES_TABLES],
			       struct svclb_err *err);
void svclb_iptables_take_over(bool legacy,
			      const bool tables[SVCLB_FAMILIES]
					       [SVCLB_IPTABLES_TABLES],
			      struct svclb_leftovers *leftovers);

#endif /* SVCLB_CTL_IPTABLES_H */
