// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dumps. One object a message; a dump that does not fit into one buffer goes on
 * at the id of the service and the place within it where it stopped. If the
 * configuration has changed in between, the messages after the change are marked
 * NLM_F_DUMP_INTR, and the reader asks again.
 *
 * Nothing is held between two buffers: objects may go, ids do not come back
 * soon.
 */
#include <net/sock.h>

#include "census.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"

/* @counts: whether the replies have the connections of backends */
static int start(struct netlink_callback *cb, bool counts)
{
	struct nlattr **attrs = genl_dumpit_info(cb)->attrs;
	struct svclb_net *sn = svclb_net(sock_net(cb->skb->sk));
	struct svclb_dump_position *position = svclb_dump_position(cb);
	struct svclb_service *service;
	int err = 0;

	*position = (struct svclb_dump_position){
		.counts = counts,
	};
	if (svclb_netlink_has_reference(attrs)) {
		mutex_lock(&sn->tables.lock);
		service = svclb_netlink_find(sn, attrs, true, cb->extack);
		if (IS_ERR(service)) {
			err = PTR_ERR(service);
		} else {
			position->id = service->id;
			position->only = service->id;
		}
		mutex_unlock(&sn->tables.lock);
	}
	if (!err && counts)
		svclb_census_take(sn);
	return err;
}

/**
 * svclb_nl_service_get_dump_start() - begin a dump of service-get
 * @cb: the dump
 *
 * Return: 0 or -EINVAL.
 */
int svclb_nl_service_get_dump_start(struct netlink_callback *cb)
{
	if (!svclb_netlink_has_reference(genl_dumpit_info(cb)->attrs))
		return start(cb, false);
	NL_SET_ERR_MSG(cb->extack, "a dump of services takes no attributes");
	return -EINVAL;
}

/**
 * svclb_nl_frontend_get_dump_start() - begin a dump of frontend-get
 * @cb: the dump
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_frontend_get_dump_start(struct netlink_callback *cb)
{
	return start(cb, false);
}

/**
 * svclb_nl_backend_get_dump_start() - begin a dump of backend-get
 * @cb: the dump
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_backend_get_dump_start(struct netlink_callback *cb)
{
	/* The tables of the other dumps end before this attribute. */
	return start(cb, genl_dumpit_info(cb)->attrs[SVCLB_A_SERVICE_COUNT_CONNECTIONS]);
}

/* Each of these writes what @position asks for, and moves it on by the way. */

static int dump_service(const struct svclb_fill *fill, struct svclb_net *sn,
			const struct svclb_service *service,
			struct svclb_dump_position *position)
{
	return svclb_fill_service(fill, sn, service);
}

static int dump_frontends(const struct svclb_fill *fill, struct svclb_net *sn,
			  const struct svclb_service *service,
			  struct svclb_dump_position *position)
{
	const struct svclb_frontend *frontend;
	u32 index = 0;
	int err;

	list_for_each_entry(frontend, &service->frontends, list) {
		if (index++ < position->index)
			continue;
		err = svclb_fill_frontend(fill, sn, frontend);
		if (err)
			return err;
		position->index++;
	}
	return 0;
}

static int dump_backends(const struct svclb_fill *fill, struct svclb_net *sn,
			 const struct svclb_service *service,
			 struct svclb_dump_position *position)
{
	const struct svclb_backend_set *set =
		svclb_service_set(&sn->tables, service);
	int err;

	for (; position->index < set->nr; position->index++) {
		err = svclb_fill_backend(fill, service,
					 &set->slots[position->index]);
		if (err)
			return err;
	}
	return 0;
}

static int dump_source_ranges(const struct svclb_fill *fill,
			      struct svclb_net *sn,
			      const struct svclb_service *service,
			      struct svclb_dump_position *position)
{
	const struct svclb_ranges *ranges =
		svclb_service_set(&sn->tables, service)->terms.ranges;
	int err;

	for (; ranges && position->index < ranges->nr; position->index++) {
		err = svclb_fill_source_range(fill, service,
					      &ranges->networks[position->index]);
		if (err)
			return err;
	}
	return 0;
}

static int dump(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		int (*dump_one)(const struct svclb_fill *fill,
				struct svclb_net *sn,
				const struct svclb_service *service,
				struct svclb_dump_position *position))
{
	struct svclb_net *sn = svclb_net(sock_net(cb->skb->sk));
	struct svclb_dump_position *position = svclb_dump_position(cb);
	struct svclb_fill fill = {
		.skb = skb,
		.portid = NETLINK_CB(cb->skb).portid,
		.seq = cb->nlh->nlmsg_seq,
		.flags = NLM_F_MULTI,
		.cmd = cmd,
		.cb = cb,
		.counts = position->counts,
	};
	struct svclb_service *service;

	mutex_lock(&sn->tables.lock);
	cb->seq = sn->sequence;
	while ((service = svclb_service_next(&sn->tables, position->id))) {
		if (position->only && position->only != service->id)
			break;
		if (service->id != position->id)
			position->index = 0;
		position->id = service->id;
		if (dump_one(&fill, sn, service, position))
			break;
		position->index = 0;
		if (++position->id == 0)
			break;
	}
	mutex_unlock(&sn->tables.lock);
	return skb->len;
}

/**
 * svclb_nl_service_get_dumpit() - go on with a dump of service-get
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: how much was written, 0 at the end.
 */
int svclb_nl_service_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	return dump(skb, cb, SVCLB_CMD_SERVICE_GET, dump_service);
}

/**
 * svclb_nl_frontend_get_dumpit() - go on with a dump of frontend-get
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: how much was written, 0 at the end.
 */
int svclb_nl_frontend_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb)
{
	return dump(skb, cb, SVCLB_CMD_FRONTEND_GET, dump_frontends);
}

/**
 * svclb_nl_backend_get_dumpit() - go on with a dump of backend-get
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: how much was written, 0 at the end.
 */
int svclb_nl_backend_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	return dump(skb, cb, SVCLB_CMD_BACKEND_GET, dump_backends);
}

/**
 * svclb_nl_source_range_get_dump_start() - begin a dump of source ranges
 * @cb: the dump
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_source_range_get_dump_start(struct netlink_callback *cb)
{
	return start(cb, false);
}

/**
 * svclb_nl_source_range_get_dumpit() - fill a buffer with source ranges
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: length of the buffer; 0 at the end.
 */
int svclb_nl_source_range_get_dumpit(struct sk_buff *skb,
				     struct netlink_callback *cb)
{
	return dump(skb, cb, SVCLB_CMD_SOURCE_RANGE_GET, dump_source_ranges);
}
