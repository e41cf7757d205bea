#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# First process of the test machine: reaches the host's file system, covers it
# with a writable one in memory, and runs the command there. See run.sh.
box=/bin/busybox

give_up()
{
	echo "svclb-vm: $*" >/dev/console
	$box poweroff -f
}

$box mount -t devtmpfs dev /dev
$box mount -t proc proc /proc
$box mount -t sysfs sys /sys
if $box grep -q svclb.probe /proc/cmdline; then
	echo "svclb-vm: alive" >/dev/console
	$box poweroff -f
fi
for module in /modules/*.ko; do
	[ -e "$module" ] && { $box insmod "$module" || give_up "insmod $module"; }
done

share=trans=virtio,version=9p2000.L,msize=262144
$box mount -t 9p -o "ro,$share,cache=loose" host /host || give_up "no host file system"
$box mount -t tmpfs -o size=75% memory /memory || give_up "no tmpfs"
$box mkdir /memory/upper /memory/work
$box mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work \
	overlay /root || give_up "no overlay"
$box mkdir -p /root/out
$box mount -t 9p -o "$share" out /root/out || give_up "no /out"
for dir in dev proc sys; do
	$box mount --move /$dir /root/$dir
done
exec $box switch_root /root /bin/sh /out/.start
