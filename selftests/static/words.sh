#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# No file names a directory of somebody's machine or leaves an end open.
. "$(dirname "$0")/lib.sh"

# Taken apart, so that this file does not hold what it looks for.
machine="(^|[^[:alnum:]_.})*/-])/(wo""rk|ro""ot)(/|\$|[^[:alnum:]_.-])|/ho""me/[a-z]"
open_end="\\<(TO""DO|FIX""ME|XX""X|TB""D)\\>"

# without PATTERN FILE...: no line of the files has the pattern.
without()
{
	local pattern=$1

	shift
	! grep -nEIH -e "$pattern" -- "$@"
}

finds_planted_words()
{
	local word

	for word in "cd /ro""ot/x" "dir=/wo""rk" "/ho""me/joe/src" "# FIX""ME: later" "XX""X"; do
		echo "$word" >"$tmp/planted"
		without "$machine|$open_end" "$tmp/planted" >/dev/null && echo "not found: $word"
	done | grep . && return 1
	echo "mktemp /tmp/XXXXXX; ls \$dir/root/x; see https://example.org/root/y" >"$tmp/planted"
	without "$machine|$open_end" "$tmp/planted"
}

mapfile -t list < <(files .)
check "there are files" test "${#list[@]}" -gt 0
check "no machine's paths" without "$machine" "${list[@]}"
check "no open ends" without "$open_end" "${list[@]}"
check "planted words are found" finds_planted_words
finish
