#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# SYN fail-over: a connection that a backend does not answer is moved to another
# one, if the service says so.
#
# vm: cpus=2 time=240 on=uml,uml+direct
. "$(dirname "$0")/lib.sh"

# A client sends its SYN again after a second, then after two more.
second=1000
# Milliseconds in which a connection was answered or has been given up.
patience=$((9 * second * ${SLOWER:-1}))

# Backends that do not answer: addresses that b1 routes, but that nobody has. Of
# packets to silent[n] nothing is heard, of those to away[n] that there is no way;
# of that one hears only about once a second.
silent=() away=() unreachable=

make_dead()
{
	local i

	in_ns "$b1" sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
	for i in 1 2 3 4 5 6; do
		ip -n "$lb" -batch - <<-END
		route add 10.244.3.$i/32 via inet 10.244.2.1 dev b1 onlink
		route add 10.244.4.$i/32 via inet 10.244.2.1 dev b1 onlink
		route add fd00:10:244:3::$i/128 via fd00:10:244:2::1 dev b1 onlink
		route add fd00:10:244:4::$i/128 via fd00:10:244:2::1 dev b1 onlink
		END
		ip -n "$b1" -batch - <<-END
		route add blackhole 10.244.3.$i/32
		route add unreachable 10.244.4.$i/32
		route add blackhole fd00:10:244:3::$i/128
		route add unreachable fd00:10:244:4::$i/128
		END
	done
}

name_dead()
{
	local i

	for i in 1 2 3 4 5 6; do
		if ((family == 4)); then
			silent[i]=10.244.3.$i:8080 away[i]=10.244.4.$i:8080
			unreachable=EHOSTUNREACH
		else
			silent[i]=[fd00:10:244:3::$i]:8080 away[i]=[fd00:10:244:4::$i]:8080
			unreachable=ENETUNREACH
		fi
	done
}

# service SWITCH BACKEND...: the first ones come first. Attempts of before that nobody
# answered are forgotten, or a port that is used again would find one.
service()
{
	local backend weight=100 all=()

	for backend in "${@:2}"; do
		weight=$((weight - 1))
		all+=(--ep "$backend,w=$weight")
	done
	ctl add-svc "$svc" --scheduler failover --syn-failover "$1" --replace "${all[@]}"
	in_ns "$lb" conntrack -D -f "ipv$family" -p tcp --state SYN_SENT >/dev/null 2>&1 || true
}

# moves COUNT COMMAND...: the command makes so many connections move.
moves()
{
	local before

	before=$(counter syn_failovers)
	"${@:2}"
	is "connections moved" $(($(counter syn_failovers) - before)) "$1"
}

# arrive NAME COUNT NAMESPACE OPTION...: all connections reach the backend.
arrive()
{
	all_answered "$3" "$2" -t "$patience" "${@:4}" "$vip" 80
	is "connections of $1" "${got[backend $1]-0}" "$2"
}

# fail ERROR COUNT MILLISECONDS: all connections end with the error.
fail()
{
	client "$cl" -c "$2" -t "$3" "$vip" 80 || true
	is answers "${got[answers]}" 0
	is "$1" "${got[error $1]-0}" "$2"
}

on_silence()
{
	name_dead
	service on "${silent[1]}" "${ep[2]}"
	moves 6 arrive b2 6 "$cl"
	# Those that are masqueraded, and the node's own.
	ctl set "${clusters[@]}"
	moves 3 arrive b2 3 "$out"
	moves 3 arrive b2 3 "$lb"
}

on_error()
{
	name_dead
	service on "${away[1]}" "${ep[2]}"
	moves 3 arrive b2 3 "$cl"
	ctl set "${clusters[@]}"
	moves 3 arrive b2 3 "$out"
	moves 3 arrive b2 3 "$lb"
}

# By default nothing moves.
off()
{
	name_dead
	service off "${silent[1]}" "${ep[2]}"
	moves 0 fail timeout 3 $((2 * second))
	service off "${away[1]}" "${ep[2]}"
	moves 0 fail "$unreachable" 1 $((2 * second))
}

# The second attempt is moved again, to one that was not tried.
twice()
{
	name_dead
	service on "${silent[1]}" "${away[1]}" "${ep[3]}"
	all_answered "$cl" 4 -t "$patience" "$vip" 80
	is "connections of b3" "${got[backend b3]-0}" 4
}

