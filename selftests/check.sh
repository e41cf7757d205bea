#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs the checks and tests, all or those given:
#
#   selftests/check.sh [-j MACHINES] [-c CPUS] [-o DIR] [-k KERNEL] [-d PATCH]
#                      [-e NAME=VALUE] [-a ARGUMENT] [SCRIPT...]
#
# Checks, selftests/static/*.sh and the machine's own test, run on this host.
# Tests are the executable selftests/*.sh with a line such as
#
#   # vm: cpus=2 mem=1024 icount time=300 cluster on=debian,kasan
#
# among their first 30 (all but cpus may be left out); scripts with the same
# wishes share one test machine. With "cluster" they find in KUBERNETES what
# watch/build-apiserver.sh builds. "on" are the kernels that a script runs on, each
# "debian", the distribution's, or one that vm/build-kernel.sh makes; without it
# debian alone. With "+direct" behind its name, all is done in the direct datapath.
# -k KERNEL runs all scripts on that one instead, but for those with a
# cluster, which an emulated processor is too slow for; -d PATCH with a module that
# has a defect (see check-instruments.sh), -c CPUS in machines that have so many, -e
# with that in their environment, -a with that on the kernel's command line. Output
# is one TAP stream; a test that was skipped counts as failed. Raw output stays in
# DIR if one is given.
set -u
cd "$(dirname "$0")/.." || exit 1

# The flags of a make that runs this script are not for those that it runs.
unset MAKEFLAGS MFLAGS MAKELEVEL

machine_seconds=800	# so much in one machine, rather than in more
boot_seconds=120	# what a machine may take beside its scripts
machines=$(($(nproc) + 1))	# tests wait for something every fourth second
only_kernel=
only_cpus=
more_options=
defect=
not_run="(SKIP|TO""DO)"	# what TAP would let pass
out=

while getopts j:c:o:k:d:e:a: option; do
	case $option in
	j) machines=$OPTARG ;;
	c) only_cpus=$OPTARG ;;
	o) out=$OPTARG ;;
	k) only_kernel=$OPTARG ;;
	d) defect=$OPTARG ;;
	e) more_options+=" -e $OPTARG" ;;
	a) more_options+=" -a $OPTARG" ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

if [[ -n $out ]]; then
	mkdir -p "$out" || exit 1
else
	out=$(mktemp -d) || exit 1
	trap 'rm -rf "$out"' EXIT
fi

passed=0
failed=0

