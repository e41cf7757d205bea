#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ICMP errors about translated connections are translated, in both directions.
#
# vm: cpus=2 time=400 on=uml,uml+direct
. "$(dirname "$0")/lib.sh"

bytes=3000000

# set_mtu DEVICE BYTES: of the node; all others are as at first, and nobody
# remembers anything of the way to the service.
set_mtu()
{
	local device

	for device in b1 cl out; do
		ip -n "$lb" link set "$device" mtu 1500
	done
	ip -n "$lb" link set "$1" mtu "$2"
	for ns in "$cl" "$out" "$b1"; do
		ip -n "$ns" "-$family" route flush cache
	done
}

# The way to the backend is narrower than its ends know: the client must get to
# know, from the address that it believes to talk to.
#
# to_backend NAMESPACE SETTING...
to_backend()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${@:2}"
	set_mtu b1 1400
	run_traffic upload -n "$1" -b "$bytes" "$vip" 80
	is mtu "${got[mtu]}" 1400
}

from_outside()
{
	to_backend "$out" "${clusters[@]}"
}

from_pod()
{
	to_backend "$cl" --no-cluster-networks
}

# The way back is narrower: the backend must get to know, about the connection
# that it sees.
#
# to_client NAMESPACE DEVICE SEEN SETTING...: the backend sees that address.
to_client()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${@:4}"
	set_mtu "$2" 1300
	run_traffic download -n "$1" -b "$bytes" "$vip" 80
	seen=$3
	if [[ $seen == masqueraded ]]; then
		seen=$(sed -n 's/^begun b1 \([^ ]*\) .*/\1/p' "$tmp/result")
	fi
	in_ns "$b1" ip "-$family" route get "$seen" | tee /dev/stderr | grep 'mtu 1300'
}

to_outside()
{
	to_client "$out" out masqueraded "${clusters[@]}"
}

to_pod()
{
	to_client "$cl" cl "$cl_addr" --no-cluster-networks
}

# probe NAMESPACE BYTES: what the client hears about a datagram.
probe()
{
	"$traffic" probe -n "$1" -b "$2" "$vip" 80 | tee "$tmp/heard"
}

too_big()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${clusters[@]}"
	set_mtu b1 1400
	probe "$cl" 1450
	is heard "$(cat "$tmp/heard")" "error EMSGSIZE from $vip about $vip 80 mtu 1400"
	probe "$out" 1450
	is heard "$(cat "$tmp/heard")" "error EMSGSIZE from $vip about $vip 80 mtu 1400"
}

# The backend itself complains: it has no server there.
unreachable()
{
	set_mtu b1 1500
	ctl add-svc "$svc" --ep "${ep[1]%:*}:9"
	ctl set "${clusters[@]}"
	for ns in "$cl" "$out" "$lb"; do
		probe "$ns" 100
		is heard "$(cat "$tmp/heard")" \
			"error ECONNREFUSED from $vip about $vip 80 mtu 0"
		client "$ns" -t 900 "$vip" 80
		is refused "${got[error ECONNREFUSED]-0}" 1
	done
}

# A client that does not take the answers: the backend hears about those that it
# sent, from the client as it sees it.
#
# refusal NAMESPACE SETTING...
refusal()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "${@:2}"
	in_ns "$1" nft -f - <<-END
	table inet refuse {
		chain input {
			type filter hook input priority 0
			udp sport 80 reject with icmpx type port-unreachable
		}
	}
	END
	in_ns "$b1" timeout 30 tcpdump -nlvp -c 3 -i eth0 \
		'udp or icmp[0] = 3 or (icmp6 and ip6[40] = 1)' \
		>"$tmp/heard" 2>"$tmp/watching" &
	wait_for 20 grep -q "listening" "$tmp/watching"
	client "$1" -t 300 "$vip" 80
	wait_for 20 grep -q unreachable "$tmp/heard"
	in_ns "$1" nft flush ruleset
	cat "$tmp/heard"
	# The question, the answer, the error with what it is about.
	from=$(grep -o '[^ ]*\.[0-9]* > [^ ]*\.8080:' "$tmp/heard" | head -n 1)
	from=${from%% *}
	tr -d '\n' <"$tmp/heard" | grep -F "${from%.*} > ${pod[1]}:" |
		grep -F "${pod[1]}.8080 > $from:"
}

begin
families tcp "path MTU to the backend, from a pod" from_pod
families tcp "path MTU to the backend, from a masqueraded client" from_outside
families tcp "path MTU to the client, a pod" to_pod
families tcp "path MTU to the client, masqueraded" to_outside
families udp "a datagram too big for the way to the backend" too_big
families udp "a backend's port unreachable comes from the service" unreachable
families udp "a pod's port unreachable reaches the backend" refusal "$cl" --no-cluster-networks
families udp "a masqueraded client's port unreachable reaches the backend" \
	refusal "$out" "${clusters[@]}"
finish
