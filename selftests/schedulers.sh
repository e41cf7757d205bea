#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The schedulers that count connections, hash the client, hash consistently or
# fail over: where packets go, and where they would go.
#
# vm: cpus=2 time=240 on=uml
. "$(dirname "$0")/lib.sh"

sched=./sched

# Where a test of the dry run has its service: without any interface.
na=na-$$ nb=nb-$$

# Chi-square with N degrees of freedom exceeds critical[N] once in a million
# runs: see distribution.sh. In thousandths.
critical=([3]=30665)

# chi_square WEIGHT...: of the backends' shares, by their numbers, in "got".
chi_square()
{
	local i weight total=0 statistic=0 expected observed

	for weight in "$@"; do
		total=$((total + weight))
	done
	i=0
	for weight in "$@"; do
		i=$((i + 1))
		observed=${got[backend b$i]-0}
		expected=$((got[answers] * 1000 * weight / total))
		statistic=$((statistic + (observed * 1000 - expected) ** 2 / expected))
	done
	between "chi-square in thousandths" "$statistic" 0 "${critical[$# - 1]}"
}

weighted()
{
	ctl add-svc "$svc" --scheduler "$1" --ep "${ep[1]},w=1" --ep "${ep[2]},w=2" \
		--ep "${ep[3]},w=3" --ep "${ep[4]},w=4"
}

#
# By the number of connections
#

# active NUMBER: how many connections the backend has now.
active()
{
	ctl list "$svc" -c -j | tr -d ' \n' | tr '{' '\n' | grep -F "\"${pod[$1]}\"" |
		sed -n 's/.*"active_connections":\([0-9]*\).*/\1/p'
}

# has NUMBER COUNT [MORE]: so many, two more or less. A connection that is made
# while they are counted may be noticed late.
has()
{
	local now

	now=$(active "$1")
	echo "b$1 has $now"
	between "connections of b$1" "${now:-0}" $(($2 - ${3-2})) $(($2 + ${3-2}))
}

# hold COUNT ADDRESS PORT: connections that stay; their process is in "held".
hold()
{
	local fd line=

	mkfifo "$tmp/hold.in" "$tmp/hold.out"
	"$sched" hold -n "$cl" "${udp[@]}" -c "$@" <"$tmp/hold.in" >"$tmp/hold.out" 2>&1 &
	held+=($!)
	exec {fd}>"$tmp/hold.in"
	exec {fd}<"$tmp/hold.out"
	rm "$tmp/hold.in" "$tmp/hold.out"
	read -r -t 30 -u "$fd" line || line=nothing
	is "connections" "$line" "held $1"
}

# end_first: the first held ones; of UDP, all that b1 has.
end_first()
{
	kill "${held[0]}"
	[[ $proto == tcp ]] || in_ns "$lb" conntrack -D -f "ipv$family" -p udp -r "${pod[1]}" \
		>/dev/null 2>&1
}

# Each second one counts anew. All connections here stay.
lc()
{
	local held=()

	ctl add-svc "$svc" --scheduler lc --ep "${ep[1]},w=50"
	hold 20 "$vip" 80
	wait_for 10 has 1 20
	# A new backend gets all until it has as many; from then on they are even,
	# whatever the weights.
	ctl add-ep "$svc" "${ep[2]}"
	hold 30 "$vip" 80
	wait_for 10 has 1 25
	has 2 25
	# What ends makes room: of TCP 20 connections of b1, of UDP all.
	end_first
	wait_for 10 has 1 "$([[ $proto == tcp ]] && echo 5 || echo 0)"
	hold 15 "$vip" 80
	wait_for 10 has 1 "$([[ $proto == tcp ]] && echo 20 || echo 15)"
	has 2 25
}

# Connections that end at once are spread all the same.
lc_of_short_ones()
{
	weighted lc
	all_answered "$cl" 200 "${distinct[@]}" "$vip" 80
	for i in 1 2 3 4; do
		between "b$i" "${got[backend b$i]}" 46 54
	done
}

wlc()
{
	local held=() i

	weighted wlc
	hold 60 "$vip" 80
	for i in 1 2 3 4; do
		wait_for 10 has "$i" $((6 * i))
	done
}

