// SPDX-License-Identifier: GPL-2.0-only
#include "tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * tap_ok() - report a test
 * @tap:    the results so far
 * @passed: whether it passed
 * @format: its name, as for printf()
 *
 * Return: @passed.
 */
bool tap_ok(struct tap *tap, bool passed, const char *format, ...)
{
	va_list args;

	printf("%s %d - ", passed ? "ok" : "not ok", ++tap->count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	tap->failed += !passed;
	return passed;
}

static void print_lines(const char *title, const char *text)
{
	const char *end;

	printf("# %s:\n", title);
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		printf("#   %.*s\n", (int)(end - text), text);
	}
}

/**
 * tap_text() - report whether a text is the expected one
 * @tap:      the results so far
 * @is:       the text
 * @expected: what it should be
 * @name:     name of the test
 *
 * Return: whether it is.
 */
bool tap_text(struct tap *tap, const char *is, const char *expected,
	      const char *name)
{
	if (tap_ok(tap, !strcmp(is, expected), "%s", name))
		return true;
	print_lines("is", is);
	print_lines("should be", expected);
	return false;
}

/**
 * tap_end() - end a test program
 * @tap: the results
 *
 * Return: the program's exit status.
 */
int tap_end(const struct tap *tap)
{
	printf("1..%d\n", tap->count);
	return tap->failed ? 1 : 0;
}
