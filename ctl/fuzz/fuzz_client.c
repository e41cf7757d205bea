// SPDX-License-Identifier: GPL-2.0-only
/*
 * The whole way from the module's answers to what is printed, with a kernel that
 * answers what it likes. Linked in place of the socket, the input is this kernel:
 * its first byte chooses what is asked, the rest is records of what is answered:
 *
 *	kind		enum kind, and bits KIND_*
 *	length		two bytes, little-endian
 *	content
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "fuzz_client.h"
#include "lib/apply.h"
#include "lib/client.h"
#include "lib/resolution.h"
#include "lib/savefile.h"
#include "lib/transact.h"

static struct {
	const uint8_t *data;
	size_t left;
	bool opened;
	bool known;
	uint32_t port;
	uint32_t first_seq;
	uint32_t last_seq;
} kernel;

int fuzz_connect(struct nl_sock *sock, int protocol)
{
	FUZZ_CHECK(sock && protocol == NETLINK_GENERIC);
	return 0;
}

int fuzz_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len)
{
	(void)fd;
	(void)level;
	FUZZ_CHECK(option && value && len);
	return 0;
}

int fuzz_nanosleep(const struct timespec *time, struct timespec *left)
{
	FUZZ_CHECK(time && !left);
	return 0;
}

/* Requests are well-formed, whatever was answered before. */
int fuzz_sendto(struct nl_sock *sock, void *batch, size_t size)
{
	struct nlmsghdr *request;
	int left = (int)size;
	bool first = true;

	FUZZ_CHECK(sock && size);
	for (request = batch; nlmsg_ok(request, left);
	     request = nlmsg_next(request, &left)) {
		FUZZ_CHECK(request->nlmsg_flags & NLM_F_REQUEST);
		FUZZ_CHECK(first || request->nlmsg_seq == kernel.last_seq + 1);
		if (first)
			kernel.first_seq = request->nlmsg_seq;
		first = false;
		kernel.last_seq = request->nlmsg_seq;
		kernel.port = request->nlmsg_pid;
	}
	FUZZ_CHECK(!left && !first);
	return (int)size;
}

static struct nlmsghdr *begin(char *at, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *msg = (struct nlmsghdr *)at;

	*msg = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = flags,
		.nlmsg_seq = kernel.last_seq,
		.nlmsg_pid = kernel.port,
	};
	return msg;
}

static void add(struct nlmsghdr *msg, const void *content, size_t size)
{
	if (size)
		memcpy((char *)msg + msg->nlmsg_len, content, size);
	msg->nlmsg_len += size;
}

static void add_attr(struct nlmsghdr *msg, uint16_t type, const void *content,
		     uint16_t size)
{
	struct nlattr attr = { .nla_len = NLA_HDRLEN + size, .nla_type = type };
	static const char zeros[NLA_ALIGNTO];

	add(msg, &attr, sizeof(attr));
	add(msg, content, size);
	add(msg, zeros, NLA_ALIGN(size) - size);
}

/* What a sound kernel says about the family, and its ack. */
static size_t present_family(char *buffer)
{
	struct genlmsghdr header = { .cmd = CTRL_CMD_NEWFAMILY };
	uint16_t id = FUZZ_FAMILY;
	struct nlmsgerr ack = { 0 };
	struct nlmsghdr *msg;
	size_t len;

	kernel.known = true;
	msg = begin(buffer, GENL_ID_CTRL, 0);
	add(msg, &header, sizeof(header));
	add_attr(msg, CTRL_ATTR_FAMILY_ID, &id, sizeof(id));
	len = NLMSG_ALIGN(msg->nlmsg_len);
	msg = begin(buffer + len, NLMSG_ERROR, 0);
	add(msg, &ack, sizeof(ack));
	return len + NLMSG_ALIGN(msg->nlmsg_len);
}

static const uint16_t types[] = {
	[KIND_FAMILY] = FUZZ_FAMILY,
	[KIND_DONE] = NLMSG_DONE,
	[KIND_ERROR] = NLMSG_ERROR,
	[KIND_CONTROL] = GENL_ID_CTRL,
	[KIND_NOOP] = NLMSG_NOOP,
	[KIND_FIRST] = NLMSG_ERROR,
};

