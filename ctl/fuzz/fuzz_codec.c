// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attributes of one message of the kernel, read as all that a message can
 * be. What is read and put into a request must be read again as the same.
 */
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/codec.h"
#include "lib/resolution.h"

/* Nothing follows the message: the sanitizer sees who reads on. */
static struct nlmsghdr *make_message(const uint8_t *data, size_t size)
{
	struct nlmsghdr *msg = malloc(NLMSG_HDRLEN + size);

	FUZZ_CHECK(msg);
	*msg = (struct nlmsghdr){ .nlmsg_len = NLMSG_HDRLEN + size };
	if (size)
		memcpy(NLMSG_DATA(msg), data, size);
	return msg;
}

static struct nl_msg *request(size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(NLMSG_HDRLEN + GENL_HDRLEN + size);

	FUZZ_CHECK(msg && genlmsg_put(msg, 0, 0, 16, 0, 0, 1, 1));
	return msg;
}

static void check_members(struct svclb_reply *reply)
{
	struct svclb_err err = { 0 };
	struct svclb_reply again;
	struct nl_msg *msg;
	int failures = 0;

	if (reply->family != AF_INET && reply->family != AF_INET6)
		return;
	/* Of an address, what the family has. */
	if (reply->family == AF_INET) {
		memset(reply->frontend.key.addr + 4, 0, 12);
		memset(reply->backend.addr + 4, 0, 12);
	}
	if (reply->frontend.kind == SVCLB_FRONTEND_KIND_NODE_PORT)
		memset(reply->frontend.key.addr, 0, 16);
	msg = request(1024);
	failures |= nla_put_u32(msg, SVCLB_A_SERVICE_ID, reply->id);
	failures |= nla_put_string(msg, SVCLB_A_SERVICE_NAME,
				   strlen(reply->name) < 256 ? reply->name : "x");
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, reply->family);
	failures |= nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, reply->proto);
	if (reply->has_frontend)
		failures |= svclb_codec_put_frontends(msg, &reply->frontend, 1, &err);
	if (reply->has_backend)
		failures |= svclb_codec_put_backends(msg, reply->family,
						     &reply->backend, 1, &err);
	FUZZ_CHECK(!failures);
	FUZZ_CHECK(!svclb_codec_get_service(&again, nlmsg_hdr(msg), &err));
	FUZZ_CHECK(again.has_frontend == reply->has_frontend &&
		   again.has_backend == reply->has_backend);
	if (reply->has_frontend)
		FUZZ_CHECK(svclb_frontend_equal(&again.frontend,
						&reply->frontend));
	if (reply->has_backend)
		FUZZ_CHECK(again.backend.port == reply->backend.port &&
			   again.backend.weight == reply->backend.weight &&
			   again.backend.flags == reply->backend.flags &&
			   !memcmp(again.backend.addr, reply->backend.addr, 16));
	nlmsg_free(msg);
}

static void check_service(const struct nlmsghdr *msg)
{
	struct svclb_err err = { 0 };
	struct svclb_reply reply;

	if (svclb_codec_get_service(&reply, msg, &err)) {
		FUZZ_CHECK(err.code && *err.text);
		return;
	}
	FUZZ_CHECK(strlen(reply.name) < msg->nlmsg_len);
	check_members(&reply);
}

static void check_list(struct svclb_networks *networks)
{
	uint32_t i;

	FUZZ_CHECK(networks->nr <= SVCLB_CLUSTER_NETWORKS_MAX);
	for (i = 0; i < networks->nr; i++) {
		struct svclb_network *network = &networks->at[i];

		/* One without an address has none that a length could be of. */
		if (!network->family)
			*network = (struct svclb_network){ .family = AF_INET };
		if (network->family == AF_INET)
			memset(network->addr + 4, 0, 12);
	}
}

static bool lists_equal(const struct svclb_networks *a,
			const struct svclb_networks *b)
{
	uint32_t i;

	for (i = 0; i < a->nr && i < b->nr; i++)
		if (!svclb_network_equal(&a->at[i], &b->at[i]))
			return false;
	return a->nr == b->nr;
}

