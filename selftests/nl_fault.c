// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests whose memory allocations fail, one after the other: the first, then
 * the second, until a request comes to its end without a fault. What a refused
 * one leaves must be, as text, what there was before it; what an accepted one
 * leaves must be what it leaves without faults. Run by faults.sh, which has set
 * up fault injection; prints TAP lines without numbers.
 *
 *	nl_fault requests [BIG [EVERY]]	every request; big ones have BIG members. Of
 *					so many tests only one is run
 *	nl_fault sweep			the search for stale flows
 *	nl_fault packet			new connections of a service with affinity
 *	nl_fault module FILE [LAST]	loading the module, which makes what it has
 *					in each namespace; only the last allocations
 *	nl_fault namespace [LAST]	creation of a network namespace. Code that is
 *					not ours may write to the kernel's log
 */
#include "nl.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "uapi/svclb.h"

#define MANY 1000000000u	/* faults that never come */
#define MAX_FAULTS 20000
#define SECONDS 30		/* for any answer */
#define SMALL_BUFFER 8192

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

/* Results */

static unsigned int failures;

/* What is wrong with the test that runs; printed when it ends. */
static struct {
	char *text;
	size_t length;
	unsigned int count;
	FILE *file;
} wrongs;

static void begin_test(void)
{
	wrongs.count = 0;
	wrongs.file = open_memstream(&wrongs.text, &wrongs.length);
	if (!wrongs.file)
		err(2, "no memory");
}

static void wrong(const char *format, ...)
{
	va_list arguments;

	wrongs.count++;
	fprintf(wrongs.file, "# ");
	va_start(arguments, format);
	vfprintf(wrongs.file, format, arguments);
	va_end(arguments);
	fprintf(wrongs.file, "\n");
}

static void end_test(const char *format, ...)
{
	va_list arguments;

	printf("%s - ", wrongs.count ? "not ok" : "ok");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	fclose(wrongs.file);
	printf("%s", wrongs.text);
	fflush(stdout);
	free(wrongs.text);
	if (wrongs.count)
		failures++;
}

/* Faults */

static int fault_file = -1;

static void write_fault(int fd, unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(fd, text, length, 0) != length)
		err(2, "cannot inject faults");
}

static unsigned int read_fault(int fd)
{
	char text[16] = "";

	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		err(2, "cannot read about faults");
	return strtoul(text, NULL, 10);
}

/* arm() - from now on let this thread's allocation number @nth fail */
static void arm(unsigned int nth)
{
	write_fault(fault_file, nth);
}

/* disarm() - how many more allocations there could have been; 0 after the fault */
static unsigned int disarm(void)
{
	unsigned int left = read_fault(fault_file);

	write_fault(fault_file, 0);
	return left;
}

static void open_fault_file(void)
{
	fault_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fault_file < 0)
		err(2, "the kernel cannot inject faults");
	/* The program's own memory is not what shall be missing. */
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		err(2, "cannot lock memory");
}

/* Namespaces and what is in them */

static void limit_waiting(const struct nl *nl)
{
	struct timeval limit = { .tv_sec = SECONDS };

	if (setsockopt(mnl_socket_get_fd(nl->socket), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)))
		err(2, "cannot limit waiting");
}

static void open_socket(struct nl *nl)
{
	if (nl_open(nl))
		errx(2, "no family " SVCLB_GENL_NAME);
	limit_waiting(nl);
}

static void new_namespace(void)
{
	if (unshare(CLONE_NEWNET))
		err(2, "cannot make a network namespace");
}

struct request {
	uint8_t cmd;
	uint16_t flags;
	const char *text;
};

/* ask() - a request that no fault hinders, and that nothing is waited for */
static void ask(struct nl *nl, const struct request *request)
{
	nl_begin(nl, request->cmd, request->flags);
	if (nl_add(nl, request->text))
		errx(2, "bad request: %s", request->text);
	if (nl_send(nl))
		err(2, "cannot send");
}

/* must() - the same, with an answer */
static void must(struct nl *nl, uint8_t cmd, uint16_t flags, const char *text)
{
	int error = nl_do(nl, cmd, flags, text);

	if (error)
		errx(2, "request %u '%.100s': %s: %s", cmd, text, strerror(-error), nl->text);
}

/* snapshot() - all that there is, to be freed */
static char *snapshot(struct nl *nl)
{
	static const uint8_t dumps[] = {
		SVCLB_CMD_SERVICE_GET, SVCLB_CMD_FRONTEND_GET, SVCLB_CMD_BACKEND_GET,
		SVCLB_CMD_SOURCE_RANGE_GET,
	};
	static const uint8_t replies[] = { SVCLB_CMD_SETTINGS_GET, SVCLB_CMD_COUNTERS_GET };
	FILE *file;
	char *text;
	size_t length;
	unsigned int i;

	file = open_memstream(&text, &length);
	if (!file)
		err(2, "no memory");
	for (i = 0; i < ARRAY_SIZE(dumps); i++) {
		int error = nl_dump(nl, dumps[i], "");

		if (error || nl->reply.interrupted)
			errx(2, "dump %u: %s, '%s'", dumps[i], strerror(-error), nl->text);
		fputs(nl->reply.text, file);
	}
	for (i = 0; i < ARRAY_SIZE(replies); i++) {
		must(nl, replies[i], 0, "");
		fputs(nl->reply.text, file);
	}
	fclose(file);
	if (strstr(text, "BAD"))
		errx(2, "malformed: %s", text);
	return text;
}

