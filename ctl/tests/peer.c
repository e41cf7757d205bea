// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kernel in memory: it understands the requests that change and read
 * services, and keeps the rules that matter to who makes them: a name and a
 * frontend have one service, and what is to be changed must be there.
 */
#include "peer.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/codec.h"

#define FAMILY 0x20
#define EVENT_PORT 0x7777
#define DATAGRAM 32768

struct peer peer;

/* Replies that were not received yet. */
static struct {
	char *bytes;
	size_t len;
	size_t max;
	size_t at;
} out;

static void put_out(const void *bytes, size_t len)
{
	if (out.len + NLMSG_ALIGN(len) > out.max) {
		out.max = (out.len + len) * 2 + 4096;
		out.bytes = realloc(out.bytes, out.max);
		if (!out.bytes)
			abort();
	}
	memset(out.bytes + out.len, 0, NLMSG_ALIGN(len));
	memcpy(out.bytes + out.len, bytes, len);
	out.len += NLMSG_ALIGN(len);
}

static void acknowledge(const struct nlmsghdr *request, int number)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} reply = {
		.header = {
			.nlmsg_len = sizeof(reply),
			.nlmsg_type = NLMSG_ERROR,
			.nlmsg_flags = NLM_F_CAPPED,
			.nlmsg_seq = request->nlmsg_seq,
			.nlmsg_pid = request->nlmsg_pid,
		},
		.error = { .error = number, .msg = *request },
	};

	if (number || request->nlmsg_flags & NLM_F_ACK)
		put_out(&reply, sizeof(reply));
}

static void end_dump(const struct nlmsghdr *request)
{
	struct {
		struct nlmsghdr header;
		int number;
	} reply = {
		.header = {
			.nlmsg_len = sizeof(reply),
			.nlmsg_type = NLMSG_DONE,
			.nlmsg_seq = request->nlmsg_seq,
			.nlmsg_pid = request->nlmsg_pid,
		},
	};

	put_out(&reply, sizeof(reply));
}

static struct nl_msg *begin(const struct nlmsghdr *request, uint16_t type,
			    uint8_t cmd)
{
	struct nl_msg *msg = nlmsg_alloc_size(65536);

	if (!msg || !genlmsg_put(msg, request->nlmsg_pid, request->nlmsg_seq,
				 type, 0, 0, cmd, 1))
		abort();
	return msg;
}

static void finish(struct nl_msg *msg)
{
	put_out(nlmsg_hdr(msg), nlmsg_hdr(msg)->nlmsg_len);
	nlmsg_free(msg);
}

static void put_names(struct nl_msg *msg, const struct svclb_service *service)
{
	nla_put_u32(msg, SVCLB_A_SERVICE_ID, service->id);
	nla_put_string(msg, SVCLB_A_SERVICE_NAME, service->name);
	nla_put_u8(msg, SVCLB_A_SERVICE_FAMILY, service->family);
	nla_put_u8(msg, SVCLB_A_SERVICE_PROTOCOL, service->proto);
}

static void put_service(struct nl_msg *msg, const struct svclb_service *service)
{
	put_names(msg, service);
	nla_put_u8(msg, SVCLB_A_SERVICE_SCHEDULER, service->sched);
	nla_put_u64(msg, SVCLB_A_SERVICE_GENERATION, service->generation);
	nla_put_u32(msg, SVCLB_A_SERVICE_AFFINITY_TIMEOUT, service->affinity);
	nla_put_u8(msg, SVCLB_A_SERVICE_SYN_FAILOVER, service->syn_failover);
	nla_put_u32(msg, SVCLB_A_SERVICE_FRONTEND_COUNT, service->nr_frontends);
	nla_put_u32(msg, SVCLB_A_SERVICE_BACKEND_COUNT, service->nr_backends);
	nla_put_u32(msg, SVCLB_A_SERVICE_SOURCE_RANGE_COUNT,
		    service->nr_ranges);
}

static void tell_service(const struct nlmsghdr *request,
			 const struct svclb_service *service)
{
	struct nl_msg *msg = begin(request, FAMILY, SVCLB_CMD_SERVICE_GET);

	put_service(msg, service);
	finish(msg);
}

