#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the direct datapath alone has: its flows, their states and times, a table
# that grows and is full, and a datapath that is chosen while connections are open.
# What services do in either datapath is for the other tests.
#
# vm: cpus=2 time=300 on=uml
. "$(dirname "$0")/lib.sh"

DATAPATH=direct
# shellcheck disable=SC2034 # for lib.sh
usual=(--flow-max 1048576 --flow-full evict --timeout-tcp-closed 60 --timeout-udp-stream 120)

# flows OPTION...: how many agree.
flows()
{
	ctl flows -j "$@" | grep -o '"protocol"' | wc -l
}

# state OPTION...: of the one flow that agrees.
state()
{
	ctl flows -j "$@" | sed -n 's/.*"state":"\([a-z-]*\)".*/\1/p'
}

has_state()
{
	[[ $(state "${@:2}") == "$1" ]]
}

has_flows()
{
	(($(flows "${@:2}") == $1))
}

tracked()
{
	in_ns "$lb" conntrack -L 2>/dev/null | grep -c -F " dst=$1 "
}

told()
{
	local line

	add_all "$svc"
	connection one "$cl" "$vip" 80
	talk one
	ctl flows | tee "$tmp/flows"
	is flows "$(flows)" 1
	line=$(sed -n 2p "$tmp/flows")
	[[ $line == "$proto "*"$at_vip:80 "*":8080 "*"$at_vip:80" ]]
	is "of the service" "$(flows "$svc")" 1
	is "of the client" "$(flows --client "$cl_addr")" 1
	is "to the address" "$(flows --to "$at_vip:80")" 1
	is "to another port" "$(flows --to "$at_vip:81")" 0
	is "of the protocol" "$(flows --protocol "$proto")" 1
	is "of another" "$(flows --protocol sctp)" 0
	is "to all endpoints" $(($(flows --ep "${pod[1]}") + $(flows --ep "${pod[2]}") + \
		$(flows --ep "${pod[3]}") + $(flows --ep "${pod[4]}"))) 1
	is "of conntrack" "$(tracked "$vip")" 0
	is "counter" "$(counter flows)" 1
	is "deleted" "$(ctl del-flows --client "$cl_addr")" "1 flows deleted"
	is "left" "$(flows)" 0
}

tcp_states()
{
	local fd

	add_all "$svc"
	connection one "$cl" "$vip" 80
	wait_for 20 has_state tcp-established "$svc"
	talk one
	is state "$(state "$svc")" tcp-established
	fd=${talk_in[one]}
	exec {fd}>&-
	wait_for 20 has_state tcp-closed "$svc"
	ctl set --timeout-tcp-closed 1
	wait_for 20 has_flows 0 "$svc"
}

udp_states()
{
	local end

	add_all "$svc"
	connection one "$cl" "$vip" 80
	talk one
	is state "$(state "$svc")" udp
	# Questions for longer than two seconds make a stream of it.
	end=$((SECONDS + 20))
	until [[ $(state "$svc") == udp-stream ]] || ((SECONDS > end)); do
		talk one
		sleep 0.2
	done
	is state "$(state "$svc")" udp-stream
	ctl set --timeout-udp-stream 1
	wait_for 20 has_flows 0 "$svc"
	talk one
	is "answered" "${said[0]:0:1}" b
}

# A connection whose flow is gone is told so, and a datagram begins another flow.
deleted()
{
	local refused

	add_all "$svc"
	refused=$(counter rejected_no_flow)
	connection one "$cl" "$vip" 80
	talk one
	ctl del-flows "$svc"
	talk one
	if [[ $proto == tcp ]]; then
		is "connection" "${said[0]}" ECONNRESET
		between refused $(($(counter rejected_no_flow) - refused)) 1 10
	else
		is "answered by" "${said[0]:0:1}" b
		is flows "$(flows "$svc")" 1
	fi
	all_answered "$cl" 4 "$vip" 80
}

# As exact as counters of several processors are.
full()
{
	local before

	add_all "$svc"
	ctl set --flow-max 100 --flow-full drop
	before=$(counter dropped_flows_full)
	client "$cl" -c 400 -t 300 -P 10000 "$vip" 80
	between flows "$(flows)" 50 250
	between dropped $(($(counter dropped_flows_full) - before)) 150 400
	before=$(counter flows_evicted)
	ctl set --flow-full evict
	# Those that were answered and are no streams are missed least.
	all_answered "$cl" 400 -P 20000 "$vip" 80
	between evicted $(($(counter flows_evicted) - before)) 150 400
	between flows "$(flows)" 50 250
}

# The table grows while it is used, and shrinks.
grows()
{
	local many=20000 empty

	add_all "$svc"
	empty=$(counter flow_memory)
	connection one "$cl" "$vip" 80
	talk one
	all_answered "$cl" "$many" -P 10000 "$vip" 80
	is flows "$(flows)" $((many + 1))
	between memory $(($(counter flow_memory) - empty)) $((many * 200)) $((many * 1000))
	talk one
	is "answered by" "${said[0]:0:1}" b
	is flows "$(flows)" $((many + 1))
	is "deleted" "$(ctl del-flows --to "$at_vip")" "$((many + 1)) flows deleted"
	wait_for 60 shrunk $((2 * empty))
	all_answered "$cl" 8 "$vip" 80
}

