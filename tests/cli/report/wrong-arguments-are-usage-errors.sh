# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
verdict=$FIXTURES/verdict/valid/complete/input.json
status rustscope report
status rustscope report a b
status rustscope report --format pdf "$verdict"
status rustscope report --fromat html "$verdict"
status rustscope report "$verdict" -- true
