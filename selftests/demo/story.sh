#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
usage()
{
	cat <<'TEXT'
usage: selftests/demo/story.sh [--tap] [--fast]

Shows svclb at work, in the test machine (selftests/demo/run.sh boots it and
comes here). Each claim is verified; the first that is wrong ends the story.

  --tap   prints what was verified as TAP and nothing else
  --fast  fewer connections and a shorter download
TEXT
}

set -u
here=$(dirname "${BASH_SOURCE[0]}")
root=$(cd "$here/../.." && pwd)
. "$here/tell.sh"
. "$here/setting.sh"

connections=300		# of each chart
lookups=8		# of each loop of nslookup
megabytes=8		# of the download
COLUMNS=${COLUMNS:-80}
vip=10.103.12.8
dns_name=kube-dns.kube-system.$domain
web_name=pod-check.default.$domain

for option; do
	case $option in
	--tap) tap=yes ;;
	--fast) connections=90 lookups=4 megabytes=4 ;;
	-h | --help) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
if [[ $(hostname) != svclb-vm ]]; then
	echo "story.sh: only in the test machine: use selftests/demo/run.sh" >&2
	exit 2
fi
cd "$root" || exit
PATH=$root:$PATH
if [[ -n ${DEMO_COLOUR-} ]]; then
	place_colour=([web-1]=$'\e[34m' [web-2]=$'\e[33m' [web-3]=$'\e[35m'
		[dns-1]=$'\e[36m' [dns-2]=$'\e[32m')
fi

finish()
{
	local result=$?

	trap - EXIT
	remove_setting
	[[ ! -e /sys/module/svclb ]] || rmmod svclb
	if ((result)); then
		if [[ -n $tap ]]; then
			echo "Bail out! step \"$step_name\""
		else
			echo "${bad}The story ended in the step \"$step_name\".$off" >&2
		fi
	fi
	exit "$result"
}

# backend NAME: its address and port as a web backend.
backend()
{
	echo "${address[$1]}:80"
}

# curls PLACE URL COUNT: connections, one after the other, and who answered.
curls()
{
	quietly "$1" "curl -sS '$2/?[1-$3]'"
	tally "${webs[@]}"
	chart "${webs[@]}"
}

step_setting()
{
	step "The setting"
	shows "A node, its pods in network namespaces, each with a real server, and a client outside."
	say "$(draw_setting)"
	expect "all servers run" make_setting
	on client "curl -sS http://$(backend web-1)/"
	expect "a pod reaches another pod" says "^web-1 at ${address[web-1]}, asked by ${address[client]}$"
}

step_insmod()
{
	step "The module"
	on node "modprobe nf_nat && insmod ./svclb.ko"
	expect "insmod svclb.ko takes" succeeds
	on node "svclbctl set --cluster-network 10.244.0.0/16"
	expect "the cluster's network is set" succeeds
}

step_one_backend()
{
	step "A service with one backend"
	shows "The address $vip is nowhere: only svclb knows it."
	on node "svclbctl add-svc $vip:80 --ep $(backend web-1)"
	expect "the service is added" succeeds
	on client "curl -sS http://$vip/"
	expect "web-1 answers for $vip and sees the pod's own address" \
		says "^web-1 at .*, asked by ${address[client]}$"
	on node "curl -sS http://$vip/"
	expect "the node itself is served too" says "^web-1 at .*, asked by $node_address$"
	on web-1 "curl -sS http://$vip/"
	expect "and so is the backend, by itself: it sees the node for a client" \
		says "^web-1 at .*, asked by $node_address$"
}

step_scaled()
{
	step "Scaled to three"
	on node "svclbctl add-ep $vip:80 $(backend web-2) $(backend web-3)"
	expect "two backends are added" succeeds
	curls client "http://$vip" $connections
	expect "$connections connections went to all three at random, in equal parts" \
		shares 5 web-1=1 web-2=1 web-3=1
}

