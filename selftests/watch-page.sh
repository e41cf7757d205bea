#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# An operator who follows Documentation/replacing-kube-proxy.rst to the letter. A
# comment ".. test: LABEL" stands above each block of commands there; one of which the
# test has nothing to run it on says why, as ".. not tested: REASON".
#
# vm: cpus=2 mem=2500 time=400 cluster on=uml
# shellcheck disable=SC2119 # arguments may be left out
. "$(dirname "$0")/watch/lib.sh"

use 4 tcp
page=../Documentation/replacing-kube-proxy.rst
not_tested=1
account=system:serviceaccount:kube-system:svclb

# What the operator has: programs, and a cluster as kubeadm makes it.
operator()
{
	mkdir "$tmp/bin" "$tmp/systemctl"
	ln -s "$KUBERNETES/kubectl" "$tmp/bin"
	ln -s "$(realpath "$svclbctl")" "$tmp/bin/svclbctl"
	ln -s "$(realpath watch/systemctl.py)" "$tmp/bin/systemctl"
	# The module is not where modprobe looks.
	cat >"$tmp/bin/modprobe" <<-END
	#!/bin/sh
	test "\$1" = svclb && { test -d /sys/module/svclb || exec insmod $(realpath "$module"); }
	END
	chmod +x "$tmp/bin/modprobe"
	controllers_start serviceaccount-token
	kube_proxy
}

# A DaemonSet and its configuration, and on this node what has its ports.
kube_proxy()
{
	local port

	sed 's/^/    /' >"$tmp/config" <<-END
	apiVersion: kubeproxy.config.k8s.io/v1alpha1
	bindAddress: 0.0.0.0
	bindAddressHardFail: false
	clientConnection:
	  acceptContentTypes: ""
	  burst: 0
	  contentType: ""
	  kubeconfig: /var/lib/kube-proxy/kubeconfig.conf
	  qps: 0
	clusterCIDR: $pods_cidr
	configSyncPeriod: 0s
	conntrack:
	  maxPerCore: null
	  min: null
	  tcpCloseWaitTimeout: null
	  tcpEstablishedTimeout: null
	detectLocalMode: ""
	enableProfiling: false
	healthzBindAddress: ""
	hostnameOverride: ""
	iptables:
	  masqueradeAll: false
	  masqueradeBit: null
	  minSyncPeriod: 0s
	  syncPeriod: 0s
	kind: KubeProxyConfiguration
	metricsBindAddress: ""
	mode: ""
	nodePortAddresses: null
	oomScoreAdj: null
	portRange: ""
	END
	kube apply --validate=false -f - <<-END
	apiVersion: v1
	kind: ConfigMap
	metadata: {name: kube-proxy, namespace: kube-system}
	data:
	  config.conf: |-
	$(cat "$tmp/config")
	---
	apiVersion: apps/v1
	kind: DaemonSet
	metadata: {name: kube-proxy, namespace: kube-system, labels: {k8s-app: kube-proxy}}
	spec:
	  selector: {matchLabels: {k8s-app: kube-proxy}}
	  template:
	    metadata: {labels: {k8s-app: kube-proxy}}
	    spec:
	      hostNetwork: true
	      containers:
	      - name: kube-proxy
	        image: registry.k8s.io/kube-proxy
	        command: [/usr/local/bin/kube-proxy, --config=/var/lib/kube-proxy/config.conf]
	END
	for port in 10249 10256; do
		daemon "kube-proxy-$port" python3 -m http.server --directory "$tmp/bin" "$port"
	done
}

# block LABEL: of the page, for this node.
block()
{
	awk -v label=".. test: $1" '
		$0 == label { found = 1 }
		found && /^\.\. code-block::/ { inside = 1; next }
		inside && /^[^ ]/ { exit }
		inside { sub(/^   /, ""); print }' "$page" |
		sed "s|\\<NODE\\>|$node_name|g; s|\\<SERVER\\>|https://$cluster_address:$cluster_port|g"
}

# follow LABEL: runs it; what it says is in "output".
follow()
{
	block "$1" >"$tmp/block"
	grep -q . "$tmp/block"
	touch "$tmp/followed"
	grep -qx "$1" "$tmp/followed" || echo "$1" >>"$tmp/followed"
	if ! (cd .. && in_ns "$lb" env HOME="$cluster" KUBECONFIG="$cluster/admin.kubeconfig" \
		PATH="$tmp/bin:$PATH" SYSTEMCTL="$tmp/systemctl" \
		bash -euo pipefail "$tmp/block") >"$tmp/output" 2>"$tmp/errors"; then
		cat "$tmp/block" "$tmp/output" "$tmp/errors"
		return 1
	fi
}

# told WORD: to the service manager.
told()
{
	grep -q -- "$1" "$tmp/systemctl/notified"
}

