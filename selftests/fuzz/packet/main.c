// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends packets through services, sound ones and such as have something wrong,
 * from outside, from a pod, and from backends as answers:
 *
 *	packet_fuzz [-s SEED] [-n COUNT] [-t SECONDS] [-f FIRST] [-k KIND] [-v]
 *		    NODE PLACE... TARGET...
 *
 *	PLACE	outside|pod|backend=NAMESPACE,DEVICE,IPV4,IPV6
 *	TARGET	served|refused|unused|node|direct=ADDRESS,PORT
 *
 * NODE is the node's namespace, DEVICE what leads to the place from there. The
 * addresses are the first of eight that the place sends from, a backend's the
 * only one. It sends COUNT packets, and goes on until SECONDS are over and each way
 * was taken that a packet can go, but not for longer than MOST_ROUNDS times COUNT
 * packets. With -f it begins at that packet, with -k it sends only that kind and
 * does not ask about ways, with -v it prints them;
 * the same seed gives the same packets, but for those that are made of what came
 * in. At last it tells what was sent and arrived. The first packet that arrives
 * where it must not ends it, with status 1. Where the direct target is a backend,
 * packets that passed a service are also sent to their backend directly.
 */
#include <arpa/inet.h>
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "packet.h"

#define PLACES 8
#define TARGETS 32
#define PORTS 2048

/* So many packets for each that a socket sends. */
#define SOCKETS_EACH 61

/* What is asked for before it ends, and how much longer it may take for that. */
#define SOME 3
#define MANY 20
#define MOST_ROUNDS 4

static struct place places[PLACES];
static unsigned int nr_places;
static struct target targets[TARGETS];
static unsigned int nr_targets;
static uint64_t seed = 1;
static bool verbose;
static unsigned long compared;

static const char *const wheres[WHERES] = {
	[OUTSIDE] = "outside=",
	[POD] = "pod=",
	[BACKEND] = "backend=",
};

static const char *const classes[CLASSES] = {
	[CLASS_SERVED] = "served=",
	[CLASS_REFUSED] = "refused=",
	[CLASS_UNUSED] = "unused=",
	[CLASS_NODE] = "node=",
	[CLASS_DIRECT] = "direct=",
};

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 0);

	if (*end || end == text)
		errx(2, "not numeric: '%s'", text);
	return value;
}

static char *word(char **text)
{
	char *next = strsep(text, ",");

	if (!next || !*next)
		errx(2, "something is missing between commas");
	return next;
}

static bool add_place(const char *node, char *text)
{
	struct place *place = &places[nr_places];
	char *namespace, *device;
	unsigned int i;

	for (i = 0; i < WHERES; i++)
		if (!strncmp(text, wheres[i], strlen(wheres[i])))
			break;
	if (i == WHERES)
		return false;
	if (nr_places == PLACES)
		errx(2, "too many places");
	text += strlen(wheres[i]);
	place->where = i;
	namespace = word(&text);
	device = word(&text);
	if (inet_pton(AF_INET, word(&text), place->sources[0]) != 1 ||
	    inet_pton(AF_INET6, word(&text), place->sources[1]) != 1)
		errx(2, "not the addresses of a place");
	place_open(place, node, device, namespace);
	if (place->where == OUTSIDE)
		sockets_open(namespace);
	nr_places++;
	return true;
}

static void add_target(char *text)
{
	struct target *target = &targets[nr_targets];
	const char *address;
	unsigned int i;

	for (i = 0; i < CLASSES; i++)
		if (!strncmp(text, classes[i], strlen(classes[i])))
			break;
	if (i == CLASSES)
		errx(2, "'%s' is neither a place nor a target", text);
	if (nr_targets == TARGETS)
		errx(2, "too many targets");
	text += strlen(classes[i]);
	target->class = i;
	address = word(&text);
	target->family = strchr(address, ':') ? 6 : 4;
	if (inet_pton(target->family == 4 ? AF_INET : AF_INET6, address, target->addr) != 1)
		errx(2, "'%s' is no address", address);
	target->port = number(word(&text));
	nr_targets++;
}

static struct place *choose_place(const struct kind *kind)
{
	enum where where = below(8) < 5 ? OUTSIDE : POD;
	unsigned int first = below(nr_places), i;

	if (kind->flags & KIND_REPLY && !chance(3))
		where = BACKEND;
	for (i = 0; i < nr_places; i++)
		if (places[(first + i) % nr_places].where == where)
			return &places[(first + i) % nr_places];
	errx(2, "a place of each sort is needed");
}

static const struct target *choose_target(uint8_t family)
{
	unsigned int nr = 0, i;

	for (i = 0; i < nr_targets; i++)
		nr += targets[i].family == family;
	if (!nr)
		errx(2, "targets of both families are needed");
	nr = below(nr);
	for (i = 0; targets[i].family != family || nr; i++)
		nr -= targets[i].family == family;
	return &targets[i];
}

