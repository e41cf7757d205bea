// SPDX-License-Identifier: GPL-2.0-only
#include "out.h"

#include <stdlib.h>
#include <string.h>

/* Between two columns. */
#define GAP 2

/**
 * svclb_table_add() - add the next cell
 * @table: the table, all zero but for the number of columns and alignment
 * @text:  its text; copied
 */
void svclb_table_add(struct svclb_table *table, const char *text)
{
	size_t room = table->max ? table->max * 2 : 256;
	unsigned int column = table->nr % table->nr_columns;
	int width = (int)strlen(text);
	char **bigger, *copy;

	if (table->nr == table->max) {
		bigger = realloc(table->cells, room * sizeof(*bigger));
		if (!bigger) {
			table->failed = true;
			return;
		}
		table->cells = bigger;
		table->max = room;
	}
	copy = strdup(text);
	if (!copy) {
		table->failed = true;
		return;
	}
	table->cells[table->nr++] = copy;
	if (width > table->widths[column])
		table->widths[column] = width;
}

/**
 * svclb_table_add_number() - add a number as the next cell
 * @table:  the table
 * @number: the number
 */
void svclb_table_add_number(struct svclb_table *table, uint64_t number)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	svclb_table_add(table, text);
}

/* By hand, as large tables have a million of cells. */
static void write_blanks(FILE *file, int nr)
{
	while (nr-- > 0)
		putc_unlocked(' ', file);
}

static void write_row(const struct svclb_table *table, char **cells, FILE *file)
{
	unsigned int last = table->nr_columns, i;
	int blanks = 0, fill;

	while (last && !*cells[last - 1])
		last--;
	for (i = 0; i < last; i++) {
		fill = table->widths[i] - (int)strlen(cells[i]);
		if (table->right & 1u << i) {
			blanks += fill;
			fill = 0;
		}
		write_blanks(file, blanks);
		fputs(cells[i], file);
		blanks = fill + GAP;
	}
	putc('\n', file);
}

/**
 * svclb_table_write() - print a table
 * @table: the table, with whole rows
 * @file:  where to print it
 * @err:   for errors
 *
 * Return: 0, or -1 if memory had run out.
 */
int svclb_table_write(const struct svclb_table *table, FILE *file,
		      struct svclb_err *err)
{
	size_t i;

	if (table->failed)
		return svclb_err_memory(err);
	for (i = 0; i < table->nr; i += table->nr_columns)
		write_row(table, table->cells + i, file);
	return 0;
}

/**
 * svclb_table_uninit() - free what a table holds
 * @table: the table
 */
void svclb_table_uninit(struct svclb_table *table)
{
	size_t i;

	for (i = 0; i < table->nr; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct svclb_table){ 0 };
}

/**
 * svclb_json_text() - make a JSON string
 * @text: the text; bytes that are no UTF-8 become question marks
 *
 * Return: the string, or NULL when there is no memory.
 */
json_t *svclb_json_text(const char *text)
{
	json_t *json = json_string(text);
	char *copy, *c;

	if (json)
		return json;
	copy = strdup(text);
	if (!copy)
		return NULL;
	for (c = copy; *c; c++)
		if (*c & 0x80)
			*c = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

/**
 * svclb_json_number() - make a JSON number
 * @number: the number; if the library cannot hold it, it becomes a string
 *
 * Return: the number, or NULL when there is no memory.
 */
json_t *svclb_json_number(uint64_t number)
{
	char text[24];

	if (number <= INT64_MAX)
		return json_integer((json_int_t)number);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	return json_string(text);
}

/**
 * svclb_json_write() - print JSON as one line, or as many if it shall be pretty
 * @file:   where to print it
 * @json:   what to print; freed; NULL is a lack of memory
 * @pretty: whether to indent it
 * @err:    for errors
 *
 * Return: 0 or -1.
 */
int svclb_json_write(FILE *file, json_t *json, bool pretty,
		     struct svclb_err *err)
{
	int result;

	if (!json)
		return svclb_err_memory(err);
	result = json_dumpf(json, file, pretty ? JSON_INDENT(2) : JSON_COMPACT);
	putc('\n', file);
	json_decref(json);
	if (result)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "cannot write the output");
	return 0;
}
