/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_BENCH_SERVER_H
#define SVCLB_CTL_BENCH_SERVER_H

#include "cluster.h"

int server_run(const struct cluster *cluster, const char *directory, int tell,
	       int changes);

#endif /* SVCLB_CTL_BENCH_SERVER_H */
