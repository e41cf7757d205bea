// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests: valid ones, about few services and addresses so that they meet what
 * others have left, and mutations of those.
 *
 * No value of a request holds the bytes 0x6b and 0x5a, with which the kernel
 * poisons memory: where they come back, they are poison.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#define SLOTS 12
#define MEMBERS 6
#define CORPUS_MAX 2000

struct generator generator;

/*
 * What a request is about. All of a service follows from its slot, so that
 * requests agree on it.
 */
struct subject {
	unsigned int slot;
	uint8_t family;
	uint8_t protocol;
};

static const uint16_t ports[] = { 80, 443, 1, 53, 30080, 65535 };

static struct subject choose_subject(void)
{
	struct subject subject = { .slot = random_below(SLOTS) };

	subject.family = subject.slot & 1 ? AF_INET6 : AF_INET;
	subject.protocol = subject.slot & 2 ? IPPROTO_UDP :
			   subject.slot & 4 ? IPPROTO_SCTP : IPPROTO_TCP;
	return subject;
}

static bool is(const struct attr_spec *attr, const char *name)
{
	return !strcmp(attr->name, name);
}

static unsigned int number_of(const struct set_spec *set, const char *name)
{
	unsigned int i;

	for (i = 1; i <= set->max; i++)
		if (is(&set->attrs[i], name))
			return i;
	return 0;
}

/* Poison must not come from here. */
static void no_poison(uint8_t *data, size_t length)
{
	for (; length; length--, data++)
		if (*data == 0x6b || *data == 0x5a)
			*data = 0x11;
}

static size_t width(const struct attr_spec *attr)
{
	switch (attr->type) {
	case T_U8:
		return 1;
	case T_U16:
		return 2;
	case T_U32:
		return 4;
	case T_U64:
		return 8;
	case T_BINARY:
		return attr->length;
	default:
		return 0;
	}
}

static struct node *number_node(uint16_t type, const struct attr_spec *attr, uint64_t value)
{
	struct node *node = node_new(type, NULL, width(attr));
	size_t i;

	for (i = 0; i < node->length; i++)
		node->data[attr->big_endian ? node->length - 1 - i : i] = value >> 8 * i;
	no_poison(node->data, node->length);
	return node;
}

static struct node *name_node(uint16_t type, unsigned int slot, unsigned int longest)
{
	struct node *node;
	char name[32];

	if (slot == SLOTS - 1) {
		node = node_new(type, NULL, longest + 1);
		memset(node->data, 'a', longest);
		node->data[longest] = 0;
		return node;
	}
	snprintf(name, sizeof(name), "%s-%u", slot == SLOTS - 2 ? "d\xc3\xbcse" : "web", slot);
	return node_new(type, name, strlen(name) + 1);
}

/* An address of a backend, of a service, or of a network. */
static struct node *address_node(uint16_t type, const struct set_spec *set, uint8_t family,
				 const struct subject *subject)
{
	static const char * const networks4[] = { "10.244.0.0", "0.0.0.0", "192.0.2.0" };
	static const char * const networks6[] = { "fd00:10:244::", "::", "2001:db8::" };
	unsigned int which = random_below(one_in(4) ? 24 : 6);
	struct in6_addr address;
	char text[64];

	if (!strcmp(set->name, "network"))
		snprintf(text, sizeof(text), "%s",
			 family == AF_INET ? networks4[which % 3] : networks6[which % 3]);
	else if (!strcmp(set->name, "backend"))
		snprintf(text, sizeof(text),
			 family == AF_INET ? "10.244.1.%u" : "fd00:10:244::%u", which + 1);
	else
		snprintf(text, sizeof(text), family == AF_INET ? "10.96.0.%u" : "fd00:10:96::%u",
			 (which ? subject->slot : random_below(SLOTS)) + 1);
	if (inet_pton(family, text, &address) != 1)
		abort();
	return node_new(type, &address, family == AF_INET ? 4 : 16);
}

