// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which verbs there are, and which words and options they take.
 */
#include "grammar.h"

#include <string.h>

static const struct svclb_opt no_opts[] = { { 0 } };

static const struct svclb_opt add_svc_opts[] = {
	{ "name", 0, true, SVCLB_OPT_NAME },
	{ "scheduler", 0, true, SVCLB_OPT_SCHEDULER },
	{ "node-port", 0, true, SVCLB_OPT_NODE_PORT },
	{ "ep", 0, true, SVCLB_OPT_EP },
	{ "generation", 0, true, SVCLB_OPT_GENERATION },
	{ "replace", 0, false, SVCLB_OPT_REPLACE },
	{ "ipv4", '4', false, SVCLB_OPT_IPV4 },
	{ "ipv6", '6', false, SVCLB_OPT_IPV6 },
	{ "tcp", 0, false, SVCLB_OPT_TCP },
	{ "udp", 0, false, SVCLB_OPT_UDP },
	{ "sctp", 0, false, SVCLB_OPT_SCTP },
	{ "external", 0, true, SVCLB_OPT_EXTERNAL },
	{ "load-balancer", 0, true, SVCLB_OPT_LOAD_BALANCER },
	{ "internal-policy", 0, true, SVCLB_OPT_INTERNAL },
	{ "external-policy", 0, true, SVCLB_OPT_EXTERNAL_POLICY },
	{ "source-range", 0, true, SVCLB_OPT_SOURCE_RANGE },
	{ "affinity", 0, true, SVCLB_OPT_AFFINITY },
	{ "syn-failover", 0, true, SVCLB_OPT_SYN_FAILOVER },
	{ 0 }
};

static const struct svclb_opt edit_svc_opts[] = {
	{ "scheduler", 0, true, SVCLB_OPT_SCHEDULER },
	{ "generation", 0, true, SVCLB_OPT_GENERATION },
	{ "add", 0, true, SVCLB_OPT_ADD },
	{ "remove", 0, true, SVCLB_OPT_REMOVE },
	{ "node-port", 0, true, SVCLB_OPT_NODE_PORT },
	{ "no-node-port", 0, true, SVCLB_OPT_NO_NODE_PORT },
	{ "external", 0, true, SVCLB_OPT_EXTERNAL },
	{ "load-balancer", 0, true, SVCLB_OPT_LOAD_BALANCER },
	{ "internal-policy", 0, true, SVCLB_OPT_INTERNAL },
	{ "external-policy", 0, true, SVCLB_OPT_EXTERNAL_POLICY },
	{ "source-range", 0, true, SVCLB_OPT_SOURCE_RANGE },
	{ "no-source-ranges", 0, false, SVCLB_OPT_NO_SOURCE_RANGES },
	{ "affinity", 0, true, SVCLB_OPT_AFFINITY },
	{ "syn-failover", 0, true, SVCLB_OPT_SYN_FAILOVER },
	{ 0 }
};

static const struct svclb_opt add_ep_opts[] = {
	{ "weight", 'w', true, SVCLB_OPT_WEIGHT },
	{ "draining", 0, false, SVCLB_OPT_DRAINING },
	{ "local", 0, false, SVCLB_OPT_LOCAL },
	{ "local-only", 0, false, SVCLB_OPT_LOCAL_ONLY },
	{ "not-serving", 0, false, SVCLB_OPT_NOT_SERVING },
	{ 0 }
};

static const struct svclb_opt edit_ep_opts[] = {
	{ "weight", 'w', true, SVCLB_OPT_WEIGHT },
	{ "draining", 0, false, SVCLB_OPT_DRAINING },
	{ "no-draining", 0, false, SVCLB_OPT_NO_DRAINING },
	{ "local", 0, false, SVCLB_OPT_LOCAL },
	{ "no-local", 0, false, SVCLB_OPT_NO_LOCAL },
	{ "local-only", 0, false, SVCLB_OPT_LOCAL_ONLY },
	{ "no-local-only", 0, false, SVCLB_OPT_NO_LOCAL_ONLY },
	{ "not-serving", 0, false, SVCLB_OPT_NOT_SERVING },
	{ "no-not-serving", 0, false, SVCLB_OPT_NO_NOT_SERVING },
	{ 0 }
};

