// SPDX-License-Identifier: GPL-2.0-only
/*
 * One HTTP server for all ports, on the loop: connections are accepted by
 * others and handed in. Clients are not trusted. A connection is for one
 * request and has so long for all of it; when a site has as many connections as
 * it may, the oldest one goes, so that those who keep theirs without asking do
 * not keep others out.
 */
#include "httpd.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Seconds that a client may do nothing. */
#define IDLE_SECONDS 10

/* Bytes that a request's head and the head of its answer have together. */
#define HEAD_BYTES 8192

/**
 * struct limit - what clients of a site may do
 * @connections:  how many there may be at a time
 * @milliseconds: how long one may last
 *
 * Metrics can be large: few at a time, that may take longer.
 */
struct limit {
	unsigned int connections;
	unsigned int milliseconds;
};

static const struct limit limits[SVCLB_SITES] = {
	[SVCLB_SITE_HEALTHZ] = { 128, 10000 },
	[SVCLB_SITE_METRICS] = { 8, 30000 },
	[SVCLB_SITE_SERVICE] = { 512, 10000 },
};

/* All of them together, and some that are being closed. */
#define CONNECTIONS_MAX 1024

/**
 * struct conn - a connection
 * @next: the next younger one of the site
 * @prev: the next older one
 * @fd:   its socket
 * @site: where it came in
 * @port: by which port
 * @end:  when it has to be over, in milliseconds of svclb_loop_now()
 * @shut: whether it was told that it is over
 */
struct conn {
	struct conn *next;
	struct conn *prev;
	int fd;
	enum svclb_site site;
	uint16_t port;
	uint64_t end;
	bool shut;
};

/**
 * struct conns - the connections of a site, by age
 * @oldest:   the first one
 * @youngest: the last one
 * @nr:       how many
 */
struct conns {
	struct conn *oldest;
	struct conn *youngest;
	unsigned int nr;
};

/**
 * struct svclb_httpd - an HTTP server
 * @loop:   where it runs
 * @daemon: the library's part
 * @fd:     what the loop watches for it
 * @answer: fills in answers
 * @data:   for @answer
 * @work:   when the library has something to do
 * @over:   when the next connection has to be over
 * @sites:  connections by site
 */
struct svclb_httpd {
	struct svclb_loop *loop;
	struct MHD_Daemon *daemon;
	int fd;
	void (*answer)(void *data, struct svclb_page *page);
	void *data;
	struct svclb_timer work;
	struct svclb_timer over;
	struct conns sites[SVCLB_SITES];
};

static void link_conn(struct svclb_httpd *httpd, struct conn *conn)
{
	struct conns *conns = &httpd->sites[conn->site];

	conn->prev = conns->youngest;
	if (conn->prev)
		conn->prev->next = conn;
	else
		conns->oldest = conn;
	conns->youngest = conn;
	conns->nr++;
}

static void unlink_conn(struct svclb_httpd *httpd, struct conn *conn)
{
	struct conns *conns = &httpd->sites[conn->site];

	if (conn->prev)
		conn->prev->next = conn->next;
	else
		conns->oldest = conn->next;
	if (conn->next)
		conn->next->prev = conn->prev;
	else
		conns->youngest = conn->prev;
	conns->nr--;
}

/* The one that was just added is the youngest. */
static struct conn *find_conn(const struct svclb_httpd *httpd, int fd)
{
	struct conn *conn;
	size_t i;

	for (i = 0; i < SVCLB_SITES; i++)
		for (conn = httpd->sites[i].youngest; conn; conn = conn->prev)
			if (conn->fd == fd)
				return conn;
	return NULL;
}

/* The library closes it when it next looks. */
static void shut(struct conn *conn)
{
	shutdown(conn->fd, SHUT_RDWR);
	conn->shut = true;
}

static void run(struct svclb_httpd *httpd)
{
	MHD_UNSIGNED_LONG_LONG wait;

	MHD_run(httpd->daemon);
	if (MHD_get_timeout(httpd->daemon, &wait) == MHD_YES)
		svclb_timer_set(httpd->loop, &httpd->work, wait);
	else
		svclb_timer_clear(httpd->loop, &httpd->work);
}