/* without_ids() - a copy of a text: ids may be used up by what was refused */
static char *without_ids(const char *text)
{
	char *copy = strdup(text), *to = copy;

	while (*text) {
		if (!strncmp(text, "id=", 3) && (to == copy || strchr(" {-", to[-1])))
			text += strcspn(text, " }");
		else
			*to++ = *text++;
	}
	*to = '\0';
	return copy;
}

/* To be freed, each of them. */
static char *text_of(const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0)
		err(2, "no memory");
	va_end(arguments);
	return text;
}

/* members() - "FORMAT FORMAT ..." with the numbers from 0 on, to be freed */
static char *members(const char *before, const char *format, unsigned int count)
{
	FILE *file;
	char *text;
	size_t length;
	unsigned int i;

	file = open_memstream(&text, &length);
	if (!file)
		err(2, "no memory");
	fputs(before, file);
	for (i = 0; i < count; i++) {
		fputc(' ', file);
		fprintf(file, format, i / 250, i % 250 + 1, i % 7);
	}
	fclose(file);
	return text;
}

/* Requests */

/**
 * struct test - a request that is made again and again
 * @name:    what it is
 * @setup:   requests before it, ended by one without text
 * @request: the request
 * @refusal: what it is answered without faults
 * @fresh:   whether it must be the first one of its namespace
 */
struct test {
	const char *name;
	const struct request *setup;
	struct request request;
	int refusal;
	bool fresh;
};

/* What a request leaves and tells, without faults and without ids. */
struct outcome {
	char *state;
	char *reply;
	char *notifications;
};

static struct nl nl, listener;

static void free_outcome(struct outcome *outcome)
{
	free(outcome->state);
	free(outcome->reply);
	free(outcome->notifications);
}

static void enter_new_namespace(void)
{
	nl_close(&nl);
	nl_close(&listener);
	new_namespace();
	open_socket(&nl);
	open_socket(&listener);
	if (nl_join(&listener))
		errx(2, "cannot join the group");
}

/* Return: whether the listener has missed something. */
static bool read_notifications(void)
{
	int error = nl_notifications(&listener);
	bool missed = false;

	while (error == -ENOBUFS) {
		missed = true;
		error = nl_notifications(&listener);
	}
	if (error)
		errx(2, "notifications: %s", strerror(-error));
	return missed;
}

/* The ack would come after the search for stale flows only. */
static void prepare(const struct test *test)
{
	static const struct request empty[] = {
		{ SVCLB_CMD_FLUSH, 0, "" },
		{ SVCLB_CMD_SETTINGS_SET, 0, "no-cluster-networks masquerade-all=0;"
		  "node-port-min=30000 node-port-max=32767 default-scheduler=0;"
		  "no-pod-interfaces no-node-port-addresses no-service-networks answer-ping=0;"
		  "node-port-loopback=0 maglev-seed=0 affinity-max=1048576;"
		  "datapath=0 flow-max=1048576 flow-full=0 timeout-udp=30" },
	};
	const struct request *request;

	if (test->fresh) {
		enter_new_namespace();
	} else {
		ask(&nl, &empty[0]);
		ask(&nl, &empty[1]);
	}
	for (request = test->setup; request && request->text; request++)
		ask(&nl, request);
	read_notifications();
}

static bool is_dump(const struct request *request)
{
	return (request->flags & NLM_F_DUMP) == NLM_F_DUMP;
}

/* How a request went. */
enum { ANSWERED, NOT_SENT, UNANSWERED };

static int send_request(struct nl *socket, const struct request *request, unsigned int nth,
			unsigned int *left, int *error)
{
	nl_begin(socket, request->cmd, request->flags | NLM_F_ACK);
	if (nl_add(socket, request->text))
		errx(2, "bad request: %s", request->text);
	arm(nth);
	*error = nl_send(socket);
	*left = disarm();
	if (*error)
		return NOT_SENT;
	*error = nl_ack(socket);
	/* This is of receiving, or said by the kernel instead of the ack. */
	return *error == -ENOBUFS ? UNANSWERED : ANSWERED;
}

/*
 * A dump goes on while it is read, and so do its faults. For a socket that was
 * read into a large buffer it would be all in one piece.
 */
static int send_dump(struct nl *socket, const struct request *request, unsigned int nth,
		     unsigned int *left, int *error)
{
	nl_close(socket);
	open_socket(socket);
	nl_begin(socket, request->cmd, NLM_F_DUMP);
	if (nl_add(socket, request->text))
		errx(2, "bad request: %s", request->text);
	arm(nth);
	*error = nl_send(socket);
	if (*error) {
		*left = disarm();
		return NOT_SENT;
	}
	for (bool more = true; more && !*error;)
		*error = nl_dump_next(socket, SMALL_BUFFER, &more);
	*left = disarm();
	return *error == -ENOBUFS ? UNANSWERED : ANSWERED;
}

static bool differ(const char *what, unsigned int nth, const char *seen, const char *expected)
{
	if (!strcmp(seen, expected))
		return false;
	wrong("fault %u: %s is", nth, what);
	wrong("%.3000s", seen);
	wrong("instead of");
	wrong("%.3000s", expected);
	return true;
}

