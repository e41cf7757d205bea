// SPDX-License-Identifier: GPL-2.0-only
/*
 * From attributes to what config.c takes. The generated policies have checked
 * each attribute for itself; what is checked here is what they mean.
 *
 * Where a family is passed by reference, NFPROTO_UNSPEC stands for not known
 * yet: the first address settles it, and the others must agree.
 */
#include "netlink_parse.h"

#include <linux/inet.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/addrconf.h>

#include "netlink_gen.h"

/**
 * svclb_parse_family() - read an address family
 * @attr:   u8, AF_INET or AF_INET6; may be NULL
 * @family: for NFPROTO_IPV4 or NFPROTO_IPV6; not touched without @attr
 * @extack: for errors
 *
 * Return: 0 or -EAFNOSUPPORT.
 */
int svclb_parse_family(const struct nlattr *attr, u8 *family,
		       struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;
	/* Both are the same numbers as the NFPROTO_ ones. */
	*family = nla_get_u8(attr);
	if (*family == NFPROTO_IPV4 ||
	    (*family == NFPROTO_IPV6 && IS_ENABLED(CONFIG_IPV6)))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "unknown address family");
	return -EAFNOSUPPORT;
}

/**
 * svclb_parse_protocol() - read a transport protocol
 * @attr:   u8; NULL is an error
 * @proto:  for IPPROTO_TCP or IPPROTO_UDP
 * @extack: for errors
 *
 * Return: 0, -EINVAL or -EPROTONOSUPPORT.
 */
int svclb_parse_protocol(const struct nlattr *attr, u8 *proto,
			 struct netlink_ext_ack *extack)
{
	if (!attr) {
		NL_SET_ERR_MSG(extack, "protocol is missing");
		return -EINVAL;
	}
	*proto = nla_get_u8(attr);
	if (*proto == IPPROTO_TCP || *proto == IPPROTO_UDP ||
	    *proto == IPPROTO_SCTP)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "protocol is neither TCP nor UDP nor SCTP");
	return -EPROTONOSUPPORT;
}

/**
 * svclb_parse_name() - read the name of a service
 * @attr:   string of at most SVCLB_NAME_MAX bytes; NULL is an error
 * @name:   for the name, in the request
 * @extack: for errors
 *
 * Names are printed to terminals and files, one word each.
 *
 * Return: 0 or -EINVAL.
 */
int svclb_parse_name(const struct nlattr *attr, const char **name,
		     struct netlink_ext_ack *extack)
{
	const unsigned char *c;

	if (!attr) {
		NL_SET_ERR_MSG(extack, "name is missing");
		return -EINVAL;
	}
	*name = nla_data(attr);
	if (!**name) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "name is empty");
		return -EINVAL;
	}
	for (c = nla_data(attr); *c; c++) {
		if (*c > 0x20 && *c != 0x7f)
			continue;
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "name has a blank or a control character");
		return -EINVAL;
	}
	return 0;
}

static bool is_unicast4(__be32 addr)
{
	return !ipv4_is_zeronet(addr) && !ipv4_is_loopback(addr) &&
	       !ipv4_is_multicast(addr) && !ipv4_is_lbcast(addr);
}

static bool is_unicast6(const struct in6_addr *addr)
{
	return !(ipv6_addr_type(addr) &
		 (IPV6_ADDR_MULTICAST | IPV6_ADDR_LOOPBACK |
		  IPV6_ADDR_LINKLOCAL | IPV6_ADDR_MAPPED)) &&
	       !ipv6_addr_any(addr);
}

