// SPDX-License-Identifier: GPL-2.0-only
#include "metrics_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_FIRST 16384

/**
 * svclb_metrics_put() - add bytes
 * @text:  the text
 * @bytes: the bytes
 * @len:   how many
 */
void svclb_metrics_put(struct svclb_metrics_text *text, const char *bytes,
		       size_t len)
{
	size_t max = text->max ? text->max : TEXT_FIRST;
	char *bigger;

	if (text->failed)
		return;
	while (max - text->len < len)
		max *= 2;
	if (max != text->max) {
		bigger = realloc(text->at, max);
		if (!bigger) {
			text->failed = true;
			return;
		}
		text->at = bigger;
		text->max = max;
	}
	memcpy(text->at + text->len, bytes, len);
	text->len += len;
}

/**
 * svclb_metrics_puts() - add a string
 * @text:   the text
 * @string: the string
 */
void svclb_metrics_puts(struct svclb_metrics_text *text, const char *string)
{
	svclb_metrics_put(text, string, strlen(string));
}

/**
 * svclb_metrics_put_u64() - add a number
 * @text:   the text
 * @number: the number
 */
void svclb_metrics_put_u64(struct svclb_metrics_text *text, uint64_t number)
{
	char digits[20];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	svclb_metrics_put(text, digits + first, sizeof(digits) - first);
}

/**
 * svclb_metrics_put_double() - add a number that need not be whole
 * @text:   the text
 * @number: the number
 *
 * It is written short if that means the same.
 */
void svclb_metrics_put_double(struct svclb_metrics_text *text, double number)
{
	char digits[32];

	snprintf(digits, sizeof(digits), "%.15g", number);
	if (strtod(digits, NULL) != number)
		snprintf(digits, sizeof(digits), "%.17g", number);
	svclb_metrics_puts(text, digits);
}

/* Length of the UTF-8 sequence that begins here, 0 if none does. */
static size_t sequence(const unsigned char *at, size_t len)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t need, i;
	uint32_t code;

	if (*at < 0x80)
		return 1;
	need = *at >= 0xf0 ? 4 : *at >= 0xe0 ? 3 : 2;
	if (*at < 0xc2 || *at > 0xf4 || need > len)
		return 0;
	code = *at & (0x7f >> need);
	for (i = 1; i < need; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[need] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return need;
}

static void put_character(struct svclb_metrics_text *text, const char *at,
			  size_t len)
{
	char code[8];

	if (*at == '\\' || *at == '"') {
		svclb_metrics_put(text, "\\", 1);
		svclb_metrics_put(text, at, 1);
	} else if (*at == '\n') {
		svclb_metrics_put(text, "\\n", 2);
	} else if (len) {
		svclb_metrics_put(text, at, len);
	} else {
		snprintf(code, sizeof(code), "\\\\x%02x", (unsigned char)*at);
		svclb_metrics_puts(text, code);
	}
}

/**
 * svclb_metrics_put_label() - add a label
 * @text:  the text
 * @name:  its name; a comma and whatever else comes before is part of it
 * @value: its value
 * @len:   how many bytes that has
 *
 * Whoever reads metrics refuses them all for one byte that is no UTF-8, so such
 * a byte is told by its number.
 */
void svclb_metrics_put_label(struct svclb_metrics_text *text, const char *name,
			     const char *value, size_t len)
{
	size_t plain = 0, step;

	svclb_metrics_puts(text, name);
	svclb_metrics_put(text, "=\"", 2);
	while (plain < len) {
		const unsigned char *at = (const unsigned char *)value + plain;

		step = sequence(at, len - plain);
		if (step && *at != '\\' && *at != '"' && *at != '\n') {
			plain += step;
			continue;
		}
		svclb_metrics_put(text, value, plain);
		put_character(text, value + plain, step);
		plain += step ? step : 1;
		value += plain;
		len -= plain;
		plain = 0;
	}
	svclb_metrics_put(text, value, len);
	svclb_metrics_put(text, "\"", 1);
}
