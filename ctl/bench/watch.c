// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the watcher costs: objects as a genuine API server sends them are
 * decoded, translated and sent to a kernel that says yes to everything. Printed
 * is the processor's time by step, the memory that stays, and what one more
 * change costs. The exit status says whether that is within bounds.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/peer.h"
#include "watch/proxier.h"

/* Longer than any object. */
#define TEXT_MAX 65536

/**
 * struct load - a cluster
 * @services:  how many Services it has
 * @endpoints: how many endpoints each of them has
 * @seconds:   how much of the processor's time it may take, or 0
 * @megabytes: how much memory, or 0
 */
struct load {
	int services;
	int endpoints;
	double seconds;
	double megabytes;
};

static const struct load loads[] = {
	{ 45000, 1, 3.0, 150 },
	{ 5000, 50, 0, 0 },
	{ 10000, 3, 0.8, 0 },
};

/**
 * struct run - a measurement
 * @load:   of what
 * @nl:     connection to the kernel
 * @stats:  the proxier's figures
 * @proxier: the proxier
 * @feed:   how to tell it
 * @parsing: seconds that reading JSON took
 * @storing: seconds that decoding took
 * @bytes:  how much JSON that was
 */
struct run {
	const struct load *load;
	struct svclb_nl *nl;
	struct svclb_stats stats;
	struct svclb_proxier *proxier;
	struct svclb_feed feed;
	double parsing;
	double storing;
	double bytes;
};

static double cpu(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
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

static void no_note(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static const char fields[] =
	"\"managedFields\":[{\"manager\":\"%s\",\"operation\":\"Update\",\"apiVersion\":\"%s\",\"time\":\"2026-01-05T10:11:12Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{"
	"\"f:metadata\":{\"f:annotations\":{\".\":{},\"f:kubectl.kubernetes.io/last-applied-configuration\":{},\"f:endpoints.kubernetes.io/last-change-trigger-time\":{}},"
	"\"f:generateName\":{},\"f:labels\":{\".\":{},\"f:app.kubernetes.io/instance\":{},\"f:app.kubernetes.io/managed-by\":{},\"f:app.kubernetes.io/name\":{},\"f:app.kubernetes.io/version\":{},\"f:helm.sh/chart\":{}},"
	"\"f:ownerReferences\":{\".\":{},\"k:{\\\"uid\\\":\\\"6cb6ee6c-2f2d-4cb3-a8a1-64ccf2a2a5a2\\\"}\":{}}},"
	"\"f:spec\":{\"f:internalTrafficPolicy\":{},\"f:ports\":{\".\":{},\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:name\":{},\"f:port\":{},\"f:protocol\":{},\"f:targetPort\":{}}},\"f:selector\":{},\"f:sessionAffinity\":{},\"f:type\":{}}}}]";

static const char labels[] =
	"\"app.kubernetes.io/instance\":\"shop\",\"app.kubernetes.io/managed-by\":\"Helm\",\"app.kubernetes.io/name\":\"component\",\"app.kubernetes.io/version\":\"4.17.2\",\"helm.sh/chart\":\"component-4.17.2\"";

static int write_service(char *text, int i)
{
	int len;

	len = sprintf(text, "{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"component-%d\",\"namespace\":\"team-%d\",\"uid\":\"%08x-9d2b-4c51-8d0e-1f6f0a5c2b77\",\"resourceVersion\":\"%d\",\"creationTimestamp\":\"2026-01-05T10:11:12Z\",\"labels\":{%s},",
		      i, i % 200, i, 1000000 + i, labels);
	len += sprintf(text + len, fields, "helm", "v1");
	len += sprintf(text + len, "},\"spec\":{\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":80,\"targetPort\":8080}],\"selector\":{\"app.kubernetes.io/instance\":\"shop\",\"app.kubernetes.io/name\":\"component-%d\"},\"clusterIP\":\"10.%d.%d.%d\",\"clusterIPs\":[\"10.%d.%d.%d\"],\"type\":\"ClusterIP\",\"sessionAffinity\":\"None\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleStack\",\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":{}}}",
		       i, 96 + i / 65536, i / 256 % 256, i % 256,
		       96 + i / 65536, i / 256 % 256, i % 256);
	return len;
}

