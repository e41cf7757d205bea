/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_PROXIER_INT_H
#define SVCLB_CTL_PROXIER_INT_H

#include "proxier.h"
#include "store.h"

/* What settings are known as where Services are. */
#define SVCLB_PENDING_SETTINGS ""

/**
 * struct svclb_pending - a Service that is to be brought to the kernel
 * @namespace: its namespace
 * @name:      its name
 * @due:       when to do it, in milliseconds of svclb_loop_now(); 0 for soon
 * @since:     when it changed, likewise
 * @delay:     how long it was waited for the last time, 0 if it never failed
 * @tried:     whether the pass that is under way is about it
 * @failed:    whether the kernel refused something of it in that pass
 */
struct svclb_pending {
	char *namespace;
	char *name;
	uint64_t due;
	uint64_t since;
	uint32_t delay;
	bool tried;
	bool failed;
};

/**
 * struct svclb_pendings - the Services that are to be brought to the kernel
 * @at:    the Services
 * @nr:    how many
 * @max:   for how many there is room
 * @index: finds them
 */
struct svclb_pendings {
	struct svclb_pending *at;
	uint32_t nr;
	uint32_t max;
	struct svclb_map index;
};

/**
 * struct svclb_held - what the kernel holds
 * @ours:   our services, and the settings
 * @others: services of others
 * @owners: finds ours by namespace and name of the Service
 * @stats:  gets the figures of ours
 */
struct svclb_held {
	struct svclb_config ours;
	struct svclb_config others;
	struct svclb_map owners;
	struct svclb_stats *stats;
};

/* Most changes of endpoints whose way is measured in one pass. */
#define SVCLB_TRIGGERS_MAX 4096

/**
 * struct svclb_proxier - keeps the kernel's services as a cluster has them
 * @p:          what it is to do
 * @translation: that of @p, with what the Node tells
 * @store:      the cluster
 * @node:       the own Node, or NULL
 * @listed:     which lists were complete once
 * @node_until: when not to wait for the Node any more, or 0
 * @held:       what the kernel holds
 * @known:      whether that is known
 * @contested:  hashes of keys that more than one Service claims
 * @yielded:    how many names and addresses are left to others
 * @asked:      settings that are asked for
 * @pendings:   Services that are to be brought to the kernel
 * @all:        whether the next pass is about all of them
 * @all_since:  when the first change was that it is for, or 0
 * @repair_at:  when to undo what others did, or 0
 * @repair_delay: least time from one such pass to the next
 * @repaired_at: when the last one was
 * @away:       whether the kernel did not answer
 * @away_delay: how long to wait before asking it again
 * @away_until: until when that is
 * @pass_timer: for the next pass
 * @pass_at:    when that is
 * @last_pass:  when the last one was
 * @full_timer: for the next pass over all
 * @started:    when it was created, in milliseconds since 1970
 * @triggers:   when endpoints changed that the next pass is about, likewise
 * @nr_triggers: how many
 * @noted:      hashes of what was noted already
 * @ports:      the health check ports, sorted by Service
 * @nr_ports:   how many
 * @max_ports:  for how many there is room
 * @ports_changed: whether they are to be told
 * @requests:   how many requests the pass under way sent
 * @refused:    how many of them the kernel refused
 */
struct svclb_proxier {
	struct svclb_proxying p;
	struct svclb_translation translation;
	struct svclb_store store;
	struct svclb_k8s_node *node;
	bool listed[SVCLB_RESOURCES];
	uint64_t node_until;
	struct svclb_held held;
	bool known;
	struct svclb_map contested;
	uint32_t yielded;
	struct svclb_settings asked;
	struct svclb_pendings pendings;
	bool all;
	uint64_t all_since;
	uint64_t repair_at;
	uint32_t repair_delay;
	uint64_t repaired_at;
	bool away;
	uint32_t away_delay;
	uint64_t away_until;
	struct svclb_timer pass_timer;
	uint64_t pass_at;
	uint64_t last_pass;
	struct svclb_timer full_timer;
	uint64_t started;
	uint64_t triggers[SVCLB_TRIGGERS_MAX];
	uint32_t nr_triggers;
	struct svclb_map noted;
	struct svclb_health_port *ports;
	uint32_t nr_ports;
	uint32_t max_ports;
	bool ports_changed;
	uint32_t requests;
	uint32_t refused;
};

/* proxier_pending.c */
uint32_t svclb_pending_hash(const char *namespace, size_t namespace_len,
			    const char *name, size_t name_len);
struct svclb_pending *svclb_pending_find(const struct svclb_pendings *pendings,
					 const char *namespace,
					 const char *name);
struct svclb_pending *svclb_pending_add(struct svclb_pendings *pendings,
					const char *namespace,
					const char *name);
void svclb_pending_settle(struct svclb_pendings *pendings, bool known);
void svclb_pending_uninit(struct svclb_pendings *pendings);

/* proxier_held.c */
bool svclb_held_owner(const char *service, const char **name,
		      size_t *namespace_len, size_t *name_len);
bool svclb_held_is_of(const struct svclb_service *service,
		      const char *namespace, const char *name);
int svclb_held_load(struct svclb_held *held, struct svclb_nl *nl,
		    uint64_t generation, struct svclb_err *err);
int svclb_held_index(struct svclb_held *held);
int svclb_held_pack(struct svclb_held *held);
int svclb_held_insert(struct svclb_held *held, struct svclb_service *service);
void svclb_held_remove(struct svclb_held *held, struct svclb_service *service);
void svclb_held_find(const struct svclb_held *held, const char *namespace,
		     const char *name, struct svclb_map_iter *iter);
struct svclb_service *svclb_held_next(const struct svclb_held *held,
				      const char *namespace, const char *name,
				      struct svclb_map_iter *iter);
void svclb_held_uninit(struct svclb_held *held);

/* proxier_health.c */
int svclb_proxier_health(struct svclb_proxier *proxier, const char *namespace,
			 const char *name);
int svclb_proxier_health_all(struct svclb_proxier *proxier);
void svclb_proxier_tell_health(struct svclb_proxier *proxier);
void svclb_proxier_health_uninit(struct svclb_proxier *proxier);

/* proxier_change.c */
int svclb_proxier_some(struct svclb_proxier *proxier, struct svclb_err *err);
int svclb_proxier_all(struct svclb_proxier *proxier, struct svclb_err *err);

/* proxier_pass.c */
void svclb_proxier_changed(struct svclb_proxier *proxier);
void svclb_proxier_change_all(struct svclb_proxier *proxier);
void svclb_proxier_repair(struct svclb_proxier *proxier);
void svclb_proxier_pass(void *data);
void svclb_proxier_schedule(struct svclb_proxier *proxier, uint64_t delay);
bool svclb_proxier_ready(struct svclb_proxier *proxier);

/* proxier_events.c */
int svclb_proxier_listen(struct svclb_proxier *proxier, struct svclb_err *err);

#endif /* SVCLB_CTL_PROXIER_INT_H */
