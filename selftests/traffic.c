// SPDX-License-Identifier: GPL-2.0-only
/*
 * Servers and clients for the tests: whom a connection reached, and from where
 * it seemed to come. "traffic" alone tells how it is used.
 *
 * A server answers "NAME ADDRESS PORT\n": its name and the client as it sees
 * it. Over TCP it is asked with one letter and a newline:
 *
 *	w		answer and close
 *	t		answer; more letters may follow
 *	d BYTES		answer, send so many bytes of the pattern, close
 *	u BYTES		take so many bytes of the pattern, answer, close
 *
 * A datagram is answered with one of the same length or, if that is too short
 * for the answer, as long as that; what is behind the answer is the pattern.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/errqueue.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TEXT 160		/* of an answer */
#define DATAGRAM 65000
#define CHUNK 65536
#define TALLY 64
#define MAX_PORTS 8
#define MAX_IN_FLIGHT 1024

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* The byte at a place of the pattern: neighbours and distant ones differ. */
static unsigned char pattern(uint64_t place)
{
	return (place * 0x9e3779b97f4a7c15ULL) >> 56;
}

static void fill(unsigned char *buffer, size_t length, uint64_t place)
{
	while (length--)
		*buffer++ = pattern(place++);
}

static bool is_pattern(const unsigned char *buffer, size_t length, uint64_t place)
{
	while (length--)
		if (*buffer++ != pattern(place++))
			return false;
	return true;
}

static unsigned long parse_number(const char *text, unsigned long max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || value > max)
		errx(2, "not a number up to %lu: '%s'", max, text);
	return value;
}

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static socklen_t address_length(const union address *address)
{
	return address->any.sa_family == AF_INET ? sizeof(address->in) : sizeof(address->in6);
}

static void address_parse(union address *address, const char *text, unsigned int port)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->in.sin_addr) == 1) {
		address->in.sin_family = AF_INET;
		address->in.sin_port = htons(port);
	} else if (inet_pton(AF_INET6, text, &address->in6.sin6_addr) == 1) {
		address->in6.sin6_family = AF_INET6;
		address->in6.sin6_port = htons(port);
	} else {
		errx(2, "not an address: '%s'", text);
	}
}

static unsigned int address_port(const union address *address)
{
	return ntohs(address->any.sa_family == AF_INET ? address->in.sin_port :
							 address->in6.sin6_port);
}

static const char *address_text(const union address *address, char *text)
{
	const void *bytes = &address->in6.sin6_addr;

	if (address->any.sa_family == AF_INET)
		bytes = &address->in.sin_addr;
	return inet_ntop(address->any.sa_family, bytes, text, INET6_ADDRSTRLEN) ?: "?";
}

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		errx(2, "cannot enter the network namespace %s: %m", name);
	close(fd);
}

static void set_int(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)))
		errx(2, "cannot set option %d of level %d: %m", option, level);
}

static int new_socket(const union address *address, int type)
{
	int fd = socket(address->any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		errx(2, "cannot make a socket: %m");
	return fd;
}

/* Waits for an event until the deadline. */
static bool wait_fd(int fd, short events, int64_t deadline)
{
	struct pollfd pfd = { .fd = fd, .events = events };
	int64_t left = deadline - now_ms();

	return poll(&pfd, 1, left > 0 ? left : 0) > 0;
}

/*
 * The server.
 */

enum {
	SERVER_LISTENS,
	SERVER_UDP,
	SERVER_ASKED,		/* waits for a question */
	SERVER_SENDS,
	SERVER_TAKES,
};

struct server {
	int fd;
	int state;
	const char *name;
	union address peer;
	char question[64];
	size_t asked;
	uint64_t place;
	uint64_t end;
	bool is_pattern;
};

static int server_epoll;
static unsigned char server_buffer[DATAGRAM + CHUNK];

static struct server *server_add(int fd, int state, const char *name)
{
	struct server *server = calloc(1, sizeof(*server));
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = server };

	if (!server)
		errx(2, "no memory");
	server->fd = fd;
	server->state = state;
	server->name = name;
	server->is_pattern = true;
	if (epoll_ctl(server_epoll, EPOLL_CTL_ADD, fd, &event))
		errx(2, "cannot wait for a socket: %m");
	return server;
}