# Random choices would give one of them less or more in six runs of seven.
p2c()
{
	local i

	add_all "$svc" --scheduler p2c
	all_answered "$cl" 200 "${distinct[@]}" "$vip" 80
	for i in 1 2 3 4; do
		between "b$i" "${got[backend b$i]}" 46 54
	done
}

p2c_weighted()
{
	local held=() i

	weighted p2c
	hold 200 "$vip" 80
	for i in 1 2 3 4; do
		wait_for 10 has "$i" $((20 * i)) 10
	done
}

#
# By the client
#

# one_backend NAMESPACE OPTION...: all connections go to one, its name in "one".
one_backend()
{
	all_answered "$1" 20 "${@:2}" "$vip" 80
	is backends "${got[backends]}" 1
	for one in b1 b2 b3 b4; do
		[[ ! ${got[backend $one]-} ]] || return 0
	done
}

source_hash()
{
	local one first second

	weighted sh
	one_backend "$cl"
	first=$one
	one_backend "$out" -s "$out_addr"
	second=$one
	# As long as the set does not change, whatever else does.
	add_all "$svc2" --scheduler rr
	ctl edit-svc "$svc" --affinity 10 --generation 5
	ctl edit-svc "$svc" --affinity off
	ctl edit-ep "$svc" "${ep[1]}" -w 1
	one_backend "$cl"
	is "backend of the pod" "$one" "$first"
	one_backend "$out" -s "$out_addr"
	is "backend of the client outside" "$one" "$second"
	# One that goes is not used any more.
	ctl edit-ep "$svc" "${ep[${first#b}]}" --draining
	# A port that is used again would find its flow of before.
	in_ns "$lb" conntrack -F
	one_backend "$cl"
	if [[ $one == "$first" ]]; then
		return 1
	fi
}

# The first of many that are nowhere, for the dry run.
clients()
{
	((family == 4)) && echo 198.18.0.0 || echo 2001:db8:2::
}

