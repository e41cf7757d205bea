/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_GRAMMAR_H
#define SVCLB_CTL_GRAMMAR_H

#include <stdbool.h>

#include "opts.h"

/**
 * enum svclb_verb - what a statement asks for
 * @SVCLB_VERB_ADD_SVC:  create a service
 * @SVCLB_VERB_EDIT_SVC: change a service
 * @SVCLB_VERB_DEL_SVC:  delete a service
 * @SVCLB_VERB_ADD_EP:   add endpoints
 * @SVCLB_VERB_EDIT_EP:  change endpoints
 * @SVCLB_VERB_DEL_EP:   remove endpoints
 * @SVCLB_VERB_SET:      change the settings
 * @SVCLB_VERB_ZERO:     zero counters
 * @SVCLB_VERB_FLUSH:    delete all services
 * @SVCLB_VERB_PURGE:    delete services of old generations
 * @SVCLB_VERB_END:      end of a saved file
 */
enum svclb_verb {
	SVCLB_VERB_ADD_SVC,
	SVCLB_VERB_EDIT_SVC,
	SVCLB_VERB_DEL_SVC,
	SVCLB_VERB_ADD_EP,
	SVCLB_VERB_EDIT_EP,
	SVCLB_VERB_DEL_EP,
	SVCLB_VERB_SET,
	SVCLB_VERB_ZERO,
	SVCLB_VERB_FLUSH,
	SVCLB_VERB_PURGE,
	SVCLB_VERB_END,
};

/* Numbers of all options that statements have. */
enum svclb_stmt_option {
	SVCLB_OPT_NONE,
	SVCLB_OPT_NAME,
	SVCLB_OPT_SCHEDULER,
	SVCLB_OPT_NODE_PORT,
	SVCLB_OPT_NO_NODE_PORT,
	SVCLB_OPT_EP,
	SVCLB_OPT_GENERATION,
	SVCLB_OPT_REPLACE,
	SVCLB_OPT_IPV4,
	SVCLB_OPT_IPV6,
	SVCLB_OPT_TCP,
	SVCLB_OPT_UDP,
	SVCLB_OPT_ADD,
	SVCLB_OPT_REMOVE,
	SVCLB_OPT_WEIGHT,
	SVCLB_OPT_DRAINING,
	SVCLB_OPT_NO_DRAINING,
	SVCLB_OPT_NETWORK,
	SVCLB_OPT_NO_NETWORKS,
	SVCLB_OPT_MASQUERADE,
	SVCLB_OPT_RANGE,
	SVCLB_OPT_OLDER,
	SVCLB_OPT_SCTP,
	SVCLB_OPT_EXTERNAL,
	SVCLB_OPT_LOAD_BALANCER,
	SVCLB_OPT_INTERNAL,
	SVCLB_OPT_EXTERNAL_POLICY,
	SVCLB_OPT_SOURCE_RANGE,
	SVCLB_OPT_NO_SOURCE_RANGES,
	SVCLB_OPT_AFFINITY,
	SVCLB_OPT_SYN_FAILOVER,
	SVCLB_OPT_LOCAL,
	SVCLB_OPT_NO_LOCAL,
	SVCLB_OPT_LOCAL_ONLY,
	SVCLB_OPT_NO_LOCAL_ONLY,
	SVCLB_OPT_NOT_SERVING,
	SVCLB_OPT_NO_NOT_SERVING,
	SVCLB_OPT_POD_INTERFACE,
	SVCLB_OPT_NO_POD_INTERFACES,
	SVCLB_OPT_NODE_PORT_ADDRESS,
	SVCLB_OPT_NO_NODE_PORT_ADDRESSES,
	SVCLB_OPT_LOOPBACK,
	SVCLB_OPT_SERVICE_NETWORK,
	SVCLB_OPT_NO_SERVICE_NETWORKS,
	SVCLB_OPT_PING,
	SVCLB_OPT_SEED,
	SVCLB_OPT_AFFINITY_MAX,
	SVCLB_OPT_TUNING,	/* and as many more as svclb_tunings has */
};

/**
 * struct svclb_grammar - what words a verb takes
 * @name:  name of the verb
 * @opts:  its options
 * @ref:   whether the first word refers to a service
 * @keys:  whether further words are frontends
 * @eps:   whether further words are endpoints
 * @usage: what must follow the verb
 */
struct svclb_grammar {
	const char *name;
	const struct svclb_opt *opts;
	bool ref;
	bool keys;
	bool eps;
	const char *usage;
};

int svclb_verb_find(const char *word, enum svclb_verb *verb);
const char *svclb_verb_name(enum svclb_verb verb);
const struct svclb_grammar *svclb_grammar(enum svclb_verb verb);

#endif /* SVCLB_CTL_GRAMMAR_H */
