// SPDX-License-Identifier: GPL-2.0-only
#include <netinet/in.h>
#include <string.h>

#include "lib/text.h"
#include "tap.h"

/* Words that are frontends, and how they are printed. */
static const char *const keys[][2] = {
	{ "10.103.12.8:80", "10.103.12.8:80" },
	{ "tcp/10.103.12.8:80", "10.103.12.8:80" },
	{ "udp/10.96.0.10:53", "udp/10.96.0.10:53" },
	{ "[fd00::1]:80", "[fd00::1]:80" },
	{ "[FD00:0:0::01]:80", "[fd00::1]:80" },
	{ "udp/[fd00:1:2:3:4:5:6:7]:65535", "udp/[fd00:1:2:3:4:5:6:7]:65535" },
	{ "nodeport:30000", "nodeport:30000" },
	{ "udp/nodeport:30053", "udp/nodeport:30053" },
	{ "nodeport6:30000", "nodeport6:30000" },
	{ "255.255.255.254:1", "255.255.255.254:1" },
	{ "240.0.0.1:1", "240.0.0.1:1" },
	{ "[::1.2.3.4]:80", "[::1.2.3.4]:80" },
	{ "sctp/10.0.0.1:80", "sctp/10.0.0.1:80" },
	{ "sctp/[fd00:1111:2222:3333:4444:5555:6666:7777]:65535",
	  "sctp/[fd00:1111:2222:3333:4444:5555:6666:7777]:65535" },
	{ "sctp/nodeport6:65535", "sctp/nodeport6:65535" },
};

/* Words that are meant as frontends, and what is said about them. */
static const char *const wrong[][2] = {
	{ "10.0.0.1", "port is missing" },
	{ "10.0.0.1:", "a port is" },
	{ "10.0.0.1:0", "a port is" },
	{ "10.0.0.1:65536", "a port is" },
	{ "10.0.0.1:4294967376", "a port is" },
	{ "10.0.0.1:99999999999999999999999999", "a port is" },
	{ "10.0.0.1:80x", "a port is" },
	{ "10.0.0.1:-1", "a port is" },
	{ "10.0.0.1:+80", "a port is" },
	{ "10.0.0.256:80", "not an IPv4 address" },
	{ "10.0.0:80", "not an IPv4 address" },
	{ "10.0.0.01:80", "not an IPv4 address" },
	{ "10.0.0.1.2:80", "not an IPv4 address" },
	{ "1.2.3.4:5:6", "a port is" },
	{ "0.0.0.0:80", "unspecified" },
	{ "0.1.2.3:80", "unspecified" },
	{ "127.0.0.1:80", "loopback" },
	{ "224.0.0.1:80", "multicast" },
	{ "239.255.255.255:80", "multicast" },
	{ "255.255.255.255:80", "broadcast" },
	{ "[::]:80", "unspecified" },
	{ "[::1]:80", "loopback" },
	{ "[ff02::1]:80", "multicast" },
	{ "[fe80::1]:80", "link-local" },
	{ "[fe80::1%eth0]:80", "link-local" },
	{ "[febf::1]:80", "link-local" },
	{ "[::ffff:10.0.0.1]:80", "IPv4 address in IPv6 form" },
	{ "[fd00::1]", "port is missing" },
	{ "[fd00::1", "not an IPv6 address" },
	{ "[fd00::g]:80", "not an IPv6 address" },
	{ "[]:80", "not an IPv6 address" },
	{ "fd00::1", "brackets" },
	{ "nodeport:0", "a port is" },
	{ "nodeport:x", "a port is" },
	{ "icmp/10.0.0.1:80", "unknown protocol" },
	{ "TCP/10.0.0.1:80", "unknown protocol" },
};

static const char *const others[] = {
	"default/web:http", "web", "a/b:80", "tcp/web:80", "10", "default/10",
	"udp/", ":80", "", "nodeport", "10.0.0.0/8", "x10.0.0.1:80",
};

static void test_keys(struct tap *tap)
{
	char text[SVCLB_KEY_TEXT];
	struct svclb_err err = { 0 };
	struct svclb_key key;
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (svclb_text_parse_key(keys[i][0], &key, &err) !=
		    SVCLB_TEXT_KEY) {
			tap_ok(tap, false, "%s is an address", keys[i][0]);
			continue;
		}
		svclb_text_key(text, &key);
		tap_text(tap, text, keys[i][1], keys[i][0]);
	}
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		bool is_wrong = svclb_text_parse_key(wrong[i][0], &key, &err) ==
				SVCLB_TEXT_WRONG;

		tap_ok(tap, is_wrong && err.code == SVCLB_ERR_INPUT &&
		       strstr(err.text, wrong[i][1]) &&
		       strstr(err.text, wrong[i][0]),
		       "%s: %s", wrong[i][0], wrong[i][1]);
	}
	for (i = 0; i < sizeof(others) / sizeof(*others); i++)
		tap_ok(tap, svclb_text_parse_key(others[i], &key, &err) ==
		       SVCLB_TEXT_OTHER, "'%s' is no address", others[i]);
}

