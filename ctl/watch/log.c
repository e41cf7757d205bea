// SPDX-License-Identifier: GPL-2.0-only
/*
 * The log, on standard error. What is logged may come from anywhere: nothing in
 * it can forge a line or a field, and no reader that is slow can stop us.
 */
#include "log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A pipe takes so much at once or nothing. */
#define LINE_ROOM PIPE_BUF

/* Most bytes of one value, as it is written. */
#define VALUE_ROOM 1024

/* What the end of a line needs: dots, quotation mark, brace, newline. */
#define END_ROOM 8

/* How long a reader may take before messages are dropped. */
#define PATIENCE_MS 200

/**
 * struct line - a line that is being written
 * @text: its bytes
 * @len:  how many
 */
struct line {
	char text[LINE_ROOM];
	size_t len;
};

/* There is one standard error, and so there is one log. */
static struct {
	enum svclb_log_format format;
	enum svclb_log_level most;
	bool is_journal;
	bool is_stuck;
	unsigned long long dropped;
} output = { .most = SVCLB_LOG_INFO };

static const char *const levels[] = {
	[SVCLB_LOG_ERROR] = "error",
	[SVCLB_LOG_WARNING] = "warning",
	[SVCLB_LOG_INFO] = "info",
	[SVCLB_LOG_DEBUG] = "debug",
};

/* Those of syslog. */
static const char *const priorities[] = {
	[SVCLB_LOG_ERROR] = "<3>",
	[SVCLB_LOG_WARNING] = "<4>",
	[SVCLB_LOG_INFO] = "<6>",
	[SVCLB_LOG_DEBUG] = "<7>",
};

static void put(struct line *line, const char *text)
{
	size_t len = strlen(text);

	if (len > sizeof(line->text) - line->len)
		len = sizeof(line->text) - line->len;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

/* Reads a character; what is not UTF-8 is U+FFFD, a byte at a time. */
static uint32_t next_char(const char **text)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *at = (const unsigned char *)*text;
	uint32_t code = *at;
	int len = 1, i;

	if (code >= 0xf0 && code < 0xf8)
		len = 4;
	else if (code >= 0xe0 && code < 0xf0)
		len = 3;
	else if (code >= 0xc0 && code < 0xe0)
		len = 2;
	else if (code >= 0x80)
		code = 0xfffd;
	if (len > 1)
		code &= 0x7f >> len;
	for (i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80) {
			++*text;
			return 0xfffd;
		}
		code = code << 6 | (at[i] & 0x3f);
	}
	if (code < least[len] || code > 0x10ffff ||
	    (code >= 0xd800 && code <= 0xdfff)) {
		++*text;
		return 0xfffd;
	}
	*text += len;
	return code;
}

/* What a terminal or a reader's eye could be led astray by. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void encode(char piece[16], uint32_t code, bool quoted)
{
	int len = 0;

	if (code == '\n') {
		snprintf(piece, 16, "\\n");
	} else if (code == '\t') {
		snprintf(piece, 16, "\\t");
	} else if (is_control(code)) {
		snprintf(piece, 16, "\\u%04x", code);
	} else if (quoted && (code == '"' || code == '\\')) {
		snprintf(piece, 16, "\\%c", (int)code);
	} else if (code < 0x80) {
		snprintf(piece, 16, "%c", (int)code);
	} else {
		if (code >= 0x10000) {
			piece[len++] = 0xf0 | code >> 18;
			piece[len++] = 0x80 | (code >> 12 & 0x3f);
		} else if (code >= 0x800) {
			piece[len++] = 0xe0 | code >> 12;
		}
		if (code >= 0x800)
			piece[len++] = 0x80 | (code >> 6 & 0x3f);
		else
			piece[len++] = 0xc0 | code >> 6;
		piece[len++] = 0x80 | (code & 0x3f);
		piece[len] = '\0';
	}
}

static size_t room_of(const struct line *line)
{
	size_t used = line->len + END_ROOM;

	return used < sizeof(line->text) ? sizeof(line->text) - used : 0;
}

/* Text that is too long ends in dots. */
static void put_text(struct line *line, const char *text, bool quoted)
{
	size_t room = room_of(line);
	char piece[16];

	if (room > VALUE_ROOM)
		room = VALUE_ROOM;
	if (quoted)
		put(line, "\"");
	while (*text) {
		encode(piece, next_char(&text), quoted);
		if (strlen(piece) > room) {
			put(line, "...");
			break;
		}
		room -= strlen(piece);
		put(line, piece);
	}
	if (quoted)
		put(line, "\"");
}

