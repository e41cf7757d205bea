// SPDX-License-Identifier: GPL-2.0-only
/*
 * The states of connections, as far as it takes to know how long each may be
 * idle. Nothing is refused for its state: the two ends know better.
 *
 * A reset ends a flow only if its sequence number is one that its receiver
 * expects, between what that has acknowledged and what was sent (RFC 5961 has the
 * reason): whoever is not on the path would have to guess it. The flow is not
 * removed even then, it only lasts for a shorter time.
 */
#include "track.h"

/* The parts of a chunk that matter (RFC 9260, 3.2). */
struct chunk {
	u8 type;
	u8 flags;
	__be16 length;
};

static const struct chunk *first_chunk(struct sk_buff *skb,
				       const struct svclb_packet *packet,
				       struct chunk *buffer)
{
	return skb_header_pointer(skb, packet->transport +
				  sizeof(struct sctphdr),
				  sizeof(*buffer), buffer);
}

static void set_state(struct svclb_conn *conn, u8 state)
{
	if (READ_ONCE(conn->state) != state)
		WRITE_ONCE(conn->state, state);
}

/**
 * svclb_track_begins() - whether a packet begins a connection
 * @skb:    the packet
 * @packet: the same
 *
 * Return: whether it does.
 */
bool svclb_track_begins(struct sk_buff *skb, const struct svclb_packet *packet)
{
	const struct chunk *chunk;
	struct chunk buffer;

	switch (packet->tuple.proto) {
	case IPPROTO_TCP:
		return (tcp_flag_word((struct tcphdr *)
				      svclb_packet_at(skb, packet->transport)) &
			(TCP_FLAG_SYN | TCP_FLAG_ACK | TCP_FLAG_FIN |
			 TCP_FLAG_RST)) == TCP_FLAG_SYN;
	case IPPROTO_SCTP:
		chunk = first_chunk(skb, packet, &buffer);
		return chunk && chunk->type == SCTP_CID_INIT;
	default:
		return true;
	}
}

/**
 * svclb_track_begin() - the state that a connection begins with
 * @conn:   the connection
 * @skb:    its first packet
 * @packet: the same
 */
void svclb_track_begin(struct svclb_conn *conn, struct sk_buff *skb,
		       const struct svclb_packet *packet)
{
	const struct tcphdr *header;

	switch (packet->tuple.proto) {
	case IPPROTO_TCP:
		header = svclb_packet_at(skb, packet->transport);
		conn->state = SVCLB_FLOW_STATE_TCP_SYN;
		conn->way[SVCLB_ORIGINAL].end = ntohl(header->seq) + 1 +
			svclb_track_tcp_length(skb, packet, header);
		break;
	case IPPROTO_UDP:
		conn->state = SVCLB_FLOW_STATE_UDP;
		break;
	default:
		conn->state = SVCLB_FLOW_STATE_SCTP_SETUP;
		break;
	}
}

static bool reset_is_expected(const struct svclb_way *way,
			      const struct tcphdr *header)
{
	const struct svclb_way *other = svclb_way_other(way);
	u32 seq = ntohl(header->seq), end = READ_ONCE(way->end);

	if (READ_ONCE(svclb_conn_of(way)->answered))
		return seq - READ_ONCE(other->ack) <=
		       end - READ_ONCE(other->ack);
	/* RFC 9293, 3.10.7.3: the answer to a SYN acknowledges it. */
	if (way->direction == SVCLB_REPLY)
		return header->ack &&
		       ntohl(header->ack_seq) == READ_ONCE(other->end);
	return seq == end;
}

/* Both ends may do so at once: each sees to its own first. */
static void finish(struct svclb_way *way)
{
	WRITE_ONCE(way->fin, true);
	/* Pairs with itself in the other direction. */
	smp_mb();
	set_state(svclb_conn_of(way), READ_ONCE(svclb_way_other(way)->fin) ?
		  SVCLB_FLOW_STATE_TCP_CLOSED :
		  SVCLB_FLOW_STATE_TCP_HALF_CLOSED);
}

