/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CONFIG_H
#define SVCLB_CTL_CONFIG_H

#include "model.h"
#include "tuning.h"

/**
 * enum svclb_list - the lists of networks in the settings
 * @SVCLB_LIST_CLUSTER:   whose members are inside of the cluster
 * @SVCLB_LIST_NODE_PORT: where node ports are open
 * @SVCLB_LIST_SERVICE:   whose addresses are only for services
 * @SVCLB_LISTS:          how many there are
 */
enum svclb_list {
	SVCLB_LIST_CLUSTER,
	SVCLB_LIST_NODE_PORT,
	SVCLB_LIST_SERVICE,
	SVCLB_LISTS,
};

/* Which settings are meant; the bits of struct svclb_settings.given. */
#define SVCLB_GIVEN_LIST(list)	(1u << (list))
#define SVCLB_GIVEN_NETWORKS	SVCLB_GIVEN_LIST(SVCLB_LIST_CLUSTER)
#define SVCLB_GIVEN_MASQUERADE	0x0008
#define SVCLB_GIVEN_PORTS	0x0010
#define SVCLB_GIVEN_SCHEDULER	0x0020
#define SVCLB_GIVEN_INTERFACES	0x0040
#define SVCLB_GIVEN_LOOPBACK	0x0080
#define SVCLB_GIVEN_PING	0x0100
#define SVCLB_GIVEN_SEED	0x0200
#define SVCLB_GIVEN_AFFINITY	0x0400
/* Setting i of svclb_tunings. */
#define SVCLB_GIVEN_TUNING(i)	(0x0800u << (i))
#define SVCLB_GIVEN_ALL		(SVCLB_GIVEN_TUNING(SVCLB_TUNINGS) - 1)

/* Those that the first modules had. */
#define SVCLB_GIVEN_FIRST (SVCLB_GIVEN_NETWORKS | SVCLB_GIVEN_MASQUERADE | \
			   SVCLB_GIVEN_PORTS | SVCLB_GIVEN_SCHEDULER)

/* Room for the name of an interface, or for the beginning of names and "*". */
#define SVCLB_INTERFACE_TEXT 17

/**
 * struct svclb_networks - a list of networks
 * @nr: how many
 * @at: the networks
 */
struct svclb_networks {
	uint32_t nr;
	struct svclb_network at[SVCLB_CLUSTER_NETWORKS_MAX];
};

/**
 * struct svclb_settings - the settings of a namespace
 * @given:          which of them are meant, SVCLB_GIVEN_*
 * @line:           line of the file that gave them last, or 0
 * @masquerade_all: whether all connections to VIPs are masqueraded
 * @loopback:       whether node ports are open on 127.0.0.0/8
 * @answer_ping:    whether an echo request to a VIP is answered
 * @sched:          scheduler of services set without one
 * @node_port_min:  first port of the node-port range
 * @node_port_max:  last port of the node-port range
 * @affinity_max:   most affinity entries
 * @tunings:        the settings of the datapath, as svclb_tunings has them
 * @maglev_seed:    of the scheduler maglev
 * @nr_interfaces:  how many pod interfaces
 * @interfaces:     by which pods come in
 * @lists:          the lists of networks
 */
struct svclb_settings {
	uint32_t given;
	uint32_t line;
	bool masquerade_all;
	bool loopback;
	bool answer_ping;
	uint8_t sched;
	uint16_t node_port_min;
	uint16_t node_port_max;
	uint32_t affinity_max;
	uint32_t tunings[SVCLB_TUNINGS];
	uint64_t maglev_seed;
	uint32_t nr_interfaces;
	char interfaces[SVCLB_POD_INTERFACES_MAX][SVCLB_INTERFACE_TEXT];
	struct svclb_networks lists[SVCLB_LISTS];
};

/**
 * struct svclb_config - all that a namespace is configured to do
 * @settings: the settings
 * @services: the services, with holes (NULL) where one was removed
 * @nr:       how many, holes included
 * @max:      for how many there is room
 * @count:    how many, holes left out
 * @names:    finds them by name
 * @keys:     finds them by the key of a frontend
 *
 * All zero is an empty configuration. While a service is in here, its
 * frontends are changed through svclb_config_*() only.
 */
struct svclb_config {
	struct svclb_settings settings;
	struct svclb_service **services;
	uint32_t nr;
	uint32_t max;
	uint32_t count;
	struct svclb_map names;
	struct svclb_map keys;
};

uint32_t svclb_config_hash_key(const struct svclb_key *key);
void svclb_config_uninit(struct svclb_config *config);
struct svclb_service *svclb_config_by_name(const struct svclb_config *config,
					   const char *name);
struct svclb_service *svclb_config_by_key(const struct svclb_config *config,
					  const struct svclb_key *key);
int svclb_config_insert(struct svclb_config *config,
			struct svclb_service *service);
void svclb_config_remove(struct svclb_config *config,
			 struct svclb_service *service);
void svclb_config_take(struct svclb_config *config,
		       struct svclb_service *service);
void svclb_config_flush(struct svclb_config *config);
int svclb_config_add_frontend(struct svclb_config *config,
			      struct svclb_service *service,
			      const struct svclb_frontend *frontend);
void svclb_config_del_frontend(struct svclb_config *config,
			       struct svclb_service *service,
			       struct svclb_frontend *frontend);
int svclb_config_copy(struct svclb_config *to, const struct svclb_config *from);
void svclb_config_sort(struct svclb_config *config);
void svclb_config_apply_settings(struct svclb_config *config,
				 const struct svclb_settings *settings);
void svclb_config_set_defaults(struct svclb_config *config);

#endif /* SVCLB_CTL_CONFIG_H */
