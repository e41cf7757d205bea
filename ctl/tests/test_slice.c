// SPDX-License-Identifier: GPL-2.0-only
/*
 * EndpointSlices of the API's versions: the same slice must come out of each.
 */
#include <string.h>

#include "tap.h"
#include "watch/k8s.h"

static void no_note(void *data, const char *text)
{
	(void)data;
	(void)text;
}

static void check(struct tap *tap, const char *endpoint, const char *node,
		  const char *name)
{
	const struct svclb_notes notes = { .note = no_note };
	struct svclb_k8s_slice *slice;
	const char *is = NULL;
	json_t *json;

	json = json_pack("{s:{s:s,s:{s:s}},s:s,s:[o]}", "metadata", "name", "a",
			 "labels", "kubernetes.io/service-name", "a",
			 "addressType", "IPv4", "endpoints",
			 json_loads(endpoint, 0, NULL));
	slice = svclb_k8s_slice_decode(json, &notes);
	if (slice && slice->nr_endpoints == 1)
		is = slice->endpoints[0].node;
	tap_ok(tap, node ? is && !strcmp(is, node) : !is, "%s", name);
	svclb_k8s_slice_free(slice);
	json_decref(json);
}

int main(void)
{
	struct tap tap = { 0 };

	check(&tap, "{\"addresses\":[\"10.0.0.1\"],\"nodeName\":\"n\"}", "n",
	      "v1 has the node's name");
	check(&tap, "{\"topology\":{\"kubernetes.io/hostname\":\"n\"}}", "n",
	      "v1beta1 has it among labels");
	check(&tap,
	      "{\"topology\":{\"kubernetes.io/hostname\":\"m\"},\"nodeName\":\"n\"}",
	      "n", "the name goes before the label");
	check(&tap, "{\"topology\":{\"kubernetes.io/hostname\":3}}", NULL,
	      "a label that is no text");
	check(&tap, "{\"topology\":null}", NULL, "no node");
	return tap_end(&tap);
}
