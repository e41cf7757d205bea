// SPDX-License-Identifier: GPL-2.0-only
/*
 * What to take out of a table of iptables, and what not. Chains go by their
 * names. The rules by which the built-in chains call them go too, if they look
 * like kube-proxy's own. A rule of others that calls one of them stays as it is,
 * so the chain has to stay, without rules.
 *
 * KUBE-MARK-MASQ and KUBE-POSTROUTING are special: others have used them, such as
 * CNI's portmap, and old kubelets make the same chains. They stay as they are if
 * somebody else calls them or an old kubelet is there, which is known by its
 * rule in KUBE-MARK-DROP.
 */
#include "leftover_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules_text.h"
#include "leftover_names.h"

/* Of more, the number would not fit. */
#define MOST 100000000u

/**
 * enum fate - what becomes of a chain
 * @OTHERS:  it is not kube-proxy's
 * @REMOVED: it goes
 * @EMPTIED: its rules go; others call it
 * @KEPT:    it stays, with its rules
 */
enum fate {
	OTHERS,
	REMOVED,
	EMPTIED,
	KEPT,
};

/**
 * struct chain - a chain of the table
 * @name:     its name
 * @built_in: whether it is a hook
 * @drops:    whether what gets to the end of it is dropped
 * @rules:    how many rules it has
 * @fate:     what becomes of it
 */
struct chain {
	struct svclb_word name;
	bool built_in;
	bool drops;
	uint32_t rules;
	enum fate fate;
};

/**
 * struct rule - a rule of the table that may have to go, or keeps a chain
 * @rule:   the rule
 * @chain:  where it is
 * @target: chain of kube-proxy's that it calls, or NULL
 */
struct rule {
	struct svclb_iptables_rule rule;
	struct chain *chain;
	struct chain *target;
};

/**
 * struct table - a table
 * @name:      its name
 * @notes:     told of what stays and why
 * @chains:    its chains, as they were told, and sorted once there is a rule
 * @nr_chains: how many
 * @sorted:    whether they are sorted
 * @rules:     rules that matter
 * @nr_rules:  how many
 */
struct table {
	const char *name;
	const struct svclb_notes *notes;
	struct chain *chains;
	uint32_t nr_chains;
	bool sorted;
	struct rule *rules;
	uint32_t nr_rules;
};

/* Makes room for one more; the room doubles. */
static void *grow(void *array, uint32_t nr, size_t size)
{
	if (nr & (nr - 1) || nr >= MOST)
		return nr >= MOST ? NULL : array;
	return reallocarray(array, nr ? 2 * (size_t)nr : 1, size);
}

static int compare_names(struct svclb_word a, struct svclb_word b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int result = memcmp(a.text, b.text, len);

	if (result || a.len == b.len)
		return result;
	return a.len < b.len ? -1 : 1;
}

static int compare_chains(const void *a, const void *b)
{
	return compare_names(((const struct chain *)a)->name,
			     ((const struct chain *)b)->name);
}

static int add_chain(void *data, const struct svclb_iptables_chain *told,
		     struct svclb_err *err)
{
	struct table *table = data;
	struct chain *chains, *chain;

	chains = grow(table->chains, table->nr_chains, sizeof(*chains));
	if (!chains)
		return svclb_err_memory(err);
	table->chains = chains;
	chain = &chains[table->nr_chains++];
	*chain = (struct chain){
		.name = told->name,
		.built_in = !svclb_word_is(told->policy, "-"),
		.drops = svclb_word_is(told->policy, "DROP"),
	};
	if (!chain->built_in &&
	    svclb_leftover_chain(table->name, told->name.text, told->name.len))
		chain->fate = REMOVED;
	return 0;
}

static int sort_chains(struct table *table, struct svclb_err *err)
{
	uint32_t i;

	table->sorted = true;
	if (table->nr_chains)
		qsort(table->chains, table->nr_chains, sizeof(*table->chains),
		      compare_chains);
	for (i = 1; i < table->nr_chains; i++)
		if (!compare_chains(&table->chains[i - 1], &table->chains[i]))
			return svclb_err_set(err, SVCLB_ERR_FAILED,
					     "chain %.*s of table %s comes twice",
					     (int)table->chains[i].name.len,
					     table->chains[i].name.text,
					     table->name);
	return 0;
}

