# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
# A program in the background of a shell ignores SIGINT; python3 gives it the usual disposition back.
cat >usual <<'END'
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execvp(sys.argv[1], sys.argv[1:])
END
rustscope() { exec python3 usual rustscope "$@"; }
begin_run
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
