// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds where values of JSON end, without understanding them, and leaves out
 * what nobody reads: that is most of what an API server sends, and decoding it
 * would take most of the time.
 *
 * What is found here is decoded by the library, which then sees all mistakes in
 * what was kept.
 */
#include "scan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Deeper than any object. */
#define DEPTH_MAX 64

/*
 * A value may be three bytes long and take hundreds when decoded, so that size
 * alone is no bound. A slice has up to a thousand endpoints.
 */
#define NESTED_MAX 100000
#define VALUES_MAX 500000

/* Memory beyond this is given back after a value. */
#define KEEP_MAX 0x40000

/**
 * svclb_scan_begin() - be ready for a value
 * @scan:  the scanner; all zero at first
 * @max:   how much of it to keep at most
 * @place: what it is, if it is an object or an array
 */
void svclb_scan_begin(struct svclb_scan *scan, size_t max,
		      enum svclb_scan_place place)
{
	char *bytes = scan->bytes;
	size_t room = scan->room;

	if (room > KEEP_MAX) {
		free(bytes);
		bytes = NULL;
		room = 0;
	}
	*scan = (struct svclb_scan){
		.bytes = bytes,
		.room = room,
		.max = max,
		.next = (uint8_t)place,
	};
}

static void keep(struct svclb_scan *scan, const char *from, const char *to)
{
	size_t len = (size_t)(to - from), room = scan->room;
	char *bigger;

	if (scan->wrong || !len)
		return;
	if (len > scan->max - scan->len) {
		scan->wrong = "it is too large";
		return;
	}
	if (len > room - scan->len) {
		while (len > room - scan->len)
			room = room ? room * 2 : 4096;
		bigger = realloc(scan->bytes, room);
		if (!bigger) {
			scan->wrong = "out of memory";
			return;
		}
		scan->bytes = bigger;
		scan->room = room;
	}
	memcpy(scan->bytes + scan->len, from, len);
	scan->len += len;
}

static enum svclb_scan_place place_of(const struct svclb_scan *scan)
{
	if (!scan->depth || scan->depth > SVCLB_SCAN_PLACES)
		return SVCLB_SCAN_OTHER;
	return scan->places[scan->depth - 1];
}

/* A key's value is left out, or is a place of its own. */
#define LEFT_OUT SVCLB_SCAN_NR

/**
 * struct key - a key that matters in its place
 * @name:  the key
 * @len:   its length
 * @place: what its value is, or LEFT_OUT
 */
struct key {
	const char *name;
	size_t len;
	int place;
};

#define KEY(name, place) { name, sizeof(name) - 1, place }
#define KEYS_MAX 8

static const struct key keys[SVCLB_SCAN_NR][KEYS_MAX] = {
	[SVCLB_SCAN_EVENT] = {
		KEY("object", SVCLB_SCAN_OBJECT),
	},
	[SVCLB_SCAN_OBJECT] = {
		KEY("metadata", SVCLB_SCAN_METADATA),
		KEY("spec", SVCLB_SCAN_SPEC),
		KEY("endpoints", SVCLB_SCAN_ENDPOINTS),
	},
	[SVCLB_SCAN_METADATA] = {
		KEY("annotations", SVCLB_SCAN_ANNOTATIONS),
		KEY("managedFields", LEFT_OUT),
		KEY("ownerReferences", LEFT_OUT),
		KEY("creationTimestamp", LEFT_OUT),
		KEY("generateName", LEFT_OUT),
		KEY("generation", LEFT_OUT),
		KEY("selfLink", LEFT_OUT),
	},
	[SVCLB_SCAN_ANNOTATIONS] = {
		KEY("kubectl.kubernetes.io/last-applied-configuration",
		    LEFT_OUT),
	},
	[SVCLB_SCAN_SPEC] = {
		KEY("selector", LEFT_OUT),
	},
	[SVCLB_SCAN_ENDPOINT] = {
		KEY("targetRef", LEFT_OUT),
		KEY("deprecatedTopology", LEFT_OUT),
	},
};

/* A key has ended; whether its value is to be left out. */
static bool enter(struct svclb_scan *scan)
{
	const struct key *key = keys[place_of(scan)];
	int i;

	scan->next = SVCLB_SCAN_OTHER;
	if (scan->wrong)
		return false;
	for (i = 0; i < KEYS_MAX && key->name; i++, key++) {
		if (key->len != scan->name_len ||
		    memcmp(scan->bytes + scan->name, key->name, key->len) != 0)
			continue;
		if (key->place == LEFT_OUT)
			return true;
		scan->next = (uint8_t)key->place;
		break;
	}
	return false;
}

static void open_nested(struct svclb_scan *scan)
{
	if (place_of(scan) == SVCLB_SCAN_ENDPOINTS)
		scan->next = SVCLB_SCAN_ENDPOINT;
	if (scan->depth < SVCLB_SCAN_PLACES)
		scan->places[scan->depth] = scan->next;
	scan->next = SVCLB_SCAN_OTHER;
	scan->depth++;
	if (scan->drop)
		return;
	if (scan->depth > DEPTH_MAX && !scan->wrong)
		scan->wrong = "it is too deep";
	if (++scan->nested > NESTED_MAX && !scan->wrong)
		scan->wrong = "it has too many parts";
}

/* The end of a number or of a word, which nothing but what follows tells. */
static const bool ends_word[256] = {
	[','] = true, ['}'] = true, [']'] = true, [' '] = true,
	['\n'] = true, ['\r'] = true, ['\t'] = true,
};

