// SPDX-License-Identifier: GPL-2.0-only
/*
 * One side of a race each, in the network namespace that it is started in; for
 * so many seconds or, with 0, until it is killed. What it has done by then is
 * printed, and goes to FILE all the time if one is given. Run by races.sh and
 * rmmod-storm.sh.
 *
 *	nl_race write SECONDS SEED [FILE]	changes of a few services, at random
 *	nl_race storm SECONDS SEED [FILE]	the same; the module may go and come
 *	nl_race dump SECONDS			dumps in small pieces
 *	nl_race swap SECONDS [FILE]		the backends of one service, fast
 *	nl_race settings SECONDS		the settings, the module's parameter
 *	nl_race packets SECONDS [FILE]		flows to all that may be a service
 *	nl_race flows SECONDS			connections to that service
 *	nl_race verify				the state is one; ends with none
 *
 * Ends with status 1 if something was wrong, or it has got too little done.
 */
#include "nl.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "uapi/svclb.h"

#define SERVICES 12
#define MEMBERS 12
#define SMALL_BUFFER 4096
#define ANSWER_SECONDS 60
#define MORE_SECONDS 60
#define ENOUGH 10ul	/* of anything */

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Progress */

static double end_time;
static int progress_file = -1;

static void begin(const char *seconds, const char *path)
{
	double limit = strtod(seconds, NULL);

	end_time = limit > 0 ? seconds_now() + limit : 0;
	if (!path)
		return;
	progress_file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (progress_file < 0)
		err(2, "%s", path);
}

/*
 * goes_on() - whether it is not yet time to end
 * @enough: whether what had to be done is done; if not, there is more time, as
 *          the machine may be a slow one
 */
static bool goes_on(bool enough)
{
	return !end_time || seconds_now() < end_time + (enough ? 0 : MORE_SECONDS);
}

/* Always the same length, so that no reader sees two numbers in one. */
static void progress(unsigned long count)
{
	char text[24];
	int length;

	if (progress_file < 0)
		return;
	length = snprintf(text, sizeof(text), "%020lu\n", count);
	if (pwrite(progress_file, text, length, 0) != length)
		err(2, "cannot tell how far it is");
}

/* Sockets */

static bool open_socket(struct nl *nl)
{
	struct timeval limit = { .tv_sec = ANSWER_SECONDS };

	if (nl_open(nl))
		return false;
	if (setsockopt(mnl_socket_get_fd(nl->socket), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)))
		err(2, "cannot limit waiting");
	return true;
}

static void must_open_socket(struct nl *nl)
{
	if (!open_socket(nl))
		errx(2, "no family " SVCLB_GENL_NAME);
}

/* Writing */

static unsigned int seed;

static unsigned int below(unsigned int limit)
{
	return rand_r(&seed) % limit;
}

/* Half of the services are TCP, half of each IPv6. */
static bool is_v6(unsigned int service)
{
	return service / 2 % 2;
}

static void add_backends(FILE *text, unsigned int service, bool whole)
{
	unsigned int i;

	for (i = 0; i < MEMBERS; i++) {
		if (below(2))
			continue;
		fprintf(text, is_v6(service) ? " backend{address6=fd00:9::%u" :
					       " backend{address4=10.9.1.%u", i + 1);
		fprintf(text, " port=%u", 53 + service % 2);
		if (whole)
			fprintf(text, " weight=%u flags=%u", below(4), !below(4));
		fputs("}", text);
	}
	/* None would be refused. */
	if (!whole || below(2))
		fprintf(text, is_v6(service) ? " backend{address6=fd00:9::100 port=53}" :
					       " backend{address4=10.9.1.100 port=53}");
}

/* Of the shared ones, several services may want the same. */
static void add_frontends(FILE *text, unsigned int service, bool shared)
{
	unsigned int number = shared ? 100 + below(3) : service + 1;

	fprintf(text, is_v6(service) ? " frontend{address6=fd00:96::%u port=53}" :
				       " frontend{address4=10.96.0.%u port=53}", number);
	if (below(2))
		fprintf(text, " frontend{kind=1 port=%u}", 30000 + number);
}

