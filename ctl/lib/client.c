// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions to the module, and what its refusals mean.
 */
#include "client.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "text.h"

/* How often to ask again when the configuration changes while it is read. */
#define LOAD_TRIES 50
#define LOAD_PAUSE_NS 2000000

/*
 * After so many tries, services of different moments are taken, as long as each
 * of them is whole.
 */
#define LOAD_STRICT_TRIES 15

/**
 * struct loading - a configuration that is being read
 * @config:  the configuration
 * @by_id:   finds services by the kernel's number
 * @last:    service of the last message
 * @members: how many frontends, backends and source ranges are still to come
 * @ranges:  whether there are source ranges
 * @count:   whether the kernel shall count connections
 * @broken:  whether messages do not belong together
 * @lenient: whether services may be of different moments
 */
struct loading {
	struct svclb_config *config;
	struct svclb_map by_id;
	struct svclb_service *last;
	int64_t members;
	bool ranges;
	bool count;
	bool broken;
	bool lenient;
};

static int copy_reply(void *data, const struct nlmsghdr *msg,
		      struct svclb_err *err)
{
	struct svclb_service **service = data;
	struct svclb_reply reply;

	if (svclb_codec_get_service(&reply, msg, err))
		return -1;
	svclb_service_free(*service);
	*service = svclb_service_create(reply.name, reply.family, reply.proto);
	if (!*service)
		return svclb_err_memory(err);
	(*service)->id = reply.id;
	(*service)->sched = reply.sched;
	(*service)->affinity = reply.affinity;
	(*service)->syn_failover = reply.syn_failover;
	(*service)->generation = reply.generation;
	(*service)->counts = reply.counts;
	return 0;
}

static int get_service(struct svclb_nl *nl, const struct svclb_key *key,
		       const char *name, struct svclb_service **service,
		       struct svclb_err *err)
{
	struct nl_msg *msg;
	int result;

	*service = NULL;
	msg = svclb_nl_request(nl, SVCLB_CMD_SERVICE_GET, 0,
			       svclb_codec_size(1), err);
	if (!msg)
		return -1;
	if (key)
		result = svclb_codec_put_key(msg, key, err);
	else
		result = svclb_codec_put_name(msg, name, err);
	if (!result)
		result = svclb_nl_call(nl, msg, copy_reply, service, err);
	if (!result && !*service)
		result = svclb_err_set(err, SVCLB_ERR_FAILED,
				       "the kernel's reply is missing");
	if (!result)
		return 0;
	svclb_service_free(*service);
	*service = NULL;
	return -1;
}

/**
 * svclb_client_find() - find the service that is meant
 * @nl:  the connection
 * @ref: the reference
 * @err: for errors
 *
 * Return: the service without its members, to be freed with
 * svclb_service_free(); or NULL.
 */
struct svclb_service *svclb_client_find(struct svclb_nl *nl,
					const struct svclb_ref *ref,
					struct svclb_err *err)
{
	struct svclb_service *service = NULL;

	if (ref->has_key) {
		if (!get_service(nl, &ref->key, NULL, &service, err))
			return service;
		if (err->code != SVCLB_ERR_NOT_FOUND)
			return NULL;
	}
	if (!get_service(nl, NULL, ref->name, &service, err))
		return service;
	if (err->code == SVCLB_ERR_NOT_FOUND)
		svclb_err_set(err, SVCLB_ERR_NOT_FOUND,
			      "there is no service '%.255s'", ref->word);
	return NULL;
}

static int load_service(void *data, const struct nlmsghdr *msg,
			struct svclb_err *err)
{
	struct svclb_service *service = NULL;
	struct loading *loading = data;
	struct svclb_reply reply;

	if (copy_reply(&service, msg, err))
		return -1;
	if (svclb_codec_get_service(&reply, msg, err))
		goto free_service;
	if (svclb_config_by_name(loading->config, service->name)) {
		loading->broken = true;
		svclb_service_free(service);
		return 0;
	}
	loading->members += (int64_t)reply.nr_frontends + reply.nr_backends +
			    reply.nr_ranges;
	loading->ranges |= reply.nr_ranges;
	if (!svclb_map_add(&loading->by_id,
			   svclb_hash(&service->id, sizeof(service->id)),
			   loading->config->nr) &&
	    !svclb_config_insert(loading->config, service))
		return 0;
	svclb_err_memory(err);

free_service:
	svclb_service_free(service);
	return -1;
}

static struct svclb_service *service_by_id(struct loading *loading, uint32_t id)
{
	struct svclb_service *service = loading->last;
	struct svclb_map_iter iter;

	if (service && service->id == id)
		return service;
	svclb_map_find(&loading->by_id, svclb_hash(&id, sizeof(id)), &iter);
	while (svclb_map_next(&loading->by_id, &iter)) {
		service = loading->config->services[iter.value];
		if (service->id != id)
			continue;
		loading->last = service;
		return service;
	}
	return NULL;
}

