#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The test machine. A kernel of one's own (-k PATH) has no use for modules and
# needs built in: DEVTMPFS, TMPFS, OVERLAY_FS, 9P_FS, NET_9P_VIRTIO, VIRTIO_PCI,
# SERIAL_8250_CONSOLE, BLK_DEV_INITRD, PRINTK and ACPI; or if it is User-Mode
# Linux, DEVTMPFS, TMPFS, OVERLAY_FS, HOSTFS, STDERR_CONSOLE, SSL, NULL_CHAN,
# BLK_DEV_INITRD, PRINTK and what kernels/uml.patch changes.
set -u

usage()
{
	cat <<'END'
usage: selftests/vm/run.sh [OPTION...] [--] COMMAND [ARGUMENT...]

Boots a kernel in a virtual machine and runs COMMAND there as root, in the
current directory. The machine has the files of this host, as they are when it
starts; what it writes is lost when it stops, except below /out. /run, /dev/shm
and, unless the current directory is in there, /tmp begin empty. COMMAND reads
nothing; what it writes comes out of here at once (only what it wrote in the
moment before a panic may be lost), and processes that it leaves behind are
killed.

  -c CPUS       processors (1)
  -m MIB        memory (2048)
  -k KERNEL     release of an installed kernel, or the path of an image that has
                all drivers built in (the newest release with headers). A
                program called "linux" is User-Mode Linux: a machine with one
                processor that is no faster and no slower than this host's
  -i            a clock that counts instructions, 1 ns for each: what COMMAND
                measures does not depend on this host's load; one processor.
                When the machine has nothing to do, as it waits for a file of
                this host, its clock jumps, by minutes even: let no time limit
                depend on it. Not for User-Mode Linux
  -t SECONDS    limit of the whole run (600)
  -o DIR        what the machine has as /out, to read and write (nothing)
  -e VAR        give COMMAND an environment variable; may be repeated
  -e VAR=VALUE  the same, with another value
  -a ARGUMENTS  more arguments for the kernel; may be repeated
  -h            print this text

The status is COMMAND's, or with a message:

  2    this script was used wrongly
  124  the time limit was reached
  125  the machine did not start, or died before COMMAND ended
  126  the kernel complained: a warning, an oops, a report of one of its
       checkers. It is enough that its log looks so, also if COMMAND wrote it,
       and whatever else went wrong. Lines in the file "harmless" are excused.
END
}

die()
{
	echo "run.sh: $2" >&2
	exit "$1"
}

is_number()
{
	[[ $1 =~ ^[1-9][0-9]{0,8}$ ]] || die 2 "not a positive number: '$1'"
}