static void server_drop(struct server *server)
{
	close(server->fd);
	free(server);
}

static int answer_text(char *text, const char *name, const union address *peer)
{
	char address[INET6_ADDRSTRLEN];

	return snprintf(text, TEXT, "%s %s %u\n", name, address_text(peer, address),
			address_port(peer));
}

/* The answer comes from the address that was asked. */
static void serve_datagram(struct server *server)
{
	char control[256], text[TEXT];
	struct iovec iov = { .iov_base = server_buffer, .iov_len = DATAGRAM };
	struct msghdr msg = {
		.msg_name = &server->peer,
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
	};
	struct cmsghdr *cmsg;
	ssize_t length;
	int n;

	for (;;) {
		msg.msg_namelen = sizeof(server->peer);
		msg.msg_controllen = sizeof(control);
		iov.iov_len = DATAGRAM;
		length = recvmsg(server->fd, &msg, 0);
		if (length < 0)
			return;
		/* Which interface is for the routes to say. */
		cmsg = CMSG_FIRSTHDR(&msg);
		if (cmsg && cmsg->cmsg_type == IP_PKTINFO)
			((struct in_pktinfo *)CMSG_DATA(cmsg))->ipi_ifindex = 0;
		else if (cmsg && cmsg->cmsg_type == IPV6_PKTINFO)
			((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_ifindex = 0;
		if (!is_pattern(server_buffer + 1, length ? length - 1 : 0, 1))
			continue;
		n = answer_text(text, server->name, &server->peer);
		memcpy(server_buffer, text, n);
		iov.iov_len = length > n ? length : n;
		sendmsg(server->fd, &msg, 0);
	}
}

static void serve_connection(struct server *server)
{
	struct server *new;
	socklen_t length;
	union address peer;
	int fd;

	for (;;) {
		length = sizeof(peer);
		fd = accept4(server->fd, &peer.any, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		new = server_add(fd, SERVER_ASKED, server->name);
		new->peer = peer;
		set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	}
}

static bool server_answer(struct server *server)
{
	char text[TEXT];
	int n = answer_text(text, server->is_pattern ? server->name : "damaged", &server->peer);

	return send(server->fd, text, n, MSG_NOSIGNAL) == n;
}

/* Returns false when the connection is over. */
static bool serve_question(struct server *server)
{
	struct epoll_event event = { .events = EPOLLOUT, .data.ptr = server };
	uint64_t bytes = strtoull(server->question + 1, NULL, 10);

	server->asked = 0;
	server->place = 0;
	server->end = bytes;
	switch (server->question[0]) {
	case 't':
		return server_answer(server);
	case 'd':
		server->state = SERVER_SENDS;
		epoll_ctl(server_epoll, EPOLL_CTL_MOD, server->fd, &event);
		return server_answer(server);
	case 'u':
		server->state = SERVER_TAKES;
		return true;
	default:
		server_answer(server);
		return false;
	}
}

static bool serve_letters(struct server *server)
{
	char letter;
	ssize_t n;

	/* One at a time: behind the question may be the pattern. */
	while (server->state == SERVER_ASKED) {
		n = recv(server->fd, &letter, 1, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		server->question[server->asked++] = letter;
		if (server->asked == sizeof(server->question))
			return false;
		if (letter != '\n')
			continue;
		server->question[server->asked - 1] = 0;
		if (!serve_question(server))
			return false;
	}
	return true;
}

static bool serve_pattern(struct server *server)
{
	uint64_t left = server->end - server->place;
	size_t length = left < CHUNK ? left : CHUNK;
	ssize_t n;

	if (!left)
		return false;
	fill(server_buffer, length, server->place);
	n = send(server->fd, server_buffer, length, MSG_NOSIGNAL);
	if (n < 0)
		return errno == EAGAIN;
	server->place += n;
	return server->place < server->end;
}

static bool take_pattern(struct server *server)
{
	uint64_t left = server->end - server->place;
	ssize_t n;

	n = recv(server->fd, server_buffer, left < CHUNK ? left : CHUNK, 0);
	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	server->is_pattern &= is_pattern(server_buffer, n, server->place);
	server->place += n;
	if (server->place < server->end)
		return true;
	server_answer(server);
	return false;
}

static void serve_event(struct server *server)
{
	bool goes_on = true;

	switch (server->state) {
	case SERVER_LISTENS:
		serve_connection(server);
		break;
	case SERVER_UDP:
		serve_datagram(server);
		break;
	case SERVER_ASKED:
		goes_on = serve_letters(server);
		break;
	case SERVER_SENDS:
		goes_on = serve_pattern(server);
		break;
	case SERVER_TAKES:
		goes_on = take_pattern(server);
		break;
	}
	if (!goes_on)
		server_drop(server);
}

static void server_bind(const char *name, int family, int type, unsigned int port)
{
	union address address = { .any.sa_family = family };
	int fd;

	if (family == AF_INET)
		address.in.sin_port = htons(port);
	else
		address.in6.sin6_port = htons(port);
	fd = new_socket(&address, type);
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (family == AF_INET6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (bind(fd, &address.any, address_length(&address)))
		errx(2, "%s: cannot bind to port %u: %m", name, port);
	if (type == SOCK_STREAM) {
		if (listen(fd, 4096))
			errx(2, "%s: cannot listen: %m", name);
		server_add(fd, SERVER_LISTENS, name);
		return;
	}
	if (family == AF_INET)
		set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
	else
		set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
	server_add(fd, SERVER_UDP, name);
}

/**
 * struct options - what the command line says
 * @netns:       namespace of a client
 * @source:      address that a client binds to
 * @ports:       that a server listens at
 * @nr_ports:    how many
 * @first_port:  of a client's connections; 0 leaves them to the kernel
 * @count:       how many connections or rounds
 * @in_flight:   how many connections at once
 * @timeout:     of each, in milliseconds
 * @bytes:       of a transfer or datagram
 * @wait_file:   that a download waits for
 * @each:        whether to print each answer
 * @forever:     whether to begin again until killed
 * @udp:         whether datagrams are sent
 */
struct options {
	const char *netns;
	const char *source;
	unsigned int ports[MAX_PORTS];
	unsigned int nr_ports;
	unsigned int first_port;
	unsigned long count;
	unsigned long in_flight;
	unsigned long timeout;
	unsigned long bytes;
	const char *wait_file;
	bool each;
	bool forever;
	bool udp;
};

static int serve(struct options *options, char **args)
{
	struct epoll_event events[64];
	unsigned int i;
	char *netns;
	int n;

	if (!options->nr_ports)
		options->ports[options->nr_ports++] = 8080;
	server_epoll = epoll_create1(EPOLL_CLOEXEC);
	for (; *args; args++) {
		netns = strchr(*args, '=');
		if (!netns)
			errx(2, "not NAME=NETNS: '%s'", *args);
		*netns++ = 0;
		enter_netns(netns);
		for (i = 0; i < options->nr_ports; i++) {
			server_bind(*args, AF_INET, SOCK_STREAM, options->ports[i]);
			server_bind(*args, AF_INET6, SOCK_STREAM, options->ports[i]);
			server_bind(*args, AF_INET, SOCK_DGRAM, options->ports[i]);
			server_bind(*args, AF_INET6, SOCK_DGRAM, options->ports[i]);
		}
	}
	puts("ready");
	fflush(stdout);
	for (;;) {
		n = epoll_wait(server_epoll, events, LENGTH(events), -1);
		while (n-- > 0)
			serve_event(events[n].data.ptr);
	}
}

/*
 * Clients.
 */

struct tally {
	const char *what;
	unsigned int nr;
	char names[TALLY][64];
	unsigned long counts[TALLY];
};

static struct tally backends = { .what = "backend" };
static struct tally sources = { .what = "source" };
static struct tally errors = { .what = "error" };

static void tally_add(struct tally *tally, const char *name)
{
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		if (!strcmp(tally->names[i], name))
			break;
	if (i == TALLY)
		errx(2, "more than %d different: %s %s", TALLY, tally->what, name);
	if (i == tally->nr) {
		snprintf(tally->names[i], sizeof(tally->names[i]), "%s", name);
		tally->nr++;
	}
	tally->counts[i]++;
}

static void tally_print(const struct tally *tally)
{
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		printf("%s %s %lu\n", tally->what, tally->names[i], tally->counts[i]);
}

static unsigned long tally_sum(const struct tally *tally)
{
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < tally->nr; i++)
		sum += tally->counts[i];
	return sum;
}

/**
 * struct client - one connection of a client
 * @fd:       its socket; -1 when unused
 * @deadline: when it is given up
 * @asked:    whether the question was sent
 * @length:   of @answer
 * @answer:   what came so far
 */
struct client {
	int fd;
	int64_t deadline;
	bool asked;
	size_t length;
	char answer[TEXT];
};

static struct client clients[MAX_IN_FLIGHT];
static int client_epoll;
static const struct options *client_options;
static union address client_target;

static const char *error_name(int error)
{
	return strerrorname_np(error) ?: "unknown";
}

static void bind_source(int fd, const struct options *options, unsigned long i)
{
	union address address = { .any.sa_family = client_target.any.sa_family };
	unsigned int port = options->first_port ? options->first_port + i : 0;

	if (!options->source && !port)
		return;
	if (options->source)
		address_parse(&address, options->source, port);
	else if (address.any.sa_family == AF_INET)
		address.in.sin_port = htons(port);
	else
		address.in6.sin6_port = htons(port);
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (!port)
		set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (bind(fd, &address.any, address_length(&address)))
		errx(2, "cannot bind to port %u: %m", port);
}

static void client_end(struct client *client, const char *error)
{
	if (error)
		tally_add(&errors, error);
	close(client->fd);
	client->fd = -1;
}

static unsigned int local_port(int fd)
{
	union address address = {};
	socklen_t length = sizeof(address);

	if (getsockname(fd, &address.any, &length))
		return 0;
	return address_port(&address);
}

static void client_answered(struct client *client)
{
	char name[64], address[64];
	unsigned int port;

	client->answer[client->length] = 0;
	if (sscanf(client->answer, "%63s %63s %u\n", name, address, &port) != 3) {
		client_end(client, "garbage");
		return;
	}
	tally_add(&backends, name);
	tally_add(&sources, address);
	if (client_options->each)
		printf("each %s %s %u %u\n", name, address, port, local_port(client->fd));
	client_end(client, NULL);
}

static void client_datagram(struct client *client)
{
	unsigned char buffer[DATAGRAM];
	unsigned char *end;
	ssize_t n;

	n = recv(client->fd, buffer, sizeof(buffer), 0);
	if (n < 0) {
		if (errno != EAGAIN)
			client_end(client, error_name(errno));
		return;
	}
	end = memchr(buffer, '\n', n);
	if (!end || end - buffer >= TEXT) {
		client_end(client, "garbage");
		return;
	}
	client->length = end + 1 - buffer;
	memcpy(client->answer, buffer, client->length);
	if ((unsigned long)n < client_options->bytes)
		client_end(client, "short");
	else if (!is_pattern(end + 1, n - client->length, client->length))
		client_end(client, "damaged");
	else
		client_answered(client);
}

static void client_stream(struct client *client, uint32_t events)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	ssize_t n;

	if (!client->asked && events & EPOLLOUT) {
		if (send(client->fd, "w\n", 2, MSG_NOSIGNAL) != 2) {
			client_end(client, error_name(errno));
			return;
		}
		client->asked = true;
		epoll_ctl(client_epoll, EPOLL_CTL_MOD, client->fd, &event);
		return;
	}
	n = recv(client->fd, client->answer + client->length,
		 sizeof(client->answer) - 1 - client->length, 0);
	if (n < 0) {
		if (errno != EAGAIN)
			client_end(client, error_name(errno));
		return;
	}
	if (!n) {
		client_end(client, "closed");
		return;
	}
	client->length += n;
	if (memchr(client->answer, '\n', client->length))
		client_answered(client);
	else if (client->length == sizeof(client->answer) - 1)
		client_end(client, "garbage");
}

/* Every round sends the same bytes, so what they are is made once. */
static bool send_datagram(int fd, size_t bytes)
{
	static unsigned char buffer[DATAGRAM];

	if (!buffer[1])
		fill(buffer, sizeof(buffer), 0);
	return send(fd, buffer, bytes ?: 1, MSG_NOSIGNAL) >= 0;
}

static void client_begin(struct client *client, unsigned long i)
{
	const struct options *options = client_options;
	struct epoll_event event = {
		.events = options->udp ? EPOLLIN : EPOLLIN | EPOLLOUT,
		.data.ptr = client,
	};

	client->fd = new_socket(&client_target, options->udp ? SOCK_DGRAM : SOCK_STREAM);
	client->deadline = now_ms() + options->timeout;
	client->asked = false;
	client->length = 0;
	bind_source(client->fd, options, i);
	if (connect(client->fd, &client_target.any, address_length(&client_target)) &&
	    errno != EINPROGRESS) {
		client_end(client, error_name(errno));
		return;
	}
	if (epoll_ctl(client_epoll, EPOLL_CTL_ADD, client->fd, &event))
		errx(2, "cannot wait for a socket: %m");
	if (options->udp && !send_datagram(client->fd, options->bytes))
		client_end(client, error_name(errno));
}

static void clients_expire(void)
{
	int64_t now = now_ms();
	unsigned int i;

	for (i = 0; i < client_options->in_flight; i++)
		if (clients[i].fd >= 0 && clients[i].deadline <= now)
			client_end(&clients[i], "timeout");
}

/* Begins what is to be begun; returns how many are in flight. */
static unsigned int clients_begin(unsigned long *begun)
{
	unsigned int i, busy = 0;

	for (i = 0; i < client_options->in_flight; i++) {
		if (clients[i].fd < 0 && *begun < client_options->count)
			client_begin(&clients[i], (*begun)++);
		busy += clients[i].fd >= 0;
	}
	return busy;
}

static void clients_run(void)
{
	struct epoll_event events[64];
	unsigned long begun = 0;
	int n;

	while (clients_begin(&begun) || begun < client_options->count) {
		n = epoll_wait(client_epoll, events, LENGTH(events), 20);
		while (n-- > 0) {
			struct client *client = events[n].data.ptr;

			if (client->fd < 0)
				continue;
			if (client_options->udp)
				client_datagram(client);
			else
				client_stream(client, events[n].events);
		}
		clients_expire();
	}
}

static int run_clients(const struct options *options)
{
	unsigned int i;

	client_options = options;
	client_epoll = epoll_create1(EPOLL_CLOEXEC);
	for (i = 0; i < LENGTH(clients); i++)
		clients[i].fd = -1;
	do {
		clients_run();
		if (options->forever) {
			backends.nr = 0;
			sources.nr = 0;
			errors.nr = 0;
		}
	} while (options->forever);
	printf("answers %lu\n", tally_sum(&backends));
	tally_print(&backends);
	tally_print(&sources);
	tally_print(&errors);
	return 0;
}

static int open_connection(const struct options *options)
{
	int64_t deadline = now_ms() + options->timeout;
	int fd, error = 0;
	socklen_t length = sizeof(error);

	fd = new_socket(&client_target, options->udp ? SOCK_DGRAM : SOCK_STREAM);
	bind_source(fd, options, 0);
	if (!connect(fd, &client_target.any, address_length(&client_target)))
		return fd;
	if (errno != EINPROGRESS)
		errx(2, "%s", error_name(errno));
	if (!wait_fd(fd, POLLOUT, deadline))
		errx(2, "timeout");
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) || error)
		errx(2, "%s", error_name(error));
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	return fd;
}

/*
 * Reads an answer's line; over TCP nothing behind it, over UDP all that came
 * with it. Returns what is wrong or NULL.
 */
static const char *read_answer(int fd, bool udp, char *text, int64_t deadline)
{
	char *end = NULL;
	size_t length = 0;
	ssize_t n;

	do {
		if (!wait_fd(fd, POLLIN, deadline))
			return "timeout";
		n = recv(fd, text + length, udp ? TEXT - 1 : 1, 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0)
			return error_name(errno);
		if (!n)
			return "closed";
		length += n;
		end = memchr(text, '\n', length);
		if (!end && (udp || length >= TEXT - 1))
			return "garbage";
	} while (!end);
	*end = 0;
	return NULL;
}

/* The other side, and all between, hear that it is over. */
static void reset_connection(int fd)
{
	const struct linger at_once = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once)))
		err(2, "SO_LINGER");
	close(fd);
}

