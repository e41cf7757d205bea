// SPDX-License-Identifier: GPL-2.0-only
/*
 * From what changed in the cluster to changes in the kernel: of some Services
 * alone, as long as these have nothing to do with others, or else of all. What
 * comes out is the same.
 */
#include "proxier_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/client.h"
#include "lib/ref.h"
#include "lib/transact.h"
#include "log.h"
#include "merge.h"

/* If more Services were refused, everything is read again. */
#define RELOADS_MAX 32

static struct svclb_pending *owner_of(struct svclb_proxier *proxier,
				      const struct svclb_service *service,
				      bool add)
{
	size_t namespace_len, name_len;
	char names[2][SVCLB_NAME_MAX + 1];
	const char *name;

	if (!svclb_held_owner(service->name, &name, &namespace_len,
			      &name_len) ||
	    namespace_len >= sizeof(names[0]) || name_len >= sizeof(names[1]))
		return NULL;
	memcpy(names[0], service->name, namespace_len);
	names[0][namespace_len] = '\0';
	memcpy(names[1], name, name_len);
	names[1][name_len] = '\0';
	return add ? svclb_pending_add(&proxier->pendings, names[0], names[1]) :
		     svclb_pending_find(&proxier->pendings, names[0], names[1]);
}

/* Told of everything that the kernel refuses, when all is sent. */
static void on_refused(void *data, const struct svclb_service *service,
		       int number, const char *text)
{
	struct svclb_proxier *proxier = data;
	struct svclb_pending *pending;

	proxier->refused++;
	/* Somebody was there before us: what we know is not what there is. */
	if (number == EEXIST || number == ENOENT)
		proxier->known = false;
	if (service)
		pending = owner_of(proxier, service, true);
	else
		pending = svclb_pending_add(&proxier->pendings,
					    SVCLB_PENDING_SETTINGS,
					    SVCLB_PENDING_SETTINGS);
	if (!pending)
		return;
	if (!pending->delay && !pending->failed)
		svclb_log(SVCLB_LOG_ERROR, "the kernel refused a change",
			  "service", service ? service->name : "(settings)",
			  "error", text, NULL);
	pending->tried = true;
	pending->failed = true;
}

/* Sends a change; -1 also when there is nobody any more who could obey. */
static int submit(struct svclb_proxier *proxier,
		  const struct svclb_config *from,
		  const struct svclb_config *to, struct svclb_err *err)
{
	struct svclb_submission submission = {
		.refused = on_refused,
		.data = proxier,
	};
	bool opened, asked = proxier->asked.given & SVCLB_GIVEN_LOOPBACK;
	struct svclb_err ignored;

	opened = asked && to->settings.loopback;
	if (asked && from->settings.loopback && !opened &&
	    svclb_merge_loopback(false, &ignored))
		svclb_log(SVCLB_LOG_WARNING, "loopback routes stay open",
			  "error", ignored.text, NULL);
	if (svclb_submit(proxier->p.nl, from, to, &submission, err)) {
		proxier->known = false;
		return -1;
	}
	proxier->requests += submission.requests;
	if (submission.nr_refused &&
	    submission.nr_refused == submission.requests && !proxier->known &&
	    svclb_nl_renew(proxier->p.nl, err))
		return -1;
	if (opened && !from->settings.loopback &&
	    svclb_merge_loopback(true, &ignored))
		svclb_log(SVCLB_LOG_WARNING,
			  "node ports are not open on loopback addresses",
			  "error", ignored.text, NULL);
	return 0;
}

/* What became of a service of which something was refused? */
static int reload(struct svclb_proxier *proxier, const char *name,
		  struct svclb_err *err)
{
	const struct svclb_ref ref = { .word = name, .name = name };
	struct svclb_service *old, *service;
	struct svclb_config config = { 0 };
	int result;

	result = svclb_client_load_service(proxier->p.nl, &ref, &config, err);
	if (result && err->code == SVCLB_ERR_NOT_FOUND)
		result = 0;
	old = svclb_config_by_name(&proxier->held.ours, name);
	if (!result && old)
		svclb_held_remove(&proxier->held, old);
	service = !result && config.nr ? config.services[0] : NULL;
	if (service && service->generation == proxier->translation.generation) {
		svclb_config_take(&config, service);
		result = svclb_held_insert(&proxier->held, service);
	}
	svclb_config_uninit(&config);
	return result;
}

