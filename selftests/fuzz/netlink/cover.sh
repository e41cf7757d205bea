#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
#   cover.sh MODULE FILE
#
# Prints how many of the places where the module tells KCOV that it ran are in a
# file that the fuzzer wrote, and in which functions of the netlink interface and
# of the configuration places are missing. A module that calls KCOV through a
# pointer, as for User-Mode Linux, does not show where its places are.
set -u
module=$1
reached=$2
functions='^svclb_(nl|netlink|parse|fill|reply|notify|config|service|backend|frontend|settings)'

{
	sort -u "$reached" | sed 's/^/reached /'
	# What is recorded is where a call returns to, 4 bytes behind its operand.
	readelf -rW "$module" | awk '
		/^Relocation section/ { text = $3 == "\047.rela.text\047" }
		text && /__sanitizer_cov_trace_pc/ && /PLT32|PC32/ { print "place", $1 }'
	objdump -t "$module" | awk '/ F \.text\t/ { print "function", $1, $NF }' | sort
} | awk -v functions="$functions" '
	function number(text,  i, value)
	{
		value = 0
		text = tolower(text)
		for (i = 1; i <= length(text); i++)
			value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
		return value
	}
	$1 == "reached" { hit[number($2)]; reached++ }
	$1 == "place" { place[number($2) + 4]; places++ }
	$1 == "function" { start[n] = number($2); name[n++] = $3 }
	END {
		if (!places) {
			print reached " places reached"
			exit
		}
		for (at in place) {
			low = 0
			for (i = 0; i < n && start[i] <= at; i++)
				low = i
			all[low]++
			if (at in hit) {
				found++
				got[low]++
			}
		}
		print found + 0 " of " places " places reached"
		for (i = 0; i < n; i++)
			if (all[i] > got[i] && name[i] ~ functions)
				print "  " name[i] " " got[i] + 0 " of " all[i]
	}'