/*
 * One connection; a question for each line that comes in, but "reset", which ends it
 * at once.
 */
static int talk(const struct options *options)
{
	int fd = open_connection(options);
	const char *wrong;
	char line[TEXT], text[TEXT];
	bool sent;

	printf("open\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (!strcmp(line, "reset\n")) {
			reset_connection(fd);
			return 0;
		}
		if (options->udp)
			sent = send_datagram(fd, options->bytes);
		else
			sent = send(fd, "t\n", 2, MSG_NOSIGNAL) == 2;
		wrong = sent ? read_answer(fd, options->udp, text, now_ms() + options->timeout) :
			       error_name(errno);
		puts(wrong ?: text);
		fflush(stdout);
	}
	close(fd);
	return 0;
}

static unsigned int path_mtu(int fd)
{
	int mtu = 0;
	socklen_t length = sizeof(mtu);

	if (client_target.any.sa_family == AF_INET)
		getsockopt(fd, IPPROTO_IP, IP_MTU, &mtu, &length);
	else
		getsockopt(fd, IPPROTO_IPV6, IPV6_MTU, &mtu, &length);
	return mtu;
}

static void wait_file(const char *name, int64_t deadline)
{
	while (access(name, F_OK)) {
		if (now_ms() >= deadline)
			errx(2, "%s does not appear", name);
		poll(NULL, 0, 10);
	}
}

