// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fuzzer of the netlink family, made from its spec: sends requests, valid ones
 * and mutations of those, and checks all answers (see check.c). Runs as root in
 * the first user namespace; makes network namespaces of its own.
 *
 *	fuzz [-s SEED] [-n REQUESTS] [-t SECONDS] [-o DIR] [-g] [-e STEPS]
 *	fuzz -r FILE [-k LIST] [-l FILE]
 *				do again what a file in DIR tells; only the records
 *				of the list, such as 0-17,20
 *	fuzz -p FILE [-k LIST]	print it
 *
 * The same seed gives the same requests, as long as the kernel answers the same.
 * What is done is written to DIR/recording just before it is done. -g prefers
 * requests like those that reached new code, which needs KCOV; -c FILE writes
 * the places reached. A replay ends with the first thing that is wrong; -l FILE
 * writes the numbers of the records that may have changed the state. -x A,B is for
 * tests of what deals with crashes: the kernel panics at a request with command B
 * after one with command A.
 *
 * Status: 0, 1 if something was wrong with an answer, 2 if it did not come to it.
 */
#include "fuzz.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define READ_SIZE 4096		/* see check.c about pieces */
#define ANSWER_SECONDS 60	/* for anything */
#define VIOLATIONS_MAX 20
#define TEXT_ADDRESS "/sys/module/svclb/sections/.text"

static struct {
	uint64_t seed;
	uint64_t requests;
	unsigned int seconds;
	unsigned int epoch_steps;
	bool guided;
	const char *directory;
	const char *file;
	bool print;
	const char *keep;
	const char *cover;
	const char *changes;
	unsigned int trap[2];
} options = { .epoch_steps = 2000 };

/* Shared with the process that watches. */
static struct {
	unsigned long steps;
} *progress;

static uint8_t *batch;
static size_t batch_length;
static uint8_t *input;
static uint32_t seq;
static uint64_t fingerprint;	/* of all that was sent */
static bool trap_set;
static bool changed;		/* the last batch may have changed the state */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(2, "cannot write %s", path);
	close(fd);
}

/* What only tests of the machinery around want: a crash that needs two requests. */
static void spring_trap(enum actor_kind kind)
{
	size_t at = 0;

	if (!options.trap[0] || kind != MAIN)
		return;
	while (batch_length - at >= NLMSG_HDRLEN + GENL_HDRLEN) {
		uint8_t command = batch[at + NLMSG_HDRLEN];
		struct nlmsghdr header;

		memcpy(&header, batch + at, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > batch_length - at)
			return;
		if (trap_set && command == options.trap[1])
			write_file("/proc/sysrq-trigger", "c");
		trap_set |= command == options.trap[0];
		at += NLMSG_ALIGN(header.nlmsg_len);
		if (at > batch_length)
			return;
	}
}

/*
 * How much to read at once: little, see check.c, if not for a copy of a long
 * request. The kernel makes dumps as large as anybody ever read from the socket.
 */
static size_t actor_read_size(enum actor_kind kind, size_t request)
{
	size_t size = request > READ_SIZE / 2 ? 2 * request + READ_SIZE : READ_SIZE;

	if (actors[kind].read_size < size)
		actors[kind].read_size = size;
	return actors[kind].read_size;
}

/* Reads once; returns what recv() does. */
static ssize_t read_once(enum actor_kind kind, size_t size)
{
	ssize_t length = recv(actors[kind].fd, input, size, MSG_DONTWAIT | MSG_TRUNC);

	if (length > (ssize_t)size) {
		if (kind != LAZY)
			wrong("an answer of %zd bytes", length);
		return length;
	}
	if (length >= 0)
		check_input(kind, input, length);
	return length;
}

static void read_all(enum actor_kind kind, size_t size)
{
	ssize_t length;

	for (;;) {
		length = read_once(kind, size);
		if (length >= 0)
			continue;
		if (errno == EAGAIN)
			return;
		/* The copy of a long request may not find room in the kernel. */
		if (errno != ENOBUFS || batch_length < 1 << 16)
			wrong("%s cannot read: %s", actor_name(kind), strerror(errno));
		check_loss();
		if (errno != ENOBUFS)
			return;
	}
}

static void send_batch(enum actor_kind kind)
{
	ssize_t length;

	if (kind == SENT_WEAK)
		privilege_drop();
	/* With an address, only the sender would need privilege, not who opened the socket. */
	length = send(actors[kind].fd, batch, batch_length, 0);
	if (kind == SENT_WEAK)
		privilege_raise();
	if (length != (ssize_t)batch_length)
		wrong("%s cannot send %zu bytes: %s", actor_name(kind), batch_length,
		      strerror(errno));
}