step_schedulers()
{
	step "In turn, and by weight"
	on node "svclbctl edit-svc $vip:80 --scheduler rr"
	expect "the scheduler is changed" succeeds
	curls client "http://$vip" $connections
	expect "rr sends each backend exactly a third" shares exact web-1=1 web-2=1 web-3=1
	on node "svclbctl edit-svc $vip:80 --scheduler wrr && svclbctl edit-ep $vip:80 $(backend web-1) --weight 3"
	expect "web-1 has the weight 3, the others 1" succeeds
	curls client "http://$vip" $connections
	expect "wrr sends three of five to web-1" shares exact web-1=3 web-2=1 web-3=1
}

step_node_port()
{
	step "A node port for the world outside"
	on node "svclbctl edit-svc $vip:80 --node-port 30000"
	expect "the node port is added" succeeds
	on outside "curl -sS http://$node_address:30000/"
	expect "the client outside is served, and the backend sees the node's address: answers come back this way" \
		says "^web-. at .*, asked by $node_address$"
	on client "curl -sS http://$vip/"
	expect "a pod that uses $vip is still seen by its own address" \
		says "^web-. at .*, asked by ${address[client]}$"
	curls outside "http://$node_address:30000" $connections
	expect "the node port has the same weights" shares exact web-1=3 web-2=1 web-3=1
}

