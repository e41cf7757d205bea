/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _SVCLB_STATS_H
#define _SVCLB_STATS_H

/* Architectures without per-CPU instructions turn interrupts off instead. */
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum svclb_cause - what a namespace counts
 * @SVCLB_CONNECTIONS:          new connections sent to a backend
 * @SVCLB_MASQUERADED:          new connections masqueraded
 * @SVCLB_REJECTED_NO_BACKEND:  refused, the service has no usable backend
 * @SVCLB_REJECTED_UNUSED_PORT: refused, no frontend of the VIP has that port
 * @SVCLB_DROPPED_NO_PORT:      no source port was free for masquerading
 * @SVCLB_DROPPED_NO_ADDRESS:   the outgoing device has no address
 * @SVCLB_DROPPED_NAT:          the NAT core refused the translation
 * @SVCLB_STALE_FLOWS:          UDP flows deleted with their backend
 * @SVCLB_DROPPED_SOURCE_RANGE: dropped, the client is in no source range
 * @SVCLB_DROPPED_NO_LOCAL_BACKEND: dropped, all backends are on other nodes
 * @SVCLB_DROPPED_UNALLOCATED:  dropped, no service has the address
 * @SVCLB_DROPPED_LOOPBACK:     dropped, from outside for a loopback address
 * @SVCLB_ECHOES:               echo requests to a VIP that were answered
 * @SVCLB_AFFINITY_EVICTED:     affinity entries that went before their time
 * @SVCLB_SYN_FAILOVERS:        connections moved since a backend was silent
 * @SVCLB_REJECTED_NO_FLOW:     refused, in the midst of an unknown connection
 * @SVCLB_DROPPED_FLOWS_FULL:   dropped, there was no room for another flow
 * @SVCLB_FLOWS_EVICTED:        flows that went before their time
 * @SVCLB_CAUSES:               how many there are
 */
enum svclb_cause {
	SVCLB_CONNECTIONS,
	SVCLB_MASQUERADED,
	SVCLB_REJECTED_NO_BACKEND,
	SVCLB_REJECTED_UNUSED_PORT,
	SVCLB_DROPPED_NO_PORT,
	SVCLB_DROPPED_NO_ADDRESS,
	SVCLB_DROPPED_NAT,
	SVCLB_STALE_FLOWS,
	SVCLB_DROPPED_SOURCE_RANGE,
	SVCLB_DROPPED_NO_LOCAL_BACKEND,
	SVCLB_DROPPED_UNALLOCATED,
	SVCLB_DROPPED_LOOPBACK,
	SVCLB_ECHOES,
	SVCLB_AFFINITY_EVICTED,
	SVCLB_SYN_FAILOVERS,
	SVCLB_REJECTED_NO_FLOW,
	SVCLB_DROPPED_FLOWS_FULL,
	SVCLB_FLOWS_EVICTED,
	SVCLB_CAUSES
};

struct svclb_chunk;

/**
 * struct svclb_counter - a counter, one copy a CPU
 * @cpu:   the copies, written with this_cpu_inc() only and never reset. On a
 *         32-bit kernel a reader may catch one between its halves
 * @base:  their sum when the counter was last zeroed; guarded by the
 *         configuration lock. A reset of another CPU's copy would race with
 *         what is counted there, so zeroing notes the sum instead
 * @chunk: where the copies are from
 */
struct svclb_counter {
	u64 __percpu *cpu;
	u64 base;
	struct svclb_chunk *chunk;
};

void svclb_stats_uninit(void);

int svclb_counter_init(struct svclb_counter *counter);
void svclb_counter_uninit(struct svclb_counter *counter);
u64 svclb_counter_read(const struct svclb_counter *counter);
void svclb_counter_zero(struct svclb_counter *counter);

/**
 * svclb_counter_inc() - count one
 * @counter: where; RCU or a reference of the caller's keeps it
 */
static inline void svclb_counter_inc(const struct svclb_counter *counter)
{
	this_cpu_inc(*counter->cpu);
}

#endif /* _SVCLB_STATS_H */
