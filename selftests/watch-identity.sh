#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# As whom svclbctl watch goes to a genuine API server: certificates, tokens that are
# renewed and revoked, permissions that are taken and given back, and servers that are
# not who they should be.
#
# vm: cpus=2 mem=2500 time=200 cluster on=uml
# shellcheck disable=SC2119 # arguments may be left out
. "$(dirname "$0")/watch/lib.sh"

use 4 tcp
account=/var/run/secrets/kubernetes.io/serviceaccount

# follows: what changes now is done.
toggle=0
follows()
{
	toggle=$((3 - ${toggle/0/2}))
	endpoints web web-1 "b$toggle"
	eventually endpoints_are default/web "b$toggle"
	all_answered "$cl" 5 "$vip" 80
}

# stays POD: for the time being nothing changes, whatever the cluster says.
stays()
{
	endpoints_are default/web "$1"
	all_answered "$cl" 5 "$vip" 80
	is "backend $1" "${got[backend $1]-0}" 5
}

# complains PATTERN: in what it says from now on.
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
	follows
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
	# With it all connections end.
	apiserver_stop
	apiserver_start
	follows
}

# 401 until the file has a good one.
revoked()
{
	local now=b$toggle

	cp "$cluster/token" "$cluster/token.good"
	echo "not.a.token" >"$cluster/token"
	mark
	apiserver_stop
	apiserver_start
	eventually complains_of 401
	running watcher
	endpoints web web-1 b3
	stays "$now"
	mv "$cluster/token.good" "$cluster/token"
	eventually endpoints_are default/web b3
	settled
}

# 403 until it is allowed again.
forbidden()
{
	kube delete clusterrolebinding svclb
	mark
	apiserver_stop
	apiserver_start
	eventually complains_of 403
	running watcher
	endpoints web web-1 b4
	stays b3
	kube apply --validate=false -f ../packaging/kubernetes/rbac.yaml
	eventually endpoints_are default/web b4
	settled
}

# It may do no more than it must.
least()
{
	local words as="system:serviceaccount:kube-system:svclb"

	while read -ra words; do
		is "may ${words[*]:1}" "$(kube auth can-i "${words[@]:1}" -A --as "$as")" "${words[0]}"
	done <<-END
	yes list services
	yes watch services
	yes list endpointslices.discovery.k8s.io
	yes watch endpointslices.discovery.k8s.io
	yes watch nodes
	no list secrets
	no list pods
	no update services
	no patch nodes
	no create endpointslices.discovery.k8s.io
	END
}

# A server whose certificate others have signed is told nothing.
impostor()
{
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/other.key" -days 2 \
		-subj /CN=other -out "$tmp/other.crt"
	sed "s|$cluster/ca.crt|$tmp/other.crt|" "$cluster/svclb.kubeconfig" >"$tmp/other.kubeconfig"
	watcher_restart --kubeconfig "$tmp/other.kubeconfig"
	mark
	eventually complains_of 'certificate|SSL|TLS'
	running watcher
	endpoints web web-1 b1
	stays b4
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
check "a server that is not the one" impostor
cluster_finish
