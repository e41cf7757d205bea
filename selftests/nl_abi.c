// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface against its specification: what each request does, what
 * each wrong one is answered, dumps, notifications. Run by nl-abi.sh.
 */
#include <signal.h>
#include <sys/prctl.h>

#include "nl_abi.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

/* Requests that succeed */

TEST_F(abi, empty)
{
	DUMP(SERVICE_GET, "", "");
	DUMP(FRONTEND_GET, "", "");
	DUMP(BACKEND_GET, "", "");
	REPLY(SETTINGS_GET, "", "settings-get " SETTINGS "\n");
	REPLY(COUNTERS_GET, "", "counters-get " COUNTERS "\n");
	REQUEST(FLUSH, 0, "");
	REQUEST(PURGE, 0, "generation=18446744073709551615");
	REQUEST(COUNTERS_ZERO, 0, "");
}

TEST_F(abi, service_is_read_back)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	EXPECT_STREQ("", self->nl.reply.text);
	REQUEST(SERVICE_SET, CREATE, DNS);
	DUMP(SERVICE_GET, "", "service-get " WEB_SERVICE "\nservice-get " DNS_SERVICE "\n");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_FRONTEND "\nfrontend-get " DNS_FRONTEND1
	     "\nfrontend-get " DNS_FRONTEND2 "\n");
	DUMP(BACKEND_GET, "", "backend-get " WEB_BACKEND1 "\nbackend-get " WEB_BACKEND2
	     "\nbackend-get " DNS_BACKEND "\n");
}

TEST_F(abi, service_without_members)
{
	REQUEST(SERVICE_SET, CREATE, "name=a protocol=17 family=2");
	REPLY(SERVICE_GET, "name=a", "service-get id=1 name=a family=2 protocol=17 scheduler=0;"
	      "generation=0 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	DUMP(FRONTEND_GET, "", "");
	DUMP(BACKEND_GET, "", "");
}

TEST_F(abi, service_by_each_reference)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REPLY(SERVICE_GET, "name=dns", "service-get " DNS_SERVICE "\n");
	REPLY(SERVICE_GET, "id=2", "service-get " DNS_SERVICE "\n");
	REPLY(SERVICE_GET, "protocol=17 frontend{address6=fd00::53 port=53}",
	      "service-get " DNS_SERVICE "\n");
	REPLY(SERVICE_GET, "protocol=17 family=10 frontend{kind=1 port=30053}",
	      "service-get " DNS_SERVICE "\n");
	REPLY(SERVICE_GET, "protocol=6 frontend{address4=10.96.0.1 port=80}",
	      "service-get " WEB_SERVICE "\n");
	REPLY(SERVICE_GET, "protocol=6 family=2 frontend{kind=0 address4=10.96.0.1 port=80}",
	      "service-get " WEB_SERVICE "\n");
}

TEST_F(abi, members_by_each_reference)
{
	static const char * const references[] = {
		"name=dns", "id=2", "protocol=17 frontend{address6=fd00::53 port=53}",
		"protocol=17 family=10 frontend{kind=1 port=30053}",
	};
	unsigned int i;

	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REQUEST(SERVICE_SET, CREATE, "name=last protocol=17;"
		"frontend{address4=10.96.0.3 port=53} backend{address4=10.0.3.1 port=53}");
	for (i = 0; i < ARRAY_SIZE(references); i++) {
		DUMP(FRONTEND_GET, references[i], "frontend-get " DNS_FRONTEND1
		     "\nfrontend-get " DNS_FRONTEND2 "\n");
		DUMP(BACKEND_GET, references[i], "backend-get " DNS_BACKEND "\n");
	}
}

TEST_F(abi, names)
{
	char name[256], text[2048], expected[2048];

	memset(name, 'n', 255);
	name[255] = '\0';
	snprintf(text, sizeof(text), "name=%s protocol=6 family=2", name);
	REQUEST(SERVICE_SET, CREATE, text);
	snprintf(text, sizeof(text), "name=%s", name);
	snprintf(expected, sizeof(expected), "service-get id=1 name=%s family=2 protocol=6;"
		 "scheduler=0 generation=0 frontend-count=0 backend-count=0"
		 NO_SERVICE_STATS "\n", name);
	REPLY(SERVICE_GET, text, expected);

	/* UTF-8, and what shells and printf() have their own opinion of. */
	REQUEST(SERVICE_SET, CREATE, "name=%C3%A4/$(x)*%25s%7B%7D%3B'\"\\ protocol=6 family=2");
	REPLY(SERVICE_GET, "id=2",
	      "service-get id=2 name=\xc3\xa4/$(x)*%25s%7B%7D%3B'\"\\ family=2 protocol=6;"
	      "scheduler=0 generation=0 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	/* Case counts; a name may look like a number. */
	REQUEST(SERVICE_SET, CREATE, "name=Web protocol=6 family=2");
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 family=2");
	REQUEST(SERVICE_SET, CREATE, "name=1 protocol=6 family=2");
}

TEST_F(abi, limits_of_numbers)
{
	REQUEST(SERVICE_SET, CREATE, "name=a protocol=6 generation=18446744073709551615;"
		"scheduler=3 frontend{address4=255.255.255.254 port=65535};"
		"frontend{address4=1.0.0.0 port=1} frontend{kind=1 port=1};"
		"backend{address4=223.255.255.255 port=65535 weight=65535 flags=1};"
		"backend{address4=126.255.255.255 port=1 weight=0 flags=0}");
	REPLY(SERVICE_GET, "id=1", "service-get id=1 name=a family=2 protocol=6 scheduler=3;"
	      "generation=18446744073709551615 frontend-count=3 backend-count=2"
	      NO_SERVICE_STATS "\n");
	DUMP(FRONTEND_GET, "",
	     "frontend-get id=1 name=a family=2 protocol=6;"
	     "frontend{kind=0 address4=255.255.255.254 port=65535" NO_FRONTEND_STATS "}\n"
	     "frontend-get id=1 name=a family=2 protocol=6;"
	     "frontend{kind=0 address4=1.0.0.0 port=1" NO_FRONTEND_STATS "}\n"
	     "frontend-get id=1 name=a family=2 protocol=6;"
	     "frontend{kind=1 port=1" NO_FRONTEND_STATS "}\n");
	DUMP(BACKEND_GET, "",
	     "backend-get id=1 name=a family=2 protocol=6 backend{id=1;"
	     "address4=126.255.255.255 port=1 weight=0 flags=0" NO_BACKEND_STATS "}\n"
	     "backend-get id=1 name=a family=2 protocol=6 backend{id=2;"
	     "address4=223.255.255.255 port=65535 weight=65535 flags=1" NO_BACKEND_STATS "}\n");
}

TEST_F(abi, same_key_in_each_protocol_and_family)
{
	REQUEST(SERVICE_SET, CREATE, "name=a protocol=6 frontend{address4=10.96.0.1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=b protocol=17 frontend{address4=10.96.0.1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=c protocol=6 frontend{address6=fd00::1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=d protocol=6 family=2 frontend{kind=1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=e protocol=6 family=10 frontend{kind=1 port=80}");
	REQUEST(SERVICE_SET, CREATE, "name=f protocol=17 family=10 frontend{kind=1 port=80}");
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_FRONTEND_GET, ""));
	EXPECT_EQ(6U, self->nl.reply.count);
}

TEST_F(abi, create_and_exclusive)
{
	static const struct refusal absent[] = {
		{ WEB, ENOENT, "no such service" },
	}, present[] = {
		{ WEB, EEXIST, "service exists" },
	};

	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, 0, absent, 1);
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, NLM_F_EXCL, absent, 1);
	REQUEST(SERVICE_SET, NLM_F_CREATE, WEB);
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, NLM_F_EXCL, present, 1);
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, present, 1);
	REQUEST(SERVICE_SET, NLM_F_CREATE, WEB);
	REQUEST(SERVICE_SET, 0, WEB);
	REQUEST(SERVICE_SET, NLM_F_REPLACE, WEB);
	DUMP(SERVICE_GET, "", "service-get " WEB_SERVICE "\n");
}

TEST_F(abi, replace_is_whole)
{
	REQUEST(SERVICE_SET, CREATE, "name=web protocol=6 generation=5 scheduler=2;"
		"frontend{address4=10.96.0.1 port=80} frontend{kind=1 port=30080};"
		"backend{address4=10.0.1.1 port=80 weight=9 flags=1};"
		"backend{address4=10.0.1.2 port=80}");
	/* The new one gets a new id, the kept one keeps its; all else is as given. */
	REQUEST(SERVICE_SET, 0, "name=web protocol=6;"
		"frontend{kind=1 port=30080} frontend{address4=10.96.0.2 port=80};"
		"backend{address4=10.0.1.0 port=80} backend{address4=10.0.1.1 port=80}");
	DUMP(SERVICE_GET, "", "service-get " WEB_ID
	     " scheduler=0 generation=0 frontend-count=2 backend-count=2" NO_SERVICE_STATS "\n");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_ID " frontend{kind=1 port=30080"
	     NO_FRONTEND_STATS "}\n"
	     "frontend-get " WEB_ID " frontend{kind=0 address4=10.96.0.2 port=80"
	     NO_FRONTEND_STATS "}\n");
	DUMP(BACKEND_GET, "", "backend-get " WEB_ID " backend{id=3 address4=10.0.1.0 port=80;"
	     "weight=1 flags=0" NO_BACKEND_STATS "}\n"
	     "backend-get " WEB_ID " backend{id=2 address4=10.0.1.1 port=80;"
	     "weight=1 flags=0" NO_BACKEND_STATS "}\n");
	/* What went can be used by others. */
	REQUEST(SERVICE_SET, CREATE,
		"name=other protocol=6 frontend{address4=10.96.0.1 port=80}");
	/* To nothing. */
	REQUEST(SERVICE_SET, 0, "name=web protocol=6 family=2");
	DUMP(FRONTEND_GET, "name=web", "");
	DUMP(BACKEND_GET, "name=web", "");
}

