#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   build-module.sh KERNEL
#
# Builds the module for a debug kernel, a directory that build-kernel.sh printed,
# and prints the module's path. The tree's own svclb.ko is left alone.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
kernel=$1
copy=$kernel/svclb

mkdir -p "$copy"
# A copy that keeps times, so that only what changed is built again.
rsync -a --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod*' --exclude='.*.cmd' \
	--exclude='modules.order' --exclude='Module.symvers' --exclude='.module-common.o' \
	"$root/Kbuild" "$root/kmod" "$root/uapi" "$copy/"
if ! make -C "$kernel/build" M="$copy" -j"$(nproc)" SVCLB_DEBUG=1 modules >"$copy/log" 2>&1; then
	cat "$copy/log" >&2
	exit 1
fi
echo "$copy/svclb.ko"
