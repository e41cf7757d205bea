// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests over HTTP, all at once on the loop. The library calls back from deep
 * within itself, where a request cannot be ended: it is then only marked, and
 * ends as soon as the library is left.
 */
#include "http.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "http_setup.h"
#include "log.h"

/* Of errors' bodies, and of headers: more than anybody wants to read. */
#define ERROR_MAX (64u << 10)
#define HEADERS_MAX (256u << 10)

/**
 * struct svclb_http - requests to a server
 * @loop:     where they run
 * @access:   how to reach it
 * @multi:    the library's
 * @timer:    when it wants to be called
 * @first:    one of the requests
 * @version:  of HTTP that it spoke last, as the library numbers them
 * @inside:   whether the library is being called
 */
struct svclb_http {
	struct svclb_loop *loop;
	const struct svclb_access *access;
	CURLM *multi;
	struct svclb_timer timer;
	struct svclb_http_get *first;
	long version;
	bool inside;
};

/**
 * struct svclb_http_get - a request
 * @http:       all of them
 * @next:       the next of them
 * @easy:       the library's
 * @request:    what to get; its path is gone
 * @connect_to: see svclb_http_setup()
 * @error:      what the library says
 * @body:       body of an error
 * @len:        its length
 * @headers:    how long the headers were
 * @cancelled:  whether nobody wants to know anything about it any more
 * @answered:   whether the headers of the answer are complete
 */
struct svclb_http_get {
	struct svclb_http *http;
	struct svclb_http_get *next;
	CURL *easy;
	struct svclb_http_request request;
	struct curl_slist *connect_to;
	char error[CURL_ERROR_SIZE];
	char *body;
	size_t len;
	size_t headers;
	bool cancelled;
	bool answered;
};

static void free_get(struct svclb_http_get *get)
{
	struct svclb_http_get **at = &get->http->first;

	while (*at && *at != get)
		at = &(*at)->next;
	if (*at) {
		*at = get->next;
		curl_multi_remove_handle(get->http->multi, get->easy);
	}
	curl_easy_cleanup(get->easy);
	curl_slist_free_all(get->connect_to);
	free(get->body);
	free(get);
}

