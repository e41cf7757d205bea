#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs unit tests and tests of the command line, as one TAP stream:
#
#   ctl/tests/run.sh TOOL TEST...
set -u
tool=$1
shift
count=0
failed=0

# renumber NAME < TAP
renumber()
{
	local name=$1 line

	while IFS= read -r line; do
		case $line in
		"ok "*" - "*)
			count=$((count + 1))
			echo "ok $count - $name: ${line#*" - "}"
			;;
		"not ok "*" - "*)
			count=$((count + 1))
			failed=$((failed + 1))
			echo "not ok $count - $name: ${line#*" - "}"
			;;
		1..*) ;;
		*) echo "# ${line#\# }" ;;
		esac
	done
}

# run NAME COMMAND...
run()
{
	local name=$1 before=$failed output status

	shift
	output=$("$@" 2>&1)
	status=$?
	renumber "$name" <<<"$output"
	if ((status && failed == before)); then
		count=$((count + 1))
		failed=$((failed + 1))
		echo "not ok $count - $name: ends with status $status"
	fi
}

echo "TAP version 13"
for test in "$@"; do
	run "$(basename "$test")" "$test"
done
run cli "$(dirname "$0")/cli.sh" "$tool"
run sync "$(dirname "$0")/sync.sh" "$tool"
echo "1..$count"
((failed == 0 && count > 0))
