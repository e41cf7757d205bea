// SPDX-License-Identifier: GPL-2.0-only
/*
 * From words to statements. The command line and the files of restore and batch
 * share this.
 */
#include "stmt.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

static int usage_error(const struct svclb_stmt *stmt, struct svclb_err *err,
		       const char *what)
{
	const struct svclb_grammar *grammar = svclb_grammar(stmt->verb);

	return svclb_err_set(err, SVCLB_ERR_INPUT, "%s; %s takes %s", what,
			     grammar->name, grammar->usage);
}

static int add_key(struct svclb_stmt *stmt, struct svclb_service *to,
		   const struct svclb_key *key, struct svclb_err *err)
{
	struct svclb_frontend frontend = { .key = *key, .line = stmt->line };

	if (svclb_service_add_frontend(to, &frontend))
		return svclb_err_memory(err);
	return 0;
}

static int add_address(struct svclb_stmt *stmt, struct svclb_service *to,
		       const char *word, struct svclb_err *err)
{
	struct svclb_key key;

	switch (svclb_text_parse_key(word, &key, err)) {
	case SVCLB_TEXT_KEY:
		return add_key(stmt, to, &key, err);
	case SVCLB_TEXT_WRONG:
		return -1;
	default:
		svclb_err_set(err, SVCLB_ERR_INPUT, "'%.80s': not an address",
			      word);
		return svclb_err_append(err, "; write it as 10.96.0.1:80, %s",
					"udp/10.96.0.10:53, [fd00::1]:80 or nodeport:30000");
	}
}

/* Here the family is that of the service, whatever it is. */
static int add_node_port(struct svclb_stmt *stmt, struct svclb_service *to,
			 const char *word, struct svclb_err *err)
{
	struct svclb_key key = { .kind = SVCLB_FRONTEND_KIND_NODE_PORT };

	if (svclb_text_parse_port(word, &key.port, err))
		return -1;
	return add_key(stmt, to, &key, err);
}

static int family_error(struct svclb_err *err, const char *word, uint8_t right)
{
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "'%.80s': a service has one address family, this one's is %s",
			     word, svclb_text_family(right));
}

static int set_family(struct svclb_stmt *stmt, uint8_t family, const char *word,
		      struct svclb_err *err)
{
	if (stmt->family && stmt->family != family)
		return family_error(err, word, stmt->family);
	stmt->family = family;
	return 0;
}

static int set_protocol(struct svclb_stmt *stmt, uint8_t proto,
			const char *word, struct svclb_err *err)
{
	if (stmt->proto && stmt->proto != proto)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': a service has one protocol, this one's is %s",
				     word, svclb_text_protocol(stmt->proto));
	stmt->proto = proto;
	return 0;
}

static int add_endpoint(struct svclb_stmt *stmt, const char *word,
			struct svclb_err *err)
{
	struct svclb_service *to = &stmt->added;
	struct svclb_backend backend;
	uint8_t family;

	if (svclb_text_parse_backend(word, &backend, &family, err) ||
	    set_family(stmt, family, word, err))
		return -1;
	backend.line = stmt->line;
	if (stmt->verb == SVCLB_VERB_DEL_EP && backend.given)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': del-ep takes address and port only",
				     word);
	if (svclb_service_find_backend(to, backend.addr, backend.port))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': the endpoint is given twice",
				     word);
	if (svclb_service_add_backend(to, &backend))
		return svclb_err_memory(err);
	return 0;
}

static int add_network(struct svclb_stmt *stmt, const char *word,
		       struct svclb_err *err)
{
	struct svclb_settings *settings = &stmt->settings;

	if (settings->nr_networks == SVCLB_CLUSTER_NETWORKS_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': there are at most %d cluster networks",
				     word, SVCLB_CLUSTER_NETWORKS_MAX);
	settings->given |= SVCLB_GIVEN_NETWORKS;
	return svclb_text_parse_network(word,
					&settings->networks[settings->nr_networks++],
					err);
}

static int set_option(struct svclb_stmt *stmt, int id, const char *arg,
		      struct svclb_err *err)
{
	struct svclb_settings *settings = &stmt->settings;