static void check_settings(const struct nlmsghdr *msg)
{
	struct svclb_settings settings, again;
	struct svclb_err err = { 0 };
	struct nl_msg *made;
	uint32_t i;

	if (svclb_codec_get_settings(&settings, msg, &err))
		return;
	FUZZ_CHECK(settings.nr_interfaces <= SVCLB_POD_INTERFACES_MAX);
	made = request(svclb_codec_size(SVCLB_SETTINGS_MEMBERS));
	for (i = 0; i < SVCLB_LISTS; i++)
		check_list(&settings.lists[i]);
	settings.given = SVCLB_GIVEN_ALL;
	FUZZ_CHECK(!svclb_codec_put_settings(made, &settings, &err));
	FUZZ_CHECK(!svclb_codec_get_settings(&again, nlmsg_hdr(made), &err));
	FUZZ_CHECK(again.given == SVCLB_GIVEN_ALL &&
		   again.masquerade_all == settings.masquerade_all &&
		   again.loopback == settings.loopback &&
		   again.answer_ping == settings.answer_ping &&
		   again.sched == settings.sched &&
		   again.node_port_min == settings.node_port_min &&
		   again.node_port_max == settings.node_port_max &&
		   again.affinity_max == settings.affinity_max &&
		   again.maglev_seed == settings.maglev_seed &&
		   again.nr_interfaces == settings.nr_interfaces);
	for (i = 0; i < SVCLB_TUNINGS; i++)
		FUZZ_CHECK(again.tunings[i] == settings.tunings[i]);
	for (i = 0; i < settings.nr_interfaces; i++)
		FUZZ_CHECK(!strcmp(again.interfaces[i], settings.interfaces[i]));
	for (i = 0; i < SVCLB_LISTS; i++)
		FUZZ_CHECK(lists_equal(&again.lists[i], &settings.lists[i]));
	nlmsg_free(made);
}

static void check_resolution(const struct nlmsghdr *msg)
{
	struct svclb_resolution resolution = { 0 };
	struct svclb_affinity affinity;
	struct svclb_err err = { 0 };

	FUZZ_CHECK(!svclb_resolution_get(&resolution, msg, &err));
	FUZZ_CHECK(resolution.nr_candidates <= msg->nlmsg_len / NLA_HDRLEN);
	/* What is read of an affinity outlives the message. */
	FUZZ_CHECK(!resolution.affinity.service_name);
	svclb_resolution_uninit(&resolution);
	if (svclb_affinity_get(&affinity, msg, &err))
		FUZZ_CHECK(err.code && *err.text);
	else
		FUZZ_CHECK(strlen(affinity.service_name) < msg->nlmsg_len);
}

static void check_locate(const struct nlmsghdr *msg)
{
	uint32_t offset, index;
	int attr;

	for (offset = 0; offset < msg->nlmsg_len + 8; offset++) {
		if (svclb_codec_locate(msg, offset, &attr, &index))
			continue;
		FUZZ_CHECK(offset >= NLMSG_HDRLEN + GENL_HDRLEN &&
			   offset < msg->nlmsg_len);
		FUZZ_CHECK(attr >= 0 && attr <= SVCLB_A_SERVICE_MAX &&
			   index < msg->nlmsg_len / NLA_HDRLEN);
	}
	svclb_codec_locate(msg, UINT32_MAX, &attr, &index);
}

int fuzz_input(const uint8_t *data, size_t size)
{
	struct svclb_counters counters;
	struct nlmsghdr *msg;

	if (size > UINT16_MAX)
		return 0;
	msg = make_message(data, size);
	check_service(msg);
	check_settings(msg);
	check_resolution(msg);
	svclb_codec_get_counters(&counters, msg);
	check_locate(msg);
	if (size >= GENL_HDRLEN)
		svclb_codec_command(msg);
	free(msg);
	return 0;
}