static int write_slice(char *text, int i, int endpoints)
{
	int len, j;

	len = sprintf(text, "{\"kind\":\"EndpointSlice\",\"apiVersion\":\"discovery.k8s.io/v1\",\"metadata\":{\"name\":\"component-%d-x7k2p\",\"generateName\":\"component-%d-\",\"namespace\":\"team-%d\",\"uid\":\"%08x-1a2b-4c51-8d0e-1f6f0a5c2b77\",\"resourceVersion\":\"%d\",\"generation\":3,\"creationTimestamp\":\"2026-01-05T10:11:12Z\",\"labels\":{%s,\"endpointslice.kubernetes.io/managed-by\":\"endpointslice-controller.k8s.io\",\"kubernetes.io/service-name\":\"component-%d\"},\"annotations\":{\"endpoints.kubernetes.io/last-change-trigger-time\":\"2026-01-05T10:11:12Z\"},\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"name\":\"component-%d\",\"uid\":\"%08x-9d2b-4c51-8d0e-1f6f0a5c2b77\",\"controller\":true,\"blockOwnerDeletion\":true}],",
		      i, i, i % 200, i, 2000000 + i, labels, i, i, i);
	len += sprintf(text + len, fields, "kube-controller-manager",
		       "discovery.k8s.io/v1");
	len += sprintf(text + len, "},\"addressType\":\"IPv4\",\"endpoints\":[");
	for (j = 0; j < endpoints; j++)
		len += sprintf(text + len, "%s{\"addresses\":[\"10.%d.%d.%d\"],\"conditions\":{\"ready\":true,\"serving\":true,\"terminating\":false},\"nodeName\":\"node-%d.example.org\",\"targetRef\":{\"kind\":\"Pod\",\"namespace\":\"team-%d\",\"name\":\"component-%d-7d9c5b8f6-%05d\",\"uid\":\"%08x-77aa-4c51-8d0e-1f6f0a5c2b77\"},\"zone\":\"zone-%d\"}",
			       j ? "," : "", 128 + j, i / 256 % 256, i % 256,
			       (i + j) % 500, i % 200, i, j, i, j % 3);
	len += sprintf(text + len, "],\"ports\":[{\"name\":\"http\",\"protocol\":\"TCP\",\"port\":8080}]}");
	return len;
}

static void feed(struct run *run, enum svclb_resource resource,
		 const char *text, int len)
{
	double began = cpu(), read, stored;
	json_t *json;

	json = json_loadb(text, (size_t)len, 0, NULL);
	if (!json)
		abort();
	read = cpu();
	run->feed.set(run->feed.data, resource, json);
	stored = cpu();
	json_decref(json);
	run->storing += stored - read;
	run->parsing += read - began + cpu() - stored;
	run->bytes += len;
}

static void begin(struct run *run)
{
	const struct svclb_proxying proxying = {
		.nl = run->nl,
		.translation = {
			.node = "node-1.example.org",
			.generation = 1,
			.notes = { .note = no_note },
		},
		.proxy = {
			.localhost_node_ports = -1,
			.masquerade_all = -1, .sched = -1,
		},
		.stats = &run->stats,
	};
	struct svclb_err err;

	if (svclb_proxier_create(&run->proxier, &proxying, &err))
		abort();
	svclb_proxier_feed(run->proxier, &run->feed);
}

static void list(struct run *run, enum svclb_resource resource, char *text)
{
	int i, len;

	run->feed.begin(run->feed.data, resource);
	for (i = 0; i < run->load->services; i++) {
		len = resource == SVCLB_RESOURCE_SERVICES ?
		      write_service(text, i) :
		      write_slice(text, i, run->load->endpoints);
		feed(run, resource, text, len);
	}
	run->feed.complete(run->feed.data, resource);
}

static bool measure(const struct load *load)
{
	struct run run = { .load = load };
	double began, passing, changing, total, memory;
	char *text = malloc(TEXT_MAX);
	struct svclb_err err;
	uint32_t requests;
	bool good;
	int len;

	peer.blind = true;
	peer.now = 1000;
	if (!text || svclb_nl_open(&run.nl, &err))
		abort();
	begin(&run);
	list(&run, SVCLB_RESOURCE_SERVICES, text);
	list(&run, SVCLB_RESOURCE_SLICES, text);
	run.feed.begin(run.feed.data, SVCLB_RESOURCE_NODE);
	run.feed.complete(run.feed.data, SVCLB_RESOURCE_NODE);
	began = cpu();
	peer_run(10);
	passing = cpu() - began;
	requests = peer.requests;
	len = write_slice(text, load->services / 2, load->endpoints + 1);
	memory = resident();
	began = cpu();
	feed(&run, SVCLB_RESOURCE_SLICES, text, len);
	peer_run(10);
	changing = cpu() - began;
	total = run.parsing + run.storing + passing;
	printf("%6d Services x %2d endpoints, %4.0f MB of JSON: %.2f s (reading JSON %.2f, storing %.2f, to the kernel %.2f), %.0f MB resident; a change %.2f ms, %u request\n",
	       load->services, load->endpoints, run.bytes / 1e6, total,
	       run.parsing, run.storing, passing, memory, changing * 1e3,
	       peer.requests - requests);
	good = (!load->seconds || total <= load->seconds) &&
	       (!load->megabytes || memory <= load->megabytes) &&
	       changing < 0.005 && peer.requests == requests + 1;
	svclb_proxier_free(run.proxier);
	svclb_nl_close(run.nl);
	peer_uninit();
	free(text);
	return good;
}

int main(void)
{
	bool good = true;
	size_t i;

	for (i = 0; i < sizeof(loads) / sizeof(*loads); i++) {
		good &= measure(&loads[i]);
		malloc_trim(0);
	}
	return !good;
}
