// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Services that are to be brought to the kernel: because they changed, or
 * because it refused something of them.
 */
#include "proxier_int.h"

#include <stdlib.h>
#include <string.h>

/* Milliseconds to wait after the first refusal, and after many. */
#define DELAY_FIRST 1000
#define DELAY_MOST 30000

/**
 * svclb_pending_hash() - hash the names of a Service
 * @namespace:     its namespace
 * @namespace_len: length of that
 * @name:          its name
 * @name_len:      length of that
 *
 * Return: the hash.
 */
uint32_t svclb_pending_hash(const char *namespace, size_t namespace_len,
			    const char *name, size_t name_len)
{
	const uint32_t hashes[2] = {
		svclb_hash(namespace, namespace_len),
		svclb_hash(name, name_len),
	};

	return svclb_hash(hashes, sizeof(hashes));
}

static uint32_t hash_of(const char *namespace, const char *name)
{
	return svclb_pending_hash(namespace, strlen(namespace), name,
				  strlen(name));
}

/**
 * svclb_pending_find() - find a Service
 * @pendings:  the Services
 * @namespace: its namespace
 * @name:      its name
 *
 * Return: the Service, or NULL.
 */
struct svclb_pending *svclb_pending_find(const struct svclb_pendings *pendings,
					 const char *namespace,
					 const char *name)
{
	struct svclb_map_iter iter;

	svclb_map_find(&pendings->index, hash_of(namespace, name), &iter);
	while (svclb_map_next(&pendings->index, &iter)) {
		struct svclb_pending *pending = &pendings->at[iter.value];

		if (!strcmp(pending->namespace, namespace) &&
		    !strcmp(pending->name, name))
			return pending;
	}
	return NULL;
}

static int append(struct svclb_pendings *pendings,
		  const struct svclb_pending *pending)
{
	uint32_t room = pendings->max ? pendings->max * 2 : 16;
	void *bigger;

	if (pendings->nr == pendings->max) {
		bigger = realloc(pendings->at, room * sizeof(*pendings->at));
		if (!bigger)
			return -1;
		pendings->at = bigger;
		pendings->max = room;
	}
	if (svclb_map_add(&pendings->index,
			  hash_of(pending->namespace, pending->name),
			  pendings->nr))
		return -1;
	pendings->at[pendings->nr++] = *pending;
	return 0;
}

/**
 * svclb_pending_add() - have a Service brought to the kernel soon
 * @pendings:  the Services
 * @namespace: its namespace
 * @name:      its name
 *
 * Return: the Service, until the next one is added; or NULL when there is no
 * memory.
 */
struct svclb_pending *svclb_pending_add(struct svclb_pendings *pendings,
					const char *namespace,
					const char *name)
{
	struct svclb_pending *old = svclb_pending_find(pendings, namespace,
						       name);
	struct svclb_pending new = { .since = svclb_loop_now() };

	if (old) {
		old->due = 0;
		return old;
	}
	new.namespace = strdup(namespace);
	new.name = strdup(name);
	if (new.namespace && new.name && !append(pendings, &new))
		return &pendings->at[pendings->nr - 1];
	free(new.namespace);
	free(new.name);
	return NULL;
}

/* Whether a Service stays; each refusal doubles how long it is to wait. */
static bool stays(struct svclb_pending *pending)
{
	if (!pending->tried)
		return true;
	if (!pending->failed)
		return false;
	pending->delay = pending->delay ? pending->delay * 2 : DELAY_FIRST;
	if (pending->delay > DELAY_MOST)
		pending->delay = DELAY_MOST;
	pending->due = svclb_loop_now() + pending->delay;
	return true;
}

/**
 * svclb_pending_settle() - end a pass
 * @pendings: the Services: those that were tried and did not fail go
 * @known:    whether it is known what became of it; else all stay
 */
void svclb_pending_settle(struct svclb_pendings *pendings, bool known)
{
	struct svclb_pendings old = *pendings;
	uint32_t i;

	*pendings = (struct svclb_pendings){ 0 };
	for (i = 0; i < old.nr; i++) {
		bool keep = !known || stays(&old.at[i]);

		old.at[i].tried = false;
		old.at[i].failed = false;
		if (keep && !append(pendings, &old.at[i]))
			continue;
		free(old.at[i].namespace);
		free(old.at[i].name);
	}
	free(old.at);
	svclb_map_uninit(&old.index);
}

/**
 * svclb_pending_uninit() - forget all
 * @pendings: the Services, none from then on
 */
void svclb_pending_uninit(struct svclb_pendings *pendings)
{
	uint32_t i;

	for (i = 0; i < pendings->nr; i++) {
		free(pendings->at[i].namespace);
		free(pendings->at[i].name);
	}
	free(pendings->at);
	svclb_map_uninit(&pendings->index);
	*pendings = (struct svclb_pendings){ 0 };
}
