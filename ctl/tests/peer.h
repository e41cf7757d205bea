/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SVCLB_CTL_PEER_H
#define SVCLB_CTL_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "lib/config.h"
#include "watch/loop.h"
#include "watch/stats.h"

struct nl_sock;

/**
 * struct peer - what stands in for the kernel, its clock and its sockets
 * @config:   what it is configured to do
 * @next_id:  number of the next service
 * @requests: how many requests changed something, or were refused
 * @sent:     how many messages came, of any kind
 * @refuse:   beginning of the names of services that it refuses, or NULL
 * @gone:     whether the module is not loaded
 * @blind:    whether it says yes to everything and keeps nothing
 * @now:      the time in milliseconds
 * @timers:   what waits
 * @ready:    who waits for events, or NULL
 * @ready_data: for @ready
 * @events:   a datagram with events, to be received once
 * @events_len: its length
 * @overrun:  whether events were lost, to be told once
 * @logged:   how many messages were logged
 */
struct peer {
	struct svclb_config config;
	uint32_t next_id;
	uint32_t requests;
	uint64_t sent;
	const char *refuse;
	bool gone;
	bool blind;
	uint64_t now;
	struct svclb_timer *timers;
	svclb_loop_ready ready;
	void *ready_data;
	char events[8192];
	size_t events_len;
	bool overrun;
	uint32_t logged;
};

extern struct peer peer;

/* What the linker puts in place of the functions that speak with the kernel. */
int peer_connect(struct nl_sock *sock, int protocol);
int peer_setsockopt(int fd, int level, int option, const void *value,
		    socklen_t len);
int peer_sendto(struct nl_sock *sock, void *batch, size_t size);
ssize_t peer_recv(int fd, void *buffer, size_t room, int flags);

/* And of those of the loop and the log. */
int peer_loop_watch(struct svclb_loop *loop, int fd, uint32_t events,
		    svclb_loop_ready ready, void *data, struct svclb_err *err);
void peer_loop_forget(struct svclb_loop *loop, int fd);
uint64_t peer_loop_now(void);
void peer_timer_set(struct svclb_loop *loop, struct svclb_timer *timer,
		    uint64_t milliseconds);
void peer_timer_clear(struct svclb_loop *loop, struct svclb_timer *timer);
void peer_log(int level, const char *message, ...);
const char *peer_log_number(char *text, unsigned long long number);
void peer_histogram_add(struct svclb_histogram *histogram, double seconds);

void peer_run(uint64_t milliseconds);
void peer_event(uint8_t cmd, const struct svclb_service *service);
void peer_uninit(void);

#endif /* SVCLB_CTL_PEER_H */