TEST_F(abi, edit)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=3");
	REPLY(SERVICE_GET, "id=1", "service-get " WEB_ID
	      " scheduler=3 generation=0 frontend-count=1 backend-count=2" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_EDIT, 0, "id=1 generation=12");
	REPLY(SERVICE_GET, "id=1", "service-get " WEB_ID
	      " scheduler=3 generation=12 frontend-count=1 backend-count=2" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_EDIT, 0,
		"protocol=6 frontend{address4=10.96.0.1 port=80} scheduler=1 generation=0");
	REPLY(SERVICE_GET, "id=1", "service-get " WEB_ID
	      " scheduler=1 generation=0 frontend-count=1 backend-count=2" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_EDIT, 0, "id=1");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_FRONTEND "\n");
	DUMP(BACKEND_GET, "", "backend-get " WEB_BACKEND1 "\nbackend-get " WEB_BACKEND2 "\n");
}

TEST_F(abi, delete_by_each_reference)
{
	static const char * const references[] = {
		"name=web", "id=2", "protocol=6 frontend{address4=10.96.0.1 port=80}",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(references); i++) {
		REQUEST(SERVICE_SET, CREATE, WEB);
		REQUEST(SERVICE_DEL, 0, references[i]);
		DUMP(SERVICE_GET, "", "");
		DUMP(FRONTEND_GET, "", "");
		DUMP(BACKEND_GET, "", "");
	}
	/* Ids do not come back soon. */
	REQUEST(SERVICE_SET, CREATE, WEB);
	REPLY(SERVICE_GET, "name=web", "service-get id=4 name=web family=2 protocol=6 scheduler=0;"
	      "generation=0 frontend-count=1 backend-count=2" NO_SERVICE_STATS "\n");
}

TEST_F(abi, frontends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{address4=10.96.0.1 port=443};"
		"frontend{kind=1 port=30080}");
	REQUEST(FRONTEND_ADD, 0, "id=1 frontend{address4=192.0.2.1 port=80}");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_FRONTEND "\n"
	     "frontend-get " WEB_ID " frontend{kind=0 address4=10.96.0.1 port=443"
	     NO_FRONTEND_STATS "}\n"
	     "frontend-get " WEB_ID " frontend{kind=1 port=30080" NO_FRONTEND_STATS "}\n"
	     "frontend-get " WEB_ID " frontend{kind=0 address4=192.0.2.1 port=80"
	     NO_FRONTEND_STATS "}\n");
	REPLY(SERVICE_GET, "protocol=6 frontend{address4=192.0.2.1 port=80}", "service-get " WEB_ID
	      " scheduler=0 generation=0 frontend-count=4 backend-count=2" NO_SERVICE_STATS "\n");
	REQUEST(FRONTEND_DEL, 0, "id=1 frontend{address4=10.96.0.1 port=80};"
		"frontend{kind=1 port=30080}");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=192.0.2.1 port=80}");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_ID " frontend{kind=0 address4=10.96.0.1 port=443"
	     NO_FRONTEND_STATS "}\n");
	REQUEST(FRONTEND_DEL, 0, "name=web frontend{address4=10.96.0.1 port=443}");
	DUMP(FRONTEND_GET, "", "");
	DUMP(BACKEND_GET, "", "backend-get " WEB_BACKEND1 "\nbackend-get " WEB_BACKEND2 "\n");
}

TEST_F(abi, backends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(BACKEND_SET, CREATE, "name=web backend{address4=10.0.0.9 port=1};"
		"backend{address4=10.0.1.1 port=9 weight=7 flags=1}");
	/* Those that get connections come first, each kind by address and port. */
	DUMP(BACKEND_GET, "",
	     "backend-get " WEB_ID " backend{id=3 address4=10.0.0.9 port=1 weight=1 flags=0"
	     NO_BACKEND_STATS "}\n"
	     "backend-get " WEB_BACKEND1 "\nbackend-get " WEB_BACKEND2 "\n"
	     "backend-get " WEB_ID " backend{id=4 address4=10.0.1.1 port=9 weight=7 flags=1"
	     NO_BACKEND_STATS "}\n");
	/* What a change leaves out keeps its value. */
	REQUEST(BACKEND_SET, 0, "id=1 backend{address4=10.0.1.1 port=9 weight=8}");
	REQUEST(BACKEND_SET, 0, "protocol=6 frontend{address4=10.96.0.1 port=80};"
		"backend{address4=10.0.0.9 port=1 flags=1}");
	DUMP(BACKEND_GET, "",
	     "backend-get " WEB_BACKEND1 "\nbackend-get " WEB_BACKEND2 "\n"
	     "backend-get " WEB_ID " backend{id=3 address4=10.0.0.9 port=1 weight=1 flags=1"
	     NO_BACKEND_STATS "}\n"
	     "backend-get " WEB_ID " backend{id=4 address4=10.0.1.1 port=9 weight=8 flags=1"
	     NO_BACKEND_STATS "}\n");
	REQUEST(BACKEND_SET, 0, "id=1 backend{address4=10.0.1.1 port=9 flags=0}");
	REQUEST(BACKEND_SET, NLM_F_CREATE, "id=1 backend{address4=10.0.1.1 port=9};"
		"backend{address4=10.0.1.1 port=10}");
	REQUEST(BACKEND_DEL, 0, "name=web backend{address4=10.0.0.9 port=1};"
		"backend{address4=10.0.1.1 port=8080}");
	REQUEST(BACKEND_DEL, 0, "protocol=6 frontend{address4=10.96.0.1 port=80};"
		"backend{address4=10.0.1.2 port=8080}");
	DUMP(BACKEND_GET, "",
	     "backend-get " WEB_ID " backend{id=4 address4=10.0.1.1 port=9 weight=8 flags=0"
	     NO_BACKEND_STATS "}\n"
	     "backend-get " WEB_ID " backend{id=5 address4=10.0.1.1 port=10 weight=1 flags=0"
	     NO_BACKEND_STATS "}\n");
	REQUEST(BACKEND_DEL, 0, "id=1 backend{address4=10.0.1.1 port=9};"
		"backend{address4=10.0.1.1 port=10}");
	DUMP(BACKEND_GET, "", "");
	DUMP(FRONTEND_GET, "", "frontend-get " WEB_FRONTEND "\n");
}

TEST_F(abi, generation_and_purge)
{
	REQUEST(SERVICE_SET, CREATE, "name=a protocol=6 family=2 generation=0");
	REQUEST(SERVICE_SET, CREATE, "name=b protocol=6 family=2 generation=1");
	REQUEST(SERVICE_SET, CREATE, "name=c protocol=6 family=2 generation=2");
	REQUEST(SERVICE_SET, CREATE, "name=d protocol=6 family=2 generation=4294967296");
	REQUEST(SERVICE_SET, CREATE, "name=e protocol=6 family=2");
	REQUEST(PURGE, 0, "generation=0");
	REQUEST(PURGE, 0, "generation=1");
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_SERVICE_GET, ""));
	EXPECT_EQ(5U, self->nl.reply.count);
	REQUEST(PURGE, 0, "generation=2");
	EXPECT_EQ(-ENOENT, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0, "name=b"));
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0, "name=c"));
	REQUEST(PURGE, 0, "generation=4294967296");
	EXPECT_EQ(-ENOENT, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0, "name=c"));
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0, "name=d"));
	REQUEST(SERVICE_EDIT, 0, "name=e generation=1");
	REQUEST(PURGE, 0, "generation=18446744073709551615");
	DUMP(SERVICE_GET, "", "service-get id=1 name=a family=2 protocol=6 scheduler=0;"
	     "generation=0 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
}

TEST_F(abi, flush)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1");
	REQUEST(FLUSH, 0, "");
	DUMP(SERVICE_GET, "", "");
	DUMP(FRONTEND_GET, "", "");
	DUMP(BACKEND_GET, "", "");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=1 node-port-min=30000;"
	      "node-port-max=32767 default-scheduler=0" MORE_SETTINGS "\n");
	REQUEST(SERVICE_SET, CREATE, WEB);
}

TEST_F(abi, settings)
{
	REQUEST(SETTINGS_SET, 0, "");
	REPLY(SETTINGS_GET, "", "settings-get " SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.0.0.0 prefix-length=8};"
		"cluster-network{address6=fd00:: prefix-length=8};"
		"cluster-network{address4=192.0.2.1 prefix-length=32};"
		"cluster-network{address6=fd00::1 prefix-length=128}");
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1");
	REQUEST(SETTINGS_SET, 0, "node-port-max=40000");
	REQUEST(SETTINGS_SET, 0, "node-port-min=40000");
	REQUEST(SETTINGS_SET, 0, "default-scheduler=2");
#define NETWORKS "cluster-network{address4=10.0.0.0 prefix-length=8} " \
	"cluster-network{address6=fd00:: prefix-length=8} " \
	"cluster-network{address4=192.0.2.1 prefix-length=32} " \
	"cluster-network{address6=fd00::1 prefix-length=128} "
	REPLY(SETTINGS_GET, "", "settings-get " NETWORKS "masquerade-all=1 node-port-min=40000;"
	      "node-port-max=40000 default-scheduler=2" MORE_SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "masquerade-all=0 node-port-min=1 node-port-max=64511;"
		"default-scheduler=3");
	REPLY(SETTINGS_GET, "", "settings-get " NETWORKS "masquerade-all=0 node-port-min=1;"
	      "node-port-max=64511 default-scheduler=3" MORE_SETTINGS "\n");
#undef NETWORKS
	REQUEST(SERVICE_SET, CREATE, "name=a protocol=6 family=2");
	REPLY(SERVICE_GET, "name=a", "service-get id=1 name=a family=2 protocol=6 scheduler=3;"
	      "generation=0 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=0.0.0.0 prefix-length=0};"
		"cluster-network{address6=:: prefix-length=0}");
	REPLY(SETTINGS_GET, "", "settings-get cluster-network{address4=0.0.0.0 prefix-length=0};"
	      "cluster-network{address6=:: prefix-length=0} masquerade-all=0 node-port-min=1;"
	      "node-port-max=64511 default-scheduler=3" MORE_SETTINGS "\n");
	REQUEST(SETTINGS_SET, 0, "no-cluster-networks default-scheduler=0");
	REPLY(SETTINGS_GET, "", "settings-get masquerade-all=0 node-port-min=1;"
	      "node-port-max=64511 default-scheduler=0" MORE_SETTINGS "\n");
	/* Services keep the scheduler that they were made with. */
	REPLY(SERVICE_GET, "name=a", "service-get id=1 name=a family=2 protocol=6 scheduler=3;"
	      "generation=0 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
}

