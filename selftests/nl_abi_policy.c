// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface against its specification, second part: policies, source
 * ranges, affinity, the lists of the settings, the dry run, and what is told of
 * connections. Run by nl-abi.sh.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <time.h>

#include "nl_abi.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

#define WEB_TERMS(scheduler, affinity, failover, ranges) \
	"service-get " WEB_ID " scheduler=" #scheduler " generation=0 frontend-count=1 " \
	"backend-count=2 stats{connections=0 rejected=0} affinity-timeout=" #affinity \
	" syn-failover=" #failover " source-range-count=" #ranges "\n"

#define RESOLVE(text) REQUEST(RESOLVE, 0, text)

/* behind() - what is behind a text in the last reply, in which a blank may be a ";" */
static const char *behind(const struct nl *nl, const char *text)
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

#define SAYS(what) EXPECT_TRUE(!!behind(&self->nl, what)) { \
	TH_LOG("not '%s' but %s", what, self->nl.reply.text); \
}
#define SAYS_NOT(what) EXPECT_FALSE(!!behind(&self->nl, what)) { \
	TH_LOG("'%s' in %s", what, self->nl.reply.text); \
}

/* value_of() - the number behind a text in the last reply, -1 without */
static long long value_of(const struct nl *nl, const char *name)
{
	const char *found = behind(nl, name);

	return found ? strtoll(found, NULL, 10) : -1;
}

static void verdict_is(struct __test_metadata *_metadata, struct nl *nl, const char *text,
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

static void masquerade_is(struct __test_metadata *_metadata, struct nl *nl, const char *text,
			  int reason)
{
	verdict_is(_metadata, nl, text, SVCLB_VERDICT_TRANSLATE);
	EXPECT_EQ(reason, value_of(nl, "masquerade=")) {
		TH_LOG("resolve '%s': %s", text, nl->reply.text);
	}
}

#define MASQUERADE(text, reason) \
	masquerade_is(_metadata, &self->nl, text, SVCLB_MASQUERADE_REASON_##reason)

static void run(struct __test_metadata *_metadata, const char *commands)
{
	char text[1024];

	snprintf(text, sizeof(text), "set -e; %s", commands);
	ASSERT_EQ(0, system(text)) {
		TH_LOG("%s", commands);
	}
}

/* bind_to() - a socket with an address, which need not be on any interface */
static int bind_to(struct __test_metadata *_metadata, int type, const char *address, uint16_t port)
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

static int reach(int fd, const char *address, uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 to6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	if (inet_pton(AF_INET, address, &to.sin_addr) == 1)
		return connect(fd, (const struct sockaddr *)&to, sizeof(to));
	inet_pton(AF_INET6, address, &to6.sin6_addr);
	return connect(fd, (const struct sockaddr *)&to6, sizeof(to6));
}

/* knock_from() - one new UDP flow */
static void knock_from(struct __test_metadata *_metadata, const char *from, uint16_t from_port,
		       const char *to, uint16_t port)
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

/* What applies to a service */

TEST_F(abi, terms)
{
	REQUEST(SERVICE_SET, CREATE, WEB " affinity-timeout=10800 syn-failover=1");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 10800, 1, 0));
	DUMP(SERVICE_GET, "", WEB_TERMS(0, 10800, 1, 0));
	/* An edit leaves what it does not name. */
	REQUEST(SERVICE_EDIT, 0, "name=web affinity-timeout=86400");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 86400, 1, 0));
	REQUEST(SERVICE_EDIT, 0, "name=web syn-failover=0 scheduler=9");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(9, 86400, 0, 0));
	REQUEST(SERVICE_EDIT, 0, "name=web affinity-timeout=0 syn-failover=1");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(9, 0, 1, 0));
	REQUEST(SERVICE_EDIT, 0, "name=web generation=0");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(9, 0, 1, 0));
	/* A change of members leaves all. */
	REQUEST(SERVICE_EDIT, 0, "name=web affinity-timeout=1");
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 weight=4}");
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{kind=1 port=30000}");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{kind=1 port=30000}");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(9, 1, 1, 0));
	/* To set a service is to set all of it. */
	REQUEST(SERVICE_SET, 0, WEB);
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 0, 0, 0));
}

TEST_F(abi, every_scheduler)
{
	char text[256], expected[512];
	unsigned int i;

	REQUEST(SERVICE_SET, CREATE, "name=s protocol=132 frontend{address6=fd00::1 port=80};"
		"backend{address6=fd00:1::1 port=1 weight=65535 flags=2};"
		"backend{address6=fd00:1::2 port=1 weight=1} backend{address6=fd00:1::3 port=1}");
	for (i = 0; i <= SVCLB_SCHED_MAX; i++) {
		snprintf(text, sizeof(text), "name=s scheduler=%u", i);
		REQUEST(SERVICE_EDIT, 0, text);
		snprintf(expected, sizeof(expected), "service-get id=1 name=s family=10;"
			 "protocol=132 scheduler=%u generation=0 frontend-count=1 backend-count=3"
			 NO_SERVICE_STATS "\n", i);
		REPLY(SERVICE_GET, "name=s", expected);
		/* As the default, and nor does it mind a set without a backend. */
		snprintf(text, sizeof(text), "default-scheduler=%u", i);
		REQUEST(SETTINGS_SET, 0, text);
		REQUEST(SERVICE_SET, CREATE, "name=empty protocol=6 family=2");
		REQUEST(SERVICE_GET, 0, "name=empty");
		EXPECT_EQ(i, value_of(&self->nl, "scheduler="));
		REQUEST(SERVICE_DEL, 0, "name=empty");
	}
}

TEST_F(abi, refused_terms)
{
	REQUEST(SERVICE_SET, CREATE, WEB " affinity-timeout=5 syn-failover=1");
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "name=new protocol=6 family=2 affinity-timeout!=86401", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 affinity-timeout!=4294967295", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 affinity-timeout!=x:0100", EINVAL, LENGTH },
	       { "name=new protocol=6 family=2 affinity-timeout!=x:0100000000000000", EINVAL,
		 LENGTH },
	       { "name=new protocol=6 family=2 affinity-timeout!", EINVAL, LENGTH },
	       { "name=new protocol=6 family=2 affinity-timeout!~=1", EINVAL,
		 "NLA_F_NESTED not expected" },
	       { "name=new protocol=6 family=2 syn-failover!=2", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 syn-failover!=255", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 syn-failover!=x:0100", EINVAL, LENGTH },
	       { "name=new protocol=6 family=2 syn-failover!", EINVAL, LENGTH },
	       { "name=new protocol=6 family=2 no-source-ranges!", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 source-range-count!=1", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 count-connections!", EINVAL, UNSUPPORTED });
	REFUSE(SERVICE_EDIT, 0,
	       { "name=web affinity-timeout!=86401", ERANGE, RANGE },
	       { "name=web scheduler=1 affinity-timeout!=x:01", EINVAL, LENGTH },
	       { "name=web affinity-timeout=3 syn-failover!=2", ERANGE, RANGE },
	       { "name=web count-connections!", EINVAL, UNSUPPORTED },
	       { "name=web source-range-count!=0", EINVAL, UNSUPPORTED },
	       { "name!=none affinity-timeout=1", ENOENT, "no service has this name" },
	       { "affinity-timeout=1", EINVAL, "reference to the service is missing" });
	REFUSE(SERVICE_GET, 0,
	       { "name=web affinity-timeout!=1", EINVAL, UNSUPPORTED },
	       { "name=web syn-failover!=1", EINVAL, UNSUPPORTED },
	       { "name=web count-connections!", EINVAL, UNSUPPORTED });
	REFUSE(BACKEND_SET, 0,
	       { "name=web affinity-timeout!=1 backend{address4=10.0.1.1 port=8080}", EINVAL,
		 UNSUPPORTED },
	       { "name=web backend{address4=10.0.1.1 port=8080 #8!=x:01000000}", EINVAL,
		 UNSUPPORTED });
	REFUSE(FRONTEND_GET, NLM_F_DUMP,
	       { "name=web count-connections!", EINVAL, UNSUPPORTED });
	REFUSE(BACKEND_GET, NLM_F_DUMP,
	       { "name=web count-connections!=x:01", ERANGE, POLICY });
}

TEST_F(abi, sctp)
{
	REQUEST(SERVICE_SET, CREATE, "name=sig protocol=132;"
		"frontend{address4=10.96.0.1 port=2905} backend{address4=10.0.1.1 port=2905}");
	/* The same key once more, of another protocol. */
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 frontend{address4=10.96.0.1 port=2905}");
	REPLY(SERVICE_GET, "protocol=132 frontend{address4=10.96.0.1 port=2905}",
	      "service-get id=1 name=sig family=2 protocol=132 scheduler=0 generation=0;"
	      "frontend-count=1 backend-count=1" NO_SERVICE_STATS "\n");
	VERDICT("protocol=132 source4=10.1.1.1 destination4=10.96.0.1 destination-port=2905",
		TRANSLATE);
	EXPECT_EQ(1, value_of(&self->nl, "service-id="));
	VERDICT("protocol=17 source4=10.1.1.1 destination4=10.96.0.1 destination-port=2905",
		REJECT_UNUSED_PORT);
	REQUEST(SERVICE_DEL, 0, "protocol=132 frontend{address4=10.96.0.1 port=2905}");
	VERDICT("protocol=132 source4=10.1.1.1 destination4=10.96.0.1 destination-port=2905",
		REJECT_UNUSED_PORT);
}

/* Policies of frontends */

#define FRONTEND(kind, key, policy, restricted) \
	"frontend-get " WEB_ID " frontend{kind=" #kind " " key \
	" stats{connections=0 rejected=0} policy=" #policy " restricted=" #restricted "}\n"

TEST_F(abi, policies)
{
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6;"
		"frontend{address4=10.96.0.1 port=80 policy=1};"
		"frontend{kind=2 address4=192.0.2.10 port=80 policy=1 restricted=1};"
		"frontend{kind=3 address4=192.0.2.11 port=80 restricted=1};"
		"frontend{kind=1 port=30080 policy=0 restricted=0}");
	DUMP(FRONTEND_GET, "", FRONTEND(0, "address4=10.96.0.1 port=80", 1, 0)
	     FRONTEND(2, "address4=192.0.2.10 port=80", 1, 1)
	     FRONTEND(3, "address4=192.0.2.11 port=80", 0, 1)
	     FRONTEND(1, "port=30080", 0, 0));
	/* Others' changes leave them. */
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=8 syn-failover=1");
	REQUEST(BACKEND_SET, CREATE, "name=web backend{address4=10.0.1.1 port=80 flags=2}");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=192.0.2.10 port=80}");
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{address4=10.96.0.2 port=80}");
	REQUEST(BACKEND_DEL, 0, "name=web backend{address4=10.0.1.1 port=80}");
	/* The new one has nothing of the one whose place it has. */
	DUMP(FRONTEND_GET, "", FRONTEND(0, "address4=10.96.0.1 port=80", 1, 0)
	     FRONTEND(3, "address4=192.0.2.11 port=80", 0, 1)
	     FRONTEND(1, "port=30080", 0, 0)
	     FRONTEND(0, "address4=10.96.0.2 port=80", 0, 0));
	REQUEST(FRONTEND_ADD, 0, "name=web;"
		"frontend{kind=2 address4=192.0.2.10 port=80 policy=1};"
		"frontend{kind=1 port=30081 policy=1 restricted=1}");
	DUMP(FRONTEND_GET, "", FRONTEND(0, "address4=10.96.0.1 port=80", 1, 0)
	     FRONTEND(3, "address4=192.0.2.11 port=80", 0, 1)
	     FRONTEND(1, "port=30080", 0, 0)
	     FRONTEND(0, "address4=10.96.0.2 port=80", 0, 0)
	     FRONTEND(2, "address4=192.0.2.10 port=80", 1, 0)
	     FRONTEND(1, "port=30081", 1, 1));
	/* A reference and a removal need the key only, and heed nothing else. */
	REQUEST(SERVICE_GET, 0,
		"protocol=6 frontend{kind=3 address4=10.96.0.1 port=80 policy=0 restricted=1}");
	EXPECT_EQ(1, value_of(&self->nl, " id="));
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=192.0.2.10 port=80 policy=0};"
		"frontend{kind=1 port=30081}");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{kind=3 address4=10.96.0.1 port=80}");
	DUMP(FRONTEND_GET, "", FRONTEND(3, "address4=192.0.2.11 port=80", 0, 1)
	     FRONTEND(1, "port=30080", 0, 0)
	     FRONTEND(0, "address4=10.96.0.2 port=80", 0, 0));
}

