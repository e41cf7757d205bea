// SPDX-License-Identifier: GPL-2.0-only
/*
 * Takes back what a watcher has made of the kernel, when its cluster shall be
 * another's to serve.
 */
#include "cleanup.h"

#include "lib/client.h"
#include "lib/transact.h"
#include "merge.h"

/* What a watcher sets, as it is when nobody has set it. */
static void reset(struct svclb_settings *settings)
{
	int i;

	for (i = 0; i < SVCLB_LISTS; i++)
		settings->lists[i].nr = 0;
	settings->nr_interfaces = 0;
	settings->loopback = false;
	settings->masquerade_all = false;
}

/**
 * svclb_cleanup() - remove the services of a generation
 * @nl:         connection to the kernel
 * @generation: the generation
 * @err:        for errors
 *
 * The settings are those of the namespace: if others have services in it, they
 * stay as they are.
 *
 * Return: 0 or -1.
 */
int svclb_cleanup(struct svclb_nl *nl, uint64_t generation,
		  struct svclb_err *err)
{
	struct svclb_config ours = { 0 }, others = { 0 }, wanted = { 0 };
	int result = svclb_client_load(nl, &ours, err);

	if (!result && svclb_merge_split(&ours, generation, &others))
		result = svclb_err_memory(err);
	if (!result) {
		wanted.settings = ours.settings;
		if (!others.count)
			reset(&wanted.settings);
		/* Closed before the module stops to keep strangers out. */
		if (ours.settings.loopback && !wanted.settings.loopback)
			result = svclb_merge_loopback(false, err);
	}
	if (!result)
		result = svclb_transact(nl, NULL, &ours, &wanted, err);
	svclb_config_uninit(&ours);
	svclb_config_uninit(&others);
	svclb_config_uninit(&wanted);
	return result;
}
