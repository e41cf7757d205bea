// SPDX-License-Identifier: GPL-2.0-only
/*
 * What must be true of the answers, whatever the request was:
 *
 * - Each request that the kernel looks at is answered as netlink has it.
 * - Errors are of those that the interface may return; never ENOMEM.
 * - A request that the spec's types and ranges forbid is refused, with a text
 *   and, if one is to blame, the offset of an attribute. So is any request of a
 *   sender without privilege.
 * - A reply is made as the spec says: every attribute is known and allowed
 *   there, of its length and range, none twice, none left out; all padding is 0.
 * - Nothing in a reply was never written. Nobody in user space can tell such
 *   bytes from others, so memory is made to hold something that no value does:
 *   on a kernel booted with slub_debug=P, every object of the slab allocator is
 *   filled with 0x6b when it is given out (and its page with 0x5a before). A
 *   field that is not set then has these bytes in a run, in messages (whose
 *   buffers are slab objects up to 8 KiB, which is why all is read in small
 *   pieces) as well as in structures that values are taken from. generate.c
 *   keeps the bytes out of requests, so they cannot come back from there. Of
 *   what is on the stack or in whole pages nothing is learnt in this way; of
 *   padding between attributes, everything, as it must be 0.
 */
#include "fuzz.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPECTED_MAX 64
#define STATE_BUFFER 4096

unsigned int violations;
FILE *report;
struct statistics statistics;

/* A request that the kernel looks at, and what has come of it. */
struct expected {
	uint32_t seq;
	const uint8_t *data;
	uint32_t length;
	bool family;		/* it is for the family, and whole */
	bool forbidden;		/* by the spec */
	bool dump;
	uint8_t command;
	uint16_t flags;
	unsigned int acks;
	unsigned int dones;
	unsigned int replies;
	int error;
};

static struct expected expected[EXPECTED_MAX];
static unsigned int expected_count;
static enum actor_kind sender;
static bool certain;		/* which answer belongs to which request */
static unsigned int violations_before;	/* the batch */

void wrong(const char *format, ...)
{
	va_list arguments;

	violations++;
	fputs("violation: ", report);
	va_start(arguments, format);
	vfprintf(report, format, arguments);
	va_end(arguments);
	fprintf(report, "\n");
	fflush(report);
}

/* Policy: what the spec allows, written without a look at the kernel's code. */

static uint64_t number_at(const struct attr_spec *attr, const uint8_t *data, unsigned int width)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < width; i++)
		value |= (uint64_t)data[attr->big_endian ? width - 1 - i : i] << 8 * i;
	return value;
}

static unsigned int number_width(const struct attr_spec *attr)
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
	default:
		return 0;
	}
}

static bool list_forbidden(const struct set_spec *set, uint64_t allowed, const uint8_t *data,
			   size_t length);

static bool string_forbidden(const struct attr_spec *attr, const uint8_t *data, size_t length)
{
	size_t look = length < attr->length + 1 ? length : attr->length + 1;

	if (!look || !memchr(data, 0, look))
		return true;
	return length - (data[length - 1] == 0) > attr->length;
}

static bool wrong_nesting(const struct attr_spec *attr, uint16_t type)
{
	bool is_nest = attr->type == T_NEST;

	return !(type & NLA_F_NESTED) == is_nest;
}

static bool value_forbidden(const struct attr_spec *attr, uint16_t type, const uint8_t *data,
			    size_t length)
{
	unsigned int width = number_width(attr);
	uint64_t value;
	unsigned int i;
	uint64_t nested = 0;

	if (wrong_nesting(attr, type))
		return true;
	switch (attr->type) {
	case T_FLAG:
		return length != 0;
	case T_BINARY:
		return length != attr->length;
	case T_STRING:
		return string_forbidden(attr, data, length);
	case T_NEST:
		if (!length)
			return false;
		if (length < NLA_HDRLEN)
			return true;
		for (i = 1; i <= attr->nest->max; i++)
			if (!attr->nest->attrs[i].reply_only && attr->nest->attrs[i].type != T_PAD)
				nested |= 1ull << i;
		return list_forbidden(attr->nest, nested, data, length);
	default:
		if (!width || length != width)
			return true;
		value = number_at(attr, data, width);
		return value < attr->min || value > attr->max;
	}
}

