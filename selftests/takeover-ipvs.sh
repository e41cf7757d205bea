#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kube-proxy's mode ipvs left is removed and nothing else is. Connections that
# IPVS has go on until they end.
#
# vm: cpus=2 time=300 on=uml
. "$(dirname "$0")/takeover/lib.sh"

# Debug kernels have one type of IP sets only, which will do as well.
types()
{
	# shellcheck disable=SC2034 # by left_ipvs
	if in_ns "$lb" ipset create probe bitmap:port range 0-65535; then
		in_ns "$lb" ipset destroy probe
		ports="bitmap:port range 0-65535" in_ports="" by_port=dst
		loop=hash:ip,port,ip in_loop=",${pod[3]}" by_loop=dst,dst,src
		addresses=hash:ip by_address=dst
	else
		ports="hash:ip,port family $inet" in_ports="$node,tcp:" by_port=dst,dst
		loop=hash:ip,port in_loop="" by_loop=dst,dst
		addresses=hash:ip,port by_address=dst,dst
	fi
}

# left_ipvs: by mode ipvs.
left_ipvs()
{
	local six="" inet=inet masquerade="MASQUERADE --random-fully"
	local length=32 at ports in_ports by_port loop in_loop by_loop addresses by_address

	((family == 4)) || six=6- inet=inet6 length=128
	types
	in_ns "$lb" sysctl -qw net.ipv4.vs.conntrack=1
	ip -n "$lb" link add kube-ipvs0 type dummy
	for at in "$vip" "$vip2"; do
		ip -n "$lb" address add "$at/$length" dev kube-ipvs0
	done
	in_ns "$lb" ipvsadm -R <<-END
	-A -t $at_vip:80 -s rr
	-a -t $at_vip:80 -r ${ep[3]} -m -w 1
	-A -t $at_vip2:80 -s rr
	-a -t $at_vip2:80 -r ${ep[3]} -m -w 1
	-A -t $at_node:30000 -s rr
	-a -t $at_node:30000 -r ${ep[3]} -m -w 1
	END
	in_ns "$lb" ipset restore <<-END
	create KUBE-${six}CLUSTER-IP hash:ip,port family $inet
	add KUBE-${six}CLUSTER-IP $vip,tcp:80
	add KUBE-${six}CLUSTER-IP $vip2,tcp:80
	create KUBE-${six}LOOP-BACK $loop family $inet
	add KUBE-${six}LOOP-BACK ${pod[3]},tcp:8080$in_loop
	create KUBE-${six}NODE-PORT-TCP $ports
	add KUBE-${six}NODE-PORT-TCP ${in_ports}30000
	create KUBE-${six}HEALTH-CHECK-NODE-PORT $ports
	create KUBE-${six}LOAD-BALANCER hash:ip,port family $inet
	create KUBE-${six}IPVS-IPS $addresses family $inet
	END
	restore iptables-nft <<-END
	*nat
	:KUBE-LOAD-BALANCER - [0:0]
	:KUBE-MARK-MASQ - [0:0]
	:KUBE-NODE-PORT - [0:0]
	:KUBE-POSTROUTING - [0:0]
	:KUBE-SERVICES - [0:0]
	-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
	-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
	-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-${six}NODE-PORT-TCP $by_port -j KUBE-MARK-MASQ
	-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-${six}LOOP-BACK $by_loop -j MASQUERADE
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
	-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j $masquerade
	-A KUBE-SERVICES -m comment --comment "Kubernetes service lb portal" -m set --match-set KUBE-${six}LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER
	-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-${six}CLUSTER-IP src,dst -j KUBE-MARK-MASQ
	-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
	-A KUBE-SERVICES -m set --match-set KUBE-${six}CLUSTER-IP dst,dst -j ACCEPT
	COMMIT
	*filter
	:KUBE-FORWARD - [0:0]
	:KUBE-IPVS-FILTER - [0:0]
	:KUBE-NODE-PORT - [0:0]
	-I INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
	-I INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
	-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
	-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}LOAD-BALANCER dst,dst -j RETURN
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}CLUSTER-IP dst,dst -j RETURN
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}NODE-PORT-TCP $by_port -j RETURN
	-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-${six}IPVS-IPS $by_address -j REJECT
	-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-${six}HEALTH-CHECK-NODE-PORT $by_port -j ACCEPT
	COMMIT
	END
}

