// SPDX-License-Identifier: GPL-2.0-only
/*
 * The way to the kernel and back: one socket, requests queued in one buffer and
 * sent together, replies read into another.
 *
 * The kernel works off all requests of a send before the send returns, goes on
 * behind those that it refuses, and reports these by their number even when no
 * ack is asked for. So the last request of a send asks for one, and then all is
 * known.
 */
#include "nl.h"

#include <errno.h>
#include <limits.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "uapi/svclb.h"

#define BATCH_BYTES (512u << 10)
#define BATCH_REQUESTS 4096u	/* whose refusals all fit into RECEIVE_SPACE */
#define REPLY_BYTES (64u << 10)
#define SEND_SPACE (16 << 20)
#define RECEIVE_SPACE (16 << 20)
#define ANSWER_SECONDS 60
#define POLL_READS 256

/**
 * struct svclb_nl - a connection to the kernel
 * @sock:      the socket
 * @family:    number of the family
 * @group:     number of its multicast group
 * @port:      number of the socket
 * @seq:       number of the last request
 * @base:      number of the request before the first that counts
 * @msg:       request under construction
 * @msg_size:  how much fits into it
 * @batch:     requests queued, or just sent
 * @max:       how much fits into @batch
 * @len:       how much is in it
 * @last:      where its last request begins
 * @first_seq: number of its first request
 * @sent:      whether it was sent
 * @reply:     buffer for replies
 * @refusal:   the first refusal
 * @refused:   whether there was one
 * @subscribed: whether it is for events
 * @on_refusal: told of each refusal, or NULL
 * @refusal_data: for @on_refusal
 */
struct svclb_nl {
	struct nl_sock *sock;
	uint16_t family;
	uint32_t group;
	uint32_t port;
	uint32_t seq;
	uint32_t base;
	struct nl_msg *msg;
	size_t msg_size;
	char *batch;
	size_t max;
	size_t len;
	size_t last;
	uint32_t first_seq;
	bool sent;
	char *reply;
	struct svclb_refusal refusal;
	bool refused;
	bool subscribed;
	svclb_nl_refuser on_refusal;
	void *refusal_data;
};

static int set_buffer(int fd, int force, int option, int size)
{
	if (!setsockopt(fd, SOL_SOCKET, force, &size, sizeof(size)))
		return 0;
	return setsockopt(fd, SOL_SOCKET, option, &size, sizeof(size));
}

