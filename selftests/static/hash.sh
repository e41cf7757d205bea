#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# How the module's hashes place keys that follow each other, whatever their secret
# factors are: kmod/key.h as it stands, compiled for this host.
. "$(dirname "$0")/lib.sh"

rounds=1000
most_chain=16	# what rhashtable takes, however full it is
# Of 1024 connections over 4 backends: 7.5 standard deviations above a quarter.
most_share=360

# measure KEY_H: what the hashes in that file do is in "chain" and "share".
measure()
{
	local kind number

	chain='' share=''
	"${CC:-cc}" -O2 -Wall -Wextra -Werror -iquote "$1" -I selftests/static/hash \
		-o "$tmp/hash" selftests/static/hash/hash.c || return
	while read -r kind number; do
		declare -g "$kind=$number"
		echo "$kind $number"
	done < <("$tmp/hash" "$rounds")
}

chains_are_short()
{
	measure kmod && ((chain > 0 && chain <= most_chain))
}

shares_are_fair()
{
	measure kmod && ((share > 1024 / 4 && share <= most_share))
}

# without PATTERN: the hashes with lines that match it deleted, as the sum alone.
without()
{
	mkdir -p "$tmp/sum" && sed "$1" kmod/key.h >"$tmp/sum/key.h" &&
		! cmp -s kmod/key.h "$tmp/sum/key.h" && measure "$tmp/sum"
}

a_sum_makes_long_chains()
{
	without 's/return (hash ^ hash >> 32) \* GOLDEN_RATIO_64 >> 32;/return hash >> 32;/' &&
		((chain > most_chain))
}

a_sum_is_unfair()
{
	without '/hash = (hash ^ hash >> 32) \* GOLDEN_RATIO_64;/d; s/return hash ^ hash >> 32;/return hash;/' &&
		((share > most_share))
}

check "keys that follow each other make no long chains" chains_are_short
check "connections that follow each other are spread" shares_are_fair
check "the chains of a sum are found to be too long" a_sum_makes_long_chains
check "the shares of a sum are found to be unfair" a_sum_is_unfair
finish
