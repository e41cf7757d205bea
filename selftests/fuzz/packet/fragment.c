// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments: of sound packets, and of all that can be wrong with them.
 */
#include <string.h>

#include "packet.h"

#define IPV6 40
#define PIECES_MAX 200

/**
 * struct piece - a fragment of a packet
 * @offset: where it says that it begins
 * @from:   where it begins
 * @len:    length
 * @more:   whether it says that more follow
 */
struct piece {
	size_t offset;
	size_t from;
	size_t len;
	bool more;
};

static unsigned int cut_up(struct piece *pieces, size_t len, size_t first, size_t size)
{
	size_t at, part;
	unsigned int nr = 0;

	for (at = 0; at < len && nr < PIECES_MAX; at += part) {
		part = at ? size : first;
		pieces[nr++] = (struct piece){
			.offset = at,
			.from = at,
			.len = len - at < part ? len - at : part,
			.more = at + part < len,
		};
	}
	return nr;
}

static void disorder(struct piece *pieces, unsigned int nr)
{
	unsigned int i, j;
	struct piece piece;

	for (i = nr; i > 1; i--) {
		j = below(i);
		piece = pieces[i - 1];
		pieces[i - 1] = pieces[j];
		pieces[j] = piece;
	}
}

static unsigned int change(const char *how, struct piece *pieces, unsigned int nr)
{
	unsigned int which = below(nr);

	if (!strcmp(how, "fragments-disordered")) {
		disorder(pieces, nr);
	} else if (!strcmp(how, "fragments-overlapping")) {
		which = 1 + below(nr > 1 ? nr - 1 : 1);
		if (which < nr)
			pieces[which].offset -= chance(2) ? 8 : pieces[which].offset;
		if (chance(3))
			disorder(pieces, nr);
	} else if (!strcmp(how, "fragments-missing")) {
		memmove(pieces + which, pieces + which + 1,
			(nr - which - 1) * sizeof(*pieces));
		nr--;
	} else if (!strcmp(how, "fragments-double")) {
		if (nr < PIECES_MAX)
			pieces[nr++] = pieces[which];
		if (chance(2))
			pieces[which].more = !pieces[which].more;
	} else if (!strcmp(how, "fragments-odd")) {
		if (pieces[which].len > 1)
			pieces[which].len -= 1 + below(pieces[which].len > 7 ? 7 : 1);
		if (chance(4))
			pieces[which].len = 0;
	} else if (!strcmp(how, "fragments-beyond")) {
		pieces[nr - 1].offset = 65528 - 8 * below(4);
		pieces[nr - 1].more = chance(4);
	}
	return nr;
}

static void make(struct packet *fragment, const struct packet *packet,
		 const struct piece *piece, uint32_t id)
{
	size_t header = packet->family == 4 ? (size_t)(packet->bytes[0] & 15) * 4 : IPV6;
	uint8_t extension[8] = { 0 };

	memcpy(fragment->bytes, packet->bytes, header);
	memcpy(fragment->bytes + header, packet->bytes + header + piece->from, piece->len);
	fragment->len = header + piece->len;
	fragment->family = packet->family;
	fragment->proto = packet->proto;
	fragment->l4 = header;
	fragment->payload = header;
	if (packet->family == 4) {
		put16(fragment->bytes + 2, fragment->len);
		put16(fragment->bytes + 4, id);
		put16(fragment->bytes + 6, piece->offset / 8 | (piece->more ? 0x2000 : 0));
		fix_ip_checksum(fragment);
		return;
	}
	put16(extension + 2, piece->offset | piece->more);
	put32(extension + 4, id);
	add_extension(fragment, FRAGMENT, extension, sizeof(extension));
	put16(fragment->bytes + 4, fragment->len - IPV6);
}

void send_fragments(struct place *place, const struct kind *kind, const struct packet *packet)
{
	static struct packet fragment;
	struct piece pieces[PIECES_MAX];
	size_t header = packet->family == 4 ? (size_t)(packet->bytes[0] & 15) * 4 : IPV6;
	size_t size = (size_t)8 * (1 + below(60)), first = size;
	unsigned int nr, i;
	uint32_t id = random32();

	/* The first one ends within the transport header. */
	if (!strcmp(kind->name, "fragments-tiny"))
		first = 8;
	nr = cut_up(pieces, packet->len - header, first, size);
	nr = change(kind->name, pieces, nr);
	for (i = 0; i < nr; i++) {
		make(&fragment, packet, &pieces[i], id);
		send_packet(place, chance(8) ? SEND_RING : SEND_PACKET, &fragment, false);
	}
}