/* One that stays keeps its counters, and gets what the request gives it. */
TEST_F(abi, policies_replaced)
{
	NETWORK(CLIENTS);
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=17;"
		"frontend{address4=10.96.0.1 port=80 policy=1 restricted=1};"
		"frontend{kind=1 port=30080 policy=1} backend{address4=192.0.2.1 port=1 flags=2}");
	knock(_metadata, "10.96.0.1", 80, 3);
	REQUEST(SERVICE_SET, 0, "name=web protocol=17;"
		"frontend{kind=3 address4=10.96.0.1 port=80} frontend{kind=1 port=30080};"
		"frontend{kind=2 address4=10.96.0.2 port=80 policy=1 restricted=1}");
	DUMP(FRONTEND_GET, "", "frontend-get id=1 name=web family=2 protocol=17;"
	     "frontend{kind=3 address4=10.96.0.1 port=80 stats{connections=3 rejected=0};"
	     "policy=0 restricted=0}\n"
	     "frontend-get id=1 name=web family=2 protocol=17;"
	     "frontend{kind=1 port=30080" NO_FRONTEND_STATS "}\n"
	     "frontend-get id=1 name=web family=2 protocol=17;"
	     "frontend{kind=2 address4=10.96.0.2 port=80 stats{connections=0 rejected=0};"
	     "policy=1 restricted=1}\n");
}

TEST_F(abi, refused_policies)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REFUSE(FRONTEND_ADD, 0,
	       { "name=web frontend{address4=10.96.0.2 port=80 policy!=2}", ERANGE, RANGE },
	       { "name=web frontend{address4=10.96.0.2 port=80 policy!=255}", ERANGE, RANGE },
	       { "name=web frontend{address4=10.96.0.2 port=80 policy!=x:0100}", EINVAL, LENGTH },
	       { "name=web frontend{address4=10.96.0.2 port=80 policy!}", EINVAL, LENGTH },
	       { "name=web frontend{address4=10.96.0.2 port=80 restricted!=2}", ERANGE, RANGE },
	       { "name=web frontend{address4=10.96.0.2 port=80 restricted!=x:01000000}", EINVAL,
		 LENGTH },
	       { "name=web frontend{address4=10.96.0.2 port=80 restricted!}", EINVAL, LENGTH },
	       { "name=web frontend{kind!=4 address4=10.96.0.2 port=80}", ERANGE, RANGE },
	       { "name=web frontend!{kind=2 port=80}", EINVAL, "address is missing" },
	       { "name=web frontend!{kind=3 port=80}", EINVAL, "address is missing" },
	       { "name=web frontend{kind=3 address4!=127.0.0.1 port=80}", EINVAL,
		 "address is not a usable unicast address" },
	       /* The kind is no part of the key. */
	       { "name=web frontend!{kind=2 address4=10.96.0.1 port=80}", EEXIST,
		 "service has this frontend already" },
	       { "name=web frontend{kind=2 address4=10.96.0.2 port=80};"
		 "frontend!{kind=3 address4=10.96.0.2 port=80}", EINVAL,
		 "frontend is given twice" });
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "name=web protocol=6 frontend{address4=10.96.0.1 port=80 policy!=2}", ERANGE,
		 RANGE },
	       { "name=web protocol=6 frontend{address4=10.96.0.1 port=80 restricted=1};"
		 "frontend!{kind=2 address4=10.96.0.1 port=80}", EINVAL,
		 "frontend is given twice" },
	       { "name=new protocol=6 frontend!{kind=3 address4=10.96.0.1 port=80}", EEXIST,
		 "frontend is used by another service" });
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_FRONTEND "\n");
}

/* Source ranges */

#define RANGE4(address, length) \
	"source-range-get " WEB_ID " source-range{address4=" address " prefix-length=" #length "}\n"

TEST_F(abi, source_ranges)
{
	REQUEST(SERVICE_SET, CREATE, WEB " source-range{address4=10.0.0.0 prefix-length=8};"
		"source-range{address4=192.0.2.1 prefix-length=32};"
		"source-range{address4=0.0.0.0 prefix-length=0}");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 0, 0, 3));
	DUMP(SOURCE_RANGE_GET, "", RANGE4("10.0.0.0", 8) RANGE4("192.0.2.1", 32)
	     RANGE4("0.0.0.0", 0));
	REQUEST(SERVICE_SET, CREATE, DNS " source-range{address6=:: prefix-length=0};"
		"source-range{address6=fd00::1 prefix-length=128};"
		"source-range{address6=fe80:: prefix-length=9}");
	DUMP(SOURCE_RANGE_GET, "", RANGE4("10.0.0.0", 8) RANGE4("192.0.2.1", 32)
	     RANGE4("0.0.0.0", 0)
	     "source-range-get " DNS_ID " source-range{address6=:: prefix-length=0}\n"
	     "source-range-get " DNS_ID " source-range{address6=fd00::1 prefix-length=128}\n"
	     "source-range-get " DNS_ID " source-range{address6=fe80:: prefix-length=9}\n");
	DUMP(SOURCE_RANGE_GET, "name=dns",
	     "source-range-get " DNS_ID " source-range{address6=:: prefix-length=0}\n"
	     "source-range-get " DNS_ID " source-range{address6=fd00::1 prefix-length=128}\n"
	     "source-range-get " DNS_ID " source-range{address6=fe80:: prefix-length=9}\n");
	DUMP(SOURCE_RANGE_GET, "id=1", RANGE4("10.0.0.0", 8) RANGE4("192.0.2.1", 32)
	     RANGE4("0.0.0.0", 0));
	DUMP(SOURCE_RANGE_GET, "protocol=6 frontend{address4=10.96.0.1 port=80}",
	     RANGE4("10.0.0.0", 8) RANGE4("192.0.2.1", 32) RANGE4("0.0.0.0", 0));
}

TEST_F(abi, source_ranges_changed)
{
	REQUEST(SERVICE_SET, CREATE, WEB " source-range{address4=10.0.0.0 prefix-length=8};"
		"source-range{address4=10.0.0.0 prefix-length=8}");
	/* As often as given. */
	DUMP(SOURCE_RANGE_GET, "", RANGE4("10.0.0.0", 8) RANGE4("10.0.0.0", 8));
	REQUEST(SERVICE_EDIT, 0, "name=web source-range{address4=192.0.2.0 prefix-length=24}");
	DUMP(SOURCE_RANGE_GET, "", RANGE4("192.0.2.0", 24));
	/* Whatever else changes leaves them. */
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=5 affinity-timeout=5");
	REQUEST(SERVICE_EDIT, 0, "name=web generation=0");
	REQUEST(BACKEND_SET, CREATE, "name=web backend{address4=10.0.1.3 port=80 weight=3}");
	REQUEST(BACKEND_DEL, 0, "name=web backend{address4=10.0.1.3 port=80}");
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{kind=1 port=30000 restricted=1}");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{kind=1 port=30000}");
	DUMP(SOURCE_RANGE_GET, "", RANGE4("192.0.2.0", 24));
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(5, 5, 0, 1));
	REQUEST(SERVICE_EDIT, 0, "name=web no-source-ranges scheduler=0");
	DUMP(SOURCE_RANGE_GET, "", "");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 5, 0, 0));
	REQUEST(SERVICE_EDIT, 0, "name=web no-source-ranges");
	REQUEST(SERVICE_EDIT, 0, "name=web source-range{address4=10.1.0.0 prefix-length=16}");
	REQUEST(SERVICE_SET, 0, WEB);
	DUMP(SOURCE_RANGE_GET, "", "");
	REPLY(SERVICE_GET, "id=1", WEB_TERMS(0, 0, 0, 0));
}

TEST_F(abi, refused_source_ranges)
{
	REQUEST(SERVICE_SET, CREATE, WEB " source-range{address4=10.0.0.0 prefix-length=8}");
	REQUEST(SERVICE_SET, CREATE, DNS);
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "name=new protocol=6 family=2 source-range{address6!=fd00:: prefix-length=8}",
		 EINVAL, "address is of another family" },
	       { "name=new protocol=6 backend{address6=fd00::1 port=1};"
		 "source-range{address4!=10.0.0.0 prefix-length=8}", EINVAL,
		 "address is of another family" },
	       { "name=new protocol=6 source-range{address4=10.0.0.0 prefix-length=8}", EINVAL,
		 "family is missing" },
	       { "name=new protocol=6 family=2 source-range!{address4=10.0.0.1 prefix-length=8}",
		 EINVAL, "network has bits behind the prefix" },
	       { "name=new protocol=6 family=10 source-range!{address6=::1 prefix-length=127}",
		 EINVAL, "network has bits behind the prefix" },
	       { "name=new protocol=6 family=2 source-range!{address4=10.0.0.0}", EINVAL,
		 "prefix length is missing" },
	       { "name=new protocol=6 family=2 source-range!{prefix-length=8}", EINVAL,
		 "address is missing" },
	       { "name=new protocol=6 family=2 source-range!{}", EINVAL, "address is missing" },
	       { "name=new protocol=6 family=2;"
		 "source-range{address4=10.0.0.0 prefix-length!=33}", EINVAL,
		 "prefix length is over 32" },
	       { "name=new protocol=6 family=10 source-range{address6=:: prefix-length!=129}",
		 ERANGE, RANGE },
	       { "name=new protocol=6 family=2;"
		 "source-range!{address4=10.0.0.0 address6=:: prefix-length=8}", EINVAL,
		 "two addresses" },
	       { "name=new protocol=6 family=2;"
		 "source-range!~{address4=10.0.0.0 prefix-length=8}", EINVAL,
		 "NLA_F_NESTED is missing" },
	       { "name=new protocol=6 family=2 source-range{address4!=x:0a00 prefix-length=8}",
		 EINVAL, LENGTH },
	       { "name=new protocol=6 family=2;"
		 "source-range{address4=10.0.0.0 prefix-length=8 #4!=x:00}", EINVAL,
		 UNSUPPORTED },
	       /* One that is wrong behind one that is right. */
	       { "name=web protocol=6 family=2 source-range{address4=10.2.0.0 prefix-length=16};"
		 "source-range!{address4=10.2.0.0 prefix-length=14}", EINVAL,
		 "network has bits behind the prefix" });
	REFUSE(SERVICE_EDIT, 0,
	       { "name=web source-range{address6!=fd00:: prefix-length=8}", EINVAL,
		 "address is of another family" },
	       { "name=dns source-range{address4!=10.0.0.0 prefix-length=8}", EINVAL,
		 "address is of another family" },
	       { "name=web scheduler=2 source-range!{address4=10.0.0.1 prefix-length=8}", EINVAL,
		 "network has bits behind the prefix" },
	       { "name=web source-range{address4=10.9.0.0 prefix-length=16} no-source-ranges!",
		 EINVAL, "source ranges are given and denied" },
	       { "name=web no-source-ranges!=x:01", ERANGE, POLICY });
	REFUSE(BACKEND_SET, 0,
	       { "name=web source-range!{address4=10.0.0.0 prefix-length=8};"
		 "backend{address4=10.0.1.1 port=8080}", EINVAL, UNSUPPORTED });
	REFUSE(SERVICE_GET, 0,
	       { "name=web source-range!{address4=10.0.0.0 prefix-length=8}", EINVAL,
		 UNSUPPORTED });
	REFUSE(SOURCE_RANGE_GET, NLM_F_DUMP,
	       { "name!=none", ENOENT, "no service has this name" },
	       { "name=web id=1", EINVAL, "more than one reference to the service" },
	       { "protocol=6", EINVAL, "reference to the service is missing" },
	       { "name=web source-range!{address4=10.0.0.0 prefix-length=8}", EINVAL,
		 UNSUPPORTED },
	       { "name=web count-connections!", EINVAL, UNSUPPORTED });
}

