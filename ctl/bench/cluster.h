/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_BENCH_CLUSTER_H
#define SVCLB_CTL_BENCH_CLUSTER_H

#include <stdio.h>

/**
 * struct cluster - the objects of a cluster, as an API server writes them
 * @services:  how many Services it has
 * @endpoints: how many endpoints each of them has
 * @service:   a Service that such a server wrote
 * @slice:     its EndpointSlice, up to the endpoints
 * @endpoint:  one of them
 * @rest:      what follows them
 */
struct cluster {
	int services;
	int endpoints;
	char *service;
	char *slice;
	char *endpoint;
	char *rest;
};

void cluster_init(struct cluster *cluster, const char *templates);
void cluster_write_service(const struct cluster *cluster, FILE *file, int i);
void cluster_write_slice(const struct cluster *cluster, FILE *file, int i,
			 int endpoints);

#endif /* SVCLB_CTL_BENCH_CLUSTER_H */
