#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Client affinity: how long a client keeps its backend, and when it does not.
#
# vm: cpus=2 time=240 on=uml
. "$(dirname "$0")/lib.sh"

# Client ports, of which none comes twice: a known UDP flow is no new connection.
port=20000

# reach NAMESPACE COUNT OPTION... ADDRESS PORT: all connections reach one
# backend, whose name is in "one".
reach()
{
	port=$((port + $2))
	all_answered "$1" "$2" -P "$port" "${@:3}"
	is backends "${got[backends]}" 1
	for one in b1 b2 b3 b4; do
		[[ ! ${got[backend $one]-} ]] || return 0
	done
}

# reaches NAME NAMESPACE COUNT OPTION... ADDRESS PORT: the one is that one.
reaches()
{
	reach "${@:2}"
	is "backend of $2" "$one" "$1"
}

# reaches_other NAME NAMESPACE COUNT OPTION... ADDRESS PORT
reaches_other()
{
	reach "${@:2}"
	if [[ $one == "$1" ]]; then
		echo "still $1"
		return 1
	fi
}

# entries [SERVICE]: how many there are.
entries()
{
	ctl affinity "$@" -j | grep -o '"client"' | wc -l
}

no_entry()
{
	is entries "$(entries)" 0
}

# Whom a client reached by one address it reaches by the others.
frontends()
{
	local one first second

	add_all "$svc" "$svc2" --scheduler rr --affinity 100 --node-port 30000
	no_entry
	reach "$cl" 5 "$vip" 80
	first=$one
	reaches "$first" "$cl" 5 "$vip2" 80
	reach "$out" 5 -s "$out_addr" "$node" 30000
	second=$one
	reaches "$second" "$out" 5 -s "$out_addr" "$vip" 80
	reaches "$second" "$out" 5 -s "$out_addr" "$node2" 30000
	reaches "$first" "$cl" 5 "$node" 30000
	is entries "$(entries "$svc")" 2
	# Two clients, two turns of the round robin.
	if [[ $first == "$second" ]]; then
		return 1
	fi
	# What would be without.
	ctl edit-svc "$svc" --affinity off
	all_answered "$cl" 8 -P 30000 "$vip" 80
	is backends "${got[backends]}" 4
}

# Whatever becomes of the others.
replaced()
{
	local one first i

	add_all "$svc" --name test/one --scheduler rr --affinity 100
	reach "$cl" 3 "$vip" 80
	first=$one
	ctl add-svc "$svc" --name test/one --scheduler wrr --affinity 100 --replace \
		--ep "${ep[4]},w=5" --ep "${ep[3]}" --ep "${ep[2]},w=7" --ep "${ep[1]}"
	reaches "$first" "$cl" 5 "$vip" 80
	for i in 1 2 3 4; do
		[[ b$i == "$first" ]] || ctl del-ep "$svc" "${ep[i]}"
	done
	for i in 1 2 3 4; do
		[[ b$i == "$first" ]] || ctl add-ep "$svc" "${ep[i]}"
	done
	ctl edit-svc "$svc" --scheduler random
	ctl edit-ep "$svc" "${ep[${first#b}]}" -w 2
	reaches "$first" "$cl" 5 "$vip" 80
	ctl edit-svc "$svc" --add "$svc2" --remove "$svc"
	reaches "$first" "$cl" 5 "$vip2" 80
}

# A backend that is not used any more loses its clients, and for good.
moved()
{
	local one first second

	add_all "$svc" --scheduler rr --affinity 100
	reach "$cl" 3 "$vip" 80
	first=$one
	case $1 in
	removed) ctl del-ep "$svc" "${ep[${first#b}]}" ;;
	draining) ctl edit-ep "$svc" "${ep[${first#b}]}" --draining ;;
	weight) ctl edit-ep "$svc" "${ep[${first#b}]}" -w 0 ;;
	esac
	reaches_other "$first" "$cl" 5 "$vip" 80
	second=$one
	case $1 in
	removed) ctl add-ep "$svc" "${ep[${first#b}]}" ;;
	draining) ctl edit-ep "$svc" "${ep[${first#b}]}" --no-draining ;;
	weight) ctl edit-ep "$svc" "${ep[${first#b}]}" -w 1 ;;
	esac
	reaches "$second" "$cl" 5 "$vip" 80
	is entries "$(entries)" 1
}

# In milliseconds.
now()
{
	echo $((${EPOCHREALTIME/./} / 1000))
}

# forgotten CONNECTION: while it goes on.
forgotten()
{
	talk "$1"
	no_entry
}

