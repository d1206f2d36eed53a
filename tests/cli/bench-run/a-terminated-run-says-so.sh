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
start
kill -TERM $run
wait $run
echo "status $?"
value run.json 'd["benchmarks"][0]["stop_reason"]'