/* append_ranges() - networks of 16 addresses each, those in between left out */
static void append_ranges(struct text *text, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		append(text, " source-range{address4=%u.%u.%u.0 prefix-length=28}", 20 + i / 65536,
		       i / 256 % 256, i % 256);
}

static void append_range_lines(struct text *text, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		append(text, "source-range-get " WEB_ID
		       " source-range{address4=%u.%u.%u.0 prefix-length=28}\n", 20 + i / 65536,
		       i / 256 % 256, i % 256);
}

TEST_F(abi, dump_of_5000_source_ranges)
{
	struct text text = {}, expected = {};
	bool more = true;

	append(&text, "name=web");
	append_ranges(&text, 5000);
	append_range_lines(&expected, 5000);
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6;"
		"frontend{address4=10.96.0.1 port=80 restricted=1};"
		"backend{address4=10.0.1.1 port=80}");
	REQUEST(SERVICE_SET, CREATE, DNS " source-range{address6=fd00:: prefix-length=16}");
	REQUEST(SERVICE_EDIT, 0, text.chars);
	DUMP(SOURCE_RANGE_GET, "name=web", expected.chars);
	/* The same in many small pieces. */
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_SOURCE_RANGE_GET, "id=1"));
	while (more)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_FALSE(self->small.reply.interrupted);
	EXPECT_STREQ(expected.chars, self->small.reply.text);
	/* Each of them counts, at both its ends, and no neighbour does. */
	VERDICT("protocol=6 source4=20.0.0.0 destination4=10.96.0.1 destination-port=80",
		TRANSLATE);
	VERDICT("protocol=6 source4=20.0.0.15 destination4=10.96.0.1 destination-port=80",
		TRANSLATE);
	VERDICT("protocol=6 source4=20.0.0.16 destination4=10.96.0.1 destination-port=80",
		DROP_SOURCE_RANGE);
	VERDICT("protocol=6 source4=19.255.255.255 destination4=10.96.0.1 destination-port=80",
		DROP_SOURCE_RANGE);
	VERDICT("protocol=6 source4=20.9.196.15 destination4=10.96.0.1 destination-port=80",
		TRANSLATE);
	VERDICT("protocol=6 source4=20.19.135.15 destination4=10.96.0.1 destination-port=80",
		TRANSLATE);
	VERDICT("protocol=6 source4=20.19.136.0 destination4=10.96.0.1 destination-port=80",
		DROP_SOURCE_RANGE);
	VERDICT("protocol=6 source4=255.255.255.255 destination4=10.96.0.1 destination-port=80",
		DROP_SOURCE_RANGE);

	/* A change in between. */
	more = true;
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_SOURCE_RANGE_GET, ""));
	ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	ASSERT_TRUE(more);
	succeed(_metadata, &self->other, SVCLB_CMD_SERVICE_EDIT, 0, "name=web no-source-ranges");
	while (more)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_TRUE(self->small.reply.interrupted);
	EXPECT_GT(5000U, self->small.reply.count);
	free(text.chars);
	free(expected.chars);
}

TEST_F(abi, most_source_ranges)
{
	struct refusal refusal = { NULL, E2BIG, "too many source ranges" };
	struct text text = {}, expected = {};

	REQUEST(SERVICE_SET, CREATE, WEB);
	append(&text, "name=web");
	append_ranges(&text, SVCLB_SOURCE_RANGES_MAX + 1);
	refusal.request = text.chars;
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_EDIT, 0, &refusal, 1);
	text.length = 0;
	append(&text, WEB);
	append_ranges(&text, SVCLB_SOURCE_RANGES_MAX + 1);
	refusal.request = text.chars;
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, NLM_F_CREATE, &refusal, 1);
	text.length = 0;
	append(&text, WEB);
	append_ranges(&text, SVCLB_SOURCE_RANGES_MAX);
	append_range_lines(&expected, SVCLB_SOURCE_RANGES_MAX);
	REQUEST(SERVICE_SET, 0, text.chars);
	REPLY(SERVICE_GET, "name=web", WEB_TERMS(0, 0, 0, 65535));
	DUMP(SOURCE_RANGE_GET, "", expected.chars);
	/* They are part of each new set, but not copied: this takes no time. */
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 weight=2}");
	REQUEST(SERVICE_EDIT, 0, "name=web no-source-ranges");
	free(text.chars);
	free(expected.chars);
}

/* Settings */

TEST_F(abi, lists_of_the_settings)
{
	REQUEST(SETTINGS_SET, 0, "service-network{address4=10.96.0.0 prefix-length=12};"
		"pod-interface=cni0 cluster-network{address6=fd00:: prefix-length=8};"
		"node-port-address{address4=192.0.2.0 prefix-length=24} pod-interface=veth*;"
		"node-port-address{address6=:: prefix-length=0};"
		"service-network{address6=fd00:96:: prefix-length=108}");
#define NETWORKS "settings-get cluster-network{address6=fd00:: prefix-length=8};" \
	"node-port-address{address4=192.0.2.0 prefix-length=24};" \
	"node-port-address{address6=:: prefix-length=0};" \
	"service-network{address4=10.96.0.0 prefix-length=12};" \
	"service-network{address6=fd00:96:: prefix-length=108};"
	REPLY(SETTINGS_GET, "", NETWORKS "pod-interface=cni0 pod-interface=veth*;" SETTINGS "\n");
	/* Each list is replaced whole, and leaves the others. */
	REQUEST(SETTINGS_SET, 0, "pod-interface=cali* masquerade-all=0");
	REPLY(SETTINGS_GET, "", NETWORKS "pod-interface=cali* " SETTINGS "\n");
#undef NETWORKS
	REQUEST(SETTINGS_SET, 0, "node-port-address{address4=0.0.0.0 prefix-length=0}");
	REQUEST(SETTINGS_SET, 0, "no-service-networks");
	REPLY(SETTINGS_GET, "", "settings-get cluster-network{address6=fd00:: prefix-length=8};"
	      "node-port-address{address4=0.0.0.0 prefix-length=0} pod-interface=cali*;"
	      SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "no-cluster-networks no-pod-interfaces;"
		"service-network{address4=10.96.0.0 prefix-length=12}");
	REPLY(SETTINGS_GET, "", "settings-get node-port-address{address4=0.0.0.0 prefix-length=0};"
	      "service-network{address4=10.96.0.0 prefix-length=12} " SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "no-node-port-addresses no-service-networks no-pod-interfaces;"
		"no-cluster-networks");
	REPLY(SETTINGS_GET, "", "settings-get " SETTINGS "\n");
}

TEST_F(abi, numbers_of_the_settings)
{
	REQUEST(SETTINGS_SET, 0, "node-port-loopback=1 answer-ping=1;"
		"maglev-seed=18446744073709551615 affinity-max=1 default-scheduler=9");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=0 node-port-min=30000;"
	      "node-port-max=32767 default-scheduler=9 node-port-loopback=1 answer-ping=1;"
	      "maglev-seed=18446744073709551615 affinity-max=1\n");
	REQUEST(SETTINGS_SET, 0, "affinity-max=4294967295");
	REQUEST(SETTINGS_SET, 0, "maglev-seed=0 answer-ping=0");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=0 node-port-min=30000;"
	      "node-port-max=32767 default-scheduler=9 node-port-loopback=1 answer-ping=0;"
	      "maglev-seed=0 affinity-max=4294967295\n");
}

TEST_F(abi, names_of_pod_interfaces)
{
	/* As long as a name can be, and as a beginning of one can be. */
	REQUEST(SETTINGS_SET, 0, "pod-interface=abcdefghijklmno pod-interface=abcdefghijklmno*;"
		"pod-interface=* pod-interface=a pod-interface=eth0.5 pod-interface=%C3%A4");
	REPLY(SETTINGS_GET, "", "settings-get pod-interface=abcdefghijklmno;"
	      "pod-interface=abcdefghijklmno* pod-interface=* pod-interface=a;"
	      "pod-interface=eth0.5 pod-interface=\xc3\xa4 " SETTINGS "\n");
	REFUSE(SETTINGS_SET, 0,
	       { "pod-interface!=x:00", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=abcdefghijklmnop", EINVAL,
		 "pod interface is no name of an interface" },
	       { "pod-interface!=abcdefghijklmnop*", EINVAL, POLICY },
	       { "pod-interface!=x:616200000000000000000000000000000000", ERANGE, POLICY },
	       { "pod-interface!", EINVAL, POLICY },
	       { "pod-interface!=x:6162", EINVAL, POLICY },
	       { "pod-interface!=a*b", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=**", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=*a", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a/b", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a:1", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a%20b", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a%09", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=%0A", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface=ok pod-interface!=a/b", EINVAL,
		 "pod interface is no name of an interface" },
	       { "pod-interface!~=a", EINVAL, "NLA_F_NESTED not expected" });
}

