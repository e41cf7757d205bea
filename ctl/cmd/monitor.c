// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <time.h>

#include "cmd.h"
#include "lib/codec.h"
#include "lib/json.h"
#include "lib/out.h"
#include "lib/savefile.h"
#include "lib/text.h"

/**
 * struct event - a kind of event
 * @cmd:  enum svclb_cmd
 * @text: what it is called in text
 * @name: what it is called in JSON
 */
struct event {
	uint8_t cmd;
	const char *text;
	const char *name;
};

static const struct event events[] = {
	{ SVCLB_CMD_SERVICE_SET_NTF, "service set", "service-set" },
	{ SVCLB_CMD_SERVICE_DEL_NTF, "service deleted", "service-del" },
	{ SVCLB_CMD_FRONTEND_ADD_NTF, "address added", "frontend-add" },
	{ SVCLB_CMD_FRONTEND_DEL_NTF, "address removed", "frontend-del" },
	{ SVCLB_CMD_BACKEND_SET_NTF, "endpoint set", "backend-set" },
	{ SVCLB_CMD_BACKEND_DEL_NTF, "endpoint removed", "backend-del" },
	{ SVCLB_CMD_BACKEND_DRAINED_NTF, "endpoint drained",
	  "backend-drained" },
	{ SVCLB_CMD_SETTINGS_SET_NTF, "settings", "settings-set" },
};

static const struct event *find_event(uint8_t cmd)
{
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].cmd == cmd)
			return &events[i];
	return NULL;
}

static void format_time(char *text, size_t size)
{
	char zone[8] = "", date[24] = "";
	struct timespec now;
	struct tm local;

	clock_gettime(CLOCK_REALTIME, &now);
	if (localtime_r(&now.tv_sec, &local)) {
		strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &local);
		strftime(zone, sizeof(zone), "%z", &local);
	}
	snprintf(text, size, "%s.%06ld%s", date, now.tv_nsec / 1000, zone);
}

static void print_service(const struct svclb_reply *reply)
{
	printf(" %s %s scheduler %s generation %llu, %u addresses, %u endpoints",
	       svclb_text_protocol(reply->proto),
	       svclb_text_family(reply->family),
	       svclb_text_scheduler(reply->sched),
	       (unsigned long long)reply->generation, reply->nr_frontends,
	       reply->nr_backends);
	if (reply->nr_ranges)
		printf(", %u source ranges", reply->nr_ranges);
	if (reply->affinity)
		printf(", affinity %u s", reply->affinity);
	if (reply->syn_failover)
		printf(", syn-failover");
}

static void print_event(const struct event *event, const char *time,
			const struct svclb_reply *reply)
{
	char text[SVCLB_KEY_TEXT];

	printf("%s %s %s", time, event->text, reply->name);
	if (reply->has_frontend) {
		svclb_text_key(text, &reply->frontend.key);
		printf(" %s", text);
		if (reply->frontend.kind == SVCLB_FRONTEND_KIND_EXTERNAL ||
		    reply->frontend.kind == SVCLB_FRONTEND_KIND_LOAD_BALANCER)
			printf(" %s", svclb_text_kind(reply->frontend.kind));
		if (reply->frontend.policy == SVCLB_TRAFFIC_POLICY_LOCAL)
			printf(" local");
		if (reply->frontend.restricted)
			printf(" restricted");
	} else if (reply->has_backend) {
		svclb_text_backend(text, reply->family, &reply->backend);
		printf(" %s weight %u%s%s%s%s", text, reply->backend.weight,
		       reply->backend.flags & SVCLB_BACKEND_DRAINING ?
		       " draining" : "",
		       reply->backend.flags & SVCLB_BACKEND_LOCAL ?
		       " local" : "",
		       reply->backend.flags & SVCLB_BACKEND_LOCAL_ONLY ?
		       " local-only" : "",
		       reply->backend.flags & SVCLB_BACKEND_NOT_SERVING ?
		       " not-serving" : "");
	} else if (event->cmd == SVCLB_CMD_SERVICE_SET_NTF) {
		print_service(reply);
	}
	putchar('\n');
}

