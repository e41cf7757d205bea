/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_FLOW_H
#define _SVCLB_FLOW_H

#include <linux/jiffies.h>
#include <linux/percpu_counter.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/checksum.h>

#include "key.h"
#include "settings.h"

/**
 * enum svclb_direction - the two directions of a connection
 * @SVCLB_ORIGINAL: from the client
 * @SVCLB_REPLY:    from the backend
 */
enum svclb_direction {
	SVCLB_ORIGINAL,
	SVCLB_REPLY,
};

/**
 * struct svclb_way - a connection in one direction
 * @node:       in the buckets, of which there are two sets while the table
 *              changes its size; guarded by the lock of the hash's stripe
 * @tuple:      what its packets look like before they are translated; they are
 *              sent on as the other way's turned round. @tuple.iif is unused
 * @hash:       of @tuple
 * @direction:  enum svclb_direction
 * @fin:        TCP: a FIN was sent this way
 * @linked:     in which of the two sets of buckets it is, a bit each; guarded as
 *              @node
 * @moves:      SVCLB_MOVES_*: what translating changes
 * @addr_delta: what to add to a checksum for the addresses that change
 * @port_delta: what to add for the ports
 * @end:        TCP: sequence number behind the last byte that was sent this way
 * @ack:        TCP: the last acknowledgment that was sent this way
 *
 * @fin, @end and @ack are written by packets of this way, and read by those of
 * the other; a race of two packets costs at most the precision of the check of
 * resets. All else but @node and @linked never changes.
 */
struct svclb_way {
	struct hlist_node node[2];
	struct svclb_flow tuple;
	u32 hash;
	u8 direction;
	bool fin;
	u8 linked;
	u8 moves;
	__wsum addr_delta;
	__wsum port_delta;
	u32 end;
	u32 ack;
};

/* The destination, or the source, is another one behind the translation. */
#define SVCLB_MOVES_DST BIT(0)
#define SVCLB_MOVES_SRC BIT(1)

/**
 * struct svclb_conn - a connection that the direct datapath translates
 * @way:     by enum svclb_direction
 * @used:    jiffies when a packet came last, to about a second
 * @created: jiffies when it began
 * @state:   enum svclb_flow_state, which says how long it may be idle
 * @answered: the backend has answered
 * @failover: it may be moved while nobody has answered
 * @dead:    it was taken out of the table; guarded by the locks of both ways
 * @rcu:     frees it
 *
 * Found under RCU, freed after a grace period. It refers to no other object:
 * whoever wants to know its service and its backend looks up their addresses.
 */
struct svclb_conn {
	struct svclb_way way[2];
	u32 used;
	u32 created;
	u8 state;
	bool answered;
	bool failover;
	bool dead;
	struct rcu_head rcu;
};

#define SVCLB_FLOW_STRIPES 1024

/**
 * struct svclb_buckets - the buckets of a flow table
 * @rcu:   frees them
 * @mask:  how many there are, a power of two, less one
 * @set:   index in svclb_way.node
 * @heads: the buckets
 */
struct svclb_buckets {
	struct rcu_head rcu;
	u32 mask;
	u8 set;
	struct hlist_head heads[];
};

/**
 * struct svclb_flow_table - the connections of a namespace
 * @buckets:  where they are found, under RCU
 * @next:     buckets to come while the table changes its size, else NULL; seen
 *            by whoever holds a stripe that was filled
 * @stripes:  locks: a bucket is guarded by the one that has the low bits of its
 *            index. Those who need two take the one of the lower index first
 * @nr:       how many connections, about
 * @sizing:   a change of the size is asked for
 * @work:     takes away those whose time is over, and sees to the size
 * @settings: of the namespace: how long each state lasts
 */
struct svclb_flow_table {
	struct svclb_buckets __rcu *buckets;
	struct svclb_buckets *next;
	spinlock_t *stripes; /* one for so many buckets */
	struct percpu_counter nr;
	bool sizing;
	struct delayed_work work;
	struct svclb_settings __rcu **settings;
};

/**
 * svclb_flow_fn() - called for each connection
 * @conn: the connection, kept by RCU
 * @data: the caller's
 *
 * Return: whether it is to be deleted.
 */
typedef bool svclb_flow_fn(struct svclb_conn *conn, void *data);

struct svclb_flow_table *
svclb_flow_table_create(struct svclb_settings __rcu **settings);
void svclb_flow_table_free(struct svclb_flow_table *table);
struct svclb_conn *svclb_conn_alloc(const struct svclb_flow *original);
void svclb_conn_free(struct svclb_conn *conn);
void svclb_conn_aim(struct svclb_conn *conn, const struct svclb_flow *reply);
struct svclb_conn *svclb_flow_insert(struct svclb_flow_table *table,
				     struct svclb_conn *conn);
bool svclb_flow_remove(struct svclb_flow_table *table, struct svclb_conn *conn);
bool svclb_flow_make_room(struct svclb_flow_table *table, u32 hash);
void svclb_flow_walk(struct svclb_flow_table *table, svclb_flow_fn *fn,
		     void *data);
