#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# svclbctl watch beside a genuine API server: what kubectl makes, changes and deletes
# is what packets meet; and it ends in the same state whatever happens to the server,
# the watcher, the kernel's services and the module meanwhile.
#
# vm: cpus=2 mem=2500 time=400 cluster on=uml
# shellcheck disable=SC2119 # arguments may be left out
. "$(dirname "$0")/watch/lib.sh"

use 4 tcp
churn_seconds=${SVCLB_CHURN:-5}	# for each of two checks

# What the watcher made goes, and what somebody else made stays.
cleaned_up()
{
	daemon_kill watcher
	ctl add-svc 10.96.9.9:80 --name mine --ep 10.244.2.1:8080
	ctl watch --cleanup
	is services "$(ctl save | grep -c '^add-svc')" 1
	ctl save | grep -- '--cluster-network 10.244.0.0/16'
	ctl del-svc mine
	ctl watch --cleanup
	is services "$(ctl save | grep -c '^add-svc')" 0
	is networks "$(ctl save | grep -c -- '--cluster-network')" 0
}

# What kube-proxy left goes once the services are there, and not before.
took_over()
{
	in_ns "$lb" nft add table ip kube-proxy
	in_ns "$lb" iptables-nft-restore --noflush <<-END
	*nat
	:KUBE-SERVICES - [0:0]
	-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	COMMIT
	END
	daemon_kill watcher
	watcher_start --takeover --drain-timeout 10s
	eventually grep -q "what kube-proxy left was removed" "$cluster/watcher.log"
	grep -n "the kernel has what the cluster asks for\|what kube-proxy left" "$cluster/watcher.log" |
		tail -n 2 | tee "$tmp/order"
	sed -n 2p "$tmp/order" | grep 'removed=4 failed=0'
	is tables "$(in_ns "$lb" nft list tables | grep -c kube-proxy)" 0
	if in_ns "$lb" iptables-nft-save | grep KUBE-; then
		return 1
	fi
	watcher_restart --takeover
	eventually grep -q "nothing is left of kube-proxy" "$cluster/watcher.log"
	settled
	in_ns "$lb" nft flush ruleset
}

begins()
{
	watcher_start
	eventually status_is 200 "$healthz/healthz"
	settled
	grep 'the API server answers.* http=2$' "$cluster/watcher.log"
	# The server is a service of its own cluster.
	eventually in_ns "$cl" curl -sf --max-time 5 --cacert "$cluster/ca.crt" \
		https://10.96.0.1/readyz
}

made()
{
	service web "$vip" "type: NodePort" "externalIPs: [203.0.113.80]"
	endpoints web web-1 b1 b2
	eventually endpoints_are default/web b1 b2
	all_answered "$cl" 100 "$vip" 80
	is backends "${got[backends]}" 2
	all_answered "$out" 20 "$node" "$(kube get service web -o 'jsonpath={.spec.ports[0].nodePort}')"
	all_answered "$lb" 20 203.0.113.80 80
	settled
}

# Ready and not ready, in one slice and in two, in the midst of connections.
churned()
{
	local pods

	load_start "$vip" 80
	for pods in "b1 b2 b3 b4" "b3 b4" "b3" "b1 b3" "b2" "b1 b2 b3 b4"; do
		# shellcheck disable=SC2086 # several pods
		endpoints web web-1 $pods
		# shellcheck disable=SC2086
		eventually endpoints_are default/web $pods
		load_goes_on
	done
	endpoints web web-2 b1 b4
	endpoints web web-1 b1
	eventually endpoints_are default/web b1 b4
	kube delete endpointslice web-2
	eventually endpoints_are default/web b1
	load_goes_on
	load_ends
	settled
}

