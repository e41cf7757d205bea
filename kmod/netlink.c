// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control interface: the family, and the requests that are about the
 * namespace as a whole. Those about services are in netlink_service.c, dumps in
 * netlink_dump.c.
 */
#include "netlink.h"

#include <linux/module.h>

#include "conntrack.h"
#include "netlink_fill.h"
#include "netlink_gen.h"
#include "netlink_parse.h"
#include "netlink_reply.h"

static bool unprivileged_userns;
module_param(unprivileged_userns, bool, 0444);
MODULE_PARM_DESC(unprivileged_userns,
		 "let the root of a user namespace configure the network namespaces that it owns (default: no)");

/*
 * A request with NLM_F_ACK is acknowledged when its consequences are over, the
 * deletion of stale flows included. A sender of many requests asks for the ack
 * of the last one only, and all share one sweep.
 */
static void post_doit(const struct genl_ops *ops, struct sk_buff *skb,
		      struct genl_info *info)
{
	if (info->nlhdr->nlmsg_flags & NLM_F_ACK)
		svclb_conntrack_settle(svclb_netlink_net(info));
}

struct genl_family svclb_genl_family __ro_after_init = {
	.name = SVCLB_GENL_NAME,
	.version = SVCLB_GENL_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	/* Else the NLM_F_CREATE and NLM_F_EXCL of a request are refused. */
	.resv_start_op = SVCLB_CMD_MAX + 1,
	.post_doit = post_doit,
	.ops = svclb_nl_ops,
	.n_ops = SVCLB_NL_OPS_COUNT,
	.mcgrps = svclb_nl_mcgrps,
	.n_mcgrps = SVCLB_NL_MCGRPS_COUNT,
};

/**
 * svclb_netlink_init() - open the interface
 *
 * Return: 0, or a negative error code.
 */
int __init svclb_netlink_init(void)
{
	int i;

	for (i = 0; unprivileged_userns && i < SVCLB_NL_OPS_COUNT; i++) {
		svclb_nl_ops[i].flags &= ~GENL_ADMIN_PERM;
		svclb_nl_ops[i].flags |= GENL_UNS_ADMIN_PERM;
	}
	return genl_register_family(&svclb_genl_family);
}

/**
 * svclb_netlink_uninit() - close the interface; no request is under way then
 */
void svclb_netlink_uninit(void)
{
	genl_unregister_family(&svclb_genl_family);
}

static struct svclb_service *find_by_frontend(struct svclb_net *sn,
					      struct nlattr **attrs,
					      struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[SVCLB_A_SERVICE_FRONTEND];
	struct svclb_frontend_spec spec;
	struct svclb_frontend *frontend;
	u8 family = NFPROTO_UNSPEC, proto;
	int err;

	err = svclb_parse_protocol(attrs[SVCLB_A_SERVICE_PROTOCOL], &proto,
				   extack) ?:
	      svclb_parse_family(attrs[SVCLB_A_SERVICE_FAMILY], &family,
				 extack) ?:
	      svclb_parse_frontend(attr, proto, &family, &spec, extack);
	if (err)
		return ERR_PTR(err);
	frontend = svclb_frontend_by_key(&sn->tables, &spec.key);
	if (frontend)
		return frontend->service;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no service has this frontend");
	return ERR_PTR(-ENOENT);
}

static struct svclb_service *find_by_name(struct svclb_net *sn,
					  struct nlattr *attr,
					  struct netlink_ext_ack *extack)
{
	struct svclb_service *service;
	const char *name;
	int err;

	err = svclb_parse_name(attr, &name, extack);
	if (err)
		return ERR_PTR(err);
	service = svclb_service_by_name(&sn->tables, name);
	if (service)
		return service;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no service has this name");
	return ERR_PTR(-ENOENT);
}

static struct svclb_service *find_by_id(struct svclb_net *sn,
					struct nlattr *attr,
					struct netlink_ext_ack *extack)
{
	struct svclb_service *service;

	service = svclb_service_by_id(&sn->tables, nla_get_u32(attr));
	if (service)
		return service;
	NL_SET_ERR_MSG_ATTR(extack, attr, "no service has this id");
	return ERR_PTR(-ENOENT);
}

