// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be wrong with a packet.
 */
#include <netinet/in.h>
#include <string.h>

#include "packet.h"

#define IPV4 20
#define IPV6 40

/*
 * The IP header.
 */

static void wrong_version(struct packet *packet)
{
	packet->bytes[0] = (packet->bytes[0] & 15) | below(16) << 4;
}

static void wrong_ihl(struct packet *packet)
{
	packet->bytes[0] = 0x40 | wrong_number(5, 15);
}

static void wrong_total_length(struct packet *packet)
{
	put16(packet->bytes + 2, wrong_number(packet->len, 65535));
}

static void wrong_ip_checksum(struct packet *packet)
{
	put16(packet->bytes + 10, get16(packet->bytes + 10) + 1 + below(65534));
}

static void wrong_ttl(struct packet *packet)
{
	packet->bytes[packet->family == 4 ? 8 : 7] = below(2);
}

static void wrong_protocol(struct packet *packet)
{
	packet->bytes[packet->family == 4 ? 9 : 6] = random32();
}

static void wrong_ip_flags(struct packet *packet)
{
	put16(packet->bytes + 6, below(8) << 13 | (chance(2) ? below(0x2000) : 0));
}

static void wrong_traffic_class(struct packet *packet)
{
	random_bytes(packet->bytes + 1, packet->family == 4 ? 1 : 3);
}

static void wrong_payload_length(struct packet *packet)
{
	put16(packet->bytes + 4, wrong_number(packet->len - IPV6, 65535));
}

/* Options that a router looks at: routes, time stamps, an alert. */
static void options(struct packet *packet)
{
	static const uint8_t types[] = { 7, 68, 131, 137, 148, 1, 130, 134, 94 };
	uint8_t bytes[40] = { 0 };
	size_t len = (size_t)4 * (1 + below(10)), room = len, at = 0, size;

	if (packet->family != 4)
		return;
	while (room - at >= 4 && !chance(5)) {
		size = 3 + below(room - at - 2);
		bytes[at] = types[below(LENGTH(types))];
		if (bytes[at] == 148)
			size = 4;
		bytes[at + 1] = size;
		bytes[at + 2] = 4;
		if (bytes[at] == 68 && size > 3)
			bytes[at + 3] = below(4) == 2 ? 3 : below(2);
		if (bytes[at] == 1)
			size = 1;
		at += size;
	}
	insert(packet, IPV4, bytes, len);
	packet->bytes[0] = 0x45 + len / 4;
}

static void bad_options(struct packet *packet)
{
	size_t header;

	options(packet);
	if (packet->family != 4)
		return;
	header = (size_t)(packet->bytes[0] & 15) * 4;
	packet->bytes[IPV4 + below(header - IPV4)] = random32();
	if (chance(2))
		random_bytes(packet->bytes + IPV4, header - IPV4);
}

/*
 * Extension headers of IPv6.
 */

/* Options of a hop-by-hop or destination header: all padding but for one. */
static size_t make_options(uint8_t *bytes, size_t len)
{
	static const uint8_t types[] = { 0, 1, 5, 0xc2, 0xc9, 0x04, 0x8a, 0x63, 0x1e };
	size_t at = 2;

	memset(bytes, 0, len);
	bytes[1] = len / 8 - 1;
	if (chance(2)) {
		bytes[at] = types[below(LENGTH(types))];
		bytes[at + 1] = bytes[at] == 0xc2 ? 4 : below(len > 8 ? 8 : 4);
		if (bytes[at])
			at += 2 + bytes[at + 1];
	}
	if (at + 2 <= len) {
		bytes[at] = 1;
		bytes[at + 1] = len - at - 2;
	}
	return len;
}

static size_t make_extension(uint8_t *bytes, uint8_t type)
{
	size_t len = (size_t)8 * (1 + below(4));

	switch (type) {
	case FRAGMENT:
		memset(bytes, 0, 8);
		put32(bytes + 4, random32());
		return 8;
	case ROUTING:
		len = 8 + 16 * below(3);
		random_bytes(bytes, len);
		bytes[1] = len / 8 - 1;
		bytes[2] = below(5);
		bytes[3] = below(len / 16 + 1);
		return len;
	case AUTHENTICATION:
		len = 16 + 8 * below(3);
		random_bytes(bytes, len);
		bytes[1] = len / 4 - 2;
		return len;
	default:
		return make_options(bytes, len);
	}
}

