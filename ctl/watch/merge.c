// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is to be minded when a cluster's services come into a namespace where
 * others may have made services, too: these stay as they are, and keep their
 * names and addresses.
 */
#include "merge.h"

#include <errno.h>
#include <stdio.h>

#include "lib/text.h"

/**
 * svclb_merge_split() - part the services that are ours from those of others
 * @actual:     all services; those of others are taken out
 * @generation: generation of ours
 * @others:     for those of others; empty
 *
 * Return: 0, or -1 when there is no memory.
 */
int svclb_merge_split(struct svclb_config *actual, uint64_t generation,
		      struct svclb_config *others)
{
	uint32_t i, nr = actual->nr;

	for (i = 0; i < nr; i++) {
		struct svclb_service *service = actual->services[i];

		if (!service || service->generation == generation)
			continue;
		svclb_config_take(actual, service);
		if (!svclb_config_insert(others, service))
			continue;
		svclb_service_free(service);
		return -1;
	}
	return 0;
}

/* Takes the addresses from one of ours that others have. */
static uint32_t yield_addresses(struct svclb_config *ours,
				struct svclb_service *service,
				const struct svclb_config *others,
				const struct svclb_notes *notes)
{
	const struct svclb_service *owner;
	char text[SVCLB_KEY_TEXT];
	uint32_t i = 0, yielded = 0;

	while (i < service->nr_frontends) {
		owner = svclb_config_by_key(others, &service->frontends[i].key);
		if (!owner) {
			i++;
			continue;
		}
		svclb_text_key(text, &service->frontends[i].key);
		svclb_note(notes,
			   "service %s: address %s is passed over: service %s has it",
			   service->name, text, owner->name);
		svclb_config_del_frontend(ours, service,
					  &service->frontends[i]);
		yielded++;
	}
	return yielded;
}

/**
 * svclb_merge_yield() - leave to others what they have
 * @ours:   our services; loses those whose names others have, and addresses
 * @others: the services of others
 * @notes:  where to say what was passed over
 *
 * Return: how many names and addresses that were.
 */
uint32_t svclb_merge_yield(struct svclb_config *ours,
			   const struct svclb_config *others,
			   const struct svclb_notes *notes)
{
	uint32_t i, nr = ours->nr, yielded = 0;

	if (!others->count)
		return 0;
	for (i = 0; i < nr; i++) {
		struct svclb_service *service = ours->services[i];

		if (!service)
			continue;
		if (!svclb_config_by_name(others, service->name)) {
			yielded += yield_addresses(ours, service, others,
						   notes);
			continue;
		}
		svclb_note(notes,
			   "service %s is passed over: there is one of that name that is not the cluster's",
			   service->name);
		svclb_config_remove(ours, service);
		yielded++;
	}
	return yielded;
}

/**
 * svclb_merge_loopback() - let the kernel route loopback addresses, or not
 * @on:  whether
 * @err: for errors
 *
 * The kernel routes packets with a loopback address only where it is told to;
 * what comes from outside for one is then the module's to drop. So the way is
 * opened after the module was told of it, and closed before.
 *
 * Return: 0 or -1.
 */
int svclb_merge_loopback(bool on, struct svclb_err *err)
{
	static const char path[] = "/proc/sys/net/ipv4/conf/all/route_localnet";
	FILE *file = fopen(path, "w");
	int result;

	if (!file)
		return svclb_err_system(err, path, errno);
	result = fputs(on ? "1" : "0", file);
	if (fclose(file) || result < 0)
		return svclb_err_system(err, path, errno);
	return 0;
}