/**
 * svclb_parse_address() - parse an address of any kind
 * @parent: the attribute it is missing in, if it is
 * @attr4:  the attribute for an IPv4 address, or NULL
 * @attr6:  the attribute for an IPv6 address, or NULL
 * @family: family that it must have, or NFPROTO_UNSPEC; then that it has
 * @addr:   for the address
 * @extack: for errors
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_address(const struct nlattr *parent, const struct nlattr *attr4,
			const struct nlattr *attr6, u8 *family,
			union nf_inet_addr *addr,
			struct netlink_ext_ack *extack)
{
	u8 found = attr4 ? NFPROTO_IPV4 : NFPROTO_IPV6;

	if (!attr4 && !attr6) {
		NL_SET_ERR_MSG_ATTR(extack, parent, "address is missing");
		return -EINVAL;
	}
	if (attr4 && attr6) {
		NL_SET_ERR_MSG_ATTR(extack, parent, "two addresses");
		return -EINVAL;
	}
	if (*family != NFPROTO_UNSPEC && *family != found) {
		NL_SET_ERR_MSG_ATTR(extack, attr4 ?: attr6,
				    "address is of another family");
		return -EINVAL;
	}
	if (attr6 && !IS_ENABLED(CONFIG_IPV6)) {
		NL_SET_ERR_MSG_ATTR(extack, attr6, "kernel is without IPv6");
		return -EAFNOSUPPORT;
	}
	*family = found;
	*addr = (union nf_inet_addr){};
	if (attr4)
		addr->ip = nla_get_be32(attr4);
	else
		addr->in6 = nla_get_in6_addr(attr6);
	return 0;
}

static int parse_unicast(const struct nlattr *parent,
			 const struct nlattr *attr4, const struct nlattr *attr6,
			 u8 *family, union nf_inet_addr *addr,
			 struct netlink_ext_ack *extack)
{
	int err;

	err = svclb_parse_address(parent, attr4, attr6, family, addr, extack);
	if (err)
		return err;
	if (attr4 ? is_unicast4(addr->ip) : is_unicast6(&addr->in6))
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr4 ?: attr6,
			    "address is not a usable unicast address");
	return -EINVAL;
}

static int parse_port(const struct nlattr *parent, const struct nlattr *attr,
		      __be16 *port, struct netlink_ext_ack *extack)
{
	if (!attr) {
		NL_SET_ERR_MSG_ATTR(extack, parent, "port is missing");
		return -EINVAL;
	}
	*port = nla_get_be16(attr);
	return 0;
}

/**
 * svclb_parse_frontend() - read a frontend
 * @attr:   the nest
 * @proto:  IPPROTO_TCP or IPPROTO_UDP
 * @family: see at the top; must be known for a node port
 * @spec:   for the frontend
 * @extack: for errors
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_frontend(const struct nlattr *attr, u8 proto, u8 *family,
			 struct svclb_frontend_spec *spec,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCLB_A_FRONTEND_RESTRICTED + 1];
	int err;

	err = nla_parse_nested(tb, SVCLB_A_FRONTEND_RESTRICTED, attr,
			       svclb_frontend_nl_policy, extack);
	if (err)
		return err;
	*spec = (struct svclb_frontend_spec){ .attr = attr };
	if (tb[SVCLB_A_FRONTEND_KIND])
		spec->policy.kind = nla_get_u8(tb[SVCLB_A_FRONTEND_KIND]);
	if (tb[SVCLB_A_FRONTEND_POLICY])
		spec->policy.traffic = nla_get_u8(tb[SVCLB_A_FRONTEND_POLICY]);
	if (tb[SVCLB_A_FRONTEND_RESTRICTED])
		spec->policy.restricted =
			nla_get_u8(tb[SVCLB_A_FRONTEND_RESTRICTED]);
	if (spec->policy.kind != SVCLB_FRONTEND_KIND_NODE_PORT) {
		err = parse_unicast(attr, tb[SVCLB_A_FRONTEND_ADDRESS4],
				    tb[SVCLB_A_FRONTEND_ADDRESS6], family,
				    &spec->key.addr, extack);
	} else if (tb[SVCLB_A_FRONTEND_ADDRESS4] ||
		   tb[SVCLB_A_FRONTEND_ADDRESS6]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "node port has an address");
		err = -EINVAL;
	} else if (*family == NFPROTO_UNSPEC) {
		NL_SET_ERR_MSG_ATTR(extack, attr,
				    "family of the node port is missing");
		err = -EINVAL;
	}
	if (err)
		return err;
	spec->key.proto = proto;
	spec->key.family = *family;
	return parse_port(attr, tb[SVCLB_A_FRONTEND_PORT], &spec->key.port,
			  extack);
}

static int parse_backend(const struct nlattr *attr, u8 *family,
			 struct svclb_backend_spec *spec,
			 struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCLB_A_BACKEND_FLAGS + 1];
	int err;

	err = nla_parse_nested(tb, SVCLB_A_BACKEND_FLAGS, attr,
			       svclb_backend_nl_policy, extack);
	if (err)
		return err;
	*spec = (struct svclb_backend_spec){ .weight = 1, .attr = attr };
	err = parse_unicast(attr, tb[SVCLB_A_BACKEND_ADDRESS4],
			    tb[SVCLB_A_BACKEND_ADDRESS6], family, &spec->addr,
			    extack);
	if (err)
		return err;
	if (tb[SVCLB_A_BACKEND_WEIGHT]) {
		spec->weight = nla_get_u32(tb[SVCLB_A_BACKEND_WEIGHT]);
		spec->given |= BIT(SVCLB_A_BACKEND_WEIGHT);
	}
	if (tb[SVCLB_A_BACKEND_FLAGS]) {
		spec->flags = nla_get_u32(tb[SVCLB_A_BACKEND_FLAGS]);
		spec->given |= BIT(SVCLB_A_BACKEND_FLAGS);
	}
	return parse_port(attr, tb[SVCLB_A_BACKEND_PORT], &spec->port, extack);
}

/**
 * svclb_parse_count() - count the attributes of a type
 * @info: the request
 * @type: the type
 *
 * Return: how many there are.
 */
