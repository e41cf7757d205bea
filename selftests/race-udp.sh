#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The first two datagrams of a UDP flow on two CPUs at once, as a resolver sends
# its questions for A and AAAA: none may be lost, and one backend gets both.
# ROUNDS says how many such pairs are sent to each service.
#
# vm: cpus=2 time=180 on=debian
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-200}

# clashes: how often two packets made an entry for one flow.
clashes()
{
	in_ns "$lb" conntrack -S | grep -o 'clash_resolve=[0-9]*' |
		awk -F = '{ sum += $2 } END { print sum + 0 }'
}

# pairs SCHEDULER NAMESPACE PORT TARGET...
pairs()
{
	local before

	ctl add-svc "$svc" --scheduler "$1" --node-port 30000 --ep "${ep[1]},w=1" \
		--ep "${ep[2]},w=2" --ep "${ep[3]},w=3" --ep "${ep[4]},w=4"
	ctl set "${clusters[@]}"
	before=$(clashes)
	run_traffic race -n "$2" -c "$rounds" "$4" "$3"
	comment "$(($(clashes) - before)) of $rounds pairs met"
	is answers "${got[answers]}" $((2 * rounds))
	is "pairs that differ" "${got[differ]}" 0
	# One client always goes to one of them there.
	case $1 in
	sh | failover) is backends "${got[backends]}" 1 ;;
	*) is backends "${got[backends]}" 4 ;;
	esac
}

# Pairs that never meet would prove nothing; on a busy host it may take more.
met()
{
	local i

	use 4 udp
	for ((i = 0; i < 20 && $(clashes) == 0; i++)); do
		ctl flush
		pairs random "$cl" 80 "$vip"
	done
	between "pairs that met" "$(clashes)" 1 1000000
}

begin
for scheduler in random wrandom rr wrr lc wlc p2c sh maglev failover; do
	use 4 udp
	check "IPv4: $scheduler, from a pod" pairs $scheduler "$cl" 80 "$vip"
	use 6 udp
	check "IPv6: $scheduler, masqueraded at a node port" pairs $scheduler "$out" 30000 "$node"
done
check "the test makes packets meet" met
finish
