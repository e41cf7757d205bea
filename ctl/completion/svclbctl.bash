# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Completion of svclbctl's command lines for bash.

# Names of all services, of the namespace that the command line is about.
_svclbctl_services()
{
	"${COMP_WORDS[0]}" "$@" list --json 2>/dev/null |
		grep -o '"name":"[^"\\]*","protocol"' | sed 's/^"name":"//; s/","protocol"$//'
}

# Endpoints of a service, given by the words before it.
_svclbctl_endpoints()
{
	"${COMP_WORDS[0]}" list "$@" 2>/dev/null | awk '$1 == "->" { print $2 }'
}

_svclbctl_options()
{
	case $1 in
	add-svc) echo "--name --scheduler --node-port --external --load-balancer --internal-policy" \
		"--external-policy --source-range --affinity --syn-failover --ep --generation" \
		"--replace --ipv4 --ipv6 --tcp --udp --sctp" ;;
	edit-svc) echo "--scheduler --add --remove --node-port --no-node-port --external" \
		"--load-balancer --internal-policy --external-policy --source-range" \
		"--no-source-ranges --affinity --syn-failover --generation" ;;
	add-ep) echo "--weight --draining --local --local-only --not-serving" ;;
	edit-ep) echo "--weight --draining --no-draining --local --no-local --local-only" \
		"--no-local-only --not-serving --no-not-serving" ;;
	list | ls) echo "--stats --conns --sort --tcp --udp --sctp --ipv4 --ipv6" ;;
	resolve) echo "--interface" ;;
	sync) echo "--node --zone --node-ip --cluster-cidr --pod-interface --node-port-addresses" \
		"--localhost-node-ports --masquerade-all --service-cidr --external-ips --generation --dry-run" \
		"--translate --quiet" ;;
	watch) echo "--config --kubeconfig --context --server --token-file --certificate-authority --node" \
		"--zone --node-ip --cluster-cidr --pod-interface --detect-local-mode" \
		"--node-port-addresses --localhost-node-ports --masquerade-all --service-cidr" \
		"--external-ips --healthz --metrics --bind-address-hard-fail --per-service-metrics" \
		"--sync-period --min-sync-period --generation --log-format --verbose --once" \
		"--init-only --write-config-to --takeover --drain-timeout --cleanup" ;;
	takeover) echo "--dry-run --drain-timeout" ;;
	set) echo "--cluster-network --no-cluster-networks --pod-interface --no-pod-interfaces" \
		"--masquerade-all --node-port-range --node-port-address" \
		"--no-node-port-addresses --node-port-loopback --service-network" \
		"--no-service-networks --answer-ping --scheduler --maglev-seed --affinity-max" \
		"--datapath --flow-max --flow-full --timeout-tcp-syn --timeout-tcp-established" \
		"--timeout-tcp-half-closed --timeout-tcp-closed --timeout-udp" \
		"--timeout-udp-stream --timeout-sctp-setup --timeout-sctp-established" \
		"--timeout-sctp-closed" ;;
	flows) echo "--client --to --ep --protocol --state" ;;
	del-flows) echo "--client --to --ep --protocol --state --all" ;;
	restore) echo "--merge --check --dry-run" ;;
	batch) echo "--check --dry-run" ;;
	purge) echo "--older-than" ;;
	esac
}

# Sets COMPREPLY to those of the words that fit.
_svclbctl_reply()
{
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
	((${#COMPREPLY[@]})) && __ltrim_colon_completions "$cur"
}

# Completes the value of an option; fails if the option has none.
_svclbctl_value()
{
	case $1 in
	-n | --netns) _svclbctl_reply "$(ls /run/netns 2>/dev/null)" ;;
	--scheduler) _svclbctl_reply "random wrandom rr wrr lc wlc p2c sh maglev failover" ;;
	--internal-policy | --external-policy) _svclbctl_reply "cluster local" ;;
	-i | --interface | --pod-interface)
		_svclbctl_reply "$(ls /sys/class/net 2>/dev/null)"
		;;
	--datapath) _svclbctl_reply "conntrack direct" ;;
	--flow-full) _svclbctl_reply "evict drop" ;;
	--protocol) _svclbctl_reply "tcp udp sctp" ;;
	--state)
		_svclbctl_reply "tcp-syn tcp-established tcp-half-closed tcp-closed udp
			udp-stream sctp-setup sctp-established sctp-closed"
		;;
	--sort) _svclbctl_reply "name address connections endpoints" ;;
	--masquerade-all | --syn-failover | --node-port-loopback | --answer-ping | \
		--localhost-node-ports | --external-ips | --bind-address-hard-fail | \
		--per-service-metrics) _svclbctl_reply "on off" ;;
	--detect-local-mode)
		_svclbctl_reply "ClusterCIDR NodeCIDR BridgeInterface InterfaceNamePrefix"
		;;
	--log-format) _svclbctl_reply "text json" ;;
	--config | --kubeconfig | --token-file | --certificate-authority | --write-config-to)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	--name | --node-port | --no-node-port | --ep | --generation | --add | --remove | -w | \
		--weight | --cluster-network | --node-port-range | --older-than | --external | \
		--load-balancer | --source-range | --affinity | --node-port-address | \
		--service-network | --maglev-seed | --affinity-max | --flow-max | --timeout-* | \
		--client | --to | --node | --zone | \
		--node-ip | --cluster-cidr | --node-port-addresses | --service-cidr | --context | --server | --healthz | \
		--metrics | --sync-period | --min-sync-period | --drain-timeout) ;;
	*) return 1 ;;
	esac
}

_svclbctl()
{
	local commands="add-svc edit-svc del-svc add-ep edit-ep del-ep list counters zero resolve
		affinity flows del-flows monitor sync watch takeover set show-settings save restore batch flush purge version help"
	local cur prev words cword command='' service='' i
	local -a netns=()

	_get_comp_words_by_ref -n : cur prev words cword
	_svclbctl_value "$prev" && return
	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-n | --netns)
			netns=(-n "${words[++i]}")
			;;
		-*) ;;
		*)
			if [[ -z $command ]]; then
				command=${words[i]}
			elif [[ -z $service ]]; then
				service=${words[i]}
			fi
			;;
		esac
	done
	if [[ $cur == -* ]]; then
		_svclbctl_reply "$(_svclbctl_options "$command") --json --pretty --netns --help"
	elif [[ -z $command || $command == help ]]; then
		_svclbctl_reply "$commands"
	elif [[ $command =~ ^(save|restore|batch|sync)$ ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ $command =~ ^(edit-ep|del-ep)$ && -n $service ]]; then
		_svclbctl_reply "$(_svclbctl_endpoints "${netns[@]}" "$service")"
	elif [[ $command =~ ^(edit-svc|del-svc|add-ep|edit-ep|del-ep|list|ls|zero|affinity|flows|del-flows)$ &&
		-z $service ]]; then
		_svclbctl_reply "$(_svclbctl_services "${netns[@]}")"
	fi
}

complete -F _svclbctl svclbctl