static int load_member(void *data, const struct nlmsghdr *msg,
		       struct svclb_err *err)
{
	struct loading *loading = data;
	struct svclb_service *service;
	struct svclb_reply reply;

	if (svclb_codec_get_service(&reply, msg, err))
		return -1;
	service = service_by_id(loading, reply.id);
	if (!service || strcmp(service->name, reply.name) != 0) {
		loading->broken = true;
		return 0;
	}
	loading->members--;
	if (reply.has_frontend &&
	    svclb_config_add_frontend(loading->config, service,
				      &reply.frontend))
		return svclb_err_memory(err);
	if (reply.has_range && svclb_service_add_range(service, &reply.range))
		return svclb_err_memory(err);
	if (!reply.has_backend)
		return 0;
	if (loading->lenient &&
	    svclb_service_find_backend(service, reply.backend.addr,
				       reply.backend.port))
		loading->broken = true;
	if (svclb_service_add_backend(service, &reply.backend))
		return svclb_err_memory(err);
	return 0;
}

/* Returns 1 if the messages do not belong together. */
static int dump(struct svclb_nl *nl, uint8_t cmd, uint32_t id,
		svclb_nl_handler handle, struct loading *loading,
		struct svclb_err *err)
{
	struct nl_msg *msg;
	int result;

	msg = svclb_nl_request(nl, cmd, 0, svclb_codec_size(0), err);
	if (!msg || (id && svclb_codec_put_id(msg, id, err)))
		return -1;
	if (cmd == SVCLB_CMD_BACKEND_GET && loading->count &&
	    svclb_codec_put_flag(msg, SVCLB_A_SERVICE_COUNT_CONNECTIONS, err))
		return -1;
	result = svclb_nl_dump(nl, msg, handle, loading, err);
	return result > 0 && loading->lenient ? 0 : result;
}

static int load_members(struct svclb_nl *nl, struct loading *loading,
			uint32_t id, struct svclb_err *err)
{
	uint32_t i;
	int result;

	result = dump(nl, SVCLB_CMD_FRONTEND_GET, id, load_member, loading,
		      err);
	if (result)
		return result;
	result = dump(nl, SVCLB_CMD_BACKEND_GET, id, load_member, loading, err);
	if (result)
		return result;
	if (loading->ranges) {
		result = dump(nl, SVCLB_CMD_SOURCE_RANGE_GET, id, load_member,
			      loading, err);
		if (result)
			return result;
		for (i = 0; i < loading->config->nr; i++)
			svclb_service_sort_ranges(loading->config->services[i]);
	}
	return loading->broken || loading->members;
}

static int load_all(struct svclb_nl *nl, struct loading *loading,
		    struct svclb_err *err)
{
	int result;

	result = dump(nl, SVCLB_CMD_SERVICE_GET, 0, load_service, loading, err);
	if (result)
		return result;
	return load_members(nl, loading, 0, err);
}

static int load_one(struct svclb_nl *nl, const struct svclb_ref *ref,
		    struct loading *loading, struct svclb_err *err)
{
	struct svclb_service *service;
	struct nl_msg *msg;

	service = svclb_client_find(nl, ref, err);
	if (!service)
		return -1;
	/* Once more by its number, for the numbers of its members. */
	msg = svclb_nl_request(nl, SVCLB_CMD_SERVICE_GET, 0,
			       svclb_codec_size(0), err);
	if (!msg || svclb_codec_put_id(msg, service->id, err) ||
	    svclb_nl_call(nl, msg, load_service, loading, err)) {
		svclb_service_free(service);
		return err->code == SVCLB_ERR_NOT_FOUND ? 1 : -1;
	}
	svclb_service_free(service);
	if (!loading->config->nr)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "the kernel's reply is missing");
	return load_members(nl, loading, loading->config->services[0]->id, err);
}

static int load(struct svclb_nl *nl, const struct svclb_ref *ref, bool count,
		struct svclb_config *config, struct svclb_err *err)
{
	struct timespec pause = { .tv_nsec = LOAD_PAUSE_NS };
	struct loading loading;
	int tries, result = 1;

	for (tries = 0; tries < LOAD_TRIES && result > 0; tries++) {
		if (tries)
			nanosleep(&pause, NULL);
		svclb_config_uninit(config);
		loading = (struct loading){
			.config = config,
			.count = count,
			.lenient = tries >= LOAD_STRICT_TRIES,
		};
		result = ref ? load_one(nl, ref, &loading, err) :
			       load_all(nl, &loading, err);
		svclb_map_uninit(&loading.by_id);
	}
	if (result > 0)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "the configuration changes too quickly to be read");
	return result;
}

