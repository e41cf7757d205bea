// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes what a kube-proxy left in this network namespace, whatever its mode was.
 * Connections that its rules translated are conntrack's and go on without them.
 */
#include "takeover.h"

#include "iptables.h"
#include "kubeproxy.h"
#include "leftovers.h"
#include "nft.h"
#include "takeover_ipvs.h"

static void legacy(struct svclb_leftovers *leftovers)
{
	bool tables[SVCLB_FAMILIES][SVCLB_IPTABLES_TABLES] = { 0 };
	struct svclb_err err;

	if (svclb_iptables_legacy_find(tables, &err))
		svclb_leftovers_fail(leftovers, &err);
	else
		svclb_iptables_take_over(true, tables, leftovers);
}

/**
 * svclb_takeover_parse_drain() - read how long connections of IPVS have to end
 * @text:         the text, such as 1h30m
 * @milliseconds: for the time
 * @err:          for errors
 *
 * Return: 0 or -1.
 */
int svclb_takeover_parse_drain(const char *text, uint64_t *milliseconds,
			       struct svclb_err *err)
{
	if (!svclb_duration_parse(text, milliseconds))
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "--drain-timeout: '%.80s' is not a duration; write it as 30s or 1h30m",
			     text);
}

/**
 * svclb_takeover() - remove what a kube-proxy left
 * @leftovers: how, and whom to tell
 *
 * What cannot be removed does not keep it from the rest. It ends when connections
 * of IPVS have, or when their time is up.
 */
void svclb_takeover(struct svclb_leftovers *leftovers)
{
	struct svclb_nft nft;
	struct svclb_err err;

	if (svclb_nft_find(&nft, &err)) {
		svclb_leftovers_fail(leftovers, &err);
	} else {
		svclb_iptables_take_over(false, nft.iptables, leftovers);
		svclb_nft_take_over(&nft, leftovers);
	}
	legacy(leftovers);
	svclb_takeover_ipvs(leftovers);
}