# would_go COUNT OPTION...: makes what sched says look like what traffic says.
would_go()
{
	local count address port name

	"$sched" flows -n "$lb" "${udp[@]}" -c "$@" "$vip" 80 >"$tmp/flows"
	got=([answers]=$(wc -l <"$tmp/flows"))
	is flows "${got[answers]}" "$1"
	while read -r count address port; do
		is port "$port" 8080
		name=b${address##*[.:]}
		got[backend $name]=$count
		echo "  $name $count"
	done < <(sort "$tmp/flows" | uniq -c)
}

# Clients are told apart by their addresses or, with maglev, by their ports too.
shares_by_weight()
{
	weighted sh
	would_go 1000 -s "$(clients)"
	chi_square 1 2 3 4
	ctl edit-svc "$svc" --scheduler maglev
	would_go 1000 -s "$(clients)"
	chi_square 1 2 3 4
	would_go 1000 -s "$cl_addr" -P 20000
	chi_square 1 2 3 4
}

# Packets go where the dry run says, one by one.
as_predicted()
{
	local name first=20000

	rm -f "$tmp/all"
	weighted random
	for name in sh maglev failover; do
		ctl edit-svc "$svc" --scheduler "$name"
		first=$((first + 100))
		"$sched" flows -n "$lb" "${udp[@]}" -c 30 -s "$cl_addr" -P "$first" "$vip" 80 |
			sed 's/.*[.:]\([1-4]\) 8080$/b\1/' >"$tmp/flows"
		all_answered "$cl" 30 -j 1 -e -P "$first" "$vip" 80
		awk '/^each/ { print $2 }' "$tmp/result" | tee -a "$tmp/all" >"$tmp/each"
		is "flows" "$(grep -c '^b[1-4]$' "$tmp/flows")" 30
		diff "$tmp/flows" "$tmp/each"
		[[ $name == maglev ]] || is "$name: backends" "${got[backends]}" 1
	done
	# Of 30 connections all four have some, or else it would be no test.
	between "backends of all" "$(sort -u "$tmp/all" | wc -l)" 3 4
}

#
# Maglev
#

new_nodes()
{
	local node

	for node in "$na" "$nb"; do
		[[ ! -e /run/netns/$node ]] || ip netns delete "$node"
		ip netns add "$node"
	done
}

# backend NUMBER
backend()
{
	if ((family == 4)); then
		echo "10.244.$(($1 / 200)).$(($1 % 200 + 1)):8080"
	else
		printf '[fd00:10:244:2::%x]:8080\n' $(($1 + 1))
	fi
}

# backends NUMBER...: as options.
backends()
{
	local i

	for i in "$@"; do
		echo "--ep $(backend "$i")"
	done
}

# flows NODE FILE COUNT: where they would go, one in a line.
flows()
{
	"$sched" flows -n "$1" "${udp[@]}" -s "$(clients)" -c "$3" "$vip" 80 >"$tmp/$2"
	is flows "$(wc -l <"$tmp/$2")" "$3"
}

# moved FILE FILE: how many flows go elsewhere, and how many of them need not:
# where they went is in the second file too.
moved()
{
	paste "$tmp/$1" "$tmp/$2" >"$tmp/both"
	all=$(awk '$1 != $3' "$tmp/both" | wc -l)
	needless=$(awk 'NR == FNR { there[$1] = 1; next } $1 != $3 && there[$1]' \
		"$tmp/$2" "$tmp/both" | wc -l)
}

# maglev_service NODE NUMBER...: with as many backends as there are numbers.
maglev_service()
{
	# shellcheck disable=SC2046 # one word each
	"$svclbctl" -n "$1" add-svc "$svc" --name big --scheduler maglev --replace \
		$(backends "${@:2}")
}

# Two nodes that were told of the same backends in another order, and one of
# them of others before: numbers and history differ, choices do not.
nodes_agree()
{
	local all needless i
	local -a order

	new_nodes
	"$svclbctl" -n "$na" set --maglev-seed 4711
	"$svclbctl" -n "$nb" set --maglev-seed 4711
	mapfile -t order < <(seq 1 20)
	maglev_service "$na" "${order[@]}"
	mapfile -t order < <(seq 12 30)
	maglev_service "$nb" "${order[@]}"
	mapfile -t order < <(seq 20 -1 1)
	maglev_service "$nb" "${order[@]}"
	flows "$na" a 2000
	flows "$nb" b 2000
	is "backends in use" "$(sort -u "$tmp/a" | wc -l)" 20
	cmp "$tmp/a" "$tmp/b"
	# Which backends are local is another matter on each node.
	for i in 3 8 19; do
		"$svclbctl" -n "$na" edit-ep big "$(backend "$i")" --local
		"$svclbctl" -n "$nb" edit-ep big "$(backend $((i - 2)))" --local
	done
	flows "$na" a2 2000
	flows "$nb" b2 2000
	cmp "$tmp/a" "$tmp/a2"
	cmp "$tmp/a" "$tmp/b2"
	"$svclbctl" -n "$na" edit-svc big --scheduler failover
	"$svclbctl" -n "$nb" edit-svc big --scheduler failover
	flows "$na" a2 1
	flows "$nb" b2 1
	cmp "$tmp/a2" "$tmp/b2"
	# Another seed: they agree by chance, which is about one in 20.
	"$svclbctl" -n "$nb" set --maglev-seed 4712
	maglev_service "$nb" "${order[@]}"
	flows "$nb" b 2000
	moved a b
	comment "other seed: $all of 2000 flows go elsewhere"
	between "flows that go elsewhere" "$all" 1850 1950
}

# Section 5.3 of the paper: few more flows move than those of the backend that
# goes. Where it comes back, all are as before.
disruption()
{
	local count=$1 total=$2 limit=$3 all needless gone
	local -a order

	new_nodes
	mapfile -t order < <(seq 1 "$count")
	maglev_service "$na" "${order[@]}"
	flows "$na" a "$total"
	unset "order[$((count / 2))]"
	maglev_service "$na" "${order[@]}"
	flows "$na" b "$total"
	moved a b
	gone=$((all - needless))
	comment "1 of $count backends goes: $gone of $total flows move with it, $needless more"
	between "flows of the backend that goes" "$gone" $((total * 7 / 10 / count)) \
		$((total * 14 / 10 / count))
	between "other flows that move" "$needless" 0 "$limit"
	mapfile -t order < <(seq 1 "$count")
	maglev_service "$na" "${order[@]}"
	flows "$na" b "$total"
	cmp "$tmp/a" "$tmp/b"
}

# What the test compares with: hashing that is not consistent moves nearly all.
disruption_is_noticed()
{
	local all needless
	local -a order

	new_nodes
	mapfile -t order < <(seq 1 20)
	maglev_service "$na" "${order[@]}"
	"$svclbctl" -n "$na" edit-svc big --scheduler random
	flows "$na" a 2000
	unset "order[9]"
	maglev_service "$na" "${order[@]}"
	"$svclbctl" -n "$na" edit-svc big --scheduler random
	flows "$na" b 2000
	moved a b
	comment "random: $all of 2000 flows move, $needless of them without need"
	between "other flows that move" "$needless" 200 2000
}

#
# Failover
#

# No client port comes twice: the flow of a UDP client is no new one then.
all_at()
{
	port=$((port + 20))
	all_answered "$cl" 20 -P "$port" "$vip" 80
	is "connections of b$1" "${got[backend b$1]-0}" 20
}

failover()
{
	local port=10000

	ctl add-svc "$svc" --scheduler failover --ep "${ep[1]},w=5" --ep "${ep[2]},w=9" \
		--ep "${ep[3]},w=7" --ep "${ep[4]},w=7"
	all_at 2
	ctl edit-ep "$svc" "${ep[2]}" --draining
	# Of several such the first.
	all_at 3
	ctl del-ep "$svc" "${ep[3]}"
	all_at 4
	ctl edit-ep "$svc" "${ep[4]}" -w 0
	all_at 1
	ctl add-ep "$svc" "${ep[3]},w=6"
	all_at 3
	ctl edit-ep "$svc" "${ep[2]}" --no-draining
	all_at 2
	ctl edit-ep "$svc" "${ep[1]}" -w 65535
	all_at 1
}

#
# All of them
#

# b3 drains, b4 has the weight 0. No client port comes twice.
idle()
{
	local name port=10000

	ctl add-svc "$svc" --ep "${ep[1]}" --ep "${ep[2]}" --ep "${ep[3]},draining" \
		--ep "${ep[4]},w=0"
	ctl add-svc "$svc2" --ep "${ep[3]},draining" --ep "${ep[4]},w=0"
	for name in lc wlc p2c sh maglev failover; do
		echo "$name"
		ctl edit-svc "$svc" --scheduler "$name"
		ctl edit-svc "$svc2" --scheduler "$name"
		port=$((port + 100))
		all_answered "$cl" 30 -P "$port" "$vip" 80
		is b3 "${got[backend b3]-0}" 0
		is b4 "${got[backend b4]-0}" 0
		client "$cl" -c 3 -P "$port" "$vip2" 80
		is "refused" "${got[error ECONNREFUSED]-0}" 3
	done
}

begin
[[ -x $sched ]] || skip "sched is not built: make -C selftests"
# UDP flows shall not end meanwhile.
in_ns "$lb" sysctl -qw net.netfilter.nf_conntrack_udp_timeout{,_stream}=600
crossed "lc: the backend with the fewest connections" lc
crossed "wlc: connections in proportion to the weights" wlc
crossed "p2c: nearly even" p2c
crossed "sh: a client stays with its backend" source_hash
crossed "failover: the greatest weight, else the next" failover
crossed "lc to failover: draining and weight 0 get no connection" idle
use 4 tcp
check "lc: short connections are spread" lc_of_short_ones
use 6 udp
check "p2c: about in proportion to the weights" p2c_weighted
families udp "sh, maglev: shares in proportion to the weights" shares_by_weight
crossed "sh, maglev, failover: packets go where the dry run says" as_predicted
families tcp "maglev: nodes with the same seed agree" nodes_agree
families tcp "maglev: 1 of 20 goes, few other flows move" disruption 20 2000 70
use 4 tcp
check "maglev: 1 of 100 goes, few other flows move" disruption 100 4000 120
check "the test of disruption finds what is not consistent" disruption_is_noticed
finish
