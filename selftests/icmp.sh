#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# ICMP errors about translated connections are translated, in both directions.
#
# vm: cpus=2 time=120
. "$(dirname "$0")/lib.sh"

bytes=3000000

set_mtu()
{
	ip -n "$lb" link set "$1" mtu "$2"
	if ((family == 4)); then
		in_ns "$cl" ip route flush cache
	else
		in_ns "$cl" ip -6 route flush cache
	fi
}

# The way to the backend is narrower than its ends know: the client must get to
# know, from the address that it believes to talk to.
to_backend()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "$@"
	set_mtu b1 1400
	run_traffic upload -n "$from" -b $bytes "$vip" 80
	is mtu "${got[mtu]}" 1400
}

from_outside()
{
	from=$out to_backend "${clusters[@]}"
}

from_pod()
{
	from=$cl to_backend --no-cluster-networks
}

# The way back is narrower: the backend must get to know, about the connection
# that it sees.
to_client()
{
	ctl add-svc "$svc" --ep "${ep[1]}"
	ctl set "$@"
	set_mtu "$device" 1300
	run_traffic download -n "$from" -b $bytes "$vip" 80
	in_ns "$b1" ip "-$family" route get "$seen" | tee /dev/stderr | grep 'mtu 1300'
}

to_outside()
{
	from=$out device=out seen=$node to_client "${clusters[@]}"
}

to_pod()
{
	from=$cl device=cl seen=$cl_addr to_client --no-cluster-networks
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

# A client that is gone: the backend hears about it under the client's address.
client_gone()
{
	local heard

	ctl add-svc "$svc" --ep "${ep[1]}"
	connection one "$cl" "$vip" 80
	talk one
	is name "${said[0]}" b1
	in_ns "$b1" timeout 20 tcpdump -nlp -c 1 -i eth0 \
		'icmp[0] = 3 or (icmp6 and ip6[40] = 1)' >"$tmp/heard" 2>"$tmp/watching" &
	wait_for 10 grep -q "listening" "$tmp/watching"
	# What comes for a closed port on the way back is answered with an error.
	in_ns "$cl" ip "-$family" route add prohibit "$vip"
	in_ns "$cl" ip "-$family" route del prohibit "$vip"
	"$traffic" client -u -n "$cl" -P 41000 -t 1 "$vip" 80
	wait
	heard=$(cat "$tmp/heard")
	echo "$heard"
	[[ $heard == *"$cl_addr > ${pod[1]}:"*unreachable* ]]
}

begin
families tcp "path MTU to the backend, from a pod" from_pod
families tcp "path MTU to the backend, from a masqueraded client" from_outside
families tcp "path MTU to the client, a pod" to_pod
families tcp "path MTU to the client, masqueraded" to_outside
families udp "a datagram too big for the way to the backend" too_big
for device in b1 cl out; do
	ip -n "$lb" link set "$device" mtu 1500
done
families udp "a backend's port unreachable comes from the service" unreachable
families udp "a client's port unreachable reaches the backend" client_gone
finish
