#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The test machine does what run.sh promises, also with User-Mode Linux. Needs what
# setup.sh installs for build and check; two machines run at a time.
# shellcheck disable=SC2317 # functions that check calls
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
vm=$PWD
tmp=$(mktemp -d) || exit 1
clean_up()
{
	kill "$(jobs -p)" 2>/dev/null
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

tests=0
failed=0

# check NAME COMMAND...: one test.
check()
{
	local verdict=ok name=$1

	shift
	tests=$((tests + 1))
	if ! "$@"; then
		verdict="not ok"
		failed=1
	fi
	echo "$verdict $tests - $name"
}

# start NAME ARGUMENT...: a run in the background, as soon as there is room.
start()
{
	local name=$1

	shift
	while [[ $(jobs -rp | wc -l) -ge 2 ]]; do
		wait -n
	done
	{
		"$run" "$@" >"$tmp/$name.out" 2>"$tmp/$name.err"
		echo $? >"$tmp/$name.status"
	} &
}

# ends NAME STATUS [PATTERN]: how a run went, and what it said on stderr.
ends()
{
	local status said

	status=$(cat "$tmp/$1.status")
	said=$(cat "$tmp/$1.err")
	if [[ $status == "$2" && $said =~ ${3-} ]]; then
		return
	fi
	echo "# status $status, not $2${3:+ with "$3"}"
	sed 's/^/# /' "$tmp/$1.err"
	return 1
}

# prints NAME TEXT: a run's output, without its last end of line.
prints()
{
	[[ $(cat "$tmp/$1.out") == "$2" ]] || {
		sed 's/^/# /' "$tmp/$1.out"
		return 1
	}
}

# wait_for SECONDS COMMAND...: until it succeeds.
wait_for()
{
	local deadline=$((SECONDS + $1))

	shift
	until "$@"; do
		((SECONDS < deadline)) || return
		sleep 0.05
	done
}

# build_warning KDIR ARCHITECTURE DIR: without a doubt a warning of the kernel, a
# module that asks for one.
build_warning()
{
	mkdir "$3"
	echo 'obj-m := warning.o' >"$3/Kbuild"
	cat >"$3/warning.c" <<-'END'
	#include <linux/module.h>
	static int __init warning_init(void)
	{
		WARN(1, "as asked");
		return 0;
	}
	module_init(warning_init);
	MODULE_LICENSE("GPL");
	END
	make -C "$1" ARCH="$2" M="$3" modules >"$3/log" 2>&1 || cat "$3/log" >&2
}

# The machine that this is about, and one that knows a harmless message.
run=$vm/run.sh
mkdir "$tmp/vm"
cp run.sh init.sh session.sh release.sh harmless "$tmp/vm"
echo "WARNING: harmless" >>"$tmp/vm/harmless"
uml=$(./build-kernel.sh uml) || exit 1

# Everything that one machine can show; from a directory below /tmp.
# shellcheck disable=SC2016 # for the shell inside
in_machine='
	printf "%s\0" "$@" >/out/arguments
	nproc >/out/cpus
	free -m | awk "/^Mem:/ { print \$2 }" >/out/memory
	echo changed >file
	rm other
	{ cat file; ls; } >/out/seen
	printenv KEPT >/out/kept
	printenv "GIVEN" >/out/given
	printenv MISSING >/out/missing
	{
		for dir in /proc /sys /dev /dev/pts /dev/shm /run /sys/kernel/debug \
			/sys/kernel/tracing /sys/fs/cgroup; do
			mountpoint -q $dir || echo "$dir"
		done
		ping -c 1 -q 127.0.0.1 >/dev/null || echo lo
		[ "$(id -u)" = 0 ] || echo uid
	} >/out/lacks
	(sleep 1000 &)
	cat bytes
	exit 7'
arguments=(plain 'two words' "quotes ' and \"" '' '*' "\$HOME" 'back\slash' $'two\nlines' $'\377' -c)
# Of each byte, a few.
mkdir "$tmp/work, here"
cd "$tmp/work, here" || exit 1
{
	printf "%b" "$(printf '\\x%02x' {0..255})"
	head -c 300000 /dev/urandom
} >bytes
echo same >file
echo same >other
export KEPT="kept  value"
start main -c 2 -m 600 -o "$tmp/out, here" -e KEPT -e GIVEN=$'given\n"value"' -e MISSING -- \
	bash -c "$in_machine" name "${arguments[@]}"
start uml-main -k "$uml/linux" -m 600 -o "$tmp/uml, out" -e KEPT -e GIVEN=$'given\n"value"' \
	-e MISSING -- bash -c "$in_machine" name "${arguments[@]}"

cd "$vm" || exit 1
# shellcheck disable=SC2016 # for the shell inside
counted='
	for try in 1 2; do
		a=${EPOCHREALTIME/.}
		for ((i = 0; i < 20000; i++)); do :; done
		b=${EPOCHREALTIME/.}
	done
	echo "WARNING: harmless" >/dev/kmsg
	echo $((b - a))
	mountpoint -q /tmp'
run=$tmp/vm/run.sh
start counted1 -i -- bash -c "$counted"
start counted2 -i -- bash -c "$counted"
run=$vm/run.sh
# Output is on its way for a moment, which a panic would not leave it.
start panic -c 2 -- sh -c 'echo begin; sleep 1; echo c >/proc/sysrq-trigger; sleep 1000'
start off -- busybox poweroff -f
start fewer -c 2 -a maxcpus=1 -- true
start missing -- ./no-such-command
start limit -t 2 -- true
release=$(./release.sh)
build_warning "/lib/modules/$release/build" x86_64 "$tmp/warning"
build_warning "$uml/build" um "$tmp/uml-warning"
cd "$tmp/warning" || exit 1
start warning -k "$release" -- sh -c 'insmod warning.ko && rmmod warning'
cd "$tmp/uml-warning" || exit 1
start uml-warning -k "$uml/linux" -- sh -c 'insmod warning.ko && rmmod warning'
cd "$vm" || exit 1
start uml-complaint -k "$uml/linux" -- sh -c 'echo "WARNING: a complaint" >/dev/kmsg'
start uml-panic -k "$uml/linux" -- \
	sh -c 'echo begin; sleep 1; echo c >/proc/sysrq-trigger; sleep 1000'
start uml-off -k "$uml/linux" -- busybox poweroff -f
start uml-again -k "$uml/linux" -- busybox reboot -f
start uml-limit -k "$uml/linux" -t 5 -- sleep 1000
start uml-argument -k "$uml/linux" -a "one.two three" -- cat /proc/cmdline
run=$tmp/vm/run.sh
start uml-harmless -k "$uml/linux" -- sh -c 'echo "WARNING: harmless" >/dev/kmsg
	mountpoint -q /tmp && grep "debug_locks: *1" /proc/lockdep_stats'
run=$vm/run.sh
start uml-usage1 -k "$uml/linux" -c 2 true
start uml-usage2 -k "$uml/linux" -i true
start usage1 -c 0 true
start usage2 -i -c 2 true
start usage3 -c 1
start usage4 -k no-such-kernel true
wait

# check_main PREFIX NAME OUT PROCESSORS: what in_machine showed.
check_main()
{
	check "$1status of the command" ends "$2" 7
	check "$1output, byte by byte" cmp "$tmp/work, here/bytes" "$tmp/$2.out"
	check "$1nothing else on stderr" test ! -s "$tmp/$2.err"
	check "$1arguments" cmp "$3/arguments" <(printf '%s\0' "${arguments[@]}")
	check "$1variable of this shell" test "$(cat "$3/kept")" = "kept  value"
	check "$1variable with a value" test "$(cat "$3/given")" = $'given\n"value"'
	check "$1variable that is not set" test ! -s "$3/missing"
	check "$1processors" test "$(cat "$3/cpus")" = "$4"
	check "$1memory" test "$(($(cat "$3/memory") / 200))" = 2
	check "$1file systems, loopback, root" test ! -s "$3/lacks"
	check "$1machine sees its changes" cmp "$3/seen" <(printf 'changed\nbytes\nfile\n')
	check "$1host does not" test "$(cat "$tmp/work, here/"{file,other})" = $'same\nsame'
}

# The machine's first process on this host and those that it has there.
all_processes()
{
	local process

	for process in "$@"; do
		echo "$process"
		pgrep -P "$process"
	done
}

all_gone()
{
	local process

	for process; do
		[[ ! -e /proc/$process ]] || return
	done
}

# check_stream PREFIX NAME LEAST [OPTION...]: what is written arrives while the
# command runs; who ends the script ends the machine, which is at least so many
# processes.
check_stream()
{
	local prefix=$1 name=$2 least=$3 pid machines processes

	shift 3
	mkdir "$tmp/empty"
	TMPDIR=$tmp/empty "$run" "$@" -- sh -c 'echo begin; sleep 1000' >"$tmp/stream" &
	pid=$!
	check "${prefix}output comes at once" wait_for 60 grep -qx begin "$tmp/stream"
	check "${prefix}it is still running" kill -0 "$pid"
	mapfile -t machines < <(pgrep -P "$pid" "$name")
	check "${prefix}its machine is, too" test "${#machines[@]}" = 1
	mapfile -t processes < <(all_processes "${machines[@]}")
	check "${prefix}its processes are, too" test "${#processes[@]}" -ge "$least"
	kill "$pid"
	wait "$pid"
	check "${prefix}terminated: status" test $? = 143
	check "${prefix}terminated: machine" wait_for 10 all_gone "${processes[@]}"
	check "${prefix}terminated: temporary files" test -z "$(ls "$tmp/empty")"
	rmdir "$tmp/empty"
}

echo "TAP version 13"
check_main "" main "$tmp/out, here" 2
check "counted clock, a harmless message, and /tmp" ends counted1 0
check "counted clock again" ends counted2 0
# The clock goes as far for the same work, but for interrupts.
difference=$(($(cat "$tmp/counted1.out") * 1000 / $(cat "$tmp/counted2.out") - 1000))
echo "# counted: $(paste -d ' ' "$tmp/counted1.out" "$tmp/counted2.out") us, they differ by $difference permille"
check "counted times agree to 2 %" test "${difference#-}" -le 20
check "panic: status" ends panic 126 "Kernel panic - not syncing: sysrq triggered crash"
check "panic: output until then" prints panic begin
check "warning: status although the command succeeds" ends warning 126 "as asked"
check "warning: call trace" grep -q "warning_init" "$tmp/warning.err"
check "machine that goes off" ends off 125 "died before"
check "machine with too few processors" ends fewer 125 "1 processors instead of 2"
check "command that does not exist" ends missing 127
check "time limit" ends limit 124 "not ended within 2 s"
check "no processors" ends usage1 2
check "two processors and the counted clock" ends usage2 2
check "no command" ends usage3 2 "usage:"
check "no such kernel" ends usage4 125 "no kernel"

check_stream "" qemu-system 1

check_main "uml: " uml-main "$tmp/uml, out" 1
check "uml: a harmless message, /tmp, lockdep" ends uml-harmless 0
check "uml: lockdep is on" prints uml-harmless " debug_locks:                             1"
check "uml: a complaint" ends uml-complaint 126 "WARNING: a complaint"
check "uml: panic: status" ends uml-panic 126 "Kernel panic - not syncing: sysrq triggered crash"
check "uml: panic: output until then" prints uml-panic begin
check "uml: warning: status although the command succeeds" ends uml-warning 126 "as asked"
check "uml: warning: call trace" grep -q "warning_init" "$tmp/uml-warning.err"
check "uml: machine that goes off" ends uml-off 125 "died before"
check "uml: machine that starts again" ends uml-again 125 "died before"
check "uml: time limit" ends uml-limit 124 "not ended within 5 s"
check "uml: argument for the kernel" grep -q " one.two three" "$tmp/uml-argument.out"
check "uml: two processors" ends uml-usage1 2 "one processor"
check "uml: the counted clock" ends uml-usage2 2 "no counted clock"
check_stream "uml: " linux 3 -k "$uml/linux"
echo "1..$tests"
exit $failed
