// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the watcher costs, from the first byte of the lists to the last message to
 * the kernel: a process of its own serves a cluster over TLS, and a kernel in
 * memory says yes to everything. Printed is the processor's time by step, the
 * memory that stays, and what one more change costs. The exit status says whether
 * that is within bounds.
 *
 *	watch TEMPLATES PEMS
 *	watch TEMPLATES SERVICES ENDPOINTS	prints a cluster, as kubectl does
 *
 * TEMPLATES is selftests/bench/watch, PEMS where cert.pem and key.pem are.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/cluster.h"
#include "bench/server.h"
#include "bench/wrapped.h"
#include "tests/peer.h"
#include "watch/proxier.h"
#include "watch/reflector.h"
#include "watch/stream.h"

#define CHANGES 20

/**
 * struct load - a cluster, and what it may cost
 * @services:  how many Services it has
 * @endpoints: how many endpoints each of them has
 * @seconds:   how much of the processor's time in user space it may take
 * @whole:     and in the kernel too, or 0
 * @megabytes: how much memory, or 0
 */
struct load {
	int services;
	int endpoints;
	double seconds;
	double whole;
	double megabytes;
};

static const struct load loads[] = {
	{ 45000, 1, 3.0, 0, 150 },
	{ 5000, 50, 3.0, 0, 0 },
	{ 10000, 3, 0.8, 0.8, 0 },
};

/**
 * struct run - a measurement
 * @loop:     the loop
 * @feed:     whom to tell
 * @reading:  seconds in lists, and in @storing
 * @storing:  seconds of whom they tell
 * @sending:  seconds in the kernel's place
 * @listed:   when the last list was complete
 * @passed:   when all was in the kernel
 * @bytes:    how much JSON that was
 * @change:   whether a message is waited for
 */
static struct run {
	struct svclb_loop *loop;
	struct svclb_feed feed;
	double reading;
	double storing;
	double sending;
	double listed;
	double passed;
	double bytes;
	bool change;
} run;

static double cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The processor's time: all of it; in the kernel, if @system is given. */
static double used(double *system)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	*system = (double)usage.ru_stime.tv_sec +
		  (double)usage.ru_stime.tv_usec / 1e6;
	return (double)usage.ru_utime.tv_sec +
	       (double)usage.ru_utime.tv_usec / 1e6;
}