/* What matters outside of texts. */
static const bool is_mark[256] = {
	['{'] = true, ['}'] = true, ['['] = true, [']'] = true,
	['"'] = true, [':'] = true, [','] = true,
};

static const char *find(const bool set[256], const char *at, const char *end)
{
	while (at < end && !set[(unsigned char)*at])
		at++;
	return at;
}

/**
 * struct bytes - bytes that are being read
 * @from: where what is not kept yet begins
 * @at:   the next one
 * @end:  where they end
 */
struct bytes {
	const char *from;
	const char *at;
	const char *end;
};

static void keep_read(struct svclb_scan *scan, struct bytes *bytes)
{
	if (!scan->drop)
		keep(scan, bytes->from, bytes->at);
	bytes->from = bytes->at;
}

/* Reads up to the end of the text that this is within, or of what there is. */
static bool read_text(struct svclb_scan *scan, struct bytes *bytes)
{
	static const bool matters[256] = { ['"'] = true, ['\\'] = true };

	while (bytes->at < bytes->end) {
		if (scan->escaped) {
			scan->escaped = false;
			bytes->at++;
			continue;
		}
		bytes->at = find(matters, bytes->at, bytes->end);
		if (bytes->at == bytes->end)
			break;
		if (*bytes->at++ == '\\') {
			scan->escaped = true;
			continue;
		}
		scan->string = false;
		keep_read(scan, bytes);
		scan->name_len = scan->len - scan->name - 1;
		return !scan->depth;
	}
	return false;
}

static bool read_word(struct svclb_scan *scan, struct bytes *bytes)
{
	bytes->at = find(ends_word, bytes->at, bytes->end);
	if (bytes->at == bytes->end)
		return false;
	keep_read(scan, bytes);
	return true;
}

static void read_key_end(struct svclb_scan *scan)
{
	if (scan->drop || !enter(scan))
		return;
	scan->len = scan->name - 1;
	scan->drop = scan->depth;
}

/* Reads a mark; whether the value ends with it. */
static bool read_mark(struct svclb_scan *scan, struct bytes *bytes)
{
	switch (*bytes->at++) {
	case '"':
		scan->string = true;
		keep_read(scan, bytes);
		scan->name = scan->len;
		return false;
	case '{':
	case '[':
		open_nested(scan);
		return false;
	case ':':
		read_key_end(scan);
		return false;
	case ',':
		scan->next = SVCLB_SCAN_OTHER;
		if (!scan->drop && ++scan->values > VALUES_MAX && !scan->wrong)
			scan->wrong = "it has too many parts";
		return false;
	default:
		scan->next = SVCLB_SCAN_OTHER;
		if (--scan->depth)
			return false;
		keep_read(scan, bytes);
		return true;
	}
}

/* What is left out ends before the mark that follows it. */
static bool ends_drop(const struct svclb_scan *scan, char mark)
{
	return scan->drop && scan->depth == scan->drop &&
	       (mark == ',' || mark == '}' || mark == ']');
}

/* Of the commas before and behind it, one is left out too. */
static void end_drop(struct svclb_scan *scan, struct bytes *bytes)
{
	scan->drop = 0;
	bytes->from = bytes->at;
	if (*bytes->at == ',') {
		bytes->from++;
		return;
	}
	while (scan->len && strchr(" \t\r\n", scan->bytes[scan->len - 1]))
		scan->len--;
	if (scan->len && scan->bytes[scan->len - 1] == ',')
		scan->len--;
}

static bool read_plain(struct svclb_scan *scan, struct bytes *bytes)
{
	bytes->at = find(is_mark, bytes->at, bytes->end);
	if (bytes->at == bytes->end)
		return false;
	if (ends_drop(scan, *bytes->at))
		end_drop(scan, bytes);
	return read_mark(scan, bytes);
}

/**
 * svclb_scan_push() - read on
 * @scan:     the scanner
 * @at:       the bytes; there is one at least, and no blanks are before the
 *            value
 * @end:      where they end
 * @complete: set to whether the value has ended
 *
 * Return: what follows the value, or @end.
 */
const char *svclb_scan_push(struct svclb_scan *scan, const char *at,
			    const char *end, bool *complete)
{
	struct bytes bytes = { at, at, end };
	bool done = false;

	if (!scan->begun) {
		scan->begun = true;
		scan->word = !strchr("\"{[", *at) || !*at;
	}
	while (!done && bytes.at < bytes.end) {
		if (scan->string)
			done = read_text(scan, &bytes);
		else if (scan->word)
			done = read_word(scan, &bytes);
		else
			done = read_plain(scan, &bytes);
	}
	if (!done)
		keep_read(scan, &bytes);
	*complete = done;
	return bytes.at;
}

/**
 * svclb_scan_load() - decode what was read
 * @scan:  the scanner; the value is complete
 * @error: says what is wrong with it
 *
 * Return: the value, or NULL.
 */
json_t *svclb_scan_load(struct svclb_scan *scan, json_error_t *error)
{
	json_t *json;

	if (!scan->wrong) {
		json = json_loadb(scan->bytes, scan->len, JSON_DECODE_ANY,
				  error);
		if (json)
			return json;
	} else {
		snprintf(error->text, sizeof(error->text), "%s", scan->wrong);
	}
	return NULL;
}

/**
 * svclb_scan_uninit() - free a scanner
 * @scan: the scanner; all zero afterwards
 */
void svclb_scan_uninit(struct svclb_scan *scan)
{
	free(scan->bytes);
	*scan = (struct svclb_scan){ 0 };
}
