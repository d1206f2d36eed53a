# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
begin_run 2>/dev/null
kill -KILL $run
wait $run 2>/dev/null
echo "status $?"
ls run.json* && touch go
status collect old new
status rustscope compare run.json.journal -o verdict.json >log
verdicts verdict.json
status collect old new --resume --seed 8
status collect old new --resume --threshold 30
status collect new old --resume
status collect old new --resume
ls run.json*
value run.json '[d["benchmarks"][0]["stop_reason"], d["seed"]]'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
