// SPDX-License-Identifier: GPL-2.0-only
#include "nl.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "uapi/svclb.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif

#define BUFFER_SIZE (256u << 10)

enum type { NONE, PAD, U8, U16, U32, U64, BE16, IPV4, IPV6, STRING, FLAG, NEST };

/* What the spec says of an attribute; a set is indexed by their numbers. */
struct attr {
	const char *name;
	enum type type;
	const struct set *nest;
};

struct set {
	const struct attr *attrs;
	unsigned int max;
};

#define SET(name) static const struct set name = { name##_attrs, ARRAY_SIZE(name##_attrs) - 1 }

static const struct attr stats_attrs[] = {
	[SVCLB_A_STATS_PAD] = { "pad", PAD, NULL },
	[SVCLB_A_STATS_CONNECTIONS] = { "connections", U64, NULL },
	[SVCLB_A_STATS_REJECTED] = { "rejected", U64, NULL },
	[SVCLB_A_STATS_ACTIVE] = { "active", U32, NULL },
	[SVCLB_A_STATS_INACTIVE] = { "inactive", U32, NULL },
};

SET(stats);

static const struct attr frontend_attrs[] = {
	[SVCLB_A_FRONTEND_KIND] = { "kind", U8, NULL },
	[SVCLB_A_FRONTEND_ADDRESS4] = { "address4", IPV4, NULL },
	[SVCLB_A_FRONTEND_ADDRESS6] = { "address6", IPV6, NULL },
	[SVCLB_A_FRONTEND_PORT] = { "port", BE16, NULL },
	[SVCLB_A_FRONTEND_STATS] = { "stats", NEST, &stats },
	[SVCLB_A_FRONTEND_POLICY] = { "policy", U8, NULL },
	[SVCLB_A_FRONTEND_RESTRICTED] = { "restricted", U8, NULL },
};

SET(frontend);

static const struct attr backend_attrs[] = {
	[SVCLB_A_BACKEND_ID] = { "id", U32, NULL },
	[SVCLB_A_BACKEND_ADDRESS4] = { "address4", IPV4, NULL },
	[SVCLB_A_BACKEND_ADDRESS6] = { "address6", IPV6, NULL },
	[SVCLB_A_BACKEND_PORT] = { "port", BE16, NULL },
	[SVCLB_A_BACKEND_WEIGHT] = { "weight", U32, NULL },
	[SVCLB_A_BACKEND_FLAGS] = { "flags", U32, NULL },
	[SVCLB_A_BACKEND_STATS] = { "stats", NEST, &stats },
	[SVCLB_A_BACKEND_SHARE] = { "share", U32, NULL },
};

SET(backend);

static const struct attr network_attrs[] = {
	[SVCLB_A_NETWORK_ADDRESS4] = { "address4", IPV4, NULL },
	[SVCLB_A_NETWORK_ADDRESS6] = { "address6", IPV6, NULL },
	[SVCLB_A_NETWORK_PREFIX_LENGTH] = { "prefix-length", U8, NULL },
};

SET(network);

static const struct attr service_attrs[] = {
	[SVCLB_A_SERVICE_PAD] = { "pad", PAD, NULL },
	[SVCLB_A_SERVICE_ID] = { "id", U32, NULL },
	[SVCLB_A_SERVICE_NAME] = { "name", STRING, NULL },
	[SVCLB_A_SERVICE_FAMILY] = { "family", U8, NULL },
	[SVCLB_A_SERVICE_PROTOCOL] = { "protocol", U8, NULL },
	[SVCLB_A_SERVICE_SCHEDULER] = { "scheduler", U8, NULL },
	[SVCLB_A_SERVICE_GENERATION] = { "generation", U64, NULL },
	[SVCLB_A_SERVICE_FRONTEND] = { "frontend", NEST, &frontend },
	[SVCLB_A_SERVICE_BACKEND] = { "backend", NEST, &backend },
	[SVCLB_A_SERVICE_FRONTEND_COUNT] = { "frontend-count", U32, NULL },
	[SVCLB_A_SERVICE_BACKEND_COUNT] = { "backend-count", U32, NULL },
	[SVCLB_A_SERVICE_STATS] = { "stats", NEST, &stats },
	[SVCLB_A_SERVICE_AFFINITY_TIMEOUT] = { "affinity-timeout", U32, NULL },
	[SVCLB_A_SERVICE_SYN_FAILOVER] = { "syn-failover", U8, NULL },
	[SVCLB_A_SERVICE_SOURCE_RANGE] = { "source-range", NEST, &network },
	[SVCLB_A_SERVICE_NO_SOURCE_RANGES] = { "no-source-ranges", FLAG, NULL },
	[SVCLB_A_SERVICE_SOURCE_RANGE_COUNT] = { "source-range-count", U32, NULL },
	[SVCLB_A_SERVICE_COUNT_CONNECTIONS] = { "count-connections", FLAG, NULL },
};