# Whoever may make a Service could take any address with them.
external_ips_off()
{
	local external_ips=()

	all_answered "$lb" 5 203.0.113.80 80
	watcher_restart
	eventually grep "service default/web: its external IPs are passed over" \
		"$cluster/watcher.log"
	eventually no_external
	all_answered "$cl" 10 "$vip" 80
	external_ips=(--external-ips on)
	watcher_restart
	settled
	all_answered "$lb" 5 203.0.113.80 80
}

no_external()
{
	! ctl list | grep -F 203.0.113.80
}

without_endpoints()
{
	endpoints web web-1
	eventually endpoints_are default/web
	client "$cl" -c 3 "$vip" 80
	is refused "${got[error ECONNREFUSED]-0}" 3
	endpoints web web-1 b2
	eventually endpoints_are default/web b2
	all_answered "$cl" 10 "$vip" 80
}

made_again()
{
	kube delete service web
	eventually unknown default/web
	service web "$vip" "sessionAffinity: ClientIP"
	eventually endpoints_are default/web b2
	all_answered "$cl" 10 "$vip" 80
	kube delete service,endpointslice web web-1 --ignore-not-found
	service web "$vip2"
	endpoints web web-1 b1 b2 b3
	eventually endpoints_are default/web b1 b2 b3
	all_answered "$cl" 10 "$vip2" 80
	settled
}

# The pods' connections do not notice that the watcher is gone, nor that it is back.
watcher_killed()
{
	service web "$vip2"
	endpoints web web-1 b1
	eventually endpoints_are default/web b1
	connection one "$cl" "$vip2" 80
	talk one
	is "answered by" "${said[0]}" b1
	load_start "$vip2" 80
	daemon_kill watcher
	endpoints web web-1 b2 b3
	service other 10.96.0.77
	load_goes_on
	watcher_start
	eventually endpoints_are default/web b2 b3
	load_goes_on
	load_ends
	talk one
	is "answered by" "${said[0]}" b1
	settled
}

# Every resource version is older than the server that comes back.
server_killed()
{
	endpoints web web-1 b1 b2
	eventually endpoints_are default/web b1 b2
	load_start "$vip2" 80
	apiserver_stop
	load_goes_on 500
	is "health without a server" "$(status_of "$healthz/livez")" 200
	apiserver_start --min-request-timeout 4
	endpoints web web-1 b3
	eventually endpoints_are default/web b3
	load_goes_on
	load_ends
	settled
}

# What changed while neither was there.
both_killed()
{
	daemon_kill watcher
	kube delete service other
	endpoints web web-1 b4
	apiserver_stop
	watcher_start
	eventually running watcher
	all_answered "$cl" 10 "$vip2" 80
	apiserver_start
	eventually endpoints_are default/web b4
	eventually unknown default/other
	settled
}

# churn SEED: its time is over, or the host is busy and it goes on.
churn()
{
	timeout 120 "${cluster_in[@]}" watch/churn.py "$cluster" \
		"https://$cluster_address:$cluster_port" "$1" "$churn_seconds" 50 >"$tmp/churn"
}

# It holds no more descriptors afterwards than before, and no more memory.
churned_alone()
{
	local files resident

	settled
	files=$(metric process_open_fds)
	resident=$(metric process_resident_memory_bytes)
	churn 2
	settled
	comment "$(cat "$tmp/churn") requests obeyed"
	is "open descriptors" "$(metric process_open_fds)" "$files"
	between "resident bytes" "$(metric process_resident_memory_bytes)" 1 $((resident + (2 << 20)))
}

# same_anew: a watcher that is never killed makes of nothing what the kernel has.
same_anew()
{
	settled
	daemon_kill watcher
	ctl save >"$tmp/saved"
	ctl flush
	watcher_start
	settled
	diff "$tmp/saved" <(ctl save)
}

