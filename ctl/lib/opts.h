/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_OPTS_H
#define SVCLB_CTL_OPTS_H

#include <stdbool.h>

#include "err.h"

/**
 * struct svclb_opt - an option
 * @name:    long name without dashes; NULL ends a table
 * @letter:  short name, or 0
 * @has_arg: whether a value follows
 * @id:      number to know it by, greater than 0
 */
struct svclb_opt {
	const char *name;
	char letter;
	bool has_arg;
	int id;
};

#define SVCLB_OPTS_END		0
#define SVCLB_OPTS_ERROR	(-1)
#define SVCLB_OPTS_WORD		(-2)

/**
 * struct svclb_opts - a walk over words, options among them
 * @words:      the words
 * @nr:         how many
 * @pos:        next word
 * @table:      options that are known
 * @shared:     more of them, or NULL: what several commands have
 * @more:       more options that are known, or NULL; finding one calls @on_more
 * @on_more:    what to do with those
 * @data:       for @on_more
 * @arg:        value of the option found, or the word found
 * @letters:    rest of a word with several short options, or NULL
 * @words_only: whether "--" was seen
 */
struct svclb_opts {
	char **words;
	int nr;
	int pos;
	const struct svclb_opt *table;
	const struct svclb_opt *shared;
	const struct svclb_opt *more;
	int (*on_more)(void *data, int id, const char *arg,
		       struct svclb_err *err);
	void *data;
	char *arg;
	char *letters;
	bool words_only;
};

int svclb_opts_next(struct svclb_opts *opts, struct svclb_err *err);

#endif /* SVCLB_CTL_OPTS_H */
