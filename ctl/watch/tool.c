// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs other programs: what they read is in a file in memory, what they print is
 * collected, within bounds of size and time.
 */
#include "tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST_OUTPUT ((size_t)1 << 30)
#define MOST_ERRORS 1024		/* that are told; the rest is read over */
#define MOST_SECONDS 600
#define PART ((size_t)65536)

/* Behind PATH: where the kernel's tools are, which some PATHs do not know. */
static const char more_places[] = "/usr/local/sbin:/usr/sbin:/sbin";

/**
 * struct stream - one of the two that a program writes
 * @fd:   where it is read, or -1
 * @text: what was read
 * @len:  its length
 * @room: room for it
 * @most: how much of it is kept
 */
struct stream {
	int fd;
	char *text;
	size_t len;
	size_t room;
	size_t most;
};

static bool find_in(const char *places, const char *name,
		    char path[SVCLB_TOOL_PATH])
{
	const char *at = places, *end;
	int len;

	for (; at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, ':');
		if (*at != '/')
			continue;
		len = snprintf(path, SVCLB_TOOL_PATH, "%.*s/%s",
			       (int)(end - at), at, name);
		if (len > 0 && len < SVCLB_TOOL_PATH && !access(path, X_OK))
			return true;
	}
	return false;
}

/**
 * svclb_tool_find() - find a program
 * @name: its name
 * @path: for its path
 *
 * Return: whether there is one.
 */
bool svclb_tool_find(const char *name, char path[SVCLB_TOOL_PATH])
{
	const char *places = getenv("PATH");

	return (places && find_in(places, name, path)) ||
	       find_in(more_places, name, path);
}

static int make_input(const char *text, size_t len, struct svclb_err *err)
{
	int fd = memfd_create("input", MFD_CLOEXEC);
	ssize_t part;

	if (fd < 0)
		return svclb_err_system(err, "memfd_create", errno);
	while (len) {
		part = write(fd, text, len);
		if (part < 0 && errno == EINTR)
			continue;
		if (part <= 0)
			break;
		text += part;
		len -= part;
	}
	if (!len && !lseek(fd, 0, SEEK_SET))
		return fd;
	svclb_err_system(err, "input of a program", errno);
	close(fd);
	return -1;
}

