/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_FUZZ_H
#define SVCLB_CTL_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdnoreturn.h>

#include "lib/config.h"

/* What is called with each input; the linker gives it the name to do so. */
int fuzz_input(const uint8_t *data, size_t size);

noreturn void fuzz_failed(const char *what, const char *file, int line);

/* What must be true of every input; else the input is kept as a crash. */
#define FUZZ_CHECK(what)						\
	((what) ? (void)0 : fuzz_failed(#what, __FILE__, __LINE__))

char *fuzz_text(const uint8_t *data, size_t size);

/**
 * struct fuzz_output - text that is printed into memory
 * @file: where to print
 * @text: the text, once fuzz_output_end() was called
 * @len:  its length
 */
struct fuzz_output {
	FILE *file;
	char *text;
	size_t len;
};

void fuzz_output_begin(struct fuzz_output *output);
void fuzz_output_end(struct fuzz_output *output);

void fuzz_print_config(struct svclb_config *config, struct fuzz_output *output);

#endif /* SVCLB_CTL_FUZZ_H */
