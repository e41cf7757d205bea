// SPDX-License-Identifier: GPL-2.0-only
/*
 * From JSON to the objects of Kubernetes. What is null is taken for missing,
 * and so is what has the wrong type: an API server has checked its objects, and
 * one that is odd must not keep all others from being served.
 *
 * Decoding returns NULL for a lack of memory only, or for an object without a
 * name.
 */
#include "k8s.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "k8s_json.h"
#include "lib/text.h"

#define LABEL_HEADLESS "service.kubernetes.io/headless"
#define LABEL_PROXY "service.kubernetes.io/service-proxy-name"
#define LABEL_SERVICE "kubernetes.io/service-name"
#define LABEL_HOSTNAME "kubernetes.io/hostname"

/* Most ports of a Service or of a slice; an API server's slices have 100. */
#define PORTS_MAX 4096

/* What an API server puts in where no timeout is given. */
#define DEFAULT_AFFINITY 10800

/**
 * svclb_note() - say what was passed over
 * @notes:  where to
 * @format: one sentence, as for printf()
 */
void svclb_note(const struct svclb_notes *notes, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	notes->note(notes->data, text);
}

static bool get_bool(const json_t *json, const char *key, bool missing)
{
	const json_t *value = get(json, key);

	return json_is_boolean(value) ? json_is_true(value) : missing;
}

/* A port, or 0 if it is none. */
static uint16_t get_port(const json_t *json, const char *key)
{
	json_int_t value = json_integer_value(get(json, key));

	return value > 0 && value <= UINT16_MAX ? (uint16_t)value : 0;
}

/* Reads a number, however many zeros stand before it. */
static const char *get_decimal(const char *text, unsigned int max,
			       unsigned int *number)
{
	const char *at = text;

	for (*number = 0; *at >= '0' && *at <= '9'; at++) {
		*number = *number * 10 + (unsigned int)(*at - '0');
		if (*number > max)
			return NULL;
	}
	return at == text ? NULL : at;
}

static bool parse_ipv4(const char *text, uint8_t addr[16])
{
	unsigned int byte;
	int i;

	for (i = 0; i < 4; i++) {
		if (i && *text++ != '.')
			return false;
		text = get_decimal(text, 255, &byte);
		if (!text)
			return false;
		addr[i] = (uint8_t)byte;
	}
	return !*text;
}

/**
 * svclb_k8s_parse_ip() - read an address
 * @text: the text, or NULL
 * @ip:   for the address
 *
 * Zeros before a decimal number mean nothing, and an IPv4 address in IPv6 form
 * is the IPv4 address.
 *
 * Return: whether it is one.
 */
bool svclb_k8s_parse_ip(const char *text, struct svclb_k8s_ip *ip)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	*ip = (struct svclb_k8s_ip){ 0 };
	if (text && parse_ipv4(text, ip->addr)) {
		ip->family = AF_INET;
		return true;
	}
	memset(ip->addr, 0, sizeof(ip->addr));
	if (!text || inet_pton(AF_INET6, text, ip->addr) != 1)
		return false;
	ip->family = AF_INET6;
	if (!memcmp(ip->addr, mapped, sizeof(mapped))) {
		memcpy(ip->addr, ip->addr + 12, 4);
		memset(ip->addr + 4, 0, 12);
		ip->family = AF_INET;
	}
	return true;
}

/**
 * svclb_k8s_parse_network() - read a network
 * @text:    the text; blanks around it and bits behind the prefix mean nothing
 * @network: for the network
 *
 * Return: whether it is one.
 */