/* must_be() - compare the state */
static void must_be(unsigned int nth, const char *seen, const char *before, const char *after)
{
	char *plain = without_ids(seen);

	if (after && !strcmp(plain, after))
		;	/* has happened, whole */
	else if (before)
		differ("the state", nth, seen, before);
	else
		differ("the state", nth, plain, after);
	free(plain);
}

static void check_told(const struct test *test, unsigned int nth, const struct outcome *expected,
		       int way, int error)
{
	bool missed = read_notifications(), happened = way == ANSWERED && !error;
	char *plain = without_ids(listener.reply.text);

	if (happened && !missed)
		differ("notifications", nth, plain, expected->notifications);
	else if (way == NOT_SENT || (error && way == ANSWERED))
		differ("notifications", nth, listener.reply.text, "");
	free(plain);
	if (!happened || test->request.flags & NLM_F_ECHO)
		return;
	plain = without_ids(nl.reply.text);
	differ("the reply", nth, plain, expected->reply);
	free(plain);
}

/*
 * What was refused can be had when there is memory again. This is also for the
 * kernel's sake: nf_nat_register_fn() keeps its hooks when the last thing that it
 * does fails, and would never free them if nobody came to use them.
 */
static void repeat(const struct test *test, unsigned int nth, const struct outcome *expected)
{
	char *seen;

	must(&nl, test->request.cmd, test->request.flags, test->request.text);
	seen = snapshot(&nl);
	must_be(nth, seen, NULL, expected->state);
	free(seen);
}

/*
 * check() - what is left after a request
 *
 * Return: whether it was refused, and the state is the one before.
 */
static bool check(const struct test *test, unsigned int nth, int way, int error,
		  const char *before, const struct outcome *expected)
{
	bool refused;
	char *seen;

	if (is_dump(&test->request)) {
		if (way == ANSWERED && !error)
			differ("the dump", nth, nl.reply.text, expected->reply);
	} else {
		check_told(test, nth, expected, way, error);
	}
	if (way == NOT_SENT && error != -ENOMEM && error != -ENOBUFS)
		wrong("fault %u: not sent: %s", nth, strerror(-error));
	if (way == ANSWERED && error && error != -ENOMEM && error != test->refusal)
		wrong("fault %u: %s: %s", nth, strerror(-error), nl.text);
	if (way == UNANSWERED || is_dump(&test->request)) {
		/* What else was said is still there. */
		nl_close(&nl);
		open_socket(&nl);
	}
	seen = snapshot(&nl);
	refused = !strcmp(seen, before);
	if (way == UNANSWERED)
		must_be(nth, seen, before, expected->state);
	else if (error)
		must_be(nth, seen, before, NULL);
	else
		must_be(nth, seen, NULL, expected->state);
	free(seen);
	return refused;
}

static void learn(const struct test *test, struct outcome *expected)
{
	unsigned int left;
	char *state;
	int error;

	prepare(test);
	if (is_dump(&test->request))
		send_dump(&nl, &test->request, 0, &left, &error);
	else
		send_request(&nl, &test->request, 0, &left, &error);
	if (error != test->refusal)
		errx(2, "%s: %s: %s", test->name, strerror(-error), nl.text);
	expected->reply = is_dump(&test->request) ? strdup(nl.reply.text) :
						    without_ids(nl.reply.text);
	if (read_notifications())
		errx(2, "%s: notifications are missing", test->name);
	expected->notifications = without_ids(listener.reply.text);
	state = snapshot(&nl);
	expected->state = without_ids(state);
	free(state);
}

/* Of so many tests one is run. */
static unsigned int every = 1;

static void run(const struct test *test)
{
	unsigned int nth, left = 0, refused = 0, tolerated = 0;
	static unsigned int count;
	struct outcome expected;
	char *before = NULL;
	int way, error = 0;

	if (++count % every)
		return;
	begin_test();
	enter_new_namespace();
	learn(test, &expected);
	for (nth = 1; nth < MAX_FAULTS && !wrongs.count && !left; nth++) {
		if (!before) {
			prepare(test);
			before = snapshot(&nl);
			/* Its ids are of this preparation. */
			if (is_dump(&test->request) && !test->refusal) {
				free(expected.reply);
				if (nl_dump(&nl, test->request.cmd, test->request.text))
					errx(2, "%s: no dump", test->name);
				expected.reply = strdup(nl.reply.text);
			}
		}
		way = is_dump(&test->request) ?
		      send_dump(&nl, &test->request, nth, &left, &error) :
		      send_request(&nl, &test->request, nth, &left, &error);
		if (left && (way != ANSWERED || error != test->refusal))
			wrong("without a fault: %s: %s", strerror(-error), nl.text);
		if (!left && (way != ANSWERED || error != test->refusal))
			refused++;
		else if (!left)
			tolerated++;
		if (check(test, nth, way, error, before, &expected)) {
			if (!test->fresh)
				continue;
			repeat(test, nth, &expected);
		}
		free(before);
		before = NULL;
	}
	if (!left && !wrongs.count)
		wrong("no end after %u faults", MAX_FAULTS);
	if (!refused)
		wrong("no fault had a consequence");
	end_test("%s: %u faults, %u of them fatal", test->name, refused + tolerated, refused);
	free(before);
	free_outcome(&expected);
}

