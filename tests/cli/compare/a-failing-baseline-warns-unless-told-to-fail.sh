# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker new 100
printf '#!/bin/sh\necho no such table >&2\nexit 9\n' >old
chmod +x old
status collect old new
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
status rustscope compare --on-missing-baseline fail -o verdict.json run.json >log
head -n 1 log
rustscope report verdict.json --format markdown | head -n 1
rustscope report verdict.json --format html | grep -o "</span> [A-Z][^<]*</h1>"