static bool list_forbidden(const struct set_spec *set, uint64_t allowed, const uint8_t *data,
			   size_t length)
{
	size_t at = 0;

	while (length - at >= sizeof(struct nlattr)) {
		struct nlattr header;
		unsigned int number;

		memcpy(&header, data + at, sizeof(header));
		number = header.nla_type & NLA_TYPE_MASK;
		if (header.nla_len < sizeof(header) || header.nla_len > length - at)
			return true;
		if (!number || number > set->max || !(allowed >> number & 1) ||
		    value_forbidden(&set->attrs[number], header.nla_type,
				    data + at + sizeof(header), header.nla_len - sizeof(header)))
			return true;
		at += NLA_ALIGN(header.nla_len);
		if (at >= length)
			return false;
	}
	return at < length;
}

/* policy_refuses() - whether the spec forbids these attributes in a request */
bool policy_refuses(uint8_t cmd, const uint8_t *attrs, size_t length)
{
	const struct op_spec *op = cmd <= spec_ops_max ? &spec_ops[cmd] : NULL;

	if (!op || !op->name || op->is_notification)
		return true;
	return list_forbidden(op->set, op->request, attrs, length);
}

/* Replies: what they are made of. */

static const char *decoded;	/* the message that is looked at */

static void check_padding(const uint8_t *data, size_t length, const char *where)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (data[i])
			wrong("%s: padding behind %s is 0x%02x", decoded, where, data[i]);
}

static void check_poison(const uint8_t *data, size_t length, const char *name)
{
	size_t i, run = 1;
	/* Small numbers may look like poison by chance. */
	size_t enough = length > 2 ? 3 : 2;

	for (i = 1; i < length; i++) {
		run = data[i] == data[i - 1] && (data[i] == 0x6b || data[i] == 0x5a) ? run + 1 : 1;
		if (run == enough) {
			wrong("%s: %s holds memory that was never written", decoded, name);
			return;
		}
	}
}

static void check_list(const struct set_spec *set, uint64_t allowed, uint64_t needed,
		       const uint8_t *data, size_t length);

static bool is_one_of(const char *name, const char * const *names, size_t count)
{
	while (count)
		if (!strcmp(name, names[--count]))
			return true;
	return false;
}

/*
 * What replies need of a nest: all but padding, one of the addresses, which a node
 * port lacks, and what the spec says that only some have.
 */
static void check_nest(const struct set_spec *set, const uint8_t *data, size_t length)
{
	static const char * const sometimes[] = { "rejected", "active", "inactive", "share" };
	uint64_t all = 0, needed = 0;
	unsigned int i;

	for (i = 1; i <= set->max; i++) {
		const struct attr_spec *attr = &set->attrs[i];

		all |= 1ull << i;
		if (attr->type != T_PAD && strncmp(attr->name, "address", 7) &&
		    !is_one_of(attr->name, sometimes, ARRAY_SIZE(sometimes)))
			needed |= 1ull << i;
	}
	check_list(set, all, needed, data, length);
}

static void check_string(const struct attr_spec *attr, const uint8_t *data, size_t length)
{
	if (length < 2 || length > attr->length + 1 || data[length - 1] ||
	    memchr(data, 0, length) != data + length - 1)
		wrong("%s: %s is no string of its length", decoded, attr->name);
}

