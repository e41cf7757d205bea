#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tool says and how it exits, as far as that needs no module:
#
#   ctl/tests/cli.sh TOOL
set -u
tool=$1
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0
failed=0

result()
{
	count=$((count + 1))
	if (($1 == 0)); then
		echo "ok $count - $2"
	else
		failed=1
		echo "not ok $count - $2"
		echo "#   status $status, output: $output"
	fi
}

# says STATUS TEXT ARGUMENT...: exits with STATUS, its output has TEXT.
says()
{
	local expected=$1 text=$2

	shift 2
	output=$("$tool" "$@" 2>&1 </dev/null)
	status=$?
	[[ $status == "$expected" && $output == *"$text"* ]]
	result $? "$(printf '%.60s' "$*"): $text"
}

# Each command's help fits on a screen and has an example.
for command in add-svc edit-svc del-svc add-ep edit-ep del-ep list counters zero monitor set \
	show-settings save restore batch flush purge version resolve affinity sync watch takeover \
	flows del-flows; do
	says 0 "Usage: svclbctl $command" "$command" --help
	says 0 "Usage: svclbctl $command" help "$command"
	[[ $output == *Example:* ]] && (($(wc -l <<<"$output") <= 24))
	result $? "$command --help fits on a screen, with an example"
	! grep -q '.\{81\}' <<<"$output"
	result $? "$command --help is 80 columns wide"
done

says 0 "Usage: svclbctl [OPTION]" --help
says 0 "svclbctl " --version
says 0 '"svclbctl"' version --json
says 0 "svclbctl " ver
says 2 "a command is missing"
says 2 "'frob': unknown command" frob
says 2 "'add' can be add-svc add-ep" add
says 2 "unknown option '--frob'" list --frob
says 2 "unknown option '--frob'" --frob
says 2 "a value is needed by option '-n'" list -n
says 2 "there is no network namespace 'nope-$$'" -n "nope-$$" list
says 2 "not the name of a network namespace" -n ../x list
says 2 "one word too many" flush x
says 2 "list takes one service" list a b

says 2 "an address is missing" add-svc
says 2 "write it as '10.0.0.1:80'" add-svc 10.0.0.1
says 2 "a port is a number from 1 to 65535" add-svc 10.0.0.1:0
says 2 "a port is a number from 1 to 65535" add-svc 10.0.0.1:65536
says 2 "unknown protocol; there are tcp, udp and sctp" add-svc icmp/10.0.0.1:80
says 2 "not an address" add-svc web:80
says 2 "one address family" add-svc 10.0.0.1:80 '[fd00::1]:80'
says 2 "one address family" add-svc 10.0.0.1:80 --ep '[fd00::1]:80'
says 2 "one protocol" add-svc tcp/10.0.0.1:80 udp/10.0.0.2:80
says 2 "one protocol" add-svc tcp/10.0.0.1:80 --udp
says 2 "given twice" add-svc 10.0.0.1:80 10.0.0.1:80
says 2 "given twice" add-svc 10.0.0.1:80 --node-port 30000 --node-port 30000
says 2 "there are random, wrandom, rr, wrr, lc, wlc" add-svc 10.0.0.1:80 --scheduler dh
says 2 "at most 255 bytes, this one has 10001" \
	add-svc 10.0.0.1:80 --name "$(printf 'x%.0s' {1..10001})"