/**
 * svclb_netlink_has_reference() - whether a request is about one service
 * @attrs: the attributes
 *
 * A part of a reference will do: it is for svclb_netlink_find() to refuse it.
 *
 * Return: whether it is.
 */
bool svclb_netlink_has_reference(struct nlattr **attrs)
{
	return attrs[SVCLB_A_SERVICE_ID] || attrs[SVCLB_A_SERVICE_NAME] ||
	       attrs[SVCLB_A_SERVICE_FAMILY] ||
	       attrs[SVCLB_A_SERVICE_PROTOCOL] ||
	       attrs[SVCLB_A_SERVICE_FRONTEND];
}

/**
 * svclb_netlink_find() - find the service that a request refers to
 * @sn:          the namespace, its configuration lock held
 * @attrs:       the attributes
 * @by_frontend: whether a frontend is a reference; if not, it is the matter
 * @extack:      for errors
 *
 * Return: the service, as long as the lock is held, or an ERR_PTR().
 */
struct svclb_service *svclb_netlink_find(struct svclb_net *sn,
					 struct nlattr **attrs,
					 bool by_frontend,
					 struct netlink_ext_ack *extack)
{
	struct nlattr *id = attrs[SVCLB_A_SERVICE_ID];
	struct nlattr *name = attrs[SVCLB_A_SERVICE_NAME];
	struct nlattr *frontend = by_frontend ?
				  attrs[SVCLB_A_SERVICE_FRONTEND] : NULL;

	lockdep_assert_held(&sn->tables.lock);

	if (!!id + !!name + !!frontend > 1) {
		NL_SET_ERR_MSG(extack, "more than one reference to the service");
		return ERR_PTR(-EINVAL);
	}
	if (id)
		return find_by_id(sn, id, extack);
	if (name)
		return find_by_name(sn, name, extack);
	if (frontend)
		return find_by_frontend(sn, attrs, extack);
	NL_SET_ERR_MSG(extack, "reference to the service is missing");
	return ERR_PTR(-EINVAL);
}

/**
 * svclb_nl_settings_get_doit() - request settings-get
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_settings_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_fill fill;
	int err;

	err = svclb_reply_init(&fill, info, SVCLB_CMD_SETTINGS_GET);
	if (err)
		return err;
	mutex_lock(&sn->tables.lock);
	err = svclb_fill_settings(&fill, svclb_net_settings(sn));
	mutex_unlock(&sn->tables.lock);
	return svclb_reply_send(&fill, info, err);
}

/**
 * svclb_nl_settings_set_doit() - request settings-set
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_settings_set_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_settings *settings;
	struct svclb_fill fill;
	int err;

	mutex_lock(&sn->tables.lock);
	err = svclb_parse_settings(info, svclb_net_settings(sn), &settings);
	if (err)
		goto unlock;
	err = svclb_config_settings_set(sn, settings);
	if (err)
		goto unlock;
	if (svclb_notify_init(&fill, info, SVCLB_CMD_SETTINGS_SET_NTF))
		svclb_notify_send(&fill, info,
				  svclb_fill_settings(&fill, settings));
unlock:
	mutex_unlock(&sn->tables.lock);
	return err;
}

/**
 * svclb_nl_counters_get_doit() - request counters-get
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_counters_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_fill fill;
	int err;

	err = svclb_reply_init(&fill, info, SVCLB_CMD_COUNTERS_GET);
	if (err)
		return err;
	mutex_lock(&sn->tables.lock);
	err = svclb_fill_counters(&fill, sn);
	mutex_unlock(&sn->tables.lock);
	return svclb_reply_send(&fill, info, err);
}

/**
 * svclb_nl_counters_zero_doit() - request counters-zero
 * @skb:  the request
 * @info: the request
 *
 * Return: 0, or a negative error code.
 */
int svclb_nl_counters_zero_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct svclb_net *sn = svclb_netlink_net(info);
	struct svclb_service *service;
	int err = 0;

	mutex_lock(&sn->tables.lock);
	if (svclb_netlink_has_reference(info->attrs)) {
		service = svclb_netlink_find(sn, info->attrs, true,
					     info->extack);
		if (IS_ERR(service))
			err = PTR_ERR(service);
		else
			svclb_config_zero(sn, service);
	} else {
		svclb_config_zero_all(sn);
	}
	mutex_unlock(&sn->tables.lock);
	return err;
}