SET(service);

static const struct attr settings_attrs[] = {
	[SVCLB_A_SETTINGS_CLUSTER_NETWORK] = { "cluster-network", NEST, &network },
	[SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS] = { "no-cluster-networks", FLAG, NULL },
	[SVCLB_A_SETTINGS_MASQUERADE_ALL] = { "masquerade-all", U8, NULL },
	[SVCLB_A_SETTINGS_NODE_PORT_MIN] = { "node-port-min", U16, NULL },
	[SVCLB_A_SETTINGS_NODE_PORT_MAX] = { "node-port-max", U16, NULL },
	[SVCLB_A_SETTINGS_DEFAULT_SCHEDULER] = { "default-scheduler", U8, NULL },
	[SVCLB_A_SETTINGS_POD_INTERFACE] = { "pod-interface", STRING, NULL },
	[SVCLB_A_SETTINGS_NO_POD_INTERFACES] = { "no-pod-interfaces", FLAG, NULL },
	[SVCLB_A_SETTINGS_NODE_PORT_ADDRESS] = { "node-port-address", NEST, &network },
	[SVCLB_A_SETTINGS_NO_NODE_PORT_ADDRESSES] = { "no-node-port-addresses", FLAG, NULL },
	[SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK] = { "node-port-loopback", U8, NULL },
	[SVCLB_A_SETTINGS_SERVICE_NETWORK] = { "service-network", NEST, &network },
	[SVCLB_A_SETTINGS_NO_SERVICE_NETWORKS] = { "no-service-networks", FLAG, NULL },
	[SVCLB_A_SETTINGS_ANSWER_PING] = { "answer-ping", U8, NULL },
	[SVCLB_A_SETTINGS_MAGLEV_SEED] = { "maglev-seed", U64, NULL },
	[SVCLB_A_SETTINGS_AFFINITY_MAX] = { "affinity-max", U32, NULL },
	[SVCLB_A_SETTINGS_DATAPATH] = { "datapath", U8, NULL },
	[SVCLB_A_SETTINGS_FLOW_MAX] = { "flow-max", U32, NULL },
	[SVCLB_A_SETTINGS_FLOW_FULL] = { "flow-full", U8, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN] = { "timeout-tcp-syn", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_ESTABLISHED] = { "timeout-tcp-established", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_HALF_CLOSED] = { "timeout-tcp-half-closed", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_TCP_CLOSED] = { "timeout-tcp-closed", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_UDP] = { "timeout-udp", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_UDP_STREAM] = { "timeout-udp-stream", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_SETUP] = { "timeout-sctp-setup", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_ESTABLISHED] = { "timeout-sctp-established", U32, NULL },
	[SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED] = { "timeout-sctp-closed", U32, NULL },
	[SVCLB_A_SETTINGS_PAD] = { "pad", PAD, NULL },
};

SET(settings);

static const struct attr counters_attrs[] = {
	[SVCLB_A_COUNTERS_PAD] = { "pad", PAD, NULL },
	[SVCLB_A_COUNTERS_CONNECTIONS] = { "connections", U64, NULL },
	[SVCLB_A_COUNTERS_MASQUERADED] = { "masqueraded", U64, NULL },
	[SVCLB_A_COUNTERS_REJECTED_NO_BACKEND] = { "rejected-no-backend", U64, NULL },
	[SVCLB_A_COUNTERS_REJECTED_UNUSED_PORT] = { "rejected-unused-port", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_NO_PORT] = { "dropped-no-port", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_NO_ADDRESS] = { "dropped-no-address", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_NAT] = { "dropped-nat", U64, NULL },
	[SVCLB_A_COUNTERS_STALE_FLOWS] = { "stale-flows", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_SOURCE_RANGE] = { "dropped-source-range", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_NO_LOCAL_BACKEND] = { "dropped-no-local-backend", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_UNALLOCATED] = { "dropped-unallocated", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_LOOPBACK] = { "dropped-loopback", U64, NULL },
	[SVCLB_A_COUNTERS_ECHOES] = { "echoes", U64, NULL },
	[SVCLB_A_COUNTERS_AFFINITY_EVICTED] = { "affinity-evicted", U64, NULL },
	[SVCLB_A_COUNTERS_SYN_FAILOVERS] = { "syn-failovers", U64, NULL },
	[SVCLB_A_COUNTERS_REJECTED_NO_FLOW] = { "rejected-no-flow", U64, NULL },
	[SVCLB_A_COUNTERS_DROPPED_FLOWS_FULL] = { "dropped-flows-full", U64, NULL },
	[SVCLB_A_COUNTERS_FLOWS_EVICTED] = { "flows-evicted", U64, NULL },
	[SVCLB_A_COUNTERS_FLOWS] = { "flows", U64, NULL },
	[SVCLB_A_COUNTERS_FLOW_MEMORY] = { "flow-memory", U64, NULL },
};

