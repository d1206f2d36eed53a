# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
printf '#!/bin/sh\nseq 1 100\necho out of cheese >&2\nexit 7\n' >new
chmod +x new
status collect old new
value run.json 'd["benchmarks"][0]["stop_reason"]'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
