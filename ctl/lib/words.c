// SPDX-License-Identifier: GPL-2.0-only
/*
 * From text to words, in one pass and in place.
 *
 * Words are separated by blanks. A # at the beginning of a word makes the rest
 * of the line a comment. Single quotes protect everything; double quotes
 * everything but the backslash, which also without quotes protects what follows.
 */
#include "words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum class {
	PLAIN,
	BLANK,
	LINE_END,
	QUOTE,
};

static const uint8_t classes[256] = {
	['\0'] = LINE_END,
	['\n'] = LINE_END,
	['\t'] = BLANK,
	['\r'] = BLANK,
	[' '] = BLANK,
	['\''] = QUOTE,
	['"'] = QUOTE,
	['\\'] = QUOTE,
};

static enum class class_of(char c)
{
	return classes[(unsigned char)c];
}

/**
 * svclb_words_init() - begin to read a text
 * @words: the reader
 * @text:  the text, which is changed by the way; a zero byte follows it
 * @len:   its length
 */
void svclb_words_init(struct svclb_words *words, char *text, size_t len)
{
	*words = (struct svclb_words){ .next = text, .end = text + len };
}

/**
 * svclb_words_uninit() - free what a reader holds, which is not the text
 * @words: the reader
 */
void svclb_words_uninit(struct svclb_words *words)
{
	free(words->words);
	words->words = NULL;
}

static bool is_blank(char c)
{
	return class_of(c) == BLANK;
}

static int add_word(struct svclb_words *words, char *word,
		    struct svclb_err *err)
{
	int room = words->max ? words->max * 2 : 32;
	char **bigger;

	if (words->nr == words->max) {
		bigger = realloc(words->words, room * sizeof(*bigger));
		if (!bigger)
			return svclb_err_memory(err);
		words->words = bigger;
		words->max = room;
	}
	words->words[words->nr++] = word;
	return 0;
}

/*
 * Reads what stands in quotes. Returns what follows the closing quote, NULL if
 * there is none on the line.
 */
static char *read_quoted(char *from, char **to, char quote)
{
	for (; *from && *from != '\n'; from++) {
		if (*from == quote)
			return from + 1;
		if (quote == '"' && *from == '\\' && from[1] &&
		    from[1] != '\n')
			from++;
		*(*to)++ = *from;
	}
	return NULL;
}

/* Reads a word with quotes or backslashes in it; *rest becomes what follows. */
static int read_special(char *from, char *to, char **rest,
			struct svclb_err *err)
{
	while (class_of(*from) == PLAIN || class_of(*from) == QUOTE) {
		if (*from == '\'' || *from == '"') {
			from = read_quoted(from + 1, &to, *from);
			if (!from)
				return svclb_err_set(err, SVCLB_ERR_INPUT,
						     "a closing quote is missing");
			continue;
		}
		if (*from == '\\') {
			from++;
			if (!*from || *from == '\n')
				return svclb_err_set(err, SVCLB_ERR_INPUT,
						     "nothing follows the backslash");
		}
		*to++ = *from++;
	}
	*rest = from;
	/* Quotes are longer than what is in them: this is not yet *rest. */
	if (to < from)
		*to = '\0';
	return 0;
}

/* Ends a word where @end is, and the line if that ends there. */
static bool end_word(struct svclb_words *words, char *end)
{
	bool more = is_blank(*end);

	words->next = end < words->end ? end + 1 : end;
	*end = '\0';
	return more;
}

/**
 * svclb_words_next() - read the next line
 * @words: the reader
 * @err:   for errors, without the line number
 *
 * Return: 1 with the line's words, of which there may be none; 0 at the end;
 * or -1.
 */
int svclb_words_next(struct svclb_words *words, struct svclb_err *err)
{
	char *at = words->next, *word;

	words->nr = 0;
	if (at >= words->end)
		return 0;
	words->line++;
	for (;;) {
		while (is_blank(*at))
			at++;
		if (*at == '#')
			at += strcspn(at, "\n");
		if (!*at || *at == '\n')
			break;
		word = at;
		while (class_of(*at) == PLAIN)
			at++;
		if (class_of(*at) == QUOTE && read_special(at, at, &at, err))
			return -1;
		if (add_word(words, word, err))
			return -1;
		if (!*at && at < words->end)
			break;
		if (!end_word(words, at))
			return 1;
		at = words->next;
	}
	if (!*at && at < words->end)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "there is a zero byte: not a text file");
	end_word(words, at);
	return 1;
}

/**
 * svclb_words_write() - write a word so that it will be read as it is
 * @file: where to write
 * @word: the word; not empty, without newlines
 */
void svclb_words_write(FILE *file, const char *word)
{
	if (*word != '#' && !strpbrk(word, "'\"\\ \t\r")) {
		fputs(word, file);
		return;
	}
	if (!strchr(word, '\'')) {
		fprintf(file, "'%s'", word);
		return;
	}
	putc('"', file);
	for (; *word; word++) {
		if (*word == '"' || *word == '\\')
			putc('\\', file);
		putc(*word, file);
	}
	putc('"', file);
}
