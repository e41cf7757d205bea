#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Datagrams of several fragments, in both directions.
#
# vm: cpus=2 time=120 on=debian,uml+direct
. "$(dirname "$0")/lib.sh"

# pass NAMESPACE: 100 datagrams of 4000 bytes each way, complete and unharmed.
# A new connection begins with a fragment each time.
pass()
{
	add_all "$svc" --scheduler rr --node-port 30000
	ctl set "${clusters[@]}"
	all_answered "$1" 100 -b 4000 -j 4 "$vip" 80
	is backends "${got[backends]}" 4
	all_answered "$1" 20 -b 4000 -j 4 "$node" 30000
}

same_flow()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	connection one "$cl" -b 4000 "$vip" 80
	for _ in {1..5}; do
		talk one
		is name "${said[0]}" b1
	done
}

largest()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	all_answered "$1" 5 -b 65000 -j 1 "$vip" 80
}

begin
for who in cl lb out; do
	case $who in
	cl) families udp "a pod's pass" pass "$cl" ;;
	lb) families udp "the node's pass" pass "$lb" ;;
	out) families udp "a masqueraded client's pass" pass "$out" ;;
	esac
done
families udp "those of one flow pass" same_flow
families udp "a pod's largest datagrams pass" largest "$cl"
families udp "a client's largest datagrams from outside pass" largest "$out"
finish
