// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dry run, and affinity entries.
 */
#include "resolution.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

static uint32_t get_u32(const struct nlattr *attr)
{
	return nla_len(attr) >= 4 ? nla_get_u32(attr) : 0;
}

static uint8_t get_u8(const struct nlattr *attr)
{
	return nla_len(attr) >= 1 ? nla_get_u8(attr) : 0;
}

/* The text of a string, or NULL if no zero byte ends it. */
static const char *get_text(const struct nlattr *attr)
{
	if (nla_len(attr) < 1 || !memchr(nla_data(attr), 0, nla_len(attr)))
		return NULL;
	return nla_data(attr);
}

/**
 * svclb_resolution_put() - add the connection that a request asks about
 * @msg:        the request
 * @connection: the connection
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_resolution_put(struct nl_msg *msg,
			 const struct svclb_connection *connection,
			 struct svclb_err *err)
{
	int len = (int)svclb_family_length(connection->family), failures;
	bool is4 = connection->family == AF_INET;

	failures = nla_put(msg, is4 ? SVCLB_A_RESOLUTION_SOURCE4 :
				      SVCLB_A_RESOLUTION_SOURCE6, len,
			   connection->src);
	failures |= nla_put(msg, is4 ? SVCLB_A_RESOLUTION_DESTINATION4 :
				       SVCLB_A_RESOLUTION_DESTINATION6, len,
			    connection->dst);
	failures |= nla_put_u16(msg, SVCLB_A_RESOLUTION_SOURCE_PORT,
				htons(connection->sport));
	failures |= nla_put_u16(msg, SVCLB_A_RESOLUTION_DESTINATION_PORT,
				htons(connection->dport));
	failures |= nla_put_u8(msg, SVCLB_A_RESOLUTION_PROTOCOL,
			       connection->proto);
	if (connection->interface)
		failures |= nla_put_u32(msg, SVCLB_A_RESOLUTION_INTERFACE,
					connection->interface);
	return failures ? svclb_err_memory(err) : 0;
}

static void get_affinity(struct svclb_affinity *affinity,
			 struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case SVCLB_A_AFFINITY_SERVICE_ID:
		affinity->service_id = get_u32(attr);
		break;
	case SVCLB_A_AFFINITY_SERVICE_NAME:
		affinity->service_name = get_text(attr);
		break;
	case SVCLB_A_AFFINITY_ADDRESS4:
	case SVCLB_A_AFFINITY_ADDRESS6:
		affinity->family = nla_type(attr) == SVCLB_A_AFFINITY_ADDRESS4 ?
				   AF_INET : AF_INET6;
		if (nla_len(attr) == (int)svclb_family_length(affinity->family))
			memcpy(affinity->addr, nla_data(attr), nla_len(attr));
		break;
	case SVCLB_A_AFFINITY_BACKEND_ID:
		affinity->backend_id = get_u32(attr);
		break;
	case SVCLB_A_AFFINITY_EXPIRES:
		affinity->expires = get_u32(attr);
		break;
	default:
		break;
	}
}

static void get_affinity_nest(struct svclb_affinity *affinity,
			      struct nlattr *nest)
{
	struct nlattr *attr;
	int rem;

	nla_for_each_nested(attr, nest, rem)
		get_affinity(affinity, attr);
	/* It would point into a message that is soon gone. */
	affinity->service_name = NULL;
}

static int add_candidate(struct svclb_resolution *resolution,
			 struct nlattr *nest, struct svclb_err *err)
{
	uint32_t room = resolution->max ? resolution->max * 2 : 8;
	struct svclb_candidate *candidate;
	void *bigger;

	if (resolution->nr_candidates == resolution->max) {
		bigger = realloc(resolution->candidates,
				 room * sizeof(*candidate));
		if (!bigger)
			return svclb_err_memory(err);
		resolution->candidates = bigger;
		resolution->max = room;
	}
	candidate = &resolution->candidates[resolution->nr_candidates++];
	*candidate = (struct svclb_candidate){ 0 };
	svclb_codec_get_backend(&candidate->backend, &candidate->share, nest);
	return 0;
}

static int set_name(struct svclb_resolution *resolution,
		    const struct nlattr *attr, struct svclb_err *err)
{
	const char *text = get_text(attr);

	free(resolution->service_name);
	resolution->service_name = strdup(text ? text : "");
	return resolution->service_name ? 0 : svclb_err_memory(err);
}

