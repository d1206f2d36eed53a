# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 130 ops higher
worker new 100 ops higher
collect old new 
status rustscope compare run.json -o verdict.json >log 
verdicts verdict.json