static struct chain *find_chain(const struct table *table,
				struct svclb_word name)
{
	const struct chain key = { .name = name };

	if (!name.len || !table->nr_chains)
		return NULL;
	return bsearch(&key, table->chains, table->nr_chains, sizeof(key),
		       compare_chains);
}

static struct chain *find_named(const struct table *table, const char *name)
{
	return find_chain(table, (struct svclb_word){ name, strlen(name) });
}

static bool is_special(const struct table *table, const struct chain *chain)
{
	return !strcmp(table->name, "nat") &&
	       (svclb_word_is(chain->name, "KUBE-MARK-MASQ") ||
		svclb_word_is(chain->name, "KUBE-MARK-DROP") ||
		svclb_word_is(chain->name, "KUBE-POSTROUTING"));
}

static int add_rule(void *data, const struct svclb_iptables_rule *told,
		    struct svclb_err *err)
{
	struct chain *chain, *target;
	struct table *table = data;
	struct rule *rules;

	if (!table->sorted && sort_chains(table, err))
		return -1;
	chain = find_chain(table, told->chain);
	if (!chain)
		return svclb_err_set(err, SVCLB_ERR_FAILED,
				     "a rule of table %s is in a chain that is not there",
				     table->name);
	chain->rules++;
	target = find_chain(table, told->target);
	if (target && target->fate == OTHERS)
		target = NULL;
	/* The others of kube-proxy's own rules go with their chains. */
	if (chain->fate == REMOVED ? !is_special(table, chain) : !target)
		return 0;
	rules = grow(table->rules, table->nr_rules, sizeof(*rules));
	if (!rules)
		return svclb_err_memory(err);
	table->rules = rules;
	rules[table->nr_rules++] = (struct rule){ *told, chain, target };
	return 0;
}

static bool is_of_others(const struct rule *rule)
{
	return rule->chain->fate == OTHERS && rule->target &&
	       !(rule->chain->built_in && rule->rule.plain);
}

static void keep(const struct table *table, struct chain *chain,
		 const char *why)
{
	if (!chain || chain->fate == KEPT)
		return;
	chain->fate = KEPT;
	svclb_note(table->notes, "table %s: chain %.*s stays: %s", table->name,
		   (int)chain->name.len, chain->name.text, why);
}

static void empty(struct chain *chain)
{
	if (chain->fate == REMOVED)
		chain->fate = EMPTIED;
}

/* Says who calls it; so the reason is known when it stays. */
static void blame(const struct table *table, const struct rule *rule)
{
	const struct svclb_iptables_rule *told = &rule->rule;

	svclb_note(table->notes,
		   "table %s: a rule of others calls chain %.*s, which stays: -A %.*s%.*s",
		   table->name, (int)rule->target->name.len,
		   rule->target->name.text, (int)told->chain.len,
		   told->chain.text, (int)(told->spec.len < 400 ?
					   told->spec.len : 400),
		   told->spec.text);
}

static void decide_rule(struct table *table, struct rule *rule)
{
	struct chain *target = rule->target;

	blame(table, rule);
	if (!is_special(table, target)) {
		empty(target);
		return;
	}
	target->fate = KEPT;
	if (target == find_named(table, "KUBE-MARK-MASQ"))
		keep(table, find_named(table, "KUBE-POSTROUTING"),
		     "it is what KUBE-MARK-MASQ is for");
}

static void decide(struct table *table)
{
	static const char kubelet[] = "the kubelet has made it too";
	struct chain *drop = find_named(table, "KUBE-MARK-DROP");
	uint32_t i;

	if (!strcmp(table->name, "nat") && drop && drop->fate == REMOVED &&
	    drop->rules) {
		keep(table, drop, kubelet);
		keep(table, find_named(table, "KUBE-MARK-MASQ"), kubelet);
		keep(table, find_named(table, "KUBE-POSTROUTING"), kubelet);
	}
	for (i = 0; i < table->nr_rules; i++)
		if (is_of_others(&table->rules[i]))
			decide_rule(table, &table->rules[i]);
}