static void extension(struct packet *packet, uint8_t type)
{
	uint8_t bytes[64];

	add_extension(packet, type, bytes, make_extension(bytes, type));
}

static void hop_by_hop(struct packet *packet)
{
	extension(packet, HOP_BY_HOP);
}

static void destination_options(struct packet *packet)
{
	extension(packet, DESTINATION);
}

static void routing(struct packet *packet)
{
	extension(packet, ROUTING);
}

static void authentication(struct packet *packet)
{
	extension(packet, AUTHENTICATION);
}

static void atomic_fragment(struct packet *packet)
{
	extension(packet, FRAGMENT);
}

static const uint8_t extensions[] = {
	HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, DESTINATION, DESTINATION,
};

static void chain(struct packet *packet)
{
	unsigned int nr = 2 + below(chance(4) ? 40 : 6);

	while (nr-- && packet->l4 < 1200)
		extension(packet, extensions[below(LENGTH(extensions))]);
}

/* One of the headers says that it is longer than the packet. */
static void long_chain(struct packet *packet)
{
	unsigned int nr = 1 + below(5), odd = below(nr), i;

	for (i = 0; i < nr; i++) {
		extension(packet, extensions[below(LENGTH(extensions))]);
		if (i == odd)
			packet->bytes[IPV6 + 1] = wrong_number(packet->bytes[IPV6 + 1], 255);
	}
}

static void no_next_header(struct packet *packet)
{
	if (chance(2))
		extension(packet, DESTINATION);
	packet->bytes[packet->bytes[6] == DESTINATION ? IPV6 : 6] = NO_NEXT_HEADER;
}

static void jumbogram(struct packet *packet)
{
	uint8_t bytes[8] = { 0, 0, 0xc2, 4 };

	put32(bytes + 4, wrong_number(packet->len - IPV6 + 8, UINT32_MAX));
	add_extension(packet, HOP_BY_HOP, bytes, sizeof(bytes));
}

static void jumbogram_length(struct packet *packet)
{
	if (!chance(3))
		put16(packet->bytes + 4, 0);
}

/*
 * Addresses and ports.
 */

static void source_is_destination(struct packet *packet)
{
	memcpy(source_of(packet), destination_of(packet), address_length(packet->family));
	if (chance(2) && packet->len >= packet->l4 + 4)
		memcpy(transport_of(packet), transport_of(packet) + 2, 2);
}

static void source_near_destination(struct packet *packet)
{
	source_is_destination(packet);
	source_of(packet)[address_length(packet->family) - 1] ^= 1 + below(3);
}

static void odd_address(uint8_t *at, uint8_t family)
{
	static const uint8_t four[][4] = {
		{ 0, 0, 0, 0 }, { 127, 0, 0, 1 }, { 224, 0, 0, 1 }, { 239, 1, 2, 3 },
		{ 255, 255, 255, 255 }, { 192, 0, 2, 255 }, { 240, 0, 0, 1 },
		{ 169, 254, 1, 1 }, { 192, 0, 2, 1 }, { 0, 1, 2, 3 },
	};
	static const uint8_t six[][16] = {
		{ 0 }, { [15] = 1 }, { 0xff, 0x02, [15] = 1 }, { 0xff, 0x0e, [15] = 9 },
		{ 0xfe, 0x80, [15] = 1 }, { [10] = 0xff, 0xff, 10, 1, 2, 3 },
		{ 0x20, 0x01, 0x0d, 0xb8, [15] = 1 }, { 0x20, 0x02, 10, 1, 2, 3 },
		{ [12] = 10, 1, 2, 3 }, { 0x01 },
	};

	if (family == 4)
		memcpy(at, four[below(LENGTH(four))], 4);
	else
		memcpy(at, six[below(LENGTH(six))], 16);
}

static void odd_source(struct packet *packet)
{
	odd_address(source_of(packet), packet->family);
}

static void odd_destination(struct packet *packet)
{
	odd_address(destination_of(packet), packet->family);
}

static void port_zero(struct packet *packet)
{
	unsigned int which = 1 + below(3);

	if (which & 1)
		put16(transport_of(packet), 0);
	if (which & 2)
		put16(transport_of(packet) + 2, 0);
}