bool svclb_k8s_parse_network(const char *text, struct svclb_network *network)
{
	size_t len = strcspn(text += strspn(text, " \t\r\n"), " \t\r\n/"), i;
	const char *rest = text + len;
	struct svclb_k8s_ip ip;
	unsigned int bits, max;
	char copy[64];

	*network = (struct svclb_network){ 0 };
	if (*rest++ != '/' || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (!svclb_k8s_parse_ip(copy, &ip) ||
	    (ip.family == AF_INET && strchr(copy, ':')))
		return false;
	max = (unsigned int)svclb_family_length(ip.family) * 8;
	rest = get_decimal(rest, max, &bits);
	if (!rest || rest[strspn(rest, " \t\r\n")])
		return false;
	for (i = bits; i < sizeof(ip.addr) * 8; i++)
		ip.addr[i / 8] &= (uint8_t)~(0x80u >> i % 8);
	network->family = ip.family;
	network->length = (uint8_t)bits;
	memcpy(network->addr, ip.addr, sizeof(network->addr));
	return true;
}

static bool parse_protocol(const char *text, uint8_t *proto)
{
	*proto = IPPROTO_TCP;
	if (!text || !strcmp(text, "TCP"))
		return true;
	*proto = IPPROTO_UDP;
	if (!strcmp(text, "UDP"))
		return true;
	*proto = IPPROTO_SCTP;
	return !strcmp(text, "SCTP");
}

/*
 * Namespace and name, copied, since what is decoded outlives the JSON. An
 * object that was written by hand may lack the namespace.
 */
static bool get_names(const json_t *json, char **namespace, char **name)
{
	const json_t *metadata = get(json, "metadata");
	const char *text = get_text(metadata, "name");

	if (!text)
		return false;
	*name = strdup(text);
	text = get_text(metadata, "namespace");
	*namespace = strdup(text ? text : "default");
	return *name && *namespace;
}

/* Whether labels give an object to another proxy, or to none. */
static bool is_hidden(const json_t *json)
{
	const json_t *labels = get(get(json, "metadata"), "labels");

	return get(labels, LABEL_HEADLESS) || get(labels, LABEL_PROXY);
}

static bool is_none(const char *ip)
{
	return !ip || !*ip || !strcmp(ip, "None");
}

/* The list says which family has which cluster IP, where there is a list. */
static void get_cluster_ips(const json_t *spec,
			    struct svclb_k8s_service *service)
{
	const json_t *families = get(spec, "ipFamilies");
	const json_t *ips = get(spec, "clusterIPs"), *family;
	const char *text = get_text(spec, "clusterIP");
	struct svclb_k8s_ip ip;
	size_t i;

	if (!json_array_size(families) || !json_array_size(ips)) {
		if (svclb_k8s_parse_ip(text, &ip))
			service->cluster_ips[svclb_family_index(ip.family)] =
				ip;
		return;
	}
	json_array_foreach(families, i, family) {
		text = json_string_value(family);
		if (!svclb_k8s_parse_ip(json_string_value(json_array_get(ips, i)),
					&ip) || !text)
			continue;
		if (!strcmp(text, ip.family == AF_INET ? "IPv4" : "IPv6"))
			service->cluster_ips[svclb_family_index(ip.family)] =
				ip;
	}
}

/**
 * struct list - a list of addresses that is being decoded
 * @json:  the list
 * @key:   key of the address in each element; NULL if that is the address
 * @what:  what the addresses are
 */
struct list {
	const json_t *json;
	const char *key;
	const char *what;
};

static int get_ips(const struct list *list, struct svclb_k8s_ip **ips,
		   size_t *nr, const struct svclb_k8s_service *service,
		   const struct svclb_notes *notes)
{
	const json_t *element;
	const char *text;
	size_t i;

	if (!json_array_size(list->json))
		return 0;
	*ips = calloc(json_array_size(list->json), sizeof(**ips));
	if (!*ips)
		return -1;
	json_array_foreach(list->json, i, element) {
		text = json_string_value(list->key ? get(element, list->key) :
						     element);
		if (!text || !*text)
			continue;
		/* Packets for such an address go out to the balancer. */
		if (list->key && get_text(element, "ipMode") &&
		    !strcmp(get_text(element, "ipMode"), "Proxy"))
			continue;
		if (svclb_k8s_parse_ip(text, &(*ips)[*nr]))
			(*nr)++;
		else
			svclb_note(notes,
				   "service %s/%s: %s '%.80s' is passed over: not an address",
				   service->namespace, service->name,
				   list->what, text);
	}
	return 0;
}

static int get_ranges(const json_t *spec, struct svclb_k8s_service *service,
		      const struct svclb_notes *notes)
{
	const json_t *list = get(spec, "loadBalancerSourceRanges"), *element;
	const char *text;
	size_t i;

	if (!json_array_size(list))
		return 0;
	service->ranges = calloc(json_array_size(list),
				 sizeof(*service->ranges));
	if (!service->ranges)
		return -1;
	json_array_foreach(list, i, element) {
		text = json_string_value(element);
		if (!text)
			continue;
		if (svclb_k8s_parse_network(text,
					    &service->ranges[service->nr_ranges]))
			service->nr_ranges++;
		else
			svclb_note(notes,
				   "service %s/%s: source range '%.80s' is passed over: not a network",
				   service->namespace, service->name, text);
	}
	return 0;
}

/* Of a Service, or with @named of a slice, where a name must be there. */
/* Nobody means so many; who looks at each pair of them would take for ever. */
static int get_ports(const json_t *list, bool named,
		     struct svclb_k8s_port **ports, size_t *nr)
{
	size_t i, count = json_array_size(list);
	const json_t *element;
	const char *name;

	if (!count)
		return 0;
	if (count > PORTS_MAX)
		count = PORTS_MAX;
	*ports = calloc(count, sizeof(**ports));
	if (!*ports)
		return -1;
	for (i = 0; i < count; i++) {
		struct svclb_k8s_port *port = &(*ports)[*nr];

		element = json_array_get(list, i);
		name = get_text(element, "name");
		port->port = get_port(element, "port");
		port->node_port = get_port(element, "nodePort");
		if (!port->port || (named && !name) ||
		    !parse_protocol(get_text(element, "protocol"),
				    &port->proto))
			continue;
		port->name = strdup(name ? name : "");
		if (!port->name)
			return -1;
		(*nr)++;
	}
	return 0;
}

static void note_ports(const json_t *list, const char *what,
		       const char *namespace, const char *name,
		       const struct svclb_notes *notes)
{
	if (json_array_size(list) > PORTS_MAX)
		svclb_note(notes, "%s %s/%s: ports beyond the first %d are passed over",
			   what, namespace, name, PORTS_MAX);
}

/* The policy for outside needs an outside that the Service itself asks for. */
static bool is_external_local(const json_t *spec)
{
	if (!is_text(spec, "externalTrafficPolicy", "Local"))
		return false;
	return is_text(spec, "type", "LoadBalancer") ||
	       is_text(spec, "type", "NodePort") ||
	       json_array_size(get(spec, "externalIPs"));
}

static uint32_t get_affinity(const json_t *spec)
{
	const json_t *client, *seconds;
	json_int_t value;

	if (!is_text(spec, "sessionAffinity", "ClientIP"))
		return 0;
	client = get(get(spec, "sessionAffinityConfig"), "clientIP");
	seconds = get(client, "timeoutSeconds");
	value = json_is_integer(seconds) ? json_integer_value(seconds) :
					   DEFAULT_AFFINITY;
	if (value < 1)
		return 1;
	return value > SVCLB_AFFINITY_TIMEOUT_MAX ?
	       SVCLB_AFFINITY_TIMEOUT_MAX : (uint32_t)value;
}

/* From such a name it could not be told whose service it is. */
static bool is_odd(const char *namespace, const char *name)
{
	return strpbrk(namespace, "/:") || strpbrk(name, "/:");
}

static int get_service(const json_t *json, struct svclb_k8s_service *service,
		       const struct svclb_notes *notes)
{
	const json_t *spec = get(json, "spec");
	const struct list external = {
		get(spec, "externalIPs"), NULL, "external IP",
	};
	const struct list balancer = {
		get(get(get(json, "status"), "loadBalancer"), "ingress"),
		"ip", "address of the load balancer",
	};

	if (!get_names(json, &service->namespace, &service->name))
		return -1;
	if (is_hidden(json) || is_none(get_text(spec, "clusterIP")) ||
	    is_text(spec, "type", "ExternalName") ||
	    is_odd(service->namespace, service->name))
		return 0;
	service->proxied = true;
	service->internal_local = is_text(spec, "internalTrafficPolicy",
					  "Local");
	service->external_local = is_external_local(spec);
	service->affinity = get_affinity(spec);
	if (service->external_local && is_text(spec, "type", "LoadBalancer"))
		service->health_port = get_port(spec, "healthCheckNodePort");
	svclb_k8s_service_annotations(json, service, notes);
	get_cluster_ips(spec, service);
	note_ports(get(spec, "ports"), "service", service->namespace,
		   service->name, notes);
	if (get_ports(get(spec, "ports"), false, &service->ports,
		      &service->nr_ports) ||
	    get_ips(&external, &service->external_ips,
		    &service->nr_external_ips, service, notes) ||
	    get_ips(&balancer, &service->lb_ips, &service->nr_lb_ips, service,
		    notes))
		return -1;
	return get_ranges(spec, service, notes);
}

/**
 * svclb_k8s_service_decode() - decode a Service
 * @json:  the object
 * @notes: where to say what was passed over
 *
 * Return: the service, to be freed with svclb_k8s_service_free(); or NULL.
 */
struct svclb_k8s_service *
svclb_k8s_service_decode(const json_t *json, const struct svclb_notes *notes)
{
	struct svclb_k8s_service *service = calloc(1, sizeof(*service));

	if (service && !get_service(json, service, notes))
		return service;
	svclb_k8s_service_free(service);
	return NULL;
}

static void free_ports(struct svclb_k8s_port *ports, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		free(ports[i].name);
	free(ports);
}

/**
 * svclb_k8s_service_free() - free a Service
 * @service: the service, or NULL
 */
void svclb_k8s_service_free(struct svclb_k8s_service *service)
{
	if (!service)
		return;
	free_ports(service->ports, service->nr_ports);
	free(service->external_ips);
	free(service->lb_ips);
	free(service->ranges);
	free(service->weights.at);
	free(service->namespace);
	free(service->name);
	free(service);
}

/* Names in objects with the key "name". */
static int get_hints(const json_t *list, struct svclb_k8s_names *names)
{
	const json_t *element;
	const char *text;
	size_t i;

	if (!json_array_size(list))
		return 0;
	names->at = calloc(json_array_size(list), sizeof(char *));
	if (!names->at)
		return -1;
	json_array_foreach(list, i, element) {
		text = get_text(element, "name");
		if (!text)
			continue;
		names->at[names->nr] = strdup(text);
		if (!names->at[names->nr])
			return -1;
		names->nr++;
	}
	return 0;
}

/* Older API versions have the node among labels. */
static const char *get_node_name(const json_t *json)
{
	const char *name = get_text(json, "nodeName");

	return name ? name : get_text(get(json, "topology"), LABEL_HOSTNAME);
}

static int get_endpoint(const json_t *json, uint8_t family,
			struct svclb_k8s_endpoint *endpoint)
{
	const json_t *conditions = get(json, "conditions");
	const json_t *hints = get(json, "hints");
	const char *node = get_node_name(json);
	const json_t *first = json_array_get(get(json, "addresses"), 0);

	if (!svclb_k8s_parse_ip(json_string_value(first), &endpoint->ip) ||
	    endpoint->ip.family != family)
		endpoint->ip.family = 0;
	endpoint->ready = get_bool(conditions, "ready", true);
	endpoint->serving = get_bool(conditions, "serving", true);
	endpoint->terminating = get_bool(conditions, "terminating", false);
	endpoint->weight = SVCLB_K8S_NO_WEIGHT;
	if (node) {
		endpoint->node = strdup(node);
		if (!endpoint->node)
			return -1;
	}
	if (get_hints(get(hints, "forZones"), &endpoint->zones))
		return -1;
	return get_hints(get(hints, "forNodes"), &endpoint->nodes);
}

static int get_endpoints(const json_t *list, struct svclb_k8s_slice *slice)
{
	const json_t *element;
	size_t i;

	if (!json_array_size(list))
		return 0;
	slice->endpoints = calloc(json_array_size(list),
				  sizeof(*slice->endpoints));
	if (!slice->endpoints)
		return -1;
	slice->nr_endpoints = json_array_size(list);
	json_array_foreach(list, i, element)
		if (get_endpoint(element, slice->family, &slice->endpoints[i]))
			return -1;
	return 0;
}

static int get_slice(const json_t *json, struct svclb_k8s_slice *slice,
		     const struct svclb_notes *notes)
{
	const char *service;

	if (!get_names(json, &slice->namespace, &slice->name))
		return -1;
	service = get_text(get(get(json, "metadata"), "labels"), LABEL_SERVICE);
	if (service) {
		slice->service = strdup(service);
		if (!slice->service)
			return -1;
	}
	if (is_text(json, "addressType", "IPv4"))
		slice->family = AF_INET;
	else if (is_text(json, "addressType", "IPv6"))
		slice->family = AF_INET6;
	if (!slice->family || !slice->service || is_hidden(json))
		return 0;
	slice->proxied = true;
	note_ports(get(json, "ports"), "slice", slice->namespace, slice->name,
		   notes);
	if (get_ports(get(json, "ports"), true, &slice->ports,
		      &slice->nr_ports) ||
	    get_endpoints(get(json, "endpoints"), slice))
		return -1;
	svclb_k8s_slice_annotations(json, slice, notes);
	return 0;
}

/**
 * svclb_k8s_slice_decode() - decode an EndpointSlice
 * @json:  the object
 * @notes: where to say what was passed over
 *
 * Return: the slice, to be freed with svclb_k8s_slice_free(); or NULL.
 */
struct svclb_k8s_slice *svclb_k8s_slice_decode(const json_t *json,
					       const struct svclb_notes *notes)
{
	struct svclb_k8s_slice *slice = calloc(1, sizeof(*slice));

	if (slice && !get_slice(json, slice, notes)) {
		if (!slice->service)
			svclb_note(notes,
				   "endpoint slice %s/%s is passed over: it has no label %s",
				   slice->namespace, slice->name,
				   LABEL_SERVICE);
		return slice;
	}
	svclb_k8s_slice_free(slice);
	return NULL;
}

static void free_names(struct svclb_k8s_names *names)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		free(names->at[i]);
	free(names->at);
}

/**
 * svclb_k8s_slice_free() - free an EndpointSlice
 * @slice: the slice, or NULL
 */
void svclb_k8s_slice_free(struct svclb_k8s_slice *slice)
{
	size_t i;

	if (!slice)
		return;
	free_ports(slice->ports, slice->nr_ports);
	for (i = 0; i < slice->nr_endpoints; i++) {
		free(slice->endpoints[i].node);
		free_names(&slice->endpoints[i].zones);
		free_names(&slice->endpoints[i].nodes);
	}
	free(slice->endpoints);
	free(slice->namespace);
	free(slice->name);
	free(slice->service);
	free(slice);
}
