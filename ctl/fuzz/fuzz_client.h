/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_FUZZ_CLIENT_H
#define SVCLB_CTL_FUZZ_CLIENT_H

#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

struct nl_sock;

/* What the linker puts in place of the functions that speak with the kernel. */
int fuzz_connect(struct nl_sock *sock, int protocol);
int fuzz_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len);
int fuzz_nanosleep(const struct timespec *time, struct timespec *left);
int fuzz_sendto(struct nl_sock *sock, void *batch, size_t size);
ssize_t fuzz_recv(int fd, void *buffer, size_t room, int flags);

/* Number of the family in all answers. */
#define FUZZ_FAMILY 0x20

/**
 * enum question - what is asked; the first byte of an input
 * @ASK_ALL:      the whole configuration
 * @ASK_KEY:      the service with a frontend
 * @ASK_NAME:     the service with a name
 * @ASK_SETTINGS: settings and counters
 * @ASK_ADD:      to make a configuration out of nothing
 * @ASK_REMOVE:   to remove it
 * @ASK_EVENTS:   for events
 * @ASK_RESOLVE:  what would become of a connection
 * @ASK_AFFINITY: which clients keep which backends
 * @ASK_COUNTED:  the whole configuration, with connections of backends
 * @QUESTIONS:    how many there are
 */
enum question {
	ASK_ALL,
	ASK_KEY,
	ASK_NAME,
	ASK_SETTINGS,
	ASK_ADD,
	ASK_REMOVE,
	ASK_EVENTS,
	ASK_RESOLVE,
	ASK_AFFINITY,
	ASK_COUNTED,
	QUESTIONS
};

/* The answer to the first question, about the family, is in the input too. */
#define ASK_FAMILY	0x80

/**
 * enum kind - what a record becomes
 * @KIND_FAMILY:  a message of the family
 * @KIND_DONE:    the end of a dump
 * @KIND_ERROR:   the refusal or ack of the last request
 * @KIND_CONTROL: a message about the family
 * @KIND_NOOP:    a message that means nothing
 * @KIND_FIRST:   the refusal or ack of the first request of a batch
 * @KIND_RAW:     bytes, with no header put before them
 * @KIND_FAILURE: no message, but an error of the socket
 */
enum kind {
	KIND_FAMILY,
	KIND_DONE,
	KIND_ERROR,
	KIND_CONTROL,
	KIND_NOOP,
	KIND_FIRST,
	KIND_RAW,
	KIND_FAILURE,
	KIND_MASK = 7,
	KIND_INTERRUPTED = 0x08,	/* the dump was */
	KIND_TEXT = 0x10,		/* attributes follow the error */
	KIND_CAPPED = 0x20,		/* the request does not follow it */
	KIND_END = 0x40,		/* of the datagram */
	KIND_LONGER = 0x80,		/* the message says of itself */
};

#endif /* SVCLB_CTL_FUZZ_CLIENT_H */