static uint64_t hash_batch(void)
{
	uint64_t hash = 0xcbf29ce484222325ull;
	size_t i;

	for (i = 0; i < batch_length; i++)
		hash = (hash ^ batch[i]) * 0x100000001b3ull;
	fingerprint = random_mix(fingerprint, hash);
	return hash;
}

/* What the kernel wrote to its log meanwhile, if it looks like a complaint. */
static void check_log(void)
{
	static const char * const complaints[] = {
		"BUG:", "WARNING:", "Oops", "general protection fault", "KASAN:", "UBSAN:",
		"KCSAN:", "possible circular", "possible recursive", "possible irq",
		"suspicious RCU", "INFO: task", "INFO: rcu", "rcu: INFO", "refcount_t:",
		"unregister_netdevice: waiting", "inconsistent lock state",
		"sleeping function called", "scheduling while atomic", "corruption"
	};
	static int log = -1;
	char line[2048];
	ssize_t length;
	size_t i;

	if (log < 0) {
		log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
		if (log < 0 || lseek(log, 0, SEEK_END) < 0)
			err(2, "cannot read the kernel's log");
	}
	for (;;) {
		length = read(log, line, sizeof(line) - 1);
		/* EPIPE: lines were lost, the next ones are there. */
		if (length < 0 && errno != EPIPE)
			return;
		line[length < 0 ? 0 : length] = 0;
		for (i = 0; i < ARRAY_SIZE(complaints); i++)
			if (strstr(line, complaints[i])) {
				wrong("the kernel says: %s", line);
				break;
			}
	}
}

/* Sends the batch, reads and checks what comes; returns how much new code ran. */
static unsigned int execute_batch(enum actor_kind kind)
{
	size_t size = actor_read_size(kind, batch_length);
	bool compare = !(hash_batch() % 8);	/* the same when it is done again */
	struct outcome outcome;
	unsigned int found;
	uint64_t state = 0;

	if (compare)
		state = check_state();
	check_expect(kind, batch, batch_length);
	spring_trap(kind);
	cover_start();
	send_batch(kind);
	if (kind != LAZY)
		read_all(kind, size);
	found = cover_stop();
	check_log();
	check_end(&outcome);
	changed = outcome.changes;
	if (compare && (!outcome.changes || !actor_in_main_ns(kind))) {
		statistics.states++;
		if (check_state() != state) {
			wrong("refused or from elsewhere, but the state changed; %s sent",
			      actor_name(kind));
			print_request(report, batch, batch_length);
		}
	}
	if (kind != LISTENER && !(progress->steps % 16))
		read_all(LISTENER, actor_read_size(LISTENER, 0));
	batch_length = 0;
	return found;
}

static void new_epoch(uint64_t epoch)
{
	random_seed(random_mix(options.seed, epoch));
	record_put(RECORD_EPOCH, 0, 0, NULL, 0);
	record_write();
	actors_new_epoch();
	generator.ids_count = 0;
	trap_set = false;
	seq = 0;
}

static enum actor_kind choose_actor(void)
{
	static const uint8_t shares[ACTORS] = {
		[MAIN] = 70, [CAPPED] = 5, [LISTENER] = 5, [OTHER_NS] = 6, [BORN_WEAK] = 2,
		[SENT_WEAK] = 2, [USER_NS] = 2, [LAZY] = 8
	};
	uint32_t value = random_below(100), kind;

	for (kind = 0; kind < ACTORS - 1 && value >= shares[kind]; kind++)
		value -= shares[kind];
	return kind;
}

static void align_batch(void)
{
	while (batch_length % NLMSG_ALIGNTO)
		batch[batch_length++] = 0;
}

static void run_batch(void)
{
	enum actor_kind kind = choose_actor();
	unsigned int left = one_in(7) ? 2 + random_below(4) : 1;
	bool single = left == 1;
	struct message message;

	while (left--) {
		size_t length;

		generate_message(&message, options.guided);
		message.header.nlmsg_seq = ++seq;
		align_batch();
		length = message_write(&message, batch + batch_length, BATCH_MAX - batch_length);
		record_put(RECORD_MESSAGE, kind, left ? RECORD_MORE : 0, batch + batch_length,
			   length);
		batch_length += length;
	}
	record_write();
	if (execute_batch(kind) && single && options.guided)
		corpus_add(&message);
}

