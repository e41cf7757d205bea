// SPDX-License-Identifier: GPL-2.0-only
#include "service.h"

#include <linux/inetdevice.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/route.h>

#define PORTS 65536

static u32 hash_key(const void *data, u32 len, u32 seed)
{
	return svclb_key_hash(data);
}

static int compare_frontend(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct svclb_frontend *frontend = obj;

	return !svclb_key_equal(arg->key, &frontend->key);
}

static const struct rhashtable_params frontend_params = {
	.head_offset = offsetof(struct svclb_frontend, node),
	.key_offset = offsetof(struct svclb_frontend, key),
	.key_len = sizeof(struct svclb_key),
	.hashfn = hash_key,
	.obj_cmpfn = compare_frontend,
	.automatic_shrinking = true,
};

static int compare_vip(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct svclb_vip *vip = obj;

	return !svclb_key_equal(arg->key, &vip->key);
}

static const struct rhashtable_params vip_params = {
	.head_offset = offsetof(struct svclb_vip, node),
	.key_offset = offsetof(struct svclb_vip, key),
	.key_len = sizeof(struct svclb_key),
	.hashfn = hash_key,
	.obj_cmpfn = compare_vip,
	.automatic_shrinking = true,
};

static u32 hash_name(const void *data, u32 len, u32 seed)
{
	return hsiphash(data, strlen(data), &svclb_hash_keys.table);
}

static u32 hash_service(const void *data, u32 len, u32 seed)
{
	const struct svclb_service *service = data;

	return hash_name(service->name, 0, seed);
}

static int compare_service(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct svclb_service *service = obj;

	return strcmp(arg->key, service->name);
}

static const struct rhashtable_params name_params = {
	.head_offset = offsetof(struct svclb_service, name_node),
	.hashfn = hash_name,
	.obj_hashfn = hash_service,
	.obj_cmpfn = compare_service,
	.automatic_shrinking = true,
};

/**
 * svclb_tables_init() - make empty tables
 * @tables: to be filled in
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_tables_init(struct svclb_tables *tables)
{
	int err;

	err = rhashtable_init(&tables->frontends, &frontend_params);
	if (err)
		return err;
	err = rhashtable_init(&tables->vips, &vip_params);
	if (err)
		goto free_frontends;
	err = rhashtable_init(&tables->names, &name_params);
	if (err)
		goto free_vips;
	mutex_init(&tables->lock);
	xa_init_flags(&tables->ids, XA_FLAGS_ALLOC1);
	return 0;

free_vips:
	rhashtable_destroy(&tables->vips);
free_frontends:
	rhashtable_destroy(&tables->frontends);
	return err;
}

/**
 * svclb_tables_uninit() - free tables
 * @tables: empty tables that no packet reaches any more
 *
 * May sleep.
 */
void svclb_tables_uninit(struct svclb_tables *tables)
{
	WARN_ON_ONCE(!xa_empty(&tables->ids));
	WARN_ON_ONCE(atomic_read(&tables->frontends.nelems));
	xa_destroy(&tables->ids);
	rhashtable_destroy(&tables->names);
	rhashtable_destroy(&tables->vips);
	rhashtable_destroy(&tables->frontends);
	bitmap_free(rcu_dereference_protected(tables->node_ports, 1));
	mutex_destroy(&tables->lock);
}

static bool is_node_address(struct net *net, const struct svclb_key *key)
{
	if (key->family == NFPROTO_IPV4)
		return !ipv4_is_loopback(key->addr.ip) &&
		       inet_addr_type(net, key->addr.ip) == RTN_LOCAL;
	return IS_ENABLED(CONFIG_IPV6) &&
	       !ipv6_addr_loopback(&key->addr.in6) &&
	       ipv6_chk_addr(net, &key->addr.in6, NULL, 0);
}

/* Whether node ports are open on an address. */
static bool has_node_ports(struct net *net,
			   const struct svclb_settings *settings,
			   const struct svclb_key *key)
{
	const enum svclb_network_list list = SVCLB_NODE_PORT_ADDRESSES;

	if (settings->has[list][svclb_family_index(key->family)] &&
	    !svclb_settings_have(settings, list, key->family, &key->addr))
		return false;
	if (key->family == NFPROTO_IPV4 && ipv4_is_loopback(key->addr.ip))
		return settings->node_port_loopback;
	return is_node_address(net, key);
}

/*
 * Most packets are not for a service, and few ports are node ports: the bitmap
 * sorts those out before the dearer questions are asked.
 */
