#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# In the test machine: the first two datagrams of a UDP flow on two CPUs at once,
# ROUNDS times through svclb with each scheduler, then through iptables and IPVS.
# Of each: its name, pairs, lost answers, pairs whose two backends differ, pairs
# that really met (for which conntrack had two entries and kept one).
#
#   race-guest.sh ROUNDS PEER-ROUNDS SCHEDULER...
# shellcheck source=selftests/lib.sh
. "$(dirname "$0")/../lib.sh"

rounds=$1 peer_rounds=$2
shift 2

# conntrack_sum NAME: of its counters, over the CPUs.
conntrack_sum()
{
	in_ns "$lb" conntrack -S | grep -o "\<$1=[0-9]*" | awk -F = '{ n += $2 } END { print n + 0 }'
}

# measure NAME ROUNDS
measure()
{
	local met

	met=$(($(conntrack_sum clash_resolve) + $(conntrack_sum insert_failed)))
	run_traffic race -n "$cl" -c "$2" -t 500 "$vip" 80 >/dev/null
	met=$(($(conntrack_sum clash_resolve) + $(conntrack_sum insert_failed) - met))
	echo "$1 $2 $((2 * $2 - got[answers])) ${got[differ]} $met"
}

through_svclb()
{
	fresh
	ctl set "${clusters[@]}"
	add_all "$svc" --scheduler "$1"
	measure "svclb-$1" "$rounds"
}

iptables_rules()
{
	local i

	echo "*nat"
	for i in 1 2 3 4; do
		echo "-A PREROUTING -p udp -d $vip --dport 80 -m statistic --mode random" \
			"--probability 0.$((100 / (5 - i) + (i == 4 ? -1 : 0)))" \
			"-j DNAT --to-destination ${ep[i]}"
	done
	echo "-A PREROUTING -p udp -d $vip --dport 80 -j DNAT --to-destination ${ep[4]}"
	echo "COMMIT"
}

through_iptables()
{
	iptables_rules | in_ns "$lb" iptables-restore
	measure iptables-random "$peer_rounds"
	in_ns "$lb" iptables -t nat -F
}

# With conntrack, as kube-proxy has it.
through_ipvs()
{
	local i

	ip -n "$lb" address add "$vip/32" dev own
	in_ns "$lb" ipvsadm -A -u "$vip:80" -s rr
	for i in 1 2 3 4; do
		in_ns "$lb" ipvsadm -a -u "$vip:80" -r "${ep[i]}" -m
	done
	in_ns "$lb" sysctl -qw net.ipv4.vs.conntrack=1
	measure ipvs-rr "$peer_rounds"
}

begin >&2
use 4 udp
for scheduler; do
	through_svclb "$scheduler"
done
fresh
unload_module
through_iptables
through_ipvs
