// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only writer. Each change checks everything first, then makes what it
 * needs aside, and only then publishes, by steps that cannot fail: a refused
 * change has changed nothing.
 *
 * The order of publishing keeps packets from seeing half a change: frontends
 * that go stop being used, the backend set is replaced with one pointer,
 * frontends that come start being used.
 */
#include "config.h"

#include <linux/mm.h>
#include <linux/slab.h>
#include <net/netlink.h>

#include "config_set.h"
#include "conntrack.h"
#include "datapath.h"

/* From now on packets do not use it; its UDP flows go with the next sweep. */
static void remove_frontend(struct svclb_net *sn,
			    struct svclb_frontend *frontend)
{
	bool has_flows = frontend->live && frontend->key.proto == IPPROTO_UDP;

	svclb_frontend_remove(&sn->tables, frontend);
	if (has_flows)
		svclb_conntrack_depart(sn, frontend);
	else
		svclb_frontend_free_rcu(frontend);
}

/**
 * remove_frontends() - remove those frontends of a service that have a property
 * @sn:      the namespace
 * @service: the service
 * @live:    the property: whether packets use it,
 * @wanted:  and whether it is marked
 *
 * Return: whether there were any whose flows have to be swept.
 */
static bool remove_frontends(struct svclb_net *sn,
			     struct svclb_service *service, bool live,
			     bool wanted)
{
	struct svclb_frontend *frontend, *next;
	bool any = false;

	list_for_each_entry_safe(frontend, next, &service->frontends, list) {
		if (frontend->live != live || frontend->wanted != wanted)
			continue;
		remove_frontend(sn, frontend);
		any = true;
	}
	return any && service->proto == IPPROTO_UDP;
}

/* Flows that went past before there was a frontend are stale now. */
static bool publish_frontends(struct svclb_net *sn,
			      struct svclb_service *service)
{
	struct svclb_frontend *frontend;
	bool any = false;

	list_for_each_entry(frontend, &service->frontends, list) {
		any |= !frontend->live;
		svclb_frontend_set_live(&sn->tables, frontend, true);
	}
	return any && service->proto == IPPROTO_UDP;
}

static void unmark_frontends(struct svclb_service *service)
{
	struct svclb_frontend *frontend;

	list_for_each_entry(frontend, &service->frontends, list)
		frontend->wanted = false;
}

static int add_frontend(struct svclb_net *sn, struct svclb_service *service,
			const struct svclb_frontend_spec *spec)
{
	struct svclb_frontend *frontend;

	frontend = svclb_frontend_create(service, spec->policy.kind ==
					 SVCLB_FRONTEND_KIND_NODE_PORT,
					 &spec->key);
	if (!frontend)
		return -ENOMEM;
	frontend->wanted = true;
	if (!svclb_frontend_insert(&sn->tables, frontend))
		return 0;
	svclb_frontend_free(frontend);
	return -ENOMEM;
}

/**
 * prepare_frontends() - mark the frontends wanted, insert those not yet there
 * @sn:        the namespace
 * @service:   the service, none of its frontends marked
 * @specs:     what is wanted
 * @nr:        how many
 * @exclusive: whether all must be new
 * @extack:    for errors
 *
 * What is inserted is not live: packets do not use it before
 * publish_frontends(), and after an error it is removed again.
 *
 * Return: 0, or a negative error code.
 */
static int prepare_frontends(struct svclb_net *sn,
			     struct svclb_service *service,
			     const struct svclb_frontend_spec *specs, u32 nr,
			     bool exclusive, struct netlink_ext_ack *extack)
{
	struct svclb_frontend *frontend;
	int err = 0;
	u32 i;

	for (i = 0; i < nr && !err; i++) {
		frontend = svclb_frontend_by_key(&sn->tables, &specs[i].key);
		if (!frontend) {
			err = add_frontend(sn, service, &specs[i]);
		} else if (frontend->service != service) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "frontend is used by another service");
			err = -EEXIST;
		} else if (frontend->wanted) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "frontend is given twice");
			err = -EINVAL;
		} else if (exclusive) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "service has this frontend already");
			err = -EEXIST;
		} else {
			frontend->wanted = true;
		}
	}
	if (err)
		remove_frontends(sn, service, false, true);
	return err;
}