SET(counters);

static const struct attr affinity_attrs[] = {
	[SVCLB_A_AFFINITY_SERVICE_ID] = { "service-id", U32, NULL },
	[SVCLB_A_AFFINITY_SERVICE_NAME] = { "service-name", STRING, NULL },
	[SVCLB_A_AFFINITY_ADDRESS4] = { "address4", IPV4, NULL },
	[SVCLB_A_AFFINITY_ADDRESS6] = { "address6", IPV6, NULL },
	[SVCLB_A_AFFINITY_BACKEND_ID] = { "backend-id", U32, NULL },
	[SVCLB_A_AFFINITY_EXPIRES] = { "expires", U32, NULL },
};

SET(affinity);

static const struct attr flow_attrs[] = {
	[SVCLB_A_FLOW_SERVICE_ID] = { "service-id", U32, NULL },
	[SVCLB_A_FLOW_SERVICE_NAME] = { "service-name", STRING, NULL },
	[SVCLB_A_FLOW_PROTOCOL] = { "protocol", U8, NULL },
	[SVCLB_A_FLOW_CLIENT4] = { "client4", IPV4, NULL },
	[SVCLB_A_FLOW_CLIENT6] = { "client6", IPV6, NULL },
	[SVCLB_A_FLOW_CLIENT_PORT] = { "client-port", BE16, NULL },
	[SVCLB_A_FLOW_DESTINATION4] = { "destination4", IPV4, NULL },
	[SVCLB_A_FLOW_DESTINATION6] = { "destination6", IPV6, NULL },
	[SVCLB_A_FLOW_DESTINATION_PORT] = { "destination-port", BE16, NULL },
	[SVCLB_A_FLOW_BACKEND4] = { "backend4", IPV4, NULL },
	[SVCLB_A_FLOW_BACKEND6] = { "backend6", IPV6, NULL },
	[SVCLB_A_FLOW_BACKEND_PORT] = { "backend-port", BE16, NULL },
	[SVCLB_A_FLOW_SOURCE4] = { "source4", IPV4, NULL },
	[SVCLB_A_FLOW_SOURCE6] = { "source6", IPV6, NULL },
	[SVCLB_A_FLOW_SOURCE_PORT] = { "source-port", BE16, NULL },
	[SVCLB_A_FLOW_STATE] = { "state", U8, NULL },
	[SVCLB_A_FLOW_EXPIRES] = { "expires", U32, NULL },
	[SVCLB_A_FLOW_COUNT] = { "count", U32, NULL },
};

SET(flow);

static const struct attr resolution_attrs[] = {
	[SVCLB_A_RESOLUTION_SOURCE4] = { "source4", IPV4, NULL },
	[SVCLB_A_RESOLUTION_SOURCE6] = { "source6", IPV6, NULL },
	[SVCLB_A_RESOLUTION_SOURCE_PORT] = { "source-port", BE16, NULL },
	[SVCLB_A_RESOLUTION_DESTINATION4] = { "destination4", IPV4, NULL },
	[SVCLB_A_RESOLUTION_DESTINATION6] = { "destination6", IPV6, NULL },
	[SVCLB_A_RESOLUTION_DESTINATION_PORT] = { "destination-port", BE16, NULL },
	[SVCLB_A_RESOLUTION_PROTOCOL] = { "protocol", U8, NULL },
	[SVCLB_A_RESOLUTION_INTERFACE] = { "interface", U32, NULL },
	[SVCLB_A_RESOLUTION_VERDICT] = { "verdict", U8, NULL },
	[SVCLB_A_RESOLUTION_SERVICE_ID] = { "service-id", U32, NULL },
	[SVCLB_A_RESOLUTION_SERVICE_NAME] = { "service-name", STRING, NULL },
	[SVCLB_A_RESOLUTION_SCHEDULER] = { "scheduler", U8, NULL },
	[SVCLB_A_RESOLUTION_FRONTEND] = { "frontend", NEST, &frontend },
	[SVCLB_A_RESOLUTION_POLICY] = { "policy", U8, NULL },
	[SVCLB_A_RESOLUTION_SOURCE_RANGE] = { "source-range", NEST, &network },
	[SVCLB_A_RESOLUTION_BACKEND] = { "backend", NEST, &backend },
	[SVCLB_A_RESOLUTION_CHOICE] = { "choice", U32, NULL },
	[SVCLB_A_RESOLUTION_AFFINITY] = { "affinity", NEST, &affinity },
	[SVCLB_A_RESOLUTION_MASQUERADE] = { "masquerade", U8, NULL },
};

