#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# NAT rules of others: those for what is not a service's work as before, and
# those for a service's address do not get it.
#
# vm: cpus=2 time=400 on=uml
. "$(dirname "$0")/lib.sh"

# Three ways to the same rules: ruleset is one of iptables-nft, iptables-legacy
# and nft.
ruleset=

# rules: DNAT of an address outside and of the service's address to b4, and
# masquerading of what the client pod sends outside.
rules()
{
	local tables=$ruleset

	case $ruleset in
	nft)
		in_ns "$lb" nft -f - <<-END
		table ${table:?} theirs {
			chain prerouting {
				type nat hook prerouting priority dstnat
				$table daddr $foreign $proto dport 81 dnat to ${ep[4]}
				$table daddr $vip $proto dport 80 dnat to ${ep[4]}
			}
			chain output {
				type nat hook output priority -100
				$table daddr $foreign $proto dport 81 dnat to ${ep[4]}
				$table daddr $vip $proto dport 80 dnat to ${ep[4]}
			}
			chain postrouting {
				type nat hook postrouting priority srcnat
				oifname out $table saddr $cl_addr masquerade
				oifname b3 $table saddr $cl_addr masquerade
			}
		}
		END
		return
		;;
	esac
	((family == 4)) || tables=${tables/iptables/ip6tables}
	for chain in PREROUTING OUTPUT; do
		in_ns "$lb" "$tables" -t nat -A "$chain" -d "$foreign" -p "$proto" --dport 81 \
			-j DNAT --to-destination "${ep[4]}"
		in_ns "$lb" "$tables" -t nat -A "$chain" -d "$vip" -p "$proto" --dport 80 \
			-j DNAT --to-destination "${ep[4]}"
	done
	in_ns "$lb" "$tables" -t nat -A POSTROUTING -s "$cl_addr" -o out -j MASQUERADE
	in_ns "$lb" "$tables" -t nat -A POSTROUTING -s "$cl_addr" -o b3 -j MASQUERADE
}

no_rules()
{
	case $ruleset in
	nft)
		in_ns "$lb" nft delete table "$table" theirs
		;;
	*)
		in_ns "$lb" "$ruleset" -t nat -F
		in_ns "$lb" "${ruleset/iptables/ip6tables}" -t nat -F
		;;
	esac
}

service()
{
	ctl add-svc "$svc" --scheduler rr --ep "${ep[1]}" --ep "${ep[2]}"
	ctl add-svc "$svc2" --ep "${ep[3]}"
}

# Their rules for what is not a service's.
theirs()
{
	local ns

	for ns in "$cl" "$lb" "$out"; do
		[[ $ns != "$out" ]] || continue
		all_answered "$ns" 8 "$foreign" 81
		is b4 "${got[backend b4]-0}" 8
	done
	all_answered "$cl" 8 "$foreign" 80
	is out "${got[backend out]-0}" 8
	is masqueraded $((${got[source $node]-0} + ${got[source $node2]-0})) 8
}

# The service's address is the service's, and a rule for sources works on
# connections that are not masqueraded yet.
ours()
{
	local ns

	for ns in "$cl" "$lb" "$out"; do
		all_answered "$ns" 8 "$vip" 80
		is b1 "${got[backend b1]-0}" 4
		is b2 "${got[backend b2]-0}" 4
	done
	all_answered "$cl" 8 "$vip2" 80
	is b3 "${got[backend b3]-0}" 8
	is "masqueraded by their rule" $((${got[source $node]-0} + ${got[source $node2]-0})) 8
}

# order FIRST SECOND: functions that make rules and services.
order()
{
	table=ip
	((family == 4)) || table=ip6
	trap no_rules EXIT
	"$1"
	"$2"
	theirs
	ours
	ctl flush
	theirs
	all_answered "$cl" 8 "$vip" 80
	is "b4, as there is no service any more" "${got[backend b4]-0}" 8
}

# Without a reason to masquerade, a service's connection keeps its source port
# even if a rule of theirs would change it; with one, theirs is not asked.
masqueraded_once()
{
	local before

	table=ip
	((family == 4)) || table=ip6
	trap no_rules EXIT
	rules
	service
	ctl set --masquerade-all on
	before=$(counter masqueraded)
	all_answered "$cl" 8 "$vip2" 80
	is masqueraded "$(counter masqueraded)" $((before + 8))
	is sources "${got[sources]}" 1
}

begin
for ruleset in iptables-nft iptables-legacy nft; do
	matrix "$ruleset: rules made before the service" order rules service
	matrix "$ruleset: rules made after the service" order service rules
done
ruleset=nft
matrix "svclb's masquerading goes before theirs" masqueraded_once
finish
