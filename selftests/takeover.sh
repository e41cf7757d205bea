#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kube-proxy left is removed and nothing else is, by all connections
# unnoticed. The leftovers are made as kube-proxy makes them, with the same tools.
#
# vm: cpus=2 time=300 on=debian
. "$(dirname "$0")/lib.sh"

# What kube-proxy calls the chains of the service's port and of its endpoint.
svc_chain=KUBE-SVC-NPX46M4PTMTKRN6Y
ext_chain=KUBE-EXT-NPX46M4PTMTKRN6Y
sep_chain=KUBE-SEP-Y6PHKONXBG3JINP2

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
	local tool

	for tool in {iptables,ip6tables}-{legacy,nft}; do
		echo "$tool"
		in_ns "$lb" "$tool-save" | grep -v '^#' | sed 's/\[[0-9:]*\]//'
	done
	echo nft
	in_ns "$lb" nft -s list ruleset 2>/dev/null | grep -v '^#' |
		sed 's/packets [0-9]* bytes [0-9]*//'
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

# left_iptables TOOL: by mode iptables.
left_iptables()
{
	local masquerade="MASQUERADE --random-fully"

	restore "$1" <<-END
	*mangle
	:KUBE-PROXY-CANARY - [0:0]
	COMMIT
	*filter
	:KUBE-PROXY-CANARY - [0:0]
	:KUBE-EXTERNAL-SERVICES - [0:0]
	:KUBE-FORWARD - [0:0]
	:KUBE-NODEPORTS - [0:0]
	:KUBE-PROXY-FIREWALL - [0:0]
	:KUBE-SERVICES - [0:0]
	-I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
	-I INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS
	-I INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES
	-I FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes load balancer firewall" -j KUBE-PROXY-FIREWALL
	-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
	-I FORWARD -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
	-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
	-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
	COMMIT
	*nat
	:KUBE-PROXY-CANARY - [0:0]
	:KUBE-MARK-MASQ - [0:0]
	:KUBE-NODEPORTS - [0:0]
	:KUBE-POSTROUTING - [0:0]
	:$ext_chain - [0:0]
	:$sep_chain - [0:0]
	:KUBE-SERVICES - [0:0]
	:$svc_chain - [0:0]
	-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A $ext_chain -m comment --comment "masquerade traffic for ns/web external destinations" -j KUBE-MARK-MASQ
	-A $ext_chain -j $svc_chain
	-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
	-A KUBE-NODEPORTS -p tcp -m comment --comment "ns/web" -m tcp --dport 30000 -j $ext_chain
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
	-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j $masquerade
	-A $sep_chain -s ${pod[3]} -m comment --comment "ns/web" -j KUBE-MARK-MASQ
	-A $sep_chain -p tcp -m comment --comment "ns/web" -m tcp -j DNAT --to-destination ${ep[3]}
	-A KUBE-SERVICES -d $vip -p tcp -m comment --comment "ns/web cluster IP" -m tcp --dport 80 -j $svc_chain
	-A KUBE-SERVICES -m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
	-A $svc_chain ! -s $cl_addr -d $vip -p tcp -m comment --comment "ns/web cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ
	-A $svc_chain -m comment --comment "ns/web -> ${ep[3]}" -j $sep_chain
	COMMIT
	END
}

# left_nftables: by mode nftables.
left_nftables()
{
	local ip=ip

	((family == 4)) || ip=ip6
	in_ns "$lb" nft -f - <<-END
	table $ip kube-proxy {
		comment "rules for kube-proxy"
		map service-ips {
			type ipv${family}_addr . inet_proto . inet_service : verdict
			elements = { $vip . tcp . 80 : goto service-web }
		}
		map service-nodeports {
			type inet_proto . inet_service : verdict
			elements = { tcp . 30000 : goto external-web }
		}
		chain mark-for-masquerade { meta mark set meta mark | 0x00004000; }
		chain endpoint-web { meta l4proto tcp dnat to ${ep[3]}; }
		chain service-web {
			$ip saddr != $cl_addr jump mark-for-masquerade
			numgen random mod 1 vmap { 0 : goto endpoint-web }
		}
		chain external-web { jump mark-for-masquerade; goto service-web; }
		chain services {
			$ip daddr . meta l4proto . th dport vmap @service-ips
			fib daddr type local meta l4proto . th dport vmap @service-nodeports
		}
		chain nat-prerouting { type nat hook prerouting priority dstnat; jump services; }
		chain nat-output { type nat hook output priority -100; jump services; }
		chain nat-postrouting {
			type nat hook postrouting priority srcnat
			meta mark & 0x00004000 == 0 return
			meta mark set meta mark ^ 0x00004000
			masquerade fully-random
		}
	}
	END
}