static long get_status(const struct svclb_http_get *get)
{
	long status = 0;

	curl_easy_getinfo(get->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* Watches that share a connection, or do not, are something to know of. */
static void tell_version(struct svclb_http_get *get)
{
	struct svclb_http *http = get->http;
	long version = 0;

	curl_easy_getinfo(get->easy, CURLINFO_HTTP_VERSION, &version);
	if (version == http->version)
		return;
	http->version = version;
	svclb_log(SVCLB_LOG_INFO, "the API server answers", "server",
		  http->access->server, "http",
		  version == CURL_HTTP_VERSION_2_0 ? "2" :
		  version == CURL_HTTP_VERSION_1_1 ? "1.1" : "1.0", NULL);
}

/* The empty line is the last one of them, and trailers come after it. */
static size_t take_header(char *bytes, size_t size, size_t nr, void *data)
{
	struct svclb_http_get *get = data;
	size_t len = size * nr;

	get->headers += len;
	if (get->cancelled || get->headers > HEADERS_MAX)
		return 0;
	if (get->answered || (len && *bytes != '\r' && *bytes != '\n'))
		return len;
	/* Others tell only that the answer is to come. */
	if (get_status(get) < 200)
		return len;
	get->answered = true;
	tell_version(get);
	if (get_status(get) == 200)
		get->request.begun(get->request.data);
	return get->cancelled ? 0 : len;
}

static size_t keep_error(struct svclb_http_get *get, const char *bytes,
			 size_t len)
{
	char *bigger;

	if (len > ERROR_MAX - get->len)
		len = ERROR_MAX - get->len;
	bigger = realloc(get->body, get->len + len + 1);
	if (!bigger)
		return 0;
	memcpy(bigger + get->len, bytes, len);
	get->body = bigger;
	get->len += len;
	get->body[get->len] = '\0';
	return len;
}

static size_t take_body(char *bytes, size_t size, size_t nr, void *data)
{
	struct svclb_http_get *get = data;
	size_t len = size * nr;

	if (get->cancelled)
		return 0;
	if (get_status(get) != 200)
		return keep_error(get, bytes, len) == len ? len : 0;
	if (get->request.body(get->request.data, bytes, len) ||
	    get->cancelled)
		return 0;
	return len;
}

static const char *get_error(const struct svclb_http_get *get, CURLcode code)
{
	return *get->error ? get->error : curl_easy_strerror(code);
}

static void tell_end(struct svclb_http_get *get, CURLcode code)
{
	struct svclb_http_end end = {
		.complete = code == CURLE_OK,
		.status = get_status(get),
		.error = get_error(get, code),
		.body = get->body ? get->body : "",
		.len = get->len,
	};
	curl_off_t retry_after = 0;

	curl_easy_getinfo(get->easy, CURLINFO_RETRY_AFTER, &retry_after);
	if (retry_after > 0)
		end.retry_after = (uint64_t)retry_after;
	/* Cut at its greatest length, it says enough. */
	if (code == CURLE_WRITE_ERROR && get->len == ERROR_MAX)
		end.complete = true;
	get->request.end(get->request.data, &end);
}

/* Frees those that ended, and those that were to end while that could not be. */
static void clean_up(struct svclb_http *http)
{
	struct svclb_http_get *get, *next;
	CURLcode code;
	CURLMsg *msg;
	int left;

	while ((msg = curl_multi_info_read(http->multi, &left))) {
		if (msg->msg != CURLMSG_DONE)
			continue;
		code = msg->data.result;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &get);
		/* A cancel from within the last words is one too many. */
		http->inside = true;
		if (!get->cancelled)
			tell_end(get, code);
		http->inside = false;
		free_get(get);
	}
	for (get = http->first; get; get = next) {
		next = get->next;
		if (get->cancelled)
			free_get(get);
	}
}

static void act(struct svclb_http *http, curl_socket_t fd, int events)
{
	int running;

	http->inside = true;
	curl_multi_socket_action(http->multi, fd, events, &running);
	http->inside = false;
	clean_up(http);
}

/**
 * struct ready - what is called when a socket is ready
 * @http: the requests
 * @fd:   the socket
 */
struct ready {
	struct svclb_http *http;
	int fd;
};

static void socket_ready(void *data, uint32_t events)
{
	const struct ready *ready = data;
	int actions = 0;

	if (events & (EPOLLIN | EPOLLHUP))
		actions |= CURL_CSELECT_IN;
	if (events & EPOLLOUT)
		actions |= CURL_CSELECT_OUT;
	if (events & EPOLLERR)
		actions |= CURL_CSELECT_ERR;
	act(ready->http, ready->fd, actions);
}

/* The library tells which sockets to wait for. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *data,
			void *of_socket)
{
	struct svclb_http *http = data;
	struct ready *ready = of_socket;
	struct svclb_err err;
	uint32_t events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		svclb_loop_forget(http->loop, fd);
		curl_multi_assign(http->multi, fd, NULL);
		free(ready);
		return 0;
	}
	if (!ready) {
		ready = calloc(1, sizeof(*ready));
		if (!ready)
			return -1;
		*ready = (struct ready){ http, fd };
		curl_multi_assign(http->multi, fd, ready);
	}
	if (what & CURL_POLL_IN)
		events |= EPOLLIN;
	if (what & CURL_POLL_OUT)
		events |= EPOLLOUT;
	return svclb_loop_watch(http->loop, fd, events, socket_ready, ready,
				&err);
}

static int set_timer(CURLM *multi, long milliseconds, void *data)
{
	struct svclb_http *http = data;

	(void)multi;
	if (milliseconds < 0)
		svclb_timer_clear(http->loop, &http->timer);
	else
		svclb_timer_set(http->loop, &http->timer,
				(uint64_t)milliseconds);
	return 0;
}

static void expired(void *data)
{
	act(data, CURL_SOCKET_TIMEOUT, 0);
}

/**
 * svclb_http_create() - get ready for requests
 * @http:   for what makes them
 * @loop:   where they run
 * @access: how to reach the server; must stay
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_http_create(struct svclb_http **http, struct svclb_loop *loop,
		      const struct svclb_access *access, struct svclb_err *err)
{
	struct svclb_http *new = calloc(1, sizeof(*new));

	if (!new)
		return svclb_err_memory(err);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(new);
		return svclb_err_memory(err);
	}
	*new = (struct svclb_http){
		.loop = loop,
		.access = access,
		.multi = curl_multi_init(),
		.timer = { .expired = expired, .data = new },
	};
	if (!new->multi) {
		svclb_http_free(new);
		return svclb_err_memory(err);
	}
	curl_multi_setopt(new->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(new->multi, CURLMOPT_SOCKETDATA, new);
	curl_multi_setopt(new->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(new->multi, CURLMOPT_TIMERDATA, new);
	*http = new;
	return 0;
}

/**
 * svclb_http_free() - end all requests, without a word
 * @http: what makes them, or NULL; not to be called from a request's callbacks
 */
void svclb_http_free(struct svclb_http *http)
{
	if (!http)
		return;
	while (http->first)
		free_get(http->first);
	curl_multi_cleanup(http->multi);
	svclb_timer_clear(http->loop, &http->timer);
	curl_global_cleanup();
	free(http);
}

static int set_callbacks(struct svclb_http_get *get)
{
	CURL *easy = get->easy;

	return curl_easy_setopt(easy, CURLOPT_PRIVATE, get) ||
	       curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, get->error) ||
	       curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) ||
	       curl_easy_setopt(easy, CURLOPT_HEADERDATA, get) ||
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) ||
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, get) ?
		       -1 : 0;
}

static int begin(struct svclb_http_get *get, struct svclb_err *err)
{
	struct svclb_http *http = get->http;

	get->easy = curl_easy_init();
	if (!get->easy || set_callbacks(get))
		return svclb_err_memory(err);
	if (svclb_http_setup(get->easy, http->access, &get->request,
			     &get->connect_to, err))
		return -1;
	get->request.path = NULL;
	if (curl_multi_add_handle(http->multi, get->easy))
		return svclb_err_memory(err);
	get->next = http->first;
	http->first = get;
	return 0;
}

/**
 * svclb_http_begin() - begin a request
 * @http:    what makes requests; not from within @request->begun or @body
 * @request: what to get
 * @err:     for errors
 *
 * Return: the request, which is valid until its end; or NULL.
 */
struct svclb_http_get *
svclb_http_begin(struct svclb_http *http,
		 const struct svclb_http_request *request,
		 struct svclb_err *err)
{
	struct svclb_http_get *get = calloc(1, sizeof(*get));

	if (!get) {
		svclb_err_memory(err);
		return NULL;
	}
	get->http = http;
	get->request = *request;
	if (!begin(get, err))
		return get;
	free_get(get);
	return NULL;
}

/**
 * svclb_http_cancel() - end a request; none of its callbacks is called any more
 * @get: the request, or NULL; any callback may do this
 */
void svclb_http_cancel(struct svclb_http_get *get)
{
	if (!get)
		return;
	get->cancelled = true;
	if (!get->http->inside)
		free_get(get);
}