/**
 * set_policies() - give the terms of a service its frontends' policies
 * @sn:      the namespace
 * @service: the service, its frontends inserted
 * @terms:   for the policies; those it has stay, but for frontends in @specs
 * @specs:   frontends of the service
 * @nr:      how many
 *
 * Return: whether there was memory.
 */
static bool set_policies(struct svclb_net *sn, struct svclb_service *service,
			 struct svclb_terms *terms,
			 const struct svclb_frontend_spec *specs, u32 nr)
{
	const struct svclb_frontend *frontend;
	struct svclb_policy *policies;
	u32 nr_policies = 0, i;

	list_for_each_entry(frontend, &service->frontends, list)
		nr_policies = max(nr_policies, frontend->index + 1);
	nr_policies = max(nr_policies, terms->nr_policies);
	policies = kvcalloc(nr_policies, sizeof(*policies), GFP_KERNEL_ACCOUNT);
	if (!policies)
		return false;
	if (terms->nr_policies)
		memcpy(policies, terms->policies,
		       array_size(terms->nr_policies, sizeof(*policies)));
	for (i = 0; i < nr; i++) {
		frontend = svclb_frontend_by_key(&sn->tables, &specs[i].key);
		policies[frontend->index] = specs[i].policy;
	}
	kvfree(terms->policies);
	terms->policies = policies;
	terms->nr_policies = nr_policies;
	return true;
}

static int check_mode(const struct svclb_service *service,
		      const struct svclb_service_spec *spec,
		      struct svclb_mode mode, struct netlink_ext_ack *extack)
{
	if (!service && !mode.create) {
		NL_SET_ERR_MSG(extack, "no such service");
		return -ENOENT;
	}
	if (service && mode.exclusive) {
		NL_SET_ERR_MSG(extack, "service exists");
		return -EEXIST;
	}
	if (service && (service->family != spec->family ||
			service->proto != spec->proto)) {
		NL_SET_ERR_MSG(extack, "service exists with another family or protocol");
		return -EEXIST;
	}
	return 0;
}

static int hook(struct svclb_net *sn, u8 family,
		const struct svclb_terms *terms)
{
	u8 datapath = svclb_net_settings(sn)->datapath;

	return svclb_datapath_hook(sn, datapath, family) ?:
	       (terms->syn_failover ?
		svclb_datapath_hook_failover(sn, datapath, family) : 0);
}

