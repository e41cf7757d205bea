// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface against its specification, fourth part: affinity, and
 * what is told and counted of connections. Run by nl-abi.sh.
 */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "nl_abi_flows.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

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
		int length = 0, found;

		end = strchr(line, '\n');
		found = sscanf(line, ENTRY, &id, &a, &b, &backend, &expires, &length);
		EXPECT_EQ(5, found) {
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
	      "syn-failovers=0 " FLOW_COUNTERS "\n");
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

/* NOLINTEND(bugprone-suspicious-semicolon) */

/* The flow of the direct datapath, as it is told, looked for and deleted. */

#define FLOW_KEY "service-id=1 service-name=flows protocol=17 client4=198.18.0.1 " \
		 "client-port=4007 " \
		 "destination4=10.96.0.1 destination-port=53 backend4=192.0.2.1 " \
		 "backend-port=1001 source4=198.18.0.1 source-port=4007 state=4"

#define FLOWS(text, expected) do { \
	ASSERT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_FLOW_GET, text)); \
	SAYS(expected); \
} while (0)

TEST_F(abi, flows)
{
	NETWORK(CLIENTS);
	REQUEST(SETTINGS_SET, 0, "datapath=1");
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53} backend{address4=192.0.2.1 port=1001}");
	DUMP(FLOW_GET, "", "");
	knock_from(_metadata, "198.18.0.1", 4007, "10.96.0.1", 53);
	FLOWS("", FLOW_KEY);
	FLOWS("state=4 protocol=17 client4=198.18.0.1 destination4=10.96.0.1 backend-port=1001",
	      FLOW_KEY);
	FLOWS("service-name=flows client-port=4007 destination-port=53 backend4=192.0.2.1",
	      FLOW_KEY);
	DUMP(FLOW_GET, "state=5", "");
	DUMP(FLOW_GET, "protocol=6", "");
	DUMP(FLOW_GET, "client6=fd00::1", "");
	DUMP(FLOW_GET, "client-port=8", "");
	REPLY(FLOW_DEL, "backend4=192.0.2.2", "flow-del count=0\n");
	REPLY(FLOW_DEL, "backend4=192.0.2.1", "flow-del count=1\n");
	DUMP(FLOW_GET, "", "");
	REFUSE(FLOW_DEL, 0,
	       { "service-name!=nobody", ENOENT, "no such service" },
	       { "service-id!=4711", ENOENT, "no such service" },
	       { "source4!=10.0.0.1", EINVAL, UNSUPPORTED },
	       { "state!=9", ERANGE, RANGE },
	       { "client4!=x:00", EINVAL, LENGTH });
}

TEST_HARNESS_MAIN
