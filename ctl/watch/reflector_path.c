// SPDX-License-Identifier: GPL-2.0-only
/*
 * What reflectors ask an API server for.
 */
#include "reflector_int.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

/* As many as others ask for; the server cuts pages that would be too large. */
#define PAGE 500

/* What is another proxy's, and what has no cluster IP; as kube-proxy asks. */
#define SELECTOR "labelSelector=%21service.kubernetes.io%2Fservice-proxy-name" \
	"%2C%21service.kubernetes.io%2Fheadless"

/**
 * svclb_reflect_name() - what a resource is called
 * @resource: the resource
 *
 * Return: its name in paths.
 */
const char *svclb_reflect_name(enum svclb_resource resource)
{
	static const char *const names[SVCLB_RESOURCES] = {
		[SVCLB_RESOURCE_SERVICES] = "services",
		[SVCLB_RESOURCE_SLICES] = "endpointslices",
		[SVCLB_RESOURCE_NODE] = "nodes",
	};

	return names[resource];
}

static const char *get_group(const struct svclb_reflector *reflector)
{
	if (reflector->resource != SVCLB_RESOURCE_SLICES)
		return "api/v1";
	return reflector->beta ? "apis/discovery.k8s.io/v1beta1" :
				 "apis/discovery.k8s.io/v1";
}

/* The path, and the parameters that are the same for all requests. */
static char *get_path(const struct svclb_reflector *reflector)
{
	const char *name = svclb_reflect_name(reflector->resource);
	const char *group = get_group(reflector);
	char *path = NULL, *node;
	int result;

	if (reflector->resource != SVCLB_RESOURCE_NODE) {
		result = asprintf(&path, "/%s/%s?%s", group, name, SELECTOR);
		return result < 0 ? NULL : path;
	}
	node = curl_easy_escape(NULL, reflector->reflecting->node, 0);
	if (!node)
		return NULL;
	result = asprintf(&path, "/%s/%s?fieldSelector=metadata.name%%3D%s",
			  group, name, node);
	curl_free(node);
	return result < 0 ? NULL : path;
}

/* Adds a parameter; frees the path. */
static char *add(char *path, const char *key, const char *value)
{
	char *longer = NULL, *escaped = curl_easy_escape(NULL, value, 0);

	if (!path || !escaped ||
	    asprintf(&longer, "%s&%s=%s", path, key, escaped) < 0)
		longer = NULL;
	curl_free(escaped);
	free(path);
	return longer;
}

/**
 * svclb_reflect_list_path() - where a list is
 * @reflector: for what
 *
 * No resource version is asked for, so that the list is as new as can be. With
 * resourceVersion=0 a server would answer from what it has in memory, which may
 * be older than what was seen already, from another server or before a restart:
 * endpoints would come back that have been gone for long. It would also ignore
 * the limit.
 *
 * Return: the path, to be freed; or NULL.
 */
char *svclb_reflect_list_path(const struct svclb_reflector *reflector)
{
	char *path = get_path(reflector);
	char limit[16];

	snprintf(limit, sizeof(limit), "%d", PAGE);
	if (!reflector->whole)
		path = add(path, "limit", limit);
	if (reflector->next)
		path = add(path, "continue", reflector->next);
	return path;
}

/**
 * svclb_reflect_watch_path() - where a watch is
 * @reflector: for what
 * @seconds:   how long the watch is to last
 *
 * Return: the path, to be freed; or NULL.
 */
char *svclb_reflect_watch_path(const struct svclb_reflector *reflector,
			       uint32_t seconds)
{
	char *path = get_path(reflector);
	char text[16];

	snprintf(text, sizeof(text), "%u", seconds);
	path = add(path, "watch", "true");
	path = add(path, "allowWatchBookmarks", "true");
	path = add(path, "timeoutSeconds", text);
	return add(path, "resourceVersion", reflector->version);
}
