// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the inputs that fuzzing begins with and that are no text:
 *
 *	seed WORDS DIRECTORY
 *
 * Each line of the file WORDS becomes an input of fuzz_text; messages as the
 * module makes them become inputs of fuzz_codec and fuzz_client.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_client.h"
#include "lib/codec.h"

static const char *directory;

static FILE *create(const char *target, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s/%s", directory, target, name);
	file = fopen(path, "w");
	if (!file)
		err(1, "%s", path);
	return file;
}

static void finish(FILE *file)
{
	if (ferror(file) || fclose(file))
		err(1, "cannot write");
}

static void words(const char *path)
{
	FILE *from = fopen(path, "r"), *file;
	char line[1024], name[32];
	unsigned int nr = 0;

	if (!from)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line == '#' || !*line)
			continue;
		snprintf(name, sizeof(name), "%u", nr++);
		file = create("fuzz_text", name);
		fputs(line, file);
		finish(file);
	}
	fclose(from);
}

static struct nl_msg *begin(uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(8192);

	if (!msg || !genlmsg_put(msg, 0, 0, FUZZ_FAMILY, 0, 0, cmd, 1))
		errx(1, "no memory");
	return msg;
}

static void put_stats(struct nl_msg *msg, int type)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u64(msg, SVCLB_A_STATS_CONNECTIONS, 7);
	nla_put_u64(msg, SVCLB_A_STATS_REJECTED, 8);
	nla_nest_end(msg, nest);
}

static struct nl_msg *service_message(uint32_t frontends, uint32_t backends)
{
	struct nl_msg *msg = begin(SVCLB_CMD_SERVICE_SET_NTF);

	nla_put_u32(msg, SVCLB_A_SERVICE_ID, 1);
	nla_put_string(msg, SVCLB_A_SERVICE_NAME, "a");
	nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, AF_INET);
	nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, IPPROTO_TCP);
	nla_put_u8(msg, SVCLB_A_SERVICE_SCHEDULER, SVCLB_SCHED_RR);
	nla_put_u64(msg, SVCLB_A_SERVICE_GENERATION, 3);
	nla_put_u32(msg, SVCLB_A_SERVICE_FRONTEND_COUNT, frontends);
	nla_put_u32(msg, SVCLB_A_SERVICE_BACKEND_COUNT, backends);
	put_stats(msg, SVCLB_A_SERVICE_STATS);
	return msg;
}

static struct nl_msg *member_message(bool frontend)
{
	struct nl_msg *msg = begin(SVCLB_CMD_BACKEND_SET_NTF);
	const struct svclb_frontend key = {
		.key = {
			.addr = { 10, 96, 0, 1 },
			.port = 80,
			.family = AF_INET,
			.proto = IPPROTO_TCP,
		},
	};
	const struct svclb_backend backend = {
		.addr = { 10, 1, 1, 1 },
		.port = 8080,
		.weight = 5,
		.flags = SVCLB_BACKEND_DRAINING,
	};
	struct svclb_err error;

	nla_put_u32(msg, SVCLB_A_SERVICE_ID, 1);
	nla_put_string(msg, SVCLB_A_SERVICE_NAME, "a");
	nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, AF_INET);
	nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, IPPROTO_TCP);
	if (frontend)
		svclb_codec_put_frontends(msg, &key, 1, &error);
	else
		svclb_codec_put_backends(msg, AF_INET, &backend, 1, &error);
	return msg;
}

static struct nl_msg *settings_message(void)
{
	struct nl_msg *msg = begin(SVCLB_CMD_SETTINGS_SET_NTF);
	const struct svclb_settings settings = {
		.given = SVCLB_GIVEN_ALL,
		.masquerade_all = true,
		.node_port_min = 30000,
		.node_port_max = 32767,
		.affinity_max = 100,
		.tunings = { 1, 1000, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9 },
		.nr_interfaces = 1,
		.interfaces = { "veth*" },
		.lists = {
			[SVCLB_LIST_CLUSTER] = {
				.nr = 2,
				.at = {
					{ { 10 }, AF_INET, 8 },
					{ { 0xfd }, AF_INET6, 8 },
				},
			},
			[SVCLB_LIST_SERVICE] = {
				.nr = 1,
				.at = { { { 10, 96 }, AF_INET, 16 } },
			},
		},
	};
	struct svclb_err error;

	svclb_codec_put_settings(msg, &settings, &error);
	return msg;
}

static struct nl_msg *counters_message(void)
{
	struct nl_msg *msg = begin(SVCLB_CMD_COUNTERS_GET);
	int i;

	for (i = 1; i <= SVCLB_A_COUNTERS_MAX; i++)
		nla_put_u64(msg, i, i);
	return msg;
}

