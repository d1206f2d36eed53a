# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
worker new 100
status collect old new --current-build 'echo error: expected semicolon >&2; exit 101'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
status collect old new --baseline-build 'exit 1'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
