#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Network namespaces and the module come and go under traffic. ROUNDS says how
# often each of them does.
#
# vm: cpus=2 time=180 on=uml
. "$(dirname "$0")/lib.sh"

rounds=${ROUNDS:-3}
flood_pids=()

# flood NAMESPACE OPTION... ADDRESS PORT: connections without end, which may fail.
# They take the time that nothing else wants, or each change would take seconds.
flood()
{
	nice "$traffic" client -f -n "$1" -c 1000 -j 8 -t 200 "${@:2}" >/dev/null 2>&1 &
	flood_pids+=($!)
}

flood_all()
{
	flood "$cl" 10.96.0.10 80
	flood "$cl" -u 10.96.0.10 80
	flood "$out" fd00:10:96::10 80
	flood "$lb" -u fd00:10:96::10 80
}

# All floods go on.
flooding()
{
	kill -0 "${flood_pids[@]}"
}

stop_floods()
{
	kill -KILL "${flood_pids[@]}"
	wait "${flood_pids[@]}" || :
	flood_pids=()
} 2>/dev/null

services()
{
	for f in 4 6; do
		for p in tcp udp; do
			use "$f" "$p"
			add_all "$svc" --scheduler rr --node-port 30000
		done
	done
	ctl set "${clusters[@]}"
}

# works: in both protocols and families.
works()
{
	for f in 4 6; do
		for p in tcp udp; do
			use "$f" "$p"
			all_answered "$cl" 8 "$vip" 80
			is backends "${got[backends]}" 4
		done
	done
}

connections_over()
{
	(($(counter connections) > $1))
}

# replaced TIMES: the module goes while packets are on their way through it, and
# comes back empty.
replaced()
{
	local i

	services
	flood_all
	for ((i = 0; i < $1; i++)); do
		wait_for 20 connections_over 200
		flooding
		unload_module
		load_module
		is services "$(ctl list -j | tr -d ' \n' | grep -c '"services":\[\]')" 1
		is connections "$(counter connections)" 0
		services
	done
	stop_floods
	# Attempts that were made without the module, and got no answer, are known
	# to conntrack for two minutes.
	in_ns "$lb" conntrack -F
	works
}

# A connection that has nothing to say in between outlives the module. The flows
# of the direct datapath do not.
outlived()
{
	ctl set --datapath conntrack
	services
	use "$1" tcp
	connection one "$cl" "$vip" 80
	talk one
	before=${said[*]}
	unload_module
	load_module
	ctl set --datapath conntrack
	services
	use "$1" tcp
	talk one
	is "connection one" "${said[*]}" "$before"
}

# As long as anybody else has NAT rules, which make use of connection tracking,
# connections go on without the module. Masqueraded ones, which those from outside
# are, need somebody else who masquerades: the kernel ends them with the last one.
carried()
{
	trap 'in_ns "$lb" nft delete table inet theirs' EXIT
	in_ns "$lb" nft -f - <<-END
	table inet theirs {
		chain prerouting {
			type nat hook prerouting priority dstnat
			ip daddr 192.0.2.99 dnat ip to 192.0.2.98
			ip6 daddr 2001:db8::99 dnat ip6 to 2001:db8::98
		}
		chain postrouting {
			type nat hook postrouting priority srcnat
			$([[ $2 != "$out" ]] || echo "mark 1 masquerade")
		}
	}
	END
	ctl set --datapath conntrack
	services
	use "$1" tcp
	connection one "$2" "$vip" 80
	talk one
	before=${said[*]}
	unload_module
	talk one
	is "connection one" "${said[*]}" "$before"
	load_module
	talk one
	is "connection one" "${said[*]}" "$before"
}

churn()
{
	local i

	services
	flood_all
	for ((i = 0; i < rounds; i++)); do
		wait_for 20 connections_over $(($(counter connections) + 200))
		ctl flush
		services
	done
	flooding
	stop_floods
	works
}

# Namespaces of their own, with services and a flow through them.
loop()
{
	local ns=loop-$$ i

	for ((i = 0; i < $1; i++)); do
		ip netns add "$ns"
		ip -n "$ns" -batch - <<-END
		link set lo up
		address add 192.0.2.1/32 dev lo
		address add 2001:db8::1/128 dev lo
		route add 10.96.0.0/12 dev lo
		END
		"$svclbctl" -n "$ns" add-svc 10.96.0.10:80 --ep 192.0.2.1:8080 --node-port 30000
		"$svclbctl" -n "$ns" add-svc "udp/[fd00:10:96::10]:80" --ep "[2001:db8::1]:8080"
		"$svclbctl" -n "$ns" set "${clusters[@]}"
		# Nobody listens, but the way there is translated.
		run_traffic client -n "$ns" 10.96.0.10 80
		is refused "${got[error ECONNREFUSED]-0}" 1
		((i % 2)) || "$svclbctl" -n "$ns" del-svc 10.96.0.10:80
		ip netns delete "$ns"
	done
	wait_for 20 module_is_unused
}

# The last test: the node goes as it is, with all that flows through it. What
# holds a namespace are processes in it and packets on their way.
deleted()
{
	services
	flood_all
	wait_for 20 connections_over $(($(counter connections) + 200))
	flooding
	ip netns delete "$lb"
	stop_floods
}

begin
check "services come and go under traffic" churn
check "the module is replaced $rounds times under traffic" replaced "$rounds"
for f in 4 6; do
	check "IPv$f: a connection outlives the module" outlived $f
	check "IPv$f: beside NAT rules of others a connection goes on without it" carried $f "$cl"
	check "IPv$f: beside masquerading of others a masqueraded one does too" carried $f "$out"
done
check "$((4 * rounds)) namespaces come and go" loop $((4 * rounds))
check "a namespace goes under traffic" deleted
finish