cpus=1
memory=2048
kernel=
counted=
limit=600
out=
arguments=
environment=()
while getopts c:m:k:it:o:e:a:h option; do
	case $option in
	c) is_number "$OPTARG"; cpus=$OPTARG ;;
	m) is_number "$OPTARG"; memory=$OPTARG ;;
	k) kernel=$OPTARG ;;
	i) counted=yes ;;
	t) is_number "$OPTARG"; limit=$OPTARG ;;
	o) out=$OPTARG ;;
	e)
		[[ ${OPTARG%%=*} =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || die 2 "not a variable: '$OPTARG'"
		if [[ $OPTARG == *=* ]]; then
			environment+=("$OPTARG")
		elif [[ -v $OPTARG ]]; then
			environment+=("$OPTARG=${!OPTARG}")
		fi
		;;
	a) arguments+=" $OPTARG" ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($#)) || { usage >&2; exit 2; }
[[ -z $counted ]] || ((cpus == 1)) || die 2 "-i is for one processor"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
setup="run selftests/vm/setup.sh check"
cache=${XDG_CACHE_HOME:-${HOME:-~}/.cache}/svclb/vm
mkdir -p "$cache" || die 125 "cannot write to $cache"

temporary=$(mktemp -d) || exit 125
machine=
timer=
# shellcheck disable=SC2317 # the trap calls it
clean_up()
{
	if [[ -n $machine ]]; then
		exec 2>/dev/null	# where the shell tells what was killed
		kill -KILL "$machine" "$timer"
		wait
	fi
	rm -rf "$temporary"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM

# Finds out what to boot: sets image and, if it has modules, release, or if it is
# User-Mode Linux, uml.
choose_kernel()
{
	release=$kernel
	uml=
	image=/boot/vmlinuz-$kernel
	if [[ $kernel == */* ]]; then
		release=
		image=$kernel
	elif [[ -z $kernel ]]; then
		release=$("$here/release.sh") || exit 125
		image=/boot/vmlinuz-$release
	fi
	[[ -f $image && -r $image ]] || die 125 "no kernel $image"
	if [[ ${image##*/} == linux && $(head -c 4 "$image" | tr -d '\0') == $'\177ELF' ]]; then
		((cpus == 1)) || die 2 "User-Mode Linux has one processor"
		[[ -z $counted ]] || die 2 "User-Mode Linux has no counted clock"
		image=$(realpath "$image")
		uml=yes
	fi
}

need_tools()
{
	local tool tools=(busybox cpio)

	[[ -n $uml ]] || tools+=(qemu-system-x86_64)
	for tool in "${tools[@]}"; do
		[[ -n $(type -P "$tool") ]] || die 125 "no $tool: $setup"
	done
}

# An installed kernel is unpacked here, once, as an emulated processor takes
# seconds to do it at each boot. That needs a kernel with the entry that qemu
# uses then (PVH); any other is booted as it is.
unpack_kernel()
{
	local stamp unpacked sectors offset size

	[[ -n $release ]] || return 0
	stamp=$(stat -Lc '%Y-%s' "$image")
	unpacked=$cache/vmlinux-$release-$stamp
	if [[ ! -e $unpacked ]]; then
		# As the kernel's Documentation/arch/x86/boot.rst has it.
		sectors=$(od -An -tu1 -j 497 -N 1 "$image")
		offset=$(od -An -tu4 -j 584 -N 4 "$image")
		size=$(od -An -tu4 -j 588 -N 4 "$image")
		tail -c "+$(((sectors + 1) * 512 + offset + 1))" "$image" | head -c "$size" \
			>"$temporary/packed"
		xz -dc --single-stream "$temporary/packed" >"$temporary/vmlinux" 2>/dev/null ||
			gzip -dcq "$temporary/packed" >"$temporary/vmlinux" 2>/dev/null ||
			zstd -dcq "$temporary/packed" >"$temporary/vmlinux" 2>/dev/null
		if ! readelf -n "$temporary/vmlinux" 2>/dev/null | grep -A 1 Xen | grep -q '(0x00000012)'; then
			: >"$temporary/vmlinux"
		fi
		rm -f "$cache/vmlinux-$release"-*
		if ! mv "$temporary/vmlinux" "$unpacked.$$" || ! mv "$unpacked.$$" "$unpacked"; then
			die 125 "cannot write $unpacked"
		fi
	fi
	if [[ -s $unpacked ]]; then
		image=$unpacked
	fi
}

# pack_tree DIRECTORY FILE
pack_tree()
{
	(cd "$1" && find . -mindepth 1 | sort | cpio --quiet -o -H newc -R 0:0) >"$2"
}

# The file system that the kernel begins with: drivers to reach the host's, and
# what uses them. Sets initramfs; it is made once for what it is made of.
make_initramfs()
{
	local busybox tree=$temporary/tree key name number=10 drivers=()

	busybox=$(type -P busybox)
	if [[ -n $release ]]; then
		drivers=(virtio_pci 9pnet_virtio 9p overlay)
	fi
	key=$({
		echo "$release"
		cat "$here/run.sh" "$here/init.sh" "$here/session.sh" "$busybox"
		[[ -z $release ]] || cat "/lib/modules/$release/modules.dep"
		[[ -z $release ]] || stat -c '%Y %s' "$image"
	} | sha256sum)
	initramfs=$cache/initramfs-${key%% *}
	if [[ -e $initramfs ]]; then
		return
	fi

	mkdir -p "$tree"/{bin,dev,drivers,host,memory,proc,sys,whole}
	cp "$busybox" "$tree/bin/busybox"
	"$busybox" --list | grep -qx switch_root || die 125 "no switch_root in busybox: $setup"
	cp "$here/session.sh" "$tree"
	install "$here/init.sh" "$tree/init"
	for name in "${drivers[@]}"; do
		modprobe -S "$release" --show-depends "$name" ||
			die 125 "kernel $release has no driver $name"
	done >"$temporary/drivers" || exit
	while read -r name; do
		case $name in
		*.gz) gzip -dc "$name" ;;
		*.xz) xz -dc "$name" ;;
		*.zst) zstd -dcq "$name" ;;
		*) cat "$name" ;;
		esac >"$tree/drivers/$number" || die 125 "cannot read $name"
		number=$((number + 1))
	done < <(awk '$1 == "insmod" && !seen[$2]++ { print $2 }' "$temporary/drivers")

	find "$cache" -name 'initramfs-*' -mtime +30 -delete
	if ! pack_tree "$tree" "$initramfs.$$" || ! mv "$initramfs.$$" "$initramfs"; then
		die 125 "cannot write $initramfs"
	fi
}

