/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_K8S_JSON_H
#define SVCLB_CTL_K8S_JSON_H

#include <jansson.h>
#include <string.h>

#include "k8s.h"

/* Members of an object; what has the wrong type is taken for missing. */
static inline const json_t *get(const json_t *json, const char *key)
{
	return json_object_get(json, key);
}

static inline const char *get_text(const json_t *json, const char *key)
{
	return json_string_value(get(json, key));
}

static inline bool is_text(const json_t *json, const char *key,
			   const char *text)
{
	const char *is = get_text(json, key);

	return is && !strcmp(is, text);
}

/* What the annotations of an object say. */
void svclb_k8s_service_annotations(const json_t *json,
				   struct svclb_k8s_service *service,
				   const struct svclb_notes *notes);
void svclb_k8s_slice_annotations(const json_t *json,
				 struct svclb_k8s_slice *slice,
				 const struct svclb_notes *notes);

#endif /* SVCLB_CTL_K8S_JSON_H */
