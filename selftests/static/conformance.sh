#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# The conformance runner reads all of its files, and judges as it should.
cd "$(dirname "$0")/../.." || exit 1
exec python3 -B selftests/conformance/unit.py
