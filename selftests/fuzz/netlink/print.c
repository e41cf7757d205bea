// SPDX-License-Identifier: GPL-2.0-only
/* Requests as text, in the way of selftests/nl.h where they are sound. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#define BYTES_MAX 40
#define ATTRS_MAX 40

static void print_bytes(FILE *file, const uint8_t *data, size_t length)
{
	size_t i;

	fprintf(file, "x:");
	for (i = 0; i < length && i < BYTES_MAX; i++)
		fprintf(file, "%02x", data[i]);
	if (i < length)
		fprintf(file, "..(%zu)", length);
}

static void print_text(FILE *file, const uint8_t *data, size_t length)
{
	size_t i;

	for (i = 0; i < length && i < BYTES_MAX; i++)
		if (isgraph(data[i]) && data[i] != '%')
			fputc(data[i], file);
		else if (data[i] || i + 1 < length)
			fprintf(file, "%%%02x", data[i]);
	if (i < length)
		fprintf(file, "..(%zu)", length);
}

static bool print_number(FILE *file, const struct attr_spec *attr, const uint8_t *data,
			 size_t length)
{
	uint64_t value = 0;
	size_t i;

	if (attr->type < T_U8 || attr->type > T_U64 || length != 1u << (attr->type - T_U8))
		return false;
	for (i = 0; i < length; i++)
		value |= (uint64_t)data[attr->big_endian ? length - 1 - i : i] << 8 * i;
	fprintf(file, "%llu", (unsigned long long)value);
	return true;
}

static bool print_address(FILE *file, const struct attr_spec *attr, const uint8_t *data,
			  size_t length)
{
	char text[INET6_ADDRSTRLEN];
	int family;

	if (!strcmp(attr->name, "address4") && length == 4)
		family = AF_INET;
	else if (!strcmp(attr->name, "address6") && length == 16)
		family = AF_INET6;
	else
		return false;
	fprintf(file, "%s", inet_ntop(family, data, text, sizeof(text)));
	return true;
}

static void print_list(FILE *file, const struct set_spec *set, const uint8_t *data, size_t length,
		       unsigned int depth)
{
	unsigned int count = 0;
	size_t at = 0;

	while (at + sizeof(struct nlattr) <= length) {
		const struct attr_spec *attr = NULL;
		const uint8_t *value;
		struct nlattr header;
		unsigned int number;
		size_t size;
		bool nested;

		memcpy(&header, data + at, sizeof(header));
		number = header.nla_type & NLA_TYPE_MASK;
		if (header.nla_len < sizeof(header) || header.nla_len > length - at)
			break;
		value = data + at + sizeof(header);
		size = header.nla_len - sizeof(header);
		nested = header.nla_type & NLA_F_NESTED;
		at += NLA_ALIGN(header.nla_len);
		if (++count > ATTRS_MAX)
			continue;
		if (set && number && number <= set->max)
			attr = &set->attrs[number];
		if (attr)
			fprintf(file, " %s", attr->name);
		else
			fprintf(file, " #%u", number);
		if (nested != (attr && attr->type == T_NEST))
			fputc('~', file);
		if (header.nla_type & NLA_F_NET_BYTEORDER)
			fprintf(file, "(net-byteorder)");
		if (nested && depth < 5) {
			fputc('{', file);
			print_list(file, attr ? attr->nest : NULL, value, size, depth + 1);
			fprintf(file, " }");
			continue;
		}
		fputc('=', file);
		if (attr && (print_address(file, attr, value, size) ||
			     print_number(file, attr, value, size)))
			continue;
		if (attr && attr->type == T_STRING)
			print_text(file, value, size);
		else
			print_bytes(file, value, size);
	}
	if (count > ATTRS_MAX)
		fprintf(file, " ..(%u attributes)", count);
	if (at < length) {
		fprintf(file, " left-over=");
		print_bytes(file, data + at, length - at);
	}
}

/* print_request() - a line */
void print_request(FILE *file, const uint8_t *data, size_t length)
{
	static const char * const flags[] = {
		"request", "multi", "ack", "echo", "dump-intr", "dump-filtered", NULL, NULL,
		"root/replace", "match/excl", "atomic/create", "append"
	};
	const struct op_spec *op = NULL;
	struct nlmsghdr header = { 0 };
	struct genlmsghdr genl = { 0 };
	const size_t begin = sizeof(header) + sizeof(genl);
	unsigned int i;

	memcpy(&header, data, length < sizeof(header) ? length : sizeof(header));
	if (length >= begin)
		memcpy(&genl, data + sizeof(header), sizeof(genl));
	if (genl.cmd <= spec_ops_max && spec_ops[genl.cmd].name)
		op = &spec_ops[genl.cmd];
	fprintf(file, "%s[%u]", op ? op->name : "command", genl.cmd);
	if (header.nlmsg_type != generator.family)
		fprintf(file, " type=%u", header.nlmsg_type);
	if (header.nlmsg_len != length)
		fprintf(file, " length=%u(%zu)", header.nlmsg_len, length);
	if (genl.version != spec_version || genl.reserved || header.nlmsg_pid)
		fprintf(file, " version=%u reserved=%u pid=%u", genl.version, genl.reserved,
			header.nlmsg_pid);
	fprintf(file, " (");
	for (i = 0; i < 16; i++)
		if (header.nlmsg_flags >> i & 1)
			fprintf(file, " %s", i < ARRAY_SIZE(flags) && flags[i] ? flags[i] : "?");
	fprintf(file, " )");
	if (length > begin)
		print_list(file, op ? op->set : NULL, data + begin, length - begin, 0);
	fputc('\n', file);
}
