// SPDX-License-Identifier: GPL-2.0-only
/*
 * Virtual servers of IPVS.
 */
#include "ipvs.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/text.h"

/* Where attributes begin. */
#define HEADER ((int)sizeof(struct genlmsghdr))

static struct nl_msg *request(uint16_t family, uint8_t command, uint8_t version)
{
	const struct genlmsghdr header = { .cmd = command, .version = version };
	struct nl_msg *msg = nlmsg_alloc_simple(family, 0);

	if (msg && nlmsg_append(msg, (void *)&header, sizeof(header),
				NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* An attribute of at least that length within another one, or NULL. */
static struct nlattr *find(const struct nlattr *in, int type, int len)
{
	struct nlattr *found = nla_find(nla_data(in), nla_len(in), type);

	return found && nla_len(found) >= len ? found : NULL;
}

static struct nlattr *find_first(struct nlmsghdr *reply, int type, int len)
{
	struct nlattr *found;

	if (!nlmsg_valid_hdr(reply, HEADER))
		return NULL;
	found = nlmsg_find_attr(reply, HEADER, type);
	return found && nla_len(found) >= len ? found : NULL;
}

/* Asked for by its name, the kernel would load the module. */
static uint16_t find_family(const struct svclb_replies *replies)
{
	struct nlattr *name, *id;
	struct nlmsghdr *reply = NULL;

	while ((reply = svclb_replies_next(replies, reply))) {
		name = find_first(reply, CTRL_ATTR_FAMILY_NAME,
				  sizeof(IPVS_GENL_NAME));
		id = find_first(reply, CTRL_ATTR_FAMILY_ID, sizeof(uint16_t));
		if (name && id && !memcmp(nla_data(name), IPVS_GENL_NAME,
					  sizeof(IPVS_GENL_NAME)))
			return nla_get_u16(id);
	}
	return 0;
}

/**
 * svclb_ipvs_open() - connect to IPVS
 * @ipvs: for the connection; to be closed in any case
 * @err:  for errors
 *
 * Return: 0, 1 if the kernel does not have it, or -1.
 */
int svclb_ipvs_open(struct svclb_ipvs *ipvs, struct svclb_err *err)
{
	struct svclb_replies replies = { 0 };
	struct nl_msg *msg;
	int result;

	ipvs->family = 0;
	result = svclb_netlink_open(&ipvs->nl, NETLINK_GENERIC, err);
	if (result)
		return result;
	msg = request(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	if (!msg)
		return svclb_err_memory(err);
	result = svclb_netlink_dump(&ipvs->nl, msg, &replies);
	nlmsg_free(msg);
	if (result)
		svclb_err_system(err, "families of generic netlink", -result);
	else
		ipvs->family = find_family(&replies);
	svclb_replies_uninit(&replies);
	if (result)
		return -1;
	return ipvs->family ? 0 : 1;
}

/**
 * svclb_ipvs_close() - end a connection
 * @ipvs: the connection
 */
void svclb_ipvs_close(struct svclb_ipvs *ipvs)
{
	svclb_netlink_close(&ipvs->nl);
}

/* One that goes by firewall marks has no address, and is not kube-proxy's. */
static bool read_server(struct nlmsghdr *reply, struct svclb_key *server)
{
	struct nlattr *service, *family, *proto, *addr, *port;

	service = find_first(reply, IPVS_CMD_ATTR_SERVICE, 0);
	if (!service || find(service, IPVS_SVC_ATTR_FWMARK, 0))
		return false;
	family = find(service, IPVS_SVC_ATTR_AF, sizeof(uint16_t));
	proto = find(service, IPVS_SVC_ATTR_PROTOCOL, sizeof(uint16_t));
	addr = find(service, IPVS_SVC_ATTR_ADDR, sizeof(server->addr));
	port = find(service, IPVS_SVC_ATTR_PORT, sizeof(uint16_t));
	if (!family || !proto || !addr || !port)
		return false;
	*server = (struct svclb_key){
		.family = nla_get_u16(family),
		.proto = nla_get_u16(proto),
		.port = ntohs(nla_get_u16(port)),
	};
	if (server->family != AF_INET && server->family != AF_INET6)
		return false;
	memcpy(server->addr, nla_data(addr),
	       svclb_family_length(server->family));
	return true;
}

/**
 * svclb_ipvs_read_servers() - read the virtual servers of a dump
 * @servers: for the servers, all zero; the caller frees what they are in
 * @replies: the dump
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_ipvs_read_servers(struct svclb_ipvs_servers *servers,
			    const struct svclb_replies *replies)
{
	struct nlmsghdr *reply = NULL;
	uint32_t nr = 0;

	while ((reply = svclb_replies_next(replies, reply)))
		nr++;
	servers->at = calloc(nr ? nr : 1, sizeof(*servers->at));
	if (!servers->at)
		return -ENOMEM;
	while ((reply = svclb_replies_next(replies, reply)))
		if (read_server(reply, &servers->at[servers->nr]))
			servers->nr++;
	return 0;
}

/**
 * svclb_ipvs_list() - list virtual servers
 * @ipvs:    the connection
 * @servers: for the servers, all zero; the caller frees what they are in
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipvs_list(struct svclb_ipvs *ipvs, struct svclb_ipvs_servers *servers,
		    struct svclb_err *err)
{
	struct svclb_replies replies = { 0 };
	struct nl_msg *msg;
	int result = -ENOMEM;

	msg = request(ipvs->family, IPVS_CMD_GET_SERVICE, IPVS_GENL_VERSION);
	if (msg)
		result = svclb_netlink_dump(&ipvs->nl, msg, &replies);
	nlmsg_free(msg);
	if (!result)
		result = svclb_ipvs_read_servers(servers, &replies);
	svclb_replies_uninit(&replies);
	return result ? svclb_err_system(err, "IPVS", -result) : 0;
}

static struct nl_msg *about(const struct svclb_ipvs *ipvs, uint8_t command,
			    const struct svclb_key *server)
{
	struct nl_msg *msg = request(ipvs->family, command, IPVS_GENL_VERSION);
	struct nlattr *service = NULL;

	if (msg)
		service = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	if (service && !nla_put_u16(msg, IPVS_SVC_ATTR_AF, server->family) &&
	    !nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, server->proto) &&
	    !nla_put(msg, IPVS_SVC_ATTR_ADDR, sizeof(server->addr),
		     server->addr) &&
	    !nla_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(server->port))) {
		nla_nest_end(msg, service);
		return msg;
	}
	nlmsg_free(msg);
	return NULL;
}

static int fail(const struct svclb_key *server, int number,
		struct svclb_err *err)
{
	char text[SVCLB_KEY_TEXT];

	svclb_text_key(text, server);
	svclb_err_system(err, text, -number);
	return svclb_err_prefix(err, "IPVS: ");
}

/* None if the server is gone. */
static int dump_destinations(struct svclb_ipvs *ipvs,
			     const struct svclb_key *server,
			     struct svclb_replies *replies,
			     struct svclb_err *err)
{
	struct nl_msg *msg = about(ipvs, IPVS_CMD_GET_DEST, server);
	int result = -ENOMEM;

	if (msg)
		result = svclb_netlink_dump(&ipvs->nl, msg, replies);
	nlmsg_free(msg);
	return result ? fail(server, result, err) : 0;
}

static uint32_t number_of(const struct nlattr *destination, int type)
{
	struct nlattr *number = find(destination, type, sizeof(uint32_t));

	return number ? nla_get_u32(number) : 0;
}

/**
 * svclb_ipvs_count() - count the connections of a virtual server
 * @ipvs:        the connection to IPVS
 * @server:      the virtual server
 * @connections: for their number; those that are being closed count too
 * @err:         for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipvs_count(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		     uint64_t *connections, struct svclb_err *err)
{
	struct svclb_replies replies = { 0 };
	struct nlattr *destination;
	struct nlmsghdr *reply = NULL;
	int result = dump_destinations(ipvs, server, &replies, err);

	*connections = 0;
	while ((reply = svclb_replies_next(&replies, reply))) {
		destination = find_first(reply, IPVS_CMD_ATTR_DEST, 0);
		if (!destination)
			continue;
		*connections += number_of(destination,
					  IPVS_DEST_ATTR_ACTIVE_CONNS);
		*connections += number_of(destination,
					  IPVS_DEST_ATTR_INACT_CONNS);
	}
	svclb_replies_uninit(&replies);
	return result;
}

/* All that it has, but the weight. */
static struct nl_msg *set_weight(const struct svclb_ipvs *ipvs,
				 const struct svclb_key *server,
				 const struct nlattr *destination)
{
	static const int kept[] = {
		IPVS_DEST_ATTR_ADDR, IPVS_DEST_ATTR_PORT,
		IPVS_DEST_ATTR_ADDR_FAMILY, IPVS_DEST_ATTR_FWD_METHOD,
		IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_L_THRESH,
		IPVS_DEST_ATTR_TUN_TYPE, IPVS_DEST_ATTR_TUN_PORT,
		IPVS_DEST_ATTR_TUN_FLAGS,
	};
	struct nl_msg *msg = about(ipvs, IPVS_CMD_SET_DEST, server);
	struct nlattr *to = NULL, *value;
	size_t i;

	if (msg)
		to = nla_nest_start(msg, IPVS_CMD_ATTR_DEST);
	for (i = 0; to && i < sizeof(kept) / sizeof(*kept); i++) {
		value = find(destination, kept[i], 0);
		if (value && nla_put(msg, kept[i], nla_len(value),
				     nla_data(value)))
			to = NULL;
	}
	if (to && !nla_put_u32(msg, IPVS_DEST_ATTR_WEIGHT, 0)) {
		nla_nest_end(msg, to);
		return msg;
	}
	nlmsg_free(msg);
	return NULL;
}

/**
 * svclb_ipvs_quiesce() - have a virtual server take no new connections
 * @ipvs:   the connection to IPVS
 * @server: the virtual server
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipvs_quiesce(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		       struct svclb_err *err)
{
	struct svclb_replies replies = { 0 };
	struct nlattr *destination;
	struct nlmsghdr *reply = NULL;
	struct nl_msg *msg;
	int result = dump_destinations(ipvs, server, &replies, err), number;

	while ((reply = svclb_replies_next(&replies, reply))) {
		destination = find_first(reply, IPVS_CMD_ATTR_DEST, 0);
		if (!destination ||
		    !number_of(destination, IPVS_DEST_ATTR_WEIGHT))
			continue;
		msg = set_weight(ipvs, server, destination);
		number = msg ? svclb_netlink_call(&ipvs->nl, msg) : -ENOMEM;
		nlmsg_free(msg);
		/* It may be gone meanwhile. */
		if (number && number != -ENOENT && number != -ESRCH)
			result = fail(server, number, err);
	}
	svclb_replies_uninit(&replies);
	return result;
}

/**
 * svclb_ipvs_delete() - delete a virtual server
 * @ipvs:   the connection to IPVS
 * @server: the virtual server
 * @err:    for errors
 *
 * Return: 0, also if it is gone already, or -1.
 */
int svclb_ipvs_delete(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		      struct svclb_err *err)
{
	struct nl_msg *msg = about(ipvs, IPVS_CMD_DEL_SERVICE, server);
	int result = msg ? svclb_netlink_call(&ipvs->nl, msg) : -ENOMEM;

	nlmsg_free(msg);
	if (!result || result == -ESRCH || result == -ENOENT)
		return 0;
	return fail(server, result, err);
}