# left_ipvs: by mode ipvs.
left_ipvs()
{
	local six="" inet=inet masquerade="MASQUERADE --random-fully"
	local length=32 at

	((family == 4)) || six=6- inet=inet6 length=128
	in_ns "$lb" sysctl -qw net.ipv4.vs.conntrack=1
	ip -n "$lb" link add kube-ipvs0 type dummy
	for at in "$vip" "$vip2"; do
		ip -n "$lb" address add "$at/$length" dev kube-ipvs0 nodad
	done
	in_ns "$lb" ipvsadm -R <<-END
	-A -t $at_vip:80 -s rr
	-a -t $at_vip:80 -r ${ep[3]} -m -w 1
	-A -t $at_vip2:80 -s rr
	-a -t $at_vip2:80 -r ${ep[3]} -m -w 1
	-A -t $at_node:30000 -s rr
	-a -t $at_node:30000 -r ${ep[3]} -m -w 1
	END
	in_ns "$lb" ipset restore <<-END
	create KUBE-${six}CLUSTER-IP hash:ip,port family $inet
	add KUBE-${six}CLUSTER-IP $vip,tcp:80
	add KUBE-${six}CLUSTER-IP $vip2,tcp:80
	create KUBE-${six}LOOP-BACK hash:ip,port,ip family $inet
	add KUBE-${six}LOOP-BACK ${pod[3]},tcp:8080,${pod[3]}
	create KUBE-${six}NODE-PORT-TCP bitmap:port range 0-65535
	add KUBE-${six}NODE-PORT-TCP 30000
	create KUBE-${six}HEALTH-CHECK-NODE-PORT bitmap:port range 0-65535
	create KUBE-${six}LOAD-BALANCER hash:ip,port family $inet
	create KUBE-${six}IPVS-IPS hash:ip family $inet
	END
	restore iptables-nft <<-END
	*nat
	:KUBE-LOAD-BALANCER - [0:0]
	:KUBE-MARK-MASQ - [0:0]
	:KUBE-NODE-PORT - [0:0]
	:KUBE-POSTROUTING - [0:0]
	:KUBE-SERVICES - [0:0]
	-I PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-I POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
	-A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
	-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000
	-A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set --match-set KUBE-${six}NODE-PORT-TCP dst -j KUBE-MARK-MASQ
	-A KUBE-POSTROUTING -m comment --comment "Kubernetes endpoints dst ip:port, source ip for solving hairpin purpose" -m set --match-set KUBE-${six}LOOP-BACK dst,dst,src -j MASQUERADE
	-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
	-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
	-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j $masquerade
	-A KUBE-SERVICES -m comment --comment "Kubernetes service lb portal" -m set --match-set KUBE-${six}LOAD-BALANCER dst,dst -j KUBE-LOAD-BALANCER
	-A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set --match-set KUBE-${six}CLUSTER-IP src,dst -j KUBE-MARK-MASQ
	-A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
	-A KUBE-SERVICES -m set --match-set KUBE-${six}CLUSTER-IP dst,dst -j ACCEPT
	COMMIT
	*filter
	:KUBE-FORWARD - [0:0]
	:KUBE-IPVS-FILTER - [0:0]
	:KUBE-NODE-PORT - [0:0]
	-I INPUT -m comment --comment "kubernetes ipvs access filter" -j KUBE-IPVS-FILTER
	-I INPUT -m comment --comment "kubernetes health check rules" -j KUBE-NODE-PORT
	-I FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
	-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}LOAD-BALANCER dst,dst -j RETURN
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}CLUSTER-IP dst,dst -j RETURN
	-A KUBE-IPVS-FILTER -m set --match-set KUBE-${six}NODE-PORT-TCP dst -j RETURN
	-A KUBE-IPVS-FILTER -m conntrack --ctstate NEW -m set --match-set KUBE-${six}IPVS-IPS dst -j REJECT
	-A KUBE-NODE-PORT -m comment --comment "Kubernetes health check node port" -m set --match-set KUBE-${six}HEALTH-CHECK-NODE-PORT dst -j ACCEPT
	COMMIT
	END
}