/*
 * The transport header.
 */

static void wrong_offset(struct packet *packet)
{
	transport_of(packet)[12] = wrong_number(5, 15) << 4 | (chance(4) ? below(16) : 0);
}

static void wrong_flags(struct packet *packet)
{
	static const uint8_t flags[] = {
		0x03, 0x00, 0x04, 0x3f, 0x06, 0x14, 0x01, 0x11, 0x12, 0x29, 0xff, 0xc2, 0x10,
	};

	transport_of(packet)[13] = chance(3) ? below(256) : flags[below(LENGTH(flags))];
	put32(transport_of(packet) + 8, random32());
}

static void tcp_options(struct packet *packet)
{
	static const uint8_t kinds_of[] = { 1, 2, 3, 4, 5, 8, 19, 30, 34, 0 };
	size_t len = (size_t)4 * (1 + below(10)), at = 0;
	uint8_t bytes[40];

	random_bytes(bytes, sizeof(bytes));
	while (at < len) {
		bytes[at] = kinds_of[below(LENGTH(kinds_of))];
		if (at + 1 < len && !chance(4))
			bytes[at + 1] = 2 + below(10);
		at += bytes[at] < 2 || at + 1 >= len || bytes[at + 1] < 2 ? 1 : bytes[at + 1];
	}
	insert(packet, packet->l4 + 20, bytes, len);
	transport_of(packet)[12] = (5 + len / 4) << 4;
}

static void wrong_checksum(struct packet *packet)
{
	uint8_t *at = transport_of(packet);

	at += packet->proto == IPPROTO_TCP ? 16 : packet->proto == IPPROTO_UDP ? 6 :
	      packet->proto == IPPROTO_SCTP ? 8 : 2;
	put16(at, get16(at) + 1 + below(65534));
}

static void no_checksum(struct packet *packet)
{
	put16(transport_of(packet) + 6, 0);
}

static void wrong_udp_length(struct packet *packet)
{
	size_t len = packet->len - packet->l4;
	uint8_t *at = transport_of(packet);

	put16(at + 4, wrong_number(len, 65535));
	/* As the stack would sum it up, if it believes it. */
	if (get16(at + 4) <= len && chance(2)) {
		put16(at + 6, 0);
		put16(at + 6, ~fold(add_up(at, get16(at + 4),
					   pseudo_sum(packet, get16(at + 4), IPPROTO_UDP))));
	}
}

static void wrong_chunk(struct packet *packet)
{
	uint8_t *chunk = packet->bytes + packet->l4 + 12;

	put16(chunk + 2, wrong_number(get16(chunk + 2), 65535));
	if (chance(3))
		random_bytes(packet->bytes + packet->l4 + 4, 4);
}

static void other_chunks(struct packet *packet)
{
	size_t at = packet->l4 + 12, len;

	while (at + 4 <= packet->len) {
		len = 4 + 4 * below(8);
		if (at + len > packet->len || chance(4))
			len = packet->len - at;
		packet->bytes[at] = below(16);
		packet->bytes[at + 1] = below(4);
		put16(packet->bytes + at + 2, len);
		at += len;
	}
	if (chance(2))
		put32(packet->bytes + packet->l4 + 4, 0);
}

static void no_chunk(struct packet *packet)
{
	packet->len = packet->l4 + 12 + below(4);
}

static void icmp_type(struct packet *packet)
{
	static const uint8_t four[] = { 0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15, 17, 40, 42 };
	static const uint8_t six[] = {
		1, 2, 3, 4, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 143, 200,
	};
	uint8_t *at = transport_of(packet);

	if (packet->proto == IPPROTO_ICMP)
		at[0] = chance(4) ? below(256) : four[below(LENGTH(four))];
	else
		at[0] = chance(4) ? below(256) : six[below(LENGTH(six))];
	at[1] = below(20);
	random_bytes(at + 4, 4);
}

/*
 * The length of all, and anything.
 */

static void cut(struct packet *packet)
{
	packet->len = below(packet->len);
}

/* Within the transport header or before, with the IP header saying so. */
static void cut_header(struct packet *packet)
{
	packet->len = packet->l4 + below(packet->payload - packet->l4);
}

static void no_payload(struct packet *packet)
{
	packet->len = packet->payload;
}

static void only_ip(struct packet *packet)
{
	packet->len = packet->l4;
}

