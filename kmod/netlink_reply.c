// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replies and notifications: begin, fill with a function of netlink_fill.c, send.
 */
#include "netlink_reply.h"

#include "netlink.h"
#include "netlink_gen.h"

/* More than one takes in a message. */
#define NETWORK_SIZE 40
#define CANDIDATE_SIZE 112

/* Most messages are small; what has lists in it gets room for the longest. */
static size_t size_of(u8 cmd)
{
	switch (cmd) {
	case SVCLB_CMD_SETTINGS_GET:
	case SVCLB_CMD_SETTINGS_SET_NTF:
		return GENLMSG_DEFAULT_SIZE + SVCLB_NETWORK_LISTS *
		       SVCLB_CLUSTER_NETWORKS_MAX * NETWORK_SIZE;
	case SVCLB_CMD_RESOLVE:
		return GENLMSG_DEFAULT_SIZE +
		       SVCLB_CANDIDATES_MAX * CANDIDATE_SIZE;
	default:
		return GENLMSG_DEFAULT_SIZE;
	}
}

/**
 * svclb_reply_init() - begin the reply to a request
 * @fill: for the message
 * @info: the request
 * @cmd:  enum svclb_cmd
 *
 * Return: 0 or -ENOMEM.
 */
int svclb_reply_init(struct svclb_fill *fill, struct genl_info *info, u8 cmd)
{
	*fill = (struct svclb_fill){
		.skb = genlmsg_new(size_of(cmd), GFP_KERNEL),
		.portid = info->snd_portid,
		.seq = info->snd_seq,
		.cmd = cmd,
	};
	return fill->skb ? 0 : -ENOMEM;
}

/**
 * svclb_reply_send() - send a reply, or give it up
 * @fill: the message
 * @info: the request
 * @err:  what filling it returned
 *
 * Return: 0, or a negative error code.
 */
int svclb_reply_send(struct svclb_fill *fill, struct genl_info *info, int err)
{
	if (!err)
		return genlmsg_reply(fill->skb, info);
	nlmsg_free(fill->skb);
	return err;
}

/**
 * svclb_notify_init() - begin a notification
 * @fill: for the message
 * @info: the request that it tells of
 * @cmd:  enum svclb_cmd
 *
 * A message that cannot be made is not sent: the listeners' sockets note the
 * loss, so that they know that they must ask.
 *
 * Return: whether there is anyone to tell and a message to fill.
 */
bool svclb_notify_init(struct svclb_fill *fill, struct genl_info *info, u8 cmd)
{
	if (!genl_has_listeners(&svclb_genl_family, genl_info_net(info),
				SVCLB_NL_MCGRP_CONFIG) &&
	    !(info->nlhdr->nlmsg_flags & NLM_F_ECHO))
		return false;
	if (!svclb_reply_init(fill, info, cmd))
		return true;
	svclb_notify_send(fill, info, -ENOBUFS);
	return false;
}

/**
 * svclb_notify_send() - send a notification to all who listen
 * @fill: the message
 * @info: the request that it tells of
 * @err:  what filling it returned
 *
 * The caller holds the configuration lock, so that notifications come in the
 * order of the changes.
 */
void svclb_notify_send(struct svclb_fill *fill, struct genl_info *info,
		       int err)
{
	if (!err) {
		genl_notify(&svclb_genl_family, fill->skb, info,
			    SVCLB_NL_MCGRP_CONFIG, GFP_KERNEL);
		return;
	}
	nlmsg_free(fill->skb);
	genl_set_err(&svclb_genl_family, genl_info_net(info), 0,
		     SVCLB_NL_MCGRP_CONFIG, -ENOBUFS);
}

/**
 * svclb_notify_later() - put a notification aside
 * @fill:  the message, of something that a request is about to remove
 * @queue: where to
 * @err:   what filling it returned; an error leaves the message out
 */
void svclb_notify_later(struct svclb_fill *fill, struct sk_buff_head *queue,
			int err)
{
	if (err)
		nlmsg_free(fill->skb);
	else
		__skb_queue_tail(queue, fill->skb);
}

/**
 * svclb_notify_queued() - send what was put aside, or throw it away
 * @queue: where it is
 * @info:  the request that it tells of
 * @err:   how the request ended; nothing is sent of a refused one
 *
 * The caller holds the configuration lock.
 */
void svclb_notify_queued(struct sk_buff_head *queue, struct genl_info *info,
			 int err)
{
	struct svclb_fill fill;

	while ((fill.skb = __skb_dequeue(queue)))
		if (err)
			nlmsg_free(fill.skb);
		else
			svclb_notify_send(&fill, info, 0);
}

/**
 * svclb_notify_drained() - tell that a backend has no connection any more
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @slot:    the backend in the service's set
 */
void svclb_notify_drained(struct svclb_net *sn,
			  const struct svclb_service *service,
			  const struct svclb_backend_slot *slot)
{
	struct svclb_fill fill = { .cmd = SVCLB_CMD_BACKEND_DRAINED_NTF };

	if (!genl_has_listeners(&svclb_genl_family, sn->net,
				SVCLB_NL_MCGRP_CONFIG))
		return;
	fill.skb = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (fill.skb && !svclb_fill_backend(&fill, service, slot)) {
		genlmsg_multicast_netns(&svclb_genl_family, sn->net, fill.skb,
					0, SVCLB_NL_MCGRP_CONFIG, GFP_KERNEL);
		return;
	}
	nlmsg_free(fill.skb);
	genl_set_err(&svclb_genl_family, sn->net, 0, SVCLB_NL_MCGRP_CONFIG,
		     -ENOBUFS);
}