says 2 "byte 2 of the name is a blank" add-svc 10.0.0.1:80 --name "a b"
says 2 "a generation is a number" add-svc 10.0.0.1:80 --generation x
says 2 "nothing to change" edit-svc 10.0.0.1:80
says 2 "a service is missing" del-svc
says 2 "an endpoint is missing" add-ep 10.0.0.1:80
says 2 "write it as '10.1.1.1:80'" add-ep 10.0.0.1:80 10.1.1.1
says 2 "a weight is a number from 0 to 65535" add-ep 10.0.0.1:80 10.1.1.1:80 -w 65536
says 2 "a weight is a number from 0 to 65535" add-ep 10.0.0.1:80 10.1.1.1:80,w=-1
says 2 "given twice" add-ep 10.0.0.1:80 10.1.1.1:80 10.1.1.1:80
says 2 "nothing to change" edit-ep 10.0.0.1:80 10.1.1.1:80
says 2 "address and port only" del-ep 10.0.0.1:80 10.1.1.1:80,draining
says 2 "no setting is given" set
says 2 "the network is 10.0.0.0/8" set --cluster-network 10.1.0.0/8
says 2 "on or off" set --masquerade-all maybe
says 2 "smaller port first" set --node-port-range 2-1
says 2 "--older-than is missing" purge
says 2 "--sort is name" list --sort size
says 2 "unknown policy; there are cluster and local" add-svc 10.0.0.1:80 --external-policy none
says 2 "--syn-failover is on or off" add-svc 10.0.0.1:80 --syn-failover yes
says 2 "an affinity timeout is a number from 0 to 86400 seconds" add-svc 10.0.0.1:80 --affinity 86401
says 2 "there are ,local ,cluster ,restricted and ,open" add-svc 10.0.0.1:80,locl
says 2 "a node port is no address" add-svc 10.0.0.1:80 --external nodeport:30000
says 2 "the port is missing" add-svc --external 192.0.2.1
says 2 "--remove takes an address only" edit-svc 10.0.0.1:80 --remove 10.0.0.2:80,local
says 2 "--source-range excludes --no-source-ranges" edit-svc x --source-range 10.0.0.0/8 --no-source-ranges
says 2 "/nope: No such file" edit-svc x --source-range @/nope
printf '10.0.0.0/8 # comment\n\n192.168.0.0/16 10.0.0.1\n' >"$tmp/ranges"
says 2 "$tmp/ranges:3: '10.0.0.1': not a network" edit-svc x --source-range "@$tmp/ranges"
echo '10.0.0.0/8 192.168.0.0/16' >"$tmp/ranges"
echo "add-svc 10.0.0.1:80 --source-range @$tmp/ranges --source-range fd00::/8" >"$tmp/batch"
says 2 "$tmp/batch:1: 'fd00::/8': a service has one address family, this one's is ipv4" \
	batch --check "$tmp/batch"
says 2 "there are ,w=WEIGHT ,draining ,local ,local-only and ,not-serving" add-ep x 10.0.0.1:80,remote
says 2 "not an interface" set --pod-interface 'a*b'
says 2 "--affinity-max is at least 1" set --affinity-max 0
says 2 "--pod-interface excludes --no-pod-interfaces" set --pod-interface a --no-pod-interfaces

says 2 "resolve takes a client" resolve 10.0.0.1
says 2 "one word too many" resolve 10.0.0.1 10.0.0.2:80 x
says 2 "the port is missing" resolve 10.0.0.1 10.0.0.2
says 2 "the addresses are of two families" resolve 10.0.0.1 '[fd00::1]:80'
says 2 "an echo request has no port" resolve 10.0.0.1 icmp/10.0.0.2:80
says 2 "not an address" resolve web 10.0.0.2:80
says 2 "affinity takes one service" affinity a b

says 2 "a file is missing" sync --node a
says 2 "--node is missing" sync "$tmp/nope"
says 2 "No such file" sync "$tmp/nope" --node a
says 2 "one file is taken" sync a b --node a
echo '{"kind":"List","items":[]}' >"$tmp/empty.json"
says 0 "end 0" sync "$tmp/empty.json" --node a --translate
says 0 '"services":[]' sync "$tmp/empty.json" --node a --dry-run -j
echo '{' >"$tmp/half.json"
says 2 "$tmp/half.json: line 2: " sync "$tmp/half.json" --node a --translate -j
says 0 "end 0" sync - --node a --translate
says 2 "generation 0 are not a cluster's" sync "$tmp/empty.json" --node a --generation 0
says 2 "not a network" sync "$tmp/empty.json" --node a --cluster-cidr x --translate
says 2 "'primary': the node's address is not known" \
	sync "$tmp/empty.json" --node a --node-port-addresses primary --translate
