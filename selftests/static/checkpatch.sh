#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own style checker, strict, on all C of the tree.
. "$(dirname "$0")/lib.sh"

options=(--strict --no-tree --no-summary --terse --show-types --max-line-length=100)

# checkpatch WHICH_TO_IGNORE FILE...: looks at those that it has not found sound.
checkpatch()
{
	local ignore=$1 file
	local -a new=() sound=()

	for file in "${@:2}"; do
		sound+=("$(cat "$kernel"/scripts/{checkpatch.pl,spelling.txt} "$file" |
			verdict checkpatch "${options[@]}" "$ignore" "$file")")
		[[ -e ${sound[-1]} ]] || new+=("$file")
	done
	((!${#new[@]})) || perl "$kernel/scripts/checkpatch.pl" "${options[@]}" \
		--ignore "$ignore" -f "${new[@]}" || return
	((!${#sound[@]})) || touch "${sound[@]}"
}

planted()
{
	local number

	echo "int  odd( void );" >"$tmp/planted.h"
	for number in first second; do
		! checkpatch "$both" "$tmp/planted.h" || { echo "not the $number time"; return 1; }
	done
}

# FILE_PATH_CHANGES: about MAINTAINERS, which this tree does not have.
both=FILE_PATH_CHANGES

# LINUX_VERSION_CODE: testing for versions is what compat/ is for.
compat=$both,LINUX_VERSION_CODE

# PREFER_KERNEL_TYPES, SSCANF_TO_KSTRTO, ENOSYS, STRCPY, STRNCPY: advise things
# that user space does not have. CAMELCASE: libraries have it.
user=$both,CAMELCASE,PREFER_KERNEL_TYPES,SSCANF_TO_KSTRTO,ENOSYS,STRCPY,STRNCPY

kernel=$(selftests/vm/kernel-source.sh)
check "the kernel's checkpatch.pl is there" test -e "$kernel/scripts/checkpatch.pl"
check "a planted mistake is found" planted

mapfile -t list < <(files 'kmod/*.[ch]' 'uapi/*.h' ':!kmod/compat')
check "kmod and uapi" checkpatch "$both" "${list[@]}"
mapfile -t list < <(files 'kmod/compat/*.[ch]')
check "kmod/compat" checkpatch "$compat" "${list[@]}"
mapfile -t list < <(files 'ctl/*.[ch]')
check "ctl" checkpatch "$user" "${list[@]}"
mapfile -t list < <(files 'selftests/*.[ch]')
check "selftests" checkpatch "$user" "${list[@]}"
finish
