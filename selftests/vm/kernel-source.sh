#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Prints the path of an unpacked kernel source tree, for what the tests borrow
# from it: kselftest's makefile and headers, the uninstalled tools, checkpatch.
# Unpacks the package linux-source-6.1 once for each of its versions.
set -u

package=linux-source-6.1
archive=/usr/src/$package.tar.xz
cache=${XDG_CACHE_HOME:-${HOME:-~}/.cache}/svclb

fail()
{
	echo "kernel-source.sh: $*" >&2
	exit 1
}

[[ -r $archive ]] || fail "no $archive: install the package $package"
version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null)
[[ -n $version ]] || fail "$package is not installed as a package: its version is unknown"
tree=$cache/$package-${version//[^[:alnum:].+~-]/_}

# Whoever comes second waits for the first, and finds the tree.
if [[ ! -d $tree ]]; then
	mkdir -p "$cache" || fail "cannot make $cache"
	exec 9>"$cache/.kernel-source.lock" || fail "cannot write to $cache"
	flock 9 || fail "cannot lock $cache/.kernel-source.lock"
fi
if [[ ! -d $tree ]]; then
	temporary=$(mktemp -d "$cache/.unpack-XXXXXX") || fail "cannot make a directory in $cache"
	trap 'rm -rf "$temporary"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	tar -xJf "$archive" -C "$temporary" --strip-components=1 >&2 ||
		fail "cannot unpack $archive"
	chmod 755 "$temporary" || fail "cannot change $temporary"
	mv -T "$temporary" "$tree" || fail "cannot make $tree"
fi
echo "$tree"
