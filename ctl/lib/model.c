// SPDX-License-Identifier: GPL-2.0-only
#include "model.h"

#include <stdlib.h>
#include <string.h>

/* With fewer backends than this, looking at all of them is quickest. */
#define INDEX_MIN 8

/**
 * svclb_service_create() - make a service without members
 * @name:   name
 * @family: AF_INET or AF_INET6
 * @proto:  IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 *
 * Return: the service, to be freed with svclb_service_free(); or NULL when
 * there is no memory.
 */
struct svclb_service *svclb_service_create(const char *name, uint8_t family,
					   uint8_t proto)
{
	struct svclb_service *service = calloc(1, sizeof(*service));

	if (!service)
		return NULL;
	service->name = strdup(name);
	if (!service->name) {
		free(service);
		return NULL;
	}
	service->family = family;
	service->proto = proto;
	service->sched = SVCLB_SCHED_DEFAULT;
	return service;
}

/* An array of its own with the same content; *max becomes its size. */
static int copy_array(void **to, const void *from, uint32_t nr, size_t size,
		      uint32_t *max)
{
	*max = nr;
	*to = NULL;
	if (!nr)
		return 0;
	*to = malloc(nr * size);
	if (!*to)
		return -1;
	memcpy(*to, from, nr * size);
	return 0;
}

/**
 * svclb_service_copy() - copy a service with its members
 * @service: the service
 *
 * Return: the copy, or NULL when there is no memory.
 */
struct svclb_service *svclb_service_copy(const struct svclb_service *service)
{
	struct svclb_service *copy = malloc(sizeof(*copy));
	void *frontends, *backends, *ranges;

	if (!copy)
		return NULL;
	*copy = *service;
	copy->index = (struct svclb_map){ 0 };
	copy->name = strdup(service->name);
	if (copy_array(&frontends, service->frontends, service->nr_frontends,
		       sizeof(*service->frontends), &copy->max_frontends))
		frontends = NULL;
	if (copy_array(&backends, service->backends, service->nr_backends,
		       sizeof(*service->backends), &copy->max_backends))
		backends = NULL;
	if (copy_array(&ranges, service->ranges, service->nr_ranges,
		       sizeof(*service->ranges), &copy->max_ranges))
		ranges = NULL;
	copy->frontends = frontends;
	copy->backends = backends;
	copy->ranges = ranges;
	if (copy->name && (frontends || !service->nr_frontends) &&
	    (backends || !service->nr_backends) &&
	    (ranges || !service->nr_ranges))
		return copy;
	svclb_service_free(copy);
	return NULL;
}

/**
 * svclb_service_free() - free a service with its members
 * @service: the service, or NULL
 */
void svclb_service_free(struct svclb_service *service)
{
	if (!service)
		return;
	svclb_map_uninit(&service->index);
	free(service->frontends);
	free(service->backends);
	free(service->ranges);
	free(service->name);
	free(service);
}

/* Makes room for one more; at first for as many as most services have. */
static int reserve(void **array, uint32_t nr, uint32_t *max, size_t size,
		   uint32_t first)
{
	uint32_t room = *max ? *max * 2 : first;
	void *bigger;

	if (nr < *max)
		return 0;
	bigger = realloc(*array, room * size);
	if (!bigger)
		return -1;
	*array = bigger;
	*max = room;
	return 0;
}

/**
 * svclb_service_add_frontend() - add a frontend
 * @service:  the service, in no configuration; it does not have the frontend
 * @frontend: the frontend
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_service_add_frontend(struct svclb_service *service,
			       const struct svclb_frontend *frontend)
{
	void *array = service->frontends;

	if (reserve(&array, service->nr_frontends, &service->max_frontends,
		    sizeof(*frontend), 1))
		return -1;
	service->frontends = array;
	service->frontends[service->nr_frontends++] = *frontend;
	return 0;
}

/**
 * svclb_service_find_frontend() - find a frontend by its key
 * @service: the service
 * @key:     the key
 *
 * Return: the frontend, or NULL.
 */
struct svclb_frontend *
svclb_service_find_frontend(const struct svclb_service *service,
			    const struct svclb_key *key)
{
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		if (svclb_key_equal(&service->frontends[i].key, key))
			return &service->frontends[i];
	return NULL;
}

/**
 * svclb_service_del_frontend() - remove a frontend
 * @service:  the service, in no configuration
 * @frontend: one of its frontends
 */
void svclb_service_del_frontend(struct svclb_service *service,
				struct svclb_frontend *frontend)
{
	*frontend = service->frontends[--service->nr_frontends];
}

