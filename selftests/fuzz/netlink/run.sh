#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
set -u

usage()
{
	cat <<'END'
usage: selftests/fuzz/netlink/run.sh [OPTION...]
       selftests/fuzz/netlink/run.sh [OPTION...] -r DIR

Fuzzes the netlink interface in test machines, one after the other, each with
another seed. If an answer is wrong, the kernel complains or a machine dies, what
was done before is kept and made as short as it gets. With -r, does again what was
kept in DIR: what matters of it, or if that is not known yet, finds it out.

  -t SECONDS  how long (600)
  -b SECONDS  how long each machine fuzzes (60)
  -k KERNEL   of vm/build-kernel.sh, or a directory that it made; may be repeated,
              the machines take turns (uml, which is the fastest by far, and kasan,
              which has two processors)
  -s SEED     of the first machine (any); the next ones have those that follow
  -o DIR      where to keep what went wrong (~/.cache/svclb/fuzz)
  -m BOOTS    machines to spend on making it short (30)
  -d PATCH    a change of the module, to see whether it is found
  -f OPTION   an option for the fuzzer; may be repeated

The status is 0 if nothing was wrong, 1 if something was, 2 if it did not come to it.
END
}

cd "$(dirname "$0")/../../.." || exit 2
here=selftests/fuzz/netlink
fuzz=$here/fuzz

# What the machines are booted with: memory that is given out holds a pattern, see
# check.c; an object that was freed and is used shows more than once.
arguments="slub_debug=P"

