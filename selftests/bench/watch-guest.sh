#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is measured inside the test machine; see watch.sh. Prints a line for each:
# name, Services, endpoints, CPU seconds in user space and in the kernel.
#
#   watch-guest.sh LISTS
set -eu
cd "$(dirname "$0")/../.."
lists=$1

# state KIND SERVICES ENDPOINTS: the same Services for another load balancer, with
# the rules that kube-proxy has for a ClusterIP.
state()
{
	awk -v kind="$1" -v services="$2" -v endpoints="$3" '
	function vip(i) { return "10." 96 + int(i / 62500) "." int(i / 250) % 250 "." i % 250 + 1 }
	function pod(i, j) { return "10." 128 + j "." int(i / 250) % 250 "." i % 250 + 1 }
	function ipvs(i, j) {
		print "-A -t " vip(i) ":80 -s rr"
		for (j = 0; j < endpoints; j++)
			print "-a -t " vip(i) ":80 -r " pod(i, j) ":8080 -m -w 1"
	}
	function nft(i, j) {
		for (j = 0; j < endpoints; j++)
			print "chain ep-" i "-" j " { ip saddr " pod(i, j) " jump mark-masq; meta l4proto tcp dnat to " pod(i, j) ":8080; }"
		printf "chain svc-%d { ip daddr %s tcp dport 80 ip saddr != 10.128.0.0/9 jump mark-masq; numgen random mod %d vmap {", i, vip(i), endpoints
		for (j = 0; j < endpoints; j++)
			printf "%s %d : goto ep-%d-%d", j ? "," : "", j, i, j
		print " }; }"
	}
	BEGIN {
		if (kind == "restore")
			for (i = 0; i < services; i++) {
				print "add-svc tcp/" vip(i) ":80"
				for (j = 0; j < endpoints; j++)
					print "add-ep tcp/" vip(i) ":80 " pod(i, j) ":8080"
			}
		if (kind == "restore") {
			print "end " services
			exit
		}
		if (kind == "nft")
			print "table ip proxy {\nchain mark-masq { meta mark set meta mark or 0x4000; }"
		for (i = 0; i < services; i++)
			if (kind == "nft")
				nft(i)
			else
				ipvs(i)
		if (kind == "ipvs")
			exit
		print "map services { type ipv4_addr . inet_proto . inet_service : verdict; elements = {"
		for (i = 0; i < services; i++)
			print vip(i) " . tcp . 80 : goto svc-" i ","
		print "} }"
		print "chain pre { type nat hook prerouting priority dstnat; ip daddr . meta l4proto . th dport vmap @services; }"
		print "chain post { type nat hook postrouting priority srcnat; meta mark and 0x4000 != 0 masquerade; }"
		print "}"
	}'
}

# timed NAME SERVICES ENDPOINTS COMMAND...: in the node, with what it is to read.
timed()
{
	local user_system

	TIMEFORMAT='%U %S'
	if ! user_system=$({ time ip netns exec node "${@:4}" </run/state >/run/said 2>&1; } 2>&1); then
		cat /run/said >&2
		exit 1
	fi
	echo "$1 $2 $3 $user_system"
}

# svclb SERVICES ENDPOINTS: what the list FILE has.
svclb()
{
	local services

	cat "$lists/list-$1-$2" >/run/state
	timed svclb "$1" "$2" ./svclbctl sync --node node-1.example.org \
		--cluster-cidr 10.128.0.0/9 -
	services=$(ip netns exec node ./svclbctl save | grep -c '^add-svc')
	((services == $1)) || { echo "$services Services instead of $1" >&2; exit 1; }
	ip netns exec node ./svclbctl flush
}

# restore SERVICES ENDPOINTS: the rules alone.
restore()
{
	state restore "$1" "$2" >/run/state
	timed restore "$1" "$2" ./svclbctl restore /run/state
	ip netns exec node ./svclbctl flush
}

ipvs()
{
	state ipvs "$1" "$2" >/run/state
	timed ipvs "$1" "$2" ipvsadm -R
	ip netns exec node ipvsadm -C
}

nft()
{
	state nft "$1" "$2" >/run/state
	timed nft "$1" "$2" nft -f /run/state
}

ip netns add node
ip -n node link set lo up
modprobe nf_nat
modprobe ip_vs
modprobe ip_vs_rr
insmod ./svclb.ko
echo "kernel $(uname -r)"
restore 45000 1
restore 5000 50
restore 10000 3
svclb 45000 1
svclb 5000 50
svclb 10000 3
svclb 1000 3
ipvs 10000 3
ipvs 1000 3
nft 1000 3
ipvs 45000 1
