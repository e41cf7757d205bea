#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Connections that are refused: the client hears of it at once.
#
# vm: cpus=2 time=400 on=uml
. "$(dirname "$0")/lib.sh"

# refused NAMESPACE ADDRESS PORT: all of 5 connections, within less time than a
# lost packet would be waited for.
refused()
{
	client "$1" -c 5 -t 900 "$2" "$3"
	is refused "${got[error ECONNREFUSED]-0}" 5
}

# counted CAUSE COMMAND...: the command makes it 5 more.
counted()
{
	local before

	before=$(counter "$1")
	"${@:2}"
	is "$1" "$(counter "$1")" $((before + 5))
}

no_backend()
{
	ctl add-svc "$svc"
	counted rejected_no_backend refused "$1" "$vip" 80
	ctl list -s -j "$svc" | tr -d ' \n' | grep '"rejected":5\>'
}

no_active_backend()
{
	ctl add-svc "$svc" --scheduler random --ep "${ep[1]},draining" --ep "${ep[2]},w=0"
	counted rejected_no_backend refused "$cl" "$vip" 80
}

unused_port()
{
	add_all "$svc"
	counted rejected_unused_port refused "$1" "$vip" 81
}

# A service of one protocol only: the port is unused in the other.
other_protocol()
{
	local other=tcp

	[[ $proto == udp ]] || other=udp
	add_all "$other/$at_vip:80"
	counted rejected_unused_port refused "$cl" "$vip" 80
}

node_port()
{
	ctl add-svc "$svc" --node-port 30000
	counted rejected_no_backend refused "$1" "$node" 30000
}

# Others on the node's own ports are not refused, even if it has a VIP's address.
own_port()
{
	add_all "$proto/$at_node:80"
	all_answered "$out" 5 "$node" 22
	is node "${got[backend node]-0}" 5
}

comes_and_goes()
{
	ctl add-svc "$svc"
	refused "$cl" "$vip" 80
	ctl add-ep "$svc" "${ep[1]}"
	all_answered "$cl" 5 "$vip" 80
	ctl del-ep "$svc" "${ep[1]}"
	refused "$cl" "$vip" 80
	ctl del-svc "$svc"
	client "$cl" -c 5 -t 300 "$vip" 80
	is refused "${got[error ECONNREFUSED]-0}" 0
}

echo_request()
{
	local status=0

	use "$2" tcp
	add_all "$svc"
	in_ns "$1" ping -n -c 1 -W 5 "$vip" || status=$?
	is "status of ping" "$status" 1
	in_ns "$1" ping -n -c 1 -W 5 "$vip" | grep -iE 'from.*(port unreachable|Unreachable: .*port)'
}

begin
for who in cl lb out; do
	case $who in
	cl) whom="a pod" ns=$cl ;;
	lb) whom="the node" ns=$lb ;;
	out) whom="a client outside" ns=$out ;;
	esac
	matrix "no backend: $whom is refused" no_backend "$ns"
	matrix "an unused port of a service's address: $whom is refused" unused_port "$ns"
	matrix "a node port without a backend: $whom is refused" node_port "$ns"
	check "IPv4: an echo request from $whom is answered with an error" echo_request "$ns" 4
	check "IPv6: an echo request from $whom is answered with an error" echo_request "$ns" 6
done
matrix "no active backend: refused" no_active_backend
matrix "the protocol that a port does not serve is refused" other_protocol
matrix "a service's address that is the node's own: other ports stay open" own_port
matrix "refusing begins and ends with the backends and the service" comes_and_goes
finish