static uint16_t flags_of(uint8_t kind)
{
	uint16_t flags = 0;

	if (kind & KIND_INTERRUPTED)
		flags |= NLM_F_DUMP_INTR;
	if (kind & KIND_TEXT)
		flags |= NLM_F_ACK_TLVS;
	if (kind & KIND_CAPPED)
		flags |= NLM_F_CAPPED;
	return flags;
}

/* Makes one message of a record; returns how much room it takes. */
static size_t answer(char *at, uint8_t kind, const uint8_t *content, size_t size)
{
	struct nlmsghdr *msg;

	if ((kind & KIND_MASK) == KIND_RAW) {
		memcpy(at, content, size);
		return NLMSG_ALIGN(size);
	}
	msg = begin(at, types[kind & KIND_MASK], flags_of(kind));
	if ((kind & KIND_MASK) == KIND_FIRST)
		msg->nlmsg_seq = kernel.first_seq;
	add(msg, content, size);
	size = NLMSG_ALIGN(msg->nlmsg_len);
	if (kind & KIND_LONGER)
		msg->nlmsg_len += 8;
	return size;
}

/* One datagram: records up to one that ends it. */
static ssize_t answer_all(char *buffer, size_t room)
{
	size_t len = 0, size;
	uint8_t kind;

	while (kernel.left >= 3) {
		kind = kernel.data[0];
		size = kernel.data[1] | kernel.data[2] << 8;
		kernel.data += 3;
		kernel.left -= 3;
		if (size > kernel.left)
			size = kernel.left;
		if ((kind & KIND_MASK) == KIND_FAILURE) {
			errno = size & 1 ? ENOBUFS : EINTR;
			return -1;
		}
		FUZZ_CHECK(len + size + 64 < room);
		len += answer(buffer + len, kind, kernel.data, size);
		kernel.data += size;
		kernel.left -= size;
		if (kind & KIND_END)
			return len;
	}
	errno = EAGAIN;
	return len ? (ssize_t)len : -1;
}

ssize_t fuzz_recv(int fd, void *buffer, size_t room, int flags)
{
	ssize_t len;

	(void)fd;
	FUZZ_CHECK(flags == MSG_TRUNC);
	ASAN_UNPOISON_MEMORY_REGION(buffer, room);
	if (!kernel.known)
		len = (ssize_t)present_family(buffer);
	else
		len = answer_all(buffer, room);
	/* What was not received is nobody's to read. */
	if (len >= 0)
		ASAN_POISON_MEMORY_REGION((char *)buffer + len, room - len);
	return len;
}

static int handle(void *data, struct svclb_stmt *stmt, struct svclb_err *err)
{
	return svclb_apply(data, stmt, err);
}

static void make_config(struct svclb_config *config)
{
	static const char lines[] =
		"set --cluster-network 10.0.0.0/8 --masquerade-all on\n"
		"set --pod-interface veth* --service-network 10.96.0.0/16\n"
		"add-svc 10.96.0.1:80 nodeport:30000 --name a --affinity 60 --source-range 10.0.0.0/8\n"
		"add-ep a 10.1.1.1:80 10.1.1.2:80,w=3\n"
		"add-svc udp/[fd00::1]:53 --name b\n"
		"add-ep b [fd00::2]:53,draining\n";
	struct svclb_savefile file = { .name = "f", .len = strlen(lines) };
	struct svclb_err err;

	file.text = fuzz_text((const uint8_t *)lines, strlen(lines));
	FUZZ_CHECK(!svclb_savefile_read(&file, handle, config, &err));
	free(file.text);
}

static int on_event(void *data, const struct nlmsghdr *event,
		    struct svclb_err *err)
{
	struct svclb_settings *settings = data;
	struct svclb_reply reply;

	if (svclb_codec_command(event) == SVCLB_CMD_SETTINGS_SET_NTF)
		return svclb_codec_get_settings(settings, event, err);
	if (svclb_codec_get_service(&reply, event, err))
		return -1;
	FUZZ_CHECK(strlen(reply.name) < 65536);
	return 0;
}

