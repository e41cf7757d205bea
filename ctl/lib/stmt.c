// SPDX-License-Identifier: GPL-2.0-only
/*
 * From words to statements. The command line and the files of restore and batch
 * share this.
 */
#include "stmt.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"
#include "file.h"
#include "text.h"
#include "words.h"

static int usage_error(const struct svclb_stmt *stmt, struct svclb_err *err,
		       const char *what)
{
	const struct svclb_grammar *grammar = svclb_grammar(stmt->verb);

	return svclb_err_set(err, SVCLB_ERR_INPUT, "%s; %s takes %s", what,
			     grammar->name, grammar->usage);
}

static int add_frontend(struct svclb_stmt *stmt, struct svclb_service *to,
			struct svclb_frontend *frontend, struct svclb_err *err)
{
	frontend->line = stmt->line;
	/* By this, a new frontend is told from one that was there. */
	frontend->given |= 1u << SVCLB_A_FRONTEND_KIND;
	if (svclb_service_add_frontend(to, frontend))
		return svclb_err_memory(err);
	return 0;
}

static int add_address(struct svclb_stmt *stmt, struct svclb_service *to,
		       uint8_t kind, const char *word, struct svclb_err *err)
{
	struct svclb_frontend frontend;

	switch (svclb_text_parse_frontend(word, kind, &frontend, err)) {
	case SVCLB_TEXT_KEY:
		if (to != &stmt->removed || !frontend.given)
			return add_frontend(stmt, to, &frontend, err);
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': --remove takes an address only",
				     word);
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
	struct svclb_frontend frontend;

	if (svclb_text_parse_node_port(word, &frontend, err))
		return -1;
	return add_frontend(stmt, to, &frontend, err);
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

static void set_flags(struct svclb_stmt *stmt, uint32_t flags, uint32_t mask)
{
	uint32_t i;

	for (i = 0; i < stmt->added.nr_backends; i++) {
		struct svclb_backend *backend = &stmt->added.backends[i];

		backend->flags |= flags & mask & ~backend->mask;
		backend->mask |= mask;
		backend->given |= 1u << SVCLB_A_BACKEND_FLAGS;
	}
}

/**
 * struct pending - options whose meaning depends on words still to come
 * @weight:     weight for all endpoints
 * @has_weight: whether it was given
 * @flags:      flags for all endpoints
 * @mask:       which of them were given
 */
struct pending {
	uint64_t weight;
	bool has_weight;
	uint32_t flags;
	uint32_t mask;
};

/**
 * struct flag_option - an option that gives or takes a flag
 * @id:   number of the option
 * @flag: enum svclb_backend_flags
 * @on:   whether it gives it
 */
struct flag_option {
	int id;
	uint32_t flag;
	bool on;
};

static const struct flag_option flag_options[] = {
	{ SVCLB_OPT_DRAINING, SVCLB_BACKEND_DRAINING, true },
	{ SVCLB_OPT_NO_DRAINING, SVCLB_BACKEND_DRAINING, false },
	{ SVCLB_OPT_LOCAL, SVCLB_BACKEND_LOCAL, true },
	{ SVCLB_OPT_NO_LOCAL, SVCLB_BACKEND_LOCAL, false },
	{ SVCLB_OPT_LOCAL_ONLY, SVCLB_BACKEND_LOCAL_ONLY, true },
	{ SVCLB_OPT_NO_LOCAL_ONLY, SVCLB_BACKEND_LOCAL_ONLY, false },
	{ SVCLB_OPT_NOT_SERVING, SVCLB_BACKEND_NOT_SERVING, true },
	{ SVCLB_OPT_NO_NOT_SERVING, SVCLB_BACKEND_NOT_SERVING, false },
};

static int ep_option(struct pending *pending, int id, const char *arg,
		     struct svclb_err *err)
{
	const struct flag_option *option;
	size_t i;

	if (id == SVCLB_OPT_WEIGHT) {
		pending->has_weight = true;
		return svclb_text_parse_number(arg, "a weight",
					       SVCLB_WEIGHT_MAX,
					       &pending->weight, err);
	}
	for (i = 0; i < sizeof(flag_options) / sizeof(*flag_options); i++) {
		option = &flag_options[i];
		if (option->id != id)
			continue;
		pending->mask |= option->flag;
		pending->flags &= ~option->flag;
		pending->flags |= option->on ? option->flag : 0;
	}
	return 0;
}

static int add_range(struct svclb_stmt *stmt, const char *word,
		     struct svclb_err *err)
{
	struct svclb_network range;

	if (svclb_text_parse_network(word, &range, err) ||
	    set_family(stmt, range.family, word, err))
		return -1;
	if (stmt->added.nr_ranges == SVCLB_SOURCE_RANGES_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': there are at most %d source ranges",
				     word, SVCLB_SOURCE_RANGES_MAX);
	if (svclb_service_add_range(&stmt->added, &range))
		return svclb_err_memory(err);
	return 0;
}

/* Reads source ranges from a file, which is words like any other. */
static int add_range_file(struct svclb_stmt *stmt, const char *name,
			  struct svclb_err *err)
{
	struct svclb_words words;
	struct svclb_text text;
	int result, i;

	if (svclb_file_read(name, &text, err))
		return -1;
	svclb_words_init(&words, text.text, text.len);
	while ((result = svclb_words_next(&words, err)) > 0) {
		result = 0;
		for (i = 0; i < words.nr && !result; i++)
			result = add_range(stmt, words.words[i], err);
		if (result)
			break;
	}
	if (result < 0)
		svclb_err_prefix(err, "%s:%u: ", text.name, words.line);
	svclb_words_uninit(&words);
	free(text.text);
	return result;
}

/* Options that are attributes of the service itself. */
static int attribute_option(struct svclb_stmt *stmt, int id, const char *arg,
			    struct svclb_err *err)
{
	switch (id) {
	case SVCLB_OPT_SCHEDULER:
		return svclb_text_parse_scheduler(arg, &stmt->sched, err);
	case SVCLB_OPT_INTERNAL:
		return svclb_text_parse_policy(arg, &stmt->internal, err);
	case SVCLB_OPT_EXTERNAL_POLICY:
		return svclb_text_parse_policy(arg, &stmt->external, err);
	case SVCLB_OPT_SOURCE_RANGE:
		stmt->attributes |= SVCLB_ATTR(SOURCE_RANGE);
		return *arg == '@' ? add_range_file(stmt, arg + 1, err) :
				     add_range(stmt, arg, err);
	case SVCLB_OPT_NO_SOURCE_RANGES:
		stmt->attributes |= SVCLB_ATTR(SOURCE_RANGE);
		stmt->no_ranges = true;
		return 0;
	case SVCLB_OPT_AFFINITY:
		stmt->attributes |= SVCLB_ATTR(AFFINITY_TIMEOUT);
		return svclb_text_parse_affinity(arg, &stmt->affinity, err);
	case SVCLB_OPT_SYN_FAILOVER:
		stmt->attributes |= SVCLB_ATTR(SYN_FAILOVER);
		return svclb_text_parse_switch(arg, "--syn-failover",
					       &stmt->syn_failover, err);
	default:
		stmt->attributes |= SVCLB_ATTR(GENERATION);
		return svclb_text_parse_number(arg, "a generation", UINT64_MAX,
					       &stmt->generation, err);
	}
}

static int svc_option(struct svclb_stmt *stmt, int id, const char *arg,
		      struct svclb_err *err)
{
	switch (id) {
	case SVCLB_OPT_NAME:
		stmt->name = arg;
		return svclb_text_check_name(arg, err);
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
	case SVCLB_OPT_SCTP:
		return set_protocol(stmt, IPPROTO_SCTP, "--sctp", err);
	case SVCLB_OPT_ADD:
		return add_address(stmt, &stmt->added, SVCLB_FRONTEND_KIND_VIP,
				   arg, err);
	case SVCLB_OPT_EXTERNAL:
		return add_address(stmt, &stmt->added,
				   SVCLB_FRONTEND_KIND_EXTERNAL, arg, err);
	case SVCLB_OPT_LOAD_BALANCER:
		return add_address(stmt, &stmt->added,
				   SVCLB_FRONTEND_KIND_LOAD_BALANCER, arg, err);
	case SVCLB_OPT_REMOVE:
		return add_address(stmt, &stmt->removed,
				   SVCLB_FRONTEND_KIND_VIP, arg, err);
	default:
		return attribute_option(stmt, id, arg, err);
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
		return add_address(stmt, &stmt->added, SVCLB_FRONTEND_KIND_VIP,
				   word, err);
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
			result = svclb_stmt_set_option(stmt, id, opts->arg,
						       err);
		else
			result = svc_option(stmt, id, opts->arg, err);
		if (result)
			return result;
	}
	if (pending.has_weight)
		set_weight(stmt, pending.weight);
	if (pending.mask)
		set_flags(stmt, pending.flags, pending.mask);
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
	return svclb_stmt_check_settings(stmt, err);
}

static int check_edit_svc(const struct svclb_stmt *stmt, struct svclb_err *err)
{
	if (!stmt->attributes && stmt->sched == SVCLB_SCHED_DEFAULT &&
	    stmt->internal == SVCLB_POLICY_NONE &&
	    stmt->external == SVCLB_POLICY_NONE &&
	    !stmt->added.nr_frontends && !stmt->removed.nr_frontends)
		return usage_error(stmt, err, "nothing to change is given");
	if (stmt->no_ranges && stmt->added.nr_ranges)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "--source-range excludes --no-source-ranges");
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
		if (!(stmt->attributes & SVCLB_ATTR(GENERATION)))
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
	if (stmt->verb == SVCLB_VERB_EDIT_SVC)
		return check_edit_svc(stmt, err);
	return 0;
}