struct request {
	uint8_t cmd;
	uint16_t flags;
	char *text;
};

static void write_request(struct request *request, FILE *text)
{
	unsigned int service = below(SERVICES), kind = below(40);

	request->flags = 0;
	if (kind < 14) {
		request->cmd = SVCLB_CMD_SERVICE_SET;
		request->flags = NLM_F_CREATE;
		fprintf(text, "name=s%u protocol=%u family=%u scheduler=%u generation=%u", service,
			service % 2 ? 17 : 6, is_v6(service) ? AF_INET6 : AF_INET, below(4),
			below(4));
		add_frontends(text, service, !below(4));
		add_backends(text, service, true);
		return;
	}
	if (kind >= 38) {
		request->cmd = kind == 38 ? SVCLB_CMD_FLUSH : SVCLB_CMD_PURGE;
		if (kind == 39)
			fprintf(text, "generation=%u", 1 + below(4));
		return;
	}
	fprintf(text, "name=s%u", service);
	if (kind < 17) {
		request->cmd = SVCLB_CMD_SERVICE_DEL;
	} else if (kind < 21) {
		request->cmd = SVCLB_CMD_SERVICE_EDIT;
		fprintf(text, " scheduler=%u", below(4));
	} else if (kind < 26) {
		request->cmd = SVCLB_CMD_FRONTEND_ADD;
		add_frontends(text, service, true);
	} else if (kind < 28) {
		request->cmd = SVCLB_CMD_FRONTEND_DEL;
		add_frontends(text, service, below(2));
	} else if (kind < 33) {
		request->cmd = SVCLB_CMD_BACKEND_SET;
		request->flags = NLM_F_CREATE;
		add_backends(text, service, false);
	} else if (kind < 36) {
		request->cmd = SVCLB_CMD_BACKEND_DEL;
		fprintf(text, is_v6(service) ? " backend{address6=fd00:9::%u port=%u}" :
					       " backend{address4=10.9.1.%u port=%u}",
			1 + below(MEMBERS), 53 + service % 2);
	} else {
		request->cmd = SVCLB_CMD_COUNTERS_ZERO;
	}
}

/*
 * without_ack() - send what is acknowledged only if it is refused
 *
 * An ack comes when stale flows are gone, which slows changes down.
 *
 * Return: 0, or a negative errno.
 */
static int without_ack(struct nl *nl, const struct request *request)
{
	union {
		struct nlmsghdr message;
		char bytes[8192];
	} buffer;
	int fd = mnl_socket_get_fd(nl->socket), result;
	const struct nlmsgerr *error;

	nl_begin(nl, request->cmd, request->flags);
	if (nl_add(nl, request->text))
		errx(2, "bad request: %s", request->text);
	result = nl_send(nl);
	if (result)
		return result;
	if (recv(fd, &buffer, sizeof(buffer), MSG_DONTWAIT) < 0)
		return errno == EAGAIN ? 0 : -errno;
	error = mnl_nlmsg_get_payload(&buffer.message);
	return buffer.message.nlmsg_type == NLMSG_ERROR ? error->error : -EPROTO;
}

/* Return: what the kernel said to a request at random. */
static int change(struct nl *nl, struct request *request)
{
	size_t length;
	FILE *text;

	free(request->text);
	text = open_memstream(&request->text, &length);
	if (!text)
		err(2, "no memory");
	write_request(request, text);
	fclose(text);
	return below(2) ? nl_do(nl, request->cmd, request->flags, request->text) :
			  without_ack(nl, request);
}

