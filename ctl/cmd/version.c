// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "lib/out.h"
#include "version.h"

#define MODULE_VERSION_FILE "/sys/module/svclb/version"

/* Leaves the text empty when the module is not loaded. */
static void read_module_version(char *text, int size)
{
	FILE *file = fopen(MODULE_VERSION_FILE, "re");

	*text = '\0';
	if (!file)
		return;
	if (fgets(text, size, file))
		text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

static int run_version(struct svclb_ctx *ctx)
{
	char module[64];
	json_t *json;

	if (svclb_ctx_no_words(ctx))
		return -1;
	read_module_version(module, sizeof(module));
	if (!ctx->json) {
		printf("svclbctl %s\n", SVCLBCTL_VERSION);
		printf("svclb.ko %s\n", *module ? module : "is not loaded");
		return 0;
	}
	json = json_pack("{s:i, s:s, s:o}", "version", SVCLB_OUT_JSON_VERSION,
			 "svclbctl", SVCLBCTL_VERSION, "module",
			 *module ? svclb_json_text(module) : json_null());
	return svclb_json_write(stdout, json, ctx->pretty, ctx->err);
}

const struct svclb_command svclb_command_version = {
	.name = "version",
	.run = run_version,
	.summary = "print the versions of tool and module",
	.help =
"Usage: svclbctl version [-j [-p]]\n"
"\n"
"Prints the version of this tool, and that of the module if it is loaded.\n"
"\n"
"Example:\n"
"  svclbctl version\n",
};
