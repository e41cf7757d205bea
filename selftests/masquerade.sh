#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Masquerading: who keeps its address on the way to a backend and who does not,
# and which source ports the node takes.
#
# vm: cpus=2 time=400 on=uml,uml+direct
. "$(dirname "$0")/lib.sh"

# seen_as ADDRESS NAMESPACE TARGET PORT: backends see all connections come from
# there; "node" stands for any of the node's own addresses.
seen_as()
{
	local source

	all_answered "$2" 8 "$3" "$4"
	is sources "${got[sources]}" 1
	for source in "${!got[@]}"; do
		[[ $source != source\ * ]] || break
	done
	source=${source#source }
	if [[ $1 == node ]]; then
		[[ $source == "$node" || $source == "$node2" ]] || is source "$source" "$node"
	else
		is source "$source" "$1"
	fi
}

# masqueraded COUNT COMMAND...: the command makes so many more.
masqueraded()
{
	local before

	before=$(counter masqueraded)
	"${@:2}"
	is masqueraded "$(counter masqueraded)" $((before + $1))
}

hairpin()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	masqueraded 8 seen_as node "$b1" "$vip" 80
	is b1 "${got[backend b1]-0}" 8
	# Other pods on the way to the same backend keep their address.
	masqueraded 0 seen_as "${pod[2]}" "$b2" "$vip" 80
}

no_networks()
{
	add_all "$svc"
	masqueraded 0 seen_as "$out_addr" "$out" "$vip" 80
	masqueraded 0 seen_as "$cl_addr" "$cl" "$vip" 80
	masqueraded 0 seen_as "$node" "$lb" "$vip" 80
}

networks()
{
	add_all "$svc"
	ctl set "${clusters[@]}"
	masqueraded 8 seen_as node "$out" "$vip" 80
	masqueraded 0 seen_as "$cl_addr" "$cl" "$vip" 80
	masqueraded 8 seen_as node "$lb" "$vip" 80
}

# Who is inside of one network of several, and the last address of it.
several_networks()
{
	local others=(--cluster-network 10.9.0.0/16 --cluster-network fd00:9::/64)

	add_all "$svc"
	ctl set "${others[@]}"
	masqueraded 8 seen_as node "$cl" "$vip" 80
	ctl set "${others[@]}" --cluster-network 10.244.1.2/32 \
		--cluster-network fd00:10:244:1::2/128
	masqueraded 0 seen_as "$cl_addr" "$cl" "$vip" 80
	ctl set "${others[@]}" --cluster-network 0.0.0.0/0 --cluster-network ::/0
	masqueraded 0 seen_as "$out_addr" "$out" "$vip" 80
}

# A family without a network has no outside.
other_family()
{
	add_all "$svc"
	if ((family == 4)); then
		ctl set --cluster-network fd00:10:244::/48
	else
		ctl set --cluster-network 10.244.0.0/16
	fi
	masqueraded 0 seen_as "$out_addr" "$out" "$vip" 80
}

all()
{
	add_all "$svc"
	ctl set --masquerade-all on
	masqueraded 8 seen_as node "$cl" "$vip" 80
	ctl set --masquerade-all off
	masqueraded 0 seen_as "$cl_addr" "$cl" "$vip" 80
}

node_port()
{
	add_all "$svc" --node-port 30000
	ctl set "${clusters[@]}"
	masqueraded 8 seen_as node "$cl" "$node" 30000
	masqueraded 8 seen_as node "$out" "$node" 30000
	masqueraded 8 seen_as node "$b1" "$node" 30000
	masqueraded 8 seen_as node "$lb" "$node" 30000
}

# What does not go to a service keeps its address.
others()
{
	add_all "$svc" --node-port 30000
	ctl set "${clusters[@]}" --masquerade-all on
	masqueraded 0 seen_as "$out_addr" "$out" "${pod[1]}" 8080
	masqueraded 0 seen_as "$cl_addr" "$cl" "$foreign" 80
}

