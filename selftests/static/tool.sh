#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# User-space C compiles without warnings, and clang-tidy finds nothing in it.
. "$(dirname "$0")/lib.sh"

kernel=$(selftests/vm/kernel-source.sh)
flags=(-std=gnu11 -D_GNU_SOURCE -I. -Ictl -iquote kmod -Iselftests/static/hash -isystem "$kernel/tools/testing/selftests")
warnings=(-Wall -Wextra -Werror)
for package in libnl-3.0 libnl-genl-3.0 libmnl jansson libcurl yaml-0.1; do
	read -ra more < <(pkg-config --cflags "$package" 2>/dev/null)
	flags+=("${more[@]}")
done

# Optimised, because some warnings come from the optimiser's knowledge.
compile()
{
	"$1" "${flags[@]}" "${warnings[@]}" -O2 -c -o /dev/null "$2"
}

tidy()
{
	local output

	output=$(clang-tidy --quiet "$1" -- "${flags[@]}" 2>"$tmp/tidy.err") && return
	echo "$output"
	grep -v "warnings generated" "$tmp/tidy.err"
	return 1
}

mapfile -t sources < <(files 'ctl/*.c' 'selftests/*.c')
check "there are sources" test "${#sources[@]}" -gt 0
for source in "${sources[@]}"; do
	check "gcc $source" compile gcc "$source"
	check "clang $source" compile clang "$source"
	check "clang-tidy $source" tidy "$source"
done
finish