/**
 * set_service() - make a service what a request wants
 * @sn:      the namespace
 * @service: the service, in the tables or new
 * @spec:    what is wanted
 * @is_new:  whether it is to be entered into the tables
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
static int set_service(struct svclb_net *sn, struct svclb_service *service,
		       const struct svclb_service_spec *spec, bool is_new,
		       struct netlink_ext_ack *extack)
{
	struct svclb_terms terms = spec->terms;
	struct svclb_backend_set *set;
	bool stale;
	int err;

	unmark_frontends(service);
	err = prepare_frontends(sn, service, spec->frontends,
				spec->nr_frontends, false, extack);
	if (err)
		return err;
	err = -ENOMEM;
	if (!set_policies(sn, service, &terms, spec->frontends,
			  spec->nr_frontends))
		goto remove_frontends;
	if (terms.ranges)
		refcount_inc(&terms.ranges->ref);
	set = svclb_set_create(sn, service, spec->backends, spec->nr_backends,
			       &terms);
	if (!set)
		goto remove_frontends;
	err = is_new ? svclb_service_insert(&sn->tables, service) : 0;
	if (err)
		goto free_set;

	service->generation = spec->generation;
	stale = remove_frontends(sn, service, true, false);
	svclb_set_publish(sn, service, set);
	stale |= publish_frontends(sn, service);
	if (stale)
		svclb_conntrack_sweep(sn);
	return 0;

free_set:
	svclb_backend_set_free(set);
remove_frontends:
	remove_frontends(sn, service, false, true);
	return err;
}

/**
 * svclb_config_service_set() - create a service or replace it whole
 * @sn:      the namespace, its configuration lock held
 * @spec:    what is wanted
 * @mode:    whether it may or must be there
 * @service: for the service
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_service_set(struct svclb_net *sn,
			     const struct svclb_service_spec *spec,
			     struct svclb_mode mode,
			     struct svclb_service **service,
			     struct netlink_ext_ack *extack)
{
	struct svclb_service *old, *new = NULL;
	int err;

	lockdep_assert_held(&sn->tables.lock);

	old = svclb_service_by_name(&sn->tables, spec->name);
	err = check_mode(old, spec, mode, extack) ?:
	      svclb_set_check(spec->backends, spec->nr_backends, extack) ?:
	      hook(sn, spec->family, &spec->terms);
	if (err)
		return err;
	if (!old) {
		new = svclb_service_create(spec->name, spec->family,
					   spec->proto);
		if (!new)
			return -ENOMEM;
	}
	*service = old ?: new;
	err = set_service(sn, *service, spec, !old, extack);
	if (err)
		svclb_service_free(new);
	return err;
}

/**
 * svclb_config_service_edit() - change the terms and the generation
 * @sn:         the namespace, its configuration lock held
 * @service:    the service
 * @terms:      the terms, with the policies that it has; used up, also after an
 *              error. NULL leaves them
 * @generation: the generation
 *
 * May sleep.
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_service_edit(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_terms *terms, u64 generation)
{
	struct svclb_backend_set *set;

	lockdep_assert_held(&sn->tables.lock);

	if (terms) {
		int err = hook(sn, service->family, terms);

		if (err) {
			svclb_terms_uninit(terms);
			return err;
		}
		set = svclb_set_change_terms(sn, service, terms);
		if (!set)
			return -ENOMEM;
		svclb_set_publish(sn, service, set);
	}
	service->generation = generation;
	sn->sequence++;
	return 0;
}

/**
 * svclb_config_service_del() - delete a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service; gone for the caller when this returns
 */
void svclb_config_service_del(struct svclb_net *sn,
			      struct svclb_service *service)
{
	lockdep_assert_held(&sn->tables.lock);

	unmark_frontends(service);
	if (remove_frontends(sn, service, true, false))
		svclb_conntrack_sweep(sn);
	svclb_service_remove(&sn->tables, service);
	svclb_service_free_rcu(service);
	sn->sequence++;
}

/* A set like the one there is, which also knows some frontends' policies. */
static struct svclb_backend_set *
set_with_policies(struct svclb_net *sn, struct svclb_service *service,
		  const struct svclb_frontend_spec *specs, u32 nr)
{
	struct svclb_terms terms;

	if (!svclb_terms_copy(&terms,
			      &svclb_service_set(&sn->tables, service)->terms))
		return NULL;
	if (set_policies(sn, service, &terms, specs, nr))
		return svclb_set_change_terms(sn, service, &terms);
	svclb_terms_uninit(&terms);
	return NULL;
}

