// SPDX-License-Identifier: GPL-2.0-only
/*
 * From attributes to the model. Attributes that this tool does not know are
 * passed over: a newer module may send more.
 */
#include "codec.h"

#include <arpa/inet.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <string.h>

/* A u64 may stand on a boundary of four bytes. */
static uint64_t get_u64(const struct nlattr *attr)
{
	uint64_t value = 0;

	if (nla_len(attr) >= (int)sizeof(value))
		memcpy(&value, nla_data(attr), sizeof(value));
	return value;
}

static uint32_t get_u32(const struct nlattr *attr)
{
	return nla_len(attr) >= 4 ? nla_get_u32(attr) : 0;
}

static uint16_t get_u16(const struct nlattr *attr)
{
	return nla_len(attr) >= 2 ? nla_get_u16(attr) : 0;
}

static uint16_t get_port(const struct nlattr *attr)
{
	return ntohs(get_u16(attr));
}

static uint8_t get_u8(const struct nlattr *attr)
{
	return nla_len(attr) >= 1 ? nla_get_u8(attr) : 0;
}

static void get_address(uint8_t addr[16], const struct nlattr *attr)
{
	int len = nla_len(attr);

	memcpy(addr, nla_data(attr), len < 16 ? len : 16);
}

static void get_counts(struct svclb_counts *counts, struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		if (nla_type(attr) == SVCLB_A_STATS_CONNECTIONS)
			counts->connections = get_u64(attr);
		else if (nla_type(attr) == SVCLB_A_STATS_REJECTED)
			counts->rejected = get_u64(attr);
	}
}

/**
 * svclb_codec_get_frontend() - read the nest of a frontend
 * @frontend: for the frontend, all zero; family and protocol are not read
 * @nest:     the nest
 */
void svclb_codec_get_frontend(struct svclb_frontend *frontend,
			      struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case SVCLB_A_FRONTEND_KIND:
			frontend->kind = get_u8(attr);
			break;
		case SVCLB_A_FRONTEND_POLICY:
			frontend->policy = get_u8(attr);
			break;
		case SVCLB_A_FRONTEND_RESTRICTED:
			frontend->restricted = get_u8(attr);
			break;
		case SVCLB_A_FRONTEND_ADDRESS4:
		case SVCLB_A_FRONTEND_ADDRESS6:
			get_address(frontend->key.addr, attr);
			break;
		case SVCLB_A_FRONTEND_PORT:
			frontend->key.port = get_port(attr);
			break;
		case SVCLB_A_FRONTEND_STATS:
			get_counts(&frontend->counts, attr);
			break;
		default:
			break;
		}
	}
	frontend->key.node_port = frontend->kind == SVCLB_FRONTEND_KIND_NODE_PORT;
}

static void get_backend_counts(struct svclb_backend *backend,
			       struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case SVCLB_A_STATS_CONNECTIONS:
			backend->connections = get_u64(attr);
			break;
		case SVCLB_A_STATS_ACTIVE:
			backend->active = get_u32(attr);
			break;
		case SVCLB_A_STATS_INACTIVE:
			backend->inactive = get_u32(attr);
			break;
		default:
			break;
		}
	}
}

/**
 * svclb_codec_get_backend() - read the nest of a backend
 * @backend: for the backend, all zero
 * @share:   for its share in millionths, which only resolve tells; or NULL
 * @nest:    the nest
 *
 * Return: AF_INET or AF_INET6, as its address says; 0 if it has none.
 */
uint8_t svclb_codec_get_backend(struct svclb_backend *backend, uint32_t *share,
				struct nlattr *nest)
{
	struct nlattr *attr;
	uint8_t family = 0;
	int rem;

	backend->weight = 1;
	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case SVCLB_A_BACKEND_ID:
			backend->id = get_u32(attr);
			break;
		case SVCLB_A_BACKEND_ADDRESS4:
			family = AF_INET;
			get_address(backend->addr, attr);
			break;
		case SVCLB_A_BACKEND_ADDRESS6:
			family = AF_INET6;
			get_address(backend->addr, attr);
			break;
		case SVCLB_A_BACKEND_PORT:
			backend->port = get_port(attr);
			break;
		case SVCLB_A_BACKEND_WEIGHT:
			backend->weight = get_u32(attr);
			break;
		case SVCLB_A_BACKEND_FLAGS:
			backend->flags = get_u32(attr);
			break;
		case SVCLB_A_BACKEND_STATS:
			get_backend_counts(backend, attr);
			break;
		case SVCLB_A_BACKEND_SHARE:
			if (share)
				*share = get_u32(attr);
			break;
		default:
			break;
		}
	}
	return family;
}

