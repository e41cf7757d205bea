#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The kernel's own style checker, strict, on all C of the tree.
. "$(dirname "$0")/lib.sh"

# checkpatch WHICH_TO_IGNORE FILE...
checkpatch()
{
	local ignore=$1

	shift
	(($#)) || return 0
	perl "$kernel/scripts/checkpatch.pl" --strict --no-tree --no-summary --terse --show-types \
		--max-line-length=100 --ignore "$ignore" -f "$@"
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

mapfile -t list < <(files 'kmod/*.[ch]' 'uapi/*.h' ':!kmod/compat')
check "kmod and uapi" checkpatch "$both" "${list[@]}"
mapfile -t list < <(files 'kmod/compat/*.[ch]')
check "kmod/compat" checkpatch "$compat" "${list[@]}"
mapfile -t list < <(files 'ctl/*.[ch]')
check "ctl" checkpatch "$user" "${list[@]}"
mapfile -t list < <(files 'selftests/*.[ch]')
check "selftests" checkpatch "$user" "${list[@]}"
finish
