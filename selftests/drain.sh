#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What becomes of established connections when backends and services come and
# go.
#
# vm: cpus=2 time=300 on=uml,uml+direct
. "$(dirname "$0")/lib.sh"

# A service's address that also is a server's outside: who asks there while it
# is no service is answered by that.
outside_vip()
{
	ip -n "$out" address replace "$vip/$((family == 4 ? 32 : 128))" dev lo nodad
}

# answered_by CONNECTION NAME
answered_by()
{
	talk "$1"
	is "$1 answered by" "${said[0]}" "$2"
}

# not_answered_by CONNECTION NAME: but by another backend.
not_answered_by()
{
	talk "$1"
	[[ ${said[0]} =~ ^b[1-4]$ ]]
	[[ ${said[0]} != "$2" ]]
}

# avoided NAME: by 40 new connections.
avoided()
{
	all_answered "$cl" 40 "${distinct[@]}" "$vip" 80
	is "connections of $1" "${got[backend $1]-0}" 0
}

# A TCP connection keeps its backend, whatever becomes of that.
tcp()
{
	ctl add-svc "$svc" --node-port 30000 --ep "${ep[1]}"
	connection pod "$cl" "$vip" 80
	connection node "$lb" "$vip" 80
	connection outside "$out" "$node" 30000
	answered_by pod b1
	answered_by node b1
	answered_by outside b1
	"$traffic" download -n "$cl" -b 30000000 -w "$tmp/go" "$vip" 80 >"$tmp/download" 2>&1 &
	wait_for 20 grep -q begun "$tmp/download"
	ctl add-ep "$svc" "${ep[2]}" "${ep[3]}"
	ctl del-ep "$svc" "${ep[1]}"
	avoided b1
	: >"$tmp/go"
	wait $!
	rm "$tmp/go"
	cat "$tmp/download"
	grep 'begun b1' "$tmp/download"
	grep 'bytes 30000000' "$tmp/download"
	answered_by pod b1
	answered_by node b1
	answered_by outside b1
	ctl edit-ep "$svc" "${ep[2]}" --draining
	ctl del-svc "$svc"
	answered_by pod b1
	answered_by node b1
	answered_by outside b1
}

# A UDP flow goes to another backend at once.
udp()
{
	local removed

	add_all "$svc" --node-port 30000
	ctl set "${clusters[@]}"
	for who in pod node outside; do
		case $who in
		pod) connection pod "$cl" "$vip" 80 ;;
		node) connection node "$lb" "$vip" 80 ;;
		outside) connection outside "$out" "$node" 30000 ;;
		esac
		talk "$who"
		removed=${said[0]}
		answered_by "$who" "$removed"
		ctl del-ep "$svc" "${ep[${removed#b}]}"
		not_answered_by "$who" "$removed"
		ctl add-ep "$svc" "${ep[${removed#b}]}"
	done
}

# Replacing a service whole removes backends too.
udp_replaced()
{
	ctl add-svc "$svc" --name test/one --ep "${ep[1]}" --ep "${ep[2]},draining"
	connection one "$cl" "$vip" 80
	answered_by one b1
	ctl add-svc "$svc" --name test/one --ep "${ep[3]}" --replace
	answered_by one b3
}

last_backend()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	connection one "$cl" "$vip" 80
	answered_by one b1
	ctl del-ep "$svc" "${ep[1]}"
	answered_by one ECONNREFUSED
	ctl add-ep "$svc" "${ep[2]}"
	answered_by one b2
}

# The service, one of its addresses, a node port, everything: what is gone does
# not translate.
frontends()
{
	outside_vip
	add_all "$svc" --node-port 30000
	connection one "$cl" "$vip" 80
	connection two "$cl" "$vip" 80
	connection three "$cl" -t 500 "$node" 30000
	talk one
	is "is a backend" "${said[0]:0:1}" b
	talk two
	talk three
	is "is a backend" "${said[0]:0:1}" b
	ctl edit-svc "$svc" --no-node-port 30000
	answered_by three ECONNREFUSED
	ctl edit-svc "$svc" --add "$svc2" --remove "$svc"
	answered_by one out
	ctl edit-svc "$svc2" --add "$svc"
	not_answered_by one out
	ctl del-svc "$svc"
	answered_by one out
	answered_by two out
	add_all "$svc"
	not_answered_by two out
	ctl flush
	answered_by two out
}

# A flow that was there before the service.
taken_over()
{
	outside_vip
	connection one "$cl" "$vip" 80
	connection node "$lb" "$vip" 80
	answered_by one out
	answered_by node out
	ctl add-svc "$svc" --ep "${ep[1]}"
	answered_by one b1
	answered_by node b1
}

# flow_is STATE PORT: whether conntrack has the attempt of that client's port.
flow_is()
{
	in_ns "$lb" conntrack -L -f "ipv$family" -p tcp 2>/dev/null |
		grep "$1.*sport=$2 .*UNREPLIED"
}

# attempt PORT: begins a connection; what became of it is in $tmp/attempt.
attempt()
{
	"$traffic" client -n "$cl" -P "$1" -t 20000 "$vip" 80 >"$tmp/attempt" 2>&1 &
	wait_for 20 flow_is SYN_SENT "$1"
}

attempt_reached()
{
	wait
	cat "$tmp/attempt"
	grep "backend $1 1" "$tmp/attempt"
}