# What this run is about, as session.sh reads it; goes behind the initramfs.
make_job()
{
	mkdir "$temporary/job"
	[[ -z $out ]] || printf '%s' "$temporary/out" >"$temporary/job/share-out"
	{
		printf 'directory=%q\n' "$PWD"
		printf 'cpus=%q\n' "$cpus"
		echo "seed=$(head -c 32 /dev/urandom | od -An -vtx1 | tr -d ' \n')"
		echo "environment=(${environment[*]@Q})"
		echo "command=(${*@Q})"
	} >"$temporary/job/job"
	pack_tree "$temporary/job" "$temporary/job.cpio" &&
		cat "$initramfs" "$temporary/job.cpio" >"$temporary/initrd"
}

# What is the same for any machine. The kernel takes what an emulator is fast
# with: no string instructions, no workarounds for processors, no doubt in the
# clock.
boot_arguments="console=ttyS0 ignore_loglevel printk.devkmsg=on panic=-1 mitigations=off nokaslr"
boot_arguments+=" tsc=reliable clearcpuid=rep_good"
qemu=(qemu-system-x86_64 -machine q35 -nodefaults -no-user-config -display none -no-reboot)
emulated=(-cpu "max,-erms,-fsrm" -accel)

# Whether the processor helps, as a machine tells that has come up; asked once
# in the life of the host.
kvm_works()
{
	local boot_id answer=$cache/kvm

	[[ -w /dev/kvm ]] || return
	boot_id=$(cat /proc/sys/kernel/random/boot_id)
	if ! grep -qs "^$boot_id " "$answer"; then
		if timeout -s KILL 10 "${qemu[@]}" -accel kvm -cpu host -m 512 -kernel "$image" \
			-initrd "$initramfs" -serial stdio -append "$boot_arguments svclb.probe" \
			</dev/null 2>/dev/null | grep -q "svclb-vm: alive"; then
			echo "$boot_id works"
		else
			echo "$boot_id fails"
		fi >"$answer.$$"
		mv "$answer.$$" "$answer"
	fi
	grep -q "^$boot_id works" "$answer"
}

# start_emulator: sets machine. Its first serial line is the console, the second
# one COMMAND's output.
start_emulator()
{
	unpack_kernel
	if [[ -n $out ]]; then
		# In qemu's options a comma is written as two.
		qemu+=(-virtfs "local,path=${out//,/,,},security_model=none,mount_tag=out")
	fi
	if [[ -n $counted ]]; then
		# Whoever waits for a file while the clock jumps does not hang.
		boot_arguments+=" sysctl.kernel.hung_task_timeout_secs=0"
		qemu+=("${emulated[@]}" "tcg,thread=single" -icount "shift=0,sleep=off")
	else
		# An emulated processor may have to wait for a real one.
		boot_arguments+=" rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=30"
		if kvm_works; then
			qemu+=(-cpu host -accel kvm)
		else
			qemu+=("${emulated[@]}" "tcg,thread=multi")
		fi
	fi
	setpriv --pdeathsig KILL "${qemu[@]}" -smp "$cpus" -m "$memory" \
		-kernel "$image" -initrd "$temporary/initrd" -append "$boot_arguments$arguments" \
		-virtfs "local,path=/,security_model=none,readonly=on,multidevs=remap,mount_tag=host" \
		-chardev "file,id=console,path=$log" -serial chardev:console \
		-chardev "stdio,id=output,signal=off" -serial chardev:output \
		</dev/null >"$temporary/output" 2>"$temporary/errors" &
	machine=$!
}

# The machine's memory is a file whose parts it maps to execute them; better one
# that is not written to a disk.
memory_directory()
{
	local dir=/dev/shm room

	room=$(df --output=avail -m "$dir" 2>/dev/null | tail -n 1)
	if ((${room:-0} > memory)) &&
		! findmnt -no OPTIONS -T "$dir" | grep -qw noexec; then
		echo "$dir"
	else
		echo "$temporary"
	fi
}