/* Return: false if it begins another connection. */
static bool synchronize(struct svclb_way *way, const struct tcphdr *header,
			u32 end)
{
	struct svclb_conn *conn = svclb_conn_of(way);
	struct svclb_way *other = svclb_way_other(way);
	u8 state = READ_ONCE(conn->state);

	if (way->direction == SVCLB_ORIGINAL && !header->ack) {
		if (state == SVCLB_FLOW_STATE_TCP_CLOSED)
			return false;
		/* It may be another attempt, with other numbers. */
		if (state == SVCLB_FLOW_STATE_TCP_SYN &&
		    !READ_ONCE(conn->answered))
			WRITE_ONCE(way->end, end);
	} else if (way->direction == SVCLB_REPLY && header->ack &&
		   state == SVCLB_FLOW_STATE_TCP_SYN &&
		   READ_ONCE(other->end) - ntohl(header->ack_seq) <= U16_MAX) {
		/* Data that came with the SYN may not be acknowledged. */
		WRITE_ONCE(way->end, end);
		WRITE_ONCE(way->ack, ntohl(header->ack_seq));
		WRITE_ONCE(other->ack, ntohl(header->seq));
		WRITE_ONCE(conn->answered, true);
	}
	return true;
}

/**
 * svclb_track_tcp_turn() - follow a TCP connection through a change of its state
 * @way:    the way of the packet
 * @header: its TCP header
 * @length: bytes of data in it
 *
 * Return: false if the packet begins another connection.
 */
bool svclb_track_tcp_turn(struct svclb_way *way, const struct tcphdr *header,
			  u32 length)
{
	struct svclb_conn *conn = svclb_conn_of(way);
	u32 end = ntohl(header->seq) + length + header->syn + header->fin;

	if (header->rst) {
		if (reset_is_expected(way, header))
			set_state(conn, SVCLB_FLOW_STATE_TCP_CLOSED);
		return true;
	}
	if (header->syn)
		return synchronize(way, header, end);
	svclb_track_tcp_numbers(way, header, end);
	if (READ_ONCE(conn->state) == SVCLB_FLOW_STATE_TCP_SYN &&
	    way->direction == SVCLB_ORIGINAL && header->ack &&
	    READ_ONCE(conn->answered))
		set_state(conn, SVCLB_FLOW_STATE_TCP_ESTABLISHED);
	if (header->fin && READ_ONCE(way->end) == end)
		finish(way);
	return true;
}

/**
 * svclb_track_sctp() - follow the state of an SCTP association
 * @way:    the way of the packet
 * @skb:    the packet
 * @packet: the same
 *
 * The first chunk of a packet tells: those that change the state come first
 * (RFC 9260, 6.10 has them alone or in front).
 *
 * Return: false if the packet begins another association.
 */
bool svclb_track_sctp(struct svclb_way *way, struct sk_buff *skb,
		      const struct svclb_packet *packet)
{
	struct svclb_conn *conn = svclb_conn_of(way);
	const struct chunk *chunk;
	struct chunk buffer;

	chunk = first_chunk(skb, packet, &buffer);
	if (!chunk)
		return true;
	switch (chunk->type) {
	case SCTP_CID_INIT:
		return way->direction == SVCLB_REPLY ||
		       READ_ONCE(conn->state) != SVCLB_FLOW_STATE_SCTP_CLOSED;
	case SCTP_CID_COOKIE_ACK:
		if (way->direction == SVCLB_REPLY &&
		    READ_ONCE(conn->state) == SVCLB_FLOW_STATE_SCTP_SETUP)
			set_state(conn, SVCLB_FLOW_STATE_SCTP_ESTABLISHED);
		break;
	case SCTP_CID_ABORT:
	case SCTP_CID_SHUTDOWN_COMPLETE:
	case SCTP_CID_SHUTDOWN_ACK:
		set_state(conn, SVCLB_FLOW_STATE_SCTP_CLOSED);
		break;
	default:
		break;
	}
	return true;
}
