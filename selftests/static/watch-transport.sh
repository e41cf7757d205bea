#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What the watcher makes of an API server's answers, rare and hostile ones too: a
# program that follows stand-ins over TLS, on the host.
cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL	# of a make that runs the checks

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# certificate NAME: one that signs itself, and its key.
certificate()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-keyout "$tmp/$1.key" -out "$tmp/$1.pem" -subj /CN=stand-in \
		-addext subjectAltName=IP:127.0.0.1,DNS:kubernetes.default.svc 2>"$tmp/log" ||
		{ cat "$tmp/log"; exit 1; }
}

make -s -C ctl follow || exit 1
certificate cert
certificate other
mv "$tmp/cert.key" "$tmp/key.pem"
# No proxy of this machine stands between.
unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY
timeout 300 python3 selftests/watch/transport.py ctl/build/test/follow "$tmp" "$@"
