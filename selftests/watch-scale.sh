#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kubectl scales a StatefulSet up and down while wrk asks its Service: Kubernetes' own
# controllers write the EndpointSlices, pods that are deleted are gone for good a
# moment later, and no request fails.
#
# vm: cpus=2 mem=2500 time=400 cluster on=uml
. "$(dirname "$0")/watch/lib.sh"

use 4 tcp

# Web servers in the pods, on port 8000; whatever kubelet.py makes of their addresses.
web_servers()
{
	local i

	for i in 1 2 3 4; do
		cat >"$tmp/nginx-$i" <<-END
		pid $tmp/nginx-$i.pid;
		error_log $tmp/nginx-$i.log;
		daemon off;
		master_process off;
		events {}
		http {
			access_log off;
			keepalive_requests 1000000;
			server {
				listen 8000;
				location / { return 200 "b$i\n"; }
			}
		}
		END
		nsenter "--net=/run/netns/b$i-$$" nginx -c "$tmp/nginx-$i" -p "$tmp" &
		servers+=($!)
		disown $!
	done
}

deployed()
{
	daemon kubelet watch/kubelet.py "$cluster" "https://$cluster_address:$cluster_port" 2 \
		web-0=node1,"$b1",10.244.2.1 web-1=node1,"$b2",10.244.2.2 \
		web-2=node2,"$b3",10.244.2.3 web-3=node2,"$b4",10.244.2.4
	controllers_start statefulset endpointslice endpoint
	watcher_start
	kube apply --validate=false -f - <<-END
	apiVersion: v1
	kind: Service
	metadata: {name: web}
	spec:
	  clusterIP: $vip
	  selector: {app: web}
	  ports: [{name: http, port: 80, targetPort: http}]
	---
	apiVersion: apps/v1
	kind: StatefulSet
	metadata: {name: web}
	spec:
	  serviceName: web
	  replicas: 2
	  podManagementPolicy: Parallel
	  selector: {matchLabels: {app: web}}
	  template:
	    metadata: {labels: {app: web}}
	    spec:
	      containers:
	      - name: web
	        image: web
	        ports: [{name: http, containerPort: 8000}]
	END
	eventually endpoints_are default/web:http b1 b2
	settled
	in_ns "$cl" curl -sf --max-time 5 "http://$vip/"
}

# wrk_start [HEADER]: requests until wrk_ends.
wrk_start()
{
	nsenter "--net=/run/netns/$cl" wrk -t 1 -c 8 -d 10m --timeout 10s ${1:+-H "$1"} \
		"http://$vip/" >"$tmp/wrk" 2>&1 &
	wrk=$!
}

# wrk_ends: and says that no request has failed.
wrk_ends()
{
	local status=0

	kill -INT "$wrk" || :
	wait "$wrk" || status=$?
	cat "$tmp/wrk"
	is "status of wrk" "$status" 0
	grep -q "requests in" "$tmp/wrk"
	comment "$(grep "requests in" "$tmp/wrk" | sed 's/^ *//')"
	if grep -E "Socket errors|Non-2xx" "$tmp/wrk"; then
		return 1
	fi
}

# Of what waits for a connection wrk says nothing.
nobody_waits()
{
	[[ -z $(in_ns "$cl" ss -Htn state syn-sent) ]]
}

# scaled REPLICAS POD...
scaled()
{
	kube scale statefulset web --replicas "$1"
	eventually endpoints_are default/web:http "${@:2}"
	eventually nobody_waits
}

# Pods are gone 2 seconds after they are told to end: their address with them.
gone()
{
	! in_ns "$1-$$" ip -4 address show dev eth0 | grep -q inet
}

scaling()
{
	wrk_start "Connection: close"
	scaled 4 b1 b2 b3 b4
	scaled 1 b1
	eventually gone b2
	eventually gone b4
	eventually nobody_waits
	scaled 3 b1 b2 b3
	scaled 2 b1 b2
	eventually gone b3
	eventually nobody_waits
	scaled 4 b1 b2 b3 b4
	wrk_ends
	settled
}

# Connections that stay do not notice that there are more pods.
kept_alive()
{
	scaled 2 b1 b2
	wrk_start
	scaled 4 b1 b2 b3 b4
	wrk_ends
}

# A pod that is replaced comes back with the same name and address.
replaced()
{
	local uid

	uid=$(kube get pod web-1 -o 'jsonpath={.metadata.uid}')
	wrk_start "Connection: close"
	kube delete pod web-1 --wait=false
	eventually endpoints_are default/web:http b1 b3 b4
	eventually endpoints_are default/web:http b1 b2 b3 b4
	eventually nobody_waits
	wrk_ends
	[[ $(kube get pod web-1 -o 'jsonpath={.metadata.uid}') != "$uid" ]]
	settled
}

# With the Service its endpoints go; there is nobody to collect the slices.
deleted()
{
	kube delete service web
	eventually unknown default/web:http
	settled
}

cluster_begin
for tool in wrk nginx; do
	[[ -n $(type -P "$tool") ]] || skip "no $tool"
done
web_servers
check "a StatefulSet and its Service" deployed
check "scaled up and down, no request fails" scaling
check "scaled up under connections that stay" kept_alive
check "a pod that is replaced, no request fails" replaced
check "deleted" deleted
daemon_kill kubelet
cluster_finish