static int run_writer(void)
{
	unsigned long requests = 0, accepted = 0;
	struct request request = {};
	struct nl nl;
	int error;

	must_open_socket(&nl);
	while (goes_on(accepted >= ENOUGH)) {
		error = change(&nl, &request);
		requests++;
		accepted += !error;
		progress(accepted);
		/* What others have taken away or taken first. */
		if (error && error != -ENOENT && error != -EEXIST) {
			printf("request %u '%s': %s: %s\n", request.cmd, request.text,
			       strerror(-error), nl.text);
			return 1;
		}
	}
	nl_close(&nl);
	free(request.text);
	printf("%lu requests, %lu accepted\n", requests, accepted);
	return accepted < ENOUGH;
}

/*
 * Nothing but one set of backends for another, as fast as it goes: what packets
 * still look at is let go all the time.
 */
static int run_swaps(void)
{
#define SWAPPED "name=swapped protocol=6 scheduler=2 frontend{address4=10.96.0.50 port=53} backend"
	static const char * const sets[] = {
		SWAPPED "{address4=10.9.1.1 port=53} backend{address4=10.9.1.2 port=53}",
		SWAPPED "{address4=10.9.1.3 port=53} backend{address4=10.9.1.4 port=53}",
	};
#undef SWAPPED
	unsigned long swaps = 0;
	struct nl nl;

	must_open_socket(&nl);
	while (goes_on(swaps >= ENOUGH)) {
		if (nl_do(&nl, SVCLB_CMD_SERVICE_SET, NLM_F_CREATE, sets[swaps % 2]))
			errx(1, "swap: %s: %s", strerror(-nl.error), nl.text);
		progress(++swaps);
	}
	if (nl_do(&nl, SVCLB_CMD_SERVICE_DEL, 0, "name=swapped"))
		errx(1, "no end: %s: %s", strerror(-nl.error), nl.text);
	nl_close(&nl);
	printf("%lu swaps\n", swaps);
	return swaps < ENOUGH;
}

/* While there is no module, there is no family; a new one has another number. */
static int run_storm(void)
{
	unsigned long requests = 0, accepted = 0, opened = 0;
	struct request request = {};
	struct nl nl;
	int error;

	while (goes_on(accepted >= ENOUGH)) {
		if (!open_socket(&nl)) {
			nl_close(&nl);
			poll(NULL, 0, 1);
			continue;
		}
		opened++;
		do {
			error = change(&nl, &request);
			requests++;
			accepted += !error;
			progress(accepted);
		} while (goes_on(true) && (!error || error == -ENOENT || error == -EEXIST) &&
			 requests % 50);
		nl_close(&nl);
	}
	free(request.text);
	printf("%lu requests, %lu accepted, %lu sockets\n", requests, accepted, opened);
	return accepted < ENOUGH;
}

/* Reading */

/*
 * identity_of() - what no two messages of a dump have in common
 *
 * Numbers are left out, so that one thing under two numbers is found, and of a
 * frontend also whose it is. Cuts the line.
 */
static void identity_of(char *line, uint8_t cmd)
{
	char *from = line, *to = line, *stats = strstr(line, " stats{");

	if (cmd == SVCLB_CMD_SERVICE_GET)
		stats = strstr(line, " family=");
	if (stats)
		*stats = '\0';
	while (*from) {
		bool begins = from == line || strchr(" {", from[-1]);

		if (begins && (!strncmp(from, "id=", 3) || !strncmp(from, "weight=", 7) ||
			       !strncmp(from, "flags=", 6) ||
			       (cmd == SVCLB_CMD_FRONTEND_GET && !strncmp(from, "name=", 5))))
			from += strcspn(from, " }");
		else
			*to++ = *from++;
	}
	*to = '\0';
}

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(char * const *)a, *(char * const *)b);
}

