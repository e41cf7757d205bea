// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flows of the direct datapath: a dump of them, and their deletion.
 *
 * A dump goes on with the stripe of the table where it stopped, and there behind as
 * many flows as it has written. Flows come and go without the configuration lock:
 * one that does so during a dump may be in it or not, or twice.
 */
#include <net/sock.h>

#include "flow.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "netlink_reply.h"
#include "resolve.h"

/**
 * struct filter - which flows a request is about
 * @sn:      the namespace
 * @attrs:   what the request gives
 * @service: id of the service, or 0 for any
 * @count:   how many flows agreed
 */
struct filter {
	struct svclb_net *sn;
	struct nlattr **attrs;
	u32 service;
	u32 count;
};

/**
 * struct flow_dump - a buffer of a dump
 * @filter:   which flows
 * @fill:     the message
 * @position: @id is the stripe, @index how many of it were looked at
 * @index:    how many of it were passed
 * @full:     nothing more goes in
 */
struct flow_dump {
	struct filter filter;
	struct svclb_fill fill;
	struct svclb_dump_position *position;
	u32 index;
	bool full;
};

static int find_service(struct filter *filter, struct netlink_ext_ack *extack)
{
	struct nlattr *id = filter->attrs[SVCLB_A_FLOW_SERVICE_ID];
	struct nlattr *name = filter->attrs[SVCLB_A_FLOW_SERVICE_NAME];
	struct svclb_tables *tables = &filter->sn->tables;
	struct svclb_service *service;

	filter->service = 0;
	if (!id && !name)
		return 0;
	mutex_lock(&tables->lock);
	service = id ? svclb_service_by_id(tables, nla_get_u32(id)) :
		       svclb_service_by_name(tables, nla_data(name));
	if (service && (!name || !strcmp(service->name, nla_data(name))))
		filter->service = service->id;
	mutex_unlock(&tables->lock);
	if (filter->service)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, name ?: id, "no such service");
	return -ENOENT;
}

static bool has_addr(struct nlattr **attrs, int attr4, int attr6, u8 family,
		     const union nf_inet_addr *addr)
{
	if (attrs[attr4] && (family != NFPROTO_IPV4 ||
			     nla_get_in_addr(attrs[attr4]) != addr->ip))
		return false;
	return !attrs[attr6] ||
	       (family == NFPROTO_IPV6 &&
		!memcmp(nla_data(attrs[attr6]), &addr->in6,
			sizeof(addr->in6)));
}

static bool has_port(const struct nlattr *attr, __be16 port)
{
	return !attr || nla_get_be16(attr) == port;
}

static u32 service_of(struct svclb_net *sn, const struct svclb_flow *flow,
		      const struct svclb_service **service)
{
	struct svclb_frontend *frontend;

	*service = NULL;
	if (svclb_resolve_frontend(sn, flow, &frontend) ==
	    SVCLB_MATCH_FRONTEND)
		*service = frontend->service;
	return *service ? (*service)->id : 0;
}

static bool agrees(const struct filter *filter, const struct svclb_conn *conn)
{
	const struct svclb_flow *flow = &conn->way[SVCLB_ORIGINAL].tuple;
	const struct svclb_flow *reply = &conn->way[SVCLB_REPLY].tuple;
	struct nlattr **attrs = filter->attrs;
	const struct svclb_service *service;

	return (!attrs[SVCLB_A_FLOW_PROTOCOL] ||
		nla_get_u8(attrs[SVCLB_A_FLOW_PROTOCOL]) == flow->proto) &&
	       (!attrs[SVCLB_A_FLOW_STATE] ||
		nla_get_u8(attrs[SVCLB_A_FLOW_STATE]) ==
		READ_ONCE(conn->state)) &&
	       has_addr(attrs, SVCLB_A_FLOW_CLIENT4, SVCLB_A_FLOW_CLIENT6,
			flow->family, &flow->src) &&
	       has_port(attrs[SVCLB_A_FLOW_CLIENT_PORT], flow->sport) &&
	       has_addr(attrs, SVCLB_A_FLOW_DESTINATION4,
			SVCLB_A_FLOW_DESTINATION6, flow->family, &flow->dst) &&
	       has_port(attrs[SVCLB_A_FLOW_DESTINATION_PORT], flow->dport) &&
	       has_addr(attrs, SVCLB_A_FLOW_BACKEND4, SVCLB_A_FLOW_BACKEND6,
			reply->family, &reply->src) &&
	       has_port(attrs[SVCLB_A_FLOW_BACKEND_PORT], reply->sport) &&
	       (!filter->service ||
		service_of(filter->sn, flow, &service) == filter->service) &&
	       !svclb_conn_is_over(conn, rcu_dereference(filter->sn->settings));
}

