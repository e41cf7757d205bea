// SPDX-License-Identifier: GPL-2.0-only
#include "node_addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* An address of a link is one for each link. */
static bool to_bind(struct svclb_bind *bind, const struct sockaddr *addr,
		    const struct svclb_networks *networks)
{
	const struct sockaddr_in6 *ipv6 = (const void *)addr;
	const struct sockaddr_in *ipv4 = (const void *)addr;
	uint8_t bytes[16] = { 0 };
	uint32_t i;

	*bind = (struct svclb_bind){ 0 };
	if (addr->sa_family == AF_INET) {
		struct sockaddr_in *to = (struct sockaddr_in *)&bind->addr;

		bind->len = sizeof(*to);
		to->sin_addr = ipv4->sin_addr;
		memcpy(bytes, &ipv4->sin_addr, sizeof(ipv4->sin_addr));
	} else if (addr->sa_family == AF_INET6) {
		struct sockaddr_in6 *to = (struct sockaddr_in6 *)&bind->addr;

		bind->len = sizeof(*to);
		to->sin6_addr = ipv6->sin6_addr;
		to->sin6_scope_id = ipv6->sin6_scope_id;
		memcpy(bytes, &ipv6->sin6_addr, sizeof(ipv6->sin6_addr));
	} else {
		return false;
	}
	bind->addr.ss_family = addr->sa_family;
	for (i = 0; i < networks->nr; i++)
		if (svclb_network_has(&networks->at[i], addr->sa_family, bytes))
			return true;
	return false;
}

/**
 * svclb_node_address_compare() - order addresses
 * @a: a struct svclb_bind
 * @b: another one
 *
 * Return: less than, equal to or greater than 0. Ports make no difference.
 */
int svclb_node_address_compare(const void *a, const void *b)
{
	struct svclb_bind x = *(const struct svclb_bind *)a;
	struct svclb_bind y = *(const struct svclb_bind *)b;

	svclb_bind_set_port(&x, 0);
	svclb_bind_set_port(&y, 0);
	return memcmp(&x.addr, &y.addr, sizeof(x.addr));
}

static uint32_t sort_unique(struct svclb_bind *at, uint32_t nr)
{
	uint32_t i, kept = 0;

	if (nr)
		qsort(at, nr, sizeof(*at), svclb_node_address_compare);
	for (i = 0; i < nr; i++)
		if (!kept || svclb_node_address_compare(&at[kept - 1], &at[i]))
			at[kept++] = at[i];
	return kept;
}

/**
 * svclb_node_addresses_read() - find out what addresses the node has
 * @addresses: for the addresses; the caller frees what they are in
 * @networks:  those that matter; none: one that means all
 *
 * Return: 0 or -1 with errno.
 */
int svclb_node_addresses_read(struct svclb_node_addresses *addresses,
			      const struct svclb_networks *networks)
{
	struct ifaddrs *list = NULL, *item;
	struct svclb_bind *at;
	uint32_t nr = 1;

	if (networks->nr && getifaddrs(&list))
		return -1;
	for (item = list; item; item = item->ifa_next)
		nr++;
	at = calloc(nr, sizeof(*at));
	if (!at) {
		freeifaddrs(list);
		return -1;
	}
	nr = 0;
	if (!networks->nr)
		svclb_bind_any(&at[nr++]);
	for (item = list; item; item = item->ifa_next)
		if (item->ifa_addr &&
		    to_bind(&at[nr], item->ifa_addr, networks))
			nr++;
	freeifaddrs(list);
	addresses->at = at;
	addresses->nr = sort_unique(at, nr);
	return 0;
}
