// SPDX-License-Identifier: GPL-2.0-only
/*
 * From addresses to words: what text.c reads.
 */
#include "text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/**
 * svclb_text_scheduler() - name of a scheduler
 * @sched: enum svclb_scheduler
 *
 * Return: the name; "unknown" if a newer module has more than this tool knows.
 */
const char *svclb_text_scheduler(uint8_t sched)
{
	static const char *const names[] = {
		[SVCLB_SCHED_RANDOM] = "random",
		[SVCLB_SCHED_WRANDOM] = "wrandom",
		[SVCLB_SCHED_RR] = "rr",
		[SVCLB_SCHED_WRR] = "wrr",
		[SVCLB_SCHED_LC] = "lc",
		[SVCLB_SCHED_WLC] = "wlc",
		[SVCLB_SCHED_P2C] = "p2c",
		[SVCLB_SCHED_SH] = "sh",
		[SVCLB_SCHED_MAGLEV] = "maglev",
		[SVCLB_SCHED_FAILOVER] = "failover",
	};

	return sched <= SVCLB_SCHED_MAX ? names[sched] : "unknown";
}

/**
 * svclb_text_protocol() - name of a protocol
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 *
 * Return: the name.
 */
const char *svclb_text_protocol(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_SCTP:
		return "sctp";
	default:
		return "unknown";
	}
}

/**
 * svclb_text_kind() - name of a kind of frontends
 * @kind: enum svclb_frontend_kind
 *
 * Return: the name.
 */
const char *svclb_text_kind(uint8_t kind)
{
	static const char *const names[] = {
		[SVCLB_FRONTEND_KIND_VIP] = "vip",
		[SVCLB_FRONTEND_KIND_NODE_PORT] = "node-port",
		[SVCLB_FRONTEND_KIND_EXTERNAL] = "external",
		[SVCLB_FRONTEND_KIND_LOAD_BALANCER] = "load-balancer",
	};

	return kind <= SVCLB_FRONTEND_KIND_MAX ? names[kind] : "unknown";
}

/**
 * svclb_text_policy() - name of a traffic policy
 * @policy: enum svclb_traffic_policy
 *
 * Return: the name.
 */
const char *svclb_text_policy(uint8_t policy)
{
	switch (policy) {
	case SVCLB_TRAFFIC_POLICY_CLUSTER:
		return "cluster";
	case SVCLB_TRAFFIC_POLICY_LOCAL:
		return "local";
	default:
		return "unknown";
	}
}

/**
 * svclb_text_family() - name of an address family
 * @family: AF_INET or AF_INET6
 *
 * Return: the name.
 */
const char *svclb_text_family(uint8_t family)
{
	return family == AF_INET ? "ipv4" : "ipv6";
}

static char *put_decimal(char *text, unsigned int number)
{
	if (number >= 10)
		text = put_decimal(text, number / 10);
	*text++ = (char)('0' + number % 10);
	return text;
}

/**
 * svclb_text_host() - text of an address
 * @text:   for the text, at least INET6_ADDRSTRLEN bytes
 * @family: AF_INET or AF_INET6
 * @addr:   the address
 *
 * Return: length of the text.
 */
size_t svclb_text_host(char *text, uint8_t family, const uint8_t addr[16])
{
	char *end = text;
	int i;

	if (family != AF_INET) {
		inet_ntop(AF_INET6, addr, text, INET6_ADDRSTRLEN);
		return strlen(text);
	}
	for (i = 0; i < 4; i++) {
		if (i)
			*end++ = '.';
		end = put_decimal(end, addr[i]);
	}
	*end = '\0';
	return end - text;
}

static size_t put_host_port(char *text, uint8_t family, const uint8_t addr[16],
			    uint16_t port)
{
	char *end = text;

	if (family != AF_INET)
		*end++ = '[';
	end += svclb_text_host(end, family, addr);
	if (family != AF_INET)
		*end++ = ']';
	*end++ = ':';
	end = put_decimal(end, port);
	*end = '\0';
	return end - text;
}

/**
 * svclb_text_plain_key() - text of a frontend's address without the protocol
 * @text: for the text
 * @key:  the key
 *
 * Return: length of the text.
 */
size_t svclb_text_plain_key(char text[SVCLB_KEY_TEXT],
			    const struct svclb_key *key)
{
	if (!key->node_port)
		return put_host_port(text, key->family, key->addr, key->port);
	return (size_t)snprintf(text, SVCLB_KEY_TEXT, "nodeport%s:%u",
				key->family == AF_INET6 ? "6" : "", key->port);
}

/**
 * svclb_text_key() - text of a frontend's address, as svclb_text_parse_key()
 *                    reads it
 * @text: for the text
 * @key:  the key
 *
 * Return: length of the text.
 */
size_t svclb_text_key(char text[SVCLB_KEY_TEXT], const struct svclb_key *key)
{
	const char *proto = svclb_text_protocol(key->proto);
	char *end = text;

	if (key->proto == IPPROTO_UDP || key->proto == IPPROTO_SCTP) {
		while (*proto)
			*end++ = *proto++;
		*end++ = '/';
	}
	return end - text + svclb_text_plain_key(end, key);
}

/**
 * svclb_text_backend() - text of an endpoint's address
 * @text:    for the text
 * @family:  family of its service
 * @backend: the endpoint
 *
 * Return: length of the text.
 */
size_t svclb_text_backend(char text[SVCLB_KEY_TEXT], uint8_t family,
			  const struct svclb_backend *backend)
{
	return put_host_port(text, family, backend->addr, backend->port);
}

/**
 * svclb_text_network() - text of a network
 * @text:    for the text
 * @network: the network
 */
void svclb_text_network(char text[SVCLB_NETWORK_TEXT],
			const struct svclb_network *network)
{
	size_t len = svclb_text_host(text, network->family, network->addr);

	snprintf(text + len, SVCLB_NETWORK_TEXT - len, "/%u", network->length);
}
