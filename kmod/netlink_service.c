// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests about services, their frontends and their backends.
 */
#include <linux/mm.h>

#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "netlink_parse.h"
#include "netlink_reply.h"

static struct svclb_mode mode_of(const struct genl_info *info)
{
	return (struct svclb_mode){
		.create = info->nlhdr->nlmsg_flags & NLM_F_CREATE,
		.exclusive = info->nlhdr->nlmsg_flags & NLM_F_EXCL,
	};
}

static void notify_service(struct svclb_net *sn, struct genl_info *info,
			   const struct svclb_service *service, u8 cmd)
{
	struct svclb_fill fill;

	if (svclb_notify_init(&fill, info, cmd))
		svclb_notify_send(&fill, info,
				  svclb_fill_service(&fill, sn, service));
}

/*
 * What of @specs is there is told of: after it was added or changed, or, before
 * it is removed, put aside in @queue.
 */
static void notify_frontends(struct svclb_net *sn, struct genl_info *info,
			     const struct svclb_frontend_spec *specs, u32 nr,
			     u8 cmd, struct sk_buff_head *queue)
{
	struct svclb_frontend *frontend;
	struct svclb_fill fill;
	u32 i;

	for (i = 0; i < nr; i++) {
		frontend = svclb_frontend_by_key(&sn->tables, &specs[i].key);
		if (!frontend)
			continue;
		if (!svclb_notify_init(&fill, info, cmd))
			return;
		svclb_notify_later(&fill, queue,
				   svclb_fill_frontend(&fill, sn, frontend));
	}
}

static void notify_backends(struct svclb_net *sn, struct genl_info *info,
			    const struct svclb_service *service,
			    const struct svclb_backend_spec *specs, u32 nr,
			    u8 cmd, struct sk_buff_head *queue)
{
	const struct svclb_backend_set *set =
		svclb_service_set(&sn->tables, service);
	struct svclb_backend_slot *slot;
	struct svclb_fill fill;
	u32 i;

	for (i = 0; i < nr; i++) {
		slot = svclb_backend_set_find(set, &specs[i].addr,
					      specs[i].port);
		if (!slot)
			continue;
		if (!svclb_notify_init(&fill, info, cmd))
			return;
		svclb_notify_later(&fill, queue,
				   svclb_fill_backend(&fill, service, slot));
	}
}

/**
 * svclb_nl_service_get_doit() - request service-get, of one service
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_service_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	struct svclb_fill fill;
	int err;

	err = svclb_reply_init(&fill, info, SVCLB_CMD_SERVICE_GET);
	if (err)
		return err;
	mutex_lock(&sn->tables.lock);
	service = svclb_netlink_find(sn, info->attrs, true, info->extack);
	err = IS_ERR(service) ? PTR_ERR(service) :
				svclb_fill_service(&fill, sn, service);
	mutex_unlock(&sn->tables.lock);
	return svclb_reply_send(&fill, info, err);
}

static int parse_service(const struct genl_info *info,
			 struct svclb_service_spec *spec,
			 struct svclb_frontend_spec **frontends)
{
	struct nlattr **attrs = info->attrs;
	u8 family = NFPROTO_UNSPEC;
	int err;

	err = svclb_parse_name(attrs[SVCLB_A_SERVICE_NAME], &spec->name,
			       info->extack) ?:
	      svclb_parse_protocol(attrs[SVCLB_A_SERVICE_PROTOCOL],
				   &spec->proto, info->extack) ?:
	      svclb_parse_family(attrs[SVCLB_A_SERVICE_FAMILY], &family,
				 info->extack) ?:
	      svclb_parse_backends(info, &family, &spec->backends,
				   &spec->nr_backends);
	if (err)
		return err;
	err = svclb_parse_frontends(info, spec->proto, &family, frontends,
				    &spec->nr_frontends);
	if (err)
		goto free_backends;
	if (family == NFPROTO_UNSPEC) {
		GENL_SET_ERR_MSG(info, "family is missing");
		err = -EINVAL;
		goto free_frontends;
	}
	spec->family = family;
	spec->frontends = *frontends;
	err = svclb_parse_ranges(info, family, &spec->terms.ranges);
	if (err)
		goto free_frontends;
	if (attrs[SVCLB_A_SERVICE_GENERATION])
		spec->generation =
			nla_get_u64(attrs[SVCLB_A_SERVICE_GENERATION]);
	return 0;

free_frontends:
	kvfree(*frontends);
free_backends:
	kvfree(spec->backends);
	return err;
}

/* What the request leaves out stays as it is. */
static void set_terms(const struct genl_info *info, struct svclb_terms *terms)
{
	struct nlattr *const *attrs = info->attrs;

	if (attrs[SVCLB_A_SERVICE_SCHEDULER])
		terms->sched = nla_get_u8(attrs[SVCLB_A_SERVICE_SCHEDULER]);
	if (attrs[SVCLB_A_SERVICE_AFFINITY_TIMEOUT])
		terms->affinity_timeout =
			nla_get_u32(attrs[SVCLB_A_SERVICE_AFFINITY_TIMEOUT]);
	if (attrs[SVCLB_A_SERVICE_SYN_FAILOVER])
		terms->syn_failover =
			nla_get_u8(attrs[SVCLB_A_SERVICE_SYN_FAILOVER]);
}

