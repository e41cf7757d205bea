// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options for command lines and files alike: they may stand before or after
 * words, long ones may be cut short where that is unambiguous.
 */
#include "opts.h"

#include <stddef.h>
#include <string.h>

static int input_error(struct svclb_err *err, const char *dashes, size_t len,
		       const char *name, const char *what)
{
	svclb_err_set(err, SVCLB_ERR_INPUT, "%s '%s%.*s'", what, dashes,
		      len > 80 ? 80 : (int)len, name);
	return SVCLB_OPTS_ERROR;
}

/* Counts the options of a table that fit; *found becomes the best of them. */
static int match_long(const struct svclb_opt *opt, const char *name, size_t len,
		      const struct svclb_opt **found)
{
	int matches = 0;

	for (; opt && opt->name; opt++) {
		if (strncmp(opt->name, name, len) != 0)
			continue;
		*found = opt;
		if (!opt->name[len])
			return 1;
		matches++;
	}
	return matches;
}

/* As match_long() in two tables. */
static int match_both(const struct svclb_opt *const tables[2], const char *name,
		      size_t len, const struct svclb_opt **found)
{
	const struct svclb_opt *other = NULL;
	int matches, more;

	matches = match_long(tables[0], name, len, found);
	if (*found && !(*found)->name[len])
		return 1;
	more = match_long(tables[1], name, len, &other);
	if (other && !other->name[len])
		matches = 0;
	if (other)
		*found = other;
	return matches + more;
}

/* What to return for an option: more than its id if others take care of it. */
static int deliver(struct svclb_opts *opts, const struct svclb_opt *found,
		   bool is_more, struct svclb_err *err)
{
	if (!is_more)
		return found->id;
	if (opts->on_more(opts->data, found->id, opts->arg, err))
		return SVCLB_OPTS_ERROR;
	return svclb_opts_next(opts, err);
}

static const struct svclb_opt *find_long(const struct svclb_opts *opts,
					 const char *name, size_t len,
					 bool *is_more, int *matches)
{
	const struct svclb_opt *found = NULL, *other = NULL;
	const struct svclb_opt *const own[2] = { opts->table, opts->shared };

	*is_more = false;
	*matches = match_both(own, name, len, &found);
	if (found && !found->name[len])
		return found;
	*matches += match_long(opts->more, name, len, &other);
	if (!other || (found && other->name[len]))
		return found;
	if (!other->name[len])
		*matches = 1;
	*is_more = true;
	return other;
}

static int next_long(struct svclb_opts *opts, char *name, struct svclb_err *err)
{
	const struct svclb_opt *found;
	size_t len = strcspn(name, "=");
	bool is_more;
	int matches;

	found = find_long(opts, name, len, &is_more, &matches);
	if (!found)
		return input_error(err, "--", len, name, "unknown option");
	if (matches > 1)
		return input_error(err, "--", len, name, "ambiguous option");
	if (!found->has_arg && name[len])
		return input_error(err, "--", len, name,
				   "no value is taken by option");
	if (!found->has_arg)
		return deliver(opts, found, is_more, err);
	if (name[len])
		opts->arg = name + len + 1;
	else if (opts->pos < opts->nr)
		opts->arg = opts->words[opts->pos++];
	else
		return input_error(err, "--", len, name,
				   "a value is needed by option");
	return deliver(opts, found, is_more, err);
}

static const struct svclb_opt *match_letter(const struct svclb_opt *opt,
					    char letter)
{
	for (; opt && opt->name; opt++)
		if (opt->letter == letter)
			return opt;
	return NULL;
}

static int next_letter(struct svclb_opts *opts, struct svclb_err *err)
{
	const struct svclb_opt *found;
	char *letter = opts->letters++;
	bool is_more = false;

	if (!*opts->letters)
		opts->letters = NULL;
	found = match_letter(opts->table, *letter);
	if (!found)
		found = match_letter(opts->shared, *letter);
	if (!found) {
		found = match_letter(opts->more, *letter);
		is_more = true;
	}
	if (!found)
		return input_error(err, "-", 1, letter, "unknown option");
	if (!found->has_arg)
		return deliver(opts, found, is_more, err);
	if (opts->letters)
		opts->arg = opts->letters;
	else if (opts->pos < opts->nr)
		opts->arg = opts->words[opts->pos++];
	else
		return input_error(err, "-", 1, letter,
				   "a value is needed by option");
	opts->letters = NULL;
	return deliver(opts, found, is_more, err);
}

/**
 * svclb_opts_next() - go on with a walk
 * @opts: the walk; its arg becomes the option's value or the word
 * @err:  for errors
 *
 * Return: id of an option, or one of SVCLB_OPTS_*.
 */
int svclb_opts_next(struct svclb_opts *opts, struct svclb_err *err)
{
	char *word;

	opts->arg = NULL;
	if (opts->letters)
		return next_letter(opts, err);
	if (opts->pos >= opts->nr)
		return SVCLB_OPTS_END;
	word = opts->words[opts->pos++];
	if (opts->words_only || word[0] != '-' || !word[1]) {
		opts->arg = word;
		return SVCLB_OPTS_WORD;
	}
	if (word[1] != '-') {
		opts->letters = word + 1;
		return next_letter(opts, err);
	}
	if (word[2])
		return next_long(opts, word + 2, err);
	opts->words_only = true;
	return svclb_opts_next(opts, err);
}
