// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec.h"
#include "lib/resolution.h"
#include "tap.h"

#define FRONTENDS 100u
#define BACKENDS 20000u
#define RANGES 5000u

/* A service that takes as much room as its numbers of members allow. */
static struct svclb_service *largest(void)
{
	char name[SVCLB_NAME_MAX + 1];
	struct svclb_service *service;
	uint32_t i;

	memset(name, 'x', sizeof(name));
	name[SVCLB_NAME_MAX] = '\0';
	service = svclb_service_create(name, AF_INET6, IPPROTO_TCP);
	service->sched = SVCLB_SCHED_WRR;
	service->generation = UINT64_MAX;
	service->affinity = SVCLB_AFFINITY_TIMEOUT_MAX;
	service->syn_failover = true;
	for (i = 0; i < RANGES; i++) {
		struct svclb_network range = {
			.addr = { 0xfd, [14] = i >> 8, [15] = i },
			.family = AF_INET6,
			.length = 128,
		};

		svclb_service_add_range(service, &range);
	}
	for (i = 0; i < FRONTENDS; i++) {
		struct svclb_frontend frontend = {
			.key = {
				.addr = { 0xfd, [14] = i >> 8, [15] = i },
				.port = 80,
				.family = AF_INET6,
				.proto = IPPROTO_TCP,
			},
			.kind = SVCLB_FRONTEND_KIND_LOAD_BALANCER,
			.policy = SVCLB_TRAFFIC_POLICY_LOCAL,
			.restricted = true,
		};

		svclb_service_add_frontend(service, &frontend);
	}
	for (i = 0; i < BACKENDS; i++) {
		struct svclb_backend backend = {
			.addr = { 0xfd, [14] = i >> 8, [15] = i },
			.port = 8080,
			.weight = i + 2,
			.flags = SVCLB_BACKEND_DRAINING,
		};

		svclb_service_add_backend(service, &backend);
	}
	return service;
}

static struct nl_msg *begin(size_t size)
{
	struct nl_msg *msg;

	msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + size);
	genlmsg_put(msg, 0, 0, 16, 0, 0, SVCLB_CMD_SERVICE_SET, 1);
	return msg;
}

static bool all_located(struct nlmsghdr *msg)
{
	struct nlattr *attr, *inner;
	uint32_t seen[SVCLB_A_SERVICE_MAX + 1] = { 0 }, index, offset;
	int rem, inner_rem, type;

	nla_for_each_attr(attr, genlmsg_attrdata(nlmsg_data(msg), 0),
			  genlmsg_attrlen(nlmsg_data(msg), 0), rem) {
		offset = (char *)attr - (char *)msg;
		if (svclb_codec_locate(msg, offset, &type, &index) ||
		    type != nla_type(attr) || index != seen[type])
			return false;
		if (attr->nla_type & NLA_F_NESTED) {
			nla_for_each_nested(inner, attr, inner_rem) {
				offset = (char *)inner - (char *)msg;
				if (svclb_codec_locate(msg, offset, &type,
						       &index) ||
				    type != nla_type(attr) ||
				    index != seen[type])
					return false;
			}
		}
		/* Walking from the start each time: a few are enough. */
		if (++seen[nla_type(attr)] > 500)
			return true;
	}
	return true;
}

static void test_put(struct tap *tap)
{
	struct svclb_service *service = largest();
	struct svclb_err err = { 0 };
	struct nlattr *attr;
	struct nl_msg *msg;
	uint32_t index;
	int rem, type, members = 0;

	msg = begin(svclb_codec_service_size(service));
	tap_ok(tap, !svclb_codec_put_service(msg, service, &err),
	       "the largest service fits into the room that is reckoned");
	nla_for_each_attr(attr, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
			  genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0), rem)
		members += nla_type(attr) == SVCLB_A_SERVICE_BACKEND ||
			   nla_type(attr) == SVCLB_A_SERVICE_FRONTEND ||
			   nla_type(attr) == SVCLB_A_SERVICE_SOURCE_RANGE;
	tap_ok(tap, members == FRONTENDS + BACKENDS + RANGES,
	       "with all its members");
	tap_ok(tap, all_located(nlmsg_hdr(msg)), "attributes are located");
	tap_ok(tap, svclb_codec_locate(nlmsg_hdr(msg), 4, &type, &index) &&
	       svclb_codec_locate(nlmsg_hdr(msg), UINT32_MAX, &type, &index),
	       "what points outside of them is not");
	nlmsg_free(msg);

	msg = begin(64);
	tap_ok(tap, svclb_codec_put_service(msg, service, &err) &&
	       err.code == SVCLB_ERR_FAILED, "too little room is an error");
	nlmsg_free(msg);
	svclb_service_free(service);
}

