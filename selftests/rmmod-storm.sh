#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The module is removed and loaded again while requests and packets come as fast
# as they can. ROUNDS says how often, SEED makes other requests.
#
# vm: cpus=2 time=60 on=kasan
set -u
cd "$(dirname "$0")" || exit 1

module=../svclb.ko
rounds=${ROUNDS:-$((${SLOWER:-1} > 1 ? 2 : 5))}
seed=${SEED:-1}
node=node-$$ client=client-$$
count=0
failed=0
running=()
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
	"$@" >"$tmp/log" 2>&1 || verdict="not ok"
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
		sleep 0.02
	done
}

in_ns()
{
	nsenter --net="/run/netns/$1" "${@:2}"
}

# start NAMESPACE FILE ARGUMENT...: nl_race, which tells in the file how far it is.
start()
{
	echo 0 >"$tmp/$2"
	in_ns "$1" nice ./nl_race "${@:3}" "$tmp/$2" >"$tmp/$2.log" 2>&1 &
	running+=($!)
}

# shellcheck disable=SC2317 # the trap calls it
clean_up()
{
	local ns

	stop_storms 2>/dev/null
	for ns in "$node" "$client"; do
		[[ ! -e /run/netns/$ns ]] || ip netns delete "$ns"
	done
	rm -rf "$tmp"
}

stop_storms()
{
	((${#running[@]})) || return 0
	kill -KILL "${running[@]}"
	wait "${running[@]}" 2>/dev/null
	running=()
}

# The namespaces of races.sh, with fewer addresses.
make_nodes()
{
	local ns i

	for ns in "$node" "$client"; do
		ip netns add "$ns" && in_ns "$ns" sysctl -qw net.ipv4.ip_forward=1 \
			net.ipv6.conf.{all,default}.forwarding=1 \
			net.ipv4.conf.{all,default}.rp_filter=0 \
			net.ipv6.conf.{all,default}.accept_dad=0 net.ipv4.icmp_ratelimit=0 &&
			ip -n "$ns" link set lo up || return
	done
	ip -n "$node" -batch - <<-END || return
	link add below type veth peer name above netns $client
	address add 10.9.0.1/24 dev below
	address add fd00:9:ffff::1/64 dev below nodad
	link set below up
	$(for i in {1..12} 100; do
		echo "address add 10.9.1.$i/32 dev lo"
		echo "address add fd00:9::$i/128 dev lo nodad"
	done)
	END
	ip -n "$client" -batch - <<-END
	address add 10.9.0.2/24 dev above
	address add fd00:9:ffff::2/64 dev above nodad
	link set above up
	route add default via 10.9.0.1
	route add default via fd00:9:ffff::1
	END
}

start_storms()
{
	start "$node" requests storm 0 "$seed"
	start "$node" requests2 storm 0 $((seed + 1))
	start "$client" packets packets 0
	kill -0 "${running[@]}"
}

# done_by FILE: how much has been done.
done_by()
{
	local number

	number=$(<"$tmp/$1")
	echo $((10#${number:-0}))
}

# is_past FILE NUMBER
is_past()
{
	(($(done_by "$1") > $2))
}

# advances FILE...: each gets something done from now on.
advances()
{
	local file
	local -A before=()

	for file in "$@"; do
		before[$file]=$(done_by "$file")
	done
	for file in "$@"; do
		wait_for 60 is_past "$file" "${before[$file]}" || { echo "$file stands still"; return 1; }
	done
}

# dealt_with_packets: whether the module has had any, while there is one.
dealt_with_packets()
{
	../svclbctl -n "$node" counters -j |
		grep -Eq '"(connections|rejected[a-z_-]*)": *[1-9]'
}

remove_module()
{
	tries=$((tries + 1))
	rmmod svclb 2>/dev/null
}

# Without the module nobody can configure, packets go on.
replaced()
{
	local i

	tries=0
	for ((i = 0; i < $1; i++)); do
		advances requests requests2 packets && wait_for 60 dealt_with_packets || return
		wait_for 60 remove_module || return
		advances packets || return
		insmod "$module" || return
	done
	advances requests requests2 packets || return
	kill -0 "${running[@]}" || return
	echo "$i rounds, $tries attempts, $(done_by packets) packets," \
		"$(done_by requests) and $(done_by requests2) requests"
}

# faster ROUNDS: without waiting for anybody, also right after it was loaded.
faster()
{
	local i requests packets

	tries=0
	requests=$(done_by requests)
	packets=$(done_by packets)
	for ((i = 0; i < $1; i++)); do
		wait_for 60 remove_module && insmod "$module" || return
	done
	wait_for 60 is_past requests "$requests" && wait_for 60 is_past packets "$packets" ||
		return
	kill -0 "${running[@]}" || return
	echo "$i rounds, $tries attempts, $(($(done_by packets) - packets)) packets," \
		"$(($(done_by requests) - requests)) requests"
}

has_services()
{
	../svclbctl -n "$node" list -j | grep -q '"name"'
}

is_valid()
{
	wait_for 60 has_services || return
	stop_storms
	in_ns "$node" ./nl_race verify
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
if ! make_nodes || ! start_storms; then
	stop "the storms can be started"
fi

check "the module is replaced $rounds times in a storm" replaced "$rounds"
check "and $((2 * rounds)) times as fast as it can" faster $((2 * rounds))
check "the state is valid behind that" is_valid
check "the module can be unloaded" unload
echo "1..$count"
exit $failed