static void nothing(struct packet *packet)
{
	packet->len = below(3);
}

static void trailing(struct packet *packet)
{
	uint8_t bytes[200];

	random_bytes(bytes, sizeof(bytes));
	append(packet, bytes, 1 + below(sizeof(bytes)));
}

static void large(struct packet *packet)
{
	size_t len = PACKET_MAX - (chance(4) ? 0 : below(50000));

	if (len <= packet->len)
		return;
	memset(packet->bytes + packet->len, len, len - packet->len);
	packet->len = len;
}

static void damage(struct packet *packet)
{
	unsigned int nr = 1 + below(chance(4) ? 30 : 4);
	size_t end = packet->len < 120 || chance(8) ? packet->len : 120;

	while (nr-- && end)
		if (chance(2))
			packet->bytes[below(end)] ^= 1 << below(8);
		else
			packet->bytes[below(end)] = random32();
}

static void damage_transport(struct packet *packet)
{
	unsigned int nr = 1 + below(4);
	size_t len = packet->payload - packet->l4;

	/* Not the ports, or it would go elsewhere. */
	while (nr-- && len > 4)
		packet->bytes[packet->l4 + 4 + below(len - 4)] = random32();
}

const struct kind kinds[] = {
	{ "sound", BOTH, PROTO_ALL, NULL, NULL, 0 },
	{ "ip-version", BOTH, PROTO_ALL, NULL, wrong_version, KIND_FIX_IP },
	{ "ip-header-length", ONLY_4, PROTO_ALL, NULL, wrong_ihl, KIND_FIX_IP },
	{ "ip-total-length", ONLY_4, PROTO_ALL, NULL, wrong_total_length, KIND_FIX_IP },
	{ "ip-checksum", ONLY_4, PROTO_ALL, NULL, wrong_ip_checksum, 0 },
	{ "ip-ttl", BOTH, PROTO_ALL, NULL, wrong_ttl, KIND_FIX_IP },
	{ "ip-protocol", BOTH, PROTO_ALL, NULL, wrong_protocol, KIND_FIX_IP },
	{ "ip-flags", ONLY_4, PROTO_ALL, NULL, wrong_ip_flags, KIND_FIX_IP },
	{ "ip-traffic-class", BOTH, PROTO_ALL, NULL, wrong_traffic_class, KIND_FIX_IP },
	{ "ip-options", ONLY_4, PROTO_ALL, options, NULL, 0 },
	{ "ip-options-bad", ONLY_4, PROTO_ALL, bad_options, NULL, 0 },
	{ "ip6-payload-length", ONLY_6, PROTO_ALL, NULL, wrong_payload_length, 0 },
	{ "ip6-hop-by-hop", ONLY_6, PROTO_ALL, hop_by_hop, NULL, 0 },
	{ "ip6-destination", ONLY_6, PROTO_ALL, destination_options, NULL, 0 },
	{ "ip6-routing", ONLY_6, PROTO_ALL, routing, NULL, 0 },
	{ "ip6-authentication", ONLY_6, PROTO_ALL, authentication, NULL, 0 },
	{ "ip6-atomic-fragment", ONLY_6, PROTO_ALL, atomic_fragment, NULL, 0 },
	{ "ip6-chain", ONLY_6, PROTO_ALL, chain, NULL, 0 },
	{ "ip6-chain-length", ONLY_6, PROTO_ALL, long_chain, NULL, 0 },
	{ "ip6-no-next-header", ONLY_6, PROTO_ALL, no_next_header, NULL, 0 },
	{ "ip6-jumbogram", ONLY_6, PROTO_ALL, jumbogram, jumbogram_length, 0 },
	{ "source-is-destination", BOTH, PROTO_ALL, source_is_destination, NULL, KIND_FORGED },
	{ "source-near-destination", BOTH, PROTO_ALL, source_near_destination, NULL,
	  KIND_FORGED },
	{ "source-odd", BOTH, PROTO_ALL, odd_source, NULL, KIND_FORGED },
	{ "destination-odd", BOTH, PROTO_ALL, odd_destination, NULL,
	  KIND_FORGED | KIND_ELSEWHERE },
	{ "port-zero", BOTH, PROTO_PORTS, port_zero, NULL, 0 },
	{ "tcp-offset", BOTH, PROTO_TCP, wrong_offset, NULL, 0 },
	{ "tcp-flags", BOTH, PROTO_TCP, wrong_flags, NULL, 0 },
	{ "tcp-options", BOTH, PROTO_TCP, tcp_options, NULL, 0 },
	{ "udp-length", BOTH, PROTO_UDP, NULL, wrong_udp_length, 0 },
	{ "udp-no-checksum", BOTH, PROTO_UDP, NULL, no_checksum, 0 },
	{ "sctp-chunk-length", BOTH, PROTO_SCTP, wrong_chunk, NULL, 0 },
	{ "sctp-chunks", BOTH, PROTO_SCTP, other_chunks, NULL, 0 },
	{ "sctp-no-chunk", BOTH, PROTO_SCTP, no_chunk, NULL, 0 },
	{ "icmp-type", BOTH, PROTO_ICMP, icmp_type, NULL, 0 },
	{ "checksum", BOTH, PROTO_ALL, NULL, wrong_checksum, 0 },
	{ "cut", BOTH, PROTO_ALL, NULL, cut, KIND_FIX_IP },
	{ "cut-header", BOTH, PROTO_ALL, cut_header, NULL, 0 },
	{ "no-payload", BOTH, PROTO_ALL, no_payload, NULL, 0 },
	{ "only-ip", BOTH, PROTO_ALL, only_ip, NULL, 0 },
	{ "nothing", BOTH, PROTO_ALL, NULL, nothing, 0 },
	{ "trailing", BOTH, PROTO_ALL, NULL, trailing, 0 },
	{ "large", BOTH, PROTO_SERVED, large, NULL, KIND_LARGE },
	{ "mistyped", BOTH, PROTO_ALL, NULL, NULL, KIND_MISTYPED },
	{ "damage", BOTH, PROTO_ALL, NULL, damage, KIND_ELSEWHERE | KIND_FORGED },
	{ "damage-ip", BOTH, PROTO_ALL, NULL, damage,
	  KIND_ELSEWHERE | KIND_FORGED | KIND_FIX_IP },
	{ "damage-transport", BOTH, PROTO_ALL, damage_transport, NULL, 0 },
	{ "icmp-quote", BOTH, PROTO_ICMP, quote_made_up, NULL, KIND_ELSEWHERE },
	{ "icmp-quote-cut", BOTH, PROTO_ICMP, quote_cut, NULL, KIND_ELSEWHERE },
	{ "icmp-quote-options", BOTH, PROTO_ICMP, quote_options, NULL, KIND_ELSEWHERE },
	{ "icmp-quote-nested", BOTH, PROTO_ICMP, quote_nested, NULL, KIND_ELSEWHERE },
	{ "icmp-seen", BOTH, PROTO_ICMP, quote_seen, NULL, KIND_REPLY | KIND_ELSEWHERE },
	{ "icmp-seen-cut", BOTH, PROTO_ICMP, quote_seen_cut, NULL,
	  KIND_REPLY | KIND_ELSEWHERE },
	{ "icmp-seen-damaged", BOTH, PROTO_ICMP, quote_seen_damaged, NULL,
	  KIND_REPLY | KIND_ELSEWHERE },
	{ "answer", BOTH, PROTO_ALL, answer_seen, NULL, KIND_REPLY | KIND_ELSEWHERE },
	{ "answer-damaged", BOTH, PROTO_ALL, NULL, answer_seen_damaged,
	  KIND_REPLY | KIND_ELSEWHERE },
	{ "continued", BOTH, PROTO_TCP, continue_seen, NULL, KIND_REPLY | KIND_ELSEWHERE },
	{ "fragments", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-disordered", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-overlapping", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-missing", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-double", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-tiny", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-odd", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
	{ "fragments-beyond", BOTH, PROTO_ALL, NULL, NULL, KIND_FRAGMENTS },
};

const unsigned int nr_kinds = LENGTH(kinds);

/* Of those kinds that change a packet once it is whole, one for the packet. */
const struct kind *random_damage(const struct packet *packet)
{
	const struct kind *kind;

	do
		kind = &kinds[1 + below(nr_kinds - 1)];
	while (!kind->after || kind->flags & KIND_REPLY || kind->protos != PROTO_ALL ||
	       !(kind->families & family_bit(packet->family)));
	return kind;
}
