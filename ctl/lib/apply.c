// SPDX-License-Identifier: GPL-2.0-only
/*
 * What statements do to a configuration in memory. A statement that fails may
 * have done a part of its work: the configuration is of no use then.
 */
#include "apply.h"

#include <netinet/in.h>
#include <string.h>

#include "codec.h"
#include "text.h"

/* Names a service, with the line it comes from if it comes from one. */
static int owner_error(struct svclb_err *err, enum svclb_err_code code,
		       const char *what, const struct svclb_service *service)
{
	svclb_err_set(err, code, "%s service '%s'", what, service->name);
	if (service->line)
		svclb_err_append(err, " (line %u)", service->line);
	return -1;
}

static int check_frontend(const struct svclb_config *config,
			  const struct svclb_service *service,
			  const struct svclb_frontend *frontend,
			  struct svclb_err *err)
{
	const struct svclb_service *owner;
	char text[SVCLB_KEY_TEXT];

	owner = svclb_config_by_key(config, &frontend->key);
	if (!owner)
		return 0;
	svclb_text_key(text, &frontend->key);
	if (owner == service)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "%s is a frontend of the service already",
				     text);
	owner_error(err, SVCLB_ERR_FAILED, "frontend is used by", owner);
	return svclb_err_prefix(err, "%s: ", text);
}

static int check_duplicate(const struct svclb_service *service,
			   const struct svclb_frontend *frontend,
			   struct svclb_err *err)
{
	char text[SVCLB_KEY_TEXT];

	if (!svclb_service_find_frontend(service, &frontend->key))
		return 0;
	svclb_text_key(text, &frontend->key);
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     "%s: the address is given twice", text);
}

/*
 * What a statement leaves open about frontends. A policy that it gives for all
 * is for those that were there, too. Source ranges are of no use where they
 * apply to no frontend: a statement that gives some makes them apply.
 */
static void settle_frontends(struct svclb_service *service,
			     const struct svclb_stmt *stmt)
{
	bool apply = stmt->attributes & SVCLB_ATTR(SOURCE_RANGE);
	struct svclb_frontend *frontend;
	uint8_t policy;
	uint32_t i;

	for (i = 0; i < service->nr_frontends; i++)
		apply &= !service->frontends[i].restricted;
	for (i = 0; i < service->nr_frontends; i++) {
		frontend = &service->frontends[i];
		policy = frontend->kind == SVCLB_FRONTEND_KIND_VIP ?
			 stmt->internal : stmt->external;
		if (policy != SVCLB_POLICY_NONE &&
		    !(frontend->given & 1u << SVCLB_A_FRONTEND_POLICY))
			frontend->policy = policy;
		if ((apply || frontend->given & 1u << SVCLB_A_FRONTEND_KIND) &&
		    !(frontend->given & 1u << SVCLB_A_FRONTEND_RESTRICTED))
			frontend->restricted =
				svclb_service_restricts(service, frontend);
		frontend->given = 0;
	}
}

static int set_attributes(struct svclb_service *service,
			  const struct svclb_stmt *stmt, struct svclb_err *err)
{
	if (stmt->sched != SVCLB_SCHED_DEFAULT)
		service->sched = stmt->sched;
	if (stmt->attributes & SVCLB_ATTR(GENERATION))
		service->generation = stmt->generation;
	if (stmt->attributes & SVCLB_ATTR(AFFINITY_TIMEOUT))
		service->affinity = stmt->affinity;
	if (stmt->attributes & SVCLB_ATTR(SYN_FAILOVER))
		service->syn_failover = stmt->syn_failover;
	if (stmt->attributes & SVCLB_ATTR(SOURCE_RANGE) &&
	    svclb_service_set_ranges(service, &stmt->added))
		return svclb_err_memory(err);
	return 0;
}

