#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A short run of the netlink fuzzer, see fuzz/netlink/. REQUESTS is how many it
# sends, SEED what they are made of; by default another one each time, which is
# printed. With the same seed, the same requests are sent again.
#
# vm: cpus=2 time=60 on=kasan,uml
set -u
cd "$(dirname "$0")" || exit 1

fuzz=fuzz/netlink/fuzz
module=../svclb.ko
kmemleak=/sys/kernel/debug/kmemleak
# Those of the interface that are no notifications.
operations=$(grep -E '^\sSVCLB_CMD_\w+( = [0-9]+)?,$' ../uapi/svclb.h | grep -cv '_NTF\>')
seed=${SEED:-$(od -An -tu4 -N 4 /dev/urandom | tr -d ' ')}
# An emulated processor is that much slower.
case ${SVCLB_KERNEL-} in
uml) requests=${REQUESTS:-8000} ;;
*) requests=${REQUESTS:-700} ;;
esac
count=0
failed=0

# result ok|"not ok" NAME
result()
{
	count=$((count + 1))
	echo "$1 $count - $2"
	[[ $1 == ok ]] || failed=1
}

# check NAME COMMAND...: a result of its own.
check()
{
	if "${@:2}"; then
		result ok "$1"
	else
		result "not ok" "$1"
	fi
}

finish()
{
	echo "1..$count"
	exit $failed
}

stop()
{
	result "not ok" "$*"
	finish
}

# value NAME: what the fuzzer counted.
value()
{
	sed -n "s/^$1 \([0-9]*\)$/\1/p" "$tmp/output"
}

# over NAME LIMIT: it counted more than that.
over()
{
	(($(value "$1") > $2))
}

# once FIELD: each operation was accepted (3) or refused (4) at least once.
once()
{
	awk -v field="$1" -v operations="$operations" '
		$1 == "operation" { n++; if (!$field) { print "# never: " $2; bad = 1 } }
		END { exit bad || !n || n != operations }' "$tmp/output"
}

is_unused()
{
	[[ $(cat /sys/module/svclb/refcnt 2>/dev/null) == 0 ]]
}

# Namespaces go in the background and hold the module until they are gone.
unload()
{
	local deadline=$((SECONDS + 20 * ${SLOWER:-1}))

	until is_unused; do
		((SECONDS < deadline)) || return
		sleep 0.1
	done
	rmmod svclb
}

# run-all.sh looks for what is lost. kmemleak gives up for good when it gets no
# memory itself; then it takes no orders any more.
kmemleak_works()
{
	echo stack=on >"$kmemleak"
}

echo "TAP version 13"
((EUID == 0)) || stop "must be root"
[[ -x $fuzz ]] || stop "the fuzzer is built: make -C selftests/fuzz"
[[ -e $kmemleak ]] || stop "the kernel looks for leaks"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
[[ ! -d /sys/module/svclb ]] || unload || stop "the module is not in use"
modprobe nf_nat || stop "nf_nat is there"
insmod "$module" || stop "the module can be loaded"

"$fuzz" -s "$seed" -n "$requests" -c "$tmp/cover" >"$tmp/output" 2>&1
status=$?
sed 's/^/# /' "$tmp/output"
check "it ends with status 0 (seed $seed)" [ "$status" -eq 0 ]
check "it sends $requests requests" over requests $((requests - 1))
check "no answer is wrong" [ "$(value violations)" = 0 ]
check "each operation is accepted at least once" once 3
check "each operation is refused at least once" once 4
check "replies are decoded" over replies "$requests"
check "dumps are read" over dumps 10
check "texts of refusals are looked for" over texts 100
check "requests are sent that the spec forbids" over forbidden 100
check "requests are sent without privilege" over unprivileged 10
check "states are compared" over states 5
check "code of the module is reached" over coverage 800
check "the module can be unloaded" unload
check "kmemleak is still at work" kmemleak_works
finish
