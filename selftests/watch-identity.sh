#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# As whom svclbctl watch goes to a genuine API server: certificates, tokens that are
# renewed and revoked, permissions that are taken and given back, and servers that are
# not who they should be.
#
# vm: cpus=2 mem=2500 time=400 cluster on=uml
# shellcheck disable=SC2119 # arguments may be left out
. "$(dirname "$0")/watch/lib.sh"

use 4 tcp
account=/var/run/secrets/kubernetes.io/serviceaccount

# moves_to POD: what changes now is done.
moves_to()
{
	endpoints web web-1 "$1"
	eventually endpoints_are default/web "$1"
	all_answered "$cl" 5 "$vip" 80
	is "backend $1" "${got[backend $1]-0}" 5
}

follows()
{
	moves_to b1
	moves_to b2
}

# asked_more COUNT: requests that failed.
asked_more()
{
	(($(metric svclb_request_errors_total) >= $1))
}

# stays POD: nothing changes, whatever the cluster says; it has asked again by then.
stays()
{
	local failed

	failed=$(metric svclb_request_errors_total)
	eventually asked_more $((failed + 3))
	endpoints_are default/web "$1"
	all_answered "$cl" 5 "$vip" 80
	is "backend $1" "${got[backend $1]-0}" 5
}

# complains_of PATTERN: in what it says from now on.
said_before=0
complains_of()
{
	tail -n "+$((said_before + 1))" "$cluster/watcher.log" | grep -E "$1"
}

mark()
{
	said_before=$(wc -l <"$cluster/watcher.log")
}

service_account()
{
	watcher_restart
	service web "$vip"
	endpoints web web-1 b1
	eventually endpoints_are default/web b1
	settled
}

# As every cluster lets kube-proxy in, with all in one file.
certificate_inside()
{
	watcher_restart --kubeconfig "$cluster/kube-proxy.kubeconfig"
	follows
}

# What a pod is given.
in_cluster()
{
	mkdir -p "$account"
	cp "$cluster/ca.crt" "$cluster/token" "$account"
	daemon_kill watcher
	KUBERNETES_SERVICE_HOST=192.0.2.1 KUBERNETES_SERVICE_PORT=$cluster_port \
		daemon watcher "$svclbctl" watch --node "$node_name" --cluster-cidr "$pods_cidr" \
		--healthz "$healthz" --metrics "$metrics"
	follows
}

# All connections end with the server.
apiserver_restart()
{
	apiserver_stop
	apiserver_start
}

# The token that it began with is revoked; the file has a new one by then.
renewed()
{
	kube -n kube-system create secret generic lease
	token "$cluster/token" lease
	watcher_restart
	follows
	token "$cluster/token.next"
	mv "$cluster/token.next" "$cluster/token"
	kube -n kube-system delete secret lease
	apiserver_restart
	follows
}

# 401 until the file has a good one.
revoked()
{
	moves_to b2
	cp "$cluster/token" "$cluster/token.good"
	echo "not.a.token" >"$cluster/token"
	mark
	apiserver_restart
	eventually complains_of 'HTTP status 401'
	running watcher
	endpoints web web-1 b3
	stays b2
	mv "$cluster/token.good" "$cluster/token"
	eventually complains_of 'followed again.*resource=endpointslices'
	eventually endpoints_are default/web b3
	settled
}

# 403 until it is allowed again. Watches go on until they end: permissions are looked
# at when one begins.
forbidden()
{
	moves_to b3
	kube delete clusterrolebinding svclb
	endpoints web web-1 b1
	eventually endpoints_are default/web b1
	mark
	apiserver_restart
	eventually complains_of 'HTTP status 403: .*system:serviceaccount:kube-system:svclb.* cannot watch'
	running watcher
	endpoints web web-1 b4
	stays b1
	kube apply --validate=false -f ../packaging/kubernetes/rbac.yaml
	eventually complains_of 'followed again.*resource=endpointslices'
	eventually endpoints_are default/web b4
	settled
}

# It may do no more than it must.
least()
{
	local verb resource group

	cat >"$tmp/rights" <<-END
	true list services
	true watch services
	true list endpointslices discovery.k8s.io
	true watch endpointslices discovery.k8s.io
	true watch nodes
	false list secrets
	false list pods
	false update services
	false patch nodes
	false create endpointslices discovery.k8s.io
	END
	while read -r _ verb resource group; do
		cat <<-END
		---
		apiVersion: authorization.k8s.io/v1
		kind: SubjectAccessReview
		spec:
		  user: system:serviceaccount:kube-system:svclb
		  resourceAttributes: {verb: $verb, resource: $resource, group: "$group"}
		END
	done <"$tmp/rights" | kube create --validate=false -f - -o "jsonpath={.status.allowed} \
{.spec.resourceAttributes.verb} {.spec.resourceAttributes.resource} \
{.spec.resourceAttributes.group}{'\n'}" | sed 's/ $//' >"$tmp/answers"
	diff "$tmp/rights" "$tmp/answers"
}

# not_believed PATTERN [OPTION...]: a watcher that begins with them tells a server
# nothing, and leaves alone what the kernel has.
not_believed()
{
	daemon_kill watcher
	mark
	watcher_start "${@:2}"
	eventually complains_of "$1"
	running watcher
	endpoints web web-1 b1
	stays b4
}

# A server whose certificate others have signed, until those are known.
impostor()
{
	watcher_restart
	moves_to b4
	openssl req -x509 "${new_key[@]}" -keyout "$tmp/other.key" -days 2 \
		-subj /CN=other -out "$tmp/known.crt" 2>"$tmp/openssl"
	sed "s|$cluster/ca.crt|$tmp/known.crt|" "$cluster/svclb.kubeconfig" >"$tmp/other.kubeconfig"
	not_believed 'SSL certificate problem' --kubeconfig "$tmp/other.kubeconfig"
	cp "$cluster/ca.crt" "$tmp/known.crt"
	eventually endpoints_are default/web b1
}

# A server whose certificate is for other names.
misnamed()
{
	watcher_restart
	moves_to b4
	sed "s|https://[0-9.]*|https://$node2|" "$cluster/svclb.kubeconfig" >"$tmp/other.kubeconfig"
	not_believed 'SSL: .*does not match|SSL: no alternative' --kubeconfig "$tmp/other.kubeconfig"
	watcher_restart
	eventually endpoints_are default/web b1
}

cluster_begin
check "a service account's token in a file" service_account
check "the service account may do what it must and no more" least
check "a client certificate inside the kubeconfig, as kube-proxy" certificate_inside
check "what a pod is given" in_cluster
check "a token that is renewed before it is revoked" renewed
check "a token that is refused, until the file has a good one" revoked
check "permissions that are taken away and given back" forbidden
check "a server that others have signed, until they are known" impostor
check "a server of another name" misnamed
cluster_finish
