// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <linux/slab.h>

#define AFFINITY_MAX 1048576
#define FLOW_MAX 1048576

/* In seconds. */
static const u32 flow_timeouts[] = {
	[SVCLB_FLOW_STATE_TCP_SYN] = 60,
	[SVCLB_FLOW_STATE_TCP_ESTABLISHED] = 86400,
	[SVCLB_FLOW_STATE_TCP_HALF_CLOSED] = 3600,
	[SVCLB_FLOW_STATE_TCP_CLOSED] = 60,
	[SVCLB_FLOW_STATE_UDP] = 30,
	[SVCLB_FLOW_STATE_UDP_STREAM] = 120,
	[SVCLB_FLOW_STATE_SCTP_SETUP] = 60,
	[SVCLB_FLOW_STATE_SCTP_ESTABLISHED] = 7200,
	[SVCLB_FLOW_STATE_SCTP_CLOSED] = 10,
};

/**
 * svclb_settings_create() - make settings that hold the defaults
 * @nr: how many networks each list has, all to be filled in with
 *      svclb_network_set(); @has is the caller's to set too
 *
 * May sleep.
 *
 * Return: the settings, or NULL when there is no memory. Freed with kfree(),
 * or with kfree_rcu() once published.
 */
struct svclb_settings *
svclb_settings_create(const u32 nr[SVCLB_NETWORK_LISTS])
{
	struct svclb_settings *settings;
	u32 total = 0;
	int list, state;

	BUILD_BUG_ON(ARRAY_SIZE(flow_timeouts) != SVCLB_FLOW_STATE_MAX + 1);

	for (list = 0; list < SVCLB_NETWORK_LISTS; list++)
		total += nr[list];
	settings = kzalloc(struct_size(settings, networks, total),
			   GFP_KERNEL_ACCOUNT);
	if (!settings)
		return NULL;
	for (list = 0; list < SVCLB_NETWORK_LISTS; list++)
		settings->first[list + 1] = settings->first[list] + nr[list];
	settings->default_sched = SVCLB_SCHED_RANDOM;
	settings->node_port_min = 30000;
	settings->node_port_max = 32767;
	settings->affinity_max = AFFINITY_MAX;
	settings->datapath = SVCLB_DATAPATH_CONNTRACK;
	settings->flow_full = SVCLB_FLOW_FULL_EVICT;
	settings->flow_max = FLOW_MAX;
	for (state = 0; state <= SVCLB_FLOW_STATE_MAX; state++)
		settings->flow_timeouts[state] = flow_timeouts[state] * HZ;
	return settings;
}
