// SPDX-License-Identifier: GPL-2.0-only
/*
 * Whether an object that was told once more is still the same, as far as it
 * matters: most changes of objects are about what does not.
 */
#include <string.h>

#include "k8s.h"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static bool same_ip(const struct svclb_k8s_ip *a, const struct svclb_k8s_ip *b)
{
	return a->family == b->family &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

static bool same_ips(const struct svclb_k8s_ip *a, size_t nr_a,
		     const struct svclb_k8s_ip *b, size_t nr_b)
{
	size_t i;

	for (i = 0; nr_a == nr_b && i < nr_a; i++)
		if (!same_ip(&a[i], &b[i]))
			return false;
	return nr_a == nr_b;
}

static bool same_ports(const struct svclb_k8s_port *a, size_t nr_a,
		       const struct svclb_k8s_port *b, size_t nr_b)
{
	size_t i;

	for (i = 0; nr_a == nr_b && i < nr_a; i++)
		if (a[i].proto != b[i].proto || a[i].port != b[i].port ||
		    a[i].node_port != b[i].node_port ||
		    strcmp(a[i].name, b[i].name) != 0)
			return false;
	return nr_a == nr_b;
}

static bool same_ranges(const struct svclb_k8s_service *a,
			const struct svclb_k8s_service *b)
{
	size_t i;

	for (i = 0; a->nr_ranges == b->nr_ranges && i < a->nr_ranges; i++)
		if (!svclb_network_equal(&a->ranges[i], &b->ranges[i]))
			return false;
	return a->nr_ranges == b->nr_ranges;
}

static bool same_weights(const struct svclb_k8s_weights *a,
			 const struct svclb_k8s_weights *b)
{
	size_t i;

	for (i = 0; a->nr == b->nr && i < a->nr; i++)
		if (a->at[i].weight != b->at[i].weight ||
		    !same_ip(&a->at[i].ip, &b->at[i].ip))
			return false;
	return a->nr == b->nr;
}

/**
 * svclb_k8s_service_equal() - compare two Services
 * @a: one
 * @b: the other, of the same name
 *
 * Return: whether they are the same.
 */
bool svclb_k8s_service_equal(const struct svclb_k8s_service *a,
			     const struct svclb_k8s_service *b)
{
	return a->proxied == b->proxied &&
	       a->internal_local == b->internal_local &&
	       a->external_local == b->external_local &&
	       a->sched == b->sched && a->syn_failover == b->syn_failover &&
	       a->affinity == b->affinity && a->health_port == b->health_port &&
	       same_ips(a->cluster_ips, SVCLB_FAMILIES, b->cluster_ips,
			SVCLB_FAMILIES) &&
	       same_ports(a->ports, a->nr_ports, b->ports, b->nr_ports) &&
	       same_ips(a->external_ips, a->nr_external_ips, b->external_ips,
			b->nr_external_ips) &&
	       same_ips(a->lb_ips, a->nr_lb_ips, b->lb_ips, b->nr_lb_ips) &&
	       same_ranges(a, b) && same_weights(&a->weights, &b->weights);
}

static bool same_names(const struct svclb_k8s_names *a,
		       const struct svclb_k8s_names *b)
{
	size_t i;

	for (i = 0; a->nr == b->nr && i < a->nr; i++)
		if (strcmp(a->at[i], b->at[i]) != 0)
			return false;
	return a->nr == b->nr;
}

static bool same_endpoint(const struct svclb_k8s_endpoint *a,
			  const struct svclb_k8s_endpoint *b)
{
	return same_ip(&a->ip, &b->ip) && same_text(a->node, b->node) &&
	       a->ready == b->ready && a->serving == b->serving &&
	       a->terminating == b->terminating && a->weight == b->weight &&
	       same_names(&a->zones, &b->zones) &&
	       same_names(&a->nodes, &b->nodes);
}

/**
 * svclb_k8s_slice_equal() - compare two EndpointSlices
 * @a: one
 * @b: the other, of the same name
 *
 * Return: whether they are the same; when they changed makes no difference.
 */
bool svclb_k8s_slice_equal(const struct svclb_k8s_slice *a,
			   const struct svclb_k8s_slice *b)
{
	size_t i;

	if (a->proxied != b->proxied || a->family != b->family ||
	    a->nr_endpoints != b->nr_endpoints ||
	    !same_text(a->service, b->service) ||
	    !same_ports(a->ports, a->nr_ports, b->ports, b->nr_ports))
		return false;
	for (i = 0; i < a->nr_endpoints; i++)
		if (!same_endpoint(&a->endpoints[i], &b->endpoints[i]))
			return false;
	return true;
}
