// SPDX-License-Identifier: GPL-2.0-only
/*
 * Follows an API server and prints what the feed is told, and the log, as lines;
 * until standard input ends. A test compares it with what the server has.
 *
 *	follow KUBECONFIG NODE
 */
#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "watch/log.h"
#include "watch/reflector.h"

/* In place of the log, whose lines would be less easy to read. */
void follow_log(enum svclb_log_level level, const char *message, ...);
void follow_log(enum svclb_log_level level, const char *message, ...)
{
	const char *text;
	va_list args;

	printf("log %d %s", level, message);
	va_start(args, message);
	while ((text = va_arg(args, const char *)))
		printf(" %s", text);
	va_end(args);
	putchar('\n');
}

static const char *text_of(const json_t *object, const char *key)
{
	const json_t *metadata = json_object_get(object, "metadata");
	const char *text = json_string_value(json_object_get(metadata, key));

	return text && *text ? text : "-";
}

static void print(const char *what, enum svclb_resource resource,
		  const json_t *object)
{
	printf("%s %d", what, resource);
	if (object)
		printf(" %.100s/%.100s %s", text_of(object, "namespace"),
		       text_of(object, "name"),
		       text_of(object, "resourceVersion"));
	putchar('\n');
}

static void feed_begin(void *data, enum svclb_resource resource)
{
	(void)data;
	print("begin", resource, NULL);
}

static void feed_set(void *data, enum svclb_resource resource,
		     const json_t *object)
{
	(void)data;
	print("set", resource, object);
}

static void feed_del(void *data, enum svclb_resource resource,
		     const json_t *object)
{
	(void)data;
	print("del", resource, object);
}

static void feed_complete(void *data, enum svclb_resource resource)
{
	(void)data;
	print("complete", resource, NULL);
}

static void feed_broken(void *data, enum svclb_resource resource)
{
	(void)data;
	print("broken", resource, NULL);
}

static void input_ready(void *data, uint32_t events)
{
	char bytes[64];

	(void)events;
	if (read(STDIN_FILENO, bytes, sizeof(bytes)) <= 0)
		svclb_loop_stop(data);
}

int main(int argc, char **argv)
{
	/* As in earnest, but with less time to wait. */
	static const struct svclb_pace pace = {
		.watch_min = 2000,
		.watch_max = 2000,
		.grace = 500,
		.steady = 300,
		.backoff_min = 50,
		.backoff_max = 400,
		.list = 6000,
		.silence = 2000,
	};
	struct svclb_stats stats = { 0 };
	struct svclb_access access;
	struct svclb_reflecting reflecting = {
		.access = &access,
		.feed = {
			.begin = feed_begin,
			.set = feed_set,
			.del = feed_del,
			.complete = feed_complete,
			.broken = feed_broken,
		},
		.node = argv[argc - 1],
		.stats = &stats,
		.pace = &pace,
	};
	struct svclb_reflectors *reflectors;
	struct svclb_loop *loop;
	struct svclb_err err;

	if (argc != 3)
		errx(2, "usage: follow KUBECONFIG NODE");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (svclb_access_kubeconfig(&access, argv[1], NULL, &err) ||
	    svclb_loop_create(&loop, &err) ||
	    svclb_loop_watch(loop, STDIN_FILENO, EPOLLIN, input_ready, loop,
			     &err))
		errx(2, "%s", err.text);
	reflecting.loop = loop;
	if (svclb_reflectors_create(&reflectors, &reflecting, &err) ||
	    svclb_loop_run(loop, &err))
		errx(1, "%s", err.text);
	svclb_reflectors_free(reflectors);
	svclb_loop_free(loop);
	svclb_access_uninit(&access);
	printf("stats %llu %llu %llu\n", (unsigned long long)stats.lists,
	       (unsigned long long)stats.watches,
	       (unsigned long long)stats.request_errors);
	return 0;
}
