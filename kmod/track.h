/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_TRACK_H
#define _SVCLB_TRACK_H

#include "flow.h"
#include "packet.h"

bool svclb_track_begins(struct sk_buff *skb, const struct svclb_packet *packet);
void svclb_track_begin(struct svclb_conn *conn, struct sk_buff *skb,
		       const struct svclb_packet *packet);
bool svclb_track_tcp_turn(struct svclb_way *way, const struct tcphdr *header,
			  u32 length);
bool svclb_track_sctp(struct svclb_way *way, struct sk_buff *skb,
		      const struct svclb_packet *packet);

/**
 * svclb_track_tcp_length() - how much data a TCP packet has
 * @skb:    the packet
 * @packet: the same
 * @header: its TCP header
 *
 * Return: bytes; a wild number for a header that lies about its length.
 */
static __always_inline u32
svclb_track_tcp_length(const struct sk_buff *skb,
		       const struct svclb_packet *packet,
		       const struct tcphdr *header)
{
	return skb->len - packet->transport - header->doff * 4;
}

/* How far the numbers of a connection may go on with one packet. */
#define SVCLB_TRACK_STEP BIT(20)

/**
 * svclb_track_tcp_numbers() - follow the sequence numbers of a connection
 * @way:    the way of the packet
 * @header: its header
 * @end:    sequence number behind it
 *
 * Followed by small steps only, and acknowledgments only of what was sent: else
 * one forged packet would make room for forged resets.
 */
static __always_inline void
svclb_track_tcp_numbers(struct svclb_way *way, const struct tcphdr *header,
			u32 end)
{
	const struct svclb_way *other = svclb_way_other(way);
	u32 ack = ntohl(header->ack_seq);

	if (end - READ_ONCE(way->end) - 1 < SVCLB_TRACK_STEP)
		WRITE_ONCE(way->end, end);
	if (header->ack && (s32)(ack - READ_ONCE(way->ack)) > 0 &&
	    (s32)(ack - READ_ONCE(other->end)) <= 0)
		WRITE_ONCE(way->ack, ack);
}

/**
 * svclb_track_tcp() - follow the state of a TCP connection
 * @way:    the way of the packet
 * @skb:    the packet
 * @packet: the same
 *
 * Return: false if the packet begins another connection, as it were.
 */
static __always_inline bool svclb_track_tcp(struct svclb_way *way,
					    struct sk_buff *skb,
					    const struct svclb_packet *packet)
{
	const struct tcphdr *header = svclb_packet_at(skb, packet->transport);
	u32 length = svclb_track_tcp_length(skb, packet, header);

	if (unlikely(tcp_flag_word(header) &
		     (TCP_FLAG_SYN | TCP_FLAG_FIN | TCP_FLAG_RST)) ||
	    unlikely(READ_ONCE(svclb_conn_of(way)->state) ==
		     SVCLB_FLOW_STATE_TCP_SYN))
		return svclb_track_tcp_turn(way, header, length);
	svclb_track_tcp_numbers(way, header, ntohl(header->seq) + length);
	return true;
}

/* For how long questions and answers are no stream yet. */
#define SVCLB_TRACK_UDP_STREAM (2 * HZ)

/**
 * svclb_track_udp() - follow the state of a UDP flow
 * @way: the way of the packet
 */
static __always_inline void svclb_track_udp(struct svclb_way *way)
{
	struct svclb_conn *conn = svclb_conn_of(way);

	if (READ_ONCE(conn->state) != SVCLB_FLOW_STATE_UDP)
		return;
	if (way->direction == SVCLB_REPLY) {
		if (!READ_ONCE(conn->answered))
			WRITE_ONCE(conn->answered, true);
	} else if (READ_ONCE(conn->answered) &&
		   (u32)jiffies - conn->created > SVCLB_TRACK_UDP_STREAM) {
		WRITE_ONCE(conn->state, SVCLB_FLOW_STATE_UDP_STREAM);
	}
}

/**
 * svclb_track() - follow the state of a connection
 * @way:    the way of the packet
 * @skb:    the packet
 * @packet: the same
 *
 * Return: false if the packet begins another connection, so that this one is
 * over.
 */
static __always_inline bool svclb_track(struct svclb_way *way,
					struct sk_buff *skb,
					const struct svclb_packet *packet)
{
	switch (packet->tuple.proto) {
	case IPPROTO_TCP:
		return svclb_track_tcp(way, skb, packet);
	case IPPROTO_UDP:
		svclb_track_udp(way);
		return true;
	default:
		return svclb_track_sctp(way, skb, packet);
	}
}

#endif /* _SVCLB_TRACK_H */
