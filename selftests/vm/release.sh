#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   release.sh [rt]
#
# Prints the release of the newest installed kernel that has modules and headers,
# or with "rt" of the newest one with PREEMPT_RT, which is none of the others.
set -u

wanted=${1-}
[[ -z $wanted || $wanted == rt ]] || exit 2

found=
while read -r release; do
	[[ -e /lib/modules/$release/build && -e /lib/modules/$release/modules.dep ]] || continue
	kind=
	if grep -qs '^CONFIG_PREEMPT_RT=y' "/boot/config-$release"; then
		kind=rt
	fi
	if [[ $kind == "$wanted" ]]; then
		found=$release
	fi
done < <(cd /boot && printf '%s\n' vmlinuz-* | sed 's/^vmlinuz-//' | sort -V)
if [[ -z $found ]]; then
	echo "no kernel with ${wanted:+PREEMPT_RT, }modules and headers:" \
		"run selftests/vm/setup.sh ${wanted:-check}" >&2
	exit 1
fi
echo "$found"
