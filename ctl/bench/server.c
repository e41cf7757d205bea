// SPDX-License-Identifier: GPL-2.0-only
/*
 * An API server over TLS that has a generated cluster: lists in pages, compressed
 * as a genuine one does it, and watches that tell one change for each byte that
 * comes from a descriptor.
 */
#include "server.h"

#include <err.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* From how many bytes on, and how thoroughly, a genuine server compresses. */

#define EMPTY_LIST "{\"kind\":\"NodeList\",\"apiVersion\":\"v1\"," \
	"\"metadata\":{\"resourceVersion\":\"%u\"},\"items\":[]}\n"
#define GZIP_MIN 131072
#define GZIP_LEVEL 4

/**
 * struct server - the server
 * @cluster: what it has
 * @changes: a byte for each change to tell
 * @version: resource version
 * @changed: how many changes were told
 */
struct server {
	const struct cluster *cluster;
	int changes;
	unsigned int version;
	int changed;
};

static char *read_pem(const char *directory, const char *name)
{
	char *path, *text = calloc(1, 16384);
	FILE *file;

	if (!text || asprintf(&path, "%s/%s.pem", directory, name) < 0)
		err(2, "calloc");
	file = fopen(path, "r");
	if (!file || !fread(text, 1, 16383, file))
		err(2, "%s", path);
	fclose(file);
	free(path);
	return text;
}

/* One page of a list, or all of it without a limit. */
static void write_list(const struct server *server, FILE *file, bool slices,
		       int from, int limit)
{
	const struct cluster *cluster = server->cluster;
	int i, to = cluster->services;

	if (limit && limit < to - from)
		to = from + limit;
	fprintf(file, "{\"kind\":\"%sList\",\"apiVersion\":\"%s\",",
		slices ? "EndpointSlice" : "Service",
		slices ? "discovery.k8s.io/v1beta1" : "v1");
	fprintf(file, "\"metadata\":{\"resourceVersion\":\"%u\"",
		server->version);
	if (to < cluster->services)
		fprintf(file, ",\"continue\":\"%d\",\"remainingItemCount\":%d",
			to, cluster->services - to);
	fputs("},\"items\":[", file);
	for (i = from; i < to; i++) {
		if (i > from)
			putc(',', file);
		if (slices)
			cluster_write_slice(cluster, file, i,
					    cluster->endpoints, false);
		else
			cluster_write_service(cluster, file, i, false);
	}
	fputs("]}\n", file);
}

static char *compress_text(const char *text, size_t *len)
{
	z_stream stream = {
		.next_in = (void *)(uintptr_t)text,
		.avail_in = *len,
	};
	size_t room = *len / 2 + 4096;
	char *to = malloc(room);

	if (!to || deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, 15 + 16, 8,
				Z_DEFAULT_STRATEGY) != Z_OK)
		errx(2, "zlib");
	stream.next_out = (Bytef *)to;
	stream.avail_out = (uInt)room;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		errx(2, "zlib");
	*len = stream.total_out;
	deflateEnd(&stream);
	return to;
}

static int argument(struct MHD_Connection *connection, const char *name)
{
	const char *text;

	text = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
					   name);
	return text ? atoi(text) : 0;
}

static enum MHD_Result answer_list(const struct server *server,
				   struct MHD_Connection *connection,
				   bool slices, bool empty)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	const char *accepted;
	char *text, *packed;
	bool gzip = false;
	size_t len;
	FILE *file;

	file = open_memstream(&text, &len);
	if (!file)
		err(2, "open_memstream");
	if (empty)
		fprintf(file, EMPTY_LIST, server->version);
	else
		write_list(server, file, slices,
			   argument(connection, "continue"),
			   argument(connection, "limit"));
	fclose(file);
	accepted = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
					       "Accept-Encoding");
	if (accepted && strstr(accepted, "gzip") && len >= GZIP_MIN) {
		packed = compress_text(text, &len);
		free(text);
		text = packed;
		gzip = true;
	}
	response = MHD_create_response_from_buffer(len, text,
						   MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, "Content-Type", "application/json");
	if (gzip)
		MHD_add_response_header(response, "Content-Encoding", "gzip");
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

/* The next event of the slices: one more endpoint, or one less. */
static ssize_t next_event(void *data, uint64_t offset, char *buffer,
			  size_t room)
{
	struct server *server = data;
	char *text, byte;
	size_t len;
	FILE *file;
	int nr;

	(void)offset;
	if (read(server->changes, &byte, 1) != 1)
		return MHD_CONTENT_READER_END_OF_STREAM;
	file = open_memstream(&text, &len);
	if (!file)
		err(2, "open_memstream");
	cluster_write_slice(server->cluster, file,
			    server->cluster->services / 2,
			    server->cluster->endpoints +
			    (++server->changed & 1), true);
	fclose(file);
	/* In a list objects do not say what they are. */
	nr = snprintf(buffer, room, "%s,%s}\n",
		      "{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/v1beta1\"",
		      text);
	if (nr < 0 || (size_t)nr >= room)
		errx(2, "an event is too long");
	free(text);
	return nr;
}

static ssize_t no_event(void *data, uint64_t offset, char *buffer, size_t room)
{
	(void)data;
	(void)offset;
	(void)buffer;
	(void)room;
	pause();
	return MHD_CONTENT_READER_END_OF_STREAM;
}

static enum MHD_Result answer_watch(struct server *server,
				    struct MHD_Connection *connection,
				    bool slices)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 131072,
						     slices ? next_event :
							      no_event,
						     server, NULL);
	MHD_add_response_header(response, "Content-Type", "application/json");
	result = MHD_queue_response(connection, MHD_HTTP_OK, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer(void *data, struct MHD_Connection *connection,
			      const char *url, const char *method,
			      const char *version, const char *upload,
			      size_t *upload_size, void **request)
{
	static const char missing[] = "404 page not found\n";
	bool slices = strstr(url, "endpointslices");
	struct server *server = data;
	struct MHD_Response *response;
	enum MHD_Result result;

	(void)method;
	(void)version;
	(void)upload;
	(void)upload_size;
	(void)request;
	/* The server whose objects these are has no other version. */
	if (slices && !strstr(url, "v1beta1")) {
		response = MHD_create_response_from_buffer(strlen(missing),
							   (void *)(uintptr_t)missing,
							   MHD_RESPMEM_PERSISTENT);
		result = MHD_queue_response(connection, MHD_HTTP_NOT_FOUND,
					    response);
		MHD_destroy_response(response);
		return result;
	}
	if (MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND,
					"watch"))
		return answer_watch(server, connection, slices);
	return answer_list(server, connection, slices, strstr(url, "nodes"));
}

/**
 * server_run() - serve until the process is killed
 * @cluster:   what to serve
 * @directory: where cert.pem and key.pem are
 * @tell:      where to write the port
 * @changes:   where a byte comes for each change
 *
 * Return: -1, if that is not possible.
 */
int server_run(const struct cluster *cluster, const char *directory, int tell,
	       int changes)
{
	struct server server = {
		.cluster = cluster, .changes = changes, .version = 209,
	};
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;
	int port;

	daemon = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION |
				  MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS,
				  0, NULL, NULL, answer, &server,
				  MHD_OPTION_HTTPS_MEM_CERT,
				  read_pem(directory, "cert"),
				  MHD_OPTION_HTTPS_MEM_KEY,
				  read_pem(directory, "key"), MHD_OPTION_END);
	info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) :
			NULL;
	if (!info)
		return -1;
	port = info->port;
	if (write(tell, &port, sizeof(port)) != sizeof(port))
		return -1;
	for (;;)
		pause();
}
