#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The module builds without a word from compiler, kernel-doc, sparse or modpost.
. "$(dirname "$0")/lib.sh"

# What make and kbuild print when all is well.
quiet='^  (CC|CHECK|LD|AR|BTF|MODPOST|GEN)( \[M\])? +[^ ]+$'
quiet+='|^make(\[[0-9]+\])?: (Entering|Leaving) directory '
quiet+='|^make -C .* modules$|^Building for kernel |^Skipping BTF generation '

# build DIR: prints what is not expected.
build()
{
	local log=$tmp/log status

	make -j"$(nproc)" -C "$1" module W=1 C=1 >"$log" 2>&1
	status=$?
	sed "s|$1/||g" "$log" | grep -vE "$quiet" && return 1
	return "$status"
}

# Warnings of each tool must reach us, or silence would prove nothing.
notices_bad_code()
{
	local bad=$tmp/bad log=$tmp/bad.log text

	mkdir "$bad" && cp -r "$tmp/tree/." "$bad" || return 1
	cat >>"$bad/kmod/stats.c" <<-'EOT'

	/**
	 * svclb_planted() - undocumented argument, no prototype, wrong byte order
	 */
	int svclb_planted(__be32 value)
	{
		return value == 1;
	}
	EOT
	build "$bad" >"$log" && echo "no complaint at all"
	for text in "no previous prototype" "restricted __be32" "not described in"; do
		grep -q "$text" "$log" || echo "not noticed: $text"
	done | grep . && return 1
	return 0
}

mkdir "$tmp/tree"
check "a copy of the tree can be made" copy_tree "$tmp/tree"
check "W=1 C=1 builds without a message" build "$tmp/tree"
check "planted faults are noticed" notices_bad_code
finish
