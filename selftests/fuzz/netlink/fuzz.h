/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_FUZZ_H
#define _SVCLB_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>

#include "spec.h"

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

/* random.c: one stream of numbers for all that is generated */

void random_seed(uint64_t seed);
uint64_t random_u64(void);
uint32_t random_below(uint32_t limit);
bool one_in(uint32_t n);
uint64_t random_mix(uint64_t a, uint64_t b);

/* message.c: requests as trees of attributes */

/**
 * struct node - an attribute of a request
 * @type:   number and flags
 * @lie:    what is added to its length, which is then not true
 * @length: of @data
 * @data:   the value; NULL if it is a nest
 * @child:  first attribute in the nest
 * @next:   the next attribute
 */
struct node {
	uint16_t type;
	int16_t lie;
	uint32_t length;
	uint8_t *data;
	struct node *child;
	struct node *next;
};

/**
 * struct message - a request
 * @header:    the header, its length not filled in
 * @genl:      the second header
 * @lie:       what is added to the length in the header
 * @cut:       how many bytes at the end are not sent
 * @attrs:     the attributes
 * @attrs_set: what they are meant to be
 */
struct message {
	struct nlmsghdr header;
	struct genlmsghdr genl;
	int32_t lie;
	uint32_t cut;
	struct node *attrs;
	const struct set_spec *attrs_set;
};

#define BATCH_MAX (16u << 20)

void arena_keep(bool keep);
void arena_reset(void);
size_t arena_room(void);
void *arena_get(size_t size);
struct node *node_new(uint16_t type, const void *data, uint32_t length);
struct node *node_nest(uint16_t type);
void node_append(struct node **list, struct node *node);
struct node *node_copy(const struct node *list, unsigned int depth);
size_t message_write(const struct message *message, uint8_t *buffer, size_t room);

/* generate.c: what is sent */

/**
 * struct generator - what the generator may know of the state
 * @family:    number of the family
 * @ids:       ids of services that were there lately
 * @ids_count: how many
 */
struct generator {
	uint16_t family;
	uint32_t ids[64];
	unsigned int ids_count;
};

extern struct generator generator;

void generate_message(struct message *message, bool guided);
void generate_flush(struct message *message);
void corpus_add(const struct message *message);
unsigned int corpus_size(void);

/* actors.c: who sends */

enum actor_kind {
	MAIN,		/* privileged; all is checked */
	CAPPED,		/* same namespace, short acknowledgments without text */
	LISTENER,	/* same namespace, gets the notifications */
	OTHER_NS,	/* privileged in another namespace */
	BORN_WEAK,	/* its socket was opened without privilege */
	SENT_WEAK,	/* its socket was opened with privilege, it sends without */
	USER_NS,	/* its socket is of a user namespace with a network of its own */
	LAZY,		/* reads only now and then, and leaves in the middle */
	ACTORS
};

/**
 * struct actor - a socket
 * @fd:        the socket
 * @port:      its port number
 * @read_size: the most that was read from it at once
 */
struct actor {
	int fd;
	uint32_t port;
	size_t read_size;
};

extern struct actor actors[ACTORS];
extern struct actor observer;	/* in the namespace of MAIN; looks at the state */

void actors_init(void);
void actors_new_epoch(void);
void actor_reopen(enum actor_kind kind);
const char *actor_name(enum actor_kind kind);
bool actor_has_privilege(enum actor_kind kind);
bool actor_in_main_ns(enum actor_kind kind);
void privilege_drop(void);
void privilege_raise(void);
uint16_t family_number(uint32_t *group);

/* check.c: what must be true of the answers */

extern unsigned int violations;
extern FILE *report;

#define PRINTF_LIKE(text, first) \
	__attribute__((__format__(__printf__, text, \
				  first)))

PRINTF_LIKE(1, 2)
void wrong(const char *format, ...);

/**
 * struct statistics - what was done
 * @requests:  messages to the family that the kernel looked at
 * @accepted:  by command, those of privileged senders
 * @refused:   by command, those of privileged senders
 * @forbidden: those of others
 * @replies:   messages of the family that were decoded
 * @dumps:     dumps that were read to their end
 * @texts:     refusals whose text was looked for
 * @offsets:   refusals that point to an attribute
 * @policy:    requests that the spec forbids
 * @states:    comparisons of the state
 * @errors:    refusals by errno
 */
struct statistics {
	unsigned long requests;
	unsigned long accepted[256];
	unsigned long refused[256];
	unsigned long forbidden;
	unsigned long replies;
	unsigned long dumps;
	unsigned long texts;
	unsigned long offsets;
	unsigned long policy;
	unsigned long states;
	unsigned long errors[256];
};

extern struct statistics statistics;

/**
 * struct outcome - how a batch ended
 * @changes: whether the state may have changed
 */
struct outcome {
	bool changes;
};

void check_expect(enum actor_kind kind, const uint8_t *batch, size_t length);
void check_input(enum actor_kind kind, const uint8_t *data, size_t length);
void check_end(struct outcome *outcome);
void check_loss(void);
uint64_t check_state(void);
bool policy_refuses(uint8_t cmd, const uint8_t *attrs, size_t length);

/* print.c: requests as text */

void print_request(FILE *file, const uint8_t *data, size_t length);

/* record.c: what was done, to do it again */

enum record_kind {
	RECORD_FAMILY,	/* begins a file; the data is the family's number */
	RECORD_MESSAGE,	/* a message; with RECORD_MORE, of a batch that goes on */
	RECORD_READ,	/* a socket reads once */
	RECORD_REOPEN,	/* a socket is closed and opened again */
	RECORD_EPOCH,	/* all begin anew */
	RECORD_KINDS
};

#define RECORD_MAGIC 0x53764c42
#define RECORD_MORE 1

struct record {
	uint32_t magic;
	uint8_t kind;
	uint8_t actor;
	uint16_t flags;
	uint32_t length;	/* of the data behind it */
};

void record_begin(const char *directory);
void record_put(enum record_kind kind, enum actor_kind actor, uint16_t flags,
		const void *data, uint32_t length);
void record_write(void);

/* cover.c: which code of the module ran */

bool cover_open(const char *section);
void cover_start(void);
unsigned int cover_stop(void);
unsigned int cover_total(void);
void cover_save(const char *path);

#endif /* _SVCLB_FUZZ_H */
