// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes kube-proxy's chains out of iptables, with its own tools: nothing else
 * reads and writes the tables of iptables-legacy, and the lock that those take is
 * minded. Each table is one transaction, which leaves alone what it does not name.
 */
#include "iptables.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leftover_table.h"
#include "tool.h"

/* For iptables-legacy's lock, in seconds. */
#define LOCK_WAIT "30"

const char *const svclb_iptables_tables[SVCLB_IPTABLES_TABLES] = {
	"nat", "filter", "mangle",
};

/**
 * struct tools - iptables of one kind and family
 * @name:    what it is called
 * @save:    path of iptables-save
 * @restore: path of iptables-restore
 */
struct tools {
	char name[32];
	char save[SVCLB_TOOL_PATH];
	char restore[SVCLB_TOOL_PATH];
};

/* Which kind "iptables-save" is; before there were two, it was this one. */
static bool is_legacy(const char *path, bool *legacy)
{
	const char *const words[] = { path, "-V", NULL };
	struct svclb_output output;
	struct svclb_err ignored;

	if (svclb_tool_run(words, NULL, 0, &output, &ignored))
		return false;
	*legacy = !strstr(output.text, "nf_tables");
	free(output.text);
	return true;
}

static bool find_both(struct tools *tools, const char *family, const char *kind)
{
	char name[40];

	snprintf(name, sizeof(name), "%stables%s-save", family, kind);
	if (!svclb_tool_find(name, tools->save))
		return false;
	snprintf(name, sizeof(name), "%stables%s-restore", family, kind);
	return svclb_tool_find(name, tools->restore);
}

static int find_tools(struct tools *tools, bool legacy, int family,
		      struct svclb_err *err)
{
	const char *kind = legacy ? "-legacy" : "-nft";
	const char *ip = family ? "ip6" : "ip";
	bool is = false;

	snprintf(tools->name, sizeof(tools->name), "%stables%s", ip, kind);
	if (find_both(tools, ip, kind) ||
	    (find_both(tools, ip, "") && is_legacy(tools->save, &is) &&
	     is == legacy))
		return 0;
	return svclb_err_set(err, SVCLB_ERR_FAILED,
			     "%s-save and %s-restore are not installed, and kube-proxy %s left rules in their tables",
			     tools->name, tools->name,
			     legacy ? "may have" : "has");
}

/* What is done, as commands. */
static void tell_script(const struct tools *tools, const char *table,
			const char *script, struct svclb_leftovers *leftovers)
{
	const char *line = script, *end;

	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (*line == ':')
			svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_REMOVED,
					     "%s -t %s -F %.*s", tools->name,
					     table,
					     (int)strcspn(line + 1, " "),
					     line + 1);
		else if (*line == '-')
			svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_REMOVED,
					     "%s -t %s %.*s", tools->name,
					     table, (int)(end - line), line);
	}
}

static int carry_out(const struct tools *tools, const char *table,
		     const struct svclb_leftover_table *plan,
		     struct svclb_leftovers *leftovers, struct svclb_err *err)
{
	const char *const words[] = {
		tools->restore, "-w", LOCK_WAIT, "--noflush", NULL
	};
	struct svclb_output output;

	if (!leftovers->dry_run) {
		if (svclb_tool_run(words, plan->script, plan->len, &output,
				   err))
			return svclb_err_prefix(err, "table %s: ", table);
		free(output.text);
	}
	tell_script(tools, table, plan->script, leftovers);
	if (plan->needs_forward)
		svclb_leftovers_tell(leftovers, SVCLB_LEFTOVER_WARNING,
				     "%s: the policy of FORWARD is DROP: without kube-proxy's rules, others have to accept what goes to pods",
				     tools->name);
	return 0;
}

static int take_over(const struct tools *tools, const char *table,
		     struct svclb_leftovers *leftovers, struct svclb_err *err)
{
	const char *const words[] = { tools->save, "-t", table, NULL };
	const struct svclb_notes notes = { svclb_leftovers_warn, leftovers };
	struct svclb_leftover_table plan;
	struct svclb_output output;
	int result;

	if (svclb_tool_run(words, NULL, 0, &output, err))
		return svclb_err_prefix(err, "table %s: ", table);
	result = svclb_leftover_table_plan(&plan, table, output.text,
					   output.len, &notes, err);
	if (result) {
		svclb_err_prefix(err, "%s-save: ", tools->name);
	} else {
		if (plan.script)
			result = carry_out(tools, table, &plan, leftovers, err);
		svclb_leftover_table_uninit(&plan);
	}
	free(output.text);
	return result;
}

static bool any(const bool tables[SVCLB_IPTABLES_TABLES])
{
	int table;

	for (table = 0; table < SVCLB_IPTABLES_TABLES; table++)
		if (tables[table])
			return true;
	return false;
}

/**
 * svclb_iptables_take_over() - remove kube-proxy's chains from iptables
 * @legacy:    of iptables-legacy, where it is not known yet whose the tables are;
 *             otherwise of iptables-nft
 * @tables:    in which tables there may be some, by family
 * @leftovers: told of what is removed
 *
 * What fails in one table does not keep it from the others.
 */
void svclb_iptables_take_over(bool legacy,
			      const bool tables[SVCLB_FAMILIES]
					       [SVCLB_IPTABLES_TABLES],
			      struct svclb_leftovers *leftovers)
{
	struct svclb_err err;
	struct tools tools;
	int family, table;

	for (family = 0; family < SVCLB_FAMILIES; family++) {
		if (!any(tables[family]))
			continue;
		if (find_tools(&tools, legacy, family, &err)) {
			svclb_leftovers_tell(leftovers, legacy ?
					     SVCLB_LEFTOVER_WARNING :
					     SVCLB_LEFTOVER_ERROR, "%s",
					     err.text);
			continue;
		}
		for (table = 0; table < SVCLB_IPTABLES_TABLES; table++)
			if (tables[family][table] &&
			    take_over(&tools, svclb_iptables_tables[table],
				      leftovers, &err))
				svclb_leftovers_fail(leftovers, &err);
	}
}

/* A table is in this file once somebody used it in this network namespace. */
static int read_names(const char *path, bool found[SVCLB_IPTABLES_TABLES],
		      struct svclb_err *err)
{
	FILE *file = fopen(path, "re");
	char line[64];
	int i, result = 0;

	if (!file && errno == ENOENT)
		return 0;
	if (!file)
		return svclb_err_system(err, path, errno);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		for (i = 0; i < SVCLB_IPTABLES_TABLES; i++)
			if (!strcmp(line, svclb_iptables_tables[i]))
				found[i] = true;
	}
	if (ferror(file))
		result = svclb_err_system(err, path, errno);
	fclose(file);
	return result;
}

/**
 * svclb_iptables_legacy_find() - which tables the kernel has of iptables-legacy
 * @found: for the answer, all false, by family
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_iptables_legacy_find(bool found[SVCLB_FAMILIES]
					 [SVCLB_IPTABLES_TABLES],
			       struct svclb_err *err)
{
	if (read_names("/proc/net/ip_tables_names", found[0], err))
		return -1;
	return read_names("/proc/net/ip6_tables_names", found[1], err);
}
