# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What the static checks share: they start in the root of the tree, print TAP,
# and have a directory $tmp of their own.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL	# of a make that runs the checks
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
tap_count=0
tap_failed=0

# Where a slow checker found nothing it would find nothing again: all that its verdict
# was made of is the name of an empty file here. Old ones are forgotten.
verdicts=${XDG_CACHE_HOME:-$HOME/.cache}/svclb/verdicts
mkdir -p "$verdicts" && find "$verdicts" -type f -mtime +30 -delete

# verdict WORD... <ALL: the file that is there if ALL was found sound.
verdict()
{
	echo "$verdicts/$({ echo "$*"; cat; } | sha256sum | cut -d ' ' -f 1)"
}

# check NAME COMMAND...: one test; what a failing command prints is shown.
check()
{
	local name=$1 output

	shift
	tap_count=$((tap_count + 1))
	if output=$("$@" 2>&1); then
		echo "ok $tap_count - $name"
	else
		[[ -z $output ]] || echo "# ${output//$'\n'/$'\n# '}"
		echo "not ok $tap_count - $name"
		tap_failed=1
	fi
}

# finish: the plan and the exit status.
finish()
{
	echo "1..$tap_count"
	exit $tap_failed
}

# files PATTERN...: the tree's own files that match, built ones left out.
files()
{
	if git rev-parse --git-dir >/dev/null 2>&1; then
		git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
			[[ ! -f $file ]] || echo "$file"
		done
	else
		echo "lib.sh: not a git tree" >&2
		return 1
	fi
}

# copy_tree DIR: a copy of the tree's own files.
copy_tree()
{
	files . | tar -c --files-from=- | tar -x -C "$1"
}
