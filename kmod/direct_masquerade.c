// SPDX-License-Identifier: GPL-2.0-only
/*
 * Source addresses and ports of the direct datapath: as masquerade.c has it, with
 * the flow table instead of connection tracking. That knows nothing of the node's
 * own connections, so the ports that the kernel gives to those are left out as
 * well as the node ports, as long as enough others remain; and of the others none
 * is taken that a socket or a tracked connection has with the same backend.
 */
#include <linux/inetdevice.h>
#include <net/addrconf.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "conntrack.h"
#include "direct.h"
#include "resolve.h"

/* As many as the conntrack datapath tries. */
#define ATTEMPTS 128
/* With fewer ports than that, those of the node's own connections are used too. */
#define ENOUGH_PORTS 1024

/**
 * struct ports - the ports to choose from
 * @from: where each of two gaps begins, in ascending order
 * @to:   the port behind it
 * @nr:   how many ports are in none
 */
struct ports {
	u32 from[2];
	u32 to[2];
	u32 nr;
};

static u32 count_ports(const struct ports *ports)
{
	return SVCLB_LAST_SOURCE_PORT + 1 - SVCLB_FIRST_SOURCE_PORT -
	       (ports->to[0] - ports->from[0]) -
	       (ports->to[1] - ports->from[1]);
}

/* Gaps that overlap become one, and an empty one. */
static void find_ports(const struct svclb_net *sn, struct ports *ports)
{
	const struct svclb_settings *settings = rcu_dereference(sn->settings);
	const u32 first = SVCLB_FIRST_SOURCE_PORT;
	int low, high, a;

	inet_get_local_port_range(sn->net, &low, &high);
	a = settings->node_port_min > low;
	ports->from[a] = max_t(u32, settings->node_port_min, first);
	ports->to[a] = max_t(u32, settings->node_port_max + 1, first);
	ports->from[!a] = max_t(u32, low, first);
	ports->to[!a] = max_t(u32, high + 1, first);
	if (ports->from[1] < ports->to[0])
		ports->from[1] = ports->to[0];
	if (ports->to[1] < ports->from[1])
		ports->to[1] = ports->from[1];
	ports->nr = count_ports(ports);
	if (ports->nr >= ENOUGH_PORTS)
		return;
	*ports = (struct ports){
		.from = { max_t(u32, settings->node_port_min, first),
			  SVCLB_LAST_SOURCE_PORT + 1 },
		.to = { max_t(u32, settings->node_port_max + 1, first),
			SVCLB_LAST_SOURCE_PORT + 1 },
	};
	ports->nr = count_ports(ports);
}

static u16 nth_port(const struct ports *ports, u32 n)
{
	u32 port = SVCLB_FIRST_SOURCE_PORT + n % ports->nr;
	int i;

	for (i = 0; i < 2; i++)
		if (port >= ports->from[i])
			port += ports->to[i] - ports->from[i];
	return port;
}

static struct sock *find_socket4(struct net *net,
				 const struct svclb_flow *reply)
{
	if (reply->proto == IPPROTO_TCP)
		return __inet_lookup_established(net,
						 net->ipv4.tcp_death_row.hashinfo,
						 reply->src.ip, reply->sport,
						 reply->dst.ip,
						 ntohs(reply->dport), 0, 0);
	return NULL;
}

static struct sock *find_socket6(struct net *net,
				 const struct svclb_flow *reply)
{
#if IS_ENABLED(CONFIG_IPV6)
	if (reply->proto == IPPROTO_TCP)
		return __inet6_lookup_established(net,
						  net->ipv4.tcp_death_row.hashinfo,
						  &reply->src.in6, reply->sport,
						  &reply->dst.in6,
						  ntohs(reply->dport), 0, 0);
#endif
	return NULL;
}

/* UDP sockets are kept by RCU, those of TCP by a reference. */
static bool has_udp_socket(struct net *net, const struct svclb_flow *reply)
{
	if (reply->family == NFPROTO_IPV4)
		return __udp4_lib_lookup(net, reply->src.ip, reply->sport,
					 reply->dst.ip, reply->dport, 0, 0,
					 &udp_table, NULL);
#if IS_ENABLED(CONFIG_IPV6)
	return __udp6_lib_lookup(net, &reply->src.in6, reply->sport,
				 &reply->dst.in6, reply->dport, 0, 0,
				 &udp_table, NULL);
#else
	return false;
#endif
}