/**
 * svclb_config_frontends_add() - add frontends to a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the frontends
 * @nr:      how many
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_frontends_add(struct svclb_net *sn,
			       struct svclb_service *service,
			       const struct svclb_frontend_spec *specs, u32 nr,
			       struct netlink_ext_ack *extack)
{
	struct svclb_backend_set *set;
	int err;

	lockdep_assert_held(&sn->tables.lock);

	if (nr > SVCLB_FRONTENDS_MAX - service->nr_frontends) {
		u32 room = SVCLB_FRONTENDS_MAX - service->nr_frontends;

		NL_SET_ERR_MSG_ATTR(extack, specs[room].attr,
				    "too many frontends");
		return -E2BIG;
	}
	unmark_frontends(service);
	err = prepare_frontends(sn, service, specs, nr, true, extack);
	if (err)
		return err;
	set = set_with_policies(sn, service, specs, nr);
	if (!set) {
		remove_frontends(sn, service, false, true);
		return -ENOMEM;
	}
	svclb_set_publish(sn, service, set);
	if (publish_frontends(sn, service))
		svclb_conntrack_sweep(sn);
	return 0;
}

/**
 * svclb_config_frontends_del() - remove frontends from a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the frontends
 * @nr:      how many
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_frontends_del(struct svclb_net *sn,
			       struct svclb_service *service,
			       const struct svclb_frontend_spec *specs, u32 nr,
			       struct netlink_ext_ack *extack)
{
	struct svclb_frontend *frontend;
	u32 i;

	lockdep_assert_held(&sn->tables.lock);

	unmark_frontends(service);
	for (i = 0; i < nr; i++) {
		frontend = svclb_frontend_by_key(&sn->tables, &specs[i].key);
		if (!frontend || frontend->service != service) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "service has no such frontend");
			return -ENOENT;
		}
		if (frontend->wanted) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "frontend is given twice");
			return -EINVAL;
		}
		frontend->wanted = true;
	}
	if (remove_frontends(sn, service, true, true))
		svclb_conntrack_sweep(sn);
	sn->sequence++;
	return 0;
}

/* Both in one order, each without duplicates: see svclb_set_check(). */
static int merge_backend(const struct svclb_backend_set *old,
			 struct svclb_backend_spec *current_specs, u32 *nr,
			 const struct svclb_backend_spec *spec,
			 struct svclb_mode mode, struct netlink_ext_ack *extack)
{
	struct svclb_backend_slot *slot;

	slot = svclb_backend_set_find(old, &spec->addr, spec->port);
	if (!slot && !mode.create) {
		NL_SET_ERR_MSG_ATTR(extack, spec->attr,
				    "service has no such backend");
		return -ENOENT;
	}
	if (slot && mode.exclusive) {
		NL_SET_ERR_MSG_ATTR(extack, spec->attr,
				    "service has this backend already");
		return -EEXIST;
	}
	if (!slot) {
		current_specs[(*nr)++] = *spec;
		return 0;
	}
	current_specs += slot - old->slots;
	if (spec->given & BIT(SVCLB_A_BACKEND_WEIGHT))
		current_specs->weight = spec->weight;
	if (spec->given & BIT(SVCLB_A_BACKEND_FLAGS))
		current_specs->flags = spec->flags;
	return 0;
}

/**
 * svclb_config_backends_set() - add backends to a service or change them
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the backends; sorted in place. What they do not give stays as it is
 * @nr:      how many
 * @mode:    whether they may or must be there
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_backends_set(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct svclb_mode mode,
			      struct netlink_ext_ack *extack)
{
	struct svclb_backend_set *old = svclb_service_set(&sn->tables, service);
	struct svclb_backend_spec *wanted;
	u32 nr_wanted = old->nr, i;
	int err;

	lockdep_assert_held(&sn->tables.lock);

	err = svclb_set_check(specs, nr, extack);
	if (err)
		return err;
	wanted = svclb_set_specs(old, nr);
	if (!wanted)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = merge_backend(old, wanted, &nr_wanted, &specs[i], mode,
				    extack);
	if (!err)
		err = svclb_set_change_backends(sn, service, wanted, nr_wanted,
						extack);
	kvfree(wanted);
	return err;
}

/**
 * svclb_config_backends_del() - remove backends from a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 * @specs:   the backends; sorted in place
 * @nr:      how many
 * @extack:  for errors
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_backends_del(struct svclb_net *sn,
			      struct svclb_service *service,
			      struct svclb_backend_spec *specs, u32 nr,
			      struct netlink_ext_ack *extack)
{
	struct svclb_backend_set *old = svclb_service_set(&sn->tables, service);
	struct svclb_backend_spec *wanted;
	struct svclb_backend_slot *slot;
	u32 nr_wanted = 0, i;
	int err;

	lockdep_assert_held(&sn->tables.lock);

	err = svclb_set_check(specs, nr, extack);
	if (err)
		return err;
	wanted = svclb_set_specs(old, 0);
	if (!wanted)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		slot = svclb_backend_set_find(old, &specs[i].addr,
					      specs[i].port);
		if (!slot) {
			NL_SET_ERR_MSG_ATTR(extack, specs[i].attr,
					    "service has no such backend");
			err = -ENOENT;
			goto free_wanted;
		}
		/* No backend has port 0: marks what is to go. */
		wanted[slot - old->slots].port = 0;
	}
	for (i = 0; i < old->nr; i++)
		if (wanted[i].port)
			wanted[nr_wanted++] = wanted[i];
	err = svclb_set_change_backends(sn, service, wanted, nr_wanted,
					extack);
