#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# vm: cpus=2 time=240
#
# The story that "make demo" tells, each of its claims as a test.
exec "$(dirname "$0")/demo/story.sh" --tap --fast