TEST_F(abi, namespaces_are_apart)
{
	struct nl inside;

	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1");
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&inside));
	dump_is(_metadata, &inside, SVCLB_CMD_SERVICE_GET, "", "");
	reply_is(_metadata, &inside, SVCLB_CMD_SETTINGS_GET, "", "settings-get " SETTINGS "\n");
	succeed(_metadata, &inside, SVCLB_CMD_SERVICE_SET, CREATE, WEB);
	succeed(_metadata, &inside, SVCLB_CMD_FLUSH, 0, "");
	/* A socket stays where it was opened. */
	DUMP(SERVICE_GET, "", "service-get " WEB_SERVICE "\n");
	nl_close(&inside);
}

/* Counters */

#define FLOWS_ID "id=1 name=flows family=2 protocol=17"
#define FLOWS_SERVICE(frontends, backends, connections, rejected) \
	"service-get " FLOWS_ID " scheduler=0 generation=0 frontend-count=" #frontends \
	" backend-count=" #backends " stats{connections=" #connections " rejected=" #rejected "}" \
	NO_TERMS "\n"
#define FLOWS_FRONTEND(port, connections, rejected) \
	"frontend-get " FLOWS_ID " frontend{kind=0 address4=10.96.0.1 port=" #port \
	" stats{connections=" #connections " rejected=" #rejected "}" NO_POLICY "}\n"
#define FLOWS_BACKEND(id, port, weight, connections) \
	"backend-get " FLOWS_ID " backend{id=" #id " address4=192.0.2.1 port=" #port \
	" weight=" #weight " flags=0 stats{connections=" #connections "}}\n"

TEST_F(abi, counters)
{
	set_up_network(_metadata);
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53} frontend{address4=10.96.0.1 port=54};"
		"backend{address4=192.0.2.1 port=1001};"
		"backend{address4=192.0.2.1 port=1002 weight=0}");
	knock(_metadata, "10.96.0.1", 53, 2);
	knock(_metadata, "10.96.0.1", 54, 1);
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(2, 2, 3, 0));
	DUMP(FRONTEND_GET, "", FLOWS_FRONTEND(53, 2, 0) FLOWS_FRONTEND(54, 1, 0));
	DUMP(BACKEND_GET, "", FLOWS_BACKEND(1, 1001, 1, 3) FLOWS_BACKEND(2, 1002, 0, 0));

	/* What stays in the set keeps counters and id, whatever else changes. */
	REQUEST(SERVICE_SET, 0, "name=flows protocol=17 frontend{address4=10.96.0.1 port=53};"
		"backend{address4=192.0.2.1 port=1001 weight=5};"
		"backend{address4=192.0.2.1 port=1003 weight=0}");
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(1, 2, 3, 0));
	DUMP(FRONTEND_GET, "", FLOWS_FRONTEND(53, 2, 0));
	DUMP(BACKEND_GET, "", FLOWS_BACKEND(1, 1001, 5, 3) FLOWS_BACKEND(3, 1003, 0, 0));
	REQUEST(BACKEND_SET, 0, "id=1 backend{address4=192.0.2.1 port=1001 weight=6}");
	REQUEST(SERVICE_EDIT, 0, "id=1 scheduler=3");
	REQUEST(SERVICE_EDIT, 0, "id=1 scheduler=0");
	DUMP(BACKEND_GET, "", FLOWS_BACKEND(1, 1001, 6, 3) FLOWS_BACKEND(3, 1003, 0, 0));

	/* What comes back is new. */
	REQUEST(BACKEND_DEL, 0, "id=1 backend{address4=192.0.2.1 port=1001}");
	REQUEST(BACKEND_SET, CREATE, "id=1 backend{address4=192.0.2.1 port=1001}");
	DUMP(BACKEND_GET, "", FLOWS_BACKEND(4, 1001, 1, 0) FLOWS_BACKEND(3, 1003, 0, 0));
	REQUEST(FRONTEND_DEL, 0, "id=1 frontend{address4=10.96.0.1 port=53}");
	REQUEST(FRONTEND_ADD, 0, "id=1 frontend{address4=10.96.0.1 port=53}");
	DUMP(FRONTEND_GET, "", FLOWS_FRONTEND(53, 0, 0));
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(1, 2, 3, 0));
}

TEST_F(abi, counters_of_refusals_and_zero)
{
	set_up_network(_metadata);
	REQUEST(SERVICE_SET, CREATE, "name=flows protocol=17;"
		"frontend{address4=10.96.0.1 port=53} frontend{address4=10.96.0.1 port=54}");
	knock(_metadata, "10.96.0.1", 53, 2);
	knock(_metadata, "10.96.0.1", 54, 1);
	knock(_metadata, "10.96.0.1", 55, 4);
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(2, 0, 0, 3));
	DUMP(FRONTEND_GET, "", FLOWS_FRONTEND(53, 0, 2) FLOWS_FRONTEND(54, 0, 1));
	REQUEST(FRONTEND_DEL, 0, "id=1 frontend{address4=10.96.0.1 port=54}");
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(1, 0, 0, 3));
	REPLY(COUNTERS_GET, "", "counters-get connections=0 masqueraded=0 rejected-no-backend=3;"
	      "rejected-unused-port=4 dropped-no-port=0 dropped-no-address=0 dropped-nat=0;"
	      "stale-flows=0" MORE_COUNTERS "\n");

	/* A second service, so that a zero of one can be told from one of all. */
	REQUEST(SERVICE_SET, CREATE, "name=second protocol=17;"
		"frontend{address4=10.96.0.2 port=53} backend{address4=192.0.2.1 port=1001}");
	knock(_metadata, "10.96.0.2", 53, 5);
	REQUEST(COUNTERS_ZERO, 0, "name=flows");
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(1, 0, 0, 0));
	DUMP(FRONTEND_GET, "id=1", FLOWS_FRONTEND(53, 0, 0));
	REPLY(SERVICE_GET, "id=2", "service-get id=2 name=second family=2 protocol=17 scheduler=0;"
	      "generation=0 frontend-count=1 backend-count=1;"
	      "stats{connections=5 rejected=0}" NO_TERMS "\n");
	REPLY(COUNTERS_GET, "", "counters-get connections=5 masqueraded=0 rejected-no-backend=3;"
	      "rejected-unused-port=4 dropped-no-port=0 dropped-no-address=0 dropped-nat=0;"
	      "stale-flows=0" MORE_COUNTERS "\n");
	REQUEST(COUNTERS_ZERO, 0, "protocol=17 frontend{address4=10.96.0.2 port=53}");
	REPLY(SERVICE_GET, "id=2", "service-get id=2 name=second family=2 protocol=17 scheduler=0;"
	      "generation=0 frontend-count=1 backend-count=1" NO_SERVICE_STATS "\n");
	knock(_metadata, "10.96.0.2", 53, 1);
	REQUEST(COUNTERS_ZERO, 0, "id=2");
	DUMP(BACKEND_GET, "id=2", "backend-get id=2 name=second family=2 protocol=17 backend{id=1;"
	     "address4=192.0.2.1 port=1001 weight=1 flags=0" NO_BACKEND_STATS "}\n");

	/* A flush leaves the counters of the namespace. */
	knock(_metadata, "10.96.0.1", 53, 1);
	REQUEST(COUNTERS_ZERO, 0, "");
	REPLY(COUNTERS_GET, "", "counters-get " COUNTERS "\n");
	REPLY(SERVICE_GET, "id=1", FLOWS_SERVICE(1, 0, 0, 0));
	knock(_metadata, "10.96.0.1", 53, 1);
	REQUEST(FLUSH, 0, "");
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_COUNTERS_GET, 0, ""));
	EXPECT_TRUE(!!strstr(self->nl.reply.text, "rejected-no-backend=1 "));
}

/* Requests that are refused */