static void tell_members(const struct nlmsghdr *request, uint8_t cmd,
			 const struct svclb_service *service)
{
	struct svclb_service one = *service;
	struct svclb_err err;
	struct nl_msg *msg;
	uint32_t i, nr = service->nr_ranges;

	if (cmd == SVCLB_CMD_FRONTEND_GET)
		nr = service->nr_frontends;
	else if (cmd == SVCLB_CMD_BACKEND_GET)
		nr = service->nr_backends;
	one.nr_ranges = 1;
	for (i = 0; i < nr; i++) {
		msg = begin(request, FAMILY, cmd);
		put_names(msg, service);
		one.ranges = &service->ranges[i];
		if (cmd == SVCLB_CMD_FRONTEND_GET)
			svclb_codec_put_frontends(msg, &service->frontends[i],
						  1, &err);
		else if (cmd == SVCLB_CMD_BACKEND_GET)
			svclb_codec_put_backends(msg, service->family,
						 &service->backends[i], 1,
						 &err);
		else
			svclb_codec_put_attributes(msg, &one,
						   SVCLB_ATTR(SOURCE_RANGE),
						   &err);
		finish(msg);
	}
}

/**
 * struct asked - what a request says
 * @service: names, attributes and members
 * @id:      number of the service, or 0
 * @given:   bits of enum svclb_service_attr
 * @backends: which attributes each backend was given
 */
struct asked {
	struct svclb_service service;
	uint32_t id;
	uint32_t given;
};

static void read_attr(struct asked *asked, struct nlattr *attr)
{
	struct svclb_service *service = &asked->service;
	struct svclb_frontend frontend = { 0 };
	struct svclb_backend backend = { .weight = 1 };
	struct svclb_network range;
	struct nlattr *weight;

	asked->given |= 1u << nla_type(attr);
	switch (nla_type(attr)) {
	case SVCLB_A_SERVICE_ID:
		asked->id = nla_get_u32(attr);
		break;
	case SVCLB_A_SERVICE_NAME:
		service->name = nla_data(attr);
		break;
	case SVCLB_A_SERVICE_FAMILY:
		service->family = nla_get_u8(attr);
		break;
	case SVCLB_A_SERVICE_PROTOCOL:
		service->proto = nla_get_u8(attr);
		break;
	case SVCLB_A_SERVICE_SCHEDULER:
		service->sched = nla_get_u8(attr);
		break;
	case SVCLB_A_SERVICE_GENERATION:
		service->generation = nla_get_u64(attr);
		break;
	case SVCLB_A_SERVICE_AFFINITY_TIMEOUT:
		service->affinity = nla_get_u32(attr);
		break;
	case SVCLB_A_SERVICE_SYN_FAILOVER:
		service->syn_failover = nla_get_u8(attr);
		break;
	case SVCLB_A_SERVICE_FRONTEND:
		svclb_codec_get_frontend(&frontend, attr);
		svclb_service_add_frontend(service, &frontend);
		break;
	case SVCLB_A_SERVICE_BACKEND:
		svclb_codec_get_backend(&backend, NULL, attr);
		weight = nla_find(nla_data(attr), nla_len(attr),
				  SVCLB_A_BACKEND_WEIGHT);
		if (weight)
			backend.given |= 1u << SVCLB_A_BACKEND_WEIGHT;
		else
			backend.weight = 1;
		if (nla_find(nla_data(attr), nla_len(attr),
			     SVCLB_A_BACKEND_FLAGS))
			backend.given |= 1u << SVCLB_A_BACKEND_FLAGS;
		svclb_service_add_backend(service, &backend);
		break;
	case SVCLB_A_SERVICE_SOURCE_RANGE:
		svclb_codec_get_network(&range, attr);
		svclb_service_add_range(service, &range);
		break;
	default:
		break;
	}
}

static struct svclb_service *find(const struct asked *asked)
{
	uint32_t i;

	if (asked->service.name)
		return svclb_config_by_name(&peer.config, asked->service.name);
	for (i = 0; i < peer.config.nr; i++)
		if (peer.config.services[i] &&
		    peer.config.services[i]->id == asked->id)
			return peer.config.services[i];
	return NULL;
}

/* A request has no family in its keys, and an old service may have it. */
static void complete(struct asked *asked, const struct svclb_service *old)
{
	struct svclb_service *service = &asked->service;
	uint32_t i;

	if (old) {
		service->family = old->family;
		service->proto = old->proto;
	}
	for (i = 0; i < service->nr_frontends; i++) {
		struct svclb_frontend *frontend = &service->frontends[i];

		frontend->key.family = service->family;
		frontend->key.proto = service->proto;
		frontend->key.node_port =
			frontend->kind == SVCLB_FRONTEND_KIND_NODE_PORT;
	}
	svclb_service_sort_ranges(service);
}