/**
 * svclb_nl_service_set_doit() - request service-set
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_nl_service_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_frontend_spec *frontends;
	struct svclb_service_spec spec = {};
	struct svclb_service *service;
	int err;

	err = parse_service(info, &spec, &frontends);
	if (err)
		return err;
	mutex_lock(&sn->tables.lock);
	set_terms(info, &spec.terms);
	if (!info->attrs[SVCLB_A_SERVICE_SCHEDULER])
		spec.terms.sched = svclb_net_settings(sn)->default_sched;
	err = svclb_config_service_set(sn, &spec, mode_of(info), &service,
				       info->extack);
	if (!err)
		notify_service(sn, info, service, SVCLB_CMD_SERVICE_SET_NTF);
	mutex_unlock(&sn->tables.lock);
	svclb_ranges_put(spec.terms.ranges);
	kvfree(frontends);
	kvfree(spec.backends);
	return err;
}

static int edit(struct svclb_net *sn, struct genl_info *info,
		struct svclb_service *service)
{
	const struct nlattr *generation =
		info->attrs[SVCLB_A_SERVICE_GENERATION];
	const struct nlattr *none =
		info->attrs[SVCLB_A_SERVICE_NO_SOURCE_RANGES];
	struct svclb_terms terms;
	struct svclb_ranges *ranges;
	int err;

	err = svclb_parse_ranges(info, service->family, &ranges);
	if (err)
		return err;
	if (ranges && none) {
		NL_SET_ERR_MSG_ATTR(info->extack, none,
				    "source ranges are given and denied");
		svclb_ranges_put(ranges);
		return -EINVAL;
	}
	if (!svclb_terms_copy(&terms,
			      &svclb_service_set(&sn->tables, service)->terms)) {
		svclb_ranges_put(ranges);
		return -ENOMEM;
	}
	set_terms(info, &terms);
	if (ranges || none) {
		svclb_ranges_put(terms.ranges);
		terms.ranges = ranges;
	}
	return svclb_config_service_edit(sn, service, &terms, generation ?
					 nla_get_u64(generation) :
					 service->generation);
}

/* Marking many services with a generation shall not make all their sets anew. */
static bool changes_terms(const struct genl_info *info)
{
	struct nlattr *const *attrs = info->attrs;

	return attrs[SVCLB_A_SERVICE_SCHEDULER] ||
	       attrs[SVCLB_A_SERVICE_AFFINITY_TIMEOUT] ||
	       attrs[SVCLB_A_SERVICE_SYN_FAILOVER] ||
	       attrs[SVCLB_A_SERVICE_SOURCE_RANGE] ||
	       attrs[SVCLB_A_SERVICE_NO_SOURCE_RANGES];
}

/**
 * svclb_nl_service_edit_doit() - handle service-edit
 * @skb:  the request
 * @info: the request, parsed
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_service_edit_doit(struct sk_buff *skb, struct genl_info *info)
{
	const struct nlattr *generation =
		info->attrs[SVCLB_A_SERVICE_GENERATION];
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	int err;

	mutex_lock(&sn->tables.lock);
	service = svclb_netlink_find(sn, info->attrs, true, info->extack);
	if (IS_ERR(service))
		err = PTR_ERR(service);
	else if (changes_terms(info))
		err = edit(sn, info, service);
	else
		err = svclb_config_service_edit(sn, service, NULL, generation ?
						nla_get_u64(generation) :
						service->generation);
	if (!err)
		notify_service(sn, info, service, SVCLB_CMD_SERVICE_SET_NTF);
	mutex_unlock(&sn->tables.lock);
	return err;
}

static void delete(struct svclb_net *sn, struct genl_info *info,
		   struct svclb_service *service)
{
	notify_service(sn, info, service, SVCLB_CMD_SERVICE_DEL_NTF);
	svclb_config_service_del(sn, service);
}

/**
 * svclb_nl_service_del_doit() - request service-del
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_service_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	int err = 0;

	mutex_lock(&sn->tables.lock);
	service = svclb_netlink_find(sn, info->attrs, true, info->extack);
	if (IS_ERR(service))
		err = PTR_ERR(service);
	else
		delete(sn, info, service);
	mutex_unlock(&sn->tables.lock);
	return err;
}

/**
 * delete_older() - delete services by generation
 * @info:       the request
 * @generation: those with a lower one go, unless theirs is 0
 * @all:        all go
 *
 * The lock is let go now and then: other writers need not wait for ever.
 */
