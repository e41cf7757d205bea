// SPDX-License-Identifier: GPL-2.0-only
/*
 * A KubeProxyConfiguration. What is understood and written must be read again
 * as the same.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "watch/kubeproxy.h"

static void pass_over(void *data, const char *text)
{
	(void)data;
	FUZZ_CHECK(*text);
}

static char *written(const char *text, size_t len, struct svclb_err *err)
{
	const struct svclb_notes notes = { .note = pass_over };
	struct fuzz_output output = { 0 };
	struct svclb_kubeproxy config;

	FUZZ_CHECK(!svclb_kubeproxy_init(&config, err));
	if (svclb_kubeproxy_read(&config, text, len, &notes, err) ||
	    svclb_kubeproxy_settle(&config, &notes, err)) {
		svclb_kubeproxy_uninit(&config);
		return NULL;
	}
	fuzz_output_begin(&output);
	svclb_kubeproxy_write(output.file, &config);
	fuzz_output_end(&output);
	svclb_kubeproxy_uninit(&config);
	return output.text;
}

int fuzz_input(const uint8_t *data, size_t size)
{
	struct svclb_err err = { 0 };
	char *first, *second;

	first = written((const char *)data, size, &err);
	if (!first) {
		FUZZ_CHECK(err.code == SVCLB_ERR_INPUT || err.code == SVCLB_ERR_FAILED);
		return 0;
	}
	second = written(first, strlen(first), &err);
	FUZZ_CHECK(second && !strcmp(first, second));
	free(first);
	free(second);
	return 0;
}
