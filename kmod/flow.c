// SPDX-License-Identifier: GPL-2.0-only
/*
 * The flow table of the direct datapath. A connection is in it twice, as the
 * client's packets look when they come and as the backend's do, so that either
 * is found with one lookup, without a lock.
 *
 * Locks are striped: a stripe guards the buckets whose index has its number in the
 * low bits, and since there are never fewer buckets than stripes, the stripe of a
 * hash is the same however many buckets there are. That is what lets the table
 * change its size beside packets: new buckets are filled stripe by stripe, while
 * what comes and goes meanwhile is entered in both and taken out of both; readers
 * use the old ones until one pointer shows them the new ones. Each way has a node
 * for either, so no reader is ever led astray.
 */
#include "flow.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#define MIN_BUCKETS SVCLB_FLOW_STRIPES
#define MAX_BUCKETS BIT(24)
/* How often the whole table is looked through. */
#define INTERVAL (5 * HZ)
/* How many connections are considered when one has to go. */
#define CANDIDATES 32
/* In how many buckets they are looked for. */
#define CANDIDATE_BUCKETS 1024

static struct svclb_buckets *buckets_create(u32 nr, u8 set)
{
	struct svclb_buckets *buckets;

	buckets = kvzalloc(struct_size(buckets, heads, nr),
			   GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!buckets)
		return NULL;
	buckets->mask = nr - 1;
	buckets->set = set;
	return buckets;
}

static struct svclb_buckets *
current_buckets(const struct svclb_flow_table *table)
{
	/* Replaced by the work item alone, after every stripe was held once. */
	return rcu_dereference_protected(table->buckets, 1);
}

static u32 stripe_of(u32 hash)
{
	return hash % SVCLB_FLOW_STRIPES;
}

static void link(struct svclb_buckets *buckets, struct svclb_way *way)
{
	hlist_add_head_rcu(&way->node[buckets->set],
			   &buckets->heads[way->hash & buckets->mask]);
	way->linked |= BIT(buckets->set);
}

static void unlink(struct svclb_way *way)
{
	u8 set;

	for (set = 0; set < 2; set++)
		if (way->linked & BIT(set))
			hlist_del_rcu(&way->node[set]);
	way->linked = 0;
}

/* Of the two ways of a connection. Softirqs are off. */
static void lock_ways(struct svclb_flow_table *table,
		      const struct svclb_conn *conn)
	__acquires(stripe) __acquires(stripe)
{
	u32 a = stripe_of(conn->way[SVCLB_ORIGINAL].hash);
	u32 b = stripe_of(conn->way[SVCLB_REPLY].hash);

	spin_lock(&table->stripes[min(a, b)]);
	if (a != b)
		spin_lock_nested(&table->stripes[max(a, b)],
				 SINGLE_DEPTH_NESTING);
	else
		__acquire(stripe);
}

static void unlock_ways(struct svclb_flow_table *table,
			const struct svclb_conn *conn)
	__releases(stripe) __releases(stripe)
{
	u32 a = stripe_of(conn->way[SVCLB_ORIGINAL].hash);
	u32 b = stripe_of(conn->way[SVCLB_REPLY].hash);

	if (a != b)
		spin_unlock(&table->stripes[max(a, b)]);
	else
		__release(stripe);
	spin_unlock(&table->stripes[min(a, b)]);
}

static void way_init(struct svclb_way *way, u8 direction)
{
	way->direction = direction;
	way->linked = 0;
	way->fin = false;
	way->end = 0;
	way->ack = 0;
}

/**
 * svclb_conn_alloc() - make a connection
 * @original: what its client sends
 *
 * Does not sleep.
 *
 * Return: the connection, without a reply yet, or NULL when there is no memory.
 */
struct svclb_conn *svclb_conn_alloc(const struct svclb_flow *original)
{
	struct svclb_conn *conn;

	conn = kmalloc(sizeof(*conn), GFP_ATOMIC | __GFP_NOWARN);
	if (!conn)
		return NULL;
	way_init(&conn->way[SVCLB_ORIGINAL], SVCLB_ORIGINAL);
	way_init(&conn->way[SVCLB_REPLY], SVCLB_REPLY);
	conn->way[SVCLB_ORIGINAL].tuple = *original;
	conn->created = jiffies;
	conn->used = conn->created;
	conn->state = 0;
	conn->answered = false;
	conn->failover = false;
	conn->dead = false;
	return conn;
}