static int set_service(struct asked *asked, struct svclb_service *old,
		       uint16_t flags)
{
	const struct svclb_service *owner;
	struct svclb_service *copy;
	uint32_t i;

	if (old && flags & NLM_F_EXCL)
		return -EEXIST;
	if (!old && !(flags & NLM_F_CREATE))
		return -ENOENT;
	for (i = 0; i < asked->service.nr_frontends; i++) {
		owner = svclb_config_by_key(&peer.config,
					    &asked->service.frontends[i].key);
		if (owner && owner != old)
			return -EEXIST;
	}
	if (!(asked->given & SVCLB_ATTR(SCHEDULER)))
		asked->service.sched = peer.config.settings.sched;
	asked->service.id = old ? old->id : ++peer.next_id;
	copy = svclb_service_copy(&asked->service);
	if (old)
		svclb_config_remove(&peer.config, old);
	return svclb_config_insert(&peer.config, copy) ? -ENOMEM : 0;
}

static int edit_service(const struct asked *asked, struct svclb_service *old)
{
	if (asked->given & SVCLB_ATTR(SCHEDULER))
		old->sched = asked->service.sched;
	if (asked->given & SVCLB_ATTR(GENERATION))
		old->generation = asked->service.generation;
	if (asked->given & SVCLB_ATTR(AFFINITY_TIMEOUT))
		old->affinity = asked->service.affinity;
	if (asked->given & SVCLB_ATTR(SYN_FAILOVER))
		old->syn_failover = asked->service.syn_failover;
	if (asked->given & (SVCLB_ATTR(SOURCE_RANGE) |
			    SVCLB_ATTR(NO_SOURCE_RANGES)))
		return svclb_service_set_ranges(old, &asked->service) ?
		       -ENOMEM : 0;
	return 0;
}

static int change_frontends(const struct asked *asked,
			    struct svclb_service *old, bool add)
{
	const struct svclb_frontend *frontend;
	struct svclb_frontend *found;
	uint32_t i;

	for (i = 0; i < asked->service.nr_frontends; i++) {
		frontend = &asked->service.frontends[i];
		found = svclb_service_find_frontend(old, &frontend->key);
		if (!add && !found)
			return -ENOENT;
		if (add && svclb_config_by_key(&peer.config, &frontend->key))
			return -EEXIST;
		if (add)
			svclb_config_add_frontend(&peer.config, old, frontend);
		else
			svclb_config_del_frontend(&peer.config, old, found);
	}
	return 0;
}

static int change_backends(const struct asked *asked, struct svclb_service *old,
			   bool set, uint16_t flags)
{
	const struct svclb_backend *backend;
	struct svclb_backend *found;
	uint32_t i;

	for (i = 0; i < asked->service.nr_backends; i++) {
		backend = &asked->service.backends[i];
		found = svclb_service_find_backend(old, backend->addr,
						   backend->port);
		if (found && flags & NLM_F_EXCL)
			return -EEXIST;
		if (!found && !(flags & NLM_F_CREATE))
			return -ENOENT;
		if (!set)
			svclb_service_del_backend(old, found);
		else if (!found)
			svclb_service_add_backend(old, backend);
		if (!set || !found)
			continue;
		if (backend->given & 1u << SVCLB_A_BACKEND_WEIGHT)
			found->weight = backend->weight;
		if (backend->given & 1u << SVCLB_A_BACKEND_FLAGS)
			found->flags = backend->flags;
	}
	return 0;
}

/* Which settings an attribute gives. */
static uint32_t given_by(int attr)
{
	switch (attr) {
	case SVCLB_A_SETTINGS_CLUSTER_NETWORK:
	case SVCLB_A_SETTINGS_NO_CLUSTER_NETWORKS:
		return SVCLB_GIVEN_LIST(SVCLB_LIST_CLUSTER);
	case SVCLB_A_SETTINGS_MASQUERADE_ALL:
		return SVCLB_GIVEN_MASQUERADE;
	default:
		return 0;
	}
}

static int set_settings(struct nlmsghdr *request)
{
	struct genlmsghdr *header = nlmsg_data(request);
	struct svclb_settings settings = { 0 };
	struct svclb_err err;
	struct nlattr *attr;
	int rem;

	if (svclb_codec_get_settings(&settings, request, &err))
		return -EINVAL;
	settings.given = 0;
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		settings.given |= given_by(nla_type(attr));
	svclb_config_apply_settings(&peer.config, &settings);
	return 0;
}

