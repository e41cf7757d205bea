#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make bench-policy: what the first packet of a new flow costs on the whole of its
# path, with each scheduler, with few and many backends, source ranges and clients
# whose backend is remembered. The clock counts instructions, so the figures repeat
# on any host. It fails if a scheduler costs over 10 % more than random, 5,000
# ranges over 5 % more than one, 1,000,000 clients over 10 % more than 1,000.
set -eu
cd "$(dirname "$0")/../.."
run=(selftests/vm/run.sh -i -m 4000 -t 20000 --)

${CC:-cc} -D_GNU_SOURCE -O2 -Wall -Wextra -o selftests/bench/newflow selftests/bench/newflow.c
schedulers=$("${run[@]}" selftests/bench/guest.sh schedulers 4 10000)
ranges=$("${run[@]}" selftests/bench/guest.sh ranges 1 5000)
affinity=$("${run[@]}" selftests/bench/guest.sh affinity 1024 1000000)

date -u +'%Y-%m-%d, guest kernel '"$("${run[@]}" uname -r)"', QEMU -icount, 1 ns an instruction'
echo "the first packet of a new UDP flow, whole path from socket to socket, instructions:"
awk '
	NR == 1 { random = $3 }
	{
		over = 100 * ($3 / random - 1)
		printf "  %-9s %6d backends: %6.0f (%+.1f %%)\n", $1, $2, $3, over
		bad += over > 10
	}
	END { exit bad || NR != 20 }' <<<"$schedulers" && status=0 || status=1
awk '
	NR == 1 { one = $2 }
	{
		over = 100 * ($2 / one - 1)
		printf "  %5d source ranges: %6.0f (%+.1f %%)\n", $1, $2, over
		bad += over > 5
	}
	END { exit bad || NR != 2 }' <<<"$ranges" || status=1
awk '
	NR == 1 { few = $3 }
	{
		over = 100 * ($3 / few - 1)
		printf "  %7d clients with affinity: %6.0f (%+.1f %%)\n", $1, $3, over
		bad += over > 10 || $2 < $1
	}
	END { exit bad || NR != 2 }' <<<"$affinity" || status=1
exit "$status"