static void run_step(void)
{
	uint32_t what = random_below(1000), size;
	enum actor_kind kind;

	arena_reset();
	if (what < 30) {
		size = one_in(4) ? 512 : READ_SIZE;
		record_put(RECORD_READ, LAZY, 0, &size, sizeof(size));
		record_write();
		read_once(LAZY, size);
	} else if (what < 50) {
		kind = what < 42 ? LAZY : what < 46 ? OTHER_NS : random_below(ACTORS);
		record_put(RECORD_REOPEN, kind, 0, NULL, 0);
		record_write();
		actor_reopen(kind);
	} else {
		run_batch();
	}
}

static void run(void)
{
	double end = now() + options.seconds;
	/* What is recorded must end with what went wrong. */
	unsigned int enough = options.directory ? 1 : VIOLATIONS_MAX;
	uint64_t epoch = 0;

	while (violations < enough) {
		if (options.seconds && now() >= end)
			break;
		if (options.requests && statistics.requests >= options.requests)
			break;
		if (!(progress->steps % options.epoch_steps))
			new_epoch(epoch++);
		run_step();
		progress->steps++;
	}
}

/* Replay */

/* Whether a list such as 0-17,20 has a number. */
static bool is_kept(unsigned long number)
{
	const char *list = options.keep;

	while (list && *list) {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = first;

		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		if (first <= number && number <= last)
			return true;
		list = *end ? end + 1 : end;
	}
	return !options.keep;
}

static void print_record(unsigned long number, const struct record *record, const uint8_t *data)
{
	printf("%lu %s ", number, actor_name(record->actor));
	if (record->kind == RECORD_READ)
		printf("reads once\n");
	else if (record->kind == RECORD_REOPEN)
		printf("is closed and opened\n");
	else
		print_request(stdout, data, record->length);
	if (record->flags & RECORD_MORE)
		printf("  in one batch with\n");
}

static void replay_message(uint8_t *data, size_t length, uint16_t old_family)
{
	struct nlmsghdr header;

	/* Families get their numbers as they come. */
	if (length >= sizeof(header)) {
		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_type == old_family)
			header.nlmsg_type = generator.family;
		memcpy(data, &header, sizeof(header));
	}
	align_batch();
	if (length > BATCH_MAX - batch_length)
		errx(2, "a batch is too large");
	memcpy(batch + batch_length, data, length);
	batch_length += length;
}

static void replay_record(const struct record *record, uint8_t *data, bool keep, uint16_t family)
{
	uint32_t size = READ_SIZE;

	switch (record->kind) {
	case RECORD_MESSAGE:
		if (keep)
			replay_message(data, record->length, family);
		if (batch_length && !(record->flags & RECORD_MORE))
			execute_batch(record->actor);
		break;
	case RECORD_READ:
		if (record->length == sizeof(size))
			memcpy(&size, data, sizeof(size));
		if (keep && size <= READ_SIZE)
			read_once(record->actor, size);
		break;
	case RECORD_REOPEN:
		if (keep)
			actor_reopen(record->actor);
		break;
	default:
		errx(2, "the file has a record that is unknown");
	}
	progress->steps++;
}

static void replay(void)
{
	FILE *file = fopen(options.file, "re"), *changes = NULL;
	struct record record;
	unsigned long number = 0;
	uint16_t family = 0;
	uint8_t *data = malloc(BATCH_MAX);

	if (!file || !data)
		err(2, "cannot read %s", options.file);
	if (!options.print)
		new_epoch(0);
	if (options.changes) {
		changes = fopen(options.changes, "we");
		if (!changes)
			err(2, "cannot write %s", options.changes);
	}
	/* What was written last may not be whole. */
	while (fread(&record, sizeof(record), 1, file) == 1) {
		if (record.magic != RECORD_MAGIC || record.actor >= ACTORS ||
		    record.length > BATCH_MAX)
			errx(2, "%s is not a recording", options.file);
		if (record.length && fread(data, record.length, 1, file) != 1)
			break;
		if (record.kind == RECORD_FAMILY && record.length == sizeof(family)) {
			memcpy(&family, data, sizeof(family));
			if (options.print)
				generator.family = family;
			continue;
		}
		if (record.kind == RECORD_EPOCH)
			continue;
		if (options.print) {
			if (is_kept(number))
				print_record(number, &record, data);
		} else {
			changed = false;
			replay_record(&record, data, is_kept(number), family);
			if (changes && changed) {
				fprintf(changes, "%lu\n", number);
				fflush(changes);
			}
			if (violations) {
				printf("violated by record %lu\n", number);
				break;
			}
		}
		number++;
	}
	if (changes)
		fclose(changes);
	free(data);
	fclose(file);
}