/* Nor what the kernel would not name an interface. */
TEST_F(abi, names_of_no_interface)
{
	REFUSE(SETTINGS_SET, 0,
	       { "pod-interface!=a%0Bb", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a%0C", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=a%0D*", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=.", EINVAL, "pod interface is no name of an interface" },
	       { "pod-interface!=..", EINVAL, "pod interface is no name of an interface" });
}

TEST_F(abi, refused_lists_of_the_settings)
{
	REQUEST(SETTINGS_SET, 0, "pod-interface=cni0;"
		"node-port-address{address4=192.0.2.0 prefix-length=24};"
		"service-network{address4=10.96.0.0 prefix-length=12}");
	REFUSE(SETTINGS_SET, 0,
	       { "node-port-address{address4=10.0.0.0 prefix-length=8} no-node-port-addresses!",
		 EINVAL, "node-port addresses are given and denied" },
	       { "service-network{address4=10.0.0.0 prefix-length=8} no-service-networks!",
		 EINVAL, "service networks are given and denied" },
	       { "pod-interface=a no-pod-interfaces!", EINVAL,
		 "pod interfaces are given and denied" },
	       { "node-port-address!{address4=10.0.0.1 prefix-length=8}", EINVAL,
		 "network has bits behind the prefix" },
	       { "service-network!{address6=fd00::1 prefix-length=64}", EINVAL,
		 "network has bits behind the prefix" },
	       { "node-port-address!{address4=10.0.0.0}", EINVAL, "prefix length is missing" },
	       { "service-network!{prefix-length=0}", EINVAL, "address is missing" },
	       { "service-network{address4=10.0.0.0 prefix-length!=33}", EINVAL,
		 "prefix length is over 32" },
	       { "node-port-address!{address4=10.0.0.0 address6=:: prefix-length=0}", EINVAL,
		 "two addresses" },
	       { "no-service-networks;"
		 "node-port-address{address4=10.0.0.0 prefix-length=8 #4!=x:00}", EINVAL,
		 UNSUPPORTED },
	       { "no-pod-interfaces!=x:01", ERANGE, POLICY },
	       { "no-node-port-addresses!=x:01", ERANGE, POLICY },
	       { "no-service-networks!=x:00", ERANGE, POLICY },
	       { "node-port-loopback!=2", ERANGE, RANGE },
	       { "node-port-loopback!=x:0100", EINVAL, LENGTH },
	       { "answer-ping!=2", ERANGE, RANGE },
	       { "answer-ping!", EINVAL, LENGTH },
	       { "maglev-seed!=x:00000000", EINVAL, LENGTH },
	       { "affinity-max!=0", ERANGE, RANGE },
	       { "affinity-max!=x:0100", EINVAL, LENGTH },
	       { "answer-ping=1 affinity-max=5 maglev-seed=7 node-port-min!=32768", EINVAL,
		 "node-port range ends before it begins" });
	REFUSE(SETTINGS_GET, 0,
	       { "pod-interface!=a", EINVAL, UNSUPPORTED },
	       { "affinity-max!=1", EINVAL, UNSUPPORTED });
}

/* All that there may be, which the reply and the notification must hold. */
TEST_F(abi, longest_settings)
{
	static const char * const lists[] = {
		"cluster-network", "node-port-address", "service-network",
	};
	struct refusal refusal = { .error = E2BIG };
	struct text text = {}, expected = {};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		for (j = 0; j < SVCLB_CLUSTER_NETWORKS_MAX; j++)
			append(&text, "%s{address6=fd00:%x:: prefix-length=32} ", lists[i], j + 1);
	}
	for (i = 0; i < SVCLB_POD_INTERFACES_MAX; i++)
		append(&text, "pod-interface=abcdefghijklm%02u* ", i);
	append(&expected, "settings-get %s" SETTINGS "\n", text.chars);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(SETTINGS_SET, 0, text.chars);
	REPLY(SETTINGS_GET, "", expected.chars);
	expected.length = 0;
	append(&expected, "settings-set-ntf %s" SETTINGS "\n", text.chars);
	NOTIFIED(expected.chars);

	refusal.request = "pod-interface=a pod-interface=a pod-interface=a pod-interface=a;"
			  "pod-interface=a pod-interface=a pod-interface=a pod-interface=a;"
			  "pod-interface=a pod-interface=a pod-interface=a pod-interface=a;"
			  "pod-interface=a pod-interface=a pod-interface=a pod-interface=a;"
			  "pod-interface!=b";
	refusal.text = "too many pod interfaces";
	refuse(_metadata, &self->nl, SVCLB_CMD_SETTINGS_SET, 0, &refusal, 1);
	for (i = 1; i < ARRAY_SIZE(lists); i++) {
		text.length = 0;
		for (j = 0; j <= SVCLB_CLUSTER_NETWORKS_MAX; j++)
			append(&text, "%s{address4=10.%u.0.0 prefix-length=16} ", lists[i], j);
		refusal.request = text.chars;
		refusal.text = i == 1 ? "too many node-port addresses" :
					"too many service networks";
		refuse(_metadata, &self->nl, SVCLB_CMD_SETTINGS_SET, 0, &refusal, 1);
	}
	free(text.chars);
	free(expected.chars);
}

/* The dry run */

#define TO_WEB "protocol=6 destination4=10.96.0.1 destination-port=80 "

TEST_F(abi, resolve_shows_all)
{
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 scheduler=9;"
		"frontend{kind=2 address4=10.96.0.1 port=80 policy=1 restricted=1};"
		"source-range{address4=10.0.0.0 prefix-length=8};"
		"source-range{address4=10.1.1.0 prefix-length=24};"
		"source-range{address4=10.1.0.0 prefix-length=16};"
		"backend{address4=10.0.1.1 port=8080 flags=2 weight=5};"
		"backend{address4=10.0.1.2 port=8080 weight=9};"
		"backend{address4=10.0.1.3 port=8080 flags=6 weight=7};"
		"backend{address4=10.0.1.4 port=8080 flags=1};"
		"backend{address4=10.0.1.5 port=8080 weight=0 flags=2}");
	/* Numbers are given in the order of groups: local-only, local, others. */
	REPLY(RESOLVE, TO_WEB "source4=10.1.1.1 source-port=4000",
	      "resolve verdict=1 service-id=1 service-name=web scheduler=9;"
	      "frontend{kind=2 address4=10.96.0.1 port=80 stats{connections=0 rejected=0};"
	      "policy=1 restricted=1} source-range{address4=10.1.1.0 prefix-length=24} policy=1;"
	      "backend{id=1 address4=10.0.1.3 port=8080 weight=7 flags=6 stats{connections=0};"
	      "share=1000000} backend{id=2 address4=10.0.1.1 port=8080 weight=5 flags=2;"
	      "stats{connections=0} share=0} choice=1 masquerade=0\n");
	/* Pods get the others too. */
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.2.0.0 prefix-length=16}");
	REPLY(RESOLVE, TO_WEB "source4=10.2.1.1",
	      "resolve verdict=1 service-id=1 service-name=web scheduler=9;"
	      "frontend{kind=2 address4=10.96.0.1 port=80 stats{connections=0 rejected=0};"
	      "policy=1 restricted=1} source-range{address4=10.0.0.0 prefix-length=8} policy=0;"
	      "backend{id=2 address4=10.0.1.1 port=8080 weight=5 flags=2 stats{connections=0};"
	      "share=0} backend{id=3 address4=10.0.1.2 port=8080 weight=9 flags=0;"
	      "stats{connections=0} share=1000000} choice=3 masquerade=0\n");
	/* Less is known of what is refused. */
	REPLY(RESOLVE, TO_WEB "source4=11.2.1.1",
	      "resolve verdict=4 service-id=1 service-name=web scheduler=9;"
	      "frontend{kind=2 address4=10.96.0.1 port=80 stats{connections=0 rejected=0};"
	      "policy=1 restricted=1}\n");
	REPLY(RESOLVE, "protocol=6 destination4=10.96.0.2 destination-port=80 source4=10.1.1.1",
	      "resolve verdict=0\n");
}

TEST_F(abi, resolve_verdicts)
{
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 frontend{address4=10.96.0.1 port=80};"
		"frontend{address4=10.96.0.1 port=81 policy=1};"
		"frontend{address4=10.96.0.1 port=82 policy=1 restricted=1};"
		"source-range{address4=10.1.0.0 prefix-length=16};"
		"backend{address4=10.0.1.1 port=8080}");
	VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
	VERDICT(TO_WEB "source4=203.0.113.1", TRANSLATE);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=81 source4=10.1.1.1",
		DROP_NO_LOCAL_BACKEND);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=82 source4=10.1.1.1",
		DROP_NO_LOCAL_BACKEND);
	/* Who may not enter is not told that there is nobody either. */
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=82 source4=10.2.1.1",
		DROP_SOURCE_RANGE);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=83 source4=10.1.1.1",
		REJECT_UNUSED_PORT);
	VERDICT("protocol=17 destination4=10.96.0.1 destination-port=80 source4=10.1.1.1",
		REJECT_UNUSED_PORT);
	VERDICT("protocol=47 destination4=10.96.0.1 destination-port=0 source4=10.1.1.1",
		REJECT_UNUSED_PORT);
	VERDICT("protocol=6 destination4=10.96.0.2 destination-port=80 source4=10.1.1.1", PASS);
	/* Of another family, what looks alike is another address. */
	VERDICT("protocol=6 destination6=::ffff:10.96.0.1 destination-port=80 source6=fd00::1",
		PASS);

	/* No backend that takes any. */
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 weight=0}");
	VERDICT(TO_WEB "source4=10.1.1.1", REJECT_NO_BACKEND);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=81 source4=10.1.1.1",
		REJECT_NO_BACKEND);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=82 source4=10.2.1.1",
		DROP_SOURCE_RANGE);
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 weight=1 flags=1}");
	VERDICT(TO_WEB "source4=10.1.1.1", REJECT_NO_BACKEND);
	/* One of the other set only: neither has to know of the other's. */
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=6}");
	VERDICT(TO_WEB "source4=10.1.1.1", DROP_NO_LOCAL_BACKEND);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=81 source4=10.1.1.1",
		TRANSLATE);
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=2}");
	VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=81 source4=10.1.1.1",
		TRANSLATE);
	/* Local-only without local: in no set. */
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=4}");
	VERDICT(TO_WEB "source4=10.1.1.1", REJECT_NO_BACKEND);
	REQUEST(BACKEND_DEL, 0, "name=web backend{address4=10.0.1.1 port=8080}");
	VERDICT(TO_WEB "source4=10.1.1.1", REJECT_NO_BACKEND);

	/* Without a list, everybody may enter. */
	REQUEST(SERVICE_EDIT, 0, "name=web no-source-ranges");
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=82 source4=10.2.1.1",
		REJECT_NO_BACKEND);

	/* Addresses that are only for services. */
	REQUEST(SETTINGS_SET, 0, "service-network{address4=10.96.0.0 prefix-length=16};"
		"service-network{address6=fd00:96:: prefix-length=112}");
	VERDICT("protocol=6 destination4=10.96.0.2 destination-port=80 source4=10.1.1.1",
		DROP_UNALLOCATED);
	VERDICT("protocol=1 destination4=10.96.0.2 destination-port=2048 source4=10.1.1.1",
		DROP_UNALLOCATED);
	VERDICT("protocol=6 destination4=10.97.0.2 destination-port=80 source4=10.1.1.1", PASS);
	VERDICT("protocol=6 destination6=fd00:96::ffff destination-port=80 source6=fd00::1",
		DROP_UNALLOCATED);
	VERDICT("protocol=6 destination6=fd00:96::1:0 destination-port=80 source6=fd00::1", PASS);
	VERDICT("protocol=6 destination4=10.96.0.1 destination-port=83 source4=10.1.1.1",
		REJECT_UNUSED_PORT);
	/* The last frontend of an address goes. */
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=10.96.0.1 port=80};"
		"frontend{address4=10.96.0.1 port=81} frontend{address4=10.96.0.1 port=82}");
	VERDICT(TO_WEB "source4=10.1.1.1", DROP_UNALLOCATED);
}

/* Other ports of an address are refused if a frontend that has it is of kind vip. */
TEST_F(abi, resolve_other_ports)
{
#define OTHER "protocol=6 source4=10.1.1.1 destination-port=83 destination4="
#define PING "protocol=1 source4=10.1.1.1 destination-port=2048 destination4="
#define DNS_OF(kind) "name=dns protocol=17 frontend{address4=192.0.2.1 port=53 kind=" #kind "}"
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 backend{address4=10.0.1.1 port=8080};"
		"frontend{kind=2 address4=192.0.2.1 port=80};"
		"frontend{kind=3 address4=192.0.2.2 port=80}");
	VERDICT("protocol=6 source4=10.1.1.1 destination-port=80 destination4=192.0.2.1",
		TRANSLATE);
	VERDICT(OTHER "192.0.2.1", PASS);
	VERDICT(OTHER "192.0.2.2", PASS);
	VERDICT(PING "192.0.2.1", PASS);
	REQUEST(SETTINGS_SET, 0, "answer-ping=1");
	VERDICT(PING "192.0.2.1", ECHO);
	VERDICT(PING "192.0.2.2", ECHO);
	/* The address is in use, so it is not unallocated. */
	REQUEST(SETTINGS_SET, 0, "service-network{address4=192.0.2.0 prefix-length=24}");
	VERDICT(OTHER "192.0.2.1", PASS);
	VERDICT(OTHER "192.0.2.3", DROP_UNALLOCATED);
	REQUEST(SERVICE_SET, CREATE, DNS_OF(0));
	VERDICT(OTHER "192.0.2.1", REJECT_UNUSED_PORT);
	VERDICT(OTHER "192.0.2.2", PASS);
	REQUEST(SERVICE_SET, NLM_F_REPLACE, DNS_OF(2));
	VERDICT(OTHER "192.0.2.1", PASS);
	REQUEST(SERVICE_SET, NLM_F_REPLACE, DNS_OF(0));
	VERDICT(OTHER "192.0.2.1", REJECT_UNUSED_PORT);
	REQUEST(SERVICE_DEL, 0, "name=dns");
	VERDICT(OTHER "192.0.2.1", PASS);
