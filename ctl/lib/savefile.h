/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_SAVEFILE_H
#define SVCLB_CTL_SAVEFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "config.h"
#include "err.h"
#include "stmt.h"

/**
 * struct svclb_savefile - a file of statements
 * @name:     name for errors
 * @text:     its content, with a zero byte behind it
 * @len:      length of the content
 * @complete: whether it must end with the statement end
 */
struct svclb_savefile {
	const char *name;
	char *text;
	size_t len;
	bool complete;
};

/* What to do with a statement; errors are without file and line. */
typedef int (*svclb_savefile_handler)(void *data, struct svclb_stmt *stmt,
				      struct svclb_err *err);

int svclb_savefile_read(const struct svclb_savefile *file,
			svclb_savefile_handler handle, void *data,
			struct svclb_err *err);
void svclb_savefile_write(FILE *file, const struct svclb_config *config);
void svclb_savefile_write_settings(FILE *file,
				   const struct svclb_settings *settings);
void svclb_savefile_write_frontend(FILE *file,
				   const struct svclb_service *service,
				   const struct svclb_frontend *frontend,
				   const char *before);
void svclb_savefile_write_ranges(FILE *file,
				 const struct svclb_service *service);
void svclb_savefile_write_service(FILE *file,
				  const struct svclb_service *service);
void svclb_savefile_write_backends(FILE *file,
				   const struct svclb_service *service);
void svclb_savefile_write_backend(FILE *file, uint8_t family,
				  const struct svclb_backend *backend);

#endif /* SVCLB_CTL_SAVEFILE_H */