/* Mostly one that belongs to the address or the service, so that it is met again. */
static struct node *port_node(uint16_t type, const struct set_spec *set, unsigned int owner)
{
	unsigned int port = ports[random_below(ARRAY_SIZE(ports))];

	if (!one_in(8))
		port = ports[(owner + one_in(4)) % 2];
	if (!strcmp(set->name, "frontend") && !one_in(8))
		port += 30000 + 2 * owner;
	return number_node(type, &set->attrs[type], port);
}

static struct node *valid_nest(uint16_t type, const struct set_spec *set,
			       const struct subject *subject);

/* Any value that the spec allows, edges more often than others. */
static uint64_t allowed_value(const struct attr_spec *attr)
{
	uint64_t span = attr->max - attr->min;

	switch (random_below(6)) {
	case 0:
		return attr->min;
	case 1:
		return attr->max;
	case 2:
		return attr->min + (span ? 1 : 0);
	case 3:
		return attr->max - (span ? 1 : 0);
	default:
		return attr->min + (span == UINT64_MAX ? random_u64() : random_u64() % (span + 1));
	}
}

/* The name of an interface, or what names begin with. */
static struct node *interface_node(uint16_t type)
{
	static const char * const names[] = { "lo", "cni0", "veth*", "*", "abcdefghijklmno*" };
	const char *name = names[random_below(ARRAY_SIZE(names))];

	return node_new(type, name, strlen(name) + 1);
}

static struct node *valid_node(uint16_t type, const struct set_spec *set,
			       const struct subject *subject)
{
	const struct attr_spec *attr = &set->attrs[type];

	if (is(attr, "pod-interface"))
		return interface_node(type);
	if (is(attr, "interface"))
		return number_node(type, attr, random_below(3));
	if (is(attr, "name"))
		return name_node(type, subject->slot, attr->length);
	if (is(attr, "id"))
		return number_node(type, attr, generator.ids_count && !one_in(8) ?
				   generator.ids[random_below(generator.ids_count)] :
				   random_below(64));
	if (is(attr, "family"))
		return number_node(type, attr, subject->family);
	if (is(attr, "protocol"))
		return number_node(type, attr, subject->protocol);
	if (is(attr, "generation") && !one_in(4))
		return number_node(type, attr, random_below(8));
	if (is(attr, "address4"))
		return address_node(type, set, AF_INET, subject);
	if (is(attr, "address6"))
		return address_node(type, set, AF_INET6, subject);
	if (is(attr, "port"))
		return port_node(type, set, subject->slot);
	switch (attr->type) {
	case T_NEST:
		return valid_nest(type, attr->nest, subject);
	case T_PAD:
	case T_FLAG:
		return node_new(type, NULL, 0);
	case T_STRING:
		return name_node(type, subject->slot, attr->length);
	case T_BINARY: {
		struct node *node = node_new(type, NULL, attr->length);

		memset(node->data, 0x20, attr->length);
		return node;
	}
	default:
		return number_node(type, attr, allowed_value(attr));
	}
}

static void append_network(struct node *nest, const struct set_spec *set,
			   const struct subject *subject)
{
	unsigned int length = number_of(set, "prefix-length");
	uint8_t family = subject->family;
	static const uint8_t lengths[] = { 32, 24, 16, 64, 128 };
	const char *address = family == AF_INET ? "address4" : "address6";
	uint8_t value = lengths[family == AF_INET ? random_below(3) : 3 + random_below(2)];

	node_append(&nest->child, address_node(number_of(set, address), set, family, subject));
	node_append(&nest->child, number_node(length, &set->attrs[length], value));
}