bool svclb_flow_walk_stripe(struct svclb_flow_table *table, u32 stripe,
			    svclb_flow_fn *fn, void *data);
u64 svclb_flow_memory(struct svclb_flow_table *table);

/**
 * svclb_conn_of() - the connection of a way
 * @way: the way
 *
 * Return: the connection.
 */
static inline struct svclb_conn *svclb_conn_of(const struct svclb_way *way)
{
	return container_of(way, struct svclb_conn, way[way->direction]);
}

/**
 * svclb_way_other() - the other way of the same connection
 * @way: one way
 *
 * Return: the other.
 */
static inline struct svclb_way *svclb_way_other(const struct svclb_way *way)
{
	return &svclb_conn_of(way)->way[!way->direction];
}

/**
 * svclb_tuple_hash() - hash a tuple for the table
 * @tuple: the tuple
 *
 * Others choose addresses and ports, so it is a keyed hash.
 *
 * Return: the hash.
 */
static inline u32 svclb_tuple_hash(const struct svclb_flow *tuple)
{
	if (tuple->family == NFPROTO_IPV4)
		return hsiphash_4u32((__force u32)tuple->src.ip,
				     (__force u32)tuple->dst.ip,
				     (u32)(__force u16)tuple->sport << 16 |
				     (__force u16)tuple->dport,
				     tuple->proto, &svclb_hash_keys.table);
	return hsiphash(tuple, SVCLB_FLOW_HASHED, &svclb_hash_keys.table);
}

/**
 * svclb_tuple_equal() - compare two tuples
 * @a: one
 * @b: the other
 *
 * Return: whether they are the same.
 */
static inline bool svclb_tuple_equal(const struct svclb_flow *a,
				     const struct svclb_flow *b)
{
	return a->src.ip == b->src.ip && a->dst.ip == b->dst.ip &&
	       a->sport == b->sport && a->dport == b->dport &&
	       a->proto == b->proto && a->family == b->family &&
	       (a->family == NFPROTO_IPV4 ||
		(nf_inet_addr_cmp(&a->src, &b->src) &&
		 nf_inet_addr_cmp(&a->dst, &b->dst)));
}

/**
 * svclb_tuple_turned() - a tuple the other way round
 * @tuple: the tuple
 *
 * Return: what is sent back to it.
 */
static inline struct svclb_flow
svclb_tuple_turned(const struct svclb_flow *tuple)
{
	return (struct svclb_flow){
		.src = tuple->dst,
		.dst = tuple->src,
		.sport = tuple->dport,
		.dport = tuple->sport,
		.proto = tuple->proto,
		.family = tuple->family,
	};
}

/**
 * svclb_addr_delta() - what another address does to a checksum
 * @family: NFPROTO_IPV4 or NFPROTO_IPV6
 * @from:   the address before
 * @to:     the address behind
 *
 * Return: what to add to a sum that has the one in order to have the other.
 */
static inline __wsum svclb_addr_delta(u8 family,
				      const union nf_inet_addr *from,
				      const union nf_inet_addr *to)
{
	unsigned int i, words = family == NFPROTO_IPV4 ? 1 : 4;
	__wsum delta = 0;

	for (i = 0; i < words; i++)
		delta = csum_add(csum_sub(delta, (__force __wsum)from->ip6[i]),
				 (__force __wsum)to->ip6[i]);
	return delta;
}

/**
 * svclb_way_at() - the way that a node belongs to
 * @node: the node
 * @set:  its index in svclb_way.node
 *
 * Return: the way.
 */
static inline struct svclb_way *svclb_way_at(struct hlist_node *node, u8 set)
{
	return container_of(node - set, struct svclb_way, node[0]);
}

/**
 * svclb_flow_find() - find a way by what its packets look like
 * @table: the table
 * @tuple: the packet
 * @hash:  of the tuple
 *
 * The caller is in an RCU section, which keeps it. Its time may be over.
 *
 * Return: the way, or NULL.
 */
static inline struct svclb_way *
svclb_flow_find(const struct svclb_flow_table *table,
		const struct svclb_flow *tuple, u32 hash)
{
	const struct svclb_buckets *buckets = rcu_dereference(table->buckets);
	struct hlist_node *node;
	struct svclb_way *way;

	node = rcu_dereference(hlist_first_rcu(&buckets->heads[hash &
							       buckets->mask]));
	for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
		way = svclb_way_at(node, buckets->set);
		if (svclb_tuple_equal(&way->tuple, tuple))
			return way;
	}
	return NULL;
}

/**
 * svclb_conn_is_over() - whether the time of a connection is over
 * @conn:     the connection
 * @settings: the settings of its namespace
 *
 * Return: whether it is: nobody may use it any more.
 */
static inline bool svclb_conn_is_over(const struct svclb_conn *conn,
				      const struct svclb_settings *settings)
{
	u32 idle = (u32)jiffies - READ_ONCE(conn->used);

	/* What another CPU noted just now may be of the future. */
	return (s32)idle >= 0 &&
	       idle >= settings->flow_timeouts[READ_ONCE(conn->state)];
}

#endif /* _SVCLB_FLOW_H */
