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

# Where clang-tidy once found nothing it finds nothing again: what its verdict is made
# of, all that the compiler sees with comments and macros, is the name of a file here.
sound=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/clang-tidy
mkdir -p "$sound" && find "$sound" -type f -mtime +30 -delete

# all_seen FILE
all_seen()
{
	clang-tidy --version && clang-tidy --dump-config "$1" -- &&
		clang "${flags[@]}" -E -CC -dD "$1"
}

tidy()
{
	local output seen

	all_seen "$1" >"$tmp/seen" || return
	seen=$sound/$(sha256sum "$tmp/seen" | cut -d ' ' -f 1)
	if [[ -e $seen ]]; then
		touch "$seen"
		return
	fi
	output=$(clang-tidy --quiet "$1" -- "${flags[@]}" 2>"$tmp/tidy.err") && touch "$seen" &&
		return
	echo "$output"
	grep -v "warnings generated" "$tmp/tidy.err"
	return 1
}

# planted: a mistake that only clang-tidy sees is seen, each time anew.
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
	! tidy "$tmp/planted.c" && ! tidy "$tmp/planted.c"
}

check "a planted mistake is found" planted
mapfile -t sources < <(files 'ctl/*.c' 'selftests/*.c')
check "there are sources" test "${#sources[@]}" -gt 0
for source in "${sources[@]}"; do
	check "gcc $source" compile gcc "$source"
	check "clang $source" compile clang "$source"
	check "clang-tidy $source" tidy "$source"
done
finish
