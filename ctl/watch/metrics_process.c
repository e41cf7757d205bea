// SPDX-License-Identifier: GPL-2.0-only
/* What the program costs, under the names that all programs use. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "metrics_table.h"

static double seconds_of(clockid_t clock)
{
	struct timespec now = { 0 };

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void cpu(struct svclb_scrape *scrape, const struct svclb_metric *metric)
{
	svclb_sample_double(scrape, metric, "",
			    seconds_of(CLOCK_PROCESS_CPUTIME_ID));
}

/* The numbers of statm are pages; @at is which of them. */
static void memory(struct svclb_scrape *scrape,
		   const struct svclb_metric *metric)
{
	unsigned long long pages[2];
	FILE *file = fopen("/proc/self/statm", "re");

	if (!file)
		return;
	if (fscanf(file, "%llu %llu", &pages[0], &pages[1]) == 2)
		svclb_sample_u64(scrape, metric, "",
				 pages[metric->at] * sysconf(_SC_PAGESIZE));
	fclose(file);
}

static void open_files(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	DIR *directory = opendir("/proc/self/fd");
	const struct dirent *entry;
	uint64_t count = 0;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		count += *entry->d_name != '.';
	closedir(directory);
	/* One of them was the directory. */
	svclb_sample_u64(scrape, metric, "", count - 1);
}

static void most_files(struct svclb_scrape *scrape,
		       const struct svclb_metric *metric)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit))
		svclb_sample_u64(scrape, metric, "", limit.rlim_cur);
}

static void started(struct svclb_scrape *scrape,
		    const struct svclb_metric *metric)
{
	if (scrape->from->started > 0)
		svclb_sample_double(scrape, metric, "", scrape->from->started);
}

const struct svclb_metric svclb_metrics_process[] = {
	{ "process_cpu_seconds_total", "counter",
	  "Processor time, of user and system.",
	  cpu, 0 },
	{ "process_resident_memory_bytes", "gauge",
	  "Memory that is resident.",
	  memory, 1 },
	{ "process_virtual_memory_bytes", "gauge",
	  "Memory that is mapped.",
	  memory, 0 },
	{ "process_open_fds", "gauge",
	  "Open file descriptors.",
	  open_files, 0 },
	{ "process_max_fds", "gauge",
	  "Most file descriptors that may be open.",
	  most_files, 0 },
	{ "process_start_time_seconds", "gauge",
	  "When the program began, in seconds since 1970.",
	  started, 0 },
	{ 0 }
};

/**
 * svclb_metrics_started() - when did the program begin?
 *
 * Return: seconds since 1970, or 0 if that cannot be known.
 */
double svclb_metrics_started(void)
{
	FILE *file = fopen("/proc/self/stat", "re");
	const char *rest = NULL;
	char line[1024];
	double ticks;
	int i;

	if (!file)
		return 0;
	if (fgets(line, sizeof(line), file))
		rest = strrchr(line, ')');
	fclose(file);
	/* It is the 22nd word. The second is a name and may have blanks in it. */
	for (i = 2; rest && i < 22; i++)
		rest = strchr(rest + 1, ' ');
	ticks = rest ? strtod(rest, NULL) : 0;
	if (!(ticks > 0))
		return 0;
	return seconds_of(CLOCK_REALTIME) - seconds_of(CLOCK_BOOTTIME) +
	       ticks / (double)sysconf(_SC_CLK_TCK);
}
