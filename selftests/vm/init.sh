#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# First process of the test machine: reaches the host's files, lays a file
# system in memory over them, and gives the machine to session.sh.
box=/bin/busybox

give_up()
{
	echo "svclb-vm: trouble: $*" >/dev/kmsg
	$box poweroff -f
}

$box mount -t devtmpfs dev /dev
exec >/dev/kmsg 2>&1
$box mount -t proc proc /proc
$box mount -t sysfs sys /sys
if $box grep -qw svclb.probe /proc/cmdline; then
	echo "svclb-vm: alive" >/dev/kmsg
	$box poweroff -f
fi

for driver in /drivers/*; do
	if [ -e "$driver" ]; then
		$box insmod "$driver" || give_up "driver $driver"
	fi
done

# share_host OPTIONS TAG PATH DIRECTORY: the host's files below PATH, which qemu
# calls TAG; User-Mode Linux just takes them.
share_host()
{
	if $box grep -qw hostfs /proc/filesystems; then
		$box mount -t hostfs -o "${1%%,*},$3" "$2" "$4"
	else
		$box mount -t 9p -o "$1,trans=virtio,version=9p2000.L,msize=512000" "$2" "$4"
	fi || give_up "cannot mount the host's files at $4"
}

share_host ro,cache=loose host / /host
$box mount -t tmpfs -o size=75% memory /memory || give_up "cannot mount tmpfs"
$box mkdir /memory/upper /memory/other
layers=lowerdir=/host,upperdir=/memory/upper,workdir=/memory/other
$box mount -t overlay -o "$layers" whole /whole || give_up "cannot mount overlay"

$box mkdir -p /whole/out
if [ -e /share-out ]; then
	# No cache but for mmap: both sides see at once what the other one writes.
	share_host rw,cache=mmap out "$($box cat /share-out)" /whole/out
fi
for dir in dev proc sys; do
	$box mount --move "/$dir" "/whole/$dir"
done
$box mount -t tmpfs -o mode=755 run /whole/run
$box cp /job /session.sh /whole/run/
exec $box switch_root /whole /bin/bash /run/session.sh