# result ok|"not ok" NAME
result()
{
	echo "$1 $((passed + failed + 1)) - $2"
	if [[ $1 == ok ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
}

# name_on KERNEL SCRIPT: what a script's results are called.
name_on()
{
	local name=${2#selftests/}

	[[ $1 == debian ]] || echo -n "$1: "
	echo "${name%.sh}"
}

# script_results NAME STATUS < OUTPUT: adds a script's TAP to the stream.
script_results()
{
	local name=$1 status=$2 line tests=0 bad=0 plan=

	while IFS= read -r line; do
		line=${line%$'\r'}
		if [[ $line =~ ^(not\ )?ok($|\ +)([0-9]+)?(\ *-)?\ *(.*)$ ]]; then
			local verdict=${BASH_REMATCH[1]}ok text=${BASH_REMATCH[5]}

			tests=$((tests + 1))
			if [[ ${text^^} =~ \#\ *$not_run ]]; then
				verdict="not ok"
				text=${text/\#/skipped:}
			fi
			[[ $verdict == ok ]] || bad=$((bad + 1))
			result "$verdict" "$name: $text"
		elif [[ $line =~ ^1\.\.([0-9]+) ]]; then
			plan=${BASH_REMATCH[1]}
		elif [[ $line != "TAP version"* ]]; then
			echo "# ${line#\# }"
		fi
	done
	if ((status == 4)); then
		result "not ok" "$name: skipped"
	elif ((status && !bad)); then
		result "not ok" "$name: ends with status $status"
	elif ((!tests)); then
		result "not ok" "$name: runs no test"
	elif [[ -n $plan ]] && ((plan > tests)); then
		result "not ok" "$name: runs only $tests of $plan tests"
	fi
}

# wish SCRIPT KEY: the value of a key of the script's vm line.
wish()
{
	sed -n "1,30s/^# vm:.*\<$2=\([0-9]*\).*/\1/p" "$1"
}

# wishes_cluster SCRIPT...: whether one of them does.
wishes_cluster()
{
	sed -sn '1,30s/^# vm:.*\<cluster\>.*/wished/p' "$@" | grep -q wished
}

is_vm_script()
{
	[[ -n $(wish "$1" cpus) ]]
}

kernels_of()
{
	local on

	on=$(sed -n '1,30s/^# vm:.*\<on=\([a-z,+]*\).*/\1/p' "$1")
	on=${only_kernel:-${on:-debian}}
	echo "${on//,/ }"
}

# machine_of KERNEL SCRIPT: the wishes of a script that its machine must fulfil.
machine_of()
{
	local cpus mem icount=

	cpus=${only_cpus:-$(wish "$2" cpus)}
	mem=$(wish "$2" mem)
	case ${1%+direct} in
	uml) cpus=1 ;;
	debian) icount=$(sed -n '1,30s/^# vm:.*\<icount\>.*/-i/p' "$2") ;;
	esac
	echo "-c $cpus${mem:+ -m $mem}${icount:+ $icount}"
}

# boot NUMBER KERNEL OPTIONS SCRIPT...: runs the scripts in one machine; its
# output and its status are left in $out/NUMBER.
boot()
{
	local number=$1 kernel=${2%+direct}
	local options="$3 ${kernel_options[$kernel]}$more_options"
	local seconds slower=${slower_by[$kernel]-1}

	[[ $2 == "$kernel" ]] || options+=" -e DATAPATH=direct"

	shift 3
	seconds=$((boot_seconds + $(seconds_of "$@")))
	# shellcheck disable=SC2086 # the options are several words
	selftests/vm/run.sh $options -t "$((slower * seconds))" -- selftests/run-all.sh "$@" \
		>"$out/$number.log" 2>&1 </dev/null
	echo $? >"$out/$number.status"
}

# boot_results NUMBER KERNEL OPTIONS SCRIPT...: the results of a machine. Scripts
# that it did not come to are run in another one.
boot_results()
{
	local number=$1 kernel=$2 options=$3 log=$out/$1.log status script end splat='' name
	local -a left=()

	status=$(cat "$out/$number.status")
	shift 3
	for script in "$@"; do
		if ! grep -q "^# begin $script"$'\r'"\?$" "$log"; then
			left+=("$script")
			continue
		fi
		name=$(name_on "$kernel" "$script")
		end=$(sed -n "s|^# end $script \([0-9]*\)\r\?$|\1|p" "$log")
		script_results "$name" "${end:-0}" < <(
			sed "0,\|^# begin $script\r\?$|d; \|^# end $script |,\$d" "$log")
		if [[ -z $end ]]; then
			result "not ok" "$name: machine ends with status $status"
			splat=found
		fi
	done
	grep -q "^not ok - makes the kernel complain" "$log" && splat=found
	if ((${#left[@]} == $#)); then
		result "not ok" "machine $kernel $options: ends with status $status before any test"
		sed 's/^/# /' "$log"
		return
	fi
	if ((status == 126)) && [[ -z $splat ]]; then
		result "not ok" "machine $kernel $options: the kernel complains"
		sed 's/^/# /' "$log"
	fi
	if ((${#left[@]})); then
		boot "$number+" "$kernel" "$options" "${left[@]}"
		boot_results "$number+" "$kernel" "$options" "${left[@]}"
	fi
}

# cost_of KERNEL: how many of $machines one counts as. Emulated processors that wait
# for each other's locks are slow beside others.
cost_of()
{
	case ${1%+direct} in
	kasan | kcsan) echo 2 ;;
	*) echo 1 ;;
	esac
}

# seconds_of SCRIPT...: what they may take.
seconds_of()
{
	local script seconds=0 limit

	for script in "$@"; do
		limit=$(wish "$script" time)
		seconds=$((seconds + ${limit:-300}))
	done
	echo "$seconds"
}

# spread PARTS SCRIPT...: the scripts in so many lines that take about as long as
# each other.
spread()
{
	local parts=$1 script seconds i least
	local -a lists=() loads=()

	shift
	for ((i = 0; i < parts; i++)); do
		loads[i]=0
	done
	while read -r seconds script; do
		least=0
		for ((i = 1; i < parts; i++)); do
			((loads[i] >= loads[least])) || least=$i
		done
		loads[least]=$((loads[least] + seconds))
		lists[least]+="$script "
	done < <(for script in "$@"; do echo "$(seconds_of "$script") $script"; done | sort -nr)
	printf '%s\n' "${lists[@]}"
}

# parts SCRIPT...: all scripts, in as few machines as keep all CPUs busy; each is a
# line of its cost, its time, and what it is.
parts()
{
	local script kernel machine part
	local -A groups=()
	local -a scripts=() own=()

	for script in "$@"; do
		for kernel in $(kernels_of "$script"); do
			machine="$kernel|$(machine_of "$kernel" "$script")"
			groups[$machine]+="$script "
		done
	done
	for machine in "${!groups[@]}"; do
		read -ra scripts <<<"${groups[$machine]}"
		kernel=${machine%%|*}
		# A little time is not worth another boot.
		part=$((1 + $(seconds_of "${scripts[@]}") / machine_seconds))
		((part <= machines)) || part=$machines
		while read -ra own; do
			echo "$(cost_of "$kernel") $(seconds_of "${own[@]}") $machine|${own[*]}"
		done < <(spread "$part" "${scripts[@]}")
	done
}

# run_machines SCRIPT...: as many machines at a time as fit, the long ones first.
run_machines()
{
	local i cost used=0
	local -a queue=() running=()
	local -A waits=()

	mapfile -t queue < <(parts "$@" | sort -k 1,1nr -k 2,2nr | cut -d ' ' -f 3-)
	for i in "${!queue[@]}"; do
		waits[$i]=yes
	done
	while ((${#waits[@]} || ${#running[@]})); do
		for i in "${!queue[@]}"; do
			cost=$(cost_of "${queue[i]%%|*}")
			if [[ -z ${waits[$i]-} ]] || ((used && used + cost > machines)); then
				continue
			fi
			on_machine boot "$i" &
			running[i]=$!
			used=$((used + cost))
			unset "waits[$i]"
		done
		collect
	done
}

# on_machine FUNCTION NUMBER: calls it for that entry of run_machines' queue.
on_machine()
{
	local kernel options list
	local -a scripts

	IFS='|' read -r kernel options list <<<"${queue[$2]}"
	read -ra scripts <<<"$list"
	"$1" "$2" "$kernel" "$options" "${scripts[@]}"
}

# Waits for any machine and prints its results; uses run_machines' variables.
collect()
{
	local done_pid number

	wait -n -p done_pid "${running[@]}"
	for number in "${!running[@]}"; do
		if [[ ${running[number]} == "$done_pid" ]]; then
			unset "running[number]"
			used=$((used - $(cost_of "${queue[number]%%|*}")))
			on_machine boot_results "$number"
		fi
	done
}

# run_build: everything that the tests use, before any machine needs it.
run_build()
{
	local status

	make -j"$(nproc)" >"$out/build.log" 2>&1
	status=$?
	if ((!status)) && [[ -e selftests/Makefile ]]; then
		{
			make -j"$(nproc)" -C selftests && make -j"$(nproc)" -C selftests/fuzz
		} >>"$out/build.log" 2>&1
		status=$?
	fi
	if ((status)); then
		sed 's/^/# /' "$out/build.log"
		result "not ok" "build"
	else
		result ok "build"
	fi
	return $status
}

# prepare_kernels SCRIPT...: what else the scripts run on, and a module for each.
# A debug kernel is slower, and its checkers want memory.
declare -A kernel_options=([debian]='') slower_by=([kasan]=5 [kcsan]=5 [uml]=2 [rt]=2)
prepare_kernels()
{
	local kernel directory module boots

	for kernel in $(for script in "$@"; do kernels_of "$script"; done | tr ' ' '\n' |
		sed 's/+direct$//' | sort -u); do
		[[ $kernel != debian ]] || continue
		if ! { directory=$(selftests/vm/build-kernel.sh "$kernel") &&
			module=$(selftests/vm/build-module.sh "$directory" "$defect"); }; then
			result "not ok" "kernel $kernel"
			return 1
		fi
		result ok "kernel $kernel"
		boots=$directory/bzImage
		if [[ -e $directory/linux ]]; then
			boots=$directory/linux
		elif [[ -e $directory/release ]]; then
			boots=$(cat "$directory/release")
		fi
		kernel_options[$kernel]="-k $boots -m 2500 -e SVCLB_KO=$module"
		# Memory that was not written shows a pattern.
		case $kernel in
		kasan | uml) kernel_options[$kernel]+=" -a slub_debug=P" ;;
		# It watches one access in so many, of thousands a second here.
		kcsan) kernel_options[$kernel]+=" -a kcsan.skip_watch=500" ;;
		esac
		kernel_options[$kernel]+=" -e SLOWER=${slower_by[$kernel]} -e SVCLB_KERNEL=$kernel"
	done
}

# prepare_cluster SCRIPT...: the programs of a cluster, if a script wishes them.
prepare_cluster()
{
	local programs

	wishes_cluster "$@" || return 0
	if ! programs=$(selftests/watch/build-apiserver.sh); then
		result "not ok" "kube-apiserver"
		return 1
	fi
	more_options+=" -e KUBERNETES=$programs"
}

# run_checks SCRIPT...: as many at a time as there are processors; their results
# come in this order.
run_checks()
{
	local script log begun=0 limit
	local -a all=("$@") running=()

	limit=$(nproc)
	for script in "${!all[@]}"; do
		while ((begun < $# && begun < script + limit)); do
			log=$out/$(basename "${all[begun]}" .sh).log
			"${all[begun]}" >"$log" 2>&1 </dev/null &
			running[begun]=$!
			begun=$((begun + 1))
		done
		log=$out/$(basename "${all[script]}" .sh).log
		wait "${running[script]}"
		script_results "$(name_on debian "${all[script]}")" $? <"$log"
	done
}

checks=()
tests=()
if ((!$#)); then
	set -- selftests/static/*.sh selftests/vm/selftest.sh selftests/*.sh
fi
echo "TAP version 13"
for script in "$@"; do
	if [[ ! -x $script ]]; then
		! is_vm_script "$script" || result "not ok" "$script is executable"
	elif [[ $script == selftests/static/* || $script == selftests/vm/* ]]; then
		checks+=("$script")
	elif [[ -n $only_kernel && $only_kernel != uml ]] && wishes_cluster "$script"; then
		echo "# $script is not for $only_kernel"
	elif is_vm_script "$script"; then
		tests+=("$script")
	fi
done

run_checks "${checks[@]}"
if ((${#tests[@]})); then
	if run_build && prepare_kernels "${tests[@]}" && prepare_cluster "${tests[@]}"; then
		run_machines "${tests[@]}"
	else
		for script in "${tests[@]}"; do
			result "not ok" "$(basename "$script" .sh): not run, nothing is built"
		done
	fi
fi
echo "1..$((passed + failed))"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
