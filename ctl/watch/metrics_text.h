/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_METRICS_TEXT_H
#define SVCLB_CTL_METRICS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct svclb_metrics_text - a text that grows
 * @at:     the bytes
 * @len:    how many
 * @max:    for how many there is room
 * @failed: whether memory ran out; more is not added then
 */
struct svclb_metrics_text {
	char *at;
	size_t len;
	size_t max;
	bool failed;
};

void svclb_metrics_put(struct svclb_metrics_text *text, const char *bytes,
		       size_t len);
void svclb_metrics_puts(struct svclb_metrics_text *text, const char *string);
void svclb_metrics_put_u64(struct svclb_metrics_text *text, uint64_t number);
void svclb_metrics_put_double(struct svclb_metrics_text *text, double number);
void svclb_metrics_put_label(struct svclb_metrics_text *text, const char *name,
			     const char *value, size_t len);

#endif /* SVCLB_CTL_METRICS_TEXT_H */
