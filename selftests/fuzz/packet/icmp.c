// SPDX-License-Identifier: GPL-2.0-only
/*
 * ICMP errors with all that they can quote, and answers to packets that came in:
 * these, and errors that quote them, are about connections that were translated.
 */
#include <netinet/in.h>
#include <string.h>

#include "packet.h"

static struct place *from;

void seen_from(struct place *place)
{
	from = place;
}

/* A random one of the packets that came in, of the family; or false. */
static bool take_seen(struct packet *packet, uint8_t family)
{
	uint32_t nr = from->nr_seen < SEEN_MAX ? from->nr_seen : SEEN_MAX;
	const struct seen *seen;
	unsigned int tries;

	for (tries = 0; nr && tries < SEEN_MAX; tries++) {
		seen = &from->seen[below(nr)];
		if (parse(packet, seen->bytes, seen->len) && packet->family == family)
			return true;
	}
	return false;
}

/* Makes the packet an error, its payload yet to come. */
static void begin_error(struct packet *packet)
{
	static const uint8_t four[] = { 3, 3, 3, 4, 5, 11, 12 };
	static const uint8_t six[] = { 1, 1, 2, 2, 3, 4, 137 };
	uint8_t *at = transport_of(packet);

	packet->len = packet->payload;
	if (packet->family == 4)
		at[0] = four[below(LENGTH(four))];
	else
		at[0] = six[below(LENGTH(six))];
	at[1] = below(at[0] == 3 ? 14 : 6);
	random_bytes(at + 4, 4);
	/* The MTU of a way that is too narrow. */
	if (packet->family == 4 ? at[0] == 3 && at[1] == 4 : at[0] == 2)
		put32(at + 4, wrong_number(1280, chance(2) ? 1600 : UINT32_MAX));
}

/* A packet from the destination to the source, as if the error were about it. */
static void make_quoted(struct packet *quoted, struct packet *packet)
{
	static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	uint8_t proto = protos[below(LENGTH(protos))];

	if (chance(8))
		proto = packet->family == 4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	build(quoted, packet->family, proto, destination_of(packet), source_of(packet), 80,
	      1024 + below(2048), 0, below(100));
	finish(quoted);
}

void quote_made_up(struct packet *packet)
{
	static struct packet quoted;

	make_quoted(&quoted, packet);
	begin_error(packet);
	append(packet, quoted.bytes, quoted.len);
}

void quote_cut(struct packet *packet)
{
	static struct packet quoted;

	make_quoted(&quoted, packet);
	begin_error(packet);
	append(packet, quoted.bytes, below(quoted.len));
}

void quote_options(struct packet *packet)
{
	static struct packet quoted;
	uint8_t bytes[40];
	size_t len = (size_t)4 * (1 + below(10));

	make_quoted(&quoted, packet);
	random_bytes(bytes, sizeof(bytes));
	if (quoted.family == 4) {
		insert(&quoted, 20, bytes, len);
		quoted.bytes[0] = 0x40 | (chance(4) ? below(16) : 5 + len / 4);
	} else {
		len = (size_t)8 * (1 + below(4));
		bytes[1] = chance(3) ? below(256) : len / 8 - 1;
		add_extension(&quoted, chance(2) ? DESTINATION : FRAGMENT, bytes, len);
	}
	begin_error(packet);
	append(packet, quoted.bytes, chance(2) ? quoted.len : below(quoted.len));
}

/* An error about an error about an error. */
void quote_nested(struct packet *packet)
{
	static struct packet inner, outer;
	unsigned int depth = 1 + below(4);

	make_quoted(&inner, packet);
	while (depth--) {
		build(&outer, packet->family, packet->proto, destination_of(packet),
		      source_of(packet), 0, 0, 0, 0);
		begin_error(&outer);
		append(&outer, inner.bytes, inner.len);
		finish(&outer);
		inner = outer;
	}
	begin_error(packet);
	append(packet, inner.bytes, inner.len);
}

static bool quote_one(struct packet *packet, bool damaged, bool cut)
{
	static struct packet quoted;

	if (!take_seen(&quoted, packet->family))
		return false;
	if (damaged)
		random_damage(&quoted)->after(&quoted);
	if (quoted.len > 1000)
		quoted.len = 1000;
	/* From the one that got it to the one that sent it. */
	memcpy(destination_of(packet), source_of(&quoted), address_length(packet->family));
	if (!chance(4))
		memcpy(source_of(packet), destination_of(&quoted),
		       address_length(packet->family));
	begin_error(packet);
	append(packet, quoted.bytes, cut ? below(quoted.len) : quoted.len);
	return true;
}

void quote_seen(struct packet *packet)
{
	quote_one(packet, false, false);
}

void quote_seen_cut(struct packet *packet)
{
	quote_one(packet, false, true);
}

void quote_seen_damaged(struct packet *packet)
{
	quote_one(packet, true, chance(3));
}

static void turn_around(struct packet *packet)
{
	uint8_t addr[ADDRESS], port[2], *at = transport_of(packet);
	size_t len = address_length(packet->family);

	memcpy(addr, source_of(packet), len);
	memcpy(source_of(packet), destination_of(packet), len);
	memcpy(destination_of(packet), addr, len);
	if (packet->proto == IPPROTO_ICMP || packet->proto == IPPROTO_ICMPV6) {
		at[0] = packet->family == 4 ? 0 : 129;
		return;
	}
	memcpy(port, at, 2);
	memcpy(at, at + 2, 2);
	memcpy(at + 2, port, 2);
}

/* The next packet of a TCP connection, from the one that got the last. */
static void turn_tcp(struct packet *packet)
{
	static const uint8_t flags[] = { 0x10, 0x18, 0x18, 0x11, 0x04, 0x14, 0x12 };
	uint8_t *at = transport_of(packet);
	uint32_t seq = get32(at + 4), ack = get32(at + 8);
	uint32_t len = packet->len - packet->payload;

	if (at[13] & 3)
		len++;
	if (at[13] == 2) {
		at[13] = chance(6) ? 0x14 : 0x12;
		ack = random32();
	} else {
		at[13] = flags[below(LENGTH(flags))];
	}
	put32(at + 4, chance(8) ? ack + below(100000) : ack);
	put32(at + 8, chance(8) ? seq + below(100000) : seq + len);
}

static bool answer(struct packet *packet)
{
	static struct packet seen;

	if (!take_seen(&seen, packet->family))
		return false;
	*packet = seen;
	packet->bytes[packet->family == 4 ? 8 : 7] = 64;
	turn_around(packet);
	if (packet->proto == IPPROTO_TCP)
		turn_tcp(packet);
	finish(packet);
	return true;
}

void answer_seen(struct packet *packet)
{
	answer(packet);
}

void answer_seen_damaged(struct packet *packet)
{
	const struct kind *kind;

	if (!answer(packet))
		return;
	kind = random_damage(packet);
	kind->after(packet);
	if (kind->flags & KIND_FIX_IP)
		fix_ip_checksum(packet);
}

/* Data or whatever else follows what came in. */
void continue_seen(struct packet *packet)
{
	static const uint8_t question[] = "w\n";
	static struct packet before;
	unsigned int tries;

	before = *packet;
	for (tries = 0; tries < 8; tries++)
		if (answer(packet) && packet->proto == IPPROTO_TCP)
			break;
	if (tries == 8) {
		*packet = before;
		return;
	}
	packet->len = packet->payload;
	if (!chance(3))
		append(packet, question, sizeof(question) - 1);
	if (chance(6))
		append(packet, packet->bytes, packet->len);
}
