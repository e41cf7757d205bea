#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The committed files that a generator writes are what it would write now.
. "$(dirname "$0")/lib.sh"

differs_when_spec_changes()
{
	mkdir "$tmp/tree" && copy_tree "$tmp/tree" || return 1
	sed -i '0,/value: [0-9]/s//value: 1/' "$tmp/tree/Documentation/netlink/specs/svclb.yaml"
	! make -s -C "$tmp/tree" generated YNL_FLAGS=--check
}

check "generated files match the netlink spec" make -s generated YNL_FLAGS=--check
check "a changed spec is noticed" differs_when_spec_changes
finish
