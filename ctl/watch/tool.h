/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TOOL_H
#define SVCLB_CTL_TOOL_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/err.h"

#define SVCLB_TOOL_PATH 512

/**
 * struct svclb_output - what a program printed
 * @text: all of it, with a zero byte behind it; to be freed with free()
 * @len:  its length
 */
struct svclb_output {
	char *text;
	size_t len;
};

bool svclb_tool_find(const char *name, char path[SVCLB_TOOL_PATH]);
int svclb_tool_run(const char *const *words, const char *input, size_t len,
		   struct svclb_output *output, struct svclb_err *err);

#endif /* SVCLB_CTL_TOOL_H */