static void on_ready(void *data, uint32_t events)
{
	(void)events;
	run(data);
}

static void on_work(void *data)
{
	run(data);
}

/* Waits for the first connection that will have to be over. */
static void arm_over(struct svclb_httpd *httpd)
{
	uint64_t now = svclb_loop_now(), first = UINT64_MAX;
	const struct conn *conn;
	size_t i;

	for (i = 0; i < SVCLB_SITES; i++) {
		conn = httpd->sites[i].oldest;
		while (conn && conn->shut)
			conn = conn->next;
		if (conn && conn->end < first)
			first = conn->end;
	}
	if (first != UINT64_MAX)
		svclb_timer_set(httpd->loop, &httpd->over,
				first > now ? first - now : 0);
}

static void on_over(void *data)
{
	struct svclb_httpd *httpd = data;
	uint64_t now = svclb_loop_now();
	struct conn *conn;
	size_t i;

	for (i = 0; i < SVCLB_SITES; i++) {
		conn = httpd->sites[i].oldest;
		for (; conn && conn->end <= now; conn = conn->next)
			shut(conn);
	}
	run(httpd);
	arm_over(httpd);
}

static void on_connection(void *data, struct MHD_Connection *connection,
			  void **context,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct svclb_httpd *httpd = data;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(connection,
					       MHD_CONNECTION_INFO_CONNECTION_FD);
		*context = info ? find_conn(httpd, info->connect_fd) : NULL;
	} else if (*context) {
		unlink_conn(httpd, *context);
		free(*context);
		*context = NULL;
	}
}

static struct MHD_Response *refusal(const char *text)
{
	char *body = strdup(text);

	return body ? svclb_httpd_response("text/plain; charset=utf-8", body,
					   strlen(body)) : NULL;
}

static enum MHD_Result on_request(void *data, struct MHD_Connection *connection,
				  const char *path, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_size, void **context)
{
	const union MHD_ConnectionInfo *info;
	struct svclb_page page = { .path = path, .status = MHD_HTTP_OK };
	struct svclb_httpd *httpd = data;
	const struct conn *conn;
	enum MHD_Result result;

	(void)version;
	(void)upload;
	(void)upload_size;
	(void)context;
	info = MHD_get_connection_info(connection,
				       MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	conn = info ? info->socket_context : NULL;
	if (!conn)
		return MHD_NO;
	page.site = conn->site;
	page.port = conn->port;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		page.status = MHD_HTTP_METHOD_NOT_ALLOWED;
		page.response = refusal("method not allowed\n");
		if (page.response)
			MHD_add_response_header(page.response, "Allow",
						"GET, HEAD");
	} else {
		httpd->answer(httpd->data, &page);
		if (!page.response && page.status == MHD_HTTP_NOT_FOUND)
			page.response = refusal("not found\n");
	}
	if (!page.response)
		return MHD_NO;
	result = MHD_queue_response(connection, page.status, page.response);
	if (!page.kept)
		MHD_destroy_response(page.response);
	return result;
}

/**
 * svclb_httpd_response() - make an answer
 * @type: type of its content
 * @body: its content, from malloc(); is freed in any case
 * @len:  how many bytes that has
 *
 * Return: the answer, or NULL when there is no memory.
 */
struct MHD_Response *svclb_httpd_response(const char *type, char *body,
					  size_t len)
{
	struct MHD_Response *response;

	response = MHD_create_response_from_buffer(len, body,
						   MHD_RESPMEM_MUST_FREE);
	if (!response) {
		free(body);
		return NULL;
	}
	MHD_add_response_header(response, "Content-Type", type);
	MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(response, "Connection", "close");
	return response;
}

