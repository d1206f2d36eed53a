# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
old=$FIXTURES/rustscope-0.5/valid/functions-only/input.json
status rustscope --compare-baseline "$old" --compare-current "$old" --compare-output verdict.json >log
value verdict.json 'd["gate"]["status"]'
sed -n '/^functions/,/^$/p' log