static bool dump_one(struct svclb_conn *conn, void *data)
{
	struct flow_dump *dump = data;
	const struct svclb_service *service;

	if (dump->full || dump->index++ < dump->position->index)
		return false;
	if (agrees(&dump->filter, conn)) {
		service_of(dump->filter.sn, &conn->way[SVCLB_ORIGINAL].tuple,
			   &service);
		dump->full = svclb_fill_flow(&dump->fill, conn, service,
					     rcu_dereference(dump->filter.sn->settings));
	}
	if (!dump->full)
		dump->position->index++;
	return false;
}

/**
 * svclb_nl_flow_get_dump_start() - begin a dump of the flows
 * @cb: the dump
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_flow_get_dump_start(struct netlink_callback *cb)
{
	struct svclb_dump_position *position = svclb_dump_position(cb);
	struct filter filter = {
		.sn = svclb_net(sock_net(cb->skb->sk)),
		.attrs = genl_dumpit_info(cb)->attrs,
	};
	int err;

	*position = (struct svclb_dump_position){};
	err = find_service(&filter, cb->extack);
	position->only = filter.service;
	return err;
}

/**
 * svclb_nl_flow_get_dumpit() - fill a buffer with flows
 * @skb: the buffer
 * @cb:  the dump
 *
 * Return: length of the buffer; 0 at the end.
 */
int svclb_nl_flow_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct svclb_dump_position *position = svclb_dump_position(cb);
	struct svclb_net *sn = svclb_net(sock_net(cb->skb->sk));
	struct svclb_flow_table *flows = svclb_net_flows(sn);
	struct flow_dump dump = {
		.filter = {
			.sn = sn,
			.attrs = genl_dumpit_info(cb)->attrs,
			.service = position->only,
		},
		.fill = {
			.skb = skb,
			.portid = NETLINK_CB(cb->skb).portid,
			.seq = cb->nlh->nlmsg_seq,
			.flags = NLM_F_MULTI,
			.cmd = SVCLB_CMD_FLOW_GET,
		},
		.position = position,
	};

	while (flows && position->id < SVCLB_FLOW_STRIPES) {
		dump.index = 0;
		rcu_read_lock();
		svclb_flow_walk_stripe(flows, position->id, dump_one, &dump);
		rcu_read_unlock();
		if (dump.full)
			break;
		position->id++;
		position->index = 0;
		cond_resched();
	}
	return skb->len;
}

static bool delete_one(struct svclb_conn *conn, void *data)
{
	struct filter *filter = data;

	if (!agrees(filter, conn))
		return false;
	filter->count++;
	return true;
}

/**
 * svclb_nl_flow_del_doit() - request flow-del
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_flow_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct filter filter = {
		.sn = svclb_netlink_net(info),
		.attrs = info->attrs,
	};
	struct svclb_fill fill;
	int err;

	err = find_service(&filter, info->extack) ?:
	      svclb_reply_init(&fill, info, SVCLB_CMD_FLOW_DEL);
	if (err)
		return err;
	svclb_flow_walk(svclb_net_flows(filter.sn), delete_one,
			&filter);
	return svclb_reply_send(&fill, info,
				svclb_fill_flow_count(&fill, filter.count));
}
