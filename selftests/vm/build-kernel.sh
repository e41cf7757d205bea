#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   build-kernel.sh NAME
#
# Prints a directory with a kernel to test on: what to boot is in it as bzImage,
# as linux (which is a program), or is the installed kernel that the file release
# names; build/ is to build modules against (KDIR). A debug kernel is built from
# the distribution's source package, kept in the cache, and made again only if
# what it is made of changed.
#
#   kasan   use after free, out of bounds, locking, leaks, fault injection
#   kcsan   data races that the module has a part in, locking
#   uml     what kasan has, at the speed of this host, but with one processor
#           and without preemption: User-Mode Linux
#   rt      the distribution's kernel with PREEMPT_RT
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fragments=$here/kernels
cache=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/kernels

arch=x86_64
image=bzImage
built=arch/x86/boot/bzImage
patch=/dev/null
flags=()
case ${1-} in
kasan) parts="base net qemu debug debug-smp kasan" ;;
kcsan)
	parts="base net qemu debug debug-smp kcsan"
	# Only modules are watched: the kernel is too slow else for races to meet,
	# and its timers have races of their own.
	flags=(KCSAN_SANITIZE=n)
	;;
uml)
	parts="base net uml debug kasan"
	arch=um
	image=linux
	built=linux
	patch=$fragments/uml.patch
	;;
rt)	;;
*)
	sed -n '4,16s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
name=$1

die()
{
	echo "build-kernel.sh: $*" >&2
	exit 1
}

# The newest installed kernel with PREEMPT_RT that has headers, beside which
# build-module.sh may put what it builds.
if [[ $name == rt ]]; then
	release=$("$here/release.sh" rt)
	kernel=$cache/rt-$release
	mkdir -p "$kernel"
	ln -sfn "/lib/modules/$release/build" "$kernel/build"
	echo "$release" >"$kernel/release"
	echo "$kernel"
	exit
fi

source=$("$here/kernel-source.sh")
configuration()
{
	local part

	for part in $parts; do
		cat "$fragments/$part.config"
	done
}
# What is asked for counts, not which fragment asks.
key=$({
	echo "$source"
	"${CC:-gcc}" --version | head -n 1
	configuration | grep CONFIG_ | sort -u
	cat "$patch"
	printf '%s' "${flags[@]}"
} | sha256sum | cut -c 1-16)
kernel=$cache/$name-$key
if [[ -e $kernel/$image ]]; then
	echo "$kernel"
	exit
fi

# Another run may be building the same one.
mkdir -p "$cache"
exec 9>"$cache/$name.lock"
flock 9
if [[ -e $kernel/$image ]]; then
	echo "$kernel"
	exit
fi
rm -rf "$kernel"
mkdir -p "$kernel/build"
echo "building the kernel \"$name\", which takes several minutes; log: $kernel/log" >&2
configuration >"$kernel/build/all.config"

# The source is everybody's. A copy that shares its files needs little room, and
# patch writes a new file.
if [[ -s $patch ]]; then
	cp -al "$source" "$kernel/source"
	source=$kernel/source
	patch -s -d "$source" -p1 <"$patch" || die "$patch does not fit the source"
fi

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
	make -C "$source" ARCH="$arch" O="$kernel/build" "${flags[@]}" "$@"
}

if ! {
	kmake KCONFIG_ALLCONFIG="$kernel/build/all.config" allnoconfig &&
		all_taken && kmake -j"$(nproc)" "$image" modules
} >"$kernel/log" 2>&1; then
	tail -n 20 "$kernel/log" >&2
	exit 1
fi
cp "$kernel/build/$built" "$kernel/$image.new"
mv "$kernel/$image.new" "$kernel/$image"
find "$cache" -mindepth 1 -maxdepth 1 -name "$name-*" ! -name "$name-$key" -exec rm -rf {} +
echo "$kernel"
