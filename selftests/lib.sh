# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the traffic tests share: a node with pods and a client outside, servers
# in the pods, results as TAP. A script calls begin, then check or matrix for
# each test, then finish.
#
#    outside                    node                        pods
#  +-----------------+    +------------------+
#  | out             |    | lb               |---- cl  10.244.1.2
#  | 192.0.2.2, .3   |----| 192.0.2.1        |         fd00:10:244:1::2
#  | 2001:db8::2     |    | 2001:db8::1      |---- b1  10.244.2.1
#  | 203.0.113.7     |    | 198.51.100.1     |         fd00:10:244:2::1
#  | 2001:db8:7::7   |    | 2001:db8:1::1    | ...
#  +-----------------+    +------------------+---- b4  10.244.2.4
#                                                      fd00:10:244:2::4
#
# All are network namespaces. The node's interface to each has its name. Pods
# have a link of their own to the node, which routes; their gateway is an
# address of that link, so what the node masquerades with is its own. The node's
# default route goes outside, where also the addresses of services are. In each
# pod and outside a server tells its name and whom it sees; see traffic.c.
set -u

cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
PATH=$PATH:/usr/sbin:/sbin

traffic=./traffic
svclbctl=../svclbctl
module=../svclb.ko

lb=lb-$$ cl=cl-$$ out=out-$$
# shellcheck disable=SC2034 # for the scripts
b1=b1-$$ b2=b2-$$ b3=b3-$$ b4=b4-$$

# What pods and services have in common, for "ctl set".
# shellcheck disable=SC2034 # for the scripts
clusters=(--cluster-network 10.244.0.0/16 --cluster-network fd00:10:244::/48)

usual=()		# more settings that each test begins with
tests=0		# how many were run
bad=0		# how many of them failed
servers=()	# process ids
tmp=		# directory of this script's files

skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# wait_for SECONDS COMMAND...: until the command succeeds, for so long at most.
wait_for()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.02
	done
}

#
# The module
#

load_module()
{
	modprobe -q nf_nat || return
	if [[ -e $module ]]; then
		insmod "$module"
	else
		modprobe svclb
	fi
}

module_is_unused()
{
	[[ $(cat /sys/module/svclb/refcnt 2>/dev/null) == 0 ]]
}

remove_module()
{
	[[ ! -d /sys/module/svclb ]] || rmmod svclb 2>/dev/null
}

# Namespaces go in the background and hold the module until they are gone.
unload_module()
{
	wait_for 20 remove_module
}

#
# The setting
#

# in_ns NAMESPACE COMMAND...
in_ns()
{
	nsenter --net="/run/netns/$1" "${@:2}"
}

ctl()
{
	"$svclbctl" -n "$lb" "$@"
}

# settings NAMESPACE FORWARDS: before there are interfaces, which inherit them.
settings()
{
	in_ns "$1" sysctl -qw net.ipv4.ip_forward="$2" \
		net.ipv4.conf.{all,default}.{rp_filter,send_redirects,accept_redirects}=0 \
		net.ipv6.conf.{all,default}.{accept_dad,accept_redirects}=0 \
		net.ipv6.conf.{all,default}.forwarding="$2" \
		net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
}

make_node()
{
	ip netns add "$lb" && settings "$lb" 1 && ip -n "$lb" -batch - <<-END
	link set lo up
	link add own type dummy
	link set own up
	END
}

make_outside()
{
	ip netns add "$out" && settings "$out" 0 || return
	ip -n "$lb" -batch - <<-END || return
	link add out type veth peer name eth0 netns $out
	address add 192.0.2.1/24 dev out
	address add 2001:db8::1/64 dev out nodad
	address add 198.51.100.1/32 dev own
	address add 2001:db8:1::1/128 dev own nodad
	link set out up
	END
	ip -n "$out" -batch - <<-END || return
	link set lo up
	link set eth0 up
	address add 192.0.2.2/24 dev eth0
	address add 192.0.2.3/24 dev eth0
	address add 2001:db8::2/64 dev eth0 nodad
	address add 2001:db8::3/64 dev eth0 nodad preferred_lft 0
	address add 203.0.113.7/32 dev lo
	address add 2001:db8:7::7/128 dev lo nodad
	route add default via 192.0.2.1
	route add default via 2001:db8::1
	END
	ip -n "$lb" -batch - <<-END
	route add default via 192.0.2.2
	route add default via 2001:db8::2
	END
}

# make_pod NAME IPV4 IPV6
make_pod()
{
	local ns=$1-$$

	ip netns add "$ns" && settings "$ns" 0 || return
	ip -n "$lb" -batch - <<-END || return
	link add $1 type veth peer name eth0 netns $ns
	link set $1 up
	address add 169.254.1.1/32 dev $1 scope link
	address add fe80::1/64 dev $1 nodad
	END
	ip -n "$ns" -batch - <<-END || return
	link set lo up
	link set eth0 up
	address add $2/32 dev eth0
	address add $3/128 dev eth0 nodad
	route add 169.254.1.1 dev eth0
	route add default via 169.254.1.1
	route add default via fe80::1 dev eth0
	END
	ip -n "$lb" -batch - <<-END
	route add $2/32 dev $1
	route add $3/128 dev $1
	END
}