static struct node *valid_nest(uint16_t type, const struct set_spec *set,
			       const struct subject *subject)
{
	struct node *nest = node_nest(type);
	bool node_port = !strcmp(set->name, "frontend") && one_in(4);
	unsigned int owner = subject->slot, i;

	if (!strcmp(set->name, "network")) {
		struct subject any = *subject;

		/* Those of settings are of both families, those of services of one. */
		if (one_in(3))
			any.family ^= AF_INET ^ AF_INET6;
		append_network(nest, set, &any);
		return nest;
	}
	for (i = 1; i <= set->max; i++) {
		const struct attr_spec *attr = &set->attrs[i];

		if (attr->reply_only || attr->type == T_PAD)
			continue;
		if (is(attr, "kind")) {
			if (node_port || one_in(4))
				node_append(&nest->child, number_node(i, attr, node_port ? 1 :
							    2 * random_below(2) + one_in(2)));
			continue;
		}
		if (is(attr, "address4") && (subject->family != AF_INET || node_port))
			continue;
		if (is(attr, "address6") && (subject->family != AF_INET6 || node_port))
			continue;
		if (strncmp(attr->name, "address", 7) && !is(attr, "port") && one_in(2))
			continue;
		if (is(attr, "address4") || is(attr, "address6")) {
			struct node *address = valid_node(i, set, subject);

			owner = address->data[address->length - 1];
			node_append(&nest->child, address);
		} else if (is(attr, "port")) {
			node_append(&nest->child, port_node(i, set, owner));
		} else {
			node_append(&nest->child, valid_node(i, set, subject));
		}
	}
	return nest;
}

/* How often a request that takes an attribute has it. */
static unsigned int times(const struct op_spec *op, const struct set_spec *set, unsigned int i,
			  unsigned int reference)
{
	const struct attr_spec *attr = &set->attrs[i];
	bool refers = op->request >> number_of(set, "name") & 1 &&
		      op->request >> number_of(set, "id") & 1;
	bool has_matter = !(op->request >> number_of(set, "protocol") & 1);

	if (!strcmp(set->name, "service")) {
		if (is(attr, "id"))
			return refers && reference == 0;
		if (is(attr, "name"))
			return !refers || reference == 1;
		if (is(attr, "protocol"))
			return !refers || reference == 2;
		if (is(attr, "family"))
			return refers ? reference == 2 : !one_in(4);
		if (is(attr, "frontend") && refers && !has_matter)
			return reference == 2;
		if (is(attr, "generation") && !refers)
			return 1;
	}
	/* Of several that must all be there, one mostly is not. */
	if (attr->multi && refers && !one_in(3))
		return 1;
	if (attr->multi)
		return one_in(40) ? random_below(70) : random_below(5) + refers;
	return random_below(5) < 2;
}

static void take_out(struct message *message, unsigned int type)
{
	struct node **link = &message->attrs;

	while (*link) {
		if (type && ((*link)->type & NLA_TYPE_MASK) == type)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	}
}

/* A list is given or emptied, not both. */
static void settle_lists(struct message *message, const struct set_spec *set)
{
	static const char * const lists[][2] = {
		{ "cluster-network", "no-cluster-networks" },
		{ "node-port-address", "no-node-port-addresses" },
		{ "pod-interface", "no-pod-interfaces" },
		{ "service-network", "no-service-networks" },
		{ "source-range", "no-source-ranges" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lists); i++)
		take_out(message, number_of(set, lists[i][one_in(2)]));
}

/* Those settings that fit together only in pairs. */
static void settle_settings(struct message *message, const struct set_spec *set)
{
	unsigned int first = number_of(set, "node-port-min");
	unsigned int last = number_of(set, "node-port-max");
	uint16_t port = 20000 + random_below(20000);

	if (strcmp(set->name, "settings"))
		return;
	take_out(message, first);
	take_out(message, last);
	if (one_in(2)) {
		node_append(&message->attrs, number_node(first, &set->attrs[first], port));
		node_append(&message->attrs, number_node(last, &set->attrs[last],
							 port + random_below(3000)));
	}
}

