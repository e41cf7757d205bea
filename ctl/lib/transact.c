// SPDX-License-Identifier: GPL-2.0-only
/*
 * All or nothing: sends the difference between two configurations, and if the
 * kernel refuses a part of it, makes undone what was done.
 *
 * Each request is atomic by itself. What was done is not remembered but looked
 * up: the kernel goes on behind a refused request, and others may have changed
 * something too. Services that the difference is not about stay as they are.
 */
#include "transact.h"

#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "diff.h"

/* More names than this would not help to find out what remains. */
#define REMAINS_MAX 20

/**
 * struct request - how a change is sent
 * @cmd:   enum svclb_cmd
 * @flags: NLM_F_*
 * @verb:  what the user knows it as
 */
struct request {
	uint8_t cmd;
	uint16_t flags;
	const char *verb;
};

/* Flags are chosen so that a change that comes too late is refused. */
static const struct request requests[] = {
	[SVCLB_OP_SETTINGS] = { SVCLB_CMD_SETTINGS_SET, 0, "set" },
	[SVCLB_OP_SERVICE_DEL] = { SVCLB_CMD_SERVICE_DEL, 0, "del-svc" },
	[SVCLB_OP_FRONTEND_DEL] = { SVCLB_CMD_FRONTEND_DEL, 0, "edit-svc" },
	[SVCLB_OP_SERVICE_ADD] = { SVCLB_CMD_SERVICE_SET,
				   NLM_F_CREATE | NLM_F_EXCL, "add-svc" },
	[SVCLB_OP_SERVICE_SET] = { SVCLB_CMD_SERVICE_SET, NLM_F_REPLACE,
				   "edit-svc" },
	[SVCLB_OP_SERVICE_EDIT] = { SVCLB_CMD_SERVICE_EDIT, 0, "edit-svc" },
	[SVCLB_OP_FRONTEND_ADD] = { SVCLB_CMD_FRONTEND_ADD, 0, "edit-svc" },
	[SVCLB_OP_BACKEND_ADD] = { SVCLB_CMD_BACKEND_SET,
				   NLM_F_CREATE | NLM_F_EXCL, "add-ep" },
	[SVCLB_OP_BACKEND_EDIT] = { SVCLB_CMD_BACKEND_SET, 0, "edit-ep" },
	[SVCLB_OP_BACKEND_DEL] = { SVCLB_CMD_BACKEND_DEL, 0, "del-ep" },
};

static void members_of(const struct svclb_diff *diff, const struct svclb_op *op,
		       struct svclb_members *members)
{
	*members = (struct svclb_members){ 0 };
	if (!op->service)
		return;
	members->family = op->service->family;
	switch (op->kind) {
	case SVCLB_OP_SERVICE_ADD:
	case SVCLB_OP_SERVICE_SET:
		members->frontends = op->service->frontends;
		members->backends = op->service->backends;
		members->ranges = op->service->ranges;
		break;
	case SVCLB_OP_SERVICE_EDIT:
		members->ranges = op->service->ranges;
		break;
	case SVCLB_OP_FRONTEND_ADD:
	case SVCLB_OP_FRONTEND_DEL:
		members->frontends = diff->frontends + op->first;
		break;
	case SVCLB_OP_BACKEND_ADD:
	case SVCLB_OP_BACKEND_EDIT:
	case SVCLB_OP_BACKEND_DEL:
		members->backends = diff->backends + op->first;
		break;
	default:
		break;
	}
}

static size_t size_of(const struct svclb_op *op)
{
	switch (op->kind) {
	case SVCLB_OP_SETTINGS:
		return svclb_codec_size(SVCLB_SETTINGS_MEMBERS);
	case SVCLB_OP_SERVICE_ADD:
	case SVCLB_OP_SERVICE_SET:
		return svclb_codec_service_size(op->service);
	case SVCLB_OP_SERVICE_EDIT:
		return svclb_codec_size(op->service->nr_ranges);
	default:
		return svclb_codec_size(op->nr);
	}
}