static int add_members(struct svclb_service *service,
		       const struct svclb_service *from, struct svclb_err *err)
{
	uint32_t i;

	for (i = 0; i < from->nr_frontends; i++) {
		if (check_duplicate(service, &from->frontends[i], err))
			return -1;
		if (svclb_service_add_frontend(service, &from->frontends[i]))
			return svclb_err_memory(err);
	}
	for (i = 0; i < from->nr_backends; i++)
		if (svclb_service_add_backend(service, &from->backends[i]))
			return svclb_err_memory(err);
	return 0;
}

/**
 * svclb_apply_new_service() - make the service that an add-svc describes
 * @stmt: the statement; it becomes complete
 * @err:  for errors
 *
 * Without a name, it is named after its first VIP, or else its first address,
 * or else its first node port.
 *
 * Return: the service, to be freed with svclb_service_free(); or NULL.
 */
struct svclb_service *svclb_apply_new_service(struct svclb_stmt *stmt,
					      struct svclb_err *err)
{
	const struct svclb_frontend *first;
	struct svclb_service *service;
	char text[SVCLB_KEY_TEXT];

	if (svclb_stmt_complete(stmt, 0, 0, err) ||
	    svclb_stmt_fill_ports(stmt, &stmt->added, err))
		return NULL;
	if (!stmt->name) {
		first = svclb_service_first_address(&stmt->added);
		if (!first)
			first = &stmt->added.frontends[0];
		svclb_text_key(text, &first->key);
	}
	service = svclb_service_create(stmt->name ? stmt->name : text,
				       stmt->family, stmt->proto);
	if (!service) {
		svclb_err_memory(err);
		return NULL;
	}
	service->line = stmt->line;
	if (!set_attributes(service, stmt, err) &&
	    !add_members(service, &stmt->added, err)) {
		settle_frontends(service, stmt);
		return service;
	}
	svclb_service_free(service);
	return NULL;
}

static int add_service(struct svclb_config *config, struct svclb_stmt *stmt,
		       struct svclb_err *err)
{
	struct svclb_service *service, *old;
	uint32_t i;

	service = svclb_apply_new_service(stmt, err);
	if (!service)
		return -1;
	old = svclb_config_by_name(config, service->name);
	if (old && stmt->replace) {
		svclb_config_remove(config, old);
	} else if (old) {
		owner_error(err, SVCLB_ERR_FAILED, "there already is a", old);
		goto free_service;
	}
	for (i = 0; i < service->nr_frontends; i++)
		if (check_frontend(config, NULL, &service->frontends[i], err))
			goto free_service;
	if (!svclb_config_insert(config, service))
		return 0;
	svclb_err_memory(err);
free_service:
	svclb_service_free(service);
	return -1;
}

static int remove_frontends(struct svclb_config *config,
			    struct svclb_service *service,
			    const struct svclb_service *removed,
			    struct svclb_err *err)
{
	struct svclb_frontend *frontend;
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < removed->nr_frontends; i++) {
		frontend = svclb_service_find_frontend(service,
						       &removed->frontends[i].key);
		if (!frontend) {
			svclb_text_key(text, &removed->frontends[i].key);
			return svclb_err_set(err, SVCLB_ERR_NOT_FOUND,
					     "%s: service has no such frontend",
					     text);
		}
		svclb_config_del_frontend(config, service, frontend);
	}
	return 0;
}

static int edit_service(struct svclb_config *config,
			struct svclb_service *service, struct svclb_stmt *stmt,
			struct svclb_err *err)
{
	uint32_t i;

	if (set_attributes(service, stmt, err) ||
	    svclb_stmt_fill_ports(stmt, service, err))
		return -1;
	if (remove_frontends(config, service, &stmt->removed, err))
		return -1;
	for (i = 0; i < stmt->added.nr_frontends; i++) {
		if (check_frontend(config, service, &stmt->added.frontends[i],
				   err))
			return -1;
		if (svclb_config_add_frontend(config, service,
					      &stmt->added.frontends[i]))
			return svclb_err_memory(err);
	}
	settle_frontends(service, stmt);
	return 0;
}

