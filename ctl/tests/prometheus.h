/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_PROMETHEUS_H
#define SVCLB_CTL_PROMETHEUS_H

#include <stdbool.h>
#include <stddef.h>

const char *prometheus_fault(const char *text);
bool prometheus_has(const char *text, const char *series, const char *value);
char *prometheus_table(const char *text);

#endif /* SVCLB_CTL_PROMETHEUS_H */