static int set_options(struct svclb_nl *nl, struct svclb_err *err)
{
	struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
	int fd = nl_socket_get_fd(nl->sock), on = 1;

	/* Not all kernels have all of these: what matters is checked later. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (set_buffer(fd, SO_SNDBUFFORCE, SO_SNDBUF, SEND_SPACE) ||
	    set_buffer(fd, SO_RCVBUFFORCE, SO_RCVBUF, RECEIVE_SPACE) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)))
		return svclb_err_system(err, "netlink socket", errno);
	return 0;
}

static int on_group(struct svclb_nl *nl, struct nlattr *group)
{
	struct nlattr *name, *id;

	name = nla_find(nla_data(group), nla_len(group),
			CTRL_ATTR_MCAST_GRP_NAME);
	id = nla_find(nla_data(group), nla_len(group), CTRL_ATTR_MCAST_GRP_ID);
	if (name && id && nla_len(id) >= 4 &&
	    !nla_strcmp(name, SVCLB_MCGRP_CONFIG))
		nl->group = nla_get_u32(id);
	return 0;
}

static int on_family(void *data, const struct nlmsghdr *reply,
		     struct svclb_err *err)
{
	struct svclb_nl *nl = data;
	struct nlattr *id, *groups, *group;
	int rem;

	(void)err;
	id = nlmsg_find_attr((struct nlmsghdr *)reply, GENL_HDRLEN,
			     CTRL_ATTR_FAMILY_ID);
	groups = nlmsg_find_attr((struct nlmsghdr *)reply, GENL_HDRLEN,
				 CTRL_ATTR_MCAST_GROUPS);
	if (id && nla_len(id) >= 2)
		nl->family = nla_get_u16(id);
	if (groups)
		nla_for_each_nested(group, groups, rem)
			on_group(nl, group);
	return 0;
}

static int find_family(struct svclb_nl *nl, struct svclb_err *err)
{
	struct nl_msg *msg;

	nl->family = GENL_ID_CTRL;
	msg = svclb_nl_request(nl, CTRL_CMD_GETFAMILY, 0, 256, err);
	if (!msg)
		return -1;
	nla_put_string(msg, CTRL_ATTR_FAMILY_NAME, SVCLB_GENL_NAME);
	nl->family = 0;
	if (svclb_nl_call(nl, msg, on_family, nl, err)) {
		if (!nl->refused || nl->refusal.number != ENOENT)
			return -1;
		return svclb_err_set(err, SVCLB_ERR_NO_MODULE,
				     "svclb: module not loaded in this kernel: run 'modprobe svclb' (or insmod ./svclb.ko)");
	}
	if (nl->family)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "svclb: the kernel does not tell the family's number");
}

/**
 * svclb_nl_open() - connect to the module
 * @nl:  for the connection, to be closed with svclb_nl_close()
 * @err: for errors; the module that is not loaded is one
 *
 * Return: 0 or -1.
 */
int svclb_nl_open(struct svclb_nl **nl, struct svclb_err *err)
{
	struct svclb_nl *new = calloc(1, sizeof(*new));
	int result;

	if (!new)
		return svclb_err_memory(err);
	new->sock = nl_socket_alloc();
	new->batch = malloc(BATCH_BYTES);
	new->reply = malloc(REPLY_BYTES);
	new->max = BATCH_BYTES;
	if (!new->sock || !new->batch || !new->reply) {
		svclb_err_memory(err);
		goto close;
	}
	result = nl_connect(new->sock, NETLINK_GENERIC);
	if (result) {
		svclb_err_set(err, SVCLB_ERR_FAILED, "netlink socket: %s",
			      nl_geterror(result));
		goto close;
	}
	new->port = nl_socket_get_local_port(new->sock);
	if (set_options(new, err) || find_family(new, err))
		goto close;
	*nl = new;
	return 0;

close:
	svclb_nl_close(new);
	return -1;
}

/**
 * svclb_nl_close() - end a connection
 * @nl: the connection, or NULL
 */
void svclb_nl_close(struct svclb_nl *nl)
{
	if (!nl)
		return;
	if (nl->sock)
		nl_socket_free(nl->sock);
	if (nl->msg)
		nlmsg_free(nl->msg);
	free(nl->batch);
	free(nl->reply);
	free(nl);
}

/**
 * svclb_nl_fd() - the descriptor of a connection, to wait for events
 * @nl: the connection
 *
 * Return: the descriptor.
 */
int svclb_nl_fd(const struct svclb_nl *nl)
{
	return nl_socket_get_fd(nl->sock);
}

/**
 * svclb_nl_port() - the number of a connection
 * @nl: the connection
 *
 * Return: the number; an event that tells of a request of this connection has
 * it as nlmsg_pid.
 */
uint32_t svclb_nl_port(const struct svclb_nl *nl)
{
	return nl->port;
}

/**
 * svclb_nl_request() - begin a request
 * @nl:    the connection
 * @cmd:   enum svclb_cmd
 * @flags: NLM_F_*; not needed for request and ack
 * @size:  how many bytes of attributes there may be
 * @err:   for errors
 *
 * Return: the request, good until the next one is begun; or NULL.
 */
struct nl_msg *svclb_nl_request(struct svclb_nl *nl, uint8_t cmd,
				uint16_t flags, size_t size,
				struct svclb_err *err)
{
	size += NLMSG_HDRLEN + GENL_HDRLEN;
	if (size > nl->msg_size) {
		size = size < 4096 ? 4096 : size + size / 2;
		nlmsg_free(nl->msg);
		nl->msg = nlmsg_alloc_size(size);
		nl->msg_size = nl->msg ? size : 0;
	}
	if (nl->msg) {
		nlmsg_hdr(nl->msg)->nlmsg_len = NLMSG_HDRLEN;
		if (genlmsg_put(nl->msg, nl->port, 0, nl->family, 0,
				NLM_F_REQUEST | flags, cmd, SVCLB_GENL_VERSION))
			return nl->msg;
	}
	svclb_err_memory(err);
	return NULL;
}

/* @number is minus errno, as the kernel sends it. */
static void note_refusal(struct svclb_nl *nl, uint32_t seq, int number,
			 struct nlattr *attrs, int len)
{
	struct svclb_refusal refusal = {
		.number = number > -INT_MAX ? -number : INT_MAX,
		.index = seq - nl->base - 1,
	};
	struct nlattr *attr;
	int rem;

	if (nl->refused && !nl->on_refusal)
		return;
	nla_for_each_attr(attr, attrs, len, rem) {
		if (nla_type(attr) == NLMSGERR_ATTR_MSG)
			nla_strlcpy(refusal.text, attr, sizeof(refusal.text));
		else if (nla_type(attr) == NLMSGERR_ATTR_OFFS &&
			 nla_len(attr) >= 4)
			refusal.attr = nla_get_u32(attr);
	}
	if (!nl->refused)
		nl->refusal = refusal;
	nl->refused = true;
	if (nl->on_refusal)
		nl->on_refusal(nl->refusal_data, &refusal);
}

static void on_error(struct svclb_nl *nl, struct nlmsghdr *reply)
{
	struct nlmsgerr *error = nlmsg_data(reply);
	int skip = sizeof(*error), len = nlmsg_datalen(reply);
	uint32_t quoted;

	if (len < skip || !error->error)
		return;
	quoted = error->msg.nlmsg_len;
	if (quoted > (uint32_t)len)
		quoted = len;
	if (!(reply->nlmsg_flags & NLM_F_CAPPED))
		skip += (int)NLMSG_ALIGN(quoted) - NLMSG_HDRLEN;
	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS) || skip > len)
		skip = len;
	note_refusal(nl, reply->nlmsg_seq, error->error,
		     (struct nlattr *)((char *)error + skip), len - skip);
}