#undef OTHER
#undef PING
#undef DNS_OF
}

/* An echo request has its type where others have the port: in the first byte. */
TEST_F(abi, resolve_echo)
{
#define PING "protocol=1 source4=10.1.1.1 destination-port=2048 destination4="
#define PING6 "protocol=58 source6=fd00::9 destination-port=32768 destination6="
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	VERDICT(PING "10.96.0.1", REJECT_UNUSED_PORT);
	VERDICT(PING6 "fd00::53", REJECT_UNUSED_PORT);
	REQUEST(SETTINGS_SET, 0, "answer-ping=1");
	VERDICT(PING "10.96.0.1", ECHO);
	VERDICT(PING6 "fd00::53", ECHO);
	VERDICT(PING "10.96.0.2", PASS);
	VERDICT(PING6 "fd00::54", PASS);
	/* Any other type, and the other family's protocol. */
	VERDICT("protocol=1 source4=10.1.1.1 destination-port=3328 destination4=10.96.0.1",
		REJECT_UNUSED_PORT);
	VERDICT("protocol=58 source4=10.1.1.1 destination-port=32768 destination4=10.96.0.1",
		REJECT_UNUSED_PORT);
	VERDICT("protocol=1 source6=fd00::9 destination-port=2048 destination6=fd00::53",
		REJECT_UNUSED_PORT);
#undef PING
#undef PING6
}

#define TO_PORT "protocol=6 destination-port=30080 source4=203.0.113.1 destination4="

TEST_F(abi, resolve_node_ports)
{
	run(_metadata, "ip link set lo up; ip link add d0 type dummy; ip link set d0 up;"
	    "ip address add 192.0.2.1/24 dev d0; ip address add 198.51.100.1/24 dev d0;"
	    "ip address add 2001:db8::1/64 dev d0 nodad");
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 frontend{kind=1 port=30080} family=2;"
		"backend{address4=10.0.1.1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=web6 protocol=6 frontend{kind=1 port=30080} family=10;"
		"backend{address6=fd00:1::1 port=80}");
	VERDICT(TO_PORT "192.0.2.1", TRANSLATE);
	VERDICT(TO_PORT "198.51.100.1", TRANSLATE);
	VERDICT(TO_PORT "192.0.2.2", PASS);
	VERDICT(TO_PORT "192.0.2.255", PASS);
	VERDICT(TO_PORT "127.0.0.1", PASS);
	VERDICT("protocol=17 destination-port=30080 source4=203.0.113.1 destination4=192.0.2.1",
		PASS);
	VERDICT("protocol=6 destination-port=30081 source4=203.0.113.1 destination4=192.0.2.1",
		PASS);
	VERDICT("protocol=6 destination-port=30080 source6=fd00::2 destination6=2001:db8::1",
		TRANSLATE);
	EXPECT_EQ(2, value_of(&self->nl, "service-id="));
	VERDICT("protocol=6 destination-port=30080 source6=fd00::2 destination6=2001:db8::2",
		PASS);
	VERDICT("protocol=6 destination-port=30080 source6=::1 destination6=::1", PASS);

	REQUEST(SETTINGS_SET, 0, "node-port-address{address4=192.0.2.0 prefix-length=24};"
		"node-port-address{address4=127.0.0.0 prefix-length=8}");
	VERDICT(TO_PORT "192.0.2.1", TRANSLATE);
	VERDICT(TO_PORT "192.0.2.2", PASS);
	VERDICT(TO_PORT "198.51.100.1", PASS);
	VERDICT(TO_PORT "127.0.0.1", PASS);
	/* A family without one has them everywhere. */
	VERDICT("protocol=6 destination-port=30080 source6=fd00::2 destination6=2001:db8::1",
		TRANSLATE);
	REQUEST(SETTINGS_SET, 0, "node-port-address{address6=2001:db9:: prefix-length=32}");
	VERDICT(TO_PORT "198.51.100.1", TRANSLATE);
	VERDICT("protocol=6 destination-port=30080 source6=fd00::2 destination6=2001:db8::1",
		PASS);
}

TEST_F(abi, resolve_loopback)
{
	char text[256];
	unsigned int i;

	run(_metadata, "ip link set lo up; ip link add d0 type dummy; ip link set d0 up");
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 frontend{kind=1 port=30080} family=2;"
		"backend{address4=10.0.1.1 port=80}");
	for (i = 0; i < 2; i++) {
		VERDICT("protocol=6 destination-port=30080 source4=127.0.0.1;"
			"destination4=127.0.0.1", PASS);
		snprintf(text, sizeof(text), TO_PORT "127.0.0.1 interface=%u",
			 if_nametoindex("d0"));
		VERDICT(text, PASS);
		REQUEST(SETTINGS_SET, 0, "node-port-loopback=1");
		VERDICT("protocol=6 destination-port=30080 source4=127.0.0.1;"
			"destination4=127.0.0.1", TRANSLATE);
		VERDICT("protocol=6 destination-port=30080 source4=127.0.0.1;"
			"destination4=127.5.0.1", TRANSLATE);
		VERDICT("protocol=6 destination-port=30081 source4=127.0.0.1;"
			"destination4=127.5.0.1", PASS);
		/* From outside, to whatever port: it would reach what listens there. */
		VERDICT(text, DROP_LOOPBACK);
		snprintf(text, sizeof(text), "protocol=17 destination-port=53;"
			 "source4=203.0.113.1 destination4=127.0.0.53 interface=%u",
			 if_nametoindex("d0"));
		VERDICT(text, DROP_LOOPBACK);
		snprintf(text, sizeof(text), TO_PORT "127.0.0.1 interface=%u",
			 if_nametoindex("lo"));
		VERDICT(text, TRANSLATE);
		REQUEST(SETTINGS_SET, 0, "node-port-loopback=0");
	}
}

/* A VIP that is the node's own address too: its other ports are not ours. */
TEST_F(abi, resolve_vip_of_the_node)
{
	run(_metadata, "ip link set lo up; ip address add 10.96.0.1/32 dev lo");
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, "name=np protocol=6 frontend{kind=1 port=30080} family=2");
	VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
	VERDICT("protocol=6 source4=10.1.1.1 destination4=10.96.0.1 destination-port=22", PASS);
	VERDICT("protocol=6 source4=10.1.1.1 destination4=10.96.0.1 destination-port=30080",
		REJECT_NO_BACKEND);
	EXPECT_EQ(2, value_of(&self->nl, "service-id="));
}

TEST_F(abi, resolve_masquerade)
{
#define FROM "protocol=6 destination4=10.96.0.1 destination-port=80 source4="
	set_up_network(_metadata);
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 scheduler=9;"
		"frontend{address4=10.96.0.1 port=80} backend{address4=10.0.1.1 port=80}");
	/* Nothing tells who is a pod. */
	MASQUERADE(FROM "10.0.1.2", NONE);
	MASQUERADE(FROM "203.0.113.1", NONE);
	MASQUERADE(FROM "192.0.2.1", NONE);
	MASQUERADE(FROM "10.0.1.1", HAIRPIN);
	REQUEST(SETTINGS_SET, 0, "cluster-network{address6=fd00:: prefix-length=8}");
	MASQUERADE(FROM "203.0.113.1", NONE);
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.0.0.0 prefix-length=8};"
		"cluster-network{address4=172.16.0.0 prefix-length=12}");
	MASQUERADE(FROM "10.0.1.2", NONE);
	MASQUERADE(FROM "172.31.255.255", NONE);
	MASQUERADE(FROM "172.32.0.0", OUTSIDE);
	MASQUERADE(FROM "203.0.113.1", OUTSIDE);
	MASQUERADE(FROM "192.0.2.1", OUTSIDE);
	MASQUERADE(FROM "10.0.1.1", HAIRPIN);
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1");
	MASQUERADE(FROM "10.0.1.2", ALL);
	MASQUERADE(FROM "203.0.113.1", ALL);
	MASQUERADE(FROM "10.0.1.1", HAIRPIN);
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1 no-cluster-networks");
	MASQUERADE(FROM "10.0.1.2", ALL);
#undef FROM
}

static const char * const outer_frontends[] = {
	"kind=2 address4=10.96.0.1 port=30080", "kind=3 address4=10.96.0.1 port=30080",
	"kind=1 port=30080",
};

TEST_F(abi, resolve_masquerade_from_outside)
{
#define FROM "protocol=6 destination-port=30080 source4="
	char text[512];
	unsigned int i;

	set_up_network(_metadata);
	run(_metadata, "ip address add 10.99.0.1/32 dev lo");
	for (i = 0; i < ARRAY_SIZE(outer_frontends); i++) {
		const char *to = i == 2 ? "192.0.2.1" : "10.96.0.1";
		static const struct {
			unsigned int policy;
			const char *from;
			int reason;
		} cases[] = {
			{ 0, "203.0.113.1", SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS },
			{ 0, "10.0.1.2", SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS },
			{ 0, "192.0.2.1", SVCLB_MASQUERADE_REASON_EXTERNAL_ADDRESS },
			{ 0, "10.0.1.1", SVCLB_MASQUERADE_REASON_HAIRPIN },
			{ 1, "203.0.113.1", SVCLB_MASQUERADE_REASON_NONE },
			{ 1, "10.0.1.2", SVCLB_MASQUERADE_REASON_NONE },
			{ 1, "192.0.2.1", SVCLB_MASQUERADE_REASON_NODE },
			/* The node's own, but within the cluster. */
			{ 1, "10.99.0.1", SVCLB_MASQUERADE_REASON_NONE },
			{ 1, "10.0.1.1", SVCLB_MASQUERADE_REASON_HAIRPIN },
		};
		unsigned int j;

		/* Of no meaning here. */
		REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.0.0.0 prefix-length=8};"
			"masquerade-all=1");
		for (j = 0; j < ARRAY_SIZE(cases); j++) {
			snprintf(text, sizeof(text), "name=web protocol=6 family=2;"
				 "frontend{%s policy=%u} backend{address4=10.0.1.1 port=80;"
				 "flags=2} scheduler=9", outer_frontends[i], cases[j].policy);
			REQUEST(SERVICE_SET, NLM_F_CREATE, text);
			snprintf(text, sizeof(text), FROM "%s destination4=%s", cases[j].from, to);
			masquerade_is(_metadata, &self->nl, text, cases[j].reason);
		}
		/* With no detector, own addresses are no pods. */
		REQUEST(SETTINGS_SET, 0, "no-cluster-networks");
		snprintf(text, sizeof(text), FROM "192.0.2.1 destination4=%s", to);
		MASQUERADE(text, NODE);
		snprintf(text, sizeof(text), FROM "203.0.113.1 destination4=%s", to);
		MASQUERADE(text, NONE);
		REQUEST(FLUSH, 0, "");
	}
