#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# First process of the test machine once it has its files: runs the command that
# run.sh was given, tells its status in the kernel's log, and ends the machine.
# shellcheck source=/dev/null disable=SC2154 # the job sets what is not set here
. /run/job

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb
HOME=~root
export HOME

end()
{
	echo "svclb-vm: $*" >/dev/kmsg
	sync
	busybox poweroff -f
}

# What a kernel was built without is not there.
mount_if_known()
{
	local type=$1 options=$2 dir=$3

	if grep -qw "$type" /proc/filesystems && mkdir -p "$dir" 2>/dev/null; then
		mount -t "$type" -o "$options" "$type" "$dir"
	fi
}

mount_if_known devpts gid=5,mode=620,ptmxmode=666 /dev/pts
mount_if_known tmpfs mode=1777 /dev/shm
mount_if_known debugfs rw /sys/kernel/debug
mount_if_known tracefs rw /sys/kernel/tracing
mount_if_known cgroup2 rw /sys/fs/cgroup
case $directory/ in
/tmp/*) ;;
*) mount -t tmpfs -o mode=1777 tmp /tmp ;;
esac
mkdir -p /run/lock
ln -sf /proc/self/fd /dev/fd
ln -sf fd/0 /dev/stdin
ln -sf fd/1 /dev/stdout
ln -sf fd/2 /dev/stderr
ip link set lo up
echo svclb-vm >/proc/sys/kernel/hostname
ulimit -n 65536

# User-Mode Linux has nothing that random numbers could come from: whoever wants good
# ones would wait for ever. They begin with some of the host (RNDADDENTROPY).
perl -e 'open(my $random, ">", "/dev/random") or exit 1;
	ioctl($random, 0x40085203, pack("iiH64", 256, 32, $ARGV[0])) or exit 1;' "$seed" ||
	end "trouble: it takes no random numbers"

[[ $(nproc) == "$cpus" ]] || end "trouble: it has $(nproc) processors instead of $cpus"
cd "$directory" || end "trouble: it has no directory $directory"

# Through a pipe, so that the command does not take the line for a terminal.
exec 3>/dev/ttyS1
stty raw clocal -echo <&3
mkfifo /run/output
cat /run/output >&3 &
reader=$!
(
	exec </dev/null >/run/output 2>&1 3>&-
	set -- "${command[@]}"
	for variable in "${environment[@]}"; do
		export "${variable?}"
	done
	exec "$@"
) &
wait $!
status=$?

# Who is left may hold the pipe open.
for process in /proc/[1-9]*; do
	case ${process#/proc/} in
	1 | "$reader") ;;
	*) kill -KILL "${process#/proc/}" ;;
	esac
done 2>/dev/null
wait "$reader"
stty raw <&3	# returns when all is sent
end "status $status"
