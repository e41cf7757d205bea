#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The tool's own tests: its pure parts, under the sanitizers, and its messages.
cd "$(dirname "$0")/../.." || exit 1
exec make -s -j"$(nproc)" -C ctl test