TEST_F(abi, refused_references)
{
	static const struct refusal refusals[] = {
		{ "", EINVAL, "reference to the service is missing" },
		{ "name=web id=1", EINVAL, "more than one reference to the service" },
		{ "name=web protocol=6 frontend{address4=10.96.0.1 port=80}", EINVAL,
		  "more than one reference to the service" },
		{ "id=1 protocol=6 frontend{address4=10.96.0.1 port=80}", EINVAL,
		  "more than one reference to the service" },
		{ "name!=none", ENOENT, "no service has this name" },
		{ "name!=we", ENOENT, "no service has this name" },
		{ "name!=x:00", EINVAL, "name is empty" },
		{ "name!=a%20b", EINVAL, "name has a blank or a control character" },
		{ "id!=0", ENOENT, "no service has this id" },
		{ "id!=99", ENOENT, "no service has this id" },
		{ "id!=4294967295", ENOENT, "no service has this id" },
		{ "protocol=6 frontend!{address4=10.96.0.9 port=80}", ENOENT,
		  "no service has this frontend" },
		{ "protocol=17 frontend!{address4=10.96.0.1 port=80}", ENOENT,
		  "no service has this frontend" },
		{ "protocol=6 family=10 frontend!{kind=1 port=30053}", ENOENT,
		  "no service has this frontend" },
		{ "frontend{address4=10.96.0.1 port=80}", EINVAL, "protocol is missing" },
		{ "protocol!=131 frontend{address4=10.96.0.1 port=80}", EPROTONOSUPPORT,
		  "protocol is neither TCP nor UDP nor SCTP" },
		{ "protocol=6 family!=7 frontend{address4=10.96.0.1 port=80}", EAFNOSUPPORT,
		  "unknown address family" },
		{ "protocol=6 family=10 frontend{address4!=10.96.0.1 port=80}", EINVAL,
		  "address is of another family" },
		{ "protocol=6 frontend!{kind=1 port=30053}", EINVAL,
		  "family of the node port is missing" },
		{ "protocol=6 frontend!{address4=10.96.0.1}", EINVAL, "port is missing" },
		{ "protocol=6 frontend!{port=80}", EINVAL, "address is missing" },
		{ "protocol=6 frontend{address4!=127.0.0.1 port=80}", EINVAL,
		  "address is not a usable unicast address" },
		{ "protocol=6 frontend{address4=10.96.0.1 port!=0}", ERANGE, RANGE },
		{ "protocol=6 frontend{address4=10.96.0.1 port=80 stats!{connections=1}}", EINVAL,
		  UNSUPPORTED },
		{ "id!=x:0100", EINVAL, LENGTH },
		{ "pad!=x:00", EINVAL, UNSUPPORTED },
		{ "name=web backend-count!=1", EINVAL, UNSUPPORTED },
		{ "name=web stats!{connections=0}", EINVAL, UNSUPPORTED },
		{ "name=web #0!=x:00", EINVAL, UNSUPPORTED },
		{ "name=web #4000!=x:00", EINVAL, UNSUPPORTED },
	};
	static const uint8_t cmds[] = {
		SVCLB_CMD_SERVICE_GET, SVCLB_CMD_SERVICE_EDIT, SVCLB_CMD_SERVICE_DEL,
		SVCLB_CMD_BACKEND_SET, SVCLB_CMD_BACKEND_DEL, SVCLB_CMD_COUNTERS_ZERO,
	};
	unsigned int i;

	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		/* No reference is a reference to all there. */
		bool skip_first = cmds[i] == SVCLB_CMD_COUNTERS_ZERO;

		refuse(_metadata, &self->nl, cmds[i], 0, refusals + skip_first,
		       ARRAY_SIZE(refusals) - skip_first);
	}
	/* An empty dump request is one for all. */
	refuse(_metadata, &self->nl, SVCLB_CMD_FRONTEND_GET, NLM_F_DUMP, refusals + 1,
	       ARRAY_SIZE(refusals) - 1);
	refuse(_metadata, &self->nl, SVCLB_CMD_BACKEND_GET, NLM_F_DUMP, refusals + 1,
	       ARRAY_SIZE(refusals) - 1);
}

TEST_F(abi, refused_parts_of_a_reference)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REFUSE(COUNTERS_ZERO, 0,
	       { "protocol=6", EINVAL, "reference to the service is missing" },
	       { "family=2", EINVAL, "reference to the service is missing" });
	REFUSE(FRONTEND_GET, NLM_F_DUMP,
	       { "protocol=6", EINVAL, "reference to the service is missing" },
	       { "family=2", EINVAL, "reference to the service is missing" });
	REFUSE(SERVICE_GET, NLM_F_DUMP,
	       { "name=web", EINVAL, "a dump of services takes no attributes" },
	       { "id=1", EINVAL, "a dump of services takes no attributes" },
	       { "protocol=6", EINVAL, "a dump of services takes no attributes" },
	       { "family=2", EINVAL, "a dump of services takes no attributes" },
	       { "scheduler!=1", EINVAL, UNSUPPORTED });
}

TEST_F(abi, refused_services)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "", EINVAL, "name is missing" },
	       { "protocol=6 family=2", EINVAL, "name is missing" },
	       { "name=new", EINVAL, "protocol is missing" },
	       { "name=new family=2", EINVAL, "protocol is missing" },
	       { "name=new protocol=6", EINVAL, "family is missing" },
	       { "name=new protocol!=0 family=2", EPROTONOSUPPORT,
		 "protocol is neither TCP nor UDP nor SCTP" },
	       { "name=new protocol!=1 family=2", EPROTONOSUPPORT,
		 "protocol is neither TCP nor UDP nor SCTP" },
	       { "name=new protocol!=131 family=2", EPROTONOSUPPORT,
		 "protocol is neither TCP nor UDP nor SCTP" },
	       { "name=new protocol!=255 family=2", EPROTONOSUPPORT,
		 "protocol is neither TCP nor UDP nor SCTP" },
	       { "name=new protocol=6 family!=0", EAFNOSUPPORT, "unknown address family" },
	       { "name=new protocol=6 family!=1", EAFNOSUPPORT, "unknown address family" },
	       { "name=new protocol=6 family!=17", EAFNOSUPPORT, "unknown address family" },
	       { "name=new protocol=6 family!=255", EAFNOSUPPORT, "unknown address family" },
	       { "name=new protocol=6 family=2 scheduler!=10", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 scheduler!=255", ERANGE, RANGE },
	       { "name=new protocol=6 family=2 scheduler!=x:00000000", EINVAL, LENGTH },
	       { "name=new protocol=6 family=2 generation!=x:00000000", EINVAL, LENGTH },
	       { "name=new protocol!=x:0600 family=2", EINVAL, LENGTH },
	       { "name=new protocol! family=2", EINVAL, LENGTH },
	       { "name!=x:00 protocol=6 family=2", EINVAL, "name is empty" },
	       { "name!=x:0061 protocol=6 family=2", EINVAL, "name is empty" },
	       { "name! protocol=6 family=2", EINVAL, POLICY },
	       { "name!=x:616263 protocol=6 family=2", EINVAL, POLICY },
	       { "name!=%20 protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=a%20b protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=a%09 protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=%0Aa protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=a%1Bb protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=a%7Fb protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!=a%01 protocol=6 family=2", EINVAL,
		 "name has a blank or a control character" },
	       { "name!~=new protocol=6 family=2", EINVAL, "NLA_F_NESTED not expected" },
	       { "name=new protocol!~=6 family=2", EINVAL, "NLA_F_NESTED not expected" },
	       { "name=new protocol=6 family=2 id!=5", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 pad!", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 frontend-count!=1", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 backend-count!=1", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 stats!{connections=1}", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 #0!=x:00", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 #19!=x:00", EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=2 #16383!=x:00", EINVAL, UNSUPPORTED },
	       { "name=web protocol=17 family=2", EEXIST,
		 "service exists with another family or protocol" },
	       { "name=web protocol=6 family=10", EEXIST,
		 "service exists with another family or protocol" },
	       { "name=dns protocol=17 backend{address4=10.0.1.1 port=53}", EEXIST,
		 "service exists with another family or protocol" });
}

TEST_F(abi, refused_long_names)
{
	static const unsigned int lengths[] = { 256, 257, 10001, 65000 };
	struct refusal refusal = { NULL, EINVAL, POLICY };
	struct text text = {};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(lengths); i++) {
		text.length = 0;
		append(&text, "protocol=6 family=2 name!=");
		for (j = 0; j < lengths[i]; j++)
			append(&text, "n");
		refusal.request = text.chars;
		refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, &refusal, 1);
	}
	/* Short, but with a long tail behind its end. */
	text.length = 0;
	append(&text, "protocol=6 family=2 name!=x:6100");
	for (j = 0; j < 255; j++)
		append(&text, "61");
	refusal.request = text.chars;
	refusal.error = ERANGE;
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, &refusal, 1);
	free(text.chars);
}

/* Addresses are wrong in the same way in a frontend and a backend. */
TEST_F(abi, refused_addresses)
{
	static const struct {
		const char *member;
		int error;
		const char *text;
	} wrong[] = {
		{ "{address4!=0.0.0.0 port=80}", EINVAL, NULL },
		{ "{address4!=127.0.0.1 port=80}", EINVAL, NULL },
		{ "{address4!=127.255.255.255 port=80}", EINVAL, NULL },
		{ "{address4!=224.0.0.1 port=80}", EINVAL, NULL },
		{ "{address4!=239.255.255.255 port=80}", EINVAL, NULL },
		{ "{address4!=255.255.255.255 port=80}", EINVAL, NULL },
		{ "{address6!=:: port=80}", EINVAL, NULL },
		{ "{address6!=::1 port=80}", EINVAL, NULL },
		{ "{address6!=fe80::1 port=80}", EINVAL, NULL },
		{ "{address6!=febf::1 port=80}", EINVAL, NULL },
		{ "{address6!=ff02::1 port=80}", EINVAL, NULL },
		{ "{address6!=ff0e::1 port=80}", EINVAL, NULL },
		{ "{address6!=::ffff:1.2.3.4 port=80}", EINVAL, NULL },
		{ "!{address4=10.0.0.1 address6=fd00::1 port=80}", EINVAL, "two addresses" },
		{ "!{port=80}", EINVAL, "address is missing" },
		{ "!{}", EINVAL, "address is missing" },
		{ "!{address4=10.0.0.1}", EINVAL, "port is missing" },
		{ "!{address6=fd00::1}", EINVAL, "port is missing" },
		{ "{address4=10.0.0.1 port!=0}", ERANGE, RANGE },
		{ "{address4=10.0.0.1 port!}", EINVAL, LENGTH },
		{ "{address4=10.0.0.1 port!=x:50}", EINVAL, LENGTH },
		{ "{address4=10.0.0.1 port!=x:00500000}", EINVAL, LENGTH },
		{ "{address4=10.0.0.1 port!~=80}", EINVAL, "NLA_F_NESTED not expected" },
		{ "{address4!=x:0a0000 port=80}", EINVAL, LENGTH },
		{ "{address4!=x:0a00000100 port=80}", EINVAL, LENGTH },
		{ "{address4! port=80}", EINVAL, LENGTH },
		{ "{address6!=x:fd00000000000000000000000000ff port=80}", ERANGE,
		  "binary attribute size out of range" },
		{ "{address6!=x:fd0000000000000000000000000000ff01 port=80}", ERANGE,
		  "binary attribute size out of range" },
		{ "{address6! port=80}", ERANGE, "binary attribute size out of range" },
		{ "!~{address4=10.0.0.1 port=80}", EINVAL, "NLA_F_NESTED is missing" },
		{ "!~=x:01", ERANGE, POLICY },
		{ "!~=x:010203", ERANGE, POLICY },
		{ "~=x:0900020001", EINVAL, LEFTOVER },
		{ "~=x:ffff02000a000001", EINVAL, LEFTOVER },
		{ "~=x:00000000", EINVAL, LEFTOVER },
		{ "~=x:0300020000000000", EINVAL, LEFTOVER },
		{ "{address4=10.0.0.1 port=80 #0!=x:00}", EINVAL, UNSUPPORTED },
		{ "{address4=10.0.0.1 port=80 #8!=x:00}", EINVAL, UNSUPPORTED },
		{ "{address4=10.0.0.1 port=80 #16383!=x:00}", EINVAL, UNSUPPORTED },
		{ "{#8!{#8{#8{#8{#8{#8{#8{#8{#8{#8{#8{#8{#8=x:00}}}}}}}}}}}}}", EINVAL,
		  UNSUPPORTED },
		{ "{address4!~{#4=x:0050} port=80}", EINVAL, LENGTH },
	};
	static const char * const members[] = { "frontend", "backend" };
	char request[512];
	unsigned int i, j;

	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		for (j = 0; j < ARRAY_SIZE(members); j++) {
			struct refusal refusal = {
				request, wrong[i].error,
				wrong[i].text ?: "address is not a usable unicast address",
			};

			snprintf(request, sizeof(request), "name=new protocol=6 %s%s", members[j],
				 wrong[i].member);
			refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, &refusal, 1);
			/* Of the same family, so that it is not that what is wrong. */
			snprintf(request, sizeof(request), "name=%s %s%s",
				 strstr(wrong[i].member, "{address6") ? "dns" : "web", members[j],
				 wrong[i].member);
			refuse(_metadata, &self->nl, j ? SVCLB_CMD_BACKEND_SET :
			       SVCLB_CMD_FRONTEND_ADD, NLM_F_CREATE, &refusal, 1);
			refuse(_metadata, &self->nl, j ? SVCLB_CMD_BACKEND_DEL :
			       SVCLB_CMD_FRONTEND_DEL, 0, &refusal, 1);
		}
	}
}