/* The deadline is for any progress; a download may wait for a file half-way. */
static int download(const struct options *options)
{
	static unsigned char buffer[CHUNK];
	int fd = open_connection(options);
	char text[TEXT];
	const char *wrong;
	uint64_t place = 0;
	ssize_t n;

	dprintf(fd, "d %lu\n", options->bytes);
	wrong = read_answer(fd, false, text, now_ms() + options->timeout);
	if (wrong)
		errx(2, "%s", wrong);
	printf("begun %s\n", text);
	fflush(stdout);
	if (options->wait_file)
		wait_file(options->wait_file, now_ms() + 60000);
	for (;;) {
		if (!wait_fd(fd, POLLIN, now_ms() + options->timeout))
			errx(2, "timeout after %lu bytes", place);
		n = recv(fd, buffer, sizeof(buffer), 0);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0)
			errx(2, "%s after %lu bytes", error_name(errno), place);
		if (!n)
			break;
		if (!is_pattern(buffer, n, place))
			errx(2, "damaged after %lu bytes", place);
		place += n;
	}
	if (place != options->bytes)
		errx(2, "closed after %lu bytes", place);
	printf("bytes %lu\nmtu %u\n", place, path_mtu(fd));
	return 0;
}

static int upload(const struct options *options)
{
	static unsigned char buffer[CHUNK];
	int fd = open_connection(options);
	uint64_t place = 0;
	char text[TEXT];
	const char *wrong;
	ssize_t n;

	dprintf(fd, "u %lu\n", options->bytes);
	while (place < options->bytes) {
		uint64_t left = options->bytes - place;
		size_t length = left < CHUNK ? left : CHUNK;

		if (!wait_fd(fd, POLLOUT, now_ms() + options->timeout))
			errx(2, "timeout after %lu bytes", place);
		fill(buffer, length, place);
		n = send(fd, buffer, length, MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN)
			errx(2, "%s after %lu bytes", error_name(errno), place);
		if (n > 0)
			place += n;
	}
	wrong = read_answer(fd, false, text, now_ms() + options->timeout);
	if (wrong)
		errx(2, "%s", wrong);
	printf("begun %s\nbytes %lu\nmtu %u\n", text, place, path_mtu(fd));
	return 0;
}

