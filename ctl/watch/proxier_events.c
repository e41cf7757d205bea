// SPDX-License-Identifier: GPL-2.0-only
/*
 * What others change in the kernel. What they change of ours is undone; what is
 * theirs is left alone, but if they may give up an address that we want, we look
 * again.
 */
#include <linux/netlink.h>
#include <string.h>
#include <sys/epoll.h>

#include "lib/codec.h"
#include "log.h"
#include "proxier_int.h"

static bool gives_up(uint8_t cmd)
{
	return cmd == SVCLB_CMD_SERVICE_SET_NTF ||
	       cmd == SVCLB_CMD_SERVICE_DEL_NTF ||
	       cmd == SVCLB_CMD_FRONTEND_DEL_NTF;
}

static int on_event(void *data, const struct nlmsghdr *event,
		    struct svclb_err *err)
{
	struct svclb_proxier *proxier = data;
	uint8_t cmd = svclb_codec_command(event);
	struct svclb_reply reply;

	if (event->nlmsg_pid == svclb_nl_port(proxier->p.nl) ||
	    cmd == SVCLB_CMD_BACKEND_DRAINED_NTF)
		return 0;
	if (cmd == SVCLB_CMD_SETTINGS_SET_NTF) {
		svclb_proxier_repair(proxier);
		return 0;
	}
	if (svclb_codec_get_service(&reply, event, err))
		return -1;
	if (svclb_config_by_name(&proxier->held.ours, reply.name) ||
	    (cmd == SVCLB_CMD_SERVICE_SET_NTF &&
	     reply.generation == proxier->translation.generation) ||
	    (proxier->yielded && gives_up(cmd)))
		svclb_proxier_repair(proxier);
	return 0;
}

static void on_ready(void *data, uint32_t events)
{
	struct svclb_proxier *proxier = data;
	struct svclb_err err;
	int result;

	(void)events;
	result = svclb_nl_poll(proxier->p.events, on_event, proxier, &err);
	if (!result)
		return;
	if (result < 0)
		svclb_log(SVCLB_LOG_WARNING, "an event cannot be read", "error",
			  err.text, NULL);
	/* Also if the module came or went: then there is no use in waiting. */
	proxier->away_until = 0;
	svclb_proxier_repair(proxier);
	if (proxier->away) {
		proxier->pass_at = 0;
		svclb_proxier_schedule(proxier, 0);
	}
}

/**
 * svclb_proxier_listen() - begin to mind what others change
 * @proxier: the proxier
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_proxier_listen(struct svclb_proxier *proxier, struct svclb_err *err)
{
	if (!proxier->p.events)
		return 0;
	return svclb_loop_watch(proxier->p.loop,
				svclb_nl_fd(proxier->p.events), EPOLLIN,
				on_ready, proxier, err);
}
