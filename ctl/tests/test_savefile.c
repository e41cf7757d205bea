// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply.h"
#include "lib/savefile.h"
#include "tap.h"

static int handle(void *data, struct svclb_stmt *stmt, struct svclb_err *err)
{
	return svclb_apply(data, stmt, err);
}

static int read_text(const char *text, bool complete,
		     struct svclb_config *config, struct svclb_err *err)
{
	struct svclb_savefile file = {
		.name = "f",
		.text = strdup(text),
		.len = strlen(text),
		.complete = complete,
	};
	int result;

	result = svclb_savefile_read(&file, handle, config, err);
	free(file.text);
	return result;
}

static void write_text(struct svclb_config *config, char *text, size_t size)
{
	FILE *file = fmemopen(text, size, "w");

	svclb_config_sort(config);
	svclb_savefile_write(file, config);
	fclose(file);
}

/* What is written, and is what is written after it was read. */
static const char all_forms[] =
"# Read this with: svclbctl restore FILE\n"
"set --cluster-network 10.244.0.0/16 --cluster-network fd00::/8 --masquerade-all on --node-port-range 30000-32767 --scheduler wrr --pod-interface '#br0' --pod-interface veth* --node-port-address 192.0.2.0/24 --node-port-loopback on --no-service-networks --answer-ping on --maglev-seed 18446744073709551615 --affinity-max 7\n"
"\n"
"add-svc --ipv6 --udp --name alone --scheduler random\n"
"\n"
"add-svc 10.96.0.2:80 nodeport:30000 --scheduler rr --generation 18446744073709551615\n"
"add-ep 10.96.0.2:80 10.244.0.1:80 10.244.0.2:80,w=0 10.244.0.3:80,w=65535,draining 10.244.0.4:80\n"
"add-ep 10.96.0.2:80 10.244.0.5:80,draining\n"
"\n"
"add-svc 10.96.0.10:80 --name 10.96.0.9:80 --scheduler random\n"
"add-ep name=10.96.0.9:80 10.244.0.1:80\n"
"\n"
"add-svc 10.96.0.20:80,local --external 192.0.2.1:80,local --load-balancer 192.0.2.2:80 nodeport:30020,local --scheduler maglev --affinity 10800 --syn-failover on --generation 1 --source-range 10.0.0.0/8 --source-range 192.168.0.0/16\n"
"add-ep 10.96.0.20:80 10.244.0.1:80,local 10.244.0.2:80,local,local-only 10.244.0.3:80,w=2,draining,local 10.244.0.4:80,not-serving\n"
"\n"
"add-svc 10.96.0.21:80 --external 192.0.2.1:81,restricted --scheduler p2c --source-range 0.0.0.0/0\n"
"\n"
"add-svc 10.96.0.22:80,open --external 192.0.2.1:82,local,restricted --scheduler sh --source-range 0.0.0.0/0\n"
"\n"
"add-svc 10.96.0.23:80,restricted --load-balancer 192.0.2.1:83,open --scheduler lc --source-range 0.0.0.0/0\n"
"\n"
"add-svc 10.96.0.24:80,restricted --scheduler failover\n"
"\n"
"add-svc --external 192.0.2.1:84 --scheduler wlc\n"
"add-ep 192.0.2.1:84 10.244.0.1:80\n"
"\n"
"add-svc sctp/10.96.0.25:80 sctp/nodeport:30025 --scheduler random\n"
"\n"
"add-svc [fd00::1]:80 nodeport6:30000 --name '\"a\\b#' --scheduler wrandom\n"
"add-ep '\"a\\b#' [fd00::2]:8080\n"
"\n"
"add-svc nodeport:30001 --name -x --scheduler wrr\n"
"add-ep name=-x 10.0.0.1:1\n"
"\n"
"add-svc udp/nodeport:30053 --name name=y --scheduler random\n"
"add-ep name=name=y 10.0.0.1:1\n"
"\n"
"add-svc udp/10.96.0.10:53 udp/10.96.0.11:53 --scheduler random\n"
"\n"
"end 14\n";