#define WEB "name=web protocol=6 generation=3 frontend{address4=10.96.0.1 port=80 policy=1};" \
	    "frontend{kind=1 port=30080 restricted=1} affinity-timeout=60 syn-failover=1;" \
	    "source-range{address4=10.0.0.0 prefix-length=8};" \
	    "source-range{address4=10.7.0.0 prefix-length=16};" \
	    "backend{address4=10.0.1.1 port=8080 weight=3 flags=2};" \
	    "backend{address4=10.0.1.2 port=8080}"
#define DNS "name=dns protocol=17 family=10 generation=7 scheduler=3;" \
	    "frontend{address6=fd00::53 port=53} frontend{kind=1 port=30053};" \
	    "backend{address6=fd00:1::1 port=5353 weight=10} backend{address6=fd00:1::2 port=53}"
#define UDP "name=udp protocol=17 scheduler=1 generation=4 frontend{address4=10.96.0.2 port=53};" \
	    "frontend{address4=10.96.0.3 port=53} frontend{kind=1 port=30054};" \
	    "backend{address4=10.0.2.1 port=53 weight=5} backend{address4=10.0.2.2 port=53}"

static const struct request usual[] = {
	{ SVCLB_CMD_SETTINGS_SET, 0, "masquerade-all=1 default-scheduler=2;"
	  "cluster-network{address4=10.0.0.0 prefix-length=8};"
	  "cluster-network{address6=fd00:: prefix-length=16} pod-interface=veth*;"
	  "node-port-address{address4=192.0.2.0 prefix-length=24};"
	  "service-network{address4=10.96.0.0 prefix-length=16}" },
	{ SVCLB_CMD_SERVICE_SET, CREATE, WEB },
	{ SVCLB_CMD_SERVICE_SET, CREATE, DNS },
	{ SVCLB_CMD_SERVICE_SET, CREATE, UDP },
	{}
};

static const char * const schedulers[] = {
	"random", "wrandom", "rr", "wrr", "lc", "wlc", "p2c", "sh", "maglev", "failover",
};

/* New services: each family, protocol and scheduler; two pools have a table each. */
static void run_new_services(void)
{
	static const unsigned int protocols[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(schedulers); i++) {
		bool v6 = i % 2;
		char *name = text_of("service-set, new, IPv%c %s", v6 ? '6' : '4',
				     schedulers[i / 2]);
		char *text = text_of("name=new protocol=%u scheduler=%u;"
				     "frontend{%s port=443} frontend{kind=1 port=30443 policy=1};"
				     "backend{%s1 port=1 weight=2 flags=2};"
				     "backend{%s2 port=1 weight=3} backend{%s3 port=1 flags=1}",
				     protocols[i / 2 % ARRAY_SIZE(protocols)], i / 2,
				     v6 ? "address6=fd00::9" : "address4=10.96.0.9",
				     v6 ? "address6=fd00:2::" : "address4=10.0.2.",
				     v6 ? "address6=fd00:2::" : "address4=10.0.2.",
				     v6 ? "address6=fd00:2::" : "address4=10.0.2.");
		struct test test = {
			.name = name, .setup = usual,
			.request = { SVCLB_CMD_SERVICE_SET, NLM_F_CREATE, text },
		};

		run(&test);
		free(name);
		free(text);
	}
}