/**
 * svclb_client_load() - read the whole configuration
 * @nl:     the connection
 * @config: for the configuration; its content is freed before
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_load(struct svclb_nl *nl, struct svclb_config *config,
		      struct svclb_err *err)
{
	if (load(nl, NULL, false, config, err))
		return -1;
	return svclb_client_settings(nl, &config->settings, err);
}

/**
 * svclb_client_load_service() - read one service
 * @nl:     the connection
 * @ref:    the service
 * @config: for it; its content is freed before
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_load_service(struct svclb_nl *nl, const struct svclb_ref *ref,
			      struct svclb_config *config,
			      struct svclb_err *err)
{
	return load(nl, ref, false, config, err);
}

/**
 * svclb_client_load_counted() - read services, with the connections that each
 *                               backend has
 * @nl:     the connection
 * @ref:    the service, or NULL for all
 * @config: for them; its content is freed before
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_load_counted(struct svclb_nl *nl, const struct svclb_ref *ref,
			      struct svclb_config *config,
			      struct svclb_err *err)
{
	return load(nl, ref, true, config, err);
}

static int on_settings(void *data, const struct nlmsghdr *msg,
		       struct svclb_err *err)
{
	return svclb_codec_get_settings(data, msg, err);
}

/**
 * svclb_client_settings() - read the settings
 * @nl:       the connection
 * @settings: for the settings
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_settings(struct svclb_nl *nl, struct svclb_settings *settings,
			  struct svclb_err *err)
{
	struct nl_msg *msg;

	msg = svclb_nl_request(nl, SVCLB_CMD_SETTINGS_GET, 0, 0, err);
	if (!msg)
		return -1;
	return svclb_nl_call(nl, msg, on_settings, settings, err);
}

static int on_counters(void *data, const struct nlmsghdr *msg,
		       struct svclb_err *err)
{
	(void)err;
	svclb_codec_get_counters(data, msg);
	return 0;
}

/**
 * svclb_client_counters() - read the counters of the namespace
 * @nl:       the connection
 * @counters: for the counters
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_counters(struct svclb_nl *nl, struct svclb_counters *counters,
			  struct svclb_err *err)
{
	struct nl_msg *msg;

	msg = svclb_nl_request(nl, SVCLB_CMD_COUNTERS_GET, 0, 0, err);
	if (!msg)
		return -1;
	return svclb_nl_call(nl, msg, on_counters, counters, err);
}

/**
 * svclb_client_service() - send a request that names a service and nothing more
 * @nl:  the connection
 * @cmd: enum svclb_cmd
 * @id:  the kernel's number for the service; 0 for all, where that is possible
 * @err: for errors
 *
 * Return: 0 or -1.
 */
int svclb_client_service(struct svclb_nl *nl, uint8_t cmd, uint32_t id,
			 struct svclb_err *err)
{
	struct nl_msg *msg;

	msg = svclb_nl_request(nl, cmd, 0, svclb_codec_size(0), err);
	if (!msg || (id && svclb_codec_put_id(msg, id, err)))
		return -1;
	return svclb_nl_call(nl, msg, NULL, NULL, err);
}

/* Who has the frontend that a request wanted? */
static void explain_owner(struct svclb_nl *nl, const struct svclb_key *key,
			  struct svclb_err *err)
{
	struct svclb_service *owner;
	struct svclb_err ignored;

	if (get_service(nl, key, NULL, &owner, &ignored))
		return;
	svclb_err_append(err, " (service '%s')", owner->name);
	svclb_service_free(owner);
}

/**
 * svclb_client_explain() - say which part of a request was refused
 * @nl:      the connection, the request being the last one refused
 * @members: what was in the request
 * @err:     the refusal; the part is added
 *
 * Return: line of the file that the part comes from, or 0.
 */
uint32_t svclb_client_explain(struct svclb_nl *nl,
			      const struct svclb_members *members,
			      struct svclb_err *err)
{
	const struct svclb_refusal *refusal = svclb_nl_refusal(nl);
	const struct nlmsghdr *request = svclb_nl_refused(nl);
	char text[SVCLB_KEY_TEXT];
	uint32_t index;
	int attr;

	if (!refusal || !request || !refusal->attr ||
	    svclb_codec_locate(request, refusal->attr, &attr, &index))
		return 0;
	if (attr == SVCLB_A_SERVICE_FRONTEND && members->frontends) {
		const struct svclb_frontend *at = &members->frontends[index];

		svclb_text_key(text, &at->key);
		svclb_err_prefix(err, "%s: ", text);
		if (refusal->number == EEXIST)
			explain_owner(nl, &at->key, err);
		return at->line;
	}
	if (attr == SVCLB_A_SERVICE_BACKEND && members->backends) {
		const struct svclb_backend *at = &members->backends[index];

		svclb_text_backend(text, members->family, at);
		svclb_err_prefix(err, "%s: ", text);
		return at->line;
	}
	if (attr == SVCLB_A_SERVICE_SOURCE_RANGE && members->ranges) {
		svclb_text_network(text, &members->ranges[index]);
		svclb_err_prefix(err, "%s: ", text);
	}
	return 0;
}
