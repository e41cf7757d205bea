/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LOG_H
#define SVCLB_CTL_LOG_H

/**
 * enum svclb_log_level - how much a message matters
 * @SVCLB_LOG_ERROR:   something does not work that should
 * @SVCLB_LOG_WARNING: something is not as it was asked for, or will be retried
 * @SVCLB_LOG_INFO:    what an operator wants to have read afterwards
 * @SVCLB_LOG_DEBUG:   each step
 */
enum svclb_log_level {
	SVCLB_LOG_ERROR,
	SVCLB_LOG_WARNING,
	SVCLB_LOG_INFO,
	SVCLB_LOG_DEBUG,
};

/**
 * enum svclb_log_format - what messages look like
 * @SVCLB_LOG_TEXT: message and key=value; with a priority for the journal if
 *                  that reads it, else with the time
 * @SVCLB_LOG_JSON: an object a line
 */
enum svclb_log_format {
	SVCLB_LOG_TEXT,
	SVCLB_LOG_JSON,
};

void svclb_log_setup(enum svclb_log_format format, enum svclb_log_level most);

/* Behind the message come keys and their values (both text), and then NULL. */
__attribute__((__sentinel__))
void svclb_log(enum svclb_log_level level, const char *message, ...);

/* Room for any number as text. */
#define SVCLB_LOG_NUMBER 24

/* A number as a value; @text has room for SVCLB_LOG_NUMBER bytes. */
const char *svclb_log_number(char *text, unsigned long long number);

#endif /* SVCLB_CTL_LOG_H */