static void delete_older(struct genl_info *info, u64 generation, bool all)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	u32 id = 0;

	mutex_lock(&sn->tables.lock);
	while ((service = svclb_service_next(&sn->tables, id))) {
		id = service->id + 1;
		if (all || (service->generation &&
			    service->generation < generation))
			delete(sn, info, service);
		if (!id)
			break;
		if (need_resched()) {
			mutex_unlock(&sn->tables.lock);
			cond_resched();
			mutex_lock(&sn->tables.lock);
		}
	}
	mutex_unlock(&sn->tables.lock);
}

/**
 * svclb_nl_flush_doit() - request flush
 * @skb:  the request
 * @info: the request
 *
 * Return: 0.
 */
int svclb_nl_flush_doit(struct sk_buff *skb, struct genl_info *info)
{
	delete_older(info, 0, true);
	return 0;
}

/**
 * svclb_nl_purge_doit() - request purge
 * @skb:  the request
 * @info: the request
 *
 * Return: 0 or -EINVAL.
 */
int svclb_nl_purge_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct nlattr *generation = info->attrs[SVCLB_A_SERVICE_GENERATION];

	if (!generation) {
		GENL_SET_ERR_MSG(info, "generation is missing");
		return -EINVAL;
	}
	delete_older(info, nla_get_u64(generation), false);
	return 0;
}

static int apply_frontends(struct svclb_net *sn, struct genl_info *info,
			   struct svclb_service *service, bool add)
{
	struct svclb_frontend_spec *specs;
	struct sk_buff_head queue;
	u8 family = service->family;
	u32 nr;
	int err;

	err = svclb_parse_frontends(info, service->proto, &family, &specs, &nr);
	if (err)
		return err;
	__skb_queue_head_init(&queue);
	if (!nr) {
		GENL_SET_ERR_MSG(info, "frontend is missing");
		err = -EINVAL;
	} else if (add) {
		err = svclb_config_frontends_add(sn, service, specs, nr,
						 info->extack);
		if (!err)
			notify_frontends(sn, info, specs, nr,
					 SVCLB_CMD_FRONTEND_ADD_NTF, &queue);
	} else {
		notify_frontends(sn, info, specs, nr,
				 SVCLB_CMD_FRONTEND_DEL_NTF, &queue);
		err = svclb_config_frontends_del(sn, service, specs, nr,
						 info->extack);
	}
	svclb_notify_queued(&queue, info, err);
	kvfree(specs);
	return err;
}

static int change_frontends(struct genl_info *info, bool add)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	int err;

	mutex_lock(&sn->tables.lock);
	service = svclb_netlink_find(sn, info->attrs, false, info->extack);
	err = IS_ERR(service) ? PTR_ERR(service) :
				apply_frontends(sn, info, service, add);
	mutex_unlock(&sn->tables.lock);
	return err;
}

/**
 * svclb_nl_frontend_add_doit() - request frontend-add
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_nl_frontend_add_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_frontends(info, true);
}

/**
 * svclb_nl_frontend_del_doit() - request frontend-del
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_nl_frontend_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_frontends(info, false);
}

static int apply_backends(struct svclb_net *sn, struct genl_info *info,
			  struct svclb_service *service, bool set)
{
	struct svclb_backend_spec *specs;
	struct sk_buff_head queue;
	u8 family = service->family;
	u32 nr;
	int err;

	err = svclb_parse_backends(info, &family, &specs, &nr);
	if (err)
		return err;
	__skb_queue_head_init(&queue);
	if (!nr) {
		GENL_SET_ERR_MSG(info, "backend is missing");
		err = -EINVAL;
	} else if (set) {
		err = svclb_config_backends_set(sn, service, specs, nr,
						mode_of(info), info->extack);
		if (!err)
			notify_backends(sn, info, service, specs, nr,
					SVCLB_CMD_BACKEND_SET_NTF, &queue);
	} else {
		notify_backends(sn, info, service, specs, nr,
				SVCLB_CMD_BACKEND_DEL_NTF, &queue);
		err = svclb_config_backends_del(sn, service, specs, nr,
						info->extack);
	}
	svclb_notify_queued(&queue, info, err);
	kvfree(specs);
	return err;
}

static int change_backends(struct genl_info *info, bool set)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	int err;

	mutex_lock(&sn->tables.lock);
	service = svclb_netlink_find(sn, info->attrs, true, info->extack);
	err = IS_ERR(service) ? PTR_ERR(service) :
				apply_backends(sn, info, service, set);
	mutex_unlock(&sn->tables.lock);
	return err;
}

/**
 * svclb_nl_backend_set_doit() - request backend-set
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_nl_backend_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_backends(info, true);
}

/**
 * svclb_nl_backend_del_doit() - request backend-del
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code with nothing changed.
 */
int svclb_nl_backend_del_doit(struct sk_buff *skb, struct genl_info *info)
{
	return change_backends(info, false);
}
