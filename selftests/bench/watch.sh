#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make bench-watch: what svclbctl watch costs. On this host, user space: a server of
# its own tells it a cluster over TLS, with the bytes of a genuine one, and a kernel
# in memory takes what comes. In the test machine, whose clock counts instructions,
# the kernel: the same clusters become rules, by sync (whose reading counts, too) and
# by restore (rules alone), beside ipvsadm -R and nft -f. nft has 1,000 Services
# only: more take an emulated processor too long. It fails if a bound is exceeded:
# 3 s in user space and 3 s in the kernel for any cluster, 0.8 s and 150 MB as
# ctl/bench/watch.c says.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
lists=$PWD/ctl/build/bench
run=(selftests/vm/run.sh -i -m 4000 -t 3600 --)

make -s -C ctl all bench-programs
echo "$(date -u +%Y-%m-%d), this host ($(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1), $(uname -r)):"
status=0
"$lists/watch" selftests/bench/watch "$lists" || status=1

for size in "45000 1" "5000 50" "10000 3" "1000 3"; do
	read -r services endpoints <<<"$size"
	"$lists/watch" selftests/bench/watch "$services" "$endpoints" >"$lists/list-$services-$endpoints"
done
echo "test machine, QEMU -icount, 1 ns an instruction, CPU seconds:"
"${run[@]}" selftests/bench/watch-guest.sh "$lists" |
	awk '
	NF == 5 {
		printf "  %-7s %6d Services x %2d endpoints: user %.3f + kernel %.3f\n", $1, $2, $3, $4, $5
		fflush()
		nr += $1 == "svclb"
		bad += $1 == "svclb" && $5 > 3
		next
	}
	{ print "  " $0 }
	END { exit bad || nr < 4 }' || status=1
rm -f "$lists"/list-*
exit "$status"
