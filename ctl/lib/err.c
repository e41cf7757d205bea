// SPDX-License-Identifier: GPL-2.0-only
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/**
 * svclb_err_set() - say what went wrong
 * @err:    the error to fill
 * @code:   kind of error
 * @format: text, as for printf()
 *
 * Return: -1, so that callers can return it.
 */
int svclb_err_set(struct svclb_err *err, enum svclb_err_code code,
		  const char *format, ...)
{
	va_list args;

	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -1;
}

/**
 * svclb_err_prefix() - say where it went wrong
 * @err:    the error, filled
 * @format: text to stand before the present one, as for printf()
 *
 * Return: -1.
 */
int svclb_err_prefix(struct svclb_err *err, const char *format, ...)
{
	char old[SVCLB_ERR_TEXT];
	va_list args;
	size_t used;

	memcpy(old, err->text, sizeof(old));
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, "%s", old);
	return -1;
}

/**
 * svclb_err_append() - say more about it
 * @err:    the error, filled
 * @format: text to stand behind the present one, as for printf()
 *
 * Return: -1.
 */
int svclb_err_append(struct svclb_err *err, const char *format, ...)
{
	size_t used = strlen(err->text);
	va_list args;

	va_start(args, format);
	vsnprintf(err->text + used, sizeof(err->text) - used, format, args);
	va_end(args);
	return -1;
}

/**
 * svclb_err_memory() - say that there is no memory
 * @err: the error to fill
 *
 * Return: -1.
 */
int svclb_err_memory(struct svclb_err *err)
{
	return svclb_err_set(err, SVCLB_ERR_FAILED, "out of memory");
}

/**
 * svclb_err_system() - say that a system call failed
 * @err:    the error to fill
 * @what:   what it was about, such as a file name
 * @number: errno
 *
 * Return: -1.
 */
int svclb_err_system(struct svclb_err *err, const char *what, int number)
{
	enum svclb_err_code code = SVCLB_ERR_FAILED;

	if (number == EPERM || number == EACCES)
		code = SVCLB_ERR_PERMISSION;
	return svclb_err_set(err, code, "%s: %s", what, strerror(number));
}
