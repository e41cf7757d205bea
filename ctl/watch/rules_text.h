/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_RULES_TEXT_H
#define SVCLB_CTL_RULES_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/err.h"

#define SVCLB_IPTABLES_NAME 256		/* longest name that is believed */

/**
 * struct svclb_word - a word of a line
 * @text: where it begins; quotes are part of it
 * @len:  its length
 */
struct svclb_word {
	const char *text;
	size_t len;
};

/**
 * struct svclb_iptables_chain - a chain as iptables-save prints it
 * @name:   its name
 * @policy: its policy; "-" for one that is not built in
 */
struct svclb_iptables_chain {
	struct svclb_word name;
	struct svclb_word policy;
};

/**
 * struct svclb_iptables_rule - a rule as iptables-save prints it
 * @chain:     the chain that it is in
 * @spec:      all behind that name
 * @target:    chain or target that it goes to; empty for none
 * @plain:     whether it is one of those by which kube-proxy has its chains
 *             called: for all packets or for those of new connections, with a
 *             comment
 * @proxy_set: whether it matches an IP set of kube-proxy's
 */
struct svclb_iptables_rule {
	struct svclb_word chain;
	struct svclb_word spec;
	struct svclb_word target;
	bool plain;
	bool proxy_set;
};

/**
 * struct svclb_iptables_reader - who is told what is in a table
 * @chain: told of each chain, before the first rule
 * @rule:  told of each rule; both return 0, or -1 to end
 * @data:  for both
 */
struct svclb_iptables_reader {
	int (*chain)(void *data, const struct svclb_iptables_chain *chain,
		     struct svclb_err *err);
	int (*rule)(void *data, const struct svclb_iptables_rule *rule,
		    struct svclb_err *err);
	void *data;
};

bool svclb_word_is(struct svclb_word word, const char *text);
int svclb_iptables_read(const char *table, const char *text, size_t len,
			const struct svclb_iptables_reader *reader,
			struct svclb_err *err);

#endif /* SVCLB_CTL_RULES_TEXT_H */
