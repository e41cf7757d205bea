// SPDX-License-Identifier: GPL-2.0-only
/* Reads metrics as strictly as those who collect them. */
#include "prometheus.h"

#include <ctype.h>
#include <err.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/map.h"

/**
 * struct family - the metric whose samples are being read
 * @name:     its name
 * @type:     its type
 * @help:     whether what it tells was said
 * @nr:       how many samples it has
 * @labels:   of the histogram being read, without le
 * @bound:    upper bound of its bucket before
 * @count:    what that had
 * @has_inf:  whether its last bucket was there
 */
struct family {
	char name[128];
	char type[16];
	bool help;
	unsigned int nr;
	char labels[512];
	double bound;
	double count;
	bool has_inf;
};

/**
 * struct reader - metrics being read
 * @family:   the metric whose samples are being read
 * @families: names of those before
 * @nr_families: how many
 * @series:   where each series begins
 * @nr:       how many series
 * @max:      for how many there is room
 * @index:    finds series
 */
struct reader {
	struct family family;
	char families[256][128];
	unsigned int nr_families;
	char **series;
	uint32_t nr;
	uint32_t max;
	struct svclb_map index;
};

static size_t name_length(const char *at)
{
	size_t len = 0;

	if (isdigit((unsigned char)*at))
		return 0;
	while (isalnum((unsigned char)at[len]) || at[len] == '_' ||
	       at[len] == ':')
		len++;
	return len;
}

/* Steps over labels; returns NULL if they are wrong. */
static const char *skip_labels(const char *at)
{
	for (at++; *at != '}'; at += *at == ',') {
		size_t len = name_length(at);

		if (!len || strncmp(at + len, "=\"", 2) != 0)
			return NULL;
		for (at += len + 2; *at != '"'; at++) {
			if (!*at || *at == '\n')
				return NULL;
			if (*at == '\\' && !strchr("\\\"n", *++at))
				return NULL;
		}
		at++;
		if (*at != ',' && *at != '}')
			return NULL;
	}
	return at + 1;
}

static const char *add_series(struct reader *reader, const char *line,
			      size_t len)
{
	uint32_t hash = svclb_hash(line, len);
	struct svclb_map_iter iter;

	svclb_map_find(&reader->index, hash, &iter);
	while (svclb_map_next(&reader->index, &iter))
		if (strlen(reader->series[iter.value]) == len &&
		    !memcmp(reader->series[iter.value], line, len))
			return "a series is there twice";
	if (reader->nr == reader->max) {
		reader->max = reader->max ? reader->max * 2 : 1024;
		reader->series = realloc(reader->series,
					 reader->max * sizeof(char *));
	}
	if (!reader->series || svclb_map_add(&reader->index, hash, reader->nr))
		errx(1, "no memory");
	reader->series[reader->nr++] = strndup(line, len);
	return NULL;
}

/* The labels of a bucket without the last, which is le. */
static const char *check_bucket(struct family *family, const char *labels,
				size_t len, double value)
{
	const char *le = NULL, *at;
	size_t before;
	double bound;

	for (at = labels; (at = strstr(at, "le=\"")) && at < labels + len; at++)
		le = at;
	if (!le)
		return "a bucket has no le";
	bound = strtod(le + 4, NULL);
	before = le - labels;
	if (before && labels[before - 1] == ',')
		before--;
	if (strlen(family->labels) != before ||
	    strncmp(family->labels, labels, before) != 0) {
		snprintf(family->labels, sizeof(family->labels), "%.*s",
			 (int)before, labels);
		family->bound = -1;
		family->count = 0;
		family->has_inf = false;
	}
	if (bound <= family->bound)
		return "buckets do not ascend";
	if (value < family->count)
		return "buckets are not cumulative";
	family->bound = bound;
	family->count = value;
	family->has_inf |= isinf(bound);
	return NULL;
}

static const char *check_histogram(struct family *family, const char *suffix,
				   const char *labels, size_t len, double value)
{
	if (!strcmp(suffix, "_bucket"))
		return check_bucket(family, labels, len, value);
	if (strlen(family->labels) != len ||
	    strncmp(family->labels, labels, len) != 0)
		return "sum or count of other labels than the buckets";
	if (!family->has_inf)
		return "a histogram lacks its last bucket";
	if (!strcmp(suffix, "_count"))
		return value == family->count ? NULL :
		       "count is not that of the last bucket";
	return strcmp(suffix, "_sum") != 0 ? "a sample of no metric" : NULL;
}

static const char *read_sample(struct reader *reader, const char *line,
			       const char *end)
{
	struct family *family = &reader->family;
	size_t name = name_length(line), own = strlen(family->name);
	const char *after = line + name, *labels = after, *fault;
	char suffix[16] = "", *stop;
	double value;

	if (!own || !family->help || !*family->type)
		return "a sample without HELP and TYPE";
	if (name < own || strncmp(line, family->name, own) != 0)
		return "a sample of no metric";
	snprintf(suffix, sizeof(suffix), "%.*s", (int)(name - own), line + own);
	if (*after == '{') {
		labels = after + 1;
		after = skip_labels(after);
		if (!after)
			return "labels are wrong";
	}
	fault = add_series(reader, line, after - line);
	if (fault)
		return fault;
	if (*after != ' ')
		return "no value";
	value = strtod(after + 1, &stop);
	if (stop == after + 1 || stop != end)
		return "the value is no number";
	family->nr++;
	if (!strcmp(family->type, "histogram"))
		return check_histogram(family, suffix, labels,
				       after - 1 > labels ?
				       (size_t)(after - 1 - labels) : 0, value);
	if (*suffix)
		return "a sample of no metric";
	if (!strcmp(family->type, "counter") && value < 0)
		return "a counter is negative";
	return NULL;
}

