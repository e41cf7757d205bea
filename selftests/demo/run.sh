#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Boots the test machine and tells the story there; see story.sh, whose options
# it takes.
set -u
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit

for file in svclb.ko svclbctl; do
	[[ -e $file ]] || { echo "run.sh: no ./$file: run make first" >&2; exit 1; }
done

# What the story would ask a terminal about.
width=80 colour='' glyphs=ascii
if [[ -t 1 ]]; then
	width=$(tput cols 2>/dev/null) || width=80
	[[ -n ${NO_COLOR-} || ${TERM-dumb} == dumb ]] || colour=yes
fi
[[ $(locale charmap 2>/dev/null) != UTF-8 ]] || glyphs=utf-8

selftests/vm/run.sh -c 2 -t 300 -e COLUMNS="$width" -e DEMO_COLOUR="$colour" \
	-e DEMO_GLYPHS="$glyphs" -- selftests/demo/story.sh "$@"