static json_t *event_json(const struct event *event, const char *time,
			  const struct svclb_reply *reply)
{
	json_t *json;

	json = json_pack("{s:s, s:s, s:o, s:s, s:s}", "time", time,
			 "event", event->name,
			 "name", svclb_json_text(reply->name),
			 "protocol", svclb_text_protocol(reply->proto),
			 "family", svclb_text_family(reply->family));
	if (reply->has_frontend) {
		json_object_set_new(json, "frontend",
				    svclb_json_frontend(&reply->frontend));
		return json;
	}
	if (reply->has_backend) {
		json_object_set_new(json, "backend",
				    svclb_json_backend(reply->family,
						       &reply->backend));
		return json;
	}
	json_object_set_new(json, "scheduler",
			    json_string(svclb_text_scheduler(reply->sched)));
	json_object_set_new(json, "generation",
			    svclb_json_number(reply->generation));
	json_object_set_new(json, "frontends",
			    json_integer(reply->nr_frontends));
	json_object_set_new(json, "backends", json_integer(reply->nr_backends));
	json_object_set_new(json, "source_ranges",
			    json_integer(reply->nr_ranges));
	json_object_set_new(json, "affinity_timeout",
			    json_integer(reply->affinity));
	json_object_set_new(json, "syn_failover",
			    json_boolean(reply->syn_failover));
	return json;
}

static int on_settings(struct svclb_ctx *ctx, const char *time,
		       const struct nlmsghdr *msg)
{
	struct svclb_settings settings;
	json_t *json;

	if (svclb_codec_get_settings(&settings, msg, ctx->err))
		return -1;
	if (!ctx->json) {
		printf("%s settings: ", time);
		svclb_savefile_write_settings(stdout, &settings);
		return 0;
	}
	json = json_pack("{s:s, s:s, s:o}", "time", time,
			 "event", "settings-set",
			 "settings", svclb_json_settings(&settings));
	return svclb_json_write(stdout, json, ctx->pretty, ctx->err);
}

static int on_event(void *data, const struct nlmsghdr *msg,
		    struct svclb_err *err)
{
	const struct event *event = find_event(svclb_codec_command(msg));
	struct svclb_ctx *ctx = data;
	struct svclb_reply reply;
	char time[64];

	if (!event)
		return 0;
	format_time(time, sizeof(time));
	if (event->cmd == SVCLB_CMD_SETTINGS_SET_NTF)
		return on_settings(ctx, time, msg);
	if (svclb_codec_get_service(&reply, msg, err))
		return -1;
	if (ctx->json)
		return svclb_json_write(stdout,
					event_json(event, time, &reply),
					ctx->pretty, err);
	print_event(event, time, &reply);
	return 0;
}

static int print_loss(struct svclb_ctx *ctx)
{
	char time[64];

	format_time(time, sizeof(time));
	if (ctx->json)
		return svclb_json_write(stdout, json_pack("{s:s, s:s}", "time",
							  time, "event",
							  "lost"),
					ctx->pretty, ctx->err);
	printf("%s events were lost: there were too many\n", time);
	return 0;
}

static int run_monitor(struct svclb_ctx *ctx)
{
	int result;

	if (svclb_ctx_no_words(ctx) || svclb_ctx_open(ctx) ||
	    svclb_nl_subscribe(ctx->nl, ctx->err))
		return -1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	do {
		result = svclb_nl_receive(ctx->nl, on_event, ctx, ctx->err);
		if (result > 0)
			result = print_loss(ctx);
	} while (!result && !ferror(stdout));
	return result;
}

const struct svclb_command svclb_command_monitor = {
	.name = "monitor",
	.run = run_monitor,
	.summary = "print changes as they happen",
	.help =
"Usage: svclbctl monitor [-j [-p]]\n"
"\n"
"Prints a line for each change of the configuration, whoever makes it, and for\n"
"each draining endpoint that has no connection any more, until it is\n"
"interrupted; -j prints JSON, one object a line.\n"
"\n"
"Example:\n"
"  svclbctl monitor | grep default/web\n",
};
