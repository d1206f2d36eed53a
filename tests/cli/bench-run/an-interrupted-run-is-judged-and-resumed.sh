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
# A program in the background of a shell ignores SIGINT; python3 gives it the usual disposition back.
cat >usual <<'END'
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
END
rustscope() { exec python3 usual rustscope "$@"; }
start
unset -f rustscope
kill -INT $run
wait $run
echo "status $?"
value run.json 'd["benchmarks"][0]["stop_reason"]'
[ ! -e run.json.journal ] && echo no journal is left
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
touch go
status collect old new --resume
value run.json 'd["benchmarks"][0]["stop_reason"]'
status rustscope compare run.json -o verdict.json >log
verdicts verdict.json
