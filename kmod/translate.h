/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_TRANSLATE_H
#define _SVCLB_TRANSLATE_H

#include <net/checksum.h>

#include "flow.h"
#include "packet.h"

/**
 * svclb_translate_sum() - bring a transport checksum up to date
 * @sum:  the checksum
 * @skb:  its packet
 * @way:  what changes
 *
 * A checksum that the device is to finish covers the addresses alone so far. One
 * that the device has computed covers all but those, so the change of @sum that
 * makes up for them changes it (include/linux/skbuff.h).
 */
static __always_inline void svclb_translate_sum(__sum16 *sum,
						struct sk_buff *skb,
						const struct svclb_way *way)
{
	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL)) {
		*sum = ~csum_fold(csum_add(csum_unfold(*sum),
					   way->addr_delta));
		return;
	}
	*sum = csum_fold(csum_add(csum_add(way->addr_delta, way->port_delta),
				  ~csum_unfold(*sum)));
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->csum = csum_sub(skb->csum, way->addr_delta);
}

void svclb_translate_sctp(struct sk_buff *skb,
			  const struct svclb_packet *packet,
			  const struct svclb_way *way);

/**
 * svclb_translate_transport() - translate ports, and the checksum over all
 * @skb:    the packet, its headers writable
 * @packet: what it was
 * @way:    what changes
 */
static __always_inline void
svclb_translate_transport(struct sk_buff *skb,
			  const struct svclb_packet *packet,
			  const struct svclb_way *way)
{
	const struct svclb_flow *to = &svclb_way_other(way)->tuple;
	__be16 *ports = svclb_packet_at(skb, packet->transport);
	struct udphdr *udp = (void *)ports;

	switch (packet->tuple.proto) {
	case IPPROTO_TCP:
		svclb_translate_sum(&((struct tcphdr *)ports)->check, skb, way);
		break;
	case IPPROTO_UDP:
		if (unlikely(!udp->check && skb->ip_summed != CHECKSUM_PARTIAL))
			break;
		svclb_translate_sum(&udp->check, skb, way);
		if (unlikely(!udp->check))
			udp->check = CSUM_MANGLED_0;
		break;
	default:
		svclb_translate_sctp(skb, packet, way);
		return;
	}
	ports[0] = to->dport;
	ports[1] = to->sport;
}

#endif /* _SVCLB_TRANSLATE_H */