#define RUN(what, before, command, options, request_text, ...) run(&(struct test){ \
	.name = (what), .setup = (before), \
	.request = { SVCLB_CMD_##command, options, request_text }, __VA_ARGS__ })

static void run_services(void)
{
	static const struct request ipv6[] = { { SVCLB_CMD_SERVICE_SET, CREATE, DNS }, {} };
	unsigned int i;

	RUN("service-set, first of a namespace, IPv4", NULL, SERVICE_SET, CREATE,
	    WEB, .fresh = true);
	RUN("service-set, first of a namespace, IPv6", NULL, SERVICE_SET, CREATE,
	    DNS, .fresh = true);
	run_new_services();
	RUN("service-set, replaced, TCP", usual, SERVICE_SET, 0, "name=web protocol=6 scheduler=3;"
	    "frontend{kind=1 port=30080} frontend{address4=10.96.0.8 port=80};"
	    "backend{address4=10.0.1.2 port=8080 weight=4} backend{address4=10.0.1.3 port=1}");
	RUN("service-set, replaced, UDP", usual, SERVICE_SET, NLM_F_CREATE, "name=udp protocol=17;"
	    "scheduler=0 frontend{kind=1 port=30055} frontend{address4=10.96.0.3 port=53};"
	    "backend{address4=10.0.2.2 port=53 weight=4} backend{address4=10.0.2.3 port=53}");
	RUN("service-set, to nothing", usual, SERVICE_SET, 0, "name=dns protocol=17 family=10");
	RUN("service-set, refused", usual, SERVICE_SET, CREATE, "name=new protocol=17;"
	    "frontend{address4=10.96.0.7 port=1} frontend{address4=10.96.0.3 port=53};"
	    "backend{address4=10.0.2.2 port=53}", .refusal = -EEXIST);
	RUN("service-set, told", usual, SERVICE_SET, CREATE | NLM_F_ECHO, "name=new protocol=6;"
	    "frontend{address4=10.96.0.7 port=1} backend{address4=10.0.2.2 port=53}");
	for (i = 0; i < ARRAY_SIZE(schedulers); i++) {
		char *name = text_of("service-edit, %s", schedulers[i]);
		char *text = text_of("name=%s scheduler=%u generation=9",
				     i % 2 ? "web" : "udp", i);

		RUN(name, usual, SERVICE_EDIT, 0, text);
		free(name);
		free(text);
	}
	RUN("service-edit, source ranges", usual, SERVICE_EDIT, 0,
	    "name=web source-range{address4=11.0.0.0 prefix-length=8};"
	    "source-range{address4=11.7.0.0 prefix-length=16} affinity-timeout=5");
	RUN("service-edit, no source ranges", usual, SERVICE_EDIT, NLM_F_ECHO,
	    "name=web no-source-ranges syn-failover=0");
	RUN("service-edit, fail-over, first of a namespace", ipv6, SERVICE_EDIT, 0,
	    "name=dns syn-failover=1 scheduler=8", .fresh = true);
	RUN("service-edit, refused", usual, SERVICE_EDIT, 0, "name=web scheduler=8;"
	    "source-range{address4=11.0.0.0 prefix-length=8};"
	    "source-range{address4=11.7.0.1 prefix-length=16}", .refusal = -EINVAL);
	RUN("service-edit, generation only", usual, SERVICE_EDIT, 0, "name=dns generation=11");
	RUN("service-del, TCP", usual, SERVICE_DEL, 0, "name=web");
	RUN("service-del, UDP, by frontend", usual, SERVICE_DEL, NLM_F_ECHO,
	    "protocol=17 frontend{address4=10.96.0.3 port=53}");
	RUN("flush", usual, FLUSH, 0, "");
	RUN("purge", usual, PURGE, NLM_F_ECHO, "generation=5");
	RUN("service-get", usual, SERVICE_GET, 0, "name=dns");
	RUN("service-get, refused", usual, SERVICE_GET, 0, "name=none", .refusal = -ENOENT);
}

static void run_members(void)
{
	RUN("frontend-add", usual, FRONTEND_ADD, 0,
	    "name=web frontend{address4=10.96.0.9 port=443};"
	    "frontend{address4=10.96.0.1 port=81} frontend{kind=1 port=30081};"
	    "frontend{kind=3 address4=192.0.2.9 port=80 policy=1 restricted=1}");
	RUN("frontend-add, refused", usual, FRONTEND_ADD, 0,
	    "name=web frontend{address4=10.96.0.9 port=443};"
	    "frontend{kind=1 port=30080}", .refusal = -EEXIST);
	RUN("frontend-del, TCP", usual, FRONTEND_DEL, 0, "name=web frontend{kind=1 port=30080}");
	RUN("frontend-del, UDP", usual, FRONTEND_DEL, NLM_F_ECHO,
	    "name=udp frontend{kind=1 port=30054};"
	    "frontend{address4=10.96.0.3 port=53}");
	RUN("backend-set, new", usual, BACKEND_SET, CREATE, "name=udp;"
	    "backend{address4=10.0.1.9 port=8080} backend{address4=10.0.2.9 port=8080 weight=7}");
	RUN("backend-set, changed", usual, BACKEND_SET, NLM_F_ECHO, "name=dns;"
	    "backend{address6=fd00:1::1 port=5353 weight=0};"
	    "backend{address6=fd00:1::2 port=53 flags=1}");
	RUN("backend-set, refused", usual, BACKEND_SET, CREATE, "name=web;"
	    "backend{address4=10.0.1.1 port=8} backend{address4=10.0.1.1 port=8080}",
	    .refusal = -EEXIST);
	RUN("backend-del, TCP", usual, BACKEND_DEL, 0,
	    "name=web backend{address4=10.0.1.1 port=8080}");
	RUN("backend-del, UDP", usual, BACKEND_DEL, 0, "name=dns;"
	    "backend{address6=fd00:1::2 port=53} backend{address6=fd00:1::1 port=5353}");
	RUN("frontend dump", usual, FRONTEND_GET, NLM_F_DUMP, "");
	RUN("backend dump", usual, BACKEND_GET, NLM_F_DUMP, "name=udp");
	RUN("backend dump, counted", usual, BACKEND_GET, NLM_F_DUMP, "count-connections");
	RUN("source range dump", usual, SOURCE_RANGE_GET, NLM_F_DUMP, "name=web");
	RUN("affinity dump", usual, AFFINITY_GET, NLM_F_DUMP, "");
	RUN("service dump", usual, SERVICE_GET, NLM_F_DUMP, "");
	RUN("service dump, refused", usual, SERVICE_GET, NLM_F_DUMP,
	    "name=web", .refusal = -EINVAL);
}

static void run_rest(void)
{
	char *networks = members("node-port-min=20000 node-port-max=29999 masquerade-all=0",
				 "cluster-network{address4=11.%u.%u.%u prefix-length=32}",
				 SVCLB_CLUSTER_NETWORKS_MAX);

	RUN("settings-set", usual, SETTINGS_SET, NLM_F_ECHO,
	    "masquerade-all=0 default-scheduler=3");
	RUN("settings-set, big", usual, SETTINGS_SET, 0, networks);
	RUN("settings-set, first of a namespace", NULL, SETTINGS_SET, 0, networks,
	    .fresh = true);
	RUN("settings-set, lists", usual, SETTINGS_SET, NLM_F_ECHO, "no-cluster-networks;"
	    "pod-interface=cni0 pod-interface=cali* no-node-port-addresses answer-ping=1;"
	    "service-network{address6=fd00:96:: prefix-length=112} maglev-seed=7 affinity-max=5");
	RUN("settings-set, hooks, first of a namespace", NULL, SETTINGS_SET, 0,
	    "service-network{address6=fd00:96:: prefix-length=112} node-port-loopback=1",
	    .fresh = true);
	RUN("settings-set, datapath", usual, SETTINGS_SET, NLM_F_ECHO,
	    "datapath=1 flow-max=1000 flow-full=1 timeout-udp=5");
	RUN("settings-set, datapath, first of a namespace", NULL, SETTINGS_SET, 0,
	    "datapath=1 node-port-loopback=1", .fresh = true);
	RUN("flow-del", usual, FLOW_DEL, 0, "protocol=17");
	RUN("flow dump", usual, FLOW_GET, NLM_F_DUMP, "");
	RUN("settings-set, refused", usual, SETTINGS_SET, 0, "pod-interface=cni0;"
	    "node-port-address{address4=10.0.0.0 prefix-length=8} no-service-networks;"
	    "node-port-min=40000", .refusal = -EINVAL);
	RUN("resolve", usual, RESOLVE, 0, "protocol=6 source4=10.7.1.1 source-port=4000;"
	    "destination4=10.96.0.1 destination-port=80");
	RUN("resolve, refused", usual, RESOLVE, 0, "protocol=6", .refusal = -EINVAL);
	RUN("settings-get", usual, SETTINGS_GET, 0, "");
	RUN("counters-get", usual, COUNTERS_GET, 0, "");
	RUN("counters-zero", usual, COUNTERS_ZERO, 0, "");
	RUN("counters-zero of a service", usual, COUNTERS_ZERO, 0, "name=web");
	free(networks);
}

#define BACKENDS4 "backend{address4=10.1.%u.%u port=80 weight=%u}"
#define BACKENDS6 "backend{address6=fd00:9::%u:%u port=80 weight=%u}"
#define FRONTENDS "frontend{address4=10.97.%u.%u port=1%u}"

/*
 * What takes more than one page, more than one chunk of counters, more messages.
 * A request of more than a page netlink itself puts where a fault makes the
 * kernel write to its log.
 */
static void run_big(unsigned int big)
{
	char *four = members("name=big protocol=17 scheduler=1 frontend{address4=10.96.9.9 port=1}",
			     BACKENDS4, big);
	char *six = members("name=big protocol=6 scheduler=3 frontend{address6=fd00::9 port=1}",
			    BACKENDS6, big);
	char *frontends = members("name=big", FRONTENDS, big);
	char *more = members("name=big", "backend{address4=10.2.%u.%u port=8%u}", 100);
	char *backends = members("name=big", "backend{address4=10.3.%u.%u port=8%u}", big);
	char *deleted = members("name=big", "backend{address4=10.1.%u.%u port=80}", big);
	char *ranges = members("name=big", "source-range{address4=10.%u.%u.0 prefix-length=24}",
			       big);
	unsigned int i;
	struct request setup[] = {
		{ SVCLB_CMD_SERVICE_SET, CREATE, four },
		{ SVCLB_CMD_BACKEND_SET, NLM_F_CREATE, more },
		{}
	};

	RUN("service-set, big, IPv4 wrandom", NULL, SERVICE_SET, CREATE, four);
	RUN("service-set, big, IPv6 wrr", NULL, SERVICE_SET, CREATE, six);
	for (i = 3; i < ARRAY_SIZE(schedulers); i += 1 + (i == 5)) {
		char *name = text_of("service-edit, big, %s", schedulers[i]);
		char *text = text_of("name=big scheduler=%u", i);

		RUN(name, setup, SERVICE_EDIT, 0, text);
		free(name);
		free(text);
	}
	RUN("service-edit, big, source ranges", setup, SERVICE_EDIT, 0, ranges);
	RUN("resolve, big", setup, RESOLVE, 0, "protocol=17 source4=10.7.1.1 source-port=4000;"
	    "destination4=10.96.9.9 destination-port=1");
	RUN("backend-set, big", setup, BACKEND_SET, NLM_F_CREATE, backends);
	RUN("backend-del, big", setup, BACKEND_DEL, 0, deleted);
	RUN("backend dump, big", setup, BACKEND_GET, NLM_F_DUMP, "");
	setup[1] = (struct request){};
	RUN("frontend-add, big", setup, FRONTEND_ADD, 0, frontends);
	setup[1] = (struct request){ SVCLB_CMD_FRONTEND_ADD, 0, frontends };
	RUN("frontend-del, big", setup, FRONTEND_DEL, 0, frontends);
	RUN("frontend dump, big", setup, FRONTEND_GET, NLM_F_DUMP, "name=big");
	RUN("service-del, big", setup, SERVICE_DEL, 0, "name=big");
	free(four);
	free(six);
	free(frontends);
	free(more);
	free(backends);
	free(deleted);
	free(ranges);
}

static void run_requests(unsigned int big)
{
	run_services();
	run_members();
	run_rest();
	run_big(big);
	nl_close(&nl);
	nl_close(&listener);
}

/* The search for stale flows, which runs in a thread of the kernel */

static unsigned long stale_flows(void)
{
	const char *found;

	must(&nl, SVCLB_CMD_COUNTERS_GET, 0, "");
	found = strstr(nl.reply.text, "stale-flows=");
	if (!found)
		errx(2, "no counter: %s", nl.reply.text);
	return strtoul(found + strlen("stale-flows="), NULL, 10);
}

/* arm_workers() - the same for all threads that may do the work */
static unsigned int arm_workers(int *files, unsigned int max, unsigned int nth)
{
	unsigned int count = 0;
	struct dirent *entry;
	DIR *proc;

	proc = opendir("/proc");
	if (!proc)
		err(2, "no /proc");
	while ((entry = readdir(proc)) && count < max) {
		char path[300], name[64] = "";
		int fd;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (read(fd, name, sizeof(name) - 1) < 0)
			*name = '\0';
		close(fd);
		if (strncmp(name, "kworker/u", strlen("kworker/u")))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/fail-nth", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0)
			continue;
		write_fault(fd, nth);
		files[count++] = fd;
	}
	closedir(proc);
	return count;
}

#define FLOWS 10

/* All sockets are open at once, so that no port comes twice: it would be one flow. */
static void send_datagrams(unsigned int count)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	int fds[FLOWS];
	unsigned int i;

	inet_pton(AF_INET, "10.96.0.10", &to.sin_addr);
	for (i = 0; i < count; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fds[i] < 0 ||
		    sendto(fds[i], "x", 1, 0, (struct sockaddr *)&to, sizeof(to)) != 1)
			err(2, "cannot send");
	}
	while (count)
		close(fds[--count]);
}

