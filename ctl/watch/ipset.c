// SPDX-License-Identifier: GPL-2.0-only
/*
 * The IP sets of kube-proxy's mode ipvs.
 */
#include "ipset.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/ipset/ip_set.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "leftover_names.h"
#include "netlink.h"

/* Rules that nft deletes let go of their sets a moment later. */
#define BUSY_TRIES 100
#define BUSY_MS 20

static int proto_index(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return 0;
	case IPPROTO_UDP:
		return 1;
	case IPPROTO_SCTP:
		return 2;
	default:
		return -1;
	}
}

/**
 * svclb_node_ports_has() - whether a port is among the node ports
 * @ports:  the node ports
 * @family: AF_INET or AF_INET6
 * @proto:  protocol
 * @port:   the port
 *
 * Return: whether it is.
 */
bool svclb_node_ports_has(const struct svclb_node_ports *ports, uint8_t family,
			  uint8_t proto, uint16_t port)
{
	int index = proto_index(proto);

	if (index < 0 || (family != AF_INET && family != AF_INET6))
		return false;
	return ports->bits[family == AF_INET6][index][port / 8] &
	       1u << port % 8;
}

static struct nl_msg *request(uint8_t command, const char *name, uint32_t flags)
{
	struct nl_msg *msg = svclb_netlink_nfnl(NFNL_SUBSYS_IPSET, command,
						AF_INET, 0);

	if (!msg)
		return NULL;
	if (nla_put_u8(msg, IPSET_ATTR_PROTOCOL, IPSET_PROTOCOL_MIN) ||
	    (name && nla_put_string(msg, IPSET_ATTR_SETNAME, name)) ||
	    (flags && nla_put_u32(msg, IPSET_ATTR_FLAGS, htonl(flags)))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int dump(struct svclb_netlink *nl, const char *name, uint32_t flags,
		struct svclb_replies *replies)
{
	struct nl_msg *msg = request(IPSET_CMD_LIST, name, flags);
	int result;

	if (!msg)
		return -ENOMEM;
	result = svclb_netlink_dump(nl, msg, replies);
	nlmsg_free(msg);
	return result;
}

/* Opens the socket and lists the names of all sets; 1 if there can be none. */
static int list(struct svclb_netlink *nl, struct svclb_replies *names,
		struct svclb_err *err)
{
	int result = svclb_netlink_open(nl, NETLINK_NETFILTER, err);

	if (result)
		return result;
	result = dump(nl, NULL, IPSET_FLAG_LIST_SETNAME, names);
	/* A kernel without IP sets. */
	if (result == -EINVAL || result == -EOPNOTSUPP)
		return 1;
	if (result)
		return svclb_err_system(err, "IP sets", -result);
	return 0;
}

/* The name in a reply, if it is one of kube-proxy's. */
static const char *name_of(struct nlmsghdr *reply)
{
	struct nlattr *name;
	const char *text;
	size_t len;

	if (!nlmsg_valid_hdr(reply, sizeof(struct nfgenmsg)))
		return NULL;
	name = nlmsg_find_attr(reply, sizeof(struct nfgenmsg),
			       IPSET_ATTR_SETNAME);
	if (!name || nla_len(name) < 2 || nla_len(name) > IPSET_MAXNAMELEN)
		return NULL;
	text = nla_data(name);
	len = strnlen(text, nla_len(name));
	if (len == (size_t)nla_len(name) || !svclb_leftover_set(text, len))
		return NULL;
	return text;
}

static void add_ports(uint8_t *bits, struct nlmsghdr *reply)
{
	struct nlattr *members, *member, *port;
	int left;
	uint16_t number;

	if (!nlmsg_valid_hdr(reply, sizeof(struct nfgenmsg)))
		return;
	members = nlmsg_find_attr(reply, sizeof(struct nfgenmsg),
				  IPSET_ATTR_ADT);
	if (!members)
		return;
	nla_for_each_nested(member, members, left) {
		port = nla_find(nla_data(member), nla_len(member),
				IPSET_ATTR_PORT);
		if (!port || nla_len(port) < 2)
			continue;
		number = ntohs(nla_get_u16(port));
		bits[number / 8] |= 1u << number % 8;
	}
}

static int read_ports(struct svclb_netlink *nl, struct svclb_node_ports *ports,
		      const char *name, struct svclb_err *err)
{
	struct svclb_replies members = { 0 };
	uint8_t proto, family;
	struct nlmsghdr *reply = NULL;
	int result;

	if (!svclb_leftover_node_port_set(name, &proto, &family))
		return 0;
	result = dump(nl, name, 0, &members);
	if (!result)
		while ((reply = svclb_replies_next(&members, reply)))
			add_ports(ports->bits[family == AF_INET6]
					     [proto_index(proto)], reply);
	svclb_replies_uninit(&members);
	/* It may be gone meanwhile. */
	if (result && result != -ENOENT)
		return svclb_err_system(err, name, -result);
	return 0;
}

/**
 * svclb_ipset_node_ports() - read the node ports that kube-proxy has in IP sets
 * @ports: for the node ports, all zero
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipset_node_ports(struct svclb_node_ports *ports,
			   struct svclb_err *err)
{
	struct svclb_replies names = { 0 };
	struct svclb_netlink nl;
	struct nlmsghdr *reply = NULL;
	const char *name;
	int result = list(&nl, &names, err);

	if (!result) {
		while ((reply = svclb_replies_next(&names, reply))) {
			name = name_of(reply);
			if (name && read_ports(&nl, ports, name, err)) {
				result = -1;
				break;
			}
		}
	}
	svclb_replies_uninit(&names);
	svclb_netlink_close(&nl);
	return result < 0 ? -1 : 0;
}

static int destroy(struct svclb_netlink *nl, const char *name)
{
	const struct timespec pause = { .tv_nsec = BUSY_MS * 1000000L };
	int tries = BUSY_TRIES, result;
	struct nl_msg *msg;

	for (;;) {
		/* Without a name, it would be all sets. */
		msg = request(IPSET_CMD_DESTROY, name, 0);
		if (!msg)
			return -ENOMEM;
		result = svclb_netlink_call(nl, msg);
		nlmsg_free(msg);
		if (result != -IPSET_ERR_BUSY || !--tries)
			return result;
		nanosleep(&pause, NULL);
	}
}

