/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_SELFTESTS_NL_H
#define _SVCLB_SELFTESTS_NL_H

/*
 * Generic netlink for tests, on libmnl and so with no code in common with the
 * tool. Messages are written and read as text:
 *
 *	name=web protocol=6 backend{address4=10.0.1.1 port=80}
 *
 * In texts to be written, a ";" is as good as a blank. Names are those of the spec. Behind a name,
 *
 *	!	marks the attribute that the kernel's error shall point at,
 *	~	turns NLA_F_NESTED round,
 *
 * and "#7" is the attribute with number 7. A value is a decimal number, an
 * address, a string in which %20 is a blank and so on, or behind "x:" bytes as
 * hexadecimal digits.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/**
 * struct nl - a socket, the request that is written, and what came back
 * @socket:  the socket
 * @family:  number of the family svclb, 0 if there is none
 * @group:   number of its group config
 * @seq:     sequence number of the request
 * @request: the request, with room for NL_REQUEST_MAX bytes
 * @message: its header
 * @mark:    offset of the attribute marked in its text, or 0
 * @error:   negative errno of the ack, 0 for success
 * @text:    message of the ack, or an empty string
 * @offset:  offset of the attribute that the ack points at, or 0
 * @reply:   what came before the ack
 */
struct nl {
	struct mnl_socket *socket;
	uint16_t family;
	uint32_t group;
	uint32_t seq;
	char *request;
	struct nlmsghdr *message;
	size_t mark;
	int error;
	char text[256];
	size_t offset;
	struct nl_list {
		char *text;	/* each message one line, in the order they came */
		size_t length;
		size_t size;
		unsigned int count;
		bool interrupted;	/* one was marked NLM_F_DUMP_INTR */
	} reply;
};

#define NL_REQUEST_MAX (8u << 20)

/* Those that return something: 0, or an negative errno. */
int nl_open(struct nl *nl);
void nl_close(struct nl *nl);
int nl_join(struct nl *nl);

void nl_begin(struct nl *nl, uint8_t cmd, uint16_t flags);
void nl_put(struct nl *nl, uint16_t type, const void *data, uint16_t length);
int nl_add(struct nl *nl, const char *text);
int nl_send(struct nl *nl);

int nl_ack(struct nl *nl);
int nl_do(struct nl *nl, uint8_t cmd, uint16_t flags, const char *text);

int nl_dump_begin(struct nl *nl, uint8_t cmd, const char *text);
int nl_dump_next(struct nl *nl, size_t size, bool *more);
int nl_dump(struct nl *nl, uint8_t cmd, const char *text);

int nl_notifications(struct nl *nl);
void nl_list_clear(struct nl_list *list);

#endif /* _SVCLB_SELFTESTS_NL_H */