seconds=600
boot_seconds=60
kernels=()
seed=$(od -An -tu4 -N 4 /dev/urandom | tr -d ' ')
directory=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/fuzz
max_boots=30
defect=
fuzz_options=()
again=
while getopts t:b:k:s:o:m:d:f:r:h option; do
	case $option in
	t) seconds=$OPTARG ;;
	b) boot_seconds=$OPTARG ;;
	k) kernels+=("$OPTARG") ;;
	s) seed=$OPTARG ;;
	o) directory=$OPTARG ;;
	m) max_boots=$OPTARG ;;
	d) defect=$OPTARG ;;
	f) fuzz_options+=("$OPTARG") ;;
	r) again=$OPTARG ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($#)) && { usage >&2; exit 2; }

tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 143' TERM INT HUP
boots=0

# prepare KERNEL: sets machine, the options of vm/run.sh for it, and module.
declare -A machines=() modules=()
prepare()
{
	local path image=bzImage cpus=2

	if [[ -z ${machines[$1]-} ]]; then
		path=$1
		[[ -d $path ]] || path=$(selftests/vm/build-kernel.sh "$1") || exit 2
		modules[$1]=$(selftests/vm/build-module.sh "$path" "$defect") || exit 2
		if [[ -e $path/linux ]]; then
			image=linux
			cpus=1
		fi
		machines[$1]="-c $cpus -m 2500 -k $path/$image"
	fi
	machine=${machines[$1]}
	module=${modules[$1]}
}

# boot DIR SECONDS MODE ARGUMENT...: a machine with DIR as its /out; what it says
# is in DIR/log.
boot()
{
	local out=$1 limit=$2

	shift 2
	boots=$((boots + 1))
	# shellcheck disable=SC2086 # the options are several words
	selftests/vm/run.sh $machine -a "$arguments" -o "$out" -t "$limit" \
		-e SVCLB_KO="$module" -- "$here/guest.sh" "$@" "${fuzz_options[@]}" \
		>"$out/log" 2>&1 </dev/null
}

# ranges NUMBER...: as the fuzzer takes them, such as 0-3,7.
ranges()
{
	printf '%s\n' "$@" | awk '
		function range()
		{
			return sep first (first < last ? "-" last : "")
		}
		NR > 1 && $1 == last + 1 { last = $1; next }
		NR > 1 { printf "%s", range(); sep = "," }
		{ first = last = $1 }
		END { print range() }'
}

# try DIR: whether one of the candidates in $tmp/candidates still goes wrong; sets
# bad to the number of the first one that does. The others before it are then known
# to be harmless.
try()
{
	local status

	rm -rf "${tmp:?}/out"
	mkdir "$tmp/out" && cp "$1/recording" "$tmp/candidates" "$tmp/out" || exit 2
	boot "$tmp/out" 1200 try
	status=$?
	bad=$(cat "$tmp/out/trying" 2>/dev/null)
	if [[ -z $bad ]]; then
		((status == 0)) || echo "  machine $boots ends with status $status"
		return 1
	fi
	cp "$tmp/out/log" "$1/short.log"
	echo "  machine $boots: $(sed -n "$((bad + 1))p" "$tmp/candidates") is enough"
}

# up_to_violation NUMBER...: those of the numbers that came before it was over.
up_to_violation()
{
	local last

	last=$(sed -n 's/^violated by record \([0-9]*\)$/\1/p' "$tmp/out/log" | tail -n 1)
	printf '%s\n' "$@" | awk -v last="${last:-999999999}" '$1 <= last'
}

# with_state NUMBER...: those that changed the state, and the last ones.
with_state()
{
	{
		cat "$tmp/out/changes" 2>/dev/null
		printf '%s\n' "${@: -8}"
	} | sort -nu
}

# fewer DIR NUMBER...: makes the list of records that matter shorter; delta
# debugging. All candidates of one size share a machine, which is over with the
# first bad one.
fewer()
{
	local directory=$1 parts=2 first=0 length size i n
	local -a kept left lengths=() chunks

	mapfile -t kept < <(up_to_violation "${@:2}")
	length=${#kept[@]}
	# Mostly the last ones matter, or those that made the state.
	: >"$tmp/candidates"
	for ((n = 1; n < length; n *= 2)); do
		ranges "${kept[@]:length - n}" >>"$tmp/candidates"
		lengths+=("$n")
	done
	mapfile -t left < <(with_state "${kept[@]}")
	ranges "${left[@]}" >>"$tmp/candidates"
	if try "$directory"; then
		if [[ -n ${lengths[bad]-} ]]; then
			kept=("${kept[@]:length - lengths[bad]}")
		else
			kept=("${left[@]}")
		fi
	fi
	while ((${#kept[@]} > 1 && boots < max_boots)); do
		ranges "${kept[@]}" >"$directory/kept"
		length=${#kept[@]}
		((parts <= length)) || parts=$length
		size=$(((length + parts - 1) / parts))
		: >"$tmp/candidates"
		chunks=()
		for ((i = first * size; i < length; i += size)); do
			left=("${kept[@]:0:i}" "${kept[@]:i + size}")
			ranges "${left[@]}" >>"$tmp/candidates"
			chunks+=("$i")
		done
		if [[ -s $tmp/candidates ]] && try "$directory"; then
			i=${chunks[bad]}
			left=("${kept[@]:0:i}" "${kept[@]:i + size}")
			mapfile -t kept < <(up_to_violation "${left[@]}")
			# The chunks before it were needed.
			first=$((i / size))
			parts=$((parts > 2 ? parts - 1 : 2))
		elif ((size > 1)); then
			parts=$((2 * parts))
			first=0
		elif ((first)); then
			first=0
		else
			break
		fi
	done
	ranges "${kept[@]}" >"$directory/kept"
	((boots < max_boots)) || echo "  stopped after $boots machines; it may get shorter"
}

# minimise DIR: writes DIR/kept, the records that matter, and tells.
minimise()
{
	local count kernel
	local -a all=()

	kernel=$(cat "$1/kernel")
	prepare "$kernel"
	boots=0
	count=$("$fuzz" -p "$1/recording" 2>/dev/null | grep -c '^[0-9]')
	if ((!count)); then
		echo "  nothing was recorded"
		return
	fi
	mapfile -t all < <(seq 0 $((count - 1)))
	echo "  again, with all $count records"
	ranges "${all[@]}" >"$tmp/candidates"
	if ! try "$1"; then
		echo "  it does not happen again; see $1"
		return
	fi
	ranges "${all[@]}" >"$1/kept"
	((boots >= max_boots)) || fewer "$1" "${all[@]}"
	echo "  what it takes:"
	"$fuzz" -p "$1/recording" -k "$(cat "$1/kept")" | sed 's/^/    /'
	sed -n '/^violation:/p; /^run.sh:/p; /BUG:/p; /WARNING:/p; /Kernel panic/p' "$1/short.log" |
		sort -u | head -n 10 | sed 's/^/    /'
	echo "  to do it again: $here/run.sh -k $kernel${defect:+ -d $defect}" \
		"${fuzz_options[@]/#/-f }" "-r $1"
}

# keep DIR SEED KERNEL STATUS: what went wrong.
keep()
{
	local place=$directory/${3##*/}-$2

	mkdir -p "$directory" && rm -rf "$place" && cp -r "$1" "$place" || exit 2
	echo "$3" >"$place/kernel"
	echo "$2" >"$place/seed"
	# Written by a machine whose user is another one.
	chmod -R u+rwX "$place"
	echo "seed $2 on $3: status $4; kept in $place"
	grep -m 5 -E '^violation:|^run.sh:' "$place/log" | sed 's/^/  /'
	if ((max_boots)); then
		minimise "$place"
	fi
}

# Which code of the module was reached, by function; only where it can be told.
tell_coverage()
{
	local kernel

	for kernel in "${!modules[@]}"; do
		[[ -s $tmp/cover-${kernel##*/} ]] || continue
		"$here/cover.sh" "${modules[$kernel]}" "$tmp/cover-${kernel##*/}" |
			sed "s/^/${kernel##*/}: /"
	done
}

make -s -C selftests/fuzz || exit 2
if [[ -n $again ]]; then
	if [[ -e $again/kept ]]; then
		prepare "$(cat "$again/kernel")"
		cp "$again/kept" "$tmp/candidates"
		! try "$again" || { cat "$again/short.log"; exit 1; }
	else
		minimise "$again"
		[[ ! -e $again/kept ]] || exit 1
	fi
	exit 0
fi
((${#kernels[@]})) || kernels=(uml kasan)
for kernel in "${kernels[@]}"; do
	prepare "$kernel"
done
failed=0
requests=0
number=0
SECONDS=0	# building does not count
while ((SECONDS < seconds)); do
	kernel=${kernels[number % ${#kernels[@]}]}
	prepare "$kernel"
	rm -rf "${tmp:?}/boot"
	mkdir "$tmp/boot" || exit 2
	boot "$tmp/boot" $((boot_seconds + 900)) run -s "$seed" -t "$boot_seconds"
	status=$?
	done_here=$(sed -n 's/^requests //p' "$tmp/boot/log")
	requests=$((requests + ${done_here:-0}))
	[[ ! -e $tmp/boot/cover ]] || cat "$tmp/boot/cover" >>"$tmp/cover-${kernel##*/}"
	echo "seed $seed on $kernel: ${done_here:-unknown} requests, status $status"
	if ((status)); then
		failed=$((failed + 1))
		keep "$tmp/boot" "$seed" "$kernel" "$status"
	fi
	number=$((number + 1))
	seed=$((seed + 1))
done
tell_coverage
echo "$number machines, $requests requests, $failed with something wrong"
((number && !failed))