#undef FROM
}

/* Who gets the backends of the policy cluster where the policy is local. */
TEST_F(abi, resolve_short_cut)
{
#define FROM "protocol=6 destination-port=30080 source4="
	char text[512];
	unsigned int i;

	set_up_network(_metadata);
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.0.0.0 prefix-length=8}");
	for (i = 0; i < ARRAY_SIZE(outer_frontends) + 1; i++) {
		const char *to = i == 2 ? "192.0.2.1" : "10.96.0.1";
		bool is_vip = i == ARRAY_SIZE(outer_frontends);

		snprintf(text, sizeof(text), "name=web protocol=6 family=2 frontend{%s policy=1};"
			 "backend{address4=10.0.1.1 port=80}",
			 is_vip ? "address4=10.96.0.1 port=30080" : outer_frontends[i]);
		REQUEST(SERVICE_SET, NLM_F_CREATE, text);
		snprintf(text, sizeof(text), FROM "203.0.113.1 destination4=%s", to);
		VERDICT(text, DROP_NO_LOCAL_BACKEND);
		snprintf(text, sizeof(text), FROM "10.0.1.2 destination4=%s", to);
		verdict_is(_metadata, &self->nl, text,
			   is_vip ? SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND : SVCLB_VERDICT_TRANSLATE);
		snprintf(text, sizeof(text), FROM "192.0.2.1 destination4=%s", to);
		verdict_is(_metadata, &self->nl, text,
			   is_vip ? SVCLB_VERDICT_DROP_NO_LOCAL_BACKEND : SVCLB_VERDICT_TRANSLATE);
		if (!is_vip)
			EXPECT_EQ(0, value_of(&self->nl, "restricted=0} policy="));
		REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=80 flags=2}");
		snprintf(text, sizeof(text), FROM "203.0.113.1 destination4=%s", to);
		VERDICT(text, TRANSLATE);
		EXPECT_EQ(1, value_of(&self->nl, "restricted=0} policy="));
	}
#undef FROM
}

TEST_F(abi, resolve_pod_interfaces)
{
#define FROM "protocol=6 destination4=10.96.0.1 destination-port=80 source4=203.0.113.1 interface="
	static const struct {
		const char *list;
		const char *interface;
		bool is_pod;
	} cases[] = {
		{ "pod-interface=veth*", "veth12", true },
		{ "pod-interface=veth*", "veth1", true },
		{ "pod-interface=veth*", "eth0", false },
		{ "pod-interface=veth1", "veth1", true },
		{ "pod-interface=veth1", "veth12", false },
		{ "pod-interface=veth12", "veth1", false },
		{ "pod-interface=*", "eth0", true },
		{ "pod-interface=abcdefghijklmno", "abcdefghijklmno", true },
		{ "pod-interface=abcdefghijklmno*", "abcdefghijklmno", true },
		{ "pod-interface=abcdefghijklmn", "abcdefghijklmno", false },
		{ "pod-interface=a pod-interface=b pod-interface=eth*", "eth0", true },
		{ "pod-interface=a pod-interface=b pod-interface=c*", "eth0", false },
	};
	char text[512];
	unsigned int i;

	run(_metadata, "for i in veth1 veth12 eth0 abcdefghijklmno; do"
	    " ip link add $i type dummy; ip link set $i up; done");
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 frontend{address4=10.96.0.1 port=80};"
		"backend{address4=10.0.1.1 port=80}");
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		REQUEST(SETTINGS_SET, 0, cases[i].list);
		snprintf(text, sizeof(text), FROM "%u", if_nametoindex(cases[i].interface));
		if (cases[i].is_pod)
			MASQUERADE(text, NONE);
		else
			MASQUERADE(text, OUTSIDE);
	}
	/* The node's own connections come in by none, nor do those of one that is gone. */
	REQUEST(SETTINGS_SET, 0, "pod-interface=veth*");
	MASQUERADE(FROM "0", OUTSIDE);
	MASQUERADE(FROM "2147483647", OUTSIDE);
	/* The networks are as good. */
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=203.0.113.0 prefix-length=24}");
	snprintf(text, sizeof(text), FROM "%u", if_nametoindex("eth0"));
	MASQUERADE(text, NONE);
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=203.0.112.0 prefix-length=24}");
	MASQUERADE(text, OUTSIDE);
	REQUEST(SETTINGS_SET, 0, "no-pod-interfaces no-cluster-networks");
	MASQUERADE(text, NONE);
#undef FROM
}

/* The sum of the shares that the last reply has, and their number. */
static unsigned int shares(const struct nl *nl, unsigned int *sum)
{
	const char *found = nl->reply.text;
	unsigned int count = 0;

	*sum = 0;
	while ((found = strstr(found, "share="))) {
		found += strlen("share=");
		*sum += strtoul(found, NULL, 10);
		count++;
	}
	return count;
}

TEST_F(abi, resolve_shares)
{
	static const struct {
		unsigned int scheduler;
		const char *shares[3];
	} cases[] = {
		{ SVCLB_SCHED_RANDOM, { "333333", "333333", "333333" } },
		{ SVCLB_SCHED_WRANDOM, { "166666", "333333", "500000" } },
		{ SVCLB_SCHED_RR, { "333333", "333333", "333333" } },
		{ SVCLB_SCHED_WRR, { "166666", "333333", "500000" } },
		{ SVCLB_SCHED_LC, { "333333", "333333", "333333" } },
		{ SVCLB_SCHED_WLC, { "166666", "333333", "500000" } },
		{ SVCLB_SCHED_SH, { "166666", "333333", "500000" } },
		{ SVCLB_SCHED_MAGLEV, { "166666", "333333", "500000" } },
		{ SVCLB_SCHED_FAILOVER, { "0", "0", "1000000" } },
	};
	unsigned int i, sum;
	char text[512];

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool is_pure = cases[i].scheduler < SVCLB_SCHED_RR ||
			       cases[i].scheduler > SVCLB_SCHED_P2C;

		snprintf(text, sizeof(text), "name=web protocol=6 scheduler=%u;"
			 "frontend{address4=10.96.0.1 port=80};"
			 "backend{address4=10.0.1.1 port=80 weight=1};"
			 "backend{address4=10.0.1.2 port=80 weight=2};"
			 "backend{address4=10.0.1.3 port=80 weight=3};"
			 "backend{address4=10.0.1.4 port=80 weight=9 flags=1}",
			 cases[i].scheduler);
		REQUEST(SERVICE_SET, NLM_F_CREATE, text);
		VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
		EXPECT_EQ(3U, shares(&self->nl, &sum));
		snprintf(text, sizeof(text), "share=%s} backend{id=2 address4=10.0.1.2 port=80;"
			 "weight=2 flags=0 stats{connections=0} share=%s} backend{id=3;"
			 "address4=10.0.1.3 port=80 weight=3 flags=0 stats{connections=0};"
			 "share=%s}", cases[i].shares[0], cases[i].shares[1], cases[i].shares[2]);
		SAYS(text);
		EXPECT_EQ(is_pure, value_of(&self->nl, "choice=") > 0) {
			TH_LOG("scheduler %u: %s", cases[i].scheduler, self->nl.reply.text);
		}
	}
	/* p2c: shares depend on the load, the sum does not. */
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=6");
	VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
	EXPECT_EQ(3U, shares(&self->nl, &sum));
	EXPECT_LE(999000U, sum);
	EXPECT_GE(1000000U, sum);
	EXPECT_EQ(-1, value_of(&self->nl, "choice="));
}

/* The longest reply, which must fit; shares still add up to what they are of. */
TEST_F(abi, resolve_with_many_candidates)
{
	unsigned int i, count, sum;
	struct text text = {};

	append(&text, "name=big protocol=6 frontend{address6=fd00:96::1 port=80}");
	for (i = 0; i < 1000; i++)
		append(&text, " backend{address6=fd00:1::%x port=80 weight=%u}", i + 1, 1 + i % 7);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	for (i = 0; i <= SVCLB_SCHED_MAX; i++) {
		char edit[64];

		snprintf(edit, sizeof(edit), "name=big scheduler=%u", i);
		REQUEST(SERVICE_EDIT, 0, edit);
		VERDICT("protocol=6 source6=fd00::1 destination6=fd00:96::1 destination-port=80",
			TRANSLATE);
		count = shares(&self->nl, &sum);
		EXPECT_EQ(1000U, count);
		EXPECT_LE(999000U, sum);
		EXPECT_GE(1000000U, sum);
	}
	text.length = 0;
	append(&text, "name=big");
	for (i = 1000; i < 5000; i++)
		append(&text, " backend{address6=fd00:1::%x port=80}", i + 1);
	REQUEST(BACKEND_SET, CREATE, text.chars);
	VERDICT("protocol=6 source6=fd00::1 destination6=fd00:96::1 destination-port=80",
		TRANSLATE);
	EXPECT_LE(1024U, shares(&self->nl, &sum));
	EXPECT_LE(1, value_of(&self->nl, "masquerade=") + 1);
	free(text.chars);
}

/* What resolve says before is what becomes of a packet. */
TEST_F(abi, resolve_tells_the_choice)
{
	static const unsigned int pure[] = {
		SVCLB_SCHED_RANDOM, SVCLB_SCHED_WRANDOM, SVCLB_SCHED_SH, SVCLB_SCHED_MAGLEV,
		SVCLB_SCHED_FAILOVER,
	};
	char request[512], from[64], backend[256];
	unsigned int i, port, client;

	NETWORK(CLIENTS);
	for (i = 0; i < ARRAY_SIZE(pure); i++) {
		unsigned int seen = 0;

		snprintf(request, sizeof(request), "name=flows protocol=17 scheduler=%u;"
			 "frontend{address4=10.96.0.1 port=53};"
			 "backend{address4=192.0.2.1 port=1001 weight=3};"
			 "backend{address4=192.0.2.1 port=1002 weight=4};"
			 "backend{address4=192.0.2.1 port=1003 weight=5}", pure[i]);
		REQUEST(SERVICE_SET, NLM_F_CREATE, request);
		for (client = 1; client <= 20; client++) {
			long long choice, before;

			port = 1000 * (i + 1) + client;
			snprintf(from, sizeof(from), "198.18.0.%u", client);
			snprintf(request, sizeof(request), "protocol=17 source4=%s source-port=%u;"
				 "destination4=10.96.0.1 destination-port=53", from, port);
			VERDICT(request, TRANSLATE);
			choice = value_of(&self->nl, "choice=");
			ASSERT_TRUE(choice >= 1 && choice <= 3);
			seen |= 1U << choice;
			snprintf(backend, sizeof(backend), "backend{id=%lld address4=192.0.2.1;"
				 "port=%lld weight=%lld flags=0 stats{connections=", choice,
				 1000 + choice, 2 + choice);
			before = value_of(&self->nl, backend);
			ASSERT_LE(0, before);
			knock_from(_metadata, from, port, "10.96.0.1", 53);
			RESOLVE(request);
			EXPECT_EQ(before + 1, value_of(&self->nl, backend)) {
				TH_LOG("scheduler %u, '%s': %s", pure[i], request,
				       self->nl.reply.text);
			}
		}
		EXPECT_EQ(pure[i] == SVCLB_SCHED_FAILOVER ? 8U : 14U, seen);
		REQUEST(FLUSH, 0, "");
	}
}