static void test_default_protocol(struct tap *tap)
{
	struct svclb_err err;
	struct svclb_key key;

	svclb_text_parse_key("10.0.0.1:80", &key, &err);
	tap_ok(tap, key.proto == 0, "no protocol is left open, IPv4");
	svclb_text_parse_key("[fd00::1]:80", &key, &err);
	tap_ok(tap, key.proto == 0, "no protocol is left open, IPv6");
	svclb_text_parse_key("tcp/10.0.0.1:80", &key, &err);
	tap_ok(tap, key.proto == IPPROTO_TCP, "a protocol is taken");
}

static void test_backends(struct tap *tap)
{
	struct svclb_backend backend;
	char text[SVCLB_KEY_TEXT];
	struct svclb_err err;
	uint8_t family;

	tap_ok(tap, !svclb_text_parse_backend("10.0.0.1:80", &backend, &family,
					      &err) && backend.weight == 1 &&
	       !backend.flags && !backend.given, "endpoint by itself");
	tap_ok(tap, !svclb_text_parse_backend("[fd00::2]:80,draining,w=7",
					      &backend, &family, &err) &&
	       backend.weight == 7 && backend.flags == SVCLB_BACKEND_DRAINING &&
	       backend.mask == SVCLB_BACKEND_DRAINING &&
	       family == AF_INET6, "endpoint with attributes");
	svclb_text_backend(text, family, &backend);
	tap_text(tap, text, "[fd00::2]:80", "endpoint is printed");
	tap_ok(tap, !svclb_text_parse_backend("10.0.0.1:80,local,local-only",
					      &backend, &family, &err) &&
	       backend.flags ==
	       (SVCLB_BACKEND_LOCAL | SVCLB_BACKEND_LOCAL_ONLY),
	       "endpoint on this node");
	tap_ok(tap, !svclb_text_parse_backend("10.0.0.1:80,w=65535", &backend,
					      &family, &err), "largest weight");
	tap_ok(tap, svclb_text_parse_backend("10.0.0.1:80,w=65536", &backend,
					     &family, &err) &&
	       strstr(err.text, "0 to 65535"), "weight too large");
	tap_ok(tap, svclb_text_parse_backend("10.0.0.1:80,weight=1", &backend,
					     &family, &err) &&
	       strstr(err.text, "unknown attribute"), "unknown attribute");
	tap_ok(tap, svclb_text_parse_backend("10.0.0.1,w=1", &backend, &family,
					     &err) &&
	       strstr(err.text, "'10.0.0.1:80'"), "port is missing");
	tap_ok(tap, svclb_text_parse_backend("udp/10.0.0.1:80", &backend,
					     &family, &err) &&
	       strstr(err.text, "protocol of its service"), "with a protocol");
	tap_ok(tap, svclb_text_parse_backend("web", &backend, &family, &err) &&
	       strstr(err.text, "not an endpoint"), "not an endpoint");
}