SET(resolution);

static const struct {
	const char *name;
	const struct set *set;
} cmds[] = {
	[SVCLB_CMD_SERVICE_GET] = { "service-get", &service },
	[SVCLB_CMD_SERVICE_SET] = { "service-set", &service },
	[SVCLB_CMD_SERVICE_EDIT] = { "service-edit", &service },
	[SVCLB_CMD_SERVICE_DEL] = { "service-del", &service },
	[SVCLB_CMD_FRONTEND_GET] = { "frontend-get", &service },
	[SVCLB_CMD_FRONTEND_ADD] = { "frontend-add", &service },
	[SVCLB_CMD_FRONTEND_DEL] = { "frontend-del", &service },
	[SVCLB_CMD_BACKEND_GET] = { "backend-get", &service },
	[SVCLB_CMD_BACKEND_SET] = { "backend-set", &service },
	[SVCLB_CMD_BACKEND_DEL] = { "backend-del", &service },
	[SVCLB_CMD_SETTINGS_GET] = { "settings-get", &settings },
	[SVCLB_CMD_SETTINGS_SET] = { "settings-set", &settings },
	[SVCLB_CMD_COUNTERS_GET] = { "counters-get", &counters },
	[SVCLB_CMD_COUNTERS_ZERO] = { "counters-zero", &service },
	[SVCLB_CMD_FLUSH] = { "flush", &service },
	[SVCLB_CMD_PURGE] = { "purge", &service },
	[SVCLB_CMD_SERVICE_SET_NTF] = { "service-set-ntf", &service },
	[SVCLB_CMD_SERVICE_DEL_NTF] = { "service-del-ntf", &service },
	[SVCLB_CMD_FRONTEND_ADD_NTF] = { "frontend-add-ntf", &service },
	[SVCLB_CMD_FRONTEND_DEL_NTF] = { "frontend-del-ntf", &service },
	[SVCLB_CMD_BACKEND_SET_NTF] = { "backend-set-ntf", &service },
	[SVCLB_CMD_BACKEND_DEL_NTF] = { "backend-del-ntf", &service },
	[SVCLB_CMD_SETTINGS_SET_NTF] = { "settings-set-ntf", &settings },
	[SVCLB_CMD_RESOLVE] = { "resolve", &resolution },
	[SVCLB_CMD_AFFINITY_GET] = { "affinity-get", &affinity },
	[SVCLB_CMD_BACKEND_DRAINED_NTF] = { "backend-drained-ntf", &service },
	[SVCLB_CMD_SOURCE_RANGE_GET] = { "source-range-get", &service },
	[SVCLB_CMD_FLOW_GET] = { "flow-get", &flow },
	[SVCLB_CMD_FLOW_DEL] = { "flow-del", &flow },
};

static const struct set nothing;

static const struct set *set_of(unsigned int cmd)
{
	return cmd < ARRAY_SIZE(cmds) && cmds[cmd].set ? cmds[cmd].set : &nothing;
}

/* Writing */

/**
 * nl_begin() - begin a request
 * @nl:    the socket
 * @cmd:   enum svclb_cmd
 * @flags: netlink flags beside NLM_F_REQUEST
 */
void nl_begin(struct nl *nl, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;

	nl->mark = 0;
	nl->message = mnl_nlmsg_put_header(nl->request);
	nl->message->nlmsg_type = nl->family;
	nl->message->nlmsg_flags = NLM_F_REQUEST | flags;
	nl->message->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nl->message, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = SVCLB_GENL_VERSION;
	nl_list_clear(&nl->reply);
}

/**
 * nl_put() - add an attribute to a request
 * @nl:     the socket
 * @type:   number, with NLA_F_NESTED or not
 * @data:   payload
 * @length: of the payload
 */
void nl_put(struct nl *nl, uint16_t type, const void *data, uint16_t length)
{
	mnl_attr_put(nl->message, type, length, data);
}

/* Reads a word of what a name may consist of, and moves on behind it. */
static size_t scan_name(const char **text, char *name, size_t size)
{
	size_t length = strspn(*text, "#-0123456789abcdefghijklmnopqrstuvwxyz");

	if (length >= size)
		length = size - 1;
	memcpy(name, *text, length);
	name[length] = '\0';
	*text += length;
	return length;
}

static uint16_t number_of(const struct set *set, const char *name)
{
	unsigned int i;

	if (*name == '#')
		return strtoul(name + 1, NULL, 10);
	for (i = 1; i <= set->max; i++)
		if (set->attrs[i].name && !strcmp(set->attrs[i].name, name))
			return i;
	return 0;
}

