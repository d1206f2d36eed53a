# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck source=tests/cli/lib.sh
. "$CASE_DIR/../lib.sh"
need_sampler
cp "$BUILD/tests/programs/workers" ./busy-one
./busy-one 1 0 >out &
target=$!
ends_with_us $target
rustscope record --pid $target --continuous --buffer-mb 2 --retention-minutes 5 --buffer keep.buffer -o app.json 2>err &
recorder=$!
ends_with_us $recorder
until_true grep -q "minutes are kept in keep.buffer" err
sleep 2.5
kill -USR1 $recorder
until_true grep -q "wrote app-000001.json" err
kill -USR2 $recorder
until_true grep -q "cleared" err
sleep 0.3
kill -USR1 $recorder
until_true grep -q "wrote app-000002.json" err
kill -TERM $recorder
wait $recorder
echo "status $?"
kill $target
value app-000001.json 'len(d["profile"]["samples"]["at_ns"]) > 20, len(d["process_samples"]) >= 2'
python3 -c 'import json
before, after = (json.load(open(f"app-00000{i}.json")) for i in (1, 2))
print(min(after["profile"]["samples"]["at_ns"] or [1 << 60]) > max(before["profile"]["samples"]["at_ns"]))'
complies app-000001.json app-000002.json app.json
ls