static void print_error(struct msghdr *msg)
{
	struct sock_extended_err *error;
	struct cmsghdr *cmsg;
	char text[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (!(cmsg->cmsg_level == IPPROTO_IP && cmsg->cmsg_type == IP_RECVERR) &&
		    !(cmsg->cmsg_level == IPPROTO_IPV6 && cmsg->cmsg_type == IPV6_RECVERR))
			continue;
		error = (struct sock_extended_err *)CMSG_DATA(cmsg);
		printf("error %s from %s about %s %u mtu %u\n", error_name(error->ee_errno),
		       address_text((union address *)SO_EE_OFFENDER(error), text),
		       address_text(msg->msg_name, to), address_port(msg->msg_name),
		       error->ee_errno == EMSGSIZE ? error->ee_info : 0);
	}
}

/* Sends a datagram that must not be fragmented, prints the ICMP error about it. */
static int probe(const struct options *options)
{
	int64_t deadline = now_ms() + options->timeout;
	bool v4 = client_target.any.sa_family == AF_INET;
	int fd = open_connection(options);
	char control[512];
	unsigned char byte;
	union address to;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_name = &to,
		.msg_namelen = sizeof(to),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	if (v4) {
		set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
		set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
	} else {
		set_int(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
		set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
	}
	if (!send_datagram(fd, options->bytes))
		errx(2, "cannot send: %m");
	if (!wait_fd(fd, POLLIN, deadline))
		puts("timeout");
	else if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0)
		puts("answered");
	else
		print_error(&msg);
	return 0;
}