# The source ports that the node gives 2000 connections: none of the node ports,
# and with the direct datapath none of the node's own connections either, which
# leaves 33,512. What chance allows is bounded so that right ports fail once in a
# million runs or less:
#  - of 33,512 ports a client's own is met with probability 2000/33512 = 1/17 at
#    all, so 4 times 1/17^4/24 < 1e-6;
#  - 17 of 33,512 ports are less than 9 away from the one before, so there is one
#    such neighbour in 2000, and 10 or more with Poisson's 1/10! < 1e-6;
#  - the 16 parts of the port numbers are met as often as they have ports, within
#    a chi-square of 56.494 (15 degrees of freedom, significance 1e-6).
ports()
{
	local kept_to=32767

	if [[ ${DATAPATH-} == direct ]]; then
		in_ns "$lb" sysctl -qw net.ipv4.ip_local_port_range="32768 60999"
		kept_to=60999
	fi
	add_all "$svc"
	ctl set "${clusters[@]}"
	all_answered "$out" 2000 -e -P 20000 "$vip" 80
	awk -v kept_to="$kept_to" '
	BEGIN { gap = kept_to + 1 - 30000 }
	/^each/ {
		port = $4; n++
		if (port < 1024) low++
		if (port >= 30000 && port <= kept_to) kept++
		if (port == $5) own++
		if (n > 1 && port - last < 9 && last - port < 9) near++
		if (seen[$2, $3, port]++) twice++
		last = port
		place = port < 30000 ? port - 1024 : port - 1024 - gap
		part[int(place * 16 / (65536 - 1024 - gap))]++
	}
	END {
		for (i = 0; i < 16; i++)
			statistic += (part[i] - n / 16) ^ 2 / (n / 16)
		printf "%d ports: %d below 1024, %d kept, %d own, %d near, " \
			"%d twice, chi-square %.3f\n",
			n, low, kept, own, near, twice, statistic
		exit !(n == 2000 && !low && !kept && !twice && own < 4 && near < 10 &&
		       statistic < 56.494)
	}' "$tmp/result"
}

# Also when nearly all ports are node ports.
node_port_range()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set --masquerade-all on --node-port-range 1400-64600
	all_answered "$out" 100 -e "$vip" 80
	awk '/^each/ && $4 >= 1400 && $4 <= 64600 { print; bad = 1 } END { exit bad }' \
		"$tmp/result"
}

same_source_port()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${clusters[@]}"
	connection one "$out" -s "$out_addr" -P 40000 "$vip" 80
	connection two "$out" -s "$out_addr2" -P 40000 "$vip" 80
	talk one
	is name "${said[0]}" b1
	first=${said[2]}
	talk two
	is name "${said[0]}" b1
	second=${said[2]}
	if ((first == second)); then
		echo "one port for both"
		return 1
	fi
	talk one
	is port "${said[2]}" "$first"
}

# One service address or another, one backend: the same client port.
same_client_port()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl add-svc "$svc2" --ep "${ep[1]}"
	ctl set "${clusters[@]}"
	connection one "$out" -P 40001 "$vip" 80
	connection two "$out" -P 40001 "$vip2" 80
	talk one
	is name "${said[0]}" b1
	talk two
	is name "${said[0]}" b1
	talk one
	is name "${said[0]}" b1
}

# 1024 to 2048 are 1025 ports. 128 are tried for each connection, so nearly all
# are found before the first one is dropped.
exhaustion()
{
	local dropped

	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${clusters[@]}" --node-port-range 2049-65535
	dropped=$(counter dropped_no_port)
	client "$out" -c 1200 -j 200 -t $((2000 * ${SLOWER:-1})) -P 20000 "$vip" 80
	dropped=$(($(counter dropped_no_port) - dropped))
	between answers "${got[answers]}" 950 1025
	is "the rest" "${got[error timeout]-0}" $((1200 - got[answers]))
	between dropped "$dropped" $((1200 - got[answers])) 10000
	# Another backend has all its ports.
	ctl add-svc "$svc2" --ep "${ep[2]}"
	all_answered "$out" 50 "$vip2" 80
	# A wider range lets clients of the first one in again.
	ctl set --node-port-range 30000-32767
	all_answered "$out" 50 -P 22000 "$vip" 80
}

# The device on the way to the backend has no address, nor has any other.
no_address()
{
	local dropped

	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set --masquerade-all on
	dropped=$(counter dropped_no_address)
	ip -n "$lb" address flush dev own scope global
	ip -n "$lb" address flush dev out scope global
	client "$cl" -c 3 -t 500 "$vip" 80
	ip -n "$lb" -batch - <<-END
	address add 198.51.100.1/32 dev own
	address add 192.0.2.1/24 dev out
	route add default via 192.0.2.2
	END
	is answers "${got[answers]}" 0
	between dropped $(($(counter dropped_no_address) - dropped)) 3 10
}

begin
matrix "a backend reaches itself through its service" hairpin
matrix "nobody without cluster networks" no_networks
matrix "who is outside the cluster networks" networks
matrix "any of several networks will do" several_networks
matrix "networks of the other family do not count" other_family
matrix "everybody with masquerade-all" all
matrix "everybody at a node port" node_port
matrix "what is not for a service is left alone" others
matrix "source ports are unpredictable and no node ports" ports
matrix "the node-port range may leave few ports" node_port_range
matrix "two clients with one source port" same_source_port
matrix "one client port to one backend through two services" same_client_port
matrix "when no port is free, connections are dropped and counted" exhaustion
use 4 udp
check "IPv4: without an address connections are dropped and counted" no_address
finish
