# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
changed_repository
rustscope bench-run -q -n 100 --seed 7 --launches 1 --metric cpu --sample-rate 997 --name work \
    --baseline './old 200' --current './new 200' -o run.json 2>err &
run=$!
ends_with_us $run
has_pairs() { [ -e run.json.journal ] && [ "$(grep -c '"a":' run.json.journal)" -ge 24 ]; }
until_true has_pairs
kill -KILL $run
wait $run 2>/dev/null
grep -c '"parse"' run.json.journal
rustscope view run.json.journal >text
grep -o ' parse$' text | head -n 1
rustscope compare run.json.journal --blame all --fail-on none -o verdict.json >log 2>&1 || echo "status $?"
value verdict.json '[b["function"] for b in d["blame"][:1]]'
value verdict.json '[b["file"] for b in d["blame"][:1]]'
verdict_complies verdict.json