u32 svclb_parse_count(const struct genl_info *info, int type)
{
	const struct nlattr *attr;
	u32 nr = 0;
	int rem;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem)
		nr += nla_type(attr) == type;
	return nr;
}

/**
 * svclb_parse_frontends() - read all frontends of a request
 * @info:   the request
 * @proto:  IPPROTO_TCP or IPPROTO_UDP
 * @family: see at the top
 * @specs:  for the frontends, to be freed with kvfree() if 0 is returned
 * @nr:     for their number
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_frontends(const struct genl_info *info, u8 proto, u8 *family,
			  struct svclb_frontend_spec **specs, u32 *nr)
{
	u32 total = svclb_parse_count(info, SVCLB_A_SERVICE_FRONTEND);
	const struct nlattr *attr;
	int rem, err;

	*nr = 0;
	if (total > SVCLB_FRONTENDS_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many frontends");
		return -E2BIG;
	}
	*specs = kvmalloc_array(total, sizeof(**specs), GFP_KERNEL_ACCOUNT);
	if (!*specs)
		return -ENOMEM;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SVCLB_A_SERVICE_FRONTEND)
			continue;
		err = svclb_parse_frontend(attr, proto, family,
					   &(*specs)[(*nr)++], info->extack);
		if (err) {
			kvfree(*specs);
			return err;
		}
	}
	return 0;
}

/**
 * svclb_parse_backends() - read all backends of a request
 * @info:   the request
 * @family: see at the top
 * @specs:  for the backends, to be freed with kvfree() if 0 is returned
 * @nr:     for their number
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_backends(const struct genl_info *info, u8 *family,
			 struct svclb_backend_spec **specs, u32 *nr)
{
	u32 total = svclb_parse_count(info, SVCLB_A_SERVICE_BACKEND);
	const struct nlattr *attr;
	int rem, err;

	*nr = 0;
	if (total > SVCLB_BACKENDS_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many backends");
		return -E2BIG;
	}
	*specs = kvmalloc_array(total, sizeof(**specs), GFP_KERNEL_ACCOUNT);
	if (!*specs)
		return -ENOMEM;
	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SVCLB_A_SERVICE_BACKEND)
			continue;
		err = parse_backend(attr, family, &(*specs)[(*nr)++],
				    info->extack);
		if (err) {
			kvfree(*specs);
			return err;
		}
	}
	return 0;
}

/**
 * svclb_parse_network() - parse a network
 * @attr:    the attribute
 * @family:  family that it must have, or NFPROTO_UNSPEC; then that it has
 * @network: for the network
 * @extack:  for errors
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_network(const struct nlattr *attr, u8 *family,
			struct svclb_network *network,
			struct netlink_ext_ack *extack)
{
	struct nlattr *tb[SVCLB_A_NETWORK_PREFIX_LENGTH + 1];
	union nf_inet_addr addr;
	unsigned int word;
	u8 length;
	int err;

	err = nla_parse_nested(tb, SVCLB_A_NETWORK_PREFIX_LENGTH, attr,
			       svclb_network_nl_policy, extack);
	if (!err)
		err = svclb_parse_address(attr, tb[SVCLB_A_NETWORK_ADDRESS4],
					  tb[SVCLB_A_NETWORK_ADDRESS6], family,
					  &addr, extack);
	if (err)
		return err;
	if (!tb[SVCLB_A_NETWORK_PREFIX_LENGTH]) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "prefix length is missing");
		return -EINVAL;
	}
	length = nla_get_u8(tb[SVCLB_A_NETWORK_PREFIX_LENGTH]);
	if (*family == NFPROTO_IPV4 && length > 32) {
		NL_SET_ERR_MSG_ATTR(extack, tb[SVCLB_A_NETWORK_PREFIX_LENGTH],
				    "prefix length is over 32");
		return -EINVAL;
	}
	svclb_network_set(network, *family, &addr, length);
	for (word = 0; word < 4; word++) {
		if (addr.ip6[word] & ~network->mask.ip6[word]) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "network has bits behind the prefix");
			return -EINVAL;
		}
	}
	return 0;
}

static int parse_each_range(const struct genl_info *info, u8 family,
			    struct svclb_network *networks)
{
	const struct nlattr *attr;
	u32 i = 0;
	int rem, err;

	nlmsg_for_each_attr(attr, info->nlhdr, GENL_HDRLEN, rem) {
		if (nla_type(attr) != SVCLB_A_SERVICE_SOURCE_RANGE)
			continue;
		err = svclb_parse_network(attr, &family, &networks[i++],
					  info->extack);
		if (err)
			return err;
	}
	return 0;
}

/**
 * svclb_parse_ranges() - parse the source ranges of a service
 * @info:   the request
 * @family: family of the service
 * @ranges: for the ranges, to be given back with svclb_ranges_put(); NULL if
 *          there are none
 *
 * May sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_parse_ranges(const struct genl_info *info, u8 family,
		       struct svclb_ranges **ranges)
{
	u32 nr = svclb_parse_count(info, SVCLB_A_SERVICE_SOURCE_RANGE);
	struct svclb_network *networks;
	int err;

	*ranges = NULL;
	if (!nr)
		return 0;
	if (nr > SVCLB_SOURCE_RANGES_MAX) {
		NL_SET_ERR_MSG(info->extack, "too many source ranges");
		return -E2BIG;
	}
	networks = kvmalloc_array(nr, sizeof(*networks), GFP_KERNEL_ACCOUNT);
	if (!networks)
		return -ENOMEM;
	err = parse_each_range(info, family, networks);
	if (!err) {
		*ranges = svclb_ranges_create(networks, nr);
		err = *ranges ? 0 : -ENOMEM;
	}
	if (err)
		kvfree(networks);
	return err;
}