TEST_F(abi, refused_frontends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "name=new protocol=6 frontend{kind!=4 address4=10.96.0.2 port=80}", ERANGE,
		 RANGE },
	       { "name=new protocol=6 frontend{kind!=x:00000000 address4=10.96.0.2 port=80}",
		 EINVAL, LENGTH },
	       { "name=new protocol=6 frontend{address4=10.96.0.2 port=80 stats!{connections=1}}",
		 EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 frontend!{kind=1 address4=10.96.0.2 port=80}", EINVAL,
		 "node port has an address" },
	       { "name=new protocol=6 family=10 frontend!{kind=1 address6=fd00::2 port=80}",
		 EINVAL, "node port has an address" },
	       { "name=new protocol=6 frontend!{kind=1 port=80}", EINVAL,
		 "family of the node port is missing" },
	       { "name=new protocol=6 family=2 frontend!{kind=1}", EINVAL, "port is missing" },
	       { "name=new protocol=6 family=10 frontend{address4!=10.96.0.2 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=new protocol=6 frontend{address4=10.96.0.2 port=80};"
		 "frontend{address6!=fd00::2 port=80}", EINVAL, "address is of another family" },
	       { "name=new protocol=6 frontend{address6!=fd00::2 port=80};"
		 "backend{address4=10.0.1.1 port=80}", EINVAL, "address is of another family" },
	       { "name=new protocol=6 frontend{address4=10.96.0.2 port=80};"
		 "frontend!{address4=10.96.0.2 port=80}", EINVAL, "frontend is given twice" },
	       { "name=new protocol=6 family=2 frontend{kind=1 port=80};"
		 "frontend!{kind=1 port=80}", EINVAL, "frontend is given twice" },
	       { "name=new protocol=6 frontend{address4=10.96.0.2 port=80};"
		 "frontend!{address4=10.96.0.1 port=80}", EEXIST,
		 "frontend is used by another service" },
	       { "name=new protocol=17 family=10 frontend!{kind=1 port=30053}", EEXIST,
		 "frontend is used by another service" },
	       /* Of those of one that exists, none may go and none come. */
	       { "name=web protocol=6 frontend{address4=10.96.0.2 port=80};"
		 "frontend{address4=10.96.0.3 port=80} frontend!{address4=10.96.0.2 port=80}",
		 EINVAL, "frontend is given twice" },
	       { "name=web protocol=6 frontend{address4=10.96.0.1 port=80};"
		 "frontend!{address4=10.96.0.1 port=80} generation=4 scheduler=2",
		 EINVAL, "frontend is given twice" });
	REQUEST(SERVICE_SET, CREATE, "name=third protocol=6 frontend{address4=10.96.0.3 port=80}");
	REFUSE(FRONTEND_ADD, 0,
	       { "frontend{address4=10.96.0.2 port=80}", EINVAL,
		 "reference to the service is missing" },
	       { "name=web id=1 frontend{address4=10.96.0.2 port=80}", EINVAL,
		 "more than one reference to the service" },
	       { "name!=none frontend{address4=10.96.0.2 port=80}", ENOENT,
		 "no service has this name" },
	       { "id!=9 frontend{address4=10.96.0.2 port=80}", ENOENT, "no service has this id" },
	       { "name!=x:00 frontend{address4=10.96.0.2 port=80}", EINVAL, "name is empty" },
	       { "name=web", EINVAL, "frontend is missing" },
	       { "name=web frontend!{address4=10.96.0.1 port=80}", EEXIST,
		 "service has this frontend already" },
	       { "name=web frontend{address4=10.96.0.4 port=80};"
		 "frontend!{address4=10.96.0.1 port=80}", EEXIST,
		 "service has this frontend already" },
	       { "name=web frontend{address4=10.96.0.4 port=80};"
		 "frontend!{address4=10.96.0.3 port=80}", EEXIST,
		 "frontend is used by another service" },
	       { "name=web frontend{address4=10.96.0.4 port=80};"
		 "frontend!{address4=10.96.0.4 port=80}", EINVAL, "frontend is given twice" },
	       { "name=web frontend{address6!=fd00::2 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=dns frontend{address4!=10.96.0.4 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=web protocol!=6 frontend{address4=10.96.0.4 port=80}", EINVAL,
		 UNSUPPORTED },
	       { "name=web family!=2 frontend{address4=10.96.0.4 port=80}", EINVAL, UNSUPPORTED },
	       { "name=web frontend{address4=10.96.0.4 port=80} backend!{port=1}", EINVAL,
		 UNSUPPORTED });
	REFUSE(FRONTEND_DEL, 0,
	       { "frontend{address4=10.96.0.1 port=80}", EINVAL,
		 "reference to the service is missing" },
	       { "name=web id=1 frontend{address4=10.96.0.1 port=80}", EINVAL,
		 "more than one reference to the service" },
	       { "name!=none frontend{address4=10.96.0.1 port=80}", ENOENT,
		 "no service has this name" },
	       { "id!=9 frontend{address4=10.96.0.1 port=80}", ENOENT, "no service has this id" },
	       { "name=web", EINVAL, "frontend is missing" },
	       { "name=web frontend{address4=10.96.0.1 port=80};"
		 "frontend!{address4=10.96.0.1 port=81}", ENOENT, "service has no such frontend" },
	       { "name=web frontend!{address4=10.96.0.3 port=80}", ENOENT,
		 "service has no such frontend" },
	       { "name=web frontend!{kind=1 port=80}", ENOENT, "service has no such frontend" },
	       { "name=web frontend{address6!=fd00::53 port=53}", EINVAL,
		 "address is of another family" },
	       { "name=web protocol!=6 frontend{address4=10.96.0.1 port=80}", EINVAL,
		 UNSUPPORTED });
}

TEST_F(abi, refused_backends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REQUEST(SERVICE_SET, CREATE, DNS);
	REFUSE(SERVICE_SET, NLM_F_CREATE,
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 weight!=65536}", ERANGE,
		 RANGE },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 weight!=4294967295}",
		 ERANGE, RANGE },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 weight!=x:0100}", EINVAL,
		 LENGTH },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 flags!=16}", EINVAL,
		 "reserved bit set" },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 flags!=4294967295}",
		 EINVAL, "reserved bit set" },
	       { "name=new protocol=6 backend{id!=1 address4=10.0.1.1 port=80}", EINVAL,
		 UNSUPPORTED },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80 stats!{connections=1}}",
		 EINVAL, UNSUPPORTED },
	       { "name=new protocol=6 family=10 backend{address4!=10.0.1.1 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80};"
		 "backend{address6!=fd00::1 port=80}", EINVAL, "address is of another family" },
	       { "name=new protocol=6 backend{address4=10.0.1.1 port=80};"
		 "backend!{address4=10.0.1.1 port=80}", EINVAL, "backend is given twice" },
	       { "name=web protocol=6 backend{address4=10.0.1.1 port=80 weight=7};"
		 "backend{address4=10.0.1.9 port=80} backend!{address4=10.0.1.1 port=80}", EINVAL,
		 "backend is given twice" });
	REFUSE(BACKEND_SET, NLM_F_CREATE,
	       { "name=web", EINVAL, "backend is missing" },
	       { "name=web backend{address4=10.0.1.9 port=80 weight!=65536}", ERANGE, RANGE },
	       { "name=web backend{address4=10.0.1.9 port=80 flags!=16}", EINVAL,
		 "reserved bit set" },
	       { "name=web backend{address6!=fd00::1 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=dns backend{address4!=10.0.1.9 port=80}", EINVAL,
		 "address is of another family" },
	       { "name=web backend{address4=10.0.1.9 port=80};"
		 "backend!{address4=10.0.1.9 port=80}", EINVAL, "backend is given twice" },
	       { "name=web scheduler!=1 backend{address4=10.0.1.9 port=80}", EINVAL, UNSUPPORTED },
	       { "name=web generation!=1 backend{address4=10.0.1.9 port=80}", EINVAL,
		 UNSUPPORTED });
	REFUSE(BACKEND_SET, NLM_F_CREATE | NLM_F_EXCL,
	       { "name=web backend!{address4=10.0.1.1 port=8080 weight=5}", EEXIST,
		 "service has this backend already" },
	       { "name=web backend{address4=10.0.1.0 port=80};"
		 "backend!{address4=10.0.1.1 port=8080} backend{address4=10.0.1.9 port=80}",
		 EEXIST, "service has this backend already" });
	REFUSE(BACKEND_SET, NLM_F_EXCL,
	       { "name=web backend!{address4=10.0.1.1 port=8080 weight=5}", EEXIST,
		 "service has this backend already" },
	       { "name=web backend!{address4=10.0.1.9 port=8080}", ENOENT,
		 "service has no such backend" });
	REFUSE(BACKEND_SET, 0,
	       { "name=web backend!{address4=10.0.1.9 port=80}", ENOENT,
		 "service has no such backend" },
	       { "name=web backend{address4=10.0.1.1 port=8080 weight=9};"
		 "backend!{address4=10.0.1.2 port=80}", ENOENT, "service has no such backend" });
	REFUSE(BACKEND_DEL, 0,
	       { "name=web", EINVAL, "backend is missing" },
	       { "name=web backend!{address4=10.0.1.9 port=80}", ENOENT,
		 "service has no such backend" },
	       { "name=web backend{address4=10.0.1.1 port=8080};"
		 "backend!{address4=10.0.1.1 port=80}", ENOENT, "service has no such backend" },
	       { "name=web backend{address4=10.0.1.1 port=8080};"
		 "backend!{address4=10.0.1.1 port=8080}", EINVAL, "backend is given twice" },
	       { "name=web backend{address6!=fd00::1 port=80}", EINVAL,
		 "address is of another family" });
}

