# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
rustscope report --format html --run-url https://ci.example/7 -o report.html "$FIXTURES/verdict/valid/complete/input.json"
grep -Eoi '<(link|script|img|iframe)[^>]*(src|href)=[^>]*>' report.html
grep -c 'https://ci.example/7' report.html | sed 's/^[1-9].*/linked to the run/'
