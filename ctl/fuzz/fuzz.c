// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the fuzz targets share.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/out.h"
#include "lib/savefile.h"

/**
 * fuzz_failed() - end, as what must be true is not
 * @what: what that was
 * @file: where it was checked
 * @line: likewise
 */
void fuzz_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

/**
 * fuzz_text() - the input as a text
 * @data: the input
 * @size: its length
 *
 * Return: the text with a zero byte behind it, and nothing behind that, so that
 * the sanitizer sees who reads on; to be freed.
 */
char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	FUZZ_CHECK(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/**
 * fuzz_output_begin() - get a file to print into
 * @output: the file and, later, the text
 */
void fuzz_output_begin(struct fuzz_output *output)
{
	output->file = open_memstream(&output->text, &output->len);
	FUZZ_CHECK(output->file);
}

/**
 * fuzz_output_end() - get what was printed
 * @output: the text, to be freed
 */
void fuzz_output_end(struct fuzz_output *output)
{
	FUZZ_CHECK(!fclose(output->file));
}

static void print_json(json_t *json, FILE *file)
{
	struct fuzz_output output;
	json_error_t error;
	struct svclb_err err;
	json_t *again;

	FUZZ_CHECK(json);
	fuzz_output_begin(&output);
	FUZZ_CHECK(!svclb_json_write(output.file, json, false, &err));
	fuzz_output_end(&output);
	again = json_loads(output.text, JSON_REJECT_DUPLICATES, &error);
	FUZZ_CHECK(again);
	json_decref(again);
	fputs(output.text, file);
	free(output.text);
}

/**
 * fuzz_print_config() - print a configuration in all ways that there are
 * @config: the configuration; it gets sorted
 * @output: for the text of the save file, to be freed
 *
 * What is printed as JSON must be JSON.
 */
void fuzz_print_config(struct svclb_config *config, struct fuzz_output *output)
{
	struct fuzz_output ignored;

	svclb_config_sort(config);
	fuzz_output_begin(&ignored);
	print_json(svclb_json_config(config, false), ignored.file);
	print_json(svclb_json_config(config, true), ignored.file);
	print_json(svclb_json_settings(&config->settings), ignored.file);
	fuzz_output_end(&ignored);
	free(ignored.text);
	fuzz_output_begin(output);
	svclb_savefile_write(output->file, config);
	fuzz_output_end(output);
}
