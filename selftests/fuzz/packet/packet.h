/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_PACKET_FUZZ_H
#define SVCLB_PACKET_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

/* The largest IP packet, and what is put before or behind it. */
#define PACKET_MAX 65535
#define PACKET_ROOM (PACKET_MAX + 4096)

#define ADDRESS 16

/* What a packet bears its number in. */
#define MARK_BYTES 12

/* Extension headers of IPv6 that a packet is given. */
#define HOP_BY_HOP 0
#define ROUTING 43
#define FRAGMENT 44
#define AUTHENTICATION 51
#define NO_NEXT_HEADER 59
#define DESTINATION 60

/**
 * struct packet - a packet under construction
 * @bytes:   the packet, from its IP header on
 * @len:     its length
 * @l4:      where its transport header begins
 * @payload: where its payload begins
 * @family:  4 or 6
 * @proto:   protocol of the transport header
 */
struct packet {
	uint8_t bytes[PACKET_ROOM];
	size_t len;
	size_t l4;
	size_t payload;
	uint8_t family;
	uint8_t proto;
};

/* What becomes of a packet to an address, if it is a sound one. */
enum class {
	CLASS_SERVED,	/* it reaches a backend */
	CLASS_REFUSED,	/* it is refused: there is no backend */
	CLASS_UNUSED,	/* it is refused: a service's address, another port */
	CLASS_NODE,	/* as CLASS_SERVED, on a port of the node */
	CLASS_DIRECT,	/* it reaches the backend that it names */
	CLASSES
};

/**
 * struct target - where packets are sent to
 * @class:  what becomes of them
 * @family: 4 or 6
 * @addr:   address, IPv4 in the first four bytes
 * @port:   port
 */
struct target {
	enum class class;
	uint8_t family;
	uint8_t addr[ADDRESS];
	uint16_t port;
};

/* Where packets come from. */
enum where {
	OUTSIDE,
	POD,
	BACKEND,
	WHERES
};

#define SEEN_MAX 32
#define SEEN_BYTES 2048

/**
 * struct seen - a packet that came in
 * @bytes: its beginning, from the IP header on
 * @len:   how much of it there is
 */
struct seen {
	uint8_t bytes[SEEN_BYTES];
	size_t len;
};

/**
 * struct place - a network namespace that packets are sent from
 * @where:   what it is
 * @device:  number of its device
 * @mac:     address of the node's device at the other end
 * @fd:      sends and receives all packets of the device
 * @vnet:    sends packets with a virtio header
 * @ring:    sends packets from a ring that it shares with the kernel
 * @frames:  the ring
 * @frame:   the next of its frames
 * @sources: first of the source addresses, by family, IPv4 first
 * @seen:    the last packets that came in
 * @nr_seen: how many there were
 */
struct place {
	enum where where;
	int device;
	uint8_t mac[6];
	int fd;
	int vnet;
	int ring;
	uint8_t *frames;
	unsigned int frame;
	uint8_t sources[2][ADDRESS];
	struct seen seen[SEEN_MAX];
	uint32_t nr_seen;
};

/* How a packet is handed to the kernel. */
enum sender {
	SEND_PACKET,		/* packet socket */
	SEND_RING,		/* packet socket with a ring: data in pages */
	SEND_CHECKSUM,		/* checksum left to be filled in */
	SEND_SEGMENTS,		/* to be cut into segments */
	SEND_ODD,		/* a virtio header that makes no sense */
	SEND_TAP,		/* tap device, virtio header */
	SEND_TAP_ODD,		/* likewise, the header makes no sense */
	SEND_TAP_FRAGS,		/* tap device, data in pages */
	SEND_TUN,		/* device without Ethernet */
	SENDERS
};

/**
 * struct kind - what is wrong with a packet, if anything
 * @name:     name
 * @families: ONLY_4, ONLY_6 or BOTH
 * @protos:   bits PROTO_*
 * @before:   changes the packet before lengths and checksums are filled in
 * @after:    changes it afterwards
 * @flags:    KIND_*
 */
struct kind {
	const char *name;
	uint8_t families;
	uint8_t protos;
	void (*before)(struct packet *packet);
	void (*after)(struct packet *packet);
	unsigned int flags;
};

#define ONLY_4 1
#define ONLY_6 2
#define BOTH 3

static inline unsigned int family_bit(uint8_t family)
{
	return family == 4 ? ONLY_4 : ONLY_6;
}

#define PROTO_TCP 1
#define PROTO_UDP 2
#define PROTO_SCTP 4
#define PROTO_ICMP 8
#define PROTO_ALL 15
#define PROTO_PORTS (PROTO_TCP | PROTO_UDP | PROTO_SCTP)
/* What services are for. */
#define PROTO_SERVED (PROTO_TCP | PROTO_UDP)