/* repeats() - whether a dump has something twice; cuts the text */
static bool repeats(const struct nl_list *list, uint8_t cmd)
{
	char **lines = calloc(list->count + 1, sizeof(*lines)), *line, *rest = list->text;
	unsigned int count = 0, i;
	bool found = false;

	if (!lines)
		err(2, "no memory");
	for (line = strsep(&rest, "\n"); line && *line && count < list->count;
	     line = strsep(&rest, "\n"))
		lines[count++] = line;
	for (i = 0; i < count; i++)
		identity_of(lines[i], cmd);
	qsort(lines, count, sizeof(*lines), compare_lines);
	for (i = 1; i < count && !found; i++) {
		if (!strcmp(lines[i - 1], lines[i])) {
			printf("twice in a dump: %s\n", lines[i]);
			found = true;
		}
	}
	if (count != list->count) {
		printf("%u messages are %u lines\n", list->count, count);
		found = true;
	}
	free(lines);
	return found;
}

static const uint8_t dumps[] = {
	SVCLB_CMD_SERVICE_GET, SVCLB_CMD_FRONTEND_GET, SVCLB_CMD_BACKEND_GET,
};

/*
 * Until the time is over, and there were dumps in several pieces of both kinds:
 * those that a change has met, and whole ones.
 */
static int run_dumps(void)
{
	unsigned long whole = 0, interrupted = 0, pieces = 0, messages = 0, i;
	bool more, several = false;
	struct nl nl;
	int error;

	must_open_socket(&nl);
	for (i = 0; goes_on(whole && interrupted && several); i++) {
		uint8_t cmd = dumps[i % ARRAY_SIZE(dumps)];
		unsigned int parts = 0;

		error = nl_dump_begin(&nl, cmd, "");
		for (more = true; more && !error; parts++)
			error = nl_dump_next(&nl, SMALL_BUFFER, &more);
		if (error || strstr(nl.reply.text, "BAD")) {
			printf("dump %u: %s '%s'\n%s", cmd, strerror(-error), nl.text,
			       nl.reply.text);
			return 1;
		}
		pieces += parts;
		messages += nl.reply.count;
		interrupted += nl.reply.interrupted;
		if (nl.reply.interrupted || !nl.reply.count)
			continue;
		/* The last piece may be no more than the end. */
		several |= parts > 2;
		whole++;
		if (repeats(&nl.reply, cmd))
			return 1;
	}
	nl_close(&nl);
	printf("%lu whole, %lu interrupted, %lu pieces, %lu messages\n", whole, interrupted,
	       pieces, messages);
	if (!several)
		printf("no dump was in several pieces and whole\n");
	return !whole || !interrupted || !several;
}

/* Settings */

#define PARAMETER "/sys/module/svclb/parameters/unprivileged_userns"

static int run_settings(void)
{
	static const char * const texts[] = {
		"masquerade-all=1", "masquerade-all=0", "default-scheduler=3",
		"node-port-min=30000 node-port-max=32767 default-scheduler=0",
		"node-port-min=20000 node-port-max=40000", "no-cluster-networks",
		"cluster-network{address4=10.9.0.0 prefix-length=16}",
		"datapath=1 flow-max=1000 flow-full=1 timeout-udp=1", "datapath=0", "datapath=1",
		"cluster-network{address6=:: prefix-length=0} cluster-network{address4=0.0.0.0 prefix-length=0}",
	};
	unsigned long changes = 0;
	struct nl nl;
	char byte;
	int fd;

	must_open_socket(&nl);
	for (; goes_on(changes >= ENOUGH); changes++) {
		if (nl_do(&nl, SVCLB_CMD_SETTINGS_SET, 0, texts[below(ARRAY_SIZE(texts))]) ||
		    nl_do(&nl, SVCLB_CMD_SETTINGS_GET, 0, "")) {
			printf("settings: %s: %s\n", strerror(-nl.error), nl.text);
			return 1;
		}
		/* What is looked at once must not change behind that. */
		fd = open(PARAMETER, O_WRONLY | O_CLOEXEC);
		if (fd >= 0) {
			printf("the parameter can be written\n");
			return 1;
		}
		fd = open(PARAMETER, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, &byte, 1) != 1) {
			printf("the parameter cannot be read\n");
			return 1;
		}
		close(fd);
	}
	nl_close(&nl);
	printf("%lu changes\n", changes);
	return changes < ENOUGH;
}

