/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SELFTESTS_NL_ABI_H
#define _SVCLB_SELFTESTS_NL_ABI_H

/*
 * What the tests of the netlink interface share. Each test has a network
 * namespace of its own, with nothing in it.
 */

#include <arpa/inet.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <kselftest_harness.h>
#include <linux/netlink.h>

#include "nl.h"
#include "uapi/svclb.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

#define SMALL_BUFFER 4096

/* What one test may take, on a slow debug kernel and a busy host. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 120

/* What most tests begin with, and its lines in replies. */
#define WEB "name=web protocol=6 frontend{address4=10.96.0.1 port=80} " \
	    "backend{address4=10.0.1.1 port=8080} backend{address4=10.0.1.2 port=8080}"
#define WEB_ID "id=1 name=web family=2 protocol=6"
#define DNS "name=dns protocol=17 family=10 generation=7 scheduler=3 " \
	    "frontend{address6=fd00::53 port=53} frontend{kind=1 port=30053} " \
	    "backend{address6=fd00:1::1 port=5353 weight=10}"
#define DNS_ID "id=2 name=dns family=10 protocol=17"
#define NO_TERMS " affinity-timeout=0 syn-failover=0 source-range-count=0"
#define NO_SERVICE_STATS " stats{connections=0 rejected=0}" NO_TERMS
#define NO_POLICY " policy=0 restricted=0"
#define NO_FRONTEND_STATS " stats{connections=0 rejected=0}" NO_POLICY
#define NO_BACKEND_STATS " stats{connections=0}"

#define WEB_SERVICE WEB_ID " scheduler=0 generation=0 frontend-count=1 backend-count=2" \
		    NO_SERVICE_STATS
#define WEB_FRONTEND WEB_ID " frontend{kind=0 address4=10.96.0.1 port=80" NO_FRONTEND_STATS "}"
#define WEB_BACKEND1 WEB_ID " backend{id=1 address4=10.0.1.1 port=8080 weight=1 flags=0" \
		     NO_BACKEND_STATS "}"
#define WEB_BACKEND2 WEB_ID " backend{id=2 address4=10.0.1.2 port=8080 weight=1 flags=0" \
		     NO_BACKEND_STATS "}"
#define DNS_SERVICE DNS_ID " scheduler=3 generation=7 frontend-count=2 backend-count=1" \
		    NO_SERVICE_STATS
#define DNS_FRONTEND1 DNS_ID " frontend{kind=0 address6=fd00::53 port=53" NO_FRONTEND_STATS "}"
#define DNS_FRONTEND2 DNS_ID " frontend{kind=1 port=30053" NO_FRONTEND_STATS "}"
#define DNS_BACKEND DNS_ID " backend{id=1 address6=fd00:1::1 port=5353 weight=10 flags=0" \
		    NO_BACKEND_STATS "}"
#define TIMEOUTS "timeout-tcp-syn=60 timeout-tcp-established=86400 timeout-tcp-half-closed=3600 " \
		 "timeout-tcp-closed=60 timeout-udp=30 timeout-udp-stream=120 " \
		 "timeout-sctp-setup=60 timeout-sctp-established=7200 timeout-sctp-closed=10"
#define FLOW_SETTINGS " datapath=0 flow-max=1048576 flow-full=0 " TIMEOUTS
#define MORE_SETTINGS " node-port-loopback=0 answer-ping=0 maglev-seed=0 affinity-max=1048576" \
		      FLOW_SETTINGS
#define SETTINGS "masquerade-all=0 node-port-min=30000 node-port-max=32767 default-scheduler=0" \
		 MORE_SETTINGS
#define FLOW_COUNTERS "rejected-no-flow=0 dropped-flows-full=0 flows-evicted=0 flows=0 flow-memory=0"
#define MORE_COUNTERS " dropped-source-range=0 dropped-no-local-backend=0 " \
		      "dropped-unallocated=0 dropped-loopback=0 echoes=0 affinity-evicted=0 " \
		      "syn-failovers=0 " FLOW_COUNTERS