#define KIND_FIX_IP	0x01	/* the IPv4 header's checksum is right in the end */
#define KIND_ELSEWHERE	0x02	/* it may not be addressed to the target any more */
#define KIND_LARGE	0x04	/* longer than the device would take */
#define KIND_FRAGMENTS	0x08	/* @after makes no packet, but fragments are sent */
#define KIND_REPLY	0x10	/* made of a packet that came in */
#define KIND_MISTYPED	0x20	/* as if of the other family */
#define KIND_FORGED	0x40	/* the answer would go elsewhere */

extern const struct kind kinds[];
extern const unsigned int nr_kinds;

/* random.c: the same for the same seed. */
void random_seed(uint64_t seed, uint64_t number);
uint32_t random32(void);
uint32_t below(uint32_t limit);
bool chance(unsigned int one_in);
void random_bytes(uint8_t *bytes, size_t len);
uint32_t wrong_number(uint32_t right, uint32_t max);

/* build.c: sound packets. */
void put16(uint8_t *at, uint32_t value);
void put32(uint8_t *at, uint32_t value);
uint32_t get16(const uint8_t *at);
uint32_t get32(const uint8_t *at);
size_t address_length(uint8_t family);
uint8_t *source_of(struct packet *packet);
uint8_t *destination_of(struct packet *packet);
uint8_t *transport_of(struct packet *packet);
uint32_t add_up(const void *data, size_t len, uint32_t sum);
uint16_t fold(uint32_t sum);
uint32_t pseudo_sum(const struct packet *packet, size_t len, uint8_t proto);
void fix_ip_checksum(struct packet *packet);
void build(struct packet *packet, uint8_t family, uint8_t proto,
	   const uint8_t *source, const uint8_t *destination, uint16_t sport,
	   uint16_t dport, uint32_t serial, size_t payload);
void insert(struct packet *packet, size_t at, const uint8_t *bytes, size_t len);
void add_extension(struct packet *packet, uint8_t type, const uint8_t *bytes,
		   size_t len);
void append(struct packet *packet, const uint8_t *bytes, size_t len);
void finish(struct packet *packet);
uint32_t find_serial(const uint8_t *bytes, size_t len);
bool parse(struct packet *packet, const uint8_t *bytes, size_t len);

/* kinds.c: packets that are not. */
const struct kind *random_damage(const struct packet *packet);

/* icmp.c: errors, and answers to what came in. */
void quote_made_up(struct packet *packet);
void quote_cut(struct packet *packet);
void quote_options(struct packet *packet);
void quote_nested(struct packet *packet);
void quote_seen(struct packet *packet);
void quote_seen_cut(struct packet *packet);
void quote_seen_damaged(struct packet *packet);
void answer_seen(struct packet *packet);
void answer_seen_damaged(struct packet *packet);
void continue_seen(struct packet *packet);
void seen_from(struct place *place);

/* fragment.c */
void send_fragments(struct place *place, const struct kind *kind,
		    const struct packet *packet);

/* send.c */
extern unsigned long sent_by[SENDERS];
extern unsigned long not_taken;
extern const char *const sender_names[SENDERS];
void place_open(struct place *place, const char *node, const char *device,
		const char *namespace);
void devices_open(const char *node);
bool send_packet(struct place *place, enum sender sender, struct packet *packet,
		 bool mistyped);
int enter(const char *namespace);

/* sockets.c: what takes a socket to send. */
enum socket_way {
	SOCKET_ZEROCOPY,
	SOCKET_SPLICE,
	SOCKET_SENDFILE,
	SOCKET_SEGMENT,
	SOCKET_STREAM,
	SOCKET_WAYS
};

extern unsigned long socket_sent[SOCKET_WAYS];
extern const char *const socket_names[SOCKET_WAYS];
void sockets_open(const char *namespace);
void socket_send(enum socket_way way, const struct target *target);

/* main.c */
bool is_service(uint8_t family, const uint8_t *addr, uint16_t port);

/* watch.c: what arrived. */
extern unsigned long answered_reset, answered_unreachable, answered_for_backend;
extern unsigned long violations;
uint32_t watch_sent(uint64_t nr, const struct kind *kind, const struct target *target);
void watch_not_sent(uint32_t serial);
const struct place *watch_arrived(uint32_t serial);
void watch(struct place *places, unsigned int nr);
bool watch_until(struct place *places, unsigned int nr, uint32_t serial, int ms);
bool watch_saw_all(void);
void watch_report(void);

#endif /* SVCLB_PACKET_FUZZ_H */
