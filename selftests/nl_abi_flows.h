/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SELFTESTS_NL_ABI_FLOWS_H
#define _SVCLB_SELFTESTS_NL_ABI_FLOWS_H

/* What the tests share that ask what becomes of connections, and make some. */

#include "nl_abi.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

#define RESOLVE(text) REQUEST(RESOLVE, 0, text)

/* behind() - what is behind a text in the last reply, in which a blank may be a ";" */
static inline const char *behind(const struct nl *nl, const char *text)
{
	char *wanted = strdup(text), *found, *c;

	for (c = wanted; *c; c++)
		if (*c == ';')
			*c = ' ';
	found = strstr(nl->reply.text, wanted);
	if (found)
		found += strlen(wanted);
	free(wanted);
	return found;
}

/* says() - whether the last reply has a text */
static inline void says(struct __test_metadata *_metadata, const struct nl *nl, const char *text,
			bool wanted)
{
	EXPECT_EQ(wanted, !!behind(nl, text)) {
		TH_LOG("'%s' in %s", text, nl->reply.text);
	}
}

#define SAYS(text) says(_metadata, &self->nl, text, true)
#define SAYS_NOT(text) says(_metadata, &self->nl, text, false)

/* value_of() - the number behind a text in the last reply, -1 without */
static inline long long value_of(const struct nl *nl, const char *name)
{
	const char *found = behind(nl, name);

	return found ? strtoll(found, NULL, 10) : -1;
}

static inline void verdict_is(struct __test_metadata *_metadata, struct nl *nl, const char *text,
			      int verdict)
{
	succeed(_metadata, nl, SVCLB_CMD_RESOLVE, 0, text);
	EXPECT_EQ(1U, nl->reply.count);
	EXPECT_TRUE(!strstr(nl->reply.text, "BAD"));
	EXPECT_EQ(verdict, value_of(nl, "verdict=")) {
		TH_LOG("resolve '%s': %s", text, nl->reply.text);
	}
}

#define VERDICT(text, verdict) verdict_is(_metadata, &self->nl, text, SVCLB_VERDICT_##verdict)

static inline void masquerade_is(struct __test_metadata *_metadata, struct nl *nl,
				 const char *text, int reason)
{
	verdict_is(_metadata, nl, text, SVCLB_VERDICT_TRANSLATE);
	EXPECT_EQ(reason, value_of(nl, "masquerade=")) {
		TH_LOG("resolve '%s': %s", text, nl->reply.text);
	}
}

#define MASQUERADE(text, reason) \
	masquerade_is(_metadata, &self->nl, text, SVCLB_MASQUERADE_REASON_##reason)

static inline void run(struct __test_metadata *_metadata, const char *commands)
{
	char text[1024];

	snprintf(text, sizeof(text), "set -e; %s", commands);
	ASSERT_EQ(0, system(text)) {
		TH_LOG("%s", commands);
	}
}

/* bind_to() - a socket with an address, which need not be on any interface */
static inline int bind_to(struct __test_metadata *_metadata, int type, const char *address,
			  uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 from6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is_ipv4 = inet_pton(AF_INET, address, &from.sin_addr) == 1;
	int fd = socket(is_ipv4 ? AF_INET : AF_INET6, type, 0), on = 1;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	if (is_ipv4) {
		ASSERT_EQ(0, bind(fd, (const struct sockaddr *)&from, sizeof(from)));
		return fd;
	}
	ASSERT_EQ(1, inet_pton(AF_INET6, address, &from6.sin6_addr));
	ASSERT_EQ(0, setsockopt(fd, SOL_IPV6, IPV6_FREEBIND, &on, sizeof(on)));
	ASSERT_EQ(0, bind(fd, (const struct sockaddr *)&from6, sizeof(from6)));
	return fd;
}

static inline int reach(int fd, const char *address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, address, &to.sin_addr) == 1)
		return connect(fd, (const struct sockaddr *)&to, sizeof(to));
	inet_pton(AF_INET6, address, &to6.sin6_addr);
	return connect(fd, (const struct sockaddr *)&to6, sizeof(to6));
}

/* knock_from() - one new UDP flow */
static inline void knock_from(struct __test_metadata *_metadata, const char *from,
			      uint16_t from_port, const char *to, uint16_t port)
{
	int fd = bind_to(_metadata, SOCK_DGRAM, from, from_port);

	ASSERT_EQ(0, reach(fd, to, port));
	/* Fails if the packet is dropped. */
	send(fd, "?", 1, 0);
	close(fd);
}

#define NETWORK(set_up) do { \
	set_up_network(_metadata); \
	run(_metadata, set_up); \
} while (0)

/* Clients of any address of 198.18.0.0/15, and of fd12::/64. */
#define CLIENTS "ip route add local 198.18.0.0/15 dev lo;" \
		"ip route add 10.97.0.0/16 dev lo;" \
		"ip -6 address add fd00:1::1/128 dev lo nodad;" \
		"ip -6 route add local fd12::/64 dev lo;" \
		"ip -6 route add fd00:96::/64 dev lo"

/* NOLINTEND(bugprone-suspicious-semicolon) */

#endif /* _SVCLB_SELFTESTS_NL_ABI_FLOWS_H */