static void check_value(const struct attr_spec *attr, uint16_t type, const uint8_t *data,
			size_t length)
{
	unsigned int width = number_width(attr);
	uint64_t value;

	if (wrong_nesting(attr, type) || type & NLA_F_NET_BYTEORDER)
		wrong("%s: %s has wrong flags", decoded, attr->name);
	switch (attr->type) {
	case T_NEST:
		check_nest(attr->nest, data, length);
		return;
	case T_STRING:
		check_string(attr, data, length);
		break;
	case T_BINARY:
		if (length != attr->length)
			wrong("%s: %s has %zu bytes", decoded, attr->name, length);
		break;
	case T_PAD:
	case T_FLAG:
		if (length)
			wrong("%s: %s has %zu bytes", decoded, attr->name, length);
		return;
	default:
		if (length != width) {
			wrong("%s: %s has %zu bytes", decoded, attr->name, length);
			return;
		}
		value = number_at(attr, data, width);
		if (value < attr->min || value > attr->max)
			wrong("%s: %s is %llu", decoded, attr->name,
			      (unsigned long long)value);
	}
	check_poison(data, length, attr->name);
}

/* @needed: bits of those that must be there, those left out that may be there often */
static void check_list(const struct set_spec *set, uint64_t allowed, uint64_t needed,
		       const uint8_t *data, size_t length)
{
	uint64_t found = 0;
	size_t at = 0, end;
	unsigned int i;

	while (at < length) {
		const struct attr_spec *attr;
		struct nlattr header;
		unsigned int number;

		if (length - at < sizeof(header)) {
			wrong("%s: %zu bytes behind the last attribute of %s", decoded,
			      length - at, set->name);
			return;
		}
		memcpy(&header, data + at, sizeof(header));
		number = header.nla_type & NLA_TYPE_MASK;
		if (header.nla_len < sizeof(header) || header.nla_len > length - at) {
			wrong("%s: attribute %u of %s has length %u", decoded, number,
			      set->name, header.nla_len);
			return;
		}
		end = at + NLA_ALIGN(header.nla_len);
		if (number && number <= set->max && set->attrs[number].type == T_PAD)
			allowed |= 1ull << number;
		if (!number || number > set->max || !(allowed >> number & 1)) {
			wrong("%s: attribute %u of %s does not belong there", decoded, number,
			      set->name);
		} else {
			attr = &set->attrs[number];
			if (found >> number & 1 && !attr->multi && attr->type != T_PAD)
				wrong("%s: %s is there twice", decoded, attr->name);
			found |= 1ull << number;
			check_value(attr, header.nla_type, data + at + sizeof(header),
				    header.nla_len - sizeof(header));
			check_padding(data + at + header.nla_len,
				      (end < length ? end : length) - at - header.nla_len,
				      attr->name);
		}
		at = end;
	}
	for (i = 1; i <= set->max; i++)
		if (needed >> i & 1 && !(found >> i & 1) && !set->attrs[i].multi)
			wrong("%s: %s is missing", decoded, set->attrs[i].name);
}

/* What must be in a reply: all, but of a connection only what there is to say. */
static uint64_t needed_in(const struct op_spec *op)
{
	static const char * const sometimes[] = { "address4", "address6" };
	uint64_t needed = 0;
	unsigned int i;

	for (i = 1; i <= op->set->max; i++) {
		const char *name = op->set->attrs[i].name;

		if (!strcmp(op->name, "resolve") ? !strcmp(name, "verdict") :
		    !is_one_of(name, sometimes, ARRAY_SIZE(sometimes)))
			needed |= 1ull << i;
	}
	return needed & op->reply;
}

/* A message of the family: a reply or a notification. */
static const struct op_spec *check_family(const struct nlmsghdr *header, const uint8_t *data)
{
	const struct op_spec *op;
	struct genlmsghdr genl;
	size_t begin = sizeof(*header) + sizeof(genl);

	if (header->nlmsg_len < begin) {
		wrong("a reply of %u bytes", header->nlmsg_len);
		return NULL;
	}
	memcpy(&genl, data + sizeof(*header), sizeof(genl));
	op = genl.cmd <= spec_ops_max ? &spec_ops[genl.cmd] : NULL;
	if (!op || !op->name || !op->reply) {
		wrong("a reply with command %u", genl.cmd);
		return NULL;
	}
	decoded = op->name;
	statistics.replies++;
	if (genl.version != spec_version || genl.reserved)
		wrong("%s: version %u, reserved %u", decoded, genl.version, genl.reserved);
	check_list(op->set, op->reply, needed_in(op), data + begin, header->nlmsg_len - begin);
	return op;
}

