// SPDX-License-Identifier: GPL-2.0-only
/*
 * From words to numbers, names and switches.
 */
#include "text.h"

#include <stdlib.h>
#include <string.h>

/* Quotes what the user wrote, but not all of an endless word. */
#define WORD "'%.80s'"

/**
 * svclb_text_bad() - say what is wrong with a word
 * @err:   for the error
 * @word:  the word
 * @what:  what is wrong
 * @right: what would be right
 *
 * Return: -1.
 */
int svclb_text_bad(struct svclb_err *err, const char *word, const char *what,
		   const char *right)
{
	return svclb_err_set(err, SVCLB_ERR_INPUT, WORD ": %s; %s", word, what,
			     right);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits and nothing else; stops counting far above any limit. */
static bool parse_decimal(const char *word, uint64_t *number)
{
	uint64_t value = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		uint64_t digit = (uint64_t)(*word - '0');

		if (!is_digit(*word))
			return false;
		value = value > (UINT64_MAX - digit) / 10 ? UINT64_MAX :
							    value * 10 + digit;
	}
	*number = value;
	return true;
}

/**
 * svclb_text_parse_number() - read a number
 * @word:   the word
 * @what:   what it is called in errors
 * @max:    largest value
 * @number: for the number
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_number(const char *word, const char *what, uint64_t max,
			    uint64_t *number, struct svclb_err *err)
{
	if (parse_decimal(word, number) && *number <= max)
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT,
			     WORD ": %s is a number from 0 to %llu", word, what,
			     (unsigned long long)max);
}

/**
 * svclb_text_parse_port() - read a port
 * @word: the word
 * @port: for the port, host byte order
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_port(const char *word, uint16_t *port,
			  struct svclb_err *err)
{
	uint64_t number;

	if (!parse_decimal(word, &number) || !number || number > UINT16_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT, WORD
				     ": a port is a number from 1 to 65535",
				     word);
	*port = number;
	return 0;
}

/**
 * svclb_text_parse_range() - read a range of ports, such as 30000-32767
 * @word: the word
 * @min:  for the first port
 * @max:  for the last port
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_range(const char *word, uint16_t *min, uint16_t *max,
			   struct svclb_err *err)
{
	const char *dash = strchr(word, '-');
	char first[8];

	if (!dash || (size_t)(dash - word) >= sizeof(first))
		return svclb_text_bad(err, word, "not a range of ports",
				      "write it as 30000-32767");
	memcpy(first, word, dash - word);
	first[dash - word] = '\0';
	if (svclb_text_parse_port(first, min, err) ||
	    svclb_text_parse_port(dash + 1, max, err))
		return -1;
	if (*min > *max)
		return svclb_text_bad(err, word, "ends before it begins",
				      "write the smaller port first");
	return 0;
}

/**
 * svclb_text_parse_scheduler() - read the name of a scheduler
 * @word:  the word
 * @sched: for enum svclb_scheduler
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_scheduler(const char *word, uint8_t *sched,
			       struct svclb_err *err)
{
	unsigned int i;

	for (i = 0; i <= SVCLB_SCHED_MAX; i++) {
		if (!strcmp(word, svclb_text_scheduler(i))) {
			*sched = i;
			return 0;
		}
	}
	return svclb_text_bad(err, word, "unknown scheduler",
			      "there are random, wrandom, rr, wrr, lc, wlc, p2c, sh, maglev and failover");
}

/**
 * svclb_text_parse_policy() - read the name of a traffic policy
 * @word:   the word, in any case: Kubernetes has a capital letter
 * @policy: for enum svclb_traffic_policy
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_policy(const char *word, uint8_t *policy,
			    struct svclb_err *err)
{
	unsigned int i;

	for (i = 0; i <= SVCLB_TRAFFIC_POLICY_MAX; i++) {
		if (!strcasecmp(word, svclb_text_policy(i))) {
			*policy = i;
			return 0;
		}
	}
	return svclb_text_bad(err, word, "unknown policy",
			      "there are cluster and local");
}

/**
 * svclb_text_parse_switch() - read "on" or "off"
 * @word: the word
 * @what: what it is for
 * @on:   for whether it is on
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_switch(const char *word, const char *what, bool *on,
			    struct svclb_err *err)
{
	*on = !strcmp(word, "on");
	if (*on || !strcmp(word, "off"))
		return 0;
	return svclb_err_set(err, SVCLB_ERR_INPUT, WORD ": %s is on or off",
			     word, what);
}

/**
 * svclb_text_parse_affinity() - read an affinity timeout
 * @word:    the word: seconds, or "off"
 * @seconds: for the seconds, 0 for none
 * @err:     for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_affinity(const char *word, uint32_t *seconds,
			      struct svclb_err *err)
{
	uint64_t number = 0;

	if (strcmp(word, "off") != 0 &&
	    svclb_text_parse_number(word, "an affinity timeout",
				    SVCLB_AFFINITY_TIMEOUT_MAX, &number, err))
		return svclb_err_append(err, " seconds");
	*seconds = (uint32_t)number;
	return 0;
}

/**
 * svclb_text_parse_interface() - read the name of an interface
 * @word: the word; with "*" behind it, it is the beginning of names
 * @name: for the word
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_interface(const char *word,
			       char name[SVCLB_INTERFACE_TEXT],
			       struct svclb_err *err)
{
	size_t len = strcspn(word, "*");

	if (!len || len > 15 || (word[len] && word[len + 1]) ||
	    word[strcspn(word, "/: \t\n\v\f\r\xa0")] || !strcmp(word, ".") ||
	    !strcmp(word, ".."))
		return svclb_text_bad(err, word, "not an interface",
				      "write its name, or the beginning of names as 'veth*'");
	memcpy(name, word, strlen(word) + 1);
	return 0;
}

/**
 * svclb_text_check_name() - check whether a word can name a service
 * @name: the word
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_check_name(const char *name, struct svclb_err *err)
{
	size_t len = strlen(name), i;

	if (!len)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "a service name cannot be empty");
	if (len > SVCLB_NAME_MAX)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.40s...': a name has at most %d bytes, this one has %zu",
				     name, SVCLB_NAME_MAX, len);
	for (i = 0; i < len; i++)
		if ((unsigned char)name[i] <= ' ' || name[i] == 0x7f)
			return svclb_err_set(err, SVCLB_ERR_INPUT,
					     "byte %zu of the name is a blank or a control character",
					     i + 1);
	return 0;
}

static int parse_tuning_word(const struct svclb_tuning *tuning,
			     const char *word, uint32_t *value,
			     struct svclb_err *err)
{
	uint32_t i;

	for (i = 0; tuning->words[i]; i++) {
		if (!strcmp(word, tuning->words[i])) {
			*value = i;
			return 0;
		}
	}
	return svclb_err_set(err, SVCLB_ERR_INPUT, WORD ": --%s is %s or %s",
			     word, tuning->name, tuning->words[0],
			     tuning->words[1]);
}

/**
 * svclb_text_parse_tuning() - read the value of a setting of the datapath
 * @word:  the word
 * @i:     index of the setting in svclb_tunings
 * @value: for the value
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_tuning(const char *word, unsigned int i, uint32_t *value,
			    struct svclb_err *err)
{
	const struct svclb_tuning *tuning = &svclb_tunings[i];
	uint64_t number;

	if (tuning->words)
		return parse_tuning_word(tuning, word, value, err);
	if (!parse_decimal(word, &number) || !number || number > tuning->max)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     WORD ": --%s is a number from 1 to %lu",
				     word, tuning->name,
				     (unsigned long)tuning->max);
	*value = (uint32_t)number;
	return 0;
}

/**
 * svclb_text_parse_flow_state() - read the name of a state of flows
 * @word:  the word
 * @state: for enum svclb_flow_state
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_text_parse_flow_state(const char *word, uint8_t *state,
				struct svclb_err *err)
{
	unsigned int i;

	for (i = 0; i <= SVCLB_FLOW_STATE_MAX; i++) {
		if (!strcmp(word, svclb_tuning_state(i))) {
			*state = i;
			return 0;
		}
	}
	return svclb_text_bad(err, word, "unknown state",
			      "there are tcp-syn, tcp-established, tcp-half-closed, tcp-closed, udp, udp-stream, sctp-setup, sctp-established and sctp-closed");
}
