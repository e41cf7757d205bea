// SPDX-License-Identifier: GPL-2.0-only
/*
 * A kubeconfig. What is read from it is complete, and what is not is refused
 * with the file's name.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/file.h"
#include "watch/access.h"

/* In place of svclb_file_read(): there is only the input. */
int fuzz_file_read(const char *name, struct svclb_text *text,
		   struct svclb_err *err);

static const uint8_t *input;
static size_t input_size;

int fuzz_file_read(const char *name, struct svclb_text *text,
		   struct svclb_err *err)
{
	(void)err;
	text->name = name;
	text->len = input_size;
	text->text = fuzz_text(input, input_size);
	return 0;
}

int fuzz_input(const uint8_t *data, size_t size)
{
	struct svclb_access access;
	struct svclb_err err = { 0 };

	input = data;
	input_size = size;
	if (svclb_access_kubeconfig(&access, "/f", NULL, &err)) {
		FUZZ_CHECK(err.code == SVCLB_ERR_INPUT);
		FUZZ_CHECK(!strncmp(err.text, "/f: ", 4));
		return 0;
	}
	FUZZ_CHECK(access.server && *access.server);
	FUZZ_CHECK(!access.insecure || (!access.ca.file && !access.ca.data));
	FUZZ_CHECK(!access.cert.file || *access.cert.file == '/');
	FUZZ_CHECK((access.cert.file || access.cert.data) ==
		   (access.key.file || access.key.data));
	FUZZ_CHECK(access.username || !access.password);
	svclb_access_uninit(&access);
	return 0;
}
