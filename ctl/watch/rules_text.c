// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reads a table as iptables-save prints it. What it prints is a program's word
 * about what others made, so whatever does not look as it should is an error,
 * and nothing is guessed.
 */
#include "rules_text.h"

#include <string.h>

#include "leftover_names.h"

/**
 * svclb_word_is() - compare a word
 * @word: the word
 * @text: with this
 *
 * Return: whether they are equal.
 */
bool svclb_word_is(struct svclb_word word, const char *text)
{
	return word.len == strlen(text) && !memcmp(word.text, text, word.len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Takes the next word; 0 at the end, -1 for a quote that is not closed. */
static int next_word(struct svclb_word *rest, struct svclb_word *word)
{
	const char *at = rest->text, *end = at + rest->len;
	bool quoted = false;

	while (at < end && is_blank(*at))
		at++;
	word->text = at;
	while (at < end && (quoted || !is_blank(*at))) {
		if (*at == '\\' && quoted && at + 1 < end)
			at++;
		else if (*at == '"')
			quoted = !quoted;
		at++;
	}
	word->len = at - word->text;
	rest->text = at;
	rest->len = end - at;
	if (quoted)
		return -1;
	return word->len > 0;
}

static bool is_name(struct svclb_word word)
{
	size_t i;

	if (!word.len || word.len >= SVCLB_IPTABLES_NAME)
		return false;
	for (i = 0; i < word.len; i++)
		if (word.text[i] <= ' ' || word.text[i] > '~' ||
		    word.text[i] == '"' || word.text[i] == '\\')
			return false;
	return true;
}

/*
 * One option of a rule, whose value may follow; -1 if the line is wrong. Values
 * of options that are not known here come by as words of their own, and do as
 * little.
 */
static int read_option(struct svclb_iptables_rule *rule,
		       struct svclb_word option, struct svclb_word *rest,
		       bool *commented)
{
	struct svclb_word value;

	if (svclb_word_is(option, "-j") || svclb_word_is(option, "-g")) {
		if (rule->target.len)
			return 0;
		return next_word(rest, &rule->target) > 0 ? 0 : -1;
	}
	if (svclb_word_is(option, "-m")) {
		if (next_word(rest, &value) <= 0)
			return -1;
		if (!svclb_word_is(value, "comment") &&
		    !svclb_word_is(value, "conntrack"))
			rule->plain = false;
		return 0;
	}
	if (svclb_word_is(option, "--comment")) {
		*commented = true;
		return next_word(rest, &value) > 0 ? 0 : -1;
	}
	if (svclb_word_is(option, "--ctstate")) {
		if (next_word(rest, &value) <= 0)
			return -1;
		if (!svclb_word_is(value, "NEW"))
			rule->plain = false;
		return 0;
	}
	rule->plain = false;
	if (svclb_word_is(option, "--match-set")) {
		if (next_word(rest, &value) <= 0)
			return -1;
		if (svclb_leftover_set(value.text, value.len))
			rule->proxy_set = true;
	}
	return 0;
}

static int read_rule(struct svclb_word line, struct svclb_iptables_rule *rule)
{
	struct svclb_word word, rest = line;
	bool commented = false;
	int result;

	*rule = (struct svclb_iptables_rule){ .plain = true };
	if (next_word(&rest, &word) <= 0 || next_word(&rest, &rule->chain) <= 0)
		return -1;
	rule->spec = rest;
	while ((result = next_word(&rest, &word)) > 0)
		if (read_option(rule, word, &rest, &commented))
			return -1;
	rule->plain = rule->plain && commented;
	return result;
}

/* ":NAME POLICY [PACKETS:BYTES]" */
static int read_chain(struct svclb_word line,
		      struct svclb_iptables_chain *chain)
{
	struct svclb_word rest = { line.text + 1, line.len - 1 };

	if (next_word(&rest, &chain->name) <= 0 || !is_name(chain->name) ||
	    next_word(&rest, &chain->policy) <= 0 || !is_name(chain->policy))
		return -1;
	return 0;
}

/**
 * enum place - where in the text a line is
 * @BEFORE: before the table
 * @CHAINS: in it, and there was no rule yet
 * @RULES:  behind the first rule
 * @BEHIND: behind the table
 */
enum place {
	BEFORE,
	CHAINS,
	RULES,
	BEHIND,
};

static int bad_line(struct svclb_word line, struct svclb_err *err)
{
	size_t len = line.len < 200 ? line.len : 200, i;
	char text[201];

	for (i = 0; i < len; i++)
		text[i] = line.text[i] < ' ' || line.text[i] > '~' ?
			  '?' : line.text[i];
	text[len] = '\0';
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "this line cannot be understood: %s", text);
}

static int read_line(const struct svclb_iptables_reader *reader,
		     struct svclb_word line, const char *table,
		     enum place *place, struct svclb_err *err)
{
	struct svclb_iptables_chain chain;
	struct svclb_iptables_rule rule;

	if (!line.len || *line.text == '#')
		return 0;
	if (*place == BEFORE && *line.text == '*') {
		line.text++;
		line.len--;
		*place = CHAINS;
		return svclb_word_is(line, table) ? 0 : bad_line(line, err);
	}
	if (*place == CHAINS && *line.text == ':' && !read_chain(line, &chain))
		return reader->chain(reader->data, &chain, err);
	if (*place != CHAINS && *place != RULES)
		return bad_line(line, err);
	if (svclb_word_is(line, "COMMIT")) {
		*place = BEHIND;
		return 0;
	}
	*place = RULES;
	if (line.len < 3 || memcmp(line.text, "-A ", 3) != 0 ||
	    read_rule(line, &rule))
		return bad_line(line, err);
	return reader->rule(reader->data, &rule, err);
}

/* iptables-nft says so in a comment, and shows nothing. */
static int no_table(const char *table, const char *text, size_t len,
		    struct svclb_err *err)
{
	static const char sign[] = "is incompatible, use 'nft' tool";

	if (memmem(text, len, sign, strlen(sign)))
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "table %s has rules that it cannot show, as nft made them",
				     table);
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "table %s does not come out whole", table);
}

/**
 * svclb_iptables_read() - read what iptables-save prints of one table
 * @table:  name of the table
 * @text:   what it prints
 * @len:    length of the text
 * @reader: who is told
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_iptables_read(const char *table, const char *text, size_t len,
			const struct svclb_iptables_reader *reader,
			struct svclb_err *err)
{
	enum place place = BEFORE;
	const char *at = text, *end = text + len, *newline;
	struct svclb_word line;

	if (memchr(text, '\0', len))
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "there is a zero byte in table %s", table);
	for (; at < end; at = newline + 1) {
		newline = memchr(at, '\n', end - at);
		if (!newline)
			break;
		line = (struct svclb_word){ at, newline - at };
		if (read_line(reader, line, table, &place, err))
			return -1;
	}
	if (place != BEHIND || at < end)
		return no_table(table, text, len, err);
	return 0;
}
