#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Changes against packets, dumps and each other; namespaces and interfaces that
# go under traffic. What is wrong is mostly for the kernel's checkers to find; the
# test sees to it that each side gets something done. SECONDS_PER_TEST and ROUNDS
# make it longer, SEED makes it another one; ONLY is the one function to run.
#
# vm: cpus=2 time=200 on=kasan,kcsan,uml,uml+direct
set -u
cd "$(dirname "$0")" || exit 1

module=../svclb.ko
# Where all is slow, it is the number of changes and packets that says when to end.
seconds=${SECONDS_PER_TEST:-$((${SLOWER:-1} > 2 ? 1 : 3))}
rounds=${ROUNDS:-$((${SLOWER:-1} > 2 ? 1 : 2))}
seed=${SEED:-1}
node=node-$$ client=client-$$ other=other-$$
count=0
failed=0
running=()	# programs that run in the background, and the files of their output
outputs=()
tmp=$(mktemp -d) || exit 1

result()
{
	count=$((count + 1))
	echo "$1 $count - $2"
	[[ $1 == ok ]] || failed=1
}

# check NAME COMMAND...: the command succeeds; what it prints becomes comments.
check()
{
	local name=$1 verdict=ok

	shift
	[[ -z ${ONLY-} || $1 == "$ONLY" || $1 == unload ]] || return
	"$@" >"$tmp/log" 2>&1 || verdict="not ok"
	# What a failed one has left running.
	stop_all >>"$tmp/log" 2>&1
	result "$verdict" "$name"
	sed 's/^/# /' "$tmp/log"
}

stop()
{
	result "not ok" "$*"
	echo "1..$count"
	exit 1
}