#define COUNTERS "connections=0 masqueraded=0 rejected-no-backend=0 rejected-unused-port=0 " \
		 "dropped-no-port=0 dropped-no-address=0 dropped-nat=0 stale-flows=0" \
		 MORE_COUNTERS

#define CREATE (NLM_F_CREATE | NLM_F_EXCL)

FIXTURE(abi) {
	struct nl nl;
	struct nl other;
	struct nl small;	/* never reads into a large buffer: small messages */
};

FIXTURE_SETUP(abi)
{
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, nl_open(&self->other));
	ASSERT_EQ(0, nl_open(&self->small));
}

FIXTURE_TEARDOWN(abi)
{
	nl_close(&self->nl);
	nl_close(&self->other);
	nl_close(&self->small);
}

/* A text of any length, such as a request with 10,000 backends. */
struct text {
	char *chars;
	size_t length;
	size_t size;
};

static inline void append(struct text *text, const char *format, ...)
{
	va_list arguments;

	if (text->size - text->length < 16384) {
		text->size = text->size ? 2 * text->size : 65536;
		text->chars = realloc(text->chars, text->size);
		if (!text->chars)
			abort();
	}
	va_start(arguments, format);
	text->length += vsnprintf(text->chars + text->length, text->size - text->length, format,
				  arguments);
	va_end(arguments);
}

/*
 * same_text() - compare with what is expected, in which a blank may be a ";"
 */
static inline void same_text(struct __test_metadata *_metadata, const char *expected,
			     const char *seen)
{
	char *text = strdup(expected), *c;

	for (c = text; *c; c++)
		if (*c == ';')
			*c = ' ';
	EXPECT_STREQ(text, seen);
	free(text);
}

/* succeed() - a request that must succeed */
static inline void succeed(struct __test_metadata *_metadata, struct nl *nl, uint8_t cmd,
			   uint16_t flags, const char *text)
{
	EXPECT_EQ(0, nl_do(nl, cmd, flags, text)) {
		TH_LOG("request %u '%.200s': %s", cmd, text, nl->text);
	}
}

/* reply_is() - a request that must succeed, and what it must be answered */
static inline void reply_is(struct __test_metadata *_metadata, struct nl *nl, uint8_t cmd,
			    const char *text, const char *expected)
{
	succeed(_metadata, nl, cmd, 0, text);
	same_text(_metadata, expected, nl->reply.text);
}

/* dump_is() - a dump that must succeed, and what it must be answered */
static inline void dump_is(struct __test_metadata *_metadata, struct nl *nl, uint8_t cmd,
			   const char *text, const char *expected)
{
	EXPECT_EQ(0, nl_dump(nl, cmd, text)) {
		TH_LOG("dump %u '%.200s': %s", cmd, text, nl->text);
	}
	EXPECT_FALSE(nl->reply.interrupted);
	same_text(_metadata, expected, nl->reply.text);
}