/* Whether a rule of a chain that stays as it is has to go. */
static bool goes(const struct rule *rule)
{
	switch (rule->chain->fate) {
	case OTHERS:
		return rule->target->fate != KEPT && !is_of_others(rule);
	case KEPT:
		return rule->rule.proxy_set ||
		       (rule->target && rule->target->fate == REMOVED);
	default:
		return false;
	}
}

static void write_script(FILE *file, struct svclb_leftover_table *plan,
			 const struct table *table)
{
	const struct chain *chain;
	const struct rule *rule;
	uint32_t i;

	fprintf(file, "*%s\n", table->name);
	/* A chain that is told of anew loses its rules. */
	for (i = 0; i < table->nr_chains; i++) {
		chain = &table->chains[i];
		if (chain->fate == REMOVED ||
		    (chain->fate == EMPTIED && chain->rules)) {
			fprintf(file, ":%.*s - [0:0]\n", (int)chain->name.len,
				chain->name.text);
			plan->chains++;
		}
	}
	for (i = 0; i < table->nr_rules; i++) {
		rule = &table->rules[i];
		if (!goes(rule))
			continue;
		fprintf(file, "-D %.*s%.*s\n", (int)rule->chain->name.len,
			rule->chain->name.text, (int)rule->rule.spec.len,
			rule->rule.spec.text);
		plan->rules++;
		if (svclb_word_is(rule->rule.target, "KUBE-FORWARD") &&
		    rule->chain->drops)
			plan->needs_forward = true;
	}
	for (i = 0; i < table->nr_chains; i++) {
		chain = &table->chains[i];
		if (chain->fate == REMOVED)
			fprintf(file, "-X %.*s\n", (int)chain->name.len,
				chain->name.text);
	}
	fprintf(file, "COMMIT\n");
}

static int make_script(struct svclb_leftover_table *plan,
		       const struct table *table, struct svclb_err *err)
{
	FILE *file = open_memstream(&plan->script, &plan->len);
	bool failed;

	if (!file)
		return svclb_err_memory(err);
	write_script(file, plan, table);
	failed = ferror(file);
	if (fclose(file) || failed)
		return svclb_err_memory(err);
	if (!plan->rules && !plan->chains)
		svclb_leftover_table_uninit(plan);
	return 0;
}

/**
 * svclb_leftover_table_plan() - find out what kube-proxy left in a table
 * @plan:  for what to do with it; to be uninitialized if that succeeds
 * @table: name of the table
 * @text:  what iptables-save prints of it
 * @len:   length of the text
 * @notes: told of chains of kube-proxy's that stay, and why
 * @err:   for errors
 *
 * Return: 0 or -1.
 */
int svclb_leftover_table_plan(struct svclb_leftover_table *plan,
			      const char *table, const char *text, size_t len,
			      const struct svclb_notes *notes,
			      struct svclb_err *err)
{
	struct table held = { .name = table, .notes = notes };
	const struct svclb_iptables_reader reader = {
		.chain = add_chain,
		.rule = add_rule,
		.data = &held,
	};
	int result;

	*plan = (struct svclb_leftover_table){ 0 };
	result = svclb_iptables_read(table, text, len, &reader, err);
	if (!result && !held.sorted)
		result = sort_chains(&held, err);
	if (!result) {
		decide(&held);
		result = make_script(plan, &held, err);
	}
	if (result)
		svclb_leftover_table_uninit(plan);
	free(held.chains);
	free(held.rules);
	return result;
}

/**
 * svclb_leftover_table_uninit() - let go of a plan
 * @plan: the plan
 */
void svclb_leftover_table_uninit(struct svclb_leftover_table *plan)
{
	free(plan->script);
	*plan = (struct svclb_leftover_table){ 0 };
}
