/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_BENCH_CLUSTER_H
#define SVCLB_CTL_BENCH_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CLUSTER_PIECES 64

/**
 * struct cluster_piece - text, and what follows it
 * @text:  the text
 * @len:   its length
 * @place: what follows and is another one in each object; -1: nothing
 */
struct cluster_piece {
	const char *text;
	size_t len;
	int place;
};

/**
 * struct cluster - the objects of a cluster, as an API server writes them
 * @services:  how many Services it has
 * @endpoints: how many endpoints each of them has
 * @service:   a Service that such a server wrote
 * @slice:     its EndpointSlice, up to the endpoints
 * @endpoint:  one of them
 * @rest:      what follows them
 * @parts:     the text of @endpoint
 */
struct cluster {
	int services;
	int endpoints;
	struct cluster_piece service[CLUSTER_PIECES];
	struct cluster_piece slice[CLUSTER_PIECES];
	struct cluster_piece endpoint[CLUSTER_PIECES];
	struct cluster_piece rest[CLUSTER_PIECES];
	char *parts;
};

void cluster_init(struct cluster *cluster, const char *templates);
void cluster_write_service(const struct cluster *cluster, FILE *file, int i,
			   bool inside);
void cluster_write_slice(const struct cluster *cluster, FILE *file, int i,
			 int endpoints, bool inside);

#endif /* SVCLB_CTL_BENCH_CLUSTER_H */
