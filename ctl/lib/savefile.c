// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files of statements. Their lines are command lines without the program's
 * name; the last one counts the services, so that a file cut short is noticed.
 */
#include "savefile.h"

#include <netinet/in.h>
#include <string.h>

#include "ref.h"
#include "text.h"
#include "words.h"

/* More would make lines that nobody can read. */
#define BACKENDS_A_LINE 4

/**
 * struct reader - where reading is
 * @words:    the lines
 * @stmt:     the statement just read
 * @services: how many add-svc there were
 * @ended:    whether there was an end
 */
struct reader {
	struct svclb_words words;
	struct svclb_stmt stmt;
	uint64_t services;
	bool ended;
};

static int count_error(uint64_t wanted, uint64_t found, struct svclb_err *err)
{
	svclb_err_set(err, SVCLB_ERR_INPUT,
		      "the file should have %llu services, but it has %llu",
		      (unsigned long long)wanted, (unsigned long long)found);
	return svclb_err_append(err, ": it is not whole");
}

static int read_statement(struct reader *reader, svclb_savefile_handler handle,
			  void *data, struct svclb_err *err)
{
	struct svclb_words *words = &reader->words;
	struct svclb_stmt *stmt = &reader->stmt;
	struct svclb_opts opts = {
		.words = words->words + 1,
		.nr = words->nr - 1,
	};
	enum svclb_verb verb;

	if (reader->ended)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "nothing may follow the statement 'end'");
	if (svclb_verb_find(words->words[0], &verb))
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': unknown statement",
				     words->words[0]);
	stmt->line = words->line;
	if (svclb_stmt_parse(stmt, verb, &opts, err))
		return -1;
	if (verb == SVCLB_VERB_ADD_SVC)
		reader->services++;
	if (verb == SVCLB_VERB_END) {
		reader->ended = true;
		if (stmt->count != reader->services)
			return count_error(stmt->count, reader->services, err);
	}
	return handle(data, stmt, err);
}

/**
 * svclb_savefile_read() - read a file of statements
 * @file:   the file; its text is changed by the way
 * @handle: what to do with each statement
 * @data:   for @handle
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_savefile_read(const struct svclb_savefile *file,
			svclb_savefile_handler handle, void *data,
			struct svclb_err *err)
{
	struct reader reader = { 0 };
	int result;

	svclb_words_init(&reader.words, file->text, file->len);
	while ((result = svclb_words_next(&reader.words, err)) > 0) {
		if (!reader.words.nr)
			continue;
		result = read_statement(&reader, handle, data, err);
		if (result)
			break;
	}
	if (!result && file->complete && !reader.ended)
		result = svclb_err_set(err, SVCLB_ERR_INPUT,
				       "the statement 'end NUMBER' is missing here: the file is not whole");
	if (result)
		svclb_err_prefix(err, "%s:%u: ", file->name,
				 reader.words.line);
	svclb_stmt_uninit(&reader.stmt);
	svclb_words_uninit(&reader.words);
	return result;
}

/**
 * svclb_savefile_write_settings() - write the words of a set that makes the
 *                                   settings what they are
 * @file:     where to write
 * @settings: the settings; only those given are written
 */
void svclb_savefile_write_settings(FILE *file,
				   const struct svclb_settings *settings)
{
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	fputs("set", file);
	if (settings->given & SVCLB_GIVEN_NETWORKS) {
		if (!settings->nr_networks)
			fputs(" --no-cluster-networks", file);
		for (i = 0; i < settings->nr_networks; i++) {
			svclb_text_network(text, &settings->networks[i]);
			fprintf(file, " --cluster-network %s", text);
		}
	}
	if (settings->given & SVCLB_GIVEN_MASQUERADE)
		fprintf(file, " --masquerade-all %s",
			settings->masquerade_all ? "on" : "off");
	if (settings->given & SVCLB_GIVEN_PORTS)
		fprintf(file, " --node-port-range %u-%u",
			settings->node_port_min, settings->node_port_max);
	if (settings->given & SVCLB_GIVEN_SCHEDULER)
		fprintf(file, " --scheduler %s",
			svclb_text_scheduler(settings->sched));
	putc('\n', file);
}

/* Whether an add-svc without --name would name it as it is named. */
static bool is_named_by_default(const struct svclb_service *service)
{
	const struct svclb_frontend *first = svclb_service_first_vip(service);
	char text[SVCLB_KEY_TEXT];

	if (!first)
		return false;
	svclb_text_key(text, &first->key);
	return !strcmp(text, service->name);
}

/**
 * svclb_savefile_write_service() - write the words of an add-svc that makes a
 *                                  service what it is, endpoints left out
 * @file:    where to write; no newline is written
 * @service: the service
 */
void svclb_savefile_write_service(FILE *file,
				  const struct svclb_service *service)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	fputs("add-svc", file);
	for (i = 0; i < service->nr_frontends; i++) {
		svclb_text_key(text, &service->frontends[i].key);
		putc(' ', file);
		fputs(text, file);
	}
	if (!service->nr_frontends)
		fprintf(file, " --%s --%s", svclb_text_family(service->family),
			svclb_text_protocol(service->proto));
	if (!is_named_by_default(service)) {
		fputs(" --name ", file);
		svclb_words_write(file, service->name);
	}
	if (service->sched != SVCLB_SCHED_DEFAULT)
		fprintf(file, " --scheduler %s",
			svclb_text_scheduler(service->sched));
	if (service->generation)
		fprintf(file, " --generation %llu",
			(unsigned long long)service->generation);
}

/**
 * svclb_savefile_write_backend() - write an endpoint with its attributes
 * @file:    where to write
 * @family:  family of its service
 * @backend: the endpoint
 */
void svclb_savefile_write_backend(FILE *file, uint8_t family,
				  const struct svclb_backend *backend)
{
	char text[SVCLB_KEY_TEXT];

	svclb_text_backend(text, family, backend);
	fputs(text, file);
	if (backend->weight != 1)
		fprintf(file, ",w=%u", backend->weight);
	if (backend->flags & SVCLB_BACKEND_DRAINING)
		fputs(",draining", file);
}

/**
 * svclb_savefile_write_backends() - write statements that add all endpoints of
 *                                   a service
 * @file:    where to write
 * @service: the service
 */
void svclb_savefile_write_backends(FILE *file,
				   const struct svclb_service *service)
{
	uint32_t i;

	for (i = 0; i < service->nr_backends; i++) {
		if (i % BACKENDS_A_LINE == 0) {
			fputs(i ? "\nadd-ep " : "add-ep ", file);
			svclb_ref_write(file, service);
		}
		putc(' ', file);
		svclb_savefile_write_backend(file, service->family,
					     &service->backends[i]);
	}
	if (i)
		putc('\n', file);
}

/**
 * svclb_savefile_write() - write a configuration as a file that makes it anew
 * @file:   where to write
 * @config: the configuration, sorted
 */
void svclb_savefile_write(FILE *file, const struct svclb_config *config)
{
	uint32_t i;

	fputs("# Read this with: svclbctl restore FILE\n", file);
	svclb_savefile_write_settings(file, &config->settings);
	for (i = 0; i < config->nr; i++) {
		putc('\n', file);
		svclb_savefile_write_service(file, config->services[i]);
		putc('\n', file);
		svclb_savefile_write_backends(file, config->services[i]);
	}
	fprintf(file, "\nend %u\n", config->count);
}