# The machine and its processes take turns. They do it faster on one processor of
# this host; which should not be that of another such machine.
choose_processor()
{
	local allowed range processors lock

	allowed=$(sed -n 's/^Cpus_allowed_list:[[:space:]]*//p' /proc/self/status)
	mapfile -t processors < <(for range in ${allowed//,/ }; do
		seq "${range%-*}" "${range#*-}"
	done | shuf)
	for processor in "${processors[@]}"; do
		exec {lock}>"$cache/processor-$processor"
		if flock -n "$lock"; then
			return
		fi
		exec {lock}>&-
	done
}

# start_program: the same with User-Mode Linux, which is a session of its own, as
# it kills its process group when it panics. The C library's restartable sequences
# are memory that the machine's processes do not have.
start_program()
{
	local words processor

	read -ra words <<<"$arguments"
	choose_processor
	[[ -z $out ]] || ln -s "$out" "$temporary/out"
	(
		ulimit -c 0
		cd "$temporary" || exit
		export TMPDIR
		TMPDIR=$(memory_directory)
		export GLIBC_TUNABLES=glibc.pthread.rseq=0
		exec setpriv --pdeathsig KILL setsid taskset -c "$processor" "$image" \
			mem="${memory}M" initrd=initrd uml_dir=uml/ umid=machine noreboot \
			con=null ssl=null ssl1=null,fd:5 stderr=1 console=tty0 console=stderr \
			ignore_loglevel printk.devkmsg=on panic=-1 "${words[@]}" \
			</dev/null 5>output >log 2>&1
	) &
	machine=$!
	: >"$temporary/errors"
}

choose_kernel
need_tools
make_initramfs
if [[ -n $out ]]; then
	mkdir -p "$out" || die 125 "cannot make $out"
	out=$(realpath "$out")
fi
make_job "$@" || die 125 "cannot write to $temporary"

# Its output goes through a pipe of its own, as the machine sets it non-blocking.
log=$temporary/log
mkfifo "$temporary/output"
{ cat "$temporary/output" 2>/dev/null || kill -PIPE $$; } &
reader=$!
if [[ -n $uml ]]; then
	start_program
else
	start_emulator
fi
setpriv --pdeathsig KILL sleep "$limit" &
timer=$!
wait -n -p ended "$machine" "$timer"
{
	kill -KILL "$machine" "$timer"
	wait "$machine" "$timer" "$reader"
} 2>/dev/null
machine=

# The log, as the kernel wrote it and without the time of each line.
tr -d '\r' <"$log" >"$temporary/messages"
plain=$temporary/plain
sed -E 's/^\[ *[0-9]+\.[0-9]+\](\[ *[CT][0-9]+\])? //' "$temporary/messages" >"$plain"

complaints='WARNING:|BUG[: ]|Oops|KASAN:|KCSAN:|KMSAN:|KFENCE:|UBSAN:|Call Trace:|Kernel panic'
complaints+='|general protection fault[,:]|rcu: INFO|rcu_.* detected .*stalls|hard LOCKUP'
complaints+='|INFO: (task .* blocked|trying to register|lockdep is turned off|rcu)'
complaints+='|possible .*(deadlock|recursive|locking dependency)|[Ss]uspicious RCU usage'
complaints+='|inconsistent lock state|scheduling while atomic|sleeping function called'
complaints+='|unreferenced object|new suspected memory leaks|refcount_t:|ODEBUG: [^s]'
complaints+='|(list_add|list_del|slab) corruption|kmem_cache_destroy|leaked reference'
complaints+='|waiting for .* to become free'

# Numbers of the lines that are complaints and not excused.
complaint_lines()
{
	awk -v complaints="$complaints" '
		FILENAME == ARGV[1] { if (!/^(#|$)/) harmless[$0]; next }
		$0 ~ complaints && !($0 in harmless) { print FNR }' "$here/harmless" "$plain"
}

# print_log FIRST LAST: those lines of the log, as far as they are there.
print_log()
{
	sed -n "$(($1 > 0 ? $1 : 1)),$2p" "$temporary/messages" >&2
}

status=$(sed -n 's/^svclb-vm: status \([0-9]*\)$/\1/p' "$plain" | tail -n 1)
trouble=$(sed -n 's/^svclb-vm: trouble: //p' "$plain" | tail -n 1)
lines=$(wc -l <"$plain")
found=$(complaint_lines)
first=${found%%$'\n'*}
if [[ -z $status ]]; then
	if [[ $ended == "$timer" ]]; then
		status=124
		echo "run.sh: COMMAND has not ended within $limit s" >&2
	else
		status=125
		echo "run.sh: the machine died before COMMAND ended${trouble:+: $trouble}" >&2
		cat "$temporary/errors" >&2
	fi
	if [[ -z $found ]]; then
		echo "run.sh: the end of the kernel's log:" >&2
		print_log $((lines - 30)) "$lines"
	fi
fi
if [[ -n $found ]]; then
	status=126
	echo "run.sh: the kernel complained; its log:" >&2
	print_log $((first - 5)) $((first + 300))
fi
exit "$status"