/* A reply as the kernel makes them, all in one. */
static void test_get(struct tap *tap)
{
	struct svclb_frontend frontend = {
		.key = {
			.port = 30000,
			.family = AF_INET,
			.proto = IPPROTO_UDP,
			.node_port = 1,
		},
		.kind = SVCLB_FRONTEND_KIND_NODE_PORT,
		.policy = SVCLB_TRAFFIC_POLICY_LOCAL,
		.restricted = true,
	};
	struct svclb_service attributes = {
		.affinity = 10800,
		.syn_failover = true,
	};
	struct svclb_network range = {
		.addr = { 192, 168 },
		.family = AF_INET,
		.length = 16,
	};
	struct svclb_backend backend = {
		.addr = { 10, 1, 2, 3 },
		.port = 53,
		.weight = 7,
		.flags = SVCLB_BACKEND_LOCAL | SVCLB_BACKEND_LOCAL_ONLY |
			 SVCLB_BACKEND_NOT_SERVING,
	};
	struct svclb_reply reply;
	struct svclb_err err;
	struct nl_msg *msg;

	msg = begin(1024);
	nla_put_u32(msg, 999, 1);
	nla_put_u32(msg, SVCLB_A_SERVICE_ID, 5);
	nla_put_string(msg, SVCLB_A_SERVICE_NAME, "a/b");
	nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, AF_INET);
	tap_ok(tap, svclb_codec_get_service(&reply, nlmsg_hdr(msg), &err),
	       "a message without the protocol is refused");
	nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, IPPROTO_UDP);
	svclb_codec_put_frontends(msg, &frontend, 1, &err);
	svclb_codec_put_backends(msg, AF_INET, &backend, 1, &err);
	svclb_service_add_range(&attributes, &range);
	svclb_codec_put_attributes(msg, &attributes,
				   SVCLB_ATTR(AFFINITY_TIMEOUT) |
				   SVCLB_ATTR(SYN_FAILOVER) |
				   SVCLB_ATTR(SOURCE_RANGE), &err);
	free(attributes.ranges);
	tap_ok(tap, !svclb_codec_get_service(&reply, nlmsg_hdr(msg), &err) &&
	       reply.id == 5 && !strcmp(reply.name, "a/b"),
	       "a message is read, what is unknown is passed over");
	tap_ok(tap, reply.has_frontend &&
	       svclb_key_equal(&reply.frontend.key, &frontend.key) &&
	       svclb_frontend_equal(&reply.frontend, &frontend),
	       "with its frontend");
	tap_ok(tap, reply.has_backend && reply.backend.weight == 7 &&
	       !memcmp(reply.backend.addr, backend.addr, 16) &&
	       reply.backend.port == 53 &&
	       reply.backend.flags == backend.flags, "with its backend");
	tap_ok(tap, reply.affinity == 10800 && reply.syn_failover,
	       "with its attributes");
	tap_ok(tap, reply.has_range && svclb_network_equal(&reply.range, &range),
	       "with its source range");
	nlmsg_free(msg);
}

static bool same_lists(const struct svclb_settings *a,
		       const struct svclb_settings *b)
{
	uint32_t list, i;

	for (list = 0; list < SVCLB_LISTS; list++) {
		if (a->lists[list].nr != b->lists[list].nr)
			return false;
		for (i = 0; i < a->lists[list].nr; i++)
			if (!svclb_network_equal(&a->lists[list].at[i],
						 &b->lists[list].at[i]))
				return false;
	}
	return true;
}