static void test_round_trip(struct tap *tap)
{
	struct svclb_config config = { 0 };
	struct svclb_err err = { 0 };
	char text[8192] = "";
	const char *missing;

	if (tap_ok(tap, !read_text(all_forms, true, &config, &err),
		   "all forms are read"))
		write_text(&config, text, sizeof(text));
	else
		printf("# %s\n", err.text);
	svclb_config_uninit(&config);
	/* The order of names is the C library's. */
	missing = strlen(text) == strlen(all_forms) ? "" : text;
	tap_text(tap, missing, "", "what is written has the same length");
	if (tap_ok(tap, !read_text(text, true, &config, &err),
		   "what was written is read"))
		write_text(&config, text + 4096, sizeof(text) - 4096);
	tap_text(tap, text + 4096, text, "and written as it was");
	svclb_config_uninit(&config);
}

/* Cut anywhere before its last words, a file is refused. */
static void test_cut(struct tap *tap)
{
	size_t len = strlen(all_forms) - strlen("\nend 14\n"), i;
	struct svclb_config config = { 0 };
	bool refused = true;
	struct svclb_err err;
	char *text;

	for (i = 0; i <= len; i++) {
		text = strndup(all_forms, i);
		refused &= read_text(text, true, &config, &err) < 0;
		free(text);
		svclb_config_uninit(&config);
	}
	tap_ok(tap, refused, "a file that is cut is refused, wherever it is");
}

/* Files that are wrong, and what is said about them. */
static const char *const wrong[][2] = {
	{ "", "f:0: the statement 'end NUMBER' is missing here: the file is not whole" },
	{ "add-svc 10.0.0.1:80\nend 2\n",
	  "f:2: the file should have 2 services, but it has 1: it is not whole" },
	{ "end 0\nend 0\n", "f:2: nothing may follow the statement 'end'" },
	{ "end\n", "f:1: a number is missing; end takes NUMBER" },
	{ "frob\nend 0\n", "f:1: 'frob': unknown statement" },
	{ "\n\nadd-svc 10.0.0.1\nend 1\n",
	  "f:3: '10.0.0.1': the port is missing; write it as '10.0.0.1:80'" },
	{ "add-svc 10.0.0.1:80\nadd-svc 10.0.0.1:80\nend 2\n",
	  "f:2: there already is a service '10.0.0.1:80' (line 1)" },
	{ "add-svc 10.0.0.1:80\nadd-svc 10.0.0.2:80 10.0.0.1:80\nend 2\n",
	  "f:2: 10.0.0.1:80: frontend is used by service '10.0.0.1:80' (line 1)" },
	{ "add-svc 10.0.0.1:80 10.0.0.1:80\nend 1\n",
	  "f:1: 10.0.0.1:80: the address is given twice" },
	{ "add-svc 10.0.0.1:80\nadd-ep 10.0.0.1:80 10.1.1.1:1\n"
	  "add-ep 10.0.0.1:80 10.1.1.2:1 10.1.1.1:1\nend 1\n",
	  "f:3: 10.1.1.1:1: service '10.0.0.1:80' has this endpoint already (line 2)" },
	{ "add-ep 10.0.0.1:80 10.1.1.1:1\nend 0\n",
	  "f:1: there is no service '10.0.0.1:80'" },
	{ "add-svc 10.0.0.1:80 [fd00::1]:80\nend 1\n",
	  "f:1: '[fd00::1]:80': a service has one address family, this one's is ipv4" },
	{ "add-svc udp/10.0.0.1:80 tcp/10.0.0.2:80\nend 1\n",
	  "f:1: '10.0.0.2:80': a service has one protocol, this one's is udp" },
	{ "add-svc 10.0.0.1:80\nadd-ep 10.0.0.1:80 [fd00::1]:80\nend 1\n",
	  "f:2: '[fd00::1]:80': a service has one address family, this one's is ipv4" },
	{ "add-svc 10.0.0.1:80 --frob\nend 1\n", "f:1: unknown option '--frob'" },
	{ "add-svc --scheduler rr\nend 1\n",
	  "f:1: an address is missing; add-svc takes ADDRESS..." },
	{ "set --cluster-network 10.0.0.0/8 --no-cluster-networks\nend 0\n",
	  "f:1: --cluster-network excludes --no-cluster-networks" },
	{ "set --masquerade-all yes\nend 0\n",
	  "f:1: 'yes': --masquerade-all is on or off" },
	{ "set --pod-interface veth* --no-pod-interfaces\nend 0\n",
	  "f:1: --pod-interface excludes --no-pod-interfaces" },
	{ "set --affinity-max 0\nend 0\n",
	  "f:1: '0': --affinity-max is at least 1; it is not what switches affinity off" },
	{ "add-svc 10.0.0.1:80 --source-range fd00::/8\nend 1\n",
	  "f:1: '10.0.0.1:80': a service has one address family, this one's is ipv6" },
	{ "add-svc --external 192.0.2.1 nodeport:30000\nend 1\n",
	  "f:1: '192.0.2.1': the port is missing; no other address has one" },
	{ "add-svc 10.0.0.1:80 --source-range 10.0.0.1/8\nend 1\n",
	  "f:1: '10.0.0.1/8': has bits behind its prefix; the network is 10.0.0.0/8" },
	{ "add-svc 10.0.0.1:80 --source-range @/nope/nope\nend 1\n",
	  "f:1: /nope/nope: No such file or directory" },
	{ "add-svc 10.0.0.1:80 --ep 10.1.1.1:1 --ep 10.1.1.1:1\nend 1\n",
	  "f:1: '10.1.1.1:1': the endpoint is given twice" },
};