static int put_op(struct nl_msg *msg, const struct svclb_diff *diff,
		  const struct svclb_op *op, struct svclb_err *err)
{
	const struct svclb_service *service = op->service;
	struct svclb_members members;

	if (op->kind == SVCLB_OP_SETTINGS)
		return svclb_codec_put_settings(msg, &diff->settings, err);
	if (op->kind == SVCLB_OP_SERVICE_ADD ||
	    op->kind == SVCLB_OP_SERVICE_SET)
		return svclb_codec_put_service(msg, service, err);
	if (svclb_codec_put_name(msg, service->name, err))
		return -1;
	if (op->kind == SVCLB_OP_SERVICE_EDIT)
		return svclb_codec_put_attributes(msg, service, op->attributes,
						  err);
	members_of(diff, op, &members);
	if (members.frontends)
		return svclb_codec_put_frontends(msg, members.frontends,
						 op->nr, err);
	if (members.backends)
		return svclb_codec_put_backends(msg, service->family,
						members.backends, op->nr, err);
	return 0;
}

static int send_all(struct svclb_nl *nl, const struct svclb_diff *diff,
		    struct svclb_err *err)
{
	const struct request *request;
	struct nl_msg *msg;
	uint32_t i;

	svclb_nl_begin(nl);
	for (i = 0; i < diff->nr_ops; i++) {
		request = &requests[diff->ops[i].kind];
		msg = svclb_nl_request(nl, request->cmd, request->flags,
				       size_of(&diff->ops[i]), err);
		if (!msg || put_op(msg, diff, &diff->ops[i], err) ||
		    svclb_nl_queue(nl, msg, err))
			return -1;
	}
	return svclb_nl_flush(nl, err);
}

/* Says where a change comes from; a command line has no lines. */
static void name_place(const char *file, uint32_t line, struct svclb_err *err)
{
	if (file && line)
		svclb_err_prefix(err, "%s:%u: ", file, line);
	else if (file)
		svclb_err_prefix(err, "%s: ", file);
}

/* Says which change was refused. */
static void explain(struct svclb_nl *nl, const char *file,
		    const struct svclb_diff *diff, struct svclb_err *err)
{
	const struct svclb_refusal *refusal = svclb_nl_refusal(nl);
	const struct svclb_op *op;
	struct svclb_members members;
	uint32_t line;

	if (!refusal || refusal->index >= diff->nr_ops) {
		name_place(file, 0, err);
		return;
	}
	op = &diff->ops[refusal->index];
	members_of(diff, op, &members);
	line = svclb_client_explain(nl, &members, err);
	if (!line)
		line = op->service ? op->service->line : diff->settings.line;
	if (op->service)
		svclb_err_prefix(err, "%s %s: ", requests[op->kind].verb,
				 op->service->name);
	else
		svclb_err_prefix(err, "%s: ", requests[op->kind].verb);
	name_place(file, line, err);
}

static int copy_service(struct svclb_config *to,
			const struct svclb_service *service)
{
	struct svclb_service *copy = svclb_service_copy(service);

	if (copy && !svclb_config_insert(to, copy))
		return 0;
	svclb_service_free(copy);
	return -1;
}

/* The services that a difference is about, by name. */
static int find_touched(struct svclb_map *touched,
			const struct svclb_diff *diff)
{
	const char *name;
	uint32_t i;

	for (i = 0; i < diff->nr_ops; i++) {
		if (!diff->ops[i].service)
			continue;
		name = diff->ops[i].service->name;
		if (svclb_map_add(touched, svclb_hash(name, strlen(name)), i))
			return -1;
	}
	return 0;
}

static bool is_touched(const struct svclb_map *touched,
		       const struct svclb_diff *diff, const char *name)
{
	struct svclb_map_iter iter;

	svclb_map_find(touched, svclb_hash(name, strlen(name)), &iter);
	while (svclb_map_next(touched, &iter))
		if (!strcmp(diff->ops[iter.value].service->name, name))
			return true;
	return false;
}