/*
 * Two threads, each on a CPU of its own, send the first two datagrams of a flow
 * at once. The second one sleeps until there is a round, says that it is awake,
 * and both go at the word of the first.
 */
static struct {
	sem_t begun;
	unsigned long awake;	/* round that the second thread is ready for */
	unsigned long go;	/* round that may be sent in */
	unsigned long sent;	/* round that the second thread has sent in */
	unsigned long last;
	int fd;
} race;

static void pin(unsigned int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	if (sched_setaffinity(0, sizeof(cpus), &cpus))
		errx(2, "there is no CPU %u", cpu);
}

static void spin_until(const unsigned long *round, unsigned long wanted)
{
	while (__atomic_load_n(round, __ATOMIC_ACQUIRE) != wanted)
		;
}

static void race_send(void)
{
	const unsigned char letter[2] = { 'r', pattern(1) };

	if (send(race.fd, letter, 2, MSG_NOSIGNAL) != 2)
		errx(2, "cannot send: %m");
}

static void *race_thread(void *data)
{
	unsigned long round;

	pin(1);
	for (round = 1; round <= race.last; round++) {
		sem_wait(&race.begun);
		__atomic_store_n(&race.awake, round, __ATOMIC_RELEASE);
		spin_until(&race.go, round);
		race_send();
		__atomic_store_n(&race.sent, round, __ATOMIC_RELEASE);
	}
	return data;
}

