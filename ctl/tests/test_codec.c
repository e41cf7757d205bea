// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec.h"
#include "tap.h"

#define FRONTENDS 100u
#define BACKENDS 20000u

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
	for (i = 0; i < FRONTENDS; i++) {
		struct svclb_frontend frontend = {
			.key = {
				.addr = { 0xfd, [14] = i >> 8, [15] = i },
				.port = 80,
				.family = AF_INET6,
				.proto = IPPROTO_TCP,
			},
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

	msg = begin(svclb_codec_size(FRONTENDS, BACKENDS));
	tap_ok(tap, !svclb_codec_put_service(msg, service, &err),
	       "the largest service fits into the room that is reckoned");
	nla_for_each_attr(attr, genlmsg_attrdata(nlmsg_data(nlmsg_hdr(msg)), 0),
			  genlmsg_attrlen(nlmsg_data(nlmsg_hdr(msg)), 0), rem)
		members += nla_type(attr) == SVCLB_A_SERVICE_BACKEND ||
			   nla_type(attr) == SVCLB_A_SERVICE_FRONTEND;
	tap_ok(tap, members == FRONTENDS + BACKENDS, "with all its members");
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
			.kind = SVCLB_FRONTEND_KIND_NODE_PORT,
		},
	};
	struct svclb_backend backend = {
		.addr = { 10, 1, 2, 3 },
		.port = 53,
		.weight = 7,
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
	tap_ok(tap, !svclb_codec_get_service(&reply, nlmsg_hdr(msg), &err) &&
	       reply.id == 5 && !strcmp(reply.name, "a/b"),
	       "a message is read, what is unknown is passed over");
	tap_ok(tap, reply.has_frontend &&
	       svclb_key_equal(&reply.frontend.key, &frontend.key),
	       "with its frontend");
	tap_ok(tap, reply.has_backend && reply.backend.weight == 7 &&
	       !memcmp(reply.backend.addr, backend.addr, 16) &&
	       reply.backend.port == 53, "with its backend");
	nlmsg_free(msg);
}

static void test_settings(struct tap *tap)
{
	struct svclb_settings settings = {
		.given = SVCLB_GIVEN_NETWORKS | SVCLB_GIVEN_MASQUERADE |
			 SVCLB_GIVEN_PORTS | SVCLB_GIVEN_SCHEDULER,
		.masquerade_all = true,
		.sched = SVCLB_SCHED_RR,
		.node_port_min = 1000,
		.node_port_max = 2000,
	};
	struct svclb_settings is;
	struct svclb_err err;
	struct nl_msg *msg;
	uint32_t i;

	for (i = 0; i < SVCLB_CLUSTER_NETWORKS_MAX; i++)
		settings.networks[settings.nr_networks++] =
			(struct svclb_network){
				.addr = { 0xfd, i },
				.family = AF_INET6,
				.length = 16,
			};
	msg = begin(svclb_codec_size(SVCLB_CLUSTER_NETWORKS_MAX, 0));
	tap_ok(tap, !svclb_codec_put_settings(msg, &settings, &err) &&
	       !svclb_codec_get_settings(&is, nlmsg_hdr(msg), &err),
	       "settings are written and read");
	for (i = 0; i < is.nr_networks; i++)
		if (!svclb_network_equal(&is.networks[i], &settings.networks[i]))
			break;
	tap_ok(tap, i == SVCLB_CLUSTER_NETWORKS_MAX && is.masquerade_all &&
	       is.sched == SVCLB_SCHED_RR && is.node_port_min == 1000 &&
	       is.node_port_max == 2000, "and are the same");
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
	test_short(&tap);
	return tap_end(&tap);
}
