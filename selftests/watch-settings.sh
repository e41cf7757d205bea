#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What svclbctl watch sets of the kernel's connection tracking, as kube-proxy's
# configuration file asks for it.
#
# vm: cpus=1 time=60 on=uml
set -u
cd "$(dirname "$0")" || exit 1

conntrack=/proc/sys/net/netfilter/nf_conntrack
buckets=/sys/module/nf_conntrack/parameters/hashsize
cores=$(nproc)
count=0
failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# check NAME COMMAND...: the command succeeds; what it prints becomes comments.
check()
{
	local verdict=ok

	count=$((count + 1))
	"${@:2}" >"$tmp/log" 2>&1 || { verdict="not ok" failed=1; }
	echo "$verdict $count - $1"
	[[ $verdict == ok ]] || sed 's/^/# /' "$tmp/log"
}

# set_up LINE...: the fields of "conntrack", set once.
set_up()
{
	{
		echo "apiVersion: kubeproxy.config.k8s.io/v1alpha1"
		echo "kind: KubeProxyConfiguration"
		echo "conntrack:"
		printf '  %s\n' "$@"
	} >"$tmp/config"
	../svclbctl watch --init-only --config "$tmp/config" >"$tmp/said" 2>&1 && cat "$tmp/said"
}

# has NAME VALUE: of the timeout or limit.
has()
{
	local now

	now=$(cat "${conntrack}_$1") || return
	echo "$1 $now"
	[[ $now == "$2" ]]
}

timeouts()
{
	set_up "tcpEstablishedTimeout: 2h" "tcpCloseWaitTimeout: 1500ms" "udpTimeout: 41s" \
		"udpStreamTimeout: 3m1s" "tcpBeLiberal: true" "maxPerCore: 0" &&
		has tcp_timeout_established 7200 && has tcp_timeout_close_wait 2 &&
		has udp_timeout 41 && has udp_timeout_stream 181 && has tcp_be_liberal 1
}

# Zero says that what is there stays.
zero()
{
	set_up "tcpEstablishedTimeout: 0s" "tcpCloseWaitTimeout: 0s" "udpTimeout: 0s" \
		"udpStreamTimeout: 0s" "maxPerCore: 0" || return
	! grep "kernel parameter" "$tmp/said" && has tcp_timeout_established 7200 && has udp_timeout 41
}

limits()
{
	echo 1000 >"${conntrack}_max"
	set_up "maxPerCore: 20000" "min: 100" && has max $((20000 * cores)) || return
	echo "buckets $(cat "$buckets")"
	(($(cat "$buckets") >= 20000 * cores / 4)) &&
		set_up "maxPerCore: 10" "min: 131072" && has max 131072
}

# A limit that is higher already was somebody's choice.
higher_stays()
{
	echo 300000 >"${conntrack}_max"
	set_up "maxPerCore: 20000" "min: 100" && has max 300000
}

# Where nothing can be written, that is a warning for each.
read_only()
{
	local before

	before=$(cat "${conntrack}_max")
	unshare -m sh -c 'mount -t proc -o ro proc /proc && exec "$@"' - \
		"$PWD/../svclbctl" watch --init-only --config "$tmp/other" >"$tmp/said" 2>&1 || return
	cat "$tmp/said"
	[[ $(grep -c "cannot be written" "$tmp/said") == 2 ]] &&
		grep "udp_timeout.*value=77" "$tmp/said" && grep "max.*value=1000000" "$tmp/said" &&
		has max "$before"
}

bad_value()
{
	! set_up "udpTimeout: soon" && cat "$tmp/said" && grep "conntrack.udpTimeout" "$tmp/said"
}

echo "TAP version 13"
check "connection tracking is there" modprobe nf_conntrack
check "timeouts are set" timeouts
check "those of zero are not" zero
check "the limit of connections is raised, and its table" limits
check "a limit that is higher stays" higher_stays
cat >"$tmp/other" <<'CONFIG'
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
conntrack: {min: 1000000, maxPerCore: 1, udpTimeout: 77s, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
CONFIG
check "what cannot be written is warned of" read_only
check "a value that is none is an error" bad_value
echo "1..$count"
exit $failed
