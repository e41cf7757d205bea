/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_WORDS_H
#define SVCLB_CTL_WORDS_H

#include <stdint.h>
#include <stdio.h>

#include "err.h"

/**
 * struct svclb_words - the words of one line of a text
 * @next:  the text that is still to be read
 * @end:   its end, where a zero byte stands
 * @line:  number of the line
 * @words: its words, in the text
 * @nr:    how many
 * @max:   for how many there is room
 */
struct svclb_words {
	char *next;
	char *end;
	uint32_t line;
	char **words;
	int nr;
	int max;
};

void svclb_words_init(struct svclb_words *words, char *text, size_t len);
void svclb_words_uninit(struct svclb_words *words);
int svclb_words_next(struct svclb_words *words, struct svclb_err *err);
void svclb_words_write(FILE *file, const char *word);

#endif /* SVCLB_CTL_WORDS_H */