TEST_F(abi, refused_settings)
{
	REQUEST(SETTINGS_SET, 0, "cluster-network{address4=10.0.0.0 prefix-length=8};"
		"masquerade-all=1 default-scheduler=2");
	REFUSE(SETTINGS_SET, 0,
	       { "masquerade-all=0 cluster-network!{address4=10.0.0.1 prefix-length=31}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!{address4=10.0.0.0 prefix-length=4}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!{address4=0.0.0.1 prefix-length=0}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!{address6=fd00::1 prefix-length=127}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!{address6=fd00:0:1:: prefix-length=40}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!{address6=::1 prefix-length=0}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network{address4=10.0.0.0 prefix-length!=33}", EINVAL,
		 "prefix length is over 32" },
	       { "cluster-network{address4=10.0.0.0 prefix-length!=128}", EINVAL,
		 "prefix length is over 32" },
	       { "cluster-network{address6=fd00:: prefix-length!=129}", ERANGE, RANGE },
	       { "cluster-network{address4=10.0.0.0 prefix-length!=x:0800}", EINVAL, LENGTH },
	       { "cluster-network!{address4=10.0.0.0}", EINVAL, "prefix length is missing" },
	       { "cluster-network!{prefix-length=8}", EINVAL, "address is missing" },
	       { "cluster-network!{}", EINVAL, "address is missing" },
	       { "cluster-network!{address4=10.0.0.0 address6=fd00:: prefix-length=8}", EINVAL,
		 "two addresses" },
	       { "cluster-network{address4=10.0.0.0 prefix-length=8};"
		 "cluster-network!{address4=10.0.0.0 prefix-length=6}", EINVAL,
		 "network has bits behind the prefix" },
	       { "cluster-network!~{address4=10.0.0.0 prefix-length=8}", EINVAL,
		 "NLA_F_NESTED is missing" },
	       { "cluster-network{address4=10.0.0.0 prefix-length=8 #4!=x:00}", EINVAL,
		 UNSUPPORTED },
	       { "cluster-network{address4=10.0.0.0 prefix-length=8} no-cluster-networks!",
		 EINVAL, "cluster networks are given and denied" },
	       { "no-cluster-networks!=x:01", ERANGE, POLICY },
	       { "masquerade-all!=2", ERANGE, RANGE },
	       { "masquerade-all!=x:01000000", EINVAL, LENGTH },
	       { "node-port-min!=0", ERANGE, RANGE },
	       { "node-port-max!=0", ERANGE, RANGE },
	       { "masquerade-all=0 node-port-min!=32768", EINVAL,
		 "node-port range ends before it begins" },
	       { "node-port-max!=29999", EINVAL, "node-port range ends before it begins" },
	       { "node-port-min!=31000 node-port-max=30999", EINVAL,
		 "node-port range ends before it begins" },
	       { "node-port-min!=1 node-port-max=65535", EINVAL,
		 "node-port range leaves no ports for masquerading" },
	       { "node-port-min!=1500 node-port-max=65000", EINVAL,
		 "node-port range leaves no ports for masquerading" },
	       { "default-scheduler!=10", ERANGE, RANGE },
	       { "pad!", EINVAL, UNSUPPORTED },
	       { "#99!=x:00", EINVAL, UNSUPPORTED },
	       { "#0!=x:00", EINVAL, UNSUPPORTED });
}

TEST_F(abi, refused_attributes_of_requests_without)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	REFUSE(SETTINGS_GET, 0,
	       { "cluster-network!{address4=10.0.0.0 prefix-length=8}", EINVAL, UNSUPPORTED },
	       { "masquerade-all!=1", EINVAL, UNSUPPORTED });
	REFUSE(COUNTERS_GET, 0,
	       { "pad!", EINVAL, UNSUPPORTED },
	       { "connections!=0", EINVAL, UNSUPPORTED });
	REFUSE(FLUSH, 0,
	       { "pad!", EINVAL, UNSUPPORTED },
	       { "id!=1", EINVAL, UNSUPPORTED },
	       { "name!=web", EINVAL, UNSUPPORTED },
	       { "generation!=1", EINVAL, UNSUPPORTED });
	REFUSE(PURGE, 0,
	       { "", EINVAL, "generation is missing" },
	       { "generation!=x:01000000", EINVAL, LENGTH },
	       { "name!=web generation=9", EINVAL, UNSUPPORTED },
	       { "generation=9 frontend!{port=1}", EINVAL, UNSUPPORTED });
	REFUSE(SERVICE_EDIT, 0,
	       { "name=web scheduler!=10", ERANGE, RANGE },
	       { "name=web generation!=x:00", EINVAL, LENGTH },
	       { "name=web backend!{address4=10.0.1.1 port=80}", EINVAL, UNSUPPORTED });
	REFUSE(SERVICE_DEL, 0,
	       { "name=web scheduler!=1", EINVAL, UNSUPPORTED },
	       { "name=web generation!=1", EINVAL, UNSUPPORTED });
}

TEST_F(abi, refused_commands)
{
	unsigned int cmd;
	char *before, *after;

	REQUEST(SERVICE_SET, CREATE, WEB);
	before = snapshot(_metadata, &self->nl);
	for (cmd = 0; cmd < 256; cmd++) {
		bool is_dump = cmd == SVCLB_CMD_SERVICE_GET || cmd == SVCLB_CMD_FRONTEND_GET ||
			       cmd == SVCLB_CMD_BACKEND_GET || cmd == SVCLB_CMD_AFFINITY_GET ||
			       cmd == SVCLB_CMD_SOURCE_RANGE_GET || cmd == SVCLB_CMD_FLOW_GET;
		bool is_do = cmd == SVCLB_CMD_RESOLVE || cmd == SVCLB_CMD_FLOW_DEL ||
			     (cmd && cmd <= SVCLB_CMD_PURGE && cmd != SVCLB_CMD_FRONTEND_GET &&
			      cmd != SVCLB_CMD_BACKEND_GET);

		if (!is_do)
			EXPECT_EQ(-EOPNOTSUPP, nl_do(&self->nl, cmd, 0, ""));
		if (!is_dump)
			EXPECT_EQ(-EOPNOTSUPP, nl_do(&self->nl, cmd, NLM_F_DUMP, ""));
	}
	after = snapshot(_metadata, &self->nl);
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
}

/* Cut a request at each of its bytes: it is refused, or means less. */
TEST_F(abi, refused_pieces)
{
	struct nl *nl = &self->nl;
	char *before, *after;
	uint32_t length, full;
	struct nlattr *attr;
	int err;

	REQUEST(SERVICE_SET, CREATE, WEB);
	before = snapshot(_metadata, nl);
	for (length = NLMSG_HDRLEN, full = length + 1; length < full; length++) {
		nl_begin(nl, SVCLB_CMD_SERVICE_SET, CREATE | NLM_F_ACK);
		ASSERT_EQ(0, nl_add(nl, WEB));
		full = nl->message->nlmsg_len;
		nl->message->nlmsg_len = length;
		ASSERT_EQ(0, nl_send(nl));
		err = nl_ack(nl);
		EXPECT_TRUE(err == -EINVAL || err == -EEXIST) {
			TH_LOG("cut at %u of %u: %d", length, full, err);
		}
		if (length < NLMSG_HDRLEN + 4)
			EXPECT_STREQ("", nl->text);
	}

	/* The last attribute claims more than there is. */
	nl_begin(nl, SVCLB_CMD_SERVICE_DEL, NLM_F_ACK);
	attr = mnl_nlmsg_get_payload_tail(nl->message);
	ASSERT_EQ(0, nl_add(nl, "id=1"));
	attr->nla_len += 1;
	ASSERT_EQ(0, nl_send(nl));
	EXPECT_EQ(-EINVAL, nl_ack(nl));
	EXPECT_STREQ(LEFTOVER, nl->text);

	after = snapshot(_metadata, nl);
	EXPECT_STREQ(before, after);
	free(before);
	free(after);
}

/* Limits */

