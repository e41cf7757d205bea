#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Whether the instruments notice what they are for:
#
#   selftests/check-instruments.sh [-o DIR] [DEFECT...]
#
# Each defects/DEFECT.patch puts one mistake into the module and says in its
# header which test must fail of it, on which kernel (with which arguments), in which
# environment, and what that must print. An instrument that lets its mistake pass
# is a failed test. Output is TAP; what was printed stays in DIR if one is given.
set -u
cd "$(dirname "$0")/.." || exit 1

out=
while getopts o: option; do
	case $option in
	o) out=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
if [[ -n $out ]]; then
	mkdir -p "$out" || exit 1
else
	out=$(mktemp -d) || exit 1
	trap 'rm -rf "$out"' EXIT
fi
if ((!$#)); then
	set -- selftests/defects/*.patch
	set -- "${@##*/}"
	set -- "${@%.patch}"
fi

# header DEFECT KEY
header()
{
	sed -n "1,10s/^$2: //p" "selftests/defects/$1.patch"
}

try()
{
	local kernel test name
	local -a options=()

	kernel=$(header "$1" kernel)
	for name in $(header "$1" environment); do
		options+=(-e "$name")
	done
	for name in $(header "$1" arguments); do
		options+=(-a "$name")
	done
	test=selftests/$(header "$1" test).sh
	selftests/check.sh -k "$kernel" -d "selftests/defects/$1.patch" -o "$out/$1" \
		"${options[@]}" "$test" \
		>"$out/$1.tap" 2>&1
}

passed=0
failed=0
report()
{
	local name

	name="$1: $(header "$1" test).sh on the kernel $(header "$1" kernel)"
	# A test that did not come to run has not caught anything.
	if grep -q '^ok .* build$' "$out/$1.tap" && ! grep -q '^not ok [0-9]* - kernel ' "$out/$1.tap" &&
		grep -qE "$(header "$1" caught)" "$out/$1.tap" "$out/$1"/*.log; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $name"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - $name"
		tail -n 40 "$out/$1.tap" | sed 's/^/# /'
	fi
}

echo "TAP version 13"
echo "1..$#"
# Both of two at a time would build.
if ! { make -j"$(nproc)" && make -C selftests && make -C selftests/fuzz; } >"$out/build.log" 2>&1; then
	sed 's/^/# /' "$out/build.log"
	echo "Bail out! what the tests use cannot be built"
	exit 2
fi
running=()
for defect in "$@"; do
	if [[ ! -e selftests/defects/$defect.patch ]]; then
		echo "Bail out! there is no selftests/defects/$defect.patch"
		exit 2
	fi
	# Two at a time; a machine keeps one processor busy.
	if ((${#running[@]} >= 2)); then
		wait "${running[0]%% *}"
		report "${running[0]#* }"
		running=("${running[@]:1}")
	fi
	try "$defect" &
	running+=("$! $defect")
done
for defect in "${running[@]}"; do
	wait "${defect%% *}"
	report "${defect#* }"
done
echo "$passed passed, $failed failed"
((!failed))
