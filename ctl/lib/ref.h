/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_REF_H
#define SVCLB_CTL_REF_H

#include <stdbool.h>
#include <stdio.h>

#include "config.h"
#include "err.h"
#include "model.h"

/**
 * struct svclb_ref - how a statement refers to a service
 * @word:    the word as it was written, or NULL
 * @key:     the frontend that it is, if @has_key
 * @has_key: whether it is the address of a frontend
 * @name:    the name that it is, or that it may be if there is no such frontend
 */
struct svclb_ref {
	const char *word;
	struct svclb_key key;
	bool has_key;
	const char *name;
};

int svclb_ref_parse(struct svclb_ref *ref, const char *word,
		    struct svclb_err *err);
struct svclb_service *svclb_ref_find(const struct svclb_ref *ref,
				     const struct svclb_config *config,
				     struct svclb_err *err);
void svclb_ref_write(FILE *file, const struct svclb_service *service);

#endif /* SVCLB_CTL_REF_H */