/* Reads some; what is more than is kept is an error, or read over. */
static int read_some(struct stream *stream, bool errors)
{
	size_t want = PART;
	char over[1024], *bigger;
	ssize_t part;

	if (errors && stream->len >= stream->most) {
		part = read(stream->fd, over, sizeof(over));
	} else {
		if (stream->len >= stream->most)
			return -EFBIG;
		if (stream->room - stream->len < 2) {
			stream->room = stream->room ? stream->room * 2 : PART;
			bigger = realloc(stream->text, stream->room);
			if (!bigger)
				return -ENOMEM;
			stream->text = bigger;
		}
		if (want > stream->room - stream->len - 1)
			want = stream->room - stream->len - 1;
		part = read(stream->fd, stream->text + stream->len, want);
		if (part > 0)
			stream->len += part;
	}
	if (part < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (!part) {
		close(stream->fd);
		stream->fd = -1;
	}
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Until both are closed; 0 or a negative errno. */
static int collect(struct stream streams[2])
{
	int64_t end = now_ms() + MOST_SECONDS * 1000LL, left;
	struct pollfd fds[2];
	int i, result;

	while (streams[0].fd >= 0 || streams[1].fd >= 0) {
		left = end - now_ms();
		if (left <= 0)
			return -ETIMEDOUT;
		for (i = 0; i < 2; i++)
			fds[i] = (struct pollfd){ .fd = streams[i].fd,
						  .events = POLLIN };
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return -errno;
		for (i = 0; i < 2; i++) {
			if (!fds[i].revents)
				continue;
			result = read_some(&streams[i], i == 1);
			if (result)
				return result;
		}
	}
	return 0;
}

/* It begins as if a shell had started it, whatever signals mean to us. */
static int spawn(const char *const *words, int input, int output, int errors,
		 pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int result;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
					POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
	result = posix_spawn(pid, words[0], &actions, &attr,
			     (char *const *)words, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return result;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The first line that says something. */
static void tell_errors(const struct stream *errors, struct svclb_err *err)
{
	size_t len, i;
	const char *text = errors->text;

	if (!errors->len)
		return;
	len = strnlen(text, errors->len);
	while (len && (*text == '\n' || *text == ' ')) {
		text++;
		len--;
	}
	for (i = 0; i < len && text[i] != '\n'; i++)
		;
	if (i)
		svclb_err_append(err, ": %.*s", (int)(i < 400 ? i : 400), text);
}

static int finish(pid_t pid, const char *name, int result,
		  const struct stream *errors, struct svclb_err *err)
{
	int status = 0;
	pid_t waited;

	if (result)
		kill(pid, SIGKILL);
	do {
		waited = waitpid(pid, &status, 0);
	} while (waited < 0 && errno == EINTR);
	if (result == -EFBIG)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "%s: prints too much", name);
	if (result == -ETIMEDOUT)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "%s: does not end", name);
	if (result)
		return svclb_err_system(err, name, -result);
	if (waited < 0)
		return svclb_err_system(err, name, errno);
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	if (WIFSIGNALED(status))
		svclb_err_set(err, SVCLB_ERR_FAILED, "%s: ended by signal %d",
			      name, WTERMSIG(status));
	else
		svclb_err_set(err, SVCLB_ERR_FAILED, "%s: ends with status %d",
			      name, WEXITSTATUS(status));
	tell_errors(errors, err);
	return -1;
}

static void close_all(int *fds, int nr)
{
	while (nr--)
		if (fds[nr] >= 0)
			close(fds[nr]);
}

static int start(const char *const *words, int input, struct stream *streams,
		 pid_t *pid, struct svclb_err *err)
{
	int pipes[4] = { -1, -1, -1, -1 }, result = 0;

	if (pipe2(pipes, O_CLOEXEC) || pipe2(pipes + 2, O_CLOEXEC))
		result = errno;
	if (!result)
		result = spawn(words, input, pipes[1], pipes[3], pid);
	if (result) {
		close_all(pipes, 4);
		return svclb_err_system(err, words[0], result);
	}
	close(pipes[1]);
	close(pipes[3]);
	streams[0].fd = pipes[0];
	streams[1].fd = pipes[2];
	return 0;
}

/**
 * svclb_tool_run() - run a program
 * @words:  its path, its arguments, and NULL
 * @input:  what it shall read
 * @len:    length of that
 * @output: for what it prints; to be freed if this succeeds
 * @err:    for errors, what it says of them among them
 *
 * Return: 0 if it did what it should, or -1.
 */
int svclb_tool_run(const char *const *words, const char *input, size_t len,
		   struct svclb_output *output, struct svclb_err *err)
{
	struct stream streams[2] = {
		{ .fd = -1, .most = MOST_OUTPUT },
		{ .fd = -1, .most = MOST_ERRORS },
	};
	int fd = make_input(input, len, err), result;
	pid_t pid = -1;

	if (fd < 0)
		return -1;
	result = start(words, fd, streams, &pid, err);
	close(fd);
	if (result)
		return -1;
	result = collect(streams);
	result = finish(pid, base_name(words[0]), result, &streams[1], err);
	close_all((int[]){ streams[0].fd, streams[1].fd }, 2);
	free(streams[1].text);
	if (!result && !streams[0].text) {
		streams[0].text = calloc(1, 1);
		if (!streams[0].text)
			result = svclb_err_memory(err);
	}
	if (result || !streams[0].text) {
		free(streams[0].text);
		return -1;
	}
	streams[0].text[streams[0].len] = '\0';
	*output = (struct svclb_output){ streams[0].text, streams[0].len };
	return 0;
}