static void on_done(struct svclb_nl *nl, struct nlmsghdr *reply)
{
	int len = nlmsg_datalen(reply) - (int)sizeof(int), number = 0;

	if (len >= 0)
		memcpy(&number, nlmsg_data(reply), sizeof(number));
	if (number >= 0)
		return;
	if (!(reply->nlmsg_flags & NLM_F_ACK_TLVS))
		len = 0;
	note_refusal(nl, reply->nlmsg_seq, number,
		     (struct nlattr *)((char *)nlmsg_data(reply) +
				       NLA_ALIGN(sizeof(int))), len);
}

/* Returns how much was read into the reply buffer, or minus errno. */
static int receive(struct svclb_nl *nl, int flags, struct svclb_err *err)
{
	ssize_t len;
	int number;

	do {
		len = recv(nl_socket_get_fd(nl->sock), nl->reply, REPLY_BYTES,
			   MSG_TRUNC | flags);
	} while (len < 0 && errno == EINTR);
	if (len >= 0 && len <= (ssize_t)REPLY_BYTES)
		return (int)len;
	if (len >= 0) {
		svclb_err_set(err, SVCLB_ERR_FAILED,
			      "the kernel's reply is longer than expected");
		return -EMSGSIZE;
	}
	number = errno;
	if (number == EAGAIN)
		svclb_err_set(err, SVCLB_ERR_FAILED,
			      "the kernel does not answer");
	else
		svclb_err_system(err, "netlink socket", number);
	return -number;
}

/**
 * struct reading - what becomes of reading replies
 * @handle:      what to do with each
 * @data:        for @handle
 * @done:        whether the last one was read
 * @failed:      whether @handle failed
 * @interrupted: whether a dump did not see one state
 */
struct reading {
	svclb_nl_handler handle;
	void *data;
	bool done;
	bool failed;
	bool interrupted;
};