#define MAX_WORKERS 256

static void run_sweep(void)
{
	unsigned int nth, faults = 0, calm = 0, tries;
	static int files[MAX_WORKERS];

	begin_test();
	enter_new_namespace();
	if (system("set -e; ip link set lo up; ip address add 192.0.2.1/32 dev lo;"
		   "ip route add 10.96.0.0/12 dev lo"))
		errx(2, "cannot set up the namespace");
	/* The work is the workers' only allocation now and then: three calm rounds. */
	for (nth = 1, tries = 0; calm < 3 && tries < 60 && !wrongs.count; tries++) {
		unsigned long before = stale_flows(), stale;
		unsigned int workers, hit = 0, i;

		must(&nl, SVCLB_CMD_SERVICE_SET, CREATE, "name=dns protocol=17;"
		     "frontend{address4=10.96.0.10 port=53} backend{address4=192.0.2.1 port=5353}");
		send_datagrams(FLOWS);
		workers = arm_workers(files, MAX_WORKERS, nth);
		must(&nl, SVCLB_CMD_SERVICE_DEL, 0, "name=dns");
		for (i = 0; i < workers; i++) {
			hit += !read_fault(files[i]);
			write_fault(files[i], 0);
			close(files[i]);
		}
		stale = stale_flows() - before;
		if (stale != FLOWS)
			wrong("fault %u: %lu of %u flows are gone", nth, stale, FLOWS);
		faults += hit;
		if (hit)
			nth++;
		else
			calm++;
	}
	if (!faults)
		wrong("no fault was injected");
	end_test("stale flows are found without memory: %u faults", faults);
	nl_close(&nl);
	nl_close(&listener);
}

