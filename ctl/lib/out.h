/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_OUT_H
#define SVCLB_CTL_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

#define SVCLB_OUT_COLUMNS 10

/* Version of the JSON that is printed: goes up when a key changes its meaning. */
#define SVCLB_OUT_JSON_VERSION 1

/**
 * struct svclb_table - rows of text whose columns are aligned when printed
 * @nr_columns: how many columns there are
 * @right:      bits of the columns that are aligned to the right
 * @cells:      the cells, row by row
 * @nr:         how many
 * @max:        for how many there is room
 * @widths:     widest cell of each column
 * @failed:     whether memory ran out
 */
struct svclb_table {
	unsigned int nr_columns;
	unsigned int right;
	char **cells;
	size_t nr;
	size_t max;
	int widths[SVCLB_OUT_COLUMNS];
	bool failed;
};

void svclb_table_add(struct svclb_table *table, const char *text);
void svclb_table_add_number(struct svclb_table *table, uint64_t number);
int svclb_table_write(const struct svclb_table *table, FILE *file,
		      struct svclb_err *err);
void svclb_table_uninit(struct svclb_table *table);

json_t *svclb_json_text(const char *text);
json_t *svclb_json_number(uint64_t number);
int svclb_json_write(FILE *file, json_t *json, bool pretty,
		     struct svclb_err *err);

#endif /* SVCLB_CTL_OUT_H */