static const struct target *target_of(enum class class, uint8_t family)
{
	unsigned int i;

	for (i = 0; i < nr_targets; i++)
		if (targets[i].class == class && targets[i].family == family)
			return &targets[i];
	return NULL;
}

/* Whether an address is that of a service with backends. */
bool is_service(uint8_t family, const uint8_t *addr, uint16_t port)
{
	const struct target *target = target_of(CLASS_SERVED, family);

	return target && target->port == port &&
	       !memcmp(target->addr, addr, address_length(family));
}

static uint8_t choose_proto(const struct kind *kind, uint8_t family)
{
	static const uint8_t bits[] = {
		PROTO_TCP, PROTO_TCP, PROTO_TCP, PROTO_UDP, PROTO_UDP, PROTO_UDP, PROTO_SCTP,
		PROTO_ICMP,
	};
	uint8_t bit;

	do
		bit = bits[below(LENGTH(bits))];
	while (!(kind->protos & bit));
	switch (bit) {
	case PROTO_TCP:
		return IPPROTO_TCP;
	case PROTO_UDP:
		return IPPROTO_UDP;
	case PROTO_SCTP:
		return IPPROTO_SCTP;
	default:
		return family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	}
}

static enum sender choose_sender(const struct kind *kind)
{
	static const uint8_t large[] = { SEND_SEGMENTS, SEND_ODD, SEND_TAP, SEND_TAP_ODD,
					 SEND_TAP_FRAGS, SEND_TUN };

	if (kind->flags & KIND_LARGE)
		return large[below(LENGTH(large))];
	return chance(2) ? SEND_PACKET : below(SENDERS);
}

/* The same packet for the same number, but for address, source port, and mark. */
static void make(struct packet *packet, uint64_t nr, const struct kind *kind,
		 struct place *place, const struct target *target, uint8_t proto,
		 uint32_t serial, uint16_t port)
{
	uint8_t source[ADDRESS];
	size_t len = address_length(target->family), payload;

	random_seed(seed ^ 0xfe, nr);
	memcpy(source, place->sources[target->family == 6], len);
	if (place->where != BACKEND)
		source[len - 1] += below(8);
	payload = chance(16) ? 0 : MARK_BYTES + below(chance(4) ? 1300 : 100);
	if (kind->flags & KIND_FRAGMENTS)
		payload = 200 + below(1200);
	build(packet, target->family, proto, source, target->addr, port + below(PORTS),
	      target->port, serial, payload);
	seen_from(place);
	if (kind->before)
		kind->before(packet);
	finish(packet);
	if (kind->after)
		kind->after(packet);
	if (kind->flags & KIND_FIX_IP)
		fix_ip_checksum(packet);
}

static void print(uint64_t nr, const struct kind *kind, const struct packet *packet)
{
	size_t i;

	printf("packet %llu %s %zu ", (unsigned long long)nr, kind->name, packet->len);
	for (i = 0; i < packet->len && i < 200; i++)
		printf("%02x", packet->bytes[i]);
	putchar('\n');
	fflush(stdout);
}

/* Sends the packet to a target, and waits for it to arrive at a backend. */
static const struct place *passes(struct packet *packet, uint64_t nr, const struct kind *kind,
				  struct place *place, const struct target *target,
				  uint8_t proto, uint16_t port, int ms)
{
	uint32_t serial = watch_sent(nr, kind, target);

	make(packet, nr, kind, place, target, proto, serial, port);
	if (send_packet(place, SEND_PACKET, packet, kind->flags & KIND_MISTYPED))
		watch_until(places, nr_places, serial, ms);
	return watch_arrived(serial);
}

/* A target that is a backend becomes the backend that was chosen. */
static void aim(struct target *target, const struct place *backend)
{
	size_t len = address_length(target->family);
	bool v6 = target->family == 6;
	unsigned int i;

	for (i = 0; i < nr_places; i++)
		if (places[i].where == BACKEND && !memcmp(places[i].sources[v6], target->addr, len))
			break;
	if (i < nr_places)
		memcpy(target->addr, backend->sources[v6], len);
}

/*
 * What a service lets pass to a backend would also have passed if it had been
 * sent to that backend directly. Losses happen, so once is enough.
 */
static void compare(struct packet *packet, uint64_t nr, const struct kind *kind,
		    struct place *place, const struct target *target, uint8_t proto)
{
	const struct target *any = target_of(CLASS_DIRECT, target->family);
	const struct place *backend;
	struct target direct;
	uint16_t port = 20000;
	int tries;

	if (!any)
		return;
	for (tries = 0; tries < 3; tries++, port += 2 * PORTS) {
		backend = passes(packet, nr, kind, place, target, proto, port, 20);
		if (!backend)
			return;
		compared++;
		direct = *any;
		aim(&direct, backend);
		if (passes(packet, nr, kind, place, &direct, proto, port + PORTS, 1000))
			return;
	}
	violations++;
	printf("violation: packet %llu (%s) passes a service, but not by itself\n",
	       (unsigned long long)nr, kind->name);
	print(nr, kind, packet);
}

