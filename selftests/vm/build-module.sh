#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   build-module.sh KERNEL [PATCH]
#
# Builds the module for a kernel, a directory that build-kernel.sh printed, and
# prints the module's path; with a patch, one that is changed so. The tree's own
# svclb.ko is left alone.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$1
patch=${2-}
# Several trees may use the kernel at the same time.
copy=$kernel/svclb-$(sha256sum <<<"$root" | cut -c 1-16)

die()
{
	echo "build-module.sh: $*" >&2
	exit 1
}

if [[ -n $patch ]]; then
	patch=$(realpath -e "$patch") || exit
	copy+=-$(basename "$patch" .patch)
fi
# Another run may be building the same one.
exec 9>"$copy.lock"
flock 9
[[ -z $patch ]] || rm -rf "$copy"
mkdir -p "$copy"
# A copy that keeps times, so that only what changed is built again.
rsync -a --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod*' --exclude='.*.cmd' \
	--exclude='modules.order' --exclude='Module.symvers' --exclude='.module-common.o' \
	--exclude=/log "$root/Kbuild" "$root/kmod" "$root/uapi" "$copy/"
if [[ -n $patch ]]; then
	patch -s -d "$copy" -p1 <"$patch" >&2 || die "$patch does not fit the module"
fi
arch=x86_64
[[ ! -e $kernel/linux ]] || arch=um
# A checker that the kernel does not have is not asked for, whatever Kbuild says.
if ! make -C "$kernel/build" ARCH="$arch" M="$copy" -j"$(nproc)" SVCLB_DEBUG=1 modules \
	>"$copy/log" 2>&1; then
	cat "$copy/log" >&2
	exit 1
fi
echo "$copy/svclb.ko"
