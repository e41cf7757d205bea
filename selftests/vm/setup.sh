#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
usage()
{
	cat <<'TEXT'
usage: selftests/vm/setup.sh GROUP...

Installs the Debian packages of the groups (build, check, demo, bench, rt, watch,
or all) that are listed in selftests/vm/packages. Does nothing, and needs neither
root nor network, where all of them are installed. No service is started.
TEXT
}

set -u
list=$(dirname "${BASH_SOURCE[0]}")/packages
policy=/usr/sbin/policy-rc.d
services=("nginx-common nginx" "etcd-server etcd")
kernels=("linux-headers-amd64 linux-image-amd64" "linux-headers-rt-amd64 linux-image-rt-amd64")

fail()
{
	echo "setup.sh: $*" >&2
	exit 1
}

# The list without its comments: a line is "GROUP[,GROUP...] PACKAGE".
lines()
{
	sed 's/#.*//; /^[[:space:]]*$/d' "$list"
}

# packages GROUP: those of a group, or of all.
packages()
{
	lines | awk -v group="$1" '{
		n = split($1, groups, ",")
		for (i = 1; i <= n; i++)
			if (groups[i] == group || (group == "all" && i == 1))
				print $2
	}'
}

# installed PACKAGE: its version, nothing when it is not installed.
installed()
{
	dpkg-query -W -f '${db:Status-Status} ${Version}\n' "$1" 2>/dev/null |
		sed -n 's/^installed //p'
}

# Headers and image only fit together when they are of the same version: what
# is installed or wanted of a pair is installed anew unless they agree.
match_kernel()
{
	local package
	local -a pair=() versions=()

	for package; do
		if [[ -n $(installed "$package") || " ${wanted[*]} " == *" $package "* ]]; then
			pair+=("$package")
			versions+=("$(installed "$package")")
		fi
	done
	((${#pair[@]} == 2)) || return
	if [[ -z ${versions[0]} || ${versions[0]} != "${versions[1]}" ]]; then
		missing+=("${pair[@]}")
	fi
}

# A service that is installed asks this file whether it may start.
forbid_services()
{
	trap allow_services EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	if [[ -e $policy && ! -e $policy.svclb ]]; then
		mv "$policy" "$policy.svclb" || fail "cannot move $policy"
	fi
	{ printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"; } ||
		fail "cannot write $policy"
}

allow_services()
{
	rm -f "$policy"
	[[ ! -e $policy.svclb ]] || mv "$policy.svclb" "$policy"
}

apt()
{
	DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@"
}

install_packages()
{
	local package service
	local -a unknown=() begins=()

	((EUID == 0)) || fail "must be root to install: ${missing[*]}"
	command -v apt-get >/dev/null || fail "no apt-get: install by other means: ${missing[*]}"
	echo "Installing ${missing[*]}"

	apt update -o APT::Update::Error-Mode=any ||
		apt update -o APT::Update::Error-Mode=any ||
		echo "setup.sh: apt-get update failed, going on with what is known" >&2
	for package in "${missing[@]}"; do
		apt-cache policy "$package" | grep -q '^  Candidate: [^(]' || unknown+=("$package")
	done
	((${#unknown[@]} == 0)) || fail "apt knows no package ${unknown[*]}"

	for service in "${services[@]}"; do
		[[ -n $(installed "${service% *}") ]] || begins+=("$service")
	done
	forbid_services
	apt install --no-install-recommends "${missing[@]}" ||
		fail "apt-get could not install ${missing[*]}"
	# Nor shall it start with the host's next boot.
	for service in "${begins[@]}"; do
		if [[ -n $(installed "${service% *}") ]]; then
			update-rc.d "${service#* }" disable >/dev/null ||
				fail "cannot disable ${service#* }"
		fi
	done
	for package in "${missing[@]}"; do
		[[ -n $(installed "$package") ]] || fail "$package is not installed"
	done
}

case ${1-} in
-h | --help) usage; exit 0 ;;
'') usage >&2; exit 2 ;;
esac
[[ -r $list ]] || fail "cannot read $list"
command -v dpkg-query >/dev/null || fail "no dpkg-query: this is not Debian"

wanted=()
for group; do
	mapfile -t names < <(packages "$group")
	((${#names[@]})) || fail "no group $group; there are" \
		"$(lines | awk '{ print $1 }' | tr , '\n' | sort -u | paste -sd ' ')"
	wanted+=("${names[@]}")
done

missing=()
for package in "${wanted[@]}"; do
	[[ -n $(installed "$package") ]] || missing+=("$package")
done
for kernel in "${kernels[@]}"; do
	# shellcheck disable=SC2086 # two packages
	match_kernel $kernel
done
if ((${#missing[@]})); then
	mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
	install_packages
fi
