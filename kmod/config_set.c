// SPDX-License-Identifier: GPL-2.0-only
/*
 * The set that a service publishes: made aside, with all that may fail, then
 * published by steps that cannot.
 */
#include "config_set.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "census.h"
#include "conntrack.h"

/**
 * svclb_set_check() - check the backends of a request
 * @specs:  the backends; sorted in place
 * @nr:     how many
 * @extack: for errors
 *
 * Return: 0, or a negative error code.
 */
int svclb_set_check(struct svclb_backend_spec *specs, u32 nr,
		    struct netlink_ext_ack *extack)
{
	const struct svclb_backend_spec *duplicate;

	if (nr > SVCLB_BACKENDS_MAX) {
		NL_SET_ERR_MSG(extack, "too many backends");
		return -E2BIG;
	}
	svclb_backend_specs_sort(specs, nr);
	duplicate = svclb_backend_specs_duplicate(specs, nr);
	if (!duplicate)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, duplicate->attr, "backend is given twice");
	return -EINVAL;
}

/* Whether a service with the set needs its connections counted. */
static bool wants_census(const struct svclb_backend_set *set)
{
	bool wants = svclb_sched_of(set)->counts;
	u32 i;

	for (i = set->nr_active; i < set->nr && !wants; i++)
		wants = set->slots[i].flags & SVCLB_BACKEND_DRAINING;
	return wants;
}

/**
 * svclb_set_create() - make a set for a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the backends, checked
 * @nr:      how many
 * @terms:   what applies; the set's, also after an error
 *
 * May sleep.
 *
 * Return: the set, not published, or NULL when there is no memory.
 */
struct svclb_backend_set *
svclb_set_create(struct svclb_net *sn, struct svclb_service *service,
		 const struct svclb_backend_spec *specs, u32 nr,
		 struct svclb_terms *terms)
{
	struct svclb_backend_set *set;

	set = svclb_backend_set_create(specs, nr,
				       svclb_service_set(&sn->tables, service),
				       &service->last_backend_id);
	if (!set) {
		svclb_terms_uninit(terms);
		return NULL;
	}
	set->terms = *terms;
	set->terms.seed = svclb_net_settings(sn)->maglev_seed;
	if (!svclb_sched_prepare(set))
		return set;
	svclb_backend_set_free(set);
	return NULL;
}

/* Whether backends that served no longer do. */
static bool lacks_one_of(const struct svclb_backend_set *set,
			 const struct svclb_backend_set *old)
{
	const struct svclb_backend_slot *slot;
	u32 i;

	for (i = 0; i < old->nr; i++) {
		slot = svclb_backend_set_find(set, &old->slots[i].backend->addr,
					      old->slots[i].backend->port);
		if (!slot || (slot->flags & ~old->slots[i].flags &
			      SVCLB_BACKEND_NOT_SERVING))
			return true;
	}
	return false;
}

/* One that takes connections again will be told of when it is drained again. */
static void end_draining(const struct svclb_backend_set *set)
{
	u32 i;

	for (i = 0; i < set->nr; i++)
		if (!(set->slots[i].flags & SVCLB_BACKEND_DRAINING))
			set->slots[i].backend->drained = false;
}

/**
 * svclb_set_publish() - give a service its new set
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @set:     the set
 */
void svclb_set_publish(struct svclb_net *sn, struct svclb_service *service,
		       struct svclb_backend_set *set)
{
	struct svclb_backend_set *old = svclb_service_set(&sn->tables, service);
	bool stale = old && service->proto == IPPROTO_UDP &&
		     lacks_one_of(set, old);

	end_draining(set);
	rcu_assign_pointer(service->set, set);
	svclb_backend_set_free_rcu(old);
	if (stale)
		svclb_conntrack_sweep(sn);
	if (wants_census(set))
		svclb_census_want(sn);
	sn->sequence++;
}

/**
 * svclb_set_change_backends() - replace the backends of a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the backends; sorted in place
 * @nr:      how many
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_set_change_backends(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct netlink_ext_ack *extack)
{
	struct svclb_backend_set *set;
	struct svclb_terms terms;
	int err;

	err = svclb_set_check(specs, nr, extack);
	if (err)
		return err;
	if (!svclb_terms_copy(&terms,
			      &svclb_service_set(&sn->tables, service)->terms))
		return -ENOMEM;
	set = svclb_set_create(sn, service, specs, nr, &terms);
	if (!set)
		return -ENOMEM;
	svclb_set_publish(sn, service, set);
	return 0;
}

/**
 * svclb_set_specs() - the backends of a service, to be changed
 * @old:   its set
 * @extra: how many may be added
 *
 * May sleep.
 *
 * Return: specs in the order of the slots of @old, with room for @extra more
 * behind them, to be freed with kvfree(); or NULL.
 */
struct svclb_backend_spec *
svclb_set_specs(const struct svclb_backend_set *old, u32 extra)
{
	struct svclb_backend_spec *specs;

	specs = kvmalloc_array(old->nr + extra, sizeof(*specs),
			       GFP_KERNEL_ACCOUNT);
	if (specs)
		svclb_backend_set_spec(old, specs);
	return specs;
}

/**
 * svclb_set_change_terms() - make a set with the backends that a service has
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @terms:   what applies from now on; the set's, also after an error
 *
 * Return: the set, not published, or NULL when there is no memory.
 */
struct svclb_backend_set *
svclb_set_change_terms(struct svclb_net *sn, struct svclb_service *service,
		       struct svclb_terms *terms)
{
	struct svclb_backend_set *old = svclb_service_set(&sn->tables, service);
	struct svclb_backend_spec *specs = svclb_set_specs(old, 0);
	struct svclb_backend_set *set = NULL;

	if (specs) {
		svclb_backend_specs_sort(specs, old->nr);
		set = svclb_set_create(sn, service, specs, old->nr, terms);
	} else {
		svclb_terms_uninit(terms);
	}
	kvfree(specs);
	return set;
}