# Killed again and again while everything changes, it ends where it should, and
# connections of what does not change never notice.
killed_in_churn()
{
	local kills=0 churn

	service web "$vip2"
	endpoints web web-1 b1 b2
	eventually endpoints_are default/web b1 b2
	load_start "$vip2" 80
	churn 1 &
	churn=$!
	while kill -0 "$churn" 2>/dev/null; do
		# Anywhere between its start and work.
		sleep "$(printf '%d.%03d' $((RANDOM % 2)) $((RANDOM % 1000)))"
		watcher_restart
		kills=$((kills + 1))
	done
	wait "$churn"
	settled
	load_ends
	comment "$(cat "$tmp/churn") requests obeyed, the watcher killed $kills times"
	between "kills" "$kills" 3 1000000
	same_anew
}

# Somebody else, behind its back.
meddled()
{
	ctl flush
	settled
	ctl del-svc default/web
	settled
	ctl del-ep default/web "${ep[4]}"
	settled
	ctl add-ep default/web "${ep[2]}"
	settled
	ctl set --no-cluster-networks
	settled
	all_answered "$cl" 10 "$vip2" 80
	# What is not the cluster's stays.
	ctl add-svc "$svc3" --name mine --ep "${ep[1]}"
	endpoints web web-1 b1 b2
	eventually endpoints_are default/web b1 b2
	all_answered "$cl" 10 "$vip3" 80
	ctl del-svc mine
}

module_reloaded()
{
	wait_for 20 remove_module
	load_module
	settled
	all_answered "$cl" 10 "$vip2" 80
}

health_port()
{
	endpoints local local-1 b1 b3
	service local 10.96.0.30 "type: LoadBalancer" "externalTrafficPolicy: Local"
	port=$(kube get service local -o 'jsonpath={.spec.healthCheckNodePort}')
	eventually status_is 200 "192.0.2.1:$port/"
	grep '"localEndpoints": *1' "$tmp/body"
	endpoints local local-1 b3
	eventually status_is 503 "192.0.2.1:$port/"
	kube delete service local
	eventually status_is 000 "192.0.2.1:$port/"
}

ports()
{
	local path

	is livez "$(status_of "$healthz/livez")" 200
	is healthz "$(status_of "$healthz/healthz")" 200
	grep lastUpdated "$tmp/body"
	is proxyMode "$(status_of "$metrics/proxyMode")" 200
	is "healthz beside metrics" "$(status_of "$metrics/healthz")" 200
	endpoints web web-1 b2 b3
	eventually endpoints_are default/web b2 b3
	for path in sync_proxy_rules_duration_seconds_count sync_proxy_rules_last_timestamp_seconds \
		sync_proxy_rules_endpoint_changes_total sync_proxy_rules_service_changes_total \
		network_programming_duration_seconds_count; do
		between "$path" "$(metric "kubeproxy_$path")" 1 100000000000
	done
}

node_going()
{
	kube patch node node1 --type merge -p \
		'{"spec": {"taints": [{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]}}'
	eventually status_is 503 "$healthz/healthz"
	is livez "$(status_of "$healthz/livez")" 200
	kube patch node node1 --type merge -p '{"spec": {"taints": null}}'
	eventually status_is 200 "$healthz/healthz"
}

cluster_begin
check "begins, and pods reach the API server by its cluster IP" begins
check "a Service is there" made
check "external IPs count only if they are asked for" external_ips_off
check "endpoints come and go, and no connection fails" churned
check "a Service without endpoints refuses" without_endpoints
check "a Service that is deleted and made again" made_again
check "a watcher that is killed is not missed, and goes on" watcher_killed
check "an API server that is killed is not missed, and listed anew" server_killed
check "both are killed" both_killed
check "somebody flushes and edits: it is repaired" meddled
check "the module is loaded anew" module_reloaded
check "a health check port" health_port
check "health and metrics" ports
check "a node that is about to be deleted" node_going
check "many changes in a short time" churned_alone
check "killed in the midst of many changes, again and again" killed_in_churn
check "what kube-proxy left is removed" took_over
check "what the watcher made can be removed" cleaned_up
cluster_finish