TEST_F(abi, resolve_changes_nothing)
{
	char *before, *after;
	unsigned int i;

	REQUEST(SERVICE_SET, CREATE, WEB " affinity-timeout=60 scheduler=2");
	REQUEST(SETTINGS_SET, 0, "service-network{address4=10.96.0.0 prefix-length=16}");
	before = snapshot(_metadata, &self->nl);
	ASSERT_EQ(0, nl_join(&self->other));
	for (i = 0; i < 20; i++) {
		VERDICT(TO_WEB "source4=10.1.1.1", TRANSLATE);
		VERDICT("protocol=17 destination4=10.96.0.1 destination-port=80 source4=10.1.1.1",
			REJECT_UNUSED_PORT);
		VERDICT("protocol=17 destination4=10.96.0.5 destination-port=80 source4=10.1.1.1",
			DROP_UNALLOCATED);
	}
	after = snapshot(_metadata, &self->nl);
	EXPECT_STREQ(before, after);
	DUMP(AFFINITY_GET, "", "");
	NOTIFIED("");
	free(before);
	free(after);
}

TEST_F(abi, refused_resolves)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REFUSE(RESOLVE, 0,
	       { "", EINVAL, "protocol or port is missing" },
	       { "source4=10.1.1.1 destination4=10.96.0.1 protocol=6", EINVAL,
		 "protocol or port is missing" },
	       { "source4=10.1.1.1 destination4=10.96.0.1 destination-port=80", EINVAL,
		 "protocol or port is missing" },
	       { "destination4=10.96.0.1 destination-port=80 protocol=6", EINVAL,
		 "address is missing" },
	       { "source4=10.1.1.1 destination-port=80 protocol=6", EINVAL,
		 "address is missing" },
	       { "source4=10.1.1.1 source6=fd00::1 destination4=10.96.0.1 destination-port=80;"
		 "protocol=6", EINVAL, "two addresses" },
	       { "source4=10.1.1.1 destination6=fd00::1 destination4=10.96.0.1;"
		 "destination-port=80 protocol=6", EINVAL, "two addresses" },
	       { "source4=10.1.1.1 destination6!=fd00::1 destination-port=80 protocol=6", EINVAL,
		 "address is of another family" },
	       { "source6=fd00::1 destination4!=10.1.1.1 destination-port=80 protocol=6", EINVAL,
		 "address is of another family" },
	       { TO_WEB "source4=10.1.1.1 interface!=2147483648", EINVAL,
		 "no interface has this index" },
	       { TO_WEB "source4=10.1.1.1 interface!=4294967295", EINVAL,
		 "no interface has this index" },
	       { TO_WEB "source4=10.1.1.1 interface!=x:01", EINVAL, LENGTH },
	       { TO_WEB "source4!=x:0a0101 destination-port=80", EINVAL, LENGTH },
	       { TO_WEB "source4=10.1.1.1 source-port!=x:00", EINVAL, LENGTH },
	       { "protocol!=x:0600 source4=10.1.1.1 destination4=10.96.0.1 destination-port=80",
		 EINVAL, LENGTH },
	       { "protocol=6 source6!=x:fd00 destination6=fd00::1 destination-port=80", ERANGE,
		 "binary attribute size out of range" },
	       { TO_WEB "source4=10.1.1.1 verdict!=1", EINVAL, UNSUPPORTED },
	       { TO_WEB "source4=10.1.1.1 service-id!=1", EINVAL, UNSUPPORTED },
	       { TO_WEB "source4=10.1.1.1 backend!{id=1}", EINVAL, UNSUPPORTED },
	       { TO_WEB "source4=10.1.1.1 #20!=x:00", EINVAL, UNSUPPORTED });
}

/* Affinity */

#define ENTRY "affinity-get service-id=%u service-name=flows address4=198.18.%u.%u" \
	      " backend-id=%u expires=%u%n"

static unsigned int entries_from(struct __test_metadata *_metadata, const struct nl *nl,
				 unsigned int service, bool *seen, unsigned int clients)
{
	const char *line = nl->reply.text, *end;
	unsigned int entries = 0;

	for (; *line; line = end + 1) {
		unsigned int id, a, b, backend, expires;
		int length = 0;

		end = strchr(line, '\n');
		EXPECT_EQ(5, sscanf(line, ENTRY, &id, &a, &b, &backend, &expires, &length)) {
			TH_LOG("%.*s", (int)(end - line), line);
			continue;
		}
		EXPECT_EQ(end, line + length);
		EXPECT_EQ(service, id);
		EXPECT_TRUE(backend >= 1 && backend <= 2);
		EXPECT_TRUE(expires > 0 && expires <= 600000);
		ASSERT_GT(clients, 256 * a + b);
		EXPECT_FALSE(seen[256 * a + b]);
		seen[256 * a + b] = true;
		entries++;
	}
	return entries;
}

#define AFFINE "name=flows protocol=17 scheduler=2 affinity-timeout=600;" \
	       "frontend{address4=10.96.0.1 port=53} frontend{address4=10.96.0.2 port=54};" \
	       "backend{address4=192.0.2.1 port=1001} backend{address4=192.0.2.1 port=1002}"
#define FROM_18 "protocol=17 source4=198.18.0.1 source-port=9 destination4=10.96.0.1 " \
		"destination-port=53"

TEST_F(abi, affinity)
{
	long long kept, expires;

	NETWORK(CLIENTS);
	REQUEST(SERVICE_SET, CREATE, AFFINE);
	DUMP(AFFINITY_GET, "", "");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(-1, value_of(&self->nl, "choice="));
	SAYS_NOT("affinity{");

	knock_from(_metadata, "198.18.0.1", 1001, "10.96.0.1", 53);
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(1U, self->nl.reply.count);
	SAYS("affinity-get service-id=1 service-name=flows address4=198.18.0.1 backend-id=");
	kept = value_of(&self->nl, "backend-id=");
	expires = value_of(&self->nl, "expires=");
	EXPECT_LT(590000, expires);
	EXPECT_GE(600000, expires);
	/* The scheduler would take the other one. */
	knock_from(_metadata, "198.18.0.1", 1002, "10.96.0.2", 54);
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(kept, value_of(&self->nl, "choice="));
	EXPECT_EQ(2, value_of(&self->nl, kept == 1 ?
			      "port=1001 weight=1 flags=0 stats{connections=" :
			      "port=1002 weight=1 flags=0 stats{connections="));
	SAYS("affinity{service-id=1 service-name=flows address4=198.18.0.1;");
	/* It stays while the set is replaced, by itself or with the service. */
	REQUEST(BACKEND_SET, CREATE, "name=flows backend{address4=192.0.2.1 port=1000};"
		"backend{address4=192.0.2.1 port=1003}");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(kept, value_of(&self->nl, "choice="));
	REQUEST(SERVICE_SET, 0, AFFINE " frontend{kind=1 port=30000}");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(kept, value_of(&self->nl, "choice="));
	/* A backend that does not take any is not chosen, but not forgotten either. */
	REQUEST(BACKEND_SET, 0, kept == 1 ? "name=flows backend{address4=192.0.2.1 port=1001;"
		"flags=1}" : "name=flows backend{address4=192.0.2.1 port=1002 flags=1}");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(-1, value_of(&self->nl, "choice="));
	SAYS_NOT("affinity{");
	REQUEST(BACKEND_SET, 0, kept == 1 ? "name=flows backend{address4=192.0.2.1 port=1001;"
		"flags=0}" : "name=flows backend{address4=192.0.2.1 port=1002 flags=0}");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(kept, value_of(&self->nl, "choice="));
	/* Nor is one that only looks like it. */
	REQUEST(BACKEND_DEL, 0, kept == 1 ? "name=flows backend{address4=192.0.2.1 port=1001}" :
		"name=flows backend{address4=192.0.2.1 port=1002}");
	REQUEST(BACKEND_SET, CREATE, kept == 1 ? "name=flows backend{address4=192.0.2.1 port=1001}"
		: "name=flows backend{address4=192.0.2.1 port=1002}");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(-1, value_of(&self->nl, "choice="));
	/* Without affinity, an entry is of no use. */
	knock_from(_metadata, "198.18.0.1", 1003, "10.96.0.1", 53);
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_LT(0, value_of(&self->nl, "choice="));
	REQUEST(SERVICE_EDIT, 0, "name=flows affinity-timeout=0");
	VERDICT(FROM_18, TRANSLATE);
	EXPECT_EQ(-1, value_of(&self->nl, "choice="));
	/* It goes with its service, and a service of the same name is another one. */
	REQUEST(SERVICE_EDIT, 0, "name=flows affinity-timeout=600");
	REQUEST(SERVICE_DEL, 0, "name=flows");
	DUMP(AFFINITY_GET, "", "");
	REQUEST(SERVICE_SET, CREATE, AFFINE);
	DUMP(AFFINITY_GET, "", "");
}

TEST_F(abi, affinity_of_services)
{
	NETWORK(CLIENTS);
	REQUEST(SERVICE_SET, CREATE, AFFINE);
	REQUEST(SERVICE_SET, CREATE, "name=second protocol=17 affinity-timeout=10;"
		"frontend{address4=10.96.0.3 port=53} backend{address4=192.0.2.1 port=1001}");
	REQUEST(SERVICE_SET, CREATE, "name=sixth protocol=17 affinity-timeout=86400;"
		"frontend{address6=fd00:96::1 port=53} backend{address6=fd00:1::1 port=1001}");
	knock_from(_metadata, "198.18.0.1", 1001, "10.96.0.3", 53);
	knock_from(_metadata, "fd12::1:2", 1001, "fd00:96::1", 53);
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(2U, self->nl.reply.count);
	SAYS("service-id=2 service-name=second address4=198.18.0.1 backend-id=1 expires=");
	SAYS("service-id=3 service-name=sixth address6=fd12::1:2 backend-id=1 expires=86");
	REQUEST(SERVICE_DEL, 0, "name=second");
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(1U, self->nl.reply.count);
	REFUSE(AFFINITY_GET, NLM_F_DUMP,
	       { "service-id!=1", EINVAL, UNSUPPORTED },
	       { "service-name!=sixth", EINVAL, UNSUPPORTED },
	       { "address4!=198.18.0.1", EINVAL, UNSUPPORTED });
}

#define MANY 3000

TEST_F(abi, affinity_of_many_clients)
{
	bool seen[MANY] = {}, more = true;
	unsigned int i;
	char from[32];

	NETWORK(CLIENTS);
	REQUEST(SERVICE_SET, CREATE, AFFINE);
	for (i = 0; i < MANY; i++) {
		snprintf(from, sizeof(from), "198.18.%u.%u", i / 256, i % 256);
		knock_from(_metadata, from, 0, "10.96.0.1", 53);
	}
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(MANY, entries_from(_metadata, &self->nl, 1, seen, MANY));
	/* The same in many small pieces. */
	memset(seen, 0, sizeof(seen));
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_AFFINITY_GET, ""));
	for (i = 0; more; i++)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_LT(10U, i);
	EXPECT_EQ(MANY, entries_from(_metadata, &self->small, 1, seen, MANY));

	/* As many as the setting allows, from now on. */
	REQUEST(COUNTERS_ZERO, 0, "");
	REQUEST(SETTINGS_SET, 0, "affinity-max=100");
	memset(seen, 0, sizeof(seen));
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(100U, entries_from(_metadata, &self->nl, 1, seen, MANY));
	REQUEST(COUNTERS_GET, 0, "");
	EXPECT_EQ(MANY - 100, value_of(&self->nl, "affinity-evicted="));
	for (i = 0; i < MANY; i++)
		if (!seen[i])
			break;
	snprintf(from, sizeof(from), "198.18.%u.%u", i / 256, i % 256);
	knock_from(_metadata, from, 0, "10.96.0.1", 53);
	memset(seen, 0, sizeof(seen));
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_AFFINITY_GET, ""));
	EXPECT_EQ(100U, entries_from(_metadata, &self->nl, 1, seen, MANY));
	EXPECT_TRUE(seen[i]);
	REQUEST(COUNTERS_GET, 0, "");
	EXPECT_EQ(MANY - 99, value_of(&self->nl, "affinity-evicted="));
}

