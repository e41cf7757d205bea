// SPDX-License-Identifier: GPL-2.0-only
/*
 * One word, read as all that a word can be. What is read and printed must be
 * read again as the same.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "lib/ref.h"
#include "lib/savefile.h"
#include "lib/text.h"
#include "lib/words.h"
#include "watch/listeners.h"

static void check_error(const struct svclb_err *err)
{
	FUZZ_CHECK(err->code == SVCLB_ERR_INPUT);
	FUZZ_CHECK(*err->text && strnlen(err->text, SVCLB_ERR_TEXT) < SVCLB_ERR_TEXT);
}

/* An address that the C library knows is no name. */
static bool is_address(const char *word)
{
	const char *colon = strrchr(word, ':');
	uint8_t addr[16];
	bool is = false;
	char *host;

	if (!colon)
		return false;
	host = strndup(word, colon - word);
	FUZZ_CHECK(host);
	is = inet_pton(AF_INET, host, addr) == 1 ||
	     inet_pton(AF_INET6, word, addr) == 1;
	free(host);
	return is;
}

static void check_key(const char *word)
{
	struct svclb_err err = { 0 };
	struct svclb_key key, again;
	char text[SVCLB_KEY_TEXT];
	enum svclb_text_kind kind;
	uint8_t addr[16] = { 0 };
	size_t len;

	kind = svclb_text_parse_key(word, &key, &err);
	FUZZ_CHECK(kind != SVCLB_TEXT_OTHER || !is_address(word));
	if (kind == SVCLB_TEXT_WRONG)
		check_error(&err);
	if (kind != SVCLB_TEXT_KEY)
		return;
	FUZZ_CHECK(key.port && (key.family == AF_INET || key.family == AF_INET6));
	if (!key.proto)
		key.proto = IPPROTO_TCP;
	len = svclb_text_key(text, &key);
	FUZZ_CHECK(len == strlen(text) && len < sizeof(text));
	FUZZ_CHECK(svclb_text_parse_key(text, &again, &err) == SVCLB_TEXT_KEY);
	if (!again.proto)
		again.proto = IPPROTO_TCP;
	FUZZ_CHECK(svclb_key_equal(&key, &again));
	svclb_text_host(text, key.family, key.addr);
	FUZZ_CHECK(inet_pton(key.family, text, addr) == 1);
	FUZZ_CHECK(!memcmp(addr, key.addr, sizeof(addr)));
}

static void check_backend(const char *word)
{
	struct svclb_backend backend, again;
	struct svclb_err err = { 0 };
	struct fuzz_output output;
	uint8_t family, family_again;

	if (svclb_text_parse_backend(word, &backend, &family, &err)) {
		check_error(&err);
		return;
	}
	FUZZ_CHECK(backend.port && backend.weight <= SVCLB_WEIGHT_MAX);
	fuzz_output_begin(&output);
	svclb_savefile_write_backend(output.file, family, &backend);
	fuzz_output_end(&output);
	FUZZ_CHECK(!svclb_text_parse_backend(output.text, &again, &family_again,
					     &err));
	FUZZ_CHECK(family == family_again && backend.port == again.port &&
		   backend.weight == again.weight &&
		   backend.flags == again.flags &&
		   !memcmp(backend.addr, again.addr, sizeof(again.addr)));
	free(output.text);
}

static void check_network(const char *word)
{
	struct svclb_network network, again;
	struct svclb_err err = { 0 };
	char text[SVCLB_NETWORK_TEXT];

	if (svclb_text_parse_network(word, &network, &err)) {
		check_error(&err);
		return;
	}
	FUZZ_CHECK(network.length <= svclb_family_length(network.family) * 8);
	svclb_text_network(text, &network);
	FUZZ_CHECK(!svclb_text_parse_network(text, &again, &err));
	FUZZ_CHECK(svclb_network_equal(&network, &again));
}

static void check_bind(const char *word)
{
	char text[SVCLB_BIND_TEXT];
	struct svclb_bind bind, again;
	struct svclb_err err = { 0 };

	if (svclb_bind_parse(word, &bind, &err)) {
		check_error(&err);
		return;
	}
	FUZZ_CHECK(svclb_bind_port(&bind) && bind.len <= sizeof(bind.addr));
	svclb_bind_text(&bind, text);
	FUZZ_CHECK(!svclb_bind_parse(text, &again, &err));
	FUZZ_CHECK(!memcmp(&bind.addr, &again.addr, sizeof(bind.addr)) &&
		   bind.len == again.len && bind.both == again.both);
}

static void check_numbers(const char *word)
{
	struct svclb_err err = { 0 };
	uint16_t port, min, max;
	uint64_t number;
	uint8_t sched;
	char text[32];

	if (svclb_text_parse_port(word, &port, &err))
		check_error(&err);
	else
		FUZZ_CHECK(port && strtoul(word, NULL, 10) == port);
	if (!svclb_text_parse_number(word, "x", UINT64_MAX, &number, &err)) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
		FUZZ_CHECK(number == UINT64_MAX ||
			   !strcmp(text, word + strspn(word, "0")) || !number);
	}
	if (!svclb_text_parse_number(word, "x", 100, &number, &err))
		FUZZ_CHECK(number <= 100);
	if (svclb_text_parse_range(word, &min, &max, &err))
		check_error(&err);
	else
		FUZZ_CHECK(min && min <= max);
	if (!svclb_text_parse_scheduler(word, &sched, &err))
		FUZZ_CHECK(!strcmp(svclb_text_scheduler(sched), word));
}

/* A reference that is written for a service must mean it when it is read. */
static void check_written(struct svclb_service *service)
{
	struct svclb_config config = { 0 };
	struct svclb_err err = { 0 };
	struct fuzz_output output;
	struct svclb_words words;
	struct svclb_ref ref;

	FUZZ_CHECK(!svclb_config_insert(&config, service));
	fuzz_output_begin(&output);
	svclb_ref_write(output.file, service);
	fuzz_output_end(&output);
	svclb_words_init(&words, output.text, output.len);
	FUZZ_CHECK(svclb_words_next(&words, &err) == 1 && words.nr == 1);
	FUZZ_CHECK(!svclb_ref_parse(&ref, words.words[0], &err));
	FUZZ_CHECK(svclb_ref_find(&ref, &config, &err) == service);
	svclb_words_uninit(&words);
	svclb_config_uninit(&config);
	free(output.text);
}

static void check_ref(const char *word)
{
	struct svclb_err err = { 0 };
	struct svclb_frontend frontend;
	struct svclb_service *service;
	struct svclb_ref ref;

	if (svclb_ref_parse(&ref, word, &err)) {
		check_error(&err);
	} else if (ref.has_key && !svclb_text_check_name(word, &err)) {
		service = svclb_service_create(word, ref.key.family, ref.key.proto);
		frontend = (struct svclb_frontend){ .key = ref.key };
		FUZZ_CHECK(service && !svclb_service_add_frontend(service, &frontend));
		check_written(service);
	}
	if (svclb_text_check_name(word, &err))
		return;
	service = svclb_service_create(word, AF_INET, IPPROTO_TCP);
	FUZZ_CHECK(service);
	check_written(service);
}

int fuzz_input(const uint8_t *data, size_t size)
{
	char *word = fuzz_text(data, size);

	check_key(word);
	check_backend(word);
	check_network(word);
	check_bind(word);
	check_numbers(word);
	check_ref(word);
	free(word);
	return 0;
}
