// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of schedulers need beside traffic.c: to ask the module about
 * thousands of connections, and to have connections that stay. "sched" alone
 * tells how it is used.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>

#include "nl.h"
#include "uapi/svclb.h"

#define MAX_ID 65536
#define ENDPOINT 64

/* A destination, and what to do with it. */
struct options {
	const char *address;
	unsigned int port;
	unsigned int count;
	const char *source;	/* the client, or the first of as many */
	unsigned int source_port;	/* the first of the one client, or 0 */
	bool udp;
};

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static unsigned int parse_number(const char *text, unsigned int max)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *end || end == text || value > max)
		errx(2, "not a number up to %u: '%s'", max, text);
	return value;
}

/* Flow number i: of another client, or from another port of the only one. */
static void flow_text(const struct options *options, unsigned int i, char *text, size_t size)
{
	bool is_ipv6 = strchr(options->address, ':');
	char source[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	unsigned int last, port = options->source_port + i;

	if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, options->source, bytes) != 1)
		errx(2, "not a source address: '%s'", options->source);
	last = is_ipv6 ? 14 : 2;
	if (!options->source_port) {
		bytes[last] += i >> 8;
		bytes[last + 1] += i;
		port = 1024 + i % 60000;
	}
	inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, bytes, source, sizeof(source));
	snprintf(text, size, "protocol=%u source%c=%s source-port=%u destination%c=%s;"
		 "destination-port=%u", options->udp ? IPPROTO_UDP : IPPROTO_TCP,
		 is_ipv6 ? '6' : '4', source, port, is_ipv6 ? '6' : '4',
		 options->address, options->port);
}

/* nl_do() would make a text of each candidate: this looks for two numbers only. */
static void resolve(struct nl *nl, const char *text, unsigned int *service, unsigned int *choice)
{
	static char buffer[256 << 10];
	const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
	const struct nlattr *attr;

	*service = 0;
	*choice = 0;
	nl_begin(nl, SVCLB_CMD_RESOLVE, 0);
	if (nl_add(nl, text) || nl_send(nl))
		errx(1, "cannot ask '%s'", text);
	if (mnl_socket_recvfrom(nl->socket, buffer, sizeof(buffer)) < 0)
		err(1, "no answer to '%s'", text);
	if (message->nlmsg_type != nl->family)
		errx(1, "no answer to '%s' but an error", text);
	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == SVCLB_A_RESOLUTION_SERVICE_ID)
			*service = mnl_attr_get_u32(attr);
		else if (mnl_attr_get_type(attr) == SVCLB_A_RESOLUTION_CHOICE)
			*choice = mnl_attr_get_u32(attr);
	}
}

static char endpoints[MAX_ID][ENDPOINT];

/* Numbers differ between nodes, addresses do not. */
static void read_endpoints(struct nl *nl, unsigned int service)
{
	char text[32], *line, *end;

	snprintf(text, sizeof(text), "id=%u", service);
	if (nl_dump(nl, SVCLB_CMD_BACKEND_GET, text))
		errx(1, "cannot read the backends");
	for (line = nl->reply.text; *line; line = end + 1) {
		char address[INET6_ADDRSTRLEN];
		unsigned int id, port;

		end = strchr(line, '\n');
		line = strstr(line, "backend{id=");
		if (!line || sscanf(line, "backend{id=%u address%*c=%45s port=%u", &id, address,
				    &port) != 3 || id >= MAX_ID)
			errx(1, "not understood: '%s'", nl->reply.text);
		snprintf(endpoints[id], ENDPOINT, "%s %u", address, port);
	}
}

static void flows(const struct options *options)
{
	unsigned int i, service, choice;
	char text[256];
	struct nl nl;

	if (!options->source)
		errx(2, "no source address");
	if (nl_open(&nl))
		errx(1, "cannot reach the module");
	for (i = 0; i < options->count; i++) {
		flow_text(options, i, text, sizeof(text));
		resolve(&nl, text, &service, &choice);
		if (!choice || choice >= MAX_ID)
			errx(1, "no choice for '%s'", text);
		if (!i)
			read_endpoints(&nl, service);
		printf("%s\n", endpoints[choice]);
	}
	nl_close(&nl);
}

static void open_one(const struct options *options)
{
	struct sockaddr_in to4 = { .sin_family = AF_INET };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *to = (const struct sockaddr *)&to4;
	socklen_t length = sizeof(to4);
	int fd;

	to4.sin_port = htons(options->port);
	to6.sin6_port = htons(options->port);
	if (inet_pton(AF_INET, options->address, &to4.sin_addr) != 1) {
		if (inet_pton(AF_INET6, options->address, &to6.sin6_addr) != 1)
			errx(2, "not an address: '%s'", options->address);
		to = (const struct sockaddr *)&to6;
		length = sizeof(to6);
	}
	fd = socket(to->sa_family, options->udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, to, length))
		err(1, "cannot connect to %s port %u", options->address, options->port);
	if (options->udp && send(fd, "?", 1, 0) != 1)
		err(1, "cannot send to %s port %u", options->address, options->port);
}

/* The connections end with this process: none is closed before. */
static void hold(const struct options *options)
{
	struct rlimit limit = { .rlim_cur = 65536, .rlim_max = 65536 };
	char byte;
	unsigned int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "setrlimit");
	for (i = 0; i < options->count; i++)
		open_one(options);
	printf("held %u\n", options->count);
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
}

static int print_usage(void)
{
	fputs("usage: sched flows [OPTION]... ADDRESS PORT   what the module would do\n"
	      "       sched hold [OPTION]... ADDRESS PORT    until there is no more input\n\n"
	      "  -u          UDP (TCP)\n"
	      "  -n NETNS    namespace of the module, or the clients'\n"
	      "  -s ADDRESS  flows are from this client and those behind it\n"
	      "  -P PORT     flows are from this port and those behind it, of one client\n"
	      "  -c COUNT    how many (1)\n", stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct options options = { .count = 1 };
	const char *mode = argc > 1 ? argv[1] : "";
	int option;

	optind = 2;
	while ((option = getopt(argc, argv, "un:s:P:c:")) != -1) {
		switch (option) {
		case 'u':
			options.udp = true;
			break;
		case 'n':
			enter_netns(optarg);
			break;
		case 's':
			options.source = optarg;
			break;
		case 'P':
			options.source_port = parse_number(optarg, 65535);
			break;
		case 'c':
			options.count = parse_number(optarg, 65535);
			break;
		default:
			return print_usage();
		}
	}
	if (argc - optind != 2)
		return print_usage();
	options.address = argv[optind];
	options.port = parse_number(argv[optind + 1], 65535);
	if (!strcmp(mode, "flows"))
		flows(&options);
	else if (!strcmp(mode, "hold"))
		hold(&options);
	else
		return print_usage();
	return 0;
}
