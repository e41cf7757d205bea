// SPDX-License-Identifier: GPL-2.0-only
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int read_all(struct svclb_text *text, int fd, struct svclb_err *err)
{
	size_t room = 0;
	ssize_t part;
	char *bigger;

	for (;;) {
		if (room - text->len < 2) {
			room = room ? room * 2 : 1u << 16;
			bigger = realloc(text->text, room);
			if (!bigger)
				return svclb_err_memory(err);
			text->text = bigger;
		}
		part = read(fd, text->text + text->len, room - text->len - 1);
		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return svclb_err_set(err, SVCLB_ERR_INPUT, "%s: %s",
					     text->name, strerror(errno));
		if (!part)
			break;
		text->len += part;
	}
	text->text[text->len] = '\0';
	return 0;
}

/**
 * svclb_file_read() - read a whole file
 * @name: its name, or "-" for standard input
 * @text: for the content
 * @err:  for errors
 *
 * Return: 0 or -1.
 */
int svclb_file_read(const char *name, struct svclb_text *text,
		    struct svclb_err *err)
{
	int fd = STDIN_FILENO, result;

	*text = (struct svclb_text){ .name = name };
	if (!strcmp(name, "-"))
		text->name = "standard input";
	else
		fd = open(name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return svclb_err_set(err, SVCLB_ERR_INPUT, "%s: %s", name,
				     strerror(errno));
	result = read_all(text, fd, err);
	if (fd != STDIN_FILENO)
		close(fd);
	if (!result)
		return 0;
	free(text->text);
	text->text = NULL;
	return -1;
}
