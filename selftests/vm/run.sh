#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
usage()
{
	cat <<'END'
usage: selftests/vm/run.sh [OPTION...] [--] COMMAND [ARGUMENT...]

Boots a kernel in a virtual machine and runs COMMAND there as root, in the
current directory. The machine sees the host's file system, but what it writes
is gone when it stops, except below /out. Output comes as it is written.

  -c CPUS      processors (1)
  -m MIB       memory (2048)
  -k KERNEL    release of an installed kernel, or the path of an image with
               all drivers built in (the newest installed release)
  -i           clock that counts instructions: each takes 1 ns; one processor
  -t SECONDS   limit of the whole run (600)
  -o DIR       what the machine has as /out (a temporary directory)
  -e VAR[=VAL] environment variable for COMMAND; may be repeated
  -a ARGS      more arguments for the kernel
  -h           this text

Status: that of COMMAND; 2 wrong usage, 124 time limit, 125 the machine died
before COMMAND ended, 126 the kernel complained (its log is printed then).
END
}

set -u
cpus=1 memory=2048 kernel='' icount='' limit=600 out='' append=''
environment=()
while getopts c:m:k:it:o:e:a:h option; do
	case $option in
	c) cpus=$OPTARG ;;
	m) memory=$OPTARG ;;
	k) kernel=$OPTARG ;;
	i) icount=yes ;;
	t) limit=$OPTARG ;;
	o) out=$OPTARG ;;
	e) environment+=("$OPTARG") ;;
	a) append=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($#)) || { usage >&2; exit 2; }

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/vm
mkdir -p "$cache"
temporary=$(mktemp -d)
qemu=
clean_up()
{
	[[ -z $qemu ]] || kill -KILL "$qemu" 2>/dev/null
	rm -rf "$temporary"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

fail()
{
	echo "run.sh: $*" >&2
	exit 125
}

# What to boot: $image, and $release when modules have to be loaded for it.
choose_kernel()
{
	local newest

	if [[ -z $kernel ]]; then
		newest=$(find /boot -name 'vmlinuz-*' | sort -V | tail -n 1)
		[[ -n $newest ]] || fail "no kernel in /boot: run selftests/vm/setup.sh check"
		kernel=${newest#/boot/vmlinuz-}
	fi
	if [[ $kernel == */* ]]; then
		image=$kernel release=
	else
		image=/boot/vmlinuz-$kernel release=$kernel
	fi
	[[ -r $image ]] || fail "no kernel $image"
}

# The first file system: busybox, init.sh, and the drivers that reach the
# host's. Made once for what it is made of; $initramfs is its path.
make_initramfs()
{
	local key tree number=10 module

	key=$({ echo "${release:-none}"; cat "$here/init.sh" "${BASH_SOURCE[0]}" /bin/busybox
		[[ -z $release ]] || stat -c %Y "/lib/modules/$release/modules.dep"; } |
		sha256sum | cut -c 1-16)
	initramfs=$cache/initramfs-$key
	[[ -e $initramfs ]] && return

	tree=$temporary/tree
	mkdir -p "$tree"/{bin,modules,dev,proc,sys,host,memory,root}
	cp /bin/busybox "$tree/bin/" || fail "no /bin/busybox: run selftests/vm/setup.sh check"
	cp "$here/init.sh" "$tree/init"
	chmod +x "$tree/init"
	if [[ -n $release ]]; then
		for module in virtio_pci 9pnet_virtio 9p overlay; do
			/sbin/modprobe -S "$release" --show-depends "$module" || exit
		done >"$temporary/depends" || fail "no driver $module for kernel $release"
		while read -r _ module; do
			cp -n "$module" "$tree/modules/$number-${module##*/}"
			number=$((number + 1))
		done < <(grep ^insmod "$temporary/depends" | awk '!seen[$2]++')
	fi
	(cd "$tree" && find . | cpio --quiet -o -H newc) >"$temporary/initramfs" ||
		fail "cannot pack the first file system"
	mv "$temporary/initramfs" "$initramfs.$$"
	mv "$initramfs.$$" "$initramfs"
}

# Hardware help is taken only where a machine has come up with it before.
kvm_works()
{
	local known=$cache/kvm

	[[ -w /dev/kvm ]] || return 1
	if [[ ! -e $known ]] || [[ $(head -n 1 "$known") != "$(uname -r)" ]]; then
		{
			uname -r
			timeout -s KILL 20 qemu-system-x86_64 -accel kvm -cpu host -m 256 \
				-nodefaults -no-user-config -display none -no-reboot \
				-kernel "$image" -initrd "$initramfs" -serial stdio \
				-append "console=ttyS0 panic=-1 svclb.probe" </dev/null 2>&1 |
				grep -q 'svclb-vm: alive' && echo works
		} >"$known"
	fi
	grep -qx works "$known"
}

write_start()
{
	local variable

	{
		echo 'export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb'
		for variable in ${environment[@]+"${environment[@]}"}; do
			[[ $variable == *=* ]] || variable=$variable=${!variable-}
			printf 'export %s=%q\n' "${variable%%=*}" "${variable#*=}"
		done
		cat <<-END
		mount -t tmpfs run /run
		mount -t tmpfs -o mode=1777 tmp /tmp
		mkdir -p /dev/pts /dev/shm
		mount -t devpts -o gid=5,mode=620,ptmxmode=666 pts /dev/pts
		mount -t tmpfs -o mode=1777 shm /dev/shm
		mount -t debugfs debug /sys/kernel/debug 2>/dev/null
		mount -t tracefs trace /sys/kernel/tracing 2>/dev/null
		mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
		mkdir -p /run/netns /run/lock
		mkfifo /run/power-off
		ip link set lo up
		hostname svclb-vm
		ulimit -n 65536
		stty -F /dev/ttyS1 raw -echo 115200
		END
		printf 'cd %q\n' "$PWD"
		printf 'if [ "$(nproc)" != %q ]; then\n' "$cpus"
		# shellcheck disable=SC2016 # for the shell inside
		echo '	echo "svclb-vm: $(nproc) processors" >/dev/console; echo 125 >/out/.status'
		echo 'else'
		printf '	( trap "" HUP; exec %s ) </dev/null >/dev/ttyS1 2>&1\n' "$(printf '%q ' "$@")"
		# shellcheck disable=SC2016 # for the shell inside
		echo '	echo $? >/out/.status'
		echo 'fi'
		echo 'dmesg >/out/.dmesg'
		echo 'sync; echo o >/proc/sysrq-trigger; read -r _ <>/run/power-off'
	} >"$out/.start"
}

choose_kernel
make_initramfs
[[ -n $out ]] || out=$temporary/out
mkdir -p "$out"
out=$(cd "$out" && pwd)
rm -f "$out/.status" "$out/.dmesg"
write_start "$@"

# One processor and the same flags for each counted run: string instructions
# that count per byte are hidden, and nothing depends on the host's clock.
if [[ -n $icount ]]; then
	accelerator=(-accel tcg,thread=single -icount shift=0,sleep=off -cpu max,-erms,-fsrm)
	append="clearcpuid=rep_good tsc=reliable $append"
elif kvm_works; then
	accelerator=(-accel kvm -cpu host)
else
	accelerator=(-accel tcg,thread=multi -cpu max)
fi

timeout -s KILL "$limit" qemu-system-x86_64 "${accelerator[@]}" -machine q35 \
	-smp "$cpus" -m "$memory" -nodefaults -no-user-config -display none -no-reboot \
	-kernel "$image" -initrd "$initramfs" \
	-chardev "file,id=console,path=$temporary/console" -serial chardev:console \
	-chardev stdio,id=output,signal=off -serial chardev:output \
	-virtfs local,path=/,security_model=none,readonly=on,multidevs=remap,mount_tag=host \
	-virtfs "local,path=$out,security_model=none,mount_tag=out" \
	-append "console=ttyS0 loglevel=5 panic=-1 mitigations=off nokaslr $append" </dev/null &
qemu=$!
wait "$qemu"
ended=$?
qemu=

# What the kernel says when something is wrong with it.
complaints='WARNING:|BUG:|Oops|general protection|KASAN|KCSAN|KMSAN|UBSAN|ODEBUG'
complaints+='|Call Trace|Kernel panic|rcu: INFO|rcu_.* detected stalls|task .* blocked for more'
complaints+='|soft lockup|possible .*(deadlock|recursion)|suspicious RCU|inconsistent lock'
complaints+='|scheduling while atomic|sleeping function|unreferenced object|refcount_t:'
complaints+='|(list_add|list_del|slab|hlist).*corruption|waiting for .* to become free|tainted by svclb'
cat "$temporary/console" "$out/.dmesg" 2>/dev/null | tr -d '\r' | sed 's/^\[ *[0-9.]*\] //' |
	grep -aE "$complaints" | grep -avxFf <(sed '/^#/d; /^$/d' "$here/harmless") >"$temporary/complaints"

status=125
[[ -s $out/.status ]] && status=$(<"$out/.status")
if [[ -s $temporary/complaints ]]; then
	echo "run.sh: the kernel complained:" >&2
	tr -d '\r' <"$temporary/console" >&2
	exit 126
elif ((ended == 137)) && [[ ! -s $out/.status ]]; then
	echo "run.sh: not done after $limit s; end of the kernel's log:" >&2
	tail -n 20 "$temporary/console" >&2
	exit 124
elif [[ ! -s $out/.status ]]; then
	echo "run.sh: the machine died (status $ended); end of the kernel's log:" >&2
	tail -n 40 "$temporary/console" >&2
elif ((status == 125)); then
	grep -a svclb-vm: "$temporary/console" >&2
fi
exit "$status"
