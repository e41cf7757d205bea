// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device on which kube-proxy's mode ipvs has the addresses of services, so
 * that the node takes packets to them as its own.
 */
#include "ipvs_device.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/model.h"
#include "netlink.h"

static struct nl_msg *request(int type, const void *header, size_t len)
{
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	if (msg && nlmsg_append(msg, (void *)header, len, NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int dump(struct svclb_netlink *nl, int type, const void *header,
		size_t len, struct svclb_replies *replies)
{
	struct nl_msg *msg = request(type, header, len);
	int result = msg ? svclb_netlink_dump(nl, msg, replies) : -ENOMEM;

	nlmsg_free(msg);
	return result;
}

/* Only a dummy is what kube-proxy made. */
static int read_link(struct nlmsghdr *reply)
{
	static const char kind_wanted[] = "dummy";
	const struct ifinfomsg *header;
	struct nlattr *name, *info, *kind;

	if (!nlmsg_valid_hdr(reply, sizeof(*header)))
		return 0;
	header = nlmsg_data(reply);
	name = nlmsg_find_attr(reply, sizeof(*header), IFLA_IFNAME);
	info = nlmsg_find_attr(reply, sizeof(*header), IFLA_LINKINFO);
	if (!name || nla_len(name) != sizeof(SVCLB_IPVS_DEVICE) ||
	    memcmp(nla_data(name), SVCLB_IPVS_DEVICE, nla_len(name)) != 0 ||
	    !info)
		return 0;
	kind = nla_find(nla_data(info), nla_len(info), IFLA_INFO_KIND);
	if (!kind || (size_t)nla_len(kind) < sizeof(kind_wanted) - 1 ||
	    memcmp(nla_data(kind), kind_wanted, sizeof(kind_wanted) - 1) != 0)
		return 0;
	return header->ifi_index;
}

/* Whether it is an address that somebody gave it, and on which device. */
static bool read_address(struct nlmsghdr *reply, struct svclb_k8s_ip *ip,
			 uint32_t *index)
{
	const struct ifaddrmsg *header;
	struct nlattr *addr;

	if (!nlmsg_valid_hdr(reply, sizeof(*header)))
		return false;
	header = nlmsg_data(reply);
	if ((header->ifa_family != AF_INET && header->ifa_family != AF_INET6) ||
	    header->ifa_scope == RT_SCOPE_LINK)
		return false;
	addr = nlmsg_find_attr(reply, sizeof(*header), IFA_LOCAL);
	if (!addr)
		addr = nlmsg_find_attr(reply, sizeof(*header), IFA_ADDRESS);
	*ip = (struct svclb_k8s_ip){ .family = header->ifa_family };
	if (!addr || nla_len(addr) < (int)svclb_family_length(ip->family))
		return false;
	memcpy(ip->addr, nla_data(addr), svclb_family_length(ip->family));
	*index = header->ifa_index;
	return true;
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct svclb_k8s_ip));
}

/* Those of the device, then the others. */
static int read_addresses(struct svclb_ipvs_device *device,
			  const struct svclb_replies *replies)
{
	struct nlmsghdr *reply = NULL;
	struct svclb_k8s_ip ip;
	uint32_t nr = 0, index;
	bool is_own;
	int own;

	while ((reply = svclb_replies_next(replies, reply)))
		nr++;
	device->at = calloc(nr ? nr : 1, sizeof(*device->at));
	if (!device->at)
		return -ENOMEM;
	for (own = 1; own >= 0; own--) {
		while ((reply = svclb_replies_next(replies, reply))) {
			if (!read_address(reply, &ip, &index))
				continue;
			is_own = index == (uint32_t)device->index;
			if (is_own == own)
				device->at[device->nr++] = ip;
		}
		if (own)
			device->own = device->nr;
	}
	qsort(device->at, device->own, sizeof(ip), compare);
	qsort(device->at + device->own, device->nr - device->own, sizeof(ip),
	      compare);
	return 0;
}

static int read_all(struct svclb_ipvs_device *device, struct svclb_netlink *nl)
{
	const struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	const struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	struct svclb_replies replies = { 0 };
	struct nlmsghdr *reply = NULL;
	int result = dump(nl, RTM_GETLINK, &links, sizeof(links), &replies);

	if (!result) {
		while ((reply = svclb_replies_next(&replies, reply)))
			if (!device->index)
				device->index = read_link(reply);
		result = dump(nl, RTM_GETADDR, &addresses, sizeof(addresses),
			      &replies);
	}
	if (!result)
		result = read_addresses(device, &replies);
	svclb_replies_uninit(&replies);
	return result;
}

/**
 * svclb_ipvs_device_read() - find the device, and what addresses there are
 * @device: for the device; to be uninitialized if this succeeds
 * @err:    for errors
 *
 * Return: 0, also if there is no such device, or -1.
 */
int svclb_ipvs_device_read(struct svclb_ipvs_device *device,
			   struct svclb_err *err)
{
	struct svclb_netlink nl;
	int result;