static double resident(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long size, pages = 0;

	if (file && fscanf(file, "%ld %ld", &size, &pages) != 2)
		pages = 0;
	if (file)
		fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

int __wrap_svclb_list_stream_push(struct svclb_list_stream *list,
				  const char *bytes, size_t len,
				  struct svclb_err *error)
{
	double began = cpu();
	int result = __real_svclb_list_stream_push(list, bytes, len, error);

	run.reading += cpu() - began;
	run.bytes += (double)len;
	return result;
}

int bench_sendto(struct nl_sock *sock, void *batch, size_t size);
int bench_sendto(struct nl_sock *sock, void *batch, size_t size)
{
	double began = cpu();
	int result = peer_sendto(sock, batch, size);

	run.sending += cpu() - began;
	if (run.change)
		svclb_loop_stop(run.loop);
	return result;
}

static void feed_begin(void *data, enum svclb_resource resource)
{
	(void)data;
	run.feed.begin(run.feed.data, resource);
}

static void feed_set(void *data, enum svclb_resource resource,
		     const json_t *object)
{
	double began = cpu();

	(void)data;
	run.feed.set(run.feed.data, resource, object);
	run.storing += cpu() - began;
}

static void feed_del(void *data, enum svclb_resource resource,
		     const json_t *object)
{
	(void)data;
	run.feed.del(run.feed.data, resource, object);
}

static void feed_complete(void *data, enum svclb_resource resource)
{
	(void)data;
	run.feed.complete(run.feed.data, resource);
	run.listed = cpu();
}

static void feed_broken(void *data, enum svclb_resource resource)
{
	(void)data;
	run.feed.broken(run.feed.data, resource);
}

static void on_synced(void *data)
{
	(void)data;
	run.passed = cpu();
	svclb_loop_stop(run.loop);
}

static void on_timer(void *data)
{
	svclb_loop_stop(data);
}

static void no_note(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void turn(void)
{
	struct svclb_err error;

	if (svclb_loop_run(run.loop, &error))
		errx(2, "%s", error.text);
}

static void wait_a_while(uint64_t milliseconds)
{
	struct svclb_timer timer = { .expired = on_timer, .data = run.loop };

	svclb_timer_set(run.loop, &timer, milliseconds);
	turn();
}

/* Changes, one after another: milliseconds of each; @messages counts all. */
static double measure_changes(int changes, uint64_t *messages)
{
	double began, total = 0;
	uint64_t sent = peer.sent;
	int i;

	wait_a_while(300);
	for (i = 0; i < CHANGES; i++) {
		run.change = true;
		began = cpu();
		if (write(changes, "", 1) != 1)
			err(2, "write");
		turn();
		total += cpu() - began;
		run.change = false;
		wait_a_while(50);
	}
	*messages = peer.sent - sent;
	return total / CHANGES * 1e3;
}

/* From the first request to the last change of @load, and says so. */
static bool measure_load(const struct load *load, const struct svclb_access *access,
			 int changes)
{
	struct svclb_stats stats = { 0 };
	struct svclb_proxying proxying = {
		.translation = {
			.node = "node-1.example.org",
			.generation = 1,
			.notes = { .note = no_note },
		},
		.proxy = {
			.localhost_node_ports = -1,
			.masquerade_all = -1, .sched = -1,
		},
		.stats = &stats,
		.synced = on_synced,
	};
	struct svclb_reflecting reflecting = {
		.access = access,
		.feed = { feed_begin, feed_set, feed_del, feed_complete,
			  feed_broken, NULL },
		.node = "node-1.example.org",
		.stats = &stats,
	};
	double began, user, system, first_user, first_system, memory, change;
	struct svclb_reflectors *reflectors;
	struct svclb_proxier *proxier;
	struct svclb_err error;
	uint64_t messages;
	uint32_t loaded;
	bool good;

	memset(&run, 0, sizeof(run));
	peer.blind = true;
	if (svclb_loop_create(&run.loop, &error) ||
	    svclb_nl_open(&proxying.nl, &error))
		errx(2, "%s", error.text);
	proxying.loop = run.loop;
	reflecting.loop = run.loop;
	first_user = used(&first_system);
	began = cpu();
	if (svclb_proxier_create(&proxier, &proxying, &error))
		errx(2, "%s", error.text);
	svclb_proxier_feed(proxier, &run.feed);
	if (svclb_reflectors_create(&reflectors, &reflecting, &error))
		errx(2, "%s", error.text);
	turn();
	user = used(&system) - first_user;
	system -= first_system;
	memory = resident();
	loaded = peer.requests;
	printf("%6d Services x %2d endpoints, %3.0f MB of JSON: ",
	       load->services, load->endpoints, run.bytes / 1e6);
	printf("user %.2f + system %.2f s: TLS, HTTP, gzip %.2f; ", user,
	       system, run.listed - began - run.reading);
	printf("decoding %.2f; storing %.2f; ", run.reading - run.storing,
	       run.storing);
	printf("translation and messages %.2f (kernel's stand-in %.2f); ",
	       run.passed - run.listed, run.sending);
	printf("%.0f MB resident; %u messages\n", memory, loaded);
	change = measure_changes(changes, &messages);
	printf("       one change, event to message: %.2f ms, %.2f messages\n",
	       change, (double)messages / CHANGES);
	good = user <= load->seconds &&
	       (!load->whole || user + system <= load->whole) &&
	       (!load->megabytes || memory <= load->megabytes) &&
	       loaded >= (uint32_t)load->services && change < 5 &&
	       messages == CHANGES;
	if (!good)
		puts("       that is out of bounds");
	svclb_reflectors_free(reflectors);
	svclb_proxier_free(proxier);
	svclb_nl_close(proxying.nl);
	svclb_loop_free(run.loop);
	peer_uninit();
	return good;
}

/* A process for each cluster: what it needs is not what another one left. */
static bool measure(struct cluster *cluster, const struct load *load, char *pems)
{
	struct svclb_access access = { 0 };
	int tell[2], changes[2], port;
	pid_t server;
	bool good;

	cluster->services = load->services;
	cluster->endpoints = load->endpoints;
	if (pipe(tell) || pipe(changes))
		err(2, "pipe");
	server = fork();
	if (server < 0)
		err(2, "fork");
	if (!server) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(changes[1]);
		_exit(server_run(cluster, pems, tell[1], changes[0]) ? 2 : 0);
	}
	close(tell[1]);
	close(changes[0]);
	if (read(tell[0], &port, sizeof(port)) != sizeof(port) ||
	    asprintf(&access.server, "https://127.0.0.1:%d", port) < 0 ||
	    asprintf(&access.ca.file, "%s/cert.pem", pems) < 0)
		errx(2, "the server does not start");
	good = measure_load(load, &access, changes[1]);
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(tell[0]);
	close(changes[1]);
	svclb_access_uninit(&access);
	return good;
}

static bool measure_apart(struct cluster *cluster, const struct load *load,
			  char *pems)
{
	pid_t child;
	int status;

	fflush(stdout);
	child = fork();
	if (child < 0)
		err(2, "fork");
	if (!child)
		exit(measure(cluster, load, pems) ? 0 : 1);
	return waitpid(child, &status, 0) == child && !status;
}

static void print(const struct cluster *cluster)
{
	int i;

	fputs("{\"apiVersion\":\"v1\",\"items\":[", stdout);
	for (i = 0; i < cluster->services; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		fputs("{\"apiVersion\":\"v1\",\"kind\":\"Service\",", stdout);
		cluster_write_service(cluster, stdout, i, true);
		fputs(",\n{\"apiVersion\":\"discovery.k8s.io/v1beta1\",", stdout);
		fputs("\"kind\":\"EndpointSlice\",", stdout);
		cluster_write_slice(cluster, stdout, i, cluster->endpoints, true);
	}
	puts("\n],\"kind\":\"List\"}");
}

int main(int argc, char **argv)
{
	struct cluster cluster;
	bool good = true;
	size_t i;

	if (argc != 3 && argc != 4)
		errx(2, "usage: watch TEMPLATES PEMS|SERVICES ENDPOINTS");
	cluster_init(&cluster, argv[1]);
	if (argc == 4) {
		cluster.services = atoi(argv[2]);
		cluster.endpoints = atoi(argv[3]);
		print(&cluster);
		return 0;
	}
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("all_proxy");
	for (i = 0; i < sizeof(loads) / sizeof(*loads); i++)
		good &= measure_apart(&cluster, &loads[i], argv[2]);
	return !good;
}