/* Connections that go on */

/* A count is no older than a second, so it needs some time to be right. */
static void counts_become(struct __test_metadata *_metadata, struct nl *nl, const char *expected)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	unsigned int tries;

	for (tries = 0; tries < 50; tries++) {
		ASSERT_EQ(0, nl_dump(nl, SVCLB_CMD_BACKEND_GET, "name=flows count-connections"));
		if (strstr(nl->reply.text, expected))
			return;
		nanosleep(&pause, NULL);
	}
	EXPECT_STREQ(expected, nl->reply.text);
}

TEST_F(abi, count_connections)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(1001) };
	int listener, client, server;

	NETWORK(CLIENTS);
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53} backend{address4=192.0.2.1 port=1001}");
	DUMP(BACKEND_GET, "name=flows", "backend-get id=1 name=flows family=2 protocol=17;"
	     "backend{id=1 address4=192.0.2.1 port=1001 weight=1 flags=0" NO_BACKEND_STATS "}\n");
	counts_become(_metadata, &self->nl, "stats{connections=0 active=0 inactive=0}");
	knock(_metadata, "10.96.0.1", 53, 3);
	counts_become(_metadata, &self->nl, "stats{connections=3 active=3 inactive=0}");
	/* Nobody gets what he does not ask for. */
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_BACKEND_GET, "name=flows"));
	SAYS_NOT("active");
	/* Of all services. */
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_BACKEND_GET, "count-connections"));
	SAYS("active=3 inactive=0");
	REQUEST(FLUSH, 0, "");

	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=6;"
		"frontend{address4=10.96.0.1 port=80} backend{address4=192.0.2.1 port=1001};"
		"backend{address4=192.0.2.1 port=1002 weight=0}");
	ASSERT_EQ(1, inet_pton(AF_INET, "192.0.2.1", &to.sin_addr));
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind(listener, (const struct sockaddr *)&to, sizeof(to)));
	ASSERT_EQ(0, listen(listener, 5));
	client = bind_to(_metadata, SOCK_STREAM, "198.18.0.1", 0);
	ASSERT_EQ(0, reach(client, "10.96.0.1", 80));
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	counts_become(_metadata, &self->nl, "stats{connections=1 active=1 inactive=0}");
	SAYS("stats{connections=0 active=0 inactive=0}");
	/* One side closes: that it waits for the other makes no difference. */
	close(client);
	counts_become(_metadata, &self->nl, "stats{connections=1 active=0 inactive=1}");
	close(server);
	close(listener);
}

/* hears() - wait for notifications until there are some, or for a time */
static void hears(struct __test_metadata *_metadata, struct nl *listener, int milliseconds,
		  const char *expected)
{
	struct pollfd fd = { .fd = mnl_socket_get_fd(listener->socket), .events = POLLIN };

	EXPECT_EQ(*expected ? 1 : 0, poll(&fd, 1, milliseconds));
	notified(_metadata, listener, expected);
}

#define HEARS(milliseconds, expected) hears(_metadata, &self->other, milliseconds, expected)
#define DRAINED1 "backend-drained-ntf " WEB_ID " backend{id=1 address4=10.0.1.1 port=8080;" \
		 "weight=1 flags=1" NO_BACKEND_STATS "}\n"

TEST_F(abi, notifications_of_drained_backends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=1}");
	NOTIFIED("backend-set-ntf " WEB_ID " backend{id=1 address4=10.0.1.1 port=8080;"
		 "weight=1 flags=1" NO_BACKEND_STATS "}\n");
	HEARS(3000, DRAINED1);
	/* Once, whatever happens to it meanwhile. */
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=4");
	NOTIFIED("service-set-ntf " WEB_ID " scheduler=4 generation=0 frontend-count=1;"
		 "backend-count=2" NO_SERVICE_STATS "\n");
	HEARS(2500, "");
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.2 port=8080 flags=1}");
	EXPECT_EQ(0, nl_notifications(&self->other));
	HEARS(3000, "backend-drained-ntf " WEB_ID " backend{id=2 address4=10.0.1.2 port=8080;"
	      "weight=1 flags=1" NO_BACKEND_STATS "}\n");
}

/* It is told each time that it happens. */
TEST_F(abi, drained_again)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=1}");
	EXPECT_EQ(0, nl_notifications(&self->other));
	HEARS(3000, DRAINED1);
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=0}");
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.1 port=8080 flags=1}");
	EXPECT_EQ(0, nl_notifications(&self->other));
	HEARS(3000, DRAINED1);
	/* Also when the service is set whole. */
	REQUEST(SERVICE_SET, 0, WEB);
	REQUEST(SERVICE_SET, 0, "name=web protocol=6 frontend{address4=10.96.0.1 port=80};"
		"backend{address4=10.0.1.1 port=8080 flags=1}");
	EXPECT_EQ(0, nl_notifications(&self->other));
	HEARS(3000, DRAINED1);
}

/* Not before the last connection is over. */
TEST_F(abi, drained_later)
{
	int fd;

	NETWORK(CLIENTS "; sysctl -qw net.netfilter.nf_conntrack_udp_timeout=4");
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53} backend{address4=192.0.2.1 port=1001}");
	ASSERT_EQ(0, nl_join(&self->other));
	fd = bind_to(_metadata, SOCK_DGRAM, "198.18.0.1", 4001);
	ASSERT_EQ(0, reach(fd, "10.96.0.1", 53));
	ASSERT_EQ(1, send(fd, "?", 1, 0));
	REQUEST(BACKEND_SET, 0, "name=flows backend{address4=192.0.2.1 port=1001 flags=1}");
	EXPECT_EQ(0, nl_notifications(&self->other));
	HEARS(2500, "");
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_BACKEND_GET, "name=flows count-connections"));
	SAYS("active=1 inactive=0");
	HEARS(8000, "backend-drained-ntf id=1 name=flows family=2 protocol=17 backend{id=1;"
	      "address4=192.0.2.1 port=1001 weight=1 flags=1 stats{connections=1}}\n");
	close(fd);
}

/* Notifications of what is new */

TEST_F(abi, notifications_of_policies)
{
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(SERVICE_SET, CREATE, WEB " affinity-timeout=7 syn-failover=1;"
		"source-range{address4=10.0.0.0 prefix-length=8}");
	NOTIFIED("service-set-ntf " WEB_ID " scheduler=0 generation=0 frontend-count=1;"
		 "backend-count=2 stats{connections=0 rejected=0} affinity-timeout=7;"
		 "syn-failover=1 source-range-count=1\n");
	REQUEST(SERVICE_EDIT, 0, "name=web no-source-ranges");
	NOTIFIED("service-set-ntf " WEB_ID " scheduler=0 generation=0 frontend-count=1;"
		 "backend-count=2 stats{connections=0 rejected=0} affinity-timeout=7;"
		 "syn-failover=1 source-range-count=0\n");
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{kind=3 address4=192.0.2.9 port=80 policy=1;"
		"restricted=1}");
	NOTIFIED("frontend-add-ntf " WEB_ID " frontend{kind=3 address4=192.0.2.9 port=80;"
		 "stats{connections=0 rejected=0} policy=1 restricted=1}\n");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=192.0.2.9 port=80}");
	NOTIFIED("frontend-del-ntf " WEB_ID " frontend{kind=3 address4=192.0.2.9 port=80;"
		 "stats{connections=0 rejected=0} policy=1 restricted=1}\n");
}

/* Counters of what is new, with packets of the node's own */

TEST_F(abi, counters_of_drops)
{
	NETWORK(CLIENTS);
	REQUEST(SETTINGS_SET, 0, "service-network{address4=10.97.0.0 prefix-length=16}");
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53 restricted=1};"
		"frontend{address4=10.96.0.1 port=54 policy=1};"
		"source-range{address4=198.18.0.0 prefix-length=24};"
		"backend{address4=192.0.2.1 port=1001}");
	knock(_metadata, "10.97.0.9", 53, 4);
	knock_from(_metadata, "198.18.0.255", 0, "10.96.0.1", 53);
	knock_from(_metadata, "198.18.1.0", 0, "10.96.0.1", 53);
	knock_from(_metadata, "198.18.0.1", 0, "10.96.0.1", 54);
	knock_from(_metadata, "198.18.1.1", 0, "10.96.0.1", 54);
	REPLY(COUNTERS_GET, "", "counters-get connections=1 masqueraded=0 rejected-no-backend=0;"
	      "rejected-unused-port=0 dropped-no-port=0 dropped-no-address=0 dropped-nat=0;"
	      "stale-flows=0 dropped-source-range=1 dropped-no-local-backend=2;"
	      "dropped-unallocated=4 dropped-loopback=0 echoes=0 affinity-evicted=0;"
	      "syn-failovers=0\n");
	REQUEST(COUNTERS_ZERO, 0, "");
	REPLY(COUNTERS_GET, "", "counters-get " COUNTERS "\n");
}

/* A setting is in force before there is any service. */
TEST_F(abi, unallocated_without_a_service)
{
	NETWORK(CLIENTS);
	REQUEST(SETTINGS_SET, 0, "service-network{address4=10.97.0.0 prefix-length=16}");
	VERDICT("protocol=17 source4=192.0.2.1 destination4=10.97.0.9 destination-port=53",
		DROP_UNALLOCATED);
	knock(_metadata, "10.97.0.9", 53, 3);
	REQUEST(COUNTERS_GET, 0, "");
	EXPECT_EQ(3, value_of(&self->nl, "dropped-unallocated="));
}

/* How long a request takes, in microseconds. */
static long long time_of(struct __test_metadata *_metadata, struct nl *nl, uint8_t cmd,
			 const char *text)
{
	struct timespec begin, end;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	succeed(_metadata, nl, cmd, 0, text);
	clock_gettime(CLOCK_MONOTONIC, &end);
	return (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000;
}

/* Weights that differ as much as they can make no set dear. */
TEST_F(abi, uneven_weights)
{
	struct text text = {};
	char edit[64];
	unsigned int i;

	append(&text, "name=big protocol=6 frontend{address4=10.96.0.1 port=80};"
	       "backend{address4=10.250.0.1 port=80}");
	append_members(&text, "backend", 0, 1999);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	for (i = 0; i <= SVCLB_SCHED_MAX; i++) {
		long long even, uneven;

		snprintf(edit, sizeof(edit), "name=big scheduler=%u", i);
		REQUEST(SERVICE_EDIT, 0, edit);
		even = time_of(_metadata, &self->nl, SVCLB_CMD_BACKEND_SET,
			       "name=big backend{address4=10.250.0.1 port=80 weight=2}");
		uneven = time_of(_metadata, &self->nl, SVCLB_CMD_BACKEND_SET,
				 "name=big backend{address4=10.250.0.1 port=80 weight=65535}");
		EXPECT_GT(20 * even + 100000, uneven) {
			TH_LOG("scheduler %u: %lld us, but %lld us with weights that differ", i,
			       even, uneven);
		}
		REQUEST(BACKEND_SET, 0, "name=big backend{address4=10.250.0.1 port=80 weight=1}");
	}
	free(text.chars);
}

/* NOLINTEND(bugprone-suspicious-semicolon) */

TEST_HARNESS_MAIN