static int get_attribute(struct svclb_resolution *resolution,
			 struct nlattr *attr, struct svclb_err *err)
{
	switch (nla_type(attr)) {
	case SVCLB_A_RESOLUTION_VERDICT:
		resolution->verdict = get_u8(attr);
		return 0;
	case SVCLB_A_RESOLUTION_SERVICE_ID:
		resolution->service_id = get_u32(attr);
		return 0;
	case SVCLB_A_RESOLUTION_SERVICE_NAME:
		return set_name(resolution, attr, err);
	case SVCLB_A_RESOLUTION_SCHEDULER:
		resolution->sched = get_u8(attr);
		return 0;
	case SVCLB_A_RESOLUTION_FRONTEND:
		resolution->has_frontend = true;
		svclb_codec_get_frontend(&resolution->frontend, attr);
		return 0;
	case SVCLB_A_RESOLUTION_POLICY:
		resolution->has_policy = true;
		resolution->policy = get_u8(attr);
		return 0;
	case SVCLB_A_RESOLUTION_SOURCE_RANGE:
		resolution->has_range = true;
		svclb_codec_get_network(&resolution->range, attr);
		return 0;
	case SVCLB_A_RESOLUTION_BACKEND:
		return add_candidate(resolution, attr, err);
	case SVCLB_A_RESOLUTION_CHOICE:
		resolution->has_choice = true;
		resolution->choice = get_u32(attr);
		return 0;
	case SVCLB_A_RESOLUTION_AFFINITY:
		resolution->has_affinity = true;
		get_affinity_nest(&resolution->affinity, attr);
		return 0;
	case SVCLB_A_RESOLUTION_MASQUERADE:
		resolution->masquerade = get_u8(attr);
		return 0;
	default:
		return 0;
	}
}

/**
 * svclb_resolution_get() - read a reply to resolve
 * @resolution: for what it says; it may have several parts, so what is there is
 *              added to
 * @msg:        the message
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_resolution_get(struct svclb_resolution *resolution,
			 const struct nlmsghdr *msg, struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		if (get_attribute(resolution, attr, err))
			return -1;
	return 0;
}

/**
 * svclb_affinity_get() - read a message about an affinity entry
 * @affinity: for the entry; its name is in the message
 * @msg:      the message
 * @err:      for errors
 *
 * Return: 0, or -1 if something is missing that every such message has.
 */
int svclb_affinity_get(struct svclb_affinity *affinity,
		       const struct nlmsghdr *msg, struct svclb_err *err)
{
	const struct genlmsghdr *header = genlmsg_hdr((struct nlmsghdr *)msg);
	struct nlattr *attr;
	int rem;

	*affinity = (struct svclb_affinity){ 0 };
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		get_affinity(affinity, attr);
	if (affinity->service_name && affinity->family)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "the kernel's message lacks service or client of an affinity entry");
}

static int on_resolution(void *data, const struct nlmsghdr *msg,
			 struct svclb_err *err)
{
	return svclb_resolution_get(data, msg, err);
}

/**
 * svclb_resolve() - ask what would become of a connection
 * @nl:         the connection to the module
 * @connection: the connection to ask about
 * @resolution: for the answer, to be freed with svclb_resolution_uninit() also
 *              after errors
 * @err:        for errors
 *
 * Return: 0 or -1.
 */
int svclb_resolve(struct svclb_nl *nl,
		  const struct svclb_connection *connection,
		  struct svclb_resolution *resolution, struct svclb_err *err)
{
	struct nl_msg *msg;

	*resolution = (struct svclb_resolution){ 0 };
	msg = svclb_nl_request(nl, SVCLB_CMD_RESOLVE, 0, svclb_codec_size(1),
			       err);
	if (!msg || svclb_resolution_put(msg, connection, err) ||
	    svclb_nl_call(nl, msg, on_resolution, resolution, err))
		return -1;
	/* Nests do not tell what the request has told. */
	resolution->frontend.key.family = connection->family;
	resolution->frontend.key.proto = connection->proto;
	return 0;
}

/**
 * svclb_resolution_uninit() - free what an answer holds
 * @resolution: the answer
 */
void svclb_resolution_uninit(struct svclb_resolution *resolution)
{
	free(resolution->service_name);
	free(resolution->candidates);
	*resolution = (struct svclb_resolution){ 0 };
}

/**
 * struct dumping - affinity entries that are being read
 * @handle: what to do with each
 * @data:   for @handle
 */
struct dumping {
	svclb_affinity_handler handle;
	void *data;
};

static int on_affinity(void *data, const struct nlmsghdr *msg,
		       struct svclb_err *err)
{
	const struct dumping *dumping = data;
	struct svclb_affinity affinity;

	if (svclb_affinity_get(&affinity, msg, err))
		return -1;
	return dumping->handle(dumping->data, &affinity, err);
}

/**
 * svclb_affinity_dump() - read all affinity entries
 * @nl:     the connection
 * @handle: what to do with each, in no order
 * @data:   for @handle
 * @err:    for errors
 *
 * Entries come and go all the time: those that do so meanwhile may lack.
 *
 * Return: 0 or -1.
 */
int svclb_affinity_dump(struct svclb_nl *nl, svclb_affinity_handler handle,
			void *data, struct svclb_err *err)
{
	struct dumping dumping = { handle, data };
	struct nl_msg *msg;

	msg = svclb_nl_request(nl, SVCLB_CMD_AFFINITY_GET, 0,
			       svclb_codec_size(0), err);
	if (!msg)
		return -1;
	return svclb_nl_dump(nl, msg, on_affinity, &dumping, err) < 0 ? -1 : 0;
}
