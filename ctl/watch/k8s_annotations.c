// SPDX-License-Identifier: GPL-2.0-only
/*
 * What annotations say of Services and EndpointSlices. One that is odd is noted
 * and passed over: it must not keep the Service from being served.
 */
#include <stdlib.h>
#include <time.h>

#include "k8s_json.h"
#include "lib/text.h"

#define SCHEDULER "svclb.io/scheduler"
#define SYN_FAILOVER "svclb.io/syn-failover"
#define WEIGHTS "svclb.io/weights"
#define CHANGED_AT "endpoints.kubernetes.io/last-change-trigger-time"

/* Longer than an address with its weight. */
#define PART_TEXT 96

static const json_t *annotations_of(const json_t *json)
{
	return get(get(json, "metadata"), "annotations");
}

/**
 * struct object - whose annotations are read
 * @what:      what it is
 * @namespace: its namespace
 * @name:      its name
 * @notes:     where to say what was passed over
 */
struct object {
	const char *what;
	const char *namespace;
	const char *name;
	const struct svclb_notes *notes;
};

static void pass_over(const struct object *object, const char *annotation,
		      const char *why)
{
	svclb_note(object->notes,
		   "%s %s/%s: annotation %s is passed over: %s", object->what,
		   object->namespace, object->name, annotation, why);
}

static int compare_weights(const void *a, const void *b)
{
	const struct svclb_k8s_weight *x = a, *y = b;

	if (x->ip.family != y->ip.family)
		return (int)x->ip.family - (int)y->ip.family;
	return memcmp(x->ip.addr, y->ip.addr, sizeof(x->ip.addr));
}

/* ADDRESS=WEIGHT */
static bool parse_weight(const char *text, size_t len,
			 struct svclb_k8s_weight *weight)
{
	struct svclb_err err;
	char part[PART_TEXT];
	uint64_t number;
	char *sign;

	if (len >= sizeof(part))
		return false;
	memcpy(part, text, len);
	part[len] = '\0';
	sign = strchr(part, '=');
	if (!sign)
		return false;
	*sign++ = '\0';
	if (!svclb_k8s_parse_ip(part, &weight->ip) ||
	    svclb_text_parse_number(sign, "a weight", SVCLB_WEIGHT_MAX, &number,
				    &err))
		return false;
	weight->weight = (uint32_t)number;
	return true;
}

static void get_weights(const char *text, const struct object *object,
			struct svclb_k8s_weights *weights)
{
	static const char blanks[] = ", \t\r\n";
	size_t len, room = 1;
	const char *at;

	for (at = text; *at; at++)
		room += *at == '=';
	weights->at = calloc(room, sizeof(*weights->at));
	if (!weights->at)
		return;
	for (at = text; *(at += strspn(at, blanks)); at += len) {
		len = strcspn(at, blanks);
		if (parse_weight(at, len, &weights->at[weights->nr]))
			weights->nr++;
		else
			svclb_note(object->notes,
				   "%s %s/%s: '%.*s' in annotation %s is passed over: not ADDRESS=WEIGHT",
				   object->what, object->namespace,
				   object->name, len < 80 ? (int)len : 80, at,
				   WEIGHTS);
	}
	qsort(weights->at, weights->nr, sizeof(*weights->at), compare_weights);
}

/**
 * svclb_k8s_weight_of() - find the weight of an address
 * @weights: the weights
 * @ip:      the address
 *
 * Return: the weight, or SVCLB_K8S_NO_WEIGHT.
 */
uint32_t svclb_k8s_weight_of(const struct svclb_k8s_weights *weights,
			     const struct svclb_k8s_ip *ip)
{
	const struct svclb_k8s_weight key = { .ip = *ip }, *found;

	if (!weights->nr)
		return SVCLB_K8S_NO_WEIGHT;
	found = bsearch(&key, weights->at, weights->nr, sizeof(key),
			compare_weights);
	return found ? found->weight : SVCLB_K8S_NO_WEIGHT;
}

/* So many decimal digits; -1 for anything else. */
static int digits(const char **at, int nr)
{
	int value = 0;

	for (; nr; nr--, (*at)++) {
		if (**at < '0' || **at > '9')
			return -1;
		value = value * 10 + (**at - '0');
	}
	return value;
}

