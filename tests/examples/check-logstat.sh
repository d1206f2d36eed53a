#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# All builds of the demo's program, in both languages, give the same output; see there.
exec "$(dirname "$0")/../../examples/logstat/check.sh"
