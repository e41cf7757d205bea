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

static void write_list(FILE *file, const struct svclb_settings *settings,
		       int list)
{
	static const char *const options[SVCLB_LISTS][2] = {
		{ "cluster-network", "no-cluster-networks" },
		{ "node-port-address", "no-node-port-addresses" },
		{ "service-network", "no-service-networks" },
	};
	const struct svclb_networks *networks = &settings->lists[list];
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	if (!(settings->given & SVCLB_GIVEN_LIST(list)))
		return;
	if (!networks->nr)
		fprintf(file, " --%s", options[list][1]);
	for (i = 0; i < networks->nr; i++) {
		svclb_text_network(text, &networks->at[i]);
		fprintf(file, " --%s %s", options[list][0], text);
	}
}

static void write_interfaces(FILE *file, const struct svclb_settings *settings)
{
	uint32_t i;

	if (!(settings->given & SVCLB_GIVEN_INTERFACES))
		return;
	if (!settings->nr_interfaces)
		fputs(" --no-pod-interfaces", file);
	for (i = 0; i < settings->nr_interfaces; i++) {
		fputs(" --pod-interface ", file);
		svclb_words_write(file, settings->interfaces[i]);
	}
}

static void write_tuning(FILE *file, unsigned int i, uint32_t value)
{
	const char *word = svclb_tuning_word(i, value);

	fprintf(file, " --%s ", svclb_tunings[i].name);
	if (word)
		fputs(word, file);
	else
		fprintf(file, "%u", value);
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
	unsigned int i;

	fputs("set", file);
	write_list(file, settings, SVCLB_LIST_CLUSTER);
	if (settings->given & SVCLB_GIVEN_MASQUERADE)
		fprintf(file, " --masquerade-all %s",
			settings->masquerade_all ? "on" : "off");
	if (settings->given & SVCLB_GIVEN_PORTS)
		fprintf(file, " --node-port-range %u-%u",
			settings->node_port_min, settings->node_port_max);
	if (settings->given & SVCLB_GIVEN_SCHEDULER)
		fprintf(file, " --scheduler %s",
			svclb_text_scheduler(settings->sched));
	write_interfaces(file, settings);
	write_list(file, settings, SVCLB_LIST_NODE_PORT);
	if (settings->given & SVCLB_GIVEN_LOOPBACK)
		fprintf(file, " --node-port-loopback %s",
			settings->loopback ? "on" : "off");
	write_list(file, settings, SVCLB_LIST_SERVICE);
	if (settings->given & SVCLB_GIVEN_PING)
		fprintf(file, " --answer-ping %s",
			settings->answer_ping ? "on" : "off");
	if (settings->given & SVCLB_GIVEN_SEED)
		fprintf(file, " --maglev-seed %llu",
			(unsigned long long)settings->maglev_seed);
	if (settings->given & SVCLB_GIVEN_AFFINITY)
		fprintf(file, " --affinity-max %u", settings->affinity_max);
	for (i = 0; i < SVCLB_TUNINGS; i++)
		if (settings->given & SVCLB_GIVEN_TUNING(i))
			write_tuning(file, i, settings->tunings[i]);
	putc('\n', file);
}

/* Whether an add-svc without --name would name it as it is named. */
static bool is_named_by_default(const struct svclb_service *service)
{
	const struct svclb_frontend *first;
	char text[SVCLB_KEY_TEXT];

	first = svclb_service_first_address(service);
	if (!first)
		return false;
	svclb_text_key(text, &first->key);
	return !strcmp(text, service->name);
}

/**
 * svclb_savefile_write_frontend() - write the words that give a service a
 *                                   frontend
 * @file:     where to write
 * @service:  the service, with all that it has then
 * @frontend: the frontend
 * @before:   what stands before an address that has no option of its own
 */
void svclb_savefile_write_frontend(FILE *file,
				   const struct svclb_service *service,
				   const struct svclb_frontend *frontend,
				   const char *before)
{
	char text[SVCLB_KEY_TEXT];

	if (frontend->kind == SVCLB_FRONTEND_KIND_EXTERNAL)
		before = " --external ";
	else if (frontend->kind == SVCLB_FRONTEND_KIND_LOAD_BALANCER)
		before = " --load-balancer ";
	svclb_text_key(text, &frontend->key);
	fprintf(file, "%s%s", before, text);
	if (frontend->policy == SVCLB_TRAFFIC_POLICY_LOCAL)
		fputs(",local", file);
	if (frontend->restricted != svclb_service_restricts(service, frontend))
		fputs(frontend->restricted ? ",restricted" : ",open", file);
}

/**
 * svclb_savefile_write_ranges() - write the options that give a service its
 *                                 source ranges
 * @file:    where to write
 * @service: the service
 */
void svclb_savefile_write_ranges(FILE *file,
				 const struct svclb_service *service)
{
	char text[SVCLB_NETWORK_TEXT];
	uint32_t i;

	for (i = 0; i < service->nr_ranges; i++) {
		svclb_text_network(text, &service->ranges[i]);
		fprintf(file, " --source-range %s", text);
	}
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
	uint32_t i;

	fputs("add-svc", file);
	for (i = 0; i < service->nr_frontends; i++)
		svclb_savefile_write_frontend(file, service,
					      &service->frontends[i], " ");
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
	if (service->affinity)
		fprintf(file, " --affinity %u", service->affinity);
	if (service->syn_failover)
		fputs(" --syn-failover on", file);
	if (service->generation)
		fprintf(file, " --generation %llu",
			(unsigned long long)service->generation);
	svclb_savefile_write_ranges(file, service);
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
	if (backend->flags & SVCLB_BACKEND_LOCAL)
		fputs(",local", file);
	if (backend->flags & SVCLB_BACKEND_LOCAL_ONLY)
		fputs(",local-only", file);
	if (backend->flags & SVCLB_BACKEND_NOT_SERVING)
		fputs(",not-serving", file);
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
	if (config->settings.given)
		svclb_savefile_write_settings(file, &config->settings);
	for (i = 0; i < config->nr; i++) {
		putc('\n', file);
		svclb_savefile_write_service(file, config->services[i]);
		putc('\n', file);
		svclb_savefile_write_backends(file, config->services[i]);
	}
	fprintf(file, "\nend %u\n", config->count);
}