static uint8_t command_of(const char *name)
{
	unsigned int i;

	for (i = 1; i <= spec_ops_max; i++)
		if (spec_ops[i].name && !strcmp(spec_ops[i].name, name))
			return i;
	return 0;
}

/* One that was not both accepted and refused yet, if there is any. */
static uint8_t neglected_command(void)
{
	unsigned int i;

	for (i = 1; i <= spec_ops_max; i++)
		if (spec_ops[i].name && !spec_ops[i].is_notification &&
		    (!statistics.accepted[i] || !statistics.refused[i]))
			return i;
	return 0;
}

/* Notifications are no operations. */
static uint8_t choose_command(void)
{
	uint8_t command = one_in(3) ? neglected_command() : 0;

	if (command)
		return command;
	do {
		command = 1 + random_below(spec_ops_max);
	} while (!spec_ops[command].name || spec_ops[command].is_notification ||
		 (!strcmp(spec_ops[command].name, "flush") && !one_in(20)) ||
		 (!strcmp(spec_ops[command].name, "purge") && !one_in(3)));
	/* Something has to be there for all others. */
	return one_in(6) ? command_of("service-set") : command;
}

/*
 * Members of a service: mostly of the few that belong to it, which are the same
 * whenever they are made, so that requests find what others have added.
 */
static void append_members(struct message *message, const struct set_spec *set, unsigned int type,
			   unsigned int count, const struct subject *subject)
{
	unsigned int which = random_below(MEMBERS);
	struct node *node;

	while (count--) {
		uint64_t next = random_u64();

		if (!one_in(6))
			random_seed(random_mix(subject->slot * 64 + type, which++ % MEMBERS));
		node = valid_node(type, set, subject);
		random_seed(next);
		node_append(&message->attrs, node);
	}
}

static void begin(struct message *message, uint8_t command)
{
	*message = (struct message){
		.header = { .nlmsg_type = generator.family, .nlmsg_flags = NLM_F_REQUEST },
		.genl = { .cmd = command, .version = spec_version },
		.attrs_set = spec_ops[command].set,
	};
}

/* A connection to an address that a service may have. */
static void append_connection(struct message *message, const struct set_spec *set,
			      const struct subject *subject)
{
	static const char * const addresses[][2] = {
		{ "source4", "source6" }, { "destination4", "destination6" },
	};
	static const char * const numbers[] = {
		"source-port", "destination-port", "protocol", "interface",
	};
	unsigned int i, type;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		type = number_of(set, addresses[i][subject->family == AF_INET6]);
		node_append(&message->attrs, address_node(type, set, subject->family, subject));
	}
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		type = number_of(set, numbers[i]);
		if (i == 1)
			node_append(&message->attrs, port_node(type, set, subject->slot));
		else if (i == 2 || one_in(2))
			node_append(&message->attrs, valid_node(type, set, subject));
	}
}

static void valid_message(struct message *message)
{
	struct subject subject = choose_subject();
	uint8_t command = choose_command();
	const struct op_spec *op = &spec_ops[command];
	unsigned int reference = random_below(4), i, n;
	bool dump = op->has_dump && (!op->has_do || one_in(3));

	begin(message, command);
	if (reference == 3)
		reference = 1;
	if (!(op->request >> number_of(op->set, "protocol") & 1) && reference == 2)
		reference = 1;
	if (dump && (op->has_do || one_in(2)))
		reference = 3;	/* none: all */
	if (!strcmp(op->name, "counters-zero") && one_in(4))
		reference = 3;
	if (!strcmp(op->name, "resolve"))
		append_connection(message, op->set, &subject);
	for (i = 1; i <= op->set->max; i++) {
		if (!(op->request >> i & 1) || !strcmp(op->name, "resolve"))
			continue;
		n = times(op, op->set, i, reference);
		if (op->set->attrs[i].multi)
			append_members(message, op->set, i, n, &subject);
		else if (n)
			node_append(&message->attrs, valid_node(i, op->set, &subject));
	}
	settle_lists(message, op->set);
	settle_settings(message, op->set);
	if (dump)
		message->header.nlmsg_flags |= NLM_F_DUMP;
	else if (!one_in(5))
		message->header.nlmsg_flags |= NLM_F_CREATE;
	if (!dump && one_in(5))
		message->header.nlmsg_flags |= NLM_F_EXCL;
	if (!one_in(7))
		message->header.nlmsg_flags |= NLM_F_ACK;
	if (one_in(5))
		message->header.nlmsg_flags |= NLM_F_ECHO;
}

