// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes what kube-proxy's mode ipvs left: virtual servers, the device with their
 * addresses, IP sets. Nobody else can go on with a connection that IPVS has, so a
 * virtual server stays until it has none, and takes no new ones; and an address
 * stays as long as one of its virtual servers does, or the node's own connections
 * have it on this side.
 *
 * kube-proxy's are the virtual servers whose address is on its device, and those
 * at one of the node's own addresses with a port that is in its IP sets of node
 * ports. So the device and the sets are the last to go: who is interrupted finds
 * again what there is to do.
 */
#include "takeover_ipvs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "ipset.h"
#include "ipvs.h"
#include "ipvs_device.h"
#include "lib/text.h"
#include "loop.h"
#include "own_sockets.h"

/* From one look at the connections to the next, in milliseconds. */
#define FIRST_PAUSE 250
#define MOST_PAUSE 5000

/**
 * struct pass - one look at what there is
 * @leftovers:   how to remove it, and whom to tell
 * @now:         whether nothing is waited for any more
 * @ipvs:        connection to IPVS
 * @servers:     its virtual servers
 * @device:      kube-proxy's device
 * @used:        which of its addresses have to stay
 * @ports:       kube-proxy's node ports
 * @connections: how many connections of IPVS have to end
 * @addresses:   how many addresses have to stay for the node's connections
 * @err:         for errors
 */
struct pass {
	struct svclb_leftovers *leftovers;
	bool now;
	struct svclb_ipvs ipvs;
	struct svclb_ipvs_servers servers;
	struct svclb_ipvs_device device;
	bool *used;
	struct svclb_node_ports *ports;
	uint64_t connections;
	uint64_t addresses;
	struct svclb_err err;
};

static bool is_kube_proxys(const struct pass *pass,
			   const struct svclb_key *server)
{
	if (pass->device.index &&
	    svclb_ipvs_device_find(&pass->device, true, server->family,
				   server->addr))
		return true;
	return svclb_node_ports_has(pass->ports, server->family, server->proto,
				    server->port) &&
	       svclb_ipvs_device_find(&pass->device, false, server->family,
				      server->addr);
}

static void tell_server(struct pass *pass, const struct svclb_key *server)
{
	const char *protocol = svclb_text_protocol(server->proto);
	char text[SVCLB_KEY_TEXT];

	svclb_text_plain_key(text, server);
	svclb_leftovers_tell(pass->leftovers, SVCLB_LEFTOVER_REMOVED,
			     "ipvsadm -D --%s-service %s", protocol, text);
}

/* Returns whether the address has to stay. */
static bool mark_used(struct pass *pass, uint8_t family, const uint8_t addr[16])
{
	const struct svclb_k8s_ip *at;

	if (!pass->device.index)
		return false;
	at = svclb_ipvs_device_find(&pass->device, true, family, addr);
	if (!at || pass->used[at - pass->device.at])
		return false;
	pass->used[at - pass->device.at] = true;
	return true;
}

static int look_at_server(struct pass *pass, const struct svclb_key *server)
{
	uint64_t connections = 0;

	if (!pass->leftovers->dry_run) {
		if (svclb_ipvs_count(&pass->ipvs, server, &connections,
				     &pass->err))
			return -1;
		pass->connections += connections;
		if (connections && !pass->now) {
			mark_used(pass, server->family, server->addr);
			return svclb_ipvs_quiesce(&pass->ipvs, server,
						  &pass->err);
		}
		if (svclb_ipvs_delete(&pass->ipvs, server, &pass->err))
			return -1;
	}
	tell_server(pass, server);
	return 0;
}

static int look_at_servers(struct pass *pass)
{
	uint32_t i;
	int result = svclb_ipvs_open(&pass->ipvs, &pass->err);

	if (!result)
		result = svclb_ipvs_list(&pass->ipvs, &pass->servers,
					 &pass->err);
	for (i = 0; !result && i < pass->servers.nr; i++)
		if (is_kube_proxys(pass, &pass->servers.at[i]))
			result = look_at_server(pass, &pass->servers.at[i]);
	svclb_ipvs_close(&pass->ipvs);
	return result < 0 ? -1 : 0;
}

