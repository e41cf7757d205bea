#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# svclbctl watch beside a stand-in for an API server: as many changes as a large
# cluster has in a day, after which it needs what it needed before them; and a server
# that is hostile, which it outlives.
#
# vm: cpus=2 mem=2500 time=400 cluster on=uml
. "$(dirname "$0")/watch/lib.sh"

cluster_port=
answered=

# storm WORD...: tells the stand-in, and waits until it has done so.
storm()
{
	echo "$*" >&"$storm_in"
	read -r -t $((60 * ${SLOWER:-1})) -u "$storm_out" answered || answered=nothing
	is "the stand-in" "$answered" "done"
}

# storm_begin: and a kubeconfig for it.
storm_begin()
{
	mkfifo "$tmp/storm.in" "$tmp/storm.out"
	echo secret >"$cluster/token"
	"${cluster_in[@]}" python3 -B watch/storm.py "$cluster/server.crt" "$cluster/server.key" secret \
		<"$tmp/storm.in" >"$tmp/storm.out" 2>"$cluster/storm.log" &
	servers+=($!)
	disown $!
	exec {storm_in}>"$tmp/storm.in" {storm_out}<"$tmp/storm.out"
	read -r -t 60 -u "$storm_out" cluster_port && kubeconfig svclb "{tokenFile: $cluster/token}"
}

# What the stand-in has is what the kernel is to have.
wanted()
{
	ctl sync --node "$node_name" --cluster-cidr "$pods_cidr" --dry-run "$tmp/objects" 2>&1
}

follows()
{
	storm change "$tmp/objects"
	settled
}

# resident, descriptors: of the watcher; kB, and how many.
resident()
{
	awk '$1 == "VmRSS:" { print $2 }' "/proc/$(cat "$cluster/watcher.pid")/status"
}

descriptors()
{
	find "/proc/$(cat "$cluster/watcher.pid")/fd" -mindepth 1 | wc -l
}

begins()
{
	storm begin 500
	watcher_start
	follows
	grep 'the API server answers.* http=1.1$' "$cluster/watcher.log"
}

events=${SVCLB_EVENTS:-30000}
flat()
{
	local before files after at

	storm churn 10000
	follows
	before=$(resident)
	files=$(descriptors)
	for ((at = 0; at < events; at += 10000)); do
		storm churn 10000
	done
	follows
	after=$(resident)
	comment "$events events: $before kB before, $after kB after"
	between "resident kB" "$after" 1 $((before + before / 10 + 1024))
	is "open descriptors" "$(descriptors)" "$files"
	echo "$files" >"$tmp/descriptors"
}

# steady: its watch of Services lasts again, it has said last.
steady()
{
	grep -a 'resource=services' "$cluster/watcher.log" | tail -n 1 |
		grep -q 'the API server is followed again'
}

hostile()
{
	local pid

	pid=$(cat "$cluster/watcher.pid")
	storm hostile "$1"
	follows
	# Or it would wait ever longer from one check to the next.
	eventually steady
	is "the watcher" "$(cat "$cluster/watcher.pid")" "$pid"
	running watcher
	between "resident kB" "$(resident)" 1 200000
	is "descriptors" "$(descriptors)" "$(cat "$tmp/descriptors")"
	# Nor does a server write to a terminal.
	is "control characters" "$(grep -aPc '[\x00-\x08\x0b-\x1f\x7f]' "$cluster/watcher.log")" 0
}

begin
trap cluster_clean_up EXIT
if ! { cluster_create "$tmp/cluster" "$lb" && storm_begin; } >"$tmp/log" 2>&1; then
	result "not ok" "a stand-in can be made"
	sed 's/^/# /' "$tmp/log"
	exit 1
fi
check "500 Services" begins
check "$events changes leave it as large as it was" flat
for name in $(PYTHONDONTWRITEBYTECODE=1 python3 -c '
import sys
sys.path.append("watch")
import storm
print(*storm.HOSTILE)'); do
	check "it outlives a hostile server: $name" hostile "$name"
done
daemon_kill watcher
finish