/**
 * svclb_conn_free() - free a connection that never was in a table
 * @conn: the connection
 */
void svclb_conn_free(struct svclb_conn *conn)
{
	kfree(conn);
}

static void free_rcu(struct rcu_head *rcu)
{
	kfree(container_of(rcu, struct svclb_conn, rcu));
}

static __wsum port_delta(__be16 from, __be16 to)
{
	return csum_add((__force __wsum)~(__force u32)from,
			(__force __wsum)(__force u32)to);
}

static void set_change(struct svclb_way *way, const struct svclb_flow *to)
{
	const struct svclb_flow *from = &way->tuple;

	way->moves = 0;
	if (from->dport != to->dport ||
	    !nf_inet_addr_cmp(&from->dst, &to->dst))
		way->moves |= SVCLB_MOVES_DST;
	if (from->sport != to->sport ||
	    !nf_inet_addr_cmp(&from->src, &to->src))
		way->moves |= SVCLB_MOVES_SRC;
	way->addr_delta = csum_add(svclb_addr_delta(from->family,
						    &from->src, &to->src),
				   svclb_addr_delta(from->family,
						    &from->dst, &to->dst));
	way->port_delta = csum_add(port_delta(from->sport, to->sport),
				   port_delta(from->dport, to->dport));
}

/**
 * svclb_conn_aim() - say what the replies to a connection look like
 * @conn:  a connection that is in no table
 * @reply: what its backend sends
 */
void svclb_conn_aim(struct svclb_conn *conn, const struct svclb_flow *reply)
{
	struct svclb_flow turned = svclb_tuple_turned(reply);

	conn->way[SVCLB_REPLY].tuple = *reply;
	set_change(&conn->way[SVCLB_ORIGINAL], &turned);
	turned = svclb_tuple_turned(&conn->way[SVCLB_ORIGINAL].tuple);
	set_change(&conn->way[SVCLB_REPLY], &turned);
	conn->way[SVCLB_REPLY].hash = svclb_tuple_hash(reply);
}

static struct svclb_way *find_locked(const struct svclb_flow_table *table,
				     const struct svclb_way *way)
{
	const struct svclb_buckets *buckets = current_buckets(table);
	struct hlist_node *node = buckets->heads[way->hash &
						 buckets->mask].first;

	for (; node; node = node->next)
		if (svclb_tuple_equal(&svclb_way_at(node, buckets->set)->tuple,
				      &way->tuple))
			return svclb_way_at(node, buckets->set);
	return NULL;
}

/* The caller holds the locks of both ways. */
static void remove_locked(struct svclb_flow_table *table,
			  struct svclb_conn *conn)
{
	unlink(&conn->way[SVCLB_ORIGINAL]);
	unlink(&conn->way[SVCLB_REPLY]);
	conn->dead = true;
	percpu_counter_dec(&table->nr);
	call_rcu(&conn->rcu, free_rcu);
}

static void link_both(struct svclb_flow_table *table, struct svclb_conn *conn)
{
	/* Pairs with resize(): if there are none any more, the current ones are new. */
	struct svclb_buckets *next = smp_load_acquire(&table->next);
	struct svclb_buckets *buckets = current_buckets(table);

	/* Who finds the one way must find the other. */
	link(buckets, &conn->way[SVCLB_REPLY]);
	link(buckets, &conn->way[SVCLB_ORIGINAL]);
	if (unlikely(next && next != buckets)) {
		link(next, &conn->way[SVCLB_REPLY]);
		link(next, &conn->way[SVCLB_ORIGINAL]);
	}
}

static void see_to_size(struct svclb_flow_table *table)
{
	if (likely(percpu_counter_read_positive(&table->nr) <=
		   rcu_dereference(table->buckets)->mask) ||
	    READ_ONCE(table->sizing))
		return;
	WRITE_ONCE(table->sizing, true);
	mod_delayed_work(system_unbound_wq, &table->work, 0);
}

