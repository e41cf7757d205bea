#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The layers of kmod/: a file includes only what lies below it, its own header,
# or as a part, such as sched_rr, the header of the whole. A new file needs a
# place in the table. Those of ctl/: lib/ knows nothing of watch/, nor both of
# cmd/; modules, with their parts, do not include each other in a circle.
. "$(dirname "$0")/lib.sh"

max_lines=800

# From below; a design layer that has an order inside takes several lines.
layers='
	key stats trace network
	settings
	backend recent
	alias
	sched
	sched_* affinity silence
	service
	net
	resolve flow packet
	track translate
	conntrack census masquerade reject
	nat offload direct direct_* failover
	datapath
	config_set
	config
	netlink_gen debugfs
	netlink_fill netlink_parse netlink_parse_settings
	netlink_reply
	netlink_service netlink_dump netlink_resolve netlink_flow
	netlink
	main
'

# include_errors DIR: a line for each include that goes up or sideways,
# and for each file that the table does not know.
include_errors()
{
	# shellcheck disable=SC2016 # awk's own $0
	(cd "$1" && find . -name compat -prune -o -name '*.[chS]' -printf '%P\n' | sort |
		xargs -r awk -v layers="$layers" '
	BEGIN {
		n = split(layers, lines, "\n")
		for (i = 1; i <= n; i++) {
			count = split(lines[i], names, " ")
			for (j = 1; j <= count; j++)
				layer[names[j]] = i
		}
		for (i = 1; i < ARGC; i++)
			if (!layer_of(stem(ARGV[i])))
				print ARGV[i] ": is in no layer"
	}
	function stem(name) {
		sub(/\.[^.]*$/, "", name)
		return name
	}
	function layer_of(name) {
		if (name in layer)
			return layer[name]
		sub(/_.*/, "_*", name)
		return name in layer ? layer[name] : 0
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, parts, "\"")
		other = parts[2]
		self = stem(FILENAME)
		if (other == "uapi/svclb.h" || other ~ /^compat\// || stem(other) == self)
			next
		other = stem(other)
		if (index(self, other "_") == 1)
			next
		if (!layer_of(other))
			print FILENAME ":" FNR ": includes " parts[2] ", which is in no layer"
		else if (layer_of(self) && layer_of(other) >= layer_of(self))
			print FILENAME ":" FNR ": includes " parts[2] ", which is not below"
	}')
}

# tool_includes DIR: "INCLUDED INCLUDING" for each include of one module of the
# tool in another. A part, such as http_setup, counts as the module, http.
tool_includes()
{
	# shellcheck disable=SC2016 # awk's own $0
	(cd "$1" && find lib watch cmd -name '*.[ch]' | sort | xargs -r awk '
	function stem(name) {
		sub(/\.[^.]*$/, "", name)
		return name
	}
	function module(name,  whole) {
		for (whole = name; sub(/_[^_\/]*$/, "", whole);)
			if (whole in exists)
				name = whole
		return name
	}
	BEGIN {
		for (i = 1; i < ARGC; i++)
			exists[stem(ARGV[i])]
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, parts, "\"")
		other = stem(parts[2])
		directory = FILENAME
		sub(/[^\/]*$/, "", directory)
		if (other !~ /\//)
			other = directory other
		if (other in exists && module(other) != module(stem(FILENAME)))
			print module(other), module(stem(FILENAME))
	}' | sort -u)
}

# upward_errors DIR: includes from a directory of the tool above.
upward_errors()
{
	tool_includes "$1" | grep -E '^(watch/.* lib/|cmd/.* (lib|watch)/)' |
		sed 's/\(.*\) \(.*\)/\2: includes \1, which is not below/'
}

# circle_errors DIR: modules of the tool that include each other in a circle.
circle_errors()
{
	tool_includes "$1" | tsort 2>&1 >/dev/null | sed -n 's/^tsort: \([^-].*\)/\1: in a circle/p'
}

# length_errors DIR: files that are too long.
length_errors()
{
	(cd "$1" && find . -name '*.[ch]' -printf '%P\n' | sort | while IFS= read -r file; do
		lines=$(wc -l <"$file")
		((lines <= max_lines)) || echo "$file: $lines lines, more than $max_lines"
	done)
}

# version_errors DIR: version tests outside of compat/.
version_errors()
{
	(cd "$1" && grep -rnE --include='*.[ch]' --exclude-dir=compat \
		'LINUX_VERSION_CODE|KERNEL_VERSION|linux/version\.h' .)
}

# none COMMAND...: succeeds if the command prints nothing.
none()
{
	local output

	output=$("$@")
	echo "$output"
	[[ -z $output ]]
}

# Each rule is broken once; a checker that cannot see that proves nothing.
finds_planted_errors()
{
	local bad=$tmp/bad expected found

	mkdir -p "$bad/compat" || return 1
	echo '#include "nat.h"' >"$bad/service.c"
	echo '  #  include "config.h"' >"$bad/nat.c"
	printf '%s\n' '#include "sched.h"' '#include "uapi/svclb.h"' '#include "sched_rr.h"' \
		'#include "sched_random.h"' '#include <net/ip.h>' >"$bad/sched_rr.c"
	printf '%s\n' '#include "unheard_of.h"' '#include "../ctl/x.h"' >"$bad/main.c"
	: >"$bad/stranger.c"
	yes '' | head -n $((max_lines + 1)) >"$bad/key.c"
	echo '#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)' |
		tee "$bad/stats.h" >"$bad/compat/compat.h"
	expected='stranger.c: is in no layer
main.c:1: includes unheard_of.h, which is in no layer
main.c:2: includes ../ctl/x.h, which is in no layer
nat.c:1: includes config.h, which is not below
sched_rr.c:4: includes sched_random.h, which is not below
service.c:1: includes nat.h, which is not below
key.c: 801 lines, more than 800
./stats.h:1:#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)'
	found=$(include_errors "$bad"; length_errors "$bad"; version_errors "$bad")
	diff <(echo "$expected") <(echo "$found")
}

finds_planted_circles()
{
	local bad=$tmp/ctl expected found

	mkdir -p "$bad"/{lib,watch,cmd} || return 1
	touch "$bad"/lib/nl.h "$bad"/watch/{loop,log,loop_part}.h
	echo '#include "watch/loop.h"' >"$bad/lib/nl.c"
	printf '%s\n' '#include "loop_part.h"' '#include "lib/nl.h"' >"$bad/watch/loop.c"
	echo '#include "loop.h"' >"$bad/watch/log.c"
	expected='lib/nl: includes watch/loop, which is not below
watch/log: in a circle
watch/loop: in a circle'
	found=$(upward_errors "$bad"
		rm "$bad/lib/nl.c"
		circle_errors "$bad"
		echo '#include "log.h"' >"$bad/watch/loop_part.h"
		circle_errors "$bad" | sort)
	diff <(echo "$expected") <(echo "$found")
}

check "kmod: includes go down only" none include_errors kmod
check "kmod: no file is longer than $max_lines lines" none length_errors kmod
check "ctl: includes go down only" none upward_errors ctl
check "ctl: no modules in a circle" none circle_errors ctl
check "ctl: no file is longer than $max_lines lines" none length_errors ctl
check "kmod: kernel versions are tested in compat/ only" none version_errors kmod
check "planted errors are found" finds_planted_errors
check "planted circles are found" finds_planted_circles
finish
