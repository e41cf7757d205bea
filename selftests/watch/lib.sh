# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the watcher's tests share: lib.sh's topology, whose node also is the control
# plane of a genuine cluster (see cluster.sh), and "svclbctl watch" on it. Of the
# pods b1 and b2 are on this node, b3 and b4 on another one.
# shellcheck source=selftests/lib.sh
# shellcheck disable=SC2119 # arguments may be left out
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=selftests/watch/cluster.sh
. watch/cluster.sh

node_name=node1
pods_cidr=10.244.0.0/16,fd00:10:244::/48
healthz=127.0.0.1:10256
metrics=127.0.0.1:10249
patience=$((20 * ${SLOWER:-1}))	# seconds for whatever is to happen

# The watcher makes all things as they shall be: a check begins with what the one
# before left. What that should have started again is.
fresh()
{
	[[ ! -e /run/netns/$lb || -d /sys/module/svclb ]] || load_module
	if [[ -e $cluster/etcd.pid ]] && not_running apiserver; then
		apiserver_start
	fi
}

# wait_for SECONDS COMMAND...: lib.sh's looks more often, which slows down what is
# waited for here.
wait_for()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < deadline)) || return 1
		sleep 0.1
	done
}

# cluster_begin: what every script needs, or it ends here.
cluster_begin()
{
	[[ -x ${KUBERNETES-}/kube-apiserver ]] ||
		skip "no kube-apiserver: KUBERNETES=\$(selftests/watch/build-apiserver.sh)"
	[[ -n $(type -P etcd) ]] || skip "no etcd"
	begin
	trap cluster_clean_up EXIT
	if ! { cluster_create "$tmp/cluster" "$lb" && etcd_start &&
		apiserver_start && identities && nodes; } >"$tmp/log" 2>&1; then
		result "not ok" "a cluster can be made"
		sed 's/^/# /' "$tmp/log"
		tail -n 20 "$cluster"/*.log | sed 's/^/# /'
		exit 1
	fi
}

cluster_clean_up()
{
	if [[ -n $cluster ]]; then
		daemon_kill watcher
		cluster_stop
	fi
	clean_up
}

cluster_finish()
{
	daemon_kill watcher
	cluster_stop
	finish
}

# Two nodes, of which one is this.
nodes()
{
	kube apply --validate=false -f - <<-END
	apiVersion: v1
	kind: Node
	metadata:
	  name: node1
	  labels: {kubernetes.io/hostname: node1, topology.kubernetes.io/zone: here}
	---
	apiVersion: v1
	kind: Node
	metadata:
	  name: node2
	  labels: {kubernetes.io/hostname: node2, topology.kubernetes.io/zone: there}
	END
	# kubectl of this version cannot write a status.
	api /api/v1/nodes/node1/status -o /dev/null -f -X PATCH \
		-H "Content-Type: application/merge-patch+json" -d '{"status": {"addresses": [
			{"type": "InternalIP", "address": "192.0.2.1"},
			{"type": "InternalIP", "address": "2001:db8::1"}]}}'
}

#
# The watcher
#

external_ips=(--external-ips on)	# which is not the default

# watcher_start [OPTION...]: as svclb's service account, unless they say otherwise.
watcher_start()
{
	daemon watcher "$svclbctl" watch --kubeconfig "$cluster/svclb.kubeconfig" \
		--node "$node_name" --cluster-cidr "$pods_cidr" "${external_ips[@]}" \
		--healthz "$healthz" --metrics "$metrics" "$@"
}

watcher_restart()
{
	daemon_kill watcher
	watcher_start "$@"
}

# status_of URL: 000 if nobody answers.
status_of()
{
	in_ns "$lb" curl -s --max-time 5 -o "$tmp/body" -w '%{http_code}' "http://$1"
}

# status_is CODE URL
status_is()
{
	[[ $(status_of "$2") == "$1" ]]
}

# metric NAME: the sum of what it has, whatever its labels.
metric()
{
	in_ns "$lb" curl -s --max-time 5 "http://$metrics/metrics" |
		awk -v name="$1" '$1 == name || index($1, name "{") == 1 { sum += $NF }
			END { printf "%.0f\n", sum }'
}

# wanted: what a translation of all that the cluster has now would change.
wanted()
{
	local url=https://$cluster_address:$cluster_port

	api /api/v1/services -f "$url/apis/discovery.k8s.io/v1beta1/endpointslices" \
		"$url/api/v1/nodes" >"$tmp/objects" &&
		ctl sync --node "$node_name" --cluster-cidr "$pods_cidr" --dry-run "$tmp/objects" 2>&1
}

# as_wanted: nothing.
as_wanted()
{
	local difference

	difference=$(wanted) && [[ -z $difference ]]
}

# settled: the kernel becomes what the cluster asks for, soon.
settled()
{
	wait_for "$patience" as_wanted && return
	echo "this is not done:"
	wanted
	echo "the watcher's last words:"
	tail -n 20 "$cluster/watcher.log"
	return 1
}

# eventually COMMAND...: soon.
eventually()
{
	wait_for "$patience" "$@" && return
	echo "not within $patience s: $*"
	tail -n 20 "$cluster/watcher.log"
	return 1
}

# endpoints_are SERVICE [POD...]: those that the kernel has.
endpoints_are()
{
	local i json found=''

	json=$(ctl list -j "$1" 2>/dev/null)
	for i in 1 2 3 4; do
		[[ $json != *\"10.244.2.${i}[\":]* ]] || found+=" b$i"
	done
	[[ ${found# } == "${*:2}" ]]
}

# unknown SERVICE: to the kernel.
unknown()
{
	! ctl list "$1" >/dev/null 2>&1
}

#
# Connections meanwhile
#

# load_start ADDRESS PORT: connections one after the other, some at once, which leave
# something of the processor to the rest.
load_start()
{
	rm -f "$tmp/load-end" "$tmp/load"
	(
		while [[ ! -e $tmp/load-end ]]; do
			"$traffic" client -n "$cl" -c 100 -j 8 "$1" "$2"
			sleep 0.1
		done >"$tmp/load"
	) &
	load=$!
	wait_for 20 test -s "$tmp/load"
}

# load_count WORD: how many answers, or those of one backend.
load_count()
{
	awk -v word="$1" 'index($0, word " ") == 1 { sum += $NF } END { print sum + 0 }' "$tmp/load"
}

more_answers()
{
	(($(load_count answers) >= $1))
}

# load_goes_on [COUNT]: until so many more have been answered.
load_goes_on()
{
	wait_for "$patience" more_answers $(($(load_count answers) + ${1-200}))
}

# load_ends: and not one of them has failed.
load_ends()
{
	: >"$tmp/load-end"
	wait "$load"
	comment "$(load_count answers) connections"
	if grep '^error' "$tmp/load"; then
		return 1
	fi
	((($(load_count answers)) > 0))
}

#
# Objects
#

# service NAME ADDRESS [LINE...]: port 80, with more lines of its spec.
service()
{
	{
		cat <<-END
		apiVersion: v1
		kind: Service
		metadata: {name: $1}
		spec:
		  clusterIP: $2
		  ports: [{port: 80, targetPort: 8080}]
		END
		if (($# > 2)); then
			printf '  %s\n' "${@:3}"
		fi
	} | kube apply --validate=false -f -
}

# endpoints NAME SLICE [POD...]: a slice of a Service, as a controller would apply it.
endpoints()
{
	local i of slices=/apis/discovery.k8s.io/v1beta1/namespaces/default/endpointslices

	{
		cat <<-END
		apiVersion: discovery.k8s.io/v1beta1
		kind: EndpointSlice
		metadata:
		  name: $2
		  labels: {kubernetes.io/service-name: $1}
		  annotations: {endpoints.kubernetes.io/last-change-trigger-time: "$(date -u +%FT%TZ)"}
		addressType: IPv4
		ports: [{name: "", port: 8080}]
		endpoints:
		END
		for i in "${@:3}"; do
			of=node1
			[[ $i == b[12] ]] || of=node2
			echo "- {addresses: [10.244.2.${i#b}], conditions: {ready: true}," \
				"topology: {kubernetes.io/hostname: $of}}"
		done
		if (($# == 2)); then
			echo "  []"
		fi
	} | api "$slices/$2?fieldManager=controller&force=true" -f -o /dev/null -X PATCH \
		-H "Content-Type: application/apply-patch+yaml" --data-binary @-
}