# queries: how many each DNS server was asked so far.
queries()
{
	local name

	for name in "${dnses[@]}"; do
		echo "$(grep -c "query\[" "$place/$name/log") $name"
	done
}

# nslookups TEXT OPTIONS: a loop, and which server was asked how often: twice
# for each lookup, which is of an A and an AAAA record.
nslookups()
{
	local count name
	local -A before=()

	while read -r count name; do
		before[$name]=$count
	done < <(queries)
	quietly client "for i in {1..$lookups}; do nslookup $2$dns_name 10.96.0.10 | grep -A 1 ^Name; done"
	while read -r count name; do
		tallied[$name]=$((count - before[$name]))
	done < <(queries)
	chart "${dnses[@]}"
	expect "$lookups lookups $1 were answered" \
		test "$(grep -c '^Address: 10.96.0.10$' <<<"$output")" -eq "$lookups"
}

step_dns()
{
	local name endpoints=''

	step "DNS, UDP and TCP"
	for name in "${dnses[@]}"; do
		endpoints+=" --ep ${address[$name]}:53"
	done
	on node "svclbctl add-svc udp/10.96.0.10:53 --scheduler rr$endpoints"
	expect "the UDP service is added" succeeds
	on node "svclbctl add-svc 10.96.0.10:53 --scheduler rr$endpoints"
	expect "the TCP service is added" succeeds
	on client "nslookup $dns_name 10.96.0.10"
	expect "the service's name is found" says '^Address:.*10.96.0.10#53$' "^Name:.*$dns_name$" \
		'^Address: 10.96.0.10$'
	on client "nslookup kube-dnz.kube-system.$domain 10.96.0.10"
	expect "a misspelt one is not" told_as 1 "can't find kube-dnz.kube-system.$domain: NXDOMAIN"
	nslookups 'over UDP' ''
	expect "the two servers took turns" test "${tallied[dns-1]}" -gt 0 -a "${tallied[dns-2]}" -gt 0
	nslookups 'over TCP' '-vc '
	expect "over TCP as well, connection by connection" test "${tallied[dns-1]}" -gt 0 -a "${tallied[dns-2]}" -gt 0
	on client "curl -sS http://$web_name/"
	expect "both services together: a page by its name" says "^web-. at "

	on node "svclbctl del-ep udp/10.96.0.10:53 ${address[dns-1]}:53"
	nslookups 'with one server less' ''
	expect "a removed server is asked no more" test "${tallied[dns-1]}" -eq 0 -a "${tallied[dns-2]}" -gt 0
}

step_list()
{
	step "What is there"
	on node "svclbctl list"
	expect "the list has all services and backends" says "$vip:80" "$(backend web-3)" \
		'10\.96\.0\.10:53' "${address[dns-2]}:53"
}

# got_headers FILE: whether the download's have come.
got_headers()
{
	grep -qs $'^\r$' "$1"
}

step_removal()
{
	local curl name command headers=$place/client/headers file=$place/client/download
	local url=http://$vip/download some=$((connections / 3))

	step "A backend is removed while a download goes on"
	head -c "${megabytes}M" /dev/urandom >"$place/download"
	command="curl -sS -D $headers -o $file $url"
	shows "The web servers send no more than 1 MB per second of it."
	say "${bold}client\$$off curl -sS -D headers -o download $url &"
	ip netns exec client bash -c "exec $command" &
	curl=$!
	until_true 10 got_headers "$headers"
	name=$(sed -n 's/^Pod: \([a-z0-9-]*\).*/\1/p' "$headers")
	expect "a download of $megabytes MB has begun" test -n "$name"
	shows "It comes from $name. Its client pauses, so that it cannot end too soon."
	kill -STOP "$curl"
	on node "svclbctl del-ep $vip:80 $(backend "$name")"
	expect "its backend is removed" succeeds
	curls client "http://$vip" $some
	expect "new connections avoid it" \
		test "${tallied[$name]}" -eq 0 -a "$(grep -c '^web' <<<"$output")" -eq "$some"
	expect "the download is not over" kill -CONT "$curl"
	say "${bold}client\$$off wait"
	wait "$curl"
	expect "it ends well" test $? -eq 0
	on node "cd $place && sha256sum download client/download"
	expect "and the file is whole" test "$(cut -d ' ' -f 1 <<<"$output" | sort -u | wc -l)" -eq 1
	on node "svclbctl add-ep $vip:80 $(backend "$name")"
	expect "the backend is back" succeeds
}

step_refused()
{
	step "Nobody waits for what is not there"
	on node "svclbctl add-svc 10.103.12.9:80"
	expect "a service without backends is added" succeeds
	on client "curl -sS http://10.103.12.9/"
	expect "it refuses at once" told_as 7 'after [0-9]{1,3} ms'
	on client "curl -sS http://$vip:81/"
	expect "so does a port that the service does not have" told_as 7 'after [0-9]{1,3} ms'
	on node "svclbctl del-svc 10.103.12.9:80"
	expect "the service is removed" succeeds
}

step_restore()
{
	local saved

	step "Saved and restored"
	on node "svclbctl save | tee $place/saved"
	saved=$output
	expect "the configuration is text" says "$vip" 'udp/10\.96\.0\.10:53'
	on node "svclbctl flush && svclbctl save"
	expect "after a flush there is no service" lacks '^add-svc'
	on node "svclbctl restore <$place/saved && svclbctl save | diff - $place/saved"
	expect "restored, it is the same to the letter" test "$status" -eq 0 -a -n "$saved"
	on client "curl -sS http://$vip/"
	expect "and serves" says "^web-. at .*, asked by ${address[client]}$"
}

step_counters()
{
	step "What has happened"
	on node "svclbctl counters"
	expect "connections, masqueraded and refused ones were counted" \
		says '^connections +[1-9]' '^masqueraded +[1-9]' \
		'^rejected-no-backend +[1-9]' '^rejected-unused-port +[1-9]'
}

step_rmmod()
{
	step "The end"
	on node "rmmod svclb"
	expect "the module is gone" test "$status" -eq 0 -a ! -e /sys/module/svclb
	on node "curl -sS --max-time 20 http://$vip/"
	expect "and nobody knows $vip any more" told_as 7 "Couldn't connect"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
[[ -z $tap ]] || echo "TAP version 13"
step_setting
step_insmod
step_one_backend
step_scaled
step_schedulers
step_node_port
step_dns
step_list
step_removal
step_refused
step_restore
step_counters
step_rmmod
if [[ -n $tap ]]; then
	echo "1..$told"
else
	say ''
	say "$good${bold}All of it is so: $told claims verified.$off"
fi
