# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 130
collect old new
status rustscope compare --threshold 40 run.json -o verdict.json >log
verdicts verdict.json
value verdict.json '"\n".join(d["warnings"])'
