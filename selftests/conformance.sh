#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a Kubernetes service proxy has to do with packets: the scenarios of
# conformance/ and, on uml where that takes seconds, copies of some with wrong
# expectations, which must fail. Or the scenarios of the directory CASES, with
# CONFORMANCE_OPTIONS for run.py.
#
# vm: cpus=2 time=700 on=uml,uml+direct
[[ -z ${CASES-} ]] || CASES=$(realpath "$CASES") || exit 1
. "$(dirname "$0")/lib.sh"

((EUID == 0)) || skip "must be root"
[[ -x $svclbctl ]] || svclbctl=$(type -P svclbctl) || skip "no svclbctl"
unload_module || skip "the module is in use"
load_module || skip "the module cannot be loaded"
modprobe -q nf_conntrack_netlink || skip "no netlink interface of conntrack"
if [[ -n ${CASES-} ]]; then
	read -ra options <<<"${CONFORMANCE_OPTIONS-}"
	set -- "${options[@]}" "$CASES"
elif [[ ${SVCLB_KERNEL-} == uml ]]; then
	set -- --mutants some
fi
python3 -u conformance/run.py --svclbctl "$svclbctl" "$@"
