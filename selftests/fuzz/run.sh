#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   selftests/fuzz/run.sh SECONDS
#
# Runs all fuzzers, for so long together: the netlink fuzzer half of the time, the
# packet fuzzer a quarter, the tool's a quarter. What goes wrong is kept and told.
set -u
cd "$(dirname "$0")/../.." || exit 2

seconds=${1-}
if [[ ! $seconds =~ ^[1-9][0-9]*$ ]] || ((seconds < 60)); then
	echo "usage: selftests/fuzz/run.sh SECONDS, at least 60" >&2
	exit 2
fi
unset MAKEFLAGS MFLAGS MAKELEVEL

# The packet fuzzer, beside services that go on working; see fuzz-packet.sh.
fuzz_packets()
{
	local directory module

	directory=$(selftests/vm/build-kernel.sh kasan) &&
		module=$(selftests/vm/build-module.sh "$directory") || return
	# The script's own limit is for a short run.
	selftests/vm/run.sh -k "$directory/bzImage" -c 2 -m 2500 -t $(($1 + 1200)) \
		-e "SVCLB_KO=$module" -e SVCLB_KERNEL=kasan -e "SLOWER=$(($1 / 60 + 10))" \
		-e "TIME=$1" -- selftests/run-all.sh selftests/fuzz-packet.sh
}

make -j"$(nproc)" && make -j"$(nproc)" -C selftests && make -j"$(nproc)" -C ctl/fuzz || exit 2
targets=$(make -s -C ctl/fuzz list | wc -w)
status=0
echo "requests, $((seconds / 2)) s"
selftests/fuzz/netlink/run.sh -t $((seconds / 2)) || status=1
echo "packets, $((seconds / 4)) s"
fuzz_packets $((seconds / 4)) || status=1
echo "input of the tool, $((seconds / 4)) s"
make -C ctl/fuzz run TIME=$((seconds / 4 / targets + 1)) || status=1
exit $status