static size_t put_hex(const char *word, unsigned char *data)
{
	unsigned int byte;
	size_t length;

	for (length = 0; isxdigit(word[0]) && isxdigit(word[1]); word += 2) {
		char digits[] = { word[0], word[1], '\0' };

		byte = strtoul(digits, NULL, 16);
		data[length++] = byte;
	}
	return length;
}

static size_t put_string(const char *word, unsigned char *data)
{
	size_t length = 0;

	while (*word) {
		char digits[] = { word[0], word[0] == '%' ? word[1] : '\0', '\0', '\0' };

		if (word[0] == '%' && word[1]) {
			digits[0] = word[1];
			digits[1] = word[2];
			data[length++] = strtoul(digits, NULL, 16);
			word += 3;
		} else {
			data[length++] = *word++;
		}
	}
	data[length++] = '\0';
	return length;
}

/* Return: the length of the payload, or 0 for a word that is none. */
static size_t put_value(enum type type, const char *word, unsigned char *data)
{
	uint64_t number = strtoull(word, NULL, 10);
	uint16_t port = htons(number);

	if (!strncmp(word, "x:", 2))
		return put_hex(word + 2, data);
	switch (type) {
	case U8:
		data[0] = number;
		return 1;
	case U16:
		port = number;
		memcpy(data, &port, sizeof(port));
		return sizeof(port);
	case BE16:
		memcpy(data, &port, sizeof(port));
		return sizeof(port);
	case U32: {
		uint32_t word32 = number;

		memcpy(data, &word32, sizeof(word32));
		return sizeof(word32);
	}
	case U64:
		memcpy(data, &number, sizeof(number));
		return sizeof(number);
	case IPV4:
		return inet_pton(AF_INET, word, data) == 1 ? 4 : 0;
	case IPV6:
		return inet_pton(AF_INET6, word, data) == 1 ? 16 : 0;
	case STRING:
		return put_string(word, data);
	default:
		return 0;
	}
}

static void put_leaf(struct nl *nl, uint16_t type, enum type kind, const char **text)
{
	static unsigned char data[65536];
	static char word[65536];
	size_t length = 0;

	if (**text == '=') {
		++*text;
		length = strcspn(*text, " ;{}");
		memcpy(word, *text, length);
		word[length] = '\0';
		*text += length;
		length = put_value(kind, word, data);
	}
	nl_put(nl, type, data, length);
}

static bool parse(struct nl *nl, const struct set *set, const char **text)
{
	struct nlattr *nest;
	char name[64];

	for (*text += strspn(*text, " ;"); **text && **text != '}'; *text += strspn(*text, " ;")) {
		const struct attr *attr = NULL;
		bool nested, other = false;
		uint16_t type;

		if (!scan_name(text, name, sizeof(name)))
			return false;
		type = number_of(set, name);
		if (!type && *name != '#')
			return false;
		if (type <= set->max && set->attrs)
			attr = &set->attrs[type];
		for (; **text == '!' || **text == '~'; ++*text) {
			if (**text == '!')
				nl->mark = nl->message->nlmsg_len;
			else
				other = true;
		}
		nested = **text == '{';
		if (nested != other)
			type |= NLA_F_NESTED;
		if (!nested) {
			put_leaf(nl, type, attr ? attr->type : NONE, text);
			continue;
		}
		++*text;
		nest = mnl_attr_nest_start(nl->message, type & ~NLA_F_NESTED);
		nest->nla_type = type;
		if (!parse(nl, attr && attr->nest ? attr->nest : &nothing, text) || **text != '}')
			return false;
		++*text;
		mnl_attr_nest_end(nl->message, nest);
	}
	return true;
}

/**
 * nl_add() - add attributes to a request
 * @nl:   the socket
 * @text: them
 *
 * Return: 0, or -EINVAL for a text that is wrong.
 */
int nl_add(struct nl *nl, const char *text)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nl->message);

	return parse(nl, set_of(genl->cmd), &text) && !*text ? 0 : EINVAL;
}

/* Reading */

/**
 * nl_list_clear() - forget messages
 * @list: them
 */
void nl_list_clear(struct nl_list *list)
{
	list->length = 0;
	list->count = 0;
	list->interrupted = false;
	if (list->text)
		*list->text = '\0';
}

static void print(struct nl_list *list, const char *format, ...)
{
	va_list arguments;
	int length;

	if (list->size - list->length < 2048) {
		list->size = list->size ? 2 * list->size : 65536;
		list->text = realloc(list->text, list->size);
		if (!list->text)
			abort();
	}
	va_start(arguments, format);
	length = vsnprintf(list->text + list->length, list->size - list->length, format, arguments);
	va_end(arguments);
	list->length += length;
}

