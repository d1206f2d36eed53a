# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
rustscope record --sample-rate 0 --duration 500ms -o app.json -- sh -c 'echo $$ >pid; sleep 2; echo done >ended' 2>err
echo "status $?"
[ ! -e ended ] && echo it goes on
grep -o 'sh goes on' err
value app.json '0.4 < d["process_summary"]["duration_ns"] / 1e9, d["process_summary"]["exit_status"]'
until_true test -e ended