/* generate_flush() - takes back what was set up */
void generate_flush(struct message *message)
{
	begin(message, command_of("flush"));
	message->header.nlmsg_flags |= NLM_F_ACK;
}

/* Mutations */

/* A place in the tree: the link to an attribute and the set that it is of. */
struct place {
	struct node **link;
	const struct set_spec *set;
	unsigned int depth;
};

#define PLACES_MAX 256

static unsigned int find_places(struct node **link, const struct set_spec *set, unsigned int depth,
				struct place *places, unsigned int count)
{
	for (; count < PLACES_MAX; link = &(*link)->next) {
		struct node *node = *link;
		unsigned int type;

		places[count++] = (struct place){ link, set, depth };
		if (!node)
			break;
		type = node->type & NLA_TYPE_MASK;
		if (!node->data && node->child && depth < 8)
			count = find_places(&node->child, set && type <= set->max ?
					    set->attrs[type].nest : NULL, depth + 1,
					    places, count);
	}
	return count;
}

static const struct attr_spec *spec_at(const struct place *place)
{
	unsigned int type = *place->link ? (*place->link)->type & NLA_TYPE_MASK : 0;

	return type && place->set && type <= place->set->max ? &place->set->attrs[type] : NULL;
}

static struct node *random_node(uint16_t type, uint32_t length)
{
	struct node *node = node_new(type, NULL, length);
	uint32_t i;

	for (i = 0; i < length; i++)
		node->data[i] = random_u64();
	no_poison(node->data, length);
	return node;
}

/* A valid attribute of any set, which may be the wrong one here. */
static struct node *stray_node(void)
{
	const struct set_spec *set = &spec_sets[random_below(spec_sets_count)];
	struct subject subject = choose_subject();

	return valid_node(1 + random_below(set->max), set, &subject);
}

static uint64_t extreme_value(const struct attr_spec *attr)
{
	static const uint64_t values[] = {
		0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, INT64_MAX, 1ull << 63, UINT64_MAX
	};

	if (attr && one_in(2))
		return one_in(2) ? attr->max + random_below(3) - 1 :
				   attr->min + random_below(3) - 1;
	return values[random_below(ARRAY_SIZE(values))];
}

static void mutate_value(const struct place *place)
{
	static const char * const addresses[] = {
		"0.0.0.0", "127.0.0.1", "224.0.0.1", "255.255.255.255", "169.254.1.1", "240.0.0.1",
		"::", "::1", "ff02::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::1", "fec0::1"
	};
	const struct attr_spec *attr = spec_at(place);
	struct node *node = *place->link;
	uint8_t address[16];

	if (!node->data)
		return;
	if (attr && !strncmp(attr->name, "address", 7) && !one_in(3)) {
		int family = is(attr, "address4") ? AF_INET : AF_INET6;

		if (inet_pton(family, addresses[random_below(ARRAY_SIZE(addresses))],
			      address) == 1)
			memcpy(node->data, address, node->length < 4 ? node->length :
			       family == AF_INET || node->length < 16 ? 4 : 16);
	} else if (attr && attr->type >= T_U8 && attr->type <= T_U64 &&
		   node->length == width(attr)) {
		node->data = number_node(0, attr, extreme_value(attr))->data;
	} else {
		node->data = random_node(0, node->length)->data;
	}
}