/* The names of all services of failed Services, each once. */
static int reload_failed(struct svclb_proxier *proxier,
			 const struct svclb_config *config,
			 const struct svclb_config *unless,
			 struct svclb_err *err)
{
	const struct svclb_pending *pending;
	uint32_t i, nr = config->nr;
	char *name;
	int result;

	for (i = 0; i < nr; i++) {
		const struct svclb_service *service = config->services[i];

		pending = service ? owner_of(proxier, service, false) : NULL;
		if (!pending || !pending->failed ||
		    (unless && svclb_config_by_name(unless, service->name)))
			continue;
		name = strdup(service->name);
		result = name ? reload(proxier, name, err) : -1;
		free(name);
		if (result)
			return -1;
	}
	return 0;
}

/* Finds out what there is of Services of which something was refused. */
static void recover(struct svclb_proxier *proxier,
		    const struct svclb_config *old)
{
	struct svclb_err err;
	uint32_t i, nr = 0;

	if (!proxier->known)
		return;
	for (i = 0; i < proxier->pendings.nr; i++)
		nr += proxier->pendings.at[i].failed;
	if (!nr)
		return;
	if (nr > RELOADS_MAX ||
	    svclb_client_settings(proxier->p.nl, &proxier->held.ours.settings,
				  &err) ||
	    reload_failed(proxier, &proxier->held.ours, NULL, &err) ||
	    reload_failed(proxier, old, &proxier->held.ours, &err))
		proxier->known = false;
}

/**
 * struct change - a change of some Services
 * @from:     their services as they are
 * @to:       as they shall be
 * @services: those of them that there are
 * @nr:       how many
 * @contested: hashes of keys that they do not leave to each other
 * @settings: whether it is about the settings, too
 */
struct change {
	struct svclb_config from;
	struct svclb_config to;
	const struct svclb_k8s_service **services;
	uint32_t nr;
	struct svclb_map contested;
	bool settings;
};

static void change_uninit(struct change *change)
{
	svclb_config_uninit(&change->from);
	svclb_config_uninit(&change->to);
	svclb_map_uninit(&change->contested);
	free(change->services);
}

static int add_held(struct svclb_proxier *proxier, struct change *change,
		    const struct svclb_pending *pending)
{
	const struct svclb_service *service;
	struct svclb_service *copy;
	struct svclb_map_iter iter;

	svclb_held_find(&proxier->held, pending->namespace, pending->name,
			&iter);
	while ((service = svclb_held_next(&proxier->held, pending->namespace,
					  pending->name, &iter))) {
		copy = svclb_service_copy(service);
		if (!copy)
			return -1;
		if (!svclb_config_insert(&change->from, copy))
			continue;
		svclb_service_free(copy);
		return -1;
	}
	return 0;
}

/* Those that failed and are to wait are asked for what they claim only. */
static int collect(struct svclb_proxier *proxier, struct change *change)
{
	const struct svclb_k8s_service *service;
	uint64_t now = svclb_loop_now();
	uint32_t i;

	change->services = calloc((size_t)proxier->pendings.nr + 1,
				  sizeof(const struct svclb_k8s_service *));
	if (!change->services)
		return -1;
	for (i = 0; i < proxier->pendings.nr; i++) {
		struct svclb_pending *pending = &proxier->pendings.at[i];

		pending->tried = pending->due <= now;
		if (!*pending->namespace && !*pending->name) {
			change->settings = pending->tried;
			continue;
		}
		service = svclb_store_service(&proxier->store,
					      pending->namespace,
					      pending->name);
		if (service && service->proxied)
			change->services[change->nr++] = service;
		if (pending->tried && add_held(proxier, change, pending))
			return -1;
	}
	return 0;
}

static bool is_contested(const struct svclb_proxier *proxier,
			 const struct svclb_key *key)
{
	struct svclb_map_iter iter;

	svclb_map_find(&proxier->contested, svclb_config_hash_key(key), &iter);
	return svclb_map_next(&proxier->contested, &iter);
}

/* Whether services have, or shall have, an address that others claim. */
static bool concerns_others(const struct svclb_proxier *proxier,
			    const struct svclb_config *config,
			    const struct svclb_config *from)
{
	const struct svclb_service *service, *owner;
	uint32_t i, j;

	for (i = 0; i < config->nr; i++) {
		service = config->services[i];
		for (j = 0; service && j < service->nr_frontends; j++) {
			const struct svclb_key *key =
				&service->frontends[j].key;

			if (is_contested(proxier, key))
				return true;
			owner = svclb_config_by_key(&proxier->held.ours, key);
			if (owner && !svclb_config_by_name(from, owner->name))
				return true;
		}
	}
	return false;
}

