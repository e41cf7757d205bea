// SPDX-License-Identifier: GPL-2.0-only
/*
 * What arrives where. A packet to a service without backends must arrive at none,
 * whatever is wrong with it; one to another must arrive at a backend's own port.
 */
#include <err.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "packet.h"

#define RECORDS 8192

/**
 * struct record - a packet that was sent
 * @serial:  the number that it bears
 * @nr:      its number among all
 * @kind:    what is wrong with it
 * @class:   what should become of it
 * @arrived: the backend that it came to, or NULL
 */
struct record {
	uint32_t serial;
	uint64_t nr;
	const struct kind *kind;
	enum class class;
	const struct place *arrived;
};

unsigned long answered_reset, answered_unreachable, answered_for_backend;
unsigned long violations;

static struct record records[RECORDS];
static uint32_t last_serial;
static unsigned long sent[128], arrived[128], sent_to[CLASSES], arrived_of[CLASSES];

static struct record *record_of(uint32_t serial)
{
	struct record *record = &records[serial % RECORDS];

	return serial && record->serial == serial ? record : NULL;
}

/* Returns the number for a packet to bear. */
uint32_t watch_sent(uint64_t nr, const struct kind *kind, const struct target *target)
{
	uint32_t serial = ++last_serial;

	records[serial % RECORDS] = (struct record){
		.serial = serial,
		.nr = nr,
		.kind = kind,
		.class = target->class,
	};
	sent[kind - kinds]++;
	sent_to[target->class]++;
	return serial;
}

/* The kernel did not take it. */
void watch_not_sent(uint32_t serial)
{
	struct record *record = record_of(serial);

	sent[record->kind - kinds]--;
	sent_to[record->class]--;
}

/* The backend that it came to, or NULL. */
const struct place *watch_arrived(uint32_t serial)
{
	const struct record *record = record_of(serial);

	return record ? record->arrived : NULL;
}

static void at_backend(const struct place *place, const struct seen *seen)
{
	struct record *record = record_of(find_serial(seen->bytes, seen->len));

	if (!record || record->arrived)
		return;
	record->arrived = place;
	arrived[record->kind - kinds]++;
	arrived_of[record->class]++;
	if ((record->class != CLASS_REFUSED && record->class != CLASS_UNUSED) ||
	    record->kind->flags & KIND_ELSEWHERE)
		return;
	violations++;
	printf("violation: packet %llu (%s) to a service without backends came to one\n",
	       (unsigned long long)record->nr, record->kind->name);
}

/*
 * Whether an error that quotes this is a backend's, about a connection of a
 * service: about those, the node itself does not complain.
 */
static bool is_of_service(const uint8_t *quoted, size_t len)
{
	static struct packet packet;

	return parse(&packet, quoted, len) &&
	       is_service(packet.family, destination_of(&packet),
			  get16(transport_of(&packet) + 2));
}

/* A reset or an error is what a refused client gets. */
static void at_client(const struct seen *seen)
{
	const uint8_t *at = seen->bytes;
	size_t header = at[0] == 0x45 ? 20 : 40, type = at[0] == 0x45 ? 3 : 1;
	uint8_t proto = at[0] == 0x45 ? at[9] : at[6];

	if (seen->len < header + 20)
		return;
	answered_reset += proto == IPPROTO_TCP && at[header + 13] & 4;
	if ((proto != IPPROTO_ICMP && proto != IPPROTO_ICMPV6) || at[header] != type)
		return;
	answered_unreachable++;
	answered_for_backend += is_of_service(at + header + 8, seen->len - header - 8);
}

static bool receive(struct place *place)
{
	struct seen *seen = &place->seen[place->nr_seen % SEEN_MAX];
	uint8_t frame[SEEN_BYTES + ETH_HLEN];
	struct sockaddr_ll from = { 0 };
	socklen_t size = sizeof(from);
	ssize_t len;

	len = recvfrom(place->fd, frame, sizeof(frame), 0, (struct sockaddr *)&from, &size);
	if (len < 0 && errno != EAGAIN && errno != EINTR && errno != ENOBUFS)
		err(2, "packet socket");
	if (len < 0)
		return errno != EAGAIN;
	if (from.sll_pkttype == PACKET_OUTGOING || len <= ETH_HLEN)
		return true;
	if (get16(frame + 12) != ETH_P_IP && get16(frame + 12) != ETH_P_IPV6)
		return true;
	seen->len = len - ETH_HLEN;
	memcpy(seen->bytes, frame + ETH_HLEN, seen->len);
	place->nr_seen++;
	if (place->where == BACKEND)
		at_backend(place, seen);
	else
		at_client(seen);
	return true;
}

void watch(struct place *places, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		while (receive(&places[i]))
			;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the packet has arrived, for so long at most. */
bool watch_until(struct place *places, unsigned int nr, uint32_t serial, int ms)
{
	struct pollfd wait[16];
	long end = now_ms() + ms;
	unsigned int i;

	for (;;) {
		watch(places, nr);
		if (watch_arrived(serial) || now_ms() >= end)
			return watch_arrived(serial);
		for (i = 0; i < nr; i++)
			wait[i] = (struct pollfd){ .fd = places[i].fd, .events = POLLIN };
		poll(wait, nr, (int)(end - now_ms()) + 1);
	}
}

/* Whether each kind was sent, and came from each class that comes somewhere. */
bool watch_saw_all(void)
{
	unsigned int i;

	for (i = 0; i < nr_kinds; i++)
		if (!sent[i])
			return false;
	return arrived_of[CLASS_SERVED] && arrived_of[CLASS_NODE] &&
	       arrived_of[CLASS_DIRECT];
}

void watch_report(void)
{
	static const char *const classes[CLASSES] = {
		[CLASS_SERVED] = "served",
		[CLASS_REFUSED] = "refused",
		[CLASS_UNUSED] = "unused",
		[CLASS_NODE] = "node",
		[CLASS_DIRECT] = "direct",
	};
	unsigned int i;

	for (i = 0; i < nr_kinds; i++)
		printf("kind %s sent %lu arrived %lu\n", kinds[i].name, sent[i], arrived[i]);
	for (i = 0; i < CLASSES; i++)
		printf("class %s sent %lu arrived %lu\n", classes[i], sent_to[i],
		       arrived_of[i]);
}
