#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every allocation of every request fails once, see nl_fault.c, and so does every
# one of loading the module, which makes what it has in each namespace. BIG is how
# many members a big request has; of EVERY requests one is tried, and of loading
# only the LAST allocations.
#
# vm: cpus=2 time=60 on=uml
set -u
cd "$(dirname "$0")" || exit 1

module=../svclb.ko
kmemleak=/sys/kernel/debug/kmemleak
big=${BIG:-24}
every=${EVERY:-1}
last=${LAST:-0}
if [[ ${SVCLB_KERNEL-} == kasan ]]; then
	# An emulator takes ten times as long for it.
	every=${EVERY:-8}
	last=${LAST:-100}
fi
count=0
failed=0

# result ok|"not ok" NAME
result()
{
	count=$((count + 1))
	echo "$1 $count - $2"
	[[ $1 == ok ]] || failed=1
}

# check NAME COMMAND...: a result of its own.
check()
{
	if "${@:2}"; then
		result ok "$1"
	else
		result "not ok" "$1"
	fi
}

stop()
{
	result "not ok" "$*"
	echo "1..$count"
	exit 1
}

# Allocations that may wait fail as well, and single pages; only the memory of
# programs, which fault injection would also reach, is left alone. What failed is
# not written to the kernel's log.
set_up()
{
	local kind

	mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug || return
	for kind in failslab fail_page_alloc; do
		echo N >/sys/kernel/debug/$kind/ignore-gfp-wait &&
			echo 0 >/sys/kernel/debug/$kind/verbose || return
	done
	echo Y >/sys/kernel/debug/fail_page_alloc/ignore-gfp-highmem &&
		echo 0 >/sys/kernel/debug/fail_page_alloc/min-order
}

is_unused()
{
	[[ $(cat /sys/module/svclb/refcnt 2>/dev/null) == 0 ]]
}

# unused: namespaces go in the background and hold the module until they are gone.
unused()
{
	local deadline=$((SECONDS + 30))

	until is_unused; do
		((SECONDS < deadline)) || return
		sleep 0.1
	done
}

unload()
{
	unused && rmmod svclb
}

# run ARGUMENT...: nl_fault's results, under numbers of this script.
run()
{
	local line status='' tests=0

	while IFS= read -r line; do
		if [[ $line =~ ^((not )?ok)\ -\ (.*)$ ]]; then
			tests=$((tests + 1))
			result "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}"
		elif [[ $line =~ ^status\ ([0-9]+)$ ]]; then
			status=${BASH_REMATCH[1]}
		else
			echo "# ${line#\# }"
		fi
	done < <(./nl_fault "$@" 2>&1; echo "status $?")
	if ((status > 1 || !tests)); then
		result "not ok" "nl_fault $1 ends with status $status"
	fi
}

# run-all.sh looks for what is lost. kmemleak gives up for good when it gets no
# memory itself; then it takes no orders any more.
kmemleak_works()
{
	echo stack=on >"$kmemleak"
}

echo "TAP version 13"
((EUID == 0)) || stop "must be root"
[[ -x nl_fault ]] || stop "nl_fault is built: make -C selftests"
set_up || stop "the kernel can inject faults"
[[ ! -d /sys/module/svclb ]] || unload || stop "the module is not in use"
modprobe nf_nat || stop "nf_nat is there"

run module "$module" "$last"
[[ -d /sys/module/svclb ]] || insmod "$module" || stop "the module can be loaded"
run requests "$big" "$every"
run sweep
run packet
check "nothing uses the module afterwards" unused
check "the module can be unloaded" unload
if [[ -e $kmemleak ]]; then
	check "kmemleak is still at work" kmemleak_works
fi
echo "1..$count"
exit $failed
