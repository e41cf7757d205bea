// SPDX-License-Identifier: GPL-2.0-only
/*
 * Durations as Go writes them: numbers, each with a fraction if need be and a
 * unit behind it.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "kubeproxy.h"

/* More than anybody waits: 100 years. What is greater does not go on. */
#define NANOSECONDS_MAX (100ULL * 365 * 24 * 3600 * 1000000000)

#define NANOSECONDS_PER_MS 1000000

static const struct unit {
	const char *name;
	uint64_t nanoseconds;
} units[] = {
	/* Before those that they begin with. */
	{ "ns", 1 },
	{ "us", 1000 },
	{ "\xc2\xb5s", 1000 },
	{ "\xce\xbcs", 1000 },
	{ "ms", 1000000 },
	{ "s", 1000000000 },
	{ "m", 60000000000 },
	{ "h", 3600000000000 },
};

static const struct unit *find_unit(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strncmp(text, units[i].name, strlen(units[i].name)))
			return &units[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Reads one number with its unit; false if there is none, or it is too great. */
static bool read_part(const char **text, uint64_t *nanoseconds)
{
	double fraction = 0, place = 1;
	const struct unit *unit;
	const char *at = *text;
	uint64_t number = 0;
	bool digits = false;

	for (; is_digit(*at); at++, digits = true) {
		if (number > NANOSECONDS_MAX / 10)
			return false;
		number = number * 10 + (*at - '0');
	}
	if (*at == '.')
		for (at++; is_digit(*at); at++, digits = true)
			fraction += (*at - '0') * (place /= 10);
	unit = find_unit(at);
	if (!digits || !unit || number > NANOSECONDS_MAX / unit->nanoseconds)
		return false;
	*nanoseconds += number * unit->nanoseconds +
			(uint64_t)(fraction * (double)unit->nanoseconds + 0.5);
	*text = at + strlen(unit->name);
	return *nanoseconds <= NANOSECONDS_MAX;
}

/**
 * svclb_duration_parse() - read a duration
 * @text:         the text, such as 1h30m
 * @milliseconds: for the duration; what is less than one becomes one
 *
 * Return: 0 or -1.
 */
int svclb_duration_parse(const char *text, uint64_t *milliseconds)
{
	uint64_t nanoseconds = 0;

	if (*text == '+')
		text++;
	if (!strcmp(text, "0")) {
		*milliseconds = 0;
		return 0;
	}
	do {
		if (!read_part(&text, &nanoseconds))
			return -1;
	} while (*text);
	*milliseconds = (nanoseconds + NANOSECONDS_PER_MS - 1) /
			NANOSECONDS_PER_MS;
	return 0;
}

/**
 * svclb_duration_text() - write a duration
 * @text:         room for SVCLB_DURATION_TEXT bytes
 * @milliseconds: the duration
 *
 * Return: @text.
 */
const char *svclb_duration_text(char *text, uint64_t milliseconds)
{
	if (milliseconds % 1000)
		snprintf(text, SVCLB_DURATION_TEXT, "%" PRIu64 "ms",
			 milliseconds);
	else if (milliseconds && !(milliseconds % 3600000))
		snprintf(text, SVCLB_DURATION_TEXT, "%" PRIu64 "h",
			 milliseconds / 3600000);
	else if (milliseconds && !(milliseconds % 60000))
		snprintf(text, SVCLB_DURATION_TEXT, "%" PRIu64 "m",
			 milliseconds / 60000);
	else
		snprintf(text, SVCLB_DURATION_TEXT, "%" PRIu64 "s",
			 milliseconds / 1000);
	return text;
}
