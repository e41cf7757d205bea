# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How the story is told: steps, commands with their output, charts, and what
# was verified; or only the latter, as TAP.

tap=''			# only TAP
told=0			# how many results were verified
step_name=''
output=''		# of the last command
status=0		# of the last command
declare -A place_colour=()

bold='' dim='' good='' bad='' title='' off=''
if [[ -n ${DEMO_COLOUR-} ]]; then
	bold=$'\e[1m' dim=$'\e[2m' good=$'\e[32m' bad=$'\e[1;31m' title=$'\e[1;36m' off=$'\e[0m'
fi

# Draws in ASCII what is not.
glyphs()
{
	# One at a time: the C locale has no brackets for them.
	sed 's/─/-/g; s/│/|/g; s/┤/+/g; s/├/+/g; s/┌/+/g; s/┐/+/g; s/└/+/g; s/┘/+/g
		s/█/#/g; s/✓/ok:/g'
}

say()
{
	[[ -z $tap ]] || return
	if [[ ${DEMO_GLYPHS-} == utf-8 ]]; then
		printf '%s\n' "$*"
	else
		printf '%s\n' "$*" | glyphs
	fi
}

# step TITLE: begins a step.
step()
{
	step_name=$1
	if [[ -n $tap ]]; then
		echo "# $step_name"
	else
		say ''
		say "$title── $step_name ──$off"
	fi
}

# shows TEXT...: what the step is about.
shows()
{
	say "$dim$(printf '%s ' "$@" | fold -s -w "$((COLUMNS > 100 ? 100 : COLUMNS - 2))")$off"
}

# in_place PLACE COMMAND: runs it on the node or in a namespace.
in_place()
{
	if [[ $1 == node ]]; then
		bash -c "$2"
	else
		ip netns exec "$1" bash -c "$2"
	fi
}

# quietly PLACE COMMAND: shows the command only; $output has what it prints.
quietly()
{
	say "$bold$1\$$off $2"
	output=$(in_place "$1" "$2" 2>&1 </dev/null)
	status=$?
}

# on PLACE COMMAND: shows the command and what it prints.
on()
{
	quietly "$@"
	[[ -z $output ]] || say "$output"
}

# expect TEXT CONDITION...: what has just been shown; ends all when it is wrong.
expect()
{
	local text=$1

	shift
	told=$((told + 1))
	if "$@"; then
		if [[ -n $tap ]]; then
			echo "ok $told - $text"
		else
			say "$good✓ $text$off"
		fi
		return
	fi
	if [[ -n $tap ]]; then
		echo "not ok $told - $text"
	else
		say "${bad}NOT SO: $text$off"
	fi
	echo "# step \"$step_name\": not so: $*"
	echo "# last command: status $status"
	tail -n 20 <<<"$output" | sed 's/^/# /'
	exit 1
}

# says PATTERN...: the last output has a line for each of the patterns.
says()
{
	local pattern

	for pattern; do
		grep -qE -- "$pattern" <<<"$output" || return
	done
}

# lacks PATTERN: the last output has no line like it.
lacks()
{
	! grep -qE -- "$1" <<<"$output"
}

succeeds()
{
	((status == 0))
}

# told_as STATUS PATTERN: the last command ended with it and said so.
told_as()
{
	((status == $1)) && says "$2"
}

# until_true SECONDS CONDITION...: waits for it, but no longer.
until_true()
{
	local end=$((SECONDS + $1 + 1))

	shift
	until "$@"; do
		((SECONDS < end)) || return
		read -rt 0.05 <> <(:)
	done
}

# tally WORD...: how many lines of the last output begin with each word, into
# the array tallied.
declare -A tallied=()
tally()
{
	local word

	tallied=()
	for word; do
		tallied[$word]=$(grep -c "^$word\>" <<<"$output")
	done
}

# chart WORD...: the array tallied as a table with bars.
chart()
{
	local word sum=0 bar room=$((COLUMNS > 100 ? 60 : COLUMNS - 40))

	[[ -z $tap ]] || return
	for word; do
		sum=$((sum + tallied[$word]))
	done
	((sum)) || sum=1
	for word; do
		printf -v bar '%*s' $((tallied[$word] * room / sum)) ''
		say "$(printf '  %-7s%-16s%5d %3d %% ' "$word" "${address[$word]-}" \
			"${tallied[$word]}" $((tallied[$word] * 100 / sum)))${place_colour[$word]-}${bar// /█}$off"
	done
}

# shares SLACK WORD=PARTS...: the array tallied is in these proportions. SLACK
# is in standard deviations of a random choice, or "exact" for at most one off.
shares()
{
	local slack=$1 pair word

	shift
	for pair; do
		word=${pair%=*}
		echo "${pair#*=} ${tallied[$word]}"
	done | awk -v slack="$slack" '
		{ parts[NR] = $1; count[NR] = $2; all += $1; sum += $2 }
		END {
			for (i = 1; i <= NR; i++) {
				share = parts[i] / all
				far = slack == "exact" ? 1 : slack * sqrt(sum * share * (1 - share))
				if (count[i] - sum * share > far || sum * share - count[i] > far)
					exit 1
			}
			exit sum == 0
		}'
}
