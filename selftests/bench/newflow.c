// SPDX-License-Identifier: GPL-2.0-only
/*
 * newflow CLIENT-NS SERVER-NS ADDRESS PORT SERVER-PORT PACKETS [CLIENTS SOURCE-PORT]
 *
 * Sends UDP packets from the one network namespace to ADDRESS:PORT, each from an
 * address of its own (10.16.0.1 and up), so that each begins a flow, receives
 * all of them in the other, and prints what sending one costs: the median over
 * batches, in nanoseconds. With CLIENTS, there are only so many addresses; when
 * all have had their turn, the source port is the next one. On one processor the
 * whole path to the receiving socket runs within the sending call; with a clock that
 * counts instructions, nanoseconds are instructions.
 */
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 32
#define WARM_UP 64
#define FIRST_CLIENT 0x0a100001u

struct packet {
	struct sockaddr_in to;
	struct iovec payload;
	char data[32];
	char control[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static void enter(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static int open_socket(const char *namespace, unsigned int port)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_port = htons(port) };
	int size = 8 << 20, fd;

	enter(namespace);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) ||
	    bind(fd, (struct sockaddr *)&local, sizeof(local)))
		err(1, "socket in %s", namespace);
	return fd;
}

static void prepare(struct mmsghdr *message, struct packet *packet,
		    const struct sockaddr_in *to, in_addr_t from)
{
	struct in_pktinfo source = { .ipi_spec_dst.s_addr = from };
	struct cmsghdr *control;

	packet->to = *to;
	packet->payload = (struct iovec){ packet->data, sizeof(packet->data) };
	message->msg_hdr = (struct msghdr){
		.msg_name = &packet->to,
		.msg_namelen = sizeof(packet->to),
		.msg_iov = &packet->payload,
		.msg_iovlen = 1,
		.msg_control = packet->control,
		.msg_controllen = sizeof(packet->control),
	};
	control = CMSG_FIRSTHDR(&message->msg_hdr);
	control->cmsg_level = IPPROTO_IP;
	control->cmsg_type = IP_PKTINFO;
	control->cmsg_len = CMSG_LEN(sizeof(source));
	memcpy(CMSG_DATA(control), &source, sizeof(source));
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Softirqs may have been put off; they get a bounded number of chances. */
static void receive(int fd, int wanted)
{
	char data[64];
	int tries;

	for (tries = 0; wanted && tries < 100000; tries++) {
		if (recv(fd, data, sizeof(data), MSG_DONTWAIT) > 0)
			wanted--;
		else
			sched_yield();
	}
	if (wanted)
		errx(1, "%d packets did not arrive", wanted);
}

static int compare(const void *a, const void *b)
{
	const long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static long long one_batch(int client, int server, const struct sockaddr_in *to,
			   in_addr_t first)
{
	static struct mmsghdr messages[BATCH];
	static struct packet packets[BATCH];
	long long start, end;
	int i;

	for (i = 0; i < BATCH; i++)
		prepare(&messages[i], &packets[i], to, htonl(first + i));
	start = now();
	if (sendmmsg(client, messages, BATCH, 0) != BATCH)
		err(1, "send");
	end = now();
	receive(server, BATCH);
	return end - start;
}

/* Which clients send, and from where. */
struct turns {
	const char *namespace;
	long long clients;
	unsigned int port;
	long long next;
	int fd;
};

static in_addr_t next_batch(struct turns *turns)
{
	in_addr_t first;

	if (turns->next + BATCH > turns->clients) {
		close(turns->fd);
		turns->fd = open_socket(turns->namespace, ++turns->port);
		turns->next = 0;
	}
	first = FIRST_CLIENT + turns->next;
	turns->next += BATCH;
	return first;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct turns turns = { .clients = 1 << 20, .port = 5000 };
	int server, batches, middle, i;
	long long *times;

	if ((argc != 7 && argc != 9) || inet_pton(AF_INET, argv[3], &to.sin_addr) != 1)
		errx(2, "usage: see the head of newflow.c");
	to.sin_port = htons(atoi(argv[4]));
	batches = atoi(argv[6]) / BATCH;
	if (argc == 9) {
		turns.clients = atoi(argv[7]);
		turns.port = atoi(argv[8]);
	}
	times = calloc(batches + 1, sizeof(*times));
	if (!times || batches < 1 || turns.clients < BATCH)
		errx(2, "no packets");
	server = open_socket(argv[2], atoi(argv[5]));
	turns.namespace = argv[1];
	turns.fd = open_socket(argv[1], turns.port);

	for (i = -WARM_UP; i < batches; i++) {
		in_addr_t first = next_batch(&turns);
		long long time = one_batch(turns.fd, server, &to, first);

		if (i >= 0)
			times[i] = time;
	}
	middle = batches / 2;
	qsort(times, batches, sizeof(*times), compare);
	printf("%.1f\n", (double)times[middle] / BATCH);
	free(times);
	return 0;
}
