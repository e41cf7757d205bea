// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink interface against its specification, third part: the dry run. Run
 * by nl-abi.sh.
 */
#include <errno.h>
#include <net/if.h>

#include "nl_abi_flows.h"

/* The macros of the harness end in a loop without a body. */
/* NOLINTBEGIN(bugprone-suspicious-semicolon) */

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

	run(_metadata, "for i in veth1 veth12 eth0 abcdefghijklmno;"
	    "do ip link add $i type dummy; ip link set $i up; done");
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

/* NOLINTEND(bugprone-suspicious-semicolon) */

TEST_HARNESS_MAIN