static bool is_whole(const struct nlmsghdr *msg)
{
	return nlmsg_datalen(msg) >= (int)GENL_HDRLEN;
}

static void read_reply(struct svclb_nl *nl, struct reading *reading,
		       struct nlmsghdr *reply, struct svclb_err *err)
{
	bool last = reply->nlmsg_seq == nl->seq;

	if (reply->nlmsg_pid != nl->port ||
	    reply->nlmsg_seq - nl->first_seq > nl->seq - nl->first_seq)
		return;
	if (reply->nlmsg_flags & NLM_F_DUMP_INTR)
		reading->interrupted = true;
	switch (reply->nlmsg_type) {
	case NLMSG_ERROR:
		on_error(nl, reply);
		reading->done = last;
		break;
	case NLMSG_DONE:
		on_done(nl, reply);
		reading->done = last;
		break;
	default:
		if (reading->handle && !reading->failed && is_whole(reply))
			reading->failed = reading->handle(reading->data, reply,
							  err);
	}
}

static int refusal_error(const struct svclb_nl *nl, struct svclb_err *err)
{
	const struct svclb_refusal *refusal = &nl->refusal;
	enum svclb_err_code code = SVCLB_ERR_FAILED;

	if (refusal->number == EPERM || refusal->number == EACCES)
		code = SVCLB_ERR_PERMISSION;
	else if (refusal->number == ENOENT)
		code = SVCLB_ERR_NOT_FOUND;
	if (code == SVCLB_ERR_PERMISSION && !*refusal->text)
		return svclb_err_set(err, code,
				     "not permitted: this needs root (CAP_NET_ADMIN)");
	return svclb_err_set(err, code, "%s", *refusal->text ? refusal->text :
						     strerror(refusal->number));
}

/* Sends the batch and reads all replies. Returns 1 for an interrupted dump. */
static int exchange(struct svclb_nl *nl, svclb_nl_handler handle, void *data,
		    struct svclb_err *err)
{
	struct reading reading = { .handle = handle, .data = data };
	struct nlmsghdr *reply;
	int len;

	nl->sent = true;
	nl->refused = false;
	if (nl_sendto(nl->sock, nl->batch, nl->len) < 0)
		return svclb_err_system(err, "netlink socket", errno);
	while (!reading.done) {
		len = receive(nl, 0, err);
		if (len < 0)
			break;
		for (reply = (struct nlmsghdr *)nl->reply;
		     nlmsg_ok(reply, len); reply = nlmsg_next(reply, &len))
			read_reply(nl, &reading, reply, err);
	}
	if (nl->refused)
		return refusal_error(nl, err);
	if (reading.failed || !reading.done)
		return -1;
	return reading.interrupted;
}

static int append(struct svclb_nl *nl, struct nl_msg *msg,
		  struct svclb_err *err)
{
	struct nlmsghdr *request = nlmsg_hdr(msg);
	size_t size = NLMSG_ALIGN(request->nlmsg_len);
	char *bigger;

	if (nl->sent) {
		nl->sent = false;
		nl->len = 0;
		nl->first_seq = nl->seq + 1;
	}
	if (nl->len + size > nl->max) {
		bigger = realloc(nl->batch, nl->len + size);
		if (!bigger)
			return svclb_err_memory(err);
		nl->batch = bigger;
		nl->max = nl->len + size;
	}
	request->nlmsg_seq = ++nl->seq;
	nl->last = nl->len;
	memset(nl->batch + nl->len + size - NLMSG_ALIGNTO, 0, NLMSG_ALIGNTO);
	memcpy(nl->batch + nl->len, request, request->nlmsg_len);
	nl->len += size;
	return 0;
}

/* A request alone, with nothing queued. */
static int exchange_one(struct svclb_nl *nl, struct nl_msg *msg, uint16_t flags,
			svclb_nl_handler handle, void *data,
			struct svclb_err *err)
{
	nl->sent = true;
	svclb_nl_begin(nl);
	nlmsg_hdr(msg)->nlmsg_flags |= flags;
	if (append(nl, msg, err))
		return -1;
	return exchange(nl, handle, data, err);
}

