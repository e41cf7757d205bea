# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A Kubernetes cluster without nodes, for scripts that have sourced lib.sh: etcd and
# kube-apiserver with TLS, RBAC and fresh certificates, in a directory. KUBERNETES is
# where watch/build-apiserver.sh has put the programs; check.sh gives it to scripts
# whose vm line says "cluster".
#
#   cluster_create DIRECTORY [NAMESPACE]  where its files are, and its servers run
#   etcd_start, etcd_stop
#   apiserver_start [FLAG...]             until it is ready
#   apiserver_kill, apiserver_stop        at once; after that the port is free
#   cluster_stop                          all of it
#   kube ARGUMENT...                      kubectl as an administrator
#   identities                            who svclb may be: see there

cluster=		# its directory
cluster_in=()		# runs a program in its namespace
cluster_address=127.0.0.1
cluster_port=6443
etcd_port=2379
cluster_seconds=$((60 * ${SLOWER:-1}))	# for a server to start

#
# Processes
#

# daemon NAME COMMAND...: in the namespace of the cluster, until it is stopped.
daemon()
{
	"${cluster_in[@]}" "${@:2}" >>"$cluster/$1.log" 2>&1 </dev/null &
	echo $! >"$cluster/$1.pid"
	disown $!
}

# running NAME
running()
{
	local pid state

	{ read -r pid <"$cluster/$1.pid" && read -r state <"/proc/$pid/stat"; } 2>/dev/null &&
		[[ ${state##*) } != Z* ]]
}

not_running()
{
	! running "$1"
}

# daemon_kill NAME [SIGNAL]: and waits until it is no more.
daemon_kill()
{
	[[ -e $cluster/$1.pid ]] || return 0
	kill "-${2-KILL}" "$(cat "$cluster/$1.pid")" 2>/dev/null || echo "$1 had ended"
	wait_for 20 not_running "$1" && rm "$cluster/$1.pid"
}

#
# Certificates and who is who
#

new_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)

# certificate NAME SUBJECT [EXTENSIONS]: a key, and what the cluster's authority says
# of it.
certificate()
{
	local file=$cluster/$1

	openssl req -new "${new_key[@]}" -keyout "$file.key" -subj "$2" -out "$file.csr" &&
		openssl x509 -req -in "$file.csr" -CA "$cluster/ca.crt" -CAkey "$cluster/ca.key" \
			-CAcreateserial -days 2 -out "$file.crt" \
			-extfile <(echo "$3")
}

certificates()
{
	local names=IP:127.0.0.1,IP:192.0.2.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes.default.svc

	openssl req -x509 "${new_key[@]}" -keyout "$cluster/ca.key" -days 2 \
		-subj /CN=kubernetes -out "$cluster/ca.crt" &&
		certificate server /CN=kube-apiserver "subjectAltName=$names" &&
		certificate admin /O=system:masters/CN=admin "extendedKeyUsage=clientAuth" &&
		certificate kube-proxy /CN=system:kube-proxy "extendedKeyUsage=clientAuth" &&
		openssl ecparam -name prime256v1 -genkey -noout -out "$cluster/accounts.key"
}

# kubeconfig NAME USER: a file for that, where USER is what it says of the user.
kubeconfig()
{
	cat >"$cluster/$1.kubeconfig" <<-END
	apiVersion: v1
	kind: Config
	clusters:
	- name: cluster
	  cluster:
	    server: https://$cluster_address:$cluster_port
	    certificate-authority: $cluster/ca.crt
	users:
	- name: user
	  user: $2
	contexts:
	- name: context
	  context: {cluster: cluster, user: user}
	current-context: context
	END
}

# encoded FILE: as kubeconfigs have data.
encoded()
{
	base64 -w 0 "$cluster/$1"
}

# Kubeconfigs: of an administrator; of svclb's service account, with its token in a
# file; of kube-proxy, as whom every cluster knows it, with its certificate inside.
kubeconfigs()
{
	kubeconfig admin "{client-certificate: $cluster/admin.crt, client-key: $cluster/admin.key}" &&
		kubeconfig svclb "{tokenFile: $cluster/token}" &&
		kubeconfig kube-proxy "{client-certificate-data: $(encoded kube-proxy.crt), \
client-key-data: $(encoded kube-proxy.key)}"
}

# cluster_create DIRECTORY [NAMESPACE]
cluster_create()
{
	cluster=$1
	cluster_in=()
	if (($# > 1)); then
		cluster_in=(nsenter "--net=/run/netns/$2")
	fi
	mkdir -p "$cluster" && certificates >"$cluster/openssl.log" 2>&1 && kubeconfigs
}

kube()
{
	HOME=$cluster "${cluster_in[@]}" "$KUBERNETES/kubectl" \
		--kubeconfig "$cluster/admin.kubeconfig" "$@"
}

# token FILE [SECRET]: for svclb's service account, good for an hour, or until that
# Secret is deleted.
token()
{
	local bound='' uid

	if (($# > 1)); then
		uid=$(kube -n kube-system get secret "$2" -o 'jsonpath={.metadata.uid}') || return
		bound=", \"boundObjectRef\": {\"kind\": \"Secret\", \"apiVersion\": \"v1\",
			\"name\": \"$2\", \"uid\": \"$uid\"}"
	fi
	kube create --raw /api/v1/namespaces/kube-system/serviceaccounts/svclb/token -f - <<-END |
	{"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
	 "spec": {"audiences": ["https://kubernetes.default.svc"],
		  "expirationSeconds": 3600$bound}}
	END
		sed -n 's/.*"token":"\([^"]*\)".*/\1/p' >"$1.new" && [[ -s $1.new ]] &&
		mv "$1.new" "$1"
}

#
# Servers
#

etcd_answers()
{
	"${cluster_in[@]}" curl -s --max-time 2 "http://127.0.0.1:$etcd_port/health" |
		grep -q '"health":"true"'
}

etcd_start()
{
	local client=http://127.0.0.1:$etcd_port peer=http://127.0.0.1:$((etcd_port + 1))

	daemon etcd etcd --data-dir "$cluster/etcd" --unsafe-no-fsync --logger zap \
		--listen-client-urls "$client" --advertise-client-urls "$client" \
		--listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
		--initial-cluster "default=$peer" &&
		wait_for "$cluster_seconds" etcd_answers
}

# api PATH [CURL'S OPTION...]: asks the server without kubectl, which takes longer.
api()
{
	"${cluster_in[@]}" curl -s --max-time 10 --cacert "$cluster/ca.crt" \
		--cert "$cluster/admin.crt" --key "$cluster/admin.key" \
		"${@:2}" "https://$cluster_address:$cluster_port$1"
}

# It starts the sooner the less it is asked.
apiserver_ready()
{
	[[ $(api /readyz) == ok ]] || ! sleep 0.5
}

apiserver_gone()
{
	! "${cluster_in[@]}" ss -Htln "sport = :$cluster_port" | grep -q .
}

# What nobody here asks for takes half of the time until it is ready.
apis=api/all=false,api/v1=true
for cluster_api in apiregistration.k8s.io apiextensions.k8s.io authentication.k8s.io \
	authorization.k8s.io rbac.authorization.k8s.io apps; do
	apis+=,$cluster_api/v1=true
done
apis+=,discovery.k8s.io/v1beta1=true
no_plugins=ServiceAccount,DefaultStorageClass,DefaultIngressClass,Priority,RuntimeClass
no_plugins+=,MutatingAdmissionWebhook,ValidatingAdmissionWebhook,PersistentVolumeClaimResize
no_plugins+=,StorageObjectInUseProtection,CertificateApproval,CertificateSigning
no_plugins+=,CertificateSubjectRestriction

# apiserver_start [FLAG...]
apiserver_start()
{
	daemon apiserver "$KUBERNETES/kube-apiserver" \
		--etcd-servers "http://127.0.0.1:$etcd_port" \
		--bind-address 0.0.0.0 --secure-port "$cluster_port" --insecure-port 0 \
		--advertise-address 192.0.2.1 --cert-dir "$cluster" \
		--tls-cert-file "$cluster/server.crt" --tls-private-key-file "$cluster/server.key" \
		--client-ca-file "$cluster/ca.crt" --authorization-mode RBAC \
		--service-cluster-ip-range 10.96.0.0/16,fd00:10:96::/112 \
		--feature-gates IPv6DualStack=true,EndpointSliceTerminatingCondition=true \
		--service-account-issuer https://kubernetes.default.svc \
		--service-account-signing-key-file "$cluster/accounts.key" \
		--service-account-key-file "$cluster/accounts.key" \
		--runtime-config "$apis" --enable-priority-and-fairness=false \
		--disable-admission-plugins "$no_plugins" --profiling=false "$@" &&
		wait_for "$cluster_seconds" apiserver_ready
}

# It is killed, as asked to end it waits for who is watching.
apiserver_stop()
{
	[[ -e $cluster/apiserver.pid ]] || return 0
	daemon_kill apiserver && wait_for 20 apiserver_gone
}

etcd_stop()
{
	daemon_kill etcd
}

cluster_stop()
{
	[[ -n $cluster ]] || return 0
	daemon_kill controllers && apiserver_stop && etcd_stop
}

# controllers_start CONTROLLER...: those of kube-controller-manager.
controllers_start()
{
	local IFS=,

	daemon controllers "$KUBERNETES/kube-controller-manager" --controllers "$*" \
		--kubeconfig "$cluster/admin.kubeconfig" --leader-elect=false \
		--root-ca-file "$cluster/ca.crt" \
		--service-account-private-key-file "$cluster/accounts.key" \
		--bind-address 127.0.0.1 --port 0 --cert-dir "$cluster" --use-service-account-credentials=false
}

# identities: what Documentation/replacing-kube-proxy.rst has operators apply.
identities()
{
	kube apply --validate=false -f ../packaging/kubernetes/rbac.yaml && token "$cluster/token"
}
