// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kube-proxy has in nf_tables: tables of its own in mode nftables, and chains
 * in those of iptables-nft.
 */
#include "nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>
#include <sys/socket.h>

#include "leftover_names.h"
#include "netlink.h"

#define TABLE "kube-proxy"

static const uint8_t families[SVCLB_FAMILIES] = { NFPROTO_IPV4, NFPROTO_IPV6 };

static const char *text_of(struct nlmsghdr *reply, int attribute)
{
	struct nlattr *name;

	name = nlmsg_find_attr(reply, sizeof(struct nfgenmsg), attribute);
	if (!name || !nla_len(name) ||
	    !memchr(nla_data(name), '\0', nla_len(name)))
		return NULL;
	return nla_data(name);
}

/* Which family a reply is about, or -1 if it does not matter. */
static int family_of(struct nlmsghdr *reply)
{
	const struct nfgenmsg *header;
	int i;

	if (!nlmsg_valid_hdr(reply, sizeof(*header)))
		return -1;
	header = nlmsg_data(reply);
	for (i = 0; i < SVCLB_FAMILIES; i++)
		if (header->nfgen_family == families[i])
			return i;
	return -1;
}

static void find_table(struct svclb_nft *nft, struct nlmsghdr *reply)
{
	int family = family_of(reply);
	const char *name;

	if (family < 0)
		return;
	name = text_of(reply, NFTA_TABLE_NAME);
	if (name && !strcmp(name, TABLE))
		nft->tables[family] = true;
}

static void find_chain(struct svclb_nft *nft, struct nlmsghdr *reply)
{
	int family = family_of(reply), i;
	const char *table, *name;

	if (family < 0)
		return;
	table = text_of(reply, NFTA_CHAIN_TABLE);
	name = text_of(reply, NFTA_CHAIN_NAME);
	if (!table || !name ||
	    !svclb_leftover_chain(table, name, strlen(name)))
		return;
	for (i = 0; i < SVCLB_IPTABLES_TABLES; i++)
		if (!strcmp(table, svclb_iptables_tables[i]))
			nft->iptables[family][i] = true;
}

static int dump(struct svclb_netlink *nl, uint8_t type,
		struct svclb_replies *replies)
{
	struct nl_msg *msg = svclb_netlink_nfnl(NFNL_SUBSYS_NFTABLES, type,
						AF_UNSPEC, 0);
	int result;

	if (!msg)
		return -ENOMEM;
	result = svclb_netlink_dump(nl, msg, replies);
	nlmsg_free(msg);
	return result;
}

/**
 * svclb_nft_find() - find out what nf_tables has of kube-proxy
 * @nft: for the answer
 * @err: for errors
 *
 * Return: 0 or -1.
 */
int svclb_nft_find(struct svclb_nft *nft, struct svclb_err *err)
{
	struct svclb_replies replies = { 0 };
	struct svclb_netlink nl;
	struct nlmsghdr *reply = NULL;
	int result;

	*nft = (struct svclb_nft){ 0 };
	result = svclb_netlink_open(&nl, NETLINK_NETFILTER, err);
	if (result) {
		svclb_netlink_close(&nl);
		return result < 0 ? -1 : 0;
	}
	result = dump(&nl, NFT_MSG_GETTABLE, &replies);
	if (!result) {
		while ((reply = svclb_replies_next(&replies, reply)))
			find_table(nft, reply);
		result = dump(&nl, NFT_MSG_GETCHAIN, &replies);
	}
	if (!result)
		while ((reply = svclb_replies_next(&replies, reply)))
			find_chain(nft, reply);
	svclb_replies_uninit(&replies);
	svclb_netlink_close(&nl);
	/* A kernel without nf_tables. */
	if (!result || result == -EINVAL || result == -EOPNOTSUPP)
		return 0;
	return svclb_err_system(err, "nf_tables", -result);
}

static struct nl_msg *batch(uint8_t type)
{
	const struct nfgenmsg header = {
		.version = NFNETLINK_V0,
		.res_id = htons(NFNL_SUBSYS_NFTABLES),
	};
	struct nl_msg *msg = nlmsg_alloc_simple(type, 0);

	if (msg && nlmsg_append(msg, (void *)&header, sizeof(header),
				NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static struct nl_msg *delete_table(uint8_t family)
{
	struct nl_msg *msg = svclb_netlink_nfnl(NFNL_SUBSYS_NFTABLES,
						NFT_MSG_DELTABLE, family, 0);

	if (msg && nla_put_string(msg, NFTA_TABLE_NAME, TABLE)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int send_batch(struct nl_msg *const *msgs, int nr, struct svclb_err *err)
{
	struct svclb_netlink nl;
	int i, result;

	for (i = 0; i < nr; i++)
		if (!msgs[i])
			return svclb_err_memory(err);
	result = svclb_netlink_open(&nl, NETLINK_NETFILTER, err);
	if (!result) {
		result = svclb_netlink_batch(&nl, msgs, nr);
		if (result)
			result = svclb_err_system(err, "nft delete table " TABLE,
						  -result);
	}
	svclb_netlink_close(&nl);
	return result;
}

/* Both or none. */
static int delete_tables(const struct svclb_nft *nft, struct svclb_err *err)
{
	struct nl_msg *msgs[SVCLB_FAMILIES + 2];
	int nr = 0, i, result;

	msgs[nr++] = batch(NFNL_MSG_BATCH_BEGIN);
	for (i = 0; i < SVCLB_FAMILIES; i++)
		if (nft->tables[i])
			msgs[nr++] = delete_table(families[i]);
	msgs[nr++] = batch(NFNL_MSG_BATCH_END);
	result = send_batch(msgs, nr, err);
	for (i = 0; i < nr; i++)
		nlmsg_free(msgs[i]);
	return result;
}

/**
 * svclb_nft_take_over() - remove the tables of kube-proxy's mode nftables
 * @nft:       what there is
 * @leftovers: told of what is removed
 */
void svclb_nft_take_over(const struct svclb_nft *nft,
			 struct svclb_leftovers *leftovers)
{
	static const char *const names[SVCLB_FAMILIES] = { "ip", "ip6" };
	struct svclb_err err;
	int i;

	if (!nft->tables[0] && !nft->tables[1])
		return;
	if (!leftovers->dry_run && delete_tables(nft, &err)) {
		svclb_leftovers_fail(leftovers, &err);
		return;
	}
	for (i = 0; i < SVCLB_FAMILIES; i++)
		if (nft->tables[i])
			svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_REMOVED,
					     "nft delete table %s " TABLE,
					     names[i]);
}