/**
 * svclb_codec_get_network() - read the nest of a network
 * @network: for the network
 * @nest:    the nest
 */
void svclb_codec_get_network(struct svclb_network *network, struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	*network = (struct svclb_network){ 0 };
	nla_for_each_nested(attr, nest, rem) {
		switch (nla_type(attr)) {
		case SVCLB_A_NETWORK_ADDRESS4:
			network->family = AF_INET;
			get_address(network->addr, attr);
			break;
		case SVCLB_A_NETWORK_ADDRESS6:
			network->family = AF_INET6;
			get_address(network->addr, attr);
			break;
		case SVCLB_A_NETWORK_PREFIX_LENGTH:
			network->length = get_u8(attr);
			break;
		default:
			break;
		}
	}
	/* Nobody is to read behind the address on its account. */
	if (network->length > svclb_family_length(network->family) * 8)
		network->length = svclb_family_length(network->family) * 8;
}

static void get_attribute(struct svclb_reply *reply, struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case SVCLB_A_SERVICE_ID:
		reply->id = get_u32(attr);
		break;
	case SVCLB_A_SERVICE_NAME:
		if (memchr(nla_data(attr), 0, nla_len(attr)))
			reply->name = nla_data(attr);
		break;
	case SVCLB_A_SERVICE_FAMILY:
		reply->family = get_u8(attr);
		break;
	case SVCLB_A_SERVICE_PROTOCOL:
		reply->proto = get_u8(attr);
		break;
	case SVCLB_A_SERVICE_SCHEDULER:
		reply->sched = get_u8(attr);
		break;
	case SVCLB_A_SERVICE_GENERATION:
		reply->generation = get_u64(attr);
		break;
	case SVCLB_A_SERVICE_FRONTEND_COUNT:
		reply->nr_frontends = get_u32(attr);
		break;
	case SVCLB_A_SERVICE_BACKEND_COUNT:
		reply->nr_backends = get_u32(attr);
		break;
	case SVCLB_A_SERVICE_STATS:
		get_counts(&reply->counts, attr);
		break;
	case SVCLB_A_SERVICE_FRONTEND:
		reply->has_frontend = true;
		svclb_codec_get_frontend(&reply->frontend, attr);
		break;
	case SVCLB_A_SERVICE_BACKEND:
		reply->has_backend = true;
		svclb_codec_get_backend(&reply->backend, NULL, attr);
		break;
	case SVCLB_A_SERVICE_SOURCE_RANGE:
		reply->has_range = true;
		svclb_codec_get_network(&reply->range, attr);
		break;
	case SVCLB_A_SERVICE_SOURCE_RANGE_COUNT:
		reply->nr_ranges = get_u32(attr);
		break;
	case SVCLB_A_SERVICE_AFFINITY_TIMEOUT:
		reply->affinity = get_u32(attr);
		break;
	case SVCLB_A_SERVICE_SYN_FAILOVER:
		reply->syn_failover = get_u8(attr);
		break;
	default:
		break;
	}
}

/**
 * svclb_codec_get_service() - read a message about a service
 * @reply: for what it says
 * @msg:   the message
 * @err:   for errors
 *
 * Return: 0, or -1 if something is missing that every such message has.
 */
int svclb_codec_get_service(struct svclb_reply *reply,
			    const struct nlmsghdr *msg, struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	*reply = (struct svclb_reply){ 0 };
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		get_attribute(reply, attr);
	if (!reply->id || !reply->name || !reply->family || !reply->proto)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "the kernel's message lacks id, name, family or protocol of the service");
	reply->frontend.key.family = reply->family;
	reply->frontend.key.proto = reply->proto;
	return 0;
}

static int get_list(struct svclb_networks *list, struct nlattr *nest,
		    struct svclb_err *err)
{
	if (list->nr == SVCLB_CLUSTER_NETWORKS_MAX)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "the kernel has more networks in its settings than this tool can handle");
	svclb_codec_get_network(&list->at[list->nr++], nest);
	return 0;
}

static int get_interface(struct svclb_settings *settings,
			 const struct nlattr *attr, struct svclb_err *err)
{
	if (settings->nr_interfaces == SVCLB_POD_INTERFACES_MAX)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "the kernel has more pod interfaces than this tool can handle");
	nla_strlcpy(settings->interfaces[settings->nr_interfaces++], attr,
		    SVCLB_INTERFACE_TEXT);
	return 0;
}

