/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_DIFF_H
#define SVCLB_CTL_DIFF_H

#include <stdint.h>

#include "config.h"
#include "model.h"

/**
 * enum svclb_op_kind - a change that one request makes
 * @SVCLB_OP_SETTINGS:     change settings
 * @SVCLB_OP_SERVICE_DEL:  delete a service
 * @SVCLB_OP_FRONTEND_DEL: remove frontends from a service
 * @SVCLB_OP_SERVICE_ADD:  create a service
 * @SVCLB_OP_SERVICE_SET:  replace a service
 * @SVCLB_OP_SERVICE_EDIT: change what a service has beside its members
 * @SVCLB_OP_FRONTEND_ADD: add frontends to a service
 * @SVCLB_OP_BACKEND_ADD:  add backends to a service
 * @SVCLB_OP_BACKEND_EDIT: change backends of a service
 * @SVCLB_OP_BACKEND_DEL:  remove backends from a service
 */
enum svclb_op_kind {
	SVCLB_OP_SETTINGS,
	SVCLB_OP_SERVICE_DEL,
	SVCLB_OP_FRONTEND_DEL,
	SVCLB_OP_SERVICE_ADD,
	SVCLB_OP_SERVICE_SET,
	SVCLB_OP_SERVICE_EDIT,
	SVCLB_OP_FRONTEND_ADD,
	SVCLB_OP_BACKEND_ADD,
	SVCLB_OP_BACKEND_EDIT,
	SVCLB_OP_BACKEND_DEL,
};

/**
 * struct svclb_op - a change
 * @kind:    what it does
 * @service: the service as it shall be, or to delete: as it is
 * @first:   first of its frontends or backends in &struct svclb_diff
 * @nr:      how many; for replacing and creating, all of @service are meant
 * @attributes: what SVCLB_OP_SERVICE_EDIT changes, bits of enum
 *           svclb_service_attr
 */
struct svclb_op {
	enum svclb_op_kind kind;
	const struct svclb_service *service;
	uint32_t first;
	uint32_t nr;
	uint32_t attributes;
};

/**
 * struct svclb_diff - the changes that lead from one configuration to another
 * @ops:           the changes, in the order to make them
 * @nr_ops:        how many
 * @max_ops:       for how many there is room
 * @settings:      settings to change
 * @frontends:     frontends that changes refer to
 * @nr_frontends:  how many
 * @max_frontends: for how many there is room
 * @backends:      backends that changes refer to
 * @nr_backends:   how many
 * @max_backends:  for how many there is room
 *
 * All zero is no change. It refers to services of both configurations.
 */
struct svclb_diff {
	struct svclb_op *ops;
	uint32_t nr_ops;
	uint32_t max_ops;
	struct svclb_settings settings;
	struct svclb_frontend *frontends;
	uint32_t nr_frontends;
	uint32_t max_frontends;
	struct svclb_backend *backends;
	uint32_t nr_backends;
	uint32_t max_backends;
};

int svclb_diff_make(struct svclb_diff *diff, const struct svclb_config *from,
		    const struct svclb_config *to);
void svclb_diff_uninit(struct svclb_diff *diff);

#endif /* SVCLB_CTL_DIFF_H */