static void print_value(struct nl_list *list, enum type type, const unsigned char *data,
			size_t length)
{
	char address[INET6_ADDRSTRLEN];
	uint64_t word64;
	uint32_t word32;
	uint16_t word16;
	size_t i;

	switch (type) {
	case U8:
		print(list, "=%u", data[0]);
		break;
	case U16:
	case BE16:
		memcpy(&word16, data, sizeof(word16));
		print(list, "=%u", type == U16 ? word16 : ntohs(word16));
		break;
	case U32:
		memcpy(&word32, data, sizeof(word32));
		print(list, "=%u", word32);
		break;
	case U64:
		memcpy(&word64, data, sizeof(word64));
		print(list, "=%llu", (unsigned long long)word64);
		break;
	case IPV4:
	case IPV6:
		inet_ntop(type == IPV4 ? AF_INET : AF_INET6, data, address, sizeof(address));
		print(list, "=%s", address);
		break;
	case STRING:
		print(list, "=");
		for (i = 0; i + 1 < length; i++) {
			if (data[i] <= 0x20 || strchr("%{};", data[i]))
				print(list, "%%%02X", data[i]);
			else
				print(list, "%c", data[i]);
		}
		if (!length || data[length - 1])
			print(list, "BAD-unterminated");
		break;
	default:
		break;
	}
}

static bool has_length(enum type type, size_t length)
{
	static const size_t lengths[] = {
		[U8] = 1, [U16] = 2, [U32] = 4, [U64] = 8, [BE16] = 2, [IPV4] = 4, [IPV6] = 16,
	};

	if (type == STRING || type == NEST)
		return true;
	return length == (type < ARRAY_SIZE(lengths) ? lengths[type] : 0);
}

/* Whatever is wrong appears in the text, so that no comparison passes. */
static void render(struct nl_list *list, const struct set *set, const unsigned char *data,
		   size_t length)
{
	const char *space = "";

	while (length >= sizeof(struct nlattr)) {
		const struct nlattr *nla = (const struct nlattr *)data;
		size_t payload = nla->nla_len - MNL_ATTR_HDRLEN, step, i;
		uint16_t type = nla->nla_type & NLA_TYPE_MASK;
		const struct attr *attr = NULL;

		if (nla->nla_len < MNL_ATTR_HDRLEN || nla->nla_len > length)
			break;
		step = NLA_ALIGN(nla->nla_len);
		for (i = nla->nla_len; i < step && i < length; i++)
			if (data[i])
				print(list, " BAD-padding");
		if (type <= set->max && set->attrs)
			attr = &set->attrs[type];
		if (!attr || !attr->name) {
			print(list, " BAD-attribute-%u", type);
		} else if (attr->type != PAD) {
			print(list, "%s%s", space, attr->name);
			space = " ";
			if (!has_length(attr->type, payload))
				print(list, " BAD-length-%zu", payload);
			else
				print_value(list, attr->type, data + MNL_ATTR_HDRLEN, payload);
			if (!(nla->nla_type & NLA_F_NESTED) != !attr->nest)
				print(list, " BAD-nested-flag");
			if (nla->nla_type & NLA_F_NET_BYTEORDER)
				print(list, " BAD-byte-order-flag");
		}
		if (attr && attr->nest) {
			print(list, "{");
			render(list, attr->nest, data + MNL_ATTR_HDRLEN, payload);
			print(list, "}");
		}
		data += step;
		length = step < length ? length - step : 0;
	}
	if (length)
		print(list, " BAD-rest-%zu", length);
}

static void add_message(struct nl *nl, const struct nlmsghdr *message)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(message);
	size_t length = mnl_nlmsg_get_payload_len(message);
	struct nl_list *list = &nl->reply;

	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		list->interrupted = true;
	list->count++;
	if (message->nlmsg_type != nl->family || length < sizeof(*genl)) {
		print(list, "BAD-message-%u\n", message->nlmsg_type);
		return;
	}
	if (genl->cmd < ARRAY_SIZE(cmds) && cmds[genl->cmd].name)
		print(list, "%s ", cmds[genl->cmd].name);
	else
		print(list, "BAD-command-%u ", genl->cmd);
	if (genl->version != SVCLB_GENL_VERSION || genl->reserved)
		print(list, "BAD-header ");
	if (message->nlmsg_flags & ~(NLM_F_MULTI | NLM_F_DUMP_INTR))
		print(list, "BAD-flags-%#x ", message->nlmsg_flags);
	render(list, set_of(genl->cmd), (const unsigned char *)(genl + 1), length - sizeof(*genl));
	print(list, "\n");
}