static void take_over(struct svclb_netlink *nl, const char *name,
		      struct svclb_leftovers *leftovers)
{
	int result = leftovers->dry_run ? 0 : destroy(nl, name);
	struct svclb_err err;

	if (!result) {
		svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_REMOVED,
				     "ipset destroy %s", name);
	} else if (result == -IPSET_ERR_BUSY) {
		svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_WARNING,
				     "IP set %s stays: rules of others use it",
				     name);
	} else {
		if (result < -IPSET_ERR_PRIVATE)
			svclb_err_set(&err, SVCLB_ERR_FAILED,
				      "IP set %s: the kernel refuses to remove it, error %d",
				      name, -result);
		else
			svclb_err_system(&err, name, -result);
		svclb_leftovers_fail(leftovers, &err);
	}
}

/**
 * svclb_ipset_take_over() - remove kube-proxy's IP sets
 * @leftovers: told of what is removed
 */
void svclb_ipset_take_over(struct svclb_leftovers *leftovers)
{
	struct svclb_replies names = { 0 };
	struct svclb_netlink nl;
	struct nlmsghdr *reply = NULL;
	struct svclb_err err;
	const char *name;
	int result = list(&nl, &names, &err);

	if (result < 0)
		svclb_leftovers_fail(leftovers, &err);
	if (!result) {
		while ((reply = svclb_replies_next(&names, reply))) {
			name = name_of(reply);
			if (name)
				take_over(&nl, name, leftovers);
		}
	}
	svclb_replies_uninit(&names);
	svclb_netlink_close(&nl);
}
