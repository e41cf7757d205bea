// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "lib/client.h"
#include "lib/savefile.h"

static int finish(FILE *file, const char *name, struct svclb_err *err)
{
	bool failed = fflush(file) || ferror(file);
	int number = errno;

	if (!failed && file != stdout && fsync(fileno(file)) &&
	    errno != EINVAL && errno != EROFS) {
		failed = true;
		number = errno;
	}
	if (file != stdout && fclose(file) && !failed) {
		failed = true;
		number = errno;
	}
	return failed ? svclb_err_system(err, name, number) : 0;
}

static int write_directly(const char *name, const struct svclb_config *config,
			  struct svclb_err *err)
{
	FILE *file = name ? fopen(name, "we") : stdout;

	if (!file)
		return svclb_err_system(err, name, errno);
	svclb_savefile_write(file, config);
	return finish(file, name ? name : "standard output", err);
}

/* The file is the old one or the new one at any time, never half of it. */
static int write_aside(const char *name, mode_t mode,
		       const struct svclb_config *config, struct svclb_err *err)
{
	char *aside = NULL;
	FILE *file = NULL;
	int fd, result;

	if (asprintf(&aside, "%s.XXXXXX", name) < 0)
		return svclb_err_memory(err);
	fd = mkstemp(aside);
	if (fd >= 0)
		file = fdopen(fd, "w");
	if (!file) {
		result = svclb_err_system(err, name, errno);
		if (fd >= 0) {
			close(fd);
			unlink(aside);
		}
		goto out;
	}
	svclb_savefile_write(file, config);
	result = fchmod(fd, mode) ? svclb_err_system(err, name, errno) : 0;
	if (finish(file, name, err))
		result = -1;
	if (!result && rename(aside, name))
		result = svclb_err_system(err, name, errno);
	if (result)
		unlink(aside);
out:
	free(aside);
	return result;
}

static int write_file(const char *name, const struct svclb_config *config,
		      struct svclb_err *err)
{
	mode_t mask = umask(0);
	struct stat stat;

	umask(mask);
	if (!name)
		return write_directly(NULL, config, err);
	if (lstat(name, &stat)) {
		if (errno != ENOENT)
			return svclb_err_system(err, name, errno);
		return write_aside(name, 0666 & ~mask, config, err);
	}
	if (S_ISREG(stat.st_mode))
		return write_aside(name, stat.st_mode & 07777, config, err);
	return write_directly(name, config, err);
}

static int parse(struct svclb_ctx *ctx, const char **name)
{
	int id;

	*name = NULL;
	while ((id = svclb_opts_next(&ctx->opts, ctx->err)) == SVCLB_OPTS_WORD) {
		if (*name)
			return svclb_err_set(ctx->err, SVCLB_ERR_INPUT,
					     "'%.80s': save takes one file",
					     ctx->opts.arg);
		*name = ctx->opts.arg;
	}
	if (*name && !strcmp(*name, "-"))
		*name = NULL;
	return id;
}

static int run_save(struct svclb_ctx *ctx)
{
	struct svclb_config config = { 0 };
	const char *name;
	int result;

	if (parse(ctx, &name) || svclb_ctx_open(ctx))
		return -1;
	result = svclb_client_load(ctx->nl, &config, ctx->err);
	if (!result) {
		svclb_config_sort(&config);
		result = write_file(name, &config, ctx->err);
	}
	svclb_config_uninit(&config);
	return result;
}

const struct svclb_command svclb_command_save = {
	.name = "save",
	.run = run_save,
	.summary = "write the configuration to a file",
	.help =
"Usage: svclbctl save [FILE]\n"
"\n"
"Writes settings and services to FILE, or to standard output, as restore reads\n"
"them. FILE is replaced at once: it is never half written.\n"
"\n"
"Example:\n"
"  svclbctl save /etc/svclb.conf\n",
};