static uint32_t hash_backend(const uint8_t addr[16], uint16_t port)
{
	uint8_t bytes[18];

	memcpy(bytes, addr, 16);
	memcpy(bytes + 16, &port, sizeof(port));
	return svclb_hash(bytes, sizeof(bytes));
}

static int index_backend(struct svclb_service *service, uint32_t i)
{
	const struct svclb_backend *backend = &service->backends[i];

	return svclb_map_add(&service->index,
			     hash_backend(backend->addr, backend->port), i);
}

/* Without memory for it, there is no index, and finding is slow. */
static void make_index(struct svclb_service *service)
{
	uint32_t i;

	for (i = 0; i < service->nr_backends; i++) {
		if (!index_backend(service, i))
			continue;
		svclb_map_uninit(&service->index);
		return;
	}
}

/**
 * svclb_service_add_backend() - add a backend
 * @service: the service; it does not have the backend
 * @backend: the backend
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_service_add_backend(struct svclb_service *service,
			      const struct svclb_backend *backend)
{
	void *array = service->backends;

	if (reserve(&array, service->nr_backends, &service->max_backends,
		    sizeof(*backend), 4))
		return -1;
	service->backends = array;
	service->backends[service->nr_backends++] = *backend;
	if (service->index.used && index_backend(service, service->nr_backends - 1))
		svclb_map_uninit(&service->index);
	return 0;
}

static bool is_backend(const struct svclb_backend *backend,
		       const uint8_t addr[16], uint16_t port)
{
	return backend->port == port && !memcmp(backend->addr, addr, 16);
}

/**
 * svclb_service_find_backend() - find a backend by address and port
 * @service: the service; only its index is changed
 * @addr:    the address
 * @port:    the port
 *
 * Return: the backend, or NULL.
 */
struct svclb_backend *svclb_service_find_backend(struct svclb_service *service,
						 const uint8_t addr[16],
						 uint16_t port)
{
	struct svclb_map_iter iter;
	uint32_t i;

	if (service->nr_backends >= INDEX_MIN && !service->index.used)
		make_index(service);
	if (!service->index.used) {
		for (i = 0; i < service->nr_backends; i++)
			if (is_backend(&service->backends[i], addr, port))
				return &service->backends[i];
		return NULL;
	}
	svclb_map_find(&service->index, hash_backend(addr, port), &iter);
	while (svclb_map_next(&service->index, &iter))
		if (is_backend(&service->backends[iter.value], addr, port))
			return &service->backends[iter.value];
	return NULL;
}

/**
 * svclb_service_del_backend() - remove a backend
 * @service: the service
 * @backend: one of its backends
 */
void svclb_service_del_backend(struct svclb_service *service,
			       struct svclb_backend *backend)
{
	uint32_t i = backend - service->backends;
	uint32_t last = --service->nr_backends;
	struct svclb_backend *moved = &service->backends[last];

	if (service->index.used) {
		svclb_map_del(&service->index,
			      hash_backend(backend->addr, backend->port), i);
		svclb_map_del(&service->index,
			      hash_backend(moved->addr, moved->port), last);
	}
	*backend = *moved;
	if (service->index.used && i != last && index_backend(service, i))
		svclb_map_uninit(&service->index);
}

/**
 * svclb_service_add_range() - add a source range
 * @service: the service
 * @range:   the range; svclb_service_sort_ranges() is to follow
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_service_add_range(struct svclb_service *service,
			    const struct svclb_network *range)
{
	void *array = service->ranges;

	if (reserve(&array, service->nr_ranges, &service->max_ranges,
		    sizeof(*range), 4))
		return -1;
	service->ranges = array;
	service->ranges[service->nr_ranges++] = *range;
	return 0;
}

/**
 * svclb_service_set_ranges() - replace all source ranges
 * @service: the service
 * @from:    the service whose ranges it gets
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_service_set_ranges(struct svclb_service *service,
			     const struct svclb_service *from)
{
	void *ranges;

	if (copy_array(&ranges, from->ranges, from->nr_ranges,
		       sizeof(*from->ranges), &service->max_ranges))
		return -1;
	free(service->ranges);
	service->ranges = ranges;
	service->nr_ranges = from->nr_ranges;
	return 0;
}

static int compare_networks(const void *a, const void *b)
{
	const struct svclb_network *x = a, *y = b;
	int diff = (int)x->family - (int)y->family;

	if (!diff)
		diff = memcmp(x->addr, y->addr, sizeof(x->addr));
	return diff ? diff : (int)x->length - (int)y->length;
}

/**
 * svclb_service_sort_ranges() - bring the source ranges into order
 * @service: the service
 *
 * Each is there once then. Two services have the same ranges if these are equal
 * one by one.
 */