/* Packets: what cannot be noted costs the client its affinity, for once */

static unsigned int affinities(void)
{
	if (nl_dump(&nl, SVCLB_CMD_AFFINITY_GET, ""))
		errx(2, "no dump of the affinity entries: %s", nl.text);
	return nl.reply.count;
}

static void run_packet(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(53) };
	unsigned int nth, left = 0, faults = 0, unnoted = 0;

	begin_test();
	enter_new_namespace();
	if (system("set -e; ip link set lo up; ip address add 192.0.2.1/32 dev lo;"
		   "ip route add 10.96.0.0/12 dev lo"))
		errx(2, "cannot set up the namespace");
	inet_pton(AF_INET, "10.96.0.10", &to.sin_addr);
	for (nth = 1; !left && nth < MAX_FAULTS && !wrongs.count; nth++) {
		int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			err(2, "no socket");
		must(&nl, SVCLB_CMD_SERVICE_SET, CREATE, "name=dns protocol=17 scheduler=8;"
		     "affinity-timeout=60 frontend{address4=10.96.0.10 port=53};"
		     "backend{address4=192.0.2.1 port=5353} backend{address4=192.0.2.1 port=5354}");
		arm(nth);
		sendto(fd, "x", 1, 0, (struct sockaddr *)&to, sizeof(to));
		left = disarm();
		close(fd);
		faults += !left;
		if (affinities() > 1 || (left && !affinities()))
			wrong("fault %u: %u entries for one client", nth, affinities());
		unnoted += !affinities();
		/* The next connection is noted if this was not. */
		send_datagrams(1);
		if (affinities() != 1)
			wrong("fault %u: %u entries afterwards", nth, affinities());
		must(&nl, SVCLB_CMD_SERVICE_DEL, 0, "name=dns");
	}
	if (!left && !wrongs.count)
		wrong("no end");
	if (!unnoted)
		wrong("no fault had a consequence");
	end_test("packets: %u faults, %u of them leave no entry", faults, unnoted);
	nl_close(&nl);
	nl_close(&listener);
}

