// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is called as kube-proxy calls it. Others have names that begin alike: the
 * kubelet (KUBE-FIREWALL), kube-router (KUBE-POD-FW-...). So names are compared
 * whole, and those with a hash by its form.
 */
#include "leftover_names.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define HASH_LEN 16	/* of the name of a chain, in base 32 */
#define SET_LEN 31	/* of the longest name of a set */

/* All modes, all releases. The table is given where the kubelet has one, too. */
static const struct {
	const char *name;
	const char *table;
} chains[] = {
	{ "KUBE-SERVICES", NULL },
	{ "KUBE-EXTERNAL-SERVICES", NULL },
	{ "KUBE-NODEPORTS", NULL },
	{ "KUBE-POSTROUTING", "nat" },
	{ "KUBE-MARK-MASQ", "nat" },
	{ "KUBE-MARK-DROP", "nat" },
	{ "KUBE-FIREWALL", "nat" },
	{ "KUBE-FORWARD", NULL },
	{ "KUBE-PROXY-FIREWALL", NULL },
	{ "KUBE-PROXY-CANARY", NULL },
	{ "KUBE-SOURCE-RANGES-FIREWALL", NULL },
	{ "KUBE-NODE-PORT", NULL },
	{ "KUBE-LOAD-BALANCER", NULL },
	{ "KUBE-IPVS-FILTER", NULL },
	{ "KUBE-IPVS-OUT-FILTER", NULL },
	{ "KUBE-PORTALS-CONTAINER", "nat" },
	{ "KUBE-PORTALS-HOST", "nat" },
	{ "KUBE-NODEPORT-CONTAINER", "nat" },
	{ "KUBE-NODEPORT-HOST", "nat" },
	{ "KUBE-NODEPORT-NON-LOCAL", NULL },
};

static const char *const hashed[] = {
	"KUBE-SVC-", "KUBE-SEP-", "KUBE-FW-",
	"KUBE-XLB-", "KUBE-SVL-", "KUBE-EXT-",
};

/* Those for IPv6 have "6-" behind "KUBE-", and are cut off if too long. */
static const char *const sets[] = {
	"LOOP-BACK", "CLUSTER-IP", "EXTERNAL-IP", "EXTERNAL-IP-LOCAL",
	"LOAD-BALANCER", "LOAD-BALANCER-LOCAL", "LOAD-BALANCER-FW",
	"LOAD-BALANCER-SOURCE-IP", "LOAD-BALANCER-SOURCE-CIDR",
	"NODE-PORT-TCP", "NODE-PORT-UDP", "NODE-PORT-SCTP-HASH",
	"NODE-PORT-LOCAL-TCP", "NODE-PORT-LOCAL-UDP",
	"NODE-PORT-LOCAL-SCTP-HASH", "HEALTH-CHECK-NODE-PORT", "IPVS-IPS",
};

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static bool begins(const char *name, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && !memcmp(name, with, n);
}

static bool is_hash(const char *text, size_t len)
{
	size_t i;

	if (len != HASH_LEN)
		return false;
	for (i = 0; i < len; i++)
		if (!(text[i] >= 'A' && text[i] <= 'Z') &&
		    !(text[i] >= '2' && text[i] <= '7'))
			return false;
	return true;
}

/**
 * svclb_leftover_chain() - whether a chain is called like one of kube-proxy's
 * @table: its table
 * @name:  its name, which need not end with a zero byte
 * @len:   length of the name
 *
 * Return: whether it is.
 */
bool svclb_leftover_chain(const char *table, const char *name, size_t len)
{
	size_t i, n;

	for (i = 0; i < LENGTH(chains); i++)
		if (len == strlen(chains[i].name) &&
		    !memcmp(name, chains[i].name, len))
			return !chains[i].table ||
			       !strcmp(chains[i].table, table);
	for (i = 0; i < LENGTH(hashed); i++) {
		n = strlen(hashed[i]);
		if (begins(name, len, hashed[i]) &&
		    is_hash(name + n, len - n))
			return true;
	}
	return false;
}

/**
 * svclb_leftover_set() - whether an IP set is called like one of kube-proxy's
 * @name: its name, which need not end with a zero byte
 * @len:  length of the name
 *
 * Return: whether it is.
 */
bool svclb_leftover_set(const char *name, size_t len)
{
	size_t i, n, before = strlen("KUBE-"), room;

	if (!begins(name, len, "KUBE-"))
		return false;
	if (begins(name, len, "KUBE-6-"))
		before = strlen("KUBE-6-");
	room = SET_LEN - before;
	for (i = 0; i < LENGTH(sets); i++) {
		n = strlen(sets[i]);
		if (n > room)
			n = room;
		if (len == before + n && !memcmp(name + before, sets[i], n))
			return true;
	}
	return false;
}

/**
 * svclb_leftover_node_port_set() - whether an IP set has kube-proxy's node ports
 * @name:   its name
 * @proto:  for the protocol of its ports
 * @family: for their family
 *
 * Return: whether it does.
 */
bool svclb_leftover_node_port_set(const char *name, uint8_t *proto,
				  uint8_t *family)
{
	size_t len = strlen(name);

	*family = AF_INET;
	if (!begins(name, len, "KUBE-"))
		return false;
	name += strlen("KUBE-");
	if (begins(name, strlen(name), "6-")) {
		*family = AF_INET6;
		name += strlen("6-");
	}
	if (!strcmp(name, "NODE-PORT-TCP"))
		*proto = IPPROTO_TCP;
	else if (!strcmp(name, "NODE-PORT-UDP"))
		*proto = IPPROTO_UDP;
	else if (!strcmp(name, "NODE-PORT-SCTP-HASH"))
		*proto = IPPROTO_SCTP;
	else
		return false;
	return true;
}
