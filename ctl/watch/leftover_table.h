/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LEFTOVER_TABLE_H
#define SVCLB_CTL_LEFTOVER_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "k8s.h"
#include "lib/err.h"

/**
 * struct svclb_leftover_table - what to do with a table of iptables
 * @script:        for iptables-restore --noflush, one transaction; NULL if there
 *                 is nothing to do
 * @len:           length of the script
 * @rules:         how many rules in chains that stay it deletes
 * @chains:        how many chains it deletes
 * @needs_forward: whether those are rules that let packets of services pass a
 *                 chain FORWARD whose policy is DROP
 */
struct svclb_leftover_table {
	char *script;
	size_t len;
	uint32_t rules;
	uint32_t chains;
	bool needs_forward;
};

int svclb_leftover_table_plan(struct svclb_leftover_table *plan,
			      const char *table, const char *text, size_t len,
			      const struct svclb_notes *notes,
			      struct svclb_err *err);
void svclb_leftover_table_uninit(struct svclb_leftover_table *plan);

#endif /* SVCLB_CTL_LEFTOVER_TABLE_H */