static void put_address4(struct nl_msg *msg, int type, uint8_t last)
{
	const uint8_t addr[] = { 10, 96, 0, last };

	nla_put(msg, type, sizeof(addr), addr);
}

static struct nl_msg *affinity_message(void)
{
	struct nl_msg *msg = begin(SVCLB_CMD_AFFINITY_GET);

	nla_put_u32(msg, SVCLB_A_AFFINITY_SERVICE_ID, 1);
	nla_put_string(msg, SVCLB_A_AFFINITY_SERVICE_NAME, "a");
	put_address4(msg, SVCLB_A_AFFINITY_ADDRESS4, 9);
	nla_put_u32(msg, SVCLB_A_AFFINITY_BACKEND_ID, 2);
	nla_put_u32(msg, SVCLB_A_AFFINITY_EXPIRES, 5000);
	return msg;
}

static struct nl_msg *resolution_message(void)
{
	struct nl_msg *msg = begin(SVCLB_CMD_RESOLVE);
	struct nlattr *nest;

	nla_put_u8(msg, SVCLB_A_RESOLUTION_VERDICT, SVCLB_VERDICT_TRANSLATE);
	nla_put_u32(msg, SVCLB_A_RESOLUTION_SERVICE_ID, 1);
	nla_put_string(msg, SVCLB_A_RESOLUTION_SERVICE_NAME, "a");
	nla_put_u8(msg, SVCLB_A_RESOLUTION_SCHEDULER, SVCLB_SCHED_RR);
	nest = nla_nest_start(msg, SVCLB_A_RESOLUTION_FRONTEND);
	nla_put_u8(msg, SVCLB_A_FRONTEND_KIND, SVCLB_FRONTEND_KIND_EXTERNAL);
	put_address4(msg, SVCLB_A_FRONTEND_ADDRESS4, 1);
	nla_put_u16(msg, SVCLB_A_FRONTEND_PORT, 80);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, SVCLB_A_RESOLUTION_SOURCE_RANGE);
	put_address4(msg, SVCLB_A_NETWORK_ADDRESS4, 0);
	nla_put_u8(msg, SVCLB_A_NETWORK_PREFIX_LENGTH, 24);
	nla_nest_end(msg, nest);
	nla_put_u8(msg, SVCLB_A_RESOLUTION_POLICY, SVCLB_TRAFFIC_POLICY_LOCAL);
	nest = nla_nest_start(msg, SVCLB_A_RESOLUTION_BACKEND);
	nla_put_u32(msg, SVCLB_A_BACKEND_ID, 2);
	put_address4(msg, SVCLB_A_BACKEND_ADDRESS4, 2);
	nla_put_u32(msg, SVCLB_A_BACKEND_SHARE, 1000000);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, SVCLB_A_RESOLUTION_AFFINITY);
	nla_put_u32(msg, SVCLB_A_AFFINITY_BACKEND_ID, 2);
	put_address4(msg, SVCLB_A_AFFINITY_ADDRESS4, 9);
	nla_nest_end(msg, nest);
	nla_put_u32(msg, SVCLB_A_RESOLUTION_CHOICE, 2);
	nla_put_u8(msg, SVCLB_A_RESOLUTION_MASQUERADE, 1);
	return msg;
}

static void put_record(FILE *file, uint8_t kind, const void *content, size_t size)
{
	putc(kind, file);
	putc(size & 0xff, file);
	putc(size >> 8, file);
	fwrite(content, 1, size, file);
}

static void put_message(FILE *file, struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr(msg);

	put_record(file, KIND_FAMILY, nlmsg_data(header), nlmsg_datalen(header));
	nlmsg_free(msg);
}

static void put_done(FILE *file)
{
	const int status = 0;

	put_record(file, KIND_DONE | KIND_END, &status, sizeof(status));
}

static void put_ack(FILE *file)
{
	const struct nlmsgerr ack = { 0 };

	put_record(file, KIND_ERROR | KIND_END, &ack, sizeof(ack));
}

/* A refusal that points at what is 40 bytes into the request. */
static void put_refusal(FILE *file, uint8_t kind, int number)
{
	struct {
		struct nlmsgerr error;
		struct nlattr offset;
		uint32_t value;
		struct nlattr text;
		char words[8];
	} refusal = {
		.error = {
			.error = -number,
			.msg.nlmsg_len = NLMSG_HDRLEN,
		},
		.offset = { .nla_len = 8, .nla_type = NLMSGERR_ATTR_OFFS },
		.value = 40,
		.text = { .nla_len = 12, .nla_type = NLMSGERR_ATTR_MSG },
		.words = "refused",
	};

	put_record(file, kind | KIND_TEXT | KIND_CAPPED | KIND_END, &refusal,
		   sizeof(refusal));
}

