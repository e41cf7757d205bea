// SPDX-License-Identifier: GPL-2.0-only
/*
 * Faults that are here on purpose, one of each class: a fuzzer that does not find
 * them finds nothing. The environment variable PLANTED chooses one; without it
 * there is none.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/words.h"

/* So that the compiler leaves in what leads to it. */
static void use(const void *data)
{
	__asm__ volatile("" : : "r"(data) : "memory");
}

static void on_found(size_t len)
{
	const char *planted = getenv("PLANTED") ?: "none";
	int number = INT_MAX - 3;
	char *copy;

	if (!strcmp(planted, "overflow")) {
		copy = malloc(len);
		FUZZ_CHECK(copy);
		memset(copy, 'x', len + 1);
		use(copy);
		free(copy);
	} else if (!strcmp(planted, "undefined")) {
		number += (int)len + 1;
		use(&number);
	} else if (!strcmp(planted, "leak")) {
		use(fuzz_text((const uint8_t *)planted, len));
	} else if (!strcmp(planted, "oracle")) {
		FUZZ_CHECK(len != 3);
	}
}

int fuzz_input(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct svclb_err err = { 0 };
	struct svclb_words words;

	svclb_words_init(&words, text, size);
	while (svclb_words_next(&words, &err) > 0)
		if (words.nr == 2 && !strcmp(words.words[0], "add-svc") &&
		    !strcmp(words.words[1], "now"))
			on_found(strlen(words.words[1]));
	svclb_words_uninit(&words);
	free(text);
	return 0;
}
