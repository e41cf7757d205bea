// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asks parts of the kernel that are not the module. What they refuse is returned
 * as a negative errno, as who asks knows what that means.
 */
#include "netlink.h"

#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define REPLY_BYTES ((size_t)64 << 10)
#define MOST_BYTES ((size_t)1 << 30)	/* of a dump */
#define SEND_BYTES ((size_t)64 << 10)
#define ANSWER_SECONDS 60
#define MOST_TRIES 20			/* of a dump that changes meanwhile */

/**
 * svclb_netlink_open() - open a socket
 * @nl:       for the socket; to be closed in any case
 * @protocol: NETLINK_ROUTE or the like
 * @err:      for errors
 *
 * Return: 0, 1 if the kernel does not have that, or -1.
 */
int svclb_netlink_open(struct svclb_netlink *nl, int protocol,
		       struct svclb_err *err)
{
	struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
	int space = 4 << 20;

	*nl = (struct svclb_netlink){ .fd = -1 };
	nl->reply = malloc(REPLY_BYTES);
	if (!nl->reply)
		return svclb_err_memory(err);
	nl->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (nl->fd < 0 && errno == EPROTONOSUPPORT)
		return 1;
	if (nl->fd < 0)
		return svclb_err_system(err, "netlink socket", errno);
	/* Without it, more dumps have to be tried again. */
	setsockopt(nl->fd, SOL_SOCKET, SO_RCVBUFFORCE, &space, sizeof(space));
	if (setsockopt(nl->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)))
		return svclb_err_system(err, "netlink socket", errno);
	return 0;
}

/**
 * svclb_netlink_close() - close a socket
 * @nl: the socket
 */
void svclb_netlink_close(struct svclb_netlink *nl)
{
	free(nl->reply);
	if (nl->fd >= 0)
		close(nl->fd);
	*nl = (struct svclb_netlink){ .fd = -1 };
}

/**
 * svclb_netlink_nfnl() - begin a request to a part of netfilter
 * @subsystem: number of the part
 * @type:      what to do
 * @family:    address family
 * @flags:     more flags of the request
 *
 * Return: the request, or NULL when there is no memory.
 */
