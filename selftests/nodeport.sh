#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Node ports: a service on the node's own addresses.
#
# vm: cpus=2 time=400 on=uml
. "$(dirname "$0")/lib.sh"

# Servers outside and in pods listen at this port too.
port=30000

# reached NAMESPACE ADDRESS: all backends, under the node port.
reached()
{
	all_answered "$1" 40 "${distinct[@]}" "$2" "$port"
	is b1 "${got[backend b1]-0}" 10
	is b4 "${got[backend b4]-0}" 10
}

every_address()
{
	add_all "$svc" --scheduler rr --node-port "$port"
	reached "$1" "$node"
	reached "$1" "$node2"
	if ((family == 4)); then
		# An address is the node's as soon as it has it.
		ip -n "$lb" address add 198.51.100.2/32 dev own
		reached "$1" 198.51.100.2
		ip -n "$lb" address del 198.51.100.2/32 dev own
	fi
}

# The service has the node port and nothing else.
alone()
{
	ctl add-svc "$proto/$node_kind:$port" --scheduler rr --ep "${ep[1]}" --ep "${ep[2]}" \
		--ep "${ep[3]}" --ep "${ep[4]}"
	reached "$out" "$node"
}

with_vip()
{
	add_all "$svc" --scheduler rr --node-port "$port"
	reached "$out" "$node"
	all_answered "$cl" 40 "$vip" 80
	is backends "${got[backends]}" 4
}

# Somebody else's address and the pods' own are not the node's.
foreign()
{
	add_all "$svc" --node-port "$port"
	all_answered "$cl" 5 "$foreign" "$port"
	is out "${got[backend out]-0}" 5
	all_answered "$lb" 5 "$foreign" "$port"
	is out "${got[backend out]-0}" 5
	all_answered "$cl" 5 "${pod[2]}" "$port"
	is b2 "${got[backend b2]-0}" 5
}

loopback()
{
	add_all "$svc" --node-port "$port"
	client "$lb" -c 5 -t 900 "$loopback" "$port"
	is refused "${got[error ECONNREFUSED]-0}" 5
}

# The port of a service's address is another one.
not_at_vip()
{
	add_all "$svc" --node-port "$port"
	client "$cl" -c 5 -t 900 "$vip" "$port"
	is refused "${got[error ECONNREFUSED]-0}" 5
}

# The same number in the other protocol is not the service's.
other_protocol()
{
	local other=tcp

	[[ $proto == udp ]] || other=udp
	add_all "$other/$at_vip:80" --node-port 8080
	all_answered "$cl" 5 "$node" 8080
	is node "${got[backend node]-0}" 5
}

# A node port goes before a server of the node.
before_server()
{
	add_all "$svc" --node-port 22
	all_answered "$out" 5 "$node" 22
	is node "${got[backend node]-0}" 0
	ctl edit-svc "$svc" --no-node-port 22
	all_answered "$out" 5 "$node" 22
	is node "${got[backend node]-0}" 5
}

begin
matrix "a client outside, every own address" every_address "$out"
matrix "the node itself, every own address" every_address "$lb"
matrix "a pod, every own address" every_address "$cl"
matrix "a service may have a node port only" alone
matrix "a service may have a node port beside its address" with_vip
matrix "addresses of others are left alone" foreign
matrix "loopback is left alone" loopback
matrix "it is no port of the service's address" not_at_vip
matrix "the other protocol is left alone" other_protocol
matrix "a server of the node is covered and uncovered" before_server
finish