static void load(struct svclb_nl *nl, const char *word, bool counted,
		 struct svclb_err *err)
{
	struct svclb_config config = { 0 };
	struct fuzz_output output;
	struct svclb_ref ref;
	int result;

	if (word) {
		FUZZ_CHECK(!svclb_ref_parse(&ref, word, err));
		result = svclb_client_load_service(nl, &ref, &config, err);
		FUZZ_CHECK(result || config.nr);
	} else if (counted) {
		result = svclb_client_load_counted(nl, NULL, &config, err);
	} else {
		result = svclb_client_load(nl, &config, err);
	}
	FUZZ_CHECK(!result || (err->code && *err->text));
	if (!result) {
		fuzz_print_config(&config, &output);
		free(output.text);
	}
	svclb_config_uninit(&config);
}

static void change(struct svclb_nl *nl, bool add, struct svclb_err *err)
{
	struct svclb_config none = { 0 }, all = { 0 };

	make_config(&all);
	if (svclb_transact(nl, "f", add ? &none : &all, add ? &all : &none, err))
		FUZZ_CHECK(err->code && *err->text);
	svclb_config_uninit(&none);
	svclb_config_uninit(&all);
}

static void resolve(struct svclb_nl *nl, struct svclb_err *err)
{
	const struct svclb_connection connection = {
		.family = AF_INET,
		.proto = IPPROTO_TCP,
		.src = { 10, 0, 0, 1 },
		.dst = { 10, 96, 0, 1 },
		.dport = 80,
	};
	struct svclb_resolution resolution = { 0 };

	if (svclb_resolve(nl, &connection, &resolution, err))
		FUZZ_CHECK(err->code && *err->text);
	svclb_resolution_uninit(&resolution);
}

static int on_affinity(void *data, const struct svclb_affinity *affinity,
		       struct svclb_err *err)
{
	(void)data;
	(void)err;
	FUZZ_CHECK(strlen(affinity->service_name) < 65536);
	FUZZ_CHECK(affinity->family == AF_INET || affinity->family == AF_INET6);
	return 0;
}

static void ask(struct svclb_nl *nl, uint8_t question)
{
	struct svclb_settings settings = { 0 };
	struct svclb_counters counters;
	struct svclb_err err = { 0 };

	switch (question % QUESTIONS) {
	case ASK_ALL:
		load(nl, NULL, false, &err);
		break;
	case ASK_KEY:
		load(nl, "10.96.0.1:80", false, &err);
		break;
	case ASK_NAME:
		load(nl, "a", false, &err);
		break;
	case ASK_COUNTED:
		load(nl, NULL, true, &err);
		break;
	case ASK_SETTINGS:
		svclb_client_settings(nl, &settings, &err);
		svclb_client_counters(nl, &counters, &err);
		break;
	case ASK_RESOLVE:
		resolve(nl, &err);
		break;
	case ASK_AFFINITY:
		if (svclb_affinity_dump(nl, on_affinity, NULL, &err))
			FUZZ_CHECK(err.code && *err.text);
		break;
	case ASK_ADD:
	case ASK_REMOVE:
		change(nl, question % QUESTIONS == ASK_ADD, &err);
		break;
	default:
		svclb_nl_subscribe(nl, &err);
		while (svclb_nl_receive(nl, on_event, &settings, &err) >= 0)
			;
	}
}

int fuzz_input(const uint8_t *data, size_t size)
{
	struct svclb_err err = { 0 };
	struct svclb_nl *nl;

	if (!size || size > 30000)
		return 0;
	memset(&kernel, 0, sizeof(kernel));
	kernel.data = data + 1;
	kernel.left = size - 1;
	kernel.known = *data & ASK_FAMILY;
	if (svclb_nl_open(&nl, &err)) {
		FUZZ_CHECK(err.code && *err.text);
		return 0;
	}
	ask(nl, *data & ~ASK_FAMILY);
	svclb_nl_close(nl);
	return 0;
}