/**
 * svclb_flow_insert() - enter a connection, unless it is there
 * @table: the table
 * @conn:  the connection, aimed, with both hashes
 *
 * Softirqs are off, and the caller is in an RCU section.
 *
 * Return: NULL if it was entered; the connection that has the same client and
 * destination already, which is to be used instead; or ERR_PTR(-EADDRINUSE) if
 * the replies could not be told from those to another one.
 */
struct svclb_conn *svclb_flow_insert(struct svclb_flow_table *table,
				     struct svclb_conn *conn)
{
	struct svclb_conn *other = NULL;
	struct svclb_way *way;

	lock_ways(table, conn);
	way = find_locked(table, &conn->way[SVCLB_ORIGINAL]);
	if (unlikely(way)) {
		/* What is sent here as an answer cannot be a question, too. */
		other = way->direction == SVCLB_ORIGINAL ?
			svclb_conn_of(way) : ERR_PTR(-EADDRINUSE);
	} else if (unlikely(find_locked(table, &conn->way[SVCLB_REPLY]))) {
		other = ERR_PTR(-EADDRINUSE);
	} else {
		link_both(table, conn);
	}
	unlock_ways(table, conn);
	if (!other) {
		percpu_counter_inc(&table->nr);
		see_to_size(table);
	}
	return other;
}

/**
 * svclb_flow_remove() - take a connection out of its table
 * @table: the table
 * @conn:  the connection, kept by RCU; freed after a grace period
 *
 * Return: whether it was in the table.
 */
bool svclb_flow_remove(struct svclb_flow_table *table, struct svclb_conn *conn)
{
	bool removed;

	local_bh_disable();
	lock_ways(table, conn);
	removed = !conn->dead;
	if (removed)
		remove_locked(table, conn);
	unlock_ways(table, conn);
	local_bh_enable();
	return removed;
}

/*
 * How much a connection would be missed: not at all when its time is over, little
 * while nobody has answered or when it was closed.
 */
static bool is_expendable(const struct svclb_conn *conn)
{
	switch (READ_ONCE(conn->state)) {
	case SVCLB_FLOW_STATE_TCP_SYN:
	case SVCLB_FLOW_STATE_TCP_CLOSED:
	case SVCLB_FLOW_STATE_UDP:
	case SVCLB_FLOW_STATE_SCTP_SETUP:
	case SVCLB_FLOW_STATE_SCTP_CLOSED:
		return true;
	default:
		return false;
	}
}

/**
 * svclb_flow_make_room() - remove a connection that is missed least
 * @table: the table
 * @hash:  where to begin the search
 *
 * Considers a few only. The caller is in an RCU section.
 *
 * Return: whether one was removed.
 */
bool svclb_flow_make_room(struct svclb_flow_table *table, u32 hash)
{
	const struct svclb_settings *settings =
		rcu_dereference(*table->settings);
	const struct svclb_buckets *buckets = rcu_dereference(table->buckets);
	struct svclb_conn *conn, *oldest = NULL;
	u32 seen = 0, now = jiffies, i;
	struct hlist_node *node;

	for (i = 0; i < CANDIDATE_BUCKETS && seen < CANDIDATES; i++) {
		node = rcu_dereference(hlist_first_rcu(&buckets->heads[(hash + i) &
								       buckets->mask]));
		for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
			conn = svclb_conn_of(svclb_way_at(node, buckets->set));
			seen++;
			if (svclb_conn_is_over(conn, settings))
				return svclb_flow_remove(table, conn);
			if (is_expendable(conn) &&
			    (!oldest || now - READ_ONCE(conn->used) >
					now - READ_ONCE(oldest->used)))
				oldest = conn;
		}
	}
	return oldest && svclb_flow_remove(table, oldest);
}

/**
 * svclb_flow_walk_stripe() - call a function for some of the connections
 * @table:  the table
 * @stripe: number of the stripe, less than SVCLB_FLOW_STRIPES
 * @fn:     what to call
 * @data:   for it
 *
 * Each connection is in one stripe, whatever the size of the table. The caller is
 * in an RCU section.
 *
 * Return: whether any was deleted.
 */
