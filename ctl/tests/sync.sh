#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What svclbctl sync makes of the objects in sync/, compared with what is
# written there; needs no module:
#
#   ctl/tests/sync.sh TOOL [--write]
#
# --write writes what it makes. Read the difference before you commit it.
set -u
tool=$1
write=${2-}
dir=$(dirname "$0")/sync
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
count=0
failed=0

result()
{
	count=$((count + 1))
	if (($1 == 0)); then
		echo "ok $count - $2"
	else
		failed=1
		echo "not ok $count - $2"
		sed 's/^/#   /' "$tmp/diff"
	fi
}

# backwards FILE: prints its documents in reverse order.
backwards()
{
	awk 'BEGIN { RS = "\n---\n" } { text[NR] = $0 }
		END { for (i = NR; i; i--) print text[i] "\n---" }' "$1"
}

for file in "$dir"/*.yaml; do
	name=$(basename "$file" .yaml)
	read -ra args < <(sed -n 's/^# args: //p' "$file")
	"$tool" sync "$file" --translate "${args[@]}" >"$tmp/out" 2>&1
	[[ $write == --write ]] && cp "$tmp/out" "$dir/$name.out"
	diff -u "$dir/$name.out" "$tmp/out" >"$tmp/diff"
	result $? "$name"

	# What is passed over is told in another order then.
	backwards "$file" | "$tool" sync - --translate "${args[@]}" 2>&1 | sort >"$tmp/back"
	sort "$dir/$name.out" | diff -u - "$tmp/back" >"$tmp/diff"
	result $? "$name: the order of objects makes no difference"

	"$tool" sync "$file" --translate -j "${args[@]}" 2>"$tmp/diff" | python3 -m json.tool \
		>/dev/null 2>>"$tmp/diff"
	result $? "$name: JSON"
done
[[ $count -ge 15 ]]
result $? "there are files"
echo "1..$count"
exit $failed
