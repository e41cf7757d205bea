#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs test scripts one after the other inside the test machine:
#
#   selftests/run-all.sh SCRIPT...
#
# Every script is TAP, and has a line "# vm: ... time=SECONDS" (300 without it)
# that limits it. Around its output stand "# begin SCRIPT" and "# end SCRIPT
# STATUS". Between two scripts the machine is cleaned up: processes, network
# namespaces, the module; what cannot be cleaned up, or a complaint of the
# kernel, is a failed test of the script that left it.
set -u
cd "$(dirname "$0")/.." || exit 1

complaints='BUG:|WARNING:|Oops|general protection fault|Kernel panic|KASAN:|UBSAN:|KCSAN:'
complaints+='|Call Trace:|possible (circular|recursive|irq) .*lock|suspicious RCU usage'
complaints+='|INFO: (task|rcu|trying)|rcu: INFO|refcount_t:|unregister_netdevice: waiting'
complaints+='|inconsistent lock state|sleeping function called|scheduling while atomic'
complaints+='|unreferenced object|Unable to handle|list_(add|del) corruption|kmem_cache_destroy'

die()
{
	echo "run-all.sh: $*" >&2
	exit 1
}

# The complaints in the kernel log behind the last line that holds the mark; if the
# log no longer reaches back to it, in all of the log. Lines in vm/harmless, behind
# their time, are none.
kernel_complaints()
{
	dmesg | tac | awk -v mark="$1" 'index($0, mark) { exit } { print }' | tac |
		grep -E "$complaints" | awk '
			FILENAME == ARGV[1] { if (!/^(#|$)/) harmless[$0]; next }
			{ line = $0; sub(/^\[ *[0-9.]+\] /, "", line) }
			!(line in harmless) { print; found = 1 }
			END { exit !found }' selftests/vm/harmless -
}

# Namespaces go in the background and hold the module until they are gone.
unload()
{
	local deadline=$((SECONDS + 20))

	while [[ -d /sys/module/svclb ]] && ! rmmod svclb 2>/dev/null; do
		((SECONDS < deadline)) || return 1
		sleep 0.05
	done
}

clean_up()
{
	ip -all netns delete >/dev/null && unload
}

# What the module has left in memory, on a kernel that can tell. It takes no
# memory for lost that is younger than 5 seconds; what is found only once may
# just have been on its way from one place to another.
leaks()
{
	local kmemleak=/sys/kernel/debug/kmemleak ready

	[[ -e $kmemleak ]] || return 1
	ready=$(($(cut -d . -f 1 /proc/uptime) + 6))
	while (($(cut -d . -f 1 /proc/uptime) < ready)); do
		sleep 0.2
	done
	echo scan >$kmemleak
	echo scan >$kmemleak
	grep . $kmemleak
}

run()
{
	local script=$1 mark="run-all: begin $1" limit pid status found line began=$SECONDS

	limit=$(sed -n '1,30s/^# vm:.*\<time=\([0-9]*\).*/\1/p' "$script")
	echo "# begin $script"
	echo "$mark" >/dev/kmsg
	limit=$((${limit:-300} * ${SLOWER:-1}))
	setsid timeout -k 10 "$limit" "$script" </dev/null 2>&1 &
	pid=$!
	wait "$pid"
	status=$?
	# What the script left behind is still in its process group.
	kill -KILL -- "-$pid" 2>/dev/null
	case $status in
	0 | 1 | 4) ;;
	124 | 137) echo "not ok - ends within $limit seconds" ;;
	*) echo "not ok - ends with status 0 or 1, not $status" ;;
	esac
	clean_up || echo "not ok - leaves a clean machine behind"
	if found=$(leaks); then
		echo "not ok - leaks no memory"
		while IFS= read -r line; do
			echo "# kmemleak: $line"
		done <<<"$found"
		echo clear >/sys/kernel/debug/kmemleak
		((status)) || status=1
	fi
	if found=$(kernel_complaints "$mark"); then
		echo "not ok - makes the kernel complain"
		while IFS= read -r line; do
			echo "# kernel: $line"
		done <<<"$found"
		((status)) || status=1
	fi
	echo "# took $((SECONDS - began)) s"
	echo "# end $script $status"
	return $status
}

(($#)) || die "no script given"
[[ -w /dev/kmsg ]] || die "must run as root"
if [[ -n ${SVCLB_KO-} ]]; then
	# Another kernel: the module that was built for it takes the place of the
	# tree's, and in a debug kernel what modprobe would load is built in.
	mount --bind "$SVCLB_KO" svclb.ko || die "cannot use $SVCLB_KO"
	if [[ ! -e /lib/modules/$(uname -r) ]] && ! { mkdir -p /run/built-in && ln -sf /bin/true /run/built-in/modprobe; }; then
		die "cannot replace modprobe"
	fi
	PATH=/run/built-in:$PATH
fi
failed=0
clean_up || die "cannot clean up before the first script"
for script in "$@"; do
	run "$script" || failed=1
done
exit $failed