static struct svclb_frontend *
match_node_port(struct svclb_tables *tables,
		const struct svclb_settings *settings, struct net *net,
		const struct svclb_key *key)
{
	struct svclb_key node_port = {
		.port = key->port, .proto = key->proto, .family = key->family,
	};
	const unsigned long *ports = rcu_dereference(tables->node_ports);
	struct svclb_frontend *frontend;

	if (!ports || !test_bit(ntohs(key->port), ports))
		return NULL;
	frontend = rhashtable_lookup(&tables->frontends, &node_port,
				     frontend_params);
	/* Pairs with svclb_frontend_set_live(): the right set is seen then. */
	if (!frontend || !smp_load_acquire(&frontend->live) ||
	    !has_node_ports(net, settings, key))
		return NULL;
	return frontend;
}

/**
 * svclb_tables_match() - find out whose a destination is
 * @tables:   the tables
 * @settings: the settings of the namespace
 * @net:      their network namespace
 * @key:      the destination
 * @frontend: for the frontend that has it
 *
 * The other ports of a VIP are unused, unless the VIP is an address of the node
 * as well: those may be anybody's, a remote shell's for one. The caller is in an
 * RCU section, which keeps what is found.
 *
 * Return: see enum svclb_match; *@frontend is set for SVCLB_MATCH_FRONTEND.
 */
enum svclb_match svclb_tables_match(struct svclb_tables *tables,
				    const struct svclb_settings *settings,
				    struct net *net,
				    const struct svclb_key *key,
				    struct svclb_frontend **frontend)
{
	struct svclb_key address = {
		.addr = key->addr, .family = key->family,
	};
	const struct svclb_vip *vip;

	vip = rhashtable_lookup(&tables->vips, &address, vip_params);
	if (vip && READ_ONCE(vip->live)) {
		*frontend = rhashtable_lookup(&tables->frontends, key,
					      frontend_params);
		/* Pairs with svclb_frontend_set_live(): the right set is seen. */
		if (*frontend && smp_load_acquire(&(*frontend)->live))
			return SVCLB_MATCH_FRONTEND;
		if (!is_node_address(net, key))
			return SVCLB_MATCH_UNUSED;
	}
	*frontend = match_node_port(tables, settings, net, key);
	if (*frontend)
		return SVCLB_MATCH_FRONTEND;
	return svclb_settings_have(settings, SVCLB_SERVICE_NETWORKS,
				   key->family, &key->addr) ?
	       SVCLB_MATCH_UNALLOCATED : SVCLB_MATCH_NONE;
}

/**
 * svclb_service_create() - make a service without frontends and backends
 * @name:   name
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto:  IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 *
 * May sleep.
 *
 * Return: the service, to be freed with svclb_service_free(), or NULL.
 */
struct svclb_service *svclb_service_create(const char *name, u8 family,
					   u8 proto)
{
	struct svclb_service *service;

	service = kzalloc(struct_size(service, name, strlen(name) + 1),
			  GFP_KERNEL_ACCOUNT);
	if (!service)
		return NULL;
	strcpy(service->name, name);
	service->family = family;
	service->proto = proto;
	ida_init(&service->frontend_indexes);
	INIT_LIST_HEAD(&service->frontends);
	svclb_cursor_init(&service->cursor);
	return service;
}

/**
 * svclb_service_insert() - enter a service into the tables by name and id
 * @tables:  the tables, locked
 * @service: the service; its name is not in the tables
 *
 * Return: 0 or -ENOMEM.
 */
int svclb_service_insert(struct svclb_tables *tables,
			 struct svclb_service *service)
{
	int err;

	lockdep_assert_held(&tables->lock);

	err = xa_alloc_cyclic(&tables->ids, &service->id, service, xa_limit_32b,
			      &tables->last_id, GFP_KERNEL_ACCOUNT);
	if (err < 0)
		return -ENOMEM;
	err = rhashtable_insert_fast(&tables->names, &service->name_node,
				     name_params);
	if (!err)
		return 0;
	xa_erase(&tables->ids, service->id);
	return -ENOMEM;
}

/**
 * svclb_service_remove() - take a service out of the tables
 * @tables:  the tables, locked
 * @service: a service whose frontends were removed; packets that found it
 *           through one may still hold it
 */
void svclb_service_remove(struct svclb_tables *tables,
			  struct svclb_service *service)
{
	lockdep_assert_held(&tables->lock);
	WARN_ON_ONCE(!list_empty(&service->frontends));

	rhashtable_remove_fast(&tables->names, &service->name_node,
			       name_params);
	xa_erase(&tables->ids, service->id);
}

/**
 * svclb_service_free() - free a service with its backends
 * @service: a service that no packet can reach; may be NULL
 */
