# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
for i in 1 2 3 4 5 6 7 8 9 10; do
    rustscope record -q -o app$i.json -- true || echo "status $?"
done
value app1.json 'd["process_summary"]["exit_status"]'
# A 50 ms program is seen each time.
for i in 1 2 3 4 5; do
    rustscope record -q -o short.json -- "$BUILD/tests/programs/workers" 1 50 >out || echo "status $?"
    value short.json 'len(d["profile"]["samples"]["at_ns"]) > 0'
done