static void print_statistics(double seconds)
{
	unsigned int i;

	printf("steps %lu\nrequests %lu\nseconds %.1f\n", progress->steps, statistics.requests,
	       seconds);
	for (i = 1; i <= spec_ops_max; i++)
		if (spec_ops[i].name && !spec_ops[i].is_notification)
			printf("operation %s %lu %lu\n", spec_ops[i].name, statistics.accepted[i],
			       statistics.refused[i]);
	for (i = 1; i < ARRAY_SIZE(statistics.errors); i++)
		if (statistics.errors[i])
			printf("error %s %lu\n", strerrorname_np(i), statistics.errors[i]);
	printf("unprivileged %lu\nreplies %lu\ndumps %lu\ntexts %lu\noffsets %lu\nforbidden %lu\n",
	       statistics.forbidden, statistics.replies, statistics.dumps, statistics.texts,
	       statistics.offsets, statistics.policy);
	printf("states %lu\ncorpus %u\ncoverage %u\nfingerprint %016llx\nviolations %u\n",
	       statistics.states, corpus_size(), cover_total(),
	       (unsigned long long)fingerprint, violations);
}

static int work(void)
{
	double begin = now();

	report = stdout;
	batch = malloc(BATCH_MAX + NLMSG_ALIGNTO);
	input = malloc(2 * BATCH_MAX + READ_SIZE);
	if (!batch || !input)
		err(2, "no memory");
	if (options.print) {
		replay();
		return 0;
	}
	check_log();
	actors_init();
	record_begin(options.directory);
	if (!cover_open(TEXT_ADDRESS) && (options.guided || options.cover))
		errx(2, "no KCOV");
	if (options.file) {
		replay();
	} else {
		printf("seed %llu\n", (unsigned long long)options.seed);
		fflush(stdout);
		run();
	}
	print_statistics(now() - begin);
	if (options.cover)
		cover_save(options.cover);
	return violations > 0;
}

/* The process that is stuck in the kernel cannot tell; another one can. */
static int watch(pid_t child)
{
	unsigned long seen = 0;
	double since = now();
	char path[64], line[256];
	FILE *stack;
	int status;

	while (waitpid(child, &status, WNOHANG) == 0) {
		if (progress->steps != seen) {
			seen = progress->steps;
			since = now();
		}
		if (now() - since > ANSWER_SECONDS) {
			printf("violation: no answer within %d seconds, step %lu\n",
			       ANSWER_SECONDS, seen);
			snprintf(path, sizeof(path), "/proc/%d/stack", child);
			stack = fopen(path, "re");
			while (stack && fgets(line, sizeof(line), stack))
				printf("  %s", line);
			if (stack)
				fclose(stack);
			kill(child, SIGKILL);
			return 1;
		}
		usleep(50000);
	}
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	warnx("killed by signal %d in step %lu", WTERMSIG(status), progress->steps);
	return 2;
}

static void parse(int argc, char **argv)
{
	int option;

	options.seed = time(NULL);
	while ((option = getopt(argc, argv, "s:n:t:o:ge:r:p:k:c:l:x:")) != -1) {
		switch (option) {
		case 's':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options.requests = strtoull(optarg, NULL, 0);
			break;
		case 't':
			options.seconds = strtoul(optarg, NULL, 0);
			break;
		case 'o':
			options.directory = optarg;
			break;
		case 'g':
			options.guided = true;
			break;
		case 'e':
			options.epoch_steps = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			options.file = optarg;
			break;
		case 'p':
			options.file = optarg;
			options.print = true;
			break;
		case 'k':
			options.keep = optarg;
			break;
		case 'c':
			options.cover = optarg;
			break;
		case 'l':
			options.changes = optarg;
			break;
		case 'x':
			options.trap[0] = strtoul(optarg, &optarg, 10);
			options.trap[1] = *optarg ? strtoul(optarg + 1, NULL, 10) : 0;
			break;
		default:
			exit(2);
		}
	}
	if (!options.requests && !options.seconds)
		options.seconds = 10;
	if (!options.epoch_steps)
		errx(2, "an epoch has steps");
}

int main(int argc, char **argv)
{
	pid_t child;

	parse(argc, argv);
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		err(2, "no memory");
	fflush(stdout);
	child = fork();
	if (child < 0)
		err(2, "cannot fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		exit(work());
	}
	return watch(child);
}