	*device = (struct svclb_ipvs_device){ 0 };
	result = svclb_netlink_open(&nl, NETLINK_ROUTE, err);
	if (!result) {
		result = read_all(device, &nl);
		if (result)
			result = svclb_err_system(err, "addresses", -result);
	}
	svclb_netlink_close(&nl);
	if (result)
		svclb_ipvs_device_uninit(device);
	return result ? -1 : 0;
}

/**
 * svclb_ipvs_device_uninit() - forget what was read
 * @device: the device
 */
void svclb_ipvs_device_uninit(struct svclb_ipvs_device *device)
{
	free(device->at);
	*device = (struct svclb_ipvs_device){ 0 };
}

/**
 * svclb_ipvs_device_find() - find an address
 * @device: the device
 * @own:    whether one of its own, or one of other devices
 * @family: AF_INET or AF_INET6
 * @addr:   the address, as in &struct svclb_key
 *
 * Return: the address, or NULL.
 */
struct svclb_k8s_ip *
svclb_ipvs_device_find(const struct svclb_ipvs_device *device, bool own,
		       uint8_t family, const uint8_t addr[16])
{
	struct svclb_k8s_ip key = { .family = family };
	struct svclb_k8s_ip *at = device->at;
	uint32_t nr = device->own;

	if (!own) {
		at += device->own;
		nr = device->nr - device->own;
	}
	memcpy(key.addr, addr, sizeof(key.addr));
	return nr ? bsearch(&key, at, nr, sizeof(key), compare) : NULL;
}

static int call(struct nl_msg *msg, const char *what, struct svclb_err *err)
{
	struct svclb_netlink nl;
	int result;

	if (!msg)
		return svclb_err_memory(err);
	result = svclb_netlink_open(&nl, NETLINK_ROUTE, err);
	if (!result) {
		result = svclb_netlink_call(&nl, msg);
		/* It may be gone meanwhile. */
		if (result == -ENODEV || result == -EADDRNOTAVAIL)
			result = 0;
		if (result)
			svclb_err_system(err, what, -result);
	}
	svclb_netlink_close(&nl);
	nlmsg_free(msg);
	return result ? -1 : 0;
}

/**
 * svclb_ipvs_device_del_address() - take one of its addresses from the device
 * @device: the device
 * @ip:     the address
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipvs_device_del_address(const struct svclb_ipvs_device *device,
				  const struct svclb_k8s_ip *ip,
				  struct svclb_err *err)
{
	const int len = svclb_family_length(ip->family);
	const struct ifaddrmsg header = {
		.ifa_family = ip->family,
		.ifa_prefixlen = 8 * len,
		.ifa_index = device->index,
	};
	struct nl_msg *msg = request(RTM_DELADDR, &header, sizeof(header));

	if (msg && nla_put(msg, IFA_LOCAL, len, ip->addr)) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return call(msg, "address of " SVCLB_IPVS_DEVICE, err);
}

/**
 * svclb_ipvs_device_delete() - delete the device
 * @device: the device
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_ipvs_device_delete(const struct svclb_ipvs_device *device,
			     struct svclb_err *err)
{
	const struct ifinfomsg header = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = device->index,
	};

	return call(request(RTM_DELLINK, &header, sizeof(header)),
		    SVCLB_IPVS_DEVICE, err);
}
