# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
worker old 100
status collect old old --measure-identical
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
