// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes as statements: what a batch with the same effect would say.
 */
#include "diff_write.h"

#include "ref.h"
#include "savefile.h"
#include "text.h"

static void begin(FILE *file, const char *verb,
		  const struct svclb_service *service)
{
	fputs(verb, file);
	putc(' ', file);
	svclb_ref_write(file, service);
}

static void write_added(FILE *file, const struct svclb_service *service,
			const struct svclb_backend *backends, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++) {
		begin(file, "add-ep", service);
		putc(' ', file);
		svclb_savefile_write_backend(file, service->family,
					     &backends[i]);
		putc('\n', file);
	}
}

static void write_edit(FILE *file, const struct svclb_service *service,
		       const struct svclb_backend *backends, uint32_t nr)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < nr; i++) {
		begin(file, "edit-ep", service);
		svclb_text_backend(text, service->family, &backends[i]);
		fprintf(file, " %s --weight %u --%s\n", text,
			backends[i].weight,
			backends[i].flags & SVCLB_BACKEND_DRAINING ?
			"draining" : "no-draining");
	}
}

static void write_removed(FILE *file, const struct svclb_service *service,
			  const struct svclb_backend *backends, uint32_t nr)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < nr; i++) {
		begin(file, "del-ep", service);
		svclb_text_backend(text, service->family, &backends[i]);
		fprintf(file, " %s\n", text);
	}
}

static void write_frontends(FILE *file, const char *option,
			    const struct svclb_service *service,
			    const struct svclb_frontend *frontends, uint32_t nr)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	begin(file, "edit-svc", service);
	for (i = 0; i < nr; i++) {
		svclb_text_key(text, &frontends[i].key);
		fprintf(file, " %s %s", option, text);
	}
	putc('\n', file);
}

static void write_op(FILE *file, const struct svclb_diff *diff,
		     const struct svclb_op *op)
{
	const struct svclb_service *service = op->service;

	switch (op->kind) {
	case SVCLB_OP_SETTINGS:
		svclb_savefile_write_settings(file, &diff->settings);
		break;
	case SVCLB_OP_SERVICE_DEL:
		begin(file, "del-svc", service);
		putc('\n', file);
		break;
	case SVCLB_OP_SERVICE_ADD:
	case SVCLB_OP_SERVICE_SET:
		svclb_savefile_write_service(file, service);
		fputs(op->kind == SVCLB_OP_SERVICE_SET ? " --replace\n" : "\n",
		      file);
		svclb_savefile_write_backends(file, service);
		break;
	case SVCLB_OP_SERVICE_EDIT:
		begin(file, "edit-svc", service);
		fprintf(file, " --scheduler %s --generation %llu\n",
			svclb_text_scheduler(service->sched),
			(unsigned long long)service->generation);
		break;
	case SVCLB_OP_FRONTEND_DEL:
		write_frontends(file, "--remove", service,
				diff->frontends + op->first, op->nr);
		break;
	case SVCLB_OP_FRONTEND_ADD:
		write_frontends(file, "--add", service,
				diff->frontends + op->first, op->nr);
		break;
	case SVCLB_OP_BACKEND_ADD:
		write_added(file, service, diff->backends + op->first, op->nr);
		break;
	case SVCLB_OP_BACKEND_EDIT:
		write_edit(file, service, diff->backends + op->first, op->nr);
		break;
	case SVCLB_OP_BACKEND_DEL:
		write_removed(file, service, diff->backends + op->first,
			      op->nr);
		break;
	}
}

/**
 * svclb_diff_write() - write changes as statements
 * @file: where to write
 * @diff: the changes
 */
void svclb_diff_write(FILE *file, const struct svclb_diff *diff)
{
	uint32_t i;

	for (i = 0; i < diff->nr_ops; i++)
		write_op(file, diff, &diff->ops[i]);
}