shrunk()
{
	(($(counter flow_memory) <= $1))
}

# switched: what is open goes on where it began, what comes is the new one's.
switched()
{
	ctl set --datapath conntrack
	add_all "$svc"
	connection one "$cl" "$vip" 80
	talk one
	local one=${said[*]}
	between "of conntrack" "$(tracked "$vip")" 1 100
	ctl set --datapath direct
	talk one
	is "connection one" "${said[*]}" "$one"
	is flows "$(flows "$svc")" 0
	connection two "$cl" "$vip" 80
	talk two
	local two=${said[*]}
	is flows "$(flows "$svc")" 1
	ctl set --datapath conntrack
	talk one
	is "connection one" "${said[*]}" "$one"
	talk two
	is "connection two" "${said[*]}" "$two"
	connection three "$cl" "$vip" 80
	talk three
	is flows "$(flows "$svc")" 1
	all_answered "$cl" 8 "$vip" 80
	ctl del-flows --all
}

# Connection tracking goes where nobody needs it, and comes again.
spared()
{
	unload_module
	load_module
	in_ns "$lb" conntrack -F
	ctl set --datapath direct
	add_all "$svc"
	all_answered "$cl" 8 "$vip" 80
	is "of conntrack" "$(tracked "$vip")" 0
	ctl del-flows --all
	ctl set --datapath conntrack
	all_answered "$cl" 8 "$vip" 80
	between "of conntrack" "$(tracked "$vip")" 8 100
}

# With the strictest reverse-path filter, from everywhere to everything.
filtered()
{
	trap 'in_ns "$lb" sysctl -qw net.ipv4.conf.all.rp_filter=0' EXIT
	in_ns "$lb" sysctl -qw net.ipv4.conf.all.rp_filter=1
	add_all "$svc" --node-port 30000
	all_answered "$cl" 8 "$vip" 80
	all_answered "$lb" 8 "$vip" 80
	all_answered "$out" 8 "$vip" 80
	ctl set "${clusters[@]}"
	all_answered "$out" 8 "$node" 30000
	all_answered "$cl" 8 "$node" 30000
	all_answered "$lb" 8 "$node" 30000
}

# The kernel gives the node's own connections other ports.
own_ports()
{
	add_all "$svc"
	ctl set --masquerade-all on
	all_answered "$cl" 300 -P 10000 "$vip" 80
	ctl flows -j "$svc" | grep -o '"source":"[^"]*"' | sed 's/.*:\([0-9]*\)"/\1/' >"$tmp/ports"
	is flows "$(wc -l <"$tmp/ports")" 300
	is "ports of others" "$(awk '$1 < 1024 || ($1 >= 30000 && $1 <= 60999)' "$tmp/ports" | wc -l)" 0
	between "different ports" "$(sort -u "$tmp/ports" | wc -l)" 250 300
}

# forged NUMBER: a reset that is so far off, and what becomes of the flow.
forged()
{
	local line

	echo "$1" >&"${forge_in:?}"
	read -r -t 20 -u "${forge_out:?}" line
	is sent "$line" sent
}

resets()
{
	local line

	ctl add-svc "$svc" --ep "${ep[1]}"
	mkfifo "$tmp/forge.in" "$tmp/forge.out"
	in_ns "$cl" direct/forge.py reset "$cl_addr" "$vip" 80 <"$tmp/forge.in" >"$tmp/forge.out" &
	exec {forge_in}>"$tmp/forge.in" {forge_out}<"$tmp/forge.out"
	read -r -t 60 -u "$forge_out" line
	[[ $line == "ready "* ]]
	is state "$(state "$svc")" tcp-established
	for line in 1000000000 -1000000000 70000 -70000 1; do
		forged "$line"
		is "state after $line" "$(state "$svc")" tcp-established
	done
	forged 0
	wait_for 20 has_state tcp-closed "$svc"
	exec {forge_in}>&-
}

checksums()
{
	local line

	ctl add-svc "sctp/$at_vip:80" --ep "${ep[1]}"
	mkfifo "$tmp/sctp"
	in_ns "$b1" direct/forge.py sctp-serve "${pod[1]}" >"$tmp/sctp" &
	exec {forge_out}<"$tmp/sctp"
	read -r -t 60 -u "$forge_out" line
	is server "$line" ready
	in_ns "$cl" direct/forge.py sctp "$cl_addr" "$vip" 80
	read -r -t 20 -u "$forge_out" line
	is "what comes" "$line" "$cl_addr 4000 8080 right"
	is state "$(state "sctp/$at_vip:80")" sctp-setup
}

begin
matrix "flows are told, found and deleted" told
families tcp "states of a connection" tcp_states
families udp "states of a flow" udp_states
matrix "a connection whose flow is gone" deleted
families udp "a full table" full
families udp "a table that grows and shrinks" grows
matrix "the datapath is chosen while connections are open" switched
crossed "connection tracking goes where nobody needs it" spared
matrix "the reverse-path filter sees where packets come from" filtered
matrix "masquerading leaves the node its ports" own_ports
use 4 tcp
check "IPv4 TCP: a reset out of the window ends no flow" resets
use 4 sctp
check "IPv4 SCTP: another port, another checksum" checksums
finish
