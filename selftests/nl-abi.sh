#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The netlink interface, as its specification has it: runs nl_abi*, and those
# that are about permissions again with the parameter unprivileged_userns=1.
#
# vm: cpus=2 mem=1024 time=300 on=debian,uml
set -u
cd "$(dirname "$0")" || exit 1

module=../svclb.ko
count=0
failed=0

skip()
{
	echo "1..0 # SKIP $*"
	exit 4
}

# result ok|"not ok" NAME
result()
{
	count=$((count + 1))
	echo "$1 $count - $2"
	[[ $1 == ok ]] || failed=1
}

load()
{
	if [[ -e $module ]]; then
		insmod "$module" "$@"
	else
		modprobe svclb "$@"
	fi
}

# Namespaces go in the background and hold the module until they are gone.
unload()
{
	local deadline=$((SECONDS + 20))

	until rmmod svclb 2>/dev/null; do
		((SECONDS < deadline)) || return 1
		sleep 0.05
	done
}

# The module's lines in the kernel log.
kernel_lines()
{
	dmesg | grep -i 'svclb' | grep -v 'run-all'
}

# run_program LABEL PROGRAM: its results, under numbers of this script.
run_program()
{
	local label=$1 program=$2 line status plan=0 tests=0

	while IFS= read -r line; do
		if [[ $line =~ ^((not )?ok)\ [0-9]+\ (.*)$ ]]; then
			tests=$((tests + 1))
			result "${BASH_REMATCH[1]}" "$label: ${BASH_REMATCH[3]#- }"
		elif [[ $line =~ ^1\.\.([0-9]+) ]]; then
			plan=${BASH_REMATCH[1]}
		elif [[ $line =~ ^status\ ([0-9]+)$ ]]; then
			status=${BASH_REMATCH[1]}
		elif [[ $line != "TAP version"* ]]; then
			echo "# ${line#\# }"
		fi
	done < <("./$program" 2>&1; echo "status $?")
	if ((tests != plan || tests == 0)); then
		result "not ok" "$label: $program runs $tests of $plan tests, ends with status $status"
	fi
}

# run_with LABEL PROGRAMS [PARAMETER...]
run_with()
{
	local label=$1 programs=$2 program before after

	if ! load "${@:3}"; then
		result "not ok" "$label: the module can be loaded"
		return
	fi
	before=$(kernel_lines)
	for program in $programs; do
		run_program "$label" "$program"
	done
	after=$(kernel_lines)
	if [[ $before == "$after" ]]; then
		result ok "$label: no request makes the module write to the kernel log"
	else
		diff <(echo "$before") <(echo "$after") | sed 's/^/# /'
		result "not ok" "$label: no request makes the module write to the kernel log"
	fi
	if unload; then
		result ok "$label: the module can be unloaded"
	else
		result "not ok" "$label: the module can be unloaded"
	fi
}

echo "TAP version 13"
((EUID == 0)) || skip "must be root"
all="nl_abi nl_abi_policy nl_abi_resolve nl_abi_clients nl_abi_access"
for program in $all; do
	[[ -x $program ]] || skip "$program is not built: make -C selftests"
done
[[ ! -d /sys/module/svclb ]] || unload || skip "the module is in use"
modprobe nf_nat || skip "no nf_nat"

run_with "default" "$all"
run_with "unprivileged_userns" "nl_abi_access" unprivileged_userns=1
echo "1..$count"
exit $failed
