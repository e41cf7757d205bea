// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests as trees, and as bytes. What is made for one step is in one arena and
 * goes with the step; what is worth to be kept is in another one.
 */
#include "fuzz.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_SIZE (64u << 20)
#define DEPTH_MAX 64

static struct arena {
	uint8_t *memory;
	size_t used;
} arenas[2], *arena = &arenas[0];

/* arena_keep() - whether what is made from now on stays beyond the step */
void arena_keep(bool keep)
{
	arena = &arenas[keep];
}

void arena_reset(void)
{
	arenas[0].used = 0;
}

size_t arena_room(void)
{
	return ARENA_SIZE - arena->used;
}

void *arena_get(size_t size)
{
	void *found;

	if (!arena->memory)
		arena->memory = malloc(ARENA_SIZE);
	if (!arena->memory)
		err(2, "no memory");
	found = arena->memory + arena->used;
	size = (size + 15) & ~(size_t)15;
	if (size > ARENA_SIZE - arena->used)
		errx(2, "a message is too large for the arena");
	arena->used += size;
	return found;
}

/* node_new() - an attribute with a value, which is copied; if NULL, to be filled in */
struct node *node_new(uint16_t type, const void *data, uint32_t length)
{
	struct node *node = arena_get(sizeof(*node));

	*node = (struct node){ .type = type, .length = length };
	node->data = arena_get(length ? length : 1);
	if (data && length)
		memcpy(node->data, data, length);
	return node;
}

struct node *node_nest(uint16_t type)
{
	struct node *node = arena_get(sizeof(*node));

	*node = (struct node){ .type = type | NLA_F_NESTED };
	return node;
}

void node_append(struct node **list, struct node *node)
{
	while (*list)
		list = &(*list)->next;
	*list = node;
}

/* node_copy() - a copy of a list with all below it, to some depth */
struct node *node_copy(const struct node *list, unsigned int depth)
{
	struct node *first = NULL, **end = &first;

	for (; list && depth; list = list->next) {
		struct node *copy = list->data ?
			node_new(list->type, list->data, list->length) : node_nest(list->type);

		copy->type = list->type;
		copy->lie = list->lie;
		if (!list->data)
			copy->child = node_copy(list->child, depth - 1);
		*end = copy;
		end = &copy->next;
	}
	return first;
}

struct writer {
	uint8_t *buffer;
	size_t used;
	size_t room;
};

static void put(struct writer *writer, const void *data, size_t length)
{
	if (length > writer->room - writer->used)
		errx(2, "a message is too large for the buffer");
	if (length)
		memcpy(writer->buffer + writer->used, data, length);
	writer->used += length;
}

/* The kernel must not care what is between attributes. */
static void put_padding(struct writer *writer)
{
	static const uint8_t padding[NLA_ALIGNTO] = { 0xee, 0xee, 0xee, 0xee };

	put(writer, padding, NLA_ALIGN(writer->used) - writer->used);
}

static void put_nodes(struct writer *writer, const struct node *node, unsigned int depth)
{
	struct nlattr header;
	size_t at;

	for (; node; node = node->next) {
		put_padding(writer);
		at = writer->used;
		header.nla_type = node->type;
		header.nla_len = 0;
		put(writer, &header, sizeof(header));
		if (node->data)
			put(writer, node->data, node->length);
		else if (depth < DEPTH_MAX)
			put_nodes(writer, node->child, depth + 1);
		header.nla_len = writer->used - at + node->lie;
		memcpy(writer->buffer + at, &header, sizeof(header));
	}
	if (!depth)
		put_padding(writer);
}

/* message_write() - as bytes; returns their number */
size_t message_write(const struct message *message, uint8_t *buffer, size_t room)
{
	struct writer writer = { buffer, 0, room };
	struct nlmsghdr header = message->header;

	put(&writer, &header, sizeof(header));
	put(&writer, &message->genl, sizeof(message->genl));
	put_nodes(&writer, message->attrs, 0);
	if (message->cut < writer.used)
		writer.used -= message->cut;
	header.nlmsg_len = writer.used + message->lie;
	memcpy(buffer, &header, writer.used < sizeof(header) ? writer.used : sizeof(header));
	return writer.used;
}