static const struct svclb_opt set_opts[] = {
	{ "cluster-network", 0, true, SVCLB_OPT_NETWORK },
	{ "no-cluster-networks", 0, false, SVCLB_OPT_NO_NETWORKS },
	{ "masquerade-all", 0, true, SVCLB_OPT_MASQUERADE },
	{ "node-port-range", 0, true, SVCLB_OPT_RANGE },
	{ "scheduler", 0, true, SVCLB_OPT_SCHEDULER },
	{ "pod-interface", 0, true, SVCLB_OPT_POD_INTERFACE },
	{ "no-pod-interfaces", 0, false, SVCLB_OPT_NO_POD_INTERFACES },
	{ "node-port-address", 0, true, SVCLB_OPT_NODE_PORT_ADDRESS },
	{ "no-node-port-addresses", 0, false,
	  SVCLB_OPT_NO_NODE_PORT_ADDRESSES },
	{ "node-port-loopback", 0, true, SVCLB_OPT_LOOPBACK },
	{ "service-network", 0, true, SVCLB_OPT_SERVICE_NETWORK },
	{ "no-service-networks", 0, false, SVCLB_OPT_NO_SERVICE_NETWORKS },
	{ "answer-ping", 0, true, SVCLB_OPT_PING },
	{ "maglev-seed", 0, true, SVCLB_OPT_SEED },
	{ "affinity-max", 0, true, SVCLB_OPT_AFFINITY_MAX },
	{ "datapath", 0, true, SVCLB_OPT_TUNING },
	{ "flow-max", 0, true, SVCLB_OPT_TUNING + 1 },
	{ "flow-full", 0, true, SVCLB_OPT_TUNING + 2 },
	{ "timeout-tcp-syn", 0, true, SVCLB_OPT_TUNING + 3 },
	{ "timeout-tcp-established", 0, true, SVCLB_OPT_TUNING + 4 },
	{ "timeout-tcp-half-closed", 0, true, SVCLB_OPT_TUNING + 5 },
	{ "timeout-tcp-closed", 0, true, SVCLB_OPT_TUNING + 6 },
	{ "timeout-udp", 0, true, SVCLB_OPT_TUNING + 7 },
	{ "timeout-udp-stream", 0, true, SVCLB_OPT_TUNING + 8 },
	{ "timeout-sctp-setup", 0, true, SVCLB_OPT_TUNING + 9 },
	{ "timeout-sctp-established", 0, true, SVCLB_OPT_TUNING + 10 },
	{ "timeout-sctp-closed", 0, true, SVCLB_OPT_TUNING + 11 },
	{ 0 }
};

static const struct svclb_opt purge_opts[] = {
	{ "older-than", 0, true, SVCLB_OPT_OLDER },
	{ 0 }
};

static const struct svclb_grammar grammars[] = {
	[SVCLB_VERB_ADD_SVC] = { "add-svc", add_svc_opts, false, true, false,
				 "ADDRESS..." },
	[SVCLB_VERB_EDIT_SVC] = { "edit-svc", edit_svc_opts, true, false, false,
				  "SERVICE OPTION..." },
	[SVCLB_VERB_DEL_SVC] = { "del-svc", no_opts, true, false, false,
				 "SERVICE" },
	[SVCLB_VERB_ADD_EP] = { "add-ep", add_ep_opts, true, false, true,
				"SERVICE ENDPOINT..." },
	[SVCLB_VERB_EDIT_EP] = { "edit-ep", edit_ep_opts, true, false, true,
				 "SERVICE ENDPOINT... OPTION..." },
	[SVCLB_VERB_DEL_EP] = { "del-ep", no_opts, true, false, true,
				"SERVICE ENDPOINT..." },
	[SVCLB_VERB_SET] = { "set", set_opts, false, false, false,
			     "OPTION..." },
	[SVCLB_VERB_ZERO] = { "zero", no_opts, true, false, false,
			      "[SERVICE]" },
	[SVCLB_VERB_FLUSH] = { "flush", no_opts, false, false, false,
			       "nothing" },
	[SVCLB_VERB_PURGE] = { "purge", purge_opts, false, false, false,
			       "--older-than GENERATION" },
	[SVCLB_VERB_END] = { "end", no_opts, false, false, false, "NUMBER" },
};

/**
 * svclb_verb_find() - find a verb by its name
 * @word: the name
 * @verb: for the verb
 *
 * Return: 0, or -1 if there is none.
 */
int svclb_verb_find(const char *word, enum svclb_verb *verb)
{
	unsigned int i;

	for (i = 0; i < sizeof(grammars) / sizeof(*grammars); i++) {
		if (!strcmp(word, grammars[i].name)) {
			*verb = i;
			return 0;
		}
	}
	return -1;
}

/**
 * svclb_verb_name() - name of a verb
 * @verb: the verb
 *
 * Return: the name.
 */
const char *svclb_verb_name(enum svclb_verb verb)
{
	return grammars[verb].name;
}

/**
 * svclb_grammar() - what words a verb takes
 * @verb: the verb
 *
 * Return: its grammar.
 */
const struct svclb_grammar *svclb_grammar(enum svclb_verb verb)
{
	return &grammars[verb];
}
