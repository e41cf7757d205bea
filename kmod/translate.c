// SPDX-License-Identifier: GPL-2.0-only
#include "translate.h"

#include <linux/crc32.h>
#include <linux/crc32c.h>

static __wsum update(const void *data, int length, __wsum sum)
{
	return (__force __wsum)crc32c((__force u32)sum, data, length);
}

static __wsum combine(__wsum sum, __wsum other, int offset, int length)
{
	return (__force __wsum)__crc32c_le_combine((__force u32)sum,
						   (__force u32)other, length);
}

static const struct skb_checksum_ops crc_ops = {
	.update = update,
	.combine = combine,
};

/* The sum that a packet should have. Its own counts as 0. */
static __le32 compute_sum(struct sk_buff *skb, u32 transport)
{
	struct sctphdr *header = svclb_packet_at(skb, transport);
	__le32 old = header->checksum;
	__wsum sum;

	header->checksum = 0;
	sum = __skb_checksum(skb, transport, skb->len - transport,
			     (__force __wsum)~0U, &crc_ops);
	header->checksum = old;
	return cpu_to_le32(~(__force u32)sum);
}

/**
 * svclb_translate_sctp() - translate the ports of an SCTP packet
 * @skb:    the packet, its headers writable
 * @packet: what it was
 * @way:    what changes
 *
 * The CRC covers all of the packet but no addresses (RFC 9260, 6.8): it has to be
 * computed anew when a port changes. A packet that arrived damaged stays so.
 */
void svclb_translate_sctp(struct sk_buff *skb,
			  const struct svclb_packet *packet,
			  const struct svclb_way *way)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	struct sctphdr *header = svclb_packet_at(skb, packet->transport);
	bool right = true;

	if (header->source == to->dport && header->dest == to->sport)
		return;
	if (skb->ip_summed == CHECKSUM_NONE)
		right = header->checksum ==
			compute_sum(skb, packet->transport);
	header->source = to->dport;
	header->dest = to->sport;
	if (skb->ip_summed == CHECKSUM_PARTIAL || !right)
		return;
	header->checksum = compute_sum(skb, packet->transport);
	skb->ip_summed = CHECKSUM_UNNECESSARY;
}
