// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings of the datapath, as a table: all that reads, writes, compares or
 * prints them goes through it.
 */
#include "tuning.h"

#include <string.h>

#include "text.h"

static const char *const datapaths[] = { "conntrack", "direct", NULL };
static const char *const when_full[] = { "evict", "drop", NULL };

#define TIMEOUT(state) { \
	"timeout-" state, "timeout " state, NULL, 4, SVCLB_FLOW_TIMEOUT_MAX }

const struct svclb_tuning svclb_tunings[SVCLB_TUNINGS] = {
	{ "datapath", "datapath", datapaths, 1, 0 },
	{ "flow-max", "flows", NULL, 4, UINT32_MAX },
	{ "flow-full", "when flows are full", when_full, 1, 0 },
	TIMEOUT("tcp-syn"),
	TIMEOUT("tcp-established"),
	TIMEOUT("tcp-half-closed"),
	TIMEOUT("tcp-closed"),
	TIMEOUT("udp"),
	TIMEOUT("udp-stream"),
	TIMEOUT("sctp-setup"),
	TIMEOUT("sctp-established"),
	TIMEOUT("sctp-closed"),
};

/* What stands before a state in the name of its timeout. */
#define PREFIX_LENGTH 8

static const struct svclb_tuning *timeout_of(unsigned int state)
{
	return &svclb_tunings[SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN -
			      SVCLB_A_SETTINGS_DATAPATH + state];
}

static int parse_word(const struct svclb_tuning *tuning, const char *word,
		      uint32_t *value, struct svclb_err *err)
{
	uint32_t i;

	for (i = 0; tuning->words[i]; i++) {
		if (!strcmp(word, tuning->words[i])) {
			*value = i;
			return 0;
		}
	}
	return svclb_err_set(err, SVCLB_ERR_INPUT, "'%.80s': --%s is %s or %s",
			     word, tuning->name, tuning->words[0],
			     tuning->words[1]);
}

/**
 * svclb_tuning_parse() - read the value of a setting
 * @i:     index of the setting
 * @word:  the word
 * @value: for the value
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_tuning_parse(unsigned int i, const char *word, uint32_t *value,
		       struct svclb_err *err)
{
	const struct svclb_tuning *tuning = &svclb_tunings[i];
	struct svclb_err ignored;
	uint64_t number;

	if (tuning->words)
		return parse_word(tuning, word, value, err);
	if (svclb_text_parse_number(word, tuning->name, tuning->max, &number,
				    &ignored) || !number)
		return svclb_err_set(err, SVCLB_ERR_INPUT,
				     "'%.80s': --%s is a number from 1 to %lu",
				     word, tuning->name,
				     (unsigned long)tuning->max);
	*value = (uint32_t)number;
	return 0;
}

/**
 * svclb_tuning_word() - what a value is called
 * @i:     index of the setting
 * @value: its value
 *
 * Return: the word; NULL if the value is a number. "unknown" if a newer module
 * has more than this tool knows.
 */
const char *svclb_tuning_word(unsigned int i, uint32_t value)
{
	const char *const *words = svclb_tunings[i].words;

	if (!words)
		return NULL;
	/* There are two of each. */
	return value < 2 ? words[value] : "unknown";
}

/**
 * svclb_text_flow_state() - name of a state of flows
 * @state: enum svclb_flow_state
 *
 * Return: the name; "unknown" if a newer module has more than this tool knows.
 */
const char *svclb_text_flow_state(uint8_t state)
{
	return state <= SVCLB_FLOW_STATE_MAX ?
	       timeout_of(state)->name + PREFIX_LENGTH : "unknown";
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
		if (!strcmp(word, svclb_text_flow_state(i))) {
			*state = i;
			return 0;
		}
	}
	return svclb_text_bad(err, word, "unknown state",
			      "there are tcp-syn, tcp-established, tcp-half-closed, tcp-closed, udp, udp-stream, sctp-setup, sctp-established and sctp-closed");
}