# When all were tried the client is told, and its connection moves no more.
all_dead()
{
	name_dead
	service on "${silent[1]}" "${away[1]}"
	moves 1 fail "$unreachable" 1 "$patience"
	service on "${away[1]}"
	moves 0 fail "$unreachable" 1 $((2 * second))
	service on "${silent[1]}"
	moves 0 fail timeout 2 $((2 * second))
}

# A reset is an answer.
reset()
{
	local closed=${ep[1]%8080}9

	service on "$closed" "${ep[2]}"
	moves 0 fail ECONNREFUSED 5 $((2 * second))
}

# What has answered is not left, whatever would be chosen now.
established()
{
	local said=()

	service on "${ep[1]}" "${ep[2]}"
	connection one "$cl" "$vip" 80
	talk one
	is backend "${said[0]}" b1
	ctl edit-ep "$svc" "${ep[2]}" -w 65535
	talk one
	is backend "${said[0]}" b1
}

# The client stays with the backend that answered.
affinity()
{
	local name

	name_dead
	service on "${silent[1]}" "${ep[2]}" "${ep[3]}"
	ctl edit-svc "$svc" --affinity 100
	moves 1 all_answered "$cl" 1 -t "$patience" "$vip" 80
	for name in b2 b3; do
		[[ ${got[backend $name]-0} == 0 ]] || break
	done
	moves 0 arrive "$name" 5 "$cl"
}

# How many new connections the service has sent somewhere.
connections()
{
	ctl list -s -j "$1" | tr -d ' \n' | grep -o '"connections":[0-9]*' | head -n 1 |
		cut -d : -f 2
}

# tries COUNT: as many as that have been made.
tries()
{
	[[ $(connections "$svc") == "$1" ]]
}

# leaves CHANGE...: what goes on trying finds the backends of now, not those of its
# first attempt.
leaves()
{
	local trial before

	service on "${silent[1]}" "${ep[2]}"
	before=$(connections "$svc")
	"$traffic" client -n "$cl" -t "$patience" "$vip" 80 >"$tmp/trial" &
	trial=$!
	wait_for 20 tries $((before + 1))
	"$@" "$svc" "${silent[1]}"
	wait "$trial"
	cat "$tmp/trial"
	grep "^backend b2 1$" "$tmp/trial"
}

removed()
{
	name_dead
	leaves ctl del-ep
	leaves ctl edit-ep -w 0
}

# One of four is dead: whatever the scheduler, all connections are answered.
# Meanwhile another service has six dead ones; after four moves a connection stays
# where it is, and the client is told.
every_scheduler()
{
	local name trial dead=()

	name_dead
	for name in "${away[@]}"; do
		dead+=(--ep "$name")
	done
	ctl add-svc "$svc2" --syn-failover on "${dead[@]}"
	"$traffic" client -n "$cl" -t $((3 * patience)) "$vip2" 80 >"$tmp/trial" &
	trial=$!
	for name in random wrandom rr wrr lc wlc p2c sh maglev; do
		echo "$name"
		ctl add-svc "$svc" --scheduler "$name" --syn-failover on --replace \
			--ep "${silent[1]}" --ep "${ep[2]}" --ep "${ep[3]}" --ep "${ep[4]}"
		all_answered "$cl" 12 -t "$patience" "$vip" 80
	done
	wait "$trial" || true
	cat "$tmp/trial"
	grep -q "^error $unreachable 1$" "$tmp/trial"
	is "attempts of one connection" "$(connections "$svc2")" 5
}

begin
make_dead
families tcp "off: a silent backend keeps its connections" off
families tcp "on: silence moves a connection" on_silence
families tcp "on: an ICMP error moves a connection" on_error
families tcp "on: two dead backends are passed over" twice
families tcp "on: with all dead the client hears of it" all_dead
families tcp "on: a backend that resets was heard" reset
families tcp "on: an open connection does not move" moves 0 established
families tcp "on: a backend that is gone or drained is not tried again" removed
families tcp "on: the client keeps the backend that answered" affinity
use 4 tcp
check "on: every scheduler finds another one, four times at most" every_scheduler
finish
