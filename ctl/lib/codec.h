/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CODEC_H
#define SVCLB_CTL_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "model.h"

struct nl_msg;
struct nlattr;
struct nlmsghdr;

/**
 * struct svclb_reply - what a message of the kernel says about a service
 * @id:           the kernel's number
 * @name:         name, in the message
 * @family:       AF_INET or AF_INET6
 * @proto:        IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP
 * @sched:        enum svclb_scheduler
 * @syn_failover: whether connections leave a backend that does not answer
 * @affinity:     seconds for which a client keeps its backend, or 0
 * @generation:   generation
 * @nr_frontends: how many frontends it has
 * @nr_backends:  how many backends it has
 * @nr_ranges:    how many source ranges it has
 * @counts:       its counters
 * @has_frontend: whether the message is about a frontend of it
 * @frontend:     the frontend
 * @has_backend:  whether the message is about a backend of it
 * @backend:      the backend
 * @has_range:    whether the message is about a source range of it
 * @range:        the source range
 */
struct svclb_reply {
	uint32_t id;
	const char *name;
	uint8_t family;
	uint8_t proto;
	uint8_t sched;
	bool syn_failover;
	uint32_t affinity;
	uint64_t generation;
	uint32_t nr_frontends;
	uint32_t nr_backends;
	uint32_t nr_ranges;
	struct svclb_counts counts;
	bool has_frontend;
	struct svclb_frontend frontend;
	bool has_backend;
	struct svclb_backend backend;
	bool has_range;
	struct svclb_network range;
};

/**
 * struct svclb_counters - the counters of a namespace
 * @values: the counters, by enum svclb_counters_attr
 */
struct svclb_counters {
	uint64_t values[SVCLB_A_COUNTERS_MAX + 1];
};

/* What service-edit can change: bits of enum svclb_service_attr. */
#define SVCLB_ATTR(name) (1u << SVCLB_A_SERVICE_##name)

/* More settings than any request has, as a number of members. */
#define SVCLB_SETTINGS_MEMBERS \
	(SVCLB_LISTS * SVCLB_CLUSTER_NETWORKS_MAX + SVCLB_POD_INTERFACES_MAX)

size_t svclb_codec_size(uint32_t nr_members);
size_t svclb_codec_service_size(const struct svclb_service *service);
int svclb_codec_put_id(struct nl_msg *msg, uint32_t id, struct svclb_err *err);
int svclb_codec_put_name(struct nl_msg *msg, const char *name,
			 struct svclb_err *err);
int svclb_codec_put_key(struct nl_msg *msg, const struct svclb_key *key,
			struct svclb_err *err);
int svclb_codec_put_generation(struct nl_msg *msg, uint64_t generation,
			       struct svclb_err *err);
int svclb_codec_put_attributes(struct nl_msg *msg,
			       const struct svclb_service *service,
			       uint32_t attributes, struct svclb_err *err);
int svclb_codec_put_flag(struct nl_msg *msg, int type, struct svclb_err *err);
int svclb_codec_put_service(struct nl_msg *msg,
			    const struct svclb_service *service,
			    struct svclb_err *err);
int svclb_codec_put_frontends(struct nl_msg *msg,
			      const struct svclb_frontend *frontends,
			      uint32_t nr, struct svclb_err *err);
int svclb_codec_put_backends(struct nl_msg *msg, uint8_t family,
			     const struct svclb_backend *backends, uint32_t nr,
			     struct svclb_err *err);
int svclb_codec_put_settings(struct nl_msg *msg,
			     const struct svclb_settings *settings,
			     struct svclb_err *err);

void svclb_codec_get_frontend(struct svclb_frontend *frontend,
			      struct nlattr *nest);
uint8_t svclb_codec_get_backend(struct svclb_backend *backend, uint32_t *share,
				struct nlattr *nest);
void svclb_codec_get_network(struct svclb_network *network,
			     struct nlattr *nest);
int svclb_codec_get_service(struct svclb_reply *reply,
			    const struct nlmsghdr *msg, struct svclb_err *err);
int svclb_codec_get_settings(struct svclb_settings *settings,
			     const struct nlmsghdr *msg, struct svclb_err *err);
void svclb_codec_get_counters(struct svclb_counters *counters,
			      const struct nlmsghdr *msg);
uint8_t svclb_codec_command(const struct nlmsghdr *msg);
int svclb_codec_locate(const struct nlmsghdr *msg, uint32_t offset,
		       int *attr, uint32_t *index);

#endif /* SVCLB_CTL_CODEC_H */
