/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_STMT_H
#define SVCLB_CTL_STMT_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "err.h"
#include "grammar.h"
#include "model.h"
#include "opts.h"
#include "ref.h"

/**
 * struct svclb_stmt - a statement: a command line, or a line of a file
 * @verb:           what it asks for
 * @line:           line of the file, or 0
 * @has_ref:        whether it is about a service that is there
 * @ref:            that service
 * @subject:        word to name the statement by in errors, or NULL
 * @name:           name given to a new service, or NULL
 * @family:         family that was given, or 0
 * @proto:          protocol that was given, or 0
 * @sched:          scheduler that was given, or SVCLB_SCHED_DEFAULT
 * @internal:       policy for VIPs that was given, or SVCLB_POLICY_NONE
 * @external:       policy for all other frontends, likewise
 * @attributes:     which of the following were given, bits of enum
 *                  svclb_service_attr; ranges are in @added
 * @generation:     the generation
 * @affinity:       affinity timeout in seconds
 * @syn_failover:   whether connections leave a backend that does not answer
 * @replace:        whether an existing service may be replaced
 * @denied:         lists of settings that were emptied, SVCLB_GIVEN_*
 * @no_ranges:      whether the list of source ranges was emptied
 * @count:          number of services that a file ends with
 * @settings:       settings that were given
 * @added:          frontends to add, a service without slot
 * @removed:        frontends to remove, likewise
 *
 * Words and texts belong to the caller. @added also holds the endpoints and the
 * source ranges. Keys may lack family and protocol until svclb_stmt_complete(),
 * and their port until svclb_stmt_fill_ports().
 */
struct svclb_stmt {
	enum svclb_verb verb;
	uint32_t line;
	bool has_ref;
	struct svclb_ref ref;
	const char *subject;
	const char *name;
	uint8_t family;
	uint8_t proto;
	uint8_t sched;
	uint8_t internal;
	uint8_t external;
	uint32_t attributes;
	uint64_t generation;
	uint32_t affinity;
	bool syn_failover;
	bool replace;
	uint32_t denied;
	bool no_ranges;
	uint64_t count;
	struct svclb_settings settings;
	struct svclb_service added;
	struct svclb_service removed;
};

/* Policy that was not given. */
#define SVCLB_POLICY_NONE 0xff

int svclb_stmt_set_option(struct svclb_stmt *stmt, int id, const char *arg,
			  struct svclb_err *err);
int svclb_stmt_check_settings(const struct svclb_stmt *stmt,
			      struct svclb_err *err);
int svclb_stmt_parse(struct svclb_stmt *stmt, enum svclb_verb verb,
		     struct svclb_opts *opts, struct svclb_err *err);
int svclb_stmt_complete(struct svclb_stmt *stmt, uint8_t family, uint8_t proto,
			struct svclb_err *err);
int svclb_stmt_fill_ports(struct svclb_stmt *stmt,
			  const struct svclb_service *service,
			  struct svclb_err *err);
void svclb_stmt_uninit(struct svclb_stmt *stmt);

#endif /* SVCLB_CTL_STMT_H */