free_wanted:
	kvfree(wanted);
	return err;
}

/* Some settings stop packets, whether there is a service or not. */
static int hook_settings(struct svclb_net *sn,
			 const struct svclb_settings *settings)
{
	const bool *has = settings->has[SVCLB_SERVICE_NETWORKS];
	int err;

	err = svclb_datapath_hook_again(sn, settings->datapath);
	if (!err && (settings->node_port_loopback ||
		     has[svclb_family_index(NFPROTO_IPV4)]))
		err = svclb_datapath_hook(sn, settings->datapath,
					  NFPROTO_IPV4);
	if (!err && has[svclb_family_index(NFPROTO_IPV6)])
		err = svclb_datapath_hook(sn, settings->datapath,
					  NFPROTO_IPV6);
	return err;
}

/**
 * svclb_config_settings_set() - replace the settings of a namespace
 * @sn:       the namespace, its configuration lock held
 * @settings: the settings; used up, also after an error
 *
 * May sleep.
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_config_settings_set(struct svclb_net *sn,
			      struct svclb_settings *settings)
{
	struct svclb_settings *old;
	u8 datapath;
	int err;

	lockdep_assert_held(&sn->tables.lock);

	err = hook_settings(sn, settings);
	if (err) {
		kfree(settings);
		return err;
	}
	old = rcu_replace_pointer(sn->settings, settings,
				  lockdep_is_held(&sn->tables.lock));
	datapath = old->datapath;
	kfree_rcu(old, rcu);
	if (datapath != settings->datapath)
		svclb_datapath_retire(sn, datapath);
	svclb_affinity_set_max(&sn->affinity, settings->affinity_max);
	sn->sequence++;
	return 0;
}

/**
 * svclb_config_zero() - zero the counters of a service
 * @sn:      the namespace, its configuration lock held
 * @service: the service
 */
void svclb_config_zero(struct svclb_net *sn, struct svclb_service *service)
{
	struct svclb_backend_set *set = svclb_service_set(&sn->tables, service);
	struct svclb_frontend *frontend;
	u32 i;

	lockdep_assert_held(&sn->tables.lock);

	for (i = 0; i < set->nr; i++)
		svclb_counter_zero(&set->slots[i].backend->connections);
	list_for_each_entry(frontend, &service->frontends, list) {
		svclb_counter_zero(&frontend->connections);
		svclb_counter_zero(&frontend->rejected);
	}
	service->retired_connections = 0;
	service->retired_rejected = 0;
}

/**
 * svclb_config_zero_all() - zero all counters of a namespace
 * @sn: the namespace, its configuration lock held
 */
void svclb_config_zero_all(struct svclb_net *sn)
{
	struct svclb_service *service;
	unsigned long id;
	int i;

	lockdep_assert_held(&sn->tables.lock);

	xa_for_each(&sn->tables.ids, id, service)
		svclb_config_zero(sn, service);
	for (i = 0; i < SVCLB_CAUSES; i++)
		svclb_counter_zero(&sn->counters[i]);
}

/**
 * svclb_config_uninit() - free all services of a namespace that goes
 * @sn: the namespace; no packet is in it and nobody configures it any more
 */
void svclb_config_uninit(struct svclb_net *sn)
{
	struct svclb_service *service;
	unsigned long id;

	mutex_lock(&sn->tables.lock);
	xa_for_each(&sn->tables.ids, id, service) {
		unmark_frontends(service);
		remove_frontends(sn, service, true, false);
		svclb_service_remove(&sn->tables, service);
		svclb_service_free_rcu(service);
	}
	mutex_unlock(&sn->tables.lock);
}
