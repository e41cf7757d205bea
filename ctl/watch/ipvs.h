/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_IPVS_H
#define SVCLB_CTL_IPVS_H

#include <stdint.h>

#include "lib/err.h"
#include "lib/model.h"
#include "netlink.h"

/**
 * struct svclb_ipvs - a connection to IPVS
 * @nl:     socket
 * @family: number of its family in generic netlink
 */
struct svclb_ipvs {
	struct svclb_netlink nl;
	uint16_t family;
};

/**
 * struct svclb_ipvs_servers - virtual servers that have an address
 * @at: their addresses
 * @nr: how many
 */
struct svclb_ipvs_servers {
	struct svclb_key *at;
	uint32_t nr;
};

int svclb_ipvs_open(struct svclb_ipvs *ipvs, struct svclb_err *err);
void svclb_ipvs_close(struct svclb_ipvs *ipvs);
int svclb_ipvs_list(struct svclb_ipvs *ipvs, struct svclb_ipvs_servers *servers,
		    struct svclb_err *err);
int svclb_ipvs_read_servers(struct svclb_ipvs_servers *servers,
			    const struct svclb_replies *replies);
int svclb_ipvs_count(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		     uint64_t *connections, struct svclb_err *err);
int svclb_ipvs_quiesce(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		       struct svclb_err *err);
int svclb_ipvs_delete(struct svclb_ipvs *ipvs, const struct svclb_key *server,
		      struct svclb_err *err);

#endif /* SVCLB_CTL_IPVS_H */