struct nl_msg *svclb_netlink_nfnl(uint8_t subsystem, uint8_t type,
				  uint8_t family, uint16_t flags)
{
	const struct nfgenmsg header = {
		.nfgen_family = family,
		.version = NFNETLINK_V0,
	};
	struct nl_msg *msg;

	msg = nlmsg_alloc_simple(subsystem << 8 | type, flags);
	if (msg && nlmsg_append(msg, (void *)&header, sizeof(header),
				NLMSG_ALIGNTO)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Sends all of them at once; the last one's number is that of the socket. */
static int send_all(struct svclb_netlink *nl, struct nl_msg *const *msgs,
		    int nr)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *header;
	size_t len = 0;
	char *buffer;
	ssize_t sent;
	int i;

	for (i = 0; i < nr; i++)
		len += NLMSG_ALIGN(nlmsg_hdr(msgs[i])->nlmsg_len);
	if (len > SEND_BYTES)
		return -EMSGSIZE;
	buffer = calloc(1, len);
	if (!buffer)
		return -ENOMEM;
	for (len = 0, i = 0; i < nr; i++) {
		header = nlmsg_hdr(msgs[i]);
		header->nlmsg_flags |= NLM_F_REQUEST;
		header->nlmsg_seq = ++nl->seq;
		header->nlmsg_pid = 0;
		memcpy(buffer + len, header, header->nlmsg_len);
		len += NLMSG_ALIGN(header->nlmsg_len);
	}
	do {
		sent = sendto(nl->fd, buffer, len, 0,
			      (const struct sockaddr *)&kernel, sizeof(kernel));
	} while (sent < 0 && errno == EINTR);
	free(buffer);
	return sent < 0 ? -errno : 0;
}

/* Reads what the kernel alone sent; returns its length, or a negative errno. */
static ssize_t receive(struct svclb_netlink *nl)
{
	struct sockaddr_nl from = { 0 };
	socklen_t size;
	ssize_t len;

	do {
		size = sizeof(from);
		len = recvfrom(nl->fd, nl->reply, REPLY_BYTES, MSG_TRUNC,
			       (struct sockaddr *)&from, &size);
	} while ((len < 0 && errno == EINTR) || (len >= 0 && from.nl_pid));
	if (len < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return (size_t)len > REPLY_BYTES ? -EMSGSIZE : len;
}

/* The negative errno of an answer, -EPROTO for one that is no answer. */
static int answer_of(const struct nlmsghdr *header)
{
	const struct nlmsgerr *answer = NLMSG_DATA(header);

	if (header->nlmsg_len < NLMSG_LENGTH(sizeof(answer->error)))
		return -EPROTO;
	return answer->error > 0 ? -EPROTO : answer->error;
}

/*
 * Until the last request that asked for it is answered, or the first one is
 * refused, which is that of a whole batch; the first refusal counts.
 */
static int await(struct svclb_netlink *nl, uint32_t first, uint32_t last)
{
	struct nlmsghdr *header;
	int refusal = 0, answer;
	ssize_t len;
	size_t left;

	for (;;) {
		len = receive(nl);
		if (len < 0)
			return (int)len;
		left = len;
		for (header = (struct nlmsghdr *)nl->reply;
		     NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
			if (header->nlmsg_type != NLMSG_ERROR ||
			    header->nlmsg_seq - first > last - first)
				continue;
			answer = answer_of(header);
			if (!refusal)
				refusal = answer;
			if (header->nlmsg_seq == last ||
			    (answer && header->nlmsg_seq == first))
				return refusal;
		}
	}
}

/**
 * svclb_netlink_call() - ask the kernel to do something
 * @nl:  the socket
 * @msg: the request
 *
 * Return: 0, or a negative errno.
 */
int svclb_netlink_call(struct svclb_netlink *nl, struct nl_msg *msg)
{
	int result;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_ACK;
	result = send_all(nl, &msg, 1);
	return result ? result : await(nl, nl->seq, nl->seq);
}

/**
 * svclb_netlink_batch() - ask the kernel to do all of several things, or none
 * @nl:   the socket
 * @msgs: what begins the batch, the requests, and what ends it
 * @nr:   how many; at least 3
 *
 * Return: 0, or a negative errno.
 */
int svclb_netlink_batch(struct svclb_netlink *nl, struct nl_msg *const *msgs,
			int nr)
{
	uint32_t first = nl->seq + 1;
	int i, result;

	for (i = 1; i < nr - 1; i++)
		nlmsg_hdr(msgs[i])->nlmsg_flags |= NLM_F_ACK;
	result = send_all(nl, msgs, nr);
	return result ? result : await(nl, first, nl->seq - 1);
}

static int add_reply(struct svclb_replies *replies,
		     const struct nlmsghdr *header)
{
	size_t len = NLMSG_ALIGN(header->nlmsg_len), room = replies->room;
	char *bigger;

	while (room - replies->len < len)
		room = room ? room * 2 : REPLY_BYTES;
	if (room > MOST_BYTES)
		return -EFBIG;
	if (room > replies->room) {
		bigger = realloc(replies->data, room);
		if (!bigger)
			return -ENOMEM;
		replies->data = bigger;
		replies->room = room;
	}
	memset(replies->data + replies->len, 0, len);
	memcpy(replies->data + replies->len, header, header->nlmsg_len);
	replies->len += len;
	return 0;
}

/* One message of a dump: 0 to go on, 1 at its end, or a negative errno. */
static int take_reply(struct svclb_netlink *nl, struct svclb_replies *replies,
		      const struct nlmsghdr *header, int *interrupted)
{
	int answer;

	if (header->nlmsg_seq != nl->seq)
		return 0;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		*interrupted = 1;
	if (header->nlmsg_type != NLMSG_DONE &&
	    header->nlmsg_type != NLMSG_ERROR)
		return add_reply(replies, header);
	answer = header->nlmsg_len > NLMSG_HDRLEN ? answer_of(header) : 0;
	return answer ? answer : 1;
}

static int dump_once(struct svclb_netlink *nl, struct nl_msg *msg,
		     struct svclb_replies *replies, int *interrupted)
{
	struct nlmsghdr *header;
	ssize_t len;
	size_t left;
	int result;

	nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	result = send_all(nl, &msg, 1);
	*interrupted = 0;
	replies->len = 0;
	while (!result) {
		len = receive(nl);
		if (len < 0)
			return (int)len;
		left = len;
		for (header = (struct nlmsghdr *)nl->reply;
		     !result && NLMSG_OK(header, left);
		     header = NLMSG_NEXT(header, left))
			result = take_reply(nl, replies, header, interrupted);
	}
	return result > 0 ? 0 : result;
}

/**
 * svclb_netlink_dump() - ask the kernel for all that it has of something
 * @nl:      the socket
 * @msg:     the request
 * @replies: for the messages; all zero or used before, to be uninitialized
 *
 * Return: 0, or a negative errno.
 */
int svclb_netlink_dump(struct svclb_netlink *nl, struct nl_msg *msg,
		       struct svclb_replies *replies)
{
	int tries = MOST_TRIES, interrupted, result;

	do {
		result = dump_once(nl, msg, replies, &interrupted);
	} while (!result && interrupted && --tries);
	return result ? result : interrupted ? -EINTR : 0;
}

/**
 * svclb_replies_next() - walk over the messages of a dump
 * @replies: the messages
 * @after:   the one before, or NULL for the first one
 *
 * Return: the message, or NULL behind the last one.
 */
struct nlmsghdr *svclb_replies_next(const struct svclb_replies *replies,
				    const struct nlmsghdr *after)
{
	size_t at = 0;

	if (after)
		at = (const char *)after - replies->data +
		     NLMSG_ALIGN(after->nlmsg_len);
	if (at >= replies->len)
		return NULL;
	return (struct nlmsghdr *)(replies->data + at);
}

/**
 * svclb_replies_uninit() - let go of the messages of a dump
 * @replies: the messages
 */
void svclb_replies_uninit(struct svclb_replies *replies)
{
	free(replies->data);
	*replies = (struct svclb_replies){ 0 };
}
