/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_TUNING_H
#define SVCLB_CTL_TUNING_H

#include <stdint.h>

#include "uapi/svclb.h"

/* The settings of the datapath: those whose attributes follow each other. */
#define SVCLB_TUNINGS (SVCLB_A_SETTINGS_TIMEOUT_SCTP_CLOSED - \
		       SVCLB_A_SETTINGS_DATAPATH + 1)
#define SVCLB_TUNING_DATAPATH 0

/**
 * struct svclb_tuning - a setting of the datapath
 * @name:  name of its option, in JSON with "_" for "-"
 * @title: what it is called in a listing
 * @words: what its values are called, NULL at the end; or NULL for a number
 * @size:  of its attribute, in bytes
 * @max:   the largest number; the least is 1
 */
struct svclb_tuning {
	const char *name;
	const char *title;
	const char *const *words;
	int size;
	uint32_t max;
};

extern const struct svclb_tuning svclb_tunings[SVCLB_TUNINGS];

const char *svclb_tuning_word(unsigned int i, uint32_t value);
const char *svclb_tuning_state(uint8_t state);

#endif /* SVCLB_CTL_TUNING_H */