	switch (id) {
	case SVCLB_OPT_NETWORK:
		return add_network(stmt, arg, err);
	case SVCLB_OPT_NO_NETWORKS:
		settings->given |= SVCLB_GIVEN_NETWORKS;
		stmt->no_networks = true;
		return 0;
	case SVCLB_OPT_MASQUERADE:
		settings->given |= SVCLB_GIVEN_MASQUERADE;
		settings->masquerade_all = !strcmp(arg, "on");
		if (settings->masquerade_all || !strcmp(arg, "off"))
			return 0;
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': --masquerade-all is on or off",
				     arg);
	case SVCLB_OPT_RANGE:
		settings->given |= SVCLB_GIVEN_PORTS;
		return svclb_text_parse_range(arg, &settings->node_port_min,
					      &settings->node_port_max, err);
	default:
		settings->given |= SVCLB_GIVEN_SCHEDULER;
		return svclb_text_parse_scheduler(arg, &settings->sched, err);
	}
}

/* To all endpoints that have none of their own. */
static void set_weight(struct svclb_stmt *stmt, uint32_t weight)
{
	uint32_t i;

	for (i = 0; i < stmt->added.nr_backends; i++) {
		struct svclb_backend *backend = &stmt->added.backends[i];

		if (backend->given & 1u << SVCLB_A_BACKEND_WEIGHT)
			continue;
		backend->weight = weight;
		backend->given |= 1u << SVCLB_A_BACKEND_WEIGHT;
	}
}

static void set_flags(struct svclb_stmt *stmt, uint32_t flags)
{
	uint32_t i;

	for (i = 0; i < stmt->added.nr_backends; i++) {
		struct svclb_backend *backend = &stmt->added.backends[i];

		if (backend->given & 1u << SVCLB_A_BACKEND_FLAGS)
			continue;
		backend->flags = flags;
		backend->given |= 1u << SVCLB_A_BACKEND_FLAGS;
	}
}

/**
 * struct pending - options whose meaning depends on words still to come
 * @weight:     weight for all endpoints
 * @has_weight: whether it was given
 * @flags:      flags for all endpoints
 * @has_flags:  whether they were given
 */
struct pending {
	uint64_t weight;
	bool has_weight;
	uint32_t flags;
	bool has_flags;
};

static int ep_option(struct pending *pending, int id, const char *arg,
		     struct svclb_err *err)
{
	if (id == SVCLB_OPT_WEIGHT) {
		pending->has_weight = true;
		return svclb_text_parse_number(arg, "a weight",
					       SVCLB_WEIGHT_MAX,
					       &pending->weight, err);
	}
	pending->flags = id == SVCLB_OPT_DRAINING ? SVCLB_BACKEND_DRAINING : 0;
	pending->has_flags = true;
	return 0;
}

static int svc_option(struct svclb_stmt *stmt, int id, const char *arg,
		      struct svclb_err *err)
{
	switch (id) {
	case SVCLB_OPT_NAME:
		stmt->name = arg;
		return svclb_text_check_name(arg, err);
	case SVCLB_OPT_SCHEDULER:
		return svclb_text_parse_scheduler(arg, &stmt->sched, err);
	case SVCLB_OPT_NODE_PORT:
		return add_node_port(stmt, &stmt->added, arg, err);
	case SVCLB_OPT_NO_NODE_PORT:
		return add_node_port(stmt, &stmt->removed, arg, err);
	case SVCLB_OPT_EP:
		return add_endpoint(stmt, arg, err);
	case SVCLB_OPT_REPLACE:
		stmt->replace = true;
		return 0;
	case SVCLB_OPT_IPV4:
	case SVCLB_OPT_IPV6:
		return set_family(stmt, id == SVCLB_OPT_IPV4 ? AF_INET : AF_INET6,
				  id == SVCLB_OPT_IPV4 ? "--ipv4" : "--ipv6", err);
	case SVCLB_OPT_TCP:
	case SVCLB_OPT_UDP:
		return set_protocol(stmt,
				    id == SVCLB_OPT_TCP ? IPPROTO_TCP : IPPROTO_UDP,
				    id == SVCLB_OPT_TCP ? "--tcp" : "--udp", err);
	case SVCLB_OPT_ADD:
		return add_address(stmt, &stmt->added, arg, err);
	case SVCLB_OPT_REMOVE:
		return add_address(stmt, &stmt->removed, arg, err);
	default:
		stmt->has_generation = true;
		return svclb_text_parse_number(arg, "a generation", UINT64_MAX,
					       &stmt->generation, err);
	}
}