/* A fraction of a second, in milliseconds. */
static uint64_t fraction(const char **at)
{
	uint64_t value = 0, unit = 100;

	if (**at != '.')
		return 0;
	for ((*at)++; **at >= '0' && **at <= '9'; (*at)++, unit /= 10)
		value += (uint64_t)(**at - '0') * unit;
	return value;
}

/**
 * svclb_k8s_parse_time() - read a time as RFC 3339 writes it
 * @text: the text, or NULL
 *
 * Return: milliseconds since 1970, or 0 if it is none.
 */
uint64_t svclb_k8s_parse_time(const char *text)
{
	static const char between[] = "--T::";
	int part[6], hours, minutes, sign, i;
	uint64_t milliseconds;
	struct tm time;
	time_t seconds;

	for (i = 0; text && i < 6; i++) {
		part[i] = digits(&text, i ? 2 : 4);
		if (part[i] < 0 || (i < 5 && *text++ != between[i]))
			return 0;
	}
	if (!text)
		return 0;
	milliseconds = fraction(&text);
	time = (struct tm){
		.tm_year = part[0] - 1900,
		.tm_mon = part[1] - 1,
		.tm_mday = part[2],
		.tm_hour = part[3],
		.tm_min = part[4],
		.tm_sec = part[5],
	};
	seconds = timegm(&time);
	if (*text == '+' || *text == '-') {
		sign = *text++ == '+' ? 1 : -1;
		hours = digits(&text, 2);
		if (hours < 0 || *text++ != ':')
			return 0;
		minutes = digits(&text, 2);
		if (minutes < 0)
			return 0;
		seconds -= (int64_t)sign * (hours * 3600 + minutes * 60);
	} else if (*text++ != 'Z') {
		return 0;
	}
	if (*text || seconds <= 0)
		return 0;
	return (uint64_t)seconds * 1000 + milliseconds;
}

/**
 * svclb_k8s_service_annotations() - read what a Service is told by annotations
 * @json:    the object
 * @service: the Service
 * @notes:   where to say what was passed over
 */
void svclb_k8s_service_annotations(const json_t *json,
				   struct svclb_k8s_service *service,
				   const struct svclb_notes *notes)
{
	const struct object object = {
		"service", service->namespace, service->name, notes,
	};
	const json_t *annotations = annotations_of(json);
	const char *text = get_text(annotations, SCHEDULER);
	struct svclb_err err;

	service->sched = SVCLB_SCHED_DEFAULT;
	if (text && svclb_text_parse_scheduler(text, &service->sched, &err))
		pass_over(&object, SCHEDULER, err.text);
	text = get_text(annotations, SYN_FAILOVER);
	if (text && !strcmp(text, "true"))
		service->syn_failover = true;
	else if (text && strcmp(text, "false") != 0)
		pass_over(&object, SYN_FAILOVER, "neither true nor false");
	text = get_text(annotations, WEIGHTS);
	if (text)
		get_weights(text, &object, &service->weights);
}

/**
 * svclb_k8s_slice_annotations() - read what is said of a slice by annotations
 * @json:  the object
 * @slice: the slice, with its endpoints
 * @notes: where to say what was passed over
 */
void svclb_k8s_slice_annotations(const json_t *json,
				 struct svclb_k8s_slice *slice,
				 const struct svclb_notes *notes)
{
	const struct object object = {
		"endpoint slice", slice->namespace, slice->name, notes,
	};
	const json_t *annotations = annotations_of(json);
	const char *text = get_text(annotations, WEIGHTS);
	struct svclb_k8s_weights weights = { 0 };
	size_t i;

	slice->changed_at = svclb_k8s_parse_time(get_text(annotations,
							  CHANGED_AT));
	if (!text)
		return;
	get_weights(text, &object, &weights);
	for (i = 0; i < slice->nr_endpoints; i++)
		slice->endpoints[i].weight =
			svclb_k8s_weight_of(&weights, &slice->endpoints[i].ip);
	free(weights.at);
}
