#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The tool's parsers take any input: fuzz targets run for a short while, $TIME
# seconds each (4), and find what is planted. "make -C ctl/fuzz run" runs longer.
. "$(dirname "$0")/lib.sh"

seconds=${TIME:-4}
build=ctl/build/fuzz
least_runs=1000

# What the seeds alone reach, about; far below it, something is not exercised.
declare -A least_coverage=([client]=650 [codec]=140 [kubeconfig]=120 [kubeproxy]=170 [objects]=250
	[savefile]=650 [stream]=280 [text]=280 [words]=110)

# fuzz TARGET SECONDS OPTION...: fuzzes from the seeds; its report is in $tmp.
fuzz()
{
	local target=$1 learnt=$tmp/$1-$BASHPID

	mkdir "$learnt"
	"$build/fuzz_$target" -max_total_time="$2" -max_len=4096 -timeout=20 -rss_limit_mb=1500 \
		-print_final_stats=1 -dict=ctl/fuzz/svclb.dict -artifact_prefix="$tmp/found-$target-" \
		"${@:3}" "$learnt" "$build/seeds/fuzz_$target" >"$tmp/$target.log" 2>&1
	echo $? >"$tmp/$target.status"
}

# number TARGET PATTERN: the last number that follows the pattern in its report.
number()
{
	sed -n "s/.*$2 *\\([0-9][0-9]*\\).*/\\1/p" "$tmp/$1.log" | tail -n 1
}

# survived TARGET: no fault was found, and that means something.
survived()
{
	local target=$1 runs coverage

	if [[ $(cat "$tmp/$target.status") != 0 ]]; then
		tail -n 40 "$tmp/$target.log"
		for input in "$tmp/found-$target-"*; do
			[[ ! -e $input ]] || base64 "$input"
		done
		return 1
	fi
	runs=$(number "$target" number_of_executed_units:)
	coverage=$(number "$target" cov:)
	echo "${runs:-0} runs, coverage ${coverage:-0}" | tee "$tmp/$target.figures"
	((${runs:-0} > least_runs && ${coverage:-0} >= ${least_coverage[$target]:-1000000}))
}

# is_found FAULT TEXT: the planted fault is noticed, as what it is.
is_found()
{
	PLANTED=$1 fuzz planted 60 -seed=1
	[[ $(cat "$tmp/planted.status") != 0 ]] && grep -aq "$2" "$tmp/planted.log" && return
	tail -n 20 "$tmp/planted.log"
	return 1
}

# nothing_without: the target with the faults is sound as long as none is chosen.
nothing_without()
{
	fuzz planted 1
	[[ $(cat "$tmp/planted.status") == 0 ]] && return
	tail -n 20 "$tmp/planted.log"
	return 1
}

check "the fuzz targets can be built" make -s -j"$(nproc)" -C ctl/fuzz
((!tap_failed)) || finish
read -ra names < <(make -s -C ctl/fuzz list)
check "there are fuzz targets" test "${#names[@]}" -eq "${#least_coverage[@]}"
for name in "${names[@]}"; do
	while (($(jobs -rp | wc -l) >= $(nproc))); do
		wait -n
	done
	fuzz "${name#fuzz_}" "$seconds" &
done
wait
for name in "${names[@]}"; do
	check "fuzzing: ${name#fuzz_}" survived "${name#fuzz_}"
	echo "# $(cat "$tmp/${name#fuzz_}.figures" 2>/dev/null)"
done
check "without a planted fault none is found" nothing_without
check "a planted overflow is found" is_found overflow heap-buffer-overflow
check "planted undefined behaviour is found" is_found undefined "signed integer overflow"
check "a planted leak is found" is_found leak "detected memory leaks"
check "a planted wrong result is found" is_found oracle "not so: "
finish