# A TCP connection that nobody has answered yet is not established: its next SYN
# goes where a new connection goes.
attempt_before_service()
{
	attempt 43001
	ctl add-svc "$svc" --ep "${ep[1]}"
	attempt_reached b1
}

# Nobody answers behind the node's interface "own".
attempt_at_dead_backend()
{
	local dead=10.244.3.9 at_dead=10.244.3.9:8080

	if ((family == 6)); then
		dead=fd00:10:244:3::9 at_dead="[fd00:10:244:3::9]:8080"
	fi
	ip -n "$lb" "-$family" route replace "$dead" dev own
	ctl add-svc "$svc" --ep "$at_dead"
	attempt 43002
	ctl add-ep "$svc" "${ep[2]}"
	ctl del-ep "$svc" "$at_dead"
	attempt_reached b2
}

draining()
{
	local kept others i

	add_all "$svc"
	connection one "$cl" "$vip" 80
	talk one
	kept=${said[0]}
	ctl edit-ep "$svc" "${ep[${kept#b}]}" --draining
	answered_by one "$kept"
	avoided "$kept"
	ctl edit-ep "$svc" "${ep[${kept#b}]}" --no-draining -w 0
	answered_by one "$kept"
	avoided "$kept"
	# Neither does it mind what becomes of the others.
	for i in 1 2 3 4; do
		[[ b$i == "$kept" ]] || others+=" ${ep[i]}"
	done
	# shellcheck disable=SC2086 # several endpoints
	ctl del-ep "$svc" $others
	answered_by one "$kept"
	ctl edit-ep "$svc" "${ep[${kept#b}]}" -w 1
	answered_by one "$kept"
	ctl del-ep "$svc" "${ep[${kept#b}]}"
	answered_by one ECONNREFUSED
}

# flow_ids: of the UDP flows of the pod's fixed ports. Those of the direct datapath
# have none, but their backends.
flow_ids()
{
	if [[ ${DATAPATH-} == direct ]]; then
		ctl flows -j --protocol udp | tr '{' '\n' |
			sed -n 's/.*"client":"[^"]*:\(4200[0-9]\)".*"endpoint":"\([^"]*\)".*/\1 \2/p' | sort
		return
	fi
	in_ns "$lb" conntrack -L -f "ipv$family" -p udp -o id 2>/dev/null |
		grep -oE 'sport=4200[0-9] .*' |
		sed 's/^sport=\(4200[0-9]\).*\(id=[0-9]*\).*/\1 \2/' | sort
}

# Only the flows of the backend removed are deleted.
unrelated()
{
	local before after deleted nr=9

	# It does not know of what is not for services.
	[[ ${DATAPATH-} != direct ]] || nr=7
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl add-svc "$svc2" --ep "${ep[2]}" --ep "${ep[1]}"
	connection direct "$cl" -P 42001 "${pod[1]}" 8080
	connection beside "$cl" -P 42002 "$foreign" 80
	connection first "$cl" -P 42003 "$vip" 80
	answered_by direct b1
	answered_by beside out
	answered_by first b1
	for i in 4 5 6 7 8 9; do
		connection "second$i" "$cl" -P "4200$i" "$vip2" 80
		talk "second$i"
	done
	before=$(flow_ids)
	is flows "$(wc -l <<<"$before")" "$nr"
	deleted=$(counter stale_flows)
	ctl del-ep "$svc2" "${ep[2]}"
	deleted=$(($(counter stale_flows) - deleted))
	after=$(flow_ids)
	echo "before:" "$before" "after:" "$after"
	is "what is left" "$(comm -12 <(echo "$before") <(echo "$after") | wc -l)" \
		$((nr - deleted))
	is "what is new" "$(comm -13 <(echo "$before") <(echo "$after"))" ""
	# The same again, and a service more, delete nothing.
	ctl add-svc "$svc3" --ep "${ep[1]}"
	ctl add-ep "$svc" "${ep[3]}"
	ctl edit-ep "$svc" "${ep[1]}" -w 3
	ctl edit-svc "$svc" --scheduler rr
	is "what is left" "$(flow_ids)" "$after"
	answered_by first b1
}

# stale NUMBER COMMAND...: so many flows are deleted by it.
stale()
{
	local before

	before=$(counter stale_flows)
	"${@:2}"
	is "deleted flows" $(($(counter stale_flows) - before)) "$1"
}

# It gets connections, but each change ends its flows.
not_serving()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	connection one "$cl" "$vip" 80
	answered_by one b1
	stale 1 ctl edit-ep "$svc" "${ep[1]}" --not-serving
	answered_by one b1
	stale 1 ctl add-svc "$svc2" --ep "${ep[3]}"
	answered_by one b1
	stale 0 ctl edit-ep "$svc" "${ep[1]}" --no-not-serving
	stale 0 ctl add-svc "$svc3" --ep "${ep[3]}"
	answered_by one b1
}

begin
families tcp "a removed backend and a removed service keep their connections" tcp
families udp "a removed backend's flows move at once" udp
families udp "a replaced backend's flows move at once" udp_replaced
families udp "without a backend flows are refused at once" last_backend
families udp "what is no service any more does not translate, at once" frontends
families udp "a flow older than the service is taken over" taken_over
families udp "a draining backend keeps its flows" draining
families udp "other flows are not touched" unrelated
families udp "a backend that does not serve keeps no flows" not_serving
finish
