// SPDX-License-Identifier: GPL-2.0-only
#include "stats.h"

#include <linux/errno.h>

/**
 * svclb_counter_init() - make a counter, 0
 * @counter: to be filled in
 *
 * May sleep.
 *
 * Return: 0, or -ENOMEM.
 */
int svclb_counter_init(struct svclb_counter *counter)
{
	counter->base = 0;
	counter->cpu = alloc_percpu_gfp(u64, GFP_KERNEL_ACCOUNT);
	return counter->cpu ? 0 : -ENOMEM;
}

/**
 * svclb_counter_uninit() - free what a counter holds
 * @counter: a counter that nobody can reach any more; may be all zero bytes
 *
 * Does not sleep, so that it may run at the end of a grace period.
 */
void svclb_counter_uninit(struct svclb_counter *counter)
{
	free_percpu(counter->cpu);
	counter->cpu = NULL;
}

static u64 sum(const struct svclb_counter *counter)
{
	u64 total = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		total += READ_ONCE(*per_cpu_ptr(counter->cpu, cpu));
	return total;
}

/**
 * svclb_counter_read() - the value of a counter over all CPUs
 * @counter: the counter; the caller holds the configuration lock
 *
 * Return: what was counted since the last zeroing.
 */
u64 svclb_counter_read(const struct svclb_counter *counter)
{
	return sum(counter) - counter->base;
}

/**
 * svclb_counter_zero() - let a counter start from 0 again
 * @counter: the counter; the caller holds the configuration lock
 */
void svclb_counter_zero(struct svclb_counter *counter)
{
	counter->base = sum(counter);
}