TEST_F(abi, most_backends)
{
	struct refusal refusal = { NULL, E2BIG, "too many backends" };
	struct text text = {};

	append(&text, "name=a protocol=6");
	append_members(&text, "backend", 0, SVCLB_BACKENDS_MAX + 1);
	refusal.request = text.chars;
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, &refusal, 1);
	text.length = 0;
	append(&text, "name=a protocol=6");
	append_members(&text, "backend", 0, SVCLB_BACKENDS_MAX);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	REPLY(SERVICE_GET, "name=a", "service-get id=1 name=a family=2 protocol=6 scheduler=0;"
	      "generation=0 frontend-count=0 backend-count=65535" NO_SERVICE_STATS "\n");

	/* One more. */
	refusal.request = "name=a backend{address4=192.0.2.1 port=80}";
	EXPECT_EQ(-E2BIG, nl_do(&self->nl, SVCLB_CMD_BACKEND_SET, CREATE, refusal.request));
	EXPECT_STREQ("too many backends", self->nl.text);
	REQUEST(BACKEND_DEL, 0, "name=a backend{address4=10.1.1.1 port=80}");
	REQUEST(BACKEND_SET, CREATE, refusal.request);
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_BACKEND_GET, ""));
	EXPECT_EQ((unsigned int)SVCLB_BACKENDS_MAX, self->nl.reply.count);
	EXPECT_TRUE(!strstr(self->nl.reply.text, "BAD"));
	REQUEST(FLUSH, 0, "");
	free(text.chars);
}

TEST_F(abi, most_frontends)
{
	struct refusal refusal = { NULL, E2BIG, "too many frontends" };
	struct text text = {};

	append(&text, "name=a protocol=6");
	append_members(&text, "frontend", 0, SVCLB_FRONTENDS_MAX + 1);
	refusal.request = text.chars;
	refuse(_metadata, &self->nl, SVCLB_CMD_SERVICE_SET, CREATE, &refusal, 1);
	text.length = 0;
	append(&text, "name=a protocol=6");
	append_members(&text, "frontend", 0, SVCLB_FRONTENDS_MAX);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	refusal.request = "name=a frontend!{address4=192.0.2.1 port=80}";
	refuse(_metadata, &self->nl, SVCLB_CMD_FRONTEND_ADD, 0, &refusal, 1);
	REQUEST(FRONTEND_DEL, 0, "name=a frontend{address4=10.1.1.1 port=80}");
	REQUEST(FRONTEND_ADD, 0, "name=a frontend{address4=192.0.2.1 port=80}");
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_FRONTEND_GET, ""));
	EXPECT_EQ((unsigned int)SVCLB_FRONTENDS_MAX, self->nl.reply.count);
	free(text.chars);
}

/* The limit is for what a service has, not for what it had before as well. */
TEST_F(abi, most_frontends_replaced)
{
	struct text text = {};

	append(&text, "name=a protocol=6");
	append_members(&text, "frontend", 0, SVCLB_FRONTENDS_MAX);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	text.length = 0;
	append(&text, "name=a protocol=6");
	append_members(&text, "frontend", SVCLB_FRONTENDS_MAX, SVCLB_FRONTENDS_MAX);
	REQUEST(SERVICE_SET, 0, text.chars);
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_FRONTEND_GET, ""));
	EXPECT_EQ((unsigned int)SVCLB_FRONTENDS_MAX, self->nl.reply.count);
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0,
			   "protocol=6 frontend{address4=10.1.17.97 port=80}"));
	EXPECT_EQ(-ENOENT, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0,
				 "protocol=6 frontend{address4=10.1.1.1 port=80}"));
	free(text.chars);
}

TEST_F(abi, most_cluster_networks)
{
	struct refusal refusal = { NULL, E2BIG, "too many cluster networks" };
	struct text text = {}, expected = {};
	unsigned int i;

	for (i = 0; i < SVCLB_CLUSTER_NETWORKS_MAX + 1; i++)
		append(&text, i % 2 ? "cluster-network{address6=fd00:%x:: prefix-length=32} " :
		       "cluster-network{address4=10.%u.0.0 prefix-length=16} ", i);
	refusal.request = text.chars;
	refuse(_metadata, &self->nl, SVCLB_CMD_SETTINGS_SET, 0, &refusal, 1);
	text.length = 0;
	for (i = 1; i < SVCLB_CLUSTER_NETWORKS_MAX + 1; i++)
		append(&text, i % 2 ? "cluster-network{address6=fd00:%x:: prefix-length=32} " :
		       "cluster-network{address4=10.%u.0.0 prefix-length=16} ", i);
	REQUEST(SETTINGS_SET, 0, text.chars);
	append(&expected, "settings-get %s" SETTINGS "\n", text.chars);
	REPLY(SETTINGS_GET, "", expected.chars);
	free(text.chars);
	free(expected.chars);
}

/* Dumps */

/* append_backends() - the lines of what append_members() made, port 80 each */
static void append_backends(struct text *text, const char *identity, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		append(text, "backend-get %s backend{"
		       "id=%u address4=10.%u.%u.%u port=80 weight=1 flags=0" NO_BACKEND_STATS
		       "}\n", identity, i + 1, 1 + i / 62500, 1 + i / 250 % 250, 1 + i % 250);
}

TEST_F(abi, dump_of_10000_backends)
{
	struct text text = {}, expected = {};
	bool more = true;

	append(&text, "name=big protocol=6");
	append_members(&text, "backend", 0, 10000);
	append_backends(&expected, "id=1 name=big family=2 protocol=6", 10000);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	REQUEST(SERVICE_SET, CREATE, DNS);
	DUMP(BACKEND_GET, "id=1", expected.chars);
	/* The same in many small pieces. */
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_BACKEND_GET, "name=big"));
	while (more)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_FALSE(self->small.reply.interrupted);
	EXPECT_STREQ(expected.chars, self->small.reply.text);
	append(&expected, "backend-get " DNS_BACKEND "\n");
	DUMP(BACKEND_GET, "", expected.chars);
	free(text.chars);
	free(expected.chars);
}

TEST_F(abi, dump_with_a_change_in_between)
{
	struct text text = {}, expected = {};
	bool more = true;

	append(&text, "name=big protocol=6");
	append_members(&text, "backend", 0, 600);
	append_backends(&expected, "id=1 name=big family=2 protocol=6", 600);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_BACKEND_GET, ""));
	ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	ASSERT_TRUE(more);
	EXPECT_FALSE(self->small.reply.interrupted);
	succeed(_metadata, &self->other, SVCLB_CMD_SERVICE_SET, CREATE, DNS);
	while (more)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_TRUE(self->small.reply.interrupted);
	/* What was not touched is there all the same. */
	EXPECT_EQ(0, strncmp(self->small.reply.text, expected.chars, expected.length));
	append(&expected, "backend-get " DNS_BACKEND "\n");
	DUMP(BACKEND_GET, "", expected.chars);
	free(text.chars);
	free(expected.chars);
}

TEST_F(abi, dump_of_what_goes)
{
	static const uint8_t cmds[] = {
		SVCLB_CMD_SERVICE_GET, SVCLB_CMD_FRONTEND_GET, SVCLB_CMD_BACKEND_GET,
	};
	char text[256];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		bool more = true;

		for (j = 0; j < 200; j++) {
			snprintf(text, sizeof(text), "name=s%u protocol=6;"
				 "frontend{address4=10.96.0.1 port=%u};"
				 "backend{address4=10.0.1.1 port=%u}", j, j + 1, j + 1);
			REQUEST(SERVICE_SET, CREATE, text);
		}
		ASSERT_EQ(0, nl_dump_begin(&self->small, cmds[i], ""));
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
		ASSERT_TRUE(more);
		succeed(_metadata, &self->other, SVCLB_CMD_FLUSH, 0, "");
		while (more)
			ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
		EXPECT_TRUE(self->small.reply.interrupted);
		EXPECT_GT(200U, self->small.reply.count);
		EXPECT_TRUE(!strstr(self->small.reply.text, "BAD"));
		dump_is(_metadata, &self->nl, cmds[i], "", "");
	}
}

/* The one service that is dumped goes, and one with its name comes. */
TEST_F(abi, dump_of_one_that_goes)
{
	struct text text = {};
	bool more = true;

	append(&text, "name=big protocol=6");
	append_members(&text, "backend", 0, 600);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_BACKEND_GET, "name=big"));
	ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	ASSERT_TRUE(more);
	succeed(_metadata, &self->other, SVCLB_CMD_SERVICE_DEL, 0, "name=big");
	succeed(_metadata, &self->other, SVCLB_CMD_SERVICE_SET, CREATE, text.chars);
	while (more)
		ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
	EXPECT_TRUE(self->small.reply.interrupted);
	EXPECT_GT(600U, self->small.reply.count);
	EXPECT_TRUE(!strstr(self->small.reply.text, "id=2 name=big"));
	EXPECT_TRUE(!strstr(self->small.reply.text, "BAD"));
	free(text.chars);
}

static void churn(struct nl *nl)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (nl_do(nl, SVCLB_CMD_SERVICE_SET, CREATE, DNS) ||
		    nl_do(nl, SVCLB_CMD_BACKEND_SET, 0,
			  "name=big backend{address4=10.1.1.1 port=80 weight=0}") ||
		    nl_do(nl, SVCLB_CMD_BACKEND_SET, 0,
			  "name=big backend{address4=10.1.1.1 port=80 weight=1}") ||
		    nl_do(nl, SVCLB_CMD_SERVICE_DEL, 0, "name=dns"))
			_exit(1);
	}
}

TEST_F(abi, dumps_while_another_writes)
{
	struct text text = {}, expected = {};
	unsigned int dumps, interrupted = 0;
	int status;
	pid_t pid;

	append(&text, "name=big protocol=6");
	append_members(&text, "backend", 0, 1000);
	append_backends(&expected, "id=1 name=big family=2 protocol=6", 1000);
	REQUEST(SERVICE_SET, CREATE, text.chars);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		churn(&self->other);
	for (dumps = 0; dumps < 50 || (!interrupted && dumps < 5000); dumps++) {
		bool more = true;

		ASSERT_EQ(0, nl_dump_begin(&self->small, SVCLB_CMD_BACKEND_GET, "name=big"));
		while (more)
			ASSERT_EQ(0, nl_dump_next(&self->small, SMALL_BUFFER, &more));
		EXPECT_TRUE(!strstr(self->small.reply.text, "BAD"));
		if (self->small.reply.interrupted)
			interrupted++;
		else
			EXPECT_EQ(1000U, self->small.reply.count);
	}
	EXPECT_LT(0U, interrupted);
	EXPECT_EQ(0, waitpid(pid, &status, WNOHANG));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	/* Whatever it was killed in. */
	REQUEST(BACKEND_SET, 0, "name=big backend{address4=10.1.1.1 port=80 weight=1}");
	DUMP(BACKEND_GET, "name=big", expected.chars);
	free(text.chars);
	free(expected.chars);
}

