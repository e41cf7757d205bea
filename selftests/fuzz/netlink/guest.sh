#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of run.sh that runs in the test machine:
#
#   guest.sh run ARGUMENT...	runs the fuzzer and looks for what is lost
#   guest.sh try ARGUMENT...	does parts of /out/recording again, which are the
#				lines of /out/candidates, until something goes
#				wrong; /out/trying is the number of the last one,
#				/out/changes what of it changed the state
#
# The status is 0 if nothing was wrong, and 1 if something was.
set -u
cd "$(dirname "$0")" || exit 2

kmemleak=/sys/kernel/debug/kmemleak
mode=$1
shift

unload()
{
	local deadline=$((SECONDS + 120))

	until rmmod svclb 2>/dev/null; do
		((SECONDS < deadline)) || return
		sleep 0.1
	done
}

# leaks: prints what is lost; see run-all.sh about the time.
leaks()
{
	local ready

	ready=$(($(cut -d . -f 1 /proc/uptime) + 6))
	while (($(cut -d . -f 1 /proc/uptime) < ready)); do
		sleep 0.2
	done
	echo scan >"$kmemleak" && echo scan >"$kmemleak" && grep . "$kmemleak"
}

run()
{
	./fuzz -o /out -c /out/cover "$@" || return
	unload || { echo "violation: the module cannot be unloaded"; return 1; }
	if leaks; then
		echo "violation: memory is lost"
		return 1
	fi
}

try()
{
	local candidate number=0

	while read -r candidate; do
		echo "$number" >/out/trying
		sync /out/trying
		if ! ./fuzz -r /out/recording -k "$candidate" -l /out/changes "$@"; then
			return 1
		fi
		number=$((number + 1))
	done </out/candidates
	rm /out/trying
}

insmod "$SVCLB_KO" || exit 2
"$mode" "$@"
