# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
cat >new <<END
#!/bin/sh
echo x >>"$PWD/count"
[ -e go ] || [ \$(wc -l <"$PWD/count") -le 5 ] || sleep 20
echo "work 130 count lower" >"\$RUSTSCOPE_METRICS"
END
chmod +x new
worker old 100
# Six launches in, the program hangs: the run is ended there.
start() {
    rustscope bench-run -q --baseline ./old --current ./new --metric work --launches 1 --name job --seed 7 -o run.json &
    run=$!
    while [ ! -e count ] || [ "$(wc -l <count)" -le 5 ]; do sleep 0.02; done
}
counted() { value "$1" "len(d[\"benchmarks\"][0][\"trials\"][\"arm\"]) >= 2"; }
start 2>/dev/null
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