/* Returns whether both answers came from one backend, seeing one source. */
static bool race_answers(const struct options *options)
{
	int64_t deadline = now_ms() + options->timeout;
	char first[TEXT], second[TEXT];
	const char *wrong;

	wrong = read_answer(race.fd, true, first, deadline);
	if (wrong) {
		tally_add(&errors, wrong);
		tally_add(&errors, wrong);
		return true;
	}
	tally_add(&backends, strtok(strdupa(first), " "));
	wrong = read_answer(race.fd, true, second, deadline);
	if (wrong) {
		tally_add(&errors, wrong);
		return true;
	}
	tally_add(&backends, strtok(strdupa(second), " "));
	return !strcmp(first, second);
}

static int run_race(const struct options *options)
{
	unsigned long differ = 0, round;
	pthread_t thread;

	pin(0);
	race.last = options->count;
	if (sem_init(&race.begun, 0, 0) || pthread_create(&thread, NULL, race_thread, NULL))
		errx(2, "cannot make a thread");
	for (round = 1; round <= race.last; round++) {
		race.fd = open_connection(options);
		sem_post(&race.begun);
		spin_until(&race.awake, round);
		__atomic_store_n(&race.go, round, __ATOMIC_RELEASE);
		race_send();
		spin_until(&race.sent, round);
		differ += !race_answers(options);
		close(race.fd);
	}
	pthread_join(thread, NULL);
	printf("answers %lu\ndiffer %lu\n", tally_sum(&backends), differ);
	tally_print(&backends);
	tally_print(&errors);
	return 0;
}

