// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes Services and EndpointSlices of any number from one of each that a genuine
 * API server wrote (selftests/bench/watch/): the same fields, in the same order.
 */
#include "cluster.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

/* Where another object has something else than those that were recorded. */
enum place {
	PLACE_NR,
	PLACE_NAMESPACE,
	PLACE_SERVICE_UID,
	PLACE_SLICE_UID,
	PLACE_POD_UID,
	PLACE_CLUSTER_IP,
	PLACE_POD_IP,
	PLACE_POD,
	PLACES,
};

static const char *const recorded[PLACES] = {
	[PLACE_NR] = "10001",
	[PLACE_NAMESPACE] = "team-1",
	[PLACE_SERVICE_UID] = "f76c3289",
	[PLACE_SLICE_UID] = "1b940d13",
	[PLACE_POD_UID] = "5353938b",
	[PLACE_CLUSTER_IP] = "10.96.219.32",
	[PLACE_POD_IP] = "10.128.10.1",
	[PLACE_POD] = "x7k21",
};

static char *read_template(const char *directory, const char *name)
{
	char *path, *text = NULL;
	size_t room = 0;
	ssize_t len;
	FILE *file;

	if (asprintf(&path, "%s/%s.json", directory, name) < 0)
		err(2, "asprintf");
	file = fopen(path, "r");
	len = file ? getline(&text, &room, file) : -1;
	if (len < 2)
		err(2, "%s", path);
	text[len - 1] = '\0';
	fclose(file);
	free(path);
	return text;
}

/* Cuts a text where objects differ. */
static void cut(struct cluster_piece *piece, const char *text)
{
	const struct cluster_piece *end = piece + CLUSTER_PIECES;
	const char *at, *first;
	int place;

	for (; piece < end; piece++) {
		first = NULL;
		piece->text = text;
		piece->place = -1;
		for (place = 0; place < PLACES; place++) {
			at = strstr(text, recorded[place]);
			if (!at || (first && at >= first))
				continue;
			first = at;
			piece->place = place;
		}
		if (!first) {
			piece->len = strlen(text);
			return;
		}
		piece->len = (size_t)(first - text);
		text = first + strlen(recorded[piece->place]);
	}
	errx(2, "too much of a template is variable");
}

/**
 * cluster_init() - read the objects that were recorded
 * @cluster:   where to keep them, for good
 * @templates: directory where they are
 */
void cluster_init(struct cluster *cluster, const char *templates)
{
	static const char begin[] = "\"endpoints\":[", end[] = "],\"ports\"";
	char *slice, *endpoint, *rest;

	cut(cluster->service, read_template(templates, "service") + 1);
	slice = read_template(templates, "endpointslice");
	endpoint = strstr(slice, begin);
	rest = endpoint ? strstr(endpoint + strlen(begin), end) : NULL;
	if (!rest)
		errx(2, "no endpoints in endpointslice.json");
	endpoint += strlen(begin);
	cluster->parts = strndup(endpoint, (size_t)(rest - endpoint));
	if (!cluster->parts)
		err(2, "strndup");
	cut(cluster->rest, rest);
	cut(cluster->endpoint, cluster->parts);
	*endpoint = '\0';
	cut(cluster->slice, slice + 1);
}

static void write_place(FILE *file, enum place place, int i, int j)
{
	static const int bits[PLACES] = {
		[PLACE_SERVICE_UID] = 0x10000000,
		[PLACE_SLICE_UID] = 0x20000000,
		[PLACE_POD_UID] = 0x30000000,
	};

	switch (place) {
	case PLACE_NR:
		fprintf(file, "%d", 10000 + i);
		break;
	case PLACE_NAMESPACE:
		fprintf(file, "team-%d", i % 200);
		break;
	case PLACE_CLUSTER_IP:
		fprintf(file, "10.%d.%d.%d", 96 + i / 62500, i / 250 % 250,
			i % 250 + 1);
		break;
	case PLACE_POD_IP:
		fprintf(file, "10.%d.%d.%d", 128 + j, i / 250 % 250,
			i % 250 + 1);
		break;
	case PLACE_POD:
		fprintf(file, "x%04d", j);
		break;
	default:
		fprintf(file, "%08x", bits[place] + i * 64 + j);
		break;
	}
}

static void write_pieces(FILE *file, const struct cluster_piece *piece, int i,
			 int j)
{
	for (;; piece++) {
		fwrite(piece->text, 1, piece->len, file);
		if (piece->place < 0)
			return;
		write_place(file, (enum place)piece->place, i, j);
	}
}

/* The whole object, or what is behind its brace. */
static void write_object(FILE *file, const struct cluster_piece *piece, int i,
			 bool inside)
{
	if (!inside)
		putc('{', file);
	write_pieces(file, piece, i, 0);
}

/**
 * cluster_write_service() - write a Service
 * @cluster: of which cluster
 * @file:    where
 * @i:       which one
 * @inside:  whether its first brace has been written
 */
void cluster_write_service(const struct cluster *cluster, FILE *file, int i,
			   bool inside)
{
	write_object(file, cluster->service, i, inside);
}

/**
 * cluster_write_slice() - write the EndpointSlice of a Service
 * @cluster:   of which cluster
 * @file:      where
 * @i:         of which Service
 * @endpoints: how many endpoints it has
 * @inside:    whether its first brace has been written
 */
void cluster_write_slice(const struct cluster *cluster, FILE *file, int i,
			 int endpoints, bool inside)
{
	int j;

	write_object(file, cluster->slice, i, inside);
	for (j = 0; j < endpoints; j++) {
		if (j)
			putc(',', file);
		write_pieces(file, cluster->endpoint, i, j);
	}
	write_pieces(file, cluster->rest, i, 0);
}
