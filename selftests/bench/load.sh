#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# make bench-load: the figures of the README that are about many services. One
# boot loads the same 10,000 services of 3 backends into IPVS and into svclb; two
# more measure what a new flow costs with 1 service and with 10,000. The clock
# counts instructions, so the figures repeat on any host.
set -eu
cd "$(dirname "$0")/../.."
services=${1:-10000}
run=(selftests/vm/run.sh -i -m 3000 --)

${CC:-cc} -D_GNU_SOURCE -O2 -Wall -Wextra -o selftests/bench/newflow selftests/bench/newflow.c
load=$("${run[@]}" selftests/bench/guest.sh load "$services")
one=$("${run[@]}" selftests/bench/guest.sh cost 1)
many=$("${run[@]}" selftests/bench/guest.sh cost "$services")

date -u +'%Y-%m-%d, guest kernel '"$("${run[@]}" uname -r)"', QEMU -icount, 1 ns an instruction'
awk -v services="$services" '
	{ name = $1; user[name] = $2; sys[name] = $3; kib[name] = $4 }
	END {
		printf "loading %d services x 3 backends, CPU seconds (user + system) and kernel memory:\n", services
		for (i = 1; i <= split("ipvs svclb", names, " "); i++) {
			name = names[i]
			total[name] = user[name] + sys[name]
			printf "  %-6s %.3f + %.3f = %.3f s, %.1f MiB\n", name, user[name], sys[name], total[name], kib[name] / 1024
		}
		printf "  svclb takes 1/%.1f of the time and %.2f of the memory\n",
			total["ipvs"] / total["svclb"], kib["svclb"] / kib["ipvs"]
		printf "one backend added afterwards: %.4f s\n", user["one-change"] + sys["one-change"]
		bad = total["svclb"] * 10 > total["ipvs"] || kib["svclb"] > kib["ipvs"]
		exit bad
	}' <<<"$load" && status=0 || status=1
awk '
	NR == 1 { few = $2 }
	NR == 2 {
		printf "first packet of a new flow, whole path: %.0f instructions with 1 service, %.0f with %d (%+.2f %%)\n",
			few, $2, $1, 100 * ($2 / few - 1)
		exit $2 > few * 1.03
	}' <<<"$one
$many" || status=1
exit "$status"
