#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How schedulers spread connections: the round robins exactly, the random ones
# as far as chance allows.
#
# vm: cpus=2 time=240 on=uml
. "$(dirname "$0")/lib.sh"

# Pearson's chi-square against the weights. A scheduler that is right fails a
# test once in a million runs: that is how often a chi-square with N degrees of
# freedom exceeds critical[N]. For an even N its probability to exceed x is
# exp(-x/2) * sum((x/2)^i / i!, 0 <= i < N/2), for 3 it is
# erfc(sqrt(x/2)) + sqrt(2*x/pi) * exp(-x/2), for 1 the first term of that. In
# thousandths.
critical=([1]=23928 [2]=27631 [3]=30665)
sample=1000

# chi_square WEIGHT...: of the backends' shares, by their numbers, in "got".
chi_square()
{
	local i weight total=0 statistic=0 expected observed

	for weight in "$@"; do
		total=$((total + weight))
	done
	i=0
	for weight in "$@"; do
		i=$((i + 1))
		observed=${got[backend b$i]-0}
		expected=$((got[answers] * 1000 * weight / total))
		statistic=$((statistic + (observed * 1000 - expected) ** 2 / expected))
	done
	between "chi-square in thousandths" "$statistic" 0 "${critical[$# - 1]}"
}

# weighted SCHEDULER: a service whose backends weigh 1, 2, 3 and 4.
weighted()
{
	ctl add-svc "$svc" --scheduler "$1" --ep "${ep[1]},w=1" --ep "${ep[2]},w=2" \
		--ep "${ep[3]},w=3" --ep "${ep[4]},w=4"
}

random()
{
	add_all "$svc" --scheduler random
	all_answered "$cl" "$sample" "$vip" 80
	chi_square 1 1 1 1
}

random_ignores_weights()
{
	weighted random
	all_answered "$cl" "$sample" "$vip" 80
	chi_square 1 1 1 1
}

wrandom()
{
	weighted wrandom
	all_answered "$cl" "$sample" "$vip" 80
	chi_square 1 2 3 4
}

wrandom_of_equal_weights()
{
	add_all "$svc" --scheduler wrandom
	all_answered "$cl" "$sample" "$vip" 80
	chi_square 1 1 1 1
}

# The test itself must notice: equal shares are not those of the weights.
notices()
{
	add_all "$svc" --scheduler random
	all_answered "$cl" "$sample" "$vip" 80
	if chi_square 1 2 3 4; then
		return 1
	fi
}

# exactly COUNT...: so many connections of each backend, by their numbers.
exactly()
{
	local i=0 count

	for count in "$@"; do
		i=$((i + 1))
		is "connections of b$i" "${got[backend b$i]-0}" "$count"
	done
}

rr()
{
	add_all "$svc" --scheduler rr
	all_answered "$cl" 400 "${distinct[@]}" "$vip" 80
	exactly 100 100 100 100
}

rr_ignores_weights()
{
	weighted rr
	all_answered "$cl" 80 "$vip" 80
	exactly 20 20 20 20
}

wrr()
{
	weighted wrr
	all_answered "$cl" 400 "${distinct[@]}" "$vip" 80
	exactly 40 80 120 160
}

# A round of weights with a common divisor is shorter.
wrr_divides()
{
	ctl add-svc "$svc" --scheduler wrr --ep "${ep[1]},w=3000" --ep "${ep[2]},w=9000"
	all_answered "$cl" 8 "$vip" 80
	exactly 2 6
}

# Neighbouring connections go to different backends: with nearly equal weights
# never more than three in a row go to one.
wrr_spreads()
{
	ctl add-svc "$svc" --scheduler wrr --ep "${ep[1]},w=30" --ep "${ep[2]},w=31"
	all_answered "$cl" 122 -j 1 -e "$vip" 80
	exactly 60 62
	if awk '/^each/ { print $2 }' "$tmp/result" | uniq -c | awk '$1 > 3' | grep .; then
		return 1
	fi
}

# 16 new services begin at one backend by chance once in 4^15 runs.
rr_begins_anywhere()
{
	local i first=()

	for i in {1..16}; do
		add_all "$proto/$at_vip:$((1000 + i))" --scheduler rr
		all_answered "$cl" 1 "$vip" $((1000 + i))
		for name in b1 b2 b3 b4; do
			[[ ! ${got[backend $name]-} ]] || first+=("$name")
		done
	done
	between "backends begun with" "$(printf '%s\n' "${first[@]}" | sort -u | wc -l)" 2 4
}

# b3 drains, b4 has the weight 0.
idle()
{
	ctl add-svc "$svc" --scheduler "$1" --ep "${ep[1]}" --ep "${ep[2]}" \
		--ep "${ep[3]},draining" --ep "${ep[4]},w=0"
	all_answered "$cl" 100 "$vip" 80
	is b3 "${got[backend b3]-0}" 0
	is b4 "${got[backend b4]-0}" 0
	between b1 "${got[backend b1]}" 20 80
	ctl edit-ep "$svc" "${ep[3]}" --no-draining
	ctl edit-ep "$svc" "${ep[4]}" -w 1
	all_answered "$cl" 100 "$vip" 80
	is backends "${got[backends]}" 4
}

changed()
{
	add_all "$svc" --scheduler rr
	all_answered "$cl" 40 "$vip" 80
	exactly 10 10 10 10
	ctl edit-svc "$svc" --scheduler wrandom
	ctl edit-ep "$svc" "${ep[1]}" -w 0
	all_answered "$cl" "$sample" "$vip" 80
	is b1 "${got[backend b1]-0}" 0
	got[backend b1]=${got[backend b4]}
	chi_square 1 1 1
}

begin
matrix "random is even" random
matrix "wrandom is as the weights are" wrandom
matrix "rr is exact over whole rounds" rr
matrix "wrr is exact over whole rounds" wrr
for scheduler in random wrandom rr wrr; do
	matrix "$scheduler: draining and weight 0 get no connection" idle $scheduler
done
use 4 tcp
check "random does not heed weights" random_ignores_weights
check "wrandom with equal weights is even" wrandom_of_equal_weights
check "rr does not heed weights" rr_ignores_weights
check "wrr: a common divisor shortens the round" wrr_divides
check "wrr: a backend's turns are spread over the round" wrr_spreads
check "rr: new services begin at different backends" rr_begins_anywhere
check "the scheduler can be changed" changed
check "the statistical test finds a wrong distribution" notices
finish
