/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SERVICE_H
#define _SVCLB_SERVICE_H

#include <linux/idr.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/xarray.h>

#include "backend.h"
#include "key.h"
#include "sched.h"
#include "settings.h"

/**
 * struct svclb_tables - all services of a network namespace
 * @lock:       the configuration lock: whoever changes anything below, or in
 *              what it leads to, holds it; may sleep
 * @frontends:  struct svclb_frontend by key
 * @vips:       struct svclb_vip by address
 * @names:      struct svclb_service by name
 * @ids:        struct svclb_service by id
 * @last_id:    last id given to a service
 * @node_ports: bit for each port that a node-port frontend of any protocol and
 *              family has; NULL until there was one, then kept
 *
 * Packets read @frontends, @vips and @node_ports under RCU.
 */
struct svclb_tables {
	struct mutex lock; /* the configuration lock */
	struct rhashtable frontends;
	struct rhashtable vips;
	struct rhashtable names;
	struct xarray ids;
	u32 last_id;
	unsigned long __rcu *node_ports;
};

/**
 * struct svclb_service - one port of a service, of one protocol and family
 * @set:                 the backends, never NULL once inserted
 * @cursor:              of the round robin
 * @family:              NFPROTO_IPV4 or NFPROTO_IPV6
 * @proto:               IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @id:                  number, key of svclb_tables.ids
 * @frontend_indexes:    which svclb_frontend.index are in use
 * @nr_frontends:        length of @frontends
 * @last_backend_id:     last number given to a backend
 * @generation:          chosen by the user, for purging
 * @frontends:           struct svclb_frontend by @list
 * @retired_connections: what frontends that are gone had counted
 * @retired_rejected:    likewise
 * @name_node:           in svclb_tables.names
 * @rcu:                 frees it
 * @name:                name
 *
 * Packets reach it through a frontend and use @set and @cursor only. All else
 * is guarded by the configuration lock. Removed in two steps: its frontends
 * are unlinked, then all are freed after a grace period.
 */
struct svclb_service {
	struct svclb_backend_set __rcu *set;
	struct svclb_cursor cursor;
	u8 family;
	u8 proto;
	u32 id;
	struct ida frontend_indexes;
	u32 nr_frontends;
	u32 last_backend_id;
	u64 generation;
	struct list_head frontends;
	u64 retired_connections;
	u64 retired_rejected;
	struct rhash_head name_node;
	struct rcu_head rcu;
	char name[];
};

/**
 * struct svclb_vip - an address that some frontend owns
 * @node: in svclb_tables.vips
 * @key:  the address and its family, nothing else
 * @live: how many frontends that packets may use have the address; written
 *        under the configuration lock, as the next
 * @whole: how many of them are of kind vip: all of the address is a service's
 * @ref:  how many frontends refer to it; guarded by the configuration lock
 * @rcu:  frees it
 */
struct svclb_vip {
	struct rhash_head node;
	struct svclb_key key;
	u32 live;
	u32 whole;
	u32 ref;
	struct rcu_head rcu;
};

/**
 * struct svclb_frontend - a key that reaches a service
 * @node:        in svclb_tables.frontends
 * @key:         what packets are addressed to
 * @node_port:   it has no address
 * @index:       of its policy in svclb_terms.policies
 * @live:        whether packets may use it. Set with release semantics after
 *               the backend set that it belongs with was published, and
 *               cleared before one is published that it does not belong with
 * @whole:       whether it counts in svclb_vip.whole; guarded by the
 *               configuration lock
 * @wanted:      mark of the change in progress; guarded by the configuration
 *               lock
 * @service:     the service; freed no earlier than the frontend is unreachable
 * @vip:         the address, NULL for a node port
 * @connections: new connections sent to a backend
 * @rejected:    new connections refused since there was no backend
 * @list:        in svclb_service.frontends; once removed, wherever the owner
 *               collects it
 * @departed_next: once removed, next in a bucket of the sweep, see conntrack.c
 * @rcu:         frees it
 */
struct svclb_frontend {
	struct rhash_head node;
	struct svclb_key key;
	bool node_port;
	bool live;
	bool whole;
	bool wanted;
	u32 index;
	struct svclb_service *service;
	struct svclb_vip *vip;
	struct svclb_counter connections;
	struct svclb_counter rejected;
	struct list_head list;
	union {
		struct svclb_frontend *departed_next;
		struct rcu_head rcu;
	};
};

/**
 * enum svclb_match - what is known of a destination
 * @SVCLB_MATCH_NONE:     nothing: it is not ours
 * @SVCLB_MATCH_FRONTEND: a frontend has it
 * @SVCLB_MATCH_UNUSED:   a frontend of kind vip has the address, but none the
 *                        port, and the address is not the node's own
 * @SVCLB_MATCH_SHARED:   the same, but no frontend that has the address is of
 *                        kind vip: the rest of it may be anybody's
 * @SVCLB_MATCH_UNALLOCATED: a service network has the address, but no frontend
 */
enum svclb_match {
	SVCLB_MATCH_NONE,
	SVCLB_MATCH_FRONTEND,
	SVCLB_MATCH_UNUSED,
	SVCLB_MATCH_SHARED,
	SVCLB_MATCH_UNALLOCATED,
};

int svclb_tables_init(struct svclb_tables *tables);
void svclb_tables_uninit(struct svclb_tables *tables);
enum svclb_match svclb_tables_match(struct svclb_tables *tables,
				    const struct svclb_settings *settings,
				    struct net *net,
				    const struct svclb_key *key,
				    struct svclb_frontend **frontend);

struct svclb_service *svclb_service_create(const char *name, u8 family,
					   u8 proto);
int svclb_service_insert(struct svclb_tables *tables,
			 struct svclb_service *service);
void svclb_service_remove(struct svclb_tables *tables,
			  struct svclb_service *service);
void svclb_service_free(struct svclb_service *service);
void svclb_service_free_rcu(struct svclb_service *service);
struct svclb_service *svclb_service_by_name(struct svclb_tables *tables,
					    const char *name);
struct svclb_service *svclb_service_by_id(struct svclb_tables *tables, u32 id);
struct svclb_service *svclb_service_next(struct svclb_tables *tables, u32 id);
struct svclb_backend_set *
svclb_service_set(const struct svclb_tables *tables,
		  const struct svclb_service *service);

struct svclb_frontend *svclb_frontend_create(struct svclb_service *service,
					     bool node_port,
					     const struct svclb_key *key);
int svclb_frontend_insert(struct svclb_tables *tables,
			  struct svclb_frontend *frontend);
void svclb_frontend_set_live(struct svclb_tables *tables,
			     struct svclb_frontend *frontend, bool live);
void svclb_frontend_remove(struct svclb_tables *tables,
			   struct svclb_frontend *frontend);
void svclb_frontend_free(struct svclb_frontend *frontend);
void svclb_frontend_free_rcu(struct svclb_frontend *frontend);
struct svclb_frontend *svclb_frontend_by_key(struct svclb_tables *tables,
					     const struct svclb_key *key);

#endif /* _SVCLB_SERVICE_H */