void svclb_service_free(struct svclb_service *service)
{
	if (!service)
		return;
	svclb_backend_set_free(rcu_dereference_protected(service->set, 1));
	/* All frontends were removed before, and with an index goes its memory. */
	WARN_ON_ONCE(!ida_is_empty(&service->frontend_indexes));
	kfree(service);
}

static void free_service(struct rcu_head *rcu)
{
	svclb_service_free(container_of(rcu, struct svclb_service, rcu));
}

/**
 * svclb_service_free_rcu() - free a removed service after a grace period
 * @service: the service
 */
void svclb_service_free_rcu(struct svclb_service *service)
{
	call_rcu(&service->rcu, free_service);
}

/**
 * svclb_service_by_name() - find a service
 * @tables: the tables, locked
 * @name:   its name
 *
 * Return: the service, as long as the lock is held, or NULL.
 */
struct svclb_service *svclb_service_by_name(struct svclb_tables *tables,
					    const char *name)
{
	lockdep_assert_held(&tables->lock);

	return rhashtable_lookup_fast(&tables->names, name, name_params);
}

/**
 * svclb_service_by_id() - find a service
 * @tables: the tables, locked
 * @id:     its id
 *
 * Return: the service, as long as the lock is held, or NULL.
 */
struct svclb_service *svclb_service_by_id(struct svclb_tables *tables, u32 id)
{
	lockdep_assert_held(&tables->lock);

	return xa_load(&tables->ids, id);
}

/**
 * svclb_service_next() - walk the services by id
 * @tables: the tables, locked
 * @id:     lowest id wanted
 *
 * Return: the service with that id or the next higher one, as long as the
 * lock is held, or NULL.
 */
struct svclb_service *svclb_service_next(struct svclb_tables *tables, u32 id)
{
	unsigned long index = id;

	lockdep_assert_held(&tables->lock);

	return xa_find(&tables->ids, &index, U32_MAX, XA_PRESENT);
}

/**
 * svclb_service_set() - the backends of a service, for a writer
 * @tables:  the tables, locked
 * @service: the service
 *
 * Return: the set, as long as the lock is held and none is published.
 */
struct svclb_backend_set *
svclb_service_set(const struct svclb_tables *tables,
		  const struct svclb_service *service)
{
	return rcu_dereference_protected(service->set,
					 lockdep_is_held(&tables->lock));
}

/**
 * svclb_frontend_create() - make a frontend
 * @service:   its service
 * @node_port: whether it is a node port
 * @key:       its key
 *
 * May sleep.
 *
 * Return: the frontend, to be freed with svclb_frontend_free(), or NULL.
 */
struct svclb_frontend *svclb_frontend_create(struct svclb_service *service,
					     bool node_port,
					     const struct svclb_key *key)
{
	struct svclb_frontend *frontend;

	frontend = kzalloc(sizeof(*frontend), GFP_KERNEL_ACCOUNT);
	if (!frontend)
		return NULL;
	if (svclb_counter_init(&frontend->connections) ||
	    svclb_counter_init(&frontend->rejected)) {
		svclb_frontend_free(frontend);
		return NULL;
	}
	frontend->service = service;
	frontend->node_port = node_port;
	frontend->key = *key;
	return frontend;
}

static struct svclb_vip *get_vip(struct svclb_tables *tables,
				 const struct svclb_key *key)
{
	struct svclb_key address = {
		.addr = key->addr, .family = key->family,
	};
	struct svclb_vip *vip;

	vip = rhashtable_lookup_fast(&tables->vips, &address, vip_params);
	if (vip) {
		vip->ref++;
		return vip;
	}
	vip = kzalloc(sizeof(*vip), GFP_KERNEL_ACCOUNT);
	if (!vip)
		return NULL;
	vip->key = address;
	vip->ref = 1;
	if (!rhashtable_insert_fast(&tables->vips, &vip->node, vip_params))
		return vip;
	kfree(vip);
	return NULL;
}

static void put_vip(struct svclb_tables *tables, struct svclb_vip *vip)
{
	if (--vip->ref)
		return;
	rhashtable_remove_fast(&tables->vips, &vip->node, vip_params);
	kfree_rcu(vip, rcu);
}

static unsigned long *node_ports(struct svclb_tables *tables)
{
	return rcu_dereference_protected(tables->node_ports,
					 lockdep_is_held(&tables->lock));
}

static bool ensure_node_ports(struct svclb_tables *tables)
{
	unsigned long *ports = node_ports(tables);

	if (ports)
		return true;
	ports = bitmap_zalloc(PORTS, GFP_KERNEL_ACCOUNT);
	rcu_assign_pointer(tables->node_ports, ports);
	return ports;
}

