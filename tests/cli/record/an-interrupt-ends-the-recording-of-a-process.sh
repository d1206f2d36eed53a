# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
"$BUILD/tests/programs/workers" 1 0 >out &
target=$!
ends_with_us $target
with_interrupts rustscope record --pid $target -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "^rustscope: recording" err
sleep 1
kill -INT $recorder
wait $recorder
echo "status $?"
kill -0 $target && echo the process goes on
kill $target
value app.json 'len(d["profile"]["samples"]["at_ns"]) > 5, d["process_summary"]["exit_status"]'
complies app.json
head -n 2 err | sed "s/[0-9.][0-9.,]*/N/g; s/perf at\|ptrace at/SAMPLER at/"