#define REQUEST(cmd, flags, text) \
	succeed(_metadata, &self->nl, SVCLB_CMD_##cmd, flags, text)
#define REPLY(cmd, text, expected) \
	reply_is(_metadata, &self->nl, SVCLB_CMD_##cmd, text, expected)
#define DUMP(cmd, text, expected) \
	dump_is(_metadata, &self->nl, SVCLB_CMD_##cmd, text, expected)

/* snapshot() - all that there is, to be freed */
static inline char *snapshot(struct __test_metadata *_metadata, struct nl *nl)
{
	static const uint8_t dumps[] = {
		SVCLB_CMD_SERVICE_GET, SVCLB_CMD_FRONTEND_GET, SVCLB_CMD_BACKEND_GET,
		SVCLB_CMD_SOURCE_RANGE_GET,
	};
	static const uint8_t replies[] = { SVCLB_CMD_SETTINGS_GET, SVCLB_CMD_COUNTERS_GET };
	char *all = strdup(""), *longer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dumps) + ARRAY_SIZE(replies); i++) {
		int err = i < ARRAY_SIZE(dumps) ? nl_dump(nl, dumps[i], "") :
			  nl_do(nl, replies[i - ARRAY_SIZE(dumps)], 0, "");

		EXPECT_EQ(0, err);
		if (asprintf(&longer, "%s%s", all, nl->reply.text) < 0)
			abort();
		free(all);
		all = longer;
	}
	EXPECT_TRUE(!strstr(all, "BAD"));
	return all;
}

/* What the kernel itself says. */
#define UNSUPPORTED "Unsupported attribute"
#define RANGE "integer out of range"
#define LENGTH "invalid attribute length"
#define POLICY "Attribute failed policy validation"
#define LEFTOVER "bytes leftover after parsing attributes"

/* What a wrong request must be answered. A "!" marks what the error points at. */
struct refusal {
	const char *request;
	int error;
	const char *text;
};

static inline void refuse(struct __test_metadata *_metadata, struct nl *nl, uint8_t cmd,
			  uint16_t flags, const struct refusal *refusals, unsigned int count)
{
	char *before = snapshot(_metadata, nl), *after;
	const struct refusal *refusal;
	bool is_dump = (flags & NLM_F_DUMP) == NLM_F_DUMP;

	for (refusal = refusals; refusal < refusals + count; refusal++) {
		bool has_text = true;
		const char *said;
		int err;

		err = is_dump ? nl_dump(nl, cmd, refusal->request) :
				nl_do(nl, cmd, flags, refusal->request);
		/* Some kernels drop what the begin of a dump has to say. */
		if (is_dump && !*nl->text && !nl->offset)
			has_text = false;
		EXPECT_EQ(-refusal->error, err) {
			TH_LOG("request %u '%.200s': %s", cmd, refusal->request, nl->text);
		}
		/* Which of the two depends on how far the operation's table goes. */
		said = strcmp(nl->text, "Unknown attribute type") ? nl->text : UNSUPPORTED;
		EXPECT_STREQ(has_text ? refusal->text : "", said) {
			TH_LOG("request %u '%.200s'", cmd, refusal->request);
		}
		EXPECT_EQ(has_text ? nl->mark : 0, nl->offset) {
			TH_LOG("request %u '%.200s': %s", cmd, refusal->request, nl->text);
		}
		EXPECT_STREQ("", nl->reply.text);
		after = snapshot(_metadata, nl);
		EXPECT_STREQ(before, after) {
			TH_LOG("request %u '%.200s'", cmd, refusal->request);
			free(before);
			before = strdup(after);
		}
		free(after);
	}
	free(before);
}

#define REFUSE(cmd, flags, ...) do { \
	static const struct refusal refusals[] = { __VA_ARGS__ }; \
	refuse(_metadata, &self->nl, SVCLB_CMD_##cmd, flags, refusals, ARRAY_SIZE(refusals)); \
} while (0)

static inline void append_members(struct text *text, const char *member, unsigned int first,
				  unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++)
		append(text, " %s{address4=10.%u.%u.%u port=80}", member, 1 + i / 62500,
		       1 + i / 250 % 250, 1 + i % 250);
}

/* knock() - new UDP flows to an address and port */
static inline void knock(struct __test_metadata *_metadata, const char *address, uint16_t port,
			 unsigned int flows)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };

	ASSERT_EQ(1, inet_pton(AF_INET, address, &to.sin_addr));
	while (flows--) {
		int fd = socket(AF_INET, SOCK_DGRAM, 0);

		ASSERT_LE(0, fd);
		sendto(fd, "?", 1, 0, (const struct sockaddr *)&to, sizeof(to));
		close(fd);
	}
}

static inline void set_up_network(struct __test_metadata *_metadata)
{
	ASSERT_EQ(0, system("set -e; ip link set lo up; ip address add 192.0.2.1/32 dev lo;"
			    "ip route add 10.96.0.0/16 dev lo src 192.0.2.1"));
}

/* notified() - what a listener must have heard since it was last asked */
static inline void notified(struct __test_metadata *_metadata, struct nl *listener,
			    const char *expected)
{
	EXPECT_EQ(0, nl_notifications(listener));
	same_text(_metadata, expected, listener->reply.text);
}

#define NOTIFIED(expected) notified(_metadata, &self->other, expected)

/* NOLINTEND(bugprone-suspicious-semicolon) */

#endif /* _SVCLB_SELFTESTS_NL_ABI_H */
