# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of svclbctl takeover share: connections that a kube-proxy's rules
# have, and what is to stay as it is.
# shellcheck source=selftests/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

patience=$((20 * ${SLOWER:-1}))

# tables TOOL: TOOL of the family in use, such as ip6tables-nft for iptables-nft.
tables()
{
	if ((family == 4)); then
		echo "$1"
	else
		echo "${1/iptables/ip6tables}"
	fi
}

# restore TOOL: rules from standard input, beside those that there are.
restore()
{
	in_ns "$lb" "$(tables "$1")-restore" --noflush
}

# table_state: all that is in tables, without what changes by itself.
table_state()
{
	local kind

	for kind in legacy nft; do
		in_ns "$lb" "$(tables "iptables-$kind")-save" | grep -v '^#' | sed 's/\[[0-9:]*\]//'
	done 2>/dev/null
	in_ns "$lb" nft list tables
	if in_ns "$lb" nft list tables inet | grep -q kube-proxy; then
		in_ns "$lb" nft list table inet kube-proxy
	fi
}

# ipvs_state: all that kube-proxy's mode ipvs has beside them.
ipvs_state()
{
	in_ns "$lb" ipvsadm -S -n
	in_ns "$lb" ipset save
	ip -n "$lb" -o address show | awk '{ print $2, $4 }' | sort
	ip -n "$lb" -o link show | awk '{ print $2 }' | sort
}

state()
{
	table_state
	[[ $1 != ipvs ]] || ipvs_state
}

# bystanders TOOL: rules of others that look alike.
bystanders()
{
	restore "$1" <<-END
	*nat
	:KUBE-KUBELET-CANARY - [0:0]
	:KUBE-SVC-theirs - [0:0]
	:CNI-HOSTPORT-DNAT - [0:0]
	-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
	-A OUTPUT -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT
	-A POSTROUTING -m comment --comment "they say \"-j KUBE-SERVICES\"" -j KUBE-SVC-theirs
	COMMIT
	*filter
	:KUBE-FIREWALL - [0:0]
	:KUBE-KUBELET-CANARY - [0:0]
	:KUBE-ROUTER-INPUT - [0:0]
	:KUBE-POD-FW-Y6PHKONXBG3JINP2 - [0:0]
	:KUBE-NWPLCY-Y6PHKONXBG3JINP2 - [0:0]
	-A INPUT -j KUBE-FIREWALL
	-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
	-A FORWARD -p udp -m udp --dport 9 -m comment --comment "kubernetes forwarding rules" -j DROP
	-A OUTPUT -j KUBE-FIREWALL
	-A KUBE-FIREWALL -m comment --comment "block incoming localnet connections" -m mark --mark 0x8000/0x8000 -j DROP
	-A KUBE-ROUTER-INPUT -j KUBE-POD-FW-Y6PHKONXBG3JINP2
	-A KUBE-POD-FW-Y6PHKONXBG3JINP2 -j KUBE-NWPLCY-Y6PHKONXBG3JINP2
	COMMIT
	*mangle
	:KUBE-KUBELET-CANARY - [0:0]
	COMMIT
	END
	in_ns "$lb" nft add table inet kube-proxy
	in_ns "$lb" nft add chain inet kube-proxy theirs
}

# old_connections: through what kube-proxy made; b3 is its only endpoint.
old_connections()
{
	connection pod "$cl" "$vip" 80
	connection node "$lb" "$vip" 80
	connection outside "$out" "$node" 30000
	old_go_on
}

# old_download: one that goes on once there is the file "go".
old_download()
{
	rm -f "$tmp/go"
	"$traffic" download -n "$cl" -b 30000000 -w "$tmp/go" "$vip" 80 >"$tmp/download" 2>&1 &
	download=$!
	wait_for "$patience" grep -q 'begun b3' "$tmp/download"
}

old_go_on()
{
	local name

	for name in pod node outside; do
		talk "$name"
		is "$name is answered by" "${said[0]}" b3
	done
}

old_end()
{
	local name fd

	: >"$tmp/go"
	wait "$download"
	cat "$tmp/download"
	grep -q 'bytes 30000000' "$tmp/download"
	for name in pod node outside; do
		fd=${talk_in[$name]}
		exec {fd}>&-
		fd=${talk_out[$name]}
		exec {fd}<&-
	done
}

# new_ones NAME: whom new connections get to.
new_ones()
{
	all_answered "$cl" 4 "$vip" 80
	is "pod's" "${got[backend $1]-0}" 4
	all_answered "$lb" 4 "$vip" 80
	is "node's" "${got[backend $1]-0}" 4
	all_answered "$out" 4 "$node" 30000
	is "outside's" "${got[backend $1]-0}" 4
}

service()
{
	ctl set "${clusters[@]}"
	ctl add-svc "$svc" --node-port 30000 --ep "${ep[1]}"
}

# remove_all MODE: what a check may have left.
remove_all()
{
	local tool table

	set +e
	for tool in {iptables,ip6tables}-{nft,legacy}; do
		for table in nat filter mangle; do
			in_ns "$lb" "$tool" -t "$table" -F
			in_ns "$lb" "$tool" -t "$table" -X
		done
	done
	in_ns "$lb" nft flush ruleset
	[[ $1 != ipvs ]] || {
		in_ns "$lb" ipvsadm -C
		in_ns "$lb" ipset destroy
		ip -n "$lb" link delete kube-ipvs0
	}
} >/dev/null 2>&1

dry_run()
{
	ctl takeover --dry-run >"$tmp/dry" 2>"$tmp/dry-errors"
	cat "$tmp/dry" "$tmp/dry-errors"
	[[ -s $tmp/dry ]]
}

nothing_left()
{
	is "what is left" "$(ctl takeover 2>&1)" "nothing is left of kube-proxy"
}
