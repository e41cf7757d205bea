// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface against its specification, second part: schedulers,
 * policies, source ranges and the lists of the settings. Run by nl-abi.sh.
 */
#include <errno.h>
#include <time.h>

#include "nl_abi_flows.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

#define WEB_TERMS(scheduler, affinity, failover, ranges) \
	"service-get " WEB_ID " scheduler=" #scheduler " generation=0 frontend-count=1 " \
	"backend-count=2 stats{connections=0 rejected=0} affinity-timeout=" #affinity \
	" syn-failover=" #failover " source-range-count=" #ranges "\n"

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
	      "maglev-seed=18446744073709551615 affinity-max=1" FLOW_SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "affinity-max=4294967295");
	REQUEST(SETTINGS_SET, 0, "maglev-seed=0 answer-ping=0");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=0 node-port-min=30000;"
	      "node-port-max=32767 default-scheduler=9 node-port-loopback=1 answer-ping=0;"
	      "maglev-seed=0 affinity-max=4294967295" FLOW_SETTINGS "\n");
}

TEST_F(abi, settings_of_the_datapath)
{
	REQUEST(SETTINGS_SET, 0, "datapath=1 flow-max=1 flow-full=1 timeout-tcp-syn=1;"
		"timeout-tcp-established=2 timeout-tcp-half-closed=3 timeout-tcp-closed=4;"
		"timeout-udp=5 timeout-udp-stream=6 timeout-sctp-setup=7;"
		"timeout-sctp-established=8 timeout-sctp-closed=2000000");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=0 node-port-min=30000;"
	      "node-port-max=32767 default-scheduler=0 node-port-loopback=0 answer-ping=0;"
	      "maglev-seed=0 affinity-max=1048576 datapath=1 flow-max=1 flow-full=1;"
	      "timeout-tcp-syn=1 timeout-tcp-established=2 timeout-tcp-half-closed=3;"
	      "timeout-tcp-closed=4 timeout-udp=5 timeout-udp-stream=6 timeout-sctp-setup=7;"
	      "timeout-sctp-established=8 timeout-sctp-closed=2000000\n");
	REQUEST(SETTINGS_SET, 0, "datapath=0 flow-max=1048576 flow-full=0 " TIMEOUTS);
	REPLY(SETTINGS_GET, "", "settings-get " SETTINGS "\n");
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
	       { "datapath!=2", ERANGE, RANGE },
	       { "flow-max!=0", ERANGE, RANGE },
	       { "flow-full!=2", ERANGE, RANGE },
	       { "timeout-tcp-syn!=0", ERANGE, RANGE },
	       { "timeout-udp-stream!=2000001", ERANGE, "timeout is over 2000000 seconds" },
	       { "timeout-sctp-closed!=x:0100", EINVAL, LENGTH },
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
