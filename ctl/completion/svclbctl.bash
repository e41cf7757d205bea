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
	add-svc) echo "--name --scheduler --node-port --ep --generation --replace --ipv4 --ipv6" \
		"--tcp --udp" ;;
	edit-svc) echo "--scheduler --add --remove --node-port --no-node-port --generation" ;;
	add-ep) echo "--weight --draining" ;;
	edit-ep) echo "--weight --draining --no-draining" ;;
	list | ls) echo "--stats --sort --tcp --udp --ipv4 --ipv6" ;;
	set) echo "--cluster-network --no-cluster-networks --masquerade-all --node-port-range" \
		"--scheduler" ;;
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
	--scheduler) _svclbctl_reply "random wrandom rr wrr" ;;
	--sort) _svclbctl_reply "name address connections endpoints" ;;
	--masquerade-all) _svclbctl_reply "on off" ;;
	--name | --node-port | --no-node-port | --ep | --generation | --add | --remove | -w | \
		--weight | --cluster-network | --node-port-range | --older-than) ;;
	*) return 1 ;;
	esac
}

_svclbctl()
{
	local commands="add-svc edit-svc del-svc add-ep edit-ep del-ep list counters zero monitor
		set show-settings save restore batch flush purge version help"
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
	elif [[ $command =~ ^(save|restore|batch)$ ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	elif [[ $command =~ ^(edit-ep|del-ep)$ && -n $service ]]; then
		_svclbctl_reply "$(_svclbctl_endpoints "${netns[@]}" "$service")"
	elif [[ $command =~ ^(edit-svc|del-svc|add-ep|edit-ep|del-ep|list|ls|zero)$ &&
		-z $service ]]; then
		_svclbctl_reply "$(_svclbctl_services "${netns[@]}")"
	fi
}

complete -F _svclbctl svclbctl
