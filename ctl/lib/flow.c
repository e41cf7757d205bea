// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flows of the direct datapath.
 */
#include "flow.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

#include "codec.h"
#include "uapi/svclb.h"

/**
 * struct side_attrs - the attributes of a side
 * @addr4: IPv4 address
 * @addr6: IPv6 address
 * @port:  port
 */
struct side_attrs {
	int addr4;
	int addr6;
	int port;
};

static const struct side_attrs side_attrs[SVCLB_SIDES] = {
	[SVCLB_SIDE_CLIENT] = {
		SVCLB_A_FLOW_CLIENT4, SVCLB_A_FLOW_CLIENT6,
		SVCLB_A_FLOW_CLIENT_PORT,
	},
	[SVCLB_SIDE_DESTINATION] = {
		SVCLB_A_FLOW_DESTINATION4, SVCLB_A_FLOW_DESTINATION6,
		SVCLB_A_FLOW_DESTINATION_PORT,
	},
	[SVCLB_SIDE_BACKEND] = {
		SVCLB_A_FLOW_BACKEND4, SVCLB_A_FLOW_BACKEND6,
		SVCLB_A_FLOW_BACKEND_PORT,
	},
	[SVCLB_SIDE_SOURCE] = {
		SVCLB_A_FLOW_SOURCE4, SVCLB_A_FLOW_SOURCE6,
		SVCLB_A_FLOW_SOURCE_PORT,
	},
};

static int put_side(struct nl_msg *msg, const struct svclb_flow_filter *filter,
		    int side)
{
	const struct side_attrs *attrs = &side_attrs[side];
	const struct svclb_endpoint *endpoint = &filter->sides[side];
	uint8_t family = filter->families[side];
	int failures = 0;

	if (family)
		failures = nla_put(msg, family == AF_INET ? attrs->addr4 :
							    attrs->addr6,
				   (int)svclb_family_length(family),
				   endpoint->addr);
	if (endpoint->port)
		failures |= nla_put_u16(msg, attrs->port,
					htons(endpoint->port));
	return failures;
}

static struct nl_msg *request(struct svclb_nl *nl, uint8_t cmd,
			      const struct svclb_flow_filter *filter,
			      struct svclb_err *err)
{
	struct nl_msg *msg;
	int side, failures = 0;

	msg = svclb_nl_request(nl, cmd, 0, svclb_codec_size(1), err);
	if (!msg)
		return NULL;
	if (filter->service_id)
		failures |= nla_put_u32(msg, SVCLB_A_FLOW_SERVICE_ID,
					filter->service_id);
	if (filter->proto)
		failures |= nla_put_u8(msg, SVCLB_A_FLOW_PROTOCOL,
				       filter->proto);
	if (filter->state >= 0)
		failures |= nla_put_u8(msg, SVCLB_A_FLOW_STATE,
				       (uint8_t)filter->state);
	for (side = 0; side < SVCLB_SIDE_SOURCE; side++)
		failures |= put_side(msg, filter, side);
	if (!failures)
		return msg;
	nlmsg_free(msg);
	svclb_err_memory(err);
	return NULL;
}

static void get_side(struct svclb_flow *flow, const struct nlattr *attr)
{
	int side, type = nla_type(attr);

	for (side = 0; side < SVCLB_SIDES; side++) {
		const struct side_attrs *attrs = &side_attrs[side];
		struct svclb_endpoint *endpoint = &flow->sides[side];

		if (type == attrs->port && nla_len(attr) >= 2)
			endpoint->port = ntohs(nla_get_u16(attr));
		if (type != attrs->addr4 && type != attrs->addr6)
			continue;
		flow->family = type == attrs->addr4 ? AF_INET : AF_INET6;
		if (nla_len(attr) == (int)svclb_family_length(flow->family))
			memcpy(endpoint->addr, nla_data(attr), nla_len(attr));
	}
}

static void get_attr(struct svclb_flow *flow, const struct nlattr *attr)
{
	int length = nla_len(attr);

	switch (nla_type(attr)) {
	case SVCLB_A_FLOW_SERVICE_ID:
		if (length >= 4)
			flow->service_id = nla_get_u32(attr);
		break;
	case SVCLB_A_FLOW_SERVICE_NAME:
		if (length > 0 && memchr(nla_data(attr), 0, length))
			flow->service_name = nla_data(attr);
		break;
	case SVCLB_A_FLOW_PROTOCOL:
		if (length >= 1)
			flow->proto = nla_get_u8(attr);
		break;
	case SVCLB_A_FLOW_STATE:
		if (length >= 1)
			flow->state = nla_get_u8(attr);
		break;
	case SVCLB_A_FLOW_EXPIRES:
		if (length >= 4)
			flow->expires = nla_get_u32(attr);
		break;
	default:
		get_side(flow, attr);
		break;
	}
}

/**
 * svclb_flow_get() - read a message about a flow
 * @flow: for the flow; its name is in the message
 * @msg:  the message
 * @err:  for errors
 *
 * Return: 0, or -1 if something is missing that every such message has.
 */
int svclb_flow_get(struct svclb_flow *flow, const struct nlmsghdr *msg,
		   struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	*flow = (struct svclb_flow){ 0 };
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		get_attr(flow, attr);
	if (flow->family && flow->proto)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "the kernel's message lacks addresses or protocol of a flow");
}

/**
 * struct flow_dump - flows that are being read
 * @handle: what to do with each
 * @data:   for @handle
 */
struct flow_dump {
	svclb_flow_handler handle;
	void *data;
};

static int on_flow(void *data, const struct nlmsghdr *msg,
		   struct svclb_err *err)
{
	const struct flow_dump *dump = data;
	struct svclb_flow flow;

	if (svclb_flow_get(&flow, msg, err))
		return -1;
	return dump->handle(dump->data, &flow, err);
}

/**
 * svclb_flow_dump() - read flows
 * @nl:     the connection to the module
 * @filter: which
 * @handle: what to do with each, in no order
 * @data:   for @handle
 * @err:    for errors
 *
 * Flows come and go all the time: those that do so meanwhile may lack.
 *
 * Return: 0 or -1.
 */
int svclb_flow_dump(struct svclb_nl *nl, const struct svclb_flow_filter *filter,
		    svclb_flow_handler handle, void *data,
		    struct svclb_err *err)
{
	struct flow_dump dump = { handle, data };
	struct nl_msg *msg = request(nl, SVCLB_CMD_FLOW_GET, filter, err);

	if (!msg)
		return -1;
	return svclb_nl_dump(nl, msg, on_flow, &dump, err) < 0 ? -1 : 0;
}

static int on_count(void *data, const struct nlmsghdr *msg,
		    struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	uint32_t *count = data;
	int rem;

	(void)err;
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		if (nla_type(attr) == SVCLB_A_FLOW_COUNT && nla_len(attr) >= 4)
			*count = nla_get_u32(attr);
	return 0;
}

/**
 * svclb_flow_delete() - delete flows
 * @nl:     the connection to the module
 * @filter: which
 * @count:  for how many were deleted
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_flow_delete(struct svclb_nl *nl,
		      const struct svclb_flow_filter *filter, uint32_t *count,
		      struct svclb_err *err)
{
	struct nl_msg *msg = request(nl, SVCLB_CMD_FLOW_DEL, filter, err);

	*count = 0;
	return msg ? svclb_nl_call(nl, msg, on_count, count, err) : -1;
}
