// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings of the datapath, as a table: all that reads, writes, compares or
 * prints them goes through it.
 */
#include "tuning.h"

#include <stddef.h>

static const char *const datapaths[] = { "conntrack", "direct", NULL };
static const char *const when_full[] = { "evict", "drop", NULL };

const struct svclb_tuning svclb_tunings[SVCLB_TUNINGS] = {
	{ "datapath", "datapath", datapaths, 1, 0 },
	{ "flow-max", "flows", NULL, 4, UINT32_MAX },
	{ "flow-full", "when flows are full", when_full, 1, 0 },
	{ "timeout-tcp-syn", "timeout tcp-syn", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-tcp-established", "timeout tcp-established", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-tcp-half-closed", "timeout tcp-half-closed", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-tcp-closed", "timeout tcp-closed", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-udp", "timeout udp", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-udp-stream", "timeout udp-stream", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-sctp-setup", "timeout sctp-setup", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-sctp-established", "timeout sctp-established", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
	{ "timeout-sctp-closed", "timeout sctp-closed", NULL, 4,
	  SVCLB_TIMEOUT_MAX },
};

/* What stands before a state in the name of its timeout. */
#define PREFIX_LENGTH 8

static const struct svclb_tuning *timeout_of(unsigned int state)
{
	return &svclb_tunings[SVCLB_A_SETTINGS_TIMEOUT_TCP_SYN -
			      SVCLB_A_SETTINGS_DATAPATH + state];
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
 * svclb_tuning_state() - name of a state of flows
 * @state: enum svclb_flow_state
 *
 * Return: the name; "unknown" if a newer module has more than this tool knows.
 */
const char *svclb_tuning_state(uint8_t state)
{
	return state <= SVCLB_FLOW_STATE_MAX ?
	       timeout_of(state)->name + PREFIX_LENGTH : "unknown";
}