# bystanders_ipvs: virtual servers and sets of others, one at the node's address.
bystanders_ipvs()
{
	in_ns "$lb" ipvsadm -R <<-END
	-A -t $at_node:30001 -s rr
	-a -t $at_node:30001 -r ${ep[4]} -m -w 1
	-A -f 7 -s rr
	-A -u $at_vip3:53 -s rr
	END
	in_ns "$lb" ipset restore <<-END
	create KUBE-THEIRS hash:ip,port
	create theirs hash:ip,port
	add theirs 192.0.2.1,tcp:30000
	END
}

# reset NAME...: ends connections.
reset()
{
	local name

	for name; do
		echo reset >&"${talk_in[$name]}"
	done
}

# drain_start: in the background, until it has said that it waits.
drain_start()
{
	"$svclbctl" -n "$lb" takeover >>"$tmp/done" 2>"$tmp/errors" &
	drain=$!
	wait_for "$patience" grep -q "connections of IPVS may go on" "$tmp/errors"
}

drain_end()
{
	wait_for $((patience * 2)) ended "$drain"
	wait "$drain"
}

ended()
{
	! kill -0 "$1"
}

has_address()
{
	ip -n "$lb" address show dev kube-ipvs0 | grep -q " $1/"
}

ipvs_begin()
{
	trap 'remove_all ipvs' EXIT
	bystanders iptables-nft
	bystanders_ipvs
	state ipvs >"$tmp/others"
	left_ipvs
	state ipvs >"$tmp/before"
	: >"$tmp/done"
}

# The whole way, with an interruption. IPVS remembers a connection for two minutes
# after its end, but a reset one for ten seconds.
ipvs()
{
	ipvs_begin
	old_connections
	service
	ctl add-svc "$svc2" --ep "${ep[2]}"
	new_ones b1
	dry_run
	state ipvs | diff "$tmp/before" -
	drain_start
	old_go_on
	kill -KILL "$drain"
	drain_start
	has_address "$vip"
	if has_address "$vip2"; then
		return 1
	fi
	in_ns "$lb" ipvsadm -S -n | tee "$tmp/servers"
	is "that take connections" "$(grep -c -- '-r.*-w 1' "$tmp/servers")" 1
	old_go_on
	new_ones b1
	all_answered "$cl" 4 "$vip2" 80
	is b2 "${got[backend b2]-0}" 4
	reset pod node outside
	drain_end
	diff <(sort "$tmp/dry") <(sort "$tmp/done")
	state ipvs | diff "$tmp/others" -
	new_ones b1
	nothing_left
}

# Connections of IPVS end when the time is up, those of the module do not.
time_is_up()
{
	ipvs_begin
	connection ipvs "$cl" "$vip" 80
	talk ipvs
	is "IPVS sends it to" "${said[0]}" b3
	service
	connection ours "$cl" "$vip" 80
	ctl takeover --drain-timeout 1s >"$tmp/done" 2>"$tmp/errors"
	cat "$tmp/errors"
	grep -E 'the time is up: [0-9]+ connections of IPVS were ended' "$tmp/errors"
	state ipvs | diff "$tmp/others" -
	talk ours
	is "the module sends it to" "${said[0]}" b1
	nothing_left
}

# A connection of the node itself to an address that the node has comes from the
# same address: that stays until the connection ends.
own_address()
{
	ipvs_begin
	service
	connection node "$lb" "$vip" 80
	talk node
	is "the module sends it to" "${said[0]}" b1
	ctl takeover --drain-timeout 1h >"$tmp/done" 2>"$tmp/errors" &
	drain=$!
	wait_for "$patience" grep ' 1 more addresses have connections of the node' "$tmp/errors"
	wait_for "$patience" gone "$vip2"
	has_address "$vip"
	talk node
	is "the module still sends it to" "${said[0]}" b1
	reset node
	drain_end
	state ipvs | diff "$tmp/others" -
}

gone()
{
	! has_address "$1"
}

begin
families tcp "connections of IPVS go on until they end" ipvs
families tcp "an address of the node's own connections" own_address
families tcp "the time is up" time_is_up
finish
