// SPDX-License-Identifier: GPL-2.0-only
#include <linux/module.h>
#include <net/netfilter/nf_nat_masquerade.h>

#include "census.h"
#include "config.h"
#include "conntrack.h"
#include "datapath.h"
#include "flow.h"
#include "key.h"
#include "net.h"
#include "netlink.h"
#include "netlink_reply.h"
#include "reject.h"
#include "sched.h"
#include "silence.h"

unsigned int svclb_net_id __read_mostly;

static void counters_uninit(struct svclb_net *sn)
{
	int i;

	for (i = 0; i < SVCLB_CAUSES; i++)
		svclb_counter_uninit(&sn->counters[i]);
}

static int counters_init(struct svclb_net *sn)
{
	int i, err;

	for (i = 0; i < SVCLB_CAUSES; i++) {
		err = svclb_counter_init(&sn->counters[i]);
		if (err) {
			counters_uninit(sn);
			return err;
		}
	}
	return 0;
}

static int __net_init svclb_net_init(struct net *net)
{
	static const u32 no_networks[SVCLB_NETWORK_LISTS];
	struct svclb_settings *settings = svclb_settings_create(no_networks);
	struct svclb_net *sn = svclb_net(net);
	int err = -ENOMEM;

	sn->net = net;
	if (!settings)
		return err;
	err = counters_init(sn);
	if (err)
		goto free_settings;
	err = svclb_tables_init(&sn->tables);
	if (err)
		goto free_counters;
	err = svclb_affinity_init(&sn->affinity, &sn->tables.ids,
				  settings->affinity_max,
				  &sn->counters[SVCLB_AFFINITY_EVICTED]);
	if (err)
		goto free_tables;
	svclb_conntrack_init(sn);
	svclb_census_init(sn);
	/* A dump takes 0 for not begun. */
	sn->sequence = 1;
	rcu_assign_pointer(sn->settings, settings);
	return 0;

free_tables:
	svclb_tables_uninit(&sn->tables);
free_counters:
	counters_uninit(sn);
free_settings:
	kfree(settings);
	return err;
}

/*
 * From here on no packet asks any more; those still asking are done when
 * svclb_net_exit() is called, since a grace period passes in between.
 */
static void __net_exit svclb_net_pre_exit(struct net *net)
{
	svclb_datapath_unhook(svclb_net(net));
}

static void __net_exit svclb_net_exit(struct net *net)
{
	struct svclb_net *sn = svclb_net(net);

	svclb_census_uninit(sn);
	svclb_config_uninit(sn);
	svclb_conntrack_uninit(sn);
	svclb_flow_table_free(sn->flows);
	svclb_affinity_uninit(&sn->affinity);
	svclb_tables_uninit(&sn->tables);
	counters_uninit(sn);
	kfree(rcu_dereference_protected(sn->settings, 1));
}

static struct pernet_operations svclb_net_ops = {
	.init = svclb_net_init,
	.pre_exit = svclb_net_pre_exit,
	.exit = svclb_net_exit,
	.id = &svclb_net_id,
	.size = sizeof(struct svclb_net),
};

/*
 * Secrets first, since everything hashes; what packets use before the
 * namespaces that they are in; the interface last, when all that it leads to is
 * there.
 */
static int __init svclb_init(void)
{
	int err;

	svclb_hash_keys_init();
	svclb_census_tell_drained(svclb_notify_drained);
	err = svclb_sched_init();
	if (err)
		return err;
	err = svclb_silence_init();
	if (err)
		goto uninit_sched;
	err = svclb_reject_init();
	if (err)
		goto uninit_silence;
	err = nf_nat_masquerade_inet_register_notifiers();
	if (err)
		goto uninit_reject;
	err = register_pernet_subsys(&svclb_net_ops);
	if (err)
		goto unregister_notifiers;
	err = svclb_netlink_init();
	if (err)
		goto unregister_net;
	return 0;

unregister_net:
	unregister_pernet_subsys(&svclb_net_ops);
unregister_notifiers:
	nf_nat_masquerade_inet_unregister_notifiers();
uninit_reject:
	svclb_reject_uninit();
uninit_silence:
	svclb_silence_uninit();
uninit_sched:
	/* Callbacks of the namespaces that were undone run our code. */
	rcu_barrier();
	svclb_sched_uninit();
	svclb_stats_uninit();
	return err;
}

static void __exit svclb_exit(void)
{
	svclb_netlink_uninit();
	unregister_pernet_subsys(&svclb_net_ops);
	nf_nat_masquerade_inet_unregister_notifiers();
	svclb_reject_uninit();
	/* What was freed after a grace period was freed by our code. */
	rcu_barrier();
	svclb_silence_uninit();
	svclb_sched_uninit();
	svclb_stats_uninit();
}

module_init(svclb_init);
module_exit(svclb_exit);

MODULE_DESCRIPTION("Service load balancer");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
MODULE_ALIAS_GENL_FAMILY(SVCLB_GENL_NAME);
