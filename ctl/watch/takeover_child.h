/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TAKEOVER_CHILD_H
#define SVCLB_CTL_TAKEOVER_CHILD_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/err.h"
#include "loop.h"

/**
 * struct svclb_takeover_child - a process that removes what a kube-proxy left
 * @loop:  where its end is noticed
 * @drain: milliseconds that connections of IPVS have to end
 * @ended: told of its end, unless NULL
 * @data:  for @ended
 * @pid:   its number; 0 if it does not run
 * @fd:    descriptor of it
 *
 * Set all but the last two, which are zero at first.
 */
struct svclb_takeover_child {
	struct svclb_loop *loop;
	uint64_t drain;
	void (*ended)(void *data);
	void *data;
	pid_t pid;
	int fd;
};

int svclb_takeover_child_start(struct svclb_takeover_child *child,
			       struct svclb_err *err);
void svclb_takeover_child_stop(struct svclb_takeover_child *child);

#endif /* SVCLB_CTL_TAKEOVER_CHILD_H */