/* The present configuration, but what a difference is about as it was. */
static int make_wanted(struct svclb_config *wanted,
		       const struct svclb_config *now,
		       const struct svclb_config *before,
		       const struct svclb_diff *diff)
{
	const struct svclb_config *sources[] = { now, before };
	bool settings = diff->nr_ops && diff->ops[0].kind == SVCLB_OP_SETTINGS;
	struct svclb_map touched = { 0 };
	int result, i;
	uint32_t j;

	wanted->settings = settings ? before->settings : now->settings;
	result = find_touched(&touched, diff);
	for (i = 0; i < 2 && !result; i++) {
		for (j = 0; j < sources[i]->nr && !result; j++) {
			const struct svclb_service *service;

			service = sources[i]->services[j];
			if (service && is_touched(&touched, diff,
						  service->name) == i)
				result = copy_service(wanted, service);
		}
	}
	svclb_map_uninit(&touched);
	return result;
}

static void name_remains(const struct svclb_diff *diff, struct svclb_err *err)
{
	const char *last = "";
	uint32_t i, named = 0;

	for (i = 0; i < diff->nr_ops && named < REMAINS_MAX; i++) {
		const char *name = "the settings";

		if (diff->ops[i].service)
			name = diff->ops[i].service->name;
		if (!strcmp(name, last))
			continue;
		svclb_err_append(err, "%s%s", named++ ? ", " : "", name);
		last = name;
	}
	if (i < diff->nr_ops)
		svclb_err_append(err, " and %u more", diff->nr_ops - i);
}

/**
 * struct undoing - what is needed to undo
 * @now:    what is there
 * @wanted: what shall be there again
 * @diff:   what leads there
 */
struct undoing {
	struct svclb_config now;
	struct svclb_config wanted;
	struct svclb_diff diff;
};

static int look_again(struct svclb_nl *nl, struct undoing *undoing,
		      const struct svclb_config *before,
		      const struct svclb_diff *done, struct svclb_err *err)
{
	svclb_diff_uninit(&undoing->diff);
	svclb_config_uninit(&undoing->wanted);
	if (svclb_client_load(nl, &undoing->now, err))
		return -1;
	if (make_wanted(&undoing->wanted, &undoing->now, before, done) ||
	    svclb_diff_make(&undoing->diff, &undoing->now, &undoing->wanted))
		return svclb_err_memory(err);
	return 0;
}

/* Undoes what was done; @err gets to know how that went. */
static void undo(struct svclb_nl *nl, const struct svclb_config *before,
		 const struct svclb_diff *done, struct svclb_err *err)
{
	struct undoing undoing = { 0 };
	struct svclb_err failure, second;

	if (look_again(nl, &undoing, before, done, &failure)) {
		svclb_err_append(err, "; undoing failed, what was changed remains: %s",
				 failure.text);
	} else if (!undoing.diff.nr_ops) {
		svclb_err_append(err, "; nothing was changed");
	} else if (!send_all(nl, &undoing.diff, &failure)) {
		svclb_err_append(err, "; all other changes were undone, nothing is changed");
	} else {
		explain(nl, "undoing", &undoing.diff, &failure);
		svclb_err_append(err, "; undoing failed: %s", failure.text);
		if (!look_again(nl, &undoing, before, done, &second)) {
			svclb_err_append(err, "; not as before: ");
			name_remains(&undoing.diff, err);
		}
	}
	svclb_diff_uninit(&undoing.diff);
	svclb_config_uninit(&undoing.now);
	svclb_config_uninit(&undoing.wanted);
}

/**
 * svclb_transact() - change the kernel's configuration, wholly or not at all
 * @nl:   the connection
 * @file: name of the file that asks for it, for errors; NULL for none
 * @from: the configuration as it is
 * @to:   the configuration as it shall be
 * @err:  for errors; it says whether anything remains of a failed change
 *
 * Return: 0 or -1.
 */
int svclb_transact(struct svclb_nl *nl, const char *file,
		   const struct svclb_config *from,
		   const struct svclb_config *to, struct svclb_err *err)
{
	struct svclb_diff diff = { 0 };
	int result;

	if (svclb_diff_make(&diff, from, to)) {
		svclb_diff_uninit(&diff);
		return svclb_err_memory(err);
	}
	result = send_all(nl, &diff, err);
	if (result) {
		explain(nl, file, &diff, err);
		undo(nl, from, &diff, err);
	}
	svclb_diff_uninit(&diff);
	return result;
}

