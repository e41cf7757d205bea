/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_KUBEPROXY_FIELDS_H
#define SVCLB_CTL_KUBEPROXY_FIELDS_H

#include <stddef.h>

#include "kubeproxy.h"

/**
 * enum svclb_field_type - what a field of a KubeProxyConfiguration is
 * @SVCLB_FIELD_IGNORED:  whatever it is, it does nothing here
 * @SVCLB_FIELD_SECTION:  fields
 * @SVCLB_FIELD_TEXT:     text, kept as char *
 * @SVCLB_FIELD_LIST:     texts, kept as char * with commas
 * @SVCLB_FIELD_SWITCH:   true or false, kept as bool
 * @SVCLB_FIELD_COUNT:    a number from 0, kept as uint32_t
 * @SVCLB_FIELD_SCORE:    a number from -1000 to 1000, kept as int
 * @SVCLB_FIELD_DURATION: text, kept as milliseconds in uint64_t
 */
enum svclb_field_type {
	SVCLB_FIELD_IGNORED,
	SVCLB_FIELD_SECTION,
	SVCLB_FIELD_TEXT,
	SVCLB_FIELD_LIST,
	SVCLB_FIELD_SWITCH,
	SVCLB_FIELD_COUNT,
	SVCLB_FIELD_SCORE,
	SVCLB_FIELD_DURATION,
};

/**
 * struct svclb_field - a field of a KubeProxyConfiguration
 * @name:   its name; NULL ends a table
 * @type:   what it is
 * @offset: where in struct svclb_kubeproxy it is kept
 * @fields: of a section
 * @advice: what to do instead of what is ignored; NULL where there is nothing
 *          to be done
 * @usual:  value of what is ignored that means what is done anyway, or NULL
 */
struct svclb_field {
	const char *name;
	enum svclb_field_type type;
	size_t offset;
	const struct svclb_field *fields;
	const char *advice;
	const char *usual;
};

extern const struct svclb_field svclb_kubeproxy_fields[];

#endif /* SVCLB_CTL_KUBEPROXY_FIELDS_H */
