#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A service's address: pods, the node and clients outside reach the backends.
#
# vm: cpus=2 time=400 on=uml,uml+direct
. "$(dirname "$0")/lib.sh"

# from NAMESPACE SOURCE: all backends answer, and see the source given. Clients
# only take answers that come from the address that they asked.
from()
{
	add_all "$svc" --scheduler rr
	all_answered "$1" 40 "$vip" 80
	is backends "${got[backends]}" 4
	is "connections that $2 made" "${got[source $2]-none}" 40
}

from_pod()
{
	from "$cl" "$cl_addr"
}

from_node()
{
	from "$lb" "$node"
}

from_outside()
{
	from "$out" "$out_addr"
}

# The port that a service has and those of its backends may differ.
ports()
{
	ctl add-svc "$svc" --ep "${ep[1]%:*}:8080" --ep "${ep[2]%:*}:80"
	all_answered "$cl" 32 "$vip" 80
	is backends "${got[backends]}" 2
	ctl edit-svc "$svc" --add "$proto/$at_vip:8080"
	all_answered "$cl" 32 "$vip" 8080
	is backends "${got[backends]}" 2
}

# One address, TCP and UDP: two services.
protocols()
{
	ctl add-svc "tcp/$at_vip:80" --ep "${ep[1]}"
	ctl add-svc "udp/$at_vip:80" --ep "${ep[2]}"
	run_traffic client -n "$cl" -c 8 "$vip" 80
	is "TCP" "${got[backend b1]-0}" 8
	run_traffic client -n "$cl" -u -c 8 "$vip" 80
	is "UDP" "${got[backend b2]-0}" 8
}

services()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl add-svc "$svc2" --ep "${ep[2]}"
	ctl add-svc "$proto/$at_vip2:8080" --ep "${ep[3]}"
	all_answered "$cl" 8 "$vip" 80
	is b1 "${got[backend b1]-0}" 8
	all_answered "$cl" 8 "$vip2" 80
	is b2 "${got[backend b2]-0}" 8
	all_answered "$cl" 8 "$vip2" 8080
	is b3 "${got[backend b3]-0}" 8
}

# A backend that is a process of the node, as pods in its network are.
backend_on_node()
{
	ctl add-svc "$svc" --ep "$at_node:8080"
	all_answered "$cl" 8 "$vip" 80
	is node "${got[backend node]-0}" 8
	all_answered "$lb" 8 "$vip" 80
	is node "${got[backend node]-0}" 8
}

# What is not addressed to a service stays as it is.
others()
{
	add_all "$svc"
	all_answered "$cl" 8 "${pod[2]}" 8080
	is b2 "${got[backend b2]-0}" 8
	all_answered "$cl" 8 "$foreign" 80
	is out "${got[backend out]-0}" 8
	all_answered "$cl" 8 "$node" 8080
	is node "${got[backend node]-0}" 8
	is connections "$(counter connections)" "$connections"
}

counters()
{
	add_all "$svc" --scheduler rr
	all_answered "$cl" 40 "$vip" 80
	is connections "$(counter connections)" $((connections + 40))
	ctl list -j "$svc" | tr -d ' \n' >"$tmp/list"
	cat "$tmp/list"
	is backends "$(grep -o '"connections":10\>' "$tmp/list" | wc -l)" 4
}

begin
matrix "a pod reaches all backends, which see it" from_pod
matrix "the node reaches all backends, which see it" from_node
matrix "a client outside reaches all backends, which see it" from_outside
matrix "ports of a service and its backends may differ" ports
matrix "services do not mix" services
use 4 tcp
check "IPv4: TCP and UDP of one address do not mix" protocols
use 6 tcp
check "IPv6: TCP and UDP of one address do not mix" protocols
matrix "a backend may be the node itself" backend_on_node
connections=$(counter connections)
matrix "what is not for a service is left alone" others
for f in 4 6; do
	for p in tcp udp; do
		use "$f" "$p"
		connections=$(counter connections)
		check "IPv$f ${p^^}: connections are counted" counters
	done
done
finish
