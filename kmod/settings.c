// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <linux/slab.h>

/**
 * svclb_settings_create() - make settings that hold the defaults
 * @nr_networks: how many cluster networks, all to be filled in with
 *               svclb_settings_set_network()
 *
 * May sleep.
 *
 * Return: the settings, or NULL when there is no memory. Freed with kfree(),
 * or with kfree_rcu() once published.
 */
struct svclb_settings *svclb_settings_create(unsigned int nr_networks)
{
	struct svclb_settings *settings;

	settings = kzalloc(struct_size(settings, networks, nr_networks),
			   GFP_KERNEL_ACCOUNT);
	if (!settings)
		return NULL;
	settings->default_sched = SVCLB_SCHED_RANDOM;
	settings->node_port_min = 30000;
	settings->node_port_max = 32767;
	settings->nr_networks = nr_networks;
	return settings;
}

/**
 * svclb_settings_set_network() - fill in a cluster network
 * @settings:   settings that are not published yet
 * @i:          which, below the number given at creation
 * @family:     NFPROTO_IPV4 or NFPROTO_IPV6
 * @addr:       first address, all bits behind the prefix 0
 * @prefix_len: length in bits, at most 32 or 128
 */
void svclb_settings_set_network(struct svclb_settings *settings,
				unsigned int i, u8 family,
				const union nf_inet_addr *addr, u8 prefix_len)
{
	struct svclb_network *network = &settings->networks[i];
	unsigned int word, bits;

	network->family = family;
	network->prefix_len = prefix_len;
	network->addr = *addr;
	for (word = 0; word < 4; word++) {
		bits = clamp_t(int, prefix_len - 32 * (int)word, 0, 32);
		network->mask.ip6[word] =
			bits ? cpu_to_be32(~0U << (32 - bits)) : 0;
	}
	settings->has_networks[svclb_family_index(family)] = true;
}
