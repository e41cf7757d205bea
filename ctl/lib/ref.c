// SPDX-License-Identifier: GPL-2.0-only
#include "ref.h"

#include <netinet/in.h>
#include <string.h>

#include "text.h"
#include "words.h"

#define NAME_PREFIX "name="

/**
 * svclb_ref_parse() - read a reference to a service
 * @ref:  for the reference
 * @word: the word: a name, the address of a frontend, or name=NAME for names
 *        that look like something else
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_ref_parse(struct svclb_ref *ref, const char *word,
		    struct svclb_err *err)
{
	ref->word = word;
	ref->has_key = false;
	ref->name = word;
	if (*word == *NAME_PREFIX &&
	    !strncmp(word, NAME_PREFIX, strlen(NAME_PREFIX))) {
		ref->name = word + strlen(NAME_PREFIX);
		return svclb_text_check_name(ref->name, err);
	}
	switch (svclb_text_parse_key(word, &ref->key, err)) {
	case SVCLB_TEXT_KEY:
		ref->has_key = true;
		if (!ref->key.proto)
			ref->key.proto = IPPROTO_TCP;
		return 0;
	case SVCLB_TEXT_WRONG:
		return -1;
	default:
		return svclb_text_check_name(word, err);
	}
}

/**
 * svclb_ref_find() - find the service that is meant
 * @ref:    the reference
 * @config: where to look
 * @err:    for errors
 *
 * Return: the service, or NULL.
 */
struct svclb_service *svclb_ref_find(const struct svclb_ref *ref,
				     const struct svclb_config *config,
				     struct svclb_err *err)
{
	struct svclb_service *service = NULL;

	if (ref->has_key)
		service = svclb_config_by_key(config, &ref->key);
	if (!service)
		service = svclb_config_by_name(config, ref->name);
	if (!service)
		svclb_err_set(err, SVCLB_ERR_NOT_FOUND,
			      "there is no service '%.255s'", ref->word);
	return service;
}

/* Whether the name, read as a reference, means the service. */
static bool is_plain(const struct svclb_service *service)
{
	const char *name = service->name;
	struct svclb_err err;
	struct svclb_ref ref;

	if (*name == '-' || svclb_ref_parse(&ref, name, &err) ||
	    ref.name != name)
		return false;
	return !ref.has_key || svclb_service_find_frontend(service, &ref.key);
}

/**
 * svclb_ref_write() - write a reference that svclb_ref_parse() reads
 * @file:    where to write
 * @service: the service to refer to
 */
void svclb_ref_write(FILE *file, const struct svclb_service *service)
{
	if (!is_plain(service))
		fputs(NAME_PREFIX, file);
	svclb_words_write(file, service->name);
}