/**
 * svclb_nl_call() - send one request and read what the kernel says
 * @nl:     the connection, with nothing queued
 * @msg:    the request
 * @handle: what to do with replies, or NULL
 * @data:   for @handle
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_nl_call(struct svclb_nl *nl, struct nl_msg *msg,
		  svclb_nl_handler handle, void *data, struct svclb_err *err)
{
	/* Only of a dump does it matter that it was interrupted. */
	return exchange_one(nl, msg, NLM_F_ACK, handle, data, err) < 0 ? -1 : 0;
}

/**
 * svclb_nl_dump() - send a request for a dump and read it
 * @nl:     the connection, with nothing queued
 * @msg:    the request
 * @handle: what to do with its messages
 * @data:   for @handle
 * @err:    for errors
 *
 * Return: 0; 1 if something changed meanwhile, so that the messages do not
 * belong together; or -1.
 */
int svclb_nl_dump(struct svclb_nl *nl, struct nl_msg *msg,
		  svclb_nl_handler handle, void *data, struct svclb_err *err)
{
	return exchange_one(nl, msg, NLM_F_DUMP, handle, data, err);
}

/**
 * svclb_nl_begin() - let the numbers of refused requests begin anew
 * @nl: the connection
 */
void svclb_nl_begin(struct svclb_nl *nl)
{
	nl->base = nl->seq;
	nl->refused = false;
}

/**
 * svclb_nl_queue() - send a request, now or together with others
 * @nl:  the connection
 * @msg: the request; it can be used again
 * @err: for errors, of requests queued before
 *
 * Return: 0 or -1.
 */
int svclb_nl_queue(struct svclb_nl *nl, struct nl_msg *msg,
		   struct svclb_err *err)
{
	if (!nl->sent && nl->len &&
	    (nl->len + nlmsg_hdr(msg)->nlmsg_len > BATCH_BYTES ||
	     nl->seq - nl->first_seq >= BATCH_REQUESTS - 1) &&
	    svclb_nl_flush(nl, err))
		return -1;
	return append(nl, msg, err);
}

/**
 * svclb_nl_flush() - send what is queued and read what the kernel says
 * @nl:  the connection
 * @err: for errors
 *
 * Return: 0, or -1 with svclb_nl_refusal() telling which was refused, if any
 * was; all others were obeyed.
 */
int svclb_nl_flush(struct svclb_nl *nl, struct svclb_err *err)
{
	struct nlmsghdr *last = (struct nlmsghdr *)(nl->batch + nl->last);

	if (nl->sent || !nl->len)
		return 0;
	last->nlmsg_flags |= NLM_F_ACK;
	return exchange(nl, NULL, NULL, err) < 0 ? -1 : 0;
}

/**
 * svclb_nl_on_refusal() - be told of every refusal
 * @nl:      the connection
 * @refused: is told, while replies are read; NULL for nobody
 * @data:    for @refused
 */
void svclb_nl_on_refusal(struct svclb_nl *nl, svclb_nl_refuser refused,
			 void *data)
{
	nl->on_refusal = refused;
	nl->refusal_data = data;
}

/**
 * svclb_nl_refusal() - what the kernel said to the first request it refused
 * @nl: the connection
 *
 * Return: the refusal, or NULL if the last send had none.
 */
const struct svclb_refusal *svclb_nl_refusal(const struct svclb_nl *nl)
{
	return nl->refused ? &nl->refusal : NULL;
}

/**
 * svclb_nl_refused() - the request that was refused
 * @nl: the connection
 *
 * Return: the request, until the next one is sent; or NULL.
 */
const struct nlmsghdr *svclb_nl_refused(const struct svclb_nl *nl)
{
	uint32_t seq = nl->base + 1 + nl->refusal.index;
	struct nlmsghdr *request;
	int len = (int)nl->len;

	if (!nl->refused)
		return NULL;
	for (request = (struct nlmsghdr *)nl->batch; nlmsg_ok(request, len);
	     request = nlmsg_next(request, &len))
		if (request->nlmsg_seq == seq)
			return request;
	return NULL;
}