static void read_ack(struct nl *nl, const struct nlmsghdr *message)
{
	const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
	size_t offset = sizeof(*error);
	const struct nlattr *attr;

	nl->error = error->error;
	nl->text[0] = '\0';
	nl->offset = 0;
	if (!(message->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(message->nlmsg_flags & NLM_F_CAPPED))
		offset += error->msg.nlmsg_len - sizeof(error->msg);
	mnl_attr_for_each(attr, message, offset) {
		if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_MSG)
			snprintf(nl->text, sizeof(nl->text), "%s", mnl_attr_get_str(attr));
		else if (mnl_attr_get_type(attr) == NLMSGERR_ATTR_OFFS)
			nl->offset = mnl_attr_get_u32(attr);
	}
}

/* Reads what a dump's last message says: its error, and from where. */
static void read_done(struct nl *nl, const struct nlmsghdr *message)
{
	const int *error = mnl_nlmsg_get_payload(message);

	nl->error = *error;
	nl->text[0] = '\0';
	nl->offset = 0;
	if (message->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->reply.interrupted = true;
}

/**
 * receive() - read one buffer
 * @nl:   the socket
 * @size: of the buffer
 * @done: set if it has the ack or the end of a dump
 * @mine: whether it must answer the request; notifications do not
 *
 * Return: 0, or a negative errno.
 */
static int receive(struct nl *nl, size_t size, bool *done, bool mine)
{
	static union {
		struct nlmsghdr message;
		char bytes[BUFFER_SIZE];
	} buffer;
	const struct nlmsghdr *message = &buffer.message;
	ssize_t received;
	int rest;

	memset(buffer.bytes, 0xff, size);
	received = mnl_socket_recvfrom(nl->socket, buffer.bytes, size);
	if (received < 0)
		return -errno;
	rest = received;
	for (; mnl_nlmsg_ok(message, rest); message = mnl_nlmsg_next(message, &rest)) {
		if (mine && (message->nlmsg_seq != nl->seq ||
			     message->nlmsg_pid != mnl_socket_get_portid(nl->socket)))
			return -EPROTO;
		if (message->nlmsg_type == NLMSG_ERROR)
			read_ack(nl, message);
		else if (message->nlmsg_type == NLMSG_DONE)
			read_done(nl, message);
		else
			add_message(nl, message);
		if (message->nlmsg_type == NLMSG_ERROR || message->nlmsg_type == NLMSG_DONE)
			*done = true;
	}
	return rest ? EBADMSG : 0;
}

/* Requests */

/**
 * nl_send() - send the request as it is
 * @nl: the socket
 *
 * Return: 0, or a negative errno.
 */
int nl_send(struct nl *nl)
{
	int fd = mnl_socket_get_fd(nl->socket);

	/* With an address, the kernel would not ask who has opened the socket. */
	return send(fd, nl->message, nl->message->nlmsg_len, 0) < 0 ? -errno : 0;
}

/**
 * nl_ack() - receive until the ack
 * @nl: the socket
 *
 * Return: the negative errno of the ack, or one of receiving.
 */
int nl_ack(struct nl *nl)
{
	bool done = false;
	int err = 0;

	while (!err && !done)
		err = receive(nl, BUFFER_SIZE, &done, true);
	if (err)
		nl->error = err;
	return nl->error;
}

/**
 * nl_do() - a request, to the end
 * @nl:    the socket
 * @cmd:   enum svclb_cmd
 * @flags: netlink flags beside NLM_F_REQUEST and NLM_F_ACK
 * @text:  the attributes
 *
 * Return: the negative errno of the ack, or one of sending or receiving.
 */
int nl_do(struct nl *nl, uint8_t cmd, uint16_t flags, const char *text)
{
	int err;

	nl_begin(nl, cmd, flags | NLM_F_ACK);
	err = nl_add(nl, text);
	if (err) {
		print(&nl->reply, "BAD-request %s", text);
		return -ENOTSUP;
	}
	return nl_send(nl) ?: nl_ack(nl);
}

/**
 * nl_dump_begin() - ask for a dump
 * @nl:   the socket
 * @cmd:  enum svclb_cmd
 * @text: the attributes
 *
 * Return: 0, or a negative errno of sending.
 */
int nl_dump_begin(struct nl *nl, uint8_t cmd, const char *text)
{
	nl_begin(nl, cmd, NLM_F_DUMP);
	return nl_add(nl, text) ?: nl_send(nl);
}

/**
 * nl_dump_next() - receive one buffer of a dump
 * @nl:   the socket
 * @size: of the buffer
 * @more: set to whether there is more to come
 *
 * Return: the negative errno of the dump, or one of receiving.
 */
int nl_dump_next(struct nl *nl, size_t size, bool *more)
{
	bool done = false;
	int err;

	nl->error = 0;
	err = receive(nl, size, &done, true);
	*more = !err && !done;
	return err ?: nl->error;
}

/**
 * nl_dump() - a dump, to the end
 * @nl:   the socket
 * @cmd:  enum svclb_cmd
 * @text: the attributes
 *
 * Return: the negative errno of the dump, or one of sending or receiving.
 */
int nl_dump(struct nl *nl, uint8_t cmd, const char *text)
{
	bool more = true;
	int err;

	err = nl_dump_begin(nl, cmd, text);
	while (!err && more)
		err = nl_dump_next(nl, BUFFER_SIZE, &more);
	return err;
}

/**
 * nl_notifications() - receive all notifications that are there
 * @nl: a socket that has joined the group and is not used for requests
 *
 * The kernel delivers them before it acknowledges what they tell of: nothing
 * has to be waited for.
 *
 * Return: 0, or a negative errno.
 */
int nl_notifications(struct nl *nl)
{
	int socket = mnl_socket_get_fd(nl->socket), err = 0;
	bool done = false;
	char byte;

	nl_list_clear(&nl->reply);
	while (!err && !done) {
		if (recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0)
			return errno == EAGAIN ? 0 : -errno;
		err = receive(nl, BUFFER_SIZE, &done, false);
	}
	return err ?: -EPROTO;
}

/* Sockets */

static int read_group(const struct nlattr *attr, void *data)
{
	struct nl *nl = data;
	const struct nlattr *inner;
	const char *name = "";
	uint32_t id = 0;

	mnl_attr_for_each_nested(inner, attr) {
		if (mnl_attr_get_type(inner) == CTRL_ATTR_MCAST_GRP_NAME)
			name = mnl_attr_get_str(inner);
		else if (mnl_attr_get_type(inner) == CTRL_ATTR_MCAST_GRP_ID)
			id = mnl_attr_get_u32(inner);
	}
	if (!strcmp(name, SVCLB_MCGRP_CONFIG))
		nl->group = id;
	return MNL_CB_OK;
}

static int read_family(const struct nlmsghdr *message, void *data)
{
	struct nl *nl = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, message, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			mnl_attr_parse_nested(attr, read_group, nl);
	}
	return MNL_CB_OK;
}

