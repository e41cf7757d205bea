// SPDX-License-Identifier: GPL-2.0-only
/*
 * From JSON to the Node of Kubernetes that this node is.
 */
#include <stdlib.h>

#include "k8s_json.h"

#define LABEL_ZONE "topology.kubernetes.io/zone"
#define TAINT_DELETING "ToBeDeletedByClusterAutoscaler"

static void get_ips(const json_t *json, struct svclb_k8s_node *node)
{
	const json_t *list = get(get(json, "status"), "addresses"), *element;
	struct svclb_k8s_ip ip, *to;
	size_t i;

	json_array_foreach(list, i, element) {
		if (!is_text(element, "type", "InternalIP") ||
		    !svclb_k8s_parse_ip(get_text(element, "address"), &ip))
			continue;
		to = &node->ips[svclb_family_index(ip.family)];
		if (!to->family)
			*to = ip;
	}
}

static void add_pod_cidr(const char *text, struct svclb_k8s_node *node)
{
	struct svclb_network network, *to;

	if (!text || !svclb_k8s_parse_network(text, &network))
		return;
	to = &node->pod_cidrs[svclb_family_index(network.family)];
	if (!to->family)
		*to = network;
}

static void get_pod_cidrs(const json_t *spec, struct svclb_k8s_node *node)
{
	const json_t *list = get(spec, "podCIDRs"), *element;
	size_t i;

	json_array_foreach(list, i, element)
		add_pod_cidr(json_string_value(element), node);
	add_pod_cidr(get_text(spec, "podCIDR"), node);
}

static bool is_tainted(const json_t *spec)
{
	const json_t *list = get(spec, "taints"), *element;
	size_t i;

	json_array_foreach(list, i, element)
		if (is_text(element, "key", TAINT_DELETING))
			return true;
	return false;
}

/**
 * svclb_k8s_node_decode() - decode a Node
 * @json: the object
 *
 * Return: the node, to be freed with svclb_k8s_node_free(); or NULL.
 */
struct svclb_k8s_node *svclb_k8s_node_decode(const json_t *json)
{
	const json_t *metadata = get(json, "metadata");
	const char *name = get_text(metadata, "name");
	const char *zone = get_text(get(metadata, "labels"), LABEL_ZONE);
	struct svclb_k8s_node *node = calloc(1, sizeof(*node));

	if (!node || !name)
		goto free_node;
	node->name = strdup(name);
	node->zone = zone ? strdup(zone) : NULL;
	if (!node->name || (zone && !node->zone))
		goto free_node;
	get_ips(json, node);
	get_pod_cidrs(get(json, "spec"), node);
	node->deleting = get_text(metadata, "deletionTimestamp") ||
			 is_tainted(get(json, "spec"));
	return node;

free_node:
	svclb_k8s_node_free(node);
	return NULL;
}

/**
 * svclb_k8s_node_free() - free a Node
 * @node: the node, or NULL
 */
void svclb_k8s_node_free(struct svclb_k8s_node *node)
{
	if (!node)
		return;
	free(node->name);
	free(node->zone);
	free(node);
}
