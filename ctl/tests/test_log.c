// SPDX-License-Identifier: GPL-2.0-only
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "watch/log.h"

/* Standard error, while it is a pipe that the test reads. */
struct capture {
	int fd[2];
	int old;
	char text[2 * PIPE_BUF];
};

static void capture_begin(struct capture *capture)
{
	capture->old = dup(STDERR_FILENO);
	if (pipe2(capture->fd, O_CLOEXEC) || dup2(capture->fd[1], 2) < 0)
		abort();
	fcntl(capture->fd[0], F_SETFL, O_NONBLOCK);
}

static const char *capture_read(struct capture *capture)
{
	ssize_t len;

	len = read(capture->fd[0], capture->text, sizeof(capture->text) - 1);
	capture->text[len > 0 ? len : 0] = '\0';
	return capture->text;
}

static void capture_end(struct capture *capture)
{
	dup2(capture->old, STDERR_FILENO);
	close(capture->old);
	close(capture->fd[0]);
	close(capture->fd[1]);
}

/* A line without its time. */
static const char *behind_time(const char *line)
{
	return strlen(line) > 25 && line[23] == 'Z' ? line + 25 : "no time";
}

static void test_text(struct tap *tap)
{
	struct capture capture;

	capture_begin(&capture);
	svclb_log_setup(SVCLB_LOG_TEXT, SVCLB_LOG_INFO);
	svclb_log(SVCLB_LOG_INFO, "a service came", "name", "default/web", NULL);
	tap_text(tap, behind_time(capture_read(&capture)),
		 "info a service came name=default/web\n", "a plain line");
	svclb_log(SVCLB_LOG_ERROR, "bad\nline", "key", "a b", "more", "",
		  "q", "say \"x\\\"", NULL);
	tap_text(tap, behind_time(capture_read(&capture)),
		 "error bad\\nline key=\"a b\" more=\"\" q=\"say \\\"x\\\\\\\"\"\n",
		 "quotes");
	svclb_log(SVCLB_LOG_WARNING, "m", "v",
		  "\x1b[31m\xff\xc3\xa4\xc0\xaf\xe2\x80\xae\xed\xa0\x80\xf0\x9f\x98\x80",
		  NULL);
	tap_text(tap, behind_time(capture_read(&capture)),
		 "warning m v=\"\\u001b[31m\xef\xbf\xbd\xc3\xa4\xef\xbf\xbd\xef\xbf\xbd\\u202e\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xf0\x9f\x98\x80\"\n",
		 "controls and what is not UTF-8");
	svclb_log(SVCLB_LOG_DEBUG, "not asked for", NULL);
	tap_text(tap, capture_read(&capture), "", "no debugging unless asked for");
	capture_end(&capture);
}

static void test_journal(struct tap *tap)
{
	struct capture capture;
	struct stat stat;
	char stream[64];

	capture_begin(&capture);
	if (fstat(STDERR_FILENO, &stat))
		abort();
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)stat.st_dev,
		 (uintmax_t)stat.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	svclb_log_setup(SVCLB_LOG_TEXT, SVCLB_LOG_DEBUG);
	svclb_log(SVCLB_LOG_DEBUG, "x", "y", "z", NULL);
	tap_text(tap, capture_read(&capture), "<7>x y=z\n",
		 "the journal gets a priority");
	setenv("JOURNAL_STREAM", "1:1", 1);
	svclb_log_setup(SVCLB_LOG_TEXT, SVCLB_LOG_INFO);
	svclb_log(SVCLB_LOG_INFO, "x", NULL);
	tap_text(tap, behind_time(capture_read(&capture)), "info x\n",
		 "another's journal does not count");
	unsetenv("JOURNAL_STREAM");
	capture_end(&capture);
}

static void test_json(struct tap *tap)
{
	char *huge = malloc(100001);
	struct capture capture;
	const char *line;
	json_t *json;

	memset(huge, 1, 100000);
	huge[100000] = '\0';
	capture_begin(&capture);
	svclb_log_setup(SVCLB_LOG_JSON, SVCLB_LOG_INFO);
	svclb_log(SVCLB_LOG_WARNING, huge, "a", huge, "b", huge, "c", huge, "d",
		  huge, "e", huge, NULL);
	line = capture_read(&capture);
	tap_ok(tap, strlen(line) <= PIPE_BUF && strchr(line, '\n') &&
	       !strchr(line, '\n')[1], "a huge message is one bounded line");
	json = json_loads(line, 0, NULL);
	tap_ok(tap, json, "and JSON all the same");
	tap_text(tap, json_string_value(json_object_get(json, "level")),
		 "warning", "with its level");
	json_decref(json);
	svclb_log(SVCLB_LOG_INFO, "m\"", "k", "v\xff\n", NULL);
	json = json_loads(capture_read(&capture), 0, NULL);
	tap_text(tap, json_string_value(json_object_get(json, "k")),
		 "v\xef\xbf\xbd\n", "a value of odd bytes");
	json_decref(json);
	capture_end(&capture);
	free(huge);
}

/* Nobody reads: messages are dropped, and told of later. */
static void test_stuck(struct tap *tap)
{
	static char text[1 << 17];
	struct capture capture;
	int i, lines = 0;

	capture_begin(&capture);
	svclb_log_setup(SVCLB_LOG_TEXT, SVCLB_LOG_INFO);
	memset(text, 'x', 1000);
	for (i = 0; i < 1000; i++)
		svclb_log(SVCLB_LOG_INFO, "message", "v", text, NULL);
	tap_ok(tap, true, "a reader that does not read stops nothing");
	while (read(capture.fd[0], text, sizeof(text) - 1) > 0)
		lines++;
	svclb_log(SVCLB_LOG_INFO, "again", NULL);
	tap_ok(tap, lines && strstr(capture_read(&capture), "were dropped") &&
	       strstr(capture.text, "again"), "it is told what it missed");
	capture_end(&capture);
}

int main(void)
{
	struct tap tap = { 0 };

	test_text(&tap);
	test_journal(&tap);
	test_json(&tap);
	test_stuck(&tap);
	return tap_end(&tap);
}
