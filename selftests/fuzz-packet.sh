#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Malformed and well-formed packets through services with and without backends,
# from outside, from a pod, from backends; see fuzz/packet/main.c. $TIME is for
# how many seconds (30), $SEED what to begin with, $REPORT a file for all figures.
#
# vm: cpus=2 time=240 on=uml
. "$(dirname "$0")/lib.sh"

fuzzer=fuzz/packet/packet_fuzz
seconds=${TIME:-30}
packets=2000	# at least, so that each kind is among them
# On an emulated debug kernel a packet takes a tenth of a second.
[[ ${SVCLB_KERNEL-} != kasan ]] || packets=300 seconds=${TIME:-10}
seed=${SEED:-$((RANDOM << 15 | RANDOM))}

# Addresses that packets come from and that nobody has: no stack is at the other
# end to say that it knows nothing of a connection.
add_sources()
{
	ip -n "$lb" route add 10.244.1.128/28 via 10.244.1.2 dev cl onlink
	ip -n "$lb" route add fd00:10:244:1::80/124 via fd00:10:244:1::2 dev cl onlink
	ip -n "$lb" route add 203.0.113.128/28 via 192.0.2.2
	ip -n "$lb" route add 2001:db8:7::80/124 via 2001:db8::2
}

# Flows that nobody answers are not to fill the table.
shorten_timeouts()
{
	local name

	in_ns "$lb" sysctl -qw net.netfilter.nf_conntrack_{generic,icmp,icmpv6,udp}_timeout=5 \
		net.netfilter.nf_conntrack_udp_timeout_stream=10
	for name in syn_sent syn_recv fin_wait close_wait last_ack time_wait close \
		max_retrans unacknowledged; do
		in_ns "$lb" sysctl -qw "net.netfilter.nf_conntrack_tcp_timeout_$name=5"
	done
	in_ns "$lb" sysctl -qw net.netfilter.nf_conntrack_tcp_timeout_established=300
}

# The services of both families: the first has backends, the second has none.
make_services()
{
	local f p

	{
		echo "set ${clusters[*]}"
		for f in 4 6; do
			for p in tcp udp; do
				use "$f" "$p"
				echo "add-svc $svc --node-port 30000 ${ep[*]/#/--ep }"
				echo "add-svc $svc2 --node-port 30001"
			done
		done
	} | ctl batch
}

targets()
{
	local f

	for f in 4 6; do
		use "$f" tcp
		echo "served=$vip,80"
		echo "served=$vip,80"
		echo "refused=$vip2,80"
		echo "unused=$vip,81"
		echo "node=$node,30000"
		echo "refused=$node,30001"
		echo "direct=${pod[1]},8080"
	done
}

places()
{
	local i

	echo "outside=$out,out,203.0.113.128,2001:db8:7::80"
	echo "pod=$cl,cl,10.244.1.128,fd00:10:244:1::80"
	for i in 1 2 3 4; do
		echo "backend=b$i-$$,b$i,10.244.2.$i,fd00:10:244:2::$i"
	done
}

serves()
{
	local f

	for f in 4 6; do
		use "$f" tcp
		all_answered "$out" 5 "$vip" 80
		use "$f" udp
		all_answered "$cl" 5 -P 10000 "$vip" 80
		all_answered "$out" 5 -P 10000 "$node" 30000
	done
}

causes=(connections masqueraded rejected_no_backend rejected_unused_port)
declare -A before=()

# grown CAUSE: since the fuzzer began, and not just a little.
grown()
{
	between "$1 more" $(($(counter "$1") - before[$1])) 10 10000000000
}

# Results of the fuzzer: its lines are words and numbers.
value()
{
	sed -n "s/^$1 \\([0-9]*\\).*/\\1/p" "$tmp/fuzz.out"
}

# no_zero WHAT: each of these lines counts something.
no_zero()
{
	local lines

	lines=$(grep -c "^$1 " "$tmp/fuzz.out") || return 1
	echo "$lines"
	! grep "^$1 .* sent 0\\>" "$tmp/fuzz.out"
}

fuzz()
{
	local cause status=0 four six
	local -a words

	make_services
	shorten_timeouts
	use 4 tcp
	connection four "$out" "$vip" 80
	talk four
	four=${said[0]}
	use 6 tcp
	connection six "$cl" "$vip" 80
	talk six
	six=${said[0]}
	for cause in "${causes[@]}"; do
		before[$cause]=$(counter "$cause")
	done
	mapfile -t words < <(places; targets)
	"$fuzzer" -s "$seed" -n "$packets" -t "$seconds" "$lb" "${words[@]}" >"$tmp/fuzz.out" || status=$?
	[[ -z ${REPORT-} ]] || cp "$tmp/fuzz.out" "$REPORT"
	comment "seed $seed, $(value numbers) packets, $(value compared) compared," \
		"$(value not-taken) not taken, $(value answered-for-backend) errors of backends"
	grep -E '^(violation|packet|class|answered)' "$tmp/fuzz.out"
	is "status of the fuzzer" "$status" 0
	for cause in "${causes[@]}"; do
		grown "$cause"
		comment "$cause: $(($(counter "$cause") - before[$cause]))"
	done
	between resets "$(value answered-reset)" 10 1000000000
	between unreachables "$(value answered-unreachable)" 10 1000000000
	between "errors of backends" "$(value answered-for-backend)" 1 1000000000
	between compared "$(value compared)" 3 1000000000
	no_zero kind
	no_zero sender
	no_zero socket
	is "classes without an arrival" \
		"$(grep -E '^class (served|node|direct) .* arrived 0$' "$tmp/fuzz.out")" ""
	# Connections of before have come through it.
	talk four
	is "backend of the first connection" "${said[0]}" "$four"
	talk six
	is "backend of the second connection" "${said[0]}" "$six"
	serves
}

# notices WHAT FROM TO: what the fuzzer is told wrong, it takes for a violation.
notices()
{
	local status=0
	local -a words

	make_services
	mapfile -t words < <(places; targets | sed "s/^$2=[^,]*/$3/")
	"$fuzzer" -s "$seed" -t 20 -k sound "$lb" "${words[@]}" >"$tmp/fuzz.out" || status=$?
	is "status of the fuzzer" "$status" 1
	grep "^violation: .*$1" "$tmp/fuzz.out"
}

begin
modprobe -q tun || [[ -e /dev/net/tun ]]
[[ -x $fuzzer ]] || skip "the packet fuzzer is not built: make -C selftests/fuzz/packet"
add_sources
use 4 tcp
check "a packet at a backend that should have been refused is noticed" \
	notices "came to one" refused "refused=$vip"
check "a packet that only a service lets pass is noticed" \
	notices "not by itself" direct "direct=203.0.113.9"
check "services outlive packets of all kinds" fuzz
finish
