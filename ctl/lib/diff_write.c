// SPDX-License-Identifier: GPL-2.0-only
/*
 * Changes as statements: what a batch with the same effect would say.
 */
#include "diff_write.h"

#include "codec.h"
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

static void write_flag(FILE *file, const struct svclb_backend *backend,
		       uint32_t flag, const char *name)
{
	if (backend->mask & flag)
		fprintf(file, " --%s%s", backend->flags & flag ? "" : "no-",
			name);
}

static void write_edit(FILE *file, const struct svclb_service *service,
		       const struct svclb_backend *backends, uint32_t nr)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	for (i = 0; i < nr; i++) {
		const struct svclb_backend *backend = &backends[i];

		begin(file, "edit-ep", service);
		svclb_text_backend(text, service->family, backend);
		fprintf(file, " %s", text);
		if (backend->given & 1u << SVCLB_A_BACKEND_WEIGHT)
			fprintf(file, " --weight %u", backend->weight);
		write_flag(file, backend, SVCLB_BACKEND_DRAINING, "draining");
		write_flag(file, backend, SVCLB_BACKEND_LOCAL, "local");
		write_flag(file, backend, SVCLB_BACKEND_LOCAL_ONLY,
			   "local-only");
		write_flag(file, backend, SVCLB_BACKEND_NOT_SERVING,
			   "not-serving");
		putc('\n', file);
	}
}

static void write_attributes(FILE *file, const struct svclb_service *service,
			     uint32_t attributes)
{
	begin(file, "edit-svc", service);
	if (attributes & SVCLB_ATTR(SCHEDULER))
		fprintf(file, " --scheduler %s",
			svclb_text_scheduler(service->sched));
	if (attributes & SVCLB_ATTR(GENERATION))
		fprintf(file, " --generation %llu",
			(unsigned long long)service->generation);
	if (attributes & SVCLB_ATTR(AFFINITY_TIMEOUT))
		fprintf(file, " --affinity %u", service->affinity);
	if (attributes & SVCLB_ATTR(SYN_FAILOVER))
		fprintf(file, " --syn-failover %s",
			service->syn_failover ? "on" : "off");
	if (attributes & SVCLB_ATTR(SOURCE_RANGE)) {
		svclb_savefile_write_ranges(file, service);
		if (!service->nr_ranges)
			fputs(" --no-source-ranges", file);
	}
	putc('\n', file);
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

static void write_old_frontends(FILE *file, const struct svclb_service *service,
				const struct svclb_frontend *frontends,
				uint32_t nr)
{
	char text[SVCLB_KEY_TEXT];
	uint32_t i;

	begin(file, "edit-svc", service);
	for (i = 0; i < nr; i++) {
		svclb_text_key(text, &frontends[i].key);
		fprintf(file, " --remove %s", text);
	}
	putc('\n', file);
}

static void write_new_frontends(FILE *file, const struct svclb_service *service,
				const struct svclb_frontend *frontends,
				uint32_t nr)
{
	uint32_t i;

	begin(file, "edit-svc", service);
	for (i = 0; i < nr; i++)
		svclb_savefile_write_frontend(file, service, &frontends[i],
					      " --add ");
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
		write_attributes(file, service, op->attributes);
		break;
	case SVCLB_OP_FRONTEND_DEL:
		write_old_frontends(file, service, diff->frontends + op->first,
				    op->nr);
		break;
	case SVCLB_OP_FRONTEND_ADD:
		write_new_frontends(file, service, diff->frontends + op->first,
				    op->nr);
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
