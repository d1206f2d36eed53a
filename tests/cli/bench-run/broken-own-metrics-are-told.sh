# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new many
status collect old new
printf '#!/bin/sh\n' >new
status collect old new
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
worker new many
status collect old new
rustscope compare run.json -o verdict.json >log 2>&1
grep RUSTSCOPE_METRICS log