static void get_tuning(struct svclb_settings *settings, int i,
		       const struct nlattr *attr)
{
	settings->tunings[i] = svclb_tunings[i].size == 1 ? get_u8(attr) :
							    get_u32(attr);
	settings->given |= SVCLB_GIVEN_TUNING(i);
}

static int get_setting(struct svclb_settings *settings, struct nlattr *attr,
		       struct svclb_err *err)
{
	switch (nla_type(attr)) {
	case SVCLB_A_SETTINGS_CLUSTER_NETWORK:
		return get_list(&settings->lists[SVCLB_LIST_CLUSTER], attr, err);
	case SVCLB_A_SETTINGS_NODE_PORT_ADDRESS:
		return get_list(&settings->lists[SVCLB_LIST_NODE_PORT], attr,
				err);
	case SVCLB_A_SETTINGS_SERVICE_NETWORK:
		return get_list(&settings->lists[SVCLB_LIST_SERVICE], attr, err);
	case SVCLB_A_SETTINGS_POD_INTERFACE:
		return get_interface(settings, attr, err);
	case SVCLB_A_SETTINGS_MASQUERADE_ALL:
		settings->masquerade_all = get_u8(attr);
		return 0;
	case SVCLB_A_SETTINGS_NODE_PORT_MIN:
		settings->node_port_min = get_u16(attr);
		return 0;
	case SVCLB_A_SETTINGS_NODE_PORT_MAX:
		settings->node_port_max = get_u16(attr);
		return 0;
	case SVCLB_A_SETTINGS_DEFAULT_SCHEDULER:
		settings->sched = get_u8(attr);
		return 0;
	case SVCLB_A_SETTINGS_NODE_PORT_LOOPBACK:
		settings->loopback = get_u8(attr);
		return 0;
	case SVCLB_A_SETTINGS_ANSWER_PING:
		settings->answer_ping = get_u8(attr);
		return 0;
	case SVCLB_A_SETTINGS_MAGLEV_SEED:
		settings->maglev_seed = get_u64(attr);
		return 0;
	case SVCLB_A_SETTINGS_AFFINITY_MAX:
		settings->affinity_max = get_u32(attr);
		/* A module that has this one has all before it. */
		settings->given = SVCLB_GIVEN_TUNING(0) - 1;
		return 0;
	case SVCLB_A_SETTINGS_DATAPATH ... SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED:
		get_tuning(settings, nla_type(attr) - SVCLB_A_SETTINGS_DATAPATH,
			   attr);
		return 0;
	default:
		return 0;
	}
}

/**
 * svclb_codec_get_settings() - read a message about settings
 * @settings: for the settings; those that the module has are given
 * @msg:      the message
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_codec_get_settings(struct svclb_settings *settings,
			     const struct nlmsghdr *msg, struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	*settings = (struct svclb_settings){ .given = SVCLB_GIVEN_FIRST };
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		if (get_setting(settings, attr, err))
			return -1;
	return 0;
}

/**
 * svclb_codec_get_counters() - read a message about the namespace's counters
 * @counters: for the counters; those that the kernel does not send are 0
 * @msg:      the message
 */
void svclb_codec_get_counters(struct svclb_counters *counters,
			      const struct nlmsghdr *msg)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	*counters = (struct svclb_counters){ 0 };
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		if (nla_type(attr) <= SVCLB_A_COUNTERS_MAX)
			counters->values[nla_type(attr)] = get_u64(attr);
}

/**
 * svclb_codec_command() - what a message is
 * @msg: the message
 *
 * Return: enum svclb_cmd.
 */
uint8_t svclb_codec_command(const struct nlmsghdr *msg)
{
	return genlmsg_hdr((struct nlmsghdr *)msg)->cmd;
}

/**
 * svclb_codec_locate() - find what an offset in a request points at
 * @msg:    the request
 * @offset: the offset, of an attribute or of one in its nest
 * @attr:   for the type of the outer attribute
 * @index:  for its number among those of its type
 *
 * Return: 0, or -1 if it points at none.
 */
int svclb_codec_locate(const struct nlmsghdr *msg, uint32_t offset, int *attr,
		       uint32_t *index)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	uint32_t seen[SVCLB_A_SERVICE_MAX + 1] = { 0 };
	const char *start = (const char *)msg;
	struct nlattr *at;
	int rem, type;

	nla_for_each_attr(at, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem) {
		type = nla_type(at);
		if (type > SVCLB_A_SERVICE_MAX)
			return -1;
		if ((const char *)at + at->nla_len > start + offset) {
			*attr = type;
			*index = seen[type];
			return (const char *)at <= start + offset ? 0 : -1;
		}
		seen[type]++;
	}
	return -1;
}