/* Makes room for one more connection of a site. */
static int make_room(struct svclb_httpd *httpd, enum svclb_site site)
{
	struct conns *conns = &httpd->sites[site];
	struct conn *conn = conns->oldest;

	if (conns->nr < limits[site].connections)
		return 0;
	while (conn && conn->shut)
		conn = conn->next;
	if (conn)
		shut(conn);
	run(httpd);
	return conns->nr < limits[site].connections ? 0 : -1;
}

/**
 * svclb_httpd_add() - serve a connection
 * @httpd: the server
 * @fd:    the connection, which it owns from now on
 * @site:  where it came in
 * @port:  by which port
 */
void svclb_httpd_add(struct svclb_httpd *httpd, int fd, enum svclb_site site,
		     uint16_t port)
{
	struct sockaddr_storage addr = { 0 };
	socklen_t len = sizeof(addr);
	struct conn *conn = NULL;

	if (!make_room(httpd, site) &&
	    !getpeername(fd, (struct sockaddr *)&addr, &len))
		conn = calloc(1, sizeof(*conn));
	if (!conn) {
		close(fd);
		return;
	}
	conn->fd = fd;
	conn->site = site;
	conn->port = port;
	conn->end = svclb_loop_now() + limits[site].milliseconds;
	link_conn(httpd, conn);
	/* It closes the socket if it refuses. */
	if (MHD_add_connection(httpd->daemon, fd, (struct sockaddr *)&addr,
			       len) != MHD_YES) {
		if (find_conn(httpd, fd) == conn) {
			unlink_conn(httpd, conn);
			free(conn);
		}
		return;
	}
	if (!httpd->over.armed)
		arm_over(httpd);
	run(httpd);
}

/**
 * svclb_httpd_create() - begin to serve
 * @httpd:  for the server
 * @loop:   where it runs
 * @answer: fills in the answer to a page; it may set @status to 404 alone
 * @data:   for @answer
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_httpd_create(struct svclb_httpd **httpd, struct svclb_loop *loop,
		       void (*answer)(void *data, struct svclb_page *page),
		       void *data, struct svclb_err *err)
{
	const union MHD_DaemonInfo *info = NULL;
	struct svclb_httpd *new;

	new = calloc(1, sizeof(*new));
	if (!new)
		return svclb_err_memory(err);
	new->loop = loop;
	new->answer = answer;
	new->data = data;
	new->work.expired = on_work;
	new->work.data = new;
	new->over.expired = on_over;
	new->over.data = new;
	new->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET,
				       0, NULL, NULL, on_request, new,
				       MHD_OPTION_CONNECTION_LIMIT,
				       (unsigned int)CONNECTIONS_MAX,
				       MHD_OPTION_CONNECTION_TIMEOUT,
				       (unsigned int)IDLE_SECONDS,
				       MHD_OPTION_CONNECTION_MEMORY_LIMIT,
				       (size_t)HEAD_BYTES,
				       MHD_OPTION_NOTIFY_CONNECTION,
				       on_connection, new, MHD_OPTION_END);
	if (new->daemon)
		info = MHD_get_daemon_info(new->daemon,
					   MHD_DAEMON_INFO_EPOLL_FD);
	new->fd = info ? info->listen_fd : -1;
	if (new->fd < 0) {
		svclb_err_set(err, SVCLB_ERR_FAILED,
			      "the HTTP server does not start");
		goto out;
	}
	if (svclb_loop_watch(loop, new->fd, EPOLLIN, on_ready, new, err))
		goto out;
	*httpd = new;
	return 0;
out:
	if (new->daemon)
		MHD_stop_daemon(new->daemon);
	free(new);
	return -1;
}

/**
 * svclb_httpd_free() - stop serving
 * @httpd: the server, or NULL
 */
void svclb_httpd_free(struct svclb_httpd *httpd)
{
	if (!httpd)
		return;
	svclb_loop_forget(httpd->loop, httpd->fd);
	svclb_timer_clear(httpd->loop, &httpd->work);
	svclb_timer_clear(httpd->loop, &httpd->over);
	MHD_stop_daemon(httpd->daemon);
	free(httpd);
}