void svclb_service_sort_ranges(struct svclb_service *service)
{
	struct svclb_network *ranges = service->ranges;
	uint32_t i, kept = 1;

	if (service->nr_ranges < 2)
		return;
	qsort(ranges, service->nr_ranges, sizeof(*ranges), compare_networks);
	for (i = 1; i < service->nr_ranges; i++)
		if (!svclb_network_equal(&ranges[kept - 1], &ranges[i]))
			ranges[kept++] = ranges[i];
	service->nr_ranges = kept;
}

/* The order of kinds: from inside the cluster to outside. */
static int rank(uint8_t kind)
{
	return kind == SVCLB_FRONTEND_KIND_NODE_PORT ? UINT8_MAX : kind;
}

static int compare_frontends(const void *a, const void *b)
{
	const struct svclb_frontend *x = a, *y = b;
	int diff = rank(x->kind) - rank(y->kind);

	if (!diff)
		diff = memcmp(x->key.addr, y->key.addr, sizeof(x->key.addr));
	return diff ? diff : (int)x->key.port - (int)y->key.port;
}

static int compare_backends(const void *a, const void *b)
{
	const struct svclb_backend *x = a, *y = b;
	int diff = memcmp(x->addr, y->addr, sizeof(x->addr));

	return diff ? diff : (int)x->port - (int)y->port;
}

/**
 * svclb_service_sort() - bring the members into the order they are shown in
 * @service: the service
 *
 * VIPs come first and node ports last, then everything goes by address and
 * port.
 */
void svclb_service_sort(struct svclb_service *service)
{
	svclb_map_uninit(&service->index);
	if (service->nr_frontends > 1)
		qsort(service->frontends, service->nr_frontends,
		      sizeof(*service->frontends), compare_frontends);
	if (service->nr_backends > 1)
		qsort(service->backends, service->nr_backends,
		      sizeof(*service->backends), compare_backends);
	svclb_service_sort_ranges(service);
}

/**
 * svclb_service_first_address() - the address after which a service is named
 * @service: the service
 *
 * Return: the first VIP, or else the first frontend with an address; NULL if
 * it has none.
 */
const struct svclb_frontend *
svclb_service_first_address(const struct svclb_service *service)
{
	const struct svclb_frontend *frontend, *found = NULL;
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++) {
		frontend = &service->frontends[i];
		if (frontend->kind == SVCLB_FRONTEND_KIND_VIP)
			return frontend;
		if (!found && !frontend->key.node_port)
			found = frontend;
	}
	return found;
}

/**
 * svclb_service_restricts() - whether a service's source ranges apply to a
 *                             frontend about which nothing was said
 * @service:  the service
 * @frontend: the frontend
 *
 * They are for the load balancer's addresses, and where there are none, for
 * the VIPs.
 *
 * Return: whether they do.
 */
bool svclb_service_restricts(const struct svclb_service *service,
			     const struct svclb_frontend *frontend)
{
	uint32_t i;

	if (!service->nr_ranges)
		return false;
	if (frontend->kind != SVCLB_FRONTEND_KIND_VIP)
		return frontend->kind == SVCLB_FRONTEND_KIND_LOAD_BALANCER;
	for (i = 0; i < service->nr_frontends; i++)
		if (service->frontends[i].kind ==
		    SVCLB_FRONTEND_KIND_LOAD_BALANCER)
			return false;
	return true;
}

/**
 * svclb_key_equal() - compare two keys
 * @a: one
 * @b: the other
 *
 * Return: whether they are the same.
 */
bool svclb_key_equal(const struct svclb_key *a, const struct svclb_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/**
 * svclb_frontend_equal() - compare two frontends of one key
 * @a: one
 * @b: the other
 *
 * Return: whether they are of the same kind and do the same.
 */
bool svclb_frontend_equal(const struct svclb_frontend *a,
			  const struct svclb_frontend *b)
{
	return a->kind == b->kind && a->policy == b->policy &&
	       a->restricted == b->restricted;
}

/**
 * svclb_network_equal() - compare two networks
 * @a: one
 * @b: the other
 *
 * Return: whether they are the same.
 */
bool svclb_network_equal(const struct svclb_network *a,
			 const struct svclb_network *b)
{
	return a->family == b->family && a->length == b->length &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr));
}

/**
 * svclb_network_has() - whether an address is in a network
 * @network: the network
 * @family:  AF_INET or AF_INET6
 * @addr:    the address
 *
 * Return: whether it is.
 */
bool svclb_network_has(const struct svclb_network *network, uint8_t family,
		       const uint8_t addr[16])
{
	unsigned int bytes = network->length / 8, bits = network->length % 8;

	if (network->family != family || memcmp(network->addr, addr, bytes) != 0)
		return false;
	return !bits || !((network->addr[bytes] ^ addr[bytes]) >> (8 - bits));
}
