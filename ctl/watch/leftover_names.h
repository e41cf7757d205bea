/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_LEFTOVER_NAMES_H
#define SVCLB_CTL_LEFTOVER_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool svclb_leftover_chain(const char *table, const char *name, size_t len);
bool svclb_leftover_set(const char *name, size_t len);
bool svclb_leftover_node_port_set(const char *name, uint8_t *proto,
				  uint8_t *family);

#endif /* SVCLB_CTL_LEFTOVER_NAMES_H */