static FILE *question(const char *name, uint8_t number)
{
	FILE *file = create("fuzz_client", name);

	putc(number, file);
	return file;
}

static void put_members(FILE *file)
{
	put_message(file, member_message(true));
	put_done(file);
	put_message(file, member_message(false));
	put_done(file);
}

static void clients(void)
{
	FILE *file;

	file = question("all", ASK_ALL);
	put_message(file, service_message(1, 1));
	put_done(file);
	put_members(file);
	put_message(file, settings_message());
	put_ack(file);
	finish(file);

	file = question("one", ASK_KEY);
	put_message(file, service_message(1, 1));
	put_ack(file);
	put_message(file, service_message(1, 1));
	put_ack(file);
	put_members(file);
	finish(file);

	file = question("none", ASK_NAME);
	put_refusal(file, KIND_ERROR, ENOENT);
	finish(file);

	file = question("settings", ASK_SETTINGS);
	put_message(file, settings_message());
	put_ack(file);
	put_message(file, counters_message());
	put_ack(file);
	finish(file);

	file = question("resolve", ASK_RESOLVE);
	put_message(file, resolution_message());
	put_ack(file);
	finish(file);

	file = question("affinity", ASK_AFFINITY);
	put_message(file, affinity_message());
	put_done(file);
	finish(file);

	file = question("added", ASK_ADD);
	put_ack(file);
	finish(file);

	file = question("refused", ASK_ADD);
	put_refusal(file, KIND_FIRST, EEXIST);
	put_refusal(file, KIND_ERROR, EINVAL);
	put_message(file, service_message(1, 1));
	put_done(file);
	put_members(file);
	put_message(file, settings_message());
	put_ack(file);
	put_ack(file);
	finish(file);

	file = question("events", ASK_EVENTS);
	put_message(file, service_message(0, 0));
	put_message(file, member_message(true));
	put_message(file, settings_message());
	put_done(file);
	finish(file);
}

/* What the tool once crashed at or took amiss. */
static void odd_clients(void)
{
	struct nlmsgerr refusal = {
		.error = -ENOENT,
		.msg.nlmsg_len = 0x80000010,
	};
	const struct nlmsgerr ack = { 0 };
	struct nl_msg *msg;
	FILE *file;

	/* An ack that claims to be an interrupted dump. */
	file = question("interrupted", ASK_NAME);
	put_message(file, service_message(1, 1));
	put_record(file, KIND_ERROR | KIND_INTERRUPTED | KIND_END, &ack, sizeof(ack));
	finish(file);

	/* A request for one service that is answered with none. */
	file = question("missing", ASK_NAME);
	put_message(file, service_message(1, 1));
	put_ack(file);
	put_ack(file);
	finish(file);

	/* A refusal that quotes more than there can be, and the smallest number. */
	file = question("quoted", ASK_NAME);
	put_record(file, KIND_ERROR | KIND_TEXT | KIND_END, &refusal, sizeof(refusal));
	finish(file);
	refusal.error = INT_MIN;
	file = question("smallest", ASK_NAME);
	put_record(file, KIND_ERROR | KIND_END, &refusal, sizeof(refusal));
	finish(file);

	/* A family whose number has no bytes; an event without its header. */
	file = question("family", ASK_NAME | ASK_FAMILY);
	msg = nlmsg_alloc_size(64);
	if (!msg || !genlmsg_put(msg, 0, 0, 0, 0, 0, CTRL_CMD_NEWFAMILY, 1))
		errx(1, "no memory");
	nla_put(msg, CTRL_ATTR_FAMILY_ID, 0, NULL);
	put_record(file, KIND_CONTROL | KIND_END, nlmsg_data(nlmsg_hdr(msg)),
		   nlmsg_datalen(nlmsg_hdr(msg)));
	nlmsg_free(msg);
	put_ack(file);
	finish(file);
	file = question("empty", ASK_EVENTS);
	put_record(file, KIND_FAMILY | KIND_END, "", 0);
	finish(file);
}

static void codec(const char *name, struct nl_msg *msg)
{
	FILE *file = create("fuzz_codec", name);
	const struct nlmsghdr *header = nlmsg_hdr(msg);

	fwrite(nlmsg_data(header), 1, nlmsg_datalen(header), file);
	finish(file);
	nlmsg_free(msg);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(2, "usage: seed WORDS DIRECTORY");
	directory = argv[2];
	words(argv[1]);
	codec("service", service_message(1, 1));
	codec("frontend", member_message(true));
	codec("backend", member_message(false));
	codec("settings", settings_message());
	codec("counters", counters_message());
	codec("affinity", affinity_message());
	codec("resolution", resolution_message());
	clients();
	odd_clients();
	return 0;
}