/* Notifications */

TEST_F(abi, notifications_of_services)
{
	ASSERT_EQ(0, nl_join(&self->other));
	NOTIFIED("");
	REQUEST(SERVICE_SET, CREATE, WEB);
	NOTIFIED("service-set-ntf " WEB_SERVICE "\n");
	REQUEST(SERVICE_SET, NLM_F_CREATE, DNS);
	NOTIFIED("service-set-ntf " DNS_SERVICE "\n");
	REQUEST(SERVICE_SET, 0, "name=web protocol=6 family=2 generation=1");
	NOTIFIED("service-set-ntf " WEB_ID " scheduler=0 generation=1 frontend-count=0;"
		 "backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_EDIT, 0, "name=web scheduler=2 generation=3");
	NOTIFIED("service-set-ntf " WEB_ID " scheduler=2 generation=3 frontend-count=0;"
		 "backend-count=0" NO_SERVICE_STATS "\n");
	REPLY(SERVICE_GET, "name=web", "service-get " WEB_ID
	      " scheduler=2 generation=3 frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_DEL, 0, "id=1");
	NOTIFIED("service-del-ntf " WEB_ID " scheduler=2 generation=3 frontend-count=0;"
		 "backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(SERVICE_SET, CREATE, "name=third protocol=6 family=2 generation=8");
	NOTIFIED("service-set-ntf id=3 name=third family=2 protocol=6 scheduler=0 generation=8;"
		 "frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(PURGE, 0, "generation=7");
	NOTIFIED("");
	REQUEST(PURGE, 0, "generation=8");
	NOTIFIED("service-del-ntf " DNS_SERVICE "\n");
	REQUEST(SERVICE_SET, CREATE, "name=fourth protocol=6 family=2");
	EXPECT_EQ(0, nl_notifications(&self->other));
	REQUEST(FLUSH, 0, "");
	NOTIFIED("service-del-ntf id=3 name=third family=2 protocol=6 scheduler=0 generation=8;"
		 "frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n"
		 "service-del-ntf id=4 name=fourth family=2 protocol=6 scheduler=0 generation=0;"
		 "frontend-count=0 backend-count=0" NO_SERVICE_STATS "\n");
	REQUEST(FLUSH, 0, "");
	NOTIFIED("");
}

TEST_F(abi, notifications_of_added_members)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(FRONTEND_ADD, 0, "name=web frontend{address4=10.96.0.9 port=443};"
		"frontend{kind=1 port=30080}");
	NOTIFIED("frontend-add-ntf " WEB_ID " frontend{kind=0 address4=10.96.0.9 port=443"
		 NO_FRONTEND_STATS "}\nfrontend-add-ntf " WEB_ID " frontend{kind=1 port=30080"
		 NO_FRONTEND_STATS "}\n");
	REQUEST(BACKEND_SET, CREATE, "name=web backend{address4=10.0.1.3 port=80};"
		"backend{address4=10.0.1.4 port=80 weight=0}");
	NOTIFIED("backend-set-ntf " WEB_ID " backend{id=3 address4=10.0.1.3 port=80 weight=1;"
		 "flags=0" NO_BACKEND_STATS "}\n"
		 "backend-set-ntf " WEB_ID " backend{id=4 address4=10.0.1.4 port=80 weight=0;"
		 "flags=0" NO_BACKEND_STATS "}\n");
	REQUEST(BACKEND_SET, 0, "name=web backend{address4=10.0.1.4 port=80 flags=1}");
	NOTIFIED("backend-set-ntf " WEB_ID " backend{id=4 address4=10.0.1.4 port=80 weight=0;"
		 "flags=1" NO_BACKEND_STATS "}\n");
}

TEST_F(abi, notifications_of_removed_frontends)
{
	REQUEST(SERVICE_SET, CREATE, DNS);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(FRONTEND_DEL, 0, "name=dns frontend{kind=1 port=30053};"
		"frontend{address6=fd00::53 port=53}");
	NOTIFIED("frontend-del-ntf id=1 name=dns family=10 protocol=17;"
		 "frontend{kind=1 port=30053" NO_FRONTEND_STATS "}\n"
		 "frontend-del-ntf id=1 name=dns family=10 protocol=17;"
		 "frontend{kind=0 address6=fd00::53 port=53" NO_FRONTEND_STATS "}\n");
}

TEST_F(abi, notifications_of_removed_backends)
{
	REQUEST(SERVICE_SET, CREATE, WEB);
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(BACKEND_DEL, 0, "name=web backend{address4=10.0.1.1 port=8080};"
		"backend{address4=10.0.1.2 port=8080}");
	NOTIFIED("backend-del-ntf " WEB_BACKEND1 "\nbackend-del-ntf " WEB_BACKEND2 "\n");
}

TEST_F(abi, notifications_of_settings)
{
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(SETTINGS_SET, 0, "masquerade-all=1;"
		"cluster-network{address4=10.0.0.0 prefix-length=8}");
	NOTIFIED("settings-set-ntf cluster-network{address4=10.0.0.0 prefix-length=8};"
		 "masquerade-all=1 node-port-min=30000 node-port-max=32767 default-scheduler=0"
		 MORE_SETTINGS "\n");
}

TEST_F(abi, notifications_of_nothing_else)
{
	struct nl elsewhere;

	REQUEST(SERVICE_SET, CREATE, WEB);
	ASSERT_EQ(0, nl_join(&self->other));
	/* Refused ones. */
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_SET, CREATE, WEB));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_EDIT, 0, "name=web scheduler=10"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_DEL, 0, "name=none"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_FRONTEND_ADD, 0,
			   "name=web frontend{address4=10.96.0.5 port=1};"
			   "frontend{address4=10.96.0.1 port=80}"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_FRONTEND_DEL, 0,
			   "name=web frontend{address4=10.96.0.1 port=80};"
			   "frontend{address4=10.96.0.1 port=81}"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_BACKEND_SET, 0,
			   "name=web backend{address4=10.0.1.1 port=8080};"
			   "backend{address4=10.0.1.1 port=81}"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_BACKEND_DEL, 0,
			   "name=web backend{address4=10.0.1.1 port=8080};"
			   "backend{address4=10.0.1.1 port=81}"));
	EXPECT_NE(0, nl_do(&self->nl, SVCLB_CMD_SETTINGS_SET, 0,
			   "masquerade-all=1 node-port-max=1"));
	/* Questions, and counters. */
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_SERVICE_GET, 0, "name=web"));
	EXPECT_EQ(0, nl_dump(&self->nl, SVCLB_CMD_BACKEND_GET, ""));
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_SETTINGS_GET, 0, ""));
	EXPECT_EQ(0, nl_do(&self->nl, SVCLB_CMD_COUNTERS_ZERO, 0, ""));
	/* Changes in another namespace. */
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&elsewhere));
	succeed(_metadata, &elsewhere, SVCLB_CMD_SERVICE_SET, CREATE, DNS);
	nl_close(&elsewhere);
	NOTIFIED("");
}

TEST_F(abi, echo)
{
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(SERVICE_SET, CREATE | NLM_F_ECHO, WEB);
	EXPECT_STREQ("service-set-ntf " WEB_SERVICE "\n", self->nl.reply.text);
	NOTIFIED("service-set-ntf " WEB_SERVICE "\n");
	REQUEST(BACKEND_SET, NLM_F_CREATE | NLM_F_ECHO,
		"name=web backend{address4=10.0.1.2 port=8080};"
		"backend{address4=10.0.1.3 port=8080}");
	EXPECT_STREQ("backend-set-ntf " WEB_BACKEND2 "\nbackend-set-ntf " WEB_ID
		     " backend{id=3 address4=10.0.1.3 port=8080 weight=1 flags=0" NO_BACKEND_STATS
		     "}\n", self->nl.reply.text);
	REQUEST(SETTINGS_SET, NLM_F_ECHO, "");
	EXPECT_STREQ("settings-set-ntf " SETTINGS "\n", self->nl.reply.text);
	REQUEST(FLUSH, NLM_F_ECHO, "");
	EXPECT_EQ(1U, self->nl.reply.count);
	/* Nothing of a refused one, nothing where nobody asks. */
	EXPECT_EQ(-ENOENT, nl_do(&self->nl, SVCLB_CMD_SERVICE_SET, NLM_F_ECHO, WEB));
	EXPECT_STREQ("", self->nl.reply.text);
	REQUEST(SERVICE_SET, CREATE, WEB);
	EXPECT_STREQ("", self->nl.reply.text);
}

TEST_F(abi, echo_without_listeners)
{
	REQUEST(SERVICE_SET, CREATE | NLM_F_ECHO, WEB);
	EXPECT_STREQ("service-set-ntf " WEB_SERVICE "\n", self->nl.reply.text);
	REQUEST(SERVICE_DEL, NLM_F_ECHO, "name=web");
	EXPECT_STREQ("service-del-ntf " WEB_SERVICE "\n", self->nl.reply.text);
}

/* A listener that does not read is told that it has missed something. */
TEST_F(abi, lost_notifications)
{
	int size = 1, i;

	ASSERT_EQ(0, setsockopt(mnl_socket_get_fd(self->other.socket), SOL_SOCKET, SO_RCVBUF,
				&size, sizeof(size)));
	ASSERT_EQ(0, nl_join(&self->other));
	REQUEST(SERVICE_SET, CREATE, WEB);
	for (i = 0; i < 100; i++)
		REQUEST(SERVICE_EDIT, 0, "name=web generation=1");
	EXPECT_EQ(-ENOBUFS, nl_notifications(&self->other));
}

/* NOLINTEND(bugprone-suspicious-semicolon) */

TEST_HARNESS_MAIN
