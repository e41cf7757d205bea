// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dry run, and the dump of client affinity.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "netlink_parse.h"
#include "netlink_reply.h"

static int parse_flow(struct genl_info *info, struct svclb_flow *flow)
{
	const struct nlattr *interface =
		info->attrs[SVCLB_A_RESOLUTION_INTERFACE];
	const struct nlattr *dport =
		info->attrs[SVCLB_A_RESOLUTION_DESTINATION_PORT];
	const struct nlattr *sport = info->attrs[SVCLB_A_RESOLUTION_SOURCE_PORT];
	const struct nlattr *proto = info->attrs[SVCLB_A_RESOLUTION_PROTOCOL];
	u8 family = NFPROTO_UNSPEC;
	int err;

	*flow = (struct svclb_flow){};
	if (!proto || !dport) {
		GENL_SET_ERR_MSG(info, "protocol or port is missing");
		return -EINVAL;
	}
	err = svclb_parse_address(NULL, info->attrs[SVCLB_A_RESOLUTION_SOURCE4],
				  info->attrs[SVCLB_A_RESOLUTION_SOURCE6],
				  &family, &flow->src, info->extack) ?:
	      svclb_parse_address(NULL,
				  info->attrs[SVCLB_A_RESOLUTION_DESTINATION4],
				  info->attrs[SVCLB_A_RESOLUTION_DESTINATION6],
				  &family, &flow->dst, info->extack);
	if (err)
		return err;
	flow->family = family;
	flow->proto = nla_get_u8(proto);
	flow->dport = nla_get_be16(dport);
	if (sport)
		flow->sport = nla_get_be16(sport);
	if (interface)
		flow->iif = nla_get_u32(interface);
	if (flow->iif >= 0)
		return 0;
	NL_SET_ERR_MSG_ATTR(info->extack, interface, "no interface has this index");
	return -EINVAL;
}

/**
 * svclb_nl_resolve_doit() - handle resolve
 * @skb:  the request
 * @info: the request, parsed
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_resolve_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_flow flow;
	struct svclb_fill fill;
	int err;

	err = parse_flow(info, &flow) ?:
	      svclb_reply_init(&fill, info, SVCLB_CMD_RESOLVE);
	if (err)
		return err;
	mutex_lock(&sn->tables.lock);
	rcu_read_lock();
	err = svclb_fill_resolution(&fill, sn, &flow);
	rcu_read_unlock();
	mutex_unlock(&sn->tables.lock);
	return svclb_reply_send(&fill, info, err);
}

/**
 * struct affinity_walk - where a dump of the affinity entries is
 * @iter: position in the hash table
 */
struct affinity_walk {
	struct rhashtable_iter iter;
};

/**
 * svclb_nl_affinity_get_dump_start() - begin a dump of the affinity entries
 * @cb: the dump
 *
 * Return: 0 or -ENOMEM.
 */
int svclb_nl_affinity_get_dump_start(struct netlink_callback *cb)
{
	struct svclb_net *sn = svclb_net(sock_net(cb->skb->sk));
	struct svclb_dump_position *position = svclb_dump_position(cb);
	struct affinity_walk *walk;

	*position = (struct svclb_dump_position){};
	walk = kzalloc(sizeof(*walk), GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;
	rhashtable_walk_enter(&sn->affinity.entries, &walk->iter);
	position->walk = walk;
	return 0;
}

/* Return: whether the buffer is full. */
static bool dump_entry(const struct svclb_fill *fill, struct svclb_net *sn,
		       struct svclb_affinity_entry *entry)
{
	const struct svclb_service *service;

	/* An entry outlives its service. */
	service = xa_load(&sn->tables.ids, entry->key.service);
	return service && !svclb_affinity_is_over(entry) &&
	       svclb_fill_affinity(fill, service, entry);
}

/**
 * svclb_nl_affinity_get_dumpit() - fill a buffer with affinity entries
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: length of the buffer; 0 at the end.
 */
int svclb_nl_affinity_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	struct svclb_net *sn = svclb_net(sock_net(cb->skb->sk));
	struct affinity_walk *walk = svclb_dump_position(cb)->walk;
	struct svclb_fill fill = {
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = SVCLB_CMD_AFFINITY_GET,
	};
	struct svclb_affinity_entry *entry;

	rhashtable_walk_start(&walk->iter);
	for (entry = rhashtable_walk_peek(&walk->iter); entry;
	     entry = rhashtable_walk_next(&walk->iter)) {
		/* The table is being resized: some may come twice. */
		if (IS_ERR(entry))
			continue;
		if (dump_entry(&fill, sn, entry))
			break;
	}
	rhashtable_walk_stop(&walk->iter);
	return skb->len;
}

/**
 * svclb_nl_dump_done() - end a dump of any kind
 * @cb: the dump
 *
 * Return: 0.
 */
int svclb_nl_dump_done(struct netlink_callback *cb)
{
	struct affinity_walk *walk = svclb_dump_position(cb)->walk;

	if (walk)
		rhashtable_walk_exit(&walk->iter);
	kfree(walk);
	return 0;
}
