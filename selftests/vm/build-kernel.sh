#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   build-kernel.sh NAME
#
# Builds a debug kernel from the distribution's source package and prints the
# directory it is in: bzImage to boot, build/ to build modules against (KDIR).
# It is kept in the cache and made again only if what it is made of changed.
#
#   kasan   use after free, out of bounds, locking, leaks, fault injection
#   kcsan   data races, locking
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fragments=$here/kernels
cache=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/kernels

case ${1-} in
kasan) parts="base net qemu debug kasan" ;;
kcsan) parts="base net qemu debug kcsan" ;;
*)
	sed -n '4,11s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
name=$1

source=$("$here/kernel-source.sh")
configuration()
{
	local part

	for part in $parts; do
		cat "$fragments/$part.config"
	done
}
key=$({ echo "$source"; "${CC:-gcc}" --version | head -n 1; configuration; } | sha256sum | cut -c 1-16)
kernel=$cache/$name-$key
if [[ -e $kernel/bzImage ]]; then
	echo "$kernel"
	exit
fi

# Another run may be building the same one.
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [[ -e $kernel/bzImage ]]; then
	echo "$kernel"
	exit
fi
rm -rf "$cache/$name"-*
mkdir -p "$kernel/build"
echo "building the kernel \"$name\", which takes several minutes; log: $kernel/log" >&2
configuration >"$kernel/build/all.config"

# What lacks a dependency is dropped in silence.
all_taken()
{
	local line symbol status=0

	while read -r line; do
		case $line in
		"# CONFIG_"*" is not set")
			symbol=${line#\# }
			grep -q "^${symbol%% *}=" "$kernel/build/.config" || continue
			;;
		CONFIG_*)
			grep -qxF "$line" "$kernel/build/.config" && continue
			;;
		*)
			continue
			;;
		esac
		echo "the kernel's configuration did not take: $line"
		status=1
	done <"$kernel/build/all.config"
	return $status
}

kmake()
{
	make -C "$source" ARCH=x86_64 O="$kernel/build" "$@"
}

if ! {
	kmake KCONFIG_ALLCONFIG="$kernel/build/all.config" allnoconfig &&
		all_taken && kmake -j"$(nproc)" bzImage modules
} >"$kernel/log" 2>&1; then
	tail -n 20 "$kernel/log" >&2
	exit 1
fi
cp "$kernel/build/arch/x86/boot/bzImage" "$kernel/bzImage.new"
mv "$kernel/bzImage.new" "$kernel/bzImage"
echo "$kernel"
