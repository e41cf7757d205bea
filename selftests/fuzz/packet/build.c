// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sound packets: addresses, lengths and checksums are what they should be. Each
 * has its number in the payload, by which it is known where it arrives.
 */
#include <netinet/in.h>
#include <string.h>

#include "packet.h"

#define MARK 0x5a1cb0f2u
#define IPV4 20
#define IPV6 40

void put16(uint8_t *at, uint32_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

uint32_t get16(const uint8_t *at)
{
	return (uint32_t)at[0] << 8 | at[1];
}

uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

size_t address_length(uint8_t family)
{
	return family == 4 ? 4 : 16;
}

uint8_t *source_of(struct packet *packet)
{
	return packet->bytes + (packet->family == 4 ? 12 : 8);
}

uint8_t *destination_of(struct packet *packet)
{
	return packet->bytes + (packet->family == 4 ? 16 : 24);
}

uint8_t *transport_of(struct packet *packet)
{
	return packet->bytes + packet->l4;
}

uint32_t add_up(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *at = data;

	for (; len > 1; len -= 2, at += 2)
		sum += get16(at);
	if (len)
		sum += *at << 8;
	return (sum & 0xffff) + (sum >> 16);
}

uint16_t fold(uint32_t sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

uint32_t pseudo_sum(const struct packet *packet, size_t len, uint8_t proto)
{
	size_t addresses = packet->family == 4 ? 12 : 8;

	return add_up(packet->bytes + addresses, 2 * address_length(packet->family),
		      (len >> 16) + (len & 0xffff) + proto);
}

/* Also of a header that claims to be longer or shorter than it is. */
void fix_ip_checksum(struct packet *packet)
{
	size_t len = (size_t)(packet->bytes[0] & 15) * 4;

	if (packet->family != 4 || packet->len < IPV4)
		return;
	if (len > packet->len)
		len = packet->len;
	put16(packet->bytes + 10, 0);
	put16(packet->bytes + 10, ~fold(add_up(packet->bytes, len, 0)) & 0xffff);
}

static uint32_t crc32c(const uint8_t *data, size_t len)
{
	uint32_t crc = ~0u;
	int bit;

	while (len--) {
		crc ^= *data++;
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	}
	return ~crc;
}

static void fix_sctp(struct packet *packet, size_t len)
{
	uint8_t *header = transport_of(packet);
	uint32_t crc;

	if (len < 12)
		return;
	put32(header + 8, 0);
	crc = crc32c(header, len);
	memcpy(header + 8, &crc, sizeof(crc));
}

/* Where in the transport header the checksum is, or SIZE_MAX. */
static size_t checksum_place(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return SIZE_MAX;
	}
}

static void fix_transport(struct packet *packet)
{
	size_t len = packet->len - packet->l4, place = checksum_place(packet->proto);
	uint8_t *header = transport_of(packet);
	uint32_t sum = 0;
	uint16_t result;

	if (packet->proto == IPPROTO_SCTP)
		fix_sctp(packet, len);
	if (place == SIZE_MAX || len < place + 2)
		return;
	if (packet->proto == IPPROTO_UDP)
		put16(header + 4, len);
	if (packet->proto != IPPROTO_ICMP)
		sum = pseudo_sum(packet, len, packet->proto);
	put16(header + place, 0);
	result = ~fold(add_up(header, len, sum));
	put16(header + place, result ?: 0xffff);
}

/* Fills in all lengths and checksums. */
void finish(struct packet *packet)
{
	fix_transport(packet);
	if (packet->family == 4) {
		put16(packet->bytes + 2, packet->len);
		fix_ip_checksum(packet);
	} else {
		put16(packet->bytes + 4, packet->len - IPV6);
	}
}

void insert(struct packet *packet, size_t at, const uint8_t *bytes, size_t len)
{
	if (packet->len + len > PACKET_MAX || at > packet->len)
		return;
	memmove(packet->bytes + at + len, packet->bytes + at, packet->len - at);
	memcpy(packet->bytes + at, bytes, len);
	packet->len += len;
	if (packet->l4 >= at)
		packet->l4 += len;
	if (packet->payload >= at)
		packet->payload += len;
}

void append(struct packet *packet, const uint8_t *bytes, size_t len)
{
	if (packet->len + len > PACKET_MAX)
		return;
	memcpy(packet->bytes + packet->len, bytes, len);
	packet->len += len;
}

/*
 * Puts an extension header before all others; its first byte becomes the type of
 * what follows.
 */
void add_extension(struct packet *packet, uint8_t type, const uint8_t *bytes, size_t len)
{
	if (packet->len + len > PACKET_MAX)
		return;
	insert(packet, IPV6, bytes, len);
	packet->bytes[IPV6] = packet->bytes[6];
	packet->bytes[6] = type;
}

static size_t put_transport(uint8_t *at, uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		put32(at + 4, random32());
		at[12] = 5 << 4;
		at[13] = 0x02;
		if (chance(6)) {
			at[13] = 0x18;
			put32(at + 8, random32());
		}
		put16(at + 14, 64240);
		return 20;
	case IPPROTO_UDP:
		return 8;
	case IPPROTO_SCTP:
		/* One chunk: INIT, with the payload as its parameters. */
		at[12] = 1;
		put32(at + 16, random32());
		put32(at + 20, 65536);
		put16(at + 24, 10);
		put16(at + 26, 10);
		put32(at + 28, random32());
		return 32;
	case IPPROTO_ICMP:
		at[0] = 8;
		return 8;
	default:
		at[0] = 128;
		return 8;
	}
}