static int change(struct nlmsghdr *request, uint8_t cmd, struct asked *asked)
{
	struct svclb_service *old = find(asked);

	peer.requests++;
	if (cmd == SVCLB_CMD_SETTINGS_SET)
		return set_settings(request);
	if (peer.refuse && asked->service.name &&
	    !strncmp(asked->service.name, peer.refuse, strlen(peer.refuse)))
		return -EINVAL;
	complete(asked, old);
	if (cmd == SVCLB_CMD_SERVICE_SET)
		return set_service(asked, old, request->nlmsg_flags);
	if (!old)
		return -ENOENT;
	switch (cmd) {
	case SVCLB_CMD_SERVICE_EDIT:
		return edit_service(asked, old);
	case SVCLB_CMD_SERVICE_DEL:
		svclb_config_remove(&peer.config, old);
		return 0;
	case SVCLB_CMD_FRONTEND_ADD:
	case SVCLB_CMD_FRONTEND_DEL:
		return change_frontends(asked, old,
					cmd == SVCLB_CMD_FRONTEND_ADD);
	case SVCLB_CMD_BACKEND_DEL:
		return change_backends(asked, old, false, 0);
	default:
		return change_backends(asked, old, true, request->nlmsg_flags);
	}
}

static void dump(const struct nlmsghdr *request, uint8_t cmd,
		 const struct asked *asked)
{
	uint32_t i;

	for (i = 0; i < peer.config.nr; i++) {
		const struct svclb_service *service = peer.config.services[i];

		if (!service || (asked->id && asked->id != service->id))
			continue;
		if (cmd == SVCLB_CMD_SERVICE_GET)
			tell_service(request, service);
		else
			tell_members(request, cmd, service);
	}
	end_dump(request);
}

static void tell_settings(const struct nlmsghdr *request)
{
	struct nl_msg *msg = begin(request, FAMILY, SVCLB_CMD_SETTINGS_GET);
	struct svclb_settings settings = peer.config.settings;
	struct svclb_err err;

	settings.given = SVCLB_GIVEN_ALL;
	svclb_codec_put_settings(msg, &settings, &err);
	finish(msg);
	acknowledge(request, 0);
}

static void tell_family(const struct nlmsghdr *request)
{
	struct nl_msg *msg;

	if (peer.gone) {
		acknowledge(request, -ENOENT);
		return;
	}
	msg = begin(request, GENL_ID_CTRL, CTRL_CMD_NEWFAMILY);
	nla_put_u16(msg, CTRL_ATTR_FAMILY_ID, FAMILY);
	finish(msg);
	acknowledge(request, 0);
}

static bool changes(uint8_t cmd)
{
	return cmd != SVCLB_CMD_SETTINGS_GET && cmd != SVCLB_CMD_SERVICE_GET &&
	       cmd != SVCLB_CMD_FRONTEND_GET && cmd != SVCLB_CMD_BACKEND_GET &&
	       cmd != SVCLB_CMD_SOURCE_RANGE_GET;
}

static void answer(struct nlmsghdr *request)
{
	struct genlmsghdr *header = nlmsg_data(request);
	const struct svclb_service *service;
	struct asked asked = { 0 };
	struct nlattr *attr;
	int rem;

	peer.sent++;
	if (request->nlmsg_type == GENL_ID_CTRL) {
		tell_family(request);
		return;
	}
	if (peer.gone || (peer.blind && changes(header->cmd))) {
		peer.requests++;
		acknowledge(request, peer.gone ? -ENOENT : 0);
		return;
	}
	nla_for_each_attr(attr, genlmsg_attrdata(header, 0),
			  genlmsg_attrlen(header, 0), rem)
		if (header->cmd != SVCLB_CMD_SETTINGS_SET)
			read_attr(&asked, attr);
	switch (header->cmd) {
	case SVCLB_CMD_SETTINGS_GET:
		tell_settings(request);
		break;
	case SVCLB_CMD_SERVICE_GET:
	case SVCLB_CMD_FRONTEND_GET:
	case SVCLB_CMD_BACKEND_GET:
	case SVCLB_CMD_SOURCE_RANGE_GET:
		if (request->nlmsg_flags & NLM_F_DUMP) {
			dump(request, header->cmd, &asked);
			break;
		}
		service = find(&asked);
		if (service)
			tell_service(request, service);
		acknowledge(request, service ? 0 : -ENOENT);
		break;
	default:
		acknowledge(request, change(request, header->cmd, &asked));
	}
	svclb_map_uninit(&asked.service.index);
	free(asked.service.frontends);
	free(asked.service.backends);
	free(asked.service.ranges);
}

int peer_connect(struct nl_sock *sock, int protocol)
{
	(void)sock;
	(void)protocol;
	return 0;
}

