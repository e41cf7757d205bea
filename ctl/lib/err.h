/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_ERR_H
#define SVCLB_CTL_ERR_H

/**
 * enum svclb_err_code - what kind of error it was; the tool's exit status
 * @SVCLB_ERR_NONE:       there was none
 * @SVCLB_ERR_FAILED:     the kernel refused, or the system failed
 * @SVCLB_ERR_INPUT:      the command line or a file is wrong
 * @SVCLB_ERR_NO_MODULE:  the kernel has no family svclb
 * @SVCLB_ERR_PERMISSION: the caller may not do it
 * @SVCLB_ERR_NOT_FOUND:  there is no such service, frontend or endpoint
 */
enum svclb_err_code {
	SVCLB_ERR_NONE = 0,
	SVCLB_ERR_FAILED = 1,
	SVCLB_ERR_INPUT = 2,
	SVCLB_ERR_NO_MODULE = 3,
	SVCLB_ERR_PERMISSION = 4,
	SVCLB_ERR_NOT_FOUND = 5,
};

#define SVCLB_ERR_TEXT 4096

/* The text is argument @text of the function, its values begin at @values. */
#define SVCLB_PRINTF(text, values) \
	__attribute__((__format__(__printf__, text, \
				  values)))

/**
 * struct svclb_err - how something went wrong
 * @code: kind of error
 * @text: one sentence for the user, without program name and newline
 */
struct svclb_err {
	enum svclb_err_code code;
	char text[SVCLB_ERR_TEXT];
};

SVCLB_PRINTF(3, 4)
int svclb_err_set(struct svclb_err *err, enum svclb_err_code code,
		  const char *format, ...);
SVCLB_PRINTF(2, 3)
int svclb_err_prefix(struct svclb_err *err, const char *format, ...);
SVCLB_PRINTF(2, 3)
int svclb_err_append(struct svclb_err *err, const char *format, ...);
int svclb_err_memory(struct svclb_err *err);
int svclb_err_system(struct svclb_err *err, const char *what, int number);

#endif /* SVCLB_CTL_ERR_H */