static void mutate_string(struct node *node, unsigned int longest)
{
	static const uint8_t bytes[] = { ' ', '\n', 0x7f, 0x1b, 0xff, 0x80, 0, '/', '%' };
	uint32_t length = one_in(2) ? longest + random_below(4) : random_below(600);

	switch (random_below(4)) {
	case 0:		/* no end */
		node->length -= node->length > 0;
		break;
	case 1:		/* empty, with or without an end */
		node->length = random_below(2);
		if (node->length)
			node->data[0] = 0;
		break;
	case 2:
		if (node->length > 1)
			node->data[random_below(node->length - 1)] =
				bytes[random_below(ARRAY_SIZE(bytes))];
		break;
	default:
		node->data = arena_get(length + 1);
		memset(node->data, 'b', length + 1);
		node->length = length;
		if (one_in(2))
			node->data[node->length++] = 0;
	}
}

/* Each a different value where the kernel would refuse the same one. */
static void repeat(const struct place *place)
{
	static const unsigned int counts[] = { 1, 1, 1, 2, 3, 64, 65 };
	unsigned int n = counts[random_below(ARRAY_SIZE(counts))], i;
	const struct attr_spec *attr = spec_at(place);
	struct node *node = *place->link;

	if (attr && attr->multi && arena_room() > 40u << 20 && one_in(60))
		n = one_in(8) ? 65536 : 4096 + random_below(2);
	for (i = 0; i < n; i++) {
		struct node *rest = node->next, *copy;

		node->next = NULL;
		copy = node_copy(node, 16);
		if (n > 3 && copy->child && copy->child->data && copy->child->length >= 4) {
			uint32_t value = htonl(0x0a000001 + i);

			no_poison((uint8_t *)&value, sizeof(value));
			memcpy(copy->child->data + copy->child->length - 4, &value, 4);
		}
		node->next = copy;
		copy->next = rest;
		node = copy;
	}
}

static void nest_deeply(const struct place *place)
{
	unsigned int depth = 1 + random_below(one_in(4) ? 60 : 4);
	struct node *node = *place->link, *outer;
	struct node *rest = node->next;

	node->next = NULL;
	while (depth--) {
		outer = node_nest(node->type);
		outer->child = node;
		node = outer;
	}
	node->next = rest;
	*place->link = node;
}

static void change_type(const struct place *place)
{
	struct node *node = *place->link;
	unsigned int max = place->set ? place->set->max : 4;
	uint16_t type;

	switch (random_below(5)) {
	case 0:
		type = 0;
		break;
	case 1:
		type = max + 1 + random_below(2);
		break;
	case 2:
		type = NLA_TYPE_MASK - random_below(2);
		break;
	default:
		type = 1 + random_below(max);
	}
	node->type = (node->type & ~NLA_TYPE_MASK) | type;
}

static void change_length(const struct place *place)
{
	struct node *node = *place->link;
	uint32_t length = node->length;
	uint8_t *data;

	if (!node->data) {
		/* A nest that is cut short, or has no header's worth in it. */
		*place->link = random_node(node->type, random_below(8));
		(*place->link)->next = node->next;
		return;
	}
	if (one_in(2)) {
		node->length = length ? random_below(length) : 0;
		return;
	}
	length += 1 + random_below(one_in(4) ? 300 : 8);
	data = random_node(0, length)->data;
	memcpy(data, node->data, node->length);
	node->data = data;
	node->length = length;
}

