/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_FILE_H
#define SVCLB_CTL_FILE_H

#include <stddef.h>

#include "err.h"

/**
 * struct svclb_text - what is in a file
 * @name: name of the file for errors
 * @text: its content, with a zero byte behind it; to be freed with free()
 * @len:  length of the content
 */
struct svclb_text {
	const char *name;
	char *text;
	size_t len;
};

int svclb_file_read(const char *name, struct svclb_text *text,
		    struct svclb_err *err);

#endif /* SVCLB_CTL_FILE_H */