static int join(struct svclb_nl *nl, uint32_t group)
{
	return setsockopt(svclb_nl_fd(nl), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			  &group, sizeof(group));
}

/**
 * svclb_nl_subscribe() - join the multicast group
 * @nl:  the connection; only svclb_nl_receive(), svclb_nl_poll() and
 *       svclb_nl_renew() are of use from then on
 * @err: for errors
 *
 * Return: 0 or -1.
 */
int svclb_nl_subscribe(struct svclb_nl *nl, struct svclb_err *err)
{
	int fd = svclb_nl_fd(nl);
	struct timeval forever = { 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof(forever));
	if (!nl->group)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "svclb: the module sends no events");
	nl->subscribed = true;
	/* There, modules that come and go are told; the group has that number. */
	join(nl, GENL_ID_CTRL);
	if (!join(nl, nl->group))
		return 0;
	if (errno == EPERM)
		return svclb_err_set(err, SVCLB_ERR_PERMISSION,
				     "not permitted: this needs root (CAP_NET_ADMIN)");
	return svclb_err_system(err, "netlink socket", errno);
}

/**
 * svclb_nl_renew() - find the module again, which may have been loaded anew
 * @nl:  the connection; if it is subscribed, events that are there are lost
 * @err: for errors; the module that is not loaded is one
 *
 * Return: 0 or -1.
 */
int svclb_nl_renew(struct svclb_nl *nl, struct svclb_err *err)
{
	struct timeval timeout = { .tv_sec = ANSWER_SECONDS };

	setsockopt(svclb_nl_fd(nl), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		   sizeof(timeout));
	if (find_family(nl, err))
		return -1;
	return nl->subscribed ? svclb_nl_subscribe(nl, err) : 0;
}

/* Returns 1 if families came or went, and with them maybe events. */
static int on_events(struct svclb_nl *nl, int len, svclb_nl_handler handle,
		     void *data, struct svclb_err *err)
{
	struct nlmsghdr *event;
	int families = 0;

	for (event = (struct nlmsghdr *)nl->reply; nlmsg_ok(event, len);
	     event = nlmsg_next(event, &len)) {
		families |= event->nlmsg_type == GENL_ID_CTRL;
		if (event->nlmsg_type == nl->family && is_whole(event) &&
		    handle(data, event, err))
			return -1;
	}
	return families;
}

/**
 * svclb_nl_receive() - wait for events
 * @nl:     the connection, subscribed
 * @handle: what to do with each event
 * @data:   for @handle
 * @err:    for errors
 *
 * Return: 0; 1 if events were lost; or -1.
 */
int svclb_nl_receive(struct svclb_nl *nl, svclb_nl_handler handle, void *data,
		     struct svclb_err *err)
{
	int len = receive(nl, 0, err);

	if (len < 0)
		return len == -ENOBUFS ? 1 : -1;
	return on_events(nl, len, handle, data, err) < 0 ? -1 : 0;
}

/**
 * svclb_nl_poll() - handle the events that are there
 * @nl:     the connection, subscribed
 * @handle: what to do with each event
 * @data:   for @handle
 * @err:    for errors
 *
 * Return: 0; 1 if events were lost, or the module may have come or gone; or -1.
 */
int svclb_nl_poll(struct svclb_nl *nl, svclb_nl_handler handle, void *data,
		  struct svclb_err *err)
{
	int len, lost = 0, i;

	/* The rest can wait: others have something to do, too. */
	for (i = 0; i < POLL_READS; i++) {
		len = receive(nl, MSG_DONTWAIT, err);
		if (len == -EAGAIN)
			return lost;
		if (len < 0 && len != -ENOBUFS)
			return -1;
		if (len == -ENOBUFS) {
			lost = 1;
			continue;
		}
		len = on_events(nl, len, handle, data, err);
		if (len < 0)
			return -1;
		lost |= len;
	}
	return lost;
}