/**
 * svclb_frontend_insert() - enter a frontend, not yet live
 * @tables:   the tables, locked
 * @frontend: the frontend; its key is not in the tables
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_frontend_insert(struct svclb_tables *tables,
			  struct svclb_frontend *frontend)
{
	struct svclb_service *service = frontend->service;
	int index;

	lockdep_assert_held(&tables->lock);

	index = ida_alloc(&service->frontend_indexes, GFP_KERNEL_ACCOUNT);
	if (index < 0)
		return -ENOMEM;
	frontend->index = index;
	if (frontend->node_port) {
		if (!ensure_node_ports(tables))
			goto free_index;
	} else {
		frontend->vip = get_vip(tables, &frontend->key);
		if (!frontend->vip)
			goto free_index;
	}
	if (!rhashtable_insert_fast(&tables->frontends, &frontend->node,
				    frontend_params)) {
		list_add_tail(&frontend->list, &service->frontends);
		service->nr_frontends++;
		return 0;
	}
	if (frontend->vip)
		put_vip(tables, frontend->vip);
	frontend->vip = NULL;
free_index:
	ida_free(&service->frontend_indexes, index);
	return -ENOMEM;
}

/* Another protocol or family may use the same number. */
static bool node_port_in_use(struct svclb_tables *tables, __be16 port)
{
	static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };
	static const u8 protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };
	struct svclb_frontend *frontend;
	int i;

	for (i = 0; i < 6; i++) {
		struct svclb_key key = {
			.port = port,
			.proto = protos[i / 2],
			.family = families[i % 2],
		};

		frontend = svclb_frontend_by_key(tables, &key);
		if (frontend && frontend->live)
			return true;
	}
	return false;
}

/**
 * svclb_frontend_set_live() - let packets use a frontend, or no longer
 * @tables:   the tables, locked
 * @frontend: an inserted frontend
 * @live:     whether packets may use it
 *
 * A packet that finds the frontend live also finds the backend set that was
 * published before this call.
 */
void svclb_frontend_set_live(struct svclb_tables *tables,
			     struct svclb_frontend *frontend, bool live)
{
	__be16 port = frontend->key.port;

	lockdep_assert_held(&tables->lock);

	if (frontend->live == live)
		return;
	/* Pairs with the acquire in svclb_tables_match(). */
	smp_store_release(&frontend->live, live);
	if (frontend->vip)
		WRITE_ONCE(frontend->vip->live,
			   frontend->vip->live + (live ? 1 : -1));
	else if (live)
		set_bit(ntohs(port), node_ports(tables));
	else if (!node_port_in_use(tables, port))
		clear_bit(ntohs(port), node_ports(tables));
}

/**
 * svclb_frontend_remove() - take a frontend out of the tables
 * @tables:   the tables, locked
 * @frontend: the frontend; packets that found it may still hold it
 */
void svclb_frontend_remove(struct svclb_tables *tables,
			   struct svclb_frontend *frontend)
{
	struct svclb_service *service = frontend->service;

	lockdep_assert_held(&tables->lock);

	svclb_frontend_set_live(tables, frontend, false);
	rhashtable_remove_fast(&tables->frontends, &frontend->node,
			       frontend_params);
	if (frontend->vip)
		put_vip(tables, frontend->vip);
	list_del(&frontend->list);
	ida_free(&service->frontend_indexes, frontend->index);
	service->nr_frontends--;
	service->retired_connections +=
		svclb_counter_read(&frontend->connections);
	service->retired_rejected += svclb_counter_read(&frontend->rejected);
}

/**
 * svclb_frontend_free() - free a frontend
 * @frontend: a frontend that no packet can reach; may be NULL
 */
void svclb_frontend_free(struct svclb_frontend *frontend)
{
	if (!frontend)
		return;
	svclb_counter_uninit(&frontend->connections);
	svclb_counter_uninit(&frontend->rejected);
	kfree(frontend);
}

static void free_frontend(struct rcu_head *rcu)
{
	svclb_frontend_free(container_of(rcu, struct svclb_frontend, rcu));
}

/**
 * svclb_frontend_free_rcu() - free a removed frontend after a grace period
 * @frontend: the frontend
 */
void svclb_frontend_free_rcu(struct svclb_frontend *frontend)
{
	call_rcu(&frontend->rcu, free_frontend);
}

/**
 * svclb_frontend_by_key() - find a frontend, live or not
 * @tables: the tables, locked
 * @key:    its key
 *
 * Return: the frontend, as long as the lock is held, or NULL.
 */
struct svclb_frontend *svclb_frontend_by_key(struct svclb_tables *tables,
					     const struct svclb_key *key)
{
	lockdep_assert_held(&tables->lock);

	return rhashtable_lookup_fast(&tables->frontends, key, frontend_params);
}
