// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the kernel's services as a cluster has them: what the API server tells
 * goes into a store (proxier_feed.c), and from there, changes go to the kernel
 * (proxier_pass.c, proxier_change.c), of which one copy is kept of what it holds
 * (proxier_held.c).
 */
#include "proxier.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "proxier_int.h"

/* More notes than this are not remembered. */
#define NOTED_MAX 4096

/* The same is not noted again and again, as often as it is looked at. */
static void on_note(void *data, const char *text)
{
	struct svclb_proxier *proxier = data;
	const struct svclb_notes *notes = &proxier->p.translation.notes;
	uint32_t hash = svclb_hash(text, strlen(text));
	struct svclb_map_iter iter;

	svclb_map_find(&proxier->noted, hash, &iter);
	if (svclb_map_next(&proxier->noted, &iter))
		return;
	if (proxier->noted.used >= NOTED_MAX)
		svclb_map_uninit(&proxier->noted);
	/* Without memory, it may be noted twice. */
	svclb_map_add(&proxier->noted, hash, 0);
	if (notes->note)
		notes->note(notes->data, text);
	else
		svclb_log(SVCLB_LOG_WARNING, text, NULL);
}

/* Whatever was missed, it is not missed for longer than this. */
static void on_full(void *data)
{
	struct svclb_proxier *proxier = data;

	svclb_proxier_resync(proxier);
	svclb_timer_set(proxier->p.loop, &proxier->full_timer,
			proxier->p.full_sync);
}

static uint64_t wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/**
 * svclb_proxier_create() - begin to keep the kernel's services
 * @proxier:  for the proxier, to be freed with svclb_proxier_free()
 * @proxying: what it is to do; what it points to must stay
 * @err:      for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxier_create(struct svclb_proxier **proxier,
			 const struct svclb_proxying *proxying,
			 struct svclb_err *err)
{
	struct svclb_proxier *new = calloc(1, sizeof(*new));

	if (!new)
		return svclb_err_memory(err);
	new->p = *proxying;
	new->translation = proxying->translation;
	new->translation.notes.note = on_note;
	new->translation.notes.data = new;
	new->held.stats = proxying->stats;
	new->pass_timer.expired = svclb_proxier_pass;
	new->pass_timer.data = new;
	new->full_timer.expired = on_full;
	new->full_timer.data = new;
	new->started = wall_clock();
	new->p.stats->node_eligible = true;
	if (svclb_proxier_listen(new, err)) {
		free(new);
		return -1;
	}
	if (new->p.full_sync)
		svclb_timer_set(new->p.loop, &new->full_timer,
				new->p.full_sync);
	*proxier = new;
	return 0;
}

/**
 * svclb_proxier_free() - end keeping the kernel's services, which stay
 * @proxier: the proxier, or NULL
 */
void svclb_proxier_free(struct svclb_proxier *proxier)
{
	if (!proxier)
		return;
	if (proxier->p.events)
		svclb_loop_forget(proxier->p.loop,
				  svclb_nl_fd(proxier->p.events));
	svclb_timer_clear(proxier->p.loop, &proxier->pass_timer);
	svclb_timer_clear(proxier->p.loop, &proxier->full_timer);
	svclb_store_uninit(&proxier->store);
	svclb_k8s_node_free(proxier->node);
	svclb_held_uninit(&proxier->held);
	svclb_pending_uninit(&proxier->pendings);
	svclb_proxier_health_uninit(proxier);
	svclb_map_uninit(&proxier->contested);
	svclb_map_uninit(&proxier->noted);
	free(proxier);
}

/**
 * svclb_proxier_resync() - look at everything once more, the kernel included
 * @proxier: the proxier
 */
void svclb_proxier_resync(struct svclb_proxier *proxier)
{
	proxier->known = false;
	svclb_proxier_change_all(proxier);
}