static void change_backend(struct svclb_backend *backend,
			   const struct svclb_backend *change)
{
	if (change->given & 1u << SVCLB_A_BACKEND_WEIGHT)
		backend->weight = change->weight;
	backend->flags = (backend->flags & ~change->mask) |
			 (change->flags & change->mask);
	backend->line = change->line;
}

static int backend_error(struct svclb_err *err, enum svclb_err_code code,
			 const struct svclb_service *service,
			 const struct svclb_backend *backend, const char *what)
{
	char text[SVCLB_KEY_TEXT];

	svclb_text_backend(text, service->family, backend);
	return svclb_err_set(err, code, "%s: service '%s' %s", text,
			     service->name, what);
}

static int apply_backend(struct svclb_service *service, enum svclb_verb verb,
			 const struct svclb_backend *backend,
			 struct svclb_err *err)
{
	struct svclb_backend *old;

	old = svclb_service_find_backend(service, backend->addr, backend->port);
	if (old && verb == SVCLB_VERB_ADD_EP) {
		backend_error(err, SVCLB_ERR_FAILED, service, backend,
			      "has this endpoint already");
		if (old->line)
			svclb_err_append(err, " (line %u)", old->line);
		return -1;
	}
	if (!old && verb != SVCLB_VERB_ADD_EP)
		return backend_error(err, SVCLB_ERR_NOT_FOUND, service, backend,
				     "has no such endpoint");
	if (verb == SVCLB_VERB_DEL_EP)
		svclb_service_del_backend(service, old);
	else if (verb == SVCLB_VERB_EDIT_EP)
		change_backend(old, backend);
	else if (svclb_service_add_backend(service, backend))
		return svclb_err_memory(err);
	return 0;
}

/* Statements about a service that is there. */
static int apply_to_service(struct svclb_config *config,
			    struct svclb_stmt *stmt, struct svclb_err *err)
{
	struct svclb_service *service;
	uint32_t i;

	service = svclb_ref_find(&stmt->ref, config, err);
	if (!service ||
	    svclb_stmt_complete(stmt, service->family, service->proto, err))
		return -1;
	service->line = stmt->line;
	switch (stmt->verb) {
	case SVCLB_VERB_EDIT_SVC:
		return edit_service(config, service, stmt, err);
	case SVCLB_VERB_DEL_SVC:
		svclb_config_remove(config, service);
		return 0;
	default:
		break;
	}
	for (i = 0; i < stmt->added.nr_backends; i++)
		if (apply_backend(service, stmt->verb, &stmt->added.backends[i],
				  err))
			return -1;
	return 0;
}

static void purge(struct svclb_config *config, uint64_t generation)
{
	struct svclb_service *service;
	uint32_t i;

	for (i = 0; i < config->nr; i++) {
		service = config->services[i];
		if (service && service->generation &&
		    service->generation < generation)
			svclb_config_remove(config, service);
	}
}

/**
 * svclb_apply() - do to a configuration what a statement asks for
 * @config: the configuration
 * @stmt:   the statement; it becomes complete
 * @err:    for errors
 *
 * Counters are no part of a configuration: zero only looks whether its service
 * is there.
 *
 * Return: 0, or -1 with the configuration in no defined state.
 */
int svclb_apply(struct svclb_config *config, struct svclb_stmt *stmt,
		struct svclb_err *err)
{
	switch (stmt->verb) {
	case SVCLB_VERB_ADD_SVC:
		return add_service(config, stmt, err);
	case SVCLB_VERB_SET:
		stmt->settings.line = stmt->line;
		svclb_config_apply_settings(config, &stmt->settings);
		return 0;
	case SVCLB_VERB_FLUSH:
		svclb_config_flush(config);
		return 0;
	case SVCLB_VERB_PURGE:
		purge(config, stmt->generation);
		return 0;
	case SVCLB_VERB_ZERO:
		if (stmt->has_ref &&
		    !svclb_ref_find(&stmt->ref, config, err))
			return -1;
		return 0;
	case SVCLB_VERB_END:
		return 0;
	default:
		return apply_to_service(config, stmt, err);
	}
}
