# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
"$BUILD/tests/programs/workers" 1 0 >out &
target=$!
ends_with_us $target
rustscope record --pid $target --duration 3 --last 1s -o app.json 2>err || echo "status $?"
kill $target
value app.json 'len(d["profile"]["samples"]["at_ns"]) > 0, len(d["process_samples"]) > 0'
value app.json 'min(d["profile"]["samples"]["at_ns"]) > 1.5e9, min(s["at_ns"] for s in d["process_samples"]) > 1.5e9'
