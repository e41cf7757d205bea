// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which datapath sees packets.
 *
 * Another one may be chosen at any time: new connections are the new one's from
 * then on, those that the old one has stay there to their end. So both may have
 * hooks. The direct datapath comes first: it knows what is its own by its flow
 * table, and leaves alone what connection tracking knows.
 */
#include "datapath.h"

#include "direct.h"
#include "failover.h"
#include "nat.h"

static const u8 families[] = { NFPROTO_IPV4, NFPROTO_IPV6 };

static int hook(struct svclb_net *sn, u8 datapath, u8 family, bool failover)
{
	int err;

	if (datapath == SVCLB_DATAPATH_DIRECT)
		return svclb_direct_hook(sn, family);
	err = svclb_nat_hook(sn, family);
	return !err && failover ? svclb_failover_hook(sn, family) : err;
}

/**
 * svclb_datapath_hook() - see to it that packets of a family are seen
 * @sn:       the namespace, its configuration lock held
 * @datapath: by whom, enum svclb_datapath
 * @family:   NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Called for each change that needs it, and does nothing but for the first time: a
 * namespace that has nothing to do with services costs its packets nothing. May
 * sleep.
 *
 * Return: 0, or a negative error code.
 */
int svclb_datapath_hook(struct svclb_net *sn, u8 datapath, u8 family)
{
	int err = hook(sn, datapath, family, false);

	if (!err)
		sn->wanted[svclb_family_index(family)] = true;
	return err;
}

/**
 * svclb_datapath_hook_failover() - the same for a service with SYN fail-over
 * @sn:       the namespace, its configuration lock held
 * @datapath: by whom, enum svclb_datapath
 * @family:   NFPROTO_IPV4 or NFPROTO_IPV6
 *
 * Return: 0, or a negative error code.
 */
int svclb_datapath_hook_failover(struct svclb_net *sn, u8 datapath, u8 family)
{
	int err = hook(sn, datapath, family, true);

	if (!err)
		sn->failover_wanted[svclb_family_index(family)] = true;
	return err;
}

/**
 * svclb_datapath_hook_again() - see to it that another datapath sees what this one
 *                               does
 * @sn:       the namespace, its configuration lock held
 * @datapath: the other one, enum svclb_datapath
 *
 * Return: 0, or a negative error code.
 */
int svclb_datapath_hook_again(struct svclb_net *sn, u8 datapath)
{
	int i, err = 0;

	for (i = 0; i < ARRAY_SIZE(families) && !err; i++) {
		unsigned int index = svclb_family_index(families[i]);

		if (sn->wanted[index])
			err = hook(sn, datapath, families[i],
				   sn->failover_wanted[index]);
	}
	return err;
}

/**
 * svclb_datapath_retire() - take the hooks of a datapath away, if it has nothing
 *                           to do any more
 * @sn:       the namespace, its configuration lock held; another datapath has
 *            been chosen
 * @datapath: the one that was before, enum svclb_datapath
 *
 * May sleep for a grace period.
 */
void svclb_datapath_retire(struct svclb_net *sn, u8 datapath)
{
	if (datapath == SVCLB_DATAPATH_DIRECT) {
		svclb_direct_retire(sn);
		return;
	}
	svclb_nat_retire(sn);
	if (!sn->mixed)
		svclb_failover_unhook(sn);
}

/**
 * svclb_datapath_unhook() - no longer see packets
 * @sn: the namespace; nobody configures it any more
 *
 * Packets may be in the hooks until a grace period has passed. May sleep.
 */
void svclb_datapath_unhook(struct svclb_net *sn)
{
	svclb_direct_unhook(sn);
	svclb_failover_unhook(sn);
	svclb_nat_unhook(sn);
}
