/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_FUZZ_SPEC_H
#define _SVCLB_FUZZ_SPEC_H

/*
 * What the fuzzer knows of the family. The tables are generated from the
 * netlink spec by Documentation/netlink/ynl_gen.py --mode fuzz-tables.
 */

#include <stdbool.h>
#include <stdint.h>

enum attr_type {
	T_NONE,
	T_PAD,
	T_FLAG,
	T_U8,
	T_U16,
	T_U32,
	T_U64,
	T_STRING,
	T_BINARY,
	T_NEST,
};

struct set_spec;

/**
 * struct attr_spec - an attribute
 * @name:       its name
 * @type:       its type
 * @min:        lowest value of a number
 * @max:        highest value of a number
 * @length:     of a binary exactly, of a string at most and without its end
 * @nest:       what is in a nest
 * @big_endian: a number in network byte order
 * @is_enum:    a number one by one up to @max
 * @multi:      may be there several times
 * @reply_only: no request may have it
 */
struct attr_spec {
	const char *name;
	enum attr_type type;
	uint64_t min;
	uint64_t max;
	unsigned int length;
	const struct set_spec *nest;
	bool big_endian;
	bool is_enum;
	bool multi;
	bool reply_only;
};

/**
 * struct set_spec - a set of attributes
 * @name:  its name
 * @attrs: by their numbers, from 1
 * @max:   the highest number
 */
struct set_spec {
	const char *name;
	const struct attr_spec *attrs;
	unsigned int max;
};

/**
 * struct op_spec - an operation or a notification; without a name it is none
 * @name:            its name
 * @set:             its attributes
 * @request:         bits of those that requests may have
 * @reply:           bits of those that replies have
 * @has_do:          there is such a request
 * @has_dump:        there is such a dump
 * @is_notification: there is only a notification
 */
struct op_spec {
	const char *name;
	const struct set_spec *set;
	uint64_t request;
	uint64_t reply;
	bool has_do;
	bool has_dump;
	bool is_notification;
};

extern const char spec_family[];
extern const uint8_t spec_version;
extern const struct set_spec spec_sets[];
extern const unsigned int spec_sets_count;
extern const struct op_spec spec_ops[];		/* by command */
extern const unsigned int spec_ops_max;

#endif /* _SVCLB_FUZZ_SPEC_H */