static void on_socket(void *data, const struct svclb_k8s_ip *ip)
{
	struct pass *pass = data;

	if (mark_used(pass, ip->family, ip->addr))
		pass->addresses++;
}

static int remove_device(struct pass *pass)
{
	if (!pass->leftovers->dry_run &&
	    svclb_ipvs_device_delete(&pass->device, &pass->err))
		return -1;
	svclb_leftovers_tell(pass->leftovers, SVCLB_LEFTOVER_REMOVED,
			     "ip link delete " SVCLB_IPVS_DEVICE);
	return 0;
}

/* With its last address, the device goes. */
static int look_at_device(struct pass *pass)
{
	bool waits = !pass->leftovers->dry_run && !pass->now;
	uint32_t i;

	if (!pass->device.index)
		return 0;
	if (waits && svclb_own_sockets_each(on_socket, pass, &pass->err))
		return -1;
	if (!waits || (!pass->connections && !pass->addresses))
		return remove_device(pass);
	for (i = 0; i < pass->device.own; i++)
		if (!pass->used[i] &&
		    svclb_ipvs_device_del_address(&pass->device,
						  &pass->device.at[i],
						  &pass->err))
			return -1;
	return 0;
}

static int look(struct pass *pass)
{
	if (svclb_ipset_node_ports(pass->ports, &pass->err) ||
	    svclb_ipvs_device_read(&pass->device, &pass->err))
		return -1;
	pass->used = calloc(pass->device.own + 1, sizeof(*pass->used));
	if (!pass->used)
		return svclb_err_memory(&pass->err);
	if (look_at_servers(pass))
		return -1;
	return look_at_device(pass);
}

/* Returns 0 when all is done, 1 to come back, or -1. */
static int take_pass(struct pass *pass)
{
	int result;

	pass->ports = calloc(1, sizeof(*pass->ports));
	if (pass->ports)
		result = look(pass);
	else
		result = svclb_err_memory(&pass->err);
	if (result)
		svclb_leftovers_fail(pass->leftovers, &pass->err);
	else if (!pass->now)
		result = pass->connections || pass->addresses;
	svclb_ipvs_device_uninit(&pass->device);
	free(pass->servers.at);
	free(pass->used);
	free(pass->ports);
	return result;
}

static void tell_waiting(const struct pass *pass)
{
	svclb_leftovers_tell(pass->leftovers, SVCLB_LEFTOVER_WAITING,
			     "%" PRIu64 " connections of IPVS may go on for %" PRIu64
			     " seconds; %" PRIu64
			     " more addresses have connections of the node itself",
			     pass->connections, pass->leftovers->drain / 1000,
			     pass->addresses);
}

static void tell_end(const struct pass *pass)
{
	if (pass->connections)
		svclb_leftovers_tell(pass->leftovers, SVCLB_LEFTOVER_WARNING,
				     "the time is up: %" PRIu64 " connections of IPVS were ended",
				     pass->connections);
}

static void sleep_for(uint64_t milliseconds)
{
	const struct timespec pause = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000,
	};

	nanosleep(&pause, NULL);
}

static int remove_servers(struct svclb_leftovers *leftovers)
{
	uint64_t end = svclb_loop_now() + leftovers->drain, now;
	uint64_t pause = FIRST_PAUSE;
	bool told = false;
	int result;

	for (;;) {
		struct pass pass = { .leftovers = leftovers };

		now = svclb_loop_now();
		pass.now = now >= end;
		result = take_pass(&pass);
		if (pass.now)
			tell_end(&pass);
		if (result <= 0)
			return result;
		if (!told)
			tell_waiting(&pass);
		told = true;
		sleep_for(pause < end - now ? pause : end - now);
		pause = pause * 2 < MOST_PAUSE ? pause * 2 : MOST_PAUSE;
	}
}

/**
 * svclb_takeover_ipvs() - remove what kube-proxy's mode ipvs left
 * @leftovers: how, and whom to tell
 *
 * It ends when connections of IPVS have, or when their time is up.
 */
void svclb_takeover_ipvs(struct svclb_leftovers *leftovers)
{
	if (!remove_servers(leftovers))
		svclb_ipset_take_over(leftovers);
}