static void reset_members(struct svclb_service *service)
{
	svclb_map_uninit(&service->index);
	service->nr_frontends = 0;
	service->nr_backends = 0;
	service->nr_ranges = 0;
}

static void reset(struct svclb_stmt *stmt, enum svclb_verb verb)
{
	int list;

	stmt->verb = verb;
	stmt->has_ref = false;
	stmt->subject = NULL;
	stmt->name = NULL;
	stmt->family = 0;
	stmt->proto = 0;
	stmt->sched = SVCLB_SCHED_DEFAULT;
	stmt->internal = SVCLB_POLICY_NONE;
	stmt->external = SVCLB_POLICY_NONE;
	stmt->attributes = 0;
	stmt->generation = 0;
	stmt->affinity = 0;
	stmt->syn_failover = false;
	stmt->replace = false;
	stmt->denied = 0;
	stmt->no_ranges = false;
	stmt->count = 0;
	stmt->settings.given = 0;
	stmt->settings.nr_interfaces = 0;
	for (list = 0; list < SVCLB_LISTS; list++)
		stmt->settings.lists[list].nr = 0;
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
	svclb_service_sort_ranges(&stmt->added);
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
		if (stmt->added.nr_backends)
			svclb_text_backend(text, stmt->family,
					   stmt->added.backends);
		else
			svclb_text_network(text, stmt->added.ranges);
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
 * svclb_stmt_fill_ports() - give frontends without a port that of others
 * @stmt:    the statement
 * @service: the service whose first address has the port
 * @err:     for errors, such as no address
 *
 * Return: 0 or -1.
 */
int svclb_stmt_fill_ports(struct svclb_stmt *stmt,
			  const struct svclb_service *service,
			  struct svclb_err *err)
{
	const struct svclb_frontend *first = NULL;
	char text[INET6_ADDRSTRLEN];
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++) {
		const struct svclb_frontend *at = &service->frontends[i];

		if (at->key.node_port || !at->key.port)
			continue;
		if (!first || (first->kind != SVCLB_FRONTEND_KIND_VIP &&
			       at->kind == SVCLB_FRONTEND_KIND_VIP))
			first = at;
	}
	for (i = 0; i < stmt->added.nr_frontends; i++) {
		struct svclb_key *key = &stmt->added.frontends[i].key;

		if (key->port)
			continue;
		svclb_text_host(text, key->family, key->addr);
		if (!first)
			return svclb_text_bad(err, text, "the port is missing",
					      "no other address has one");
		key->port = first->key.port;
	}
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
	free(stmt->added.ranges);
	free(stmt->removed.frontends);
	free(stmt->removed.backends);
	*stmt = (struct svclb_stmt){ 0 };
}