/* Takes out what is not to be tried yet. */
static void drop_waiting(struct svclb_proxier *proxier,
			 struct svclb_config *config)
{
	const struct svclb_pending *pending;
	uint32_t i, nr = config->nr;

	for (i = 0; i < nr; i++) {
		if (!config->services[i])
			continue;
		pending = owner_of(proxier, config->services[i], false);
		if (!pending || !pending->tried)
			svclb_config_remove(config, config->services[i]);
	}
}

/* The kernel has obeyed: what shall be is what there is. */
static int take_over(struct svclb_proxier *proxier, struct change *change)
{
	struct svclb_held *held = &proxier->held;
	struct svclb_service *service;
	uint32_t i, nr = change->to.nr;

	held->ours.settings = change->to.settings;
	for (i = 0; i < change->from.nr; i++) {
		service = svclb_config_by_name(&held->ours,
					       change->from.services[i]->name);
		if (service)
			svclb_held_remove(held, service);
	}
	for (i = 0; i < nr; i++) {
		service = change->to.services[i];
		if (!service)
			continue;
		svclb_config_take(&change->to, service);
		if (svclb_held_insert(held, service))
			return -1;
	}
	return svclb_held_pack(held);
}

/* Returns 1 if others are concerned. */
static int prepare(struct svclb_proxier *proxier, struct change *change)
{
	struct svclb_translation translation = proxier->translation;
	struct svclb_settings *settings = &change->to.settings;

	translation.contested = &change->contested;
	if (collect(proxier, change) ||
	    svclb_translate_some(&translation, &proxier->store,
				 change->services, change->nr, &change->to))
		return -1;
	if (change->contested.used ||
	    concerns_others(proxier, &change->to, &change->from) ||
	    concerns_others(proxier, &change->from, &change->from))
		return 1;
	drop_waiting(proxier, &change->to);
	proxier->yielded += svclb_merge_yield(&change->to,
					      &proxier->held.others,
					      &proxier->translation.notes);
	change->from.settings = proxier->held.ours.settings;
	*settings = change->from.settings;
	if (change->settings)
		svclb_config_apply_settings(&change->to, &proxier->asked);
	svclb_config_set_defaults(&change->to);
	return 0;
}

/**
 * svclb_proxier_some() - bring the Services that changed to the kernel
 * @proxier: the proxier
 * @err:     for errors
 *
 * Return: 0; 1 if others are concerned, so that svclb_proxier_all() is needed;
 * or -1.
 */
int svclb_proxier_some(struct svclb_proxier *proxier, struct svclb_err *err)
{
	struct change change = { 0 };
	int result = prepare(proxier, &change);

	if (result < 0)
		svclb_err_memory(err);
	if (!result)
		result = submit(proxier, &change.from, &change.to, err);
	else
		goto out;
	if (!result && take_over(proxier, &change)) {
		proxier->known = false;
		result = svclb_err_memory(err);
	}
	if (!result)
		recover(proxier, &change.from);
out:
	change_uninit(&change);
	return result;
}

/**
 * svclb_proxier_all() - bring all Services to the kernel
 * @proxier: the proxier
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxier_all(struct svclb_proxier *proxier, struct svclb_err *err)
{
	struct svclb_translation translation = proxier->translation;
	struct svclb_held *held = &proxier->held;
	struct svclb_config ours = { 0 }, old;
	uint32_t i;

	svclb_map_uninit(&proxier->contested);
	translation.contested = &proxier->contested;
	if (svclb_translate(&translation, &proxier->store, &ours)) {
		svclb_config_uninit(&ours);
		return svclb_err_memory(err);
	}
	proxier->yielded = svclb_merge_yield(&ours, &held->others,
					     &translation.notes);
	ours.settings = held->ours.settings;
	svclb_config_apply_settings(&ours, &proxier->asked);
	svclb_config_set_defaults(&ours);
	for (i = 0; i < proxier->pendings.nr; i++)
		proxier->pendings.at[i].tried = true;
	if (submit(proxier, &held->ours, &ours, err)) {
		svclb_config_uninit(&ours);
		return -1;
	}
	old = held->ours;
	held->ours = ours;
	if (svclb_held_index(held))
		proxier->known = false;
	recover(proxier, &old);
	svclb_config_uninit(&old);
	return 0;
}