/* In large files, one statement after the other is about the same service. */
static int parse_ref(struct svclb_stmt *stmt, const char *word,
		     struct svclb_err *err)
{
	stmt->has_ref = true;
	if (stmt->ref.word && !strcmp(stmt->ref.word, word))
		return 0;
	return svclb_ref_parse(&stmt->ref, word, err);
}

static int parse_word(struct svclb_stmt *stmt, const char *word, int position,
		      struct svclb_err *err)
{
	const struct svclb_grammar *grammar = svclb_grammar(stmt->verb);

	if (!position)
		stmt->subject = word;
	if (grammar->ref && !position)
		return parse_ref(stmt, word, err);
	if (grammar->keys)
		return add_address(stmt, &stmt->added, word, err);
	if (grammar->eps)
		return add_endpoint(stmt, word, err);
	if (stmt->verb == SVCLB_VERB_END && !position)
		return svclb_text_parse_number(word, "the number of services",
					       UINT32_MAX, &stmt->count, err);
	svclb_err_set(err, SVCLB_ERR_INPUT, "'%.80s': one word too many", word);
	return svclb_err_append(err, "; %s takes %s", grammar->name,
				grammar->usage);
}

static int parse_words(struct svclb_stmt *stmt, struct svclb_opts *opts,
		       int *positions, struct svclb_err *err)
{
	struct pending pending = { 0 };
	int id, result;

	while ((id = svclb_opts_next(opts, err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR)
			return -1;
		if (id == SVCLB_OPTS_WORD)
			result = parse_word(stmt, opts->arg, (*positions)++,
					    err);
		else if (svclb_grammar(stmt->verb)->eps)
			result = ep_option(&pending, id, opts->arg, err);
		else if (stmt->verb == SVCLB_VERB_SET)
			result = set_option(stmt, id, opts->arg, err);
		else
			result = svc_option(stmt, id, opts->arg, err);
		if (result)
			return result;
	}
	if (pending.has_weight)
		set_weight(stmt, pending.weight);
	if (pending.has_flags)
		set_flags(stmt, pending.flags);
	return 0;
}

static int check_edit_ep(const struct svclb_stmt *stmt, struct svclb_err *err)
{
	uint32_t i;

	for (i = 0; i < stmt->added.nr_backends; i++)
		if (!stmt->added.backends[i].given)
			return usage_error(stmt, err,
					   "nothing to change is given");
	return 0;
}

static int check_set(const struct svclb_stmt *stmt, struct svclb_err *err)
{
	if (!stmt->settings.given)
		return usage_error(stmt, err, "no setting is given");
	if (stmt->no_networks && stmt->settings.nr_networks)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "--cluster-network excludes --no-cluster-networks");
	return 0;
}

static int check_words(const struct svclb_stmt *stmt, int positions,
		       struct svclb_err *err)
{
	const struct svclb_grammar *grammar = svclb_grammar(stmt->verb);

	switch (stmt->verb) {
	case SVCLB_VERB_ADD_SVC:
		if (!stmt->added.nr_frontends && !stmt->name)
			return usage_error(stmt, err, "an address is missing");
		return 0;
	case SVCLB_VERB_PURGE:
		if (!stmt->has_generation)
			return usage_error(stmt, err,
					   "--older-than is missing");
		return 0;
	case SVCLB_VERB_END:
		if (!positions)
			return usage_error(stmt, err, "a number is missing");
		return 0;
	case SVCLB_VERB_SET:
		return check_set(stmt, err);
	case SVCLB_VERB_ZERO:
	case SVCLB_VERB_FLUSH:
		return 0;
	default:
		break;
	}
	if (grammar->ref && !positions)
		return usage_error(stmt, err, "a service is missing");
	if (grammar->eps && !stmt->added.nr_backends)
		return usage_error(stmt, err, "an endpoint is missing");
	if (stmt->verb == SVCLB_VERB_EDIT_EP)
		return check_edit_ep(stmt, err);
	if (stmt->verb == SVCLB_VERB_EDIT_SVC && !stmt->has_generation &&
	    stmt->sched == SVCLB_SCHED_DEFAULT && !stmt->added.nr_frontends &&
	    !stmt->removed.nr_frontends)
		return usage_error(stmt, err, "nothing to change is given");
	return 0;
}