/* Acknowledgments */

static bool is_known_error(int error)
{
	static const int known[] = {
		0, EINVAL, ERANGE, ENOENT, EEXIST, E2BIG, EOPNOTSUPP, EPERM, EAFNOSUPPORT,
		EPROTONOSUPPORT
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (error == known[i])
			return true;
	return false;
}

struct ack {
	const char *text;
	size_t text_length;
	uint32_t offset;
	bool has_offset;
};

static void read_ack(const uint8_t *data, size_t length, struct ack *ack)
{
	size_t at = 0;

	decoded = "acknowledgment";
	while (length - at >= sizeof(struct nlattr)) {
		struct nlattr header;
		const uint8_t *value = data + at + sizeof(header);
		size_t size;

		memcpy(&header, data + at, sizeof(header));
		if (header.nla_len < sizeof(header) || header.nla_len > length - at)
			break;
		size = header.nla_len - sizeof(header);
		if ((header.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG) {
			ack->text = (const char *)value;
			ack->text_length = size;
		} else if ((header.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_OFFS && size == 4) {
			memcpy(&ack->offset, value, sizeof(ack->offset));
			ack->has_offset = true;
		}
		at += NLA_ALIGN(header.nla_len);
		if (at >= length)
			return;
		check_padding(value + size, at - (value + size - data), "a part");
	}
	if (at < length)
		wrong("an acknowledgment ends with %zu strange bytes", length - at);
}

/*
 * Whether a text is due: for all that the module refuses, and the policy. Of a dump
 * that cannot begin, kernels before 6.3 pass on the policy's text only.
 */
static void check_text(const struct expected *request, const struct ack *ack)
{
	if (!request->family || sender == CAPPED || (request->dump && !request->forbidden))
		return;
	switch (-request->error) {
	case EINVAL:
	case ERANGE:
	case ENOENT:
	case EEXIST:
	case E2BIG:
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		break;
	default:
		return;
	}
	statistics.texts++;
	if (!ack->text || ack->text_length < 2 || ack->text[ack->text_length - 1] ||
	    memchr(ack->text, 0, ack->text_length) != ack->text + ack->text_length - 1)
		wrong("error %d has no text", request->error);
	if (!ack->has_offset)
		return;
	statistics.offsets++;
	if (ack->offset < NLMSG_HDRLEN + GENL_HDRLEN || ack->offset % NLA_ALIGNTO ||
	    ack->offset + sizeof(struct nlattr) > request->length)
		wrong("error %d points to offset %u of %u", request->error, ack->offset,
		      request->length);
}

static void check_ack(struct expected *request, const struct nlmsghdr *header,
		      const uint8_t *data)
{
	struct ack ack = { 0 };
	struct nlmsgerr error;
	size_t end = sizeof(*header) + sizeof(error), echoed = 0;

	if (header->nlmsg_len < end) {
		wrong("an acknowledgment of %u bytes", header->nlmsg_len);
		return;
	}
	memcpy(&error, data + sizeof(*header), sizeof(error));
	request->acks++;
	request->error = error.error;
	if (error.error <= 0 && error.error > -256)
		statistics.errors[-error.error]++;
	if (memcmp(&error.msg, request->data, sizeof(error.msg)))
		wrong("an acknowledgment is of another request");
	if (!(header->nlmsg_flags & NLM_F_CAPPED)) {
		echoed = request->length - sizeof(struct nlmsghdr);
		if (header->nlmsg_len - end < echoed ||
		    memcmp(data + end, request->data + sizeof(struct nlmsghdr), echoed)) {
			wrong("an acknowledgment holds another request");
			return;
		}
		check_padding(data + end + echoed,
			      (NLMSG_ALIGN(echoed) < header->nlmsg_len - end ?
			       NLMSG_ALIGN(echoed) : header->nlmsg_len - end) - echoed,
			      "the request in an acknowledgment");
		end += NLMSG_ALIGN(echoed);
	}
	if (header->nlmsg_flags & NLM_F_ACK_TLVS && end < header->nlmsg_len)
		read_ack(data + end, header->nlmsg_len - end, &ack);
	if (error.error)
		check_text(request, &ack);
}

static void check_done(struct expected *request, const struct nlmsghdr *header,
		       const uint8_t *data)
{
	int error;

	request->dones++;
	if (header->nlmsg_len < sizeof(*header) + sizeof(error)) {
		wrong("the end of a dump has %u bytes", header->nlmsg_len);
		return;
	}
	memcpy(&error, data + sizeof(*header), sizeof(error));
	if (error)
		wrong("a dump ends with error %d", error);
}

static struct expected *find_expected(uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < expected_count; i++)
		if (expected[i].seq == seq)
			return &expected[i];
	return NULL;
}

/*
 * check_expect() - what the kernel will find in a batch, as it walks through it:
 * by the lengths in the headers, true or not.
 */
void check_expect(enum actor_kind kind, const uint8_t *batch, size_t length)
{
	sender = kind;
	violations_before = violations;
	certain = kind != LAZY;
	expected_count = 0;
	while (length >= NLMSG_HDRLEN) {
		struct genlmsghdr genl = { 0 };
		struct expected *request;
		struct nlmsghdr header;
		size_t step;

		memcpy(&header, batch, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > length)
			break;
		if (find_expected(header.nlmsg_seq) || expected_count == EXPECTED_MAX) {
			certain = false;
			break;
		}
		request = &expected[expected_count++];
		*request = (struct expected){
			.seq = header.nlmsg_seq,
			.data = batch,
			.length = header.nlmsg_len,
			.flags = header.nlmsg_flags,
			.dump = (header.nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP,
		};
		request->family = header.nlmsg_type == generator.family &&
				  header.nlmsg_flags & NLM_F_REQUEST &&
				  header.nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN;
		if (request->family) {
			memcpy(&genl, batch + NLMSG_HDRLEN, sizeof(genl));
			request->command = genl.cmd;
			request->forbidden =
				policy_refuses(genl.cmd, batch + NLMSG_HDRLEN + GENL_HDRLEN,
					       header.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
			statistics.requests++;
			statistics.policy += request->forbidden;
		}
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step > length)
			step = length;
		batch += step;
		length -= step;
	}
}

/* check_input() - looks at what a socket has read, in one piece */
void check_input(enum actor_kind kind, const uint8_t *data, size_t length)
{
	while (length >= NLMSG_HDRLEN) {
		const struct op_spec *op;
		struct expected *request;
		struct nlmsghdr header;
		size_t step;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > length) {
			wrong("a message of %u bytes in %zu", header.nlmsg_len, length);
			return;
		}
		request = certain && kind == sender ? find_expected(header.nlmsg_seq) : NULL;
		if (certain && kind == sender && header.nlmsg_pid != actors[kind].port)
			request = NULL;
		switch (header.nlmsg_type) {
		case NLMSG_ERROR:
			if (request)
				check_ack(request, &header, data);
			else if (certain && kind == sender)
				wrong("an acknowledgment of nothing");
			break;
		case NLMSG_DONE:
			if (request)
				check_done(request, &header, data);
			else if (certain && kind == sender)
				wrong("a dump ends that nobody asked for");
			break;
		default:
			if (header.nlmsg_type != generator.family)
				break;
			op = check_family(&header, data);
			if (op && certain && kind == sender && !request && !op->is_notification)
				wrong("%s that nobody asked for", op->name);
			if (op && request && !op->is_notification) {
				request->replies++;
				if (op != &spec_ops[request->command])
					wrong("%s is answered with %s",
					      spec_ops[request->command].name, op->name);
				if (!!(header.nlmsg_flags & NLM_F_MULTI) != request->dump)
					wrong("%s: NLM_F_MULTI is wrong", op->name);
			}
		}
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step > length)
			step = length;
		else
			check_padding(data + header.nlmsg_len, step - header.nlmsg_len,
				      "a message");
		data += step;
		length -= step;
	}
	if (length)
		wrong("%zu bytes behind the last message", length);
}

/* check_loss() - the socket had no room: answers may be missing */
void check_loss(void)
{
	certain = false;
}

static bool changes_state(const struct op_spec *op)
{
	return !op->reply;
}

static void check_request(const struct expected *request)
{
	bool asked = request->flags & NLM_F_ACK;
	const struct op_spec *op = NULL;

	if (request->family && request->command <= spec_ops_max &&
	    spec_ops[request->command].name && !spec_ops[request->command].is_notification)
		op = &spec_ops[request->command];
	if (!request->family) {
		if (request->acks > 1 || (asked && !request->acks))
			wrong("%u acknowledgments of a message", request->acks);
		return;
	}
	if (request->dump && !request->error) {
		if (request->acks || request->dones != 1)
			wrong("a dump has %u acknowledgments and %u ends", request->acks,
			      request->dones);
		statistics.dumps++;
	} else if (request->dones || request->acks > 1 || (asked && !request->acks)) {
		wrong("%u acknowledgments, %u ends of dumps", request->acks, request->dones);
	}
	if (request->acks && !request->error && !asked)
		wrong("an acknowledgment that was not asked for");
	/* Only one dump at a time. */
	if (!is_known_error(-request->error) &&
	    !(request->error == -EBUSY && request->dump && expected_count > 1))
		wrong("error %d", request->error);
	if (!request->error && request->forbidden)
		wrong("accepted, but the spec forbids it");
	if (!request->error && !actor_has_privilege(sender))
		wrong("accepted from %s", actor_name(sender));
	if (request->error && request->replies)
		wrong("refused, with %u replies", request->replies);
	if (op && op->reply && !request->error && !request->dump && request->replies != 1)
		wrong("%u replies", request->replies);
	if (op && !op->reply && request->replies)
		wrong("%u replies to a request that has none", request->replies);
	if (!actor_has_privilege(sender))
		statistics.forbidden++;
	else if (request->error)
		statistics.refused[request->command]++;
	else
		statistics.accepted[request->command]++;
}

/* check_end() - all that is to come has been read; tells how it ended */
void check_end(struct outcome *outcome)
{
	unsigned int i;

	*outcome = (struct outcome){ .changes = !certain };
	for (i = 0; i < expected_count; i++) {
		const struct expected *request = &expected[i];

		if (certain)
			check_request(request);
		if (request->family && !request->error && request->command <= spec_ops_max &&
		    spec_ops[request->command].name && changes_state(&spec_ops[request->command]))
			outcome->changes = true;
	}
	if (violations == violations_before)
		return;
	for (i = 0; i < expected_count; i++) {
		fprintf(report, "  %s, error %d: ", actor_name(sender), expected[i].error);
		print_request(report, expected[i].data, expected[i].length);
	}
	fflush(report);
}

/* The state */

static uint64_t hash;
static unsigned long members_told, members_found;

static void hash_bytes(const void *data, size_t length)
{
	const uint8_t *byte = data;

	for (; length; length--)
		hash = (hash ^ *byte++) * 0x100000001b3ull;
}

static void take_attribute(const struct attr_spec *attr, const struct nlattr *header,
			   const uint8_t *value, bool services)
{
	uint32_t number;

	if (!strcmp(attr->name, "stats"))
		return;
	hash_bytes(header, sizeof(*header));
	hash_bytes(value, header->nla_len - sizeof(*header));
	if (header->nla_len != sizeof(*header) + sizeof(number))
		return;
	memcpy(&number, value, sizeof(number));
	if (!strcmp(attr->name, "frontend-count") || !strcmp(attr->name, "backend-count") ||
	    !strcmp(attr->name, "source-range-count"))
		members_told += number;
	if (services && !strcmp(attr->name, "id") &&
	    generator.ids_count < ARRAY_SIZE(generator.ids))
		generator.ids[generator.ids_count++] = number;
}

static void take_list(const struct set_spec *set, const uint8_t *data, size_t length,
		      bool services)
{
	size_t at = 0;

	while (at + sizeof(struct nlattr) <= length) {
		struct nlattr header;
		const struct attr_spec *attr;

		memcpy(&header, data + at, sizeof(header));
		if (header.nla_len < sizeof(header) || header.nla_len > length - at)
			return;
		if ((header.nla_type & NLA_TYPE_MASK) > set->max)
			return;
		attr = &set->attrs[header.nla_type & NLA_TYPE_MASK];
		if (attr->type == T_NEST && strcmp(attr->name, "stats"))
			take_list(attr->nest, data + at + sizeof(header),
				  header.nla_len - sizeof(header), false);
		else
			take_attribute(attr, &header, data + at + sizeof(header), services);
		at += NLA_ALIGN(header.nla_len);
	}
}

/* Returns whether there is more to come. */
static bool take_messages(const struct op_spec *op, bool dump, const uint8_t *data, size_t length)
{
	while (length >= NLMSG_HDRLEN) {
		const size_t begin = NLMSG_HDRLEN + GENL_HDRLEN;
		struct nlmsghdr header;
		size_t step;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < NLMSG_HDRLEN || header.nlmsg_len > length)
			return false;
		if (header.nlmsg_type == NLMSG_DONE)
			return false;
		if (header.nlmsg_type == NLMSG_ERROR) {
			wrong("%s of the observer is refused", op->name);
			return false;
		}
		if (header.nlmsg_type == generator.family && header.nlmsg_len >= begin) {
			members_found += !strcmp(op->name, "frontend-get") ||
					 !strcmp(op->name, "backend-get") ||
					 !strcmp(op->name, "source-range-get");
			take_list(op->set, data + begin, header.nlmsg_len - begin,
				  !strcmp(op->name, "service-get"));
			if (!dump)
				return false;
		}
		step = NLMSG_ALIGN(header.nlmsg_len);
		if (step > length)
			break;
		data += step;
		length -= step;
	}
	return true;
}