/* More refusals than this are not explained one by one. */
#define REFUSALS_MAX 64

/**
 * struct refusals - what was refused
 * @at:      the first ones
 * @nr:      how many of these
 * @nr_ops:  how many changes there are
 * @refused: which of them were refused: errno, or 0
 */
struct refusals {
	struct svclb_refusal at[REFUSALS_MAX];
	uint32_t nr;
	uint32_t nr_ops;
	uint16_t *refused;
};

static void note_refusal(void *data, const struct svclb_refusal *refusal)
{
	struct refusals *refusals = data;

	if (refusal->index >= refusals->nr_ops)
		return;
	refusals->refused[refusal->index] = (uint16_t)refusal->number;
	if (refusals->nr < REFUSALS_MAX)
		refusals->at[refusals->nr++] = *refusal;
}

/* Goes on behind what was refused. */
static int send_on(struct svclb_nl *nl, const struct svclb_diff *diff,
		   struct svclb_err *err)
{
	struct nl_msg *msg;
	uint32_t i;

	svclb_nl_begin(nl);
	for (i = 0; i < diff->nr_ops; i++) {
		const struct svclb_op *op = &diff->ops[i];

		msg = svclb_nl_request(nl, requests[op->kind].cmd,
				       requests[op->kind].flags, size_of(op),
				       err);
		if (!msg || put_op(msg, diff, op, err))
			return -1;
		/* The first try may have sent those before. */
		if (svclb_nl_queue(nl, msg, err) &&
		    (!svclb_nl_refusal(nl) || svclb_nl_queue(nl, msg, err)))
			return -1;
	}
	return svclb_nl_flush(nl, err) && !svclb_nl_refusal(nl) ? -1 : 0;
}

static void tell_refusals(const struct refusals *refusals,
			  const struct svclb_diff *diff,
			  struct svclb_submission *submission)
{
	const char *reason;
	char text[512];
	uint32_t i, j;

	for (i = 0; i < diff->nr_ops; i++) {
		if (!refusals->refused[i])
			continue;
		reason = "";
		for (j = 0; j < refusals->nr; j++)
			if (refusals->at[j].index == i)
				reason = refusals->at[j].text;
		if (!*reason)
			reason = strerror(refusals->refused[i]);
		snprintf(text, sizeof(text), "%s: %s",
			 requests[diff->ops[i].kind].verb, reason);
		submission->nr_refused++;
		submission->refused(submission->data, diff->ops[i].service,
				    refusals->refused[i], text);
	}
}

/**
 * svclb_submit() - change the kernel's configuration as far as it obeys
 * @nl:         the connection
 * @from:       the configuration as it is
 * @to:         the configuration as it shall be
 * @submission: whom to tell of what is refused
 * @err:        for errors
 *
 * Unlike with svclb_transact(), what is refused keeps nothing else from being
 * done, and nothing is undone. Of a service of which a change was refused,
 * another one may have been made.
 *
 * Return: 0, also when something was refused; or -1 when it is not known what
 * was done.
 */
int svclb_submit(struct svclb_nl *nl, const struct svclb_config *from,
		 const struct svclb_config *to,
		 struct svclb_submission *submission, struct svclb_err *err)
{
	struct svclb_diff diff = { 0 };
	struct refusals refusals = { 0 };
	int result;

	submission->requests = 0;
	submission->nr_refused = 0;
	if (svclb_diff_make(&diff, from, to))
		goto no_memory;
	refusals.nr_ops = diff.nr_ops;
	refusals.refused = calloc((size_t)diff.nr_ops + 1,
				  sizeof(*refusals.refused));
	if (!refusals.refused)
		goto no_memory;
	submission->requests = diff.nr_ops;
	svclb_nl_on_refusal(nl, note_refusal, &refusals);
	result = send_on(nl, &diff, err);
	svclb_nl_on_refusal(nl, NULL, NULL);
	if (!result)
		tell_refusals(&refusals, &diff, submission);
	free(refusals.refused);
	svclb_diff_uninit(&diff);
	return result;

no_memory:
	svclb_diff_uninit(&diff);
	return svclb_err_memory(err);
}