bool svclb_flow_walk_stripe(struct svclb_flow_table *table, u32 stripe,
			    svclb_flow_fn *fn, void *data)
{
	const struct svclb_buckets *buckets = rcu_dereference(table->buckets);
	struct hlist_node *node;
	struct svclb_way *way;
	bool deleted = false;
	u32 i;

	for (i = stripe; i <= buckets->mask; i += SVCLB_FLOW_STRIPES) {
		node = rcu_dereference(hlist_first_rcu(&buckets->heads[i]));
		for (; node; node = rcu_dereference(hlist_next_rcu(node))) {
			way = svclb_way_at(node, buckets->set);
			if (way->direction == SVCLB_ORIGINAL &&
			    fn(svclb_conn_of(way), data))
				deleted |= svclb_flow_remove(table,
							     svclb_conn_of(way));
		}
	}
	return deleted;
}

/**
 * svclb_flow_walk() - call a function for each connection
 * @table: the table, or NULL
 * @fn:    what to call, in an RCU section
 * @data:  for it
 *
 * What comes or goes meanwhile may be left out. May sleep.
 */
void svclb_flow_walk(struct svclb_flow_table *table, svclb_flow_fn *fn,
		     void *data)
{
	u32 stripe;

	for (stripe = 0; table && stripe < SVCLB_FLOW_STRIPES; stripe++) {
		rcu_read_lock();
		svclb_flow_walk_stripe(table, stripe, fn, data);
		rcu_read_unlock();
		cond_resched();
	}
}

/*
 * How many buckets there should be: one or two for a connection, which is half as
 * many as ways; fewer only when the table has become far too large.
 */
static u32 wanted_size(struct svclb_flow_table *table, u32 size)
{
	u64 nr = percpu_counter_sum_positive(&table->nr);
	u32 wanted = roundup_pow_of_two(clamp_t(u64, nr + nr / 2, MIN_BUCKETS,
						MAX_BUCKETS));

	return wanted > size || wanted < size / 8 ? wanted : size;
}

static void fill_stripe(struct svclb_flow_table *table, u32 stripe,
			struct svclb_buckets *from, struct svclb_buckets *to)
{
	struct hlist_node *node;
	struct svclb_way *way;
	u32 i;

	spin_lock_bh(&table->stripes[stripe]);
	for (i = stripe; i <= from->mask; i += SVCLB_FLOW_STRIPES) {
		for (node = from->heads[i].first; node; node = node->next) {
			way = svclb_way_at(node, from->set);
			if (!(way->linked & BIT(to->set)))
				link(to, way);
		}
	}
	spin_unlock_bh(&table->stripes[stripe]);
}

/* Nobody uses the old buckets any more: the nodes in them are free again. */
static void forget_stripe(struct svclb_flow_table *table, u32 stripe,
			  struct svclb_buckets *old)
{
	struct hlist_node *node;
	u32 i;

	spin_lock_bh(&table->stripes[stripe]);
	for (i = stripe; i <= old->mask; i += SVCLB_FLOW_STRIPES) {
		for (node = old->heads[i].first; node; node = node->next)
			svclb_way_at(node, old->set)->linked &= ~BIT(old->set);
		INIT_HLIST_HEAD(&old->heads[i]);
	}
	spin_unlock_bh(&table->stripes[stripe]);
}

/*
 * While @next is set, an insertion enters a way into both. It learns of @next
 * under the lock of its stripe: before the stripe is filled it may not, and the
 * way is linked here; after, it does. The same goes for the switch: whoever holds
 * a stripe has seen either the old buckets with the new ones beside them, or,
 * once both are the same, the new ones alone.
 */
static void resize(struct svclb_flow_table *table, u32 size)
{
	struct svclb_buckets *old = current_buckets(table), *new;
	u32 stripe;

	new = buckets_create(size, !old->set);
	if (!new)
		return;
	/* Pairs with link_both(), which must find them empty or filled in part. */
	smp_store_release(&table->next, new);
	for (stripe = 0; stripe < SVCLB_FLOW_STRIPES; stripe++) {
		fill_stripe(table, stripe, old, new);
		cond_resched();
	}
	rcu_assign_pointer(table->buckets, new);
	/* Pairs with link_both(). */
	smp_store_release(&table->next, NULL);
	/* Insertions that began before are over then, and readers as well. */
	synchronize_rcu();
	for (stripe = 0; stripe < SVCLB_FLOW_STRIPES; stripe++) {
		forget_stripe(table, stripe, old);
		cond_resched();
	}
	kvfree(old);
}

