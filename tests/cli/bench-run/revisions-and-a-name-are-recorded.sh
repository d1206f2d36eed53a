# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
status rustscope bench-run -q -n 2 --launches 1 --name 'grüße <&>' --current-revision 1234abcd --baseline-revision ffff0000 -o run.json -- true
value run.json 'd["benchmarks"][0]["name"]'
grep -o '1234abcd\|ffff0000' run.json
