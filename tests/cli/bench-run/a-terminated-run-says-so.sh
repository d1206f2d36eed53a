# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
begin_run
kill -TERM $run
wait $run
echo "status $?"
value run.json 'd["benchmarks"][0]["stop_reason"]'
