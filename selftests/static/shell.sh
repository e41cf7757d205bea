#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# ShellCheck finds nothing in any shell script.
. "$(dirname "$0")/lib.sh"

# SC2317: takes functions for dead code that are called by their name in "$@".
ignore=SC2317

mapfile -t scripts < <(files '*.sh' .ci/run)
check "there are scripts" test "${#scripts[@]}" -gt 0
for script in "${scripts[@]}"; do
	check "$script" shellcheck -x -e "$ignore" -P SCRIPTDIR "$script"
done
finish
