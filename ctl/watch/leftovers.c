// SPDX-License-Identifier: GPL-2.0-only
#include "leftovers.h"

#include <stdarg.h>
#include <stdio.h>

/**
 * svclb_leftovers_tell() - say what becomes of something
 * @leftovers: what is done
 * @what:      what kind of sentence it is
 * @format:    the sentence, as for printf()
 */
void svclb_leftovers_tell(struct svclb_leftovers *leftovers,
			  enum svclb_leftover what, const char *format, ...)
{
	char text[SVCLB_ERR_TEXT];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (what == SVCLB_LEFTOVER_REMOVED)
		leftovers->removed++;
	if (what == SVCLB_LEFTOVER_ERROR)
		leftovers->failed++;
	leftovers->tell(leftovers->data, what, text);
}

/**
 * svclb_leftovers_fail() - say that something cannot be removed
 * @leftovers: what is done
 * @err:       why
 */
void svclb_leftovers_fail(struct svclb_leftovers *leftovers,
			  const struct svclb_err *err)
{
	svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_ERROR, "%s", err->text);
}

/**
 * svclb_leftovers_warn() - say what stays, and why; for struct svclb_notes
 * @leftovers: what is done
 * @text:      the sentence
 */
void svclb_leftovers_warn(void *leftovers, const char *text)
{
	svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_WARNING, "%s", text);
}
