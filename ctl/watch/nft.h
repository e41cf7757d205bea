/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NFT_H
#define SVCLB_CTL_NFT_H

#include <stdbool.h>

#include "iptables.h"
#include "k8s.h"
#include "leftovers.h"
#include "lib/err.h"

/**
 * struct svclb_nft - what the kernel's nf_tables has of kube-proxy
 * @tables:   whether there is its own table, by family
 * @iptables: whether a table of iptables-nft has chains of its, by family
 */
struct svclb_nft {
	bool tables[SVCLB_FAMILIES];
	bool iptables[SVCLB_FAMILIES][SVCLB_IPTABLES_TABLES];
};

int svclb_nft_find(struct svclb_nft *nft, struct svclb_err *err);
void svclb_nft_take_over(const struct svclb_nft *nft,
			 struct svclb_leftovers *leftovers);

#endif /* SVCLB_CTL_NFT_H */
