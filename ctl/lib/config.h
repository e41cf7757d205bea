/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_CONFIG_H
#define SVCLB_CTL_CONFIG_H

#include "model.h"

/**
 * struct svclb_network - a prefix of addresses
 * @addr:   as in &struct svclb_key
 * @family: AF_INET or AF_INET6
 * @length: length in bits
 */
struct svclb_network {
	uint8_t addr[16];
	uint8_t family;
	uint8_t length;
};

/* Which settings are meant; the bits of struct svclb_settings.given. */
#define SVCLB_GIVEN_NETWORKS	0x1
#define SVCLB_GIVEN_MASQUERADE	0x2
#define SVCLB_GIVEN_PORTS	0x4
#define SVCLB_GIVEN_SCHEDULER	0x8

/**
 * struct svclb_settings - the settings of a namespace
 * @given:          which of them are meant, SVCLB_GIVEN_*
 * @line:           line of the file that gave them last, or 0
 * @masquerade_all: whether all connections are masqueraded
 * @sched:          scheduler of services set without one
 * @node_port_min:  first port of the node-port range
 * @node_port_max:  last port of the node-port range
 * @nr_networks:    how many cluster networks
 * @networks:       the cluster networks
 */
struct svclb_settings {
	uint8_t given;
	uint32_t line;
	bool masquerade_all;
	uint8_t sched;
	uint16_t node_port_min;
	uint16_t node_port_max;
	uint32_t nr_networks;
	struct svclb_network networks[SVCLB_CLUSTER_NETWORKS_MAX];
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

void svclb_config_uninit(struct svclb_config *config);
struct svclb_service *svclb_config_by_name(const struct svclb_config *config,
					   const char *name);
struct svclb_service *svclb_config_by_key(const struct svclb_config *config,
					  const struct svclb_key *key);
int svclb_config_insert(struct svclb_config *config,
			struct svclb_service *service);
void svclb_config_remove(struct svclb_config *config,
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

bool svclb_network_equal(const struct svclb_network *a,
			 const struct svclb_network *b);

#endif /* SVCLB_CTL_CONFIG_H */
