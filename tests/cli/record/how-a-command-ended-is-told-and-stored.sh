# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
for script in 'exit 1' 'exit 0' 'kill -KILL $$' 'kill -SEGV $$'; do
    status rustscope record --sample-rate 0 -o app.json -- sh -c "$script" 2>err
    grep -o 'sh [a-z].*' err
    value app.json 'd["process_summary"]["exit_status"], d["process_summary"]["signal_number"]'
done
