// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is about to be done is written down before it is done, so that after a
 * crash it is known. An epoch is a file of its own; the one before is kept.
 */
#include "fuzz.h"

#include <err.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *where;
static int file = -1;
static uint8_t *pending;
static size_t used, room;

/* record_begin() - from now on into @directory; NULL for nowhere */
void record_begin(const char *directory)
{
	where = directory;
}

static void next_file(void)
{
	char current[PATH_MAX], old[PATH_MAX];

	snprintf(current, sizeof(current), "%s/recording", where);
	snprintf(old, sizeof(old), "%s/recording.old", where);
	if (file >= 0) {
		close(file);
		if (rename(current, old))
			err(2, "cannot rename %s", current);
	}
	file = open(current, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (file < 0)
		err(2, "cannot write %s", current);
	record_put(RECORD_FAMILY, 0, 0, &generator.family, sizeof(generator.family));
}

/* record_put() - adds to what the next record_write() writes */
void record_put(enum record_kind kind, enum actor_kind actor, uint16_t flags,
		const void *data, uint32_t length)
{
	struct record record = { RECORD_MAGIC, kind, actor, flags, length };

	if (!where)
		return;
	if (kind == RECORD_EPOCH)
		next_file();
	if (used + sizeof(record) + length > room) {
		room = 2 * (used + sizeof(record) + length);
		pending = realloc(pending, room);
		if (!pending)
			err(2, "no memory");
	}
	memcpy(pending + used, &record, sizeof(record));
	if (length)
		memcpy(pending + used + sizeof(record), data, length);
	used += sizeof(record) + length;
}

void record_write(void)
{
	if (where && used && write(file, pending, used) != (ssize_t)used)
		err(2, "cannot write the recording");
	used = 0;
}