static bool is_over(struct svclb_conn *conn, void *data)
{
	const struct svclb_flow_table *table = data;

	return svclb_conn_is_over(conn, rcu_dereference(*table->settings));
}

static void maintain(struct work_struct *work)
{
	struct svclb_flow_table *table =
		container_of(to_delayed_work(work), struct svclb_flow_table,
			     work);
	u32 size;

	svclb_flow_walk(table, is_over, table);
	size = wanted_size(table, current_buckets(table)->mask + 1);
	if (size != current_buckets(table)->mask + 1)
		resize(table, size);
	WRITE_ONCE(table->sizing, false);
	queue_delayed_work(system_unbound_wq, &table->work, INTERVAL);
}

/**
 * svclb_flow_table_create() - make an empty table
 * @settings: of the namespace, never NULL
 *
 * May sleep.
 *
 * Return: the table, or NULL when there is no memory.
 */
struct svclb_flow_table *
svclb_flow_table_create(struct svclb_settings __rcu **settings)
{
	struct svclb_flow_table *table;
	struct svclb_buckets *buckets;
	u32 i;

	BUILD_BUG_ON(SVCLB_FLOW_STRIPES & (SVCLB_FLOW_STRIPES - 1));
	/* One more byte, and each would take twice as much. */
	BUILD_BUG_ON(!IS_ENABLED(CONFIG_DEBUG_SPINLOCK) &&
		     sizeof(struct svclb_conn) > 256);

	table = kzalloc(sizeof(*table), GFP_KERNEL_ACCOUNT);
	buckets = buckets_create(MIN_BUCKETS, 0);
	if (!table || !buckets)
		goto free;
	table->stripes = kvmalloc_array(SVCLB_FLOW_STRIPES,
					sizeof(*table->stripes),
					GFP_KERNEL_ACCOUNT);
	if (!table->stripes)
		goto free;
	if (percpu_counter_init(&table->nr, 0, GFP_KERNEL_ACCOUNT))
		goto free_stripes;
	for (i = 0; i < SVCLB_FLOW_STRIPES; i++)
		spin_lock_init(&table->stripes[i]);
	table->settings = settings;
	RCU_INIT_POINTER(table->buckets, buckets);
	INIT_DELAYED_WORK(&table->work, maintain);
	queue_delayed_work(system_unbound_wq, &table->work, INTERVAL);
	return table;

free_stripes:
	kvfree(table->stripes);
free:
	kvfree(buckets);
	kfree(table);
	return NULL;
}

static bool any(struct svclb_conn *conn, void *data)
{
	return true;
}

/**
 * svclb_flow_table_free() - free a table and all connections in it
 * @table: the table, which no packet reaches any more; may be NULL
 *
 * May sleep.
 */
void svclb_flow_table_free(struct svclb_flow_table *table)
{
	if (!table)
		return;
	cancel_delayed_work_sync(&table->work);
	svclb_flow_walk(table, any, NULL);
	WARN_ON_ONCE(percpu_counter_sum(&table->nr));
	percpu_counter_destroy(&table->nr);
	kvfree(table->stripes);
	kvfree(current_buckets(table));
	kfree(table);
}

/**
 * svclb_flow_memory() - how much memory a table takes
 * @table: the table
 *
 * Return: bytes, without what the allocators need for themselves.
 */
u64 svclb_flow_memory(struct svclb_flow_table *table)
{
	u64 bytes = sizeof(*table) +
		    SVCLB_FLOW_STRIPES * sizeof(*table->stripes);

	rcu_read_lock();
	bytes += struct_size(rcu_dereference(table->buckets), heads,
			     rcu_dereference(table->buckets)->mask + 1UL);
	rcu_read_unlock();
	return bytes + percpu_counter_read_positive(&table->nr) *
	       kmalloc_size_roundup(sizeof(struct svclb_conn));
}
