/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_SYSCTL_H
#define SVCLB_CTL_SYSCTL_H

#include "kubeproxy.h"

void svclb_sysctl_conntrack(const struct svclb_kubeproxy_conntrack *conntrack);
void svclb_sysctl_oom_score(int score);

#endif /* SVCLB_CTL_SYSCTL_H */
