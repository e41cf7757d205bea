#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What is measured inside the test machine; see load.sh.
#
#   guest.sh load SERVICES      load time and memory, svclb and IPVS
#   guest.sh cost SERVICES      cost of a new flow with so many services
#   guest.sh schedulers BACKENDS...  with each scheduler and so many backends
#   guest.sh ranges PREFIXES... cost of a new flow with so many source ranges
#   guest.sh affinity CLIENTS... cost of one of a client that the table knows
set -eu
cd "$(dirname "$0")/../.."
under_test=10.96.255.1

# Three namespaces in a row; static neighbours, so that no packet is sent but
# the load's own.
topology()
{
	local ns

	for ns in client node server; do
		ip netns add $ns
		ip -n $ns link set lo up
		ip netns exec $ns sysctl -qw net.ipv6.conf.all.disable_ipv6=1 \
			net.ipv6.conf.default.disable_ipv6=1
	done
	ip link add c netns client address 02:00:00:00:01:01 type veth \
		peer name c netns node address 02:00:00:00:01:02
	ip link add s netns server address 02:00:00:00:02:01 type veth \
		peer name s netns node address 02:00:00:00:02:02
	ip netns exec node sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=0 \
		net.ipv4.conf.c.rp_filter=0 net.ipv4.conf.s.rp_filter=0
	ip -n client addr add 192.168.1.1/24 dev c
	ip -n node addr add 192.168.1.2/24 dev c
	ip -n server addr add 192.168.2.1/24 dev s
	ip -n node addr add 192.168.2.2/24 dev s
	ip -n client link set c up
	ip -n node link set c up
	ip -n node link set s up
	ip -n server link set s up
	ip -n client route add local 10.16.0.0/12 dev lo
	ip -n client route add default via 192.168.1.2
	ip -n server route add local 10.2.0.0/16 dev lo
	ip -n server route add default via 192.168.2.2
	ip -n node route add 10.16.0.0/12 via 192.168.1.1
	ip -n node route add 10.2.0.0/16 via 192.168.2.1
	ip -n client neigh replace 192.168.1.2 lladdr 02:00:00:00:01:02 dev c nud permanent
	ip -n node neigh replace 192.168.1.1 lladdr 02:00:00:00:01:01 dev c nud permanent
	ip -n node neigh replace 192.168.2.1 lladdr 02:00:00:00:02:01 dev s nud permanent
	ip -n server neigh replace 192.168.2.2 lladdr 02:00:00:00:02:02 dev s nud permanent
}

# rules svclb|ipvs|commands: SERVICES services of 3 backends, the last of them
# under test.
rules()
{
	awk -v kind="$1" -v n="$services" -v last="$under_test" '
	BEGIN {
		for (i = 1; i <= n; i++) {
			vip = i == n ? last : "10." 97 + int(i / 62500) "." int(i / 250) % 250 "." i % 250 + 1
			if (kind == "ipvs")
				print "-A -u " vip ":80 -s rr"
			else
				print "add-svc udp/" vip ":80 --scheduler rr"
			for (j = 1; j <= 3; j++) {
				backend = (i == n ? "10.2.0." j : "10.2." 1 + int(i / 80) % 250 "." 3 * (i % 80) + j) ":8080"
				if (kind == "ipvs")
					print "-a -u " vip ":80 -r " backend " -m -w 1"
				else
					print "add-ep udp/" vip ":80 " backend
			}
		}
		if (kind == "svclb")
			print "end " n
	}'
}

# Free memory, page cache counted as free.
free_kib()
{
	sync
	awk '/^(MemFree|Buffers|Cached):/ { sum += $2 } /^Shmem:/ { sum -= $2 } END { print sum }' \
		/proc/meminfo
}

# timed NAME COMMAND...: CPU seconds and kernel memory of a command in the node.
timed()
{
	local name=$1 before user_system

	shift
	before=$(free_kib)
	TIMEFORMAT='%U %S'
	user_system=$({ time ip netns exec node "$@" >&2; } 2>&1)
	echo "$name $user_system $((before - $(free_kib)))"
}

# insert_module: with room for the flows of clients by the million.
insert_module()
{
	modprobe nf_conntrack hashsize=262144
	sysctl -qw net.netfilter.nf_conntrack_max=4000000
	modprobe nf_nat
	insmod ./svclb.ko
}

ctl()
{
	ip netns exec node ./svclbctl "$@"
}

# service BACKENDS OPTION...: the one under test, with nothing known about flows.
service()
{
	local n=$1

	shift
	ctl flush
	ip netns exec node conntrack -F 2>/dev/null
	{
		echo "add-svc udp/$under_test:80 $*"
		awk -v n="$n" -v vip="$under_test" 'BEGIN {
			for (i = 1; i <= n; i++)
				print "add-ep udp/" vip ":80 10.2." int(i / 250) "." i % 250 + 1 ":8080"
			print "end " 1
		}'
	} >/run/svclb
	ctl restore /run/svclb
}

new_flow()
{
	selftests/bench/newflow client server "$under_test" 80 8080 "${@:-20000}"
}

schedulers()
{
	local backends scheduler

	for backends; do
		for scheduler in random wrandom rr wrr lc wlc p2c sh maglev failover; do
			service "$backends" --scheduler $scheduler
			echo "$scheduler $backends $(new_flow)"
		done
	done
}

# The clients, 10.16.0.0/12, are in the one or the last of the ranges.
ranges()
{
	local prefixes

	for prefixes; do
		awk -v n="$prefixes" 'BEGIN {
			for (i = 1; i < n; i++)
				print "172." 16 + i % 16 "." int(i / 16) % 256 "." 16 * int(i / 4096) "/28"
			print "10.16.0.0/12"
		}' >/run/ranges
		service 3 --scheduler random --source-range @/run/ranges
		echo "$prefixes $(new_flow)"
	done
}

# Each client is known, none of its flows is.
affinity()
{
	local clients

	ctl set --affinity-max 2000000
	for clients; do
		service 3 --scheduler random --affinity 86400
		new_flow "$clients" "$clients" 5000 >/dev/null
		ip netns exec node conntrack -F 2>/dev/null
		echo "$clients $(ctl affinity | grep -c '10\.') $(new_flow 20000 "$clients" 20000)"
	done
}

services=${2:-10000}
case $1 in
schedulers | ranges | affinity)
	topology
	insert_module
	"$@"
	;;
load)
	topology
	modprobe ip_vs
	modprobe ip_vs_rr
	modprobe nf_nat
	insmod ./svclb.ko
	rules ipvs >/run/ipvs
	rules svclb >/run/svclb
	ip netns exec node ipvsadm -Ln >/dev/null
	ip netns exec node ./svclbctl list >/dev/null
	timed ipvs ipvsadm -R </run/ipvs
	timed svclb ./svclbctl restore /run/svclb
	timed one-change ./svclbctl add-ep "udp/$under_test:80" 10.2.0.9:8080
	ip netns exec node ./svclbctl list "udp/$under_test:80" >&2
	;;
cost)
	topology
	insert_module
	rules svclb >/run/svclb
	ip netns exec node ./svclbctl restore /run/svclb
	echo "$services $(selftests/bench/newflow client server "$under_test" 80 8080 20000)"
	;;
esac