static void mutate_attribute(const struct place *place)
{
	const struct attr_spec *attr = spec_at(place);
	struct node *node = *place->link, *stray;

	if (!node || one_in(10)) {
		stray = one_in(3) ? random_node(random_u64(), random_below(20)) : stray_node();
		stray->next = node;
		*place->link = stray;
		return;
	}
	if (attr && attr->type == T_STRING && node->data && one_in(2)) {
		mutate_string(node, attr->length);
		return;
	}
	switch (random_below(14)) {
	case 0:
		change_length(place);
		break;
	case 1:
		repeat(place);
		break;
	case 2:
	case 3:
		*place->link = node->next;
		break;
	case 4:
		node->type ^= NLA_F_NESTED;
		break;
	case 5:
		node->type ^= NLA_F_NET_BYTEORDER;
		break;
	case 6:
		change_type(place);
		break;
	case 7:
		nest_deeply(place);
		break;
	case 8:
		node->lie = one_in(2) ? (int)random_below(16) - 8 :
					(int)random_below(65535) - 32767;
		break;
	case 9:
		if (!node->data)
			node->child = NULL;
		break;
	default:
		mutate_value(place);
	}
}

static void mutate_header(struct message *message)
{
	static const uint16_t types[] = { 0, 1, 2, 3, 4, 15, 0x7fff, 0xffff };
	static const uint16_t flags[] = {
		NLM_F_DUMP, NLM_F_ROOT, NLM_F_MATCH, NLM_F_ATOMIC, NLM_F_ACK, NLM_F_ECHO,
		NLM_F_MULTI, NLM_F_EXCL, NLM_F_CREATE, NLM_F_REPLACE, NLM_F_APPEND,
		NLM_F_DUMP_INTR, NLM_F_REQUEST
	};
	static const uint8_t versions[] = { 0, 2, 0x7f, 0xff };

	switch (random_below(12)) {
	case 0:
		message->header.nlmsg_type = types[random_below(ARRAY_SIZE(types))];
		break;
	case 1:
		message->genl.cmd = one_in(2) ? random_u64() : spec_ops_max + random_below(3);
		break;
	case 2:
		message->genl.version = versions[random_below(ARRAY_SIZE(versions))];
		break;
	case 3:
		message->genl.reserved = random_u64();
		break;
	case 4:
		message->header.nlmsg_pid = random_u64();
		break;
	case 5:
		message->lie = (int)random_below(40) - 20;
		break;
	case 6:
		message->lie = one_in(2) ? INT32_MAX : (int)random_below(1 << 16) - (1 << 15);
		break;
	case 7:
		message->cut = random_below(40);
		break;
	case 8:
		message->header.nlmsg_flags = random_u64() | NLM_F_REQUEST;
		break;
	case 9:
		message->genl.cmd = 1 + random_below(spec_ops_max);
		break;
	default:
		message->header.nlmsg_flags ^= flags[random_below(ARRAY_SIZE(flags))];
	}
}

static void mutate(struct message *message)
{
	static struct place places[PLACES_MAX];
	unsigned int rounds = 1 + random_below(3), count;

	while (rounds--) {
		if (one_in(5)) {
			mutate_header(message);
			continue;
		}
		count = find_places(&message->attrs, message->attrs_set, 0, places, 0);
		mutate_attribute(&places[random_below(count)]);
	}
}

/* Messages that reached new code, to be changed further. */
static struct message corpus[CORPUS_MAX];
static unsigned int corpus_count;

void corpus_add(const struct message *message)
{
	struct message *kept;

	if (corpus_count == CORPUS_MAX || arena_room() < 63u << 20)
		return;
	kept = &corpus[corpus_count];
	*kept = *message;
	arena_keep(true);
	if (arena_room() > 32u << 20) {
		kept->attrs = node_copy(message->attrs, 16);
		corpus_count++;
	}
	arena_keep(false);
}

unsigned int corpus_size(void)
{
	return corpus_count;
}

/* generate_message() - the next request; @guided: perhaps from the corpus */
void generate_message(struct message *message, bool guided)
{
	if (guided && corpus_count && one_in(4)) {
		*message = corpus[random_below(corpus_count)];
		message->attrs = node_copy(message->attrs, 16);
		mutate(message);
		return;
	}
	valid_message(message);
	if (one_in(2))
		mutate(message);
}
