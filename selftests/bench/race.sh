#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   race.sh [ROUNDS [PEER-ROUNDS [SCHEDULER...]]]
#
# make bench-race: a resolver's questions for A and AAAA, sent through one socket
# from two CPUs at once. ROUNDS (100,000) pairs in all go through svclb, as many
# with each scheduler (all of them), PEER-ROUNDS (10,000) each through iptables and
# IPVS. It fails if svclb loses one, sends one pair to two backends, or no pair has
# met.
set -eu
cd "$(dirname "$0")/../.."
rounds=${1:-100000} peers=${2:-10000}
shift $(($# < 2 ? $# : 2))
(($#)) || set -- random wrandom rr wrr lc wlc p2c sh maglev failover

make -s -C selftests
table=$(selftests/vm/run.sh -c 2 -m 1500 -t 36000 -- selftests/bench/race-guest.sh \
	"$((rounds / $#))" "$peers" "$@")
date -u +'%Y-%m-%d, guest kernel '"$(selftests/vm/release.sh)"', QEMU TCG, 2 CPUs'
awk '
	{ sub("\r$", "") }
	$1 ~ /^(svclb|iptables|ipvs)-/ && NF == 5 {
		printf "%-16s %7d pairs, %5d met: %5d of %d answers lost, %d pairs at two backends\n",
			$1, $2, $5, $3, 2 * $2, $4
		if ($1 ~ /^svclb/) {
			found = 1
			bad += $3 || $4 || !$5
		}
	}
	END { exit bad || !found }' <<<"$table"