static void take_all(uint8_t command, bool dump)
{
	static uint32_t seq = 1u << 31;
	static uint8_t buffer[STATE_BUFFER];
	struct {
		struct nlmsghdr header;
		struct genlmsghdr genl;
	} request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = generator.family,
			.nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0),
			.nlmsg_seq = seq++,
		},
		.genl = { .cmd = command, .version = spec_version },
	};
	ssize_t length;

	if (send(observer.fd, &request, sizeof(request), 0) != sizeof(request)) {
		wrong("the observer cannot send: %s", strerror(errno));
		return;
	}
	do {
		length = recv(observer.fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (length < 0) {
			wrong("the observer gets no answer: %s", strerror(errno));
			return;
		}
		check_input(ACTORS, buffer, length);
	} while (take_messages(&spec_ops[command], dump, buffer, length));
}

/* check_state() - a number for the whole state, counters left out */
uint64_t check_state(void)
{
	unsigned int i;

	hash = 0xcbf29ce484222325ull;
	members_told = 0;
	members_found = 0;
	generator.ids_count = 0;
	for (i = 1; i <= spec_ops_max; i++) {
		const struct op_spec *op = &spec_ops[i];

		if (op->name && op->reply && !op->is_notification &&
		    strcmp(op->name, "counters-get") && strcmp(op->name, "resolve"))
			take_all(i, op->has_dump);
	}
	if (members_told != members_found)
		wrong("services count %lu members, the dumps have %lu", members_told,
		      members_found);
	return hash;
}