int peer_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len)
{
	(void)fd;
	(void)level;
	(void)option;
	(void)value;
	(void)len;
	return 0;
}

int peer_sendto(struct nl_sock *sock, void *batch, size_t size)
{
	struct nlmsghdr *request;
	int left = (int)size;

	(void)sock;
	out.len = 0;
	out.at = 0;
	for (request = batch; nlmsg_ok(request, left);
	     request = nlmsg_next(request, &left))
		answer(request);
	return (int)size;
}

/* Whole messages, as many as fit into a datagram. */
ssize_t peer_recv(int fd, void *buffer, size_t room, int flags)
{
	const struct nlmsghdr *reply;
	size_t len = 0, size;

	(void)fd;
	errno = EAGAIN;
	if (flags & MSG_DONTWAIT && peer.overrun) {
		peer.overrun = false;
		errno = ENOBUFS;
		return -1;
	}
	if (flags & MSG_DONTWAIT) {
		len = peer.events_len;
		memcpy(buffer, peer.events, len);
		peer.events_len = 0;
		return len ? (ssize_t)len : -1;
	}
	while (out.at < out.len) {
		reply = (struct nlmsghdr *)(out.bytes + out.at);
		size = NLMSG_ALIGN(reply->nlmsg_len);
		if (len && (len + size > DATAGRAM || len + size > room))
			break;
		memcpy((char *)buffer + len, reply, size);
		len += size;
		out.at += size;
	}
	return len ? (ssize_t)len : -1;
}

int peer_loop_watch(struct svclb_loop *loop, int fd, uint32_t events,
		    svclb_loop_ready ready, void *data, struct svclb_err *err)
{
	(void)loop;
	(void)fd;
	(void)events;
	(void)err;
	peer.ready = ready;
	peer.ready_data = data;
	return 0;
}

void peer_loop_forget(struct svclb_loop *loop, int fd)
{
	(void)loop;
	(void)fd;
	peer.ready = NULL;
}

uint64_t peer_loop_now(void)
{
	return peer.now;
}

void peer_timer_clear(struct svclb_loop *loop, struct svclb_timer *timer)
{
	struct svclb_timer **at;

	(void)loop;
	for (at = &peer.timers; *at; at = &(*at)->next) {
		if (*at != timer)
			continue;
		*at = timer->next;
		break;
	}
	timer->armed = false;
}

void peer_timer_set(struct svclb_loop *loop, struct svclb_timer *timer,
		    uint64_t milliseconds)
{
	struct svclb_timer **at;

	peer_timer_clear(loop, timer);
	timer->at = peer.now + milliseconds;
	timer->armed = true;
	for (at = &peer.timers; *at && (*at)->at <= timer->at;
	     at = &(*at)->next)
		;
	timer->next = *at;
	*at = timer;
}

void peer_log(int level, const char *message, ...)
{
	(void)level;
	(void)message;
	peer.logged++;
}

void peer_histogram_add(struct svclb_histogram *histogram, double seconds)
{
	histogram->counts[0]++;
	histogram->sum += seconds;
}

/* A number as text; numbers in logs are of no interest here. */
const char *peer_log_number(char *text, unsigned long long number)
{
	(void)number;
	*text = '\0';
	return text;
}

/* Lets time pass, and what waits be done. */
void peer_run(uint64_t milliseconds)
{
	uint64_t end = peer.now + milliseconds;
	struct svclb_timer *timer;

	while (peer.timers && peer.timers->at <= end) {
		timer = peer.timers;
		peer.timers = timer->next;
		timer->armed = false;
		peer.now = timer->at > peer.now ? timer->at : peer.now;
		timer->expired(timer->data);
	}
	peer.now = end;
}

/* Tells that somebody else changed something of a service. */
void peer_event(uint8_t cmd, const struct svclb_service *service)
{
	const struct nlmsghdr request = { .nlmsg_pid = EVENT_PORT };
	struct nl_msg *msg = begin(&request, FAMILY, cmd);

	if (cmd == SVCLB_CMD_SERVICE_SET_NTF)
		put_service(msg, service);
	else if (service)
		put_names(msg, service);
	peer.events_len = nlmsg_hdr(msg)->nlmsg_len;
	memcpy(peer.events, nlmsg_hdr(msg), peer.events_len);
	nlmsg_free(msg);
	peer.ready(peer.ready_data, 1);
}

void peer_uninit(void)
{
	svclb_config_uninit(&peer.config);
	free(out.bytes);
	memset(&out, 0, sizeof(out));
	memset(&peer, 0, sizeof(peer));
}