# bystanders_ipvs: virtual servers and sets of others, one at the node's address.
bystanders_ipvs()
{
	in_ns "$lb" ipvsadm -R <<-END
	-A -t $at_node:30001 -s rr
	-a -t $at_node:30001 -r ${ep[4]} -m -w 1
	-A -f 7 -s rr
	-A -u $at_vip3:53 -s rr
	END
	in_ns "$lb" ipset restore <<-END
	create KUBE-THEIRS hash:ip,port
	create theirs bitmap:port range 0-65535
	add theirs 30000
	END
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

# rules TOOL FUNCTION: rules of the one tool beside bystanders of it.
rules()
{
	local mode=$2

	trap 'remove_all rules' EXIT
	bystanders "$1"
	state rules >"$tmp/others"
	"$mode" "$1"
	state rules >"$tmp/before"
	new_ones b3
	old_connections
	old_download
	service
	new_ones b1
	dry_run
	state rules | diff "$tmp/before" -
	: >"$tmp/go"
	ctl takeover >"$tmp/done"
	diff "$tmp/dry" "$tmp/done"
	state rules | diff "$tmp/others" -
	old_go_on
	new_ones b1
	old_end
	nothing_left
	comment "$(wc -l <"$tmp/done") removed"
}

reset_old()
{
	in_ns "$cl" ss -K dst "$at_vip"
	in_ns "$lb" ss -K dst "$at_vip"
	in_ns "$out" ss -K dst "$at_node"
} >"$tmp/reset"

# drain_start OPTION...: in the background, until it has said that it waits.
drain_start()
{
	"$svclbctl" -n "$lb" takeover "$@" >>"$tmp/done" 2>"$tmp/errors" &
	drain=$!
	wait_for "$patience" grep -q "connections of IPVS may go on" "$tmp/errors"
}

drain_end()
{
	wait_for $((patience * 2)) ended "$drain"
	wait "$drain"
}

ended()
{
	! kill -0 "$1"
}

has_address()
{
	ip -n "$lb" address show dev kube-ipvs0 | grep -q " $1/"
}

ipvs_begin()
{
	trap 'remove_all ipvs' EXIT
	bystanders iptables-nft
	bystanders_ipvs
	state ipvs >"$tmp/others"
	left_ipvs
	state ipvs >"$tmp/before"
	: >"$tmp/done"
}

# The whole way, with an interruption. IPVS remembers a connection for two minutes
# after its end, but a reset one for ten seconds.
ipvs()
{
	ipvs_begin
	old_connections
	service
	ctl add-svc "$svc2" --ep "${ep[2]}"
	new_ones b1
	dry_run
	state ipvs | diff "$tmp/before" -
	drain_start
	old_go_on
	kill -KILL "$drain"
	drain_start
	has_address "$vip"
	if has_address "$vip2"; then
		return 1
	fi
	in_ns "$lb" ipvsadm -S -n | tee "$tmp/servers"
	is "that take connections" "$(grep -c -- '-r.*-w 1' "$tmp/servers")" 1
	old_go_on
	new_ones b1
	all_answered "$cl" 4 "$vip2" 80
	is b2 "${got[backend b2]-0}" 4
	reset_old
	drain_end
	diff <(sort "$tmp/dry") <(sort "$tmp/done")
	state ipvs | diff "$tmp/others" -
	new_ones b1
	nothing_left
}

# Connections of IPVS end when the time is up, those of the module do not.
time_is_up()
{
	ipvs_begin
	connection ipvs "$cl" "$vip" 80
	talk ipvs
	is "IPVS sends it to" "${said[0]}" b3
	service
	connection ours "$cl" "$vip" 80
	ctl takeover --drain-timeout 1s >"$tmp/done" 2>"$tmp/errors"
	cat "$tmp/errors"
	grep -E 'the time is up: [0-9]+ connections of IPVS were ended' "$tmp/errors"
	state ipvs | diff "$tmp/others" -
	talk ours
	is "the module sends it to" "${said[0]}" b1
	nothing_left
}

# A connection of the node itself to an address that the node has comes from the
# same address: that stays until the connection ends.
own_address()
{
	ipvs_begin
	service
	connection node "$lb" "$vip" 80
	talk node
	is "the module sends it to" "${said[0]}" b1
	ctl takeover --drain-timeout 1h >"$tmp/done" 2>"$tmp/errors" &
	drain=$!
	wait_for "$patience" grep ' 1 more addresses have connections of the node' "$tmp/errors"
	wait_for "$patience" gone "$vip2"
	has_address "$vip"
	talk node
	is "the module still sends it to" "${said[0]}" b1
	in_ns "$lb" ss -K dst "$at_vip" >"$tmp/reset"
	drain_end
	state ipvs | diff "$tmp/others" -
}

gone()
{
	! has_address "$1"
}

# A chain that others call stays, and who calls it is told.
called_by_others()
{
	trap 'remove_all rules' EXIT
	service
	left_iptables "$1"
	restore "$1" <<-END
	*nat
	:THEIRS - [0:0]
	-A THEIRS -p udp -m comment --comment "a rule of theirs" -j KUBE-SERVICES
	COMMIT
	*filter
	-A FORWARD -p udp -j KUBE-FORWARD
	COMMIT
	END
	ctl takeover >"$tmp/done" 2>"$tmp/errors"
	cat "$tmp/errors"
	grep -F 'table nat: a rule of others calls chain KUBE-SERVICES, which stays: -A THEIRS -p udp -m comment --comment "a rule of theirs" -j KUBE-SERVICES' "$tmp/errors"
	grep -F 'table filter: a rule of others calls chain KUBE-FORWARD, which stays: -A FORWARD -p udp -j KUBE-FORWARD' "$tmp/errors"
	in_ns "$lb" "$(tables "$1")-save" >"$tmp/after"
	is "chains" "$(grep -c '^:KUBE-' "$tmp/after")" 2
	is "rules" "$(grep -c '^-A.*KUBE-' "$tmp/after")" 2
}

# Programs that fail do not keep it from the rest.
failing()
{
	local tool

	trap 'remove_all rules' EXIT
	service
	left_iptables iptables-nft
	left_nftables
	mkdir -p "$tmp/bin"
	for tool in {iptables,ip6tables}-nft; do
		ln -sf "$(type -P $tool-save)" "$tmp/bin/$tool-save"
		printf '#!/bin/sh\necho "the table is broken" >&2\necho more >&2\nexit 7\n' >"$tmp/bin/$tool-restore"
		chmod +x "$tmp/bin/$tool-restore"
	done
	if PATH=$tmp/bin:$PATH "$svclbctl" -n "$lb" takeover >"$tmp/done" 2>"$tmp/errors"; then
		return 1
	fi
	cat "$tmp/errors"
	grep "$(tables iptables-nft)-restore: ends with status 7: the table is broken" "$tmp/errors"
	grep 'not all of it could be done' "$tmp/errors"
	grep 'nft delete table' "$tmp/done"
	ctl takeover
	nothing_left
}

without_services()
{
	trap 'remove_all rules' EXIT
	left_iptables iptables-nft
	state rules >"$tmp/before"
	if ctl takeover >"$tmp/done" 2>"$tmp/errors"; then
		return 1
	fi
	cat "$tmp/errors"
	grep 'svclb has no services here' "$tmp/errors"
	state rules | diff "$tmp/before" -
}

begin
for tool in iptables-nft iptables-legacy; do
	families tcp "$tool: rules go, connections do not notice" rules "$tool" left_iptables
	families tcp "$tool: a chain that others call" called_by_others "$tool"
done
families tcp "nftables: rules go, connections do not notice" rules iptables-nft left_nftables
families tcp "IPVS: connections go on until they end" ipvs
families tcp "IPVS: the time is up" time_is_up
families tcp "IPVS: an address of the node's own connections" own_address
families tcp "a program that fails" failing
families tcp "nobody else would serve" without_services
finish