static void test_settings(struct tap *tap)
{
	struct svclb_settings settings = {
		.given = SVCLB_GIVEN_ALL,
		.masquerade_all = true,
		.loopback = true,
		.answer_ping = true,
		.sched = SVCLB_SCHED_RR,
		.node_port_min = 1000,
		.node_port_max = 2000,
		.affinity_max = 77,
		.tunings = { 1, 2, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12 },
		.maglev_seed = UINT64_MAX,
	};
	struct svclb_settings is;
	struct svclb_err err;
	struct nl_msg *msg;
	uint32_t list, i;

	for (list = 0; list < SVCLB_LISTS; list++)
		for (i = 0; i < SVCLB_CLUSTER_NETWORKS_MAX; i++)
			settings.lists[list].at[settings.lists[list].nr++] =
				(struct svclb_network){
					.addr = { 0xfd, i, list },
					.family = AF_INET6,
					.length = 24,
				};
	for (i = 0; i < SVCLB_POD_INTERFACES_MAX; i++)
		snprintf(settings.interfaces[settings.nr_interfaces++],
			 SVCLB_INTERFACE_TEXT, "abcdefghijklm%02u*", i);
	msg = begin(svclb_codec_size(SVCLB_SETTINGS_MEMBERS));
	tap_ok(tap, !svclb_codec_put_settings(msg, &settings, &err) &&
	       !svclb_codec_get_settings(&is, nlmsg_hdr(msg), &err),
	       "settings are written and read");
	tap_ok(tap, same_lists(&is, &settings), "lists are the same");
	for (i = 0; i < is.nr_interfaces; i++)
		if (strcmp(is.interfaces[i], settings.interfaces[i]) != 0)
			break;
	tap_ok(tap, i == SVCLB_POD_INTERFACES_MAX, "interfaces are the same");
	tap_ok(tap, is.given == SVCLB_GIVEN_ALL && is.masquerade_all &&
	       is.loopback && is.answer_ping && is.sched == SVCLB_SCHED_RR &&
	       is.node_port_min == 1000 && is.node_port_max == 2000 &&
	       is.affinity_max == 77 && is.maglev_seed == UINT64_MAX &&
	       !memcmp(is.tunings, settings.tunings, sizeof(is.tunings)),
	       "numbers are the same");
	nlmsg_free(msg);

	msg = begin(svclb_codec_size(SVCLB_SETTINGS_MEMBERS));
	settings.given = SVCLB_GIVEN_FIRST;
	svclb_codec_put_settings(msg, &settings, &err);
	svclb_codec_get_settings(&is, nlmsg_hdr(msg), &err);
	tap_ok(tap, is.given == SVCLB_GIVEN_FIRST,
	       "settings that an old module does not have are not given");
	nlmsg_free(msg);
}

/* A nest of two attributes, one a number of 32 bits and one of 8. */
static void put_pair(struct nl_msg *msg, int nest, int type32, uint32_t value32,
		     int type8, uint8_t value8)
{
	struct nlattr *start = nla_nest_start(msg, nest);

	nla_put_u32(msg, type32, value32);
	nla_put_u8(msg, type8, value8);
	nla_nest_end(msg, start);
}

static void put_candidate(struct nl_msg *msg, uint32_t id, uint32_t addr,
			  uint32_t share)
{
	struct nlattr *nest = nla_nest_start(msg, SVCLB_A_RESOLUTION_BACKEND);

	nla_put_u32(msg, SVCLB_A_BACKEND_ID, id);
	nla_put_u32(msg, SVCLB_A_BACKEND_ADDRESS4, htonl(addr));
	nla_put_u16(msg, SVCLB_A_BACKEND_PORT, htons(80));
	nla_put_u32(msg, SVCLB_A_BACKEND_SHARE, share);
	nla_nest_end(msg, nest);
}