static int find_family(struct nl *nl)
{
	union {
		struct nlmsghdr message;
		char bytes[4096];
	} buffer;
	struct genlmsghdr *genl;
	ssize_t length;

	nl->message = mnl_nlmsg_put_header(nl->request);
	nl->message->nlmsg_type = GENL_ID_CTRL;
	nl->message->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nl->message, sizeof(*genl));
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 2;
	mnl_attr_put_strz(nl->message, CTRL_ATTR_FAMILY_NAME, SVCLB_GENL_NAME);
	if (nl_send(nl))
		return -errno;
	length = mnl_socket_recvfrom(nl->socket, buffer.bytes, sizeof(buffer));
	if (length < 0 || mnl_cb_run(buffer.bytes, length, 0, 0, read_family, nl) < 0)
		return -errno;
	return nl->family && nl->group ? 0 : ENOENT;
}

/**
 * nl_open() - open a socket in the network namespace of the caller
 * @nl: for the socket
 *
 * Return: 0, or a negative errno.
 */
int nl_open(struct nl *nl)
{
	int on = 1, size = NL_REQUEST_MAX;
	int fd, err;

	*nl = (struct nl){};
	nl->request = malloc(NL_REQUEST_MAX);
	nl->socket = mnl_socket_open(NETLINK_GENERIC);
	if (!nl->request || !nl->socket)
		return -errno;
	fd = mnl_socket_get_fd(nl->socket);
	if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_setsockopt(nl->socket, NETLINK_CAP_ACK, &on, sizeof(on)) ||
	    mnl_socket_setsockopt(nl->socket, NETLINK_EXT_ACK, &on, sizeof(on)))
		return -errno;
	/* As large as the caller may; only the large requests need it. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)))
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		return -errno;
	err = find_family(nl);
	print(&nl->reply, "%s", "");
	return err;
}

/**
 * nl_close() - close a socket
 * @nl: the socket
 */
void nl_close(struct nl *nl)
{
	if (nl->socket)
		mnl_socket_close(nl->socket);
	free(nl->request);
	free(nl->reply.text);
	*nl = (struct nl){};
}

/**
 * nl_join() - join the group of notifications
 * @nl: the socket
 *
 * Return: 0, or a negative errno.
 */
int nl_join(struct nl *nl)
{
	return mnl_socket_setsockopt(nl->socket, NETLINK_ADD_MEMBERSHIP, &nl->group,
				     sizeof(nl->group)) ? -errno : 0;
}
