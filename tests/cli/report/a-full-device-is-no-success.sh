# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
[ -c /dev/full ] || { echo "there is no /dev/full" >&2; exit 77; }
verdict=$FIXTURES/verdict/valid/complete/input.json
status rustscope report "$verdict" >/dev/full
status rustscope report --format html "$verdict" >/dev/full
status rustscope report "$verdict" -o no-such-folder/report.html
