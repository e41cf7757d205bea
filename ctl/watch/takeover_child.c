// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removes what a kube-proxy left beside the watcher, in a process of its own, as it
 * waits: for the lock of iptables, for connections to end.
 */
#include "takeover_child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"
#include "takeover.h"

static void tell(void *data, enum svclb_leftover what, const char *text)
{
	static const enum svclb_log_level levels[] = {
		[SVCLB_LEFTOVER_REMOVED] = SVCLB_LOG_DEBUG,
		[SVCLB_LEFTOVER_WAITING] = SVCLB_LOG_INFO,
		[SVCLB_LEFTOVER_WARNING] = SVCLB_LOG_WARNING,
		[SVCLB_LEFTOVER_ERROR] = SVCLB_LOG_ERROR,
	};

	(void)data;
	svclb_log(levels[what], text, NULL);
}

static void run(uint64_t drain)
{
	struct svclb_leftovers leftovers = { .drain = drain, .tell = tell };
	char removed[SVCLB_LOG_NUMBER], failed[SVCLB_LOG_NUMBER];

	svclb_takeover(&leftovers);
	if (!leftovers.removed && !leftovers.failed)
		svclb_log(SVCLB_LOG_INFO, "nothing is left of kube-proxy",
			  NULL);
	else
		svclb_log(SVCLB_LOG_INFO, "what kube-proxy left was removed",
			  "removed",
			  svclb_log_number(removed, leftovers.removed),
			  "failed", svclb_log_number(failed, leftovers.failed),
			  NULL);
}

/*
 * In the child. It ends with the watcher; what is left then is found again. Ports
 * that the watcher closes would stay open here.
 */
static void begin(pid_t parent, uint64_t drain)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent ||
	    close_range(STDERR_FILENO + 1, ~0U, 0))
		_exit(1);
	run(drain);
	_exit(0);
}

static void reap(struct svclb_takeover_child *child)
{
	svclb_loop_forget(child->loop, child->fd);
	close(child->fd);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
}

static void on_end(void *data, uint32_t events)
{
	struct svclb_takeover_child *child = data;

	(void)events;
	reap(child);
	if (child->ended)
		child->ended(child->data);
}

/**
 * svclb_takeover_child_start() - begin to remove what a kube-proxy left
 * @child: the process to be
 * @err:   for errors
 *
 * What is removed is told in the log.
 *
 * Return: 0 or -1.
 */
int svclb_takeover_child_start(struct svclb_takeover_child *child,
			       struct svclb_err *err)
{
	pid_t parent = getpid(), pid = fork();

	if (!pid)
		begin(parent, child->drain);
	if (pid < 0)
		return svclb_err_system(err, "fork", errno);
	child->pid = pid;
	child->fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (child->fd >= 0 && !svclb_loop_watch(child->loop, child->fd, EPOLLIN,
						on_end, child, err))
		return 0;
	if (child->fd < 0)
		svclb_err_system(err, "pidfd_open", errno);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (child->fd >= 0)
		close(child->fd);
	child->pid = 0;
	return -1;
}

/**
 * svclb_takeover_child_stop() - end the process, if it runs
 * @child: the process
 */
void svclb_takeover_child_stop(struct svclb_takeover_child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGKILL);
	reap(child);
}
