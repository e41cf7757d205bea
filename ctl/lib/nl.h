/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_NL_H
#define SVCLB_CTL_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct nl_msg;
struct nlmsghdr;
struct svclb_nl;

/**
 * struct svclb_refusal - what the kernel said about a request that it refused
 * @number: errno
 * @text:   the kernel's text; empty if it gave none
 * @index:  how many requests were queued before it
 * @attr:   offset of the attribute at fault in the request, or 0
 */
struct svclb_refusal {
	int number;
	char text[256];
	uint32_t index;
	uint32_t attr;
};

/* What to do with a reply; -1 with @err filled ends reading. */
typedef int (*svclb_nl_handler)(void *data, const struct nlmsghdr *reply,
				struct svclb_err *err);

/* Told of each refusal, not only of the first; ->text may be empty. */
typedef void (*svclb_nl_refuser)(void *data,
				 const struct svclb_refusal *refusal);

int svclb_nl_open(struct svclb_nl **nl, struct svclb_err *err);
void svclb_nl_close(struct svclb_nl *nl);
int svclb_nl_renew(struct svclb_nl *nl, struct svclb_err *err);
int svclb_nl_fd(const struct svclb_nl *nl);
uint32_t svclb_nl_port(const struct svclb_nl *nl);

struct nl_msg *svclb_nl_request(struct svclb_nl *nl, uint8_t cmd,
				uint16_t flags, size_t size,
				struct svclb_err *err);
int svclb_nl_call(struct svclb_nl *nl, struct nl_msg *msg,
		  svclb_nl_handler handle, void *data, struct svclb_err *err);
int svclb_nl_dump(struct svclb_nl *nl, struct nl_msg *msg,
		  svclb_nl_handler handle, void *data, struct svclb_err *err);
void svclb_nl_begin(struct svclb_nl *nl);
int svclb_nl_queue(struct svclb_nl *nl, struct nl_msg *msg,
		   struct svclb_err *err);
int svclb_nl_flush(struct svclb_nl *nl, struct svclb_err *err);
void svclb_nl_on_refusal(struct svclb_nl *nl, svclb_nl_refuser refused,
			 void *data);
const struct svclb_refusal *svclb_nl_refusal(const struct svclb_nl *nl);
const struct nlmsghdr *svclb_nl_refused(const struct svclb_nl *nl);

int svclb_nl_subscribe(struct svclb_nl *nl, struct svclb_err *err);
int svclb_nl_receive(struct svclb_nl *nl, svclb_nl_handler handle, void *data,
		     struct svclb_err *err);
int svclb_nl_poll(struct svclb_nl *nl, svclb_nl_handler handle, void *data,
		  struct svclb_err *err);

#endif /* SVCLB_CTL_NL_H */
