#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Plays the conformance scenarios in the test machine, as TAP:
#
#   selftests/conformance/run.sh [-m some|all] [DIR]
#
# DIR has the scenarios, by default those below this script's: its files *.json,
# in whatever directories, of the three shapes that README.md tells of. A file
# that cannot be expressed fails. -m then plays copies with wrong expectations too,
# and each must fail: some that show every way of being wrong, or all. What there
# is to build must have been built.
set -u

mutants=
while getopts m: option; do
	case $option in
	m) mutants=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($# <= 1)) || exit 2

here=$(cd "$(dirname "$0")" && pwd) || exit 1
stage=$(mktemp -d) || exit 1
trap 'rm -rf "$stage"' EXIT
cases=selftests/conformance
if (($#)); then
	# The machine has its own /tmp; what is given to it as /out it sees in any case.
	cases=/out/cases
	cp -rL -- "$1" "$stage/cases" || exit 1
fi
cd "$here/../.." || exit 1
selftests/vm/run.sh -c 2 -t 3600 -o "$stage" -e CASES="$cases" \
	-e "CONFORMANCE_OPTIONS=${mutants:+--mutants $mutants}" -- selftests/conformance.sh
