# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 112
collect old new --fail-on any
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