/* Creation of a network namespace */

static unsigned int count_unshare(void)
{
	unsigned int left;
	int failed;

	arm(MANY);
	failed = unshare(CLONE_NEWNET);
	left = disarm();
	if (failed)
		err(2, "cannot make a network namespace");
	return MANY - left;
}

static void use_namespace(unsigned int nth)
{
	open_socket(&nl);
	if (nl_do(&nl, SVCLB_CMD_SERVICE_SET, CREATE, WEB) ||
	    nl_do(&nl, SVCLB_CMD_FLUSH, 0, ""))
		wrong("fault %u: a request: %s: %s", nth, strerror(-nl.error), nl.text);
	nl_close(&nl);
}

static void run_namespace(unsigned int last)
{
	unsigned int nth, total, faults = 0, refused = 0, left = 0;
	int error;

	begin_test();
	count_unshare();
	total = count_unshare();
	nth = last && last < total ? total - last : 1;
	printf("# a namespace takes %u allocations, begun with %u\n", total, nth);
	for (; nth < 2 * total + 100 && !left && !wrongs.count; nth++) {
		arm(nth);
		error = unshare(CLONE_NEWNET) ? errno : 0;
		left = disarm();
		faults += !left;
		refused += !!error;
		/* Not all that is in a namespace says it the same way. */
		if (error && ((error != ENOMEM && error != ENOBUFS) || left))
			wrong("fault %u of %u: %s", nth, total, strerror(error));
		if (!error)
			use_namespace(nth);
	}
	if (!left && !wrongs.count)
		wrong("no end");
	if (!refused)
		wrong("no fault had a consequence");
	end_test("namespaces: %u faults, %u of them fatal", faults, refused);
}

/* Loading the module */

static int load(int file, const char *parameters)
{
	return syscall(SYS_finit_module, file, parameters, 0) ? errno : 0;
}

static bool is_loaded(void)
{
	return !access("/sys/module/svclb", F_OK);
}

static void unload(void)
{
	unsigned int i;

	/* Namespaces go in the background, and hold what they use until then. */
	for (i = 0; i < 10 * SECONDS; i++) {
		if (!syscall(SYS_delete_module, "svclb", O_NONBLOCK))
			return;
		if (errno != EAGAIN && errno != EBUSY)
			break;
		poll(NULL, 0, 100);
	}
	err(2, "the module cannot be removed");
}

/* A namespace that stays, so that the module has some to undo. */
static pid_t namespace_process(void)
{
	pid_t pid;
	int ready[2];
	char byte;

	if (pipe2(ready, O_CLOEXEC))
		err(2, "no pipe");
	pid = fork();
	if (pid < 0)
		err(2, "cannot fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		new_namespace();
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		errx(2, "no namespace");
	close(ready[0]);
	return pid;
}

static void run_module(const char *path, unsigned int last)
{
	unsigned int nth, first, total, faults = 0, refused = 0, left = 0;
	pid_t others[] = { namespace_process(), namespace_process() };
	int file, error;

	begin_test();
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		err(2, "%s", path);
	if (is_loaded())
		unload();
	/* Parameters are looked at when the loader has done most of its own work. */
	arm(MANY);
	error = load(file, "unprivileged_userns=?");
	first = MANY - disarm() + 1;
	if (error != EINVAL)
		errx(2, "the module with a wrong parameter: %s", strerror(error));
	arm(MANY);
	error = load(file, "");
	total = MANY - disarm();
	if (error)
		errx(2, "the module: %s", strerror(error));
	unload();
	if (last && first + last < total)
		first = total - last;
	for (nth = first; nth < first + MAX_FAULTS && !left && !wrongs.count; nth++) {
		arm(nth);
		error = load(file, "");
		left = disarm();
		faults += !left;
		refused += !!error;
		if (error && (error != ENOMEM || left))
			wrong("fault %u: %s", nth, strerror(error));
		if (error && is_loaded())
			wrong("fault %u: is there, though it was refused", nth);
		if (!error) {
			use_namespace(nth);
			unload();
		}
	}
	if (!left && !wrongs.count)
		wrong("no end");
	if (!refused)
		wrong("no fault had a consequence");
	end_test("loading: %u faults behind the first %u allocations, %u of them fatal", faults,
		 first - 1, refused);
	kill(others[0], SIGKILL);
	kill(others[1], SIGKILL);
	close(file);
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "", *file = argc > 2 ? argv[2] : NULL;
	unsigned int number = argc > 2 ? strtoul(argv[argc - 1], NULL, 10) : 0;

	open_fault_file();
	if (!strcmp(what, "requests") && argc > 3)
		every = number ?: 1;
	if (!strcmp(what, "requests"))
		run_requests(file ? strtoul(file, NULL, 10) : 24);
	else if (!strcmp(what, "sweep"))
		run_sweep();
	else if (!strcmp(what, "packet"))
		run_packet();
	else if (!strcmp(what, "namespace"))
		run_namespace(number);
	else if (!strcmp(what, "module") && file)
		run_module(file, argc > 3 ? number : 0);
	else
		errx(2, "usage: nl_fault requests|sweep|packet|namespace|module [FILE] [NUMBER]");
	return failures != 0;
}
