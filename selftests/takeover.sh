#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kube-proxy's rules left is removed and nothing else is, by all connections
# unnoticed. The leftovers are made as kube-proxy makes them, with the same tools.
#
# vm: cpus=2 time=300 on=uml
. "$(dirname "$0")/takeover/lib.sh"

# What kube-proxy calls the chains of the service's port and of its endpoint.
svc_chain=KUBE-SVC-NPX46M4PTMTKRN6Y
ext_chain=KUBE-EXT-NPX46M4PTMTKRN6Y
sep_chain=KUBE-SEP-Y6PHKONXBG3JINP2

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
		ln -sf "$(type -P "$tool-save")" "$tmp/bin/$tool-save"
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
families tcp "a program that fails" failing
families tcp "nobody else would serve" without_services
finish
