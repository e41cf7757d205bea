/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LEFTOVERS_H
#define SVCLB_CTL_LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/err.h"

/**
 * enum svclb_leftover - what is said about something that kube-proxy left
 * @SVCLB_LEFTOVER_REMOVED: the command that would remove it; it is removed now,
 *                          unless that is only asked about
 * @SVCLB_LEFTOVER_WAITING: it is in use, and waited for
 * @SVCLB_LEFTOVER_WARNING: it stays, or something else has to be looked after
 * @SVCLB_LEFTOVER_ERROR:   it cannot be removed
 */
enum svclb_leftover {
	SVCLB_LEFTOVER_REMOVED,
	SVCLB_LEFTOVER_WAITING,
	SVCLB_LEFTOVER_WARNING,
	SVCLB_LEFTOVER_ERROR,
};

/**
 * struct svclb_leftovers - how to remove what kube-proxy left
 * @dry_run: whether only to say what would be removed
 * @drain:   milliseconds that connections of IPVS have to end
 * @tell:    takes one sentence
 * @data:    for @tell
 * @removed: how many things were removed, or would be
 * @failed:  how many could not be
 */
struct svclb_leftovers {
	bool dry_run;
	uint64_t drain;
	void (*tell)(void *data, enum svclb_leftover what, const char *text);
	void *data;
	uint64_t removed;
	uint64_t failed;
};

SVCLB_PRINTF(3, 4)
void svclb_leftovers_tell(struct svclb_leftovers *leftovers,
			  enum svclb_leftover what, const char *format, ...);
void svclb_leftovers_fail(struct svclb_leftovers *leftovers,
			  const struct svclb_err *err);
void svclb_leftovers_warn(void *leftovers, const char *text);

#endif /* SVCLB_CTL_LEFTOVERS_H */
