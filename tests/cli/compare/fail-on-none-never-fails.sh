# SPDX-License-Identifier: GPL-3.0-or-later
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 300
collect old new --fail-on none
status rustscope compare run.json -o verdict.json >log
tail -n 1 log
verdicts verdict.json