/* Frontends of another kind, and what follows their address. */
static void test_frontends(struct tap *tap)
{
	static const char *const wrong_lists[][2] = {
		{ "10.0.0.1:80,locl", "unknown attribute" },
		{ "10.0.0.1:80,w=1", "unknown attribute" },
		{ "nodeport:30000", "a node port is no address" },
		{ "10.0.0.1:0", "a port is" },
		{ "127.0.0.1", "loopback" },
		{ "fe80::1", "link-local" },
	};
	struct svclb_frontend frontend;
	char text[SVCLB_KEY_TEXT];
	struct svclb_err err;
	size_t i;

	tap_ok(tap, svclb_text_parse_frontend("10.0.0.1:80,local,restricted",
					      SVCLB_FRONTEND_KIND_VIP,
					      &frontend, &err) ==
	       SVCLB_TEXT_KEY &&
	       frontend.policy == SVCLB_TRAFFIC_POLICY_LOCAL &&
	       frontend.restricted && frontend.kind == SVCLB_FRONTEND_KIND_VIP,
	       "frontend with attributes");
	tap_ok(tap, svclb_text_parse_frontend("udp/nodeport6:30000,local",
					      SVCLB_FRONTEND_KIND_VIP,
					      &frontend, &err) ==
	       SVCLB_TEXT_KEY &&
	       frontend.kind == SVCLB_FRONTEND_KIND_NODE_PORT &&
	       frontend.policy == SVCLB_TRAFFIC_POLICY_LOCAL,
	       "node port with attributes");
	tap_ok(tap, svclb_text_parse_frontend("10.0.0.1",
					      SVCLB_FRONTEND_KIND_VIP,
					      &frontend, &err) ==
	       SVCLB_TEXT_WRONG, "a VIP needs a port");
	tap_ok(tap, svclb_text_parse_frontend("192.0.2.1,cluster,open",
					      SVCLB_FRONTEND_KIND_EXTERNAL,
					      &frontend, &err) ==
	       SVCLB_TEXT_KEY && !frontend.key.port && frontend.given ==
	       (1u << SVCLB_A_FRONTEND_POLICY |
		1u << SVCLB_A_FRONTEND_RESTRICTED),
	       "an external address needs none");
	tap_ok(tap, svclb_text_parse_frontend("2001:db8::1",
					      SVCLB_FRONTEND_KIND_LOAD_BALANCER,
					      &frontend, &err) ==
	       SVCLB_TEXT_KEY && frontend.key.family == AF_INET6,
	       "nor brackets then");
	frontend.key.port = 80;
	svclb_text_key(text, &frontend.key);
	tap_text(tap, text, "[2001:db8::1]:80", "it is printed");
	for (i = 0; i < sizeof(wrong_lists) / sizeof(*wrong_lists); i++)
		tap_ok(tap, svclb_text_parse_frontend(wrong_lists[i][0],
						      SVCLB_FRONTEND_KIND_EXTERNAL,
						      &frontend, &err) ==
		       SVCLB_TEXT_WRONG && strstr(err.text, wrong_lists[i][1]),
		       "%s: %s", wrong_lists[i][0], wrong_lists[i][1]);
}