/* Packets */

#define FLOWS 64
#define ENOUGH_SENT (2ul * FLOWS)

static int open_flow(void)
{
	static unsigned long count;
	unsigned int number = 1 + count++ % (SERVICES + 6);
	bool v6 = below(2), tcp = !below(3);
	int fd = socket(v6 ? AF_INET6 : AF_INET, (tcp ? SOCK_STREAM : SOCK_DGRAM) |
			SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(53) };
	struct sockaddr_in to4 = { .sin_family = AF_INET, .sin_port = htons(53) };
	char address[32];

	if (fd < 0)
		err(2, "cannot open a socket");
	if (number > SERVICES)
		number += 100 - SERVICES - 1;
	if (!below(4)) {
		/* A node port. */
		to4.sin_port = htons(30000 + number);
		to6.sin6_port = to4.sin_port;
		snprintf(address, sizeof(address), "%s", v6 ? "fd00:9:ffff::1" : "10.9.0.1");
	} else {
		snprintf(address, sizeof(address), v6 ? "fd00:96::%u" : "10.96.0.%u", number);
	}
	inet_pton(v6 ? AF_INET6 : AF_INET, address,
		  v6 ? (void *)&to6.sin6_addr : (void *)&to4.sin_addr);
	/* Where to may have gone; where it comes from counts then. */
	if (connect(fd, v6 ? (struct sockaddr *)&to6 : (struct sockaddr *)&to4,
		    v6 ? sizeof(to6) : sizeof(to4)) && errno != EINPROGRESS) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Each flow sends a few times; nobody need answer. */
static int run_packets(void)
{
	unsigned long sent = 0, opened = 0, i;
	static int flows[FLOWS];

	memset(flows, -1, sizeof(flows));
	for (i = 0; goes_on(sent >= ENOUGH_SENT); i++) {
		int *flow = &flows[i % FLOWS];

		if (*flow >= 0 && !below(8)) {
			close(*flow);
			*flow = -1;
		}
		if (*flow < 0) {
			*flow = open_flow();
			opened += *flow >= 0;
		}
		if (*flow >= 0 && send(*flow, "packet", 6, MSG_NOSIGNAL) >= 0)
			sent++;
		if (*flow < 0)
			poll(NULL, 0, 1);
		progress(sent);
	}
	printf("%lu sent, %lu flows\n", sent, opened);
	return sent < ENOUGH_SENT;
}

/* Attempts to connect to the service that run_swaps() makes. */
static int run_flows(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	unsigned long begun = 0;
	int fd;

	inet_pton(AF_INET, "10.96.0.50", &to.sin_addr);
	while (goes_on(begun >= ENOUGH)) {
		fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (fd < 0)
			err(2, "cannot open a socket");
		begun += connect(fd, (struct sockaddr *)&to, sizeof(to)) && errno == EINPROGRESS;
		close(fd);
	}
	printf("%lu flows\n", begun);
	return begun < ENOUGH;
}

/* The state */

static unsigned long number_in(const char *line, const char *name)
{
	const char *found = strstr(line, name);

	if (!found)
		errx(2, "no %s in %s", name, line);
	return strtoul(found + strlen(name), NULL, 10);
}

static bool has_members(struct nl *nl, uint8_t cmd, unsigned long id, unsigned long count)
{
	char text[32];

	snprintf(text, sizeof(text), "id=%lu", id);
	if (!nl_dump(nl, cmd, text) && nl->reply.count == count && !repeats(&nl->reply, cmd))
		return true;
	printf("service %lu has %u members instead of %lu\n", id, nl->reply.count, count);
	return false;
}

/* found_by_frontends() - whether each frontend leads to the service that has it */
static bool found_by_frontends(struct nl *nl)
{
	char *text, *rest, *line, reference[200];
	bool good = true;

	if (nl_dump(nl, SVCLB_CMD_FRONTEND_GET, ""))
		return false;
	text = strdup(nl->reply.text);
	rest = text;
	while (good && (line = strsep(&rest, "\n")) && *line) {
		char *frontend = strstr(line, "frontend{"), *stats = strstr(line, " stats{");

		if (!frontend || !stats)
			return false;
		snprintf(reference, sizeof(reference), "protocol=%lu family=%lu %.*s}",
			 number_in(line, " protocol="), number_in(line, " family="),
			 (int)(stats - frontend), frontend);
		good = !nl_do(nl, SVCLB_CMD_SERVICE_GET, 0, reference) &&
		       number_in(nl->reply.text, " id=") == number_in(line, " id=");
		if (!good)
			printf("'%s' leads to '%s' %s\n", reference, nl->reply.text, nl->text);
	}
	free(text);
	return good;
}

/* All that is there belongs together, and all of it can be deleted. */
static int run_verify(void)
{
	unsigned long services = 0, frontends = 0, backends = 0, i;
	char *text, *rest, *line;
	bool good = true;
	struct nl nl;

	must_open_socket(&nl);
	for (i = 0; i < ARRAY_SIZE(dumps); i++)
		good = good && !nl_dump(&nl, dumps[i], "") && !repeats(&nl.reply, dumps[i]);
	good = good && found_by_frontends(&nl) && !nl_dump(&nl, SVCLB_CMD_SERVICE_GET, "");
	text = strdup(nl.reply.text);
	rest = text;
	while (good && (line = strsep(&rest, "\n")) && *line) {
		unsigned long id = number_in(line, " id=");
		char reference[32];

		services++;
		frontends += number_in(line, " frontend-count=");
		backends += number_in(line, " backend-count=");
		good = has_members(&nl, SVCLB_CMD_FRONTEND_GET, id,
				   number_in(line, " frontend-count=")) &&
		       has_members(&nl, SVCLB_CMD_BACKEND_GET, id,
				   number_in(line, " backend-count="));
		snprintf(reference, sizeof(reference), "id=%lu", id);
		if (good && nl_do(&nl, SVCLB_CMD_SERVICE_DEL, 0, reference)) {
			printf("service %lu cannot be deleted: %s\n", id, nl.text);
			good = false;
		}
	}
	free(text);
	for (i = 0; good && i < ARRAY_SIZE(dumps); i++)
		good = !nl_dump(&nl, dumps[i], "") && !nl.reply.count;
	nl_close(&nl);
	printf("%lu services, %lu frontends, %lu backends\n", services, frontends, backends);
	return !good;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setlinebuf(stdout);
	if (!strcmp(what, "verify"))
		return run_verify();
	if (argc > 2 && !strcmp(what, "dump")) {
		begin(argv[2], NULL);
		return run_dumps();
	}
	if (argc > 2 && !strcmp(what, "settings")) {
		begin(argv[2], NULL);
		return run_settings();
	}
	if (argc > 2 && !strcmp(what, "swap")) {
		begin(argv[2], argc > 3 ? argv[3] : NULL);
		return run_swaps();
	}
	if (argc > 2 && !strcmp(what, "flows")) {
		begin(argv[2], NULL);
		return run_flows();
	}
	if (argc > 2 && !strcmp(what, "packets")) {
		begin(argv[2], argc > 3 ? argv[3] : NULL);
		return run_packets();
	}
	if (argc > 3 && (!strcmp(what, "write") || !strcmp(what, "storm"))) {
		begin(argv[2], argc > 4 ? argv[4] : NULL);
		seed = strtoul(argv[3], NULL, 10);
		return *what == 'w' ? run_writer() : run_storm();
	}
	errx(2, "usage: nl_race TASK [SECONDS [SEED]] [FILE]; see the head of nl_race.c");
}