static void test_resolution(struct tap *tap)
{
	const struct svclb_connection connection = {
		.family = AF_INET6,
		.proto = IPPROTO_UDP,
		.src = { 0xfd, [15] = 1 },
		.dst = { 0xfd, [15] = 2 },
		.sport = 1000,
		.dport = 53,
		.interface = 7,
	};
	struct svclb_resolution answer = { 0 };
	struct svclb_err err;
	struct nlattr *attr;
	struct nl_msg *msg;
	uint32_t i;

	msg = begin(svclb_codec_size(1));
	tap_ok(tap, !svclb_resolution_put(msg, &connection, &err),
	       "a connection fits into the room that is reckoned");
	attr = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
			       SVCLB_A_RESOLUTION_DESTINATION6);
	tap_ok(tap, attr && nla_len(attr) == 16 &&
	       !memcmp(nla_data(attr), connection.dst, 16), "its address");
	attr = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
			       SVCLB_A_RESOLUTION_DESTINATION_PORT);
	tap_ok(tap, attr && nla_get_u16(attr) == htons(53), "its port");
	attr = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
			       SVCLB_A_RESOLUTION_INTERFACE);
	tap_ok(tap, attr && nla_get_u32(attr) == 7, "its interface");
	nlmsg_free(msg);

	msg = begin(4096);
	nla_put_u8(msg, SVCLB_A_RESOLUTION_VERDICT, SVCLB_VERDICT_TRANSLATE);
	nla_put_string(msg, SVCLB_A_RESOLUTION_SERVICE_NAME, "a/b");
	put_pair(msg, SVCLB_A_RESOLUTION_SOURCE_RANGE,
		 SVCLB_A_NETWORK_ADDRESS4, htonl(0x0a000000),
		 SVCLB_A_NETWORK_PREFIX_LENGTH, 8);
	for (i = 0; i < 20; i++)
		put_candidate(msg, i + 1, 0x0a010100 + i, 50000);
	nla_put_u32(msg, SVCLB_A_RESOLUTION_CHOICE, 3);
	put_pair(msg, SVCLB_A_RESOLUTION_AFFINITY, SVCLB_A_AFFINITY_BACKEND_ID,
		 3, 99, 0);
	nla_put_u8(msg, SVCLB_A_RESOLUTION_MASQUERADE,
		   SVCLB_MASQUERADE_REASON_OUTSIDE);
	tap_ok(tap, !svclb_resolution_get(&answer, nlmsg_hdr(msg), &err) &&
	       answer.verdict == SVCLB_VERDICT_TRANSLATE &&
	       !strcmp(answer.service_name, "a/b") &&
	       answer.masquerade == SVCLB_MASQUERADE_REASON_OUTSIDE,
	       "an answer is read");
	tap_ok(tap, answer.has_range && answer.range.length == 8 &&
	       !answer.has_policy && !answer.has_frontend,
	       "with its source range, and without what is not there");
	tap_ok(tap, answer.nr_candidates == 20 &&
	       answer.candidates[19].backend.id == 20 &&
	       answer.candidates[19].backend.addr[3] == 19 &&
	       answer.candidates[19].share == 50000, "with its endpoints");
	tap_ok(tap, answer.has_choice && answer.choice == 3 &&
	       answer.has_affinity && answer.affinity.backend_id == 3,
	       "with choice and affinity");
	svclb_resolution_uninit(&answer);
	nlmsg_free(msg);
}

/* A copy of the message with nothing behind it: the sanitizer sees who reads on. */
static struct nlmsghdr *cut_off(struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);
	struct nlmsghdr *copy = malloc(header->nlmsg_len);

	memcpy(copy, header, header->nlmsg_len);
	nlmsg_free(msg);
	return copy;
}

/* Attributes that are too short, the last of their message. */
static void test_short(struct tap *tap)
{
	static const int ports[] = { SVCLB_A_SETTINGS_NODE_PORT_MIN,
				     SVCLB_A_SETTINGS_NODE_PORT_MAX };
	struct svclb_settings settings;
	struct svclb_reply reply;
	struct nlmsghdr *message;
	struct svclb_err err;
	struct nl_msg *msg;
	int i;

	msg = begin(1024);
	nla_put_u32(msg, SVCLB_A_SERVICE_ID, 5);
	nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, AF_INET);
	nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, IPPROTO_TCP);
	nla_put(msg, SVCLB_A_SERVICE_NAME, 0, NULL);
	message = cut_off(msg);
	tap_ok(tap, svclb_codec_get_service(&reply, message, &err) < 0,
	       "a name without its zero byte is none");
	free(message);
	for (i = 0; i < 2; i++) {
		msg = begin(64);
		nla_put(msg, ports[i], 0, NULL);
		nla_put_u8(msg, SVCLB_A_SETTINGS_DEFAULT_SCHEDULER, 0);
		message = cut_off(msg);
		tap_ok(tap, !svclb_codec_get_settings(&settings, message, &err) &&
		       !settings.node_port_min && !settings.node_port_max,
		       "a port of no bytes is none");
		free(message);
	}
}

int main(void)
{
	struct tap tap = { 0 };

	test_put(&tap);
	test_get(&tap);
	test_settings(&tap);
	test_resolution(&tap);
	test_short(&tap);
	return tap_end(&tap);
}