# The time begins anew with each new connection, not with what it sends. The
# round robin has taken one turn, so its next one is another backend.
expires()
{
	local limit=$((2 * ${SLOWER:-1})) one first begin said=()

	add_all "$svc" --scheduler rr --affinity "$limit"
	reach "$cl" 1 "$vip" 80
	first=$one
	begin=$(now)
	while (($(now) - begin < 1500 * limit)); do
		reaches "$first" "$cl" 1 "$vip" 80
	done
	begin=$(now)
	connection last "$cl" -P 19999 "$vip" 80
	talk last
	is "last connection" "${said[0]}" "$first"
	is entries "$(entries)" 1
	wait_for $((limit + 10)) forgotten last
	between "time until it is forgotten" $(($(now) - begin)) $((1000 * limit)) \
		$((1000 * limit + 3000 * ${SLOWER:-1}))
	is "last connection" "${said[0]}" "$first"
	reaches_other "$first" "$cl" 1 "$vip" 80
	reaches "$one" "$cl" 3 "$vip" 80
}

# Each service would give the client its own first.
services_apart()
{
	local one

	ctl add-svc "$svc" --scheduler failover --affinity 100 --ep "${ep[1]},w=2" --ep "${ep[2]}"
	ctl add-svc "$svc2" --scheduler failover --affinity 100 --ep "${ep[1]}" --ep "${ep[2]},w=2"
	reaches b1 "$cl" 3 "$vip" 80
	reaches b2 "$cl" 3 "$vip2" 80
	ctl edit-ep "$svc" "${ep[1]}" --draining
	reaches b2 "$cl" 3 "$vip" 80
	ctl edit-ep "$svc" "${ep[1]}" --no-draining
	ctl edit-ep "$svc2" "${ep[2]}" --draining
	reaches b2 "$cl" 3 "$vip" 80
	reaches b1 "$cl" 3 "$vip2" 80
	is "entries of the first" "$(entries "$svc")" 1
	is "entries of the second" "$(entries "$svc2")" 1
	# Nothing is left of a service that is gone, for one of the same name either.
	ctl del-svc "$svc"
	is entries "$(entries)" 1
	ctl add-svc "$svc" --scheduler failover --affinity 100 --ep "${ep[1]},w=2" --ep "${ep[2]}"
	is "entries of the new one" "$(entries "$svc")" 0
	reaches b1 "$cl" 3 "$vip" 80
}

# What a client keeps is of no use where its policy does not have it.
policy_local()
{
	local one

	ctl add-svc "$svc" --scheduler failover --affinity 100 --node-port 30000 \
		--external-policy local --ep "${ep[1]},w=9" --ep "${ep[2]},local"
	reaches b1 "$out" 3 -s "$out_addr" "$vip" 80
	reaches b2 "$out" 3 -s "$out_addr" "$node" 30000
	reaches b2 "$out" 3 -s "$out_addr" "$vip" 80
}

# visitor NUMBER: the address of one of many clients outside.
visitor()
{
	((family == 4)) && echo "192.0.2.$((100 + $1))" || echo "2001:db8::$((100 + $1))"
}

visitors()
{
	local i

	for i in {1..16}; do
		echo "address replace $(visitor "$i")/$((family == 4 ? 24 : 64)) dev eth0" \
			"$( ((family == 4)) || echo nodad preferred_lft 0)"
	done | ip -n "$out" -batch -
}

# Clients that come once make room for each other; one that comes again stays.
bounded()
{
	local one regular i before

	visitors
	ctl set --affinity-max 5
	add_all "$svc" --scheduler rr --affinity 100
	before=$(counter affinity_evicted)
	reach "$cl" 1 "$vip" 80
	regular=$one
	for i in {1..16}; do
		reach "$out" 1 -s "$(visitor "$i")" "$vip" 80
		reaches "$regular" "$cl" 1 "$vip" 80
	done
	is entries "$(entries)" 5
	is evicted $(($(counter affinity_evicted) - before)) 12
	ctl affinity -j | tr '{' '\n' >"$tmp/entries"
	cat "$tmp/entries"
	for i in 13 14 15 16; do
		grep -F "\"$(visitor "$i")\"" "$tmp/entries"
	done
	grep -F "\"$cl_addr\"" "$tmp/entries"
	# Fewer, at once.
	ctl set --affinity-max 2
	is entries "$(entries)" 2
	is evicted $(($(counter affinity_evicted) - before)) 15
	reaches "$regular" "$cl" 1 "$vip" 80
}

begin
crossed "a client keeps its backend under all addresses of a service" frontends
crossed "also when all others are replaced" replaced
for how in removed draining weight; do
	crossed "a client moves when its backend is $how, and stays there" moved $how
done
crossed "the time counts from the last new connection" expires
crossed "services are apart" services_apart
families tcp "the policy local goes before what a client keeps" policy_local
families udp "entries are bounded, and the oldest go first" bounded
finish
