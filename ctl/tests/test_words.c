// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/opts.h"
#include "lib/words.h"
#include "tap.h"

/* Puts words together: lines end with ;, words are in angle brackets. */
static void join(char *text, size_t size, char *file, size_t len)
{
	struct svclb_err err = { 0 };
	struct svclb_words words;
	size_t used = 0;
	int result, i;

	svclb_words_init(&words, file, len);
	while ((result = svclb_words_next(&words, &err)) > 0) {
		for (i = 0; i < words.nr; i++)
			used += snprintf(text + used, size - used, "<%s>",
					 words.words[i]);
		used += snprintf(text + used, size - used, ";");
	}
	if (result < 0)
		snprintf(text + used, size - used, "!%u:%s", words.line,
			 err.text);
	svclb_words_uninit(&words);
}

static void check(struct tap *tap, const char *file, size_t len,
		  const char *expected)
{
	char text[512] = "", *copy = malloc(len + 1);

	/* Of its own size, so that reading behind it is noticed. */
	memcpy(copy, file, len);
	copy[len] = '\0';
	join(text, sizeof(text), copy, len);
	tap_text(tap, text, expected, expected);
	free(copy);
}

static void test_words(struct tap *tap)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "\n", ";" },
		{ "a", "<a>;" },
		{ "a b\n", "<a><b>;" },
		{ "  a \t b \x20\n\n c", "<a><b>;;<c>;" },
		{ "a\r\nb\r\n", "<a>;<b>;" },
		{ "# all\na # rest\nb#c #", ";<a>;<b#c>;" },
		{ "'a b' \"c d\"\n", "<a b><c d>;" },
		{ "a'b'c\"d\"e", "<abcde>;" },
		{ "'a\"b' \"c'd\" \"e\\\"f\\\\g\"", "<a\"b><c'd><e\"f\\g>;" },
		{ "a\\ b \\#c \\\\", "<a b><#c><\\>;" },
		{ "'#a' '' b", "<#a><><b>;" },
		{ "a 'b\nc'", "!1:a closing quote is missing" },
		{ "x\na \"b", "<x>;!2:a closing quote is missing" },
		{ "a \\\nb", "!1:nothing follows the backslash" },
		{ "a \\", "!1:nothing follows the backslash" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(tap, cases[i][0], strlen(cases[i][0]), cases[i][1]);
	check(tap, "a\0b", 3, "!1:there is a zero byte: not a text file");
	check(tap, "a\n\0", 3, "<a>;!2:there is a zero byte: not a text file");
}

/* What is written is read back as it was. */
static void test_write(struct tap *tap)
{
	static const char *const words[] = {
		"plain", "#hash", "a#b", "it's", "\"quoted\"", "both'\"", "\\",
		"a\\'\"b", "--option", "'", "\"",
	};
	char text[256], expected[256], is[512];
	FILE *file;
	size_t i, len;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		file = fmemopen(text, sizeof(text), "w");
		svclb_words_write(file, words[i]);
		len = ftell(file);
		fclose(file);
		snprintf(expected, sizeof(expected), "<%s>;", words[i]);
		*is = '\0';
		join(is, sizeof(is), text, len);
		tap_text(tap, is, expected, words[i]);
	}
}

static const struct svclb_opt options[] = {
	{ "flag", 'f', false, 1 },
	{ "value", 'v', true, 2 },
	{ "variant", 0, false, 3 },
	{ 0 }
};

static const struct svclb_opt more[] = {
	{ "json", 'j', false, 10 },
	{ "netns", 'n', true, 11 },
	{ "flagship", 0, false, 12 },
	{ 0 }
};

/**
 * struct trace - what a walk over options found, as text
 * @text: the text
 * @used: how much of it there is
 */
struct trace {
	char text[256];
	size_t used;
};

static void trace(struct trace *trace, int id, const char *arg)
{
	trace->used += snprintf(trace->text + trace->used,
				sizeof(trace->text) - trace->used, "%d%s%s ",
				id, arg ? "=" : "", arg ? arg : "");
}

static int on_more(void *data, int id, const char *arg, struct svclb_err *err)
{
	(void)err;
	trace(data, id, arg);
	return 0;
}

static void check_options(struct tap *tap, const char *line,
			  const char *expected)
{
	struct trace found = { 0 };
	struct svclb_opts opts = {
		.table = options,
		.more = more,
		.on_more = on_more,
		.data = &found,
	};
	struct svclb_words words;
	struct svclb_err err;
	char copy[128];
	int id;

	snprintf(copy, sizeof(copy), "%s", line);
	svclb_words_init(&words, copy, strlen(copy));
	svclb_words_next(&words, &err);
	opts.words = words.words;
	opts.nr = words.nr;
	while ((id = svclb_opts_next(&opts, &err)) != SVCLB_OPTS_END) {
		trace(&found, id, opts.arg);
		if (id == SVCLB_OPTS_ERROR) {
			trace(&found, 0, err.text);
			break;
		}
	}
	tap_text(tap, found.text, expected, line);
	svclb_words_uninit(&words);
}

static void test_options(struct tap *tap)
{
	check_options(tap, "a b", "-2=a -2=b ");
	check_options(tap, "a --flag b", "-2=a 1 -2=b ");
	check_options(tap, "--value x --value=y --value=", "2=x 2=y 2= ");
	check_options(tap, "-v x -vy -fvz", "2=x 2=y 1 2=z ");
	check_options(tap, "-jf -fj -jn red", "10 1 1 10 10 11=red ");
	check_options(tap, "--flag --flags --js --val 1 --net=a",
		      "1 12 10 2=1 11=a ");
	check_options(tap, "-- -f --value -- -", "-2=-f -2=--value -2=-- -2=- ");
	check_options(tap, "- x", "-2=- -2=x ");
	check_options(tap, "--fla", "-1 0=ambiguous option '--fla' ");
	check_options(tap, "--va", "-1 0=ambiguous option '--va' ");
	check_options(tap, "--nope", "-1 0=unknown option '--nope' ");
	check_options(tap, "-x", "-1 0=unknown option '-x' ");
	check_options(tap, "--value", "-1 0=a value is needed by option '--value' ");
	check_options(tap, "-fv", "1 -1 0=a value is needed by option '-v' ");
	check_options(tap, "--flag=1", "-1 0=no value is taken by option '--flag' ");
}

int main(void)
{
	struct tap tap = { 0 };

	test_words(&tap);
	test_write(&tap);
	test_options(&tap);
	return tap_end(&tap);
}