static void test_wrong(struct tap *tap)
{
	struct svclb_config config = { 0 };
	struct svclb_err err;
	size_t i;

	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		err.text[0] = '\0';
		read_text(wrong[i][0], true, &config, &err);
		tap_text(tap, err.text, wrong[i][1], wrong[i][1]);
		svclb_config_uninit(&config);
	}
}

static void check_batch(struct tap *tap, const char *batch,
			const char *expected, const char *name)
{
	struct svclb_config config = { 0 };
	struct svclb_err err = { 0 };
	char text[2048] = "";

	config.settings.given = SVCLB_GIVEN_SCHEDULER;
	if (read_text(batch, false, &config, &err)) {
		tap_text(tap, err.text, expected, name);
	} else {
		svclb_config_set_defaults(&config);
		write_text(&config, text, sizeof(text));
		/* Without the comment and the settings. */
		tap_text(tap, strstr(text, "\n\n") + 2, expected, name);
	}
	svclb_config_uninit(&config);
}

static void test_batch(struct tap *tap)
{
	check_batch(tap, "add-svc 10.0.0.1:80 --ep 10.1.1.1:1 --ep 10.1.1.2:1,w=2\n"
		    "edit-ep 10.0.0.1:80 10.1.1.1:1 -w 5 --draining\n"
		    "del-ep 10.0.0.1:80 10.1.1.2:1\n",
		    "add-svc 10.0.0.1:80 --scheduler random\n"
		    "add-ep 10.0.0.1:80 10.1.1.1:1,w=5,draining\n\nend 1\n",
		    "endpoints are added, changed, removed");
	check_batch(tap, "add-svc udp/10.0.0.1:53 --name a/dns\n"
		    "edit-svc a/dns --scheduler rr --add 10.0.0.2:53 --node-port 30053\n"
		    "edit-svc udp/10.0.0.2:53 --remove 10.0.0.1:53 --generation 4\n",
		    "add-svc udp/10.0.0.2:53 udp/nodeport:30053 --name a/dns --scheduler rr --generation 4\n"
		    "\nend 1\n", "service is changed");
	check_batch(tap, "add-svc 10.0.0.1:80 --generation 3\nadd-svc 10.0.0.2:80\n"
		    "add-svc 10.0.0.3:80 --generation 4\npurge --older-than 4\n"
		    "del-svc 10.0.0.3:80\n",
		    "add-svc 10.0.0.2:80 --scheduler random\n\nend 1\n",
		    "services are purged and deleted");
	check_batch(tap, "add-svc 10.0.0.1:80\nflush\nadd-svc 10.0.0.1:80 --replace\n"
		    "add-svc 10.0.0.1:80 10.0.0.2:80 --replace\n",
		    "add-svc 10.0.0.1:80 10.0.0.2:80 --scheduler random\n\nend 1\n",
		    "services are flushed and replaced");
	check_batch(tap, "add-svc 10.0.0.1:80\ndel-svc 10.0.0.1:80\nadd-ep 10.0.0.1:80 1.1.1.1:1\n",
		    "f:3: there is no service '10.0.0.1:80'",
		    "a deleted service is gone");
	check_batch(tap,
		    "add-svc 10.0.0.1:80 --external 192.0.2.1 --external 192.0.2.2:81,cluster --node-port 30000 --external-policy Local --internal-policy local\n"
		    "edit-svc 10.0.0.1:80 --load-balancer 192.0.2.3,open --affinity 60 --internal-policy cluster\n"
		    "edit-svc 10.0.0.1:80 --affinity off --syn-failover on\n",
		    "add-svc 10.0.0.1:80 --external 192.0.2.1:80,local --external 192.0.2.2:81 --load-balancer 192.0.2.3:80 nodeport:30000,local --scheduler random --syn-failover on\n"
		    "\nend 1\n", "policies");
	check_batch(tap,
		    "add-svc 10.0.0.1:80 --external 192.0.2.1 --source-range 192.168.0.0/16 --source-range 10.0.0.0/8 --source-range 10.0.0.0/8\n"
		    "add-svc 10.0.0.2:80 --load-balancer 192.0.2.2 --source-range 10.0.0.0/8\n"
		    "add-svc 10.0.0.3:80 --source-range 10.0.0.0/8\nedit-svc 10.0.0.3:80 --no-source-ranges\n"
		    "add-svc 10.0.0.4:80\nedit-svc 10.0.0.4:80 --source-range 10.0.0.0/8 --add 10.0.0.5:80\n"
		    "edit-svc 10.0.0.4:80 --add 10.0.0.6:80,open --add 10.0.0.7:80\n",
		    "add-svc 10.0.0.1:80 --external 192.0.2.1:80 --scheduler random --source-range 10.0.0.0/8 --source-range 192.168.0.0/16\n"
		    "\nadd-svc 10.0.0.2:80 --load-balancer 192.0.2.2:80 --scheduler random --source-range 10.0.0.0/8\n"
		    "\nadd-svc 10.0.0.3:80,restricted --scheduler random\n"
		    "\nadd-svc 10.0.0.4:80 10.0.0.5:80 10.0.0.6:80,open 10.0.0.7:80 --scheduler random --source-range 10.0.0.0/8\n"
		    "\nend 4\n", "source ranges apply where that makes sense");
	check_batch(tap, "add-svc 10.0.0.1:80 --ep 10.1.1.1:1,draining --ep 10.1.1.2:1\n"
		    "edit-ep 10.0.0.1:80 10.1.1.1:1 --local\n"
		    "edit-ep 10.0.0.1:80 10.1.1.2:1,local-only --local\n"
		    "edit-ep 10.0.0.1:80 10.1.1.2:1 --no-local -w 2 --not-serving\n"
		    "edit-ep 10.0.0.1:80 10.1.1.1:1 --not-serving\n"
		    "edit-ep 10.0.0.1:80 10.1.1.1:1 --no-not-serving\n",
		    "add-svc 10.0.0.1:80 --scheduler random\n"
		    "add-ep 10.0.0.1:80 10.1.1.1:1,draining,local 10.1.1.2:1,w=2,local-only,not-serving\n\nend 1\n",
		    "flags are changed one by one");
	check_batch(tap, "add-svc 10.0.0.1:80\nzero 10.0.0.2:80\n",
		    "f:2: there is no service '10.0.0.2:80'",
		    "counters of a service that is not there");
	check_batch(tap, "add-svc 10.0.0.1:80\nedit-svc 10.0.0.1:80 --remove 10.0.0.2:80\n",
		    "f:2: 10.0.0.2:80: service has no such frontend",
		    "address that is not there");
}

int main(void)
{
	struct tap tap = { 0 };

	test_round_trip(&tap);
	test_cut(&tap);
	test_wrong(&tap);
	test_batch(&tap);
	return tap_end(&tap);
}
