// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel says of IPVS, and of sockets; names of IP sets; other programs.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/text.h"
#include "tap.h"
#include "watch/ipvs.h"
#include "watch/leftover_names.h"
#include "watch/own_sockets.h"
#include "watch/tool.h"

#define V6_PEER "000010FD00000000000000000B000000:0050 01 0"

static struct tap tap;

static void socket_is(const char *line, const char *expected)
{
	char text[SVCLB_KEY_TEXT] = "none";
	struct svclb_k8s_ip ip;

	if (svclb_own_sockets_line(line, &ip))
		svclb_text_host(text, ip.family, ip.addr);
	tap_text(&tap, text, expected, line);
}

static void sockets(void)
{
	socket_is("  sl  local_address rem_address   st tx_queue", "none");
	socket_is("   1: 0A00600A:1F90 0202000A:8ABC 01 00000000:0", "10.96.0.10");
	socket_is("   1: 0A00600A:1F90 0202000A:8ABC 06 00000000:0", "none");
	socket_is("   1: 0A00600A:1F90 00000000:0000 0A 00000000:0", "none");
	socket_is("   1: 0A00600A:1F90 00000000:0000 07 00000000:0", "none");
	socket_is(" 12: 000010FD00000000000000000A000000:1F90 " V6_PEER,
		  "fd10::a");
	socket_is(" 12: 0000000000000000FFFF00000A00600A:1F90 " V6_PEER,
		  "10.96.0.10");
	socket_is(" 12: 0A00600:1F90 0202000A:8ABC 01 0", "none");
	socket_is(" 12: 0A00600A0A:1F90 0202000A:8ABC 01 0", "none");
	socket_is("", "none");
}

static void set_is(const char *name, bool expected)
{
	char *copy = strndup(name, strlen(name));

	tap_ok(&tap, svclb_leftover_set(copy, strlen(copy)) == expected,
	       "set %s is %s", name, expected ? "kube-proxy's" : "not");
	free(copy);
}

static void sets(void)
{
	uint8_t proto, family;

	set_is("KUBE-CLUSTER-IP", true);
	set_is("KUBE-6-CLUSTER-IP", true);
	set_is("KUBE-6-LOAD-BALANCER-SOURCE-CID", true);
	set_is("KUBE-6-LOAD-BALANCER-SOURCE-CIDR", false);
	set_is("KUBE-LOAD-BALANCER-SOURCE-CIDR", true);
	set_is("KUBE-CLUSTER-IP2", false);
	set_is("KUBE-CLUSTER", false);
	set_is("KUBE-SRC-NPX46M4PTMTKRN6Y", false);
	set_is("kube-router-local-ips", false);
	set_is("KUBE-", false);
	set_is("KUBE-6-", false);
	set_is("", false);
	tap_ok(&tap, svclb_leftover_node_port_set("KUBE-6-NODE-PORT-UDP", &proto,
						  &family) &&
		     proto == IPPROTO_UDP && family == AF_INET6,
	       "a set of node ports");
	tap_ok(&tap, !svclb_leftover_node_port_set("KUBE-NODE-PORT-LOCAL-TCP",
						   &proto, &family),
	       "another set");
}

static void add(struct svclb_replies *replies, const struct nl_msg *msg)
{
	const struct nlmsghdr *header = nlmsg_hdr((struct nl_msg *)msg);
	size_t len = NLMSG_ALIGN(header->nlmsg_len);

	replies->data = realloc(replies->data, replies->len + len);
	if (!replies->data)
		abort();
	memset(replies->data + replies->len, 0, len);
	memcpy(replies->data + replies->len, header, header->nlmsg_len);
	replies->len += len;
}