static const char *begin_family(struct reader *reader, const char *name,
				size_t len)
{
	unsigned int i;

	if (reader->family.name[0] && !reader->family.nr)
		return "a metric without samples";
	snprintf(reader->family.name, sizeof(reader->family.name), "%.*s",
		 (int)len, name);
	for (i = 0; i < reader->nr_families; i++)
		if (!strcmp(reader->families[i], reader->family.name))
			return "a metric is there twice";
	if (reader->nr_families == 256)
		return "too many metrics";
	memcpy(reader->families[reader->nr_families++], reader->family.name,
	       sizeof(reader->family.name));
	reader->family.type[0] = '\0';
	reader->family.labels[0] = '\0';
	reader->family.help = true;
	reader->family.nr = 0;
	return NULL;
}

static const char *read_comment(struct reader *reader, const char *line,
				const char *end)
{
	struct family *family = &reader->family;
	const char *name = line + 7, *word;
	size_t len = name_length(name);
	bool total;

	if (!len || name[len] != ' ')
		return "a comment has no name";
	word = name + len + 1;
	if (!strncmp(line, "# HELP ", 7))
		return word < end ? begin_family(reader, name, len) :
				    "HELP says nothing";
	if (strncmp(line, "# TYPE ", 7) != 0)
		return "an unknown comment";
	if (strlen(family->name) != len || strncmp(family->name, name, len) != 0)
		return "TYPE without HELP";
	snprintf(family->type, sizeof(family->type), "%.*s", (int)(end - word),
		 word);
	if (strcmp(family->type, "counter") != 0 &&
	    strcmp(family->type, "gauge") != 0 &&
	    strcmp(family->type, "histogram") != 0)
		return "an unknown type";
	total = len > 6 && !strncmp(name + len - 6, "_total", 6);
	/* One gauge of kube-proxy's is called so. */
	if (total != !strcmp(family->type, "counter") &&
	    !strstr(family->name, "no_local_endpoints"))
		return "counters, and they alone, end with _total";
	return NULL;
}

/**
 * prometheus_fault() - what is wrong with metrics?
 * @text: the metrics
 *
 * Return: the first fault and its line, good until the next call; NULL if there
 * is none.
 */
const char *prometheus_fault(const char *text)
{
	static char fault[512];
	const char *what = NULL, *end, *line;
	struct reader *reader = calloc(1, sizeof(*reader));
	uint32_t i;

	if (!reader)
		errx(1, "no memory");
	for (line = text; *line && !what; line = end + 1) {
		end = strchr(line, '\n');
		if (!end) {
			what = "the last line has no end";
			end = line + strlen(line) - 1;
		} else if (*line == '#') {
			what = read_comment(reader, line, end);
		} else {
			what = read_sample(reader, line, end);
		}
		if (what) {
			snprintf(fault, sizeof(fault), "%s: %.*s", what,
				 (int)(end - line > 300 ? 300 : end - line),
				 line);
			what = fault;
		}
	}
	if (!what && !reader->nr)
		what = "there are no samples";
	for (i = 0; i < reader->nr; i++)
		free(reader->series[i]);
	free(reader->series);
	svclb_map_uninit(&reader->index);
	free(reader);
	return what;
}

/**
 * prometheus_has() - is there such a sample?
 * @text:   the metrics
 * @series: its name and its labels
 * @value:  its value
 *
 * Return: whether it is there.
 */
bool prometheus_has(const char *text, const char *series, const char *value)
{
	size_t len = strlen(series), value_len = strlen(value);
	const char *at = text;

	for (; (at = strstr(at, series)); at++)
		if ((at == text || at[-1] == '\n') && at[len] == ' ' &&
		    !strncmp(at + len + 1, value, value_len) &&
		    at[len + 1 + value_len] == '\n')
			return true;
	return false;
}

/* The names of the labels of a sample, without le. */
static void write_label_names(FILE *file, const char *sample)
{
	const char *at = sample + name_length(sample), *mark = " by";
	size_t len;

	if (*at != '{')
		return;
	for (at++; at[-1] != '}';) {
		len = name_length(at);
		if (len != 2 || strncmp(at, "le", 2) != 0) {
			fprintf(file, "%s %.*s", mark, (int)len, at);
			mark = ",";
		}
		for (at += len + 2; *at != '"'; at++)
			at += *at == '\\';
		at += 2;
	}
}

/**
 * prometheus_table() - what metrics there are, as the documentation has it
 * @text: the metrics, which are right
 *
 * Return: the text, which the caller frees.
 */
char *prometheus_table(const char *text)
{
	const char *help, *type, *sample;
	char *table = NULL;
	size_t len = 0;
	FILE *file = open_memstream(&table, &len);

	if (!file)
		errx(1, "no memory");
	for (; (help = strstr(text, "# HELP ")); text = sample) {
		type = strchr(help, '\n') + 1;
		sample = strchr(type, '\n') + 1;
		help += 7;
		fprintf(file, "``%.*s``\n", (int)name_length(help), help);
		type += 7;
		type += name_length(type) + 1;
		fprintf(file, "    %.*s", (int)(sample - 1 - type), type);
		write_label_names(file, sample);
		help += name_length(help) + 1;
		fprintf(file, ". %.*s\n\n", (int)strcspn(help, "\n"), help);
	}
	fclose(file);
	return table;
}
