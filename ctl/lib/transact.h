/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TRANSACT_H
#define SVCLB_CTL_TRANSACT_H

#include "config.h"
#include "err.h"
#include "nl.h"

/**
 * struct svclb_submission - changes that are made as far as the kernel obeys
 * @refused:    told of each refusal: the service as it should have become, or
 *              to delete: as it is; NULL for the settings. After all is sent
 * @data:       for @refused
 * @requests:   becomes how many requests were sent
 * @nr_refused: becomes how many of them were refused
 */
struct svclb_submission {
	void (*refused)(void *data, const struct svclb_service *service,
			int number, const char *text);
	void *data;
	uint32_t requests;
	uint32_t nr_refused;
};

int svclb_submit(struct svclb_nl *nl, const struct svclb_config *from,
		 const struct svclb_config *to,
		 struct svclb_submission *submission, struct svclb_err *err);
int svclb_transact(struct svclb_nl *nl, const char *file,
		   const struct svclb_config *from,
		   const struct svclb_config *to, struct svclb_err *err);

#endif /* SVCLB_CTL_TRANSACT_H */