static void print_usage(void)
{
	fputs("usage: traffic serve [-p PORT]... NAME=NETNS...\n"
	      "       traffic client [OPTION]... ADDRESS PORT    many connections\n"
	      "       traffic talk [OPTION]... ADDRESS PORT      one, asks for each line\n"
	      "       traffic download [OPTION]... ADDRESS PORT  TCP from the server\n"
	      "       traffic upload [OPTION]... ADDRESS PORT    TCP to the server\n"
	      "       traffic probe [OPTION]... ADDRESS PORT     the ICMP error\n"
	      "       traffic race [OPTION]... ADDRESS PORT      from two CPUs at once\n"
	      "\n"
	      "  -u          UDP (TCP)\n"
	      "  -n NETNS    client's namespace\n"
	      "  -s ADDRESS  client's address\n"
	      "  -P PORT     client's first port\n"
	      "  -c COUNT    connections or rounds (1)\n"
	      "  -j COUNT    connections at once (32)\n"
	      "  -t MS       time for each answer (5000)\n"
	      "  -b BYTES    of a transfer or datagram\n"
	      "  -w FILE     download goes on when there is the file\n"
	      "  -e          print each answer\n"
	      "  -f          for ever\n", stderr);
	exit(2);
}

static void allow_files(void)
{
	struct rlimit limit = { 65536, 65536 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

static void parse(struct options *options, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "un:s:p:P:c:j:t:b:w:ef")) != -1) {
		switch (option) {
		case 'u':
			options->udp = true;
			break;
		case 'n':
			options->netns = optarg;
			break;
		case 's':
			options->source = optarg;
			break;
		case 'p':
			if (options->nr_ports == MAX_PORTS)
				errx(2, "more than %d ports", MAX_PORTS);
			options->ports[options->nr_ports++] = parse_number(optarg, 65535);
			break;
		case 'P':
			options->first_port = parse_number(optarg, 65535);
			break;
		case 'c':
			options->count = parse_number(optarg, 1000000);
			break;
		case 'j':
			options->in_flight = parse_number(optarg, MAX_IN_FLIGHT);
			break;
		case 't':
			options->timeout = parse_number(optarg, 600000);
			break;
		case 'b':
			options->bytes = parse_number(optarg, UINT32_MAX);
			break;
		case 'w':
			options->wait_file = optarg;
			break;
		case 'e':
			options->each = true;
			break;
		case 'f':
			options->forever = true;
			break;
		default:
			print_usage();
		}
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct options *options);
		bool udp;
	} modes[] = {
		{ "client", run_clients, false },
		{ "talk", talk, false },
		{ "download", download, false },
		{ "upload", upload, false },
		{ "probe", probe, true },
		{ "race", run_race, true },
	};
	struct options options = { .count = 1, .in_flight = 32, .timeout = 5000 };
	unsigned int i;

	if (argc < 2)
		print_usage();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	allow_files();
	parse(&options, argc - 1, argv + 1);
	argv += optind + 1;
	argc -= optind + 1;
	if (!strcmp(argv[-optind], "serve"))
		return serve(&options, argv);
	if (argc != 2)
		print_usage();
	for (i = 0; i < LENGTH(modes); i++) {
		if (strcmp(argv[-optind], modes[i].name))
			continue;
		options.udp |= modes[i].udp;
		if (options.udp && options.bytes > DATAGRAM)
			errx(2, "a datagram of more than %d bytes", DATAGRAM);
		if (options.netns)
			enter_netns(options.netns);
		address_parse(&client_target, argv[0], parse_number(argv[1], 65535));
		return modes[i].run(&options);
	}
	print_usage();
	return 2;
}
