#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The test machine does what run.sh promises. Needs what setup.sh installs for
# build and check; two machines run at a time.
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

# Without a doubt a warning of the kernel: a module that asks for one.
build_warning()
{
	mkdir "$tmp/warning"
	echo 'obj-m := warning.o' >"$tmp/warning/Kbuild"
	cat >"$tmp/warning/warning.c" <<-'END'
	#include <linux/module.h>
	static int __init warning_init(void)
	{
		WARN(1, "as asked");
		return 0;
	}
	module_init(warning_init);
	MODULE_LICENSE("GPL");
	END
	make -C "$1" M="$tmp/warning" modules >"$tmp/warning/log" 2>&1 || cat "$tmp/warning/log" >&2
}

# The machine that this is about, and one that knows a harmless message.
run=$vm/run.sh
mkdir "$tmp/vm"
cp run.sh init.sh session.sh harmless "$tmp/vm"
echo "WARNING: harmless" >>"$tmp/vm/harmless"

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
release=$(sed -n '1p' <(cd /boot && printf '%s\n' vmlinuz-* | sed 's/^vmlinuz-//' | sort -Vr |
	while read -r release; do [[ -e /lib/modules/$release/build ]] && echo "$release"; done))
build_warning "/lib/modules/$release/build"
cd "$tmp/warning" || exit 1
start warning -k "$release" -- sh -c 'insmod warning.ko && rmmod warning'
cd "$vm" || exit 1
start usage1 -c 0 true
start usage2 -i -c 2 true
start usage3 -c 1
start usage4 -k no-such-kernel true
wait

# What is written arrives while the command runs; who ends the script ends the
# machine.
mkdir "$tmp/empty"
TMPDIR=$tmp/empty "$run" -- sh -c 'echo begin; sleep 1000' >"$tmp/stream" &
pid=$!

echo "TAP version 13"
check "status of the command" ends main 7
check "output, byte by byte" cmp "$tmp/work, here/bytes" "$tmp/main.out"
check "nothing else on stderr" test ! -s "$tmp/main.err"
check "arguments" cmp "$tmp/out, here/arguments" <(printf '%s\0' "${arguments[@]}")
check "variable of this shell" test "$(cat "$tmp/out, here/kept")" = "kept  value"
check "variable with a value" test "$(cat "$tmp/out, here/given")" = $'given\n"value"'
check "variable that is not set" test ! -s "$tmp/out, here/missing"
check "processors" test "$(cat "$tmp/out, here/cpus")" = 2
check "memory" test "$(($(cat "$tmp/out, here/memory") / 200))" = 2
check "file systems, loopback, root" test ! -s "$tmp/out, here/lacks"
check "machine sees its changes" cmp "$tmp/out, here/seen" <(printf 'changed\nbytes\nfile\n')
check "host does not" test "$(cat "$tmp/work, here/"{file,other})" = $'same\nsame'
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

check "output comes at once" wait_for 60 grep -qx begin "$tmp/stream"
check "it is still running" kill -0 "$pid"
mapfile -t machines < <(pgrep -P "$pid" qemu-system)
check "its machine is, too" test "${#machines[@]}" = 1
kill "$pid"
wait "$pid"
check "terminated: status" test $? = 143
check "terminated: machine" test ! -e "/proc/${machines[0]-self}"
check "terminated: temporary files" test -z "$(ls "$tmp/empty")"
echo "1..$tests"
exit $failed
