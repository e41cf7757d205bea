// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which code ran, as the kernel's KCOV tells. The debug kernels instrument
 * nothing but the module, whose own addresses are those that count.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/kcov.h>

#define ENTRIES (256u << 10)
#define TEXT_MAX (1024u << 10)

static int kcov = -1;
static uint64_t *entries;
static unsigned long long text;
static uint8_t seen[TEXT_MAX];
static unsigned int total;

/* cover_open() - whether it works; @section: a file with the address of the code */
bool cover_open(const char *section)
{
	FILE *file = fopen(section, "re");

	if (!file)
		return false;
	if (fscanf(file, "%llx", &text) != 1)
		text = 0;
	fclose(file);
	kcov = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (!text || kcov < 0 || ioctl(kcov, KCOV_INIT_TRACE, ENTRIES))
		goto fail;
	entries = mmap(NULL, ENTRIES * sizeof(*entries), PROT_READ | PROT_WRITE, MAP_SHARED,
		       kcov, 0);
	if (entries == MAP_FAILED)
		goto fail;
	/* Fault all of it in now, and not while it is written. */
	memset(entries, 0, ENTRIES * sizeof(*entries));
	if (!ioctl(kcov, KCOV_ENABLE, KCOV_TRACE_PC))
		return true;
fail:
	if (kcov >= 0)
		close(kcov);
	kcov = -1;
	return false;
}

void cover_start(void)
{
	if (kcov >= 0)
		__atomic_store_n(&entries[0], 0, __ATOMIC_RELAXED);
}

/* cover_stop() - how much was reached since the start that never was before */
unsigned int cover_stop(void)
{
	uint64_t count, i, offset;
	unsigned int found = 0;

	if (kcov < 0)
		return 0;
	count = __atomic_load_n(&entries[0], __ATOMIC_RELAXED);
	if (count >= ENTRIES)
		count = ENTRIES - 1;
	for (i = 1; i <= count; i++) {
		offset = entries[i] - text;
		if (offset >= TEXT_MAX || seen[offset])
			continue;
		seen[offset] = 1;
		found++;
	}
	total += found;
	return found;
}

unsigned int cover_total(void)
{
	return total;
}

/* cover_save() - the places, as offsets in the module's code */
void cover_save(const char *path)
{
	FILE *file = fopen(path, "we");
	unsigned int i;

	if (!file)
		return;
	for (i = 0; i < TEXT_MAX; i++)
		if (seen[i])
			fprintf(file, "%x\n", i);
	fclose(file);
}