static bool is_comparable(const struct kind *kind, const struct place *place,
			  const struct target *target, uint8_t proto)
{
	return target->class == CLASS_SERVED && place->where != BACKEND &&
	       (proto == IPPROTO_TCP || proto == IPPROTO_UDP) &&
	       !(kind->flags & (KIND_REPLY | KIND_ELSEWHERE | KIND_FORGED | KIND_FRAGMENTS |
				KIND_LARGE));
}

static void send_one(uint64_t nr, const struct kind *kind)
{
	static struct packet packet;
	const struct target *target;
	struct place *place;
	enum sender sender;
	uint8_t family, proto;
	uint32_t serial;

	random_seed(seed, nr);
	do
		family = 4 + 2 * below(2);
	while (!(kind->families & family_bit(family)));
	place = choose_place(kind);
	target = choose_target(family);
	proto = choose_proto(kind, family);
	sender = choose_sender(kind);
	if (place->where == BACKEND && sender >= SEND_TAP)
		sender = SEND_PACKET;
	if (chance(4) && is_comparable(kind, place, target, proto)) {
		compare(&packet, nr, kind, place, target, proto);
		return;
	}
	serial = watch_sent(nr, kind, target);
	make(&packet, nr, kind, place, target, proto, serial, 1024);
	if (verbose)
		print(nr, kind, &packet);
	if (kind->flags & KIND_FRAGMENTS)
		send_fragments(place, kind, &packet);
	else if (!send_packet(place, sender, &packet, kind->flags & KIND_MISTYPED))
		watch_not_sent(serial);
}

static void send_socket(uint64_t nr)
{
	const struct target *target;
	enum socket_way way;

	random_seed(seed ^ 0x50, nr);
	way = nr / SOCKETS_EACH % SOCKET_WAYS;
	do
		target = choose_target(4 + 2 * below(2));
	while (way == SOCKET_STREAM &&
	       (target->class == CLASS_REFUSED || target->class == CLASS_UNUSED));
	socket_send(way, target);
}

static bool all_sent(const unsigned long *sent, unsigned int nr)
{
	while (nr && sent[nr - 1])
		nr--;
	return !nr;
}

/* Few packets may by chance miss what is rarely sent, taken, or answered. */
static bool all_ways_taken(void)
{
	return all_sent(sent_by, SENDERS) && all_sent(socket_sent, SOCKET_WAYS) &&
	       compared >= SOME && answered_reset >= MANY && answered_unreachable >= MANY &&
	       answered_for_backend >= SOME && watch_saw_all();
}

static void run(uint64_t first, uint64_t count, unsigned long seconds, const char *only)
{
	time_t end = time(NULL) + (time_t)seconds;
	const struct kind *kind;
	uint64_t nr;

	for (nr = first; !violations; nr++) {
		if (nr - first >= count && time(NULL) >= end &&
		    (only || all_ways_taken() || nr - first >= MOST_ROUNDS * count))
			break;
		kind = &kinds[nr % nr_kinds];
		if (only && strcmp(kind->name, only) != 0)
			continue;
		if (nr % SOCKETS_EACH == SOCKETS_EACH - 1 && !only)
			send_socket(nr);
		send_one(nr, kind);
		if (nr % 8 == 7)
			watch(places, nr_places);
	}
	watch(places, nr_places);
	printf("numbers %llu\n", (unsigned long long)(nr - first));
}

static void report(void)
{
	unsigned int i;

	watch_report();
	for (i = 0; i < SENDERS; i++)
		printf("sender %s sent %lu\n", sender_names[i], sent_by[i]);
	for (i = 0; i < SOCKET_WAYS; i++)
		printf("socket %s sent %lu\n", socket_names[i], socket_sent[i]);
	printf("not-taken %lu\n", not_taken);
	printf("compared %lu\n", compared);
	printf("answered-reset %lu\n", answered_reset);
	printf("answered-unreachable %lu\n", answered_unreachable);
	printf("answered-for-backend %lu\n", answered_for_backend);
	printf("violations %lu\n", violations);
}

int main(int argc, char **argv)
{
	uint64_t count = 0, first = 0;
	unsigned long seconds = 0;
	const char *only = NULL, *node;
	int option;

	while ((option = getopt(argc, argv, "s:n:t:f:k:v")) >= 0) {
		switch (option) {
		case 's':
			seed = number(optarg);
			break;
		case 'n':
			count = number(optarg);
			break;
		case 't':
			seconds = number(optarg);
			break;
		case 'f':
			first = number(optarg);
			break;
		case 'k':
			only = optarg;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return 2;
		}
	}
	if (optind + 2 >= argc || (!seconds && !count))
		errx(2, "a node, places, targets, and -n or -t are needed");
	node = argv[optind++];
	for (; optind < argc; optind++)
		if (!add_place(node, argv[optind]))
			add_target(argv[optind]);
	devices_open(node);
	printf("seed %llu\n", (unsigned long long)seed);
	fflush(stdout);
	run(first, count, seconds, only);
	report();
	return violations != 0;
}