# wait_for SECONDS COMMAND...: until the command succeeds, for so long at most.
wait_for()
{
	local deadline=$((SECONDS + $1))

	until "${@:2}"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

in_ns()
{
	nsenter --net="/run/netns/$1" "${@:2}"
}

# start NAMESPACE ARGUMENT...: nl_race in the background.
start()
{
	local output

	output=$tmp/$2-$((${#running[@]} + 1))
	# Those who send packets leave the others some time.
	if [[ $2 == packets ]]; then
		in_ns "$1" nice ./nl_race "${@:2}" >"$output" 2>&1 &
	else
		in_ns "$1" ./nl_race "${@:2}" >"$output" 2>&1 &
	fi
	running+=($!)
	outputs+=("$output")
}

# finish: waits for what was started; all of it must end well, and has done enough
# then.
finish()
{
	local i status=0

	for i in "${!running[@]}"; do
		wait "${running[i]}" || status=1
		sed "s|^|${outputs[i]##*/}: |" "${outputs[i]}"
	done
	running=()
	outputs=()
	return "$status"
}

stop_all()
{
	((${#running[@]})) || return 0
	kill -KILL "${running[@]}" 2>/dev/null
	wait "${running[@]}" 2>/dev/null
	running=()
	outputs=()
}

# shellcheck disable=SC2317 # the trap calls it
clean_up()
{
	local ns

	stop_all
	for ns in "$node" "$client" "$other"; do
		[[ ! -e /run/netns/$ns ]] || ip netns delete "$ns"
	done
	rm -rf "$tmp"
}

#   client                        node
#  +--------------------+        +--------------------+
#  |              above |--------| below              |  10.9.1.1, .2, ...
#  | 10.9.0.2           |        | 10.9.0.1           |  fd00:9::1, ...
#  | fd00:9:ffff::2     |        | fd00:9:ffff::1     |
#  +--------------------+        +--------------------+  with nobody behind
#
make_namespace()
{
	ip netns add "$1" && in_ns "$1" sysctl -qw net.ipv4.ip_forward=1 \
		net.ipv6.conf.{all,default}.forwarding=1 net.ipv4.conf.{all,default}.rp_filter=0 \
		net.ipv6.conf.{all,default}.accept_dad=0 net.ipv4.icmp_ratelimit=0 &&
		ip -n "$1" link set lo up
}

# make_link NODE
make_link()
{
	ip -n "$1" -batch - <<-END && ip -n "$client" -batch - <<-END
	link add below type veth peer name above netns $client
	address add 10.9.0.1/24 dev below
	address add fd00:9:ffff::1/64 dev below nodad
	link set below up
	END
	address add 10.9.0.2/24 dev above
	address add fd00:9:ffff::2/64 dev above nodad
	link set above up
	route add default via 10.9.0.1
	route add default via fd00:9:ffff::1
	END
}

# make_node NAME
make_node()
{
	local i

	make_namespace "$1" && {
		echo "link add own type dummy"
		echo "link set own up"
		for i in {1..12} 100; do
			echo "address add 10.9.1.$i/32 dev own"
			echo "address add fd00:9::$i/128 dev own nodad"
		done
	} | ip -n "$1" -batch - && ctl "$1" set --datapath "${DATAPATH:-conntrack}"
}

ctl()
{
	../svclbctl -n "$@"
}

# connections NODE: how many packets of new flows the module has dealt with.
connections()
{
	ctl "$1" counters -j | grep -oE '"(connections|rejected_[a-z_]*)":[0-9]+' |
		awk -F : '{ sum += $2 } END { print sum + 0 }'
}

more_connections()
{
	(($(connections "$1") > $2))
}

# race PROGRAM...: in the node, each with its arguments in one word; against
# packets, and with a valid state at the end.
race()
{
	local program before after

	before=$(connections "$node")
	start "$client" packets "$seconds"
	for program in "$@"; do
		# shellcheck disable=SC2086 # the arguments
		start "$node" $program
	done
	finish || return
	after=$(connections "$node")
	echo "$((after - before)) connections"
	((after > before)) || return
	in_ns "$node" ./nl_race verify
}

# writers NUMBER: so many at once.
writers()
{
	local i programs=()

	for ((i = 1; i <= $1; i++)); do
		programs+=("write $seconds $((seed + i))")
	done
	race "${programs[@]}"
}

# The writer goes on until the dumps have met it.
dumps()
{
	start "$node" write 0 "$seed"
	start "$node" dump "$seconds"
	wait "${running[1]}" || { cat "${outputs[1]}"; return 1; }
	cat "${outputs[1]}"
	kill -0 "${running[0]}" || { cat "${outputs[0]}"; return 1; }
	stop_all
	in_ns "$node" ./nl_race verify
}

swaps_over()
{
	[[ -s $tmp/swaps ]] && ((10#$(cat "$tmp/swaps") > $1))
}

# raced TIME CONNECTIONS: until that time, and enough of each side.
raced()
{
	((SECONDS >= $1)) && swaps_over 10 && more_connections "$node" "$2"
}

# A set that packets are in is replaced by another, all the time.
swaps()
{
	local before

	start "$node" swap 0 "$tmp/swaps"
	wait_for 60 swaps_over 0 || return
	before=$(connections "$node")
	start "$client" flows 0
	start "$client" flows 0
	wait_for $((seconds + 120)) raced $((SECONDS + seconds)) $((before + 20)) || return
	kill -0 "${running[@]}" || return
	echo "$(cat "$tmp/swaps") swaps, $(($(connections "$node") - before)) connections"
	stop_all
	in_ns "$node" ./nl_race verify
}

settings()
{
	race "settings $seconds" "write $seconds $seed" "settings $seconds"
}

# interfaces ROUNDS: the one that packets come through goes, and comes again.
interfaces()
{
	local i

	start "$client" packets 0 "$tmp/sent"
	start "$node" write 0 "$seed" "$tmp/accepted"
	for ((i = 0; i < $1; i++)); do
		wait_for 60 more_connections "$node" "$(connections "$node")" || return
		ip -n "$node" link delete below && make_link "$node" || return
	done
	wait_for 60 more_connections "$node" "$(connections "$node")" || return
	kill -0 "${running[@]}" || return
	echo "packets $(cat "$tmp/sent") changes $(cat "$tmp/accepted")"
	stop_all
	in_ns "$node" ./nl_race verify
}

# namespaces ROUNDS: a node is made, configured and deleted while packets still
# come, every second time without its interface. A program in it would hold it.
namespaces()
{
	local i

	ip -n "$node" link delete below || return
	for ((i = 0; i < $1; i++)); do
		make_node "$other" && make_link "$other" || return
		start "$client" packets 0
		start "$other" write 0 $((seed + i)) "$tmp/accepted"
		wait_for 60 more_connections "$other" 20 || return
		kill -KILL "${running[1]}" || return
		wait "${running[1]}" 2>/dev/null
		ctl "$other" set --masquerade-all on || return
		# What a killed writer has left may be no service.
		ctl "$other" flush || return
		ctl "$other" add-svc udp/10.96.0.1:53 --ep 10.9.1.1:53 --ep 10.9.1.2:53 &&
			ctl "$other" add-svc "tcp/[fd00:96::2]:53" --ep "[fd00:9::1]:53" || return
		wait_for 60 more_connections "$other" "$(connections "$other")" || return
		if ((i % 2)); then
			ip -n "$other" link delete below || return
		fi
		kill -0 "${running[0]}" && ip netns delete "$other" || return
		stop_all
		# Its end of the link goes with the node, in the background.
		wait_for 60 no_link || return
	done
	echo "namespaces $i"
}

no_link()
{
	! ip -n "$client" link show above >/dev/null 2>&1
}

is_unused()
{
	[[ $(cat /sys/module/svclb/refcnt 2>/dev/null) == 0 ]]
}

unload()
{
	ip netns delete "$node" && ip netns delete "$client" &&
		wait_for 60 is_unused && rmmod svclb
}

echo "TAP version 13"
((EUID == 0)) || stop "must be root"
[[ -x nl_race ]] || stop "nl_race is built: make -C selftests"
[[ ! -d /sys/module/svclb ]] || rmmod svclb || stop "the module is not in use"
modprobe nf_nat || stop "nf_nat is there"
insmod "$module" || stop "the module can be loaded"
trap clean_up EXIT
trap 'exit 143' TERM INT HUP
if ! make_node "$node" || ! make_namespace "$client" || ! make_link "$node"; then
	stop "the nodes can be made"
fi

check "sets of backends are replaced under traffic" swaps
check "changes against packets" writers 1
check "changes against dumps in pieces" dumps
check "two writers" writers 2
check "four writers" writers 4
check "settings and the module's parameter" settings
check "interfaces go under traffic" interfaces "$rounds"
check "namespaces go under traffic" namespaces "$rounds"
check "the module can be unloaded" unload
echo "1..$count"
exit $failed
