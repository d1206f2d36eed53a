# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
collect old new --trials 3 --allow-undecided
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
status rustscope compare --on-inconclusive fail -o verdict.json run.json >log
head -n 1 log
rustscope report verdict.json --format markdown | head -n 1
rustscope report verdict.json --format html | grep -o "</span> [A-Z][^<]*</h1>"