static bool needs_quotes(const char *text)
{
	if (!*text)
		return true;
	while (*text) {
		uint32_t code = next_char(&text);

		if (code == ' ' || code == '"' || code == '=' || code == '\\' ||
		    is_control(code))
			return true;
	}
	return false;
}

static void put_time(struct line *line)
{
	struct timespec now;
	char text[64];
	struct tm tm;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%03uZ",
		 (unsigned int)(now.tv_nsec / 1000000) % 1000);
	put(line, text);
}

static void begin(struct line *line, enum svclb_log_level level,
		  const char *message)
{
	if (output.format == SVCLB_LOG_JSON) {
		put(line, "{\"ts\":\"");
		put_time(line);
		put(line, "\",\"level\":\"");
		put(line, levels[level]);
		put(line, "\",\"msg\":");
		put_text(line, message, true);
		return;
	}
	if (output.is_journal) {
		put(line, priorities[level]);
	} else {
		put_time(line);
		put(line, " ");
		put(line, levels[level]);
		put(line, " ");
	}
	put_text(line, message, false);
}

static void put_pair(struct line *line, const char *key, const char *value)
{
	if (!value)
		value = "";
	if (room_of(line) < strlen(key) + 16)
		return;
	if (output.format == SVCLB_LOG_JSON) {
		put(line, ",");
		put_text(line, key, true);
		put(line, ":");
		put_text(line, value, true);
		return;
	}
	put(line, " ");
	put(line, key);
	put(line, "=");
	put_text(line, value, needs_quotes(value));
}

/* Sends a line if that can be done soon. */
static bool send_line(const struct line *line)
{
	struct pollfd ready = { .fd = STDERR_FILENO, .events = POLLOUT };
	ssize_t sent;

	if (poll(&ready, 1, output.is_stuck ? 0 : PATIENCE_MS) != 1)
		return false;
	sent = send(STDERR_FILENO, line->text, line->len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent < 0 && errno == ENOTSOCK)
		sent = write(STDERR_FILENO, line->text, line->len);
	return sent > 0;
}

static void end(struct line *line)
{
	put(line, output.format == SVCLB_LOG_JSON ? "}\n" : "\n");
	output.is_stuck = !send_line(line);
	if (output.is_stuck)
		output.dropped++;
}

/* Once the reader is back, it is told what it has missed. */
static void tell_dropped(void)
{
	char text[SVCLB_LOG_NUMBER];
	struct line line = { .len = 0 };
	unsigned long long dropped = output.dropped;

	begin(&line, SVCLB_LOG_WARNING,
	      "messages were dropped: whoever reads the log is too slow");
	put_pair(&line, "messages", svclb_log_number(text, dropped));
	output.dropped = 0;
	end(&line);
	if (output.is_stuck)
		output.dropped = dropped;
}

/**
 * svclb_log() - write a message to the log
 * @level:   how much it matters
 * @message: what there is to say
 *
 * Behind the message come keys and their values, and NULL.
 */
void svclb_log(enum svclb_log_level level, const char *message, ...)
{
	struct line line = { .len = 0 };
	int number = errno;
	const char *key;
	va_list args;

	if (level > output.most)
		return;
	if (output.dropped)
		tell_dropped();
	begin(&line, level, message);
	va_start(args, message);
	while ((key = va_arg(args, const char *)))
		put_pair(&line, key, va_arg(args, const char *));
	va_end(args);
	end(&line);
	errno = number;
}

/* Whether standard error is what systemd connected to the journal. */
static bool is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	struct stat stat;
	char text[64];

	if (!stream || fstat(STDERR_FILENO, &stat))
		return false;
	snprintf(text, sizeof(text), "%ju:%ju", (uintmax_t)stat.st_dev,
		 (uintmax_t)stat.st_ino);
	return !strcmp(text, stream);
}

/**
 * svclb_log_setup() - choose what the log looks like
 * @format: what messages look like
 * @most:   the level of the least important ones that are written
 */
void svclb_log_setup(enum svclb_log_format format, enum svclb_log_level most)
{
	output.format = format;
	output.most = most;
	output.is_journal = is_journal();
}

/**
 * svclb_log_number() - make a number the value of a key
 * @text:   room for it
 * @number: the number
 *
 * Return: @text.
 */
const char *svclb_log_number(char *text, unsigned long long number)
{
	snprintf(text, SVCLB_LOG_NUMBER, "%llu", number);
	return text;
}
