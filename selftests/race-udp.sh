#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The first two datagrams of a UDP flow on two CPUs at once, as a resolver sends
# its questions for A and AAAA: none may be lost, and one backend gets both.
# ROUNDS says how many such pairs are sent to each service.
#
# vm: cpus=2 time=300 on=debian,debian+direct
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-250}

# clashes: how often two packets made an entry for one flow.
clashes()
{
	in_ns "$lb" conntrack -S | grep -o 'clash_resolve=[0-9]*' |
		awk -F = '{ sum += $2 } END { print sum + 0 }'
}

# pairs SCHEDULER NAMESPACE PORT TARGET [AFFINITY]
pairs()
{
	local before wanted=4

	# All is from one client.
	[[ $1 != sh && $1 != failover && ! $5 ]] || wanted=1
	ctl add-svc "$svc" --scheduler "$1" --affinity "${5:-off}" --node-port 30000 --ep "${ep[1]},w=1" \
		--ep "${ep[2]},w=2" --ep "${ep[3]},w=3" --ep "${ep[4]},w=4"
	ctl set "${clusters[@]}"
	before=$(clashes)
	run_traffic race -n "$2" -c "$rounds" "$4" "$3"
	comment "$(($(clashes) - before)) of $rounds pairs met"
	is answers "${got[answers]}" $((2 * rounds))
	is "pairs that differ" "${got[differ]}" 0
	is backends "${got[backends]}" "$wanted"
}

# Pairs that never meet would prove nothing; on a busy host it may take more.
met()
{
	local i

	use 4 udp
	for ((i = 0; i < 20 && $(clashes) == 0; i++)); do
		ctl flush
		pairs random "$cl" 80 "$vip" ""
	done
	between "pairs that met" "$(clashes)" 1 1000000
}

begin
for schedulers in "random wrandom" "rr wrr" "lc wlc" "p2c maglev" "sh failover"; do
	use 4 udp
	check "IPv4: ${schedulers% *}, from a pod" pairs "${schedulers% *}" "$cl" 80 "$vip" ""
	use 6 udp
	check "IPv6: ${schedulers#* }, masqueraded at a node port" pairs "${schedulers#* }" "$out" \
		30000 "$node" ""
done
use 4 udp
check "IPv4: rr with client affinity, masqueraded at a node port" pairs rr "$out" 30000 "$node" 100
# The direct datapath has nobody count them; they are the same packets.
if [[ ${DATAPATH-} != direct ]]; then
	check "the test makes packets meet" met
fi
finish