static bool has_socket(struct net *net, const struct svclb_flow *reply)
{
	struct sock *sk;

	if (reply->proto == IPPROTO_UDP)
		return has_udp_socket(net, reply);
	sk = reply->family == NFPROTO_IPV4 ? find_socket4(net, reply) :
					     find_socket6(net, reply);
	if (sk)
		sock_gen_put(sk);
	return sk;
}

/**
 * svclb_direct_other_port() - enter a connection with a source port of ours
 * @sn:    the namespace
 * @conn:  the connection
 * @reply: what replies look like, but for the port that they are for
 *
 * Return: as svclb_flow_insert().
 */
struct svclb_conn *svclb_direct_other_port(struct svclb_net *sn,
					   struct svclb_conn *conn,
					   struct svclb_flow *reply)
{
	u64 hash = svclb_flow_hash(&conn->way[SVCLB_ORIGINAL].tuple,
				   &svclb_hash_keys.masquerade);
	u32 start = hash, step = hash >> 32 | 1, i;
	struct svclb_conn *other;
	struct ports ports;

	find_ports(sn, &ports);
	for (i = 0; i < ATTEMPTS; i++) {
		reply->dport = htons(nth_port(&ports, start + i * step));
		if (has_socket(sn->net, reply) || svclb_conntrack_has(sn->net, reply))
			continue;
		svclb_conn_aim(conn, reply);
		other = svclb_flow_insert(sn->flows, conn);
		if (other != ERR_PTR(-EADDRINUSE))
			return other;
	}
	return ERR_PTR(-EADDRINUSE);
}

/* Return: whether it leaves the node; *@source is 0 if there is no address. */
static bool find_source4(struct net *net, const struct sk_buff *skb,
			 const union nf_inet_addr *backend,
			 union nf_inet_addr *source)
{
	struct flowi4 fl4 = {
		.daddr = backend->ip,
		.flowi4_mark = skb->mark,
		.flowi4_tos = RT_TOS(ip_hdr(skb)->tos),
	};
	struct rtable *rt = ip_route_output_key(net, &fl4);
	bool leaves;

	if (IS_ERR(rt))
		return true;
	leaves = !(rt->rt_flags & RTCF_LOCAL);
	if (leaves)
		source->ip = inet_select_addr(rt->dst.dev, backend->ip,
					      RT_SCOPE_UNIVERSE);
	ip_rt_put(rt);
	return leaves;
}

static bool find_source6(struct net *net, const struct sk_buff *skb,
			 const union nf_inet_addr *backend,
			 union nf_inet_addr *source)
{
	bool leaves = true;
#if IS_ENABLED(CONFIG_IPV6)
	struct flowi6 fl6 = {
		.daddr = backend->in6,
		.flowi6_mark = skb->mark,
	};
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);

	if (!dst->error) {
		leaves = !(dst->dev->flags & IFF_LOOPBACK);
		if (leaves && ipv6_dev_get_saddr(net, dst->dev, &backend->in6,
						 0, &source->in6))
			*source = (union nf_inet_addr){};
	}
	dst_release(dst);
#endif
	return leaves;
}

/**
 * svclb_direct_masquerade() - enter a connection with a source of this node
 * @sn:    the namespace
 * @skb:   its first packet
 * @conn:  the connection
 * @reply: what replies would look like if it were not masqueraded
 * @cause: for the cause of an error
 *
 * A connection to a backend that is the node itself keeps its source: the reply
 * comes by here in any case.
 *
 * Return: as svclb_flow_insert(), or another error.
 */
struct svclb_conn *svclb_direct_masquerade(struct svclb_net *sn,
					   struct sk_buff *skb,
					   struct svclb_conn *conn,
					   struct svclb_flow *reply,
					   enum svclb_cause *cause)
{
	union nf_inet_addr source = {};
	struct svclb_conn *other;
	bool leaves;

	leaves = reply->family == NFPROTO_IPV4 ?
		 find_source4(sn->net, skb, &reply->src, &source) :
		 find_source6(sn->net, skb, &reply->src, &source);
	*cause = SVCLB_DROPPED_NO_PORT;
	if (!leaves) {
		svclb_conn_aim(conn, reply);
		other = svclb_flow_insert(sn->flows, conn);
		return other == ERR_PTR(-EADDRINUSE) ?
		       svclb_direct_other_port(sn, conn, reply) : other;
	}
	if (nf_inet_addr_cmp(&source, &(union nf_inet_addr){})) {
		*cause = SVCLB_DROPPED_NO_ADDRESS;
		return ERR_PTR(-EADDRNOTAVAIL);
	}
	reply->dst = source;
	other = svclb_direct_other_port(sn, conn, reply);
	if (!other)
		svclb_count(sn, SVCLB_MASQUERADED);
	return other;
}