answers()
{
	"$traffic" client -n "$cl" -t 1000 "$1" 8080 2>/dev/null | grep -q '^answers 1$'
}

make_topology()
{
	local i

	make_node && make_outside && make_pod cl 10.244.1.2 fd00:10:244:1::2 || return
	for i in 1 2 3 4; do
		make_pod "b$i" "10.244.2.$i" "fd00:10:244:2::$i" || return
	done
}

# serve ARGUMENT...: runs a server until the script ends.
serve()
{
	local output=$tmp/server-${#servers[@]}

	"$traffic" serve "$@" >"$output" &
	servers+=($!)
	disown $!
	wait_for 20 grep -q ready "$output"
}

start_servers()
{
	local i

	serve -p 80 -p 8080 -p 30000 b1="$b1" b2="$b2" b3="$b3" b4="$b4" out="$out" &&
		serve -p 22 -p 8080 node="$lb" || return
	for i in 1 2 3 4; do
		wait_for 20 answers "10.244.2.$i" && wait_for 20 answers "fd00:10:244:2::$i" ||
			return
	done
	wait_for 20 answers 192.0.2.2 && wait_for 20 answers 2001:db8::2
}

remove_topology()
{
	local ns

	if ((${#servers[@]})); then
		kill -KILL "${servers[@]}" 2>/dev/null
		servers=()
	fi
	for ns in /run/netns/*-"$$"; do
		[[ ! -e $ns ]] || ip netns delete "${ns##*/}"
	done
}

clean_up()
{
	remove_topology
	unload_module
	rm -rf "$tmp"
}

# begin: all that a script needs is there, or it ends here.
begin()
{
	echo "TAP version 13"
	((EUID == 0)) || skip "must be root"
	[[ -x $traffic ]] || skip "traffic is not built: make -C selftests"
	[[ -x $svclbctl ]] || svclbctl=$(type -P svclbctl) || skip "no svclbctl"
	unload_module || skip "the module is in use"
	tmp=$(mktemp -d) || exit 1
	trap clean_up EXIT
	trap 'exit 143' TERM INT HUP
	load_module || skip "the module cannot be loaded"
	if ! make_topology || ! start_servers; then
		result "not ok" "the setting can be made"
		exit 1
	fi
}

# What was made can be taken away again, and the module lets go of all of it.
taken_down()
{
	if ip netns list | grep -- "-$$\\>"; then
		echo "these namespaces are left"
		return 1
	fi
	wait_for 20 module_is_unused && unload_module
}

finish()
{
	fresh
	remove_topology
	check "all that was made can be taken down" taken_down
	echo "1..$tests"
	exit $((bad > 0))
}

#
# Results
#

# result ok|"not ok" NAME
result()
{
	tests=$((tests + 1))
	echo "$1 $tests - $2"
	[[ $1 == ok ]] || bad=$((bad + 1))
}

comment()
{
	echo "# $*" >>"$tmp/comments"
}

fresh()
{
	[[ -e /run/netns/$lb ]] || return
	[[ -d /sys/module/svclb ]] || load_module
	ctl flush && ctl set --no-cluster-networks --masquerade-all off \
		--node-port-range 30000-32767 --datapath "${DATAPATH:-conntrack}" "${usual[@]}"
	[[ ${DATAPATH-} != direct ]] || ctl del-flows --all >/dev/null
}

# check NAME FUNCTION [ARGUMENT...]: the function succeeds, which is that each of
# its commands does. Before it there is no service, all settings are the
# defaults; what it leaves running ends with it.
check()
{
	local name=$1 status

	shift
	fresh
	(
		set -eE
		trap 'echo "line $LINENO: $BASH_COMMAND: status $?" >&2' ERR
		"$@"
	) >"$tmp/log" 2>&1
	status=$?
	if ((!status)); then
		result ok "$name"
	else
		result "not ok" "$name"
		tail -n 40 "$tmp/log" | sed 's/^/# /'
	fi
	if [[ -e $tmp/comments ]]; then
		cat "$tmp/comments"
		rm "$tmp/comments"
	fi
}

# is WHAT ACTUAL EXPECTED
is()
{
	[[ $2 == "$3" ]] && return
	echo "$1: '$2', not '$3'"
	return 1
}

# between WHAT ACTUAL LOWEST HIGHEST
between()
{
	(($3 <= $2 && $2 <= $4)) && return
	echo "$1: $2, not from $3 to $4"
	return 1
}

#
# Families and protocols
#

# use FAMILY PROTOCOL: what addresses and options mean from now on. With the
# options "distinct" no client port comes twice: the kernel may choose one again
# whose UDP flow conntrack still knows, which is then no new connection.
#
# shellcheck disable=SC2034 # for the scripts
use()
{
	local i

	family=$1 proto=$2
	udp=() distinct=()
	[[ $proto == tcp ]] || udp=(-u) distinct=(-P 10000)
	if ((family == 4)); then
		vip=10.96.0.10 vip2=10.96.0.11 vip3=10.96.0.12
		cl_addr=10.244.1.2 out_addr=192.0.2.2 out_addr2=192.0.2.3
		node=192.0.2.1 node2=198.51.100.1 foreign=203.0.113.7 loopback=127.0.0.1
		node_kind=nodeport
		for i in 1 2 3 4; do
			pod[i]=10.244.2.$i
			ep[i]=${pod[i]}:8080
		done
		at_vip=$vip at_vip2=$vip2 at_vip3=$vip3 at_node=$node
	else
		vip=fd00:10:96::10 vip2=fd00:10:96::11 vip3=fd00:10:96::12
		cl_addr=fd00:10:244:1::2 out_addr=2001:db8::2 out_addr2=2001:db8::3
		node=2001:db8::1 node2=2001:db8:1::1 foreign=2001:db8:7::7 loopback=::1
		node_kind=nodeport6
		for i in 1 2 3 4; do
			pod[i]=fd00:10:244:2::$i
			ep[i]=[${pod[i]}]:8080
		done
		at_vip=[$vip] at_vip2=[$vip2] at_vip3=[$vip3] at_node=[$node]
	fi
	svc=$proto/$at_vip:80 svc2=$proto/$at_vip2:80 svc3=$proto/$at_vip3:80
}
pod=() ep=()

# families PROTOCOL NAME FUNCTION [ARGUMENT...]: a check for each family.
families()
{
	local f

	for f in 4 6; do
		use "$f" "$1"
		check "IPv$f ${1^^}: $2" "${@:3}"
	done
}

# matrix NAME FUNCTION [ARGUMENT...]: a check for each protocol and family.
matrix()
{
	families tcp "$@"
	families udp "$@"
}

# crossed NAME FUNCTION [ARGUMENT...]: a check for two of those four, where family
# and protocol do not depend on each other.
crossed()
{
	use 4 udp
	check "IPv4 UDP: $1" "${@:2}"
	use 6 tcp
	check "IPv6 TCP: $1" "${@:2}"
}

# add SERVICE OPTION...: a service with all backends that there are.
add_all()
{
	ctl add-svc "$1" --ep "${ep[1]}" --ep "${ep[2]}" --ep "${ep[3]}" --ep "${ep[4]}" "${@:2}"
}

#
# Clients
#

# run_traffic ARGUMENT...: what it prints goes into "got", by all but the last
# word of each line; "backends", "sources" and "errors" are how many there are.
declare -A got
run_traffic()
{
	local line key status

	"$traffic" "$@" >"$tmp/result"
	status=$?
	got=([answers]=0 [backends]=0 [sources]=0 [errors]=0)
	while read -r line; do
		[[ $line != each\ * ]] || continue
		echo "  $line"
		key=${line% *}
		got[$key]=${line##* }
		case $line in
		backend\ *) got[backends]=$((got[backends] + 1)) ;;
		source\ *) got[sources]=$((got[sources] + 1)) ;;
		error\ *) got[errors]=$((got[errors] + ${line##* })) ;;
		esac
	done <"$tmp/result"
	return $status
}

# client NAMESPACE OPTION... ADDRESS PORT: connections of the protocol in use.
client()
{
	run_traffic client -n "$1" "${udp[@]}" "${@:2}"
}

# all_answered NAMESPACE COUNT OPTION... ADDRESS PORT: where all is slow, answers
# may take their time.
all_answered()
{
	client "$1" -t $((5000 * ${SLOWER:-1})) -c "${@:2}"
	is answers "${got[answers]}" "$2"
}

# connection NAME NAMESPACE OPTION... ADDRESS PORT: opens one that stays.
declare -A talk_in talk_out
said=()
connection()
{
	local fd line=

	mkfifo "$tmp/$1.in" "$tmp/$1.out"
	"$traffic" talk -n "$2" "${udp[@]}" "${@:3}" <"$tmp/$1.in" >"$tmp/$1.out" 2>&1 &
	exec {fd}>"$tmp/$1.in"
	talk_in[$1]=$fd
	exec {fd}<"$tmp/$1.out"
	talk_out[$1]=$fd
	rm "$tmp/$1.in" "$tmp/$1.out"
	read -r -t 20 -u "$fd" line || line=nothing
	is "connection $1" "$line" open
}

# talk NAME: asks once through an open connection; the answer is in "said":
# name of the server, address and port that it sees; or what went wrong.
talk()
{
	local line=

	echo >&"${talk_in[$1]}"
	read -r -t 20 -u "${talk_out[$1]}" line || line=nothing
	echo "  $1: $line"
	# shellcheck disable=SC2034 # for the scripts
	read -ra said <<<"$line"
}

# counter NAME: of the node, by its name in JSON.
counter()
{
	ctl counters -j | sed -n "s/.*\"$1\": *\\([0-9]*\\).*/\\1/p"
}
