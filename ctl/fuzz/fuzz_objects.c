// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of a cluster, in YAML or in JSON, as sync reads them.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "watch/objects.h"

static void no_note(void *data, const char *text)
{
	(void)data;
	FUZZ_CHECK(*text);
}

int fuzz_input(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct svclb_store store = { 0 };
	struct svclb_err err = { 0 };
	struct svclb_reading reading = {
		.store = &store,
		.node_name = "node",
		.notes = { .note = no_note },
	};

	if (svclb_objects_read(&reading, text, size, &err))
		FUZZ_CHECK(*err.text);
	else
		FUZZ_CHECK(store.services.nr + store.slices.nr <= reading.count);
	svclb_k8s_node_free(reading.node);
	svclb_store_uninit(&store);
	free(text);
	return 0;
}