/* A virtual server; an attribute may be left out, or too short. */
static void add_server(struct svclb_replies *replies, int without, int cut,
		       uint32_t fwmark)
{
	static const uint8_t addr[16] = { 10, 96, 0, 1, 0xaa };
	static const uint16_t family = AF_INET, proto = IPPROTO_TCP;
	const struct genlmsghdr header = { .cmd = IPVS_CMD_NEW_SERVICE };
	const uint16_t port = htons(443);
	const struct {
		int type;
		int len;
		const void *value;
	} attributes[] = {
		{ IPVS_SVC_ATTR_AF, sizeof(family), &family },
		{ IPVS_SVC_ATTR_PROTOCOL, sizeof(proto), &proto },
		{ IPVS_SVC_ATTR_ADDR, sizeof(addr), addr },
		{ IPVS_SVC_ATTR_PORT, sizeof(port), &port },
	};
	struct nl_msg *msg = nlmsg_alloc_simple(42, 0);
	struct nlattr *nest;
	size_t i;

	nlmsg_append(msg, (void *)&header, sizeof(header), NLMSG_ALIGNTO);
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	for (i = 0; i < sizeof(attributes) / sizeof(*attributes); i++)
		if (attributes[i].type != without)
			nla_put(msg, attributes[i].type,
				attributes[i].type == cut ? 1 : attributes[i].len,
				attributes[i].value);
	if (fwmark)
		nla_put_u32(msg, IPVS_SVC_ATTR_FWMARK, fwmark);
	nla_nest_end(msg, nest);
	add(replies, msg);
	nlmsg_free(msg);
}

static void servers(void)
{
	struct svclb_replies replies = { 0 };
	struct svclb_ipvs_servers got = { 0 };
	char text[SVCLB_KEY_TEXT] = "";
	struct nl_msg *empty = nlmsg_alloc_simple(42, 0);
	int type;

	add_server(&replies, 0, 0, 0);
	for (type = IPVS_SVC_ATTR_AF; type <= IPVS_SVC_ATTR_PORT; type++) {
		add_server(&replies, type, 0, 0);
		add_server(&replies, 0, type, 0);
	}
	add_server(&replies, 0, 0, 7);
	add(&replies, empty);
	nlmsg_free(empty);
	tap_ok(&tap, !svclb_ipvs_read_servers(&got, &replies), "servers");
	tap_ok(&tap, got.nr == 1, "only a whole one counts: %u", got.nr);
	if (got.nr)
		svclb_text_key(text, &got.at[0]);
	tap_text(&tap, text, "10.96.0.1:443", "its address");
	free(got.at);
	svclb_replies_uninit(&replies);
}

static void program(const char *script, const char *input, const char *expected)
{
	const char *const words[] = { "/bin/sh", "-c", script, NULL };
	struct svclb_output output;
	struct svclb_err err;

	if (svclb_tool_run(words, input, strlen(input), &output, &err)) {
		tap_text(&tap, err.text, expected, script);
		return;
	}
	tap_text(&tap, output.text, expected, script);
	free(output.text);
}

static void programs(void)
{
	const char *const words[] = { "/nonexistent/tool", NULL };
	char path[SVCLB_TOOL_PATH];
	struct svclb_output output;
	struct svclb_err err;

	program("cat", "what it reads\n", "what it reads\n");
	program("exit 0", "not read", "");
	program("echo one >&2; echo two >&2; exit 3", "",
		"sh: ends with status 3: one");
	program("echo; exit 1", "", "sh: ends with status 1");
	program("kill -TERM $$", "", "sh: ended by signal 15");
	program("head -c 100000 /dev/zero >&2; echo end", "", "end\n");
	if (tap_ok(&tap, svclb_tool_run(words, NULL, 0, &output, &err) != 0,
		   "no program"))
		tap_text(&tap, err.text,
			 "/nonexistent/tool: No such file or directory",
			 "and its name is told");
	tap_ok(&tap, svclb_tool_find("sh", path), "sh is %s", path);
	tap_ok(&tap, !svclb_tool_find("no-such-program", path),
	       "no-such-program is not there");
}

int main(void)
{
	sockets();
	sets();
	servers();
	programs();
	return tap_end(&tap);
}