static void reset_members(struct svclb_service *service)
{
	svclb_map_uninit(&service->index);
	service->nr_frontends = 0;
	service->nr_backends = 0;
}

static void reset(struct svclb_stmt *stmt, enum svclb_verb verb)
{
	stmt->verb = verb;
	stmt->has_ref = false;
	stmt->subject = NULL;
	stmt->name = NULL;
	stmt->family = 0;
	stmt->proto = 0;
	stmt->sched = SVCLB_SCHED_DEFAULT;
	stmt->has_generation = false;
	stmt->generation = 0;
	stmt->replace = false;
	stmt->no_networks = false;
	stmt->count = 0;
	stmt->settings.given = 0;
	stmt->settings.nr_networks = 0;
	reset_members(&stmt->added);
	reset_members(&stmt->removed);
}

/**
 * svclb_stmt_parse() - read a statement
 * @stmt: for the statement: all zero, or one read before, whose memory is used
 *        again; its line is the caller's to set
 * @verb: the verb
 * @opts: the words behind the verb; the table of options is filled in
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_stmt_parse(struct svclb_stmt *stmt, enum svclb_verb verb,
		     struct svclb_opts *opts, struct svclb_err *err)
{
	int positions = 0;

	reset(stmt, verb);
	opts->table = svclb_grammar(verb)->opts;
	if (parse_words(stmt, opts, &positions, err))
		return -1;
	return check_words(stmt, positions, err);
}

static int complete_keys(struct svclb_stmt *stmt, struct svclb_service *keys,
			 struct svclb_err *err)
{
	struct svclb_key *key;
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < keys->nr_frontends; i++) {
		key = &keys->frontends[i].key;
		if ((!key->family || !stmt->family ||
		     key->family == stmt->family) &&
		    (!key->proto || !stmt->proto ||
		     key->proto == stmt->proto)) {
			if (key->family)
				stmt->family = key->family;
			if (key->proto)
				stmt->proto = key->proto;
			continue;
		}
		svclb_text_key(text, key);
		if (key->family && set_family(stmt, key->family, text, err))
			return -1;
		return set_protocol(stmt, key->proto, text, err);
	}
	return 0;
}

static void fill_keys(const struct svclb_stmt *stmt, struct svclb_service *keys)
{
	uint32_t i;

	for (i = 0; i < keys->nr_frontends; i++) {
		keys->frontends[i].key.family = stmt->family;
		keys->frontends[i].key.proto = stmt->proto;
	}
}

/**
 * svclb_stmt_complete() - settle family and protocol of a statement
 * @stmt:   the statement
 * @family: family of its service, 0 if that is a new one
 * @proto:  protocol of its service, 0 if that is a new one
 * @err:    for errors, such as more than one family
 *
 * Return: 0 or -1.
 */
int svclb_stmt_complete(struct svclb_stmt *stmt, uint8_t family, uint8_t proto,
			struct svclb_err *err)
{
	char text[SVCLB_KEY_TEXT];

	if (family && stmt->family && family != stmt->family) {
		svclb_text_backend(text, stmt->family, stmt->added.backends);
		return family_error(err, text, family);
	}
	if (family)
		stmt->family = family;
	if (proto)
		stmt->proto = proto;
	if (complete_keys(stmt, &stmt->added, err) ||
	    complete_keys(stmt, &stmt->removed, err))
		return -1;
	if (!stmt->family)
		stmt->family = AF_INET;
	if (!stmt->proto)
		stmt->proto = IPPROTO_TCP;
	fill_keys(stmt, &stmt->added);
	fill_keys(stmt, &stmt->removed);
	return 0;
}

/**
 * svclb_stmt_uninit() - free what a statement holds
 * @stmt: the statement
 */
void svclb_stmt_uninit(struct svclb_stmt *stmt)
{
	svclb_map_uninit(&stmt->added.index);
	free(stmt->added.frontends);
	free(stmt->added.backends);
	free(stmt->removed.frontends);
	free(stmt->removed.backends);
	*stmt = (struct svclb_stmt){ 0 };
}