/* Makes a packet; lengths and checksums are for finish(). */
void build(struct packet *packet, uint8_t family, uint8_t proto, const uint8_t *source,
	   const uint8_t *destination, uint16_t sport, uint16_t dport, uint32_t serial,
	   size_t payload)
{
	uint8_t *at = packet->bytes;
	size_t header;

	memset(at, 0, 128);
	packet->family = family;
	packet->proto = proto;
	packet->l4 = family == 4 ? IPV4 : IPV6;
	if (family == 4) {
		at[0] = 0x45;
		put16(at + 4, random32());
		at[8] = 64;
		at[9] = proto;
	} else {
		at[0] = 0x60;
		at[6] = proto;
		at[7] = 64;
	}
	memcpy(source_of(packet), source, address_length(family));
	memcpy(destination_of(packet), destination, address_length(family));
	at = transport_of(packet);
	header = put_transport(at, proto);
	put16(at, sport);
	put16(at + 2, dport);
	if (proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6) {
		at[0] = proto == IPPROTO_ICMP ? 8 : 128;
		at[1] = 0;
		put16(at + 4, sport);
	} else if (proto == IPPROTO_SCTP) {
		payload &= ~(size_t)3;
		put16(at + 14, header - 12 + payload);
	}
	packet->payload = packet->l4 + header;
	packet->len = packet->payload + payload;
	random_bytes(packet->bytes + packet->payload, payload);
	if (payload >= MARK_BYTES) {
		put32(packet->bytes + packet->payload, MARK);
		put32(packet->bytes + packet->payload + 4, serial);
		/* What is damaged on purpose is not to bear another's number. */
		put32(packet->bytes + packet->payload + 8, ~serial);
	}
}

/* The number of a packet that came in, wherever its payload begins; or 0. */
uint32_t find_serial(const uint8_t *bytes, size_t len)
{
	uint8_t mark[4];
	const uint8_t *at;

	put32(mark, MARK);
	at = memmem(bytes, len, mark, sizeof(mark));
	if (!at || at + MARK_BYTES > bytes + len || get32(at + 4) != ~get32(at + 8))
		return 0;
	return get32(at + 4);
}

static size_t transport_length(uint8_t proto, const uint8_t *at)
{
	switch (proto) {
	case IPPROTO_TCP:
		return (size_t)(at[12] >> 4) * 4;
	case IPPROTO_SCTP:
		return 12;
	default:
		return 8;
	}
}

/* Makes a packet of one that came in; only of those without anything special. */
bool parse(struct packet *packet, const uint8_t *bytes, size_t len)
{
	size_t l4 = IPV4, payload;
	uint8_t proto;

	if (len < IPV4 + 20)
		return false;
	if (bytes[0] == 0x45) {
		proto = bytes[9];
		packet->family = 4;
	} else {
		if (bytes[0] >> 4 != 6 || len < IPV6 + 20)
			return false;
		proto = bytes[6];
		packet->family = 6;
		l4 = IPV6;
	}
	if (checksum_place(proto) == SIZE_MAX && proto != IPPROTO_SCTP)
		return false;
	payload = l4 + transport_length(proto, bytes + l4);
	if (payload > len)
		return false;
	memcpy(packet->bytes, bytes, len);
	packet->len = len;
	packet->proto = proto;
	packet->l4 = l4;
	packet->payload = payload;
	return true;
}
