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

# all_seen COMPILER FILE: by it, comments and macros too.
all_seen()
{
	"$1" --version && "$1" "${flags[@]}" -E -CC -dD "$2"
}

# once COMPILER FILE COMMAND...: now, or before when it saw the same, finds nothing.
once()
{
	local sound

	all_seen "$1" "$2" >"$tmp/seen" || return
	sound=$(verdict "${flags[*]} ${warnings[*]} $(declare -f "$3") ${*:3}" <"$tmp/seen")
	[[ -e $sound ]] || "${@:3}" || return
	touch "$sound"
}

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

# Its version is that of clang.
tidy_once()
{
	once clang "$1" tidy "$1" "$(clang-tidy --dump-config "$1" --)"
}

# A mistake that only clang-tidy sees, and one that compilers see; each time anew.
planted()
{
	cp .clang-tidy "$tmp"
	cat >"$tmp/planted.c" <<-'END'
	int twice(int a);
	int twice(int a)
	{
		return a == a ? a : 2 * a;
	}
	END
	! tidy_once "$tmp/planted.c" && ! tidy_once "$tmp/planted.c" || return
	echo "static int nobody_calls_it(void) { return 0; }" >>"$tmp/planted.c"
	! once gcc "$tmp/planted.c" compile gcc "$tmp/planted.c" &&
		! once gcc "$tmp/planted.c" compile gcc "$tmp/planted.c"
}

check "planted mistakes are found" planted
mapfile -t sources < <(files 'ctl/*.c' 'selftests/*.c')
check "there are sources" test "${#sources[@]}" -gt 0
for source in "${sources[@]}"; do
	check "gcc $source" once gcc "$source" compile gcc "$source"
	check "clang $source" once clang "$source" compile clang "$source"
	check "clang-tidy $source" tidy_once "$source"
done
finish
