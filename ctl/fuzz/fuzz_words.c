// SPDX-License-Identifier: GPL-2.0-only
/*
 * A text, read as lines of words, and each line as options. A word that is
 * written must be read again as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/opts.h"
#include "lib/words.h"

static const struct svclb_opt table[] = {
	{ "name", 'n', true, 1 },
	{ "node-port", 0, true, 2 },
	{ "no-node-port", 0, false, 3 },
	{ "no", 'x', false, 4 },
	{ 0 }
};

static const struct svclb_opt more[] = {
	{ "name-of-all", 'a', true, 5 },
	{ "json", 'j', false, 6 },
	{ "node", 0, false, 7 },
	{ 0 }
};

static int on_more(void *data, int id, const char *arg, struct svclb_err *err)
{
	int *mores = data;

	(void)err;
	FUZZ_CHECK(id >= 5 && id <= 7 && (id != 5 || arg));
	*mores += 1;
	return 0;
}

static void check_opts(struct svclb_words *words)
{
	int mores = 0, steps = 0, id;
	struct svclb_err err = { 0 };
	size_t letters = 0, i;
	struct svclb_opts opts = {
		.words = words->words,
		.nr = words->nr,
		.table = table,
		.more = more,
		.on_more = on_more,
		.data = &mores,
	};

	for (i = 0; i < (size_t)words->nr; i++)
		letters += strlen(words->words[i]) + 1;
	while ((id = svclb_opts_next(&opts, &err)) != SVCLB_OPTS_END) {
		if (id == SVCLB_OPTS_ERROR) {
			FUZZ_CHECK(*err.text);
			return;
		}
		FUZZ_CHECK(id == SVCLB_OPTS_WORD || (id >= 1 && id <= 4));
		if (id == SVCLB_OPTS_WORD || id <= 2)
			FUZZ_CHECK(opts.arg);
		FUZZ_CHECK(steps++ < (int)letters);
	}
	FUZZ_CHECK(opts.pos == opts.nr && (size_t)mores <= letters);
}

static void check_line(const struct svclb_words *words)
{
	struct svclb_err err = { 0 };
	struct svclb_words again;
	struct fuzz_output output;
	int i;

	/* Statements have no use for an empty word, and cannot write one. */
	for (i = 0; i < words->nr; i++) {
		FUZZ_CHECK(!strchr(words->words[i], '\n'));
		if (!*words->words[i])
			return;
	}
	fuzz_output_begin(&output);
	for (i = 0; i < words->nr; i++) {
		if (i)
			putc(' ', output.file);
		svclb_words_write(output.file, words->words[i]);
	}
	putc('\n', output.file);
	fuzz_output_end(&output);
	svclb_words_init(&again, output.text, output.len);
	FUZZ_CHECK(svclb_words_next(&again, &err) == 1);
	FUZZ_CHECK(again.nr == words->nr);
	for (i = 0; i < words->nr; i++)
		FUZZ_CHECK(!strcmp(again.words[i], words->words[i]));
	FUZZ_CHECK(!svclb_words_next(&again, &err));
	svclb_words_uninit(&again);
	free(output.text);
}

static uint32_t lines_of(const uint8_t *data, size_t size)
{
	uint32_t lines = size && data[size - 1] != '\n';

	while (size--)
		lines += data[size] == '\n';
	return lines;
}

int fuzz_input(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct svclb_err err = { 0 };
	struct svclb_words words;
	int result;

	svclb_words_init(&words, text, size);
	while ((result = svclb_words_next(&words, &err)) > 0) {
		check_line(&words);
		check_opts(&words);
	}
	FUZZ_CHECK(!result || (err.code == SVCLB_ERR_INPUT && *err.text));
	FUZZ_CHECK(result || words.line == lines_of(data, size));
	svclb_words_uninit(&words);
	free(text);
	return 0;
}