says 2 "there is another address of this family" \
	sync "$tmp/empty.json" --node a --node-ip 10.0.0.1,10.0.0.2 --translate
says 0 "set --no-cluster-networks" sync "$tmp/empty.json" --node a --cluster-cidr '' --translate
# Node ports: of which families, and on loopback addresses or not.
says 0 "set --no-node-port-addresses --node-port-loopback on" sync "$tmp/empty.json" --node a \
	--node-port-addresses 0.0.0.0/0,10.0.0.0/8 --localhost-node-ports on --translate
says 0 "set --node-port-address 10.0.0.0/8 --node-port-loopback off" sync "$tmp/empty.json" \
	--node a --node-port-addresses 10.0.0.0/8 --localhost-node-ports on --translate
says 0 "set --node-port-address 127.0.0.1/32 --node-port-loopback on" sync "$tmp/empty.json" \
	--node a --node-port-addresses 127.0.0.1/32 --localhost-node-ports on --translate
says 0 "set --node-port-address fd00::/8 --node-port-loopback on" sync "$tmp/empty.json" \
	--node a --node-port-addresses fd00::/8,all,fd00::/8 --node-port-addresses fd00::/8 \
	--localhost-node-ports on --translate
says 0 "set --node-port-address 127.0.0.0/8 --node-port-address ::1/128 --node-port-loopback on" \
	sync "$tmp/empty.json" --node a --node-port-addresses localhost --translate

printf 'add-svc 10.0.0.1:80 --ep 10.1.1.1:80\nend 1\n' >"$tmp/good"
head -n 1 "$tmp/good" >"$tmp/cut"
says 0 "" restore --check "$tmp/good"
says 0 "" batch --check "$tmp/good"
says 2 "$tmp/cut:1: the statement 'end NUMBER' is missing" restore --check "$tmp/cut"
says 0 "" batch --check "$tmp/cut"
says 2 "No such file" restore "$tmp/nope"
says 2 "Is a directory" batch "$tmp"
says 2 "one file is taken" restore a b
says 2 "standard input:0: the statement 'end NUMBER' is missing" restore --check
printf 'del-svc 10.0.0.1:80\nend 0\n' >"$tmp/del"
says 2 "$tmp/del:1: 'del-svc' is for batch, not for restore" restore --check "$tmp/del"
head -c 300 /dev/zero >"$tmp/zero"
says 2 "zero byte" restore --check "$tmp/zero"

# A large file, in a moment.
seq 40000 | awk '{ a = int($1 / 250) "." $1 % 250
	print "add-svc 10." a ".1:80"; print "add-ep 10." a ".1:80 11." a ".1:80 11." a ".2:80" }
	END { print "end " NR }' >"$tmp/large"
says 0 "" restore --check "$tmp/large"
seq 0 65534 | awk '{ print "add-ep 10.0.0.1:80 10.1." int($1 / 256) "." $1 % 256 ":80" }' |
	shuf --random-source=<(yes) | sed '1i add-svc 10.0.0.1:80
		$a end 1' >"$tmp/many"
says 0 "" restore --check "$tmp/many"

if [[ ! -d /sys/module/svclb ]]; then
	for command in list save monitor flush show-settings counters zero "add-svc 10.0.0.1:80" affinity \
		"resolve 10.0.0.1 10.0.0.2:80" "sync $tmp/empty.json --node a" \
		"restore $tmp/good" "batch $tmp/good"; do
		# shellcheck disable=SC2086 # several words
		says 3 "svclb: module not loaded in this kernel: run 'modprobe svclb'" $command
	done
fi

echo "1..$count"
exit $failed