service_pid()
{
	cat "$tmp/systemctl/pid"
}

told_anew()
{
	told READY=1 && [[ $(service_pid) != "$1" ]]
}

begins()
{
	operator
	service web "$vip"
	endpoints web web-1 b1 b2
	unload_module
	follow check
	grep -q '^svclbctl' "$tmp/output"
	[[ -d /sys/module/svclb ]]
	grep -q "$pods_cidr" /etc/svclb/effective.conf
}

token_is_there()
{
	[[ -n $(kube -n kube-system get secret svclb -o 'jsonpath={.data.token}') ]]
}

rights()
{
	follow rights
	is "may list" "$(kube auth can-i list services -A --as "$account")" yes
	follow token
	eventually token_is_there
	follow kubeconfig
	is mode "$(stat -c %a /etc/svclb/kubeconfig.conf)" 600
}

# Beside kube-proxy.
once()
{
	follow once
	grep -q default/web "$tmp/output"
	all_answered "$cl" 20 "$vip" 80
	is backends "${got[backends]}" 2
	follow compare
	is differences "$(cat "$tmp/output")" ""
	# It would tell one.
	ctl del-ep default/web "${ep[1]}"
	follow compare
	grep -q "${ep[1]}" "$tmp/output"
}

takeover()
{
	load_start "$vip" 80
	follow takeover
	is daemonset "$(kube -n kube-system get daemonset kube-proxy --ignore-not-found)" ""
	told READY=1
	eventually told WATCHDOG=1
	daemon_kill kube-proxy-10249
	daemon_kill kube-proxy-10256
	eventually status_is 200 "$healthz/healthz"
	endpoints web web-1 b3
	eventually endpoints_are default/web b3
	load_goes_on
	load_ends
}

# What mode iptables had, and what others have.
leftovers()
{
	in_ns "$lb" iptables-legacy-restore <<-END
	*nat
	:KUBE-SERVICES - [0:0]
	:OTHERS - [0:0]
	-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
	-A PREROUTING -j OTHERS
	-A KUBE-SERVICES -d $vip/32 -p tcp -m tcp --dport 80 -j RETURN
	COMMIT
	END
	follow leftovers
	grep -q KUBE-SERVICES "$tmp/output"
	in_ns "$lb" iptables-legacy-save -t nat >"$tmp/rules"
	grep -q -- '-A PREROUTING -j OTHERS' "$tmp/rules"
	is "KUBE-SERVICES is there" "$(grep -c KUBE-SERVICES "$tmp/rules")" 0
	in_ns "$lb" iptables-legacy -t nat -F
	in_ns "$lb" iptables-legacy -t nat -X OTHERS
	all_answered "$cl" 20 "$vip" 80
}

health()
{
	eventually status_is 200 "$metrics/proxyMode"
	follow health
	grep -q '"nodeEligible": *true' "$tmp/output"
	grep -q '^kubeproxy_sync_proxy_rules_last_timestamp_seconds' "$tmp/output"
	grep -q '^svclb$' "$tmp/output"
}

# By the operator, and by the service manager when it was killed.
restarts()
{
	local before

	before=$(service_pid)
	load_start "$vip" 80
	follow restart
	told_anew "$before"
	endpoints web web-1 b4
	eventually endpoints_are default/web b4
	before=$(service_pid)
	: >"$tmp/systemctl/notified"
	kill -KILL "$before"
	endpoints web web-1 b1
	eventually told_anew "$before"
	eventually endpoints_are default/web b1
	load_goes_on
	load_ends
}

back()
{
	follow back
	is name "$(kube -n kube-system get daemonset kube-proxy -o name)" daemonset.apps/kube-proxy
	follow "clean up"
	told STOPPING=1
	is services "$(ctl save | grep -c '^add-svc')" 0
	is networks "$(ctl save | grep -c -- '--cluster-network')" 0
	is "may list" "$(kube auth can-i list services -A --as "$account")" no
}

# All of the page, in its order.
all_of_it()
{
	diff <(sed -n 's/^\.\. test: //p' "$page") "$tmp/followed"
	is "not tested" "$(grep -c '^\.\. not tested: .' "$page")" "$not_tested"
	is blocks "$(grep -c '^\.\. code-block::' "$page")" \
		$(($(wc -l <"$tmp/followed") + not_tested))
	grep '^\.\. not tested: ' "$page" | sed 's/^\.\. /# /' >"$tmp/comments"
}

cluster_begin
check "what to check" begins
check "rights, and a kubeconfig" rights
check "once, beside kube-proxy" once
check "taking over: kube-proxy's DaemonSet is deleted, and no connection fails" takeover
check "what kube-proxy left is removed" leftovers
check "metrics and health" health
check "restarts, and no connection fails" restarts
check "going back" back
check "all commands of the page were run, in its order" all_of_it
daemon_kill controllers
cluster_finish