static void test_hosts(struct tap *tap)
{
	static const char *const right[][2] = {
		{ "10.0.0.1", "10.0.0.1:0" },
		{ "127.0.0.1:80", "127.0.0.1:80" },
		{ "fd00::1", "[fd00::1]:0" },
		{ "[::1]:80", "[::1]:80" },
		{ "[fe80::1]", "[fe80::1]:0" },
	};
	static const char *const bad[] = {
		"10.0.0", "10.0.0.1:", "[fd00::1", "web", "", "10.0.0.1/8",
	};
	char text[SVCLB_KEY_TEXT];
	struct svclb_err err;
	struct svclb_key key;
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(*right); i++) {
		*text = '\0';
		if (!svclb_text_parse_host_port(right[i][0], &key, &err))
			svclb_text_key(text, &key);
		tap_text(tap, text, right[i][1], right[i][0]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(tap, svclb_text_parse_host_port(bad[i], &key, &err),
		       "'%s' is no host", bad[i]);
}

static void test_switches(struct tap *tap)
{
	char name[SVCLB_INTERFACE_TEXT];
	struct svclb_err err;
	uint32_t seconds;
	uint8_t policy;
	bool on;

	tap_ok(tap, !svclb_text_parse_policy("Local", &policy, &err) &&
	       policy == SVCLB_TRAFFIC_POLICY_LOCAL, "policy");
	tap_ok(tap, svclb_text_parse_policy("locals", &policy, &err),
	       "no policy");
	tap_ok(tap, !svclb_text_parse_switch("on", "x", &on, &err) && on &&
	       !svclb_text_parse_switch("off", "x", &on, &err) && !on,
	       "on and off");
	tap_ok(tap, svclb_text_parse_switch("yes", "x", &on, &err), "yes");
	tap_ok(tap, !svclb_text_parse_affinity("86400", &seconds, &err) &&
	       seconds == 86400 &&
	       !svclb_text_parse_affinity("off", &seconds, &err) && !seconds,
	       "affinity");
	tap_ok(tap, svclb_text_parse_affinity("86401", &seconds, &err),
	       "affinity for too long");
	tap_ok(tap, !svclb_text_parse_interface("veth*", name, &err) &&
	       !strcmp(name, "veth*"), "beginning of an interface's name");
	tap_ok(tap, !svclb_text_parse_interface("abcdefghijklmno", name, &err),
	       "longest name of an interface");
	tap_ok(tap, !svclb_text_parse_interface("abcdefghijklmno*", name, &err),
	       "longest beginning");
	tap_ok(tap, svclb_text_parse_interface("abcdefghijklmnop", name, &err) &&
	       svclb_text_parse_interface("a*b", name, &err) &&
	       svclb_text_parse_interface("*", name, &err) &&
	       svclb_text_parse_interface("a/b", name, &err) &&
	       svclb_text_parse_interface("", name, &err),
	       "not the name of an interface");
}

static void test_networks(struct tap *tap)
{
	static const char *const right[] = {
		"10.0.0.0/8", "0.0.0.0/0", "10.1.2.3/32", "fd00::/8", "::/0",
		"fd00::1/128", "10::/16",
	};
	static const char *const bad[] = {
		"10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "fd00::/129", "x/8",
		"10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8/8",
	};
	struct svclb_network network;
	char text[SVCLB_NETWORK_TEXT];
	struct svclb_err err;
	size_t i;

	for (i = 0; i < sizeof(right) / sizeof(*right); i++) {
		*text = '\0';
		if (!svclb_text_parse_network(right[i], &network, &err))
			svclb_text_network(text, &network);
		tap_text(tap, text, right[i], right[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		tap_ok(tap, svclb_text_parse_network(bad[i], &network, &err),
		       "%s is no network", bad[i]);
	tap_ok(tap, svclb_text_parse_network("10.255.0.1/9", &network, &err) &&
	       strstr(err.text, "10.128.0.0/9"), "right IPv4 network is told");
	tap_ok(tap, svclb_text_parse_network("fd00::1/64", &network, &err) &&
	       strstr(err.text, "fd00::/64"), "right IPv6 network is told");
}

static void test_names(struct tap *tap)
{
	char name[SVCLB_NAME_MAX + 2];
	struct svclb_err err;

	memset(name, 'x', sizeof(name));
	name[SVCLB_NAME_MAX + 1] = '\0';
	tap_ok(tap, svclb_text_check_name(name, &err) &&
	       strstr(err.text, "256"), "name too long");
	name[SVCLB_NAME_MAX] = '\0';
	tap_ok(tap, !svclb_text_check_name(name, &err), "longest name");
	tap_ok(tap, svclb_text_check_name("", &err), "empty name");
	tap_ok(tap, svclb_text_check_name("a b", &err), "name with a blank");
	tap_ok(tap, svclb_text_check_name("a\tb", &err), "name with a tab");
	tap_ok(tap, svclb_text_check_name("a\x7f", &err), "name with a DEL");
	tap_ok(tap, !svclb_text_check_name("d\xc3\xbcsseldorf", &err),
	       "name in UTF-8");
}

static void test_numbers(struct tap *tap)
{
	struct svclb_err err;
	uint16_t min, max;
	uint64_t number;
	unsigned int i;
	uint8_t sched;

	tap_ok(tap, !svclb_text_parse_number("18446744073709551615", "x",
					     UINT64_MAX, &number, &err) &&
	       number == UINT64_MAX, "largest number");
	tap_ok(tap, svclb_text_parse_number("18446744073709551616", "x",
					    UINT64_MAX - 1, &number, &err),
	       "number too large");
	tap_ok(tap, !svclb_text_parse_range("30000-32767", &min, &max, &err) &&
	       min == 30000 && max == 32767, "range");
	tap_ok(tap, svclb_text_parse_range("2-1", &min, &max, &err),
	       "range backwards");
	tap_ok(tap, svclb_text_parse_range("123456789-1", &min, &max, &err),
	       "range with a long number");
	tap_ok(tap, svclb_text_parse_range("1", &min, &max, &err), "no range");
	tap_ok(tap, !svclb_text_parse_scheduler("wrr", &sched, &err) &&
	       sched == SVCLB_SCHED_WRR, "scheduler");
	for (i = 0; i <= SVCLB_SCHED_MAX; i++)
		tap_ok(tap, !svclb_text_parse_scheduler(svclb_text_scheduler(i),
							&sched, &err) &&
		       sched == i, "scheduler %u", i);
	tap_ok(tap, svclb_text_parse_scheduler("dh", &sched, &err) &&
	       strstr(err.text, "random, wrandom, rr, wrr, lc"),
	       "unknown scheduler, with those that are known");
}

int main(void)
{
	struct tap tap = { 0 };

	test_keys(&tap);
	test_default_protocol(&tap);
	test_frontends(&tap);
	test_hosts(&tap);
	test_switches(&tap);
	test_backends(&tap);
	test_networks(&tap);
	test_names(&tap);
	test_numbers(&tap);
	return tap_end(&tap);
}
