// SPDX-License-Identifier: GPL-2.0-only
/*
 * The options of set.
 */
#include "stmt.h"

#include <string.h>

#include "text.h"

/**
 * struct list_option - the options for a list of networks
 * @add:   adds one
 * @none:  empties the list
 * @what:  what the networks are called
 * @names: names of the two options
 */
struct list_option {
	int add;
	int none;
	const char *what;
	const char *names[2];
};

static const struct list_option list_options[] = {
	[SVCLB_LIST_CLUSTER] = {
		SVCLB_OPT_NETWORK, SVCLB_OPT_NO_NETWORKS,
		"cluster networks",
		{ "--cluster-network", "--no-cluster-networks" },
	},
	[SVCLB_LIST_NODE_PORT] = {
		SVCLB_OPT_NODE_PORT_ADDRESS, SVCLB_OPT_NO_NODE_PORT_ADDRESSES,
		"node-port addresses",
		{ "--node-port-address", "--no-node-port-addresses" },
	},
	[SVCLB_LIST_SERVICE] = {
		SVCLB_OPT_SERVICE_NETWORK, SVCLB_OPT_NO_SERVICE_NETWORKS,
		"service networks",
		{ "--service-network", "--no-service-networks" },
	},
};

static int add_network(struct svclb_settings *settings, int list,
		       const char *word, struct svclb_err *err)
{
	struct svclb_networks *networks = &settings->lists[list];

	if (networks->nr == SVCLB_CLUSTER_NETWORKS_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': there are at most %d %s", word,
				     SVCLB_CLUSTER_NETWORKS_MAX,
				     list_options[list].what);
	return svclb_text_parse_network(word, &networks->at[networks->nr++],
					err);
}

static int add_interface(struct svclb_settings *settings, const char *word,
			 struct svclb_err *err)
{
	if (settings->nr_interfaces == SVCLB_POD_INTERFACES_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': there are at most %d pod interfaces",
				     word, SVCLB_POD_INTERFACES_MAX);
	return svclb_text_parse_interface(word,
					  settings->interfaces[settings->nr_interfaces++],
					  err);
}

static int set_affinity_max(struct svclb_settings *settings, const char *word,
			    struct svclb_err *err)
{
	uint64_t number;

	if (svclb_text_parse_number(word, "--affinity-max", UINT32_MAX, &number,
				    err))
		return -1;
	settings->affinity_max = (uint32_t)number;
	if (number)
		return 0;
	return svclb_text_bad(err, word, "--affinity-max is at least 1",
			      "it is not what switches affinity off");
}

/* Options that are no list. */
static int set_value(struct svclb_settings *settings, int id, const char *arg,
		     struct svclb_err *err)
{
	switch (id) {
	case SVCLB_OPT_MASQUERADE:
		settings->given |= SVCLB_GIVEN_MASQUERADE;
		return svclb_text_parse_switch(arg, "--masquerade-all",
					       &settings->masquerade_all, err);
	case SVCLB_OPT_RANGE:
		settings->given |= SVCLB_GIVEN_PORTS;
		return svclb_text_parse_range(arg, &settings->node_port_min,
					      &settings->node_port_max, err);
	case SVCLB_OPT_LOOPBACK:
		settings->given |= SVCLB_GIVEN_LOOPBACK;
		return svclb_text_parse_switch(arg, "--node-port-loopback",
					       &settings->loopback, err);
	case SVCLB_OPT_PING:
		settings->given |= SVCLB_GIVEN_PING;
		return svclb_text_parse_switch(arg, "--answer-ping",
					       &settings->answer_ping, err);
	case SVCLB_OPT_SEED:
		settings->given |= SVCLB_GIVEN_SEED;
		return svclb_text_parse_number(arg, "--maglev-seed", UINT64_MAX,
					       &settings->maglev_seed, err);
	case SVCLB_OPT_AFFINITY_MAX:
		settings->given |= SVCLB_GIVEN_AFFINITY;
		return set_affinity_max(settings, arg, err);
	case SVCLB_OPT_TUNING ... SVCLB_OPT_TUNING + SVCLB_TUNINGS - 1:
		id -= SVCLB_OPT_TUNING;
		settings->given |= SVCLB_GIVEN_TUNING(id);
		return svclb_text_parse_tuning(arg, id, &settings->tunings[id],
					       err);
	default:
		settings->given |= SVCLB_GIVEN_SCHEDULER;
		return svclb_text_parse_scheduler(arg, &settings->sched, err);
	}
}

/**
 * svclb_stmt_set_option() - take an option of set
 * @stmt: the statement
 * @id:   the option
 * @arg:  its value
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_stmt_set_option(struct svclb_stmt *stmt, int id, const char *arg,
			  struct svclb_err *err)
{
	struct svclb_settings *settings = &stmt->settings;
	int list;

	for (list = 0; list < SVCLB_LISTS; list++) {
		if (id != list_options[list].add &&
		    id != list_options[list].none)
			continue;
		settings->given |= SVCLB_GIVEN_LIST(list);
		if (id == list_options[list].add)
			return add_network(settings, list, arg, err);
		stmt->denied |= SVCLB_GIVEN_LIST(list);
		return 0;
	}
	if (id != SVCLB_OPT_POD_INTERFACE && id != SVCLB_OPT_NO_POD_INTERFACES)
		return set_value(settings, id, arg, err);
	settings->given |= SVCLB_GIVEN_INTERFACES;
	if (id == SVCLB_OPT_POD_INTERFACE)
		return add_interface(settings, arg, err);
	stmt->denied |= SVCLB_GIVEN_INTERFACES;
	return 0;
}

static int contradiction(const char *one, const char *none,
			 struct svclb_err *err)
{
	return svclb_err_set(err, SVCLB_ERR_INPUT, "%s excludes %s", one, none);
}

/**
 * svclb_stmt_check_settings() - check that the options of set fit together
 * @stmt: the statement
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_stmt_check_settings(const struct svclb_stmt *stmt,
			      struct svclb_err *err)
{
	int list;

	for (list = 0; list < SVCLB_LISTS; list++)
		if (stmt->denied & SVCLB_GIVEN_LIST(list) &&
		    stmt->settings.lists[list].nr)
			return contradiction(list_options[list].names[0],
					     list_options[list].names[1], err);
	if (stmt->denied & SVCLB_GIVEN_INTERFACES &&
	    stmt->settings.nr_interfaces)
		return contradiction("--pod-interface", "--no-pod-interfaces",
				     err);
	return 0;
}
