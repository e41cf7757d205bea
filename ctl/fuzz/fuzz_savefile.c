// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file of statements, carried out on an empty configuration: as restore does
 * it, and as batch does. What comes out, written as a save file, must be read
 * again as the same, and fit into requests.
 */
#include <netlink/msg.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/apply.h"
#include "lib/codec.h"
#include "lib/diff.h"
#include "lib/diff_write.h"
#include "lib/file.h"
#include "lib/savefile.h"

/* In place of svclb_file_read(): a file's name is its content. */
int fuzz_file_read(const char *name, struct svclb_text *text,
		   struct svclb_err *err);
int fuzz_file_read(const char *name, struct svclb_text *text,
		   struct svclb_err *err)
{
	if (!*name)
		return svclb_err_set(err, SVCLB_ERR_INPUT, "a file has a name");
	text->name = name;
	text->len = strlen(name);
	text->text = fuzz_text((const uint8_t *)name, text->len);
	return 0;
}

static int handle(void *data, struct svclb_stmt *stmt, struct svclb_err *err)
{
	return svclb_apply(data, stmt, err);
}

/* The settings are those of a kernel that nobody has configured yet. */
static int read_text(char *text, size_t len, bool complete,
		     struct svclb_config *config, struct svclb_err *err)
{
	struct svclb_savefile file = {
		.name = "f",
		.text = text,
		.len = len,
		.complete = complete,
	};

	*config = (struct svclb_config){
		.settings = {
			.given = SVCLB_GIVEN_ALL,
			.node_port_min = 30000,
			.node_port_max = 32767,
			.affinity_max = 1048576,
			.tunings = { 0, 1048576, 0, 60, 86400, 3600, 60, 30, 120, 60, 7200, 10 },
		},
	};
	if (svclb_savefile_read(&file, handle, config, err))
		return -1;
	svclb_config_set_defaults(config);
	return 0;
}

static void check_diff(const struct svclb_config *from,
		       const struct svclb_config *to, bool same)
{
	struct svclb_diff diff = { 0 };
	struct fuzz_output output;

	FUZZ_CHECK(!svclb_diff_make(&diff, from, to));
	FUZZ_CHECK(!same || !diff.nr_ops);
	fuzz_output_begin(&output);
	svclb_diff_write(output.file, &diff);
	fuzz_output_end(&output);
	free(output.text);
	svclb_diff_uninit(&diff);
}

static void check_requests(const struct svclb_config *config)
{
	const struct svclb_service *service;
	struct svclb_err err = { 0 };
	struct nl_msg *msg;
	uint32_t i;

	for (i = 0; i < config->nr; i++) {
		service = config->services[i];
		if (!service)
			continue;
		msg = nlmsg_alloc_size(NLMSG_HDRLEN +
				       svclb_codec_service_size(service));
		FUZZ_CHECK(msg);
		FUZZ_CHECK(!svclb_codec_put_service(msg, service, &err));
		nlmsg_free(msg);
	}
}

/* @once was made from the input; @twice gets to be what it is when read again. */
static void check_round_trip(struct svclb_config *once)
{
	struct svclb_config copy = { 0 }, none = { 0 }, twice;
	struct fuzz_output first, second;
	struct svclb_err err = { 0 };
	char *text;

	check_requests(once);
	FUZZ_CHECK(!svclb_config_copy(&copy, once));
	check_diff(&copy, once, true);
	check_diff(&none, once, false);
	check_diff(once, &none, false);

	fuzz_print_config(once, &first);
	text = fuzz_text((const uint8_t *)first.text, first.len);
	FUZZ_CHECK(!read_text(text, first.len, true, &twice, &err));
	check_diff(&copy, &twice, true);
	fuzz_print_config(&twice, &second);
	FUZZ_CHECK(!strcmp(first.text, second.text));

	svclb_config_uninit(&twice);
	svclb_config_uninit(&copy);
	free(text);
	free(first.text);
	free(second.text);
}

int fuzz_input(const uint8_t *data, size_t size)
{
	struct svclb_err err = { 0 };
	struct svclb_config config;
	bool complete;
	char *text;

	/* Comments begin save files, so this leaves them save files. */
	complete = size && *data == '#';
	text = fuzz_text(data, size);
	if (!read_text(text, size, complete, &config, &err))
		check_round_trip(&config);
	else
		FUZZ_CHECK(err.code && *err.text);
	svclb_config_uninit(&config);
	free(text);
	return 0;
}
